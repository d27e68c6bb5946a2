/*
 * test_golden.c
 *	  Outputs, all gradients and ten Adam steps against PyTorch's, stored in
 *	  test/reference/cells_golden.txt (made by make_cells_golden.py).
 *
 * 1e-5 relative to the largest number of a tensor; losses to 1e-5 relative.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/train/loss.h"
#include "core/network/network.h"
#include "core/train/optimizer.h"

#define STEPS 10
#define TOLERANCE 1e-5

static int	line_length = 0;
static char *line = NULL;		/* the line being read, without its first word */

/* the next line, which must start with that word */
static bool
next(FILE *file, const char *word)
{
	int			c;
	int			n = 0;

	while ((c = getc(file)) != EOF && c != '\n')
	{
		if (n + 2 > line_length)
			line = realloc(line, line_length = 2 * line_length + 256);
		line[n++] = (char) c;
	}
	if (n == 0)
		return false;
	line[n] = '\0';
	if (line[0] == '#')
		return next(file, word);
	if (strncmp(line, word, strlen(word)) != 0)
		return false;
	memmove(line, line + strlen(word), n + 1 - strlen(word));
	return true;
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* little-endian float32 numbers of the line; returns how many, at most n are stored */
static size_t
decode(float *out, size_t n)
{
	uint32_t	bits = 0;
	uint32_t	word = 0;
	int			have = 0;
	size_t		bytes = 0;

	for (const char *p = line; *p; p++)
	{
		int			digit = base64_digit(*p);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (uint32_t) digit) & 0x3fff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		word = word >> 8 | (bits >> have & 0xff) << 24;
		if (++bytes % 4 == 0 && bytes / 4 <= n)
			memcpy(&out[bytes / 4 - 1], &word, 4);
	}
	return bytes / 4;
}

/* make_cells_golden.py's noise() */
static float
noise(uint64_t stream, uint64_t i, float scale)
{
	uint64_t	z = (i + 1) * 0x9E3779B97F4A7C15u + stream * 0xD1B54A32D192ED03u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	z ^= z >> 31;
	return ((float) (z >> 40) / (float) (1 << 24) - 0.5f) * scale;
}

static float *
noises(uint64_t stream, size_t n, float scale)
{
	float	   *v = malloc(n * sizeof(float));

	for (size_t i = 0; i < n; i++)
		v[i] = noise(stream, i, scale);
	return v;
}

static void
read_layer(FILE *file, FrnnLayer *layer)
{
	char		kind[16] = "";
	char		option[16] = "";
	int			units = 0;
	int			sequences = 0;
	static const char *const activation[] = {"linear", "tanh", "relu", "sigmoid", "softplus"};

	CHECK(next(file, "layer") && sscanf(line, "%15s %d %d %15s", kind, &units, &sequences, option) == 4);
	*layer = frnn_layer_default(!strcmp(kind, "lstm") ? FRNN_LSTM : !strcmp(kind, "gru") ? FRNN_GRU :
								!strcmp(kind, "dense") ? FRNN_DENSE : !strcmp(kind, "norm") ? FRNN_LAYER_NORM :
								FRNN_SIMPLE);
	layer->units = units;
	layer->return_sequences = sequences;
	layer->bidirectional = !strcmp(option, "bi");
	if (!strcmp(kind, "relu"))
		layer->activation = FRNN_RELU;
	for (int i = 0; layer->kind == FRNN_DENSE && i < 5; i++)
		if (!strcmp(option, activation[i]))
			layer->activation = (FrnnActivation) i;
}

/* compare with the numbers of the line that `word` starts */
static void
check_numbers(FILE *file, const char *word, const char *name, const float *got, size_t n)
{
	float	   *expected = malloc(n * sizeof(float));
	double		scale = 0;
	double		worst = 0;

	CHECK(next(file, word) && decode(expected, n) == n);
	for (size_t i = 0; i < n; i++)
	{
		scale = fmax(scale, fabs(expected[i]));
		worst = fmax(worst, fabs(expected[i] - (double) got[i]));
	}
	if (!(worst <= TOLERANCE * scale))
		printf("%s: off by %g of %g\n", name, worst, scale);
	CHECK(worst <= TOLERANCE * scale);
	free(expected);
}

