/*
 * forecaster.h
 *	  From regular series to a trained forecaster, and from it to forecasts.
 *
 * On regular rows (a grid; NaN = missing):
 *
 *	impute -> transform z = f(y/unit) -> x = z - seasonal profiles
 *		   -> u = (x - level) / sigma -> ridge and network -> undone in reverse
 *
 * Every choice is a field of FrnnRecipe, AUTO or given; frnn_recipe_choose
 * turns all AUTO into choices made from the panel.  All parameters come from
 * training rows alone.  A part of the rows is held back first: it decides how
 * long to train, how to mix network and ridge, and how wide the intervals are;
 * then everything is computed again from all rows.
 *
 * Memory: the caller lends blocks whose sizes are asked for first.  The core
 * holds nothing across a tick, which may not return.
 *
 * The order of calls:
 *
 *	frnn_recipe_scratch, frnn_recipe_choose			panel + request -> recipe, network
 *	frnn_forecaster_size, frnn_forecaster_layout	the fitted state's block (kept)
 *	frnn_fit_size, frnn_fit							the work block (given back)
 *	frnn_predict_size, frnn_predict
 */
#ifndef FRNN_FORECASTER_H
#define FRNN_FORECASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/train/loss.h"
#include "core/network/network.h"
#include "core/train/optimizer.h"
#include "core/base/limits.h"
#include "core/base/status.h"
#include "core/train/train.h"

#define FRNN_CONFORMAL_LEVELS	200		/* quantiles kept of the held-back errors */
#define FRNN_SEQUENCE_ROWS		4096	/* sequence mode looks at most so far back */

/* ---------------------------------------------------------------- data */

/* one series on its grid */
typedef struct FrnnSeriesData
{
	int64_t		n;				/* rows, the last known value's included */
	int64_t		future;			/* rows after it: covariates only */
	const double *value;		/* (n), NaN = missing */
	const double *covariate;	/* (n + future, covariates) row-major, NaN = missing; NULL without */
	int64_t		offset;			/* grid row of value[0], counted from the series' first training row: 0 in
								 * training.  Row i has phase (offset + i) mod m.  May be negative. */
} FrnnSeriesData;

typedef struct FrnnPanelData
{
	int64_t		series;
	const FrnnSeriesData *data;
	int			covariates;		/* numbers a row */
	int			horizon;		/* h */
	int			periods;		/* candidates by frequency, ascending */
	int			period[FRNN_MAX_PERIODS];
} FrnnPanelData;

/* what became of a series */
typedef enum FrnnSeriesStatus
{
	FRNN_SERIES_OK = 0,
	FRNN_SERIES_EMPTY,			/* no known value: no forecast (NaN) */
	FRNN_SERIES_SHORT,			/* one known value: it is repeated, without interval */
	FRNN_SERIES_CONSTANT,		/* all values equal: repeated, error zero */
	FRNN_SERIES_NO_COVARIATES,	/* forecast, but covariates of target steps were missing: their means were used */
	FRNN_SERIES_BAD_ORIGIN,		/* origin outside 1..n: no forecast (NaN) */
	FRNN_SERIES_NOT_FINITE		/* the values left the finite numbers: no forecast (NaN) */
} FrnnSeriesStatus;

/* ---------------------------------------------------------------- recipe */

typedef enum FrnnMode
{
	FRNN_MODE_AUTO = -1,
	FRNN_MODE_SEQUENCE,			/* the moving window over whole series, state carried */
	FRNN_MODE_WINDOW			/* one sample an origin, the window cut into segments */
} FrnnMode;

typedef enum FrnnTransform
{
	FRNN_TRANSFORM_AUTO = -1,
	FRNN_TRANSFORM_NONE,
	FRNN_TRANSFORM_LOG,			/* becomes LOG1P where zeros occur */
	FRNN_TRANSFORM_LOG1P,		/* log(1 + y / unit), unit the series' mean |y| */
	FRNN_TRANSFORM_ASINH		/* asinh(y / unit) */
} FrnnTransform;

typedef enum FrnnLevel
{
	FRNN_LEVEL_AUTO = -1,
	FRNN_LEVEL_NONE,
	FRNN_LEVEL_LAST,			/* the window's last value */
	FRNN_LEVEL_MEAN				/* mean of its last max(m1, 12) values */
} FrnnLevel;

typedef enum FrnnScaling
{
	FRNN_SCALING_AUTO = -1,
	FRNN_SCALING_NONE,
	FRNN_SCALING_STANDARD,		/* mean, standard deviation */
	FRNN_SCALING_ROBUST,		/* median, interquartile range */
	FRNN_SCALING_MINMAX,		/* minimum, range */
	FRNN_SCALING_MEAN,			/* 0, mean absolute value */
	FRNN_SCALING_STEP			/* 0, mean absolute change over half the horizon */
} FrnnScaling;

