/*
 * panel.c
 *	  The rows of a panel in memory: names of series, pages of rows, appending.
 *
 * All memory belongs to the object's own context.  Pointers into the arrays
 * stay valid until the next append.
 */
#include "pg/panel/panel_state.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

/* ---- names: hash tables from bytes to the number of a series, one by text and one by raw datum ---- */

typedef struct PanelName
{
	PanelKey	key;
	uint32		series;
	char		status;
} PanelName;

/* Compares and hashes the keys of integers and short names without a function call. */
static inline bool
key_equal(const PanelKey *a, const PanelKey *b)
{
	return a->head == b->head && a->len == b->len &&
		(a->len <= sizeof(uint64) || memcmp(a->bytes, b->bytes, a->len) == 0);
}

PanelKey
panel_key(const char *bytes, Size len)
{
	PanelKey	key = {bytes, 0, (uint32) len, 0};

	if (len == sizeof(uint64))
		memcpy(&key.head, bytes, sizeof(uint64));
	else
		memcpy(&key.head, bytes, Min(len, sizeof(uint64)));
	if (len <= sizeof(uint64))
	{
		/* the finaliser of splitmix64: every bit of the key reaches every bit kept */
		uint64		mixed = key.head + len;

		mixed = (mixed ^ (mixed >> 30)) * UINT64CONST(0xbf58476d1ce4e5b9);
		mixed = (mixed ^ (mixed >> 27)) * UINT64CONST(0x94d049bb133111eb);
		key.hash = (uint32) (mixed ^ (mixed >> 31));
	}
	else
		key.hash = hash_bytes((const unsigned char *) bytes, (int) len);
	return key;
}

#define SH_PREFIX panel_ids
#define SH_ELEMENT_TYPE PanelName
#define SH_KEY_TYPE PanelKey
#define SH_KEY key
#define SH_HASH_KEY(tb, k) ((k).hash)
#define SH_EQUAL(tb, a, b) key_equal(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, e) ((e)->key.hash)
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

Panel	   *
panel_create(MemoryContext parent, const ExpandedObjectMethods *methods,
			 PanelTime time, bool has_id, const char *zone, int covariates)
{
	MemoryContext context = AllocSetContextCreate(parent, "rnn_panel", ALLOCSET_START_SMALL_SIZES);
	Panel	   *panel = MemoryContextAllocZero(context, sizeof(Panel));

	EOH_init_header(&panel->hdr, methods, context);
	panel->time = time;
	panel->has_id = has_id;
	panel->covariates = covariates;
	if (zone != NULL)
		panel->time_zone = MemoryContextStrdup(context, zone);
	return panel;
}

PanelView  *
panel_new_view(PanelTime time, const char *zone, int covariates, int64 rows, int64 n_series)
{
	PanelView  *view = palloc(sizeof(PanelView));

	view->time = time;
	view->time_zone = zone;
	view->covariates = covariates;
	view->names = NULL;
	view->rows = rows;
	view->n_series = n_series;
	view->series = MemoryContextAllocHuge(CurrentMemoryContext,
										  mul_size(Max(n_series, 1), sizeof(PanelSeries)));
	return view;
}

/* Returns the new number of elements: half as many again, at least `least`, at most `most`. */
static uint32
size_grow(uint32 now, uint32 least, uint32 most)
{
	uint64		size = Max((uint64) now + now / 2, least);

	return (uint32) Min(size, most);
}

static void *
array_resize(Panel *panel, void *array, Size count, Size width)
{
	Size		bytes = mul_size(count, width);

	if (array == NULL)
		return MemoryContextAllocHuge(panel->hdr.eoh_context, bytes);
	return repalloc_huge(array, bytes);
}

static void
pages_resize(Panel *panel, uint32 size)
{
	Size		rows = (Size) size * PANEL_PAGE;

	panel->next = array_resize(panel, panel->next, size, sizeof(uint32));
	panel->ts = array_resize(panel, panel->ts, rows, sizeof(int64));
	panel->value = array_resize(panel, panel->value, rows, sizeof(double));
	if (panel->covariates > 0)
		panel->covariate = array_resize(panel, panel->covariate, rows, panel->covariates * sizeof(double));
	panel->max_pages = size;
}

