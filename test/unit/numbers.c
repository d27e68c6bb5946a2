/*
 * numbers.c
 *	  Prints a checksum of the results of each kernel, training, forecast and
 *	  step.  Builds for different instruction sets, compilers and processors must
 *	  print the same lines (test/unit/same_numbers).
 *
 * The inputs come from the core's own random numbers, not from libm.
 */
#include <stdio.h>

#include "core/base/elementary.h"
#include "core/base/special.h"
#include "core/forecast/ridge_lags.h"
#include "core/kernel/gemm.h"
#include "core/kernel/product.h"
#include "core/network/step.h"
#include "core/train/train.h"
#include "world.h"

static uint64_t checksum;

/* FNV-1a */
static void
add_bytes(const void *v, size_t n)
{
	const unsigned char *p = v;

	for (size_t i = 0; i < n; i++)
		checksum = (checksum ^ p[i]) * 0x100000001b3u;
}

static void
print_sum(const char *what)
{
	printf("%-28s %016llx\n", what, (unsigned long long) checksum);
	checksum = 0xcbf29ce484222325u;
}

static float *
floats(uint64_t stream, size_t n)
{
	float	   *v = aligned_alloc(64, (n * sizeof(float) + 127) / 64 * 64);

	frnn_random_uniform(21, FRNN_USE_SAMPLE, stream, 0, v, n);
	for (size_t i = 0; i < n; i++)
		v[i] = 2 * v[i] - 1;
	return v;
}

static void
packed_products(void)
{
	float	   *a = floats(1, 70 * 400);
	float	   *w = floats(2, 120 * 400);
	float	   *packed = aligned_alloc(64, frnn_packed_size(120, 400) * sizeof(float));
	float	   *c = floats(3, 70 * 120);

	for (size_t N = 1; N <= 120; N += N < 60 ? 1 : 13)
		for (size_t K = 1; K <= 400; K = 3 * K + 2)
		{
			size_t		M = 1 + (7 * N + K) % 70;
			FrnnOperand operand[2] = {{a, 400, K}, {a + K / 2, 300, 0}};

			frnn_pack_bias(packed, N, K, w, NULL);
			frnn_pack_weight(packed, N, K, 0, K, w, K, 1);
			frnn_gemm_packed(NULL, M, N, K, operand, 1, packed, false, c, N);
			add_bytes(c, M * N * sizeof(float));
			frnn_pack_weight(packed, N, K, 0, K, w, 1, N);
			frnn_gemm_packed(NULL, M, N, K, operand, 1, packed, true, c, N);
			add_bytes(c, M * N * sizeof(float));
		}
	print_sum("packed products");
	free(a);
	free(w);
	free(packed);
	free(c);
}

static void
transposed_products(void)
{
	float	   *a = floats(4, 300 * 100);
	float	   *b = floats(5, 300 * 100);
	float	   *c = floats(6, 100 * 100);
	float	   *sums = floats(7, 100);
	float	   *scratch = floats(8, FRNN_TN_SCRATCH);
	const float *left = a;

	for (size_t M = 1; M <= 100; M += 11)
		for (size_t N = 1; N <= 100; N += N < 50 ? 1 : 17)
		{
			frnn_gemm_tn(NULL, M, N, 300, &left, 1, 100, b, 100, c, N, sums, scratch);
			add_bytes(c, M * N * sizeof(float));
			add_bytes(sums, M * sizeof(float));
			for (size_t i = 0; i < M * N; i++)
				c[i] *= 0.1f;
		}
	print_sum("weight gradients");
	free(a);
	free(b);
	free(c);
	free(sums);
	free(scratch);
}

static void
functions(void)
{
	float	   *v = floats(9, 8 * 1001);
	double		y[8];

	for (size_t i = 0; i < 8 * 1001; i++)
		v[i] *= 12;
	for (int k = FRNN_LINEAR; k <= FRNN_SOFTPLUS; k++)
	{
		frnn_activate((FrnnActivation) k, 1001, v, v + 1001);
		add_bytes(v + 1001, 1001 * sizeof(float));
		frnn_activate_backward((FrnnActivation) k, 1001, v + 1001, v + 2 * 1001, v + 3 * 1001);
		add_bytes(v + 3 * 1001, 1001 * sizeof(float));
	}
	print_sum("activations");
	for (double x = 1e-3; x < 1e5; x *= 1.01)
	{
		y[0] = frnn_exp(x / 1000);
		y[1] = frnn_log(x);
		y[2] = frnn_log1p(x);
		y[3] = frnn_lgamma(x);
		y[4] = frnn_digamma(x);
		y[5] = frnn_student_t_quantile(x / 1e5, 5);
		y[6] = frnn_negative_binomial_quantile(x / 1e5, 7, 0.3);
		frnn_sin_cos_turns(x, &y[7], &y[0]);
		add_bytes(y, sizeof(y));
	}
	print_sum("elementary functions");
	free(v);
}

