/*
 * gemm_tn.c
 *	  C += A^T B, the weight gradients: long sums over time and batch.
 *
 * Rows are taken FRNN_BLOCK_ROWS at a time; a panel of B is copied so that it
 * stays in the L1 cache while all rows of C pass over it.  A is broadcast from
 * where it lies.  gemm_tn_isa.h has the kernels.
 */
#include "core/kernel/gemm.h"

/* up to this many rows of C, whole panels of B are read where they lie */
#define TN_DIRECT 64
/* with vectors of 512 bits, also if B's rows are at most so far apart */
#define TN_NEAR 64

static void
tick_after(const FrnnRun *run, double more, double *macs)
{
	*macs += more;
	if (*macs > FRNN_MACS_PER_TICK)
	{
		frnn_tick(run);
		*macs = 0;
	}
}

#define FRNN_KERNEL "core/kernel/gemm_tn_isa.h"
#include "core/kernel/each_isa.h"

FRNN_DISPATCH(void, frnn_gemm_tn, (const FrnnRun *run, size_t M, size_t N, size_t K,
								   const float *const *a, int blocks, size_t lda,
								   const float *b, size_t ldb, float *c, size_t ldc, float *sums, float *scratch));

void
frnn_column_sums(const FrnnRun *run, size_t N, size_t K, const float *a, size_t lda, float *sum)
{
	frnn_gemm_tn(run, N, 0, K, &a, 1, lda, a, 0, sum, 0, sum, NULL);
}
