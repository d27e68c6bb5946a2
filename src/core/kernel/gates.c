/*
 * gates.c
 *	  The element-wise half of every cell, written so that the compiler
 *	  vectorises it: no calls, no branches, a rational function and a power of two.
 *
 * Relies on -fopenmp-simd, and on -fno-math-errno for nothing but the scalar
 * activations at the end.
 */
#include "core/kernel/gates.h"

#include <math.h>
#include <stdint.h>

#include "core/base/simd.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * Where the functions below are cut off.  Read from memory, once a loop: of a bound that it
 * knows the compiler makes a constant result, chosen by four comparisons and two blends where
 * a minimum and a maximum would do.
 */
static const volatile float tanh_end = 8.3f;
static const volatile float exp2_end = 126.0f;

typedef struct Ends
{
	float		tanh;
	float		exp2;
} Ends;

INLINE Ends
read_ends(void)
{
	return (Ends){tanh_end, exp2_end};
}

/* not-a-number stays */
INLINE float
clamp(float x, float end)
{
	x = x < -end ? -end : x;
	return x > end ? end : x;
}

/*
 * tanh x = x P(x^2) / Q(x^2) on |x| <= 8.3, beyond which tanh is 1 within
 * 1.3e-7.  Weighted minimax fit of the relative error (1e-8 in exact
 * arithmetic); evaluated in float the error is below 2.8e-7, relative as well
 * as absolute, over the whole line.
 */
INLINE float
tanh_rational(float x, Ends ends)
{
	float		v = clamp(x, ends.tanh);
	float		u = v * v;
	float		p;
	float		q;

	p = 1.4648304791364808e-08f;
	p = p * u + 2.1508529243874364e-05f;
	p = p * u + 0.003549171146005392f;
	p = p * u + 0.1342587172985077f;
	p = p * u + 1.0f;
	q = 8.295127145174774e-07f;
	q = q * u + 0.00033739538048394024f;
	q = q * u + 0.02607995644211769f;
	q = q * u + 0.4675919711589813f;
	q = q * u + 1.0f;
	return v * p / q;
}

/*
 * sigmoid x = 1 / (1 + 2^y), y = -x log2 e = n + f with n whole and |f| <= 1/2.
 * 2^f is a minimax polynomial (relative error 7.5e-8 in exact arithmetic), 2^n is
 * made of its bits.  |y| <= 126 keeps both 2^n and the sum normal numbers.  The
 * error is below 1.3e-7.
 */
INLINE float
sigmoid_exp2(float x, Ends ends)
{
	union
	{
		float		f;
		uint32_t	u;
	}			n;
	float		y = clamp(x * -1.44269504f, ends.exp2);
	float		f;
	float		p;

	n.f = y + 12582912.0f;		/* 1.5 2^23: the last bits of the sum are n */
	f = y - (n.f - 12582912.0f);
	n.u = (n.u + 127) << 23;
	p = 0.001327647129073739f;
	p = p * f + 0.009675540961325169f;
	p = p * f + 0.05550713092088699f;
	p = p * f + 0.24022120237350464f;
	p = p * f + 0.6931469440460205f;
	p = p * f + 1.0000001192092896f;
	return 1.0f / (1.0f + p * n.f);
}

/*
 * c = f c_prev + i g, h = o tanh c.  Two loops: one would be a chain too long for
 * the processor to have the next eight numbers under way.
 */
INLINE void
lstm_forward(size_t n, float *restrict i, float *restrict f, float *restrict g, float *restrict o,
			 const float *restrict c_prev, float *restrict c, float *restrict h)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = sigmoid_exp2(i[k], ends);
		float		fk = sigmoid_exp2(f[k], ends);
		float		gk = tanh_rational(g[k], ends);

		i[k] = ik;
		f[k] = fk;
		g[k] = gk;
		c[k] = ik * gk + (c_prev ? fk * c_prev[k] : 0.0f);
	}
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ok = sigmoid_exp2(o[k], ends);

		o[k] = ok;
		h[k] = ok * tanh_rational(c[k], ends);
	}
}

FRNN_CLONES
void
frnn_lstm_gates(size_t n, float *i, float *f, float *g, float *o,
				const float *c_prev, float *c, float *h)
{
	if (c_prev)
		lstm_forward(n, i, f, g, o, c_prev, c, h);
	else
		lstm_forward(n, i, f, g, o, NULL, c, h);
}

/*
 * do = dh tanh c, dc += dh o (1 - tanh^2 c); di = dc g, dg = dc i,
 * df = dc c_prev, dc_prev = dc f; then each through its activation.
 */
INLINE void
lstm_backward(size_t n, float *i, float *f, float *g, float *o,
			  const float *c_prev, const float *c, const float *dh, float *dc)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = i[k];
		float		fk = f[k];
		float		gk = g[k];
		float		ok = o[k];
		float		tc = tanh_rational(c[k], ends);
		float		dck = dc[k] + dh[k] * ok * (1.0f - tc * tc);
		float		before = c_prev ? c_prev[k] : 0.0f;

		o[k] = dh[k] * tc * ok * (1.0f - ok);
		i[k] = dck * gk * ik * (1.0f - ik);
		f[k] = dck * before * fk * (1.0f - fk);
		g[k] = dck * ik * (1.0f - gk * gk);
		dc[k] = dck * fk;
	}
}

