/*
 * special.c
 *	  Beta function, and quantiles of three distributions.
 *
 * Everything is in double and every iteration is bounded.  Formulas by number
 * are those of Abramowitz & Stegun, "Handbook of Mathematical Functions".
 */
#include "core/base/special.h"

#include <math.h>

#define FRACTION_LIMIT 20000
#define LARGE_MEAN 1e6			/* counts beyond are scaled down to it */
#define LARGE_DISPERSION 1e8	/* nearly all mass is at 0: more changes no quantile of interest */
#define NORMAL_DF 1e3			/* t quantiles beyond come from their expansion */

/*
 * 26.5.8, evaluated forward as a product of ratios of successive numerators
 * and denominators (Lentz), which neither over- nor underflows.
 */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double		numerator = 1,
				denominator = 0,
				value = 1;

	for (int m = 0; m < FRACTION_LIMIT; m++)
	{
		double		odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double		even = (m + 1) * (b - (m + 1)) * x / ((a + 2 * m + 1) * (a + 2 * m + 2));
		double		step;

		denominator = 1 + odd * denominator;
		numerator = 1 + odd / numerator;
		denominator = 1 / (fabs(denominator) < tiny ? tiny : denominator);
		numerator = fabs(numerator) < tiny ? tiny : numerator;
		value *= numerator * denominator;

		denominator = 1 + even * denominator;
		numerator = 1 + even / numerator;
		denominator = 1 / (fabs(denominator) < tiny ? tiny : denominator);
		numerator = fabs(numerator) < tiny ? tiny : numerator;
		step = numerator * denominator;
		value *= step;
		if (fabs(step - 1) < 1e-15)
			break;
	}
	return 1 / value;
}

/* Returns the logarithm of the beta function of a and b, negated. */
static double
minus_log_beta(double a, double b)
{
	return frnn_lgamma(a + b) - frnn_lgamma(a) - frnn_lgamma(b);
}

