/*
 * training.h
 *	  The settings of a training, its callbacks and its result.
 */
#ifndef FRNN_TRAINING_H
#define FRNN_TRAINING_H

#include "core/base/run.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"

typedef struct FrnnTraining
{
	FrnnLoss	loss;
	FrnnOptimizer optimizer;
	FrnnSchedule schedule;
	int			targets;		/* N: targets per row of output; O = N * width */
	int			batch_size;
	int			epochs;
	int			steps_per_epoch;	/* 0: one pass over the samples is an epoch */
	bool		shuffle;
	double		clip_norm;		/* 0: off */
	int			patience;		/* epochs without a better (validation) loss; 0: no early stopping */
	double		min_delta;
	bool		restore_best;	/* keep the best epoch's weights, not the last epoch's */
	double		highway_rate;	/* learning rate of the highway, as a share of the network's */
	double		time_limit;		/* seconds; 0: none */
	uint64_t	seed;
	int			shards;			/* parts of a mini-batch whose gradients are added in order; 0: one.  The number
								 * depends on the job (frnn_shards), never on the processes that compute them. */
	int			stop_after;		/* epochs of this call, of the `epochs` planned; 0: all that are left */
	bool		keep;			/* members of a job: the optimizer's state and the place are kept */
} FrnnTraining;

/*
 * Where a training stopped.  Together with the weights and the optimizer's state
 * it is all that a later call needs to go on as if the training had not stopped.
 */
typedef struct FrnnPlace
{
	int64_t		update;			/* updates done; 0: not started */
	int64_t		pass;			/* permutations of the samples started */
	int64_t		position;		/* samples of the last one done */
	int64_t		samples;		/* of the source; the permutation goes on only if their number is the same */
	int			epoch;			/* epochs done */
	int			plateau_cuts;	/* reductions of the rate by the plateau schedule */
	int			waited;			/* epochs since progress */
	int			plateau;		/* epochs since progress or the last cut */
	double		best;			/* smallest loss; infinite before the first epoch */
	double		reference;		/* smallest loss that counted as progress */
} FrnnPlace;

typedef struct FrnnEpoch
{
	int			epoch;			/* from 1 */
	double		loss;			/* mean over the epoch's batches, by weight */
	double		val_loss;		/* NaN without validation */
	double		learning_rate;	/* of the epoch's last update */
	bool		is_best;
} FrnnEpoch;

struct FrnnTeam;

typedef struct FrnnHooks
{
	void		(*tick) (void *arg);	/* checks for interrupts; may not return */
	void		(*epoch) (void *arg, const FrnnEpoch *epoch);	/* reports progress */
	double		(*clock) (void *arg);	/* seconds, monotone; needed for time_limit only */
	void	   *arg;
	const struct FrnnTeam *team;	/* helpers in other processes (shard.h); NULL: none */
} FrnnHooks;

typedef struct FrnnTrained
{
	int			epochs;			/* epochs run */
	int			best_epoch;		/* from 1 */
	double		best_loss;		/* val_loss if validated, else loss */
	bool		out_of_time;
} FrnnTrained;

static inline FrnnRun
frnn_hooks_run(const FrnnHooks *hooks, bool training, uint64_t seed, uint64_t step)
{
	FrnnRun		run = {hooks ? hooks->tick : NULL, hooks ? hooks->arg : NULL, training, seed, step};

	return run;
}

#endif
