/*
 * byte_list.c
 *	  See byte_list.h.
 */
#include "pg/bytes/byte_list.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/memutils.h"

#define MAGIC "rnnlist1"
#define MAGIC_BYTES 8
#define HEAD_BYTES 16			/* of an entry */

#ifdef WORDS_BIGENDIAN
#define LITTLE(x) pg_bswap64(x)
#else
#define LITTLE(x) (x)
#endif

/* Allocates a list of that many bytes, with its magic number. */
static bytea *
list_new(size_t size)
{
	bytea	   *list;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the models to be combined take more than 1 GB"),
				 errhint("Combine groups of them first, or set keep_history to false.")));
	list = palloc(VARHDRSZ + size);
	SET_VARSIZE(list, VARHDRSZ + size);
	memcpy(VARDATA(list), MAGIC, MAGIC_BYTES);
	return list;
}

static void
list_check(bool valid)
{
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the state of the aggregate is not valid")));
}

static bool
list_has_magic(const bytea *list)
{
	return VARSIZE_ANY_EXHDR(list) >= MAGIC_BYTES && memcmp(VARDATA_ANY(list), MAGIC, MAGIC_BYTES) == 0;
}

bytea	   *
byte_list_add(const bytea *list, double weight, const bytea *bytes)
{
	size_t		before = list ? VARSIZE_ANY_EXHDR(list) : MAGIC_BYTES;
	size_t		more = VARSIZE_ANY_EXHDR(bytes);
	bytea	   *result = list_new(before + HEAD_BYTES + more);
	char	   *at = VARDATA(result) + before;
	uint64		word;

	if (list)
	{
		list_check(list_has_magic(list));
		memcpy(VARDATA(result), VARDATA_ANY(list), before);
	}
	memcpy(&word, &weight, sizeof(word));
	word = LITTLE(word);
	memcpy(at, &word, sizeof(word));
	word = LITTLE((uint64) more);
	memcpy(at + 8, &word, sizeof(word));
	memcpy(at + HEAD_BYTES, VARDATA_ANY(bytes), more);
	return result;
}

bytea	   *
byte_list_join(const bytea *a, const bytea *b)
{
	size_t		first = VARSIZE_ANY_EXHDR(a);
	size_t		second;
	bytea	   *result;

	list_check(list_has_magic(a));
	list_check(list_has_magic(b));
	second = VARSIZE_ANY_EXHDR(b) - MAGIC_BYTES;
	result = list_new(first + second);
	memcpy(VARDATA(result), VARDATA_ANY(a), first);
	memcpy(VARDATA(result) + first, VARDATA_ANY(b) + MAGIC_BYTES, second);
	return result;
}

static int
entry_compare(const void *left, const void *right)
{
	const ByteEntry *a = left;
	const ByteEntry *b = right;
	size_t		size = Min(VARSIZE(a->bytes), VARSIZE(b->bytes));
	int			order = memcmp(VARDATA(a->bytes), VARDATA(b->bytes), size - VARHDRSZ);

	if (order != 0)
		return order;
	if (VARSIZE(a->bytes) != VARSIZE(b->bytes))
		return VARSIZE(a->bytes) < VARSIZE(b->bytes) ? -1 : 1;
	return a->weight < b->weight ? -1 : a->weight > b->weight;
}

ByteEntry  *
byte_list_read(const bytea *list, int *count)
{
	const char *at;
	const char *end;
	int			room = 16;
	ByteEntry  *entry = palloc(sizeof(ByteEntry) * room);

	list_check(list_has_magic(list));
	at = VARDATA_ANY(list) + MAGIC_BYTES;
	end = VARDATA_ANY(list) + VARSIZE_ANY_EXHDR(list);
	*count = 0;
	while (at < end)
	{
		uint64		word;
		ByteEntry  *here;

		CHECK_FOR_INTERRUPTS();
		if (*count == room)
			entry = repalloc(entry, sizeof(ByteEntry) * (room *= 2));
		here = &entry[*count];
		list_check(end - at >= HEAD_BYTES);
		memcpy(&word, at, sizeof(word));
		word = LITTLE(word);
		memcpy(&here->weight, &word, sizeof(word));
		memcpy(&word, at + 8, sizeof(word));
		word = LITTLE(word);
		at += HEAD_BYTES;
		list_check(word <= (uint64) (end - at) && here->weight > 0 && !isinf(here->weight));
		here->bytes = palloc(VARHDRSZ + word);
		SET_VARSIZE(here->bytes, VARHDRSZ + word);
		memcpy(VARDATA(here->bytes), at, word);
		at += word;
		(*count)++;
	}
	qsort(entry, *count, sizeof(ByteEntry), entry_compare);
	return entry;
}

Datum
byte_list_transition(FunctionCallInfo fcinfo, const char *what)
{
	bytea	   *state = PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_PP(0);
	double		weight = 1;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_BYTEA_P(state);
	}
	if (PG_NARGS() > 2)
	{
		if (PG_ARGISNULL(2))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("the weight of %s must not be null", what)));
		weight = PG_GETARG_FLOAT8(2);
		if (!(weight > 0) || isinf(weight))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the weight of %s must be a positive number, not %g", what, weight)));
	}
	PG_RETURN_BYTEA_P(byte_list_add(state, weight, PG_GETARG_BYTEA_PP(1)));
}

Datum
byte_list_combine(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0))
		PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(1));
	if (PG_ARGISNULL(1))
		PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_PP(0));
	PG_RETURN_BYTEA_P(byte_list_join(PG_GETARG_BYTEA_PP(0), PG_GETARG_BYTEA_PP(1)));
}
