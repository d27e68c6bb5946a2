/*
 * series_index.h
 *	  Series of a model by name.
 */
#ifndef FRNN_PG_SERIES_INDEX_H
#define FRNN_PG_SERIES_INDEX_H

#include "pg/model/forecaster.h"

typedef struct SeriesIndex SeriesIndex;

/* Returns an index of the model's series in the current context; names stay the model's. */
extern SeriesIndex *series_index_create(const ForecastModel *model);

/* Returns the number of a series in the model, -1 if it was not in training. */
extern int64 series_index_find(SeriesIndex *index, const char *id);

/* Returns the number of each series of a panel in the model, -1 if it was not in training; NULL without static covariates. */
extern int64 *forecast_model_known(const ForecastModel *model, const PanelView *panel);

#endif
