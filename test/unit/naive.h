/*
 * naive.h
 *	  The naive twin of the core's forward pass: one number at a time, in
 *	  double, straight from the formulas.  Gradients of the optimised path are
 *	  checked against central differences of this one.
 */
#ifndef FRNN_TEST_NAIVE_H
#define FRNN_TEST_NAIVE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/network/layer.h"
#include "core/network/network.h"

typedef struct Naive
{
	const FrnnNetwork *network;
	const double *params;
	const FrnnRun *run;
	int			B;
	int			T;
} Naive;

static double
naive_sigmoid(double z)
{
	return 1 / (1 + exp(-z));
}

static double
naive_activation(FrnnActivation activation, double z)
{
	switch (activation)
	{
		case FRNN_TANH:
			return tanh(z);
		case FRNN_RELU:
			return z > 0 ? z : 0;
		case FRNN_SIGMOID:
			return naive_sigmoid(z);
		case FRNN_SOFTPLUS:
			return log1p(exp(z));
		default:
			return z;
	}
}

/* factors of a dropout mask, all one when dropout is off */
static float *
naive_mask(const Naive *naive, int layer, int use, float rate, size_t n)
{
	float	   *mask = malloc(n * sizeof(float));

	for (size_t i = 0; i < n; i++)
		mask[i] = 1;
	if (rate > 0 && naive->run && naive->run->training)
		frnn_dropout_mask(naive->run, layer, use, rate, 0, n, mask);
	return mask;
}

/* h (T, B, H) of one direction over x (T, B, F) */
static double *
naive_direction(const Naive *naive, int index, int direction, const double *x)
{
	const FrnnLayer *layer = &naive->network->layer[index];
	int			B = naive->B,
				T = naive->T,
				F = layer->input_size,
				H = layer->units;
	int			gates = layer->kind == FRNN_LSTM ? 4 : layer->kind == FRNN_GRU ? 3 : 1;
	const double *w_ih = naive->params + layer->offset + direction * (layer->count / 2);
	const double *w_hh = w_ih + gates * H * F;
	const double *b_ih = w_hh + gates * H * H;
	const double *b_hh = b_ih + gates * H;
	float	   *x_mask = naive_mask(naive, index, 2 * direction, layer->dropout, (size_t) B * F);
	float	   *h_mask = naive_mask(naive, index, 2 * direction + 1, layer->recurrent_dropout, (size_t) B * H);
	double	   *h = calloc((size_t) T * B * H, sizeof(double));
	double	   *c = calloc((size_t) T * B * H, sizeof(double));

	for (int s = 0; s < T; s++)
		for (int b = 0; b < B; b++)
			for (int j = 0; j < H; j++)
			{
				int			t = direction ? T - 1 - s : s;
				int			p = direction ? t + layer->dilation : t - layer->dilation;
				bool		begun = s >= layer->dilation;
				double		in[4];
				double		rec[4];
				double		h_prev = begun ? h[(p * B + b) * H + j] : 0;
				double		c_prev = begun ? c[(p * B + b) * H + j] : 0;
				double	   *to = &h[(t * B + b) * H + j];

				for (int g = 0; g < gates; g++)
				{
					int			row = g * H + j;

					in[g] = layer->use_bias ? b_ih[row] : 0;
					rec[g] = layer->use_bias ? b_hh[row] : 0;
					for (int f = 0; f < F; f++)
						in[g] += w_ih[row * F + f] * x[(t * B + b) * F + f] * x_mask[b * F + f];
					for (int k = 0; begun && k < H; k++)
						rec[g] += w_hh[row * H + k] * h[(p * B + b) * H + k] * h_mask[b * H + k];
				}
				if (layer->kind == FRNN_LSTM)
				{
					double		cell = naive_sigmoid(in[1] + rec[1]) * c_prev +
						naive_sigmoid(in[0] + rec[0]) * tanh(in[2] + rec[2]);

					c[(t * B + b) * H + j] = cell;
					*to = naive_sigmoid(in[3] + rec[3]) * tanh(cell);
				}
				else if (layer->kind == FRNN_GRU)
				{
					double		z = naive_sigmoid(in[1] + rec[1]);

					*to = (1 - z) * tanh(in[2] + naive_sigmoid(in[0] + rec[0]) * rec[2]) + z * h_prev;
				}
				else
					*to = naive_activation(layer->activation, in[0] + rec[0]);
			}
	free(x_mask);
	free(h_mask);
	free(c);
	return h;
}

