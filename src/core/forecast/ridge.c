/*
 * ridge.c
 *	  Pooled ridge regression: normal equations accumulated block by block,
 *	  solved by a Cholesky factorization.
 *
 * minimise |Y - X W - b|^2 + lambda trace(X'X)/p |W|^2, X and Y centred, so
 * that the bias is not shrunk.  Inputs are of order one: sums of squares in
 * double lose nothing that matters when the means are subtracted afterwards.
 *
 * Products and the factorization go by panels of RIDGE_PANEL rows with a tick
 * after each, so that wide windows can be interrupted.
 */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "core/forecast/pipeline.h"

#define RIDGE_PANEL 256

/* LAPACK's Fortran symbol; OpenBLAS contains it, but has no header for it */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_length);

void
frnn_ridge_layout(FrnnRidge *ridge, FrnnArena *arena, int inputs, int outputs)
{
	ridge->inputs = inputs;
	ridge->outputs = outputs;
	ridge->run = NULL;
	ridge->xx = FRNN_TAKE(arena, double, frnn_mul((size_t) inputs, (size_t) inputs));
	ridge->xy = FRNN_TAKE(arena, double, frnn_mul((size_t) inputs, (size_t) outputs));
	ridge->x_sum = FRNN_TAKE(arena, double, inputs);
	ridge->y_sum = FRNN_TAKE(arena, double, outputs);
	ridge->x = FRNN_TAKE(arena, double, frnn_mul(FRNN_RIDGE_BLOCK, (size_t) inputs));
	ridge->y = FRNN_TAKE(arena, double, frnn_mul(FRNN_RIDGE_BLOCK, (size_t) outputs));
}

void
frnn_ridge_clear(FrnnRidge *ridge)
{
	size_t		p = (size_t) ridge->inputs;
	size_t		O = (size_t) ridge->outputs;

	/* clearing a wide system for the first time takes memory from the kernel */
	for (size_t i = 0; i < p; i++)
	{
		memset(ridge->xx + i * p, 0, sizeof(double) * p);
		if (i % RIDGE_PANEL == RIDGE_PANEL - 1)
			frnn_tick(ridge->run);
	}
	memset(ridge->xy, 0, sizeof(double) * p * O);
	memset(ridge->x_sum, 0, sizeof(double) * p);
	memset(ridge->y_sum, 0, sizeof(double) * O);
	ridge->rows = 0;
	ridge->filled = 0;
}

static int
panel_rows(int begin, int end)
{
	return end - begin < RIDGE_PANEL ? end - begin : RIDGE_PANEL;
}

/*
 * Adds factor x a'a to the upper triangle of the (n, n) matrix c, row by row of
 * panels.  a is (rows, n) with `lda` numbers between rows.
 */
static void
symmetric_update(const double *a, int lda, int rows, int n, double factor, double *c, int ldc, const FrnnRun *run)
{
	for (int i = 0; i < n; i += RIDGE_PANEL)
	{
		int			m = panel_rows(i, n);
		double	   *diagonal = c + (size_t) i * ldc + i;

		cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, m, rows, factor, a + i, lda, 1, diagonal, ldc);
		if (i + m < n)
			cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n - i - m, rows, factor, a + i, lda,
						a + i + m, lda, 1, diagonal + m, ldc);
		frnn_tick(run);
	}
}

/* Adds the rows that wait in x and y to the sums. */
static void
ridge_flush(FrnnRidge *ridge)
{
	int			p = ridge->inputs;
	int			O = ridge->outputs;

	if (ridge->filled == 0)
		return;
	symmetric_update(ridge->x, p, ridge->filled, p, 1, ridge->xx, p, ridge->run);
	for (int i = 0; i < p; i += RIDGE_PANEL)
	{
		cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, panel_rows(i, p), O, ridge->filled, 1, ridge->x + i, p,
					ridge->y, O, 1, ridge->xy + (size_t) i * O, O);
		frnn_tick(ridge->run);
	}
	for (int i = 0; i < ridge->filled; i++)
	{
		for (int j = 0; j < p; j++)
			ridge->x_sum[j] += ridge->x[(size_t) i * p + j];
		for (int j = 0; j < O; j++)
			ridge->y_sum[j] += ridge->y[(size_t) i * O + j];
	}
	ridge->rows += ridge->filled;
	ridge->filled = 0;
}

void
frnn_ridge_add(FrnnRidge *ridge, const float *x, const float *y)
{
	double	   *x_row = ridge->x + (size_t) ridge->filled * ridge->inputs;
	double	   *y_row = ridge->y + (size_t) ridge->filled * ridge->outputs;

	for (int j = 0; j < ridge->inputs; j++)
		x_row[j] = x[j];
	for (int j = 0; j < ridge->outputs; j++)
		y_row[j] = y[j];
	if (++ridge->filled == FRNN_RIDGE_BLOCK)
		ridge_flush(ridge);
}

