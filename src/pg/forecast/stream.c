/*
 * stream.c
 *	  rnn_state and rnn_step: forecasting row by row.  The state of a series is
 *	  a value: its parameters, its last rows and, in sequence mode, the
 *	  networks' state.  One step costs the same however long the series is.
 *
 * A state is a safetensors file as models are, read by the same validating
 * reader:
 *
 *	metadata	"model" (its checksum), "named", "series"
 *	tensors		place I64 and number F64 (below), profile F64, value F64 (the
 *				last rows), covariate F64, network (members, S) F32
 *
 * Numbers are binary, not text: writing and reading the state is a large part
 * of what a step costs.
 */
#include "pg/server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "core/network/step.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/forecast/forecast_input.h"
#include "pg/panel/panel_state.h"
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

#define STEP_COLUMNS	10
#define STEP_GAP		10000	/* most rows that may be missing between two */

typedef struct Stream
{
	const CachedModel *cached;
	FrnnCarry	carry;
	char	   *series;			/* name; NULL without */
	int64		index;			/* in the model, -1: not seen */
	int64		anchor;			/* stamp of row 0 */
	int64		rows;			/* of the series so far, row `rows` being the next one */
	int64		first;			/* row of value[0] */
	int64		kept;			/* rows in value */
	double	   *value;
	double	   *covariate;		/* (kept, covariates) or NULL */
	double	   *profile;
	float	   *state;
	/* the forecast of the next row, for the verdict on it */
	double		expected;
	double		lower;
	double		upper;
	double		confidence;
} Stream;

/* tensor "place" */
static const size_t stream_place[] = {
	offsetof(Stream, index),
	offsetof(Stream, anchor),
	offsetof(Stream, rows),
	offsetof(Stream, first),
	offsetof(Stream, kept),
	offsetof(Stream, carry.steps),
};

/* tensor "number", after the parameters of the series */
static const size_t stream_number[] = {
	offsetof(Stream, carry.lowest),
	offsetof(Stream, carry.highest),
	offsetof(Stream, expected),
	offsetof(Stream, lower),
	offsetof(Stream, upper),
	offsetof(Stream, confidence),
};

#define STREAM_NUMBERS	(FRNN_SERIES_NUMBERS + lengthof(stream_number))

static const FrnnForecaster *
core_of(const Stream *stream)
{
	return &stream->cached->model->core;
}

static size_t
network_floats(const FrnnForecaster *core)
{
	if (core->recipe.mode == FRNN_MODE_WINDOW || core->members == 0)
		return 0;
	return frnn_step_state(&core->network);
}

static void
check_possible(const ForecastModel *model)
{
	if (!frnn_stream_possible(&model->core))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a network that reads backwards cannot go row by row"),
						errhint("Use rnn_forecast, or train without bidirectional layers.")));
}

/* ---- bytes ---- */

static void
add(StFile *file, const char *name, StType type, int64 count, const void *data)
{
	if (count > 0)
		st_add(file, name, type, 1, &count, data);
}

static bytea *
stream_write(const Stream *stream)
{
	const FrnnForecaster *core = core_of(stream);
	StFile	   *file = st_new();
	int64		place[lengthof(stream_place)];
	double		number[STREAM_NUMBERS];
	int			i;

	for (i = 0; i < lengthof(stream_place); i++)
		place[i] = *(const int64 *) ((const char *) stream + stream_place[i]);
	memcpy(number, stream->carry.number, sizeof(stream->carry.number));
	for (i = 0; i < lengthof(stream_number); i++)
		number[FRNN_SERIES_NUMBERS + i] = *(const double *) ((const char *) stream + stream_number[i]);
	st_meta(file, "kind", "state");
	st_meta(file, "model", stream->cached->checksum);
	st_meta(file, "named", stream->series ? "1" : "0");
	st_meta(file, "series", stream->series ? stream->series : "");
	add(file, "place", ST_I64, lengthof(place), place);
	add(file, "number", ST_F64, lengthof(number), number);
	add(file, "profile", ST_F64, core->profile_rows, stream->profile);
	add(file, "value", ST_F64, stream->kept, stream->value);
	add(file, "covariate", ST_F64, stream->kept * core->recipe.covariates, stream->covariate);
	add(file, "network", ST_F32, network_floats(core) * core->members, stream->state);
	return st_write(file, CurrentMemoryContext);
}

