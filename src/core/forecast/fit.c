/*
 * fit.c
 *	  Fitting: once without the validation rows, to learn how long to train, how
 *	  to mix and how large the errors are; then again on all rows.
 *
 * One work block holds everything; the trial forecaster of the first round
 * lies in it as well.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/special.h"
#include "core/forecast/average.h"
#include "core/forecast/compact.h"
#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/fit.h"
#include "core/forecast/ridge.h"
#include "core/forecast/ridge_lags.h"
#include "core/forecast/scale.h"
#include "core/forecast/season.h"
#include "core/forecast/statics.h"
#include "core/forecast/validation.h"
#include "core/forecast/window_source.h"
#include "core/train/members.h"

#define NAIVE_RESIDUALS	200
#define RESIDUAL_ERRORS	10		/* independent errors that residuals on training rows count as, at most */

typedef struct Fit
{
	const FrnnPanelData *panel;
	const FrnnRecipe *recipe;
	const FrnnNetwork *network;
	const FrnnFitHooks *hooks;
	const FrnnStart *start;		/* NULL: none */
	double		floor;			/* median scale of a model, for the floor under scales; 0: the panel's */
	double		began;
	int			trainings;		/* begun */
	FrnnPhase	phase;
	int			member;
	int			shards;			/* of a mini-batch: one number for both rounds */

	FrnnReady  *ready;			/* (S) */
	double	   *x;				/* all rows of all series */
	uint8_t    *missing;
	int64_t    *rows;			/* (S) rows that count as known */
	int64_t    *last;			/* (S) last origin of validation */
	double	   *scratch;		/* longest series, or S */
	FrnnSamples samples;
	FrnnSamples valid;
	FrnnRidge	ridge;
	FrnnLags   *lags;			/* NULL: windows are summed one by one */
	FrnnStatics statics;
	FrnnErrorScale errors;
	double	   *unit;			/* (S) size of errors on the validation rows, by the trial's scales; 0: none */
	FrnnForecaster trial;
	void	   *trial_block;
	FrnnValidation validation;
	void	   *init;
	void	   *train_block;
	size_t		train_bytes;
	const FrnnForecaster *out;	/* refit: whose members are trained */
	FrnnTraining training;
	FrnnTask   *task;			/* (members) here or in the team's block, as the weights are */
	float	   *weights;
	float	   *state;			/* (members, frnn_optimizer_state, parameters) with recipe->keep_optimizer */
	double		deadline;
	int			processes;
} Fit;

/* ---- sizes ---- */

static FrnnTraining
training_of(const FrnnRecipe *recipe, int shards, int64_t samples)
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
	training = training_of(recipe, *shards, train.samples > 0 ? train.samples : 1);
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

static FrnnStatus
walk(Fit *fit, FrnnArena *arena, FrnnError *error)
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
	Fit			fit = {.panel = panel, .recipe = recipe, .network = network};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status = walk(&fit, &arena, error);

	if (status != FRNN_OK)
		return status;
	*bytes = arena.used;
	return arena.overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, INFINITY, 0) : FRNN_OK;
}

/* ---- hooks ---- */

static void
tick(void *arg)
{
	const Fit  *fit = arg;

	if (fit->hooks && fit->hooks->tick)
		fit->hooks->tick(fit->hooks->arg);
}

static void
epoch_done(void *arg, const FrnnEpoch *epoch)
{
	const Fit  *fit = arg;

	if (fit->hooks && fit->hooks->epoch)
		fit->hooks->epoch(fit->hooks->arg, fit->phase, fit->member, epoch);
}

static double
now(void *arg)
{
	const Fit  *fit = arg;

	return fit->hooks && fit->hooks->clock ? fit->hooks->clock(fit->hooks->arg) : 0;
}

static FrnnHooks
inner_hooks(Fit *fit)
{
	return (FrnnHooks) {tick, epoch_done, now, fit, fit->hooks ? fit->hooks->team : NULL};
}

