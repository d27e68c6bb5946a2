/*
 * test_network.c
 *	  Resolving: sizes, names and places of tensors, every refusal; plans:
 *	  their sizes, and that long work ticks.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "stack.h"

static FrnnTensor tensor[FRNN_MAX_TENSORS];

static void
check_tensor(int i, const char *name, int layer, int rank, int rows, int columns)
{
	CHECK(strcmp(tensor[i].name, name) == 0);
	CHECK(tensor[i].layer == layer);
	CHECK(tensor[i].rank == rank);
	CHECK(tensor[i].dim[0] == rows);
	CHECK(rank == 1 || tensor[i].dim[1] == columns);
	CHECK(tensor[i].count == (size_t) rows * (rank == 1 ? 1 : columns));
}

static void
test_tensors(void)
{
	FrnnNetwork network = network_of(3, 14);
	size_t		offset = 0;
	int			n;

	network.extra = 6;
	network.highway = true;
	add(&network, FRNN_LSTM, 4, true)->bidirectional = true;
	add(&network, FRNN_DROPOUT, 0, false)->dropout = 0.5f;
	add(&network, FRNN_LAYER_NORM, 0, false);
	add(&network, FRNN_GRU, 5, false)->use_bias = false;
	add(&network, FRNN_DENSE, 2, false);
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	n = frnn_network_tensors(&network, tensor);
	CHECK(n == 8 + 2 + 2 + 2 + 2);
	check_tensor(0, "0.weight_ih_l0", 0, 2, 16, 3);
	check_tensor(1, "0.weight_hh_l0", 0, 2, 16, 4);
	check_tensor(2, "0.bias_ih_l0", 0, 1, 16, 0);
	check_tensor(3, "0.bias_hh_l0", 0, 1, 16, 0);
	check_tensor(4, "0.weight_ih_l0_reverse", 0, 2, 16, 3);
	check_tensor(7, "0.bias_hh_l0_reverse", 0, 1, 16, 0);
	check_tensor(8, "2.weight", 2, 1, 8, 0);
	check_tensor(9, "2.bias", 2, 1, 8, 0);
	check_tensor(10, "3.weight_ih_l0", 3, 2, 15, 8);
	check_tensor(11, "3.weight_hh_l0", 3, 2, 15, 5);
	check_tensor(12, "4.weight", 4, 2, 2, 5 + 6);
	check_tensor(13, "4.bias", 4, 1, 2, 0);
	check_tensor(14, "highway.weight", -1, 2, 2, 14 * 3 + 6);
	check_tensor(15, "highway.bias", -1, 1, 2, 0);
	for (int i = 0; i < n; i++)
	{
		CHECK(tensor[i].offset == offset);
		offset += tensor[i].count;
	}
	CHECK(network.parameters == offset);
	CHECK(network.highway_offset == tensor[14].offset);
	CHECK(network.layer[3].offset == tensor[10].offset && network.layer[3].count == 15 * 8 + 15 * 5);
	CHECK(network.layer[0].output_size == 8 && network.layer[0].output_sequence);
	CHECK(!network.layer[4].input_sequence && network.layer[4].input_size == 11);
	CHECK(network.output_size == 2 && !network.output_sequence);
	/* two directions of 16 x (3 + 4), 15 x (8 + 5), at 14 steps; 2 x 11 and 2 x 48 once; 2 samples */
	CHECK_NEAR(frnn_network_flops(&network, 2, 14),
			   2.0 * 2 * (14 * (2 * 16 * 7 + 15 * 13) + 2 * 11 + 2 * 48), 0);
}

static void
test_many_layers(void)
{
	FrnnNetwork network = network_of(1, 0);
	int			n;

	for (int i = 0; i < FRNN_MAX_LAYERS; i++)
		add(&network, FRNN_LSTM, 1, true)->bidirectional = true;
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	n = frnn_network_tensors(&network, tensor);
	CHECK(n == 8 * FRNN_MAX_LAYERS);
	CHECK(strcmp(tensor[n - 1].name, "63.bias_hh_l0_reverse") == 0);
	network.layers++;
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_TOO_MANY_LAYERS);
	network.layers = 0;
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_NO_LAYERS);
}

