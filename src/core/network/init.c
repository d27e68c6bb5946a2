/*
 * init.c
 *	  Keras's initial weights, tensor by tensor.
 *
 * Each tensor draws from its own stream, so its values depend on the seed and
 * its number in the network alone.  Recurrent blocks are made in double and
 * rounded once.
 */
#include "core/network/network.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/kernel/product.h"

#define PANEL 32				/* rows made orthogonal together, so that most of the work is matrix products */
#define BASE_ROWS 512			/* rows projected on between two ticks: about 4 ms with 8192 units */
#define CHUNK ((size_t) 1 << 18)	/* uniform numbers between two ticks: about a millisecond */

typedef struct InitScratch
{
	FrnnTensor *tensor;			/* (FRNN_MAX_TENSORS) */
	double	   *square;			/* (H, H) */
	double	   *overlap;		/* (PANEL, BASE_ROWS) */
	double	   *product;		/* (FRNN_PRODUCT_SCRATCH) */
	const FrnnRun *run;
} InitScratch;

static void
scratch_layout(const FrnnNetwork *network, FrnnArena *arena, InitScratch *scratch)
{
	size_t		units = 0;

	for (int i = 0; i < network->layers; i++)
		if (frnn_is_recurrent(network->layer[i].kind) && (size_t) network->layer[i].units > units)
			units = (size_t) network->layer[i].units;
	scratch->tensor = FRNN_TAKE(arena, FrnnTensor, FRNN_MAX_TENSORS);
	scratch->square = FRNN_TAKE(arena, double, frnn_mul(units, units));
	scratch->overlap = FRNN_TAKE(arena, double, PANEL * BASE_ROWS);
	scratch->product = FRNN_TAKE(arena, double, FRNN_PRODUCT_SCRATCH);
}

size_t
frnn_init_scratch(const FrnnNetwork *network)
{
	FrnnArena	arena = frnn_arena(NULL);
	InitScratch scratch;

	scratch_layout(network, &arena, &scratch);
	return arena.overflow ? SIZE_MAX : arena.used;
}

/* Subtracts from the rows of the panel their projections on the `done` orthonormal rows at base. */
static void
project_out(double *panel, size_t rows, const double *base, size_t done, size_t units, InitScratch *scratch)
{
	for (size_t from = 0; from < done; from += BASE_ROWS)
	{
		size_t		some = done - from < BASE_ROWS ? done - from : BASE_ROWS;
		const double *part = base + from * units;
		FrnnFactor	left = {panel, 1, units};
		FrnnFactor	right = {part, 1, units};
		FrnnFactor	overlap = {scratch->overlap, 1, some};
		FrnnFactor	along = {part, units, 1};

		frnn_tick(scratch->run);
		memset(scratch->overlap, 0, sizeof(double) * rows * some);
		frnn_product(scratch->run, rows, some, units, left, right, 1, false, scratch->overlap, some, scratch->product);
		frnn_product(scratch->run, rows, units, some, overlap, along, -1, false, panel, units, scratch->product);
	}
}

/*
 * Gram-Schmidt on the rows, panel by panel, each step twice (Kahan: twice is
 * enough).  The diagonal of its triangular factor is positive, which is the
 * sign correction that makes the result uniform over the orthogonal group.
 */
static void
orthogonalize(double *a, size_t units, InitScratch *scratch)
{
	for (size_t start = 0; start < units; start += PANEL)
	{
		size_t		rows = units - start < PANEL ? units - start : PANEL;
		double	   *panel = a + start * units;

		for (int pass = 0; pass < 2; pass++)
		{
			project_out(panel, rows, a, start, units, scratch);
			for (size_t i = 0; i < rows; i++)
			{
				double	   *row = panel + i * units;
				double		norm;

				frnn_tick(scratch->run);
				for (size_t j = 0; j < 2 * i; j++)
				{
					const double *other = panel + j % i * units;

					frnn_add_scaled(units, -frnn_dot(units, other, row), other, row);
				}
				norm = sqrt(frnn_dot(units, row, row));
				for (size_t j = 0; j < units; j++)
					row[j] /= norm;
			}
		}
	}
}

