/*
 * evaluate.c
 *	  Loss over all samples of a source.
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
		loss = frnn_gradient_range(gradient, source, range, n, params, -1, &run, NULL, &weight);
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
