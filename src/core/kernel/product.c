/*
 * product.c
 *	  Products in double, matrix times vector, and Cholesky's factorization.
 *
 * product_isa.h has the kernels.
 */
#include "core/kernel/product.h"

#include <math.h>
#include <string.h>

#include "core/base/simd.h"

#define FRNN_KERNEL "core/kernel/product_isa.h"
#include "core/kernel/each_isa.h"

FRNN_DISPATCH(void, frnn_product, (const FrnnRun *run, size_t M, size_t N, size_t K, FrnnFactor a, FrnnFactor b,
								   double sign, bool upper, double *c, size_t ldc, double *scratch));
FRNN_DISPATCH(void, frnn_rows_product, (size_t M, size_t N, size_t K, const double *x, const double *w, double *y));
FRNN_DISPATCH(void, frnn_add_rows, (size_t n, size_t K, double sign, const double *x, size_t x_stride, const double *w,
									size_t ldw, double *y));
FRNN_DISPATCH(double, frnn_dot, (size_t n, const double *x, const double *y));
FRNN_DISPATCH(void, frnn_matrix_vector, (size_t rows, size_t columns, const float *w, const float *x, float *out));

/* rows that are factored or solved together */
#define BLOCK 64
/* columns of a triangular solve at a time: a block of them fits the L1 cache */
#define SOLVE_COLUMNS 32

FRNN_CLONES void
frnn_add_scaled(size_t n, double factor, const double *restrict x, double *restrict y)
{
#pragma omp simd
	for (size_t j = 0; j < n; j++)
		y[j] += factor * x[j];
}

/* Factors the `rows` x `rows` block at a.  Returns false if it is not positive definite. */
static bool
factor_block(size_t rows, double *a, size_t lda)
{
	for (size_t i = 0; i < rows; i++)
	{
		double	   *row = a + i * lda;

		frnn_add_rows(rows - i, i, -1, a + i, lda, a + i, lda, row + i);
		if (!(row[i] > 0) || !isfinite(row[i]))
			return false;
		row[i] = sqrt(row[i]);
		for (size_t j = i + 1; j < rows; j++)
			row[j] /= row[i];
	}
	return true;
}

/* B (rows, n) = U^-T B, U the upper triangle of the block at u */
static void
solve_transposed(const FrnnRun *run, size_t rows, const double *u, size_t ldu, size_t n, double *b, size_t ldb)
{
	for (size_t j = 0; j < n; j += SOLVE_COLUMNS)
	{
		size_t		columns = n - j < SOLVE_COLUMNS ? n - j : SOLVE_COLUMNS;

		for (size_t i = 0; i < rows; i++)
		{
			double	   *row = b + i * ldb + j;

			frnn_add_rows(columns, i, -1, u + i, ldu, b + j, ldb, row);
			for (size_t c = 0; c < columns; c++)
				row[c] /= u[i * ldu + i];
		}
		if (j % 4096 == 0)
			frnn_tick(run);
	}
}

/* B (rows, n) = U^-1 B */
static void
solve_upper(size_t rows, const double *u, size_t ldu, size_t n, double *b, size_t ldb)
{
	for (size_t j = 0; j < n; j += SOLVE_COLUMNS)
	{
		size_t		columns = n - j < SOLVE_COLUMNS ? n - j : SOLVE_COLUMNS;

		for (size_t i = rows; i-- > 0;)
		{
			double	   *row = b + i * ldb + j;

			frnn_add_rows(columns, rows - i - 1, -1, u + i * ldu + i + 1, 1, b + (i + 1) * ldb + j, ldb, row);
			for (size_t c = 0; c < columns; c++)
				row[c] /= u[i * ldu + i];
		}
	}
}

bool
frnn_solve_positive(const FrnnRun *run, size_t n, size_t m, double *a, double *b, double *scratch)
{
	for (size_t i = 0; i < n; i += BLOCK)
	{
		size_t		rows = n - i < BLOCK ? n - i : BLOCK;
		size_t		rest = n - i - rows;
		double	   *block = a + i * n + i;
		double	   *right = block + rows;
		double	   *below = block + rows * n + rows;
		FrnnFactor	u = {right, n, 1};
		FrnnFactor	z = {b + i * m, m, 1};

		frnn_tick(run);
		if (!factor_block(rows, block, n))
			return false;
		solve_transposed(run, rows, block, n, rest, right, n);
		solve_transposed(run, rows, block, n, m, b + i * m, m);
		frnn_product(run, rest, rest, rows, u, u, -1, true, below, n, scratch);
		frnn_product(run, rest, m, rows, u, z, -1, false, b + (i + rows) * m, m, scratch);
	}
	for (size_t end = n; end > 0;)
	{
		size_t		rows = (end - 1) % BLOCK + 1;
		size_t		i = end - rows;
		FrnnFactor	u = {a + i, 1, n};
		FrnnFactor	x = {b + i * m, m, 1};

		frnn_tick(run);
		solve_upper(rows, a + i * n + i, n, m, b + i * m, m);
		frnn_product(run, i, m, rows, u, x, -1, false, b, m, scratch);
		end = i;
	}
	return true;
}
