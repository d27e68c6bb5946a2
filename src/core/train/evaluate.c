/*
 * evaluate.c
 *	  Loss over a whole source, without learning from it.
 */
#include "core/train/gradient.h"

#include <math.h>

static void
take_range(int64_t *range, int64_t from, int n)
{
	for (int i = 0; i < n; i++)
		range[i] = from + i;
}

static int
range_length(const FrnnSource *source, int64_t from, int most)
{
	return source->samples - from < most ? (int) (source->samples - from) : most;
}

double
frnn_source_loss(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
				 const float *params, const FrnnHooks *hooks)
{
	FrnnRun		run = frnn_hooks_run(hooks, false, 0, 0);
	double		sum = 0,
				weights = 0;

	for (int64_t from = 0; from < source->samples; from += most)
	{
		int			n = range_length(source, from, most);
		double		loss,
					weight;

		take_range(range, from, n);
		loss = frnn_gradient_range(gradient, source, range, n, params, &run, NULL, &weight);
		if (weight > 0)
		{
			sum += loss * weight;
			weights += weight;
			if (!isfinite(sum))
				return sum;
		}
	}
	return weights > 0 ? sum / weights : NAN;
}

bool
frnn_source_has_weight(FrnnGradient *gradient, const FrnnSource *source, int most, int64_t *range,
					   const FrnnHooks *hooks)
{
	FrnnRun		run = frnn_hooks_run(hooks, false, 0, 0);
	FrnnBatch  *batch = &gradient->batch;

	for (int64_t from = 0; from < source->samples; from += most)
	{
		int			n = range_length(source, from, most);
		size_t		cells;

		frnn_tick(&run);
		take_range(range, from, n);
		frnn_gradient_gather(gradient, source, range, n);
		cells = (size_t) n * (size_t) gradient->targets *
			(size_t) (gradient->network->output_sequence ? batch->T : 1);
		for (size_t i = 0; i < cells; i++)
			if (batch->weight[i] > 0)
				return true;
	}
	return false;
}

FrnnStatus
frnn_evaluate_size(const FrnnNetwork *network, const FrnnLoss *loss, int targets, int batch_size,
				   const FrnnSource *source, size_t *bytes, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnGradient gradient;
	FrnnStatus	status;

	if (source->samples < 1)
		return frnn_fail(error, FRNN_NO_SAMPLES, -1, 0, 0);
	if (batch_size < 1 || batch_size > FRNN_MAX_BATCH)
		return frnn_fail(error, FRNN_BAD_BATCH, -1, batch_size, FRNN_MAX_BATCH);
	if (source->samples < batch_size)
		batch_size = (int) source->samples;
	FRNN_TAKE(&arena, int64_t, batch_size);
	status = frnn_gradient_layout(&gradient, &arena, network, loss, targets, batch_size, source->max_steps,
								  false, error);
	*bytes = arena.used;
	if (status == FRNN_OK && arena.overflow)
		return frnn_fail(error, FRNN_TOO_LARGE, -1, (double) SIZE_MAX, (double) SIZE_MAX);
	return status;
}

double
frnn_evaluate(const FrnnNetwork *network, const FrnnLoss *loss, int targets, int batch_size,
			  const FrnnSource *source, const float *params, void *block, const FrnnHooks *hooks)
{
	FrnnArena	arena = frnn_arena(block);
	FrnnGradient gradient;
	int64_t    *range;

	if (source->samples < batch_size)
		batch_size = (int) source->samples;
	range = FRNN_TAKE(&arena, int64_t, batch_size);
	if (frnn_gradient_layout(&gradient, &arena, network, loss, targets, batch_size, source->max_steps, false,
							 NULL) != FRNN_OK)
		return NAN;
	return frnn_source_loss(&gradient, source, batch_size, range, params, hooks);
}