/* ---- the limit of memory ---- */

int			panel_max_memory = 0;

static Size
page_bytes(const Panel *panel)
{
	return sizeof(uint32) + PANEL_PAGE * (sizeof(int64) + (1 + panel->covariates) * sizeof(double));
}

static void pg_attribute_noreturn()
memory_exceeded(const Panel *panel)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a panel of more than %.0f rows needs more than the %.1f MB of memory that forecast_rnn.max_panel_memory allows",
					(double) panel->rows, panel_max_memory / 1024.0),
			 errhint("Train on a sample of the series or rows, make a panel per group, or increase the setting.")));
}

void
panel_check_memory(const Panel *panel, Size bytes)
{
	if (panel_max_memory > 0 && panel->max_pages * page_bytes(panel) + panel->name_bytes + bytes > (Size) panel_max_memory * 1024)
		memory_exceeded(panel);
}

/* Returns the number of pages to allocate: `size`, or what the limit allows, which must be at least `least`. */
static uint32
pages_limit(const Panel *panel, uint32 size, uint32 least)
{
	Size		most;

	if (panel_max_memory == 0)
		return size;
	most = (Size) panel_max_memory * 1024;
	most -= Min(most, panel->part_bytes + panel->name_bytes);
	most /= page_bytes(panel);
	if (most < least)
		memory_exceeded(panel);
	return (uint32) Min(size, most);
}

void
panel_reserve(Panel *panel, int64 rows, uint32 series)
{
	uint64		pages = (uint64) panel->n_pages + rows / PANEL_PAGE + series;

	if (pages > panel->max_pages && pages < PG_UINT32_MAX)
	{
		uint32		size = pages_limit(panel, (uint32) pages, panel->max_pages);

		if (size > panel->max_pages)
			pages_resize(panel, size);
	}
}

void
panel_add_page(Panel *panel, PanelTrack *series)
{
	uint32		page = panel->n_pages;

	if (page == panel->max_pages)
	{
		uint32		size = size_grow(page, 4, PG_UINT32_MAX);

		if (size == page)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a panel must have at most %.0f rows", (double) PG_UINT32_MAX * PANEL_PAGE)));
		pages_resize(panel, pages_limit(panel, size, page + 1));
	}
	panel->n_pages++;
	if (series->n == 0)
		series->first = page;
	else
		panel->next[series->last] = page;
	series->last = page;
}

uint32
panel_series(Panel *panel, const char *id, uint32 id_len)
{
	MemoryContext context = panel->hdr.eoh_context;
	PanelKey	key = panel_key(id, id_len);
	PanelName  *name;
	PanelTrack *track;
	bool		found;

	if (panel->by_id == NULL)
		panel->by_id = panel_ids_create(context, 4, NULL);
	name = panel_ids_lookup(panel->by_id, key);
	if (name != NULL)
		return name->series;

	if (id_len > PANEL_MAX_ID)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the text of a series must have at most %d bytes, not %u", PANEL_MAX_ID, id_len)));
	/* the name, also as the argument that it came from, and its places in arrays and tables, which grow by halves */
	panel->name_bytes += 2 * (id_len + 1) + 2 * sizeof(PanelTrack) + 4 * sizeof(PanelName);
	panel_check_memory(panel, panel->part_bytes);
	if (panel->n_series == panel->max_series)
	{
		uint32		size = size_grow(panel->max_series, 4, PANEL_MAX_SERIES);

		if (size == panel->max_series)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a panel must have at most %d series", PANEL_MAX_SERIES)));
		panel->series = array_resize(panel, panel->series, size, sizeof(PanelTrack));
		panel->max_series = size;
	}
	key.bytes = MemoryContextAllocZero(context, id_len + 1);
	memcpy((char *) key.bytes, id, id_len);
	name = panel_ids_insert(panel->by_id, key, &found);
	name->series = panel->n_series;

	track = &panel->series[panel->n_series++];
	memset(track, 0, sizeof(PanelTrack));
	track->id = key.bytes;
	track->id_len = id_len;
	track->sorted = true;
	track->follower = name->series;
	track->key_len = PANEL_NO_KEY;
	panel->settled = false;
	return name->series;
}

