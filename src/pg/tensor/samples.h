/*
 * samples.h
 *	  Samples of the tensor functions: x and y arrays, checked against a network
 *	  and its loss, as a source of mini-batches.
 */
#ifndef FRNN_PG_SAMPLES_H
#define FRNN_PG_SAMPLES_H

#include "pg/server/compat.h"
#include "core/train/loss.h"
#include "core/train/source.h"
#include "utils/array.h"

typedef struct Samples
{
	int64		n;
	int			T;
	int			F;
	int			rows;			/* rows of targets per sample: T for sequence outputs, else 1 */
	int			targets;		/* numbers per row */
	const float *x;				/* (n, T, F) */
	const float *y;				/* (n, rows, targets), NaN = missing */
} Samples;

/* the targets of a network: its outputs divided by the loss's width; an error if they do not divide */
extern int	samples_targets(const FrnnNetwork *network, const FrnnLoss *loss);

/* (batch, time, feature) of x; errors name what the network expects */
extern void samples_check_x(const FrnnNetwork *network, ArrayType *x, const char *what, int *dim);

/* both arrays as float32 in the current context; names for messages */
extern void samples_read(const FrnnNetwork *network, const FrnnLoss *loss, ArrayType *x, const char *x_name,
						 ArrayType *y, const char *y_name, Samples *samples);

/* n samples beginning at `first`, which share the arrays */
extern Samples samples_part(const Samples *samples, int64 first, int64 n);

/* raises an error if no target is known; what: the argument's name */
extern void samples_check_known(const Samples *samples, const char *what);

/* samples must outlive the source */
extern FrnnSource samples_source(const Samples *samples);

/* the arrays, for parallel workers */
extern const FrnnPacking samples_packing;

#endif
