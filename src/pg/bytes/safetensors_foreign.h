/*
 * safetensors_foreign.h
 *	  Reader of safetensors files that other programs wrote: a state_dict saved
 *	  by PyTorch, for example.
 *
 * Unlike models, such files have no checksum and no canonical form.  Every
 * count and offset is checked, names are unique, tensors do not overlap and
 * leave no byte unused.
 */
#ifndef FRNN_PG_SAFETENSORS_FOREIGN_H
#define FRNN_PG_SAFETENSORS_FOREIGN_H

#include "pg/server/compat.h"

#define FOREIGN_MAX_TENSORS	1024	/* more than a network has */
#define FOREIGN_MAX_RANK	4

typedef enum ForeignType
{
	FOREIGN_F32, FOREIGN_F16, FOREIGN_BF16, FOREIGN_F64 /* in the order of type_names */
} ForeignType;

typedef struct ForeignTensor
{
	char	   *name;
	ForeignType type;
	int			rank;
	int64		dim[FOREIGN_MAX_RANK];
	int64		count;			/* product of dims */
	const char *data;			/* unaligned; little-endian */
	size_t		bytes;
	bool		used;			/* for the caller: belongs to a layer */
} ForeignTensor;

typedef struct ForeignFile
{
	int			tensors;
	ForeignTensor *tensor;		/* in the order of their data */
} ForeignFile;

/* Reads and checks the file; data of the tensors points into `bytes`.  Malformed files are errors. */
extern ForeignFile *foreign_read(const bytea *bytes);

/* Returns the tensor of that name, NULL if there is none. */
extern ForeignTensor *foreign_find(const ForeignFile *file, const char *name);

/* Returns the bytes of a number. */
extern size_t foreign_type_size(ForeignType type);

/* Copies the numbers as float; F16 and BF16 are exact, F64 is rounded.  A number that is not finite is an error. */
extern void foreign_copy(const ForeignTensor *tensor, float *out);

/* Returns the palloc'd shape as text: "(80, 3)". */
extern char *foreign_shape(const ForeignTensor *tensor);

#endif
