/*
 * rolling.h
 *	  Rolling-origin evaluation: forecasts from many origins of the series of a
 *	  panel, with the actual values.  Back-tests, evaluations, fitted values and
 *	  anomalies are consumers of it.
 */
#ifndef FRNN_PG_ROLLING_H
#define FRNN_PG_ROLLING_H

#include "pg/server/compat.h"
#include "core/forecast/predict.h"
#include "pg/forecast/forecast_input.h"
#include "pg/server/rows.h"

typedef struct Rolling
{
	ForecastInput *input;
	int			steps;			/* forecast at each origin */
	int			levels;
	const double *confidence;	/* (levels) */
	int			period;			/* the shortest season; 1: none */
	void	   *block;			/* work memory of the core */
	bool		reach;			/* intervals hold both levels after an outlier or a new level */
	void	   *recent;			/* that of frnn_recent_widening; NULL: intervals keep the widths of the training */
	MemoryContext context;		/* of the call; its bytes are compared with the limit */
} Rolling;

/* Receives forecasts of one series from some of its origins: point (origins, steps), bounds (levels, origins, steps). */
typedef void (*RollingConsumer) (const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg);

/*
 * Prepares rolling origins over the series of `input`.  steps: 0 takes the
 * model's horizon.  context: the call's own, an ancestor of the current one.
 */
extern Rolling *rolling_create(ForecastInput *input, int steps, int levels, const double *confidence,
							   MemoryContext context);

/*
 * Gives the intervals of rnn_forecast: errors since the training widen or narrow them (recent_error.h), and they hold both
 * levels after an outlier or a new level.
 */
extern void rolling_as_forecast(Rolling *rolling);

/*
 * Forecasts from the origins `from`, from + stride, .. `to` of a series and
 * calls the consumer with the results of some origins at a time.  A forecast
 * uses no values at or after its origin (but covariates).
 */
extern void rolling_series(Rolling *rolling, int64 series, int64 from, int64 to, int64 stride,
						   RollingConsumer consumer, void *arg);

/*
 * Returns the first row of a series to evaluate: the first one after the rows
 * that the model was trained on.  If the panel has none, or the model was not
 * trained on the series, the last `steps` rows are evaluated.  hold_out > 0:
 * the last hold_out rows.
 */
extern int64 rolling_first(const Rolling *rolling, int64 series, int64 hold_out);

/* Issues a NOTICE if no series has rows for one forecast from rolling_first on. */
extern void rolling_notice_none(const Rolling *rolling, int64 hold_out);

/*
 * Chooses the naive forecast of a series: the last value, or the value the best
 * of its seasons ago if its mean absolute error over the horizon is smaller on the rows
 * before `first`.  Returns the season's rows, 1 for the last value.
 */
extern int	rolling_naive_period(const Rolling *rolling, int64 series, int64 first);

/* Returns the name of a naive forecast: "last value", "value 24 rows ago". */
extern char *rolling_naive_method(int period);

/* Writes the naive forecast of an origin to out (steps). */
extern void rolling_naive(const Rolling *rolling, int64 series, int64 origin, int period, double *out);

/*
 * Returns true if the model was trained on rows of the series at or after `first`, or may have been because it keeps
 * no series.
 */
extern bool rolling_in_sample(const Rolling *rolling, int64 series, int64 first);

/* Returns the mean absolute naive error over the rows before `first` (MASE's scale), NaN if there is none. */
extern double rolling_scale(const Rolling *rolling, int64 series, int64 first);

/* Returns the timestamp of a row, in units of the axis. */
extern int64 rolling_timestamp(const Rolling *rolling, int64 series, int64 row);

/* Writes the timestamp of a row as a column of type timestamptz; NULL on an integer axis. */
extern void rolling_put_timestamp(const Rolling *rolling, int64 series, int64 row, RowWriter *rows);

/* Writes a row's number as a column of type bigint: the time of an integer axis, else the row of the grid. */
extern void rolling_put_index(const Rolling *rolling, int64 series, int64 row, RowWriter *rows);

#endif
