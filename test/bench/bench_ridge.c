/*
 * bench_ridge.c
 *	  Measures the ridge regression of 350 inputs and 24 outputs beside OpenBLAS:
 *	  the sums of products of windows (dsyrk and dgemm), and the solution (dposv).
 *
 * Both sides convert the same rows of floats and sum them in blocks; OpenBLAS gets
 * blocks of the size that is best for it of three.  Rounds are in turn, and each
 * figure is the least processor time.  Prints a line: the kernel of OpenBLAS, seconds
 * of the sums of 400 000 windows by ours and by OpenBLAS, milliseconds of a solution by
 * ours and by OpenBLAS, and the largest difference of the weights.
 */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/forecast/ridge.h"

#define INPUTS 350
#define OUTPUTS 24
#define ROWS 4096				/* of a round */
#define WINDOWS 400000
#define ROUNDS 25
#define BLOCKS 3

extern char *openblas_get_corename(void);
extern void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *info);

static float x[ROWS][INPUTS];
static float y[ROWS][OUTPUTS];
static double xd[ROWS][INPUTS];
static double yd[ROWS][OUTPUTS];
static double xx[INPUTS][INPUTS];
static double xy[INPUTS][OUTPUTS];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* numbers within -1/2 .. 1/2 */
static void
fill(float *v, size_t n, uint64_t z)
{
	for (size_t i = 0; i < n; i++)
	{
		z = z * 6364136223846793005u + 1442695040888963407u;
		v[i] = (float) (z >> 40) / (1 << 24) - 0.5f;
	}
}

static double
ours(FrnnRidge *ridge)
{
	double		start = now();

	for (int i = 0; i < ROWS; i++)
		frnn_ridge_add(ridge, x[i], y[i]);
	frnn_ridge_flush(ridge);
	return now() - start;
}

static double
theirs(int block)
{
	double		start = now();

	for (int r = 0; r < ROWS; r += block)
	{
		for (int i = 0; i < block; i++)
		{
			for (int j = 0; j < INPUTS; j++)
				xd[i][j] = x[r + i][j];
			for (int j = 0; j < OUTPUTS; j++)
				yd[i][j] = y[r + i][j];
		}
		cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, INPUTS, block, 1, xd[0], INPUTS, 1, xx[0], INPUTS);
		cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, INPUTS, OUTPUTS, block, 1, xd[0], INPUTS, yd[0], OUTPUTS,
					1, xy[0], OUTPUTS);
	}
	return now() - start;
}

/* Solves what both sides have summed; the means are 0 for OpenBLAS, which is a copy of the centered sums. */
static double
solutions(FrnnRidge *ridge, double *our_time, double *their_time)
{
	static double a[INPUTS * INPUTS];
	static double b[OUTPUTS * INPUTS];
	static double weight[INPUTS * OUTPUTS];
	static double bias[OUTPUTS];
	double		start;
	double		worst = 0;
	double		trace = 0;
	int			n = INPUTS;
	int			m = OUTPUTS;
	int			info;

	for (int i = 0; i < INPUTS; i++)
		for (int j = i; j < INPUTS; j++)
			ridge->xx[i * INPUTS + j] = ridge->xx[i * INPUTS + j] - ridge->x_sum[i] * ridge->x_sum[j] / ridge->rows;
	for (int i = 0; i < INPUTS; i++)
		for (int j = 0; j < OUTPUTS; j++)
			ridge->xy[i * OUTPUTS + j] -= ridge->x_sum[i] * ridge->y_sum[j] / ridge->rows;
	memset(ridge->x_sum, 0, sizeof(double) * INPUTS);
	memset(ridge->y_sum, 0, sizeof(double) * OUTPUTS);
	for (int i = 0; i < INPUTS; i++)
		trace += ridge->xx[i * INPUTS + i];
	/* the upper triangle of rows is the lower one of columns */
	memcpy(a, ridge->xx, sizeof(a));
	for (int i = 0; i < INPUTS; i++)
		a[i * INPUTS + i] += 1e-3 * trace / INPUTS + 1e-9 * ridge->rows;
	for (int i = 0; i < INPUTS; i++)
		for (int j = 0; j < OUTPUTS; j++)
			b[j * INPUTS + i] = ridge->xy[i * OUTPUTS + j];
	start = now();
	frnn_ridge_solve(ridge, 1e-3, weight, bias);
	*our_time = fmin(*our_time, now() - start);
	start = now();
	dposv_("L", &n, &m, a, &n, b, &n, &info);
	*their_time = fmin(*their_time, now() - start);
	if (info != 0)
		return NAN;
	for (int i = 0; i < INPUTS; i++)
		for (int j = 0; j < OUTPUTS; j++)
			worst = fmax(worst, fabs(weight[i * OUTPUTS + j] - b[j * INPUTS + i]));
	return worst;
}

int
main(void)
{
	static const int block[BLOCKS] = {256, 1024, ROWS};
	FrnnRidge	ridge;
	FrnnArena	arena = frnn_arena(NULL);
	double		our_sum = 1e9;
	double		their_sum = 1e9;
	double		our_solution = 1e9;
	double		their_solution = 1e9;
	double		worst = 0;

	frnn_ridge_layout(&ridge, &arena, INPUTS, OUTPUTS);
	arena = frnn_arena(aligned_alloc(FRNN_ALIGN, arena.used));
	if (arena.base == NULL)
		return 1;
	frnn_ridge_layout(&ridge, &arena, INPUTS, OUTPUTS);
	fill(x[0], ROWS * INPUTS, 1);
	fill(y[0], ROWS * OUTPUTS, 2);
	for (int round = 0; round < ROUNDS; round++)
	{
		frnn_ridge_clear(&ridge);
		our_sum = fmin(our_sum, ours(&ridge));
		for (int i = 0; i < BLOCKS; i++)
			their_sum = fmin(their_sum, theirs(block[i]));
		worst = fmax(worst, solutions(&ridge, &our_solution, &their_solution));
	}
	printf("%s %.3f %.3f %.3f %.3f %.1e\n", openblas_get_corename(), our_sum / ROWS * WINDOWS, their_sum / ROWS * WINDOWS,
		   our_solution * 1e3, their_solution * 1e3, worst);
	return !(worst < 1e-9);
}
