/*
 * step.c
 *	  rnn_step: one row is appended to a series.  The cost of a step does not
 *	  depend on the length of the series.
 */
#include "pg/forecast/step_result.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pg/forecast/forecast_input.h"
#include "pg/panel/panel.h"
#include "pg/server/field.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_step_timestamptz);
PG_FUNCTION_INFO_V1(rnn_step_timestamp);
PG_FUNCTION_INFO_V1(rnn_step_date);
PG_FUNCTION_INFO_V1(rnn_step_bigint);
PG_FUNCTION_INFO_V1(rnn_step_text);

/* ---- the arguments ---- */

static void
step_check_arguments(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("model, state and time of rnn_step must not be null")));
}

/* Returns true if the argument on_late leaves out rows that come late. */
static bool
step_ignores_late(FunctionCallInfo fcinfo)
{
	static const FieldWord words[] = {{"error", 0}, {"ignore", 1}, {NULL, 0}};
	JsonbValue	word;

	if (PG_ARGISNULL(6))
		return false;
	word.type = jbvString;
	word.val.string.val = text_to_cstring(PG_GETARG_TEXT_PP(6));
	word.val.string.len = strlen(word.val.string.val);
	return frnn_field_choice(words, "on_late", &word) == 1;
}

/* Reads the state of rnn_step and checks that its model fits the call. */
static Stream *
step_read_state(FunctionCallInfo fcinfo, PanelTime time)
{
	Stream	   *stream = stream_read(PG_GETARG_BYTEA_PP(1), PG_GETARG_DATUM(0));
	const ForecastModel *model = stream->cached->model;

	stream_check_model(model);
	if (model->axis.time != time)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the row's time is of type %s, but the model's is of type %s",
							   axis_time_name(time), axis_time_name(model->axis.time)),
						time == PANEL_INTEGER || model->axis.time == PANEL_INTEGER ? 0 :
						errhint("Cast it to %s.", axis_time_name(model->axis.time))));
	return stream;
}

/* Raises an error unless the covariates of a row can be given as numbers in the order of the model's columns. */
static void
step_check_names(const ForecastModel *model)
{
	int			c;

	for (c = 0; model->plan && c < model->plan->n; c++)
		if (model->plan->column[c].role != ROLE_STATIC && model->plan->column[c].category)
			ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
							errmsg("covariate \"%s\" is a category, which rnn_step does not take", model->plan->column[c].name),
							errhint("Use rnn_forecast with a fresh panel, or train with numbers: (%s = 'a')::int.", model->plan->column[c].name)));
}

/* Returns the covariates of the row, NULL if none were given. */
static double *
step_covariates(FunctionCallInfo fcinfo, int argument, int own)
{
	ArrayType  *array;
	Datum	   *element;
	bool	   *null;
	double	   *out;
	int			count,
				i;

	if (PG_ARGISNULL(argument))
		return NULL;
	array = PG_GETARG_ARRAYTYPE_P(argument);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &element, &null, &count);
	check_covariate_count("the row", count, own);
	out = palloc(sizeof(double) * Max(count, 1));
	for (i = 0; i < count; i++)
	{
		out[i] = null[i] ? NAN : DatumGetFloat8(element[i]);
		if (!null[i] && !isfinite(out[i]))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("covariates must be finite")));
	}
	return out;
}

/*
 * Sets *number to the row's: the next one, or a later one after a gap.  Numbers may
 * be negative, before the first row of the training.  Returns false for a late
 * row that is to be left out.
 */
static bool
step_number(const Stream *stream, int64 ts, bool ignore_late, int64 *number)
{
	const Axis *axis = &stream->cached->model->axis;
	bool		exact;
	int64		row;

	panel_check_time(axis->time, ts, false, NULL);
	row = axis_index(axis, stream->anchor, ts, &exact);
	if (row < stream->rows && ignore_late)
		return false;
	if (row < stream->rows)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the row of %s does not come after the last one, %s",
							   panel_time_text(axis->time, ts),
							   panel_time_text(axis->time, axis_stamp(axis, stream->anchor, stream->rows - 1))),
						errhint("Set on_late to \"ignore\" to leave such rows out.")));
	if (row > stream->rows + STREAM_GAP)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg(UINT64_FORMAT " rows are missing before %s, at most %d may be",
							   (uint64) row - (uint64) stream->rows, panel_time_text(axis->time, ts), STREAM_GAP),
						errhint("Make a new state with rnn_state from the rows there are.")));
	*number = row;
	return true;
}