static double *
naive_recurrent(const Naive *naive, int index, const double *x)
{
	const FrnnLayer *layer = &naive->network->layer[index];
	int			B = naive->B,
				T = naive->T,
				H = layer->units,
				O = layer->output_size,
				first = layer->return_sequences ? 0 : T - 1;
	double	   *y = calloc((size_t) (T - first) * B * O, sizeof(double));
	double	   *a = naive_direction(naive, index, 0, x);
	double	   *b = layer->bidirectional ? naive_direction(naive, index, 1, x) : NULL;

	for (int t = first; t < T; t++)
		for (int n = 0; n < B; n++)
			for (int j = 0; j < H; j++)
			{
				double		ahead = a[(t * B + n) * H + j];
				/* without sequences: the state after reading everything */
				double		back = b ? b[((layer->return_sequences ? t : 0) * B + n) * H + j] : 0;
				double	   *to = y + ((t - first) * B + n) * O + j;

				if (!b)
					*to = ahead;
				else if (layer->merge == FRNN_CONCAT)
					to[0] = ahead, to[H] = back;
				else if (layer->merge == FRNN_SUM)
					*to = ahead + back;
				else if (layer->merge == FRNN_AVERAGE)
					*to = (ahead + back) / 2;
				else
					*to = ahead * back;
			}
	free(a);
	free(b);
	return y;
}

static double *
naive_dense(const Naive *naive, int index, int rows, const double *x, const float *extra)
{
	const FrnnLayer *layer = &naive->network->layer[index];
	int			E = index == naive->network->layers - 1 ? naive->network->extra : 0;
	int			F = layer->input_size - E,
				O = layer->units;
	const double *w = naive->params + layer->offset;
	double	   *y = calloc((size_t) rows * O, sizeof(double));

	for (int r = 0; r < rows; r++)
		for (int o = 0; o < O; o++)
		{
			double		z = layer->use_bias ? w[O * (F + E) + o] : 0;

			for (int f = 0; f < F; f++)
				z += w[o * (F + E) + f] * x[r * F + f];
			for (int e = 0; e < E; e++)
				z += w[o * (F + E) + F + e] * extra[(r % naive->B) * E + e];
			y[r * O + o] = naive_activation(layer->activation, z);
		}
	return y;
}

static double *
naive_norm(const Naive *naive, int index, int rows, const double *x)
{
	const FrnnLayer *layer = &naive->network->layer[index];
	int			F = layer->input_size;
	const double *w = naive->params + layer->offset;
	double	   *y = calloc((size_t) rows * F, sizeof(double));

	for (int r = 0; r < rows; r++)
	{
		double		mean = 0;
		double		variance = 0;

		for (int f = 0; f < F; f++)
			mean += x[r * F + f] / F;
		for (int f = 0; f < F; f++)
			variance += pow(x[r * F + f] - mean, 2) / F;
		for (int f = 0; f < F; f++)
			y[r * F + f] = (x[r * F + f] - mean) / sqrt(variance + layer->epsilon) * w[f] +
				(layer->use_bias ? w[F + f] : 0);
	}
	return y;
}

static double *
naive_dropout(const Naive *naive, int index, int rows, const double *x)
{
	const FrnnLayer *layer = &naive->network->layer[index];
	size_t		n = (size_t) rows * layer->input_size;
	float	   *mask = naive_mask(naive, index, 0, layer->dropout, n);
	double	   *y = malloc(n * sizeof(double));

	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * mask[i];
	free(mask);
	return y;
}

/* out (B, O) or (T, B, O), malloc'd */
static double *
naive_forward(const FrnnNetwork *network, const double *params, const FrnnBatch *batch, const FrnnRun *run)
{
	Naive		naive = {network, params, run, batch->B, batch->T};
	int			B = batch->B,
				T = batch->T,
				F = network->input_size;
	double	   *in = malloc((size_t) T * B * F * sizeof(double));
	double	   *x = malloc((size_t) T * B * F * sizeof(double));

	for (int i = 0; i < T * B * F; i++)
		in[i] = x[i] = batch->x[i];
	for (int i = 0; i < network->layers; i++)
	{
		const FrnnLayer *layer = &network->layer[i];
		int			rows = layer->input_sequence ? T * B : B;
		double	   *y;

		if (layer->kind == FRNN_DENSE)
			y = naive_dense(&naive, i, rows, x, batch->extra);
		else if (layer->kind == FRNN_LAYER_NORM)
			y = naive_norm(&naive, i, rows, x);
		else if (layer->kind == FRNN_DROPOUT)
			y = naive_dropout(&naive, i, rows, x);
		else
			y = naive_recurrent(&naive, i, x);
		free(x);
		x = y;
	}
	if (network->highway)
	{
		int			E = network->extra,
					K = T * F + E,
					O = network->output_size;
		const double *w = params + network->highway_offset;

		for (int b = 0; b < B; b++)
			for (int o = 0; o < O; o++)
			{
				double	   *to = x + b * O + o;

				*to += w[O * K + o];
				for (int t = 0; t < T; t++)
					for (int f = 0; f < F; f++)
						*to += w[o * K + t * F + f] * in[(t * B + b) * F + f];
				for (int e = 0; e < E; e++)
					*to += w[o * K + T * F + e] * batch->extra[b * E + e];
			}
	}
	free(in);
	return x;
}

#endif