typedef enum FrnnGapRule
{
	FRNN_GAP_SEASON = 0,		/* line between neighbours + median shape of the same phase 3 periods to both sides */
	FRNN_GAP_LINEAR,
	FRNN_GAP_LOCF,
	FRNN_GAP_ZERO
} FrnnGapRule;

typedef enum FrnnIntervalKind
{
	FRNN_INTERVAL_CONFORMAL = 0,
	FRNN_INTERVAL_LOSS,			/* from a quantile or likelihood head */
	FRNN_INTERVAL_NONE
} FrnnIntervalKind;

typedef enum FrnnNetworkChoice
{
	FRNN_NETWORK_AUTO = -1,		/* choose */
	FRNN_NETWORK_RIDGE,			/* the linear model alone */
	FRNN_NETWORK_GIVEN			/* the caller's layers; the last one dense with h x width units (direct), width
								 * units (recursive: forecasts fed back); either per step in sequence mode */
} FrnnNetworkChoice;

typedef struct FrnnRecipe
{
	/* Fields are AUTO (-1) or given.  frnn_recipe_default() sets all. */
	FrnnNetworkChoice network;
	FrnnMode	mode;
	int			time_steps;		/* L: rows of a window */
	int			segment;		/* window mode: rows a time step of the network */
	int			stride;			/* 1; training origins are so many rows apart */
	FrnnTransform transform;
	int			periods;		/* AUTO: those candidates that the panel has two of; 0: no profiles */
	int			period[FRNN_MAX_PERIODS];	/* ascending */
	FrnnLevel	level;
	FrnnScaling scaling;
	FrnnGapRule gap;
	int			known_covariates;	/* 0/1: covariates of the target steps are inputs */
	int			past_covariates;	/* 0/1: covariates of the window's rows are inputs too */
	int			highway;		/* 0/1 */
	double		mix;			/* weight of the network in [0,1]; AUTO: judged on held-back rows */
	int			ensemble;		/* K */
	int			units;			/* of the chosen network */
	FrnnLoss	loss;			/* default: MAE */
	FrnnIntervalKind intervals;
	double		hold_out;		/* held-back rows (>= 1) or share of the rows (< 1); 0: none */
	int			looks;			/* early stopping: looks at the held-back rows; 0: train to the end */
	int			patience;		/* give up after so many looks (epochs) without a better one; 0: never */
	double		min_delta;
	int			updates;		/* U */
	int			epochs;			/* instead of updates: passes over the samples; AUTO */
	int			batch;
	FrnnOptimizer optimizer;	/* Adam; learning_rate < 0: AUTO */
	FrnnSchedule schedule;		/* cosine to 1 %, 20 updates of warm-up */
	double		highway_rate;	/* 0.1 */
	double		clip_norm;		/* 1 */
	double		lambda;			/* ridge: 0.001 */
	uint64_t	seed;
	double		time_limit;		/* seconds, for the whole fit; 0: none */

	/* filled by frnn_recipe_choose */
	int			horizon;		/* h */
	int			block;			/* steps the models give at once: h, less where series are short, 1 recursive */
	int			covariates;
	double		spread_slope;
	double		median_rows;	/* of the series */
	int64_t		windows;		/* N */
	int			extras;			/* E = block x (profile? + known covariates) */
	int			inputs;			/* p = L x (1 + past covariates) + E */
	int			level_rows;		/* rows of LEVEL_MEAN */
	int			looks_epochs;	/* epochs of one training: updates = looks_epochs x updates_per_epoch */
	int			updates_per_epoch;
	bool		chosen;			/* frnn_recipe_choose has run */
} FrnnRecipe;

extern FrnnRecipe frnn_recipe_default(void);

/* bytes of the scratch that frnn_recipe_choose needs */
extern size_t frnn_recipe_scratch(const FrnnPanelData *panel);

/*
 * Fill every AUTO of *recipe from the panel, and *network: built (AUTO), or
 * the given layers completed with input size, time steps, extras and highway,
 * and resolved.  FRNN_TOO_SHORT: no series has three rows to learn from.
 * FRNN_BAD_LOSS_WIDTH: the last layer's units fit neither h nor one step.
 */
extern FrnnStatus frnn_recipe_choose(const FrnnPanelData *panel, FrnnRecipe *recipe, FrnnNetwork *network,
									 void *scratch, FrnnError *error);

/* one line that says what was chosen and why; cut at size bytes; returns the length wanted */
extern int	frnn_recipe_explain(const FrnnRecipe *recipe, const FrnnNetwork *network, char *out, size_t size);

