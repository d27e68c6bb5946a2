/*
 * gemm_isa.h
 *	  Template of gemm.c.
 *
 * A tile of C stays in registers while K runs through all operands.  A's
 * elements are broadcast from row-major memory.  Rows and K are cut so that
 * what a tile meets again stays in the L1 cache.  Every element of C is one
 * chain of multiply-adds over k in ascending order, so it does not depend on
 * how rows and K are cut.
 */
#include "core/kernel/tile_isa.h"

FRNN_EXPORT void
FRNN_FN(frnn_pack_bias) (float *packed, size_t N, size_t K, const float *first, const float *second)
{
	size_t		width;

	for (size_t n = 0; n < N; n += width)
	{
		float	   *row = packed + n * (K + 1);

		width = FRNN_FN(panel_width) (N - n);
		for (size_t j = 0; j < width; j++)
			row[j] = n + j < N ? (first ? first[n + j] : 0.0f) + (second ? second[n + j] : 0.0f) : 0.0f;
	}
}

#if LANES >= 8

#undef PICK8
#ifdef __clang__
#define PICK8(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int FRNN_FN(Pick8) __attribute__((vector_size(32)));
#define PICK8(a, b, ...) __builtin_shuffle(a, b, (FRNN_FN(Pick8)) {__VA_ARGS__})
#endif

typedef float FRNN_FN(V8) __attribute__((vector_size(32)));
typedef float FRNN_FN(Loose8) __attribute__((vector_size(32), aligned(4), may_alias));

#undef LOAD8
#undef STORE8
#define LOAD8(p) ((FRNN_FN(V8)) (*(const FRNN_FN(Loose8) *) (p)))
#define STORE8(p, v) (*(FRNN_FN(Loose8) *) (p) = (v))

