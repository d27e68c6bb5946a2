/*
 * stream.c
 *	  rnn_state and rnn_step: forecasting row by row.  The state of a series is
 *	  a value (stream_state.h).  The cost of one step does not depend on the
 *	  length of the series.
 */
#include "pg/forecast/stream_state.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pg/forecast/forecast_input.h"
#include "pg/panel/panel.h"
#include "pg/server/bridge.h"
#include "pg/server/field.h"
#include "pg/server/rows.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_state);
PG_FUNCTION_INFO_V1(rnn_step_timestamptz);
PG_FUNCTION_INFO_V1(rnn_step_timestamp);
PG_FUNCTION_INFO_V1(rnn_step_date);
PG_FUNCTION_INFO_V1(rnn_step_bigint);
PG_FUNCTION_INFO_V1(rnn_step_text);

static void
stream_check_model(const ForecastModel *model)
{
	if (!frnn_stream_possible(&model->core))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a bidirectional network cannot be run row by row"),
						errhint("Use rnn_forecast, or train without bidirectional layers.")));
}

typedef struct StreamForecast
{
	double	   *point;			/* (steps) */
	double	   *error;
	double	   *lower;
	double	   *upper;
} StreamForecast;

/* Forecasts the steps after the rows kept; in sequence mode this advances the networks' state by one step. */
static void
stream_forecast(Stream *stream, int steps, StreamForecast *out)
{
	const FrnnForecaster *core = stream_core(stream);
	FrnnSeriesData data = {0};
	FrnnForecast forecast = {0};
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	double		confidence[1 + STREAM_LEVELS];
	size_t		bytes;
	int			i;

	data.n = stream->kept;
	data.value = stream->value;
	data.offset = stream->first;
	data.clock = axis_clock_between(&stream->cached->model->axis,
									stream->index >= 0 ? stream->cached->model->anchor[stream->index] : stream->anchor,
									stream->first, stream->first + stream->kept + steps);
	data.covariate = stream->covariate;
	data.statics = stream->statics;
	if (core->recipe.covariates > 0)
		data.future = core->recipe.horizon;
	forecast.data = &data;
	forecast.index = stream->index;
	forecast.origins = 1;
	forecast.origin = &data.n;
	forecast.carry = &stream->carry;
	out->point = forecast.point = palloc(sizeof(double) * steps * (2 + 2 * (1 + STREAM_LEVELS)));
	out->error = forecast.error = out->point + steps;
	out->lower = forecast.lower = out->error + steps;
	out->upper = forecast.upper = out->lower + steps * (1 + STREAM_LEVELS);
	confidence[0] = stream->confidence;
	memcpy(confidence + 1, stream_level, sizeof(stream_level));
	frnn_check(frnn_predict_size_few(core, data.n, steps, 1, stream_network_floats(core) > 0, &bytes, &error), &error);
	frnn_predict(core, &forecast, 1, steps, 1 + STREAM_LEVELS, confidence, frnn_allocate(bytes, "forecasting"), &frnn_pg_hooks);
	forecast_limit(stream->cached->options, &forecast, steps, 1 + STREAM_LEVELS);
	stream->expected = forecast.point[0];
	stream->lower = forecast.lower[0];
	stream->upper = forecast.upper[0];
	for (i = 0; i < STREAM_LEVELS; i++)
	{
		stream->level_lower[i] = forecast.lower[(i + 1) * steps];
		stream->level_upper[i] = forecast.upper[(i + 1) * steps];
	}

	/* a series of one row starts again with the second: see frnn_predict */
	if (stream->carry.steps == 1 && stream->kept == 1)
	{
		stream->carry.steps = 0;
		memset(stream->state, 0, sizeof(float) * stream_network_floats(core) * core->members);
	}
}

