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

/* Keras's defaults of that optimiser */
extern FrnnOptimizer frnn_optimizer_default(FrnnOptimizerKind kind);

/* floats of state a parameter */
extern int	frnn_optimizer_state(const FrnnOptimizer *optimizer);

/*
 * One update of params[0..n).  state: frnn_optimizer_state() arrays of
 * `stride` floats behind one another, zero before the first update; pointers
 * already stand at the first parameter of the range.  step counts from 1.
 * rate replaces optimizer->learning_rate (the schedule's result).
 */
extern void frnn_optimizer_step(const FrnnOptimizer *optimizer, float *params, const float *grads,
								float *state, size_t stride, size_t n, double rate, int64_t step);

/* sqrt of the sum of squares, in double, fixed order */
extern double frnn_norm(const float *v, size_t n);

/* scale grads so that their norm is at most `limit` (<= 0: off); returns the norm before */
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
	double		warmup;			/* one_cycle: share of the updates spent rising */
	int			warmup_steps;	/* any kind: rate x min(1, (k+1)/warmup_steps); 0 = none */
	int			plateau_patience;
	double		min_rate;
} FrnnSchedule;

extern FrnnSchedule frnn_schedule_default(FrnnScheduleKind kind);

/*
 * Rate of update k (from 0) of K in epoch e (from 0); plateau_cuts counts the
 * reductions so far.
 */
extern double frnn_schedule_rate(const FrnnSchedule *schedule, double base, int64_t k, int64_t K,
								 int64_t e, int plateau_cuts);

#endif
