/*
 * gates.c
 *	  The element-wise half of every cell, written so that the compiler
 *	  vectorises it: no calls, no branches, one rational function.
 *
 * Relies on -fopenmp-simd, and on -fno-math-errno for nothing but the scalar
 * activations at the end.
 */
#include "gates.h"

#include <math.h>

#include "simd.h"

#define INLINE static inline __attribute__((always_inline))

/*
 * tanh x = x P(x^2) / Q(x^2) on |x| <= 8.3, beyond which tanh is 1 within
 * 1.3e-7.  Weighted minimax fit of the relative error (1e-8 in exact
 * arithmetic); evaluated in float the error is below 2.8e-7, relative as well
 * as absolute, over the whole line.
 */
INLINE float
tanh_rational(float x)
{
	float		v = x < -8.3f ? -8.3f : x;
	float		u;
	float		p;
	float		q;

	v = v > 8.3f ? 8.3f : v;
	u = v * v;
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

INLINE float
sigmoid_rational(float x)
{
	return 0.5f + 0.5f * tanh_rational(0.5f * x);
}

/*
 * c = f c_prev + i g, h = o tanh c
 */
FRNN_CLONES
void
frnn_lstm_gates(size_t n, float *i, float *f, float *g, float *o,
				const float *c_prev, float *c, float *h)
{
	if (c_prev == NULL)
	{
#pragma omp simd
		for (size_t k = 0; k < n; k++)
		{
			float		ik = sigmoid_rational(i[k]);
			float		gk = tanh_rational(g[k]);
			float		ok = sigmoid_rational(o[k]);
			float		ck = ik * gk;

			f[k] = sigmoid_rational(f[k]);
			i[k] = ik;
			g[k] = gk;
			o[k] = ok;
			c[k] = ck;
			h[k] = ok * tanh_rational(ck);
		}
		return;
	}
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = sigmoid_rational(i[k]);
		float		fk = sigmoid_rational(f[k]);
		float		gk = tanh_rational(g[k]);
		float		ok = sigmoid_rational(o[k]);
		float		ck = fk * c_prev[k] + ik * gk;

		i[k] = ik;
		f[k] = fk;
		g[k] = gk;
		o[k] = ok;
		c[k] = ck;
		h[k] = ok * tanh_rational(ck);
	}
}

/*
 * do = dh tanh c, dc += dh o (1 - tanh^2 c); di = dc g, dg = dc i,
 * df = dc c_prev, dc_prev = dc f; then each through its activation.
 */
INLINE void
lstm_backward(size_t n, float *i, float *f, float *g, float *o,
			  const float *c_prev, const float *c, const float *dh, float *dc)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		ik = i[k];
		float		fk = f[k];
		float		gk = g[k];
		float		ok = o[k];
		float		tc = tanh_rational(c[k]);
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
gru_forward(size_t n, float *r, float *z, float *g, const float *m, const float *h_prev, float *h)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
	{
		float		rk = sigmoid_rational(r[k]);
		float		zk = sigmoid_rational(z[k]);
		float		gk = tanh_rational(g[k] + rk * m[k]);
		float		before = h_prev ? h_prev[k] : 0.0f;

		r[k] = rk;
		z[k] = zk;
		g[k] = gk;
		h[k] = gk + zk * (before - gk);
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
#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = tanh_rational(z[k]);
}

FRNN_CLONES
static void
activate_sigmoid(size_t n, const float *z, float *y)
{
#pragma omp simd
	for (size_t k = 0; k < n; k++)
		y[k] = sigmoid_rational(z[k]);
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
