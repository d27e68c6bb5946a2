/*
 * elementary.h
 *	  Exponential, logarithm, trigonometric and gamma functions in double.
 *
 * libm's differ in the last bits between libraries, processors and versions, so
 * models would too.  These use additions, multiplications, divisions and square
 * roots alone, which IEEE 754 rounds alike everywhere.  They have no calls and no
 * branches where a loop over them should vectorize.  Errors are below 1 unit in the
 * last place for exp, log and log1p, below 4 for the others unless a comment says more.
 */
#ifndef FRNN_ELEMENTARY_H
#define FRNN_ELEMENTARY_H

#include <math.h>
#include <stdint.h>

#define FRNN_LN2_HIGH 6.93147180369123816490e-01	/* the last 32 bits are zero */
#define FRNN_LN2_LOW 1.90821492927058770002e-10
#define FRNN_HALF_LOG_2PI 0.91893853320467274178

#define FRNN_ELEMENTARY static inline __attribute__((always_inline))

typedef union FrnnBits
{
	double		d;
	uint64_t	u;
} FrnnBits;

/*
 * exp x = 2^n exp r with |r| <= log(2)/2, exp r by its Taylor series.  0 below -707,
 * where results are no longer normal numbers.
 */
FRNN_ELEMENTARY double
frnn_exp(double x)
{
	double		v = x < -708.0 ? -708.0 : (x > 710.0 ? 710.0 : x);
	FrnnBits	n = {v * 1.44269504088896338700 + 6755399441055744.0};	/* 1.5 2^52: the last bits are n */
	double		whole = n.d - 6755399441055744.0;
	double		r = (v - whole * FRNN_LN2_HIGH) - whole * FRNN_LN2_LOW;
	double		p = 1.0 / 6227020800.0;
	FrnnBits	scale;
	double		y;

	p = p * r + 1.0 / 479001600.0;
	p = p * r + 1.0 / 39916800.0;
	p = p * r + 1.0 / 3628800.0;
	p = p * r + 1.0 / 362880.0;
	p = p * r + 1.0 / 40320.0;
	p = p * r + 1.0 / 5040.0;
	p = p * r + 1.0 / 720.0;
	p = p * r + 1.0 / 120.0;
	p = p * r + 1.0 / 24.0;
	p = p * r + 1.0 / 6.0;
	p = p * r + 0.5;
	p = p * r * r + r + 1.0;
	/* 2^(n-1), so that n = 1024 is in range */
	scale.u = (n.u + 1022) << 52;
	y = p * 2.0 * scale.d;
	y = x < -707.0 ? 0.0 : y;
	return x > 709.782712893384 ? HUGE_VAL : (x != x ? x : y);
}

/*
 * log x = e log 2 + log m with m in [sqrt(1/2), sqrt 2); log m = 2 artanh s, s = (m - 1)/(m + 1), by
 * the minimax polynomial of fdlibm.
 */
