/*
 * gemm_tn_isa.h
 *	  Template of gemm_tn.c.
 *
 * Rows are taken FRNN_BLOCK_ROWS at a time.  Each element of C gets one chain of
 * multiply-adds per block, from zero, which is then added.  All paths below
 * compute that same sum.
 */
#include "core/kernel/tile_isa.h"

#undef TN_THIN
#undef WIDE_THIN
/* up to this many columns of C, its rows are vectors (thin_tile) */
#if FRNN_ISA == 4
#define TN_THIN 8
#define WIDE_THIN 4				/* up to this many columns, four vectors at a time */
#elif FRNN_ISA == 2
#define TN_THIN 8
#define WIDE_THIN 4
#else
#define TN_THIN 5
#define WIDE_THIN 2
#endif

#if !MASKED

/* Adds n floats, fewer than three vectors: to += from. */
FRNN_INLINE void
FRNN_FN(add_few) (float *to, float *from, size_t n)
{
	size_t		whole = n & ~(size_t) 3;

	for (size_t j = 0; j < whole; j += 4)
		LOW4(to + j) = LOW4(to + j) + LOW4(from + j);
	for (size_t j = whole; j < n; j++)
		to[j] += from[j];
}

#endif

/* R rows x VV vectors of C += A^T B; A: rows lda apart, B: rows ldb apart, whole vectors wide */
FRNN_INLINE void
FRNN_FN(tn_tile) (const int R, const int VV, size_t K, const float *a, size_t lda, const float *b, size_t ldb,
				  float *c, size_t ldc, size_t columns)
{
	V			sum[TILE_ROWS][3];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < VV; v++)
			sum[r][v] = SPLAT(0.0f);
	for (size_t k = 0; k < K; k++)
	{
		V			row[3];

		for (int v = 0; v < VV; v++)
			row[v] = LOAD(b + v * LANES);
		for (int r = 0; r < R; r++)
		{
			V			factor = SPLAT(a[r]);

			for (int v = 0; v < VV; v++)
				sum[r][v] = FMA(factor, row[v], sum[r][v]);
		}
		a += lda;
		b += ldb;
	}
	if (columns == (size_t) VV * LANES)
	{
		for (int r = 0; r < R; r++)
			for (int v = 0; v < VV; v++)
				STORE(c + r * ldc + v * LANES, LOAD(c + r * ldc + v * LANES) + sum[r][v]);
	}
	else
	{
#if MASKED
		size_t		last = columns - (size_t) (VV - 1) * LANES;

		for (int r = 0; r < R; r++)
		{
			float	   *to = c + r * ldc;

			for (int v = 0; v < VV - 1; v++, to += LANES)
				STORE(to, LOAD(to) + sum[r][v]);
			STORE_PART(to, last, LOAD_PART(to, last) + sum[r][VV - 1]);
		}
#else
		float		edge[TILE_ROWS * 3 * LANES] = {0};

		for (int r = 0; r < R; r++)
			for (int v = 0; v < VV; v++)
				STORE(edge + (r * 3 + v) * LANES, sum[r][v]);
		for (int r = 0; r < R; r++)
			FRNN_FN(add_few) (c + r * ldc, edge + r * 3 * LANES, columns);
#endif
	}
}

#undef TN_TILE
#define TN_TILE(R, VV) \
	case R: \
		FRNN_FN(tn_tile) (R, VV, K, a + m, lda, b, ldb, c + m * ldc, ldc, columns); \
		break

