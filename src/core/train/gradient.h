/*
 * gradient.h
 *	  Loss, and gradient of the loss, of a range of samples: the unit of work
 *	  of training and evaluation.
 */
#ifndef FRNN_GRADIENT_H
#define FRNN_GRADIENT_H

#include "core/train/source.h"
#include "core/train/training.h"

typedef struct FrnnGradient
{
	const FrnnNetwork *network;
	const FrnnLoss *loss;
	int			targets;		/* N */
	FrnnPlan   *plan;
	FrnnBatch	batch;
	float	   *d_output;		/* like the network's output; NULL without training */
	int64_t		update;			/* number of the update whose weights the plan has packed; -1: none */
	const float *cleared;		/* array that holds zeros: gradients written to it next need not clear it; NULL: none */
} FrnnGradient;

/*
 * Measures (arena->base NULL) or lays out buffers for ranges of up to B samples
 * of up to T steps.  The network's outputs must fit loss and targets.
 */
extern FrnnStatus frnn_gradient_layout(FrnnGradient *gradient, FrnnArena *arena, const FrnnNetwork *network,
									   const FrnnLoss *loss, int targets, int B, int T, bool training,
									   FrnnError *error);

/* Fills gradient->batch from the source. */
extern void frnn_gradient_gather(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n);

/*
 * Returns the mean loss over n samples, by weight; *weight receives the sum of
 * the weights.  grads (parameters floats) receives the gradient of that mean;
 * NULL: forward only.  update: ranges that follow one another with the same number,
 * not -1, have the same params, and are all with grads.
 */
extern double frnn_gradient_range(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n,
								  const float *params, int64_t update, const FrnnRun *run, float *grads, double *weight);

/*
 * Returns the mean loss over all samples of a source in their own order, `most`
 * at a time; NaN if no target has weight.  range: `most` integers of scratch.
 */
extern double frnn_source_loss(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
							   const float *params, const FrnnHooks *hooks);

/* Returns true if any target of the source has weight. */
extern bool frnn_source_has_weight(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
								   const FrnnHooks *hooks);

#endif
