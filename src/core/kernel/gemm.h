/*
 * gemm.h
 *	  Matrix products of the shapes that recurrent networks need.
 *
 * A recurrent step multiplies few rows (the batch) by weights that stay the
 * same for all time steps.  A general sgemm packs those weights again at every
 * step; here they are packed once per pass.  The input projection and the
 * recurrent product share one loop, so the pre-activations are written once
 * and never read back.
 *
 * Packed weights: panels of two vectors of columns, the last one of one to three,
 * each a row of biases followed by K rows of weights, with zeros beyond the last
 * column.
 */
#ifndef FRNN_GEMM_H
#define FRNN_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/run.h"

/* rows of one block of the weight gradient, whose panel is packed */
#define FRNN_BLOCK_ROWS 128
#define FRNN_TN_SCRATCH (FRNN_BLOCK_ROWS * 48)
#define FRNN_MAX_BLOCKS 4
/* multiply-adds between two ticks: about a millisecond */
#define FRNN_MACS_PER_TICK 5e7

/* one factor on the left: (M, K) with rows lda apart */
typedef struct FrnnOperand
{
	const float *a;
	size_t		lda;
	size_t		k;
} FrnnOperand;

/* Returns the floats of packed weights for N columns and K rows, SIZE_MAX if out of range. */
extern size_t frnn_packed_size(size_t N, size_t K);

/* Packs the biases first + second; either may be NULL: zero. */
extern void frnn_pack_bias(float *packed, size_t N, size_t K, const float *first, const float *second);

/* Packs rows k0 .. k0+count-1 of K; element (k, n) is w[n * n_stride + k * k_stride].  One of the strides is 1. */
extern void frnn_pack_weight(float *packed, size_t N, size_t K, size_t k0, size_t count,
							 const float *w, size_t n_stride, size_t k_stride);

/*
 * C (M, N) = bias + [A1 A2 ...] W, or C += [A1 A2 ...] W.  K is the packed
 * height; if the operands' k add up to less, the first rows are used.
 */
extern void frnn_gemm_packed(const FrnnRun *run, size_t M, size_t N, size_t K,
							 const FrnnOperand *operand, int operands,
							 const float *packed, bool accumulate, float *c, size_t ldc);

/*
 * C_i (M, N) += A_i^T B for i < blocks: A_i (K, M) with rows lda apart,
 * B (K, N) with rows ldb apart, C_i at c + i * M * ldc.  sums (blocks, M) += the
 * rows of A_i, while they are in the cache; NULL without.  scratch: FRNN_TN_SCRATCH floats.
 */
extern void frnn_gemm_tn(const FrnnRun *run, size_t M, size_t N, size_t K,
						 const float *const *a, int blocks, size_t lda,
						 const float *b, size_t ldb, float *c, size_t ldc, float *sums, float *scratch);

/* sum[0..N) += the K rows of a, lda apart */
extern void frnn_column_sums(const FrnnRun *run, size_t N, size_t K, const float *a, size_t lda, float *sum);

#endif
