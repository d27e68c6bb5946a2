/*
 * gradient.h
 *	  Loss, and gradient of the loss, of a range of samples: the unit of work
 *	  of training and evaluation.
 *
 * A mini-batch is one such range, or a fixed number of shards whose gradients
 * are added in shard order: then it does not matter which process computes
 * which shard.
 */
#ifndef FRNN_GRADIENT_H
#define FRNN_GRADIENT_H

#include "core/train/loss.h"
#include "core/network/network.h"
#include "core/train/train.h"

typedef struct FrnnGradient
{
	const FrnnNetwork *network;
	const FrnnLoss *loss;
	int			targets;		/* N */
	FrnnPlan   *plan;
	FrnnBatch	batch;
	float	   *d_output;		/* like the network's output; NULL without training */
} FrnnGradient;

/*
 * Measure (arena->base NULL) or lay out buffers for ranges of up to B samples
 * of up to T steps.  The network's outputs must fit loss and targets.
 */
extern FrnnStatus frnn_gradient_layout(FrnnGradient *gradient, FrnnArena *arena, const FrnnNetwork *network,
									   const FrnnLoss *loss, int targets, int B, int T, bool training,
									   FrnnError *error);

/* fill gradient->batch from the source */
extern void frnn_gradient_gather(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n);

/*
 * Mean loss over the n samples, by weight; *weight receives the sum of
 * weights.  grads (parameters floats) receives the gradient of that mean;
 * NULL: forward only.
 */
extern double frnn_gradient_range(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n,
								  const float *params, const FrnnRun *run, float *grads, double *weight);

/*
 * Mean loss over a source in its own order, `most` samples at a time (range
 * holds as many); NaN when no target has weight.  And: has any?
 */
extern double frnn_source_loss(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
							   const float *params, const FrnnHooks *hooks);
extern bool frnn_source_has_weight(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
								   const FrnnHooks *hooks);

static inline FrnnRun
frnn_hooks_run(const FrnnHooks *hooks, bool training, uint64_t seed, uint64_t step)
{
	FrnnRun		run = {hooks ? hooks->tick : NULL, hooks ? hooks->arg : NULL, training, seed, step};

	return run;
}

/* first sample of shard s when n samples are cut into `shards` */
static inline int
frnn_shard_start(int n, int shards, int s)
{
	return (int) ((int64_t) n * s / shards);
}

#endif
