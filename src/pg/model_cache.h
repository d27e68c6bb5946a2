/*
 * model_cache.h
 *	  Forecasters as this backend has read them before.
 */
#ifndef FRNN_PG_MODEL_CACHE_H
#define FRNN_PG_MODEL_CACHE_H

#include "compat.h"
#include "pg/forecaster.h"

typedef struct CachedModel
{
	ForecastModel *model;		/* do not change */
	FrnnOptions *options;		/* the model's own */
	SeriesIndex *names;
	char		checksum[ST_DIGITS + 1];	/* of its bytes */
} CachedModel;

/*
 * The model of this bytea, validated.  It stays until the next call of this
 * function, or, too large to be kept, as long as the current memory context.
 */
extern const CachedModel *model_cache_get(Datum model);

#endif
