/*
 * test_product.c
 *	  Products in double, dot products and Cholesky's solution: right for every
 *	  shape, and the same to the bit however rows are cut.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/base/random.h"
#include "core/kernel/product.h"

static double *
numbers(uint64_t seed, size_t n)
{
	double	   *v = malloc(sizeof(double) * (n ? n : 1));

	frnn_random_normal(seed, FRNN_USE_SAMPLE, n, 0, v, n);
	return v;
}

/* element (k, i) of a factor that is stored by rows (turned: by columns) */
static FrnnFactor
factor(const double *v, size_t K, size_t n, int turned)
{
	FrnnFactor	f = {v, turned ? 1 : n, turned ? K : 1};

	return f;
}

static void
product(size_t M, size_t N, size_t K, int turned_a, int turned_b, double sign)
{
	double	   *a = numbers(1, K * M);
	double	   *b = numbers(2, K * N);
	double	   *c = numbers(3, M * N);
	double	   *start = numbers(3, M * N);
	double	   *scratch = aligned_alloc(64, sizeof(double) * FRNN_PRODUCT_SCRATCH);
	FrnnFactor	fa = factor(a, K, M, turned_a);
	FrnnFactor	fb = factor(b, K, N, turned_b);
	double		worst = 0;

	frnn_product(NULL, M, N, K, fa, fb, sign, false, c, N, scratch);
	for (size_t m = 0; m < M; m++)
		for (size_t n = 0; n < N; n++)
		{
			double		sum = 0;

			for (size_t k = 0; k < K; k++)
				sum += fa.v[k * fa.k_stride + m * fa.stride] * fb.v[k * fb.k_stride + n * fb.stride];
			worst = fmax(worst, fabs(start[m * N + n] + sign * sum - c[m * N + n]));
		}
	CHECK(worst < 1e-12 * (double) (K + 1));
	if (turned_a && !turned_b && sign > 0)
	{
		/* rows one at a time, and without packing: the same bits */
		double	   *other = numbers(3, M * N);

		frnn_rows_product(M, N, K, a, b, other);
		CHECK(memcmp(other, c, sizeof(double) * M * N) == 0);
		memcpy(other, start, sizeof(double) * M * N);
		for (size_t m = 0; m < M; m++)
			frnn_rows_product(1, N, K, a + m * K, b, other + m * N);
		CHECK(memcmp(other, c, sizeof(double) * M * N) == 0);
		free(other);
	}
	free(a);
	free(b);
	free(c);
	free(start);
	free(scratch);
}

/* rows added at once: the bits of rows added one by one, and nothing beyond the last column is written */
static void
add_rows(size_t n, size_t K, double sign)
{
	size_t		ldw = n + 3;
	double	   *x = numbers(8, 2 * K);
	double	   *w = numbers(9, K * ldw);
	double	   *y = numbers(10, n + 1);
	double	   *other = numbers(10, n + 1);

	frnn_add_rows(n, K, sign, x, 2, w, ldw, y);
	for (size_t k = 0; k < K; k++)
		frnn_add_scaled(n, sign * x[2 * k], w + k * ldw, other);
	CHECK(memcmp(y, other, sizeof(double) * (n + 1)) == 0);
	free(x);
	free(w);
	free(y);
	free(other);
}

/* the upper triangle is that of the whole product */
static void
upper(size_t M, size_t K)
{
	double	   *a = numbers(4, K * M);
	double	   *whole = numbers(5, M * M);
	double	   *half = numbers(5, M * M);
	double	   *scratch = aligned_alloc(64, sizeof(double) * FRNN_PRODUCT_SCRATCH);
	FrnnFactor	f = {a, M, 1};
	int			same = 1;

	frnn_product(NULL, M, M, K, f, f, 1, false, whole, M, scratch);
	frnn_product(NULL, M, M, K, f, f, 1, true, half, M, scratch);
	for (size_t m = 0; m < M; m++)
		same &= memcmp(whole + m * M + m, half + m * M + m, sizeof(double) * (M - m)) == 0;
	CHECK(same);
	free(a);
	free(whole);
	free(half);
	free(scratch);
}

