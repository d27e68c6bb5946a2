/*
 * byte_list.c
 *	  See byte_list.h.
 */
#include "pg/bytes/byte_list.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#define MAGIC_BYTES 8
#define HEAD_BYTES 16			/* of an entry */
#define ENTRY_MEMORY 64			/* of an entry beside its bytes, at most */

static const char magic[MAGIC_BYTES] = {'r', 'n', 'n', 'l', 'i', 's', 't', '1'};

/* between this machine's byte order and little-endian */
static uint64
little(uint64 word)
{
#ifdef WORDS_BIGENDIAN
	return pg_bswap64(word);
#else
	return word;
#endif
}

/* the expanded object; all of it is in the object's context */
typedef struct ByteList
{
	ExpandedObjectHeader hdr;
	Size		size;			/* without the length word when it is flat */
	int			count;
	int			room;
	ByteEntry  *entry;			/* (room) */
} ByteList;

static void
list_check(bool valid)
{
	if (!valid)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the state of the aggregate is not valid")));
}

/* ---- the expanded object ---- */

static Size
list_flat_size(ExpandedObjectHeader *object)
{
	return VARHDRSZ + ((ByteList *) object)->size;
}

static void
list_flatten_into(ExpandedObjectHeader *object, void *result, Size size)
{
	ByteList   *list = (ByteList *) object;
	char	   *at = VARDATA(result);
	int			i;

	SET_VARSIZE(result, size);
	memcpy(at, magic, MAGIC_BYTES);
	at += MAGIC_BYTES;
	for (i = 0; i < list->count; i++)
	{
		const bytea *bytes = list->entry[i].bytes;
		uint64		length = VARSIZE(bytes) - VARHDRSZ;
		uint64		word;

		memcpy(&word, &list->entry[i].weight, sizeof(word));
		word = little(word);
		memcpy(at, &word, sizeof(word));
		word = little(length);
		memcpy(at + 8, &word, sizeof(word));
		memcpy(at + HEAD_BYTES, VARDATA(bytes), length);
		at += HEAD_BYTES + length;
		CHECK_FOR_INTERRUPTS();
	}
}

static const ExpandedObjectMethods list_methods = {list_flat_size, list_flatten_into};

/* Returns an empty list in a context of its own below `parent`. */
static ByteList *
list_new(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "byte list", ALLOCSET_DEFAULT_SIZES);
	ByteList   *list = MemoryContextAllocZero(context, sizeof(ByteList));

	EOH_init_header(&list->hdr, &list_methods, context);
	list->size = MAGIC_BYTES;
	list->room = 16;
	list->entry = MemoryContextAlloc(context, sizeof(ByteEntry) * list->room);
	return list;
}

/* Adds an entry.  Its bytes must have been copied into the object's context. */
static void
list_put(ByteList *list, double weight, bytea *bytes)
{
	if (list->count == list->room)
	{
		list->entry = repalloc_huge(list->entry, sizeof(ByteEntry) * list->room * 2);
		list->room *= 2;
	}
	list->size += HEAD_BYTES + VARSIZE(bytes) - VARHDRSZ;
	list->entry[list->count++] = (ByteEntry)
	{
		weight, bytes
	};
}

/* Adds a copy of bytes to a list, which is as it was if that fails. */
static void
list_add(ByteList *list, double weight, const char *data, Size length)
{
	bytea	   *bytes;

	/* many short entries take more memory than bytes */
	if (list->size + HEAD_BYTES + length + (Size) list->count * ENTRY_MEMORY > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the models to be combined take more than 1 GB"),
				 errhint("Combine groups of them first, or set keep_history to false.")));
	bytes = MemoryContextAlloc(list->hdr.eoh_context, VARHDRSZ + length);
	SET_VARSIZE(bytes, VARHDRSZ + length);
	memcpy(VARDATA(bytes), data, length);
	list_put(list, weight, bytes);
	CHECK_FOR_INTERRUPTS();
}

/* ---- flat lists, which are untrusted ---- */

/* Adds the entries of a flat list to another one. */
static void
list_add_flat(ByteList *list, const bytea *flat)
{
	const char *at = VARDATA_ANY(flat);
	const char *end = at + VARSIZE_ANY_EXHDR(flat);

	list_check(end - at >= MAGIC_BYTES && memcmp(at, magic, MAGIC_BYTES) == 0);
	at += MAGIC_BYTES;
	while (at < end)
	{
		double		weight;
		uint64		word;

		list_check(end - at >= HEAD_BYTES);
		memcpy(&word, at, sizeof(word));
		word = little(word);
		memcpy(&weight, &word, sizeof(word));
		memcpy(&word, at + 8, sizeof(word));
		word = little(word);
		at += HEAD_BYTES;
		list_check(word <= (uint64) (end - at) && weight > 0 && !isinf(weight));
		list_add(list, weight, at, word);
		at += word;
	}
}

/* Returns the list behind a datum, NULL if it is flat. */
static ByteList *
list_expanded(Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return NULL;
	return DatumGetEOHP(datum)->eoh_methods == &list_methods ? (ByteList *) DatumGetEOHP(datum) : NULL;
}

/* Adds all entries of a datum. */
static void
list_add_datum(ByteList *list, Datum datum)
{
	ByteList   *other = list_expanded(datum);
	int			count = other ? other->count : 0;	/* the lists may be one */
	int			i;

	if (other == NULL)
	{
		list_add_flat(list, DatumGetByteaPP(datum));
		return;
	}
	for (i = 0; i < count; i++)
		list_add(list, other->entry[i].weight, VARDATA(other->entry[i].bytes), VARSIZE(other->entry[i].bytes) - VARHDRSZ);
}

/* Returns the state, argument 0, as a list that may be changed, in the context of the aggregate. */
static ByteList *
list_of_state(FunctionCallInfo fcinfo)
{
	MemoryContext parent;
	ByteList   *list;

	if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))) &&
		(list = list_expanded(PG_GETARG_DATUM(0))) != NULL)
		return list;
	if (!AggCheckCallContext(fcinfo, &parent))
		parent = CurrentMemoryContext;
	list = list_new(parent);
	if (!PG_ARGISNULL(0))
		list_add_datum(list, PG_GETARG_DATUM(0));
	return list;
}

/* ---- what aggregates call ---- */

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
byte_list_read(Datum state, int *count)
{
	ByteList   *list = list_expanded(state);
	ByteEntry  *entry;

	if (list == NULL)
	{
		list = list_new(CurrentMemoryContext);
		list_add_datum(list, state);
	}
	list_check(list->count > 0);
	entry = palloc(sizeof(ByteEntry) * list->count);
	memcpy(entry, list->entry, sizeof(ByteEntry) * list->count);
	qsort(entry, list->count, sizeof(ByteEntry), entry_compare);
	*count = list->count;
	return entry;
}

Datum
byte_list_transition(FunctionCallInfo fcinfo, const char *what)
{
	ByteList   *list;
	bytea	   *bytes;
	double		weight = 1;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
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
	bytes = PG_GETARG_BYTEA_PP(1);
	list = list_of_state(fcinfo);
	list_add(list, weight, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	PG_RETURN_DATUM(EOHPGetRWDatum(&list->hdr));
}

Datum
byte_list_combine(FunctionCallInfo fcinfo)
{
	ByteList   *list;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	list = list_of_state(fcinfo);
	list_add_datum(list, PG_GETARG_DATUM(1));
	PG_RETURN_DATUM(EOHPGetRWDatum(&list->hdr));
}
