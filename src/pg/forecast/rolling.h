/*
 * rolling.h
 *	  Rolling origins: forecasts from many origins of the series of a panel,
 *	  beside what came.  Back-tests, evaluations, fitted values and anomalies
 *	  are consumers of it.
 */
#ifndef FRNN_PG_JUDGE_H
#define FRNN_PG_JUDGE_H

#include "pg/server/compat.h"
#include "pg/forecast/forecast_input.h"

typedef struct Judge
{
	ForecastInput *input;
	int			steps;			/* forecast at each origin */
	int			levels;
	const double *confidence;	/* (levels) */
	int			period;			/* of the naive forecast; 1: last value */
	void	   *block;			/* lent to the core */
	MemoryContext context;		/* of the call: what it holds counts */
} Judge;

/* forecasts of one series from some of its origins, point (origins, steps), bounds (levels, origins, steps) */
typedef void (*JudgeConsumer) (const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg);

/* steps: 0 takes the model's horizon */
extern Judge *judge_create(ForecastInput *input, int steps, int levels, const double *confidence);

/*
 * Forecast from the origins `from`, from + stride, .. `to` of a series and hand
 * the results to the consumer, some origins at a time.  Rows at or after an
 * origin are never looked at for its forecast (their covariates are).
 */
extern void judge_series(Judge *judge, int64 series, int64 from, int64 to, int64 stride,
						 JudgeConsumer consumer, void *arg);

/*
 * Which rows of a series are judged by default: those after the rows the model
 * was trained on; where the panel has none, or the model does not know the
 * series, the last `steps`.  hold_out > 0: the last so many rows.
 */
extern int64 judge_first(const Judge *judge, int64 series, int64 hold_out);

/* the naive forecast of an origin */
extern void judge_naive(const Judge *judge, int64 series, int64 origin, double *out);

/* mean absolute naive error over rows 1 .. first - 1 (MASE's scale), NaN where there is none */
extern double judge_scale(const Judge *judge, int64 series, int64 first);

/* the stamp of a row */
extern int64 judge_stamp(const Judge *judge, int64 series, int64 row);

/* series id, or NULL for a panel of one series without a name */
extern void judge_put_id(const Judge *judge, int64 series, Datum *value, bool *null, int column);

#endif