/* ---------------------------------------------------------------- the fitted state */

/* numbers kept a series: columns of FrnnForecaster.series_number */
typedef enum FrnnSeriesNumber
{
	FRNN_N_SIGMA,				/* scale; 0: a constant series */
	FRNN_N_CENTER,				/* taken off where LEVEL_NONE */
	FRNN_N_UNIT,				/* of the transform */
	FRNN_N_LOWEST,				/* of the known training values */
	FRNN_N_HIGHEST,
	FRNN_N_ROWS,				/* training rows */
	FRNN_N_KNOWN,				/* of them known */
	FRNN_N_STATUS,				/* FrnnSeriesStatus of the training rows */
	FRNN_N_SPREAD,				/* standard deviation of x: bounds the panel's floor under sigma */
	FRNN_SERIES_NUMBERS
} FrnnSeriesNumber;

typedef enum FrnnHoldOut		/* scaled MAE on the held-back rows; NaN when not measured */
{
	FRNN_H_NAIVE,				/* last value */
	FRNN_H_SEASONAL,			/* last season (the longest period's); NaN without periods */
	FRNN_H_RIDGE,
	FRNN_H_NETWORK,
	FRNN_H_MIX,					/* with the weight chosen: what the forecaster does */
	FRNN_HOLD_OUTS
} FrnnHoldOut;

/*
 * Everything a forecast needs, plain numbers.  To store: `recipe` and `network`
 * (as the caller likes), the scalars, and the arrays with the shapes given.
 * To load: fill recipe, network (resolved), series, members, call
 * frnn_forecaster_layout, copy the arrays and scalars in, call
 * frnn_forecaster_check.
 */
typedef struct FrnnForecaster
{
	FrnnRecipe	recipe;			/* chosen: nothing AUTO */
	FrnnNetwork network;		/* resolved; layers 0: ridge alone */
	int64_t		series;			/* S */
	int			members;		/* K trained; 0: ridge alone.  Laid out for recipe.ensemble */
	int			profile_rows;	/* sum of recipe.period */

	float	   *params;			/* (K, network.parameters) */
	double	   *ridge_weight;	/* (inputs, block) */
	double	   *ridge_bias;		/* (block) */
	double	   *series_number;	/* (S, FRNN_SERIES_NUMBERS) */
	double	   *profile;		/* (S, profile_rows): period after period */
	double	   *covariate_mean; /* (covariates) */
	double	   *covariate_sd;	/* (covariates) */
	double	   *conformal;		/* (horizon, FRNN_CONFORMAL_LEVELS) |error| / sigma, ascending */

	/* scalars to store */
	int			conformal_levels;	/* filled columns; 0: no intervals */
	int64_t		conformal_count;	/* errors behind a step: all are kept where <= FRNN_CONFORMAL_LEVELS */
	double		sigma_median;	/* of the panel: 2 % of it is the floor of series not seen */
	double		mix;			/* weight of the network */
	int			updates;		/* U*: updates of each member */
	double		hold_out[FRNN_HOLD_OUTS];
	int64_t		hold_out_origins;
} FrnnForecaster;

/* bytes of the block that holds the arrays for `series` series and `members` sets of weights */
extern FrnnStatus frnn_forecaster_size(const FrnnRecipe *recipe, const FrnnNetwork *network, int64_t series,
									   int members, size_t *bytes, FrnnError *error);
/* point the arrays into the block (zeroed); sets recipe, network, series, members */
extern void frnn_forecaster_layout(FrnnForecaster *forecaster, const FrnnRecipe *recipe, const FrnnNetwork *network,
								   int64_t series, int members, void *block);
/*
 * Is a recipe read from bytes within its limits (before any size is computed
 * from it)?  network: resolved.  And is a state?  NULL: yes; else what is wrong.
 */
extern const char *frnn_recipe_check(const FrnnRecipe *recipe, const FrnnNetwork *network);
extern const char *frnn_forecaster_check(const FrnnForecaster *forecaster);

/* ---------------------------------------------------------------- fit */

typedef enum FrnnPhase
{
	FRNN_PHASE_HOLD_OUT,		/* one network without the held-back rows */
	FRNN_PHASE_REFIT			/* the members, on all rows */
} FrnnPhase;

typedef struct FrnnFitHooks
{
	void		(*tick) (void *arg);	/* interrupts; may not return */
	void		(*epoch) (void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch);	/* may be NULL */
	double		(*clock) (void *arg);	/* seconds, monotone; NULL: no time_limit */
	void	   *arg;
	const struct FrnnTeam *team;	/* helpers in other processes (shard.h); NULL: none */
} FrnnFitHooks;

