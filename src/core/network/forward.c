/*
 * forward.c
 *	  The plan: buffers for a network and a batch size, and the forward and
 *	  backward passes through all layers.
 *
 * plan_layout measures the buffers and lays them out.  A training plan keeps
 * the results of all layers.  An inference plan keeps two results in turn, the
 * one that a layer reads and the one that it writes.  All layers share one
 * work area.
 */
#include <string.h>

#include "core/network/highway.h"
#include "core/network/layer.h"

struct FrnnPlan
{
	FrnnNetwork network;
	size_t		B;
	size_t		T;
	bool		training;
	FrnnBuffers buffers[FRNN_MAX_LAYERS];
	FrnnHighway highway;
	float	   *d[2];			/* training: gradients of results, in turn */
};

static void
layer_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	switch (pass->layer->kind)
	{
		case FRNN_SIMPLE:
		case FRNN_LSTM:
		case FRNN_GRU:
			frnn_recurrent_layout(pass, keep, work, buffers);
			break;
		case FRNN_DENSE:
			frnn_dense_layout(pass, keep, work, buffers);
			break;
		case FRNN_DROPOUT:
			frnn_dropout_layout(pass, keep, work, buffers);
			break;
		case FRNN_LAYER_NORM:
			frnn_norm_layout(pass, keep, work, buffers);
			break;
	}
}

static void
layer_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	switch (pass->layer->kind)
	{
		case FRNN_SIMPLE:
		case FRNN_LSTM:
		case FRNN_GRU:
			frnn_recurrent_forward(pass, buffers);
			break;
		case FRNN_DENSE:
			frnn_dense_forward(pass, buffers);
			break;
		case FRNN_DROPOUT:
			frnn_dropout_forward(pass, buffers);
			break;
		case FRNN_LAYER_NORM:
			frnn_norm_forward(pass, buffers);
			break;
	}
}

static void
layer_backward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	switch (pass->layer->kind)
	{
		case FRNN_SIMPLE:
		case FRNN_LSTM:
		case FRNN_GRU:
			frnn_recurrent_backward(pass, buffers);
			break;
		case FRNN_DENSE:
			frnn_dense_backward(pass, buffers);
			break;
		case FRNN_DROPOUT:
			frnn_dropout_backward(pass, buffers);
			break;
		case FRNN_LAYER_NORM:
			frnn_norm_backward(pass, buffers);
			break;
	}
}

