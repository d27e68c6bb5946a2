/*
 * forecaster.c
 *	  The fitted state: its layout in one block, and the checks on a state that
 *	  was read from bytes.
 */
#include <math.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/forecaster.h"

static void
walk(FrnnForecaster *forecaster, FrnnArena *arena)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	size_t		S = (size_t) forecaster->series;
	size_t		kept = recipe->keep_optimizer ? (size_t) forecaster->members : 0;
	size_t		arrays = (size_t) frnn_optimizer_state(&recipe->optimizer);

	forecaster->params = FRNN_TAKE(arena, float, frnn_mul((size_t) forecaster->members, forecaster->network.parameters));
	forecaster->ridge_weight = FRNN_TAKE(arena, double, frnn_mul((size_t) recipe->inputs, (size_t) recipe->block));
	forecaster->ridge_bias = FRNN_TAKE(arena, double, recipe->block);
	forecaster->series_number = FRNN_TAKE(arena, double, frnn_mul(S, FRNN_SERIES_NUMBERS));
	forecaster->profile = FRNN_TAKE(arena, double, frnn_mul(S, (size_t) forecaster->profile_rows));
	forecaster->covariate_mean = FRNN_TAKE(arena, double, recipe->covariates);
	forecaster->covariate_sd = FRNN_TAKE(arena, double, recipe->covariates);
	forecaster->static_mean = FRNN_TAKE(arena, double, recipe->statics);
	forecaster->static_sd = FRNN_TAKE(arena, double, recipe->statics);
	forecaster->static_weight = FRNN_TAKE(arena, double, frnn_static_inputs(recipe));
	forecaster->static_level = FRNN_TAKE(arena, double, recipe->statics > 0 ? S : 0);
	forecaster->error_scale = FRNN_TAKE(arena, double, frnn_mul(S, (size_t) frnn_error_scale_columns(recipe)));
	forecaster->ar_weight = FRNN_TAKE(arena, float, frnn_mul(S, (size_t) frnn_ar_columns(recipe)));
	forecaster->step_scale = FRNN_TAKE(arena, double, recipe->horizon);
	forecaster->conformal = FRNN_TAKE(arena, double, 2 * FRNN_CONFORMAL_LEVELS);
	forecaster->optimizer_state = FRNN_TAKE(arena, float, frnn_mul(kept, frnn_mul(arrays, forecaster->network.parameters)));
	forecaster->place = FRNN_TAKE(arena, FrnnPlace, kept);
}

static void
set_up(FrnnForecaster *forecaster, const FrnnRecipe *recipe, const FrnnNetwork *network, int64_t series, int members)
{
	memset(forecaster, 0, sizeof(*forecaster));
	forecaster->recipe = *recipe;
	forecaster->network = *network;
	forecaster->series = series;
	forecaster->members = members;
	for (int p = 0; p < recipe->periods; p++)
		forecaster->profile_rows += recipe->period[p];
}

FrnnStatus
frnn_forecaster_size(const FrnnRecipe *recipe, const FrnnNetwork *network, int64_t series,
					 int members, size_t *bytes, FrnnError *error)
{
	FrnnForecaster forecaster;
	FrnnArena	arena = frnn_arena(NULL);

	set_up(&forecaster, recipe, network, series, members);
	walk(&forecaster, &arena);
	*bytes = arena.used;
	return arena.overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, INFINITY, 0) : FRNN_OK;
}

void
frnn_forecaster_layout(FrnnForecaster *forecaster, const FrnnRecipe *recipe, const FrnnNetwork *network,
					   int64_t series, int members, void *block)
{
	FrnnArena	arena = frnn_arena(block);

	set_up(forecaster, recipe, network, series, members);
	walk(forecaster, &arena);
	memset(block, 0, arena.used);
	for (int i = 0; i < FRNN_VALIDATION_ERRORS; i++)
		forecaster->validation_error[i] = NAN;
}

int64_t
frnn_naive_rows(const FrnnForecaster *forecaster)
{
	int64_t		rows = forecaster->naive_season > 0 ? forecaster->naive_period : 0;

	if (forecaster->level_share > 0 && frnn_level_rows(forecaster->level_alpha) > rows)
		rows = frnn_level_rows(forecaster->level_alpha);
	if (forecaster->ar_share > 0 && forecaster->recipe.lags > rows)
		rows = forecaster->recipe.lags;
	return rows;
}

