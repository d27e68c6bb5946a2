/*
 * predict_history.c
 *	  The rows before an origin, made ready as in training: nothing from the
 *	  origin on is looked at, not even to fill a gap before it.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/error_scale.h"
#include "core/forecast/impute.h"
#include "core/forecast/predict_work.h"
#include "core/forecast/scale.h"
#include "core/forecast/season.h"
#include "core/forecast/statics.h"
#include "core/forecast/transform.h"

bool
frnn_series_learned(const FrnnForecaster *forecaster, int64_t index, int64_t rows)
{
	const double *number;
	int64_t		first;
	int64_t		last;

	if (index < 0 || index >= forecaster->series)
		return false;
	number = forecaster->series_number + (size_t) index * FRNN_SERIES_NUMBERS;
	/* a constant's level is itself, whatever happened to training rows */
	if (number[FRNN_N_STATUS] != FRNN_SERIES_OK)
		return false;
	return (double) rows <= number[FRNN_N_ROWS] ||
		frnn_window_range(&forecaster->recipe, (int64_t) number[FRNN_N_ROWS], &first, &last);
}

static bool
learned(const FrnnForecaster *forecaster, const FrnnForecast *forecast)
{
	return frnn_series_learned(forecaster, forecast->index, forecast->validation ? 0 : forecast->data->n);
}

static void
history_parameters(const FrnnForecaster *forecaster, const FrnnForecast *forecast, FrnnHistory *history)
{
	const FrnnRecipe *recipe = &forecaster->recipe;

	history->data = forecast->data;
	history->error_scale = learned(forecaster, forecast) ?
		forecaster->error_scale + forecast->index * frnn_error_scale_columns(recipe) : NULL;
	history->ar_weight = learned(forecaster, forecast) ? forecaster->ar_weight + forecast->index * frnn_ar_columns(recipe) : NULL;
	if (forecast->carry)
	{
		history->gaps = true;
		memcpy(history->number, forecast->carry->number, sizeof(history->number));
		history->profile = forecast->carry->profile;
		return;
	}
	history->gaps = false;
	for (int64_t i = 0; i < forecast->data->n && !history->gaps; i++)
		history->gaps = isnan(forecast->data->value[i]);
	if (learned(forecaster, forecast))
	{
		memcpy(history->number, forecaster->series_number + (size_t) forecast->index * FRNN_SERIES_NUMBERS,
			   sizeof(history->number));
		history->profile = forecaster->profile + (size_t) forecast->index * forecaster->profile_rows;
		return;
	}
	frnn_prepare(recipe, forecast->data, forecast->origin[0], forecast->origin[0],
				 history->number, history->own_profile, history->x, NULL, history->scratch);
	history->number[FRNN_N_SIGMA] = frnn_sigma_floored(history->number[FRNN_N_SIGMA],
													   history->number[FRNN_N_SPREAD], forecaster->sigma_median);
	history->profile = history->own_profile;
}

void
frnn_history_begin(const FrnnForecaster *forecaster, const FrnnForecast *forecast, FrnnHistory *history)
{
	history_parameters(forecaster, forecast, history);
	history->static_level = frnn_statics_level(forecaster, learned(forecaster, forecast) ? forecast->index : -1,
											   forecast->data->statics, history->number[FRNN_N_UNIT]);
}

/* last known value before row i; false without */
static bool
last_known(const double *value, int64_t i, double *out)
{
	while (i-- > 0)
		if (!isnan(value[i]))
		{
			*out = value[i];
			return true;
		}
	return false;
}

bool
frnn_history_filled(const FrnnForecaster *forecaster, FrnnHistory *history, int64_t begin, int64_t o, double *out)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	const double *value = history->data->value;
	int			m1 = recipe->periods ? recipe->period[0] : 0;
	int64_t		from = begin - 3 * (int64_t) m1 > 0 ? begin - 3 * (int64_t) m1 : 0;
	bool		gaps = false;
	double		last;

	for (int64_t i = begin; i < o; i++)
		gaps = gaps || isnan(value[i]);
	if (!gaps)
	{
		memcpy(out, value + begin, sizeof(double) * (size_t) (o - begin));
		return true;
	}
	if (frnn_impute(value + from, o - from, o - from, m1, &history->data->clock, history->data->offset + from, recipe->gap,
					history->x) == 0)
	{
		if (!last_known(value, from, &last))
			return false;
		for (int64_t i = 0; i < o - from; i++)
			history->x[i] = last;
	}
	memcpy(out, history->x + (begin - from), sizeof(double) * (size_t) (o - begin));
	return true;
}

FrnnSeriesStatus
frnn_history_rows(const FrnnForecaster *forecaster, FrnnHistory *history, int64_t begin, int64_t o,
				  double *x)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	int64_t		n = o - begin;

	for (int64_t i = begin; i < o; i++)
		if (isinf(history->data->value[i]))
			return FRNN_SERIES_NOT_FINITE;
	if (!frnn_history_filled(forecaster, history, begin, o, x))
		return FRNN_SERIES_EMPTY;

	frnn_profile_sum(recipe, history->profile, &history->data->clock, history->data->offset + begin, n, history->scratch);
	for (int64_t i = 0; i < n; i++)
	{
		x[i] = frnn_transform(recipe->transform, x[i], history->number[FRNN_N_UNIT],
							  history->number[FRNN_N_LOWEST]) - history->scratch[i];
		if (!isfinite(x[i]))
			return FRNN_SERIES_NOT_FINITE;
	}
	return FRNN_SERIES_OK;
}
