/*
 * memory.h
 *	  Checked sizes and the carving of one lent block.
 *
 * The core never allocates.  A module first *measures*: it walks an FrnnArena
 * whose base is NULL and reads the bytes used; the caller compares them with
 * its limit, lends one block of that size, and the same walk then hands out
 * pointers.  One walk for both keeps the figure and the layout from drifting
 * apart.
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
	bool		overflow;		/* a size left size_t's range */
} FrnnArena;

static inline FrnnArena
frnn_arena(void *base)
{
	FrnnArena	arena = {(char *) base, 0, false};

	return arena;
}

/* count elements of the given size, aligned; NULL while measuring */
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

/* products of dimensions, SIZE_MAX when they overflow (frnn_take then reports it) */
static inline size_t
frnn_mul(size_t a, size_t b)
{
	size_t		product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/* sums likewise */
static inline size_t
frnn_add(size_t a, size_t b)
{
	size_t		sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

#endif
