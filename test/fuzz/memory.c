/*
 * memory.c
 *	  Memory contexts for the address sanitizer.
 *
 * The server's contexts cut their chunks from blocks, so an access beyond a
 * chunk is one to a neighbor.  Here each chunk is a malloc, and the bytes
 * before it are poisoned too.  The contexts that the extension creates are
 * made by fuzz_create: the sources are compiled with
 * AllocSetContextCreateInternal defined as that name.
 *
 * PostgreSQL 16 chooses a context's methods by number from a constant table,
 * so this works up to 15.
 */
#include "fuzz.h"

#include <sanitizer/asan_interface.h>

#if PG_VERSION_NUM >= 140000 && PG_VERSION_NUM < 160000

typedef struct Chunk
{
	struct Chunk *previous;
	struct Chunk *next;
	Size		size;
	MemoryContext context;		/* the server reads it before the chunk */
} Chunk;

typedef struct GuardedContext
{
	MemoryContextData header;
	Chunk		first;			/* of a ring */
} GuardedContext;

/* what follows touches poisoned bytes */
#define UNCHECKED __attribute__((no_sanitize("address", "undefined"), noinline))

UNCHECKED static void *
guarded_alloc(MemoryContext context, Size size)
{
	GuardedContext *guarded = (GuardedContext *) context;
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	if (chunk == NULL)
		return NULL;
	chunk->previous = &guarded->first;
	chunk->next = guarded->first.next;
	chunk->next->previous = chunk;
	guarded->first.next = chunk;
	chunk->size = size;
	chunk->context = context;
	context->mem_allocated += sizeof(Chunk) + size;
	ASAN_POISON_MEMORY_REGION(chunk, sizeof(Chunk));
	return chunk + 1;
}

UNCHECKED static void
guarded_free(MemoryContext context, void *pointer)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;

	chunk->previous->next = chunk->next;
	chunk->next->previous = chunk->previous;
	context->mem_allocated -= sizeof(Chunk) + chunk->size;
	free(chunk);
}

UNCHECKED static void *
guarded_realloc(MemoryContext context, void *pointer, Size size)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;
	void	   *moved = guarded_alloc(context, size);

	if (moved == NULL)
		return NULL;
	memcpy(moved, pointer, Min(size, chunk->size));
	guarded_free(context, pointer);
	return moved;
}

UNCHECKED static void
guarded_reset(MemoryContext context)
{
	GuardedContext *guarded = (GuardedContext *) context;
	Chunk	   *chunk = guarded->first.next;

	while (chunk != &guarded->first)
	{
		Chunk	   *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	guarded->first.previous = guarded->first.next = &guarded->first;
	context->mem_allocated = 0;
}

static void
guarded_delete(MemoryContext context)
{
	guarded_reset(context);
	free(context);
}

UNCHECKED static Size
guarded_space(MemoryContext context, void *pointer)
{
	return sizeof(Chunk) + ((Chunk *) pointer - 1)->size;
}

static bool
guarded_is_empty(MemoryContext context)
{
	return context->isReset;
}

static void
guarded_stats(MemoryContext context, MemoryStatsPrintFunc print, void *passthru,
			  MemoryContextCounters *totals, bool to_stderr)
{
}

MemoryContext
fuzz_context(MemoryContext parent)
{
	static const MemoryContextMethods methods = {
		.alloc = guarded_alloc,.free_p = guarded_free,.realloc = guarded_realloc,.reset = guarded_reset,
		.delete_context = guarded_delete,.get_chunk_space = guarded_space,.is_empty = guarded_is_empty,
		.stats = guarded_stats
	};
	GuardedContext *guarded = malloc(sizeof(GuardedContext));

	if (guarded == NULL)
		elog(FATAL, "out of memory");
	guarded->first.previous = guarded->first.next = &guarded->first;
	MemoryContextCreate(&guarded->header, T_AllocSetContext, &methods, parent, "guarded");
	return &guarded->header;
}

#else

#undef AllocSetContextCreateInternal
extern MemoryContext AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size least, Size initial, Size most);

MemoryContext
fuzz_context(MemoryContext parent)
{
	return AllocSetContextCreateInternal(parent, "fuzz", ALLOCSET_DEFAULT_SIZES);
}

#endif

MemoryContext fuzz_create(MemoryContext parent, const char *name, Size least, Size initial, Size most);

MemoryContext
fuzz_create(MemoryContext parent, const char *name, Size least, Size initial, Size most)
{
	return fuzz_context(parent);
}