/* Transposes eight columns of eight rows, in three rounds that exchange halves. */
FRNN_INLINE void
FRNN_FN(transpose_8x8) (float *to, size_t width, const float *from, size_t stride)
{
	FRNN_FN(V8) a[8];
	FRNN_FN(V8) b[8];

	for (int i = 0; i < 8; i++)
		a[i] = LOAD8(from + i * stride);
	for (int i = 0; i < 4; i++)
	{
		b[2 * i] = PICK8(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		b[2 * i + 1] = PICK8(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
	/* b[2 i + j]: columns 4 j .. 4 j + 3 of rows i and i + 4 */
	for (int j = 0; j < 2; j++)
	{
		FRNN_FN(V8) low01 = PICK8(b[j], b[2 + j], 0, 8, 1, 9, 4, 12, 5, 13);
		FRNN_FN(V8) high01 = PICK8(b[j], b[2 + j], 2, 10, 3, 11, 6, 14, 7, 15);
		FRNN_FN(V8) low23 = PICK8(b[4 + j], b[6 + j], 0, 8, 1, 9, 4, 12, 5, 13);
		FRNN_FN(V8) high23 = PICK8(b[4 + j], b[6 + j], 2, 10, 3, 11, 6, 14, 7, 15);

		STORE8(to + (4 * j) * width, PICK8(low01, low23, 0, 1, 8, 9, 4, 5, 12, 13));
		STORE8(to + (4 * j + 1) * width, PICK8(low01, low23, 2, 3, 10, 11, 6, 7, 14, 15));
		STORE8(to + (4 * j + 2) * width, PICK8(high01, high23, 0, 1, 8, 9, 4, 5, 12, 13));
		STORE8(to + (4 * j + 3) * width, PICK8(high01, high23, 2, 3, 10, 11, 6, 7, 14, 15));
	}
}

#endif

/* Packs columns of a matrix, stride apart, into rows of a panel. */
FRNN_LOCAL void
FRNN_FN(pack_columns) (float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	size_t		j = 0;

#if LANES >= 8
	for (; j + 8 <= columns; j += 8)
	{
		size_t		k = 0;

		for (; k + 8 <= count; k += 8)
			FRNN_FN(transpose_8x8) (panel + k * width + j, width, w + j * stride + k, stride);
		for (; k < count; k++)
			for (size_t i = j; i < j + 8; i++)
				panel[k * width + i] = w[i * stride + k];
	}
#endif
	for (; j < columns; j++)
		for (size_t k = 0; k < count; k++)
			panel[k * width + j] = w[j * stride + k];
	for (; j < width; j++)
		for (size_t k = 0; k < count; k++)
			panel[k * width + j] = 0.0f;
}

FRNN_EXPORT void
FRNN_FN(frnn_pack_weight) (float *packed, size_t N, size_t K, size_t k0, size_t count,
						   const float *w, size_t n_stride, size_t k_stride)
{
	size_t		width;

	for (size_t n = 0; n < N; n += width)
	{
		size_t		columns;
		float	   *panel;

		width = FRNN_FN(panel_width) (N - n);
		columns = N - n < width ? N - n : width;
		panel = packed + n * (K + 1) + (1 + k0) * width;
		if (n_stride == 1)
			FRNN_FN(pack_rows) (panel, width, columns, count, w + n, k_stride);
		else
			FRNN_FN(pack_columns) (panel, width, columns, count, w + n * n_stride, n_stride);
	}
}

/*
 * R rows of a panel of VV vectors, and half a vector if HALF.  R, VV, HALF and
 * part are constants in every call.  start: what the sums start from, rows
 * start_stride apart (0: biases).  last: columns of C in the last vector, or in
 * the half.  part: the last vector is not full; the start then has no more
 * columns either, unless start_stride is 0.
 */
FRNN_INLINE void
FRNN_FN(packed_tile) (const int R, const int VV, const int HALF, const bool part, const FrnnOperand *operand, int operands,
					  size_t row, const float *panel, const float *start, size_t start_stride, float *c, size_t ldc,
					  size_t last)
{
	V			sum[TILE_ROWS][3];
#if MASKED
	V			pair[TILE_ROWS];
#endif

	(void) last, (void) part, (void) HALF;
	for (int r = 0; r < R; r++)
	{
		for (int v = 0; v < VV; v++)
#if MASKED
			if (part && !HALF && v == VV - 1)
				sum[r][v] = LOAD_PART(start + r * start_stride + v * LANES, last);
			else
#endif
				sum[r][v] = LOAD(start + r * start_stride + v * LANES);
#if MASKED
		if (HALF && r % 2 == 0)
			pair[r / 2] = LOAD_HALVES(start + r * start_stride + VV * LANES,
									  start + (r + 1 < R ? r + 1 : r) * start_stride + VV * LANES, last);
#endif
	}
	for (int i = 0; i < operands; i++)
	{
		size_t		lda = operand[i].lda;
		size_t		K = operand[i].k;
		const float *a = operand[i].a + row * lda;

		/* measured: 512-bit products of 8 rows are 1 to 3 % faster unrolled; 256-bit ones would be 2 to 5 % slower */
#if FRNN_ISA == 4
#pragma GCC unroll 4
#endif
		for (size_t k = 0; k < K; k++)
		{
			V			b[3];
#if MASKED
			V			before = SPLAT(0.0f);
			V			half = HALF ? LOAD_TWICE(panel + VV * LANES) : before;
#endif

			for (int v = 0; v < VV; v++)
				b[v] = LOAD(panel + v * LANES);
			for (int r = 0; r < R; r++)
			{
				V			factor = SPLAT(a[r * lda + k]);

				for (int v = 0; v < VV; v++)
					sum[r][v] = FMA(factor, b[v], sum[r][v]);
#if MASKED
				if (HALF && r % 2 == 1)
					pair[r / 2] = FMA(PAIR(before, factor), half, pair[r / 2]);
				else if (HALF && r == R - 1)
					pair[r / 2] = FMA(factor, half, pair[r / 2]);
				before = factor;
#endif
			}
			panel += VV * LANES + HALF * HALF_LANES;
		}
	}
	for (int r = 0; r < R; r++)
	{
		for (int v = 0; v < VV; v++)
#if MASKED
			if (part && !HALF && v == VV - 1)
				STORE_PART(c + r * ldc + v * LANES, last, sum[r][v]);
			else
#endif
				STORE(c + r * ldc + v * LANES, sum[r][v]);
#if MASKED
		if (HALF && r % 2 == 0)
			STORE_LOW(c + r * ldc + VV * LANES, last, pair[r / 2]);
		else if (HALF)
			STORE_HIGH(c + r * ldc + VV * LANES, last, pair[r / 2]);
#endif
	}
}

#undef PACKED_TILE
#define PACKED_TILE(R, VV, HALF) \
	FRNN_FN(packed_tile) (R, VV, HALF, part, operand, operands, row, panel, start, start_stride, c, ldc, last)

FRNN_INLINE void
FRNN_FN(packed_rows) (const bool part, size_t width, int R, const FrnnOperand *operand, int operands, size_t row,
					  const float *panel, const float *start, size_t start_stride, float *c, size_t ldc, size_t last)
{
	SWITCH_TILE(PACKED_TILE, width, R);
}

/*
 * One row times P panels of two vectors at once, because the sums of one panel
 * alone would wait for each other.
 */
FRNN_INLINE void
FRNN_FN(packed_row) (const int P, const FrnnOperand *operand, int operands, size_t row, const float *panel,
					 size_t panel_stride, const float *start, size_t start_stride, float *c)
{
	V			sum[4][2];

	for (int p = 0; p < P; p++)
		for (int v = 0; v < 2; v++)
			sum[p][v] = LOAD(start + p * start_stride + v * LANES);
	for (int i = 0; i < operands; i++)
	{
		const float *a = operand[i].a + row * operand[i].lda;

		for (size_t k = 0; k < operand[i].k; k++, panel += 2 * LANES)
		{
			V			factor = SPLAT(a[k]);

			for (int p = 0; p < P; p++)
				for (int v = 0; v < 2; v++)
					sum[p][v] = FMA(factor, LOAD(panel + p * panel_stride + v * LANES), sum[p][v]);
		}
	}
	for (int p = 0; p < P; p++)
		for (int v = 0; v < 2; v++)
			STORE(c + (2 * p + v) * LANES, sum[p][v]);
}

/* Returns how many whole panels of two vectors a row takes at once: 4, 2, or 0 if tiles are used. */
FRNN_INLINE int
FRNN_FN(row_panels) (size_t columns)
{
	for (int P = 4; P > 1; P -= 2)
	{
		size_t		last = 2 * LANES * (size_t) (P - 1);

		if (columns >= last + 2 * LANES && FRNN_FN(panel_width) (columns - last) == 2 * LANES)
			return P;
	}
	return 0;
}

/* One panel of columns of some rows.  Without masks, columns that fill no vector go through a buffer. */
FRNN_INLINE void
FRNN_FN(packed_panel) (size_t row0, size_t rows, size_t width, size_t columns, const FrnnOperand *operand, int operands,
					   const float *panel, const float *bias, bool add, float *c, size_t ldc)
{
	size_t		last = columns - (width - (width % LANES ? HALF_LANES : LANES));
	int			R;
#if !MASKED
	float		edge[TILE_ROWS * 3 * LANES];
#endif

	for (size_t m = 0; m < rows; m += R)
	{
		float	   *to = c + (row0 + m) * ldc;

		R = FRNN_FN(tile_rows) (rows - m, width);
		if (columns == width || width % LANES)
		{
			FRNN_FN(packed_rows) (false, width, R, operand, operands, row0 + m, panel, add ? to : bias,
								  add ? ldc : 0, to, ldc, last);
			continue;
		}
#if MASKED
		FRNN_FN(packed_rows) (true, width, R, operand, operands, row0 + m, panel, add ? to : bias,
							  add ? ldc : 0, to, ldc, last);
#else
		for (int r = 0; add && r < R; r++)
		{
			STORE(edge + (r + 1) * width - LANES, SPLAT(0.0f));
			FRNN_FN(copy_few) (edge + r * width, to + r * ldc, columns);
		}
		FRNN_FN(packed_rows) (false, width, R, operand, operands, row0 + m, panel, add ? edge : bias,
							  add ? width : 0, edge, width, last);
		for (int r = 0; r < R; r++)
			FRNN_FN(copy_few) (to + r * ldc, edge + r * width, columns);
#endif
	}
}

/* All columns of some rows, over the operands given, whose first packed row is k0.  add: to what C holds. */
FRNN_LOCAL void
FRNN_FN(packed_product) (size_t row0, size_t rows, size_t N, size_t K, size_t k0, const FrnnOperand *operand,
						 int operands, const float *packed, bool add, float *c, size_t ldc)
{
	size_t		n = 0;

	for (int P; rows == 1 && (P = FRNN_FN(row_panels) (N - n)) > 0; n += 2 * LANES * (size_t) P)
	{
		size_t		stride = 2 * LANES * (K + 1);
		const float *bias = packed + n * (K + 1);
		const float *panel = bias + (1 + k0) * 2 * LANES;
		float	   *to = c + row0 * ldc + n;
		const float *start = add ? to : bias;
		size_t		start_stride = add ? 2 * LANES : stride;

		if (P == 4)
			FRNN_FN(packed_row) (4, operand, operands, row0, panel, stride, start, start_stride, to);
		else
			FRNN_FN(packed_row) (2, operand, operands, row0, panel, stride, start, start_stride, to);
	}
	while (n < N)
	{
		size_t		width = FRNN_FN(panel_width) (N - n);
		const float *bias = packed + n * (K + 1);

		FRNN_FN(packed_panel) (row0, rows, width, N - n < width ? N - n : width, operand, operands,
							   bias + (1 + k0) * width, bias, add, c + n, ldc);
		n += width;
	}
}

FRNN_LOCAL void
FRNN_FN(packed_block) (size_t row0, size_t rows, size_t N, size_t K, const FrnnOperand *operand, int operands,
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

		FRNN_FN(packed_product) (row0, rows, N, K, k0, piece, pieces, packed, accumulate || k0 > 0, c, ldc);
		k0 += depth;
	} while (i < operands);
}

FRNN_EXPORT void
FRNN_FN(frnn_gemm_packed) (const FrnnRun *run, size_t M, size_t N, size_t K,
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
		/* a short rest joins its neighbor */
		if (M - m < 2 * rows)
			rows = M - m > rows * 3 / 2 ? (M - m + 1) / 2 : M - m;
		FRNN_FN(packed_block) (m, rows, N, K, operand, operands, packed, accumulate, c, ldc);
		macs += (double) rows * N * K;
		if (macs > FRNN_MACS_PER_TICK)
		{
			frnn_tick(run);
			macs = 0;
		}
	}
}
