/*
 * train.h
 *	  The training loop: mini-batches drawn from a source, loss, gradient,
 *	  clipping, optimiser, schedule, validation, early stopping that keeps the
 *	  best weights.
 */
#ifndef FRNN_TRAIN_H
#define FRNN_TRAIN_H

#include "core/train/loss.h"
#include "core/network/network.h"
#include "core/train/optimizer.h"

/*
 * Where mini-batches come from.  Windows are gathered straight into the
 * time-major buffers; nothing is materialised.  packing (team.h) is how the
 * source travels to another process; NULL: it does not.
 */
struct FrnnPacking;
typedef struct FrnnSource
{
	const void *context;
	int64_t		samples;
	int			max_steps;		/* T of the longest sample */
	/* T of a batch of these samples; NULL: always max_steps */
	int			(*steps) (const void *context, const int64_t *sample, int B);
	/* fill batch->x, extra, y, weight for batch->B samples and batch->T steps, all of it */
	void		(*gather) (const void *context, const int64_t *sample, FrnnBatch *batch);
	const struct FrnnPacking *packing;
} FrnnSource;

typedef struct FrnnTraining
{
	FrnnLoss	loss;
	FrnnOptimizer optimizer;
	FrnnSchedule schedule;
	int			targets;		/* N: targets a row of output; O = N * width */
	int			batch_size;
	int			epochs;
	int			steps_per_epoch;	/* 0: one pass over the samples is an epoch */
	bool		shuffle;
	double		clip_norm;		/* 0: off */
	int			patience;		/* epochs without a better (validation) loss; 0: no early stop */
	double		min_delta;
	bool		restore_best;	/* the best epoch's weights, not the last's */
	double		highway_rate;	/* learning rate of the highway, as a share */
	double		time_limit;		/* seconds; 0: none */
	uint64_t	seed;
	int			shards;			/* parts of a mini-batch whose gradients are added in order; 0: one.  A constant of
								 * the job (frnn_shards), never of who computes them */
} FrnnTraining;

/* mse, adam, constant rate, batches of 32, one epoch, shuffled, best weights kept */
extern FrnnTraining frnn_training_default(void);

/*
 * The shards that batches of this network are worth being cut into: a step
 * large enough to share, into parts that keep the products efficient.
 */
extern int	frnn_shards(const FrnnNetwork *network, int batch_size, int steps);

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
	void		(*tick) (void *arg);	/* interrupts; may not return */
	void		(*epoch) (void *arg, const FrnnEpoch *epoch);	/* progress */
	double		(*clock) (void *arg);	/* seconds, monotone; needed for time_limit only */
	void	   *arg;
	const struct FrnnTeam *team;	/* helpers in other processes (team.h); NULL: none */
} FrnnHooks;

typedef struct FrnnTrained
{
	int			epochs;			/* epochs run */
	int			best_epoch;		/* from 1 */
	double		best_loss;		/* val_loss if validated, else loss */
	bool		out_of_time;
} FrnnTrained;

/* bytes of the one block that frnn_train needs */
extern FrnnStatus frnn_train_size(const FrnnNetwork *network, const FrnnTraining *training,
								  const FrnnSource *train, const FrnnSource *valid, /* may be NULL */
								  size_t *bytes, FrnnError *error);

/*
 * Train params in place (fresh or warm).  history: training->epochs entries, or
 * NULL where the hook of each epoch is enough.
 * On any status but FRNN_OK, and while it runs, params are as they were before
 * the call.  Without validation (none, or none of its targets has weight) the
 * best epoch is the one of the smallest training loss, which is a mean over
 * the epoch and so lags behind the weights kept at its end, as in Keras.
 */
extern FrnnStatus frnn_train(const FrnnNetwork *network, const FrnnTraining *training,
							 const FrnnSource *train, const FrnnSource *valid,
							 float *params, void *block, const FrnnHooks *hooks,
							 FrnnEpoch *history, FrnnTrained *result, FrnnError *error);

/*
 * Mean loss over a source, in batches of batch_size; NaN when no target has
 * weight.  block as measured by frnn_evaluate_size.
 */
extern FrnnStatus frnn_evaluate_size(const FrnnNetwork *network, const FrnnLoss *loss, int targets, int batch_size,
									 const FrnnSource *source, size_t *bytes, FrnnError *error);
extern double frnn_evaluate(const FrnnNetwork *network, const FrnnLoss *loss, int targets, int batch_size,
							const FrnnSource *source, const float *params, void *block, const FrnnHooks *hooks);

#endif
