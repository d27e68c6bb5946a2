/*
 * gates.c
 *	  Element-wise kernels: activations and the gates of each cell.
 *
 * gates_isa.h has the functions that need a fused multiply-add.
 */
#include "core/kernel/gates.h"

#include <math.h>
#include <stdint.h>

#include "core/base/elementary.h"
#include "core/base/simd.h"

/*
 * Bounds of the functions' arguments.  They are read from memory once per loop, because
 * the compiler turns a constant bound into a constant result, chosen by four comparisons and
 * two blends in place of a minimum and a maximum.
 */
static const volatile float tanh_end = 8.3f;
static const volatile float exp2_end = 126.0f;

typedef struct Ends
{
	float		tanh;
	float		exp2;
} Ends;

static inline Ends
read_ends(void)
{
	return (Ends) {tanh_end, exp2_end};
}

#define FRNN_KERNEL "core/kernel/gates_isa.h"
#include "core/kernel/each_isa.h"

FRNN_DISPATCH(void, frnn_lstm_gates, (size_t n, float *i, float *f, float *g, float *o,
									  const float *c_prev, float *c, float *h));
FRNN_DISPATCH(void, frnn_lstm_gates_backward, (size_t n, float *i, float *f, float *g, float *o,
											   const float *c_prev, const float *c, const float *dh, float *dc));
FRNN_DISPATCH(void, frnn_gru_gates, (size_t n, float *r, float *z, float *g, const float *m,
									 const float *h_prev, float *h));
FRNN_DISPATCH(void, frnn_gru_gates_backward, (size_t n, float *r, float *z, float *g, float *m,
											  const float *h_prev, const float *dh, float *dh_prev, bool accumulate));
FRNN_DISPATCH(void, frnn_activate_tanh, (size_t n, const float *z, float *y));
FRNN_DISPATCH(void, frnn_activate_sigmoid, (size_t n, const float *z, float *y));

void
frnn_activate(FrnnActivation activation, size_t n, const float *z, float *y)
{
	switch (activation)
	{
		case FRNN_TANH:
			frnn_activate_tanh(n, z, y);
			break;
		case FRNN_SIGMOID:
			frnn_activate_sigmoid(n, z, y);
			break;
		case FRNN_RELU:
#pragma omp simd
			for (size_t k = 0; k < n; k++)
				y[k] = z[k] < 0.0f ? 0.0f : z[k];	/* NaN stays */
			break;
		case FRNN_SOFTPLUS:
			/* log(1 + e^z) without overflow; small y keep their digits */
			for (size_t k = 0; k < n; k++)
				y[k] = (float) frnn_softplus(z[k]);
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
				dz[k] = dy[k] * (float) -frnn_expm1(-(double) y[k]);
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