/* ---- one round ---- */

/* mean and spread of each covariate over the rows that count as known */
static void
measure_covariates(const Fit *fit, FrnnForecaster *out)
{
	int			C = fit->panel->covariates;

	if (fit->start && fit->start->ridge)
	{
		memcpy(out->covariate_mean, fit->start->ridge->covariate_mean, sizeof(double) * (size_t) C);
		memcpy(out->covariate_sd, fit->start->ridge->covariate_sd, sizeof(double) * (size_t) C);
		return;
	}
	for (int c = 0; c < C; c++)
	{
		double		sum = 0;
		double		squares = 0;
		double		count = 0;

		/* mean first: squares about it keep their digits */
		for (int round = 0; round < 2; round++)
		{
			for (int64_t s = 0; s < fit->panel->series; s++)
			{
				const FrnnSeriesData *data = &fit->panel->data[s];

				for (int64_t i = 0; data->covariate && i < fit->rows[s]; i++)
				{
					double		v = data->covariate[i * C + c];

					if (!isfinite(v))
						continue;
					if (round == 0)
					{
						sum += v;
						count++;
					}
					else
						squares += (v - out->covariate_mean[c]) * (v - out->covariate_mean[c]);
				}
			}
			out->covariate_mean[c] = count > 0 ? sum / count : 0;
		}
		out->covariate_sd[c] = count > 0 ? sqrt(squares / count) : 1;
		if (!(out->covariate_sd[c] > 1e-9 * fabs(out->covariate_mean[c])) || !isfinite(out->covariate_sd[c]))
			out->covariate_sd[c] = 1;
	}
}

/* series made ready with the parameters of their first fit->rows rows */
static void
prepare(Fit *fit, FrnnForecaster *out)
{
	FrnnRun		run = {.tick = tick, .arg = fit};
	const FrnnPanelData *panel = fit->panel;
	double	   *x = fit->x;
	uint8_t    *missing = fit->missing;

	measure_covariates(fit, out);
	for (int64_t s = 0; s < panel->series; s++)
	{
		const FrnnSeriesData *data = &panel->data[s];
		double	   *number = out->series_number + s * FRNN_SERIES_NUMBERS;
		double	   *profile = out->profile + s * out->profile_rows;

		frnn_prepare(fit->recipe, data, data->n, fit->rows[s], number, profile, x, missing, fit->scratch);
		fit->ready[s] = (FrnnReady) {.n = data->n, .x = x, .missing = missing, .profile = profile,
			.offset = data->offset, .clock = data->clock, .covariate = data->covariate, .covariate_rows = data->n + data->future,
			.covariate_mean = out->covariate_mean, .covariate_sd = out->covariate_sd,
			.statics = data->statics, .static_mean = out->static_mean, .static_sd = out->static_sd,
			.center = number[FRNN_N_CENTER]};
		x += data->n;
		missing += data->n;
		tick(fit);
	}
	out->sigma_median = fit->floor > 0 ? fit->floor :
		frnn_floor_sigma(out->series_number, panel->series, fit->scratch);
	for (int64_t s = 0; s < panel->series && fit->floor > 0; s++)
	{
		double	   *number = out->series_number + s * FRNN_SERIES_NUMBERS;

		number[FRNN_N_SIGMA] = frnn_sigma_floored(number[FRNN_N_SIGMA], number[FRNN_N_SPREAD], fit->floor);
	}
	for (int64_t s = 0; s < panel->series; s++)
		fit->ready[s].sigma = out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA];
	frnn_statics_fit(&fit->statics, panel, fit->ready, fit->rows, out, &run);
	for (int64_t s = 0; s < panel->series && fit->recipe->statics > 0; s++)
		fit->ready[s].static_level = out->static_level[s];
}

