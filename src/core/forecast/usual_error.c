/*
 * usual_error.c
 *	  The usual error of the ridge regression: that of the validation rows, which errors since the training are compared
 *	  with (recent_error.h).
 */
#include <math.h>

#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/recent_error.h"
#include "core/forecast/validation_work.h"

/* Returns the mean of n errors, each of which counts at most FRNN_RECENT_MOST times the mean of all as they are; 0 without any. */
static double
limited_mean(const double *error, int64_t n)
{
	double		mean = 0;
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
		mean += error[i] / (double) n;
	for (int64_t i = 0; i < n; i++)
		sum += fmin(error[i], FRNN_RECENT_MOST * mean);
	return n > 0 ? sum / (double) n : 0;
}

double
frnn_ridge_usual(FrnnValidation *validation)
{
	const FrnnForecaster *trial = validation->trial;
	int			columns = frnn_error_scale_columns(&trial->recipe);
	int			phases = frnn_spread_phases(&trial->recipe);
	const double *forecast = validation->ridge;
	int64_t		n = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *of = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		const double *scale = trial->error_scale + validation->series[i] * columns;

		for (int64_t j = 0; j < of->origins; j++, forecast += validation->steps)
		{
			double		sum = 0;
			double		expected = 0;

			frnn_tick(&validation->run);
			frnn_error_spread(&trial->recipe, scale, trial->spread_power, ready->x + of->origin[j],
							  frnn_missing_before(ready, of->origin[j]), of->origin[j], ready->sigma, validation->spread);
			for (int k = 0; k < validation->steps; k++)
			{
				int64_t		row = of->origin[j] + k;

				if (ready->missing[row] || !isfinite(forecast[k]))
					continue;
				sum += fabs(ready->x[row] - forecast[k]) / ready->sigma / validation->spread[k % phases] /
					frnn_error_scale(&trial->recipe, scale, frnn_season_row(&ready->clock, ready->offset + row));
				expected += frnn_error_at_step(1, validation->shape, trial->recipe.block, k);
			}
			if (expected > 0 && isfinite(sum / expected))
				validation->error[n++] = sum / expected;
		}
	}
	return limited_mean(validation->error, n);
}

double
frnn_shape_by_scale(const double *shape, const FrnnForecaster *forecaster)
{
	int			steps = frnn_validation_steps(&forecaster->recipe);
	double		sum = 0;
	double		scale = 0;

	for (int k = 0; k < steps; k++)
	{
		sum += frnn_error_at_step(1, shape, forecaster->recipe.block, k);
		scale += frnn_conformal_step(forecaster, k);
	}
	return scale > 0 ? sum / scale : 0;
}
