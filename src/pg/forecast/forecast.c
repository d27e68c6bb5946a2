/*
 * forecast.c
 *	  rnn_forecast, rnn_forecast_local, rnn_forecast_index: forecast rows of a
 *	  model, after its own history or after the rows of a fresh panel.
 *
 * Series are forecast a few hundred at a time, so that memory does not grow
 * with their number.  A series that cannot be forecast gives one row with its
 * status and does not stop the others.
 */
#include "pg/server/compat.h"

#include <math.h>

#include "core/forecast/predict.h"
#include "core/forecast/recent_error.h"
#include "miscadmin.h"
#include "pg/forecast/closed.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/forecast/forecast_span.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "catalog/pg_type.h"

PG_FUNCTION_INFO_V1(rnn_forecast);
PG_FUNCTION_INFO_V1(rnn_forecast_local);
PG_FUNCTION_INFO_V1(rnn_forecast_index);

#define FORECAST_LEVELS		99

typedef Datum (*TimestampOutput) (const Axis *axis, int64 timestamp);

/* the arguments of a call */
typedef struct ForecastCall
{
	ForecastInput *input;
	ForecastSpan span;
	int			steps;			/* most steps of a series */
	int			levels;
	double	   *confidence;
	TimestampOutput output;
	RowWriter  *rows;
	KeptAnswers *answers;		/* cached output for the model's own history; NULL: not kept */
	MemoryContext context;		/* the call's own */
} ForecastCall;

/* Reads confidence_level and confidence_levels. */
static void
forecast_read_confidence(FunctionCallInfo fcinfo, ForecastCall *call)
{
	if (!PG_ARGISNULL(5))
	{
		Datum	   *element;
		bool	   *null;
		int			i;

		deconstruct_array(PG_GETARG_ARRAYTYPE_P(5), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
						  &element, &null, &call->levels);
		if (call->levels < 1 || call->levels > FORECAST_LEVELS)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("there must be between 1 and %d confidence levels, not %d", FORECAST_LEVELS, call->levels)));
		call->confidence = palloc(sizeof(double) * call->levels);
		for (i = 0; i < call->levels; i++)
		{
			if (null[i])
				ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("confidence levels must not be null")));
			call->confidence[i] = check_confidence(DatumGetFloat8(element[i]));
		}
		return;
	}
	call->levels = 1;
	call->confidence = palloc(sizeof(double));
	call->confidence[0] = check_confidence(PG_ARGISNULL(3) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(3));
}

/* Returns the status of a step: what the forecast says, or that the series never has a row at that time. */
static const char *
forecast_status(const ForecastCall *call, int64 s, const FrnnForecast *forecast, const ClosedRows *closed, int k)
{
	const char *status = forecast_step_status(call->input, s, forecast, k);
	int			period = status == NULL ? closed_period(closed, call->input->data[s].n + k) : 0;

	return period == 0 ? status :
		psprintf("no row of the history is known at this place of the season of %d rows: the series may be closed then", period);
}

/* Writes the rows of one series, one confidence level after the other. */
static void
forecast_emit(const ForecastCall *call, int64 s, const FrnnForecast *forecast)
{
	const ForecastInput *input = call->input;
	const Axis *axis = &input->model->axis;
	RowWriter  *rows = call->rows;
	bool		failed = forecast->point == NULL || isnan(forecast->point[0]);
	ClosedRows	closed = {0};
	int			level,
				k,
				i;

	if (!failed)
		closed_find(&input->model->core.recipe, &input->data[s], axis, &closed);
	for (level = 0; level < call->levels; level++)
		for (k = 0; k < (failed ? 1 : forecast_span_steps(&call->span, input, s)); k++)
		{
			int64		at = (int64) level * call->steps + k;

			CHECK_FOR_INTERRUPTS();
			rows_text(rows, forecast_input_name(input, s));
			if (failed)
			{
				for (i = 0; i < 7; i++)
					rows_null(rows);
			}
			else
			{
				rows_datum(rows, call->output(axis, axis_stamp(axis, input->anchor[s],
															   input->first[s] + input->data[s].n + k)));
				rows_int(rows, k + 1);
				rows_number(rows, forecast->point[k]);
				rows_number(rows, forecast->error[k]);
				rows_number(rows, isfinite(forecast->lower[at]) ? call->confidence[level] : NAN);
				rows_number(rows, forecast->lower[at]);
				rows_number(rows, forecast->upper[at]);
			}
			rows_text(rows, failed ? forecast_input_status(input, s, forecast->status) : forecast_status(call, s, forecast, &closed, k));
			rows_put(rows);
		}
	closed_free(&closed);
}