/* Adds the training windows of all series, every thin-th of them, to the sums of the ridge regression. */
static void
sum_ridge(Fit *fit, int64_t thin)
{
	const FrnnRecipe *recipe = fit->recipe;
	float	   *row = fit->samples.row;
	int64_t		first;
	int64_t		last;
	int64_t		done = 0;

	frnn_ridge_clear(&fit->ridge);
	for (int64_t s = 0; s < fit->panel->series; s++)
	{
		if (fit->ready[s].sigma <= 0 || !frnn_window_range(recipe, fit->rows[s], &first, &last))
			continue;
		first = last - (last - first) / thin * thin;
		if (fit->lags && frnn_lags_pay(recipe, (last - first) / thin + 1, thin))
		{
			frnn_lags_add(fit->lags, &fit->ridge, recipe, &fit->ready[s], first, (last - first) / thin + 1, thin);
			continue;
		}
		for (int64_t o = first; o <= last; o += thin)
		{
			double		level;

			frnn_window_row(recipe, &fit->ready[s], o, row, &level);
			frnn_window_target(recipe, &fit->ready[s], o, level, row + recipe->inputs, NULL);
			frnn_ridge_add(&fit->ridge, row, row + recipe->inputs);
			if (++done % 1024 == 0)
				tick(fit);
		}
	}
}

static void
solve_ridge(Fit *fit, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = fit->recipe;
	const FrnnForecaster *kept = fit->start ? fit->start->ridge : NULL;
	int64_t		windows = 0;
	int64_t		first;
	int64_t		last;
	FrnnRun		run = {.tick = tick, .arg = fit};

	if (kept)
	{
		memcpy(out->ridge_weight, kept->ridge_weight, sizeof(double) * (size_t) recipe->inputs * (size_t) recipe->block);
		memcpy(out->ridge_bias, kept->ridge_bias, sizeof(double) * (size_t) recipe->block);
		return;
	}
	for (int64_t s = 0; s < fit->panel->series; s++)
		if (fit->ready[s].sigma > 0 && frnn_window_range(recipe, fit->rows[s], &first, &last))
			windows += (last - first) / recipe->stride + 1;
	fit->ridge.run = &run;
	sum_ridge(fit, recipe->stride * (1 + (windows > 0 ? windows - 1 : 0) / FRNN_RIDGE_WINDOWS));
	frnn_ridge_solve(&fit->ridge, recipe->lambda, out->ridge_weight, out->ridge_bias);
	fit->ridge.run = NULL;
}

/* the highway begins at the ridge solution */
static void
start_at_ridge(const FrnnForecaster *out, float *params)
{
	const FrnnRecipe *recipe = &out->recipe;
	const FrnnNetwork *network = &out->network;
	int			width = frnn_loss_width(&recipe->loss);
	float	   *weight = params + network->highway_offset;
	float	   *bias = weight + (size_t) network->output_size * recipe->inputs;

	for (int o = 0; o < network->output_size; o++)
	{
		/* all quantiles begin at the line; of a distribution its location does */
		bool		line = recipe->loss.kind == FRNN_QUANTILE || o % width == 0;

		if (recipe->loss.kind == FRNN_NEGATIVE_BINOMIAL)
			line = false;
		bias[o] = line ? (float) out->ridge_bias[o / width] : 0;
		for (int i = 0; i < recipe->inputs; i++)
			weight[(size_t) o * recipe->inputs + i] = line ?
				(float) out->ridge_weight[(size_t) i * recipe->block + o / width] : 0;
	}
}

/* seconds that one more training may take, 0 without limit; false: there are none left */
static bool
time_left(Fit *fit, int to_come, double *seconds)
{
	double		left;

	*seconds = 0;
	if (fit->recipe->time_limit <= 0 || !fit->hooks || !fit->hooks->clock)
		return true;
	left = fit->recipe->time_limit - (now(fit) - fit->began);
	*seconds = fmax(left / to_come, 0.01);
	return left > 0;
}

