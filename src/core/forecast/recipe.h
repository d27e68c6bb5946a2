/*
 * recipe.h
 *	  Every choice of a forecaster: given by the caller, or made from the panel.
 */
#ifndef FRNN_FORECAST_RECIPE_H
#define FRNN_FORECAST_RECIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/limits.h"
#include "core/base/status.h"
#include "core/forecast/panel.h"
#include "core/network/network.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"

#define FRNN_SEQUENCE_ROWS	4096	/* time steps of a series that sequence mode uses, counted from its end */

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
	FRNN_NETWORK_GIVEN			/* the caller's layers; the last one dense with h x width units (direct), width units
								 * (recursive: forecasts fed back); either per step in sequence mode */
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
	int			level_covariates;	/* 0/1: known covariates of the rows of the level are inputs, as what was
									 * subtracted with it */
	int			highway;		/* 0/1 */
	double		mix;			/* weight of the network in [0,1]; AUTO: from the validation rows */
	int			lags;			/* rows that the longer autoregression of each series looks back; 0: none; AUTO */
	int			ensemble;		/* K */
	int			units;			/* of the chosen network */
	FrnnLoss	loss;			/* default: MAE */
	int			intermittent;	/* 0/1: mostly zeros, the mean demand is forecast; AUTO only with the default loss */
	FrnnIntervalKind intervals;
	double		validation;		/* validation rows (>= 1) or share of the rows (< 1); 0: none */
	int			looks;			/* early stopping: validation checks in one training; 0: train to the end */
	int			patience;		/* validation checks without a better one after which training stops; 0: never */
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
	bool		keep_optimizer; /* the fitted state has the optimizer's state, for a training that goes on from it */
	int			plan;			/* epochs that the updates are cut into, so that a fit can stop after some; AUTO */
	int			stop_after;		/* epochs of this fit, of the looks_epochs planned; AUTO: all that are left */
	int			pooled;			/* 0/1: no series is kept; each is forecast from its rows, with the panel's errors */

	/* filled by frnn_recipe_choose */
	int			horizon;		/* h */
	int			block;			/* steps the models give at once: h, less where series are short, 1 recursive */
	int			covariates;
	int			past_only;		/* of them, the first: see FrnnPanelData */
	int			known_only;
	int			statics;
	double		spread_slope;
	double		zero_share;		/* of the known values of the median series */
	double		median_rows;	/* of the series */
	int64_t		windows;		/* N */
	int			extras;			/* E = block x (profile? + known covariates) + covariates of the level + static ones */
	int			inputs;			/* p = L x (1 + past covariates) + E */
	int			level_rows;		/* rows of LEVEL_MEAN */
	int			looks_epochs;	/* epochs of one training: updates = looks_epochs x updates_per_epoch */
	int			updates_per_epoch;
	bool		chosen;			/* frnn_recipe_choose has run */
} FrnnRecipe;

extern FrnnRecipe frnn_recipe_default(void);

/* covariates that are inputs of each target step, of each row of the window, and of the level */
static inline int
frnn_known_inputs(const FrnnRecipe *recipe)
{
	return recipe->known_covariates ? recipe->covariates - recipe->past_only : 0;
}

static inline int
frnn_past_inputs(const FrnnRecipe *recipe)
{
	return recipe->past_covariates ? recipe->covariates - recipe->known_only : 0;
}

static inline int
frnn_level_inputs(const FrnnRecipe *recipe)
{
	return recipe->level_covariates ? frnn_known_inputs(recipe) : 0;
}

/* lags of the shorter of a series' two autoregressions: two of the shortest season, or half of the longer one's */
static inline int
frnn_ar_short_lags(const FrnnRecipe *recipe)
{
	int			lags = (recipe->lags + 1) / 2;

	return recipe->periods > 0 && 2 * recipe->period[0] < lags ? 2 * recipe->period[0] : lags;
}

/* numbers per series of both autoregressions: of each a weight per lag, and a constant */
static inline int
frnn_ar_columns(const FrnnRecipe *recipe)
{
	return recipe->lags > 0 ? recipe->lags + 1 + frnn_ar_short_lags(recipe) + 1 : 0;
}

/* inputs of the static covariates: themselves, and the distance of the level from theirs */
static inline int
frnn_static_inputs(const FrnnRecipe *recipe)
{
	return recipe->statics > 0 ? recipe->statics + 1 : 0;
}

/* bytes of the scratch that frnn_recipe_choose needs */
extern size_t frnn_recipe_scratch(const FrnnPanelData *panel);

/*
 * Fill every AUTO of *recipe from the panel, and *network: built (AUTO), or
 * the given layers completed with input size, time steps, extras and highway,
 * and resolved.  FRNN_TOO_SHORT: no series has three rows to learn from.
 * FRNN_BAD_LOSS_WIDTH: the last layer's units fit neither h nor one step.
 * run: ticked between series; may be NULL.
 */
extern FrnnStatus frnn_recipe_choose(const FrnnPanelData *panel, FrnnRecipe *recipe, FrnnNetwork *network,
									 void *scratch, const FrnnRun *run, FrnnError *error);

/* one line that says what was chosen and why; cut at size bytes; returns the length wanted */
extern int	frnn_recipe_explain(const FrnnRecipe *recipe, const FrnnNetwork *network, char *out, size_t size);

/*
 * Returns NULL if a recipe that was read from bytes is within its limits, else
 * what is wrong.  Called before any size is computed from the recipe.
 * network: resolved.
 */
extern const char *frnn_recipe_check(const FrnnRecipe *recipe, const FrnnNetwork *network);

#endif