/* frnn_beta_inc; constant: minus_log_beta(a, b) */
static double
beta_inc(double constant, double a, double b, double x)
{
	double		front;

	if (!(x > 0))
		return 0;
	if (x >= 1)
		return 1;
	front = frnn_exp(constant + a * frnn_log(x) + b * frnn_log1p(-x));
	/* the fraction converges fast on one side of the mean; 26.5.2 mirrors the other */
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double
frnn_beta_inc(double a, double b, double x)
{
	return x > 0 && x < 1 ? beta_inc(minus_log_beta(a, b), a, b, x) : beta_inc(0, a, b, x);
}

/*
 * The probability above z, z >= 0: by its power series (26.2.11), beyond 3 by its
 * continued fraction (26.2.14).
 */
static double
normal_tail(double z)
{
	double		density = frnn_exp(-0.5 * z * z - FRNN_HALF_LOG_2PI);
	double		term = z;
	double		sum = z;

	if (z > 3)
	{
		double		fraction = z;

		for (int n = 100; n > 0; n--)
			fraction = z + n / fraction;
		return density / fraction;
	}
	for (int n = 3; n < 120; n += 2)
	{
		term *= z * z / n;
		sum += term;
		/* all further terms are smaller, and change the sum no more */
		if (n > z * z && term < 0x1p-55 * sum)
			break;
	}
	return 0.5 - density * sum;
}

/* 26.2.23 (error below 4.5e-4), then two steps of Halley's iteration */
double
frnn_normal_quantile(double p)
{
	double		tail = p < 0.5 ? p : 1 - p;
	double		t,
				z;

	if (isnan(p))
		return p;
	if (tail <= 0)
		return p < 0.5 ? -INFINITY : INFINITY;
	t = sqrt(-2 * frnn_log(tail));
	z = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
	for (int i = 0; i < 2; i++)
	{
		/* Newton's step: (F - p) / density, with the exponential taken out of reach of underflow */
		double		step = (normal_tail(-z) / tail - 1) * frnn_exp(0.5 * z * z + FRNN_HALF_LOG_2PI + frnn_log(tail));

		z -= step / (1 + 0.5 * z * step);
	}
	return p < 0.5 ? z : -z;
}

/* 26.7.5: the expansion about the normal quantile in 1/df */
static double
student_t_expansion(double p, double df)
{
	double		z = frnn_normal_quantile(p);
	double		u = z * z;
	double		g1 = (u + 1) * z / 4;
	double		g2 = ((5 * u + 16) * u + 3) * z / 96;
	double		g3 = (((3 * u + 19) * u + 17) * u - 15) * z / 384;

	return z + (g1 + (g2 + g3 / df) / df) / df;
}

/*
 * Newton on log F(z) - log p in the lower tail, inside a bracket; a step that
 * leaves it is replaced by the bracket's geometric middle.
 */
double
frnn_student_t_quantile(double p, double df)
{
	double		tail = p < 0.5 ? p : 1 - p;
	double		low = -1e200,
				high = -1e-300,
				constant,
				beta_constant,
				z;

	if (isnan(p) || tail <= 0 || df > NORMAL_DF)
		return tail > 0 ? student_t_expansion(p, df) : frnn_normal_quantile(p);
	if (p == 0.5)
		return 0;
	z = student_t_expansion(tail, df);
	beta_constant = minus_log_beta(0.5 * df, 0.5);
	constant = frnn_lgamma(0.5 * (df + 1)) - frnn_lgamma(0.5 * df) - 0.5 * frnn_log(df * M_PI);
	for (int i = 0; i < 200; i++)
	{
		double		x = df / (df + z * z);
		double		f = 0.5 * beta_inc(beta_constant, 0.5 * df, 0.5, x);
		double		density = frnn_exp(constant - 0.5 * (df + 1) * frnn_log1p(z * z / df));
		double		next = f > 0 && density > 0 ? z - frnn_log(f / tail) * f / density : NAN;

		if (f > tail)
			high = z;
		else
			low = z;
		if (!(next > low && next < high))
			next = -sqrt(low * high);
		if (fabs(next - z) <= 1e-13 * fabs(z))
			break;
		z = next;
	}
	return p < 0.5 ? z : -z;
}

/* the smallest count in (low, high] whose distribution function reaches p; that of low lies below p */
static double
negative_binomial_search(double p, double r, double x, double low, double high)
{
	/* halving at most 64 times reaches neighbors below 2^53; above it the middle stops moving */
	for (int i = 0; i < 64 && high - low > 1; i++)
	{
		double		middle = floor(0.5 * (low + high));

		if (middle <= low || middle >= high)
			break;
		if (frnn_beta_inc(r, middle + 1, x) < p)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double
frnn_negative_binomial_quantile(double p, double mean, double dispersion)
{
	double		r,
				x,
				low = -1,		/* distribution function below p */
				high;

	if (isnan(p) || isnan(mean) || isnan(dispersion))
		return NAN;
	if (p >= 1)
		return INFINITY;
	dispersion = fmin(dispersion, LARGE_DISPERSION);
	if (mean > LARGE_MEAN)
	{
		/* another mean, the same relative variance 1/mean + dispersion: the shape of large counts */
		double		same = dispersion + 1 / mean - 1 / LARGE_MEAN;

		return floor(mean / LARGE_MEAN * frnn_negative_binomial_quantile(p, LARGE_MEAN, fmax(same, 1e-8)));
	}
	r = 1 / dispersion;
	x = 1 / (1 + dispersion * mean);
	high = ceil(mean + 4 * sqrt(mean + dispersion * mean * mean));
	for (int i = 0; i < 64 && high < 1e15 && frnn_beta_inc(r, high + 1, x) < p; i++)
	{
		low = high;
		high = 2 * high + 1;
	}
	return negative_binomial_search(p, r, x, low, high);
}
