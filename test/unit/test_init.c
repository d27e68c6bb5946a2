/*
 * test_init.c
 *	  Initial weights: ranges, orthogonality, biases, and that they depend on
 *	  the seed and on nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "core/network/network.h"
#include "check.h"

static FrnnTensor tensor[FRNN_MAX_TENSORS];

static float *
init(const FrnnNetwork *network, uint64_t seed)
{
	float	   *params = malloc(network->parameters * sizeof(float));
	void	   *scratch = aligned_alloc(FRNN_ALIGN, frnn_init_scratch(network));

	frnn_network_init(network, seed, params, scratch, NULL);
	free(scratch);
	return params;
}

static void
check_orthogonal(const float *w, int n)
{
	double		worst = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			double		dot = 0;

			for (int k = 0; k < n; k++)
				dot += (double) w[i * n + k] * w[j * n + k];
			worst = fmax(worst, fabs(dot - (i == j)));
		}
	CHECK_NEAR(worst, 0, 1e-6);
}

static void
check_glorot(const float *w, const FrnnTensor *t)
{
	double		limit = sqrt(6.0 / (t->dim[0] + t->dim[1])),
				largest = 0,
				sum = 0,
				square = 0;

	for (size_t i = 0; i < t->count; i++)
	{
		largest = fmax(largest, fabs(w[i]));
		sum += w[i];
		square += (double) w[i] * w[i];
	}
	CHECK(largest <= limit * 1.000001);
	CHECK(largest > limit * 0.8);
	CHECK_NEAR(sum / (double) t->count, 0, 4 * limit / sqrt(3.0 * (double) t->count));
	CHECK_NEAR(square / (double) t->count, limit * limit / 3, limit * limit * 1.2 / sqrt((double) t->count));
}

static void
constant(const float *w, size_t n, float value)
{
	int			all = 1;

	for (size_t i = 0; i < n; i++)
		all &= w[i] == value;
	CHECK(all);
}

static FrnnNetwork
stack(void)
{
	FrnnNetwork network = {0};
	FrnnError	error;

	network.layers = 6;
	network.input_size = 3;
	network.time_steps = 5;
	network.highway = true;
	network.layer[0] = frnn_layer_default(FRNN_LSTM);
	network.layer[0].units = 70;
	network.layer[0].return_sequences = true;
	network.layer[1] = frnn_layer_default(FRNN_GRU);
	network.layer[1].units = 33;
	network.layer[1].return_sequences = true;
	network.layer[1].bidirectional = true;
	network.layer[2] = frnn_layer_default(FRNN_LAYER_NORM);
	network.layer[3] = frnn_layer_default(FRNN_SIMPLE);
	network.layer[3].units = 20;
	network.layer[3].return_sequences = true;
	network.layer[4] = frnn_layer_default(FRNN_SIMPLE);
	network.layer[4].units = 1;
	network.layer[5] = frnn_layer_default(FRNN_DENSE);
	network.layer[5].units = 7;
	CHECK(frnn_network_resolve(&network, &error) == FRNN_OK);
	return network;
}

int
main(void)
{
	FrnnNetwork network = stack();
	float	   *params = init(&network, 42);
	float	   *again = init(&network, 42);
	float	   *other = init(&network, 43);
	int			n = frnn_network_tensors(&network, tensor);
	size_t		total = 0;
	const float *reverse = NULL,
			   *forward = NULL;

	for (int i = 0; i < n; i++)
	{
		const FrnnTensor *t = &tensor[i];
		const float *w = params + t->offset;

		total += t->count;
		if (t->layer < 0)
			constant(w, t->count, 0);
		else if (network.layer[t->layer].kind == FRNN_LAYER_NORM)
			constant(w, t->count, strstr(t->name, "weight") ? 1 : 0);
		else if (strstr(t->name, "weight_hh"))
		{
			int			units = t->dim[1];

			CHECK(t->dim[0] % units == 0);
			for (int g = 0; g < t->dim[0] / units; g++)
				check_orthogonal(w + g * units * units, units);
			if (t->dim[0] > units)
				CHECK(memcmp(w, w + units * units, 64) != 0);
		}
		else if (strstr(t->name, "weight"))
		{
			if (t->count > 50)
				check_glorot(w, t);
		}
		else if (network.layer[t->layer].kind == FRNN_LSTM && strstr(t->name, "bias_ih"))
		{
			constant(w, 70, 0);
			constant(w + 70, 70, 1);
			constant(w + 140, 140, 0);
		}
		else
			constant(w, t->count, 0);
		if (strcmp(t->name, "1.weight_ih_l0") == 0)
			forward = w;
		if (strcmp(t->name, "1.weight_ih_l0_reverse") == 0)
			reverse = w;
	}
	CHECK(total == network.parameters);
	CHECK(forward && reverse && memcmp(forward, reverse, 64) != 0);
	CHECK(memcmp(params, again, network.parameters * sizeof(float)) == 0);
	CHECK(memcmp(params, other, network.parameters * sizeof(float)) != 0);
	free(params);
	free(again);
	free(other);
	return check_done();
}
