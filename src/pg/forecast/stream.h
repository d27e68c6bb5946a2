/*
 * stream.h
 *	  Forecasting row by row: rows are appended to a state (stream_state.h),
 *	  and the rows after them are forecast.
 */
#ifndef FRNN_PG_STREAM_H
#define FRNN_PG_STREAM_H

#include "pg/forecast/stream_state.h"
#include "utils/array.h"

typedef struct StreamForecast
{
	double	   *point;			/* (steps) */
	double	   *error;
	double	   *lower;
	double	   *upper;
	FrnnSeriesStatus status;
} StreamForecast;

/* Raises an error for a model whose networks need the rows after a row: bidirectional ones. */
extern void stream_check_model(const ForecastModel *model);

/* Appends a row; removes the oldest one if there are more than the model uses.  filled: the value is a substitute.  covariate: the panel's own; NULL: unknown. */
extern void stream_append(Stream *stream, double value, bool filled, const double *covariate);

/*
 * Writes the covariates of the next rows: the calendar's are computed, others as
 * given (rows of the panel's own, in order; NULL: none) or NaN.
 */
extern void stream_future_covariates(Stream *stream, ArrayType *given);

/*
 * Forecasts the steps after the rows kept, and keeps the forecast of the next row
 * in the state.  In sequence mode this advances the networks' state by one step.
 * The arrays of *out are in the current context.
 */
extern void stream_forecast(Stream *stream, int steps, StreamForecast *out);

#endif