/* ---------------------------------------------------------------- training */

#define SAMPLES 40
#define STEPS 9

static void
gather(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const float *v = context;

	for (int b = 0; b < batch->B; b++)
	{
		for (int t = 0; t < batch->T; t++)
			batch->x[t * batch->B + b] = v[sample[b] * (STEPS + 3) + t];
		for (int k = 0; k < 3; k++)
		{
			float		y = v[sample[b] * (STEPS + 3) + STEPS + k];

			batch->y[b * 3 + k] = y < 0 ? 0 : 3 * y;
			batch->weight[b * 3 + k] = y < -0.8f ? 0 : 1 + y;
		}
	}
}

static void
train(const char *what, FrnnLayerKind kind, FrnnLossKind loss, FrnnOptimizerKind optimizer)
{
	FrnnNetwork network = {.layers = 3, .input_size = 1, .time_steps = STEPS};
	FrnnTraining training = {.loss = {loss, 1, 3, {0.1f, 0.5f, 0.9f}}, .optimizer = frnn_optimizer_default(optimizer),
		.schedule = frnn_schedule_default(FRNN_COSINE), .targets = 3, .batch_size = 13, .epochs = 6, .shuffle = true,
	.clip_norm = 0.5, .restore_best = true, .highway_rate = 1, .seed = 3};
	float	   *value = floats(10, SAMPLES * (STEPS + 3));
	FrnnSource	source = {value, SAMPLES, STEPS, NULL, gather, NULL};
	FrnnTrained trained;
	FrnnError	error;
	size_t		bytes;
	float	   *params,
			   *state,
			   *scratch,
				out[9];
	void	   *block;

	network.layer[0] = layer(kind, 21, true);
	network.layer[0].dropout = 0.1f;
	network.layer[1] = layer(kind, 40, false);
	network.layer[2] = layer(FRNN_DENSE, 3 * frnn_loss_width(&training.loss), false);
	CHECK(frnn_network_resolve(&network, &error) == FRNN_OK);
	params = floats(0, network.parameters);
	block = aligned_alloc(64, (frnn_init_scratch(&network) + 63) / 64 * 64);
	frnn_network_init(&network, 3, params, block, NULL);
	free(block);
	CHECK(frnn_train_size(&network, &training, &source, NULL, &bytes, &error) == FRNN_OK);
	block = aligned_alloc(64, (bytes + 63) / 64 * 64);
	CHECK(frnn_train(&network, &training, &source, NULL, params, block, NULL, NULL, &trained, &error) == FRNN_OK);
	add_bytes(params, network.parameters * sizeof(float));
	add_bytes(&trained.best_loss, sizeof(double));
	state = calloc(frnn_step_state(&network), sizeof(float));
	scratch = calloc(frnn_step_scratch(&network), sizeof(float));
	for (int i = 0; i < 20; i++)
		frnn_step(&network, params, value + i, NULL, state, i, scratch, out);
	add_bytes(state, frnn_step_state(&network) * sizeof(float));
	print_sum(what);
	free(value);
	free(params);
	free(state);
	free(scratch);
	free(block);
}

/* ---------------------------------------------------------------- panels */

static void
panel(const char *what, FrnnMode mode, FrnnTransform transform, FrnnLossKind loss)
{
	World	   *w = world(3, 150, 6, 12);
	Answer		answer;
	double		sine,
				cosine;

	for (int s = 0; s < 3; s++)
		for (int i = 0; i < 150; i++)
		{
			frnn_sin_cos_turns(i / 12.0, &sine, &cosine);
			w->value[s][i] = i % 47 == 13 ? NAN : floor(40 + 10 * s + 0.1 * i + 9 * sine + 2 * noise(s, i));
		}
	w->recipe.mode = mode;
	w->recipe.transform = transform;
	w->recipe.loss.kind = loss;
	CHECK(fit(w) == FRNN_OK);
	add_bytes(w->forecaster.params, (size_t) w->forecaster.members * w->forecaster.network.parameters * sizeof(float));
	add_bytes(w->forecaster.ridge_weight, (size_t) w->forecaster.recipe.inputs * (size_t) w->forecaster.recipe.block * sizeof(double));
	add_bytes(w->forecaster.series_number, 3 * FRNN_SERIES_NUMBERS * sizeof(double));
	add_bytes(&w->forecaster.mix, sizeof(double));
	for (int s = 0; s < 3; s++)
	{
		answer = ask_end(w, s, 10);
		add_bytes(answer.point, 10 * sizeof(double));
		add_bytes(answer.lower, 10 * sizeof(double));
		add_bytes(answer.upper, 10 * sizeof(double));
	}
	print_sum(what);
	free_world(w);
}

/* ---------------------------------------------------------------- ridge */

#define LAG_ROWS 36000			/* more than a chunk of origins */
#define LAG_STEPS 48
#define LAG_BLOCK 5

