/*
 * tile_isa.h
 *	  Template: the panels that columns of a product are cut into, and short
 *	  copies.  Part of gemm_isa.h and gemm_tn_isa.h.
 *
 * A panel is 1, 2 or 3 vectors wide.  A tile of C keeps rows x vectors sums in
 * registers.
 */
#undef ROWS1
#undef ROWS2
#undef ROWS3
#undef TILE_ROWS
#undef MASKED

/* most rows of a tile that is 1, 2 or 3 vectors wide */
#if FRNN_ISA == 4
#define ROWS1 12
#define ROWS2 12
#define ROWS3 8
#define MASKED 1				/* vectors can be loaded and stored in part */
#elif FRNN_ISA == 2
#define ROWS1 8
#define ROWS2 8
#define ROWS3 8
#define MASKED 0
#else
#define ROWS1 6
#define ROWS2 6
#define ROWS3 4
#define MASKED 0
#endif
#define TILE_ROWS (ROWS1 > ROWS3 ? ROWS1 : ROWS3)

/* Returns the vectors of the panel that starts where `columns` are left. */
FRNN_INLINE int
FRNN_FN(panel_vectors) (size_t columns)
{
	if (columns <= LANES)
		return 1;
	return columns > 2 * LANES && columns <= 3 * LANES ? 3 : 2;
}

/* Returns the rows of the next tile.  Tiles are as equal as possible. */
FRNN_INLINE int
FRNN_FN(tile_rows) (size_t rows_left, int vectors)
{
	size_t		most = vectors == 3 ? ROWS3 : vectors == 2 ? ROWS2 : ROWS1;
	size_t		tiles = (rows_left + most - 1) / most;

	return (int) ((rows_left + tiles - 1) / tiles);
}

#if MASKED

/* the first n of a vector's elements; the others are zero, or stay as they are */
#define LOAD_PART(p, n) ((V) _mm512_maskz_loadu_ps((__mmask16) ((1u << (n)) - 1), (p)))
#define STORE_PART(p, n, v) _mm512_mask_storeu_ps((p), (__mmask16) ((1u << (n)) - 1), (__m512) (v))

#endif

typedef float FRNN_FN(Loose4) __attribute__((vector_size(16), aligned(4), may_alias));

#undef LOW4
#define LOW4(p) (*(FRNN_FN(Loose4) *) (p))

/* Copies fewer than three vectors.  A loop would become a call of memcpy, which costs more than the copy. */
FRNN_INLINE void
FRNN_FN(copy_few) (float *to, const float *from, size_t n)
{
#if MASKED
	for (; n >= LANES; n -= LANES, to += LANES, from += LANES)
		STORE(to, LOAD(from));
	STORE_PART(to, n, LOAD_PART(from, n));
#else
	if (n & (2 * LANES))
	{
		STORE(to, LOAD(from));
		STORE(to + LANES, LOAD(from + LANES));
		to += 2 * LANES;
		from += 2 * LANES;
	}
	if (n & LANES)
	{
		STORE(to, LOAD(from));
		to += LANES;
		from += LANES;
	}
#if LANES > 4
	if (n & 4)
	{
		LOW4(to) = *(const FRNN_FN(Loose4) *) from;
		to += 4;
		from += 4;
	}
#endif
	if (n & 2)
	{
		to[0] = from[0];
		to[1] = from[1];
		to += 2;
		from += 2;
	}
	if (n & 1)
		to[0] = from[0];
#endif
}

/* Packs `count` rows of a matrix, stride apart, into rows of a panel, with zeros beyond its columns. */
FRNN_LOCAL void
FRNN_FN(pack_rows) (float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride)
{
	if (columns == width && width == 2 * LANES)
		for (size_t k = 0; k < count; k++, panel += 2 * LANES, w += stride)
		{
			STORE(panel, LOAD(w));
			STORE(panel + LANES, LOAD(w + LANES));
		}
	else
		for (size_t k = 0; k < count; k++, panel += width, w += stride)
		{
			STORE(panel + width - LANES, SPLAT(0.0f));
			FRNN_FN(copy_few) (panel, w, columns);
		}
}
