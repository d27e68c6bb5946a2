/*
 * gradient.c
 *	  Gathers a range of samples, and computes its loss and gradient.
 */
#include "core/train/gradient.h"

#include <stddef.h>

FrnnStatus
frnn_gradient_layout(FrnnGradient *gradient, FrnnArena *arena, const FrnnNetwork *network, const FrnnLoss *loss,
					 int targets, int B, int T, bool training, FrnnError *error)
{
	int			width = frnn_loss_width(loss);
	size_t		samples = frnn_mul((size_t) B, (size_t) T);
	size_t		rows = network->output_sequence ? samples : (size_t) B;
	size_t		bytes;
	FrnnStatus	status;
	void	   *block;

	if (targets < 1 || width < 1 || (int64_t) targets * width != network->output_size)
		return frnn_fail(error, FRNN_BAD_LOSS_WIDTH, network->layers - 1, network->output_size,
						 (double) targets * width);
	status = frnn_plan_size(network, B, T, training, &bytes, error);
	if (status != FRNN_OK)
		return status;

	gradient->network = network;
	gradient->loss = loss;
	gradient->targets = targets;
	gradient->update = -1;
	gradient->cleared = NULL;
	block = FRNN_TAKE(arena, char, bytes);
	gradient->plan = block ? frnn_plan_create(network, B, T, training, block) : NULL;
	gradient->batch.B = B;
	gradient->batch.T = T;
	gradient->batch.x = FRNN_TAKE(arena, float, frnn_mul(samples, (size_t) network->input_size));
	gradient->batch.extra = network->extra > 0
		? FRNN_TAKE(arena, float, frnn_mul((size_t) B, (size_t) network->extra)) : NULL;
	gradient->batch.y = FRNN_TAKE(arena, float, frnn_mul(rows, (size_t) targets));
	gradient->batch.weight = FRNN_TAKE(arena, float, frnn_mul(rows, (size_t) targets));
	gradient->d_output = training ? FRNN_TAKE(arena, float, frnn_mul(rows, (size_t) network->output_size)) : NULL;
	return FRNN_OK;
}

void
frnn_gradient_gather(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n)
{
	FrnnBatch  *batch = &gradient->batch;

	batch->B = n;
	batch->T = source->steps ? source->steps(source->context, sample, n) : source->max_steps;
	source->gather(source->context, sample, batch);
}

double
frnn_gradient_range(FrnnGradient *gradient, const FrnnSource *source, const int64_t *sample, int n,
					const float *params, int64_t update, const FrnnRun *run, float *grads, double *weight)
{
	FrnnBatch  *batch = &gradient->batch;
	const float *output;
	size_t		rows;
	double		loss;

	frnn_tick(run);
	frnn_gradient_gather(gradient, source, sample, n);
	batch->packed = update >= 0 && update == gradient->update;
	gradient->update = update;
	batch->cleared = grads && grads == gradient->cleared;
	if (grads)
		gradient->cleared = NULL;
	output = frnn_forward(gradient->plan, params, batch, run);
	rows = (size_t) n * (size_t) (gradient->network->output_sequence ? batch->T : 1);
	loss = frnn_loss(gradient->loss, output, batch->y, batch->weight, rows, gradient->targets,
					 grads ? gradient->d_output : NULL, weight);
	if (grads)
		frnn_backward(gradient->plan, params, batch, gradient->d_output, grads, run);
	return loss;
}
