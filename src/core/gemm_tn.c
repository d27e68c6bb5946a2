/*
 * gemm_tn.c
 *	  C += A^T B, the weight gradients: long sums over time and batch.
 *
 * Rows are taken FRNN_BLOCK_ROWS at a time; a panel of B is copied together so
 * that it stays in the L1 cache while all rows of C pass over it.  A is
 * broadcast from where it lies.
 * Relies on tile.h; scratch is the caller's.
 */
#include <string.h>

#include "gemm.h"
#include "tile.h"

/* up to so many rows of C, whole panels of B are read where they lie */
#define TN_DIRECT 64
/* up to so many columns of C are summed one at a time */
#define TN_THIN 3
#define TN_THIN_ROWS 1024

/* fewer than 24 floats: to += from */
FRNN_INLINE void
add_few(float *to, const float *from, size_t n)
{
	size_t		whole = n & ~(size_t) 3;

	for (size_t j = 0; j < whole; j += 4)
		*(FrnnV4Loose *) (to + j) = *(const FrnnV4Loose *) (to + j) + *(const FrnnV4Loose *) (from + j);
	for (size_t j = whole; j < n; j++)
		to[j] += from[j];
}

/* R x 8V of C += A^T B; a: rows lda apart, b: rows ldb apart, whole vectors wide */
FRNN_INLINE void
tn_tile(const int R, const int V, size_t K, const float *a, size_t lda, const float *b, size_t ldb,
		float *c, size_t ldc, size_t columns)
{
	FrnnV8			sum[FRNN_TILE_ROWS][FRNN_TILE_VECTORS];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			sum[r][v] = (FrnnV8){0};
	for (size_t k = 0; k < K; k++)
	{
		FrnnV8			row[FRNN_TILE_VECTORS];

		for (int v = 0; v < V; v++)
			row[v] = FRNN_LOAD8(b + 8 * v);
		for (int r = 0; r < R; r++)
			for (int v = 0; v < V; v++)
				sum[r][v] += a[r] * row[v];
		a += lda;
		b += ldb;
	}
	if (columns == 8 * (size_t) V)
	{
		for (int r = 0; r < R; r++)
			for (int v = 0; v < V; v++)
				FRNN_STORE8(c + r * ldc + 8 * v, FRNN_LOAD8(c + r * ldc + 8 * v) + sum[r][v]);
	}
	else
	{
		float		edge[FRNN_TILE_ROWS * FRNN_TILE_WIDTH] = {0};

		for (int r = 0; r < R; r++)
			for (int v = 0; v < V; v++)
				FRNN_STORE8(edge + r * FRNN_TILE_WIDTH + 8 * v, sum[r][v]);
		for (int r = 0; r < R; r++)
			add_few(c + r * ldc, edge + r * FRNN_TILE_WIDTH, columns);
	}
}

#define TN_TILE(R, V) \
	case R: \
		tn_tile(R, V, K, a + m, lda, b, ldb, c + m * ldc, ldc, columns); \
		break

/* M rows of C over one panel of B */
FRNN_CLONES
static void
tn_product(size_t M, size_t K, const float *a, size_t lda, size_t width, const float *b, size_t ldb,
		   float *c, size_t ldc, size_t columns)
{
	int			R;

	for (size_t m = 0; m < M; m += R)
	{
		R = tile_rows(M - m, width);
		if (width == 16)
			switch (R)
			{
				TN_TILE(1, 2);
				TN_TILE(2, 2);
				TN_TILE(3, 2);
				TN_TILE(4, 2);
				TN_TILE(5, 2);
				TN_TILE(6, 2);
			}
		else if (width == 24)
			switch (R)
			{
				TN_TILE(1, 3);
				TN_TILE(2, 3);
				TN_TILE(3, 3);
				TN_TILE(4, 3);
			}
		else
			switch (R)
			{
				TN_TILE(1, 1);
				TN_TILE(2, 1);
				TN_TILE(3, 1);
				TN_TILE(4, 1);
				TN_TILE(5, 1);
				TN_TILE(6, 1);
			}
	}
}

