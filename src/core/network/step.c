/*
 * step.c
 *	  One time step of a network for one sample: matrix times vector, then the
 *	  cells' own gate functions.
 */
#include <math.h>
#include <string.h>

#include "core/kernel/product.h"
#include "core/network/layer.h"
#include "core/network/step.h"

bool
frnn_step_possible(const FrnnNetwork *network)
{
	for (int l = 0; l < network->layers; l++)
		if (network->layer[l].bidirectional)
			return false;
	return !network->highway;
}

static size_t
layer_state(const FrnnLayer *layer)
{
	if (!frnn_is_recurrent(layer->kind))
		return 0;
	return (size_t) layer->dilation * layer->units * (frnn_cell_of(layer->kind)->has_c ? 2 : 1);
}

size_t
frnn_step_state(const FrnnNetwork *network)
{
	size_t		floats = 0;

	for (int l = 0; l < network->layers; l++)
		floats += layer_state(&network->layer[l]);
	return floats;
}

/* the widest vector of the network, extras included */
static size_t
widest(const FrnnNetwork *network)
{
	size_t		wide = (size_t) network->input_size + network->extra;

	for (int l = 0; l < network->layers; l++)
	{
		if ((size_t) network->layer[l].output_size + network->extra > wide)
			wide = (size_t) network->layer[l].output_size + network->extra;
	}
	return wide;
}

size_t
frnn_step_scratch(const FrnnNetwork *network)
{
	/* two vectors between layers; gates and their recurrent part */
	return 2 * widest(network) + 8 * widest(network);
}

/* out = W v + bias; W (rows, columns) */
static void
affine(const float *w, const float *bias, int rows, int columns, const float *v, float *out)
{
	if (bias)
		memcpy(out, bias, sizeof(float) * (size_t) rows);
	else
		memset(out, 0, sizeof(float) * (size_t) rows);
	frnn_matrix_vector((size_t) rows, (size_t) columns, w, v, out);
}

/* One recurrent layer.  Replaces h, and c, in their ring's slot of the step. */
static void
recurrent_step(const FrnnLayer *layer, const float *params, const float *x, float *state, int64_t step,
			   float *gates, float *recurrent)
{
	const FrnnCell *cell = frnn_cell_of(layer->kind);
	int			H = layer->units;
	size_t		rows = (size_t) cell->gates * H;
	size_t		joint = (size_t) (2 * cell->gates - cell->blocks) * H;
	const float *w_ih = params;
	const float *w_hh = w_ih + rows * layer->input_size;
	const float *b_ih = layer->use_bias ? w_hh + rows * H : NULL;
	const float *b_hh = layer->use_bias ? b_ih + rows : NULL;
	float	   *h = state + (size_t) (step % layer->dilation) * H;
	float	   *c = cell->has_c ? h + (size_t) layer->dilation * H : NULL;

	affine(w_ih, b_ih, (int) rows, layer->input_size, x, gates);
	affine(w_hh, b_hh, (int) rows, H, h, recurrent);
	for (size_t j = 0; j < joint; j++)
		gates[j] += recurrent[j];
	/* the recurrent part of a split gate is a block of its own */
	memcpy(gates + rows, recurrent + joint, sizeof(float) * (rows - joint));
	cell->forward(layer, (size_t) H, gates, (size_t) H, h, c, h, c);
}

static void
dense_step(const FrnnLayer *layer, const float *params, const float *x, float *out)
{
	size_t		weights = (size_t) layer->units * layer->input_size;

	affine(params, layer->use_bias ? params + weights : NULL, layer->units, layer->input_size, x, out);
	frnn_activate(layer->activation, (size_t) layer->units, out, out);
}

/* y = (x - mean) / sqrt(variance + epsilon) * weight + bias */
static void
norm_step(const FrnnLayer *layer, const float *params, const float *x, float *out)
{
	int			n = layer->output_size;
	double		mean = 0;
	double		variance = 0;

	for (int j = 0; j < n; j++)
		mean += x[j];
	mean /= n;
	for (int j = 0; j < n; j++)
		variance += (x[j] - mean) * (x[j] - mean);
	for (int j = 0; j < n; j++)
		out[j] = (float) ((x[j] - mean) / sqrt(variance / n + layer->epsilon)) * params[j] + params[n + j];
}

void
frnn_step(const FrnnNetwork *network, const float *params, const float *x, const float *extra,
		  float *state, int64_t step, float *scratch, float *out)
{
	size_t		wide = widest(network);
	float	   *from = scratch;
	float	   *to = scratch + wide;
	float	   *gates = to + wide;
	float	   *recurrent = gates + 4 * wide;

	memcpy(from, x, sizeof(float) * (size_t) network->input_size);
	for (int l = 0; l < network->layers; l++)
	{
		const FrnnLayer *layer = &network->layer[l];
		float	   *swap = from;

		if (l == network->layers - 1 && network->extra > 0)
			memcpy(from + layer->input_size - network->extra, extra, sizeof(float) * (size_t) network->extra);
		if (frnn_is_recurrent(layer->kind))
		{
			recurrent_step(layer, params + layer->offset, from, state, step, gates, recurrent);
			memcpy(to, state + (size_t) (step % layer->dilation) * layer->units, sizeof(float) * (size_t) layer->units);
			state += layer_state(layer);
		}
		else if (layer->kind == FRNN_DENSE)
			dense_step(layer, params + layer->offset, from, to);
		else if (layer->kind == FRNN_LAYER_NORM)
			norm_step(layer, params + layer->offset, from, to);
		else
			continue;			/* dropout: nothing outside training */
		from = to;
		to = swap;
	}
	memcpy(out, from, sizeof(float) * (size_t) network->output_size);
}