int64_t
frnn_forecaster_window(const FrnnForecaster *forecaster)
{
	const FrnnRecipe *recipe = &forecaster->recipe;

	if (recipe->mode == FRNN_MODE_SEQUENCE)
		return FRNN_SEQUENCE_ROWS;
	return recipe->time_steps > frnn_naive_rows(forecaster) ? recipe->time_steps : frnn_naive_rows(forecaster);
}

int64_t
frnn_forecaster_history(const FrnnForecaster *forecaster)
{
	const FrnnRecipe *recipe = &forecaster->recipe;

	if (recipe->mode == FRNN_MODE_SEQUENCE)
		return FRNN_SEQUENCE_ROWS;
	/* and the seasons that fill its gaps */
	return frnn_forecaster_window(forecaster) + 3 * (int64_t) (recipe->periods ? recipe->period[0] : 0);
}

static bool
within(double v, double low, double high)
{
	return v >= low && v <= high;	/* false for NaN */
}

/* what a warm start goes on with */
static const char *
check_training(const FrnnRecipe *recipe)
{
	const FrnnOptimizer *optimizer = &recipe->optimizer;
	const FrnnSchedule *schedule = &recipe->schedule;

	if (!within(recipe->stride, 1, INT32_MAX) || !within(recipe->batch, 1, FRNN_MAX_BATCH) ||
		!within(recipe->updates, 1, INT32_MAX) || recipe->epochs < FRNN_AUTO || recipe->epochs == 0 ||
		!within(recipe->looks, 0, INT32_MAX) || !within(recipe->patience, 0, INT32_MAX))
		return "a count of the training is out of range";
	if (!within(optimizer->kind, FRNN_SGD, FRNN_ADAMW) || !within(schedule->kind, FRNN_CONSTANT, FRNN_PLATEAU))
		return "an optimizer or schedule of the recipe is unknown";
	if (!within(optimizer->learning_rate, 0, 1e6) || !within(optimizer->momentum, 0, 1) ||
		!within(optimizer->rho, 0, 1) || !within(optimizer->beta1, 0, 1) || !within(optimizer->beta2, 0, 1) ||
		!within(optimizer->epsilon, 0, 1e6) || !within(optimizer->weight_decay, 0, 1e6) ||
		!within(schedule->gamma, 0, 1e6) || !within(schedule->final_fraction, 0, 1e6) ||
		!within(schedule->warmup, 0, 1) || !within(schedule->min_rate, 0, 1e6))
		return "a rate of the training is out of range";
	if (!within(recipe->validation, 0, 1e15) || !within(recipe->lambda, 0, 1e15) || !within(recipe->highway_rate, 0, 1e15) ||
		!within(recipe->clip_norm, FRNN_AUTO, 1e15) || !within(recipe->min_delta, 0, 1e15) || !within(recipe->mix, FRNN_AUTO, 1))
		return "a number of the recipe is out of range";
	return NULL;
}

