/*
 * error_scale.c
 *	  Relative size of errors by step, series and phase of the season, and recent volatility.
 */
#include <math.h>

#include "core/base/elementary.h"
#include "core/forecast/error_scale_work.h"
#include "core/forecast/season.h"

int
frnn_error_scale_columns(const FrnnRecipe *recipe)
{
	int			columns = FRNN_ERROR_COLUMNS;

	for (int p = 0; p < recipe->periods; p++)
		columns += frnn_phase_bins(recipe->period[p]);
	return columns;
}

double
frnn_error_at_step(double unit, const double *shape, int n, int step)
{
	return step < n ? unit * shape[step] : unit * shape[n - 1] * sqrt((double) (step + 1) / n);
}

double
frnn_error_scale(const FrnnRecipe *recipe, const double *scale, int64_t row)
{
	double		product;

	if (scale == NULL)
		return 1;
	product = *scale;
	scale += FRNN_ERROR_COLUMNS;
	for (int p = 0; p < recipe->periods; p++)
	{
		int			m = recipe->period[p];

		product *= scale[frnn_phase(row, m) / frnn_phase_bin_width(m)];
		scale += frnn_phase_bins(m);
	}
	return product;
}

/* ---- recent volatility ---- */

#define RECENT_ROWS		12		/* at least */
#define CALM			0.5		/* share of the long-run change added to both sides */
#define LEAST_RECENT	0.2
#define MOST_RECENT		50.0
#define POWERS			4		/* 0, 1/4, 1/2, 3/4, 1 */
#define EVIDENCE		1.0		/* log-likelihood that a power other than 0 must gain */

static double
mean_change(const double *x, int64_t first, int64_t last)
{
	double		sum = 0;

	for (int64_t i = first; i < last; i++)
		sum += fabs(x[i] - x[i - 1]);
	return last > first ? sum / (double) (last - first) : 0;
}

double
frnn_error_recent(const FrnnRecipe *recipe, const double *scale, const FrnnReady *ready, int64_t o)
{
	int64_t		rows = recipe->periods > 0 && recipe->period[0] > RECENT_ROWS ? recipe->period[0] : RECENT_ROWS;
	double		usual;
	double		now;

	if (rows > recipe->time_steps)
		rows = recipe->time_steps;
	if (scale == NULL || ready->sigma <= 0 || o < 3 || !(scale[1] > 0))
		return 1;
	usual = scale[1] * ready->sigma;
	now = mean_change(ready->x, o - rows > 1 ? o - rows : 1, o);
	/* what the window holds changes the forecast for as long as it holds it */
	rows = recipe->time_steps;
	now = fmax(now, mean_change(ready->x, o - rows > 1 ? o - rows : 1, o));
	return fmin(fmax((now + CALM * usual) / (usual + CALM * usual), LEAST_RECENT), MOST_RECENT);
}

double
frnn_error_power(const double *error, const double *recent, int64_t n, double independent)
{
	double		chosen = 0;
	double		least = INFINITY;

	for (int p = 0; p <= POWERS; p++)
	{
		double		power = (double) p / POWERS;
		double		sum = 0;
		double		logs = 0;
		double		count = 0;
		double		loss;

		for (int64_t i = 0; i < n; i++)
			if (isfinite(error[i]))
			{
				sum += fabs(error[i]) / frnn_pow(recent[i], power);
				logs += power * frnn_log(recent[i]);
				count++;
			}
		if (!(sum > 0))
			return 0;
		/* of a Laplace distribution */
		loss = (frnn_log(sum / count) + logs / count) * independent + (p > 0 ? EVIDENCE : 0);
		if (loss < least)
		{
			least = loss;
			chosen = power;
		}
	}
	return chosen;
}
