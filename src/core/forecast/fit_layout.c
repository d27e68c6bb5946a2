/*
 * fit_layout.c
 *	  The work block of frnn_fit: sizes and layout.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/fit_work.h"

FrnnTraining
frnn_fit_training(const FrnnRecipe *recipe, int shards, int64_t samples)
{
	FrnnTraining training;

	memset(&training, 0, sizeof(training));
	training.loss = recipe->loss;
	training.optimizer = recipe->optimizer;
	training.schedule = recipe->schedule;
	training.targets = recipe->block;
	training.batch_size = recipe->batch < samples ? recipe->batch : samples > 0 ? (int) samples : 1;
	training.epochs = recipe->looks_epochs;
	training.steps_per_epoch = recipe->updates_per_epoch;
	training.shuffle = true;
	training.clip_norm = recipe->clip_norm;
	training.highway_rate = recipe->highway_rate;
	training.shards = shards;
	return training;
}

/* the training block at its largest: all rows, and validation */
static FrnnStatus
train_bytes(const FrnnPanelData *panel, const FrnnRecipe *recipe, const FrnnNetwork *network,
			int *shards, size_t *bytes, FrnnError *error)
{
	FrnnSource	train = {NULL, 0, 1, NULL, NULL, NULL};
	FrnnSource	valid = {NULL, 0, 1, NULL, NULL, NULL};
	FrnnTraining training;
	int64_t		first;
	int64_t		last;

	if (recipe->mode == FRNN_MODE_WINDOW)
		train.max_steps = valid.max_steps = network->time_steps;
	for (int64_t s = 0; s < panel->series; s++)
	{
		FrnnValidationRows part = frnn_validation_rows(recipe, panel->data[s].n, panel->series);
		int64_t		steps = panel->data[s].n - recipe->block + 1;

		valid.samples += part.origins;
		if (recipe->mode == FRNN_MODE_WINDOW)
		{
			if (frnn_window_range(recipe, panel->data[s].n, &first, &last))
				train.samples += (last - first) / recipe->stride + 1;
			continue;
		}
		train.samples++;
		if (steps > FRNN_SEQUENCE_ROWS)
			steps = FRNN_SEQUENCE_ROWS;
		if (steps > train.max_steps)
			train.max_steps = (int) steps;
	}
	*shards = frnn_shards(network, recipe->batch, train.max_steps);
	training = frnn_fit_training(recipe, *shards, train.samples > 0 ? train.samples : 1);
	training.restore_best = true;	/* with validation checks a second set of weights is kept */
	if (train.samples < 1)
		train.samples = 1;
	return frnn_train_size(network, &training, &train, recipe->looks > 0 && valid.samples > 0 ? &valid : NULL,
						   bytes, error);
}

/* Returns true if the windows of a series may be summed by lags. */
static bool
lags_pay(const FrnnPanelData *panel, const FrnnRecipe *recipe)
{
	int64_t		first;
	int64_t		last;

	/* these inputs are of the whole window */
	if (frnn_level_inputs(recipe) > 0 || recipe->statics > 0 || recipe->past_only > 0 || recipe->known_only > 0)
		return false;
	for (int64_t s = 0; s < panel->series; s++)
		if (frnn_window_range(recipe, panel->data[s].n, &first, &last) &&
			frnn_lags_pay(recipe, (last - first) / recipe->stride + 1, recipe->stride))
			return true;
	return false;
}

FrnnStatus
frnn_fit_layout(FrnnFit *fit, FrnnArena *arena, FrnnError *error)
{
	const FrnnPanelData *panel = fit->panel;
	const FrnnRecipe *recipe = fit->recipe;
	int			members = fit->network->layers > 0 ? 1 : 0;
	size_t		rows = 0;
	int64_t		longest = panel->series;
	size_t		bytes;
	FrnnStatus	status;

	for (int64_t s = 0; s < panel->series; s++)
	{
		rows += (size_t) panel->data[s].n;
		if (panel->data[s].n > longest)
			longest = panel->data[s].n;
	}
	fit->ready = FRNN_TAKE(arena, FrnnReady, panel->series);
	fit->rows = FRNN_TAKE(arena, int64_t, panel->series);
	fit->last = FRNN_TAKE(arena, int64_t, panel->series);
	fit->x = FRNN_TAKE(arena, double, rows);
	fit->missing = FRNN_TAKE(arena, uint8_t, rows);
	fit->scratch = FRNN_TAKE(arena, double, longest);
	frnn_samples_layout(&fit->samples, arena, panel->series, recipe);
	frnn_samples_layout(&fit->valid, arena, panel->series, recipe);
	frnn_ridge_layout(&fit->ridge, arena, recipe->inputs, recipe->block);
	if (lags_pay(panel, recipe))
		fit->lags = frnn_lags_layout(arena, recipe);
	frnn_ar_layout(&fit->ar, arena, recipe, longest);
	frnn_statics_layout(&fit->statics, arena, panel->series, recipe->statics);
	frnn_error_scale_layout(&fit->errors, arena, panel->series, longest, recipe);
	fit->unit = FRNN_TAKE(arena, double, panel->series);
	status = frnn_forecaster_size(recipe, fit->network, panel->series, members, &bytes, error);
	if (status != FRNN_OK)
		return status;
	fit->trial_block = frnn_take(arena, bytes, 1);
	/* measuring the validation needs shapes only */
	if (arena->base)
		frnn_forecaster_layout(&fit->trial, recipe, fit->network, panel->series, members, fit->trial_block);
	else
	{
		fit->trial.recipe = *recipe;
		fit->trial.network = *fit->network;
		fit->trial.members = members;
		for (int p = 0; p < recipe->periods; p++)
			fit->trial.profile_rows += recipe->period[p];
	}
	status = frnn_validation_layout(&fit->validation, arena, panel, &fit->trial, error);
	if (status != FRNN_OK || members == 0)
		return status;
	status = train_bytes(panel, recipe, fit->network, &fit->shards, &fit->train_bytes, error);
	fit->init = frnn_take(arena, frnn_init_scratch(fit->network), 1);
	fit->train_block = frnn_take(arena, fit->train_bytes, 1);
	return status;
}

FrnnStatus
frnn_fit_size(const FrnnPanelData *panel, const FrnnRecipe *recipe, const FrnnNetwork *network,
			  size_t *bytes, FrnnError *error)
{
	FrnnFit		fit = {.panel = panel, .recipe = recipe, .network = network};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status = frnn_fit_layout(&fit, &arena, error);

	if (status != FRNN_OK)
		return status;
	*bytes = arena.used;
	return arena.overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, INFINITY, 0) : FRNN_OK;
}
