/*
 * recent_error.c
 *	  Errors of the ridge regression since the training.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/predict_work.h"
#include "core/forecast/recent_error.h"
#include "core/forecast/season.h"
#include "core/forecast/validation.h"

#define USUAL_ORIGINS	10.0	/* what the usual error counts beside the recent ones */
#define AT_ONCE			64		/* origins that are forecast together */

bool
frnn_recent_known(const FrnnForecaster *forecaster)
{
	return forecaster->recipe.intervals == FRNN_INTERVAL_CONFORMAL && !forecaster->recipe.intermittent &&
		forecaster->conformal_levels > 0 && forecaster->ridge_usual > 0;
}

/* what a call holds */
typedef struct Recent
{
	const FrnnForecaster *forecaster;
	FrnnRun		run;
	int			steps;
	int64_t		base;			/* origin 0, in rows of the data: the row after the last training row; may be negative */
	int64_t		first;			/* the first origin that is forecast ... */
	int64_t		count;			/* ... and their number */
	FrnnHistory history;
	int64_t    *origin;			/* (AT_ONCE) */
	double	   *point;			/* (AT_ONCE, steps) */
	double	   *x;				/* (steps) what came */
	double	   *before;			/* (frnn_spread_rows) the rows before an origin */
	uint8_t    *missing;		/* (frnn_spread_rows) which of them are filled in */
	double	   *spread;			/* (frnn_spread_phases) factors of an origin */
	double	   *error;			/* (count) by the usual one */
	double	   *known;			/* (count) share of the steps that are known; 0: no error */
	void	   *block;			/* of frnn_predict_mixed */
} Recent;

static void
walk(Recent *recent, FrnnArena *arena, int64_t rows, size_t bytes)
{
	recent->history.own_profile = FRNN_TAKE(arena, double, recent->forecaster->profile_rows);
	recent->history.x = FRNN_TAKE(arena, double, rows);
	recent->history.scratch = FRNN_TAKE(arena, double, rows);
	recent->origin = FRNN_TAKE(arena, int64_t, AT_ONCE);
	recent->point = FRNN_TAKE(arena, double, frnn_mul(AT_ONCE, (size_t) recent->steps));
	recent->x = FRNN_TAKE(arena, double, recent->steps);
	recent->before = FRNN_TAKE(arena, double, frnn_spread_rows(&recent->forecaster->recipe));
	recent->missing = FRNN_TAKE(arena, uint8_t, frnn_spread_rows(&recent->forecaster->recipe));
	recent->spread = FRNN_TAKE(arena, double, frnn_spread_phases(&recent->forecaster->recipe));
	recent->error = FRNN_TAKE(arena, double, rows / recent->steps + 1);
	recent->known = FRNN_TAKE(arena, double, rows / recent->steps + 1);
	recent->block = frnn_take(arena, bytes, 1);
}

static FrnnStatus
predict_size(const FrnnForecaster *forecaster, int64_t rows, size_t *bytes, FrnnError *error)
{
	return frnn_predict_size_few(forecaster, rows, frnn_validation_steps(&forecaster->recipe), AT_ONCE, true, bytes, error);
}

FrnnStatus
frnn_recent_size(const FrnnForecaster *forecaster, int64_t rows, size_t *bytes, FrnnError *error)
{
	Recent		recent = {.forecaster = forecaster, .steps = frnn_validation_steps(&forecaster->recipe)};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status = predict_size(forecaster, rows, bytes, error);

	if (status != FRNN_OK)
		return status;
	walk(&recent, &arena, rows < 1 ? 1 : rows, *bytes);
	*bytes = arena.used;
	return arena.overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, INFINITY, 0) : FRNN_OK;
}

/* the last origin whose steps all lie before row o, counted from the base; negative if there is none */
static int64_t
last_complete(const Recent *recent, int64_t o)
{
	return o - recent->base < recent->steps ? -1 : (o - recent->base) / recent->steps - 1;
}

/* Finds the origins that the forecast's own look back on; false if there are none. */
static bool
find_origins(Recent *recent, const FrnnForecast *forecast)
{
	const FrnnForecaster *f = recent->forecaster;
	int64_t		least;
	int64_t		last;

	if (forecast->origins < 1 || !frnn_series_learned(f, forecast->index, forecast->data->n))
		return false;
	recent->base = (int64_t) f->series_number[(size_t) forecast->index * FRNN_SERIES_NUMBERS + FRNN_N_ROWS] - forecast->data->offset;
	/* a full window precedes them */
	least = recent->base > f->recipe.time_steps ? recent->base : f->recipe.time_steps;
	recent->first = (least - recent->base + recent->steps - 1) / recent->steps;
	last = last_complete(recent, forecast->origin[0]) - FRNN_RECENT_ORIGINS + 1;
	if (last > recent->first)
		recent->first = last;
	last = last_complete(recent, forecast->origin[forecast->origins - 1]);
	recent->count = last - recent->first + 1;
	return recent->count > 0;
}

