/*
 * highway.c
 *	  out = y + W [flatten(x), extra] + b
 *
 * The forward pass copies the time-major input to one row per sample; the
 * backward pass uses the same copy.
 */
#include "core/network/highway.h"

#include <string.h>

#include "core/kernel/gemm.h"

/* T F: columns of the flattened input */
static size_t
flat_size(const FrnnNetwork *network)
{
	return (size_t) network->time_steps * (size_t) network->input_size;
}

void
frnn_highway_layout(FrnnHighway *highway, const FrnnNetwork *network, size_t B, bool training, FrnnArena *arena)
{
	size_t		O = (size_t) network->output_size;
	size_t		flat = flat_size(network);

	highway->flat = FRNN_TAKE(arena, float, frnn_mul(B, flat));
	highway->packed = FRNN_TAKE(arena, float, frnn_packed_size(O, flat + (size_t) network->extra));
	highway->out = FRNN_TAKE(arena, float, frnn_mul(B, O));
	highway->tn = FRNN_TAKE(arena, float, training ? FRNN_TN_SCRATCH : 0);
}

static void
flatten(const FrnnBatch *batch, size_t F, float *flat)
{
	size_t		T = (size_t) batch->T;
	size_t		B = (size_t) batch->B;

	for (size_t t = 0; t < T; t++)
		for (size_t b = 0; b < B; b++)
			memcpy(flat + (b * T + t) * F, batch->x + (t * B + b) * F, F * sizeof(float));
}

float	   *
frnn_highway_forward(FrnnHighway *highway, const FrnnNetwork *network, const float *params,
					 const FrnnBatch *batch, bool packed, const FrnnRun *run, const float *y)
{
	size_t		B = (size_t) batch->B;
	size_t		O = (size_t) network->output_size;
	size_t		E = (size_t) network->extra;
	size_t		flat = flat_size(network);
	size_t		K = flat + E;
	FrnnOperand operand[2] = {{highway->flat, flat, flat}, {batch->extra, E, E}};

	flatten(batch, (size_t) network->input_size, highway->flat);
	if (!packed)
	{
		frnn_pack_bias(highway->packed, O, K, params + O * K, NULL);
		frnn_pack_weight(highway->packed, O, K, 0, K, params, K, 1);
	}
	frnn_gemm_packed(run, B, O, K, operand, E ? 2 : 1, highway->packed, false, highway->out, O);
	for (size_t k = 0; k < B * O; k++)
		highway->out[k] += y[k];
	return highway->out;
}

void
frnn_highway_backward(FrnnHighway *highway, const FrnnNetwork *network, const FrnnBatch *batch,
					  const float *dy, float *grads, const FrnnRun *run)
{
	size_t		B = (size_t) batch->B;
	size_t		O = (size_t) network->output_size;
	size_t		E = (size_t) network->extra;
	size_t		flat = flat_size(network);
	size_t		K = flat + E;

	frnn_gemm_tn(run, O, flat, B, &dy, 1, O, highway->flat, flat, grads, K, grads + O * K, highway->tn);
	if (E)
		frnn_gemm_tn(run, O, E, B, &dy, 1, O, batch->extra, E, grads + flat, K, NULL, highway->tn);
}
