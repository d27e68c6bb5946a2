/*
 * test_gates.c
 *	  The rational tanh and what is made of it against libm in double, over
 *	  the whole line; not-a-number stays visible.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/kernel/gates.h"

#define N 400001

static double
exact(FrnnActivation activation, double z)
{
	switch (activation)
	{
		case FRNN_TANH:
			return tanh(z);
		case FRNN_SIGMOID:
			return 1 / (1 + exp(-z));
		case FRNN_RELU:
			return z > 0 ? z : 0;
		case FRNN_SOFTPLUS:
			return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
		default:
			return z;
	}
}

static double
exact_slope(FrnnActivation activation, double z)
{
	switch (activation)
	{
		case FRNN_TANH:
			return 1 - tanh(z) * tanh(z);
		case FRNN_SIGMOID:
			return exp(-fabs(z)) / pow(1 + exp(-fabs(z)), 2);
		case FRNN_RELU:
			return z > 0;
		case FRNN_SOFTPLUS:
			return 1 / (1 + exp(-z));
		default:
			return 1;
	}
}

static void
test_values(FrnnActivation activation)
{
	float	   *z = malloc(N * sizeof(float));
	float	   *y = malloc(N * sizeof(float));
	float	   *one = malloc(N * sizeof(float));
	double		worst = 0;
	double		worst_slope = 0;

	for (int i = 0; i < N; i++)
	{
		z[i] = (float) (i - N / 2) / 8000;	/* -25 .. 25 */
		one[i] = 1;
	}
	frnn_activate(activation, N, z, y);
	frnn_activate_backward(activation, N, y, one, one);
	for (int i = 0; i < N; i++)
	{
		worst = fmax(worst, fabs(y[i] - exact(activation, z[i])) / fmax(1, fabs(z[i])));
		worst_slope = fmax(worst_slope, fabs(one[i] - exact_slope(activation, z[i])));
	}
	CHECK_NEAR(worst, 0, 3e-7);
	CHECK_NEAR(worst_slope, 0, 1e-6);

	/* in place gives the same bytes */
	frnn_activate(activation, N, z, z);
	CHECK(memcmp(z, y, N * sizeof(float)) == 0);
	free(z);
	free(y);
	free(one);
}

/* tanh near zero: relative error */
static void
test_small(void)
{
	float		z[64];
	float		y[64];

	for (int i = 0; i < 64; i++)
		z[i] = ldexpf(i % 2 ? -1.7f : 1.3f, -i);
	frnn_activate(FRNN_TANH, 64, z, y);
	for (int i = 0; i < 64; i++)
		CHECK_NEAR(y[i] / tanh(z[i]), 1, 3e-7);
}

static void
test_not_finite(void)
{
	float		z[3] = {NAN, INFINITY, -INFINITY};
	float		y[3];

	for (int a = FRNN_LINEAR; a <= FRNN_SOFTPLUS; a++)
	{
		frnn_activate((FrnnActivation) a, 3, z, y);
		CHECK(isnan(y[0]));
	}
	frnn_activate(FRNN_TANH, 3, z, y);
	CHECK_NEAR(y[1], 1, 3e-7);
	CHECK_NEAR(y[2], -1, 3e-7);
	frnn_activate(FRNN_SIGMOID, 3, z, y);
	CHECK_NEAR(y[1], 1, 3e-7);
	CHECK_NEAR(y[2], 0, 3e-7);
}

/* one step of each cell on lengths that leave a rest, against the formulas */
static void
test_cells(void)
{
	for (size_t n = 1; n < 40; n += 3)
	{
		float		v[7][40];
		float		w[4][40];
		float		h[40];
		float		c[40];

		for (int i = 0; i < 7; i++)
			for (size_t k = 0; k < n; k++)
				v[i][k] = (float) sin(1.0 + i * 2.3 + (double) k * 0.7) * 3;
		memcpy(w, v, sizeof(w));
		frnn_lstm_gates(n, w[0], w[1], w[2], w[3], v[4], c, h);
		for (size_t k = 0; k < n; k++)
		{
			double		cell = exact(FRNN_SIGMOID, v[1][k]) * v[4][k] + exact(FRNN_SIGMOID, v[0][k]) * tanh(v[2][k]);

			CHECK_NEAR(c[k], cell, 2e-6);
			CHECK_NEAR(h[k], exact(FRNN_SIGMOID, v[3][k]) * tanh(cell), 2e-6);
		}
		memcpy(w, v, sizeof(w));
		frnn_gru_gates(n, w[0], w[1], w[2], w[3], v[4], h);
		for (size_t k = 0; k < n; k++)
		{
			double		z = exact(FRNN_SIGMOID, v[1][k]);

			CHECK_NEAR(h[k], (1 - z) * tanh(v[2][k] + exact(FRNN_SIGMOID, v[0][k]) * v[3][k]) + z * v[4][k], 2e-6);
		}
	}
}

/* the first step of an LSTM, which has no state: what lies in the forget gate is not read, and gets no gradient */
static void
test_first_step(void)
{
	for (size_t n = 1; n < 40; n += 3)
	{
		float		w[4][40];
		float		h[40];
		float		c[40];
		float		dh[40];
		float		dc[40];

		for (size_t k = 0; k < n; k++)
		{
			for (int i = 0; i < 4; i++)
				w[i][k] = i == 1 ? NAN : (float) sin(2.0 + i * 1.7 + (double) k * 0.9) * 3;
			dh[k] = (float) cos((double) k);
			dc[k] = 0.25f;
		}
		frnn_lstm_gates(n, w[0], w[1], w[2], w[3], NULL, c, h);
		for (size_t k = 0; k < n; k++)
		{
			double		cell = exact(FRNN_SIGMOID, sin(2.0 + (double) k * 0.9) * 3) * tanh(sin(5.4 + (double) k * 0.9) * 3);

			CHECK_NEAR(c[k], cell, 2e-6);
			CHECK_NEAR(h[k], w[3][k] * tanh(cell), 2e-6);
		}
		frnn_lstm_gates_backward(n, w[0], w[1], w[2], w[3], NULL, c, dh, dc);
		for (size_t k = 0; k < n; k++)
		{
			double		i = exact(FRNN_SIGMOID, sin(2.0 + (double) k * 0.9) * 3);
			double		g = tanh(sin(5.4 + (double) k * 0.9) * 3);
			double		o = exact(FRNN_SIGMOID, sin(7.1 + (double) k * 0.9) * 3);
			double		t = tanh(i * g);
			double		d = 0.25 + dh[k] * o * (1 - t * t);

			CHECK_NEAR(w[0][k], d * g * i * (1 - i), 2e-6);
			CHECK(w[1][k] == 0);
			CHECK_NEAR(w[2][k], d * i * (1 - g * g), 2e-6);
			CHECK_NEAR(w[3][k], dh[k] * t * o * (1 - o), 2e-6);
		}
	}
}

int
main(void)
{
	for (int a = FRNN_LINEAR; a <= FRNN_SOFTPLUS; a++)
		test_values((FrnnActivation) a);
	test_small();
	test_not_finite();
	test_cells();
	test_first_step();
	return check_done();
}
