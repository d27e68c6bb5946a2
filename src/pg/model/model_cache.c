/*
 * model_cache.c
 *	  Forecasters as this backend has read them before, so that a query that
 *	  forecasts row by row validates and unpacks a model once.
 *
 * An entry keeps a copy of the bytes it was read from.  A model is taken from
 * the cache only if all bytes are equal, so the cache needs no invalidation.
 * Within one transaction a model stored out of line is also found by its place
 * in the TOAST table, without being fetched: a stored value never changes, and
 * its place is reused only after 2^32 other values.  Each entry has a memory context of its own below
 * CacheMemoryContext.  The least recently used ones are dropped when their
 * number or size passes the limits.
 */
#include "pg/model/model_cache.h"

#include "access/detoast.h"
#include "lib/ilist.h"
#include "core/forecast/predict.h"
#include "pg/server/bridge.h"
#include "storage/proc.h"
#include "utils/memutils.h"

#define CACHE_MODELS	64
#define CACHE_LARGEST	(8 * 1024 * 1024)	/* larger models are read each time */
#define CACHE_BYTES		(32 * 1024 * 1024)	/* of model bytes; unpacked they take about three times that */
#define CACHE_FLOATS	4096	/* of the cached outputs for one horizon */

typedef struct CacheEntry
{
	dlist_node	node;
	MemoryContext context;
	bytea	   *bytes;
	struct varatt_external place;	/* in the TOAST table, ... */
	LocalTransactionId transaction; /* ... seen in this transaction */
	CachedModel cached;
} CacheEntry;

static dlist_head cache = DLIST_STATIC_INIT(cache);
static int	cache_models = 0;
static Size cache_bytes = 0;

static void
cache_drop(CacheEntry *entry)
{
	dlist_delete(&entry->node);
	cache_models--;
	cache_bytes -= VARSIZE(entry->bytes);
	MemoryContextDelete(entry->context);
}

/* Drops entries above the limits, least recently used first; the newest stays. */
static void
cache_trim(void)
{
	while ((cache_models > CACHE_MODELS || cache_bytes > CACHE_BYTES) && cache_models > 1)
		cache_drop(dlist_container(CacheEntry, node, dlist_tail_node(&cache)));
}

static CacheEntry *
cache_find_stored(const struct varlena *value)
{
	struct varatt_external place;
	dlist_iter	iter;

	if (!VARATT_IS_EXTERNAL_ONDISK(value))
		return NULL;
	VARATT_EXTERNAL_GET_POINTER(place, value);
	dlist_foreach(iter, &cache)
	{
		CacheEntry *entry = dlist_container(CacheEntry, node, iter.cur);

		if (entry->transaction == frnn_transaction() && memcmp(&entry->place, &place, sizeof(place)) == 0)
			return entry;
	}
	return NULL;
}

static CacheEntry *
cache_find_bytes(bytea *bytes)
{
	dlist_iter	iter;

	dlist_foreach(iter, &cache)
	{
		CacheEntry *entry = dlist_container(CacheEntry, node, iter.cur);

		if (VARSIZE(entry->bytes) - VARHDRSZ == VARSIZE_ANY_EXHDR(bytes) &&
			memcmp(VARDATA(entry->bytes), VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)) == 0)
			return entry;
	}
	return NULL;
}

/* Reads a model in a context of its own, which joins the cache if the model is valid. */
static CacheEntry *
cache_read(bytea *bytes)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn model", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CacheEntry *entry = palloc0(sizeof(CacheEntry));
	Size		size = VARSIZE_ANY_EXHDR(bytes);

	entry->context = context;
	entry->bytes = MemoryContextAllocHuge(context, size + VARHDRSZ);
	SET_VARSIZE(entry->bytes, size + VARHDRSZ);
	memcpy(VARDATA(entry->bytes), VARDATA_ANY(bytes), size);
	entry->cached.model = forecast_model_read(entry->bytes);
	entry->cached.options = frnn_options_parse(model_options(entry->cached.model->model, NULL), SCOPE_PANEL);
	entry->cached.names = series_index_create(entry->cached.model);
	entry->cached.context = context;
	memcpy(entry->cached.checksum, VARDATA(entry->bytes) + ST_DIGITS_AT, ST_DIGITS);
	MemoryContextSwitchTo(old);
	if (size > CACHE_LARGEST)
		return entry;
	MemoryContextSetParent(context, CacheMemoryContext);
	dlist_push_head(&cache, &entry->node);
	cache_models++;
	cache_bytes += size + VARHDRSZ;
	return entry;
}

/* Returns the entry of these bytes, read if it is not cached. */
static CacheEntry *
cache_fetch(struct varlena *value)
{
	bytea	   *bytes = DatumGetByteaPP(PointerGetDatum(value));
	CacheEntry *entry = cache_find_bytes(bytes);

	if (entry == NULL)
	{
		entry = cache_read(bytes);
		cache_trim();
	}
	if (VARATT_IS_EXTERNAL_ONDISK(value))
	{
		VARATT_EXTERNAL_GET_POINTER(entry->place, value);
		entry->transaction = frnn_transaction();
	}
	if (bytes != value)
		pfree(bytes);
	return entry;
}

CachedModel *
model_cache_get(Datum model)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(model);
	CacheEntry *entry = cache_find_stored(value);

	if (entry == NULL)
		entry = cache_fetch(value);
	if (entry->node.next != NULL)
		dlist_move_head(&cache, &entry->node);
	return &entry->cached;
}

/* The history of a model does not change, so the outputs of its networks for it do not either. */
KeptAnswers *
model_cache_answers(CachedModel *cached, int steps)
{
	size_t		floats = frnn_answer_floats(&cached->model->core, steps);
	int64		series = cached->model->series;
	KeptAnswers *kept;
	int			i;

	if (floats == 0 || floats > CACHE_FLOATS || series > CACHE_FLOATS / (int64) floats)
		return NULL;
	for (i = 0; i < CACHE_ANSWERS; i++)
		if (cached->answers[i].steps == steps)
			return &cached->answers[i];
	kept = &cached->answers[cached->next_answers];
	cached->next_answers = (cached->next_answers + 1) % CACHE_ANSWERS;
	if (kept->answer)
	{
		pfree(kept->answer);
		pfree(kept->answered);
	}
	memset(kept, 0, sizeof(*kept));
	kept->answered = MemoryContextAllocZero(cached->context, sizeof(bool) * series);
	kept->answer = MemoryContextAlloc(cached->context, sizeof(float) * floats * series);
	kept->floats = floats;
	kept->steps = steps;
	return kept;
}