/* Sums by lags: two seasons, a covariate, windows cut into segments of 12, and the solution. */
static void
ridge_by_lags(const char *what, FrnnLevel level, int64_t step)
{
	static double value[LAG_ROWS];
	static double covariate[LAG_ROWS];
	static double profile[42];
	static const double mean = 0.1;
	static const double sd = 0.7;
	static const FrnnClockChange change = {0, 0};
	FrnnReady	ready = {.n = LAG_ROWS, .x = value, .profile = profile, .offset = 3, .covariate = covariate, .covariate_rows = LAG_ROWS,
		.covariate_mean = &mean, .covariate_sd = &sd, .sigma = 0.7, .center = 100};
	FrnnRecipe	recipe = frnn_recipe_default();
	FrnnRidge	ridge;
	FrnnArena	arena = frnn_arena(NULL);
	FrnnLags   *lags;
	double	   *weight;
	void	   *block;

	ready.clock = (FrnnClock) {&change, 1, 0, 0};
	for (int i = 0; i < LAG_ROWS; i++)
	{
		value[i] = 100 + i % 24 + 0.001 * (i % 5000) + 2 * noise(31, i);
		covariate[i] = noise(32, i);
	}
	for (int i = 0; i < 42; i++)
		profile[i] = noise(33, i);
	recipe.time_steps = LAG_STEPS;
	recipe.segment = 12;
	recipe.block = LAG_BLOCK;
	recipe.level = level;
	recipe.level_rows = 12;
	recipe.periods = 2;
	recipe.period[0] = 7;
	recipe.period[1] = 35;
	recipe.past_covariates = recipe.known_covariates = true;
	recipe.covariates = 1;
	recipe.extras = 2 * LAG_BLOCK;
	recipe.inputs = 2 * LAG_STEPS + recipe.extras;
	frnn_ridge_layout(&ridge, &arena, recipe.inputs, recipe.block);
	frnn_lags_layout(&arena, &recipe);
	block = aligned_alloc(64, (arena.used + 63) / 64 * 64);
	arena = frnn_arena(block);
	frnn_ridge_layout(&ridge, &arena, recipe.inputs, recipe.block);
	lags = frnn_lags_layout(&arena, &recipe);
	weight = calloc((size_t) (recipe.inputs + 1) * LAG_BLOCK, sizeof(double));
	frnn_ridge_clear(&ridge);
	frnn_lags_add(lags, &ridge, &recipe, &ready, LAG_STEPS - 3, (LAG_ROWS - LAG_STEPS - LAG_BLOCK) / step, step);
	CHECK(ridge.rows == (double) ((LAG_ROWS - LAG_STEPS - LAG_BLOCK) / step));
	add_bytes(ridge.xx, sizeof(double) * (size_t) recipe.inputs * (size_t) recipe.inputs);
	add_bytes(ridge.xy, sizeof(double) * (size_t) recipe.inputs * LAG_BLOCK);
	frnn_ridge_solve(&ridge, 1e-3, weight, weight + recipe.inputs * LAG_BLOCK);
	CHECK(weight[0] != 0);
	add_bytes(weight, sizeof(double) * (size_t) (recipe.inputs + 1) * LAG_BLOCK);
	print_sum(what);
	free(weight);
	free(block);
}

int
main(void)
{
	checksum = 0xcbf29ce484222325u;
	packed_products();
	transposed_products();
	functions();
	train("train simple, mse, sgd", FRNN_SIMPLE, FRNN_MSE, FRNN_SGD);
	train("train lstm, mae, adam", FRNN_LSTM, FRNN_MAE, FRNN_ADAM);
	train("train gru, huber, rmsprop", FRNN_GRU, FRNN_HUBER, FRNN_RMSPROP);
	train("train lstm, quantiles", FRNN_LSTM, FRNN_QUANTILE, FRNN_ADAMW);
	train("train gru, gaussian", FRNN_GRU, FRNN_GAUSSIAN, FRNN_ADAM);
	train("train lstm, student_t", FRNN_LSTM, FRNN_STUDENT_T, FRNN_ADAM);
	train("train lstm, counts", FRNN_LSTM, FRNN_NEGATIVE_BINOMIAL, FRNN_ADAM);
	panel("panel, window mode", FRNN_MODE_WINDOW, FRNN_TRANSFORM_NONE, FRNN_MAE);
	panel("panel, sequence mode, log", FRNN_MODE_SEQUENCE, FRNN_TRANSFORM_LOG, FRNN_MAE);
	panel("panel, asinh", FRNN_MODE_WINDOW, FRNN_TRANSFORM_ASINH, FRNN_MAE);
	panel("panel, counts", FRNN_MODE_WINDOW, FRNN_TRANSFORM_NONE, FRNN_NEGATIVE_BINOMIAL);
	ridge_by_lags("ridge by lags", FRNN_LEVEL_LAST, 1);
	ridge_by_lags("ridge by lags, mean level", FRNN_LEVEL_MEAN, 2);
	return check_done();
}
