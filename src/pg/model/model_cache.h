/*
 * model_cache.h
 *	  Forecasters as this backend has read them before.
 */
#ifndef FRNN_PG_MODEL_CACHE_H
#define FRNN_PG_MODEL_CACHE_H

#include "pg/server/compat.h"
#include "pg/model/series_index.h"

/* outputs of the networks for the model's own history, for one number of steps */
typedef struct KeptAnswers
{
	int			steps;
	size_t		floats;			/* of one series */
	float	   *answer;			/* (series, floats) */
	bool	   *answered;		/* (series) */
} KeptAnswers;

#define CACHE_ANSWERS	4		/* horizons a model */

typedef struct CachedModel
{
	ForecastModel *model;		/* do not change */
	FrnnOptions *options;		/* the model's own */
	SeriesIndex *names;
	char		checksum[ST_DIGITS + 1];	/* of its bytes */
	MemoryContext context;		/* lives as long */
	KeptAnswers answers[CACHE_ANSWERS];
	int			next_answers;	/* the one to be replaced */
} CachedModel;

/*
 * Returns the validated model of this bytea.  It lives until the next call of
 * this function or, if too large for the cache, as long as the current memory
 * context.
 */
extern CachedModel *model_cache_get(Datum model);

/* Returns cached outputs for that number of steps, found or to be filled; NULL if they are too large. */
extern KeptAnswers *model_cache_answers(CachedModel *cached, int steps);

#endif
