/*
 * forecaster.h
 *	  The fitted state of a forecaster: everything that a forecast needs.
 *
 * On regular rows (a grid; NaN = missing):
 *
 * 	impute -> transform z = f(y/unit) -> x = z - seasonal profiles
 * 		   -> u = (x - level) / sigma -> ridge and network -> undone in reverse
 *
 * Every choice is a field of FrnnRecipe, AUTO or given; frnn_recipe_choose turns
 * all AUTO into choices made from the panel.  All parameters come from training
 * rows alone.  The last rows are set aside first, as validation rows: they decide
 * how long to train, how to mix network and ridge, and how wide the intervals are.
 * Then everything is computed again from all rows.
 *
 * The caller allocates blocks whose sizes it computes first.  The core holds
 * nothing across a tick, which may not return.
 *
 * The order of calls:
 *
 * 	frnn_recipe_scratch, frnn_recipe_choose			panel + request -> recipe, network
 * 	frnn_forecaster_size, frnn_forecaster_layout	the fitted state's block (kept)
 * 	frnn_fit_size, frnn_fit							the work block (freed afterwards)
 * 	frnn_predict_size, frnn_predict
 */
#ifndef FRNN_FORECASTER_H
#define FRNN_FORECASTER_H

#include <stddef.h>

#include "core/forecast/level.h"
#include "core/forecast/recipe.h"
#include "core/train/training.h"

#define FRNN_CONFORMAL_LEVELS	200 /* quantiles kept of the validation errors */
#define FRNN_FEW_ORIGINS		10	/* fewer validation forecasts say nothing about the weight of the network */

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

typedef enum FrnnValidationError	/* scaled MAE on the validation rows; NaN when not measured */
{
	FRNN_VALIDATION_NAIVE,		/* last value */
	FRNN_VALIDATION_SEASONAL,	/* last season, of the period that forecasts best; NaN without periods */
	FRNN_VALIDATION_RIDGE,
	FRNN_VALIDATION_NETWORK,
	FRNN_VALIDATION_MIX,		/* with the weight chosen: what the forecaster does */
	FRNN_VALIDATION_ERRORS
} FrnnValidationError;

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
	double	   *static_mean;	/* (statics) */
	double	   *static_sd;		/* (statics) */
	double	   *static_weight;	/* (statics + 1) levels that follow from the static covariates (statics.h); the last:
								 * their mean */
	double	   *static_level;	/* (S) level of each series by the others; none without statics */
	double	   *error_scale;	/* (S, frnn_error_scale_columns) relative error of series and phases (error_scale.h) */
	float	   *ar_weight;		/* (S, frnn_ar_columns) weights of each series' autoregression (autoregression.h) */
	double	   *step_scale;		/* (horizon) mean |error| / sigma of each step, at an error scale of 1 */
	float	   *optimizer_state;	/* (K, frnn_optimizer_state, network.parameters) with recipe.keep_optimizer, else
									 * empty */
	FrnnPlace  *place;			/* (K) with recipe.keep_optimizer: where the training of each member stopped */
	double	   *conformal;		/* (2, FRNN_CONFORMAL_LEVELS) standardized half-widths below and above, ascending */

	/* scalars to store */
	uint64_t	base;			/* checksum of the weights that the training started from (average.h) */
	int			conformal_levels;	/* filled columns: all, or 0: no intervals */
	int64_t		conformal_count;	/* validation errors behind the table; 0: residuals on training rows */
	double		conformal_independent;	/* independent errors per step */
	double		conformal_top;	/* confidence level of the last column */
	double		conformal_power;	/* of the recent volatility (error_scale.h) */
	double		spread_power;	/* of the recent spread at a phase of the season (error_spread.h) */
	double		ridge_usual;	/* mean |error| of the ridge regression on the validation rows by step_scale
								 * (recent_error.h); 0: unknown */
	double		conformal_tail; /* power of the normal quantile beyond it */
	double		sigma_median;	/* of the panel: 2 % of it is the floor of series not seen */
	double		mix;			/* share of the network beside ridge */
	double		naive_last;		/* share of the last value in the forecast; ridge and network have the rest */
	double		naive_season;	/* share of the value a season ago */
	int			naive_period;	/* rows of that season; 0: none */
	double		level_share;	/* share of the exponentially smoothed level, with the profile of the target row */
	double		level_alpha;	/* its weight of the newest row; 0: none */
	double		ar_share;		/* share of the autoregression in what ridge and networks have together */
	int			updates;		/* U*: updates of each member */
	double		validation_error[FRNN_VALIDATION_ERRORS];
	int64_t		validation_origins;
} FrnnForecaster;

/* bytes of the block that holds the arrays for `series` series and `members` sets of weights */
extern FrnnStatus frnn_forecaster_size(const FrnnRecipe *recipe, const FrnnNetwork *network, int64_t series,
									   int members, size_t *bytes, FrnnError *error);

/* point the arrays into the block (zeroed); sets recipe, network, series, members */
extern void frnn_forecaster_layout(FrnnForecaster *forecaster, const FrnnRecipe *recipe, const FrnnNetwork *network,
								   int64_t series, int members, void *block);

/* Returns NULL if a state that was read from bytes can be used, else what is wrong. */
extern const char *frnn_forecaster_check(const FrnnForecaster *forecaster);

/* Returns the rows before an origin that the naive forecasts of the mixture, its level and its autoregression need. */
extern int64_t frnn_naive_rows(const FrnnForecaster *forecaster);

/* Returns the rows before an origin that a forecast needs if none of them is missing: the window, or a season. */
extern int64_t frnn_forecaster_window(const FrnnForecaster *forecaster);

/* rows at the end of a series that a model must keep to forecast it alone */
extern int64_t frnn_forecaster_history(const FrnnForecaster *forecaster);

#endif
