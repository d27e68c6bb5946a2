/*
 * rolling.c
 *	  Rolling origins over the series of a panel.
 *
 * Results are held for so many origins at a time that memory stays bounded
 * whatever the length of the series.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define JUDGE_CELLS 1000000		/* forecast numbers held at once */

Judge *
judge_create(ForecastInput *input, int steps, int levels, const double *confidence)
{
	Judge	   *judge = palloc0(sizeof(Judge));
	const FrnnRecipe *recipe = &input->model->core.recipe;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;

	judge->input = input;
	judge->steps = steps > 0 ? steps : recipe->horizon;
	judge->levels = levels;
	judge->confidence = confidence;
	judge->period = recipe->periods > 0 ? recipe->period[0] : 1;
	frnn_check(frnn_predict_size(&input->model->core, input->longest, judge->steps, &bytes, &error), &error);
	judge->context = CurrentMemoryContext;
	frnn_check_growth(judge->context, bytes, "forecasting");
	judge->block = frnn_allocate(bytes, "forecasting");
	return judge;
}

/*
 * The core takes the parameters of a series that the model did not learn from
 * the rows before the first origin of a call.  So that later origins have more
 * than the first one's, a call goes no further than a quarter beyond it.
 */
static int64
origins_at_once(const ForecastInput *input, int64 series, int64 from, int64 stride, int64 most)
{
	const FrnnForecaster *core = &input->model->core;
	int64		index = input->index[series];

	if (index >= 0 && core->series_number[index * FRNN_SERIES_NUMBERS + FRNN_N_STATUS] == FRNN_SERIES_OK)
		return most;
	return Min(most, from / 4 / stride + 1);
}

void
judge_series(Judge *judge, int64 series, int64 from, int64 to, int64 stride, JudgeConsumer consumer, void *arg)
{
	ForecastInput *input = judge->input;
	size_t		cells = (size_t) judge->steps * (2 + 2 * judge->levels);
	int64		most = Max(1, JUDGE_CELLS / (int64) cells);
	FrnnSeriesData given = input->data[series];
	MemoryContext context;
	MemoryContext old;

	from = Max(from, 1);
	if (from > to || given.n == 0)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_judge", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	frnn_check_growth(judge->context, forecast_input_extension(input, series, judge->steps), "forecasting");
	forecast_input_extend(input, series, judge->steps);
	while (from <= to)
	{
		FrnnForecast forecast = {.data = &input->data[series], .index = input->index[series]};
		int64		count = Min(origins_at_once(input, series, from, stride, most), (to - from) / stride + 1);
		int64	   *origin = palloc(sizeof(int64) * count);
		double	   *numbers;
		int64		i;

		CHECK_FOR_INTERRUPTS();
		frnn_check_growth(judge->context, sizeof(double) * cells * count, "forecasting");
		numbers = MemoryContextAllocHuge(context, sizeof(double) * cells * count);
		for (i = 0; i < count; i++)
			origin[i] = from + i * stride;
		forecast.origins = count;
		forecast.origin = origin;
		forecast.point = numbers;
		forecast.error = numbers + count * judge->steps;
		forecast.lower = forecast.error + count * judge->steps;
		forecast.upper = forecast.lower + count * judge->steps * judge->levels;
		frnn_predict(&input->model->core, &forecast, 1, judge->steps, judge->levels, judge->confidence,
					 judge->block, &frnn_pg_hooks);
		consumer(judge, series, &forecast, arg);
		from += count * stride;
		pfree(numbers);
		pfree(origin);
	}
	MemoryContextSwitchTo(old);
	/* the covariates extended above go with the context */
	input->data[series] = given;
	MemoryContextDelete(context);
}

int64
judge_first(const Judge *judge, int64 series, int64 hold_out)
{
	const ForecastInput *input = judge->input;
	const FrnnSeriesData *data = &input->data[series];
	int64		index = input->index[series];

	if (hold_out > 0)
		return Max(1, data->n - hold_out);
	if (index >= 0)
	{
		double		trained = input->model->core.series_number[index * FRNN_SERIES_NUMBERS + FRNN_N_ROWS];
		int64		first = (int64) trained - data->offset;

		if (first >= 1 && first < data->n)
			return first;
	}
	return Max(1, data->n - judge->steps);
}

void
judge_naive(const Judge *judge, int64 series, int64 origin, double *out)
{
	frnn_naive(judge->input->data[series].value, origin, judge->period, judge->steps, out);
}

double
judge_scale(const Judge *judge, int64 series, int64 first)
{
	const double *value = judge->input->data[series].value;
	double		sum = 0;
	int64		n = 0;
	int64		i;

	for (i = judge->period; i < first; i++)
		if (!isnan(value[i]) && !isnan(value[i - judge->period]))
		{
			sum += fabs(value[i] - value[i - judge->period]);
			n++;
		}
	return n > 0 && sum > 0 ? sum / n : NAN;
}

int64
judge_stamp(const Judge *judge, int64 series, int64 row)
{
	const ForecastInput *input = judge->input;

	return axis_stamp(&input->model->axis, input->anchor[series], input->first[series] + row);
}

void
judge_put_id(const Judge *judge, int64 series, Datum *value, bool *null, int column)
{
	null[column] = !judge->input->has_id;
	value[column] = null[column] ? (Datum) 0 : CStringGetTextDatum(judge->input->id[series]);
}
