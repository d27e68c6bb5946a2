/*
 * transform.c
 *	  Transforms that make the spread of a series independent of its level,
 *	  and the slope that tells whether one is needed.
 */
#include <math.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/forecast/transform.h"

double
frnn_transform(FrnnTransform kind, double y, double unit, double lowest)
{
	switch (kind)
	{
		case FRNN_TRANSFORM_LOG:
			/* later rows may fall below all training rows, even to zero */
			return frnn_log(fmax(y, lowest * 1e-3) / unit);
		case FRNN_TRANSFORM_LOG1P:
			return frnn_log1p(fmax(y, 0) / unit);
		case FRNN_TRANSFORM_ASINH:
			return frnn_asinh(y / unit);
		default:
			return y / unit;
	}
}

double
frnn_transform_inverse(FrnnTransform kind, double z, double unit)
{
	switch (kind)
	{
		case FRNN_TRANSFORM_LOG:
			return frnn_exp(z) * unit;
		case FRNN_TRANSFORM_LOG1P:
			return frnn_expm1(z) * unit;
		case FRNN_TRANSFORM_ASINH:
			return frnn_sinh(z) * unit;
		default:
			return z * unit;
	}
}

/*
 * Blocks of `block` rows from the end; level a = log(mean), spread
 * d = log(mean |difference|).  Blocks whose spread lies far below the median
 * (d < median - 4) are idle stretches and say nothing.
 */
void
frnn_spread(const double *y, int64_t n, int block, double *scratch, double *numerator, double *denominator)
{
	int64_t		blocks = n / block;
	double	   *a = scratch;
	double	   *d = scratch + blocks;
	double	   *sorted = scratch + 2 * blocks;
	int64_t		kept = 0;
	int64_t		used = 0;
	double		median;
	double		a_mean = 0;
	double		d_mean = 0;
	double		ad = 0;
	double		aa = 0;

	if (blocks < 3)
		return;
	for (int64_t b = 0; b < blocks; b++)
	{
		const double *row = y + n - (blocks - b) * block;
		double		sum = row[0];
		double		change = 0;

		for (int i = 1; i < block; i++)
		{
			sum += row[i];
			change += fabs(row[i] - row[i - 1]);
		}
		if (sum > 0 && change > 0)
		{
			a[kept] = frnn_log(sum / block);
			d[kept] = frnn_log(change / (block - 1));
			kept++;
		}
	}
	if (kept < 3)
		return;
	for (int64_t i = 0; i < kept; i++)
		sorted[i] = d[i];
	median = frnn_median(sorted, kept);
	for (int64_t i = 0; i < kept; i++)
	{
		if (d[i] > median - 4)
		{
			a[used] = a[i];
			d[used] = d[i];
			a_mean += a[i];
			d_mean += d[i];
			used++;
		}
	}
	a_mean /= (double) used;
	d_mean /= (double) used;
	for (int64_t i = 0; i < used; i++)
	{
		ad += (a[i] - a_mean) * (d[i] - d_mean);
		aa += (a[i] - a_mean) * (a[i] - a_mean);
	}
	*numerator += ad / (double) used;
	*denominator += aa / (double) used;
}
