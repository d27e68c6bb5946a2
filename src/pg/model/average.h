/*
 * average.h
 *	  Models joined from models: see core/forecast/average.h.
 */
#ifndef FRNN_PG_AVERAGE_H
#define FRNN_PG_AVERAGE_H

#include "pg/model/forecaster.h"

/* Returns the bytes, in that context, of a model that was read and changed. */
extern bytea *forecast_model_rewrite(const ForecastModel *model, MemoryContext context);

#endif
