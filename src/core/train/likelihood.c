/*
 * likelihood.c
 *	  gaussian, student_t and negative_binomial, in double.
 *
 * The scale has a floor, so that the likelihood of a target that is met exactly
 * stays finite.
 */
#include "core/train/likelihood.h"

#include <math.h>

#include "core/base/special.h"

#define HALF_LOG_2PI 0.91893853320467274178
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
static double
gaussian_nll(const float *output, double y, double *d)
{
	FrnnDistribution p = frnn_distribution(FRNN_GAUSSIAN, output);
	double		z = (y - p.location) / p.scale;

	d[0] = -z / p.scale;
	d[1] = (1 - z * z) / p.scale * frnn_sigmoid(output[1]);
	return HALF_LOG_2PI + log(p.scale) + 0.5 * z * z;
}

/*
 * lgamma(x + 1/2) - lgamma(x), x = df/2, and its derivative by x.  For large x
 * both terms are huge and nearly equal: the expansion in 1/x instead.
 */
static double
half_step(double x, double *derivative)
{
	if (2 * x > LARGE_DF)
	{
		*derivative = (0.5 + (0.125 - 0.015625 / (x * x)) / x) / x;
		return 0.5 * log(x) - (0.125 - 1 / (192 * x * x)) / x;
	}
	*derivative = frnn_digamma(x + 0.5) - frnn_digamma(x);
	return frnn_lgamma(x + 0.5) - frnn_lgamma(x);
}

/* log s + log(v pi)/2 - lgamma((v+1)/2) + lgamma(v/2) + (v+1)/2 log(1 + z^2/v) */
static double
student_t_nll(const float *output, double y, double *d)
{
	FrnnDistribution p = frnn_distribution(FRNN_STUDENT_T, output);
	double		v = p.df;
	double		z = (y - p.location) / p.scale;
	double		u = z * z / v;
	double		share = u / (1 + u);
	double		growth = log1p(u);
	double		by_half;
	double		gamma = half_step(0.5 * v, &by_half);

	if (!isfinite(u))
	{
		/* z^2 overflows: share tends to 1, the logarithm to that of its leading term */
		share = 1;
		growth = 2 * log(fabs(z)) - log(v);
	}
	/* (v+1) z / (v + z^2), written so that it stays finite */
	d[0] = z == 0 ? 0 : -(v + 1) * share / z / p.scale;
	d[1] = (1 - (v + 1) * share) / p.scale * frnn_sigmoid(output[1]);
	d[2] = (0.5 / v - 0.5 * by_half + 0.5 * growth - 0.5 * (v + 1) / v * share) * frnn_sigmoid(output[2]);
	return log(p.scale) + 0.5 * log(v * M_PI) - gamma + 0.5 * (v + 1) * growth;
}

/*
 * -lgamma(y + r) + lgamma(y + 1) + lgamma(r) + r log(1 + a m) + y log(1 + 1/(a m)),
 * m the mean, a the dispersion, r = 1/a.  Negative values are taken as 0.
 */
static double
negative_binomial_nll(const float *output, double y, double *d)
{
	FrnnDistribution p = frnn_distribution(FRNN_NEGATIVE_BINOMIAL, output);
	double		m = p.location;
	double		a = p.scale;
	double		r = 1 / a;
	double		by_r;

	if (y < 0)
		y = 0;
	by_r = frnn_digamma(r) - frnn_digamma(y + r) + log1p(a * m) + (y - m) / (r + m);
	d[0] = (m - y) / (m * (1 + a * m)) * frnn_sigmoid(output[0]);
	d[1] = -by_r * r * r * frnn_sigmoid(output[1]);
	return frnn_lgamma(y + 1) + frnn_lgamma(r) - frnn_lgamma(y + r) + r * log1p(a * m) + y * log1p(1 / (a * m));
}

double
frnn_nll(FrnnLossKind kind, const float *output, double y, double *d)
{
	switch (kind)
	{
		case FRNN_STUDENT_T:
			return student_t_nll(output, y, d);
		case FRNN_NEGATIVE_BINOMIAL:
			return negative_binomial_nll(output, y, d);
		default:
			return gaussian_nll(output, y, d);
	}
}