/*
 * Replaces the upper triangle of xx by U, where xx = U'U.  Returns false if xx
 * is not positive definite.
 */
static bool
ridge_factorize(FrnnRidge *ridge)
{
	int			p = ridge->inputs;

	for (int k = 0; k < p; k += RIDGE_PANEL)
	{
		int			m = panel_rows(k, p);
		int			rest = p - k - m;
		int			info = 0;
		double	   *diagonal = ridge->xx + (size_t) k * p + k;

		/* row-major upper is Fortran's lower */
		dpotrf_("L", &m, diagonal, &p, &info, 1);
		if (info != 0)
			return false;
		if (rest == 0)
			break;
		cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, m, rest, 1, diagonal, p,
					diagonal + m, p);
		frnn_tick(ridge->run);
		symmetric_update(diagonal + m, p, m, rest, -1, diagonal + (size_t) m * p + m, p, ridge->run);
	}
	return true;
}

/*
 * Replaces the right-hand sides, (outputs, inputs), by the solution of
 * U'U w = right.  In Fortran's order U is L', and right has a column per output.
 */
static void
ridge_substitute(const FrnnRidge *ridge, double *right)
{
	int			p = ridge->inputs;
	int			O = ridge->outputs;
	const double *L = ridge->xx;

	/* L z = right, from the first panel on */
	for (int i = 0; i < p; i += RIDGE_PANEL)
	{
		int			m = panel_rows(i, p);

		for (int k = 0; k < i; k += RIDGE_PANEL)
		{
			cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, O, RIDGE_PANEL, -1, L + (size_t) k * p + i, p,
						right + k, p, 1, right + i, p);
			frnn_tick(ridge->run);
		}
		cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, m, O, 1,
					L + (size_t) i * p + i, p, right + i, p);
	}
	/* L'w = z, from the last panel on */
	for (int i = (p - 1) / RIDGE_PANEL * RIDGE_PANEL; i >= 0; i -= RIDGE_PANEL)
	{
		int			m = panel_rows(i, p);

		for (int k = i + RIDGE_PANEL; k < p; k += RIDGE_PANEL)
		{
			cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, O, panel_rows(k, p), -1, L + (size_t) i * p + k, p,
						right + k, p, 1, right + i, p);
			frnn_tick(ridge->run);
		}
		cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, m, O, 1,
					L + (size_t) i * p + i, p, right + i, p);
	}
}

/* Centers the sums and adds the penalty to the diagonal. */
static void
ridge_center(FrnnRidge *ridge, double lambda)
{
	int			p = ridge->inputs;
	int			O = ridge->outputs;
	double		n = ridge->rows;
	double		trace = 0;

	for (int i = 0; i < p; i++)
	{
		double		mean = ridge->x_sum[i] / n;

		for (int j = i; j < p; j++)
			ridge->xx[(size_t) i * p + j] -= mean * ridge->x_sum[j];
		for (int j = 0; j < O; j++)
			ridge->xy[(size_t) i * O + j] -= mean * ridge->y_sum[j];
		/* of an input that never moves only rounding remains */
		if (ridge->xx[(size_t) i * p + i] < 1e-12 * n * mean * mean)
			ridge->xx[(size_t) i * p + i] = 0;
		trace += ridge->xx[(size_t) i * p + i];
		if (i % 64 == 63)
			frnn_tick(ridge->run);
	}
	for (int i = 0; i < p; i++)
		ridge->xx[(size_t) i * p + i] += lambda * trace / p + 1e-9 * n;
}

void
frnn_ridge_solve(FrnnRidge *ridge, double lambda, double *weight, double *bias)
{
	size_t		p = (size_t) ridge->inputs;
	size_t		O = (size_t) ridge->outputs;
	bool		solved;

	ridge_flush(ridge);
	memset(weight, 0, sizeof(double) * p * O);
	memset(bias, 0, sizeof(double) * O);
	if (ridge->rows < 1)
		return;
	ridge_center(ridge, lambda);
	solved = ridge_factorize(ridge);
	if (solved)
	{
		for (size_t j = 0; j < O; j++)
			for (size_t i = 0; i < p; i++)
				weight[j * p + i] = ridge->xy[i * O + j];
		ridge_substitute(ridge, weight);
	}
	for (size_t i = 0; i < p * O && solved; i++)
		solved = isfinite(weight[i]);
	for (size_t i = 0; i < p; i++)
		for (size_t j = 0; j < O; j++)
			ridge->xy[i * O + j] = solved ? weight[j * p + i] : 0;
	memcpy(weight, ridge->xy, sizeof(double) * p * O);
	for (size_t j = 0; j < O; j++)
	{
		bias[j] = ridge->y_sum[j] / ridge->rows;
		for (size_t i = 0; i < p; i++)
			bias[j] -= ridge->x_sum[i] / ridge->rows * weight[i * O + j];
	}
}
