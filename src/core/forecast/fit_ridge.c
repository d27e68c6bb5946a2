/*
 * fit_ridge.c
 *	  Series made ready for a round of fitting, and ridge regression over their windows:
 *	  of one panel, or sums of several panels for one regression.
 */
#include <math.h>
#include <string.h>

#include "core/base/moments.h"
#include "core/forecast/average.h"
#include "core/forecast/fit_work.h"
#include "core/forecast/scale.h"

#define FEW_WINDOWS		2		/* windows per input below which the penalty is chosen */
#define FEW_INPUTS		256		/* most inputs of such a regression, which is solved again for each penalty */
#define PENALTIES		5		/* each ten times the one before */
#define FREEDOM_COUNTS	1.4		/* how much a degree of freedom counts: windows overlap (Wood 2006, gamma) */

/* mean and spread of each covariate over the rows that count as known */
static void
measure_covariates(const FrnnFit *fit, FrnnForecaster *out)
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
		FrnnMoments moments = {0};

		for (int round = 0; round < 2; round++)
		{
			for (int64_t s = 0; s < fit->panel->series; s++)
			{
				const FrnnSeriesData *data = &fit->panel->data[s];

				for (int64_t i = 0; data->covariate && i < fit->rows[s]; i++)
					frnn_moments_add(&moments, data->covariate[i * C + c]);
			}
			if (round == 0)
				frnn_moments_center(&moments);
		}
		out->covariate_mean[c] = moments.mean;
		out->covariate_sd[c] = frnn_moments_sd(&moments);
	}
}

/* series made ready with the parameters of their first fit->rows rows */
void
frnn_fit_prepare(FrnnFit *fit, FrnnForecaster *out)
{
	FrnnRun		run = {.tick = frnn_fit_tick, .arg = fit};
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
		fit->ready[s] = (FrnnReady) {.n = data->n, .x = x, .missing = missing,
			.complete = !memchr(missing, 1, (size_t) data->n), .profile = profile,
			.offset = data->offset, .clock = data->clock, .covariate = data->covariate, .covariate_rows = data->n + data->future,
			.covariate_mean = out->covariate_mean, .covariate_sd = out->covariate_sd,
			.statics = data->statics, .static_mean = out->static_mean, .static_sd = out->static_sd,
			.center = number[FRNN_N_CENTER], .sparse = number[FRNN_N_KNOWN] * 2 < (double) fit->rows[s]};
		x += data->n;
		missing += data->n;
		frnn_fit_tick(fit);
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
	if (fit->start && fit->start->ridge)
		frnn_statics_keep(fit->start->ridge, fit->start->known, panel, out);
	else
		frnn_statics_fit(&fit->statics, panel, fit->ready, fit->rows, out, &run);
	for (int64_t s = 0; s < panel->series && fit->recipe->statics > 0; s++)
		fit->ready[s].static_level = out->static_level[s];
}

/* Sets the rows that count as known: all of the panel, with or without its validation rows. */
void
frnn_fit_rows(FrnnFit *fit, bool without_validation)
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

/* Adds the training windows of all series, every thin-th of them, to the sums of the ridge regression. */
static void
sum_ridge(FrnnFit *fit, int64_t thin)
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
				frnn_fit_tick(fit);
		}
	}
}

/* Returns the sum of squared residuals of the regression on the windows that it is fitted to. */
static double
ridge_residuals(FrnnFit *fit, const FrnnForecaster *out)
{
	const FrnnRecipe *recipe = fit->recipe;
	float	   *row = fit->samples.row;
	double		sum = 0;
	int64_t		first;
	int64_t		last;

	for (int64_t s = 0; s < fit->panel->series; s++)
	{
		if (fit->ready[s].sigma <= 0 || !frnn_window_range(recipe, fit->rows[s], &first, &last))
			continue;
		first = last - (last - first) / recipe->stride * recipe->stride;
		for (int64_t o = first; o <= last; o += recipe->stride)
		{
			double		level;

			frnn_window_row(recipe, &fit->ready[s], o, row, &level);
			frnn_window_target(recipe, &fit->ready[s], o, level, row + recipe->inputs, NULL);
			for (int k = 0; k < recipe->block; k++)
			{
				double		e = row[recipe->inputs + k] - out->ridge_bias[k];

				for (int i = 0; i < recipe->inputs; i++)
					e -= row[i] * out->ridge_weight[(size_t) i * recipe->block + k];
				sum += e * e;
			}
		}
	}
	return sum;
}

