/*
 * prepare.c
 *	  A series made ready for windows: gaps filled, transformed, its profiles
 *	  measured and taken off, its scale found.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/impute.h"
#include "core/forecast/prepare.h"
#include "core/forecast/scale.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"

static double
transform_unit(FrnnTransform kind, const double *y, int64_t rows)
{
	double		sum = 0;

	if (kind != FRNN_TRANSFORM_LOG1P && kind != FRNN_TRANSFORM_ASINH)
		return 1;
	for (int64_t i = 0; i < rows; i++)
		sum += fabs(y[i]);
	return sum > 0 ? sum / (double) rows : 1;
}

/* range of the known values; returns the status the values alone decide */
static FrnnSeriesStatus
known_range(const double *value, int64_t rows, double *number)
{
	int64_t		known = 0;
	double		lowest = 0;
	double		highest = 0;

	for (int64_t i = 0; i < rows; i++)
	{
		if (isnan(value[i]))
			continue;
		if (isinf(value[i]))
			return FRNN_SERIES_NOT_FINITE;
		lowest = known ? fmin(lowest, value[i]) : value[i];
		highest = known ? fmax(highest, value[i]) : value[i];
		known++;
	}
	number[FRNN_N_LOWEST] = lowest;
	number[FRNN_N_HIGHEST] = highest;
	number[FRNN_N_ROWS] = (double) rows;
	number[FRNN_N_KNOWN] = (double) known;
	if (known == 0)
		return FRNN_SERIES_EMPTY;
	if (known == 1)
		return FRNN_SERIES_SHORT;
	return lowest == highest ? FRNN_SERIES_CONSTANT : FRNN_SERIES_OK;
}

void
frnn_prepare(const FrnnRecipe *recipe, const FrnnSeriesData *data, int64_t n, int64_t rows,
			 double *number, double *profile, double *x, uint8_t *missing, double *scratch)
{
	double	   *z = scratch;
	double	   *table = profile;
	int			lag = recipe->block / 2 > 1 ? recipe->block / 2 : 1;
	FrnnSeriesStatus status;

	memset(number, 0, sizeof(double) * FRNN_SERIES_NUMBERS);
	number[FRNN_N_UNIT] = 1;
	for (int p = 0; p < recipe->periods; p++)
	{
		memset(table, 0, sizeof(double) * (size_t) recipe->period[p]);
		table += recipe->period[p];
	}
	status = known_range(data->value, rows, number);
	number[FRNN_N_STATUS] = status;
	for (int64_t i = 0; missing && i < n; i++)
		missing[i] = isnan(data->value[i]) ? 1 : 0;
	memset(x, 0, sizeof(double) * (size_t) n);
	if (status == FRNN_SERIES_EMPTY || status == FRNN_SERIES_NOT_FINITE)
		return;

	frnn_impute(data->value, n, rows, recipe->periods ? recipe->period[0] : 0, &data->clock, data->offset,
				recipe->gap, x);
	number[FRNN_N_UNIT] = transform_unit(recipe->transform, x, rows);
	for (int64_t i = 0; i < n; i++)
		x[i] = frnn_transform(recipe->transform, x[i], number[FRNN_N_UNIT], number[FRNN_N_LOWEST]);
	if (status == FRNN_SERIES_OK)
	{
		table = profile;
		for (int p = 0; p < recipe->periods; p++)
		{
			int64_t		m = recipe->period[p];

			/* the trial keeps the seasons of the final fit, though fewer than two of each may be left to it */
			int64_t		least = rows < n && n >= 2 * m ? m + (m + 3) / 4 : 2 * m;

			frnn_profile(x, rows, least, data->offset, &data->clock, (int) m, table, z);
			for (int64_t i = 0; i < n; i++)
				x[i] -= table[frnn_phase(frnn_season_row(&data->clock, data->offset + i), (int) m)];
			table += m;
		}
		number[FRNN_N_SPREAD] = frnn_standard_deviation(x, rows);
		frnn_scale(recipe->scaling, x, rows, lag, &number[FRNN_N_CENTER], &number[FRNN_N_SIGMA], z);
	}
}