const char *
frnn_recipe_check(const FrnnRecipe *recipe, const FrnnNetwork *network)
{
	double		extras;
	double		inputs;

	if (!within(recipe->network, FRNN_NETWORK_AUTO, FRNN_NETWORK_GIVEN) ||
		!within(recipe->mode, FRNN_MODE_SEQUENCE, FRNN_MODE_WINDOW) ||
		!within(recipe->transform, FRNN_TRANSFORM_NONE, FRNN_TRANSFORM_ASINH) ||
		!within(recipe->level, FRNN_LEVEL_NONE, FRNN_LEVEL_MEAN) ||
		!within(recipe->scaling, FRNN_SCALING_NONE, FRNN_SCALING_STEP) ||
		!within(recipe->gap, FRNN_GAP_SEASON, FRNN_GAP_ZERO) ||
		!within(recipe->intervals, FRNN_INTERVAL_CONFORMAL, FRNN_INTERVAL_NONE) ||
		!within(recipe->loss.kind, FRNN_MSE, FRNN_NEGATIVE_BINOMIAL))
		return "a choice of the recipe is unknown";
	if (!within(recipe->intermittent, 0, 1) || !within(recipe->zero_share, 0, 1))
		return "the share of zeros is out of range";
	if (recipe->loss.kind == FRNN_QUANTILE && !within(recipe->loss.quantiles, 1, FRNN_MAX_QUANTILES))
		return "number of quantiles out of range";
	if (!within(recipe->lags, 0, FRNN_AR_MOST_LAGS))
		return "rows of the autoregression out of range";
	if (!within(recipe->pooled, 0, 1))
		return "a choice of the recipe is unknown";
	if (!within(recipe->horizon, 1, FRNN_MAX_HORIZON) || !within(recipe->block, 1, recipe->horizon))
		return "horizon out of range";
	if (!within(recipe->time_steps, 1, FRNN_MAX_FEATURES) || !within(recipe->segment, 1, recipe->time_steps) ||
		recipe->time_steps % recipe->segment != 0)
		return "time steps out of range";
	if (!within(recipe->level_rows, 1, recipe->time_steps))
		return "rows of the level out of range";
	if (!within(recipe->periods, 0, FRNN_MAX_PERIODS))
		return "number of periods out of range";
	for (int p = 0; p < recipe->periods; p++)
		if (!within(recipe->period[p], 2, FRNN_MAX_PERIOD))
			return "period out of range";
	if (!within(recipe->covariates, 0, FRNN_MAX_COVARIATES) ||
		!within(recipe->known_covariates, 0, recipe->covariates > 0) ||
		!within(recipe->past_covariates, 0, recipe->covariates > 0) ||
		!within(recipe->level_covariates, 0, recipe->known_covariates) ||
		!within(recipe->past_only, 0, recipe->covariates) || !within(recipe->known_only, 0, recipe->covariates) ||
		!within(recipe->statics, 0, FRNN_MAX_STATICS))
		return "number of covariates out of range";
	extras = (double) recipe->block * ((recipe->periods > 0) + frnn_known_inputs(recipe)) + frnn_level_inputs(recipe) +
		frnn_static_inputs(recipe);
	inputs = extras + (double) recipe->time_steps * (1 + frnn_past_inputs(recipe));
	if (inputs > FRNN_MAX_FEATURES || recipe->inputs != (int) inputs || recipe->extras != (int) extras)
		return "number of inputs does not follow from the window";
	if (!within(recipe->ensemble, 0, FRNN_MAX_ENSEMBLE))
		return "number of members out of range";
	if (check_training(recipe))
		return check_training(recipe);
	if (network->layers == 0)
		return NULL;
	if (recipe->network == FRNN_NETWORK_RIDGE)
		return "there is a network, but the recipe is the linear model's";
	if (recipe->mode == FRNN_MODE_SEQUENCE
		? network->input_size != recipe->inputs || !network->output_sequence || network->extra != 0
		: network->time_steps != recipe->time_steps / recipe->segment || network->extra != recipe->extras ||
		(double) network->input_size * network->time_steps != inputs - extras)
		return "network does not fit the window";
	if (network->output_size != recipe->block * frnn_loss_width(&recipe->loss))
		return "network's outputs do not fit the horizon";
	return NULL;
}

/* Returns NULL if a training can go on from the places and the state of the optimizer. */
static const char *
check_places(const FrnnForecaster *forecaster)
{
	size_t		arrays = (size_t) frnn_optimizer_state(&forecaster->recipe.optimizer);
	size_t		P = forecaster->network.parameters;
	bool		squares = forecaster->recipe.optimizer.kind != FRNN_SGD;
	int			array = forecaster->recipe.optimizer.kind == FRNN_RMSPROP ? 0 : 1;

	for (int k = 0; k < forecaster->members; k++)
	{
		const FrnnPlace *place = &forecaster->place[k];
		const float *state = forecaster->optimizer_state + (size_t) k * arrays * P;

		if (place->update < 0 || place->pass < 0 || place->samples < 0 || place->position < 0 ||
			place->position > place->samples || place->epoch < 0 || place->plateau_cuts < 0 || place->waited < 0 ||
			place->plateau < 0 || isnan(place->best) || isnan(place->reference))
			return "the place of the training is out of range";
		for (size_t i = 0; i < arrays * P; i++)
			if (!isfinite(state[i]) || (squares && i / P == (size_t) array && state[i] < 0))
				return "the state of the optimizer is out of range";
	}
	return NULL;
}

static bool
all_finite(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return false;
	return true;
}

