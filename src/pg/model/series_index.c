/*
 * series_index.c
 *	  Series of a model by name.
 */
#include "pg/model/series_index.h"

#include "common/hashfn.h"
#include "pg/server/bridge.h"
#include "utils/hsearch.h"

typedef struct SeriesEntry
{
	const char *id;				/* key */
	int64		index;
} SeriesEntry;

struct SeriesIndex
{
	HTAB	   *table;
};

static uint32
series_hash(const void *key, Size size)
{
	const char *id = *(const char *const *) key;

	return hash_bytes((const unsigned char *) id, strlen(id));
}

static int
series_match(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

SeriesIndex *
series_index_create(const ForecastModel *model)
{
	SeriesIndex *index = palloc(sizeof(SeriesIndex));
	HASHCTL		control;
	int64		s;

	memset(&control, 0, sizeof(control));
	control.keysize = sizeof(const char *);
	control.entrysize = sizeof(SeriesEntry);
	control.hash = series_hash;
	control.match = series_match;
	control.hcxt = CurrentMemoryContext;
	index->table = hash_create("forecast_rnn series", Max(model->series, 1), &control,
							   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	for (s = 0; s < model->series; s++)
	{
		SeriesEntry *entry = hash_search(index->table, &model->id[s], HASH_ENTER, NULL);

		entry->index = s;
	}
	return index;
}

int64
series_index_find(SeriesIndex *index, const char *id)
{
	SeriesEntry *entry = hash_search(index->table, &id, HASH_FIND, NULL);

	return entry ? entry->index : -1;
}

int64	   *
forecast_model_known(const ForecastModel *model, const PanelView *panel)
{
	SeriesIndex *index;
	int64	   *known;
	int64		s;

	if (model->core.recipe.statics == 0)
		return NULL;
	index = series_index_create(model);
	known = frnn_allocate(sizeof(int64) * panel->n_series, "the series");
	for (s = 0; s < panel->n_series; s++)
		known[s] = model->core.recipe.pooled ? -1 : series_index_find(index, panel->series[s].id);
	hash_destroy(index->table);
	return known;
}
