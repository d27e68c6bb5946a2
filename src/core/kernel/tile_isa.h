/*
 * tile_isa.h
 *	  Template: the panels that columns of a product are cut into, and short
 *	  copies.  Part of gemm_isa.h and gemm_tn_isa.h.
 *
 * A panel is one to three vectors wide.  A tile of C keeps rows x vectors sums in
 * registers.  Where vectors are long, a panel may end in half a vector: a vector
 * of sums then holds those columns of two rows, and is multiplied by a vector of
 * the two rows' factors.
 */
#undef ROWS1
#undef ROWS2
#undef ROWS3
#undef ROWS_HALF
#undef TILE_ROWS
#undef MASKED
#undef HALF_LANES

/* most rows of a tile that is 1, 2 or 3 vectors wide, or 2 vectors and a half */
#if FRNN_ISA == 4
#define ROWS1 12
#define ROWS2 12
#define ROWS3 8
#define ROWS_HALF 10
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
#if MASKED
#define HALF_LANES 8			/* panels are multiples of half a vector */
#else
#define HALF_LANES LANES
#endif

/* Returns the columns of the panel that starts where `columns` are left, those without a use included. */
FRNN_INLINE size_t
FRNN_FN(panel_width) (size_t columns)
{
	return columns > 3 * LANES ? 2 * LANES : (columns + HALF_LANES - 1) / HALF_LANES * HALF_LANES;
}

/* Returns the rows of the next tile.  Tiles are as equal as possible. */
FRNN_INLINE int
FRNN_FN(tile_rows) (size_t rows_left, size_t width)
{
	size_t		most = width > 2 * LANES ? ROWS3 : width > LANES ? ROWS2 : ROWS1;
	size_t		tiles;
	size_t		rows;

#if MASKED
	if (width == 2 * LANES + HALF_LANES)
		most = ROWS_HALF;
#endif
	tiles = (rows_left + most - 1) / most;
	rows = (rows_left + tiles - 1) / tiles;
	/* rows of half a vector come in pairs */
	if (width % LANES && rows % 2 && rows < rows_left && rows < most)
		rows++;
	return (int) rows;
}

/*
 * Calls TILE(rows, whole vectors, 1 if half a vector follows) for the tile of R rows of a panel of `width` columns.
 * All three are constants in each call.
 */
#undef TILES4
#undef TILES6
#undef TILES8
#undef TILES10
#undef TILES12
#undef SWITCH_TILE
#define TILES4(TILE, VV, HALF) \
	case 1: TILE(1, VV, HALF); break; \
	case 2: TILE(2, VV, HALF); break; \
	case 3: TILE(3, VV, HALF); break; \
	case 4: TILE(4, VV, HALF); break
#define TILES6(TILE, VV, HALF) \
	TILES4(TILE, VV, HALF); \
	case 5: TILE(5, VV, HALF); break; \
	case 6: TILE(6, VV, HALF); break
#define TILES8(TILE, VV, HALF) \
	TILES6(TILE, VV, HALF); \
	case 7: TILE(7, VV, HALF); break; \
	case 8: TILE(8, VV, HALF); break
#define TILES10(TILE, VV, HALF) \
	TILES8(TILE, VV, HALF); \
	case 9: TILE(9, VV, HALF); break; \
	case 10: TILE(10, VV, HALF); break
#define TILES12(TILE, VV, HALF) \
	TILES10(TILE, VV, HALF); \
	case 11: TILE(11, VV, HALF); break; \
	case 12: TILE(12, VV, HALF); break
#if MASKED
#define SWITCH_TILE(TILE, width, R) \
	switch ((width) / HALF_LANES) \
	{ \
		case 1: switch (R) { TILES12(TILE, 0, 1); } break; \
		case 2: switch (R) { TILES12(TILE, 1, 0); } break; \
		case 3: switch (R) { TILES12(TILE, 1, 1); } break; \
		case 4: switch (R) { TILES12(TILE, 2, 0); } break; \
		case 5: switch (R) { TILES10(TILE, 2, 1); } break; \
		case 6: switch (R) { TILES8(TILE, 3, 0); } break; \
	}
#elif FRNN_ISA == 2
#define SWITCH_TILE(TILE, width, R) \
	switch ((width) / LANES) \
	{ \
		case 1: switch (R) { TILES8(TILE, 1, 0); } break; \
		case 2: switch (R) { TILES8(TILE, 2, 0); } break; \
		case 3: switch (R) { TILES8(TILE, 3, 0); } break; \
	}
#else
#define SWITCH_TILE(TILE, width, R) \
	switch ((width) / LANES) \
	{ \
		case 1: switch (R) { TILES6(TILE, 1, 0); } break; \
		case 2: switch (R) { TILES6(TILE, 2, 0); } break; \
		case 3: switch (R) { TILES4(TILE, 3, 0); } break; \
	}
#endif

#if MASKED

#undef LOAD_PART
#undef STORE_PART
#undef LOAD_TWICE
#undef PAIR
#undef LOAD_HALVES
#undef STORE_LOW
#undef STORE_HIGH

/* the first n of a vector's elements; the others are zero, or stay as they are */
#define LOAD_PART(p, n) ((V) _mm512_maskz_loadu_ps((__mmask16) ((1u << (n)) - 1), (p)))
#define STORE_PART(p, n, v) _mm512_mask_storeu_ps((p), (__mmask16) ((1u << (n)) - 1), (__m512) (v))

/* two halves: one loaded twice, factors of two rows, the first n elements of two addresses */
#define LOAD_TWICE(p) ((V) _mm512_broadcast_f32x8(_mm256_loadu_ps(p)))
#define PAIR(x, y) ((V) _mm512_mask_blend_ps(0xff00, (__m512) (x), (__m512) (y)))
#define LOAD_HALVES(p, q, n) ((V) _mm512_insertf32x8(_mm512_castps256_ps512( \
	_mm256_maskz_loadu_ps((__mmask8) ((1u << (n)) - 1), (p))), _mm256_maskz_loadu_ps((__mmask8) ((1u << (n)) - 1), (q)), 1))
#define STORE_LOW(p, n, v) _mm256_mask_storeu_ps((p), (__mmask8) ((1u << (n)) - 1), _mm512_castps512_ps256((__m512) (v)))
#define STORE_HIGH(p, n, v) _mm256_mask_storeu_ps((p), (__mmask8) ((1u << (n)) - 1), \
	_mm512_extractf32x8_ps((__m512) (v), 1))

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
#if MASKED
			/* fewer than half a vector is without a use */
			STORE_LOW(panel + width - HALF_LANES, HALF_LANES, SPLAT(0.0f));
#else
			STORE(panel + width - LANES, SPLAT(0.0f));
#endif
			FRNN_FN(copy_few) (panel, w, columns);
		}
}