/* Fills error and known of origin i from its forecast of x. */
static void
compare(Recent *recent, int64_t i, int64_t o, const double *forecast)
{
	const FrnnForecaster *f = recent->forecaster;
	const FrnnSeriesData *data = recent->history.data;
	double		sum = 0;
	double		expected = 0;
	double		all = 0;
	int64_t		rows;
	int			phases = frnn_spread_phases(&f->recipe);

	recent->known[i] = 0;
	/* no forecast starts inside a night without rows, as in validation */
	if (isnan(data->value[o - 1]) ||
		frnn_history_rows(f, &recent->history, o, o + recent->steps, recent->x) != FRNN_SERIES_OK)
		return;
	rows = f->spread_power > 0 && o >= frnn_spread_rows(&f->recipe) ? frnn_spread_rows(&f->recipe) : 0;
	if (frnn_history_rows(f, &recent->history, o - rows, o, recent->before) != FRNN_SERIES_OK)
		return;
	for (int64_t j = 0; j < rows; j++)
		recent->missing[j] = isnan(data->value[o - rows + j]);
	frnn_error_spread(&f->recipe, recent->history.error_scale, f->spread_power, recent->before + rows, recent->missing + rows, rows,
					  recent->history.number[FRNN_N_SIGMA], recent->spread);
	for (int k = 0; k < recent->steps; k++)
	{
		all += frnn_conformal_step(f, k);
		if (isnan(data->value[o + k]) || !isfinite(forecast[k]))
			continue;
		sum += fabs(recent->x[k] - forecast[k]) / recent->history.number[FRNN_N_SIGMA] / recent->spread[k % phases] /
			frnn_error_scale(&f->recipe, recent->history.error_scale, frnn_season_row(&data->clock, data->offset + o + k));
		expected += frnn_conformal_step(f, k);
	}
	if (!(expected > 0) || !isfinite(sum / expected / f->ridge_usual))
		return;
	recent->error[i] = sum / expected / f->ridge_usual;
	recent->known[i] = expected / all;
}

static void
forecast_origins(Recent *recent, const FrnnForecast *forecast, const FrnnHooks *hooks)
{
	FrnnForecast inner = {.data = forecast->data, .index = forecast->index, .origin = recent->origin, .point = recent->point};

	for (int64_t done = 0; done < recent->count; done += inner.origins)
	{
		inner.origins = recent->count - done < AT_ONCE ? recent->count - done : AT_ONCE;
		for (int64_t i = 0; i < inner.origins; i++)
			recent->origin[i] = recent->base + (recent->first + done + i) * recent->steps;
		frnn_predict_mixed(recent->forecaster, &inner, 1, recent->steps, 0, recent->block, hooks);
		for (int64_t i = 0; i < inner.origins; i++)
			compare(recent, done + i, recent->origin[i], recent->point + i * recent->steps);
		frnn_tick(&recent->run);
	}
}

void
frnn_recent_widening(const FrnnForecaster *forecaster, const FrnnForecast *forecast, double *widening, void *block,
					 const FrnnHooks *hooks)
{
	Recent		recent = {.forecaster = forecaster, .steps = frnn_validation_steps(&forecaster->recipe)};
	FrnnArena	arena = frnn_arena(block);
	size_t		bytes;

	for (int64_t i = 0; i < forecast->origins; i++)
		widening[i] = 1;
	if (!frnn_recent_known(forecaster) || !find_origins(&recent, forecast) ||
		predict_size(forecaster, forecast->data->n, &bytes, NULL) != FRNN_OK)
		return;
	if (hooks)
		recent.run = (FrnnRun) {.tick = hooks->tick, .arg = hooks->arg};
	walk(&recent, &arena, forecast->data->n, bytes);
	frnn_history_begin(forecaster, forecast, &recent.history);
	if (recent.history.number[FRNN_N_SIGMA] <= 0)
		return;
	forecast_origins(&recent, forecast, hooks);
	for (int64_t i = 0; i < forecast->origins; i++)
	{
		int64_t		last = last_complete(&recent, forecast->origin[i]);
		double		sum = USUAL_ORIGINS;
		double		count = USUAL_ORIGINS;

		for (int64_t j = last; j >= recent.first && j > last - FRNN_RECENT_ORIGINS; j--)
			if (recent.known[j - recent.first] > 0)
			{
				sum += recent.known[j - recent.first] * fmin(recent.error[j - recent.first], FRNN_RECENT_MOST);
				count += recent.known[j - recent.first];
			}
		widening[i] = sum / count;
	}
}