/* the weights that the training of a member starts from */
static void
start_weights(Fit *fit, const FrnnForecaster *out, uint64_t seed, int member, float *params)
{
	const FrnnStart *start = fit->start;
	const FrnnLayer *last = &fit->network->layer[fit->network->layers - 1];
	FrnnHooks	hooks = inner_hooks(fit);
	FrnnRun		run = {hooks.tick, hooks.arg, false, 0, 0};

	if (start)
	{
		size_t		P = fit->network->parameters;

		memcpy(params, start->params + (size_t) (member % start->members) * P, sizeof(float) * P);
		return;
	}
	frnn_network_init(fit->network, seed, params, fit->init, &run);
	/* the recurrent part begins at nothing: at the line, or at the level */
	if (fit->network->highway || fit->recipe->network == FRNN_NETWORK_AUTO)
		memset(params + last->offset, 0, sizeof(float) * last->count);
	if (fit->network->highway)
		start_at_ridge(out, params);
}

/* Trains the weights of member k. */
static FrnnStatus
train(Fit *fit, int k, FrnnTask *task)
{
	FrnnSource	source = frnn_samples_source(&fit->samples);
	FrnnHooks	hooks = inner_hooks(fit);
	size_t		P = fit->network->parameters;
	size_t		arrays = (size_t) frnn_optimizer_state(&fit->training.optimizer);
	bool		keep = fit->training.keep;

	return frnn_train_resume(fit->network, &fit->training, &source, NULL, fit->weights + (size_t) k * P,
							 keep ? fit->state + (size_t) k * arrays * P : NULL, keep ? &task->place : NULL,
							 fit->train_block, &hooks, NULL, &task->trained, &task->error);
}

/* Sets the rows that count as known: all of the panel, with or without its validation rows. */
static void
set_rows(Fit *fit, bool without_validation)
{
	for (int64_t s = 0; s < fit->panel->series; s++)
	{
		FrnnValidationRows part = frnn_validation_rows(fit->recipe, fit->panel->data[s].n, fit->panel->series);

		fit->rows[s] = without_validation ? part.rows : fit->panel->data[s].n;
		fit->last[s] = part.last;
		fit->valid.first[s] = part.rows;
		fit->valid.step[s] = part.step;
	}
}

static void
begin_round(Fit *fit, FrnnForecaster *out, bool without_validation)
{
	FrnnHooks	hooks = inner_hooks(fit);
	FrnnRun		run = {.tick = hooks.tick, .arg = hooks.arg};

	set_rows(fit, without_validation);
	prepare(fit, out);
	fit->samples.network = fit->network;
	fit->samples.ready = fit->ready;
	fit->valid.network = fit->network;
	fit->valid.ready = fit->ready;
	frnn_samples_train(&fit->samples, fit->rows);
	solve_ridge(fit, out);
	frnn_error_scale_fit(&fit->errors, fit->ready, fit->panel->series, fit->rows, out, &run);
}

/* Returns the expected size of errors on the validation rows of a series, up to the step's; 0 if it has none. */
static double
validation_unit(const Fit *fit, const FrnnForecaster *f, int64_t s)
{
	const double *scale = f->error_scale + s * frnn_error_scale_columns(&f->recipe);
	FrnnValidationRows part = frnn_validation_rows(fit->recipe, fit->panel->data[s].n, fit->panel->series);
	double		sum = 0;

	if (part.step == 0)
		return 0;
	for (int64_t i = part.rows; i < fit->panel->data[s].n; i++)
		sum += frnn_error_scale(&f->recipe, scale, frnn_season_row(&fit->ready[s].clock, fit->ready[s].offset + i));
	return fit->ready[s].sigma * sum / (double) (fit->panel->data[s].n - part.rows);
}

