/*
 * trainer.h
 *	  The state of a training while it runs, between its loop (train.c) and its
 *	  mini-batches (minibatch.c); nothing else includes it.
 */
#ifndef FRNN_TRAINER_H
#define FRNN_TRAINER_H

#include "core/train/shard.h"

typedef struct FrnnTrainer
{
	const FrnnNetwork *network;
	const FrnnTraining *training;
	const FrnnSource *train;
	const FrnnSource *valid;	/* NULL: none */
	const FrnnHooks *hooks;
	FrnnGradient gradient;

	int			batch_size;
	int			shards;
	int			largest;		/* samples of the largest shard, and of a validation batch */
	float	   *params;			/* (P) the copy being trained */
	float	   *best;			/* (P) NULL unless restore_best */
	float	   *grads;			/* (P) */
	float	   *part;			/* (P) gradient of one shard; NULL with one shard */
	const FrnnTeam *team;		/* NULL: this process alone */
	FrnnWork	work;			/* the team's, which then holds params and the gradients of shards */
	float	   *state;			/* (frnn_optimizer_state, P) */
	int64_t    *order;			/* (samples) the current permutation */
	int64_t    *range;			/* (largest) validation samples in their own order */

	FrnnPlace	place;			/* updates done, the current permutation, early stopping, the plateau schedule */
	int64_t		updates;		/* updates planned */
	double		rate;			/* of the last update */
	double		started;		/* clock at the start */
} FrnnTrainer;

/* Starts the next permutation of the training samples; ticks. */
extern void frnn_trainer_permute(FrnnTrainer *t);

/* Returns the samples of the next mini-batch.  The last one of a permutation may be smaller. */
extern const int64_t *frnn_trainer_samples(FrnnTrainer *t, int *n);

/*
 * Starts the team of the hooks, if there is one that takes the job, and moves
 * the parameters into the block that it shares; and ends its work, after which
 * t->params must not be read.
 */
extern void frnn_trainer_join(FrnnTrainer *t);
extern void frnn_trainer_leave(FrnnTrainer *t);

/*
 * Computes the loss of a mini-batch, which is returned, and its gradient into
 * t->grads, shard by shard.  Those of a shard are means by its own weights;
 * those of the batch are the means of the shards' by their sums of weights.  The
 * terms are added in the order of the shards, no matter which process computed
 * them.  *weight: the sum of weights; 0: no target has one, and t->grads is not set.
 */
extern double frnn_trainer_gradient(FrnnTrainer *t, const int64_t *sample, int n, double *weight);

#endif
