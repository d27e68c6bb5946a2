/*
 * memory.h
 *	  Checked sizes, and the layout of one block of memory.
 *
 * The core never allocates.  A module first measures: it walks an FrnnArena
 * whose base is NULL and reads the bytes used.  The caller compares them with
 * its limit and allocates one block of that size.  The same walk then gives
 * pointers into the block, so that size and layout cannot differ.
 */
#ifndef FRNN_MEMORY_H
#define FRNN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRNN_ALIGN 64			/* one cache line, one AVX-512 register */

typedef struct FrnnArena
{
	char	   *base;			/* NULL while measuring; else aligned to FRNN_ALIGN */
	size_t		used;
	bool		overflow;		/* a size exceeded size_t's range */
} FrnnArena;

static inline FrnnArena
frnn_arena(void *base)
{
	FrnnArena	arena = {(char *) base, 0, false};

	return arena;
}

/* Takes count elements of the given size, aligned to FRNN_ALIGN.  Returns NULL while measuring. */
static inline void *
frnn_take(FrnnArena *arena, size_t count, size_t size)
{
	size_t		bytes;
	size_t		start = arena->used;

	if (__builtin_mul_overflow(count, size, &bytes) ||
		__builtin_add_overflow(bytes, (size_t) (FRNN_ALIGN - 1), &bytes) ||
		__builtin_add_overflow(arena->used, bytes & ~(size_t) (FRNN_ALIGN - 1), &arena->used))
	{
		arena->overflow = true;
		return NULL;
	}
	return arena->base ? arena->base + start : NULL;
}

#define FRNN_TAKE(arena, type, count) ((type *) frnn_take((arena), (size_t) (count), sizeof(type)))

/* Returns the product of two dimensions, SIZE_MAX if it overflows.  frnn_take then sets overflow. */
static inline size_t
frnn_mul(size_t a, size_t b)
{
	size_t		product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/* Returns the sum of two sizes, SIZE_MAX if it overflows. */
static inline size_t
frnn_add(size_t a, size_t b)
{
	size_t		sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

#endif