/* the first round; out receives updates, mix, losses and the table of errors */
static FrnnStatus
validate(Fit *fit, FrnnForecaster *out, FrnnError *error)
{
	const FrnnRecipe *recipe = fit->recipe;
	FrnnHooks	hooks = inner_hooks(fit);
	FrnnSource	source;
	FrnnSource	valid;
	FrnnTraining training;
	FrnnTrained trained;
	FrnnStatus	status;
	double		time_limit;

	begin_round(fit, &fit->trial, true);
	if (fit->network->layers > 0 && fit->samples.samples > 0 && time_left(fit, recipe->ensemble + 1, &time_limit))
	{
		bool		checked = false;

		training = training_of(recipe, fit->shards, fit->samples.samples);
		training.time_limit = time_limit;
		if (recipe->looks > 0 && recipe->mode == FRNN_MODE_WINDOW)
		{
			for (int64_t s = 0; s < fit->panel->series; s++)
				if (fit->ready[s].sigma <= 0)
					fit->valid.step[s] = 0;
			/* a training target ends with the block; so must those of validation */
			frnn_samples_origins(&fit->valid, fit->last);
			fit->valid.known_origins = true;
			checked = frnn_samples_known(&fit->valid) >= 10;
		}
		valid = frnn_samples_source(&fit->valid);
		training.restore_best = checked;
		training.patience = checked ? recipe->patience : 0;
		training.min_delta = recipe->min_delta;
		fit->phase = FRNN_PHASE_VALIDATION;
		fit->member = 0;
		training.seed = recipe->seed << 8;
		start_weights(fit, &fit->trial, training.seed, 0, fit->trial.params);
		source = frnn_samples_source(&fit->samples);
		status = frnn_train(fit->network, &training, &source, checked ? &valid : NULL, fit->trial.params,
							fit->train_block, &hooks, NULL, &trained, error);
		if (status == FRNN_DIVERGED && recipe->network == FRNN_NETWORK_GIVEN)
			return status;
		if (status == FRNN_OK)
			out->updates = (checked ? trained.best_epoch : trained.epochs) * recipe->updates_per_epoch;
		fit->trial.members = status == FRNN_OK ? 1 : 0;
	}
	else
		fit->trial.members = 0;
	for (int64_t s = 0; s < fit->panel->series; s++)
		fit->unit[s] = validation_unit(fit, &fit->trial, s);
	fit->validation.ready = fit->ready;
	fit->validation.shape = fit->errors.step;
	fit->validation.trial = &fit->trial;
	frnn_validate(&fit->validation, out, &hooks);
	return FRNN_OK;
}

/* train member k in this process */
static void
train_member(void *self, int k)
{
	Fit		   *fit = self;
	FrnnTask   *task = &fit->task[k];
	FrnnHooks	hooks = inner_hooks(fit);

	task->skipped = !frnn_member_time(fit->deadline, fit->recipe->ensemble, k, fit->processes, &hooks,
									  &fit->training.time_limit) && k > 0;
	if (task->skipped)
		return;
	fit->member = k;
	fit->training.seed = task->seed;
	if (fit->recipe->stop_after == 0 || (fit->training.keep && task->place.epoch >= fit->training.epochs))
		return;
	task->status = train(fit, k, task);
}

/* Sets the weights, and where the training resumes the optimizer's state and the place, that each member starts from. */
static void
start_members(Fit *fit, FrnnForecaster *out)
{
	const FrnnForecaster *resume = fit->start ? fit->start->resume : NULL;
	size_t		P = fit->network->parameters;
	size_t		floats = P * (size_t) frnn_optimizer_state(&fit->recipe->optimizer);

	for (int k = 0; k < fit->recipe->ensemble; k++)
	{
		fit->task[k].seed = (fit->recipe->seed << 8) + 1 + (uint64_t) k;
		start_weights(fit, out, fit->task[k].seed, k, fit->weights + (size_t) k * P);
		if (!fit->training.keep)
			continue;
		if (resume)
		{
			memcpy(fit->state + (size_t) k * floats, resume->optimizer_state + (size_t) (k % resume->members) * floats,
				   sizeof(float) * floats);
			fit->task[k].place = resume->place[k % resume->members];
		}
		else
			memset(fit->state + (size_t) k * floats, 0, sizeof(float) * floats);
	}
	out->base = fit->start && fit->start->base ? fit->start->base :
		frnn_weights_checksum(fit->weights, (size_t) fit->recipe->ensemble * P);
}

