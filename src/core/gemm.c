/*
 * gemm.c
 *	  Register-blocked matrix products over packed weights.
 *
 * Tiles of 6 rows x 16 columns or 4 x 24 stay in registers (12 accumulators
 * of 8 floats) while K runs through all operands.  A's elements are broadcast
 * straight from row-major memory.  Rows and K are cut so that what a tile
 * meets again stays in the L1 cache.  Every sum runs over k in ascending
 * order, in pieces that depend on K alone, so results do not depend on how
 * rows are cut.
 * Relies on simd.h for the instruction set; no allocation, no state.
 */
#include "gemm.h"

#include <stdint.h>
#include <string.h>

#include "memory.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))
#define MAX_ROWS 6
#define MAX_VECTORS 3
#define MAX_WIDTH (8 * MAX_VECTORS)
/* multiply-adds between two ticks: about a millisecond */
#define MACS_PER_TICK 5e7
/* longest piece of K: a panel of 24 columns fills 3/4 of a 32 kB L1 cache */
#ifndef MAX_DEPTH
#define MAX_DEPTH 256
#endif
/* floats of A that one round over the panels reads */
#ifndef A_FLOATS
#define A_FLOATS 4096
#endif
/* up to so many rows of C, whole panels of B are read where they lie */
#define TN_DIRECT 64
/* up to so many columns of C are summed one at a time */
#define TN_THIN 3
#define TN_THIN_ROWS 1024

/* eight floats; loaded and stored at any address a float may have */
typedef float V8 __attribute__((vector_size(32)));
typedef float V8Loose __attribute__((vector_size(32), aligned(4), may_alias));
typedef float V4Loose __attribute__((vector_size(16), aligned(4), may_alias));

/* macros: a vector argument would change the ABI between the clones */
#define LOAD8(p) (*(const V8Loose *) (p))
#define STORE8(p, v) (*(V8Loose *) (p) = (v))

/* width of the panel that starts where so many columns are left */
INLINE size_t
panel_width(size_t columns)
{
	if (columns <= 8)
		return 8;
	return columns > 16 && columns <= 24 ? 24 : 16;
}

INLINE size_t
panel_columns(size_t columns)
{
	size_t		width = panel_width(columns);

	return columns < width ? columns : width;
}

size_t
frnn_packed_size(size_t N, size_t K)
{
	return frnn_mul((N + 7) & ~(size_t) 7, K + 1);
}

void
frnn_pack_bias(float *packed, size_t N, size_t K, const float *first, const float *second)
{
	for (size_t n0 = 0; n0 < N; n0 += panel_width(N - n0))
	{
		float	   *row = packed + n0 * (K + 1);
		size_t		width = panel_width(N - n0);

		for (size_t j = 0; j < width; j++)
			row[j] = n0 + j < N ? (first ? first[n0 + j] : 0.0f) + (second ? second[n0 + j] : 0.0f) : 0.0f;
	}
}

/* fewer than 32 floats; a loop would become a call of memcpy, which costs more than the copy */
INLINE void
copy_few(float *to, const float *from, size_t n)
{
	if (n & 16)
	{
		STORE8(to, LOAD8(from));
		STORE8(to + 8, LOAD8(from + 8));
		to += 16;
		from += 16;
	}
	if (n & 8)
	{
		STORE8(to, LOAD8(from));
		to += 8;
		from += 8;
	}
	if (n & 4)
	{
		*(V4Loose *) to = *(const V4Loose *) from;
		to += 4;
		from += 4;
	}
	if (n & 2)
	{
		to[0] = from[0];
		to[1] = from[1];
		to += 2;
		from += 2;
	}
	if (n & 1)
		to[0] = from[0];
}

/* rows of a panel from rows of a matrix */
FRNN_CLONES
static void
pack_rows(float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	if (columns == width && width == 16)
		for (size_t k = 0; k < count; k++, panel += 16, w += stride)
		{
			STORE8(panel, LOAD8(w));
			STORE8(panel + 8, LOAD8(w + 8));
		}
	else
		for (size_t k = 0; k < count; k++, panel += width, w += stride)
		{
			V8			zero = {0};

			STORE8(panel + width - 8, zero);
			copy_few(panel, w, columns);
		}
}

/* rows of a panel from columns of a matrix */
static void
pack_columns(float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	for (size_t j = 0; j < columns; j++)
		for (size_t k = 0; k < count; k++)
			panel[k * width + j] = w[j * stride + k];
	for (size_t j = columns; j < width; j++)
		for (size_t k = 0; k < count; k++)
			panel[k * width + j] = 0.0f;
}

