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
#define TN_THIN 12
#define WIDE_THIN 4				/* up to this many columns, four vectors at a time */
#elif FRNN_ISA == 2
#define TN_THIN 8
#define WIDE_THIN 4
#else
#define TN_THIN 5
#define WIDE_THIN 2
#endif

#if MASKED

/* Adds the sums of a tile to C, and those of the column of ones after the last one. */
FRNN_INLINE void
FRNN_FN(tn_store) (const int R, const int VV, const int HALF, V(*sum)[3], const V * pair, float *c, size_t ldc,
				   size_t columns, float *ones)
{
	size_t		last = columns - (size_t) (HALF ? VV : VV - 1) * LANES;
	float		edge[TILE_ROWS][LANES];

	for (int r = 0; r < R; r++)
	{
		float	   *to = c + r * ldc;

		for (int v = 0; v < VV - !HALF; v++, to += LANES)
			STORE(to, LOAD(to) + sum[r][v]);
		if (!HALF)
			STORE_PART(to, last, LOAD_PART(to, last) + sum[r][VV - 1]);
		else if (r % 2 == 0)
		{
			float	   *next = r + 1 < R ? to + ldc : to;
			V			both = LOAD_HALVES(to, next, last) + pair[r / 2];

			STORE_LOW(to, last, both);
			if (r + 1 < R)
				STORE_HIGH(next, last, both);
		}
	}
	for (int r = 0; ones && r < R; r++)
		STORE(edge[r], HALF ? pair[r / 2] : sum[r][VV - !HALF]);
	for (int r = 0; ones && r < R; r++)
		ones[r] += edge[r][last + (HALF && r % 2 ? HALF_LANES : 0)];
}

#else

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

/*
 * R rows x VV vectors, and half a vector if HALF, of C += A^T B; A: rows lda
 * apart, B: rows ldb apart, as wide as the tile.  ones: column `columns` of B is 1, so its sums are those of A's
 * columns, which are added to `ones`; NULL without.  PLAIN: B has no such column, and the sums are made beside
 * the products.
 */
FRNN_INLINE void
FRNN_FN(tn_tile) (const int R, const int VV, const int HALF, const bool PLAIN, size_t K, const float *a, size_t lda,
				  const float *b, size_t ldb, float *c, size_t ldc, size_t columns, float *ones)
{
	V			sum[TILE_ROWS][3];
#if MASKED
	V			pair[TILE_ROWS];
	V			plain = SPLAT(0.0f);
#endif

	(void) HALF, (void) PLAIN, (void) ones;
	for (int r = 0; r < R; r++)
	{
		for (int v = 0; v < VV; v++)
			sum[r][v] = SPLAT(0.0f);
#if MASKED
		pair[r] = SPLAT(0.0f);
#endif
	}
	for (size_t k = 0; k < K; k++)
	{
		V			row[3];
#if MASKED
		V			before = SPLAT(0.0f);
		V			half = HALF ? LOAD_TWICE(b + VV * LANES) : before;
#endif

		for (int v = 0; v < VV; v++)
			row[v] = LOAD(b + v * LANES);
		for (int r = 0; r < R; r++)
		{
			V			factor = SPLAT(a[r]);

			for (int v = 0; v < VV; v++)
				sum[r][v] = FMA(factor, row[v], sum[r][v]);
#if MASKED
			if (HALF && r % 2 == 1)
				pair[r / 2] = FMA(PAIR(before, factor), half, pair[r / 2]);
			else if (HALF && r == R - 1)
				pair[r / 2] = FMA(factor, half, pair[r / 2]);
			before = factor;
#endif
		}
#if MASKED
		if (PLAIN)
			plain += LOAD_PART(a, R);
#endif
		a += lda;
		b += ldb;
	}
#if MASKED
	FRNN_FN(tn_store) (R, VV, HALF, sum, pair, c, ldc, columns, PLAIN ? NULL : ones);
	if (PLAIN)
		STORE_PART(ones, R, LOAD_PART(ones, R) + plain);
#else
	if (columns == (size_t) VV * LANES)
	{
		for (int r = 0; r < R; r++)
			for (int v = 0; v < VV; v++)
				STORE(c + r * ldc + v * LANES, LOAD(c + r * ldc + v * LANES) + sum[r][v]);
	}
	else
	{
		float		edge[TILE_ROWS * 3 * LANES] = {0};

		for (int r = 0; r < R; r++)
			for (int v = 0; v < VV; v++)
				STORE(edge + (r * 3 + v) * LANES, sum[r][v]);
		for (int r = 0; r < R; r++)
			FRNN_FN(add_few) (c + r * ldc, edge + r * 3 * LANES, columns);
	}
#endif
}

