/*
 * optimizer.h
 *	  Update rules over the flat parameter array, learning-rate schedules,
 *	  clipping by the global norm.  The rules are PyTorch's (torch.optim), so
 *	  that golden data can check them.
 */
#ifndef FRNN_OPTIMIZER_H
#define FRNN_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum FrnnOptimizerKind
{
	FRNN_SGD,
	FRNN_RMSPROP,
	FRNN_ADAM,
	FRNN_ADAMW
} FrnnOptimizerKind;

typedef struct FrnnOptimizer
{
	FrnnOptimizerKind kind;
	float		learning_rate;
	float		momentum;		/* sgd, rmsprop */
	bool		nesterov;		/* sgd */
	float		rho;			/* rmsprop: smoothing of the squared gradient */
	float		beta1,
				beta2;			/* adam, adamw */
	float		epsilon;
	float		weight_decay;	/* L2 for sgd, rmsprop, adam; decoupled for adamw */
} FrnnOptimizer;

/* Returns an optimizer with Keras's defaults. */
extern FrnnOptimizer frnn_optimizer_default(FrnnOptimizerKind kind);

/* Returns the floats of state per parameter. */
extern int	frnn_optimizer_state(const FrnnOptimizer *optimizer);

/*
 * Updates params[0..n) once.  state: frnn_optimizer_state() arrays, `stride` floats
 * apart, zero before the first update.  All pointers are those of the range's first
 * parameter.  step counts from 1.  rate, the schedule's result, replaces
 * optimizer->learning_rate.
 */
extern void frnn_optimizer_step(const FrnnOptimizer *optimizer, float *params, const float *grads,
								float *state, size_t stride, size_t n, double rate, int64_t step);

/* Returns the square root of the sum of squares, summed in double in a fixed order. */
extern double frnn_norm(const float *v, size_t n);

/* Scales grads so that their norm is at most `limit` (<= 0: off).  Returns the norm before. */
extern double frnn_clip_norm(float *grads, size_t n, double limit);

typedef enum FrnnScheduleKind
{
	FRNN_CONSTANT,
	FRNN_STEP_DECAY,			/* rate x gamma every step_size epochs */
	FRNN_COSINE,				/* rate x (final + (1 - final)(1 + cos(pi k/K))/2) */
	FRNN_ONE_CYCLE,				/* linear warm-up over `warmup` of all updates, then cosine to final */
	FRNN_PLATEAU				/* x gamma after `plateau_patience` epochs without a better loss */
} FrnnScheduleKind;

typedef struct FrnnSchedule
{
	FrnnScheduleKind kind;
	double		gamma;			/* step, plateau; 0.1 */
	int			step_size;		/* step: epochs */
	double		final_fraction; /* cosine, one_cycle: smallest share of the rate */
	double		warmup;			/* one_cycle: share of the updates in which the rate rises */
	int			warmup_steps;	/* any kind: rate x min(1, (k+1)/warmup_steps); 0 = none */
	int			plateau_patience;
	double		min_rate;
} FrnnSchedule;

extern FrnnSchedule frnn_schedule_default(FrnnScheduleKind kind);

/*
 * Returns the learning rate of update k (from 0) of K in epoch e (from 0).  plateau_cuts:
 * the number of reductions so far.
 */
extern double frnn_schedule_rate(const FrnnSchedule *schedule, double base, int64_t k, int64_t K,
								 int64_t e, int plateau_cuts);

#endif
