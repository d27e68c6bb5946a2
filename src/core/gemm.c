/*
 * gemm.c
 *	  Register-blocked matrix products over packed weights.
 *
 * Tiles of up to 6 rows x 16 columns stay in registers (12 accumulators of 8
 * floats) while K runs through all operands.  A's elements are broadcast
 * straight from row-major memory.  Every sum runs over k in ascending order,
 * so results do not depend on how rows are cut.
 * Relies on simd.h for the instruction set; no allocation, no state.
 */
#include "gemm.h"

#include <stdint.h>
#include <string.h>

#include "memory.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))
#define ROWS 6
/* multiply-adds between two ticks: about a millisecond */
#define MACS_PER_TICK 5e7

static size_t
last_width(size_t columns)
{
	return columns > 8 ? 16 : 8;
}

size_t
frnn_packed_size(size_t N, size_t K)
{
	return frnn_mul((N + 7) & ~(size_t) 7, K + 1);
}

void
frnn_pack_bias(float *packed, size_t N, size_t K, const float *first, const float *second)
{
	for (size_t n0 = 0; n0 < N; n0 += FRNN_PANEL)
	{
		float	   *row = packed + n0 * (K + 1);
		size_t		width = last_width(N - n0);

		for (size_t j = 0; j < width; j++)
			row[j] = n0 + j < N ? (first ? first[n0 + j] : 0.0f) + (second ? second[n0 + j] : 0.0f) : 0.0f;
	}
}

/* width is 8 or 16; the whole panels' loop has it constant */
INLINE void
pack_panel(float *row, size_t width, size_t columns, size_t count, const float *w, size_t n_stride, size_t k_stride)
{
	for (size_t k = 0; k < count; k++)
	{
		for (size_t j = 0; j < columns; j++)
			row[j] = w[j * n_stride + k * k_stride];
		for (size_t j = columns; j < width; j++)
			row[j] = 0.0f;
		row += width;
	}
}

void
frnn_pack_weight(float *packed, size_t N, size_t K, size_t k0, size_t count,
				 const float *w, size_t n_stride, size_t k_stride)
{
	for (size_t n0 = 0; n0 < N; n0 += FRNN_PANEL)
	{
		size_t		width = last_width(N - n0);
		float	   *row = packed + n0 * (K + 1) + (1 + k0) * width;
		const float *from = w + n0 * n_stride;

		if (N - n0 >= FRNN_PANEL && n_stride == 1)
			pack_panel(row, FRNN_PANEL, FRNN_PANEL, count, from, 1, k_stride);
		else if (N - n0 >= FRNN_PANEL)
			pack_panel(row, FRNN_PANEL, FRNN_PANEL, count, from, n_stride, k_stride);
		else
			pack_panel(row, width, N - n0, count, from, n_stride, k_stride);
	}
}

/* eight floats; loaded and stored at any address a float may have */
typedef float V8 __attribute__((vector_size(32)));
typedef float V8Loose __attribute__((vector_size(32), aligned(4), may_alias));

/* macros: a vector argument would change the ABI between the clones */
#define LOAD8(p) (*(const V8Loose *) (p))
#define STORE8(p, v) (*(V8Loose *) (p) = (v))

/*
 * R rows x 8V columns of C.  R and V are constants in every call; partial
 * columns go through a small buffer.
 */
