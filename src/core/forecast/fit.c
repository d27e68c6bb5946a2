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
#include "core/forecast/compact.h"
#include "core/forecast/conformal.h"
#include "core/forecast/fit_work.h"
#include "core/forecast/season.h"

#define NAIVE_RESIDUALS	200
#define RESIDUAL_ERRORS	10		/* independent errors that residuals on training rows count as, at most */
void
frnn_fit_tick(void *arg)
{
	const FrnnFit *fit = arg;

	if (fit->hooks && fit->hooks->tick)
		fit->hooks->tick(fit->hooks->arg);
}

static void
epoch_done(void *arg, const FrnnEpoch *epoch)
{
	const FrnnFit *fit = arg;

	if (fit->hooks && fit->hooks->epoch)
		fit->hooks->epoch(fit->hooks->arg, fit->phase, fit->member, epoch);
}

double
frnn_fit_now(void *arg)
{
	const FrnnFit *fit = arg;

	return fit->hooks && fit->hooks->clock ? fit->hooks->clock(fit->hooks->arg) : 0;
}

FrnnHooks
frnn_fit_hooks(FrnnFit *fit)
{
	return (FrnnHooks) {frnn_fit_tick, epoch_done, frnn_fit_now, fit, fit->hooks ? fit->hooks->team : NULL};
}

/* Fills the weights of each series' autoregression, if the recipe has lags for them. */
static void
fit_autoregressions(FrnnFit *fit, FrnnForecaster *out)
{
	FrnnRun		run = {.tick = frnn_fit_tick, .arg = fit};
	int			columns = frnn_ar_columns(fit->recipe);

	for (int64_t s = 0; s < fit->panel->series && columns > 0; s++)
	{
		frnn_ar_fit(&fit->ar, fit->recipe, &fit->ready[s], fit->rows[s], &run, out->ar_weight + s * columns);
		frnn_tick(&run);
	}
}

static void
begin_round(FrnnFit *fit, FrnnForecaster *out, bool without_validation)
{
	FrnnHooks	hooks = frnn_fit_hooks(fit);
	FrnnRun		run = {.tick = hooks.tick, .arg = hooks.arg};

	frnn_fit_rows(fit, without_validation);
	frnn_fit_prepare(fit, out);
	fit->samples.network = fit->network;
	fit->samples.ready = fit->ready;
	fit->valid.network = fit->network;
	fit->valid.ready = fit->ready;
	frnn_samples_train(&fit->samples, fit->rows);
	frnn_fit_ridge(fit, out);
	fit_autoregressions(fit, out);
	/* validation errors are in units of the trial's powers */
	frnn_error_scale_fit(&fit->errors, fit->ready, fit->panel->series, fit->rows, without_validation || out->conformal_levels == 0,
						 out, &run);
}

/* Returns the expected size of errors on the validation rows of a series, up to the step's; 0 if it has none. */
static double
validation_unit(const FrnnFit *fit, const FrnnForecaster *f, int64_t s)
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

/* seconds that one more training may take, 0 without limit; false: there are none left */
static bool
time_left(FrnnFit *fit, int to_come, double *seconds)
{
	double		left;

	*seconds = 0;
	if (fit->recipe->time_limit <= 0 || !fit->hooks || !fit->hooks->clock)
		return true;
	left = fit->recipe->time_limit - (frnn_fit_now(fit) - fit->began);
	*seconds = fmax(left / to_come, 0.01);
	return left > 0;
}

/*
 * A regression with a coefficient per window leaves no residual: errors of the last value on the training rows stand in,
 * which grow with the steps ahead as the changes of the rows do.
 */
static void
naive_shape(FrnnFit *fit)
{
	FrnnErrorScale *errors = &fit->errors;

	for (int k = 0; k < fit->recipe->block; k++)
		errors->step[k] = fmax(errors->step[k], errors->change * frnn_pow(k + 1.0, errors->growth));
}

/* The same, with the distribution of a normal one. */
static void
naive_residuals(FrnnFit *fit)
{
	FrnnErrorScale *errors = &fit->errors;

	naive_shape(fit);
	errors->residuals = NAIVE_RESIDUALS;
	for (int i = 0; i < NAIVE_RESIDUALS; i++)
	{
		errors->residual[i] = frnn_normal_quantile((i + 0.5) / NAIVE_RESIDUALS) * sqrt(M_PI / 2);
		errors->recent[i] = 1;
	}
}

