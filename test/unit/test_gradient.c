/*
 * test_gradient.c
 *	  Outputs and gradients of every layer kind against the naive twin
 *	  (naive.h): outputs directly, gradients by central differences in double.
 *	  Odd sizes, so that the edges of the blocked kernels are met.
 */
#include <stdio.h>

#include "check.h"
#include "core/base/random.h"
#include "naive.h"
#include "stack.h"

#define PROBES 4				/* parameters probed in a tensor */

static double
uniform(uint64_t stream, uint64_t index)
{
	float		u;

	frnn_random_uniform(77, FRNN_USE_SAMPLE, stream, index, &u, 1);
	return 2.0 * u - 1.0;
}

static float *
random_floats(uint64_t stream, size_t n, double scale)
{
	float	   *v = malloc((n ? n : 1) * sizeof(float));

	for (size_t i = 0; i < n; i++)
		v[i] = (float) (scale * uniform(stream, i));
	return v;
}

static double
max_abs(const float *v, size_t n)
{
	double		most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(v[i]));
	return most;
}

/* sum of output x r: its gradient with respect to the output is r */
static double
naive_objective(const FrnnNetwork *network, const double *params, const FrnnBatch *batch, const FrnnRun *run,
				const float *r, size_t outputs)
{
	double	   *y = naive_forward(network, params, batch, run);
	double		sum = 0;

	for (size_t i = 0; i < outputs; i++)
		sum += y[i] * r[i];
	free(y);
	return sum;
}

static void *
lend(size_t bytes)
{
	/* garbage in lent memory must not matter */
	void	   *block = aligned_alloc(FRNN_ALIGN, bytes);

	memset(block, 0xff, bytes);
	return block;
}

static void
check_gradients(const char *name, const FrnnNetwork *network, double *params, const FrnnBatch *batch,
				const FrnnRun *run, const float *r, size_t outputs, const float *grads)
{
	static FrnnTensor tensor[FRNN_MAX_TENSORS];
	int			tensors = frnn_network_tensors(network, tensor);

	for (int i = 0; i < tensors; i++)
	{
		double		scale = max_abs(grads + tensor[i].offset, tensor[i].count);
		double		worst = 0;
		size_t		probes = tensor[i].count < PROBES ? tensor[i].count : PROBES;

		for (size_t k = 0; k < probes; k++)
		{
			size_t		at = tensor[i].offset + (tensor[i].count <= PROBES ? k :
												 frnn_random_below(5, FRNN_USE_SAMPLE, i, k, tensor[i].count));
			double		was = params[at];
			double		eps = 1e-5;
			double		slope;

			params[at] = was + eps;
			slope = naive_objective(network, params, batch, run, r, outputs);
			params[at] = was - eps;
			slope -= naive_objective(network, params, batch, run, r, outputs);
			params[at] = was;
			worst = fmax(worst, fabs(slope / (2 * eps) - grads[at]));
		}
		/* absolute part: central differences of sums that cancel */
		if (worst > 1e-5 * scale + 1e-7)
			printf("%s, B=%d T=%d: gradient of %s off by %g of %g\n", name, batch->B, batch->T,
				   tensor[i].name, worst, scale);
		CHECK(worst <= 1e-5 * scale + 1e-7);
	}
}

/*
 * A second pass that uses the packed weights of the first gives the same bytes, and does not read the weights again.
 * A third one gives them in an array that is clear already; one that is said to be clear is not cleared.
 */
static void
check_packed(FrnnPlan *plan, const FrnnNetwork *network, const float *params, FrnnBatch batch, const FrnnRun *run,
			 const float *r, size_t outputs, const float *y, const float *grads)
{
	size_t		n = network->parameters;
	float	   *before = malloc((outputs ? outputs : 1) * sizeof(float));
	float	   *d_output = malloc((outputs ? outputs : 1) * sizeof(float));
	float	   *again = malloc((n ? n : 1) * sizeof(float));
	float	   *other = malloc((n ? n : 1) * sizeof(float));

	memcpy(before, y, outputs * sizeof(float));
	memcpy(d_output, r, outputs * sizeof(float));
	memcpy(other, params, n * sizeof(float));
	/* biases and scales of a normalization are read where they are; packed are the weights of the other layers */
	for (int l = 0; l < network->layers; l++)
		if (network->layer[l].kind != FRNN_LAYER_NORM)
			for (size_t i = 0; i < network->layer[l].count; i++)
				other[network->layer[l].offset + i] = 7;
	batch.packed = true;
	y = frnn_forward(plan, other, &batch, run);
	CHECK(memcmp(y, before, outputs * sizeof(float)) == 0);
	frnn_backward(plan, other, &batch, d_output, again, run);
	CHECK(memcmp(again, grads, n * sizeof(float)) == 0);
	batch.cleared = true;
	for (float start = 0; start < 2; start++)
	{
		double		off = 0;

		for (size_t i = 0; i < n; i++)
			again[i] = start;
		memcpy(d_output, r, outputs * sizeof(float));
		(void) frnn_forward(plan, other, &batch, run);
		frnn_backward(plan, other, &batch, d_output, again, run);
		for (size_t i = 0; i < n; i++)
			off = fmax(off, fabs(again[i] - grads[i]));
		CHECK(start == 0 ? off == 0 : n == 0 || off > 0.5);
	}
	free(before);
	free(d_output);
	free(again);
	free(other);
}

