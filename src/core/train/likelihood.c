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
#define LOG_PI 1.14472988584940017414

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

typedef double Block[FRNN_NLL_BLOCK];

/* the gamma function of a block: parts of its logarithm and of the logarithm's derivative */
typedef struct Gamma
{
	Block		stirling;
	Block		slope;
	Block		rising;			/* lgamma = stirling - log(rising) */
	Block		rise;			/* digamma = slope - rise / rising */
} Gamma;

/*
 * One function per loop: the compiler vectorizes each of them, but not a loop
 * over all of them.
 */
FRNN_CLONES static void
log_block(const double *restrict x, double *restrict y)
{
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		y[i] = frnn_log(x[i]);
}

FRNN_CLONES static void
log1p_block(const double *restrict x, double *restrict y)
{
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		y[i] = frnn_log1p(x[i]);
}

FRNN_CLONES static void
softplus_block(const double *restrict x, double floor, double *restrict y, double *restrict slope)
{
	Block		e,
				growth;

#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		e[i] = frnn_exp(-fabs(x[i]));
	log1p_block(e, growth);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		y[i] = (x[i] > 0 ? x[i] : 0.0) + growth[i] + floor;
		slope[i] = (x[i] > 0 ? 1.0 : e[i]) / (1.0 + e[i]);
	}
}

FRNN_CLONES static void
gamma_block(const double *restrict x, Gamma *restrict gamma)
{
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		gamma->stirling[i] = frnn_stirling(x[i], &gamma->slope[i]);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		gamma->rising[i] = frnn_rising(x[i], &gamma->rise[i]);
}

/* log s + log(2 pi)/2 + z^2/2, z = (y - m)/s */
FRNN_CLONES static void
gaussian_nll(double raw[3][FRNN_NLL_BLOCK], const double *restrict y, double *restrict nll,
			 double *restrict d0, double *restrict d1)
{
	const double *restrict mean = raw[0];
	Block		scale,
				slope,
				log_scale;

	softplus_block(raw[1], FRNN_SCALE_FLOOR, scale, slope);
	log_block(scale, log_scale);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		double		z = (y[i] - mean[i]) / scale[i];

		d0[i] = -z / scale[i];
		d1[i] = (1 - z * z) / scale[i] * slope[i];
		nll[i] = FRNN_HALF_LOG_2PI + log_scale[i] + 0.5 * z * z;
	}
}

/*
 * lgamma(x + 1/2) - lgamma(x), x = df/2, and its derivative by x.  For large x
 * both terms are huge and nearly equal: the expansion in 1/x instead.
 */
FRNN_CLONES static void
half_step(const double *restrict x, double *restrict difference, double *restrict by_x)
{
	Gamma		above,
				at;
	Block		half,
				ratio,
				log_ratio,
				log_x;

	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		half[i] = x[i] + 0.5;
	gamma_block(half, &above);
	gamma_block(x, &at);
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		ratio[i] = at.rising[i] / above.rising[i];
	log_block(ratio, log_ratio);
	log_block(x, log_x);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		double		v = x[i];
		double		direct = above.stirling[i] - at.stirling[i] + log_ratio[i];
		double		slope = above.slope[i] - above.rise[i] / above.rising[i] - at.slope[i] + at.rise[i] / at.rising[i];

		by_x[i] = 2 * v > LARGE_DF ? (0.5 + (0.125 - 0.015625 / (v * v)) / v) / v : slope;
		difference[i] = 2 * v > LARGE_DF ? 0.5 * log_x[i] - (0.125 - 1 / (192 * v * v)) / v : direct;
	}
}