/* a network that resolves; `break_it` says what is wrong with it */
#define REFUSED(expected, at, break_it) \
	do { \
		FrnnNetwork network = network_of(2, 8); \
		FrnnLayer  *first = add(&network, FRNN_LSTM, 3, true); \
		FrnnLayer  *second = add(&network, FRNN_SIMPLE, 3, false); \
		FrnnLayer  *last = add(&network, FRNN_DENSE, 1, false); \
		FrnnError	error = {FRNN_OK, 0, 0, 0}; \
		(void) first, (void) second, (void) last; \
		CHECK(frnn_network_resolve(&network, &error) == FRNN_OK); \
		break_it; \
		CHECK(frnn_network_resolve(&network, &error) == expected); \
		CHECK(error.status == expected && error.layer == at); \
	} while (0)

static void
test_refusals(void)
{
	REFUSED(FRNN_BAD_UNITS, 0, first->units = 0);
	REFUSED(FRNN_BAD_UNITS, 2, last->units = -1);
	REFUSED(FRNN_BAD_UNITS, 1, second->units = FRNN_MAX_UNITS + 1);
	REFUSED(FRNN_BAD_RATE, 0, first->dropout = 1);
	REFUSED(FRNN_BAD_RATE, 0, first->dropout = -0.1f);
	REFUSED(FRNN_BAD_RATE, 1, second->recurrent_dropout = NAN);
	REFUSED(FRNN_BAD_EPSILON, 2, (*last = frnn_layer_default(FRNN_LAYER_NORM), last->epsilon = 0));
	REFUSED(FRNN_BAD_EPSILON, 2, (*last = frnn_layer_default(FRNN_LAYER_NORM), last->epsilon = NAN));
	REFUSED(FRNN_BAD_DILATION, 0, first->dilation = 0);
	REFUSED(FRNN_BAD_DILATION, 1, second->dilation = FRNN_MAX_DILATION + 1);
	REFUSED(FRNN_BAD_ACTIVATION, 0, first->activation = FRNN_RELU);
	REFUSED(FRNN_BAD_ACTIVATION, 1, second->activation = FRNN_SIGMOID);
	REFUSED(FRNN_BAD_BIDIRECTIONAL, 2, last->bidirectional = true);
	REFUSED(FRNN_VECTOR_TO_RECURRENT, 1, first->return_sequences = false);
	REFUSED(FRNN_BAD_INPUT_SIZE, -1, network.input_size = 0);
	REFUSED(FRNN_BAD_INPUT_SIZE, -1, network.input_size = FRNN_MAX_FEATURES + 1);
	REFUSED(FRNN_BAD_INPUT_SIZE, -1, network.extra = -1);
	REFUSED(FRNN_BAD_TIME_STEPS, -1, network.time_steps = -1);
	REFUSED(FRNN_BAD_TIME_STEPS, -1, network.time_steps = FRNN_MAX_STEPS + 1);
	REFUSED(FRNN_OPEN_HIGHWAY, -1, (network.highway = true, network.time_steps = 0));
	REFUSED(FRNN_HIGHWAY_ON_SEQUENCE, 2, (network.highway = true, second->return_sequences = true));
	REFUSED(FRNN_EXTRA_WITHOUT_DENSE, 1, (network.extra = 1, network.layers = 2));
	REFUSED(FRNN_TOO_LARGE, -1, (network.highway = true, network.time_steps = FRNN_MAX_STEPS,
								 network.input_size = FRNN_MAX_FEATURES));
}