static void
check_case(FILE *file, FrnnNetwork *network, FrnnBatch *batch, int tensors)
{
	static FrnnTensor tensor[FRNN_MAX_TENSORS];
	FrnnRun		run = {NULL, NULL, true, 0, 0};
	FrnnLoss	loss = {FRNN_MSE, 1, 0, {0}};
	FrnnOptimizer adam = frnn_optimizer_default(FRNN_ADAM);
	size_t		n = network->parameters;
	size_t		rows = (size_t) batch->B * (network->output_sequence ? batch->T : 1);
	size_t		outputs = rows * network->output_size;
	float	   *params = malloc(n * sizeof(float));
	float	   *grads = malloc(n * sizeof(float));
	float	   *state = calloc(n * frnn_optimizer_state(&adam), sizeof(float));
	float	   *d_output = malloc(outputs * sizeof(float));
	double		losses[STEPS];
	size_t		bytes;
	void	   *block;
	FrnnPlan   *plan;
	char	   *p;

	CHECK(frnn_network_tensors(network, tensor) == tensors);
	for (int i = 0; i < tensors; i++)
		for (size_t k = 0; k < tensor[i].count; k++)
			params[tensor[i].offset + k] =
				noise(10 + i, k, (float) (2 / sqrt(tensor[i].rank == 2 ? tensor[i].dim[1] : tensor[i].dim[0])));
	batch->x = noises(1, (size_t) batch->T * batch->B * network->input_size, 2);
	batch->y = noises(2, outputs, 2);
	CHECK(frnn_plan_size(network, batch->B, batch->T, true, &bytes, NULL) == FRNN_OK);
	block = aligned_alloc(FRNN_ALIGN, bytes);
	plan = frnn_plan_create(network, batch->B, batch->T, true, block);
	adam.epsilon = 1e-8f;		/* torch's default */

	for (int step = 0; step < STEPS; step++)
	{
		const float *y = frnn_forward(plan, params, batch, &run);

		losses[step] = frnn_loss(&loss, y, batch->y, NULL, rows, network->output_size, d_output, NULL);
		if (step == 0)
			check_numbers(file, "output", "output", y, outputs);
		frnn_backward(plan, params, batch, d_output, grads, &run);
		for (int i = 0; step == 0 && i < tensors; i++)
			check_numbers(file, "gradient", tensor[i].name, grads + tensor[i].offset, tensor[i].count);
		frnn_optimizer_step(&adam, params, grads, state, n, n, 1e-2, step + 1);
	}
	CHECK(next(file, "losses"));
	p = line;
	for (int step = 0; step < STEPS; step++)
	{
		double		expected = strtod(p, &p);

		CHECK_NEAR(losses[step], expected, TOLERANCE * expected);
	}
	free(params);
	free(grads);
	free(state);
	free(d_output);
	free(batch->x);
	free(batch->y);
	free(block);
}

int
main(void)
{
	FILE	   *file = fopen("test/reference/cells_golden.txt", "r");
	int			cases = 0;

	CHECK(file != NULL);
	while (file && next(file, "case"))
	{
		FrnnNetwork network;
		FrnnBatch	batch = {0};
		int			tensors = 0;

		memset(&network, 0, sizeof(network));
		CHECK(sscanf(line, "%d %d %d %d %d", &batch.B, &batch.T, &network.input_size, &network.layers, &tensors) == 5);
		for (int i = 0; i < network.layers; i++)
			read_layer(file, &network.layer[i]);
		CHECK(frnn_network_resolve(&network, NULL) == FRNN_OK);
		check_case(file, &network, &batch, tensors);
		cases++;
	}
	CHECK(cases == 65);
	CHECK(file && feof(file));
	if (file)
		fclose(file);
	free(line);
	return check_done();
}