/* Forecasts series first .. first + count - 1 and writes their rows.  recent: work memory of frnn_recent_widening, or NULL. */
static void
forecast_chunk(const ForecastCall *call, int64 first, int count, void *block, void *recent)
{
	ForecastInput *input = call->input;
	FrnnForecast *forecast = palloc0(sizeof(FrnnForecast) * count);
	FrnnForecast *asked = palloc(sizeof(FrnnForecast) * count);
	double	   *widening = palloc(sizeof(double) * count);
	size_t		steps = call->steps;
	size_t		numbers_size = sizeof(double) * count * steps * (2 + 2 * call->levels);
	size_t		bytes = numbers_size;
	double	   *numbers;
	int			n = 0;
	int			i;

	for (i = 0; i < count; i++)
		bytes = frnn_add(bytes, forecast_input_extension(input, first + i, call->steps));
	frnn_check_growth(call->context, bytes, "forecasting");
	numbers = MemoryContextAllocHuge(CurrentMemoryContext, numbers_size);

	for (i = 0; i < count; i++)
	{
		int64		s = first + i;
		FrnnForecast *f = &forecast[i];

		f->status = FRNN_SERIES_EMPTY;
		if (input->data[s].n == 0)
			continue;
		forecast_input_extend(input, s, call->steps);
		f->data = &input->data[s];
		f->index = input->index[s];
		f->origins = 1;
		f->reach = true;
		f->origin = &input->data[s].n;
		f->limited = palloc0(steps);
		f->point = numbers;
		f->error = numbers + steps;
		f->lower = numbers + 2 * steps;
		f->upper = f->lower + steps * call->levels;
		numbers = f->upper + steps * call->levels;
		if (call->answers)
		{
			f->answer = call->answers->answer + s * call->answers->floats;
			f->answered = call->answers->answered[s];
		}
		if (recent)
		{
			f->widening = widening + i;
			frnn_recent_widening(&input->model->core, f, widening + i, recent, &frnn_pg_hooks);
		}
		asked[n++] = *f;
	}
	frnn_predict(&input->model->core, asked, n, call->steps, call->levels, call->confidence, block, &frnn_pg_hooks);
	for (i = 0, n = 0; i < count; i++)
	{
		if (forecast[i].point)
			forecast_limit(input->options, &forecast[i], steps, call->levels);
		if (call->answers && forecast[i].answer)
			call->answers->answered[first + i] = asked[n].answered;
		forecast_emit(call, first + i, forecast[i].point ? &asked[n++] : &forecast[i]);
	}
}

/* Returns true if no network has to run: the network has no weight, or all its outputs are cached. */
static bool
forecast_is_cached(const ForecastCall *call)
{
	const ForecastInput *input = call->input;
	int64		s;

	if (input->model->core.mix <= 0)
		return true;
	if (call->answers == NULL)
		return false;
	for (s = 0; s < input->series; s++)
		if (input->data[s].n > 0 && !call->answers->answered[s])
			return false;
	return true;
}

/*
 * Returns work memory for the errors since the training, or NULL if none are looked for: the history is the model's own,
 * the option recalibrate is false, or the model knows no usual error.
 */
static void *
forecast_recent_block(const ForecastCall *call, bool own_history)
{
	const FrnnForecaster *core = &call->input->model->core;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;

	if (own_history || !call->input->options->recalibrate || !frnn_recent_known(core))
		return NULL;
	frnn_check(frnn_recent_size(core, call->input->longest, &bytes, &error), &error);
	frnn_check_growth(call->context, bytes, "forecasting");
	return frnn_allocate(bytes, "forecasting");
}

static Datum
forecast_rows(FunctionCallInfo fcinfo, TimestampOutput output)
{
	ForecastCall call = {NULL};
	RowWriter	rows;
	CachedModel *cached;
	MemoryContext context;
	MemoryContext old;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;
	void	   *block;
	void	   *recent;
	int			chunk_size;
	int64		s;

	rows_start(&rows, fcinfo);
	call.rows = &rows;
	call.output = output;
	if (PG_ARGISNULL(0))
		return (Datum) 0;

	call.context = context = AllocSetContextCreate(CurrentMemoryContext, "rnn_forecast", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	forecast_read_confidence(fcinfo, &call);
	cached = model_cache_get(PG_GETARG_DATUM(0));
	call.input = forecast_input_create(cached, forecast_input_has_panel(fcinfo, 1), PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
									   PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4));
	if (!PG_ARGISNULL(1))
		forecast_input_notice_holidays(call.input);
	call.span = forecast_span_read(call.input, !PG_ARGISNULL(2), PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2));
	call.steps = call.span.most;
	chunk_size = forecast_span_series(&call.span, call.levels);
	/* outputs of series that run through a network together may differ in rounding from those of one series alone */
	if (PG_ARGISNULL(1) && call.input->series <= chunk_size)
		call.answers = model_cache_answers(cached, call.steps);
	frnn_check(frnn_predict_size_few(&call.input->model->core, call.input->longest, call.steps, call.input->series,
									 forecast_is_cached(&call), &bytes, &error), &error);
	frnn_check_growth(context, bytes, "forecasting");
	block = frnn_allocate(bytes, "forecasting");
	recent = forecast_recent_block(&call, PG_ARGISNULL(1));

	for (s = 0; s < call.input->series; s += chunk_size)
	{
		MemoryContext chunk = AllocSetContextCreate(context, "rnn_forecast chunk", ALLOCSET_DEFAULT_SIZES);

		MemoryContextSwitchTo(chunk);
		forecast_chunk(&call, s, Min(chunk_size, call.input->series - s), block, recent);
		MemoryContextSwitchTo(context);
		MemoryContextDelete(chunk);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

Datum
rnn_forecast(PG_FUNCTION_ARGS)
{
	return forecast_rows(fcinfo, axis_as_timestamptz);
}

Datum
rnn_forecast_local(PG_FUNCTION_ARGS)
{
	return forecast_rows(fcinfo, axis_as_timestamp);
}

Datum
rnn_forecast_index(PG_FUNCTION_ARGS)
{
	return forecast_rows(fcinfo, axis_as_bigint);
}
