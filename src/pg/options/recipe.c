/*
 * recipe.c
 *	  From options to the core's recipe, and the recipe as the model stores it.
 *
 * Stored form: one JSON object with a number per field, named as in the table
 * below.  It holds what a forecast or a warm start needs later.
 */
#include "pg/options/recipe.h"

#include <math.h>

#include "pg/bytes/json_numbers.h"

static void
recipe_pipeline(const FrnnOptions *options, FrnnRecipe *recipe)
{
	if (frnn_option_given(options, OPT_MODE))
		recipe->mode = options->mode;
	if (frnn_option_given(options, OPT_TIME_STEPS))
		recipe->time_steps = options->time_steps;
	if (frnn_option_given(options, OPT_SEGMENT))
		recipe->segment = options->segment;
	if (frnn_option_given(options, OPT_STRIDE))
		recipe->stride = options->stride;
	if (frnn_option_given(options, OPT_TRANSFORM))
		recipe->transform = options->transform;
	if (frnn_option_given(options, OPT_SEASONALITY))
	{
		recipe->periods = options->n_periods;
		memcpy(recipe->period, options->period, sizeof(recipe->period));
	}
	if (frnn_option_given(options, OPT_LEVEL))
		recipe->level = options->level;
	if (frnn_option_given(options, OPT_SCALER))
		recipe->scaling = options->scaler;
	if (frnn_option_given(options, OPT_ON_GAP))
		recipe->gap = (int) options->on_gap == FRNN_GAP_ERROR ? FRNN_GAP_SEASON : options->on_gap;
	if (frnn_option_given(options, OPT_COVARIATES) && options->covariates != COVARIATES_AUTO)
	{
		recipe->known_covariates = options->covariates != COVARIATES_PAST;
		recipe->past_covariates = options->covariates != COVARIATES_KNOWN;
	}
	if (frnn_option_given(options, OPT_HIGHWAY))
		recipe->highway = options->highway;
	if (frnn_option_given(options, OPT_MIX))
		recipe->mix = options->mix;
	if (frnn_option_given(options, OPT_ENSEMBLE))
		recipe->ensemble = options->ensemble;
	if (frnn_option_given(options, OPT_AUTOREGRESSION))
		recipe->lags = options->autoregression;
	if (frnn_option_given(options, OPT_INTERVALS))
		recipe->intervals = options->intervals;
}

static void
recipe_training(const FrnnOptions *options, FrnnRecipe *recipe)
{
	if (frnn_option_given(options, OPT_LOSS) || frnn_option_given(options, OPT_DELTA) || frnn_option_given(options, OPT_QUANTILES))
	{
		recipe->loss = options->loss;
		recipe->intermittent = 0;
	}
	if (frnn_option_given(options, OPT_OPTIMIZER))
	{
		recipe->optimizer = options->optimizer;
		recipe->optimizer.learning_rate = FRNN_AUTO;
	}
	if (frnn_option_given(options, OPT_OPTIMIZER) || frnn_option_given(options, OPT_LEARNING_RATE))
		recipe->optimizer.learning_rate = options->optimizer.learning_rate;
	if (frnn_option_given(options, OPT_MOMENTUM))
		recipe->optimizer.momentum = options->optimizer.momentum;
	if (frnn_option_given(options, OPT_NESTEROV))
		recipe->optimizer.nesterov = options->optimizer.nesterov;
	if (frnn_option_given(options, OPT_WEIGHT_DECAY))
		recipe->optimizer.weight_decay = options->optimizer.weight_decay;
	if (frnn_option_given(options, OPT_SCHEDULE))
		recipe->schedule = options->schedule;
	if (frnn_option_given(options, OPT_CLIP_NORM))
		recipe->clip_norm = options->clip_norm;
	if (frnn_option_given(options, OPT_EPOCHS) && options->epochs != FRNN_AUTO)
	{
		recipe->epochs = options->epochs;
		recipe->updates = FRNN_AUTO;
	}
	if (frnn_option_given(options, OPT_STEPS_PER_EPOCH) && options->steps_per_epoch > 0)
	{
		/* this number of updates per epoch instead of a pass over the samples */
		recipe->updates = (int) Min((int64) options->steps_per_epoch *
									(frnn_option_given(options, OPT_EPOCHS) ? Max(options->epochs, 1) : 1), PG_INT32_MAX);
		recipe->epochs = FRNN_AUTO;
	}
	if (frnn_option_given(options, OPT_BATCH_SIZE))
		recipe->batch = options->batch_size;
	if (frnn_option_given(options, OPT_SEED))
		recipe->seed = (uint64) options->seed;
	if (frnn_option_given(options, OPT_VALIDATION))
		recipe->validation = options->validation;
	if (frnn_option_given(options, OPT_PATIENCE))
		recipe->patience = options->patience;
	if (frnn_option_given(options, OPT_MIN_DELTA))
		recipe->min_delta = options->min_delta;
	if (frnn_option_given(options, OPT_RESTORE_BEST) && !options->restore_best)
		recipe->looks = 0;
	recipe->time_limit = options->time_limit;
	recipe->keep_optimizer = options->keep_optimizer;
	recipe->stop_after = options->stop_after;
	if (recipe->keep_optimizer && frnn_option_given(options, OPT_STEPS_PER_EPOCH) && options->steps_per_epoch > 0)
		recipe->plan = frnn_option_given(options, OPT_EPOCHS) ? Max(options->epochs, 1) : 1;
	if (frnn_option_given(options, OPT_KEEP_SERIES))
		recipe->pooled = !options->keep_series;
}