static const char *
need_meta(const StFile *file, const char *key)
{
	const char *value = st_get_meta(file, key);

	if (value == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("the state is not one that rnn_state made")));
	return value;
}

static const StTensor *
need_tensor(const StFile *file, const char *name, StType type, int64 count)
{
	const StTensor *tensor = st_find(file, name);

	if (tensor == NULL || tensor->type != type || tensor->count != count)
		st_corrupt("tensor \"%s\" of the state does not fit the model", name);
	return tensor;
}

static double *
read_doubles(const StFile *file, const char *name, int64 count, int64 room)
{
	double	   *out = frnn_allocate(frnn_mul(sizeof(double), Max(room, 1)), "the state");

	if (count > 0)
		st_copy_f64(need_tensor(file, name, ST_F64, count), out);
	return out;
}

/* rows count from the model's anchor: below 0 where a fresh panel ends before it */
static bool
far_off(int64 row)
{
	return row < -(INT64CONST(1) << 50) || row > INT64CONST(1) << 50;
}

static void
read_numbers(const StFile *file, Stream *stream)
{
	int64		place[lengthof(stream_place)];
	double		number[STREAM_NUMBERS];
	int			i;

	st_copy_i64(need_tensor(file, "place", ST_I64, lengthof(place)), place);
	st_copy_f64(need_tensor(file, "number", ST_F64, lengthof(number)), number);
	for (i = 0; i < lengthof(stream_place); i++)
		*(int64 *) ((char *) stream + stream_place[i]) = place[i];
	memcpy(stream->carry.number, number, sizeof(stream->carry.number));
	for (i = 0; i < lengthof(stream_number); i++)
		*(double *) ((char *) stream + stream_number[i]) = number[FRNN_SERIES_NUMBERS + i];

	for (i = 0; i < FRNN_SERIES_NUMBERS; i++)
		if (!isfinite(number[i]))
			st_corrupt("a number of the state is not finite");
	/* the forecast of the next row may be missing */
	if (number[FRNN_N_SIGMA] < 0 || number[FRNN_N_UNIT] <= 0 ||
		number[FRNN_N_STATUS] < 0 || number[FRNN_N_STATUS] > FRNN_SERIES_NOT_FINITE ||
		stream->kept < 1 || stream->kept > frnn_stream_rows(core_of(stream)) ||
		far_off(stream->rows) || far_off(stream->first) || stream->carry.steps < 0 || far_off(stream->carry.steps) ||
		stream->index < -1 || stream->index >= stream->cached->model->series ||
		!isfinite(stream->carry.lowest) || !isfinite(stream->carry.highest) || stream->carry.lowest > stream->carry.highest ||
		!(stream->confidence > 0 && stream->confidence < 1))
		st_corrupt("a number of the state is out of range");
}

/* room for the rows of a gap too: there are never more than frnn_stream_rows */
static void
read_arrays(const StFile *file, Stream *stream)
{
	const FrnnForecaster *core = core_of(stream);
	int			width = core->recipe.covariates;
	int64		floats = network_floats(core) * core->members;
	int64		room = Min(frnn_stream_rows(core), stream->kept + STEP_GAP + 1);
	int64		i;

	stream->profile = read_doubles(file, "profile", core->profile_rows, core->profile_rows);
	stream->value = read_doubles(file, "value", stream->kept, room);
	for (i = 0; i < stream->kept; i++)
		if (!isfinite(stream->value[i]))
			st_corrupt("a row of the state is not finite");
	for (i = 0; i < core->profile_rows; i++)
		if (!isfinite(stream->profile[i]))
			st_corrupt("a season of the state is not finite");
	if (width > 0)
		stream->covariate = read_doubles(file, "covariate", stream->kept * width, (room + core->recipe.horizon) * width);
	stream->state = frnn_allocate(frnn_mul(sizeof(float), Max(floats, 1)), "the state");
	if (floats > 0)
		st_copy_f32(need_tensor(file, "network", ST_F32, floats), stream->state);
	for (i = 0; i < floats; i++)
		if (!isfinite(stream->state[i]))
			st_corrupt("the network's state is not finite");
	stream->carry.profile = stream->profile;
	stream->carry.state = stream->state;
}