/*
 * Fits the regression where windows are few for its inputs: of penalties ten times apart, the one with the least error
 * by generalized cross-validation (Golub, Heath and Wahba 1979), n RSS / (n - freedom)^2.
 */
static void
fit_few(FrnnFit *fit, FrnnForecaster *out)
{
	double		best = INFINITY;
	double		lambda = fit->recipe->lambda;
	double		chosen = lambda;

	for (int i = 0; i <= PENALTIES; i++, lambda *= 10)
	{
		double		rest;
		double		error;

		if (i == PENALTIES)
			lambda = chosen;
		sum_ridge(fit, fit->recipe->stride);
		frnn_ridge_solve(&fit->ridge, lambda, out->ridge_weight, out->ridge_bias);
		if (i == PENALTIES)
			return;
		rest = fit->ridge.rows - 1 - FREEDOM_COUNTS * frnn_ridge_freedom(&fit->ridge);
		error = ridge_residuals(fit, out) / (rest * rest);
		if (rest > 0 && error < best)
		{
			best = error;
			chosen = lambda;
		}
		frnn_fit_tick(fit);
	}
}

void
frnn_fit_ridge(FrnnFit *fit, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = fit->recipe;
	const FrnnForecaster *kept = fit->start ? fit->start->ridge : NULL;
	int64_t		windows = 0;
	int64_t		all = 0;
	int64_t		first;
	int64_t		last;
	FrnnRun		run = {.tick = frnn_fit_tick, .arg = fit};

	if (kept)
	{
		memcpy(out->ridge_weight, kept->ridge_weight, sizeof(double) * (size_t) recipe->inputs * (size_t) recipe->block);
		memcpy(out->ridge_bias, kept->ridge_bias, sizeof(double) * (size_t) recipe->block);
		return;
	}
	for (int64_t s = 0; s < fit->panel->series; s++)
	{
		if (fit->ready[s].sigma > 0 && frnn_window_range(recipe, fit->rows[s], &first, &last))
			windows += (last - first) / recipe->stride + 1;
		if (fit->ready[s].sigma > 0 && frnn_window_range(recipe, fit->panel->data[s].n, &first, &last))
			all += (last - first) / recipe->stride + 1;
	}
	fit->ridge.run = &run;
	/* the trial without the validation rows follows the final fit */
	if (all < FEW_WINDOWS * recipe->inputs && recipe->inputs <= FEW_INPUTS)
	{
		fit_few(fit, out);
		fit->ridge.run = NULL;
		return;
	}
	sum_ridge(fit, recipe->stride * (1 + (windows > 0 ? windows - 1 : 0) / FRNN_RIDGE_WINDOWS));
	frnn_ridge_solve(&fit->ridge, recipe->lambda, out->ridge_weight, out->ridge_bias);
	fit->ridge.run = NULL;
}

/* the highway begins at the ridge solution */
void
frnn_start_at_ridge(const FrnnForecaster *out, float *params)
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

/* ---- sums for one ridge regression of several panels ---- */

static FrnnFit
sums_of(const FrnnPanelData *panel, const FrnnForecaster *model, const FrnnStart *start, const FrnnNetwork *none)
{
	return (FrnnFit) {.panel = panel, .recipe = &model->recipe, .network = none, .start = start, .floor = model->sigma_median};
}

FrnnStatus
frnn_ridge_sums_size(const FrnnPanelData *panel, const FrnnForecaster *model, size_t *bytes, FrnnError *error)
{
	FrnnNetwork none = {.layers = 0};

	return frnn_fit_size(panel, &model->recipe, &none, bytes, error);
}

FrnnStatus
frnn_ridge_sums(const FrnnPanelData *panel, const FrnnForecaster *model, const int64_t *known, void *block,
				const FrnnFitHooks *hooks, FrnnRidge *sums, FrnnError *error)
{
	FrnnNetwork none = {.layers = 0};
	FrnnStart	start = {.ridge = model, .known = known};
	FrnnFit		fit = sums_of(panel, model, &start, &none);
	FrnnArena	arena = frnn_arena(block);
	FrnnRun		run = {.tick = frnn_fit_tick, .arg = &fit};
	FrnnStatus	status = frnn_fit_layout(&fit, &arena, error);

	if (status != FRNN_OK)
		return status;
	fit.hooks = hooks;
	frnn_fit_rows(&fit, false);
	frnn_fit_prepare(&fit, &fit.trial);
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
		frnn_start_at_ridge(model, model->params + (size_t) k * model->network.parameters);
	model->base = frnn_weights_checksum(model->params, (size_t) model->members * model->network.parameters);
}
