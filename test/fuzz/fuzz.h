/*
 * fuzz.h
 *	  libFuzzer inside a backend.
 *
 * The extension's own sources, compiled with the sanitizers and coverage
 * counters, and these files are one library that a stand-alone backend
 * (postgres --single) loads.  So a target calls the reader that a query calls,
 * with the server's own memory, errors, jsonb, numeric and time zones.
 */
#ifndef FRNN_FUZZ_H
#define FRNN_FUZZ_H

#include "pg/server/compat.h"

#include "utils/memutils.h"

/* what the custom mutator knows of a target's inputs */
typedef enum FuzzForm
{
	FUZZ_BYTES,					/* nothing */
	FUZZ_JSON,					/* a JSON text */
	FUZZ_SAFETENSORS			/* eight bytes of length, a JSON header of that length, data */
} FuzzForm;

typedef struct FuzzTarget
{
	const char *name;			/* also the folder of its corpus */
	FuzzForm	form;
	size_t		skip;			/* bytes before the form, which choose what the rest is read with */
	void		(*run) (const char *data, size_t size);	/* may raise any error but an internal one */
} FuzzTarget;

/* the target chosen, and the folder of the corpora */
extern const FuzzTarget *fuzz_target;
extern char *fuzz_corpus;

extern const FuzzTarget *fuzz_target_find(const char *name);

/*
 * Returns a context whose allocations are each a malloc of their own with
 * guards around them, so that the address sanitizer sees an access one byte
 * beyond.  From PostgreSQL 16 on: an ordinary one.
 */
extern MemoryContext fuzz_context(MemoryContext parent);

/* of libFuzzer */
extern int	LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run) (const uint8_t *data, size_t size));
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

#endif