static void
init_recurrent(const FrnnTensor *tensor, int units, uint64_t seed, uint64_t stream, float *out, InitScratch *scratch)
{
	size_t		count = (size_t) units * (size_t) units;
	int			gates = tensor->dim[0] / units;

	for (int g = 0; g < gates; g++)
	{
		for (int row = 0; row < units; row += PANEL)
		{
			size_t		first = (size_t) row * (size_t) units;
			size_t		rest = count - first;
			size_t		some = (size_t) PANEL * (size_t) units;

			frnn_tick(scratch->run);
			frnn_random_normal(seed, FRNN_USE_INIT, stream, (uint64_t) g * count + first, scratch->square + first,
							   some < rest ? some : rest);
		}
		orthogonalize(scratch->square, (size_t) units, scratch);
		for (size_t first = 0; first < count; first += CHUNK)
		{
			size_t		last = count - first < CHUNK ? count : first + CHUNK;

			frnn_tick(scratch->run);
			for (size_t i = first; i < last; i++)
				out[(size_t) g * count + i] = (float) scratch->square[i];
		}
	}
}

/* fan_out is all gates together, as Keras keeps one kernel for all of them */
static void
init_glorot(const FrnnTensor *tensor, uint64_t seed, uint64_t stream, float *out, const FrnnRun *run)
{
	float		limit = (float) sqrt(6.0 / ((double) tensor->dim[0] + (double) tensor->dim[1]));

	for (size_t first = 0; first < tensor->count; first += CHUNK)
	{
		size_t		rest = tensor->count - first;
		size_t		some = rest < CHUNK ? rest : CHUNK;

		frnn_tick(run);
		frnn_random_uniform(seed, FRNN_USE_INIT, stream, first, out + first, some);
		for (size_t i = first; i < first + some; i++)
			out[i] = (2.0f * out[i] - 1.0f) * limit;
	}
}

static void
fill(float *out, size_t count, float value, const FrnnRun *run)
{
	for (size_t i = 0; i < count; i++)
	{
		if (i % CHUNK == 0)
			frnn_tick(run);
		out[i] = value;
	}
}

static void
init_tensor(const FrnnNetwork *network, const FrnnTensor *tensor, uint64_t seed, uint64_t stream,
			float *out, InitScratch *scratch)
{
	const FrnnLayer *layer = tensor->layer < 0 ? NULL : &network->layer[tensor->layer];

	if (layer == NULL)
		fill(out, tensor->count, 0.0f, scratch->run);
	else if (layer->kind == FRNN_LAYER_NORM)
		fill(out, tensor->count, strstr(tensor->name, ".weight") ? 1.0f : 0.0f, scratch->run);
	else if (strstr(tensor->name, ".weight_hh"))
		init_recurrent(tensor, layer->units, seed, stream, out, scratch);
	else if (strstr(tensor->name, ".weight"))
		init_glorot(tensor, seed, stream, out, scratch->run);
	else
	{
		fill(out, tensor->count, 0.0f, scratch->run);
		/* gate order i, f, g, o; bias_hh stays 0: the two are added */
		if (layer->kind == FRNN_LSTM && strstr(tensor->name, ".bias_ih"))
			fill(out + layer->units, (size_t) layer->units, 1.0f, scratch->run);
	}
}

void
frnn_network_init(const FrnnNetwork *network, uint64_t seed, float *params, void *block, const FrnnRun *run)
{
	FrnnArena	arena = frnn_arena(block);
	InitScratch scratch;
	int			tensors;

	scratch_layout(network, &arena, &scratch);
	scratch.run = run;
	tensors = frnn_network_tensors(network, scratch.tensor);
	for (int i = 0; i < tensors; i++)
		init_tensor(network, &scratch.tensor[i], seed, (uint64_t) i, params + scratch.tensor[i].offset, &scratch);
}
