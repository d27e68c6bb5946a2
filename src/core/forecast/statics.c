/*
 * statics.c
 *	  Static covariates: their scales, and the levels that follow from them.
 *
 * With X the standardized covariates of the series and y their mean levels, the
 * level is w'x + mean(y), w = (X'X + PENALTY)^-1 X'(y - mean(y)).  Left out of
 * the regression, series s has the level y_s - e_s / (1 - h_s), with its
 * residual e_s and leverage h_s = 1/S + x_s'(X'X + PENALTY)^-1 x_s (Allen 1974).
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/moments.h"
#include "core/forecast/statics.h"
#include "core/kernel/product.h"

#define PENALTY		1.0			/* of standardized covariates: what one series counts */

void
frnn_statics_layout(FrnnStatics *work, FrnnArena *arena, int64_t series, int statics)
{
	size_t		p = (size_t) statics;

	memset(work, 0, sizeof(*work));
	if (statics == 0)
		return;
	work->level = FRNN_TAKE(arena, double, series);
	work->used = FRNN_TAKE(arena, uint8_t, series);
	work->product = FRNN_TAKE(arena, double, p * p);
	work->inverse = FRNN_TAKE(arena, double, p * p);
	work->row = FRNN_TAKE(arena, double, p);
	work->sum = FRNN_TAKE(arena, double, p);
	work->scratch = FRNN_TAKE(arena, double, FRNN_PRODUCT_SCRATCH);
}

double
frnn_static(const double *statics, const double *mean, const double *sd, int c)
{
	return statics && isfinite(statics[c]) ? (statics[c] - mean[c]) / sd[c] : 0;
}

/* Transforms that divide by a series' own unit take its logarithm off the level; with it, levels of series compare. */
static double
unit_level(const FrnnRecipe *recipe, double unit)
{
	return recipe->transform == FRNN_TRANSFORM_LOG1P || recipe->transform == FRNN_TRANSFORM_ASINH ? frnn_log(unit) : 0;
}

/* mean and spread of each covariate over the series; unknown ones do not count */
static void
measure_scales(const FrnnPanelData *panel, FrnnForecaster *out)
{
	for (int c = 0; c < panel->statics; c++)
	{
		FrnnMoments moments = {0};

		for (int round = 0; round < 2; round++)
		{
			for (int64_t s = 0; s < panel->series; s++)
				frnn_moments_add(&moments, panel->data[s].statics ? panel->data[s].statics[c] : NAN);
			if (round == 0)
				frnn_moments_center(&moments);
		}
		out->static_mean[c] = moments.mean;
		out->static_sd[c] = frnn_moments_sd(&moments);
	}
}

/* Fills work->level and used; returns the number of series with a level. */
static double
measure_levels(FrnnStatics *work, const FrnnPanelData *panel, const FrnnReady *ready, const int64_t *rows,
			   const FrnnForecaster *out, const FrnnRun *run)
{
	double		used = 0;

	for (int64_t s = 0; s < panel->series; s++)
	{
		double		status = out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_STATUS];
		double		sum = 0;

		for (int64_t i = 0; i < rows[s]; i++)
			sum += ready[s].x[i];
		work->level[s] = rows[s] > 0 ? sum / (double) rows[s] +
			unit_level(&out->recipe, out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_UNIT]) : 0;
		work->used[s] = rows[s] > 0 && status != FRNN_SERIES_EMPTY && status != FRNN_SERIES_NOT_FINITE &&
			isfinite(work->level[s]);
		used += work->used[s];
		frnn_tick(run);
	}
	return used;
}

static void
fill_row(const FrnnPanelData *panel, const FrnnForecaster *out, int64_t s, double *row)
{
	for (int c = 0; c < panel->statics; c++)
		row[c] = frnn_static(panel->data[s].statics, out->static_mean, out->static_sd, c);
}