static Stream *
stream_read(bytea *bytes, Datum model)
{
	Stream	   *stream = palloc0(sizeof(Stream));
	StFile	   *file = st_read(bytes);

	stream->cached = model_cache_get(model);
	if (strcmp(need_meta(file, "model"), stream->cached->checksum) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state belongs to another model"),
						errhint("Make a new one with rnn_state after training.")));
	if (strcmp(need_meta(file, "named"), "1") == 0)
		stream->series = pstrdup(need_meta(file, "series"));
	read_numbers(file, stream);
	read_arrays(file, stream);
	return stream;
}

/* ---- forecasts ---- */

typedef struct StreamForecast
{
	double	   *point;			/* (steps) */
	double	   *error;
	double	   *lower;
	double	   *upper;
} StreamForecast;

/* forecast the steps after the rows kept; in sequence mode the networks' state moves on by one step */
static void
stream_forecast(Stream *stream, int steps, StreamForecast *out)
{
	const FrnnForecaster *core = core_of(stream);
	FrnnSeriesData data = {0};
	FrnnForecast forecast = {0};
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;

	data.n = stream->kept;
	data.value = stream->value;
	data.offset = stream->first;
	data.covariate = stream->covariate;
	if (core->recipe.covariates > 0)
		data.future = core->recipe.horizon;
	forecast.data = &data;
	forecast.index = stream->index;
	forecast.origins = 1;
	forecast.origin = &data.n;
	forecast.carry = &stream->carry;
	out->point = forecast.point = palloc(sizeof(double) * steps * 4);
	out->error = forecast.error = out->point + steps;
	out->lower = forecast.lower = out->error + steps;
	out->upper = forecast.upper = out->lower + steps;
	frnn_check(frnn_predict_size_few(core, data.n, steps, 1, network_floats(core) > 0, &bytes, &error), &error);
	frnn_predict(core, &forecast, 1, steps, 1, &stream->confidence, frnn_allocate(bytes, "forecasting"), &frnn_pg_hooks);
	stream->expected = forecast.point[0];
	stream->lower = forecast.lower[0];
	stream->upper = forecast.upper[0];

	/* a series of one row begins anew with the second: see frnn_predict */
	if (stream->carry.steps == 1 && stream->kept == 1)
	{
		stream->carry.steps = 0;
		memset(stream->state, 0, sizeof(float) * network_floats(core) * core->members);
	}
}

/* covariates of the rows to come: the calendar's known, others as given or missing */
static void
future_covariates(Stream *stream, ArrayType *given)
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

/* covariates of rows to come that the panel holds */
static void
known_covariates(Stream *stream, const FrnnSeriesData *data)
{
	const ForecastModel *model = stream->cached->model;
	int			width = model->core.recipe.covariates;
	int64		rows = Min(data->future, model->core.recipe.horizon);

	if (width > 0 && data->covariate && rows > 0)
		memcpy(stream->covariate + stream->kept * width, data->covariate + data->n * width, sizeof(double) * rows * width);
}

/* append a row; the oldest leaves when there are more than the model looks at */
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