void
recipe_from_options(const FrnnOptions *options, FrnnRecipe *recipe)
{
	recipe_pipeline(options, recipe);
	recipe_training(options, recipe);
	recipe->chosen = false;
}

#define FIELD(name, type) {#name, type, offsetof(FrnnRecipe, name)}
#define PART(part, name, type) {#part "." #name, type, offsetof(FrnnRecipe, part.name)}

static const JsonNumber recipe_numbers[] = {
	FIELD(network, NUMBER_INT),
	FIELD(mode, NUMBER_INT),
	FIELD(time_steps, NUMBER_INT),
	FIELD(segment, NUMBER_INT),
	FIELD(stride, NUMBER_INT),
	FIELD(transform, NUMBER_INT),
	FIELD(periods, NUMBER_INT),
	FIELD(period[0], NUMBER_INT),
	FIELD(period[1], NUMBER_INT),
	FIELD(period[2], NUMBER_INT),
	FIELD(period[3], NUMBER_INT),
	FIELD(period[4], NUMBER_INT),
	FIELD(period[5], NUMBER_INT),
	FIELD(period[6], NUMBER_INT),
	FIELD(period[7], NUMBER_INT),
	FIELD(level, NUMBER_INT),
	FIELD(scaling, NUMBER_INT),
	FIELD(gap, NUMBER_INT),
	FIELD(known_covariates, NUMBER_INT),
	FIELD(past_covariates, NUMBER_INT),
	FIELD(level_covariates, NUMBER_INT),
	FIELD(highway, NUMBER_INT),
	FIELD(mix, NUMBER_DOUBLE),
	FIELD(ensemble, NUMBER_INT),
	FIELD(units, NUMBER_INT),
	FIELD(intervals, NUMBER_INT),
	{"hold_out", NUMBER_DOUBLE, offsetof(FrnnRecipe, validation)},
	FIELD(looks, NUMBER_INT),
	FIELD(patience, NUMBER_INT),
	FIELD(min_delta, NUMBER_DOUBLE),
	FIELD(updates, NUMBER_INT),
	FIELD(epochs, NUMBER_INT),
	FIELD(batch, NUMBER_INT),
	PART(optimizer, kind, NUMBER_INT),
	PART(optimizer, learning_rate, NUMBER_FLOAT),
	PART(optimizer, momentum, NUMBER_FLOAT),
	PART(optimizer, nesterov, NUMBER_BOOL),
	PART(optimizer, rho, NUMBER_FLOAT),
	PART(optimizer, beta1, NUMBER_FLOAT),
	PART(optimizer, beta2, NUMBER_FLOAT),
	PART(optimizer, epsilon, NUMBER_FLOAT),
	PART(optimizer, weight_decay, NUMBER_FLOAT),
	PART(schedule, kind, NUMBER_INT),
	PART(schedule, gamma, NUMBER_DOUBLE),
	PART(schedule, step_size, NUMBER_INT),
	PART(schedule, final_fraction, NUMBER_DOUBLE),
	PART(schedule, warmup, NUMBER_DOUBLE),
	PART(schedule, warmup_steps, NUMBER_INT),
	PART(schedule, plateau_patience, NUMBER_INT),
	PART(schedule, min_rate, NUMBER_DOUBLE),
	FIELD(highway_rate, NUMBER_DOUBLE),
	FIELD(clip_norm, NUMBER_DOUBLE),
	FIELD(lambda, NUMBER_DOUBLE),
	FIELD(seed, NUMBER_INT64),
	FIELD(horizon, NUMBER_INT),
	FIELD(block, NUMBER_INT),
	FIELD(covariates, NUMBER_INT),
	FIELD(past_only, NUMBER_INT),
	FIELD(known_only, NUMBER_INT),
	FIELD(statics, NUMBER_INT),
	FIELD(spread_slope, NUMBER_DOUBLE),
	FIELD(intermittent, NUMBER_INT),
	FIELD(zero_share, NUMBER_DOUBLE),
	FIELD(median_rows, NUMBER_DOUBLE),
	FIELD(windows, NUMBER_INT64),
	FIELD(extras, NUMBER_INT),
	FIELD(inputs, NUMBER_INT),
	FIELD(level_rows, NUMBER_INT),
	FIELD(looks_epochs, NUMBER_INT),
	FIELD(updates_per_epoch, NUMBER_INT),
	FIELD(pooled, NUMBER_INT),
	FIELD(lags, NUMBER_INT),
};

/* the loss is stored with the network */
char	   *
recipe_to_text(const FrnnRecipe *recipe)
{
	return json_numbers_write(recipe_numbers, lengthof(recipe_numbers), recipe);
}

void
recipe_from_text(const char *text, FrnnRecipe *recipe)
{
	*recipe = frnn_recipe_default();
	json_numbers_read(text, "recipe", recipe_numbers, lengthof(recipe_numbers), recipe);
	recipe->chosen = true;
}