static int	ticks;

static void
count(void *arg)
{
	(void) arg;
	ticks++;
}

static void
solve(size_t n, size_t m)
{
	double	   *x = numbers(6, n * m);
	double	   *root = numbers(7, n * n);
	double	   *a = calloc(n * n, sizeof(double));
	double	   *full = calloc(n * n, sizeof(double));
	double	   *b = calloc(n * m, sizeof(double));
	double	   *scratch = aligned_alloc(64, sizeof(double) * FRNN_PRODUCT_SCRATCH);
	FrnnFactor	f = {root, n, 1};
	FrnnFactor	turned = {full, 1, n};
	FrnnFactor	right = {x, m, 1};
	FrnnRun		run = {count, NULL, false, 0, 0};
	double		worst = 0;

	for (size_t i = 0; i < n; i++)
		full[i * n + i] = (double) n;
	frnn_product(NULL, n, n, n, f, f, 1, false, full, n, scratch);
	frnn_product(NULL, n, m, n, turned, right, 1, false, b, m, scratch);
	memcpy(a, full, sizeof(double) * n * n);
	/* nothing below the diagonal is read */
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			a[i * n + j] = NAN;
	ticks = 0;
	CHECK(frnn_solve_positive(&run, n, m, a, b, scratch));
	CHECK(ticks >= (int) (n / 64));
	for (size_t i = 0; i < n * m; i++)
		worst = fmax(worst, fabs(b[i] - x[i]));
	CHECK(worst < 1e-11 * (double) n);
	full[(n - 1) * n + n - 1] = -1;
	CHECK(!frnn_solve_positive(NULL, n, m, full, b, scratch));
	free(x);
	free(root);
	free(a);
	free(full);
	free(b);
	free(scratch);
}

static void
vectors(size_t rows, size_t columns)
{
	float	   *w = malloc(sizeof(float) * rows * columns);
	float	   *x = malloc(sizeof(float) * columns);
	float	   *out = calloc(rows, sizeof(float));
	double	   *a = numbers(8, columns);
	double	   *b = numbers(9, columns);
	double		sum = 0;

	frnn_random_uniform(10, FRNN_USE_SAMPLE, rows, columns, w, rows * columns);
	frnn_random_uniform(11, FRNN_USE_SAMPLE, rows, columns, x, columns);
	frnn_matrix_vector(rows, columns, w, x, out);
	for (size_t r = 0; r < rows; r++)
	{
		double		want = 0;

		for (size_t j = 0; j < columns; j++)
			want += (double) w[r * columns + j] * x[j];
		CHECK_NEAR(out[r], want, 1e-6 * (double) (columns + 1));
	}
	for (size_t j = 0; j < columns; j++)
		sum += a[j] * b[j];
	CHECK_NEAR(frnn_dot(columns, a, b), sum, 1e-12 * (double) columns);
	free(w);
	free(x);
	free(out);
	free(a);
	free(b);
}

int
main(void)
{
	size_t		size[] = {1, 2, 5, 8, 12, 13, 24, 25, 47, 100, 193, 230};
	int			sizes = sizeof(size) / sizeof(size[0]);

	for (int i = 0; i < sizes; i++)
	{
		for (int j = 0; j < sizes; j++)
		{
			product(size[i], size[j], size[(i + j) % sizes], 1, 0, 1);
			product(size[i], size[j], size[(i + 2 * j) % sizes], (i + j) % 2, i % 2, j % 2 ? 1 : -1);
			vectors(size[i], size[j]);
			add_rows(size[i], (size_t) j, j % 2 ? 1 : -1);
		}
		upper(size[i], 130);
		solve(size[i], size[(3 * i) % sizes]);
	}
	product(3, 50, 600, 1, 0, 1);
	product(30, 24, 300, 1, 0, 1);
	return check_done();
}
