/*
 * fault.c
 *	  Memory that runs out on purpose, at the k-th allocation of a session.
 *
 * Part of the tests.  Three levels can fail, once each:
 *
 *	palloc	the k-th chunk asked of any memory context.  The server keeps the functions of a kind of context in a
 *			table; its entries "alloc" and "realloc" are replaced by ones that count.
 *	worker	the same in each parallel worker of the session, counted from the moment when it takes over the settings.
 *	malloc	the k-th block asked of the C library, when a context is created or grows, or a chunk is large.  The server
 *			has been started with fault_malloc.c.
 *
 * PostgreSQL 13 to 15; 16 keeps that table elsewhere.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE				/* RTLD_DEFAULT; PostgreSQL 13 does not ask for it */
#endif
#include "postgres.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include "access/parallel.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(fault_arm);
PG_FUNCTION_INFO_V1(fault_left);

extern void _PG_init(void);

static int	worker = 0;			/* fault.worker: which allocation fails in a worker; 0 for none */
static long palloc_left = -1;	/* how many more succeed; below 0: all */
static void *(*true_alloc) (MemoryContext context, Size size);
static void *(*true_realloc) (MemoryContext context, void *pointer, Size size);

/* ErrorContext is what errors are reported with: it has a reserve, and never fails */
static bool
fails(MemoryContext context)
{
	return context != ErrorContext && palloc_left >= 0 && palloc_left-- == 0;
}

static void *
counting_alloc(MemoryContext context, Size size)
{
	return fails(context) ? NULL : true_alloc(context, size);
}

static void *
counting_realloc(MemoryContext context, void *pointer, Size size)
{
	return fails(context) ? NULL : true_realloc(context, pointer, size);
}

static void
replace_functions(void)
{
	MemoryContextMethods *methods = (MemoryContextMethods *) TopMemoryContext->methods;
	uintptr_t	page = sysconf(_SC_PAGESIZE);
	uintptr_t	from = (uintptr_t) methods / page * page;

	if (methods->alloc == counting_alloc)
		return;
	if (mprotect((void *) from, (uintptr_t) (methods + 1) - from, PROT_READ | PROT_WRITE) != 0)
		elog(ERROR, "mprotect: %m");
	true_alloc = methods->alloc;
	true_realloc = methods->realloc;
	methods->alloc = counting_alloc;
	methods->realloc = counting_realloc;
}

/* a worker takes over the settings of its leader after it has loaded the leader's libraries */
static void
worker_arms(int k, void *extra)
{
	if (IsParallelWorker() && k > 0)
	{
		replace_functions();
		palloc_left = k - 1;
	}
}

void
_PG_init(void)
{
	DefineCustomIntVariable("fault.worker", "Which allocation fails in a parallel worker.", NULL, &worker, 0, 0, 1000000,
							PGC_USERSET, 0, NULL, worker_arms, NULL);
}

static volatile long *
malloc_left(void)
{
	volatile long *left = dlsym(RTLD_DEFAULT, "frnn_fault_malloc");

	if (left == NULL)
		elog(ERROR, "the server was not started with fault_malloc.so");
	return left;
}

/* fault_arm(level, k): the k-th allocation from here fails */
Datum
fault_arm(PG_FUNCTION_ARGS)
{
	char	   *level = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int64		k = PG_GETARG_INT64(1);

	replace_functions();
	if (strcmp(level, "palloc") == 0)
		palloc_left = k - 1;
	else if (strcmp(level, "malloc") == 0)
		*malloc_left() = k - 1;
	else
		elog(ERROR, "there is no level %s", level);
	PG_RETURN_VOID();
}

/* fault_left(): disarms; returns how many allocations were left before the one that fails, -1 if it has failed */
Datum
fault_left(PG_FUNCTION_ARGS)
{
	int64		left = Max(palloc_left, *malloc_left());

	palloc_left = -1;
	*malloc_left() = -1;
	PG_RETURN_INT64(left);
}