/* Collects the members that were trained.  A given network that diverged is an error. */
static FrnnStatus
collect_members(const Fit *fit, FrnnForecaster *out, FrnnError *error)
{
	size_t		P = fit->network->parameters;
	size_t		floats = P * (size_t) frnn_optimizer_state(&fit->recipe->optimizer);

	for (int k = 0; k < fit->recipe->ensemble; k++)
	{
		const FrnnTask *done = &fit->task[k];

		if (done->skipped)
			continue;
		if (done->status == FRNN_OK)
		{
			int			m = out->members++;

			memmove(out->params + (size_t) m * P, fit->weights + (size_t) k * P, sizeof(float) * P);
			if (fit->training.keep)
			{
				memmove(out->optimizer_state + (size_t) m * floats, fit->state + (size_t) k * floats, sizeof(float) * floats);
				out->place[m] = done->place;
			}
		}
		else if (done->status == FRNN_DIVERGED && fit->recipe->network == FRNN_NETWORK_GIVEN)
		{
			*error = done->error;
			return done->status;
		}
	}
	return FRNN_OK;
}

/* all members, side by side where the caller's team takes the job */
static FrnnStatus
train_members(Fit *fit, FrnnForecaster *out, FrnnError *error)
{
	const FrnnRecipe *recipe = fit->recipe;
	const FrnnTeam *team = fit->hooks ? fit->hooks->team : NULL;
	FrnnSource	source = frnn_samples_source(&fit->samples);
	FrnnJob		job = {FRNN_JOB_MEMBERS, recipe->ensemble, fit->network, &fit->training, &source, fit->deadline, 1, 0, fit->shards};
	FrnnTask	task[FRNN_MAX_ENSEMBLE];
	FrnnStatus	status;
	FrnnWork	work;
	bool		shared;

	job.flops = frnn_update_flops(fit->network, fit->training.batch_size, source.max_steps) *
		fit->training.epochs * fit->training.steps_per_epoch;
	memset(task, 0, sizeof(task));
	shared = team && job.tasks > 1 && recipe->stop_after != 0 && team->begin(team->arg, &job, &work);
	fit->task = shared ? work.task : task;
	fit->weights = shared ? work.params : out->params;
	fit->state = shared ? work.state : out->optimizer_state;
	fit->processes = shared ? work.head->processes : 1;
	start_members(fit, out);
	if (shared)
		team->run(team->arg, train_member, fit);
	else
		for (int k = 0; k < job.tasks; k++)
			train_member(fit, k);
	status = collect_members(fit, out, error);
	fit->task = NULL;			/* on this stack, or in the block that ends here */
	if (shared)
		team->end(team->arg);
	return status;
}

/* Carries the validation errors from the trial's units to those of the final fit. */
static void
carry_units(const Fit *fit, FrnnForecaster *out)
{
	double		sum = 0;
	double		count = 0;

	for (int64_t s = 0; s < fit->panel->series; s++)
	{
		double		unit = fit->unit[s] > 0 ? validation_unit(fit, out, s) : 0;

		if (!(unit > 0))
			continue;
		sum += frnn_log(fit->unit[s] / unit);
		count++;
	}
	for (int k = 0; count > 0 && k < fit->recipe->horizon; k++)
		out->step_scale[k] *= frnn_exp(sum / count);
}