/* training plan made for (plan_B, plan_T), run on (B, T) */
static void
check_network(const char *name, FrnnNetwork *network, int plan_B, int plan_T, int B, int T)
{
	FrnnRun		run = {NULL, NULL, true, 11, 3};
	FrnnError	error;
	size_t		bytes;
	size_t		outputs;
	FrnnBatch	batch = {B, T, NULL, NULL, NULL, NULL, false, false};

	CHECK(frnn_network_resolve(network, &error) == FRNN_OK);
	{
		size_t		n = network->parameters;
		float	   *params = random_floats(1, n, 0.5);
		double	   *exact = malloc((n ? n : 1) * sizeof(double));
		float	   *grads = malloc((n ? n : 1) * sizeof(float));
		float	   *r;
		float	   *d_output;
		double	   *expected;
		const float *y;
		double		worst = 0;
		double		scale;
		void	   *block;
		FrnnPlan   *plan;

		for (size_t i = 0; i < n; i++)
			exact[i] = params[i];
		batch.x = random_floats(2, (size_t) B * T * network->input_size, 1);
		batch.extra = random_floats(3, (size_t) B * network->extra, 1);
		outputs = (size_t) B * network->output_size * (network->output_sequence ? T : 1);
		r = random_floats(4, outputs, 1);
		d_output = random_floats(4, outputs, 1);

		CHECK(frnn_plan_size(network, plan_B, plan_T, true, &bytes, &error) == FRNN_OK);
		block = lend(bytes);
		plan = frnn_plan_create(network, plan_B, plan_T, true, block);
		y = frnn_forward(plan, params, &batch, &run);
		expected = naive_forward(network, exact, &batch, &run);
		scale = max_abs(y, outputs);
		for (size_t i = 0; i < outputs; i++)
			worst = fmax(worst, fabs(y[i] - expected[i]));
		if (!(worst <= 2e-6 * (1 + scale)))
			printf("%s, B=%d T=%d: output off by %g of %g\n", name, B, T, worst, scale);
		CHECK(worst <= 2e-6 * (1 + scale));
		frnn_backward(plan, params, &batch, d_output, grads, &run);
		check_gradients(name, network, exact, &batch, &run, r, outputs, grads);
		check_packed(plan, network, params, batch, &run, r, outputs, y, grads);
		free(expected);
		free(block);

		/* inference: no dropout, same numbers from the small plan as from the twin */
		run.training = false;
		batch.packed = true;	/* ignored */
		CHECK(frnn_plan_size(network, plan_B, plan_T, false, &bytes, &error) == FRNN_OK);
		block = lend(bytes);
		plan = frnn_plan_create(network, plan_B, plan_T, false, block);
		y = frnn_forward(plan, params, &batch, &run);
		expected = naive_forward(network, exact, &batch, &run);
		worst = 0;
		for (size_t i = 0; i < outputs; i++)
			worst = fmax(worst, fabs(y[i] - expected[i]));
		if (!(worst <= 2e-6 * (1 + scale)))
			printf("%s, B=%d T=%d: inference off by %g of %g\n", name, B, T, worst, scale);
		CHECK(worst <= 2e-6 * (1 + scale));
		free(expected);
		free(block);
		free(params);
		free(exact);
		free(grads);
		free(batch.x);
		free(batch.extra);
		free(r);
		free(d_output);
	}
}

static const FrnnLayerKind cells[] = {FRNN_SIMPLE, FRNN_LSTM, FRNN_GRU};
static const char *const cell_name[] = {"simple", "lstm", "gru"};

