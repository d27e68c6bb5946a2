/*
 * host.c
 *	  fuzz_run(target text, corpus text, arguments text[]): runs libFuzzer in
 *	  this backend and ends it.
 *
 * Each input runs in a memory context and a resource owner of its own.  An
 * error raised by a target is what a query would report, and fine; an internal
 * error (XX000) is a finding, as is all that the sanitizers find.
 */
#include "fuzz.h"

#include <unistd.h>

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "catalog/pg_type.h"

PG_FUNCTION_INFO_V1(fuzz_run);

const FuzzTarget *fuzz_target;
char	   *fuzz_corpus;

static bool fuzz_show;			/* print each error: FUZZ_SHOW */
static MemoryContext input_context;
static ResourceOwner input_owner;

/* the error of the current PG_CATCH */
static void
fuzz_check_error(void)
{
	ErrorData  *error;

	if (geterrcode() != ERRCODE_INTERNAL_ERROR && !fuzz_show)
		return;
	MemoryContextSwitchTo(TopMemoryContext);
	error = CopyErrorData();
	fprintf(stderr, "%s: %s (%s:%d)\n", unpack_sql_state(error->sqlerrcode), error->message, error->filename, error->lineno);
	if (error->sqlerrcode == ERRCODE_INTERNAL_ERROR)
		__builtin_trap();
}

static int
fuzz_one(const uint8_t *data, size_t size)
{
	ResourceOwner owner = CurrentResourceOwner;
	MemoryContext old = MemoryContextSwitchTo(input_context);

	CurrentResourceOwner = input_owner;
	PG_TRY();
	{
		fuzz_target->run((const char *) data, size);
	}
	PG_CATCH();
	{
		fuzz_check_error();
		FlushErrorState();
	}
	PG_END_TRY();
	ResourceOwnerRelease(input_owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerRelease(input_owner, RESOURCE_RELEASE_LOCKS, false, false);
	ResourceOwnerRelease(input_owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
	CurrentResourceOwner = owner;
	MemoryContextSwitchTo(old);
	MemoryContextReset(input_context);
	return 0;
}

/* libFuzzer ends by exit(); the cluster is thrown away, so nothing of it need be tidied up */
static void
fuzz_leave(void)
{
	fflush(NULL);
	_exit(0);
}

Datum
fuzz_run(PG_FUNCTION_ARGS)
{
	Datum	   *element;
	bool	   *null;
	int			count;
	int			argc = 1;
	char	  **argv;

	fuzz_target = fuzz_target_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (fuzz_target == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there is no such target")));
	fuzz_corpus = text_to_cstring(PG_GETARG_TEXT_PP(1));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &element, &null, &count);
	argv = palloc0(sizeof(char *) * (count + 2));
	argv[0] = pstrdup(fuzz_target->name);
	for (int i = 0; i < count; i++)
		argv[argc++] = TextDatumGetCString(element[i]);

	fuzz_show = getenv("FUZZ_SHOW") != NULL;
	input_context = fuzz_context(TopMemoryContext);
	input_owner = ResourceOwnerCreate(CurrentResourceOwner, "fuzz");
	atexit(fuzz_leave);
	LLVMFuzzerRunDriver(&argc, &argv, fuzz_one);
	exit(0);
}
