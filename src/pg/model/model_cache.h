/*
 * model_cache.h
 *	  Forecasters as this backend has read them before.
 */
#ifndef FRNN_PG_MODEL_CACHE_H
#define FRNN_PG_MODEL_CACHE_H

#include "pg/server/compat.h"
#include "pg/model/forecaster.h"

/* what the networks say to the model's own history, so many steps ahead */
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
 * The model of this bytea, validated.  It stays until the next call of this
 * function, or, too large to be kept, as long as the current memory context.
 */
extern CachedModel *model_cache_get(Datum model);

/* answers for that horizon, found or to be filled; NULL where they are too many to be kept */
extern KeptAnswers *model_cache_answers(CachedModel *cached, int steps);

#endif