#define GUESS_PATIENCE	16		/* wrong guesses in a row */
#define GUESS_AGAIN		32		/* rows */

static inline bool
track_has_key(const PanelTrack *track, const PanelKey *key)
{
	if (track->key_len != key->len || track->key_len == PANEL_NO_KEY)
		return false;
	return key->len <= sizeof(uint64) ? track->key.head == key->head : memcmp(track->key.bytes, key->bytes, key->len) == 0;
}

/*
 * Asks the processor for what the next two rows will need if the series follow
 * each other as they did last time: where the row of the next one goes, and the one after it.
 */
static inline void
fetch_followers(const Panel *panel, const PanelTrack *track)
{
	const PanelTrack *next = &panel->series[track->follower];
	const PanelTrack *after = &panel->series[next->follower];

	if (next->n % PANEL_PAGE != 0)
	{
		Size		row = (Size) next->last * PANEL_PAGE + next->n % PANEL_PAGE;

		__builtin_prefetch(&panel->ts[row], 1);
		__builtin_prefetch(&panel->value[row], 1);
	}
	if (next->key_len > sizeof(uint64) && next->key_len != PANEL_NO_KEY)
		__builtin_prefetch(next->key.bytes);
	__builtin_prefetch(after, 1);
	__builtin_prefetch((const char *) (after + 1) - 1, 1);
}

/*
 * Rows in order of time come in the same order of series again and again, each of
 * another series than the one before.  So the series of the row before, and the one that
 * followed that last time, are compared first, and the next ones are fetched ahead.
 */
int64
panel_find_raw(Panel *panel, const PanelKey *key)
{
	PanelTrack *before;
	PanelName  *name;
	uint32		series;

	if (panel->by_raw == NULL)
		return -1;
	before = &panel->series[panel->raw_series];
	if (track_has_key(before, key))
		return panel->raw_series;
	series = before->follower;
	/* where series come in no order, a wrong guess costs as much as the table: it is tried seldom */
	if ((panel->wrong < GUESS_PATIENCE || panel->rows % GUESS_AGAIN == 0) && track_has_key(&panel->series[series], key))
	{
		panel->wrong = 0;
		fetch_followers(panel, &panel->series[series]);
	}
	else
	{
		name = panel_ids_lookup(panel->by_raw, *key);
		if (name == NULL)
			return -1;
		series = before->follower = name->series;
		if (panel->wrong < GUESS_PATIENCE)
			panel->wrong++;
	}
	panel->raw_series = series;
	return series;
}

void
panel_note_raw(Panel *panel, const PanelKey *key, uint32 series)
{
	MemoryContext context = panel->hdr.eoh_context;
	PanelTrack *track = &panel->series[series];
	PanelKey	kept = *key;
	PanelName  *name;
	bool		found;

	kept.bytes = MemoryContextAlloc(context, Max(key->len, 1));
	memcpy((char *) kept.bytes, key->bytes, key->len);
	if (panel->by_raw == NULL)
	{
		panel->by_raw = panel_ids_create(context, 4, NULL);
		panel->raw_series = series;
	}
	name = panel_ids_insert(panel->by_raw, kept, &found);
	name->series = series;
	/* an argument may be written in several ways that have one text; the others are found by the table */
	if (track->key_len == PANEL_NO_KEY && kept.len < PANEL_NO_KEY)
	{
		track->key_len = (uint16) kept.len;
		if (kept.len <= sizeof(uint64))
			track->key.head = kept.head;
		else
			track->key.bytes = kept.bytes;
	}
	panel->series[panel->raw_series].follower = series;
	panel->raw_series = series;
}

void
panel_append_view(Panel *panel, const PanelView *view)
{
	int64		s,
				i;

	panel_reserve(panel, view->rows, (uint32) view->n_series);
	for (s = 0; s < view->n_series; s++)
	{
		const PanelSeries *from = &view->series[s];
		uint32		to = panel_series(panel, from->id, strlen(from->id));
		const double *covariate = from->covariate;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < from->n; i++)
		{
			if (i % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			panel_append(panel, to, from->ts[i], from->value[i], covariate);
			if (covariate != NULL)
				covariate += view->covariates;
		}
	}
}