/* Solves the regression; out->static_weight receives w and mean(y), work->inverse the inverse.  Returns false if it cannot. */
static bool
solve(FrnnStatics *work, const FrnnPanelData *panel, double mean, FrnnForecaster *out, const FrnnRun *run)
{
	size_t		p = (size_t) panel->statics;

	memset(work->product, 0, sizeof(double) * p * p);
	memset(work->inverse, 0, sizeof(double) * p * p);
	memset(work->sum, 0, sizeof(double) * p);
	for (size_t c = 0; c < p; c++)
	{
		work->product[c * p + c] = PENALTY;
		work->inverse[c * p + c] = 1;
	}
	for (int64_t s = 0; s < panel->series; s++)
	{
		if (!work->used[s])
			continue;
		fill_row(panel, out, s, work->row);
		for (size_t c = 0; c < p; c++)
		{
			frnn_add_scaled(p - c, work->row[c], work->row + c, work->product + c * p + c);
			work->sum[c] += work->row[c] * (work->level[s] - mean);
		}
		frnn_tick(run);
	}
	if (!frnn_solve_positive(run, p, p, work->product, work->inverse, work->scratch))
		return false;
	for (size_t c = 0; c < p; c++)
	{
		double		w = 0;

		for (size_t k = 0; k < p; k++)
			w += work->inverse[c * p + k] * work->sum[k];
		if (!isfinite(w))
			return false;
		out->static_weight[c] = w;
	}
	return true;
}

/* Returns the level of a series by the others. */
static double
level_left_out(const FrnnStatics *work, const FrnnForecaster *out, int64_t s, int statics, double used)
{
	double		fitted = out->static_weight[statics];
	double		leverage = 1 / used;

	for (int c = 0; c < statics; c++)
	{
		double		sum = 0;

		for (int k = 0; k < statics; k++)
			sum += work->inverse[c * statics + k] * work->row[k];
		fitted += out->static_weight[c] * work->row[c];
		leverage += work->row[c] * sum;
	}
	if (!work->used[s] || !(leverage < 0.999))
		return fitted;
	return work->level[s] - (work->level[s] - fitted) / (1 - leverage);
}

void
frnn_statics_fit(FrnnStatics *work, const FrnnPanelData *panel, const FrnnReady *ready, const int64_t *rows,
				 FrnnForecaster *out, const FrnnRun *run)
{
	double		used;
	double		mean = 0;

	if (panel->statics == 0)
		return;
	measure_scales(panel, out);
	used = measure_levels(work, panel, ready, rows, out, run);
	for (int64_t s = 0; s < panel->series && used > 0; s++)
		mean += work->used[s] ? work->level[s] / used : 0;
	memset(out->static_weight, 0, sizeof(double) * (size_t) panel->statics);
	out->static_weight[panel->statics] = mean;
	if (used < 2 || !solve(work, panel, mean, out, run))
	{
		memset(out->static_weight, 0, sizeof(double) * (size_t) panel->statics);
		for (int64_t s = 0; s < panel->series; s++)
			out->static_level[s] = mean - unit_level(&out->recipe, out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_UNIT]);
		return;
	}
	for (int64_t s = 0; s < panel->series; s++)
	{
		fill_row(panel, out, s, work->row);
		out->static_level[s] = level_left_out(work, out, s, panel->statics, used);
		if (!isfinite(out->static_level[s]))
			out->static_level[s] = mean;
		out->static_level[s] -= unit_level(&out->recipe, out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_UNIT]);
		frnn_tick(run);
	}
}

void
frnn_statics_keep(const FrnnForecaster *kept, const int64_t *known, const FrnnPanelData *panel, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = &kept->recipe;
	size_t		p = (size_t) panel->statics;

	if (p == 0)
		return;
	memcpy(out->static_mean, kept->static_mean, sizeof(double) * p);
	memcpy(out->static_sd, kept->static_sd, sizeof(double) * p);
	memcpy(out->static_weight, kept->static_weight, sizeof(double) * (p + 1));
	for (int64_t s = 0; s < panel->series; s++)
	{
		double		unit = out->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_UNIT];
		int64_t		index = known ? known[s] : -1;

		out->static_level[s] = frnn_statics_level(kept, index, panel->data[s].statics, unit);
		/* the model has the level less the unit of its own rows */
		if (index >= 0 && index < kept->series)
			out->static_level[s] += unit_level(recipe, kept->series_number[index * FRNN_SERIES_NUMBERS + FRNN_N_UNIT]) -
				unit_level(recipe, unit);
	}
}

double
frnn_statics_level(const FrnnForecaster *forecaster, int64_t index, const double *statics, double unit)
{
	int			count = forecaster->recipe.statics;
	double		level;

	if (count == 0)
		return 0;
	if (index >= 0 && index < forecaster->series)
		return forecaster->static_level[index];
	level = forecaster->static_weight[count];
	for (int c = 0; c < count; c++)
		level += forecaster->static_weight[c] * frnn_static(statics, forecaster->static_mean, forecaster->static_sd, c);
	return level - unit_level(&forecaster->recipe, unit);
}
