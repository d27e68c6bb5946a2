/*
 * bench_step.c
 *	  Measures one step of the core's training loop (gathered samples, forward,
 *	  MSE, backward, Adam), without a server, on one core.
 *
 * Mini-batches are cut into the shards that a training in the server has.
 *
 * Reads shapes from standard input, one per line,
 *	  cell batch steps features layers units		("lstm 64 168 8 2 64")
 * and writes one line per shape: milliseconds per step, GFLOP/s, and GFLOP/s of
 * OpenBLAS's sgemm of 512^3 and of multiply-adds in registers alone, measured in
 * turn with the step and for as long as it takes.  Times are processor time, the least
 * of many short runs, because other work on the machine only makes them longer.
 *
 * With the argument "machine" it prints the peak per instruction set instead, and
 * the kernel that OpenBLAS chose.  Built with FRNN_LEVEL=3, it compares with AVX2's peak.
 */
#include <cblas.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/train/shard.h"
#include "core/train/train.h"

#define ROUNDS 60
#define PEAK 512

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *
lend(size_t bytes)
{
	void	   *block = aligned_alloc(FRNN_ALIGN, (bytes + FRNN_ALIGN) & ~(size_t) (FRNN_ALIGN - 1));

	if (block == NULL)
		exit(1);
	memset(block, 0, bytes);
	return block;
}

static float *
noise(size_t n, uint64_t stream)
{
	float	   *v = lend(n * sizeof(float));

	for (size_t i = 0; i < n; i++)
	{
		uint64_t	z = (i + 1) * 0x9E3779B97F4A7C15u + stream * 0xD1B54A32D192ED03u;

		z ^= z >> 29;
		z *= 0xBF58476D1CE4E5B9u;
		v[i] = (float) (z >> 40) / (1 << 24) - 0.5f;
	}
	return v;
}

#define PEAK_LOOPS 200000

#if defined(__x86_64__)

/*
 * Functions that return the operations of a loop of multiply-adds, about a millisecond of them.
 * Twelve independent chains hide the latency of a multiply-add.
 */
#define PEAK_CHAINS 12
#define PEAK_FUNCTION(name, features, type, set, fma, lanes) \
	__attribute__((target(features))) static double \
	name(void) \
	{ \
		type		sum[PEAK_CHAINS]; \
		type		factor = set(0.999999f); \
		volatile float out = 0; \
		for (int i = 0; i < PEAK_CHAINS; i++) \
			sum[i] = set(1.0f + (float) i); \
		for (int k = 0; k < PEAK_LOOPS; k++) \
			for (int i = 0; i < PEAK_CHAINS; i++) \
				sum[i] = fma(sum[i], factor, factor); \
		for (int i = 0; i < PEAK_CHAINS; i++) \
			out += ((float *) &sum[i])[0]; \
		(void) out; \
		return 2.0 * lanes * PEAK_CHAINS * PEAK_LOOPS; \
	}