void
frnn_pack_weight(float *packed, size_t N, size_t K, size_t k0, size_t count,
				 const float *w, size_t n_stride, size_t k_stride)
{
	for (size_t n0 = 0; n0 < N; n0 += panel_width(N - n0))
	{
		size_t		width = panel_width(N - n0);
		float	   *panel = packed + n0 * (K + 1) + (1 + k0) * width;

		if (n_stride == 1)
			pack_rows(panel, width, panel_columns(N - n0), count, w + n0, k_stride);
		else
			pack_columns(panel, width, panel_columns(N - n0), count, w + n0 * n_stride, n_stride);
	}
}

/*
 * R rows x 8V columns of C.  R and V are constants in every call.  start:
 * what the sums begin with, rows start_stride apart (0: biases).
 */
INLINE void
packed_tile(const int R, const int V, const FrnnOperand *operand, int operands, size_t row,
			const float *panel, const float *start, size_t start_stride, float *c, size_t ldc)
{
	V8			sum[MAX_ROWS][MAX_VECTORS];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			sum[r][v] = LOAD8(start + r * start_stride + 8 * v);
	for (int i = 0; i < operands; i++)
	{
		size_t		lda = operand[i].lda;
		size_t		K = operand[i].k;
		const float *a = operand[i].a + row * lda;

		for (size_t k = 0; k < K; k++)
		{
			V8			b[MAX_VECTORS];

			for (int v = 0; v < V; v++)
				b[v] = LOAD8(panel + 8 * v);
			for (int r = 0; r < R; r++)
				for (int v = 0; v < V; v++)
					sum[r][v] += a[r * lda + k] * b[v];
			panel += 8 * V;
		}
	}
	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			STORE8(c + r * ldc + 8 * v, sum[r][v]);
}

#define PACKED_TILE(R, V) \
	case R: \
		packed_tile(R, V, operand, operands, row, panel, start, start_stride, c, ldc); \
		break

INLINE void
packed_rows(size_t width, int R, const FrnnOperand *operand, int operands, size_t row,
			const float *panel, const float *start, size_t start_stride, float *c, size_t ldc)
{
	if (width == 16)
		switch (R)
		{
			PACKED_TILE(1, 2);
			PACKED_TILE(2, 2);
			PACKED_TILE(3, 2);
			PACKED_TILE(4, 2);
			PACKED_TILE(5, 2);
			PACKED_TILE(6, 2);
		}
	else if (width == 24)
		switch (R)
		{
			PACKED_TILE(1, 3);
			PACKED_TILE(2, 3);
			PACKED_TILE(3, 3);
			PACKED_TILE(4, 3);
		}
	else
		switch (R)
		{
			PACKED_TILE(1, 1);
			PACKED_TILE(2, 1);
			PACKED_TILE(3, 1);
			PACKED_TILE(4, 1);
			PACKED_TILE(5, 1);
			PACKED_TILE(6, 1);
		}
}

/* rows of the next tile: tiles as equal as can be */
INLINE int
tile_rows(size_t rows_left, size_t width)
{
	size_t		most = width == 24 ? 4 : MAX_ROWS;
	size_t		tiles = (rows_left + most - 1) / most;

	return (int) ((rows_left + tiles - 1) / tiles);
}

/*
 * All columns of some rows, over the operands given, whose first packed row is
 * k0; `add`: to what C holds.  Partial columns go through a small buffer.
 */
FRNN_CLONES
static void
packed_product(size_t row0, size_t rows, size_t N, size_t K, size_t k0, const FrnnOperand *operand, int operands,
			   const float *packed, bool add, float *c, size_t ldc)
{
	float		edge[MAX_ROWS * MAX_WIDTH];

	for (size_t n0 = 0; n0 < N; n0 += panel_width(N - n0))
	{
		size_t		width = panel_width(N - n0);
		size_t		columns = panel_columns(N - n0);
		const float *bias = packed + n0 * (K + 1);
		const float *panel = bias + (1 + k0) * width;
		bool		whole = columns == width;
		int			R;

		for (size_t m = 0; m < rows; m += R)
		{
			float	   *to = c + (row0 + m) * ldc + n0;
			float	   *out = whole ? to : edge;
			size_t		stride = whole ? ldc : width;

			R = tile_rows(rows - m, width);
			if (!whole && add)
				for (int r = 0; r < R; r++)
				{
					V8			zero = {0};

					STORE8(edge + (r + 1) * width - 8, zero);
					copy_few(edge + r * width, to + r * ldc, columns);
				}
			packed_rows(width, R, operand, operands, row0 + m, panel, add ? out : bias, add ? stride : 0, out, stride);
			if (!whole)
				for (int r = 0; r < R; r++)
					copy_few(to + r * ldc, edge + r * width, columns);
		}
	}
}