/* M rows of C over one panel of B */
FRNN_LOCAL void
FRNN_FN(tn_product) (size_t M, size_t K, const float *a, size_t lda, int vectors, const float *b, size_t ldb,
					 float *c, size_t ldc, size_t columns)
{
	int			R;

	for (size_t m = 0; m < M; m += R)
	{
		R = FRNN_FN(tile_rows) (M - m, vectors);
		if (vectors == 2)
			switch (R)
			{
					TN_TILE(1, 2);
					TN_TILE(2, 2);
					TN_TILE(3, 2);
					TN_TILE(4, 2);
					TN_TILE(5, 2);
					TN_TILE(6, 2);
#if ROWS2 >= 8
					TN_TILE(7, 2);
					TN_TILE(8, 2);
#endif
#if ROWS2 >= 12
					TN_TILE(9, 2);
					TN_TILE(10, 2);
					TN_TILE(11, 2);
					TN_TILE(12, 2);
#endif
			}
		else if (vectors == 3)
			switch (R)
			{
					TN_TILE(1, 3);
					TN_TILE(2, 3);
					TN_TILE(3, 3);
					TN_TILE(4, 3);
#if ROWS3 >= 8
					TN_TILE(5, 3);
					TN_TILE(6, 3);
					TN_TILE(7, 3);
					TN_TILE(8, 3);
#endif
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
#if ROWS1 >= 8
					TN_TILE(7, 1);
					TN_TILE(8, 1);
#endif
#if ROWS1 >= 12
					TN_TILE(9, 1);
					TN_TILE(10, 1);
					TN_TILE(11, 1);
					TN_TILE(12, 1);
#endif
			}
	}
}

/*
 * VV vectors of A's columns, weighted by each of N columns of B and, with sums,
 * by one: if C is so narrow that a tile would be nearly empty.
 */
FRNN_INLINE void
FRNN_FN(thin_tile) (const int VV, const int N, const bool sums, size_t K, const float *a, size_t lda,
					const float *b, size_t ldb, float *c, size_t ldc, float *sum)
{
	V			weighted[TN_THIN][4];
	V			plain[4];
	float		turned[TN_THIN][LANES];

	for (int v = 0; v < VV; v++)
	{
		plain[v] = SPLAT(0.0f);
		for (int n = 0; n < N; n++)
			weighted[n][v] = SPLAT(0.0f);
	}
	for (size_t k = 0; k < K; k++)
	{
		V			row[4];

		for (int v = 0; v < VV; v++)
		{
			row[v] = LOAD(a + v * LANES);
			if (sums)
				plain[v] += row[v];
		}
		for (int n = 0; n < N; n++)
		{
			V			factor = SPLAT(b[n]);

			for (int v = 0; v < VV; v++)
				weighted[n][v] = FMA(factor, row[v], weighted[n][v]);
		}
		a += lda;
		b += ldb;
	}
	for (int v = 0; v < VV; v++)
	{
		if (sums)
			STORE(sum + v * LANES, LOAD(sum + v * LANES) + plain[v]);
		for (int n = 0; n < N; n++)
			STORE(turned[n], weighted[n][v]);
		for (int j = 0; j < LANES; j++)
			for (int n = 0; n < N; n++)
				c[(v * LANES + j) * ldc + n] += turned[n][j];
	}
}

/* the columns of A beyond whole vectors */
FRNN_INLINE void
FRNN_FN(thin_column) (size_t N, size_t K, const float *a, size_t lda, const float *b, size_t ldb, float *c, float *sum)
{
	float		plain = 0.0f;
	float		weighted[TN_THIN] = {0};

	for (size_t k = 0; k < K; k++)
	{
		plain += a[k * lda];
		for (size_t n = 0; n < N; n++)
			weighted[n] = FMA_FLOAT(b[k * ldb + n], a[k * lda], weighted[n]);
	}
	for (size_t n = 0; n < N; n++)
		c[n] += weighted[n];
	if (sum)
		*sum += plain;
}

