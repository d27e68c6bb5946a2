/*
 * anomaly.c
 *	  One step ahead over every row of a panel: rnn_fitted, what the model
 *	  would have said; rnn_detect_anomalies, the rows that it would not have
 *	  expected.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_fitted);
PG_FUNCTION_INFO_V1(rnn_detect_anomalies);

#define FITTED_COLUMNS		6
#define ANOMALY_COLUMNS		9
#define ANOMALY_LEVELS		101 /* the threshold, then 0.01 .. 0.99 and 0.999 */

typedef struct RowOutput
{
	ReturnSetInfo *result;
} RowOutput;

/* series, stamp, index and value of a row */
static void
put_row(const Judge *judge, int64 series, const FrnnForecast *forecast, int64 row, Datum *value, bool *null)
{
	const Axis *axis = &judge->input->model->axis;
	bool		integer = axis->unit == AXIS_INDEX;
	int64		stamp = judge_stamp(judge, series, row);

	judge_put_id(judge, series, value, null, 0);
	null[1] = integer;
	value[1] = integer ? (Datum) 0 : axis_as_timestamptz(axis, stamp);
	value[2] = Int64GetDatum(integer ? stamp : judge->input->first[series] + row);
	put_number(value, null, 3, forecast->data->value[row]);
}

static void
fitted_emit(const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg)
{
	RowOutput  *output = arg;
	int64		i;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		row = forecast->origin[i];
		Datum		value[FITTED_COLUMNS];
		bool		null[FITTED_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		put_row(judge, series, forecast, row, value, null);
		put_number(value, null, 4, forecast->point[i]);
		put_number(value, null, 5, forecast->data->value[row] - forecast->point[i]);
		tuplestore_putvalues(output->result->setResult, output->result->setDesc, value, null);
	}
}

/* the largest level whose interval leaves y out; 0 when the innermost one holds it */
static double
surprise(const Judge *judge, const FrnnForecast *forecast, int64 i, double y)
{
	int			level;

	for (level = judge->levels - 1; level > 0; level--)
	{
		int64		at = level * forecast->origins + i;

		if (y < forecast->lower[at] || y > forecast->upper[at])
			return judge->confidence[level];
	}
	return 0;
}

static void
anomaly_emit(const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg)
{
	RowOutput  *output = arg;
	int64		i;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		row = forecast->origin[i];
		double		y = forecast->data->value[row];
		double		low = forecast->lower[i];
		double		high = forecast->upper[i];
		bool		known = !isnan(y) && !isnan(low) && !isnan(high);
		Datum		value[ANOMALY_COLUMNS];
		bool		null[ANOMALY_COLUMNS] = {false};

		CHECK_FOR_INTERRUPTS();
		put_row(judge, series, forecast, row, value, null);
		put_number(value, null, 4, forecast->point[i]);
		put_number(value, null, 5, low);
		put_number(value, null, 6, high);
		null[7] = !known;
		value[7] = BoolGetDatum(known && (y < low || y > high));
		put_number(value, null, 8, known ? surprise(judge, forecast, i, y) : NAN);
		tuplestore_putvalues(output->result->setResult, output->result->setDesc, value, null);
	}
}

/* walk all rows of all series but their first, one step ahead */
static void
walk_rows(FunctionCallInfo fcinfo, int options_argument, int levels, const double *confidence, JudgeConsumer consumer)
{
	RowOutput	output;
	MemoryContext context,
				old;
	ForecastInput *input;
	Judge	   *judge;
	int64		s;

	output.result = (ReturnSetInfo *) fcinfo->resultinfo;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_rows_ahead", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(options_argument) ? NULL : PG_GETARG_JSONB_P(options_argument));
	judge = judge_create(input, 1, levels, confidence);
	for (s = 0; s < input->series; s++)
		judge_series(judge, s, 1, input->data[s].n - 1, 1, consumer, &output);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* rnn_fitted(model, panel, options) */
Datum
rnn_fitted(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		walk_rows(fcinfo, 2, 0, NULL, fitted_emit);
	return (Datum) 0;
}

/* rnn_detect_anomalies(model, panel, anomaly_probability_threshold, options) */
Datum
rnn_detect_anomalies(PG_FUNCTION_ARGS)
{
	double		confidence[ANOMALY_LEVELS];
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	confidence[0] = PG_ARGISNULL(2) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(2);
	if (!(confidence[0] > 0 && confidence[0] < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the anomaly probability threshold must be between 0 and 1, not %g", confidence[0])));
	for (i = 1; i < ANOMALY_LEVELS - 1; i++)
		confidence[i] = i / 100.0;
	confidence[ANOMALY_LEVELS - 1] = 0.999;
	walk_rows(fcinfo, 3, ANOMALY_LEVELS, confidence, anomaly_emit);
	return (Datum) 0;
}