PEAK_FUNCTION(peak_avx2, "avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps, 8)
PEAK_FUNCTION(peak_avx512, "avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps, 16)

#endif

extern char *openblas_get_corename(void);

/* Returns GFLOP/s of a function that returns its operations: the best of many short runs. */
static double
best_rate(double (*function) (void))
{
	double		best = 0;

	for (int i = 0; i < 1000; i++)
	{
		double		start = now();
		double		flops = function();

		best = fmax(best, flops / (now() - start) * 1e-9);
	}
	return best;
}

/* a line: what the peak per instruction set is, and OpenBLAS's kernel */
static void
machine(void)
{
	double		avx2 = 0;
	double		avx512 = 0;

#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		avx2 = best_rate(peak_avx2);
	if (__builtin_cpu_supports("avx512f"))
		avx512 = best_rate(peak_avx512);
#endif
	printf("multiply-adds in registers: AVX2 %.1f, AVX-512 %.1f GFLOP/s; OpenBLAS's kernel: %s\n",
		   avx2, avx512, openblas_get_corename());
}

/* multiply-adds in registers, with the vectors that the kernels use; returns their operations */
static double
register_flops(void)
{
#if defined(__x86_64__)
#if !defined(FRNN_LEVEL) || FRNN_LEVEL == 4
	if (__builtin_cpu_supports("avx512f"))
		return peak_avx512();
#endif
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return peak_avx2();
#endif
	return 1;
}

typedef struct Bench
{
	FrnnNetwork network;
	FrnnTraining training;
	FrnnSource	source;
	float	   *x;				/* (B, T, F): one sample after the other */
	float	   *y;				/* (B) */
	float	   *params;
	void	   *block;
} Bench;

static void
bench_gather(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const Bench *b = context;
	size_t		F = (size_t) b->network.input_size;
	size_t		T = (size_t) batch->T;

	for (size_t i = 0; i < (size_t) batch->B; i++)
	{
		for (size_t t = 0; t < T; t++)
			memcpy(batch->x + (t * (size_t) batch->B + i) * F, b->x + ((size_t) sample[i] * T + t) * F, sizeof(float) * F);
		batch->y[i] = b->y[sample[i]];
		batch->weight[i] = 1;
	}
}

/* some steps of the training loop, with its shards of mini-batches, in this process alone */
static void
train_steps(Bench *b, int steps)
{
	FrnnTrained trained;
	FrnnError	error;

	b->training.steps_per_epoch = steps;
	if (frnn_train(&b->network, &b->training, &b->source, NULL, b->params, b->block, NULL, NULL, &trained, &error) != FRNN_OK)
		exit(1);
}

/* seconds of one sgemm of PEAK^3 */
static double
peak_once(float *a, float *b, float *c)
{
	double		start = now();

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, PEAK, PEAK, PEAK, 1, a, PEAK, b, PEAK, 0, c, PEAK);
	return now() - start;
}

/* multiply-adds count 2; backward is twice the forward pass but for the gradient of x, which nobody wants */
static double
step_flops(const FrnnNetwork *network, int B, int T)
{
	const FrnnLayer *first = &network->layer[0];
	int			gates = frnn_gate_count(first->kind);

	return 3 * frnn_network_flops(network, B, T) - 2.0 * B * T * gates * first->units * first->input_size;
}

static void
bench_make(Bench *b, FrnnLayerKind kind, int B, int T, int F, int layers, int units)
{
	FrnnError	error;
	size_t		bytes;

	memset(b, 0, sizeof(*b));
	b->network.input_size = F;
	b->network.time_steps = T;
	b->network.layers = layers + 1;
	for (int i = 0; i < layers; i++)
	{
		b->network.layer[i] = frnn_layer_default(kind);
		b->network.layer[i].units = units;
		b->network.layer[i].return_sequences = i < layers - 1;
	}
	b->network.layer[layers] = frnn_layer_default(FRNN_DENSE);
	b->network.layer[layers].units = 1;
	if (frnn_network_resolve(&b->network, &error) != FRNN_OK)
		exit(1);
	b->params = noise(b->network.parameters, 1);
	for (size_t i = 0; i < b->network.parameters; i++)
		b->params[i] *= 0.3f;
	b->x = noise((size_t) B * T * F, 2);
	b->y = noise((size_t) B, 3);
	b->source.context = b;
	b->source.samples = B;
	b->source.max_steps = T;
	b->source.gather = bench_gather;
	b->training.loss.kind = FRNN_MSE;
	b->training.optimizer = frnn_optimizer_default(FRNN_ADAM);
	b->training.optimizer.learning_rate = 1e-4;
	b->training.schedule = frnn_schedule_default(FRNN_CONSTANT);
	b->training.targets = 1;
	b->training.batch_size = B;
	b->training.epochs = 1;
	b->training.shards = frnn_shards(&b->network, B, T);
	if (frnn_train_size(&b->network, &b->training, &b->source, NULL, &bytes, &error) != FRNN_OK)
		exit(1);
	b->block = lend(bytes);
}

static void
bench_run(const char *cell, int B, int T, int F, int layers, int units)
{
	FrnnLayerKind kind = !strcmp(cell, "lstm") ? FRNN_LSTM : !strcmp(cell, "gru") ? FRNN_GRU : FRNN_SIMPLE;
	size_t		square = (size_t) PEAK * PEAK;
	float	   *a = noise(square, 4);
	float	   *c = noise(square, 5);
	float	   *out = noise(square, 6);
	double		best = 1e9;
	double		sgemm = 1e9;
	double		registers = 1e9;
	double		flops;
	int			steps;
	Bench		b;

	bench_make(&b, kind, B, T, F, layers, units);
	flops = step_flops(&b.network, B, T);
	/* enough steps per reading of the clock that its own cost and grain do not count */
	steps = 1 + (int) (2e8 / flops);
	for (int round = 0; round < ROUNDS; round++)
	{
		double		start = now();
		double		took;
		double		flops_done = 0;

		train_steps(&b, steps);
		took = now() - start;
		best = fmin(best, took / steps);
		sgemm = fmin(sgemm, peak_once(a, c, out));
		start = now();
		do
			flops_done += register_flops();
		while (now() - start < took);
		registers = fmin(registers, (now() - start) / flops_done);
	}
	printf("%.4f %.1f %.1f %.1f\n", best * 1e3, flops / best * 1e-9, 2.0 * square * PEAK / sgemm * 1e-9, 1e-9 / registers);
	fflush(stdout);
	free(a);
	free(c);
	free(out);
}

int
main(int argc, char **argv)
{
	char		cell[16];
	int			B,
				T,
				F,
				layers,
				units;

	if (argc > 1 && !strcmp(argv[1], "machine"))
	{
		machine();
		return 0;
	}
	while (scanf("%15s %d %d %d %d %d", cell, &B, &T, &F, &layers, &units) == 6)
		bench_run(cell, B, T, F, layers, units);
	return 0;
}