/* ---- the step ---- */

/* Returns the substitute for a missing value: the forecast, or the last value if the forecast is not finite. */
static double
step_missing_value(const Stream *stream)
{
	return isfinite(stream->expected) ? stream->expected : stream->value[stream->kept - 1];
}

/* Appends the rows before `row`, with substitutes for their missing values. */
static void
step_over_gap(Stream *stream, int64 row)
{
	MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "rnn_step row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(one);
	StreamForecast forecast;

	while (stream->rows < row)
	{
		CHECK_FOR_INTERRUPTS();
		stream_append(stream, step_missing_value(stream), true, NULL);
		stream_future_covariates(stream, NULL);
		stream_forecast(stream, 1, &forecast);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(one);
}

/* Appends one row; returns the new state, the comparison with the forecast, and the next forecast. */
static Datum
step_row(FunctionCallInfo fcinfo, PanelTime time, int64 ts)
{
	Stream	   *stream;
	StreamForecast forecast;
	StepComparison before;
	double	   *covariates;
	int64		row;
	bool		known = !PG_ARGISNULL(3);
	double		y = known ? PG_GETARG_FLOAT8(3) : NAN;

	if (known && !isfinite(y))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("the value must be finite or NULL, not %g", y)));
	stream = step_read_state(fcinfo, time);
	if (!PG_ARGISNULL(4) || !PG_ARGISNULL(5))
		step_check_names(stream->cached->model);
	covariates = step_covariates(fcinfo, 4, stream->cached->model->own_covariates);
	if (!step_number(stream, ts, step_ignores_late(fcinfo), &row))
		return step_late(fcinfo, stream);
	before.missing = row - stream->rows;
	step_over_gap(stream, row);

	before.value = y;
	before.expected = stream->expected;
	before.lower = stream->lower;
	before.upper = stream->upper;
	before.probability = step_anomaly_probability(stream, y);
	if (!known)
		y = step_missing_value(stream);
	else
	{
		stream->carry.lowest = Min(stream->carry.lowest, y);
		stream->carry.highest = Max(stream->carry.highest, y);
	}
	stream_append(stream, y, !known, covariates);
	stream_future_covariates(stream, PG_ARGISNULL(5) ? NULL : PG_GETARG_ARRAYTYPE_P(5));
	stream_forecast(stream, stream_core(stream)->recipe.horizon, &forecast);
	return step_result(fcinfo, stream, &before, &forecast);
}

Datum
rnn_step_timestamptz(PG_FUNCTION_ARGS)
{
	step_check_arguments(fcinfo);
	return step_row(fcinfo, PANEL_TIMESTAMPTZ, PG_GETARG_TIMESTAMPTZ(2));
}

Datum
rnn_step_timestamp(PG_FUNCTION_ARGS)
{
	step_check_arguments(fcinfo);
	return step_row(fcinfo, PANEL_TIMESTAMP, PG_GETARG_TIMESTAMP(2));
}

Datum
rnn_step_date(PG_FUNCTION_ARGS)
{
	step_check_arguments(fcinfo);
	return step_row(fcinfo, PANEL_DATE, PG_GETARG_DATEADT(2));
}

Datum
rnn_step_bigint(PG_FUNCTION_ARGS)
{
	step_check_arguments(fcinfo);
	return step_row(fcinfo, PANEL_INTEGER, PG_GETARG_INT64(2));
}

/* rnn_step with an untyped literal, read as the model's own type of time */
Datum
rnn_step_text(PG_FUNCTION_ARGS)
{
	PanelTime	time;

	step_check_arguments(fcinfo);
	time = model_cache_get(PG_GETARG_DATUM(0))->model->axis.time;
	return step_row(fcinfo, time, panel_time_read(time, text_to_cstring(PG_GETARG_TEXT_PP(2))));
}