/* Writes the covariates of the next rows: the calendar's are computed, others as given or NaN. */
static void
stream_future_covariates(Stream *stream, ArrayType *given)
{
	const ForecastModel *model = stream->cached->model;
	int			width = model->core.recipe.covariates;
	int			own = model->own_covariates;
	int			horizon = model->core.recipe.horizon;
	double	   *row;
	float8	   *known = NULL;
	int			count = 0;
	int			k,
				c;

	if (width == 0)
		return;
	if (given)
	{
		if (ARR_HASNULL(given))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("future covariates must not be null")));
		count = ArrayGetNItems(ARR_NDIM(given), ARR_DIMS(given));
		if (own == 0 || count % own != 0)
			ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
							errmsg("future covariates must be rows of %d numbers, not %d numbers", own, count)));
		known = (float8 *) ARR_DATA_PTR(given);
		for (k = 0; k < count; k++)
			if (!isfinite(known[k]))
				ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("future covariates must be finite")));
	}
	for (k = 0; k < horizon; k++)
	{
		row = stream->covariate + (stream->kept + k) * width;
		for (c = 0; c < own; c++)
			row[c] = known && k < count / own ? known[k * own + c] : NAN;
		if (model->calendar)
			calendar_fill(&model->axis, axis_stamp(&model->axis, stream->anchor, stream->rows + k), row + own);
	}
}

/* Copies the covariates of the rows to forecast in the panel. */
static void
stream_known_covariates(Stream *stream, const FrnnSeriesData *data)
{
	const ForecastModel *model = stream->cached->model;
	int			width = model->core.recipe.covariates;
	int64		rows = Min(data->future, model->core.recipe.horizon);

	if (width > 0 && data->covariate && rows > 0)
		memcpy(stream->covariate + stream->kept * width, data->covariate + data->n * width, sizeof(double) * rows * width);
}

/* Appends a row; removes the oldest one if there are more than the model uses. */
static void
stream_append(Stream *stream, double value, const double *covariate)
{
	const ForecastModel *model = stream->cached->model;
	int			width = model->core.recipe.covariates;
	int			own = model->own_covariates;

	if (stream->kept == frnn_stream_rows(&model->core))
	{
		memmove(stream->value, stream->value + 1, sizeof(double) * (stream->kept - 1));
		if (width > 0)
			memmove(stream->covariate, stream->covariate + width, sizeof(double) * width * (stream->kept - 1));
		stream->kept--;
		stream->first++;
	}
	stream->value[stream->kept] = value;
	if (width > 0)
	{
		double	   *row = stream->covariate + stream->kept * width;
		int			c;

		for (c = 0; c < own; c++)
			row[c] = covariate ? covariate[c] : NAN;
		if (model->calendar)
			calendar_fill(&model->axis, axis_stamp(&model->axis, stream->anchor, stream->rows), row + own);
	}
	stream->kept++;
	stream->rows++;
}

/* Returns the state of a series after its last row, NULL if it has no known value. */
static Stream *
stream_begin(ForecastInput *input, const CachedModel *cached, int64 s, double confidence)
{
	const FrnnForecaster *core = &cached->model->core;
	const FrnnSeriesData *data = &input->data[s];
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	Stream	   *stream = palloc0(sizeof(Stream));
	int			width = core->recipe.covariates;
	int64		keep = Min(frnn_stream_rows(core), data->n);
	size_t		bytes;
	int64		i;

	stream->cached = cached;
	stream->series = input->has_id ? input->id[s] : NULL;
	stream->index = input->index[s];
	stream->anchor = input->anchor[s];
	stream->rows = input->first[s] + data->n;
	stream->first = data->offset + data->n - keep;
	stream->kept = keep;
	stream->confidence = confidence;
	stream->profile = palloc(sizeof(double) * Max(core->profile_rows, 1));
	stream->state = frnn_allocate(frnn_mul(sizeof(float), Max(stream_network_floats(core) * core->members, 1)), "the state");
	stream->value = palloc(sizeof(double) * (keep + 1));
	/* frnn_carry_begin lays the block out for one step */
	frnn_check(frnn_predict_size_few(core, data->n, 1, 1, true, &bytes, &error), &error);
	if (frnn_carry_begin(core, data, input->index[s], &stream->carry, stream->profile, stream->state,
						 stream->value, frnn_allocate(bytes, "forecasting"), &frnn_pg_hooks) == FRNN_SERIES_EMPTY)
		return NULL;
	if (core->recipe.statics > 0)
	{
		stream->statics = palloc(sizeof(double) * core->recipe.statics);
		for (i = 0; i < core->recipe.statics; i++)
			stream->statics[i] = data->statics ? data->statics[i] : NAN;
	}
	if (width > 0)
	{
		stream->covariate = palloc0(sizeof(double) * width * (keep + 1 + core->recipe.horizon));
		for (i = 0; i < keep * width; i++)
			stream->covariate[i] = data->covariate ? data->covariate[(data->n - keep) * width + i] : NAN;
	}
	return stream;
}

