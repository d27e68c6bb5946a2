/*
 * source.h
 *	  Where mini-batches come from.
 *
 * Windows are gathered straight into the time-major buffers of a batch;
 * nothing is materialized.
 */
#ifndef FRNN_SOURCE_H
#define FRNN_SOURCE_H

#include "core/network/network.h"

struct FrnnSource;

/* How a source is written into shared memory and read there by another process. */
typedef struct FrnnPacking
{
	/* bytes of the packed source, SIZE_MAX if it is too large; *local: bytes of memory that each reader needs */
	size_t		(*size) (const void *context, size_t *local);
	void		(*pack) (const void *context, void *packed);
	struct FrnnSource (*unpack) (void *packed, void *local);
} FrnnPacking;

typedef struct FrnnSource
{
	const void *context;
	int64_t		samples;
	int			max_steps;		/* T of the longest sample */
	/* T of a batch of these samples; NULL: always max_steps */
	int			(*steps) (const void *context, const int64_t *sample, int B);
	/* fills batch->x, extra, y and weight for batch->B samples and batch->T steps, every element */
	void		(*gather) (const void *context, const int64_t *sample, FrnnBatch *batch);
	const FrnnPacking *packing; /* NULL: the source cannot be read by another process */
} FrnnSource;

#endif