/* the first round; out receives updates, mix, losses and the table of errors */
static FrnnStatus
validate(FrnnFit *fit, FrnnForecaster *out, FrnnError *error)
{
	const FrnnRecipe *recipe = fit->recipe;
	FrnnHooks	hooks = frnn_fit_hooks(fit);
	FrnnSource	source;
	FrnnSource	valid;
	FrnnTraining training;
	FrnnTrained trained;
	FrnnStatus	status;
	double		time_limit;

	begin_round(fit, &fit->trial, true);
	if (fit->errors.windows <= recipe->inputs)
		naive_shape(fit);
	if (fit->network->layers > 0 && fit->samples.samples > 0 && time_left(fit, recipe->ensemble + 1, &time_limit))
	{
		bool		checked = false;

		training = frnn_fit_training(recipe, fit->shards, fit->samples.samples);
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
		frnn_fit_start_weights(fit, &fit->trial, training.seed, 0, fit->trial.params);
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

/* Carries the validation errors from the trial's units to those of the final fit. */
static void
carry_units(const FrnnFit *fit, FrnnForecaster *out)
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

/* Intervals from residuals on training rows, for a panel that has no validation errors. */
static void
residual_intervals(FrnnFit *fit, FrnnForecaster *out)
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
refit(FrnnFit *fit, FrnnForecaster *out, FrnnError *error)
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
	fit->training = frnn_fit_training(recipe, fit->shards, fit->samples.samples);
	fit->training.keep = recipe->keep_optimizer;
	fit->training.stop_after = recipe->stop_after > 0 ? recipe->stop_after : 0;
	fit->training.epochs = out->updates / recipe->updates_per_epoch;
	if (fit->training.epochs < 1)
		fit->training.epochs = 1;
	if (recipe->time_limit > 0 && fit->hooks && fit->hooks->clock)
		fit->deadline = fit->began + recipe->time_limit;
	fit->phase = FRNN_PHASE_REFIT;
	status = frnn_fit_members(fit, out, error);
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
	out->level_share = resume->level_share;
	out->level_alpha = resume->level_alpha;
	out->ar_share = resume->ar_share;
	memcpy(out->validation_error, resume->validation_error, sizeof(out->validation_error));
	out->validation_origins = resume->validation_origins;
	if (resume->conformal_levels == 0 || resume->validation_origins == 0)
		return;
	out->conformal_levels = resume->conformal_levels;
	out->conformal_count = resume->conformal_count;
	out->conformal_independent = resume->conformal_independent;
	out->conformal_top = resume->conformal_top;
	out->conformal_power = resume->conformal_power;
	out->spread_power = resume->spread_power;
	out->ridge_usual = resume->ridge_usual;
	out->conformal_tail = resume->conformal_tail;
	memcpy(out->step_scale, resume->step_scale, sizeof(double) * (size_t) out->recipe.horizon);
	memcpy(out->conformal, resume->conformal, sizeof(double) * 2 * FRNN_CONFORMAL_LEVELS);
}

FrnnStatus
frnn_fit(const FrnnPanelData *panel, FrnnForecaster *forecaster, const FrnnStart *start,
		 void *block, const FrnnFitHooks *hooks, FrnnError *error)
{
	FrnnFit		fit = {.panel = panel, .recipe = &forecaster->recipe, .network = &forecaster->network, .hooks = hooks,
		.start = start};
	FrnnRun		run = {.tick = frnn_fit_tick, .arg = &fit};
	FrnnArena	arena = frnn_arena(block);
	FrnnStatus	status = frnn_fit_layout(&fit, &arena, error);
	const FrnnRecipe *recipe = fit.recipe;

	if (status != FRNN_OK)
		return status;
	fit.began = frnn_fit_now(&fit);
	forecaster->updates = recipe->updates;
	forecaster->naive_last = forecaster->naive_season = 0;
	forecaster->naive_period = 0;
	forecaster->level_share = forecaster->level_alpha = forecaster->ar_share = 0;
	forecaster->ridge_usual = 0;
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
	/* what has no share need not be kept */
	if (forecaster->ar_share == 0)
		forecaster->recipe.lags = 0;
	status = refit(&fit, forecaster, error);
	if (status == FRNN_OK)
		frnn_forecaster_compact(forecaster, &run);
	return status;
}