#undef TN_TILE
#define TN_TILE(R, VV, HALF) \
	FRNN_FN(tn_tile) (R, VV, HALF, false, K, a + m, lda, b, ldb, c + m * ldc, ldc, columns, ones ? ones + m : NULL)

#undef TN_PLAIN
#undef SWITCH_PLAIN
#define TN_PLAIN(R, VV, HALF) \
	FRNN_FN(tn_tile) (R, VV, HALF, true, K, a + m, lda, b, ldb, c + m * ldc, ldc, columns, ones + m)
#if MASKED
#define SWITCH_PLAIN(width, R) \
	switch ((width) / HALF_LANES) \
	{ \
		case 3: switch (R) { TILES12(TN_PLAIN, 1, 1); } break; \
		case 4: switch (R) { TILES12(TN_PLAIN, 2, 0); } break; \
	}
#else
#define SWITCH_PLAIN(width, R) (void) 0
#endif

/*
 * M rows of C over one panel of B.  ones: as in tn_tile; plain: B has no column of ones, and is a full panel of one
 * vector and a half or of two.
 */
FRNN_LOCAL void
FRNN_FN(tn_product) (size_t M, size_t K, const float *a, size_t lda, size_t width, const float *b, size_t ldb,
					 float *c, size_t ldc, size_t columns, float *ones, bool plain)
{
	int			R;

	for (size_t m = 0; m < M; m += R)
	{
		R = FRNN_FN(tile_rows) (M - m, width);
		if (plain)
		{
			SWITCH_PLAIN(width, R);
		}
		else
		{
			SWITCH_TILE(TN_TILE, width, R);
		}
	}
}

/*
 * VV vectors of A's columns, weighted by each of N columns of B and, with sums,
 * by one: if C is so narrow that a tile would be nearly empty.  part: only the
 * first `last` columns of the last vector exist.
 */
FRNN_INLINE void
FRNN_FN(thin_tile) (const int VV, const int N, const bool sums, const bool part, size_t K, const float *a, size_t lda,
					const float *b, size_t ldb, float *c, size_t ldc, float *sum, size_t last)
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
#if MASKED
			if (part && v == VV - 1)
				row[v] = LOAD_PART(a + v * LANES, last);
			else
#endif
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
		int			columns = part && v == VV - 1 ? (int) last : LANES;

#if MASKED
		if (sums)
			STORE_PART(sum + v * LANES, columns, LOAD_PART(sum + v * LANES, columns) + plain[v]);
#else
		if (sums)
			STORE(sum + v * LANES, LOAD(sum + v * LANES) + plain[v]);
#endif
		for (int n = 0; n < N; n++)
			STORE(turned[n], weighted[n][v]);
		for (int j = 0; j < columns; j++)
			for (int n = 0; n < N; n++)
				c[(v * LANES + j) * ldc + n] += turned[n][j];
	}
}

#if !MASKED

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

#endif

/* what is left after the whole tiles: rest vectors, the last one in part */
#undef THIN_REST
#define THIN_REST(rest) \
	FRNN_FN(thin_tile) (rest, N, sums, true, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL, last)

FRNN_INLINE void
FRNN_FN(thin_tiles) (const int N, const bool sums, size_t M, size_t K, const float *a, size_t lda,
					 const float *b, size_t ldb, float *c, size_t ldc, float *sum)
{
	/* the sums should fit into the registers */
	const int	VV = N > WIDE_THIN ? 2 : 4;
	size_t		m = 0;

	for (; m + VV * LANES <= M; m += VV * LANES)
		FRNN_FN(thin_tile) (VV, N, sums, false, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL, LANES);
#if MASKED
	if (m < M)
	{
		size_t		last = (M - m - 1) % LANES + 1;

		switch ((M - m + LANES - 1) / LANES)
		{
			case 1:
				THIN_REST(1);
				break;
			case 2:
				THIN_REST(2);
				break;
			case 3:
				THIN_REST(3);
				break;
			case 4:
				THIN_REST(4);
				break;
		}
	}
#else
	for (; m + LANES <= M; m += LANES)
		FRNN_FN(thin_tile) (1, N, sums, false, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL, LANES);
	for (; m < M; m++)
		FRNN_FN(thin_column) ((size_t) N, K, a + m, lda, b, ldb, c + m * ldc, sums ? sum + m : NULL);
#endif
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
#if TN_THIN >= 12
			THIN_TILES(9);
			THIN_TILES(10);
			THIN_TILES(11);
			THIN_TILES(12);
#endif
	}
}