/* rnn_state(model, panel, confidence_level, options): a row a series */
Datum
rnn_state(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	MemoryContext context,
				old;
	const CachedModel *cached;
	ForecastInput *input;
	double		confidence = check_confidence(PG_ARGISNULL(2) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(2));
	int64		s;

	rows_start(&rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_state", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	cached = model_cache_get(PG_GETARG_DATUM(0));
	stream_check_model(cached->model);
	input = forecast_input_stream(cached, forecast_input_has_panel(fcinfo, 1), PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
								  PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3));
	for (s = 0; s < input->series; s++)
	{
		MemoryContext one = AllocSetContextCreate(context, "rnn_state series", ALLOCSET_DEFAULT_SIZES);
		Stream	   *stream = NULL;
		StreamForecast forecast;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(one);
		if (input->data[s].n > 0)
			stream = stream_begin(input, cached, s, confidence);
		rows_text(&rows, forecast_input_name(input, s));
		if (stream)
		{
			stream_future_covariates(stream, NULL);
			stream_known_covariates(stream, &input->data[s]);
			stream_forecast(stream, 1, &forecast);
			rows_datum(&rows, PointerGetDatum(stream_write(stream)));
		}
		else
			rows_null(&rows);
		rows_put(&rows);
		MemoryContextSwitchTo(context);
		MemoryContextDelete(one);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/*
 * Sets the row's number: the next one, or a later one after a gap.  Numbers may
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
		stream_append(stream, step_missing_value(stream), NULL);
		stream_future_covariates(stream, NULL);
		stream_forecast(stream, 1, &forecast);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(one);
}

static ArrayType *
step_array(const double *v, int n)
{
	Datum	   *element = palloc(sizeof(Datum) * n);
	int			i;

	for (i = 0; i < n; i++)
		element[i] = Float8GetDatum(v[i]);
	return construct_array(element, n, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* A row and the forecast of it. */
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
static double
step_anomaly_probability(const Stream *stream, double y)
{
	double		inner = stream->expected;
	double		level = 0;
	bool		above = y > stream->expected;
	int			i;

	if (!isfinite(y) || !isfinite(stream->expected))
		return NAN;
	for (i = 0; i < STREAM_LEVELS; i++)
	{
		double		outer = above ? stream->level_upper[i] : stream->level_lower[i];

		if (!isfinite(outer))
			return NAN;
		if (above ? y <= outer : y >= outer)
		{
			double		range = fabs(outer - inner);
			double		share = range > 0 ? fabs(y - inner) / range : 0;

			return level + (stream_level[i] - level) * Min(share, 1);
		}
		inner = outer;
		level = stream_level[i];
	}
	return level;
}

/* Returns what the caller should know of a row, or NULL. */
static const char *
step_status(const StepComparison *before)
{
	if (before->missing > 0)
		return psprintf(INT64_FORMAT " row%s before this one did not come, %s place", before->missing,
						before->missing > 1 ? "s" : "", before->missing > 1 ? "forecasts took their" : "a forecast took its");
	return isnan(before->value) ? "no value, the forecast took its place" : NULL;
}

/* Writes the result of a step. */
static Datum
step_result(FunctionCallInfo fcinfo, const Stream *stream, const StepComparison *before, const StreamForecast *forecast)
{
	const Axis *axis = &stream->cached->model->axis;
	int64		timestamp = axis_stamp(axis, stream->anchor, stream->rows);
	RowWriter	rows;

	rows_start_single(&rows, fcinfo);
	rows_datum(&rows, PointerGetDatum(stream_write(stream)));
	rows_number(&rows, before->expected);
	if (isfinite(before->value) && isfinite(before->lower) && isfinite(before->upper))
		rows_bool(&rows, before->value < before->lower || before->value > before->upper);
	else
		rows_null(&rows);
	if (axis->unit == AXIS_INDEX)
		rows_null(&rows);
	else
		rows_datum(&rows, axis_as_timestamptz(axis, timestamp));
	rows_bigint(&rows, axis->unit == AXIS_INDEX ? timestamp : stream->rows);
	rows_number(&rows, forecast->point[0]);
	rows_number(&rows, forecast->error[0]);
	rows_number(&rows, forecast->lower[0]);
	rows_number(&rows, forecast->upper[0]);
	rows_datum(&rows, PointerGetDatum(step_array(forecast->point, stream_core(stream)->recipe.horizon)));
	rows_number(&rows, before->lower);
	rows_number(&rows, before->upper);
	rows_text(&rows, step_status(before));
	rows_number(&rows, before->probability);
	return rows_finish(&rows);
}

/* Writes the result of a row that is left out: the state as it was, and the forecast of the next row that it holds. */
static Datum
step_late(FunctionCallInfo fcinfo, const Stream *stream)
{
	const Axis *axis = &stream->cached->model->axis;
	int64		timestamp = axis_stamp(axis, stream->anchor, stream->rows);
	RowWriter	rows;

	rows_start_single(&rows, fcinfo);
	rows_datum(&rows, PointerGetDatum(PG_GETARG_BYTEA_PP(1)));
	rows_null(&rows);
	rows_null(&rows);
	if (axis->unit == AXIS_INDEX)
		rows_null(&rows);
	else
		rows_datum(&rows, axis_as_timestamptz(axis, timestamp));
	rows_bigint(&rows, axis->unit == AXIS_INDEX ? timestamp : stream->rows);
	rows_number(&rows, stream->expected);
	rows_null(&rows);
	rows_number(&rows, stream->lower);
	rows_number(&rows, stream->upper);
	rows_null(&rows);
	rows_null(&rows);
	rows_null(&rows);
	rows_text(&rows, "late, left out");
	rows_null(&rows);
	return rows_finish(&rows);
}

/* the argument on_late: whether rows that come late are left out */
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
	stream_append(stream, y, covariates);
	stream_future_covariates(stream, PG_ARGISNULL(5) ? NULL : PG_GETARG_ARRAYTYPE_P(5));
	stream_forecast(stream, stream_core(stream)->recipe.horizon, &forecast);
	return step_result(fcinfo, stream, &before, &forecast);
}

static void
step_check_arguments(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("model, state and time of rnn_step must not be null")));
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

/* an untyped literal, read as the model's own type of time */
Datum
rnn_step_text(PG_FUNCTION_ARGS)
{
	Datum		literal;
	PanelTime	time;
	int64		ts = 0;

	step_check_arguments(fcinfo);
	time = model_cache_get(PG_GETARG_DATUM(0))->model->axis.time;
	literal = CStringGetDatum(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	switch (time)
	{
		case PANEL_TIMESTAMPTZ:
			ts = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, literal, ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
			break;
		case PANEL_TIMESTAMP:
			ts = DatumGetTimestamp(DirectFunctionCall3(timestamp_in, literal, ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
			break;
		case PANEL_DATE:
			ts = DatumGetDateADT(DirectFunctionCall1(date_in, literal));
			break;
		case PANEL_INTEGER:
			ts = DatumGetInt64(DirectFunctionCall1(int8in, literal));
			break;
	}
	return step_row(fcinfo, time, ts);
}