/* bytes of the work block */
extern FrnnStatus frnn_fit_size(const FrnnPanelData *panel, const FrnnRecipe *recipe, const FrnnNetwork *network,
								size_t *bytes, FrnnError *error);

/*
 * Fit.  forecaster: laid out for the panel's series and recipe->ensemble
 * members (0 for FRNN_NETWORK_RIDGE).  warm: weights to start every member
 * from, or NULL.  A series that cannot be used gets its status in
 * series_number; the others go on.
 */
extern FrnnStatus frnn_fit(const FrnnPanelData *panel, FrnnForecaster *forecaster, const float *warm,
						   void *block, const FrnnFitHooks *hooks, FrnnError *error);

/* ---------------------------------------------------------------- predict */

/*
 * A series that is forecast row by row: its parameters, and in sequence mode
 * the networks' state, are carried along instead of being found from the rows
 * again.  The data then need hold the last frnn_stream_rows() rows only.
 */
typedef struct FrnnCarry
{
	double		number[FRNN_SERIES_NUMBERS];
	const double *profile;		/* (profile_rows) */
	double		lowest;			/* of all known values so far */
	double		highest;
	float	   *state;			/* (members, frnn_step_state) after the time steps before the origin; replaced by
								 * the state after the origin's */
	int64_t		steps;			/* time steps done; counted on */
} FrnnCarry;

typedef struct FrnnForecast
{
	const FrnnSeriesData *data; /* history, and covariates as far as they are known */
	int64_t		index;			/* the series in the forecaster, or -1: not seen in training */
	int64_t		origins;
	const int64_t *origin;		/* (origins) ascending, each in 1..n: rows before it are known, it is the first
								 * step.  Rows from it on are never looked at (covariates are). */
	double	   *point;			/* (origins, steps) */
	double	   *error;			/* (origins, steps) standard error; may be NULL */
	double	   *lower;			/* (levels, origins, steps); may be NULL */
	double	   *upper;
	FrnnSeriesStatus status;	/* out */
	FrnnCarry  *carry;			/* NULL, or row by row: one origin, n, and no other forecast in the call */
	float	   *answer;			/* NULL, or with one origin: (frnn_answer_floats) what the networks say, kept ... */
	bool		answered;		/* ... if true, by a call with the same forecasts and steps: they are not asked again.  Out: true */
} FrnnForecast;

/* numbers that the networks give for one origin */
extern size_t frnn_answer_floats(const FrnnForecaster *forecaster, int steps);

/* can this forecaster go row by row?  Not with a network that reads backwards. */
extern bool frnn_stream_possible(const FrnnForecaster *forecaster);

/* rows that the data of a carried series must hold (or all, while there are fewer) */
extern int64_t frnn_stream_rows(const FrnnForecaster *forecaster);

/*
 * Begin to carry a series: its parameters (learned or from its rows), its last
 * frnn_stream_rows() rows (fewer if it has fewer) with gaps filled, and the state before the
 * step of origin n.  profile (profile_rows), state (members, frnn_step_state);
 * block: as for frnn_predict.
 */
extern FrnnSeriesStatus frnn_carry_begin(const FrnnForecaster *forecaster, const FrnnSeriesData *data, int64_t index,
										 FrnnCarry *carry, double *profile, float *state, double *last_rows,
										 void *block, const FrnnHooks *hooks);

/* bytes of the work block; rows: of the longest history; steps: forecast steps */
extern FrnnStatus frnn_predict_size(const FrnnForecaster *forecaster, int64_t rows, int steps,
									size_t *bytes, FrnnError *error);
/*
 * The same for calls with at most so many origins, all forecasts together.
 * known: all of them are answered, or carried in sequence mode, so that no
 * network has to run over a history.
 */
extern FrnnStatus frnn_predict_size_few(const FrnnForecaster *forecaster, int64_t rows, int steps, int64_t origins,
										bool known, size_t *bytes, FrnnError *error);

/*
 * Forecasts of many series and origins, `steps` steps each (any number: blocks
 * are rolled forward on their own forecasts), with `levels` confidence levels
 * in (0,1).  The parameters of a series not seen come from its rows before its
 * first origin.
 */
extern void frnn_predict(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
						 int steps, int levels, const double *confidence,
						 void *block, const FrnnHooks *hooks);

/* rows at the end of a series that a model must keep to forecast it alone */
extern int64_t frnn_forecaster_history(const FrnnForecaster *forecaster);

/*
 * Naive forecasts from rows before the origin: the last known value, or the
 * last season's (period m > 1) with the last known value where that is missing.
 */
extern void frnn_naive(const double *value, int64_t origin, int period, int steps, double *out);


#endif