/* A regression with a coefficient per window leaves no residual: normal errors of the last value's size stand in. */
static void
naive_residuals(Fit *fit)
{
	FrnnErrorScale *errors = &fit->errors;

	for (int k = 0; k < fit->recipe->block; k++)
		errors->step[k] = fmax(errors->step[k], errors->change * sqrt(k + 1.0));
	errors->residuals = NAIVE_RESIDUALS;
	for (int i = 0; i < NAIVE_RESIDUALS; i++)
	{
		errors->residual[i] = frnn_normal_quantile((i + 0.5) / NAIVE_RESIDUALS) * sqrt(M_PI / 2);
		errors->recent[i] = 1;
	}
}

/* Intervals from residuals on training rows, for a panel that has no validation errors. */
static void
residual_intervals(Fit *fit, FrnnForecaster *out)
{
	double		rows = 0;

	for (int64_t s = 0; s < fit->panel->series; s++)
		rows += (double) fit->rows[s];
	if (fit->errors.windows <= fit->recipe->inputs)
		naive_residuals(fit);
	frnn_conformal_residuals(fit->errors.residual, fit->errors.recent, fit->errors.residuals, fmin(rows / fit->recipe->block, RESIDUAL_ERRORS),
							 fit->errors.step, fit->errors.scratch, out);
}

/* the second round: K members on all rows */
static FrnnStatus
refit(Fit *fit, FrnnForecaster *out, FrnnError *error)
{
	const FrnnRecipe *recipe = fit->recipe;
	FrnnStatus	status;

	begin_round(fit, out, false);
	if (out->conformal_levels == 0)
		residual_intervals(fit, out);
	else if (!(fit->start && fit->start->resume))
		carry_units(fit, out);
	out->members = 0;
	if (fit->network->layers == 0 || fit->samples.samples == 0 || out->mix <= 0)
	{
		out->mix = 0;
		return FRNN_OK;
	}
	fit->training = training_of(recipe, fit->shards, fit->samples.samples);
	fit->training.keep = recipe->keep_optimizer;
	fit->training.stop_after = recipe->stop_after > 0 ? recipe->stop_after : 0;
	fit->training.epochs = out->updates / recipe->updates_per_epoch;
	if (fit->training.epochs < 1)
		fit->training.epochs = 1;
	if (recipe->time_limit > 0 && fit->hooks && fit->hooks->clock)
		fit->deadline = fit->began + recipe->time_limit;
	fit->phase = FRNN_PHASE_REFIT;
	status = train_members(fit, out, error);
	/* the line stands where no member could be trained */
	if (out->members == 0)
		out->mix = 0;
	return status;
}

/* Takes what the validation rows chose in the training that is resumed, whose rows this one may have seen. */
static void
take_validation(const FrnnForecaster *resume, FrnnForecaster *out)
{
	/* another plan, if one was given */
	if (out->recipe.looks_epochs == resume->recipe.looks_epochs && out->recipe.updates_per_epoch == resume->recipe.updates_per_epoch)
		out->updates = resume->updates;
	out->mix = resume->mix;
	out->naive_last = resume->naive_last;
	out->naive_season = resume->naive_season;
	out->naive_period = resume->naive_period;
	memcpy(out->validation_error, resume->validation_error, sizeof(out->validation_error));
	out->validation_origins = resume->validation_origins;
	if (resume->conformal_levels == 0 || resume->validation_origins == 0)
		return;
	out->conformal_levels = resume->conformal_levels;
	out->conformal_count = resume->conformal_count;
	out->conformal_independent = resume->conformal_independent;
	out->conformal_top = resume->conformal_top;
	out->conformal_power = resume->conformal_power;
	out->conformal_tail = resume->conformal_tail;
	memcpy(out->step_scale, resume->step_scale, sizeof(double) * (size_t) out->recipe.horizon);
	memcpy(out->conformal, resume->conformal, sizeof(double) * 2 * FRNN_CONFORMAL_LEVELS);
}