FRNN_INLINE void
FRNN_FN(thin_tiles) (const int N, const bool sums, size_t M, size_t K, const float *a, size_t lda,
					 const float *b, size_t ldb, float *c, size_t ldc, float *sum)
{
	/* the sums should fit into the registers */
	const int	VV = N > WIDE_THIN ? 2 : 4;
	size_t		m = 0;

	for (; m + VV * LANES <= M; m += VV * LANES)
		FRNN_FN(thin_tile) (VV, N, sums, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL);
	for (; m + LANES <= M; m += LANES)
		FRNN_FN(thin_tile) (1, N, sums, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL);
	for (; m < M; m++)
		FRNN_FN(thin_column) ((size_t) N, K, a + m, lda, b, ldb, c + m * ldc, sums ? sum + m : NULL);
}

#undef THIN_TILES
#define THIN_TILES(N) \
	case N: \
		if (sum) \
			FRNN_FN(thin_tiles) (N, true, M, K, a, lda, b, ldb, c, ldc, sum); \
		else \
			FRNN_FN(thin_tiles) (N, false, M, K, a, lda, b, ldb, c, ldc, sum); \
		break

/* C (M, N) += A^T B for N <= TN_THIN, sum (M) += the rows of A; sum may be NULL */
FRNN_LOCAL void
FRNN_FN(thin_product) (size_t M, size_t N, size_t K, const float *a, size_t lda, const float *b, size_t ldb,
					   float *c, size_t ldc, float *sum)
{
	switch (N)
	{
			THIN_TILES(0);
			THIN_TILES(1);
			THIN_TILES(2);
			THIN_TILES(3);
			THIN_TILES(4);
			THIN_TILES(5);
#if TN_THIN >= 8
			THIN_TILES(6);
			THIN_TILES(7);
			THIN_TILES(8);
#endif
	}
}

/* one panel of B and all of A's blocks */
FRNN_INLINE void
FRNN_FN(tn_panel) (size_t M, size_t rows, const float *const *a, int blocks, size_t a0, size_t lda,
				   const float *panel, size_t ldb, size_t columns, float *c, size_t ldc, float *scratch)
{
	int			vectors = FRNN_FN(panel_vectors) (columns);
	size_t		width = (size_t) vectors * LANES;

	/* few rows of C use a panel too seldom for a copy to pay; a partial panel needs one */
	if (M * blocks > TN_DIRECT || columns < width)
	{
		FRNN_FN(pack_rows) (scratch, width, columns, rows, panel, ldb);
		panel = scratch;
		ldb = width;
	}
	for (int i = 0; i < blocks; i++)
		FRNN_FN(tn_product) (M, rows, a[i] + a0, lda, vectors, panel, ldb, c + i * M * ldc, ldc, columns);
}

FRNN_EXPORT void
FRNN_FN(frnn_gemm_tn) (const FrnnRun *run, size_t M, size_t N, size_t K,
					   const float *const *a, int blocks, size_t lda,
					   const float *b, size_t ldb, float *c, size_t ldc, float *sums, float *scratch)
{
	bool		thin = N <= TN_THIN;
	double		macs = 0;

	for (size_t k0 = 0; k0 < K; k0 += FRNN_BLOCK_ROWS)
	{
		size_t		rows = K - k0 < FRNN_BLOCK_ROWS ? K - k0 : FRNN_BLOCK_ROWS;
		size_t		columns;

		if (thin || sums)
			for (int i = 0; i < blocks; i++)
				FRNN_FN(thin_product) (M, thin ? N : 0, rows, a[i] + k0 * lda, lda, b + k0 * ldb, ldb,
									   c + i * M * ldc, ldc, sums ? sums + i * M : NULL);
		for (size_t n = 0; !thin && n < N; n += columns)
		{
			columns = (size_t) FRNN_FN(panel_vectors) (N - n) * LANES;
			columns = N - n < columns ? N - n : columns;
			FRNN_FN(tn_panel) (M, rows, a, blocks, k0 * lda, lda, b + k0 * ldb + n, ldb, columns, c + n, ldc, scratch);
			tick_after(run, (double) rows * M * blocks * columns, &macs);
		}
		tick_after(run, (double) rows * M * blocks, &macs);
	}
}