/* one column of C, where a tile would be nearly empty: the rows of A, weighted */
FRNN_CLONES
static void
tn_column(size_t M, size_t K, const float *restrict a, size_t lda, const float *restrict b, size_t ldb,
		  float *restrict c, size_t ldc, float *restrict sum)
{
	size_t		k = 0;

	memset(sum, 0, M * sizeof(float));
	for (; k + 4 <= K; k += 4)
	{
		const float *row = a + k * lda;
		const float *x = b + k * ldb;

#pragma omp simd
		for (size_t m = 0; m < M; m++)
			sum[m] += (row[m] * x[0] + row[lda + m] * x[ldb]) +
				(row[2 * lda + m] * x[2 * ldb] + row[3 * lda + m] * x[3 * ldb]);
	}
	for (; k < K; k++)
#pragma omp simd
		for (size_t m = 0; m < M; m++)
			sum[m] += a[k * lda + m] * b[k * ldb];
	for (size_t m = 0; m < M; m++)
		c[m * ldc] += sum[m];
}

/* few columns in C */
static void
tn_thin(const FrnnRun *run, size_t M, size_t N, size_t K, const float *const *a, int blocks, size_t lda,
		const float *b, size_t ldb, float *c, size_t ldc, float *scratch)
{
	for (int i = 0; i < blocks; i++)
		for (size_t m0 = 0; m0 < M; m0 += FRNN_TN_SCRATCH)
			for (size_t k0 = 0; k0 < K; k0 += TN_THIN_ROWS)
			{
				size_t		m = M - m0 < FRNN_TN_SCRATCH ? M - m0 : FRNN_TN_SCRATCH;
				size_t		k = K - k0 < TN_THIN_ROWS ? K - k0 : TN_THIN_ROWS;

				for (size_t n = 0; n < N; n++)
					tn_column(m, k, a[i] + k0 * lda + m0, lda, b + k0 * ldb + n, ldb,
							  c + (i * M + m0) * ldc + n, ldc, scratch);
				frnn_tick(run);
			}
}

void
frnn_gemm_tn(const FrnnRun *run, size_t M, size_t N, size_t K,
			 const float *const *a, int blocks, size_t lda,
			 const float *b, size_t ldb, float *c, size_t ldc, float *scratch)
{
	/* few rows of C use a panel too seldom for a copy to pay; a partial panel needs one */
	bool		copy = M * blocks > TN_DIRECT;
	double		macs = 0;

	if (N <= TN_THIN)
	{
		tn_thin(run, M, N, K, a, blocks, lda, b, ldb, c, ldc, scratch);
		return;
	}
	for (size_t k0 = 0; k0 < K; k0 += FRNN_BLOCK_ROWS)
	{
		size_t		rows = K - k0 < FRNN_BLOCK_ROWS ? K - k0 : FRNN_BLOCK_ROWS;

		for (size_t n0 = 0; n0 < N; n0 += panel_width(N - n0))
		{
			size_t		width = panel_width(N - n0);
			size_t		columns = panel_columns(N - n0);
			const float *panel = b + k0 * ldb + n0;
			size_t		stride = ldb;

			if (copy || columns < width)
			{
				frnn_pack_rows(scratch, width, columns, rows, panel, ldb);
				panel = scratch;
				stride = width;
			}
			for (int i = 0; i < blocks; i++)
				tn_product(M, rows, a[i] + k0 * lda, lda, width, panel, stride, c + i * M * ldc + n0, ldc, columns);
			macs += (double) rows * M * blocks * width;
			if (macs > FRNN_MACS_PER_TICK)
			{
				frnn_tick(run);
				macs = 0;
			}
		}
	}
}

FRNN_CLONES
void
frnn_column_sums(size_t N, size_t K, const float *restrict a, size_t lda, float *restrict sum)
{
	size_t		k = 0;

	for (; k + 4 <= K; k += 4)
	{
		const float *row = a + k * lda;

#pragma omp simd
		for (size_t n = 0; n < N; n++)
			sum[n] += (row[n] + row[lda + n]) + (row[2 * lda + n] + row[3 * lda + n]);
	}
	for (; k < K; k++)
#pragma omp simd
		for (size_t n = 0; n < N; n++)
			sum[n] += a[k * lda + n];
}
