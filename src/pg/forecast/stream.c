/*
 * stream.c
 *	  Forecasting row by row, for rnn_state and rnn_step.
 */
#include "pg/forecast/stream.h"

#include <math.h>

#include "pg/forecast/forecast_input.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/server/bridge.h"

void
stream_check_model(const ForecastModel *model)
{
	if (!frnn_stream_possible(&model->core))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("a bidirectional network cannot be run row by row"),
						errhint("Use rnn_forecast, or train without bidirectional layers.")));
}

void
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
	forecast.reach = true;
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
	out->status = forecast.status;
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

void
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

void
stream_append(Stream *stream, double value, bool filled, const double *covariate)
{
	const ForecastModel *model = stream->cached->model;
	int			width = model->core.recipe.covariates;
	int			own = model->own_covariates;

	if (stream->kept == frnn_stream_rows(&model->core))
	{
		memmove(stream->value, stream->value + 1, sizeof(double) * (stream->kept - 1));
		memmove(stream->filled, stream->filled + 1, stream->kept - 1);
		if (width > 0)
			memmove(stream->covariate, stream->covariate + width, sizeof(double) * width * (stream->kept - 1));
		stream->kept--;
		stream->first++;
	}
	stream->value[stream->kept] = value;
	stream->filled[stream->kept] = filled;
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
