/*
 * step_result.h
 *	  The row that rnn_step returns.
 */
#ifndef FRNN_PG_STEP_RESULT_H
#define FRNN_PG_STEP_RESULT_H

#include "pg/forecast/stream.h"

/* A row and the forecast of it that the state held. */
typedef struct StepComparison
{
	double		value;			/* NAN if missing */
	double		expected;
	double		lower;
	double		upper;
	double		probability;	/* of an anomaly; NAN if unknown */
	int64		missing;		/* rows before it that never came */
} StepComparison;

/*
 * Returns the confidence level of the interval whose bound is y, interpolated
 * between the levels of the state; the highest level if y is outside of all
 * intervals, NAN if there are none.
 */
extern double step_anomaly_probability(const Stream *stream, double y);

/* Returns the result of a step: the new state, the comparison, and the forecasts of the next rows. */
extern Datum step_result(FunctionCallInfo fcinfo, const Stream *stream, const StepComparison *before, const StreamForecast *forecast);

/*
 * Returns the result of a row that is left out because it came late: the state
 * as it was, which is argument 1, and the forecast of the next row that it holds.
 */
extern Datum step_late(FunctionCallInfo fcinfo, const Stream *stream);

#endif