/* ---- rnn_state(model, panel, confidence_level) ---- */

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
	stream->state = frnn_allocate(frnn_mul(sizeof(float), Max(network_floats(core) * core->members, 1)), "the state");
	stream->value = palloc(sizeof(double) * (keep + 1));
	/* one step: that is what frnn_carry_begin lays the block out for */
	frnn_check(frnn_predict_size_few(core, data->n, 1, 1, true, &bytes, &error), &error);
	if (frnn_carry_begin(core, data, input->index[s], &stream->carry, stream->profile, stream->state,
						 stream->value, frnn_allocate(bytes, "forecasting"), &frnn_pg_hooks) == FRNN_SERIES_EMPTY)
		return NULL;
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
	ReturnSetInfo *result;
	MemoryContext context,
				old;
	const CachedModel *cached;
	ForecastInput *input;
	double		confidence = check_confidence(PG_ARGISNULL(2) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(2));
	int64		s;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_state", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	cached = model_cache_get(PG_GETARG_DATUM(0));
	check_possible(cached->model);
	input = forecast_input_create(cached, !PG_ARGISNULL(1), PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
								  PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3));
	for (s = 0; s < input->series; s++)
	{
		MemoryContext one = AllocSetContextCreate(context, "rnn_state series", ALLOCSET_DEFAULT_SIZES);
		Datum		value[2];
		bool		null[2] = {!input->has_id, true};
		Stream	   *stream = NULL;
		StreamForecast forecast;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(one);
		if (input->data[s].n > 0)
			stream = stream_begin(input, cached, s, confidence);
		value[0] = input->has_id ? CStringGetTextDatum(input->id[s]) : (Datum) 0;
		if (stream)
		{
			future_covariates(stream, NULL);
			known_covariates(stream, &input->data[s]);
			stream_forecast(stream, 1, &forecast);
			null[1] = false;
			value[1] = PointerGetDatum(stream_write(stream));
		}
		tuplestore_putvalues(result->setResult, result->setDesc, value, null);
		MemoryContextSwitchTo(context);
		MemoryContextDelete(one);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- rnn_step(model, state, ts, value, covariates, future_covariates) ---- */

/* the row's number: the next one, or after a gap */
static int64
step_row(const Stream *stream, int64 ts)
{
	const Axis *axis = &stream->cached->model->axis;
	bool		exact;
	int64		row;

	panel_check_time(axis->time, ts, false, NULL);
	row = axis_index(axis, stream->anchor, ts, &exact);
	if (row < stream->rows)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the row of %s does not come after the last one, %s",
							   panel_time_text(axis->time, ts),
							   panel_time_text(axis->time, axis_stamp(axis, stream->anchor, stream->rows - 1)))));
	if (row > stream->rows + STEP_GAP)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg(UINT64_FORMAT " rows are missing before %s, at most %d may be",
							   (uint64) row - (uint64) stream->rows, panel_time_text(axis->time, ts), STEP_GAP),
						errhint("Make a new state with rnn_state from the rows there are.")));
	return row;
}

/* covariates of the row as numbers; NULL where none were given */
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
	if (count != own)
		ereport(ERROR, (errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
						errmsg("the row has %d covariates, but the model was trained with %d", count, own)));
	out = palloc(sizeof(double) * Max(count, 1));
	for (i = 0; i < count; i++)
	{
		out[i] = null[i] ? NAN : DatumGetFloat8(element[i]);
		if (!null[i] && !isfinite(out[i]))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("covariates must be finite")));
	}
	return out;
}

/* what a missing value is taken as: the forecast, or where it left the numbers the last value */
static double
as_expected(const Stream *stream)
{
	return isfinite(stream->expected) ? stream->expected : stream->value[stream->kept - 1];
}

