/*
 * product.h
 *	  Matrix products in double for ridge regression and initial weights, and
 *	  matrix times vector.
 *
 * Every element of a result is one chain of multiply-adds over k in ascending
 * order, so results do not depend on how a product is cut into blocks.
 */
#ifndef FRNN_PRODUCT_H
#define FRNN_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/run.h"

/* doubles of scratch that frnn_product needs */
#define FRNN_PRODUCT_SCRATCH	(128 * 24 * 9)

/* a factor: element (k, i) is v[k * k_stride + i * stride] */
typedef struct FrnnFactor
{
	const double *v;
	size_t		k_stride;
	size_t		stride;
} FrnnFactor;

/*
 * C (M, N) += sign A^T B, with A (K, M), B (K, N) and sign 1 or -1; rows of C are ldc apart.
 * upper: only elements on and above the diagonal need be right, others may change.
 */
extern void frnn_product(const FrnnRun *run, size_t M, size_t N, size_t K, FrnnFactor a, FrnnFactor b,
						 double sign, bool upper, double *c, size_t ldc, double *scratch);

/* Y (M, N) += X W, with X (M, K) and W (K, N): the numbers of frnn_product to the last bit, without scratch. */
extern void frnn_rows_product(size_t M, size_t N, size_t K, const double *x, const double *w, double *y);

/* Returns the dot product of x and y, summed in 16 lanes. */
extern double frnn_dot(size_t n, const double *x, const double *y);

/*
 * y (n) += sign (x_0 w_0 + .. + x_(K - 1) w_(K - 1)), with x_k at x[k * x_stride], row w_k at w + k * ldw, and sign 1 or -1:
 * the numbers of frnn_add_scaled row by row to the last bit.  No row is part of y.
 */
extern void frnn_add_rows(size_t n, size_t K, double sign, const double *x, size_t x_stride, const double *w, size_t ldw,
						  double *y);

/* y (n) += factor x */
extern void frnn_add_scaled(size_t n, double factor, const double *x, double *y);

/* out (rows) += W x, with W (rows, columns) in float.  Sums are taken in 16 lanes. */
extern void frnn_matrix_vector(size_t rows, size_t columns, const float *w, const float *x, float *out);

/*
 * Replaces the upper triangle of the symmetric positive definite A (n, n) by U with A = U^T U, and
 * B (n, m) by the solution X of A X = B.  Returns false if A is not positive definite.
 * scratch: FRNN_PRODUCT_SCRATCH doubles.
 */
extern bool frnn_solve_positive(const FrnnRun *run, size_t n, size_t m, double *a, double *b, double *scratch);

#endif