/* Returns the sizes of layer i in a pass of (B, T). */
static FrnnPass
pass_of(const FrnnNetwork *network, int i, bool training, size_t B, size_t T)
{
	FrnnPass	pass = {0};

	pass.layer = &network->layer[i];
	pass.index = i;
	pass.keep = training;
	pass.B = B;
	pass.T = pass.layer->input_sequence ? T : 1;
	pass.E = i == network->layers - 1 ? (size_t) network->extra : 0;
	pass.F = (size_t) pass.layer->input_size - pass.E;
	return pass;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Returns the elements of the largest gradient that a layer passes to the layer before it. */
static size_t
gradient_size(const FrnnNetwork *network, size_t B, size_t T)
{
	size_t		most = 0;

	for (int i = 1; i < network->layers; i++)
	{
		FrnnPass	pass = pass_of(network, i, true, B, T);

		most = larger(most, frnn_mul(frnn_mul(pass.B, pass.T), pass.F));
	}
	return most;
}

/* Returns the bytes kept beyond one layer's pass: in training their sum over the layers, else the largest result. */
static size_t
kept_size(const FrnnPlan *plan, FrnnArena *arena)
{
	size_t		kept = 0;

	for (int i = 0; i < plan->network.layers; i++)
	{
		FrnnPass	pass = pass_of(&plan->network, i, plan->training, plan->B, plan->T);
		FrnnBuffers ignored = {0};
		FrnnArena	keep = frnn_arena(NULL);
		FrnnArena	work = frnn_arena(NULL);

		layer_layout(&pass, &keep, &work, &ignored);
		arena->overflow |= keep.overflow;
		if (!plan->training)
			kept = larger(kept, keep.used);
		else if (__builtin_add_overflow(kept, keep.used, &kept))
			arena->overflow = true;
	}
	return kept;
}

/*
 * Takes all buffers of a plan; measures them if the arena has no base.  The
 * shared work area lies after everything that is kept.
 */
static void
plan_layout(FrnnPlan *plan, FrnnArena *arena)
{
	const FrnnNetwork *network = &plan->network;
	size_t		d = plan->training ? gradient_size(network, plan->B, plan->T) : 0;
	size_t		kept = kept_size(plan, arena);
	size_t		most_work = 0;
	int			turn = 0;
	FrnnArena	result[2];
	FrnnArena	shared;

	for (int i = 0; i < 2; i++)
		plan->d[i] = FRNN_TAKE(arena, float, d);
	if (network->highway)
		frnn_highway_layout(&plan->highway, network, plan->B, plan->training, arena);
	for (int i = 0; i < 2; i++)
		result[i] = frnn_arena(plan->training && i ? NULL : frnn_take(arena, plan->training && i ? 0 : kept, 1));
	shared = frnn_arena(arena->base ? arena->base + arena->used : NULL);

	for (int i = 0; i < network->layers; i++)
	{
		FrnnPass	pass = pass_of(network, i, plan->training, plan->B, plan->T);
		FrnnArena	keep = result[turn];
		FrnnArena	work = shared;

		memset(&plan->buffers[i], 0, sizeof(FrnnBuffers));
		layer_layout(&pass, &keep, &work, &plan->buffers[i]);
		if (plan->training)
			result[0] = keep;
		else if (keep.used > 0)
			turn = 1 - turn;	/* a layer whose result is its input takes nothing */
		most_work = larger(most_work, work.used);
		arena->overflow |= work.overflow;
	}
	frnn_take(arena, most_work, 1);
}

FrnnStatus
frnn_plan_size(const FrnnNetwork *network, int B, int T, bool training, size_t *bytes, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnPlan	plan = {0};

	if (B < 1 || B > FRNN_MAX_BATCH)
		return frnn_fail(error, FRNN_BAD_BATCH, -1, B, FRNN_MAX_BATCH);
	if (T < 1 || T > FRNN_MAX_STEPS)
		return frnn_fail(error, FRNN_BAD_TIME_STEPS, -1, T, FRNN_MAX_STEPS);
	if (network->highway && T != network->time_steps)
		return frnn_fail(error, FRNN_BAD_TIME_STEPS, -1, T, network->time_steps);
	plan.network = *network;
	plan.B = (size_t) B;
	plan.T = (size_t) T;
	plan.training = training;
	frnn_take(&arena, 1, sizeof(FrnnPlan));
	plan_layout(&plan, &arena);
	if (arena.overflow)
		return frnn_fail(error, FRNN_TOO_LARGE, -1, (double) SIZE_MAX, 0);
	*bytes = arena.used;
	return FRNN_OK;
}

FrnnPlan   *
frnn_plan_create(const FrnnNetwork *network, int B, int T, bool training, void *block)
{
	FrnnArena	arena = frnn_arena(block);
	FrnnPlan   *plan = frnn_take(&arena, 1, sizeof(FrnnPlan));

	memset(plan, 0, sizeof(FrnnPlan));
	plan->network = *network;
	plan->B = (size_t) B;
	plan->T = (size_t) T;
	plan->training = training;
	plan_layout(plan, &arena);
	return plan;
}

/* Returns the pass of layer i over a batch, with its input. */
static FrnnPass
batch_pass(const FrnnPlan *plan, int i, const float *params, const FrnnBatch *batch, const FrnnRun *run)
{
	FrnnPass	pass = pass_of(&plan->network, i, plan->training, (size_t) batch->B, (size_t) batch->T);

	pass.run = run;
	pass.packed = batch->packed && plan->training;
	pass.x = i == 0 ? batch->x : plan->buffers[i - 1].y;
	pass.extra = batch->extra;
	pass.params = params + pass.layer->offset;
	return pass;
}

const float *
frnn_forward(FrnnPlan *plan, const float *params, const FrnnBatch *batch, const FrnnRun *run)
{
	const FrnnNetwork *network = &plan->network;
	float	   *y = NULL;

	for (int i = 0; i < network->layers; i++)
	{
		FrnnPass	pass = batch_pass(plan, i, params, batch, run);

		layer_forward(&pass, &plan->buffers[i]);
		y = plan->buffers[i].y;
		frnn_tick(run);
	}
	if (network->highway)
		y = frnn_highway_forward(&plan->highway, network, params + network->highway_offset, batch,
								 batch->packed && plan->training, run, y);
	return y;
}

void
frnn_backward(FrnnPlan *plan, const float *params, const FrnnBatch *batch,
			  float *d_output, float *grads, const FrnnRun *run)
{
	const FrnnNetwork *network = &plan->network;
	float	   *dy = d_output;

	if (!batch->cleared)
		memset(grads, 0, network->parameters * sizeof(float));
	if (network->highway)
		frnn_highway_backward(&plan->highway, network, batch, d_output, grads + network->highway_offset, run);
	for (int i = network->layers - 1; i >= 0; i--)
	{
		FrnnPass	pass = batch_pass(plan, i, params, batch, run);

		pass.grads = grads + pass.layer->offset;
		pass.dy = dy;
		pass.dx = i > 0 ? plan->d[i % 2] : NULL;
		layer_backward(&pass, &plan->buffers[i]);
		dy = pass.dx;
		frnn_tick(run);
	}
}
