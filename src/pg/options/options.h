/*
 * options.h
 *	  The one vocabulary of the trailing `options jsonb`.
 *
 * frnn_options_parse checks every key (unknown: the closest is named, and all are listed), type and range,
 * and fills an FrnnOptions whose members hold the given value or the default.
 * A default that depends on the data is AUTO (-1, or the kind's _AUTO).
 */
#ifndef FRNN_PG_OPTIONS_H
#define FRNN_PG_OPTIONS_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/forecast/recipe.h"

typedef enum FrnnOption			/* bit numbers of FrnnOptions.given */
{
	OPT_TIME_STEPS, OPT_HORIZON, OPT_STRIDE, OPT_LOSS, OPT_DELTA, OPT_QUANTILES, OPT_OPTIMIZER,
	OPT_LEARNING_RATE, OPT_MOMENTUM, OPT_NESTEROV, OPT_SCHEDULE, OPT_WEIGHT_DECAY, OPT_CLIP_NORM,
	OPT_EPOCHS, OPT_STEPS_PER_EPOCH, OPT_BATCH_SIZE, OPT_SHUFFLE, OPT_SEED, OPT_VALIDATION, OPT_PATIENCE,
	OPT_MIN_DELTA, OPT_RESTORE_BEST, OPT_SCALER, OPT_TRANSFORM, OPT_SEASONALITY, OPT_LEVEL, OPT_MODE,
	OPT_HIGHWAY, OPT_MIX, OPT_CALENDAR, OPT_COVARIATES, OPT_ENSEMBLE, OPT_FREQUENCY, OPT_TIME_ZONE, OPT_ON_GAP,
	OPT_ON_DUPLICATE, OPT_ON_ERROR, OPT_INTERVALS, OPT_KEEP_HISTORY, OPT_WORKERS, OPT_TIME_LIMIT,
	OPT_SEGMENT, OPT_VERBOSE, OPT_HOLIDAYS, OPT_LOWER_LIMIT, OPT_UPPER_LIMIT, OPT_KEEP_OPTIMIZER, OPT_KEEP_RIDGE, OPT_STOP_AFTER,
	OPT_KEEP_SERIES, OPT_AUTOREGRESSION, OPT_RECALIBRATE,
	OPT_COUNT
} FrnnOption;

/* what the core has no enum for; the other choices are the core's own enums */
typedef enum FrnnCovariatesOption
{
	COVARIATES_AUTO = FRNN_AUTO, COVARIATES_KNOWN, COVARIATES_PAST, COVARIATES_BOTH
} FrnnCovariatesOption;

/* what a covariate is an input of; those constant in each series may be static */
typedef enum CovariateRole
{
	ROLE_AUTO, ROLE_KNOWN, ROLE_PAST, ROLE_BOTH, ROLE_STATIC
} CovariateRole;
typedef enum FrnnOnDuplicate
{
	DUPLICATE_ERROR, DUPLICATE_MEAN, DUPLICATE_LAST, DUPLICATE_SUM
} FrnnOnDuplicate;
typedef enum FrnnOnError
{
	ERROR_ABORT, ERROR_SKIP
} FrnnOnError;

/* on_gap "error": raised while rows are put on their grid, so the core never sees it */
#define FRNN_GAP_ERROR (-1)

#define OPTIONS_MAX_HOLIDAYS	10000

typedef struct FrnnOptions
{
	uint64		given;			/* 1 << OPT_x for every key that was there */

	int			time_steps;		/* AUTO */
	int			horizon;		/* AUTO */
	int			stride;			/* 1 */
	int			segment;		/* AUTO: rows per time step in window mode */
	FrnnMode	mode;
	FrnnLoss	loss;			/* tensor functions: mse; panel functions: mae */
	FrnnOptimizer optimizer;	/* adam 1e-3; learning_rate < 0: AUTO, for panel functions */
	FrnnSchedule schedule;		/* constant */
	double		clip_norm;		/* 0 = off; AUTO */
	int			epochs;			/* AUTO */
	int			steps_per_epoch;	/* 0 = whole pass; AUTO */
	int			batch_size;		/* AUTO (tensor functions: 32) */
	bool		shuffle;
	int64		seed;			/* 0 */
	double		validation;		/* share (< 1) or rows (>= 1) at the end; AUTO */
	int			patience;		/* AUTO; 0 = off */
	double		min_delta;
	bool		restore_best;
	FrnnScaling scaler;
	FrnnTransform transform;
	int			n_periods;		/* AUTO = found from the frequency; 0 = none */
	int			period[FRNN_MAX_PERIODS];
	FrnnLevel	level;
	int			highway;		/* AUTO, 0, 1 */
	double		mix;			/* AUTO, or weight of the network in [0,1] */
	int			calendar;		/* AUTO, 0, 1 */
	FrnnCovariatesOption covariates;
	int			n_roles;		/* of covariates by name, instead of covariates */
	char	  **role_name;		/* (n_roles) */
	CovariateRole *role;
	int			ensemble;		/* AUTO */
	int			autoregression; /* AUTO, or rows */
	char	   *frequency;		/* NULL = inferred; interval text, a name such as hour, or a calendar */
	char	   *time_zone;		/* NULL = the panel's */
	int32	   *holiday;		/* Julian days, ascending, Monday to Friday */
	int			holidays;		/* 0 = none given */
	FrnnGapRule on_gap;			/* or FRNN_GAP_ERROR */
	FrnnOnDuplicate on_duplicate;
	FrnnOnError on_error;
	FrnnIntervalKind intervals;
	bool		recalibrate;	/* widths follow the errors since the training */
	bool		keep_history;
	bool		keep_series;
	int			workers;		/* AUTO */
	double		time_limit;		/* seconds, 0 = none */
	double		lower_limit;	/* of forecasts and intervals; infinite = none */
	double		upper_limit;
	bool		verbose;
	bool		keep_optimizer; /* the optimizer's state is kept in the model, and resumed */
	bool		keep_ridge;		/* warm start: the ridge regression and the scale of covariates stay */
	int			stop_after;		/* epochs of this call; AUTO */
} FrnnOptions;

/* Where the options are used.  A key without meaning there is an error. */
typedef enum FrnnOptionScope
{
	SCOPE_TENSOR,				/* tensor functions: rnn_fit, rnn_evaluate(model, x, y) */
	SCOPE_PANEL					/* panel functions: rnn_train and all others that take a panel */
} FrnnOptionScope;

/* options may be NULL (all defaults) */
extern FrnnOptions *frnn_options_parse(Jsonb *options, FrnnOptionScope scope);

/*
 * The options as a model stores them: jsonb text without keys that are null or
 * do not change the model (workers).
 */
extern char *frnn_options_canonical(Jsonb *options);

/* Returns the value of an option as JSON text. */
extern char *frnn_option_json(FrnnOption option, const FrnnOptions *options);

/* whether the option was given */
static inline bool
frnn_option_given(const FrnnOptions *options, FrnnOption option)
{
	return (options->given & (UINT64CONST(1) << option)) != 0;
}

/* names of kinds, as the options spell them */
extern const char *frnn_loss_word(FrnnLossKind kind);
extern const char *frnn_optimizer_word(FrnnOptimizerKind kind);
extern const char *frnn_schedule_word(FrnnScheduleKind kind);

/* name of a value of an option that is a choice: scaler, transform, level, mode, on_gap, intervals ... */
extern const char *frnn_option_word(FrnnOption option, int value);

#endif