const char *
frnn_forecaster_check(const FrnnForecaster *forecaster)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	size_t		S = (size_t) forecaster->series;

	for (size_t i = 0; i < (size_t) forecaster->members * forecaster->network.parameters; i++)
		if (!isfinite(forecaster->params[i]))
			return "a weight is not finite";
	if (!all_finite(forecaster->ridge_weight, (size_t) recipe->inputs * recipe->block) ||
		!all_finite(forecaster->ridge_bias, (size_t) recipe->block))
		return "a ridge weight is not finite";
	if (!all_finite(forecaster->series_number, S * FRNN_SERIES_NUMBERS))
		return "a number of a series is not finite";
	for (size_t s = 0; s < S; s++)
	{
		const double *number = forecaster->series_number + s * FRNN_SERIES_NUMBERS;

		if (number[FRNN_N_SIGMA] < 0 || number[FRNN_N_SPREAD] < 0 || number[FRNN_N_UNIT] <= 0 ||
			!within(number[FRNN_N_ROWS], 0, 1e15) ||
			!within(number[FRNN_N_STATUS], FRNN_SERIES_OK, FRNN_SERIES_NOT_FINITE) ||
			number[FRNN_N_STATUS] != floor(number[FRNN_N_STATUS]))
			return "a number of a series is out of range";
	}
	if (!all_finite(forecaster->profile, S * (size_t) forecaster->profile_rows))
		return "a seasonal profile is not finite";
	if (!all_finite(forecaster->covariate_mean, (size_t) recipe->covariates) ||
		!all_finite(forecaster->covariate_sd, (size_t) recipe->covariates))
		return "the scale of a covariate is not finite";
	for (int c = 0; c < recipe->covariates; c++)
		if (forecaster->covariate_sd[c] <= 0)
			return "the scale of a covariate is not positive";
	if (!all_finite(forecaster->static_mean, (size_t) recipe->statics) ||
		!all_finite(forecaster->static_sd, (size_t) recipe->statics) ||
		!all_finite(forecaster->static_weight, (size_t) frnn_static_inputs(recipe)) ||
		!all_finite(forecaster->static_level, recipe->statics > 0 ? S : 0))
		return "a number of a static covariate is not finite";
	for (int c = 0; c < recipe->statics; c++)
		if (forecaster->static_sd[c] <= 0)
			return "the scale of a static covariate is not positive";
	for (size_t i = 0; i < S * (size_t) frnn_error_scale_columns(recipe); i++)
		if (!within(forecaster->error_scale[i], 0, 1e6))
			return "a scale of errors is out of range";
	if (forecaster->conformal_levels != 0 &&
		(forecaster->conformal_levels != FRNN_CONFORMAL_LEVELS || forecaster->conformal_count < 0 ||
		 !within(forecaster->conformal_independent, 1, 1e15) || !within(forecaster->conformal_top, 0.5, 0.9999) ||
		 !within(forecaster->conformal_tail, 0, 10) || !within(forecaster->conformal_power, 0, 1) || !within(forecaster->spread_power, 0, 1) ||
		 !within(forecaster->ridge_usual, 0, 1e100)))
		return "the table of errors is out of range";
	for (int k = 0; k < recipe->horizon && forecaster->conformal_levels > 0; k++)
		if (!within(forecaster->step_scale[k], 0, 1e100))
			return "a scale of errors is out of range";
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < forecaster->conformal_levels; i++)
		{
			const double *row = forecaster->conformal + (size_t) side * FRNN_CONFORMAL_LEVELS;

			if (!within(row[i], i > 0 ? row[i - 1] : 0, 1e100))
				return "the table of errors is not ascending";
		}
	if (!(forecaster->sigma_median > 0) || isinf(forecaster->sigma_median))
		return "the median scale is not positive";
	if (!within(forecaster->mix, 0, 1))
		return "the network's weight is outside [0, 1]";
	if (!within(forecaster->naive_last, 0, 1) || !within(forecaster->naive_season, 0, 1) ||
		forecaster->naive_last + forecaster->naive_season > 1 + 1e-9 ||
		!within(forecaster->naive_period, forecaster->naive_season > 0 ? 2 : 0, FRNN_MAX_PERIOD))
		return "a naive forecast's weight is out of range";
	if (!within(forecaster->level_share, 0, 1 + 1e-9 - forecaster->naive_last - forecaster->naive_season) ||
		!within(forecaster->level_alpha, forecaster->level_share > 0 ? 0.01 : 0, 1))
		return "the level's weight is out of range";
	if (!within(forecaster->ar_share, 0, recipe->lags > 0 ? 1 : 0))
		return "the autoregression's weight is out of range";
	for (size_t i = 0; i < S * (size_t) frnn_ar_columns(recipe); i++)
		if (!within(forecaster->ar_weight[i], -FRNN_AR_LARGEST, FRNN_AR_LARGEST))
			return "a weight of an autoregression is out of range";
	if (forecaster->mix > 0 && forecaster->members < 1)
		return "a network has a weight but there is none";
	return recipe->keep_optimizer ? check_places(forecaster) : NULL;
}
