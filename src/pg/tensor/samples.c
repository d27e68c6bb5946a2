/*
 * samples.c
 *	  Converts float8[] arguments to mini-batches.
 *
 * The arrays are copied once to float32, (sample, time, feature); a batch is
 * gathered from there into the core's time-major buffers.  Missing targets
 * (NULL or NaN) get weight 0.  Memory is in the current context.
 */
#include "pg/tensor/samples.h"

#include <math.h>

#include "pg/server/bridge.h"
#include "pg/tensor/tensor.h"

int
samples_targets(const FrnnNetwork *network, const FrnnLoss *loss)
{
	int			width = frnn_loss_width(loss);
	FrnnError	error;

	if (network->output_size % width != 0)
		frnn_check(frnn_fail(&error, FRNN_BAD_LOSS_WIDTH, -1, network->output_size, width), &error);
	return network->output_size / width;
}

void
samples_check_x(const FrnnNetwork *network, ArrayType *x, const char *what, int *dim)
{
	FrnnShape	shape = frnn_tensor_check(x, what, false, false);

	if (shape.dim[2] != network->input_size)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have %d features per time step, not %d", what, network->input_size, shape.dim[2])));
	if (network->time_steps > 0 && shape.dim[1] != network->time_steps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have %d time steps, not %d", what, network->time_steps, shape.dim[1]),
				 errhint("A model that starts from rnn_init(network, '{NULL,%d}') takes any number of time steps.",
						 network->input_size)));
	memcpy(dim, shape.dim, sizeof(shape.dim));
}

static char *
shape_text(const FrnnShape *shape)
{
	if (shape->ndim == 1)
		return psprintf("(%d)", shape->dim[0] * shape->dim[1]);
	if (shape->ndim == 2)
		return psprintf("(%d, %d)", shape->dim[0], shape->dim[1] * shape->dim[2]);
	return psprintf("(%d, %d, %d)", shape->dim[0], shape->dim[1], shape->dim[2]);
}

/* Checks y: (n, targets), or (n, T, targets) if the network returns sequences; (n) and (n, T) for one target. */
static void
y_check(ArrayType *y, const char *what, bool sequence, const Samples *want)
{
	FrnnShape	shape = frnn_tensor_check(y, what, !sequence, true);
	int64		numbers = (int64) shape.dim[1] * shape.dim[2];
	char	   *expected;

	if (shape.dim[0] == want->n &&
		(sequence ? shape.dim[1] == want->T && shape.dim[2] == want->targets : numbers == want->targets))
		return;
	expected = sequence ? psprintf("(" INT64_FORMAT ", %d, %d)", want->n, want->T, want->targets)
		: psprintf("(" INT64_FORMAT ", %d)", want->n, want->targets);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must have the shape %s, not %s", what, expected, shape_text(&shape)),
			 errdetail("There are " INT64_FORMAT " samples of %d time steps, and the network gives %s.",
					   want->n, want->T, sequence ? "a row of outputs per time step" : "one row of outputs per sample")));
}

void
samples_read(const FrnnNetwork *network, const FrnnLoss *loss, ArrayType *x, const char *x_name,
			 ArrayType *y, const char *y_name, Samples *samples)
{
	int			dim[3];
	float	   *to;
	size_t		x_count,
				y_count;

	samples_check_x(network, x, x_name, dim);
	samples->n = dim[0];
	samples->T = dim[1];
	samples->F = dim[2];
	samples->rows = network->output_sequence ? samples->T : 1;
	samples->targets = samples_targets(network, loss);
	y_check(y, y_name, network->output_sequence, samples);

	/* an array has at most 2^27 numbers, so neither product overflows */
	x_count = (size_t) samples->n * samples->T * samples->F;
	y_count = (size_t) samples->n * samples->rows * samples->targets;
	frnn_check_growth(CurrentMemoryContext, (x_count + y_count) * sizeof(float), "training");
	samples->x = to = frnn_allocate(x_count * sizeof(float), "training");
	frnn_tensor_read(x, x_name, to);
	samples->y = to = frnn_allocate(y_count * sizeof(float), "training");
	frnn_tensor_read(y, y_name, to);
}

Samples
samples_part(const Samples *samples, int64 first, int64 n)
{
	Samples		part = *samples;

	part.n = n;
	part.x += first * samples->T * samples->F;
	part.y += first * samples->rows * samples->targets;
	return part;
}

void
samples_check_known(const Samples *samples, const char *what)
{
	size_t		count = (size_t) samples->n * samples->rows * samples->targets;
	size_t		i;

	for (i = 0; i < count; i++)
		if (!isnan(samples->y[i]))
			return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must have at least one known target", what)));
}

/* Needs no check for interrupts: gathering a mini-batch takes less than a millisecond. */
static void
samples_gather(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const Samples *samples = context;
	size_t		count = (size_t) batch->B * samples->rows * samples->targets;
	size_t		i;

	frnn_tensor_to_time_major(samples->x, samples->T, samples->F, sample, batch->B, batch->x);
	frnn_tensor_to_time_major(samples->y, samples->rows, samples->targets, sample, batch->B, batch->y);
	for (i = 0; i < count; i++)
	{
		bool		missing = isnan(batch->y[i]);

		batch->weight[i] = missing ? 0.0f : 1.0f;
		if (missing)
			batch->y[i] = 0.0f;
	}
}

/* The packed form: the numbers of Samples, then x, then y. */
static const float *
samples_packed_arrays(FrnnArena *arena, const Samples *samples, float **y)
{
	float	   *x;

	(void) FRNN_TAKE(arena, Samples, 1);
	x = FRNN_TAKE(arena, float, samples->n * samples->T * samples->F);
	*y = FRNN_TAKE(arena, float, samples->n * samples->rows * samples->targets);
	return x;
}

static size_t
samples_packed_size(const void *context, size_t *local)
{
	FrnnArena	arena = frnn_arena(NULL);
	float	   *y;

	*local = sizeof(Samples);
	(void) samples_packed_arrays(&arena, context, &y);
	return arena.overflow ? SIZE_MAX : arena.used;
}

static void
samples_pack(const void *context, void *packed)
{
	const Samples *samples = context;
	FrnnArena	arena = frnn_arena(packed);
	float	   *y;
	float	   *x = unconstify(float *, samples_packed_arrays(&arena, samples, &y));

	memcpy(packed, samples, sizeof(Samples));
	memcpy(x, samples->x, sizeof(float) * samples->n * samples->T * samples->F);
	memcpy(y, samples->y, sizeof(float) * samples->n * samples->rows * samples->targets);
}

static FrnnSource
samples_unpack(void *packed, void *local)
{
	Samples    *samples = local;
	FrnnArena	arena = frnn_arena(packed);
	float	   *y;

	memcpy(samples, packed, sizeof(Samples));
	samples->x = samples_packed_arrays(&arena, samples, &y);
	samples->y = y;
	return samples_source(samples);
}

const FrnnPacking samples_packing = {samples_packed_size, samples_pack, samples_unpack};

FrnnSource
samples_source(const Samples *samples)
{
	FrnnSource	source = {samples, samples->n, samples->T, NULL, samples_gather, &samples_packing};

	return source;
}
