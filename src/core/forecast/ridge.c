/*
 * ridge.c
 *	  Pooled ridge regression: normal equations summed block by block, solved by
 *	  Cholesky's factorization.
 *
 * Minimizes |Y - X W - b|^2 + lambda trace(X'X)/p |W|^2 with X and Y centered, so
 * that the bias is not shrunk.  Inputs are of order one, so sums of squares in
 * double lose nothing that matters when the means are subtracted afterwards.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/ridge.h"
#include "core/kernel/product.h"

#define CLEAR_ROWS 256			/* rows cleared between two ticks */

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
	ridge->scratch = FRNN_TAKE(arena, double, FRNN_PRODUCT_SCRATCH);
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
		if (i % CLEAR_ROWS == CLEAR_ROWS - 1)
			frnn_tick(ridge->run);
	}
	memset(ridge->xy, 0, sizeof(double) * p * O);
	memset(ridge->x_sum, 0, sizeof(double) * p);
	memset(ridge->y_sum, 0, sizeof(double) * O);
	ridge->rows = 0;
	ridge->filled = 0;
}

void
frnn_ridge_flush(FrnnRidge *ridge)
{
	size_t		p = (size_t) ridge->inputs;
	size_t		O = (size_t) ridge->outputs;
	size_t		rows = (size_t) ridge->filled;
	FrnnFactor	x = {ridge->x, p, 1};
	FrnnFactor	y = {ridge->y, O, 1};

	if (rows == 0)
		return;
	frnn_product(ridge->run, p, p, rows, x, x, 1, true, ridge->xx, p, ridge->scratch);
	frnn_product(ridge->run, p, O, rows, x, y, 1, false, ridge->xy, O, ridge->scratch);
	for (size_t i = 0; i < rows; i++)
	{
		frnn_add_scaled(p, 1, ridge->x + i * p, ridge->x_sum);
		frnn_add_scaled(O, 1, ridge->y + i * O, ridge->y_sum);
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
		frnn_ridge_flush(ridge);
}

/* Subtracts the means from the sums of products, and adds the penalty to the diagonal. */
static void
ridge_center(FrnnRidge *ridge, double lambda)
{
	size_t		p = (size_t) ridge->inputs;
	size_t		O = (size_t) ridge->outputs;
	double		n = ridge->rows;
	double		trace = 0;

	for (size_t i = 0; i < p; i++)
	{
		double		mean = ridge->x_sum[i] / n;
		double	   *row = ridge->xx + i * p;

		frnn_tick(ridge->run);
		frnn_add_scaled(p - i, -mean, ridge->x_sum + i, row + i);
		frnn_add_scaled(O, -mean, ridge->y_sum, ridge->xy + i * O);
		/* of a constant input only the rounding error is left */
		if (row[i] < 1e-12 * n * mean * mean)
			row[i] = 0;
		trace += row[i];
	}
	ridge->penalty = lambda * trace / (double) p + 1e-9 * n;
	for (size_t i = 0; i < p; i++)
		ridge->xx[i * p + i] += ridge->penalty;
}

void
frnn_ridge_solve(FrnnRidge *ridge, double lambda, double *weight, double *bias)
{
	size_t		p = (size_t) ridge->inputs;
	size_t		O = (size_t) ridge->outputs;
	bool		solved;

	frnn_ridge_flush(ridge);
	ridge->penalty = 0;
	memset(weight, 0, sizeof(double) * p * O);
	memset(bias, 0, sizeof(double) * O);
	if (ridge->rows < 1)
		return;
	ridge_center(ridge, lambda);
	solved = frnn_solve_positive(ridge->run, p, O, ridge->xx, ridge->xy, ridge->scratch);
	for (size_t i = 0; i < p * O && solved; i++)
		solved = isfinite(ridge->xy[i]);
	if (solved)
		memcpy(weight, ridge->xy, sizeof(double) * p * O);
	else
		ridge->penalty = 0;
	for (size_t j = 0; j < O; j++)
	{
		bias[j] = ridge->y_sum[j] / ridge->rows;
		for (size_t i = 0; i < p; i++)
			bias[j] -= ridge->x_sum[i] / ridge->rows * weight[i * O + j];
	}
}

/* p - penalty trace((X'X + penalty)^-1); the factor U of U'U = X'X + penalty is in place of the sums, and its inverse is summed */
double
frnn_ridge_freedom(FrnnRidge *ridge)
{
	size_t		p = (size_t) ridge->inputs;
	const double *u = ridge->xx;
	double	   *column = ridge->x;	/* of the inverse, free once the rows are summed */
	double		trace = 0;

	for (size_t j = 0; j < p && ridge->penalty > 0; j++)
	{
		column[j] = 1 / u[j * p + j];
		trace += column[j] * column[j];
		for (size_t i = j; i-- > 0;)
		{
			double		sum = 0;

			for (size_t k = i + 1; k <= j; k++)
				sum += u[i * p + k] * column[k];
			column[i] = -sum / u[i * p + i];
			trace += column[i] * column[i];
		}
	}
	return fmax((double) p - ridge->penalty * trace, 0);
}
