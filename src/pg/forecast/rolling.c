/*
 * rolling.c
 *	  Rolling origins over the series of a panel.
 *
 * Origins are forecast in groups of bounded size, so that memory does not grow
 * with the length of the series.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/forecast/recent_error.h"
#include "miscadmin.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define NAIVE_VALUES 200000		/* naive forecasts that are compared to choose one */
#define ROLLING_CELLS 1000000	/* forecast numbers held at once */

Rolling    *
rolling_create(ForecastInput *input, int steps, int levels, const double *confidence, MemoryContext context)
{
	Rolling    *rolling = palloc0(sizeof(Rolling));
	const FrnnRecipe *recipe = &input->model->core.recipe;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;

	rolling->input = input;
	rolling->steps = steps > 0 ? steps : recipe->horizon;
	rolling->levels = levels;
	rolling->confidence = confidence;
	rolling->period = recipe->periods > 0 ? recipe->period[0] : 1;
	frnn_check(frnn_predict_size(&input->model->core, input->longest, rolling->steps, &bytes, &error), &error);
	rolling->context = context;
	frnn_check_growth(rolling->context, bytes, "forecasting");
	rolling->block = frnn_allocate(bytes, "forecasting");
	return rolling;
}

void
rolling_as_forecast(Rolling *rolling)
{
	const ForecastInput *input = rolling->input;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;

	rolling->reach = true;
	if (!input->options->recalibrate || !frnn_recent_known(&input->model->core))
		return;
	frnn_check(frnn_recent_size(&input->model->core, input->longest, &bytes, &error), &error);
	frnn_check_growth(rolling->context, bytes, "forecasting");
	rolling->recent = frnn_allocate(bytes, "forecasting");
}

/*
 * Returns how many origins one call of the core forecasts.  For a series that
 * the model was not trained on, the core computes its parameters from the rows
 * before the first origin of a call.  A call therefore ends a quarter beyond
 * its first origin, so that later origins use more rows.
 */
static int64
origins_at_once(const ForecastInput *input, int64 series, int64 from, int64 stride, int64 most)
{
	if (frnn_series_learned(&input->model->core, input->index[series], input->data[series].n))
		return most;
	return Min(most, from / 4 / stride + 1);
}

void
rolling_series(Rolling *rolling, int64 series, int64 from, int64 to, int64 stride, RollingConsumer consumer, void *arg)
{
	ForecastInput *input = rolling->input;
	size_t		cells = (size_t) rolling->steps * (2 + 2 * rolling->levels);
	int64		most = Max(1, ROLLING_CELLS / (int64) cells);
	FrnnSeriesData given = input->data[series];
	MemoryContext context;
	MemoryContext old;

	from = Max(from, 1);
	if (from > to || given.n == 0)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "rolling origins", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	frnn_check_growth(rolling->context, forecast_input_extension(input, series, rolling->steps), "forecasting");
	forecast_input_extend(input, series, rolling->steps);
	while (from <= to)
	{
		FrnnForecast forecast = {.data = &input->data[series], .index = input->index[series]};
		int64		count = Min(origins_at_once(input, series, from, stride, most), (to - from) / stride + 1);
		int64	   *origin = palloc(sizeof(int64) * count);
		double	   *numbers;
		double	   *widening = NULL;
		int64		i;

		CHECK_FOR_INTERRUPTS();
		frnn_check_growth(rolling->context, sizeof(double) * cells * count, "forecasting");
		numbers = MemoryContextAllocHuge(context, sizeof(double) * cells * count);
		for (i = 0; i < count; i++)
			origin[i] = from + i * stride;
		forecast.origins = count;
		forecast.reach = rolling->reach;
		forecast.origin = origin;
		forecast.point = numbers;
		forecast.error = numbers + count * rolling->steps;
		forecast.lower = forecast.error + count * rolling->steps;
		forecast.upper = forecast.lower + count * rolling->steps * rolling->levels;
		if (rolling->recent)
		{
			forecast.widening = widening = palloc(sizeof(double) * count);
			frnn_recent_widening(&input->model->core, &forecast, widening, rolling->recent, &frnn_pg_hooks);
		}
		frnn_predict(&input->model->core, &forecast, 1, rolling->steps, rolling->levels, rolling->confidence,
					 rolling->block, &frnn_pg_hooks);
		forecast_limit(input->options, &forecast, count * rolling->steps, rolling->levels);
		consumer(rolling, series, &forecast, arg);
		from += count * stride;
		pfree(numbers);
		if (widening)
			pfree(widening);
		pfree(origin);
	}
	MemoryContextSwitchTo(old);
	/* the extended covariates are freed with the context */
	input->data[series] = given;
	MemoryContextDelete(context);
}

/*
 * Returns the row of a series after the last that the model was trained on; 0
 * or less if the model was not trained on the series.  A model that keeps no
 * series may have been trained on any, up to its last timestamp.
 */