/* all of A's blocks, from row k0 on */
FRNN_INLINE void
FRNN_FN(thin_blocks) (size_t M, size_t N, size_t rows, const float *const *a, int blocks, size_t k0, size_t lda,
					  const float *b, size_t ldb, float *c, size_t ldc, float *sums)
{
	for (int i = 0; i < blocks; i++)
		FRNN_FN(thin_product) (M, N, rows, a[i] + k0 * lda, lda, b + k0 * ldb, ldb, c + i * M * ldc, ldc,
							   sums ? sums + i * M : NULL);
}

/*
 * One panel of B and all of A's blocks.  sums: as in frnn_gemm_tn.  Returns true
 * if they have been added, by a column of ones in a panel that is not full, or beside the products.
 */
FRNN_INLINE bool
FRNN_FN(tn_panel) (size_t M, size_t rows, const float *const *a, int blocks, size_t a0, size_t lda,
				   const float *panel, size_t ldb, size_t columns, float *c, size_t ldc, float *sums, float *scratch)
{
	size_t		width = FRNN_FN(panel_width) (columns);
	bool		ones = MASKED && sums && columns < width;
	bool		plain = MASKED && sums && !ones && (width == 2 * LANES || width == LANES + HALF_LANES);

	/*
	 * few rows of C use a panel too seldom for a copy to pay, and rows near each other stay in the cache as they lie;
	 * a partial panel needs one
	 */
	if ((M * blocks > TN_DIRECT && !(MASKED && ldb <= TN_NEAR)) || columns < width)
	{
		FRNN_FN(pack_rows) (scratch, width, columns, rows, panel, ldb);
		for (size_t k = 0; ones && k < rows; k++)
			scratch[k * width + columns] = 1.0f;
		panel = scratch;
		ldb = width;
	}
	for (int i = 0; i < blocks; i++)
		FRNN_FN(tn_product) (M, rows, a[i] + a0, lda, width, panel, ldb, c + i * M * ldc, ldc, columns,
							 ones || plain ? sums + i * M : NULL, plain);
	return ones || plain;
}

FRNN_EXPORT void
FRNN_FN(frnn_gemm_tn) (const FrnnRun *run, size_t M, size_t N, size_t K,
					   const float *const *a, int blocks, size_t lda,
					   const float *b, size_t ldb, float *c, size_t ldc, float *sums, float *scratch)
{
	bool		thin = N <= TN_THIN;
	bool		rest = N % HALF_LANES != 0; /* the last panel has room for a column of ones */
	double		macs = 0;

	for (size_t k0 = 0; k0 < K; k0 += FRNN_BLOCK_ROWS)
	{
		size_t		rows = K - k0 < FRNN_BLOCK_ROWS ? K - k0 : FRNN_BLOCK_ROWS;
		size_t		columns;
		bool		added = false;

		if (thin)
			FRNN_FN(thin_blocks) (M, N, rows, a, blocks, k0, lda, b, ldb, c, ldc, sums);
		for (size_t n = 0; !thin && n < N; n += columns)
		{
			columns = FRNN_FN(panel_width) (N - n);
			columns = N - n < columns ? N - n : columns;
			added |= FRNN_FN(tn_panel) (M, rows, a, blocks, k0 * lda, lda, b + k0 * ldb + n, ldb, columns, c + n, ldc,
										added || (rest && n + columns < N) ? NULL : sums, scratch);
			tick_after(run, (double) rows * M * blocks * columns, &macs);
		}
		if (sums && !thin && !added)
			FRNN_FN(thin_blocks) (M, 0, rows, a, blocks, k0, lda, b, ldb, c, ldc, sums);
		tick_after(run, (double) rows * M * blocks, &macs);
	}
}