FrnnStatus
frnn_fit(const FrnnPanelData *panel, FrnnForecaster *forecaster, const FrnnStart *start,
		 void *block, const FrnnFitHooks *hooks, FrnnError *error)
{
	Fit			fit = {.panel = panel, .recipe = &forecaster->recipe, .network = &forecaster->network, .hooks = hooks,
		.start = start};
	FrnnRun		run = {.tick = tick, .arg = &fit};
	FrnnArena	arena = frnn_arena(block);
	FrnnStatus	status = walk(&fit, &arena, error);
	const FrnnRecipe *recipe = fit.recipe;

	if (status != FRNN_OK)
		return status;
	fit.began = now(&fit);
	forecaster->updates = recipe->updates;
	forecaster->naive_last = forecaster->naive_season = 0;
	forecaster->naive_period = 0;
	forecaster->level_share = forecaster->level_alpha = 0;
	forecaster->mix = fit.network->layers == 0 ? 0 : recipe->mix >= 0 ? recipe->mix :
		recipe->mode == FRNN_MODE_WINDOW ? 1 : 0.5;
	if (start && start->resume)
		take_validation(start->resume, forecaster);
	else if (recipe->validation >= 1)
	{
		status = validate(&fit, forecaster, error);
		if (status != FRNN_OK)
			return status;
		if (fit.validation.origins == 0 && fit.network->layers > 0)
			forecaster->mix = recipe->mix >= 0 ? recipe->mix : recipe->mode == FRNN_MODE_WINDOW ? 1 : 0.5;
	}
	status = refit(&fit, forecaster, error);
	if (status == FRNN_OK)
		frnn_forecaster_compact(forecaster, &run);
	return status;
}

/* ---- sums for one ridge regression of several panels ---- */

static Fit
sums_of(const FrnnPanelData *panel, const FrnnForecaster *model, const FrnnStart *start, const FrnnNetwork *none)
{
	return (Fit) {.panel = panel, .recipe = &model->recipe, .network = none, .start = start, .floor = model->sigma_median};
}

FrnnStatus
frnn_ridge_sums_size(const FrnnPanelData *panel, const FrnnForecaster *model, size_t *bytes, FrnnError *error)
{
	FrnnNetwork none = {.layers = 0};

	return frnn_fit_size(panel, &model->recipe, &none, bytes, error);
}

FrnnStatus
frnn_ridge_sums(const FrnnPanelData *panel, const FrnnForecaster *model, void *block, const FrnnFitHooks *hooks,
				FrnnRidge *sums, FrnnError *error)
{
	FrnnNetwork none = {.layers = 0};
	FrnnStart	start = {.ridge = model};
	Fit			fit = sums_of(panel, model, &start, &none);
	FrnnArena	arena = frnn_arena(block);
	FrnnRun		run = {.tick = tick, .arg = &fit};
	FrnnStatus	status = walk(&fit, &arena, error);

	if (status != FRNN_OK)
		return status;
	fit.hooks = hooks;
	set_rows(&fit, false);
	prepare(&fit, &fit.trial);
	fit.ridge.run = &run;
	sum_ridge(&fit, model->recipe.stride);
	frnn_ridge_flush(&fit.ridge);
	fit.ridge.run = NULL;
	*sums = fit.ridge;
	return FRNN_OK;
}

void
frnn_ridge_set(FrnnForecaster *model, FrnnRidge *sums)
{
	frnn_ridge_solve(sums, model->recipe.lambda, model->ridge_weight, model->ridge_bias);
	if (!model->network.highway || !model->recipe.keep_optimizer)
		return;
	for (int k = 0; k < model->members; k++)
		if (model->place[k].update > 0)
			return;
	for (int k = 0; k < model->members; k++)
		start_at_ridge(model, model->params + (size_t) k * model->network.parameters);
	model->base = frnn_weights_checksum(model->params, (size_t) model->members * model->network.parameters);
}
