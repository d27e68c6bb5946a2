/*
 * fault_malloc.c
 *	  A malloc() that fails at the k-th call, once; for LD_PRELOAD.
 *
 * Part of the tests.  fault.c sets the number.
 */
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *block, size_t size);

extern volatile long frnn_fault_malloc;
extern void *malloc(size_t size);
extern void *realloc(void *block, size_t size);

volatile long frnn_fault_malloc = -1;	/* how many more succeed; below 0: all */

static int
fails(void)
{
	return frnn_fault_malloc >= 0 && frnn_fault_malloc-- == 0;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
realloc(void *block, size_t size)
{
	return fails() ? NULL : __libc_realloc(block, size);
}
