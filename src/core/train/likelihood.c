/*
 * likelihood.c
 *	  gaussian, student_t and negative_binomial, in double.
 *
 * The scale has a floor, so that the likelihood of a target that is met exactly
 * stays finite.
 */
#include "core/train/likelihood.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/base/simd.h"

#define LARGE_DF 200.0			/* differences of lgamma then come from their expansion */

FrnnDistribution
frnn_distribution(FrnnLossKind kind, const float *output)
{
	FrnnDistribution d = {output[0], 0, 0};

	d.scale = frnn_softplus(output[1]) + FRNN_SCALE_FLOOR;
	if (kind == FRNN_NEGATIVE_BINOMIAL)
		d.location = frnn_softplus(output[0]) + FRNN_SCALE_FLOOR;
	if (kind == FRNN_STUDENT_T)
		d.df = 2 + frnn_softplus(output[2]);
	return d;
}

/* log s + log(2 pi)/2 + z^2/2, z = (y - m)/s */
FRNN_CLONES static void
gaussian_nll(size_t n, const float *restrict output, const double *restrict y, double *restrict nll,
			 double *restrict d0, double *restrict d1)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		double		slope;
		double		scale = frnn_softplus_slope(output[2 * i + 1], &slope) + FRNN_SCALE_FLOOR;
		double		z = (y[i] - output[2 * i]) / scale;

		d0[i] = -z / scale;
		d1[i] = (1 - z * z) / scale * slope;
		nll[i] = FRNN_HALF_LOG_2PI + frnn_log(scale) + 0.5 * z * z;
	}
}

/*
 * lgamma(x + 1/2) - lgamma(x), x = df/2, and its derivative by x.  For large x
 * both terms are huge and nearly equal: the expansion in 1/x instead.
 */
FRNN_ELEMENTARY double
half_step(double x, double *derivative)
{
	double		slope_above,
				slope,
				rise_above,
				rise;
	double		product_above = frnn_rising(x + 0.5, &rise_above);
	double		product = frnn_rising(x, &rise);
	double		above = frnn_stirling(x + 0.5, &slope_above);
	double		difference = above - frnn_stirling(x, &slope) + frnn_log(product / product_above);
	double		by_x = slope_above - rise_above / product_above - slope + rise / product;
	double		expansion = 0.5 * frnn_log(x) - (0.125 - 1 / (192 * x * x)) / x;

	*derivative = 2 * x > LARGE_DF ? (0.5 + (0.125 - 0.015625 / (x * x)) / x) / x : by_x;
	return 2 * x > LARGE_DF ? expansion : difference;
}

/* log s + log(v pi)/2 - lgamma((v+1)/2) + lgamma(v/2) + (v+1)/2 log(1 + z^2/v) */
FRNN_CLONES static void
student_t_nll(size_t n, const float *restrict output, const double *restrict y, double *restrict nll,
			  double *restrict d0, double *restrict d1, double *restrict d2)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		double		slope,
					df_slope,
					by_half;
		double		scale = frnn_softplus_slope(output[3 * i + 1], &slope) + FRNN_SCALE_FLOOR;
		double		v = 2 + frnn_softplus_slope(output[3 * i + 2], &df_slope);
		double		z = (y[i] - output[3 * i]) / scale;
		double		u = z * z / v;
		double		gamma = half_step(0.5 * v, &by_half);
		/* if z^2 overflows, share tends to 1, the logarithm to that of its leading term */
		double		large = u > 1.7976931348623157e308;
		double		share = large > 0 ? 1.0 : u / (1 + u);
		double		growth = large > 0 ? 2 * frnn_log(fabs(z)) - frnn_log(v) : frnn_log1p(u);

		/* (v+1) z / (v + z^2), written so that it stays finite */
		d0[i] = z == 0 ? 0.0 : -(v + 1) * share / z / scale;
		d1[i] = (1 - (v + 1) * share) / scale * slope;
		d2[i] = (0.5 / v - 0.5 * by_half + 0.5 * growth - 0.5 * (v + 1) / v * share) * df_slope;
		nll[i] = frnn_log(scale) + 0.5 * frnn_log(v * M_PI) - gamma + 0.5 * (v + 1) * growth;
	}
}

/*
 * -lgamma(y + r) + lgamma(y + 1) + lgamma(r) + r log(1 + a m) + y log(1 + 1/(a m)),
 * m the mean, a the dispersion, r = 1/a.  Negative values are taken as 0.
 */
FRNN_CLONES static void
negative_binomial_nll(size_t n, const float *restrict output, const double *restrict y, double *restrict nll,
					  double *restrict d0, double *restrict d1)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		double		mean_slope,
					slope,
					slope_r,
					slope_sum,
					ignored,
					rise_r,
					rise_sum;
		double		count = y[i] < 0 ? 0.0 : y[i];
		double		m = frnn_softplus_slope(output[2 * i], &mean_slope) + FRNN_SCALE_FLOOR;
		double		a = frnn_softplus_slope(output[2 * i + 1], &slope) + FRNN_SCALE_FLOOR;
		double		r = 1 / a;
		double		growth = frnn_log1p(a * m);
		double		product_r = frnn_rising(r, &rise_r);
		double		product_sum = frnn_rising(count + r, &rise_sum);
		double		product_count = frnn_rising(count + 1, &ignored);
		double		gamma = frnn_stirling(count + 1, &ignored) + frnn_stirling(r, &slope_r) -
			frnn_stirling(count + r, &slope_sum) + frnn_log(product_sum / (product_r * product_count));
		double		by_r = slope_r - rise_r / product_r - slope_sum + rise_sum / product_sum + growth + (count - m) / (r + m);

		d0[i] = (m - count) / (m * (1 + a * m)) * mean_slope;
		d1[i] = -by_r * r * r * slope;
		nll[i] = gamma + r * growth + count * (growth - frnn_log(a * m));
	}
}

void
frnn_nll(FrnnLossKind kind, size_t n, const float *output, const double *y, double *nll, double d[3][FRNN_NLL_BLOCK])
{
	switch (kind)
	{
		case FRNN_STUDENT_T:
			student_t_nll(n, output, y, nll, d[0], d[1], d[2]);
			break;
		case FRNN_NEGATIVE_BINOMIAL:
			negative_binomial_nll(n, output, y, nll, d[0], d[1]);
			break;
		default:
			gaussian_nll(n, output, y, nll, d[0], d[1]);
			break;
	}
}
