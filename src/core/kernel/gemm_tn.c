/*
 * gemm_tn.c
 *	  C += A^T B, the weight gradients: long sums over time and batch.
 *
 * Rows are taken FRNN_BLOCK_ROWS at a time; a panel of B is copied together so
 * that it stays in the L1 cache while all rows of C pass over it.  A is
 * broadcast from where it lies.
 * Relies on tile.h; scratch is the caller's.
 */
#include "core/kernel/gemm.h"
#include "core/kernel/tile.h"

/* up to so many rows of C, whole panels of B are read where they lie */
#define TN_DIRECT 64
/* up to so many columns of C are summed one at a time */
#define TN_THIN 3

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

/*
 * 8V columns of A, weighted by each of N columns of B and, with `sums`, by one: where C is so narrow
 * that a tile would be nearly empty.
 */
FRNN_INLINE void
thin_tile(const int V, const int N, const bool sums, size_t K, const float *a, size_t lda,
		  const float *b, size_t ldb, float *c, size_t ldc, float *sum)
{
	FrnnV8			weighted[TN_THIN][4];
	FrnnV8			plain[4];

	for (int v = 0; v < V; v++)
	{
		plain[v] = (FrnnV8){0};
		for (int n = 0; n < N; n++)
			weighted[n][v] = (FrnnV8){0};
	}
	for (size_t k = 0; k < K; k++)
	{
		for (int v = 0; v < V; v++)
		{
			FrnnV8			row = FRNN_LOAD8(a + 8 * v);

			if (sums)
				plain[v] += row;
			for (int n = 0; n < N; n++)
				weighted[n][v] += row * b[n];
		}
		a += lda;
		b += ldb;
	}
	for (int v = 0; v < V; v++)
	{
		if (sums)
			FRNN_STORE8(sum + 8 * v, FRNN_LOAD8(sum + 8 * v) + plain[v]);
		for (int n = 0; n < N; n++)
			for (int j = 0; j < 8; j++)
				c[(8 * v + j) * ldc + n] += weighted[n][v][j];
	}
}

/* what is left of A's columns beyond whole vectors */
FRNN_INLINE void
thin_column(size_t N, size_t K, const float *a, size_t lda, const float *b, size_t ldb, float *c, float *sum)
{
	float		plain = 0.0f;
	float		weighted[TN_THIN] = {0};

	for (size_t k = 0; k < K; k++)
	{
		plain += a[k * lda];
		for (size_t n = 0; n < N; n++)
			weighted[n] += a[k * lda] * b[k * ldb + n];
	}
	for (size_t n = 0; n < N; n++)
		c[n] += weighted[n];
	if (sum)
		*sum += plain;
}

FRNN_INLINE void
thin_tiles(const int N, const bool sums, size_t M, size_t K, const float *a, size_t lda,
		   const float *b, size_t ldb, float *c, size_t ldc, float *sum)
{
	/* the sums should fit into the registers */
	const int	V = N > 2 ? 2 : 4;
	size_t		m = 0;

	for (; m + 8 * V <= M; m += 8 * V)
		thin_tile(V, N, sums, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL);
	for (; m + 8 <= M; m += 8)
		thin_tile(1, N, sums, K, a + m, lda, b, ldb, c + m * ldc, ldc, sums ? sum + m : NULL);
	for (; m < M; m++)
		thin_column((size_t) N, K, a + m, lda, b, ldb, c + m * ldc, sums ? sum + m : NULL);
}

#define THIN_TILES(N) \
	case N: \
		if (sum) \
			thin_tiles(N, true, M, K, a, lda, b, ldb, c, ldc, sum); \
		else \
			thin_tiles(N, false, M, K, a, lda, b, ldb, c, ldc, sum); \
		break

/* C (M, N) += A^T B for N <= TN_THIN, sum (M) += the rows of A; sum may be NULL */
FRNN_CLONES
static void
thin_product(size_t M, size_t N, size_t K, const float *a, size_t lda, const float *b, size_t ldb,
			 float *c, size_t ldc, float *sum)
{
	switch (N)
	{
		THIN_TILES(0);
		THIN_TILES(1);
		THIN_TILES(2);
		THIN_TILES(3);
	}
}

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

void
frnn_gemm_tn(const FrnnRun *run, size_t M, size_t N, size_t K,
			 const float *const *a, int blocks, size_t lda,
			 const float *b, size_t ldb, float *c, size_t ldc, float *sums, float *scratch)
{
	/* few rows of C use a panel too seldom for a copy to pay; a partial panel needs one */
	bool		copy = M * blocks > TN_DIRECT;
	bool		thin = N <= TN_THIN;
	double		macs = 0;

	for (size_t k0 = 0; k0 < K; k0 += FRNN_BLOCK_ROWS)
	{
		size_t		rows = K - k0 < FRNN_BLOCK_ROWS ? K - k0 : FRNN_BLOCK_ROWS;

		if (thin || sums)
			for (int i = 0; i < blocks; i++)
				thin_product(M, thin ? N : 0, rows, a[i] + k0 * lda, lda, b + k0 * ldb, ldb, c + i * M * ldc, ldc,
							 sums ? sums + i * M : NULL);
		for (size_t n0 = 0; !thin && n0 < N; n0 += panel_width(N - n0))
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
			tick_after(run, (double) rows * M * blocks * width, &macs);
		}
		tick_after(run, (double) rows * M * blocks, &macs);
	}
}

void
frnn_column_sums(const FrnnRun *run, size_t N, size_t K, const float *a, size_t lda, float *sum)
{
	frnn_gemm_tn(run, N, 0, K, &a, 1, lda, a, 0, sum, 0, sum, NULL);
}
