/*
 * dropout.c
 *	  Inverted dropout: each element is zeroed with the given probability, the
 *	  others are scaled so that the mean does not change.
 *
 * A mask depends on seed, update, layer and index alone.
 */
#include <string.h>

#include "core/kernel/gates.h"
#include "core/network/layer.h"
#include "core/base/random.h"

void
frnn_dropout_mask(const FrnnRun *run, int layer, int use, float rate, size_t first, size_t n, float *mask)
{
	uint64_t	stream = (run->step * FRNN_MAX_LAYERS + (uint64_t) layer) * 4 + (uint64_t) use;
	float		scale = 1.0f / (1.0f - rate);

	for (size_t k = 0; k < n; k += FRNN_GATE_RUN)
	{
		size_t		m = n - k < FRNN_GATE_RUN ? n - k : FRNN_GATE_RUN;

		frnn_random_uniform(run->seed, FRNN_USE_DROPOUT, stream, first + k, mask + k, m);
		for (size_t i = k; i < k + m; i++)
			mask[i] = mask[i] < rate ? 0.0f : scale;
		frnn_tick(run);
	}
}

static void
apply_mask(const FrnnRun *run, size_t n, const float *x, const float *mask, float *out)
{
	for (size_t k = 0; k < n; k += FRNN_GATE_RUN)
	{
		frnn_multiply(n - k < FRNN_GATE_RUN ? n - k : FRNN_GATE_RUN, x + k, mask + k, out + k);
		frnn_tick(run);
	}
}

void
frnn_dropout_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	size_t		n = frnn_mul(frnn_mul(pass->B, pass->T), pass->F);

	(void) work;
	/* in inference the result is the input */
	if (!pass->keep || pass->layer->dropout <= 0.0f)
		return;
	buffers->out = FRNN_TAKE(keep, float, n);
	buffers->mask = FRNN_TAKE(keep, float, n);
}

void
frnn_dropout_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		n = pass->B * pass->T * pass->F;

	if (!frnn_dropping(pass, pass->layer->dropout))
	{
		buffers->y = (float *) pass->x;
		return;
	}
	frnn_dropout_mask(pass->run, pass->index, 0, pass->layer->dropout, 0, n, buffers->mask);
	apply_mask(pass->run, n, pass->x, buffers->mask, buffers->out);
	buffers->y = buffers->out;
}

void
frnn_dropout_backward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		n = pass->B * pass->T * pass->F;

	if (pass->dx == NULL)
		return;
	if (frnn_dropping(pass, pass->layer->dropout))
		apply_mask(pass->run, n, pass->dy, buffers->mask, pass->dx);
	else
		memcpy(pass->dx, pass->dy, n * sizeof(float));
}
