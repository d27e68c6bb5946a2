/*
 * error_scale_spread.c
 *	  Usual spreads of the series of a panel and the power of the recent spread, from residuals.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/error_scale_work.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/season.h"
#include "core/forecast/window_source.h"

/* Adds the residuals of a series, by its scale and phases, to *choice. */
static void
add_residuals(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, const double *scale, int64_t rows,
			  int64_t stride, const FrnnRun *run, FrnnSpreadChoice *choice)
{
	const FrnnRecipe *recipe = &f->recipe;
	int			phases = frnn_spread_phases(recipe);
	int64_t		first;
	int64_t		last;

	if (!frnn_window_range(recipe, rows, &first, &last))
		return;
	for (int64_t o = last; o >= first; o -= stride)
	{
		frnn_residuals_at(work, f, ready, o);
		frnn_error_spread(recipe, scale, 1, ready->x + o, frnn_missing_before(ready, o), o, ready->sigma, work->spread);
		for (int k = 0; k < recipe->block; k++)
		{
			int64_t		row = frnn_season_row(&ready->clock, ready->offset + o + k);

			if (isfinite(work->predicted[k]))
				frnn_spread_add(choice, frnn_phase(row, phases) / frnn_phase_bin_width(phases),
								work->predicted[k] / work->step[k] / frnn_error_scale(recipe, scale, row), work->spread[k % phases]);
		}
		if ((last - o) / stride % FRNN_TICK_ORIGINS == 0)
			frnn_tick(run);
	}
	frnn_spread_next(choice);
}

void
frnn_usual_spreads(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series, const int64_t *rows,
				   int64_t every, const FrnnRun *run)
{
	for (int64_t s = 0; s < series; s++)
	{
		out->error_scale[s * frnn_error_scale_columns(&out->recipe) + 2] =
			every > 0 && s % every == 0 ? frnn_usual_spread(&out->recipe, &ready[s], rows[s], work->spread) : 0;
		frnn_tick(run);
	}
}

void
frnn_choose_spread(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series, const int64_t *rows,
				   int64_t stride, const double *least, const FrnnRun *run)
{
	const FrnnRecipe *recipe = &out->recipe;
	int			columns = frnn_error_scale_columns(recipe);
	int			longest = recipe->periods > 0 ? recipe->period[recipe->periods - 1] : 0;
	FrnnSpreadChoice choice;
	FrnnPhaseSpread sum[FRNN_MAX_PERIODS] = {{0}};

	memset(&choice, 0, sizeof(choice));
	for (int64_t s = 0; s < series; s += 1 + (series - 1) / FRNN_PANEL_SERIES)
	{
		double	   *factor = out->error_scale + s * columns;
		double		mean;

		if (!(factor[2] > 0) || rows[s] < 2 * longest)
			continue;
		factor[0] = 1;
		mean = frnn_series_residuals(work, out, &ready[s], factor, rows[s], stride, run);
		for (int c = FRNN_ERROR_COLUMNS; c < columns; c++)
			factor[c] = 1;
		frnn_phase_factors(work, recipe, &ready[s], rows[s], series == 1, mean, least, sum, factor + FRNN_ERROR_COLUMNS);
		add_residuals(work, out, &ready[s], factor, rows[s], stride, run, &choice);
		frnn_tick(run);
	}
	/* errors of one block go together */
	out->spread_power = frnn_spread_power(&choice, fmax(recipe->block / 2.0, 1));
}