/* advance to the row before `row`: what is missing is taken as expected */
static void
step_over_gap(Stream *stream, int64 row)
{
	MemoryContext one = AllocSetContextCreate(CurrentMemoryContext, "rnn_step row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(one);
	StreamForecast forecast;

	while (stream->rows < row)
	{
		CHECK_FOR_INTERRUPTS();
		stream_append(stream, as_expected(stream), NULL);
		future_covariates(stream, NULL);
		stream_forecast(stream, 1, &forecast);
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(one);
}

static ArrayType *
float_array(const double *v, int n)
{
	Datum	   *element = palloc(sizeof(Datum) * n);
	int			i;

	for (i = 0; i < n; i++)
		element[i] = Float8GetDatum(v[i]);
	return construct_array(element, n, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* one row in; new state, forecast and verdict out */
static Datum
step(FunctionCallInfo fcinfo, PanelTime time, int64 ts)
{
	TupleDesc	desc;
	Datum		value[STEP_COLUMNS];
	bool		null[STEP_COLUMNS] = {false};
	Stream	   *stream;
	const ForecastModel *model;
	StreamForecast forecast;
	double	   *covariates;
	bool		known = !PG_ARGISNULL(3);
	double		y = known ? PG_GETARG_FLOAT8(3) : NAN;
	double		expected,
				lower,
				upper;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (known && !isfinite(y))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("the value must be finite or NULL, not %g", y)));
	stream = stream_read(PG_GETARG_BYTEA_PP(1), PG_GETARG_DATUM(0));
	model = stream->cached->model;
	check_possible(model);
	if (model->axis.time != time)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the row's time is of type %s, but the model's is of type %s",
							   axis_time_name(time), axis_time_name(model->axis.time))));
	covariates = step_covariates(fcinfo, 4, model->own_covariates);
	step_over_gap(stream, step_row(stream, ts));

	expected = stream->expected;
	lower = stream->lower;
	upper = stream->upper;
	if (!known)
		y = as_expected(stream);
	else
	{
		stream->carry.lowest = Min(stream->carry.lowest, y);
		stream->carry.highest = Max(stream->carry.highest, y);
	}
	stream_append(stream, y, covariates);
	future_covariates(stream, PG_ARGISNULL(5) ? NULL : PG_GETARG_ARRAYTYPE_P(5));
	stream_forecast(stream, model->core.recipe.horizon, &forecast);

	value[0] = PointerGetDatum(stream_write(stream));
	put_number(value, null, 1, expected);
	null[2] = !known || !isfinite(lower) || !isfinite(upper);
	value[2] = BoolGetDatum(!null[2] && (y < lower || y > upper));
	null[3] = model->axis.unit == AXIS_INDEX;
	value[3] = null[3] ? (Datum) 0 : axis_as_timestamptz(&model->axis, axis_stamp(&model->axis, stream->anchor, stream->rows));
	value[4] = Int64GetDatum(model->axis.unit == AXIS_INDEX ? axis_stamp(&model->axis, stream->anchor, stream->rows) : stream->rows);
	put_number(value, null, 5, forecast.point[0]);
	put_number(value, null, 6, forecast.error[0]);
	put_number(value, null, 7, forecast.lower[0]);
	put_number(value, null, 8, forecast.upper[0]);
	value[9] = PointerGetDatum(float_array(forecast.point, model->core.recipe.horizon));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), value, null));
}

static void
check_step(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("model, state and time of rnn_step must not be null")));
}

Datum
rnn_step_timestamptz(PG_FUNCTION_ARGS)
{
	check_step(fcinfo);
	return step(fcinfo, PANEL_TIMESTAMPTZ, PG_GETARG_TIMESTAMPTZ(2));
}

Datum
rnn_step_timestamp(PG_FUNCTION_ARGS)
{
	check_step(fcinfo);
	return step(fcinfo, PANEL_TIMESTAMP, PG_GETARG_TIMESTAMP(2));
}

Datum
rnn_step_date(PG_FUNCTION_ARGS)
{
	check_step(fcinfo);
	return step(fcinfo, PANEL_DATE, PG_GETARG_DATEADT(2));
}

Datum
rnn_step_bigint(PG_FUNCTION_ARGS)
{
	check_step(fcinfo);
	return step(fcinfo, PANEL_INTEGER, PG_GETARG_INT64(2));
}