static void
test_sizes(void)
{
	static const int hidden[] = {1, 3, 5, 17, 20, 33};
	static const int batch[] = {1, 2, 7};

	for (int c = 0; c < 3; c++)
		for (size_t h = 0; h < sizeof(hidden) / sizeof(hidden[0]); h++)
			for (int b = 0; b < 3; b++)
			{
				FrnnNetwork network = network_of(1 + (int) h % 3, 0);

				add(&network, cells[c], hidden[h], true);
				add(&network, cells[c], hidden[h], false);
				add(&network, FRNN_DENSE, 2, false);
				check_network(cell_name[c], &network, batch[b], 5, batch[b], 5);
			}
}

static void
test_options(void)
{
	for (int c = 0; c < 3; c++)
		for (int option = 0; option < 8; option++)
		{
			FrnnNetwork network = network_of(3, 0);
			FrnnLayer  *first = add(&network, cells[c], 5, true);
			FrnnLayer  *second = add(&network, cells[c], 4, option % 2 == 1);

			if (option == 1)
				first->use_bias = second->use_bias = false;
			if (option == 2 || option == 3)
				first->dilation = 2, second->dilation = 3;
			if (option == 4 || option == 5)
				first->dropout = 0.3f, second->dropout = 0.5f;
			if (option >= 5)
				first->recurrent_dropout = second->recurrent_dropout = 0.4f;
			if (option == 7)
				second->dilation = 2;
			check_network(cell_name[c], &network, 4, 8, 4, 8);
			/* open time steps: smaller batches in the same plan, shorter than the dilation */
			check_network(cell_name[c], &network, 4, 8, 3, 5);
			check_network(cell_name[c], &network, 4, 8, 1, 1);
		}
}

static void
test_bidirectional(void)
{
	for (int c = 0; c < 3; c++)
		for (int merge = 0; merge < 4; merge++)
			for (int sequences = 0; sequences < 2; sequences++)
				for (int option = 0; option < 2; option++)
				{
					FrnnNetwork network = network_of(2, 0);
					FrnnLayer  *first = add(&network, cells[c], 3, true);
					FrnnLayer  *second = add(&network, cells[c], 5, sequences);

					first->bidirectional = second->bidirectional = true;
					first->merge = second->merge = (FrnnMerge) merge;
					if (option)
					{
						first->dropout = second->recurrent_dropout = 0.4f;
						second->dropout = 0.2f;
						second->dilation = 2;
					}
					add(&network, FRNN_DENSE, 2, false);
					check_network("bidirectional", &network, 3, 6, 3, 6);
					check_network("bidirectional", &network, 3, 6, 2, 4);
				}
}

static void
test_activations(void)
{
	for (int a = FRNN_LINEAR; a <= FRNN_SOFTPLUS; a++)
	{
		FrnnNetwork network = network_of(4, 0);

		if (a <= FRNN_RELU)
			add(&network, FRNN_SIMPLE, 6, true)->activation = (FrnnActivation) a;
		add(&network, FRNN_DENSE, 9, false)->activation = (FrnnActivation) a;
		add(&network, FRNN_DENSE, 3, false)->activation = (FrnnActivation) a;
		check_network("activation", &network, 3, 4, 3, 4);
	}
}

static void
test_stack(void)
{
	for (int option = 0; option < 8; option++)
	{
		bool		sequences = option & 1;
		FrnnNetwork network = network_of(option & 4 ? 24 : 1, 14);

		network.extra = option & 2 ? 5 : 0;
		network.highway = !sequences;
		add(&network, FRNN_LAYER_NORM, 0, false)->epsilon = 1e-2f;
		add(&network, FRNN_DENSE, 6, false)->activation = FRNN_TANH;
		add(&network, FRNN_DROPOUT, 0, false)->dropout = 0.25f;
		add(&network, FRNN_GRU, 5, true);
		add(&network, FRNN_LAYER_NORM, 0, false)->use_bias = option & 2;
		add(&network, FRNN_LSTM, 7, sequences);
		add(&network, FRNN_DROPOUT, 0, false)->dropout = 0.5f;
		add(&network, FRNN_DENSE, 3, false)->use_bias = !(option & 4);
		check_network("stack", &network, 5, 14, 5, 14);
		check_network("stack", &network, 5, 14, 2, 14);
	}
}

/* blocks of rows, of panels and of the weight gradient are all crossed */
static void
test_large(void)
{
	FrnnNetwork network = network_of(37, 0);

	add(&network, FRNN_LSTM, 40, true);
	add(&network, FRNN_GRU, 24, false)->bidirectional = true;
	add(&network, FRNN_DENSE, 19, false);
	check_network("large", &network, 150, 3, 150, 3);
	check_network("large", &network, 150, 3, 3, 2);
}

int
main(void)
{
	test_sizes();
	test_options();
	test_bidirectional();
	test_activations();
	test_stack();
	test_large();
	return check_done();
}