static int64
rolling_trained(const Rolling *rolling, int64 series)
{
	const ForecastInput *input = rolling->input;
	const ForecastModel *model = input->model;
	int64		index = input->index[series];
	bool		exact;

	if (index >= 0)
		return (int64) model->core.series_number[index * FRNN_SERIES_NUMBERS + FRNN_N_ROWS] - input->data[series].offset;
	if (!model->core.recipe.pooled || !model->panel.dated || input->data[series].n == 0)
		return 0;
	return axis_index(&model->axis, input->anchor[series], model->panel.last, &exact) + 1 - input->first[series];
}

int64
rolling_first(const Rolling *rolling, int64 series, int64 hold_out)
{
	const ForecastInput *input = rolling->input;
	const FrnnSeriesData *data = &input->data[series];
	int64		first = rolling_trained(rolling, series);

	if (hold_out > 0)
		return Max(1, data->n - hold_out);
	if (first >= 1 && first < data->n)
		return first;
	return Max(1, data->n - rolling->steps);
}

void
rolling_notice_none(const Rolling *rolling, int64 hold_out)
{
	int64		longest = 0;

	for (int64 s = 0; s < rolling->input->series; s++)
		longest = Max(longest, rolling->input->data[s].n - rolling_first(rolling, s, hold_out));
	if (longest >= rolling->steps)
		return;
	ereport(NOTICE,
			(errmsg("no forecast was evaluated: at most " INT64_FORMAT " rows of a series come %s, fewer than the horizon of %d",
					longest, hold_out > 0 ? "from hold_out" : "after those of the training", rolling->steps),
			 longest > 0 ? errhint("Give a horizon of at most " INT64_FORMAT ", or more rows.", longest) : errhint("Give more rows.")));
}

void
rolling_naive(const Rolling *rolling, int64 series, int64 origin, int period, double *out)
{
	frnn_naive(rolling->input->data[series].value, origin, period, rolling->steps, out);
}

/* Adds the absolute errors of a naive forecast from one origin. */
static void
naive_add_error(const Rolling *rolling, int64 series, int64 origin, int64 end, int period, double *out, double *sum)
{
	const double *value = rolling->input->data[series].value;
	int			k;

	rolling_naive(rolling, series, origin, period, out);
	for (k = 0; k < rolling->steps && origin + k < end; k++)
		if (!isnan(value[origin + k]) && !isnan(out[k]))
			*sum += fabs(value[origin + k] - out[k]);
}

int
rolling_naive_period(const Rolling *rolling, int64 series, int64 first)
{
	const FrnnRecipe *recipe = &rolling->input->model->core.recipe;
	int64		end = Min(first, rolling->input->data[series].n);
	double		error[FRNN_MAX_PERIODS + 1] = {0};
	int			period[FRNN_MAX_PERIODS + 1] = {1};
	int			n = 1;
	int			best = 0;
	double	   *out;
	int64		stride;
	int64		origin;
	int			i;

	for (i = 0; i < recipe->periods; i++)
		if (recipe->period[i] > 1 && recipe->period[i] < end)
			period[n++] = recipe->period[i];
	if (n == 1)
		return 1;
	out = palloc(sizeof(double) * rolling->steps);
	/* from the same origins, which the longest season is before */
	stride = Max(1, (end - period[n - 1]) * Min(rolling->steps, end) / NAIVE_VALUES);
	for (origin = period[n - 1]; origin < end; origin += stride)
		for (i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			naive_add_error(rolling, series, origin, end, period[i], out, &error[i]);
		}
	pfree(out);
	for (i = 1; i < n; i++)
		if (error[i] < error[best])
			best = i;
	return period[best];
}

char	   *
rolling_naive_method(int period)
{
	return period <= 1 ? pstrdup("last value") : psprintf("value %d rows ago", period);
}

bool
rolling_in_sample(const Rolling *rolling, int64 series, int64 first)
{
	return first < rolling_trained(rolling, series);
}

double
rolling_scale(const Rolling *rolling, int64 series, int64 first)
{
	const double *value = rolling->input->data[series].value;
	double		sum = 0;
	int64		n = 0;
	int64		i;

	for (i = rolling->period; i < first; i++)
		if (!isnan(value[i]) && !isnan(value[i - rolling->period]))
		{
			sum += fabs(value[i] - value[i - rolling->period]);
			n++;
		}
	return n > 0 && sum > 0 ? sum / n : NAN;
}

int64
rolling_timestamp(const Rolling *rolling, int64 series, int64 row)
{
	const ForecastInput *input = rolling->input;

	return axis_stamp(&input->model->axis, input->anchor[series], input->first[series] + row);
}

void
rolling_put_timestamp(const Rolling *rolling, int64 series, int64 row, RowWriter *rows)
{
	const Axis *axis = &rolling->input->model->axis;

	if (axis->unit == AXIS_INDEX)
		rows_null(rows);
	else
		rows_datum(rows, axis_as_timestamptz(axis, rolling_timestamp(rolling, series, row)));
}

void
rolling_put_index(const Rolling *rolling, int64 series, int64 row, RowWriter *rows)
{
	const ForecastInput *input = rolling->input;

	rows_bigint(rows, input->model->axis.unit == AXIS_INDEX ? rolling_timestamp(rolling, series, row) :
				input->first[series] + row);
}