FRNN_ELEMENTARY double
frnn_log(double x)
{
	double		tiny = x < 2.2250738585072014e-308 ? 18014398509481984.0 : 1.0; /* 2^54 for subnormal numbers */
	FrnnBits	bits = {x * tiny};
	FrnnBits	m;
	FrnnBits	e;
	double		k,
				f,
				s,
				z,
				w,
				t,
				half,
				y;

	bits.u += 0x3ff0000000000000u - 0x3fe6a09e667f3bcdu;
	e.u = (bits.u >> 52) | 0x4330000000000000u;
	k = e.d - (4503599627370496.0 + 1023.0) - (tiny > 1.0 ? 54.0 : 0.0);
	m.u = (bits.u & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
	f = m.d - 1.0;
	half = 0.5 * f * f;
	s = f / (2.0 + f);
	z = s * s;
	w = z * z;
	t = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
	t += z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
	y = k * FRNN_LN2_HIGH - ((half - (s * (half + t) + k * FRNN_LN2_LOW)) - f);
	y = x == 0.0 ? -HUGE_VAL : y;
	y = x < 0.0 ? NAN : y;
	return x > 1.7976931348623157e308 || x != x ? x : y;
}

/* log(1 + x) */
FRNN_ELEMENTARY double
frnn_log1p(double x)
{
	double		u = 1.0 + x;
	double		lost = x - (u - 1.0);

	return u > 1.7976931348623157e308 || u <= 0.0 ? frnn_log(u) : frnn_log(u) + lost / u;
}

/* exp(x) - 1, by Kahan's correction of the rounded exponential */
FRNN_ELEMENTARY double
frnn_expm1(double x)
{
	double		u = frnn_exp(x);
	double		d = u - 1.0;

	if (u == 1.0)
		return x;
	return d == -1.0 || u > 1.7976931348623157e308 ? d : d * x / frnn_log(u);
}

FRNN_ELEMENTARY double
frnn_sinh(double x)
{
	double		e = frnn_expm1(fabs(x));
	double		y = e > 1e300 ? 0.5 * e : 0.5 * (e + e / (e + 1.0));

	return x < 0 ? -y : y;
}

FRNN_ELEMENTARY double
frnn_asinh(double x)
{
	double		a = fabs(x);
	double		y = a > 1e150 ? frnn_log(a) + 0.69314718055994530942 : frnn_log1p(a + a * a / (1.0 + sqrt(1.0 + a * a)));

	return x < 0 ? -y : y;
}

/* x^n by squaring; the error grows with n */
FRNN_ELEMENTARY double
frnn_power(double x, int64_t n)
{
	double		y = 1.0;

	for (; n > 0; n /= 2, x *= x)
		if (n % 2)
			y *= x;
	return y;
}

/* x^y, x >= 0; the relative error grows with |y log x| */
FRNN_ELEMENTARY double
frnn_pow(double x, double y)
{
	return y == 0.0 ? 1.0 : frnn_exp(y * frnn_log(x));
}

/* sin(2 pi x) and cos(2 pi x), |x| < 2^50; Taylor series on an eighth of a turn */
FRNN_ELEMENTARY void
frnn_sin_cos_turns(double x, double *sine, double *cosine)
{
	double		quarters = nearbyint(4.0 * x);
	double		r = (x - 0.25 * quarters) * 6.28318530717958647693;
	double		z = r * r;
	double		s = -1.0 / 1307674368000.0;
	double		c = 1.0 / 20922789888000.0;
	int64_t		q = (int64_t) quarters & 3;

	s = s * z + 1.0 / 6227020800.0;
	s = s * z - 1.0 / 39916800.0;
	s = s * z + 1.0 / 362880.0;
	s = s * z - 1.0 / 5040.0;
	s = s * z + 1.0 / 120.0;
	s = s * z - 1.0 / 6.0;
	s = s * z * r + r;
	c = c * z - 1.0 / 87178291200.0;
	c = c * z + 1.0 / 479001600.0;
	c = c * z - 1.0 / 3628800.0;
	c = c * z + 1.0 / 40320.0;
	c = c * z - 1.0 / 720.0;
	c = c * z + 1.0 / 24.0;
	c = c * z * z - 0.5 * z + 1.0;
	*sine = q == 0 ? s : q == 1 ? c : q == 2 ? -s : -c;
	*cosine = q == 0 ? c : q == 1 ? -s : q == 2 ? -c : s;
}

/* log(1 + exp(x)) and its derivative, any x */
FRNN_ELEMENTARY double
frnn_softplus_slope(double x, double *slope)
{
	double		e = frnn_exp(-fabs(x));

	*slope = (x > 0 ? 1.0 : e) / (1.0 + e);
	return (x > 0 ? x : 0.0) + frnn_log1p(e);
}

FRNN_ELEMENTARY double
frnn_softplus(double x)
{
	double		slope;

	return frnn_softplus_slope(x, &slope);
}

/*
 * x (x + 1) ... (x + 7) and its derivative for x < 8, else 1 and 0: arguments are raised
 * to where Stirling's series converges.
 */
FRNN_ELEMENTARY double
frnn_rising(double x, double *derivative)
{
	double		p = x;
	double		d = 1.0;

	for (int i = 1; i < 8; i++)
	{
		d = d * (x + i) + p;
		p = p * (x + i);
	}
	*derivative = x < 8.0 ? d : 0.0;
	return x < 8.0 ? p : 1.0;
}

/*
 * Stirling's series for the logarithm of the gamma function of x, raised as above, and its
 * derivative (A&S 6.1.41, 6.3.18).
 */
FRNN_ELEMENTARY double
frnn_stirling(double x, double *slope)
{
	double		v = x < 8.0 ? x + 8.0 : x;
	double		inverse = 1.0 / v;
	double		u = inverse * inverse;
	double		l = frnn_log(v);

	*slope = l - 0.5 * inverse -
		u * (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u * (1.0 / 240 - u * (1.0 / 132 - u * (691.0 / 32760))))));
	return (v - 0.5) * l - v + FRNN_HALF_LOG_2PI +
		(1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u * (1.0 / 1188 - u * (691.0 / 360360)))))) * inverse;
}

/* the logarithm of the gamma function, x > 0; error below 3e-14, relative and absolute */
FRNN_ELEMENTARY double
frnn_lgamma(double x)
{
	double		d,
				slope;
	double		p = frnn_rising(x, &d);

	return frnn_stirling(x, &slope) - frnn_log(p);
}

/* its derivative, x > 0 */
FRNN_ELEMENTARY double
frnn_digamma(double x)
{
	double		d,
				slope;
	double		p = frnn_rising(x, &d);

	(void) frnn_stirling(x, &slope);
	return slope - d / p;
}

#endif
