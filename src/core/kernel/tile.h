/*
 * tile.h
 *	  What the two matrix products (gemm.c, gemm_tn.c) share: vectors, the
 *	  panels that columns are cut into, and short copies.
 */
#ifndef FRNN_TILE_H
#define FRNN_TILE_H

#include <stddef.h>

#include "core/base/simd.h"

#define FRNN_INLINE static inline __attribute__((always_inline))
/* a tile's accumulators: 6 x 2 or 4 x 3 vectors */
#define FRNN_TILE_ROWS 6
#define FRNN_TILE_VECTORS 3
#define FRNN_TILE_WIDTH (8 * FRNN_TILE_VECTORS)
/* multiply-adds between two ticks: about a millisecond */
#define FRNN_MACS_PER_TICK 5e7

/* eight floats; loaded and stored at any address a float may have */
typedef float FrnnV8 __attribute__((vector_size(32)));
typedef float FrnnV8Loose __attribute__((vector_size(32), aligned(4), may_alias));
typedef float FrnnV4Loose __attribute__((vector_size(16), aligned(4), may_alias));

/* macros: a vector argument would change the ABI between the clones */
#define FRNN_LOAD8(p) (*(const FrnnV8Loose *) (p))
#define FRNN_STORE8(p, v) (*(FrnnV8Loose *) (p) = (v))

/* eight of the sixteen numbers of two vectors, by constants; the compilers name it differently */
#ifdef __clang__
#define FRNN_PICK8(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int FrnnPick8 __attribute__((vector_size(32)));
#define FRNN_PICK8(a, b, ...) __builtin_shuffle(a, b, (FrnnPick8){__VA_ARGS__})
#endif

/* width of the panel that starts where so many columns are left */
FRNN_INLINE size_t
panel_width(size_t columns)
{
	if (columns <= 8)
		return 8;
	return columns > 16 && columns <= 24 ? 24 : 16;
}

FRNN_INLINE size_t
panel_columns(size_t columns)
{
	size_t		width = panel_width(columns);

	return columns < width ? columns : width;
}

/* rows of the next tile: tiles as equal as can be */
FRNN_INLINE int
tile_rows(size_t rows_left, size_t width)
{
	size_t		most = width == 24 ? 4 : FRNN_TILE_ROWS;
	size_t		tiles = (rows_left + most - 1) / most;

	return (int) ((rows_left + tiles - 1) / tiles);
}

/* fewer than 32 floats; a loop would become a call of memcpy, which costs more than the copy */
FRNN_INLINE void
copy_few(float *to, const float *from, size_t n)
{
	if (n & 16)
	{
		FRNN_STORE8(to, FRNN_LOAD8(from));
		FRNN_STORE8(to + 8, FRNN_LOAD8(from + 8));
		to += 16;
		from += 16;
	}
	if (n & 8)
	{
		FRNN_STORE8(to, FRNN_LOAD8(from));
		to += 8;
		from += 8;
	}
	if (n & 4)
	{
		*(FrnnV4Loose *) to = *(const FrnnV4Loose *) from;
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

/* rows of a panel from rows of a matrix, zeros beyond its columns */
extern void frnn_pack_rows(float *panel, size_t width, size_t columns, size_t count, const float *w, size_t stride);

#endif
