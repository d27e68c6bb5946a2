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
#include "core/kernel/gemm.h"

#include <stdint.h>

#include "core/base/memory.h"
#include "core/kernel/tile.h"

/* longest piece of K: a panel of 24 columns fills 3/4 of a 32 kB L1 cache */
#define MAX_DEPTH 256
/* floats of A that one round over the panels reads */
#define A_FLOATS 4096

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

/* rows of a panel from rows of a matrix */
FRNN_CLONES
void
frnn_pack_rows(float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	if (columns == width && width == 16)
		for (size_t k = 0; k < count; k++, panel += 16, w += stride)
		{
			FRNN_STORE8(panel, FRNN_LOAD8(w));
			FRNN_STORE8(panel + 8, FRNN_LOAD8(w + 8));
		}
	else
		for (size_t k = 0; k < count; k++, panel += width, w += stride)
		{
			FrnnV8			zero = {0};

			FRNN_STORE8(panel + width - 8, zero);
			copy_few(panel, w, columns);
		}
}

/* eight columns of eight rows, turned: three rounds of exchanging halves */
FRNN_INLINE void
transpose_8x8(float *to, size_t width, const float *from, size_t stride)
{
	FrnnV8			a[8];
	FrnnV8			b[8];

	for (int i = 0; i < 8; i++)
		a[i] = FRNN_LOAD8(from + i * stride);
	for (int i = 0; i < 4; i++)
	{
		b[2 * i] = FRNN_PICK8(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		b[2 * i + 1] = FRNN_PICK8(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
	/* b[2 i + j]: columns 4 j .. 4 j + 3 of rows i and i + 4 */
	for (int j = 0; j < 2; j++)
	{
		FrnnV8			low01 = FRNN_PICK8(b[j], b[2 + j], 0, 8, 1, 9, 4, 12, 5, 13);
		FrnnV8			high01 = FRNN_PICK8(b[j], b[2 + j], 2, 10, 3, 11, 6, 14, 7, 15);
		FrnnV8			low23 = FRNN_PICK8(b[4 + j], b[6 + j], 0, 8, 1, 9, 4, 12, 5, 13);
		FrnnV8			high23 = FRNN_PICK8(b[4 + j], b[6 + j], 2, 10, 3, 11, 6, 14, 7, 15);

		FRNN_STORE8(to + (4 * j) * width, FRNN_PICK8(low01, low23, 0, 1, 8, 9, 4, 5, 12, 13));
		FRNN_STORE8(to + (4 * j + 1) * width, FRNN_PICK8(low01, low23, 2, 3, 10, 11, 6, 7, 14, 15));
		FRNN_STORE8(to + (4 * j + 2) * width, FRNN_PICK8(high01, high23, 0, 1, 8, 9, 4, 5, 12, 13));
		FRNN_STORE8(to + (4 * j + 3) * width, FRNN_PICK8(high01, high23, 2, 3, 10, 11, 6, 7, 14, 15));
	}
}

/* rows of a panel from columns of a matrix */
FRNN_CLONES
static void
pack_columns(float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	size_t		j = 0;

	for (; j + 8 <= columns; j += 8)
	{
		size_t		k = 0;

		for (; k + 8 <= count; k += 8)
			transpose_8x8(panel + k * width + j, width, w + j * stride + k, stride);
		for (; k < count; k++)
			for (size_t i = j; i < j + 8; i++)
				panel[k * width + i] = w[i * stride + k];
	}
	for (; j < columns; j++)
		for (size_t k = 0; k < count; k++)
			panel[k * width + j] = w[j * stride + k];
	for (; j < width; j++)
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
			frnn_pack_rows(panel, width, panel_columns(N - n0), count, w + n0, k_stride);
		else
			pack_columns(panel, width, panel_columns(N - n0), count, w + n0 * n_stride, n_stride);
	}
}

/*
 * R rows x 8V columns of C.  R and V are constants in every call.  start:
 * what the sums begin with, rows start_stride apart (0: biases).
 */
FRNN_INLINE void
packed_tile(const int R, const int V, const FrnnOperand *operand, int operands, size_t row,
			const float *panel, const float *start, size_t start_stride, float *c, size_t ldc)
{
	FrnnV8			sum[FRNN_TILE_ROWS][FRNN_TILE_VECTORS];

	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			sum[r][v] = FRNN_LOAD8(start + r * start_stride + 8 * v);
	for (int i = 0; i < operands; i++)
	{
		size_t		lda = operand[i].lda;
		size_t		K = operand[i].k;
		const float *a = operand[i].a + row * lda;

		for (size_t k = 0; k < K; k++)
		{
			FrnnV8			b[FRNN_TILE_VECTORS];

			for (int v = 0; v < V; v++)
				b[v] = FRNN_LOAD8(panel + 8 * v);
			for (int r = 0; r < R; r++)
				for (int v = 0; v < V; v++)
					sum[r][v] += a[r * lda + k] * b[v];
			panel += 8 * V;
		}
	}
	for (int r = 0; r < R; r++)
		for (int v = 0; v < V; v++)
			FRNN_STORE8(c + r * ldc + 8 * v, sum[r][v]);
}

#define PACKED_TILE(R, V) \
	case R: \
		packed_tile(R, V, operand, operands, row, panel, start, start_stride, c, ldc); \
		break

FRNN_INLINE void
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

/*
 * One row times P panels of 16 columns at once, as the two sums of one would
 * wait for each other's last; the order of additions is that of a tile.
 */
FRNN_INLINE void
packed_row(const int P, const FrnnOperand *operand, int operands, size_t row, const float *panel, size_t panel_stride,
		   const float *start, size_t start_stride, float *c)
{
	FrnnV8			sum[4][2];

	for (int p = 0; p < P; p++)
		for (int v = 0; v < 2; v++)
			sum[p][v] = FRNN_LOAD8(start + p * start_stride + 8 * v);
	for (int i = 0; i < operands; i++)
	{
		const float *a = operand[i].a + row * operand[i].lda;

		for (size_t k = 0; k < operand[i].k; k++, panel += 16)
			for (int p = 0; p < P; p++)
				for (int v = 0; v < 2; v++)
					sum[p][v] += a[k] * FRNN_LOAD8(panel + p * panel_stride + 8 * v);
	}
	for (int p = 0; p < P; p++)
		for (int v = 0; v < 2; v++)
			FRNN_STORE8(c + 16 * p + 8 * v, sum[p][v]);
}

/* how many panels of 16 columns, all used, a row takes at once: 4, 2, or 0 where tiles do */
FRNN_INLINE int
row_panels(size_t columns)
{
	for (int P = 4; P > 1; P -= 2)
	{
		size_t		last = 16 * (size_t) (P - 1);

		if (columns >= last + 16 && panel_width(columns - last) == 16)
			return P;
	}
	return 0;
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
	float		edge[FRNN_TILE_ROWS * FRNN_TILE_WIDTH];
	size_t		n0 = 0;

	for (int P; rows == 1 && (P = row_panels(N - n0)) > 0; n0 += 16 * (size_t) P)
	{
		size_t		stride = 16 * (K + 1);
		const float *bias = packed + n0 * (K + 1);
		const float *panel = bias + (1 + k0) * 16;
		float	   *to = c + row0 * ldc + n0;
		const float *start = add ? to : bias;
		size_t		start_stride = add ? 16 : stride;

		if (P == 4)
			packed_row(4, operand, operands, row0, panel, stride, start, start_stride, to);
		else
			packed_row(2, operand, operands, row0, panel, stride, start, start_stride, to);
	}
	for (; n0 < N; n0 += panel_width(N - n0))
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
					FrnnV8			zero = {0};

					FRNN_STORE8(edge + (r + 1) * width - 8, zero);
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
	size_t		rows = M;
	double		macs = 0;

	if (M > 24 && M * depth > A_FLOATS)
		rows = A_FLOATS / depth < 24 ? 24 : A_FLOATS / depth / 12 * 12;
	for (size_t m = 0; m < M; m += rows)
	{
		/* a short rest joins its neighbour */
		if (M - m < 2 * rows)
			rows = M - m > rows * 3 / 2 ? (M - m + 1) / 2 : M - m;
		packed_block(m, rows, N, K, operand, operands, packed, accumulate, c, ldc);
		macs += (double) rows * N * K;
		if (macs > FRNN_MACS_PER_TICK)
		{
			frnn_tick(run);
			macs = 0;
		}
	}
}
