/*
 * ridge.c
 *	  Pooled ridge regression: normal equations accumulated block by block,
 *	  solved by Cholesky (LAPACK's, from the same OpenBLAS).
 *
 * minimise |Y - X W - b|^2 + lambda trace(X'X)/p |W|^2, X and Y centred, so
 * that the bias is not shrunk.  Inputs are of order one: sums of squares in
 * double lose nothing that matters when the means go off afterwards.
 */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "core/forecast/pipeline.h"

/* LAPACK's Fortran symbol; OpenBLAS brings it, no header of its own is needed */
extern void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda,
				   double *b, const int *ldb, int *info, size_t uplo_length);

void
frnn_ridge_layout(FrnnRidge *ridge, FrnnArena *arena, int inputs, int outputs)
{
	ridge->inputs = inputs;
	ridge->outputs = outputs;
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

	memset(ridge->xx, 0, sizeof(double) * p * p);
	memset(ridge->xy, 0, sizeof(double) * p * O);
	memset(ridge->x_sum, 0, sizeof(double) * p);
	memset(ridge->y_sum, 0, sizeof(double) * O);
	ridge->rows = 0;
	ridge->filled = 0;
}

/* the waiting rows into the sums */
static void
flush(FrnnRidge *ridge)
{
	int			p = ridge->inputs;
	int			O = ridge->outputs;

	if (ridge->filled == 0)
		return;
	cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, p, ridge->filled, 1, ridge->x, p, 1, ridge->xx, p);
	cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, p, O, ridge->filled,
				1, ridge->x, p, ridge->y, O, 1, ridge->xy, O);
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
		flush(ridge);
}

void
frnn_ridge_solve(FrnnRidge *ridge, double lambda, double *weight, double *bias)
{
	int			p = ridge->inputs;
	int			O = ridge->outputs;
	int			info = 0;
	double		trace = 0;
	double		n;
	double	   *right = ridge->xy;

	flush(ridge);
	n = ridge->rows;
	memset(weight, 0, sizeof(double) * (size_t) p * O);
	memset(bias, 0, sizeof(double) * (size_t) O);
	if (n < 1)
		return;
	for (int i = 0; i < p; i++)
	{
		double		mean = ridge->x_sum[i] / n;

		for (int j = i; j < p; j++)
			ridge->xx[(size_t) i * p + j] -= mean * ridge->x_sum[j];
		for (int j = 0; j < O; j++)
			ridge->xy[(size_t) i * O + j] -= mean * ridge->y_sum[j];
		/* of an input that never moves only rounding is left */
		if (ridge->xx[(size_t) i * p + i] < 1e-12 * n * mean * mean)
			ridge->xx[(size_t) i * p + i] = 0;
		trace += ridge->xx[(size_t) i * p + i];
	}
	for (int i = 0; i < p; i++)
		ridge->xx[(size_t) i * p + i] += lambda * trace / p + 1e-9 * n;

	/*
	 * Row-major upper is Fortran's lower.  The right-hand sides go in column by
	 * column, so weight serves as their (O, p) transpose.
	 */
	for (int j = 0; j < O; j++)
		for (int i = 0; i < p; i++)
			weight[(size_t) j * p + i] = right[(size_t) i * O + j];
	dposv_("L", &p, &O, ridge->xx, &p, weight, &p, &info, 1);
	for (int j = 0; j < O && info == 0; j++)
		for (int i = 0; i < p; i++)
			if (!isfinite(weight[(size_t) j * p + i]))
				info = 1;
	for (int i = 0; i < p; i++)
		for (int j = 0; j < O; j++)
			right[(size_t) i * O + j] = info == 0 ? weight[(size_t) j * p + i] : 0;
	memcpy(weight, right, sizeof(double) * (size_t) p * O);
	for (int j = 0; j < O; j++)
	{
		bias[j] = ridge->y_sum[j] / n;
		for (int i = 0; i < p; i++)
			bias[j] -= ridge->x_sum[i] / n * weight[(size_t) i * O + j];
	}
}