INLINE void
packed_tile(const int R, const int V, const FrnnOperand *operand, int operands, size_t row,
			const float *panel, bool accumulate, float *c, size_t ldc)
{
	V8		sum[ROWS][2];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			sum[r][v] = accumulate ? LOAD8(c + r * ldc + 8 * v) : LOAD8(panel + 8 * v);
	panel += 8 * V;
	for (int i = 0; i < operands; i++)
	{
		size_t		lda = operand[i].lda;
		size_t		K = operand[i].k;
		const float *a = operand[i].a + row * lda;

		for (size_t k = 0; k < K; k++)
		{
			V8		b[2];

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

INLINE void
packed_rows(const int V, int R, const FrnnOperand *operand, int operands, size_t row,
			const float *panel, bool accumulate, float *c, size_t ldc)
{
	switch (R)
	{
		case 1:
			packed_tile(1, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
		case 2:
			packed_tile(2, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
		case 3:
			packed_tile(3, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
		case 4:
			packed_tile(4, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
		case 5:
			packed_tile(5, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
		default:
			packed_tile(6, V, operand, operands, row, panel, accumulate, c, ldc);
			break;
	}
}

/* rows of the next tile: tiles as equal as can be, none above ROWS */
INLINE int
tile_rows(size_t rows_left)
{
	size_t		tiles = (rows_left + ROWS - 1) / ROWS;

	return (int) ((rows_left + tiles - 1) / tiles);
}

FRNN_CLONES
static void
packed_product(size_t M, size_t N, size_t K, const FrnnOperand *operand, int operands,
			   const float *packed, bool accumulate, float *c, size_t ldc, size_t row0)
{
	float		edge[ROWS * FRNN_PANEL];

	for (size_t n0 = 0; n0 < N; n0 += FRNN_PANEL)
	{
		const float *panel = packed + n0 * (K + 1);
		size_t		columns = N - n0 < FRNN_PANEL ? N - n0 : FRNN_PANEL;
		bool		whole = columns == 8 || columns == FRNN_PANEL;
		int			R;

		for (size_t m = 0; m < M; m += R)
		{
			float	   *to = c + m * ldc + n0;

			R = tile_rows(M - m);
			if (!whole && accumulate)
				for (int r = 0; r < R; r++)
					memcpy(edge + r * FRNN_PANEL, to + r * ldc, columns * sizeof(float));
			if (columns > 8)
				packed_rows(2, R, operand, operands, row0 + m, panel, accumulate,
							whole ? to : edge, whole ? ldc : FRNN_PANEL);
			else
				packed_rows(1, R, operand, operands, row0 + m, panel, accumulate,
							whole ? to : edge, whole ? ldc : FRNN_PANEL);
			if (!whole)
				for (int r = 0; r < R; r++)
					memcpy(to + r * ldc, edge + r * FRNN_PANEL, columns * sizeof(float));
		}
	}
}

void
frnn_gemm_packed(const FrnnRun *run, size_t M, size_t N, size_t K,
				 const FrnnOperand *operand, int operands,
				 const float *packed, bool accumulate, float *c, size_t ldc)
{
	double		rows = MACS_PER_TICK / ((double) N * (K + 1));
	size_t		step = rows >= M ? M : rows < ROWS ? ROWS : (size_t) rows / ROWS * ROWS;

	for (size_t m = 0; m < M; m += step)
	{
		packed_product(M - m < step ? M - m : step, N, K, operand, operands, packed, accumulate,
					   c + m * ldc, ldc, m);
		if (step < M)
			frnn_tick(run);
	}
}

/* R x 16 of C += A^T B over at most FRNN_BLOCK_ROWS rows of a and a packed panel of B */
INLINE void
tn_tile(const int R, size_t K, const float *a, size_t lda, const float *panel,
		float *c, size_t ldc, size_t columns)
{
	V8		sum[ROWS][2];

	for (int r = 0; r < R; r++)
		sum[r][0] = sum[r][1] = (V8){0};
	for (size_t k = 0; k < K; k++)
	{
		V8		b0 = LOAD8(panel);
		V8		b1 = LOAD8(panel + 8);

		for (int r = 0; r < R; r++)
		{
			sum[r][0] += a[r] * b0;
			sum[r][1] += a[r] * b1;
		}
		a += lda;
		panel += FRNN_PANEL;
	}
	if (columns == FRNN_PANEL)
	{
		for (int r = 0; r < R; r++)
		{
			STORE8(c + r * ldc, LOAD8(c + r * ldc) + sum[r][0]);
			STORE8(c + r * ldc + 8, LOAD8(c + r * ldc + 8) + sum[r][1]);
		}
	}
	else
	{
		float		edge[ROWS * FRNN_PANEL] = {0};

		for (int r = 0; r < R; r++)
		{
			memcpy(edge + r * FRNN_PANEL, &sum[r][0], sizeof(V8));
			memcpy(edge + r * FRNN_PANEL + 8, &sum[r][1], sizeof(V8));
		}
		for (int r = 0; r < R; r++)
			for (size_t j = 0; j < columns; j++)
				c[r * ldc + j] += edge[r * FRNN_PANEL + j];
	}
}

FRNN_CLONES
static void
tn_product(size_t M, size_t K, const float *a, size_t lda, const float *panel,
		   float *c, size_t ldc, size_t columns)
{
	int			R;

	for (size_t m = 0; m < M; m += R)
	{
		R = tile_rows(M - m);
		switch (R)
		{
			case 1:
				tn_tile(1, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
			case 2:
				tn_tile(2, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
			case 3:
				tn_tile(3, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
			case 4:
				tn_tile(4, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
			case 5:
				tn_tile(5, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
			default:
				tn_tile(6, K, a + m, lda, panel, c + m * ldc, ldc, columns);
				break;
		}
	}
}

void
frnn_gemm_tn(const FrnnRun *run, size_t M, size_t N, size_t K,
			 const float *const *a, int blocks, size_t lda,
			 const float *b, size_t ldb, float *c, size_t ldc, float *scratch)
{
	double		since_tick = 0;

	for (size_t k0 = 0; k0 < K; k0 += FRNN_BLOCK_ROWS)
	{
		size_t		rows = K - k0 < FRNN_BLOCK_ROWS ? K - k0 : FRNN_BLOCK_ROWS;

		for (size_t n0 = 0; n0 < N; n0 += FRNN_PANEL)
		{
			size_t		columns = N - n0 < FRNN_PANEL ? N - n0 : FRNN_PANEL;
			const float *from = b + k0 * ldb + n0;

			if (columns == FRNN_PANEL)
				pack_panel(scratch, FRNN_PANEL, FRNN_PANEL, rows, from, 1, ldb);
			else
				pack_panel(scratch, FRNN_PANEL, columns, rows, from, 1, ldb);
			for (int i = 0; i < blocks; i++)
				tn_product(M, rows, a[i] + k0 * lda, lda, scratch, c + i * M * ldc + n0, ldc, columns);
			since_tick += (double) rows * M * blocks * FRNN_PANEL;
			if (since_tick > MACS_PER_TICK)
			{
				frnn_tick(run);
				since_tick = 0;
			}
		}
	}
}

FRNN_CLONES
void
frnn_column_sums(size_t N, size_t K, const float *restrict a, size_t lda, float *restrict sum)
{
	for (size_t k = 0; k < K; k++)
	{
		const float *row = a + k * lda;

#pragma omp simd
		for (size_t n = 0; n < N; n++)
			sum[n] += row[n];
	}
}