/* log s + log(v pi)/2 - lgamma((v+1)/2) + lgamma(v/2) + (v+1)/2 log(1 + z^2/v) */
FRNN_CLONES static void
student_t_nll(double raw[3][FRNN_NLL_BLOCK], const double *restrict y, double *restrict nll,
			  double *restrict d0, double *restrict d1, double *restrict d2)
{
	const double *restrict mean = raw[0];
	Block		scale,
				slope,
				df,
				df_slope,
				z,
				u,
				half,
				gamma,
				by_half,
				log_scale,
				log_df,
				log_z,
				log_u;

	softplus_block(raw[1], FRNN_SCALE_FLOOR, scale, slope);
	softplus_block(raw[2], 2, df, df_slope);
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		z[i] = (y[i] - mean[i]) / scale[i];
		u[i] = z[i] * z[i] / df[i];
		half[i] = 0.5 * df[i];
		nll[i] = fabs(z[i]);
	}
	half_step(half, gamma, by_half);
	log_block(scale, log_scale);
	log_block(df, log_df);
	log_block(nll, log_z);
	log1p_block(u, log_u);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		/* if z^2 overflows, share tends to 1, the logarithm to that of its leading term */
		double		v = df[i];
		double		share = u[i] > 1.7976931348623157e308 ? 1.0 : u[i] / (1 + u[i]);
		double		growth = u[i] > 1.7976931348623157e308 ? 2 * log_z[i] - log_df[i] : log_u[i];

		/* (v+1) z / (v + z^2), written so that it stays finite */
		d0[i] = z[i] == 0 ? 0.0 : -(v + 1) * share / z[i] / scale[i];
		d1[i] = (1 - (v + 1) * share) / scale[i] * slope[i];
		d2[i] = (0.5 / v - 0.5 * by_half[i] + 0.5 * growth - 0.5 * (v + 1) / v * share) * df_slope[i];
		nll[i] = log_scale[i] + 0.5 * (log_df[i] + LOG_PI) - gamma[i] + 0.5 * (v + 1) * growth;
	}
}

/*
 * -lgamma(y + r) + lgamma(y + 1) + lgamma(r) + r log(1 + a m) + y log(1 + 1/(a m)),
 * m the mean, a the dispersion, r = 1/a.  Negative values are taken as 0.
 */
FRNN_CLONES static void
negative_binomial_nll(double raw[3][FRNN_NLL_BLOCK], const double *restrict y, double *restrict nll,
					  double *restrict d0, double *restrict d1)
{
	Gamma		of_r,
				of_sum,
				of_count;
	Block		mean,
				mean_slope,
				a,
				slope,
				r,
				sum,
				count,
				product,
				ratio,
				growth,
				log_product,
				log_ratio;

	softplus_block(raw[0], FRNN_SCALE_FLOOR, mean, mean_slope);
	softplus_block(raw[1], FRNN_SCALE_FLOOR, a, slope);
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		r[i] = 1 / a[i];
		count[i] = (y[i] < 0 ? 0.0 : y[i]) + 1;
		sum[i] = (y[i] < 0 ? 0.0 : y[i]) + r[i];
		product[i] = a[i] * mean[i];
	}
	gamma_block(r, &of_r);
	gamma_block(sum, &of_sum);
	gamma_block(count, &of_count);
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
		ratio[i] = of_sum.rising[i] / (of_r.rising[i] * of_count.rising[i]);
	log_block(ratio, log_ratio);
	log_block(product, log_product);
	log1p_block(product, growth);
#pragma omp simd
	for (size_t i = 0; i < FRNN_NLL_BLOCK; i++)
	{
		double		c = y[i] < 0 ? 0.0 : y[i];
		double		m = mean[i];
		double		gamma = of_count.stirling[i] + of_r.stirling[i] - of_sum.stirling[i] + log_ratio[i];
		double		by_r = of_r.slope[i] - of_r.rise[i] / of_r.rising[i] - of_sum.slope[i] +
		of_sum.rise[i] / of_sum.rising[i] + growth[i] + (c - m) / (r[i] + m);

		d0[i] = (m - c) / (m * (1 + a[i] * m)) * mean_slope[i];
		d1[i] = -by_r * r[i] * r[i] * slope[i];
		nll[i] = gamma + r[i] * growth[i] + c * (growth[i] - log_product[i]);
	}
}

void
frnn_nll(FrnnLossKind kind, size_t n, const float *output, const double *y, double nll[FRNN_NLL_BLOCK],
		 double d[3][FRNN_NLL_BLOCK])
{
	size_t		width = kind == FRNN_STUDENT_T ? 3 : 2;
	double		raw[3][FRNN_NLL_BLOCK] = {{0}};
	Block		seen = {0};

	/* in double, output by output: the loops then have one width */
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < width; k++)
			raw[k][i] = output[i * width + k];
	/* blocks are always whole: the rest is computed from zeros */
	for (size_t i = 0; i < n; i++)
		seen[i] = y[i];
	switch (kind)
	{
		case FRNN_STUDENT_T:
			student_t_nll(raw, seen, nll, d[0], d[1], d[2]);
			break;
		case FRNN_NEGATIVE_BINOMIAL:
			negative_binomial_nll(raw, seen, nll, d[0], d[1]);
			break;
		default:
			gaussian_nll(raw, seen, nll, d[0], d[1]);
			break;
	}
}
