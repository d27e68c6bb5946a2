/*
 * scale.c
 *	  Center and scale of a series, and the floor that keeps a nearly constant
 *	  series from blowing up.
 */
#include <math.h>

#include "core/base/order.h"
#include "core/forecast/scale.h"

static double
mean_of(const double *x, int64_t n)
{
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += x[i];
	return sum / (double) n;
}

double
frnn_standard_deviation(const double *x, int64_t n)
{
	double		mean = mean_of(x, n);
	double		sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sqrt(sum / (double) n);
}

static double
mean_step(const double *x, int64_t n, int64_t lag)
{
	double		sum = 0;

	if (lag > n - 1)
		lag = n - 1;
	if (lag < 1)
		return 0;
	for (int64_t i = lag; i < n; i++)
		sum += fabs(x[i] - x[i - lag]);
	return sum / (double) (n - lag);
}

void
frnn_scale(FrnnScaling kind, const double *x, int64_t n, int lag, double *center, double *sigma, double *scratch)
{
	double		sum = 0;
	double		largest = 0;

	*center = 0;
	*sigma = 1;
	for (int64_t i = 0; i < n; i++)
	{
		scratch[i] = x[i];
		largest = fmax(largest, fabs(x[i]));
	}
	switch (kind)
	{
		case FRNN_SCALING_STANDARD:
			*center = mean_of(x, n);
			*sigma = frnn_standard_deviation(x, n);
			break;
		case FRNN_SCALING_ROBUST:
			*center = frnn_median(scratch, n);
			*sigma = frnn_sorted_quantile(scratch, n, 0.75) - frnn_sorted_quantile(scratch, n, 0.25);
			break;
		case FRNN_SCALING_MINMAX:
			frnn_sort(scratch, n);
			*center = scratch[0];
			*sigma = scratch[n - 1] - scratch[0];
			break;
		case FRNN_SCALING_MEAN:
			for (int64_t i = 0; i < n; i++)
				sum += fabs(x[i]);
			*sigma = sum / (double) n;
			break;
		case FRNN_SCALING_NONE:
			break;
		default:
			*sigma = mean_step(x, n, lag);
			/* a series of period `lag` is not constant */
			if (*sigma <= FRNN_ROUNDED * largest)
				*sigma = mean_step(x, n, 1);
	}
	/* what is left of a constant after its profile went off is rounding */
	if (kind != FRNN_SCALING_NONE && kind != FRNN_SCALING_MEAN && *sigma <= FRNN_ROUNDED * largest)
		*sigma = 0;
}

/* a series that is small as a whole keeps its own scale: the floor is for those that hardly move by it */
double
frnn_sigma_floored(double sigma, double spread, double median)
{
	return sigma > 0 ? fmax(sigma, fmin(0.02 * median, spread)) : 0;
}

double
frnn_floor_sigma(double *series_number, int64_t series, double *scratch)
{
	int64_t		count = 0;
	double		median;

	for (int64_t s = 0; s < series; s++)
	{
		double		sigma = series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA];

		if (sigma > 0)
			scratch[count++] = sigma;
	}
	median = count ? frnn_median(scratch, count) : 1;
	for (int64_t s = 0; s < series; s++)
	{
		double	   *number = series_number + s * FRNN_SERIES_NUMBERS;

		number[FRNN_N_SIGMA] = frnn_sigma_floored(number[FRNN_N_SIGMA], number[FRNN_N_SPREAD], median);
	}
	return median;
}