/*
 * The next operands whose depths add up to at most MAX_DEPTH, a longer one cut:
 * *i and *skip say how far the list has been used.
 */
static int
next_operands(const FrnnOperand *operand, int operands, int *i, size_t *skip, FrnnOperand *piece, size_t *depth)
{
	int			n = 0;

	*depth = 0;
	while (*i < operands)
	{
		FrnnOperand rest = operand[*i];

		rest.a += *skip;
		rest.k -= *skip;
		if (rest.k > MAX_DEPTH - *depth)
		{
			if (n > 0)
				break;
			rest.k = MAX_DEPTH;
			*skip += MAX_DEPTH;
		}
		else
		{
			*skip = 0;
			(*i)++;
		}
		*depth += rest.k;
		piece[n++] = rest;
	}
	return n;
}

static void
packed_block(size_t row0, size_t rows, size_t N, size_t K, const FrnnOperand *operand, int operands,
			 const float *packed, bool accumulate, float *c, size_t ldc)
{
	FrnnOperand piece[FRNN_MAX_BLOCKS];
	size_t		k0 = 0;
	size_t		skip = 0;
	size_t		depth;
	int			i = 0;

	do
	{
		int			pieces = next_operands(operand, operands, &i, &skip, piece, &depth);

		packed_product(row0, rows, N, K, k0, piece, pieces, packed, accumulate || k0 > 0, c, ldc);
		k0 += depth;
	} while (i < operands);
}

void
frnn_gemm_packed(const FrnnRun *run, size_t M, size_t N, size_t K,
				 const FrnnOperand *operand, int operands,
				 const float *packed, bool accumulate, float *c, size_t ldc)
{
	size_t		depth = K < MAX_DEPTH ? K + 1 : MAX_DEPTH;
	size_t		rows = A_FLOATS / depth < 24 ? 24 : A_FLOATS / depth / 12 * 12;
	double		macs = 0;

	for (size_t m = 0; m < M; m += rows)
	{
		/* a short rest joins its neighbour */
		if (M - m < 2 * rows)
			rows = M - m > rows * 3 / 2 ? (M - m + 1) / 2 : M - m;
		packed_block(m, rows, N, K, operand, operands, packed, accumulate, c, ldc);
		macs += (double) rows * N * K;
		if (macs > MACS_PER_TICK)
		{
			frnn_tick(run);
			macs = 0;
		}
	}
}

/* fewer than 24 floats: to += from */
INLINE void
add_few(float *to, const float *from, size_t n)
{
	size_t		whole = n & ~(size_t) 3;

	for (size_t j = 0; j < whole; j += 4)
		*(V4Loose *) (to + j) = *(const V4Loose *) (to + j) + *(const V4Loose *) (from + j);
	for (size_t j = whole; j < n; j++)
		to[j] += from[j];
}

/* R x 8V of C += A^T B; a: rows lda apart, b: rows ldb apart, whole vectors wide */
INLINE void
tn_tile(const int R, const int V, size_t K, const float *a, size_t lda, const float *b, size_t ldb,
		float *c, size_t ldc, size_t columns)
{
	V8			sum[MAX_ROWS][MAX_VECTORS];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			sum[r][v] = (V8){0};
	for (size_t k = 0; k < K; k++)
	{
		V8			row[MAX_VECTORS];

		for (int v = 0; v < V; v++)
			row[v] = LOAD8(b + 8 * v);
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
				STORE8(c + r * ldc + 8 * v, LOAD8(c + r * ldc + 8 * v) + sum[r][v]);
	}
	else
	{
		float		edge[MAX_ROWS * MAX_WIDTH] = {0};

		for (int r = 0; r < R; r++)
			for (int v = 0; v < V; v++)
				STORE8(edge + r * MAX_WIDTH + 8 * v, sum[r][v]);
		for (int r = 0; r < R; r++)
			add_few(c + r * ldc, edge + r * MAX_WIDTH, columns);
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
				pack_rows(scratch, width, columns, rows, panel, ldb);
				panel = scratch;
				stride = width;
			}
			for (int i = 0; i < blocks; i++)
				tn_product(M, rows, a[i] + k0 * lda, lda, width, panel, stride, c + i * M * ldc + n0, ldc, columns);
			macs += (double) rows * M * blocks * width;
			if (macs > MACS_PER_TICK)
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
