/*
 * state.c
 *	  rnn_state: the states of a panel's series, from which rnn_step goes on.
 */
#include "pg/forecast/stream.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/forecast/forecast_input.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_state);

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
	stream->filled = palloc(keep + 1);
	for (i = 0; i < keep; i++)
		stream->filled[i] = isnan(data->value[data->n - keep + i]);
	/* frnn_carry_begin lays the block out for one step */
	frnn_check(frnn_predict_size_few(core, data->n, 1, 1, true, &bytes, &error), &error);
	if (frnn_carry_begin(core, data, input->index[s], &stream->carry, stream->profile, stream->state,
						 stream->value, frnn_allocate(bytes, "forecasting"), &frnn_pg_hooks) == FRNN_SERIES_EMPTY)
		return NULL;
	stream->carry.filled = stream->filled;
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

/* rnn_state(model, panel, confidence_level, options): a row per series */
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
