/*
 * metric.c
 *	  Forecast accuracy as plain aggregates over any table: rnn_mae, rnn_rmse,
 *	  rnn_mape, rnn_smape, rnn_mase, rnn_pinball, rnn_coverage.
 *
 * All share one state, float8[2] = {rows counted, sum}, changed in place inside
 * an aggregate, as the server's own float8_accum does.  The transition
 * functions are strict: a row with a NULL argument does not count.  Partial
 * states are combined by adding, so they run in parallel plans.
 */
#include "pg/server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(rnn_metric_absolute);
PG_FUNCTION_INFO_V1(rnn_metric_squared);
PG_FUNCTION_INFO_V1(rnn_metric_percentage);
PG_FUNCTION_INFO_V1(rnn_metric_symmetric);
PG_FUNCTION_INFO_V1(rnn_metric_scaled);
PG_FUNCTION_INFO_V1(rnn_metric_pinball);
PG_FUNCTION_INFO_V1(rnn_metric_covered);
PG_FUNCTION_INFO_V1(rnn_metric_combine);
PG_FUNCTION_INFO_V1(rnn_metric_mean);
PG_FUNCTION_INFO_V1(rnn_metric_root);

typedef struct MetricState
{
	double		n;
	double		sum;
} MetricState;

static MetricState *
metric_data(ArrayType *array)
{
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != 2 || ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an accuracy aggregate must be a float8 array of two elements")));
	return (MetricState *) ARR_DATA_PTR(array);
}

/* the state with one more error counted; our own copy unless an aggregate lends its own */
static Datum
metric_add(FunctionCallInfo fcinfo, double error)
{
	ArrayType  *array = AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0) : PG_GETARG_ARRAYTYPE_P_COPY(0);
	MetricState *state = metric_data(array);

	state->n += 1;
	state->sum += error;
	PG_RETURN_ARRAYTYPE_P(array);
}

/* (actual, forecast): |y - f| */
Datum
rnn_metric_absolute(PG_FUNCTION_ARGS)
{
	return metric_add(fcinfo, fabs(PG_GETARG_FLOAT8(1) - PG_GETARG_FLOAT8(2)));
}

Datum
rnn_metric_squared(PG_FUNCTION_ARGS)
{
	double		error = PG_GETARG_FLOAT8(1) - PG_GETARG_FLOAT8(2);

	return metric_add(fcinfo, error * error);
}

/* 100 |y - f| / |y|; rows with y = 0 have no percentage and do not count */
Datum
rnn_metric_percentage(PG_FUNCTION_ARGS)
{
	double		actual = PG_GETARG_FLOAT8(1);

	if (actual == 0)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	return metric_add(fcinfo, 100 * fabs((actual - PG_GETARG_FLOAT8(2)) / actual));
}

/* 200 |y - f| / (|y| + |f|), M4's form; 0 where both are 0 */
Datum
rnn_metric_symmetric(PG_FUNCTION_ARGS)
{
	double		actual = PG_GETARG_FLOAT8(1);
	double		forecast = PG_GETARG_FLOAT8(2);
	double		size = fabs(actual) + fabs(forecast);

	return metric_add(fcinfo, size > 0 ? 200 * fabs(actual - forecast) / size : 0);
}

/* |y - f| / scale, scale being the naive forecast's mean absolute error on the training rows (Hyndman & Koehler 2006) */
Datum
rnn_metric_scaled(PG_FUNCTION_ARGS)
{
	double		scale = PG_GETARG_FLOAT8(3);

	if (!(scale > 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the scale of rnn_mase must be positive, not %g", scale)));
	return metric_add(fcinfo, fabs(PG_GETARG_FLOAT8(1) - PG_GETARG_FLOAT8(2)) / scale);
}

/* quantile loss: p (y - f) above the forecast, (1 - p)(f - y) below (Koenker & Bassett 1978) */
Datum
rnn_metric_pinball(PG_FUNCTION_ARGS)
{
	double		error = PG_GETARG_FLOAT8(1) - PG_GETARG_FLOAT8(2);
	double		p = PG_GETARG_FLOAT8(3);

	if (!(p > 0 && p < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the quantile of rnn_pinball must be between 0 and 1, not %g", p)));
	return metric_add(fcinfo, error >= 0 ? p * error : (p - 1) * error);
}

/* 1 where lower <= y <= upper */
Datum
rnn_metric_covered(PG_FUNCTION_ARGS)
{
	double		actual = PG_GETARG_FLOAT8(1);

	return metric_add(fcinfo, actual >= PG_GETARG_FLOAT8(2) && actual <= PG_GETARG_FLOAT8(3) ? 1 : 0);
}

Datum
rnn_metric_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *array = AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0) : PG_GETARG_ARRAYTYPE_P_COPY(0);
	MetricState *state = metric_data(array);
	MetricState *other = metric_data(PG_GETARG_ARRAYTYPE_P(1));

	state->n += other->n;
	state->sum += other->sum;
	PG_RETURN_ARRAYTYPE_P(array);
}

Datum
rnn_metric_mean(PG_FUNCTION_ARGS)
{
	MetricState *state = metric_data(PG_GETARG_ARRAYTYPE_P(0));

	if (state->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(state->sum / state->n);
}

Datum
rnn_metric_root(PG_FUNCTION_ARGS)
{
	MetricState *state = metric_data(PG_GETARG_ARRAYTYPE_P(0));

	if (state->n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sqrt(state->sum / state->n));
}