static void
test_plan_sizes(void)
{
	FrnnNetwork network = network_of(4, 0);
	FrnnError	error;
	size_t		training = 0;
	size_t		inference = 0;

	for (int i = 0; i < 6; i++)
		add(&network, FRNN_LSTM, 32, true);
	add(&network, FRNN_DENSE, 1, false);
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	CHECK(frnn_plan_size(&network, 16, 100, true, &training, NULL) == FRNN_OK);
	CHECK(frnn_plan_size(&network, 16, 100, false, &inference, NULL) == FRNN_OK);
	/* two results in turn, not six layers' gates and states */
	CHECK(inference < training / 8);
	CHECK(inference < 3 * 16 * 100 * 32 * sizeof(float) + (1 << 20));

	CHECK(frnn_plan_size(&network, 0, 1, true, &training, &error) == FRNN_BAD_BATCH);
	CHECK(frnn_plan_size(&network, FRNN_MAX_BATCH + 1, 1, true, &training, &error) == FRNN_BAD_BATCH);
	CHECK(frnn_plan_size(&network, 1, 0, true, &training, &error) == FRNN_BAD_TIME_STEPS);
	CHECK(frnn_plan_size(&network, 1, FRNN_MAX_STEPS + 1, true, &training, &error) == FRNN_BAD_TIME_STEPS);

	/* the largest of everything: 2^20 samples x 2^20 steps x 2 x 8192 units, six layers of it, still counted */
	for (int i = 0; i < 6; i++)
	{
		network.layer[i].units = FRNN_MAX_UNITS;
		network.layer[i].bidirectional = true;
	}
	/* with 32 bits there are no such sizes */
	if (sizeof(size_t) < 8)
	{
		CHECK(frnn_network_resolve(&network, NULL) != FRNN_OK);
		return;
	}
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	CHECK(frnn_plan_size(&network, FRNN_MAX_BATCH, FRNN_MAX_STEPS, true, &training, NULL) == FRNN_OK);
	CHECK((double) training > 6.0 * FRNN_MAX_BATCH * FRNN_MAX_STEPS * 2.0 * FRNN_MAX_UNITS * 6 * sizeof(float));

	network.highway = true;
	network.time_steps = 5;
	network.layer[5].return_sequences = false;
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	CHECK(frnn_plan_size(&network, 1, 4, true, &training, &error) == FRNN_BAD_TIME_STEPS);
}

typedef struct Pulse
{
	double		last;
	double		longest;
	long		ticks;
} Pulse;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void
tick(void *arg)
{
	Pulse	   *pulse = arg;
	double		at = now();

	pulse->ticks++;
	pulse->longest = fmax(pulse->longest, at - pulse->last);
	pulse->last = at;
}

/* one step of a second or so: its ticks are a small share of it apart */
static void
test_ticks(void)
{
	FrnnNetwork network = network_of(200, 0);
	FrnnBatch	batch = {600, 3, NULL, NULL, NULL, NULL, false, false};
	Pulse		pulse = {0, 0, 0};
	FrnnRun		run = {tick, &pulse, true, 1, 1};
	size_t		bytes = 0;
	size_t		n = (size_t) 600 * 3 * 200;
	void	   *block;
	float	   *params;
	float	   *grads;
	float	   *d_output;
	FrnnPlan   *plan;
	double		start;

	add(&network, FRNN_GRU, 128, true)->bidirectional = true;
	add(&network, FRNN_DROPOUT, 0, false)->dropout = 0.5f;
	add(&network, FRNN_LAYER_NORM, 0, false);
	add(&network, FRNN_DENSE, 64, false)->activation = FRNN_TANH;
	CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
	CHECK(frnn_plan_size(&network, batch.B, batch.T, true, &bytes, NULL) == FRNN_OK);
	block = aligned_alloc(FRNN_ALIGN, bytes);
	params = calloc(network.parameters, sizeof(float));
	grads = calloc(network.parameters, sizeof(float));
	d_output = calloc((size_t) batch.B * batch.T * 64, sizeof(float));
	batch.x = calloc(n, sizeof(float));
	plan = frnn_plan_create(&network, batch.B, batch.T, true, block);

	start = pulse.last = now();
	frnn_forward(plan, params, &batch, &run);
	frnn_backward(plan, params, &batch, d_output, grads, &run);
	tick(&pulse);
	CHECK(pulse.ticks > 50);
	if (pulse.longest > 0.15 * (pulse.last - start))
		printf("%g of %g seconds without a tick\n", pulse.longest, pulse.last - start);
	CHECK(pulse.longest <= 0.15 * (pulse.last - start));
	free(block);
	free(params);
	free(grads);
	free(d_output);
	free(batch.x);
}

int
main(void)
{
	test_tensors();
	test_many_layers();
	test_refusals();
	test_plan_sizes();
	test_ticks();
	return check_done();
}