FRNN_CLONES
void
frnn_lstm_gates_backward(size_t n, float *i, float *f, float *g, float *o,
						 const float *c_prev, const float *c, const float *dh, float *dc)
{
	if (c_prev)
		lstm_backward(n, i, f, g, o, c_prev, c, dh, dc);
	else
		lstm_backward(n, i, f, g, o, NULL, c, dh, dc);
}

/*
 * g = tanh(x part + r m), h = (1 - z) g + z h_prev
 */
INLINE void
gru_forward(size_t n, float *restrict r, float *restrict z, float *restrict g, const float *restrict m,
			const float *restrict h_prev, float *restrict h)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		rk = sigmoid_exp2(r[k], ends);

		r[k] = rk;
		z[k] = sigmoid_exp2(z[k], ends);
		g[k] += rk * m[k];
	}
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		gk = tanh_rational(g[k], ends);
		float		before = h_prev ? h_prev[k] : 0.0f;

		g[k] = gk;
		h[k] = gk + z[k] * (before - gk);
	}
}

FRNN_CLONES
void
frnn_gru_gates(size_t n, float *r, float *z, float *g, const float *m, const float *h_prev, float *h)
{
	if (h_prev)
		gru_forward(n, r, z, g, m, h_prev, h);
	else
		gru_forward(n, r, z, g, m, NULL, h);
}

/* kind 0: no state before this step; 1: dh_prev = dh z; 2: dh_prev += dh z */
INLINE void
gru_backward(const int kind, size_t n, float *r, float *z, float *g, float *m,
			 const float *h_prev, const float *dh, float *dh_prev)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		rk = r[k];
		float		zk = z[k];
		float		gk = g[k];
		float		d = dh[k];
		float		before = kind ? h_prev[k] : 0.0f;
		float		dg = d * (1.0f - zk) * (1.0f - gk * gk);

		r[k] = dg * m[k] * rk * (1.0f - rk);
		z[k] = d * (before - gk) * zk * (1.0f - zk);
		g[k] = dg;
		m[k] = dg * rk;
		if (kind == 1)
			dh_prev[k] = d * zk;
		if (kind == 2)
			dh_prev[k] += d * zk;
	}
}

FRNN_CLONES
void
frnn_gru_gates_backward(size_t n, float *r, float *z, float *g, float *m,
						const float *h_prev, const float *dh, float *dh_prev, bool accumulate)
{
	if (h_prev == NULL)
		gru_backward(0, n, r, z, g, m, h_prev, dh, dh_prev);
	else if (!accumulate)
		gru_backward(1, n, r, z, g, m, h_prev, dh, dh_prev);
	else
		gru_backward(2, n, r, z, g, m, h_prev, dh, dh_prev);
}

FRNN_CLONES
static void
activate_tanh(size_t n, const float *z, float *y)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = tanh_rational(z[k], ends);
}

FRNN_CLONES
static void
activate_sigmoid(size_t n, const float *z, float *y)
{
	const Ends	ends = read_ends();

#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = sigmoid_exp2(z[k], ends);
}

void
frnn_activate(FrnnActivation activation, size_t n, const float *z, float *y)
{
	switch (activation)
	{
		case FRNN_TANH:
			activate_tanh(n, z, y);
			break;
		case FRNN_SIGMOID:
			activate_sigmoid(n, z, y);
			break;
		case FRNN_RELU:
#pragma omp simd
			for (size_t k = 0; k < n; k++)
				y[k] = z[k] < 0.0f ? 0.0f : z[k];	/* NaN stays */
			break;
		case FRNN_SOFTPLUS:
			/* log(1 + e^z) without overflow; small y keep their digits */
			for (size_t k = 0; k < n; k++)
				y[k] = (z[k] > 0.0f ? z[k] : 0.0f) + log1pf(expf(-fabsf(z[k])));
			break;
		case FRNN_LINEAR:
			if (y != z)
				for (size_t k = 0; k < n; k++)
					y[k] = z[k];
			break;
	}
}

FRNN_CLONES
static void
tanh_backward(size_t n, const float *y, const float *dy, float *dz)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
		dz[k] = dy[k] * (1.0f - y[k] * y[k]);
}

void
frnn_activate_backward(FrnnActivation activation, size_t n, const float *y, const float *dy, float *dz)
{
	switch (activation)
	{
		case FRNN_TANH:
			tanh_backward(n, y, dy, dz);
			break;
		case FRNN_SIGMOID:
#pragma omp simd
			for (size_t k = 0; k < n; k++)
				dz[k] = dy[k] * y[k] * (1.0f - y[k]);
			break;
		case FRNN_RELU:
#pragma omp simd
			for (size_t k = 0; k < n; k++)
				dz[k] = y[k] > 0.0f ? dy[k] : 0.0f;
			break;
		case FRNN_SOFTPLUS:
			/* sigmoid z = 1 - e^-y */
			for (size_t k = 0; k < n; k++)
				dz[k] = dy[k] * -expm1f(-y[k]);
			break;
		case FRNN_LINEAR:
			if (dz != dy)
				for (size_t k = 0; k < n; k++)
					dz[k] = dy[k];
			break;
	}
}

FRNN_CLONES
void
frnn_multiply(size_t n, const float *a, const float *b, float *out)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
		out[k] = a[k] * b[k];
}

FRNN_CLONES
void
frnn_multiply_add(size_t n, const float *a, const float *b, float *out)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
		out[k] += a[k] * b[k];
}
