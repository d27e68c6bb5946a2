/*
 * backtest.c
 *	  rnn_backtest: rolling-origin forecasts beside the actual values and the
 *	  naive forecast, with one model for all origins or one trained again at
 *	  each cutoff.
 *
 * No fold uses the future of a series: a refit gets the rows before its cutoff
 * alone, and the core reads no values from an origin on.  Cutoffs count from
 * the end of each series.  If series end at different times, a fold's model
 * has been trained on later days of the longer series.
 */
#include "pg/forecast/backtest.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/forecast/train_fit.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_backtest);
PG_FUNCTION_INFO_V1(rnn_backtest_refit);

/* Returns a count of an argument between 1 and high; 0 if it is NULL. */
static int64
backtest_count(FunctionCallInfo fcinfo, int argument, const char *name, int64 high)
{
	int64		value;

	if (PG_ARGISNULL(argument))
		return 0;
	value = PG_GETARG_INT32(argument);
	if (value < 1 || value > high)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be between 1 and " INT64_FORMAT ", not " INT64_FORMAT, name, high, value)));
	return value;
}

static double
backtest_confidence(FunctionCallInfo fcinfo, int argument)
{
	return check_confidence(PG_ARGISNULL(argument) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(argument));
}

BacktestArguments
backtest_arguments(FunctionCallInfo fcinfo, int argument)
{
	BacktestArguments arguments;

	arguments.horizon = (int) backtest_count(fcinfo, argument, "the horizon", BACKTEST_MAX_HORIZON);
	arguments.hold_out = backtest_count(fcinfo, argument + 1, "hold_out", PG_INT32_MAX);
	arguments.stride = backtest_count(fcinfo, argument + 2, "the stride", PG_INT32_MAX);
	arguments.confidence = backtest_confidence(fcinfo, argument + 3);
	return arguments;
}

typedef struct BacktestRows
{
	RowWriter	rows;
	int64		first;			/* origin of fold 1 */
	int64		stride;
	int64		fold;			/* added to the fold's number */
	int			naive_period;	/* see rolling_naive_period */
	char	   *naive_method;
	double	   *naive;			/* (steps) */
} BacktestRows;

static void
backtest_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	BacktestRows *output = arg;
	RowWriter  *rows = &output->rows;
	const FrnnSeriesData *data = forecast->data;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		origin = forecast->origin[i];

		CHECK_FOR_INTERRUPTS();
		rolling_naive(rolling, series, origin, output->naive_period, output->naive);
		for (k = 0; k < rolling->steps; k++)
		{
			int64		at = i * rolling->steps + k;

			rows_text(rows, forecast_input_name(rolling->input, series));
			rows_int(rows, (int32) (output->fold + (origin - output->first) / output->stride + 1));
			rolling_put_timestamp(rolling, series, origin - 1, rows);
			rolling_put_timestamp(rolling, series, origin + k, rows);
			rows_int(rows, k + 1);
			rows_number(rows, origin + k < data->n ? data->value[origin + k] : NAN);
			rows_number(rows, forecast->point[at]);
			rows_number(rows, output->naive[k]);
			rows_number(rows, forecast->lower[at]);
			rows_number(rows, forecast->upper[at]);
			rolling_put_index(rolling, series, origin + k, rows);
			rows_text(rows, output->naive_method);
			rows_put(rows);
		}
	}
}

/* Forecasts the folds of a series from the origins output->first .. to. */
static void
backtest_series(Rolling *rolling, int64 series, int64 to, BacktestRows *output)
{
	CHECK_FOR_INTERRUPTS();
	output->naive_period = rolling_naive_period(rolling, series, output->first);
	output->naive_method = rolling_naive_method(output->naive_period);
	rolling_series(rolling, series, output->first, to, output->stride, backtest_emit, output);
	pfree(output->naive_method);
}

/* rnn_backtest(model, panel, horizon, hold_out, stride, confidence_level, options) */
Datum
rnn_backtest(PG_FUNCTION_ARGS)
{
	BacktestRows output = {0};
	BacktestArguments arguments;
	MemoryContext context,
				old;
	ForecastInput *input;
	Rolling    *rolling;
	int64		s;

	rows_start(&output.rows, fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	arguments = backtest_arguments(fcinfo, 2);
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_backtest", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(6) ? NULL : PG_GETARG_JSONB_P(6));
	rolling = rolling_create(input, arguments.horizon, 1, &arguments.confidence, context);
	rolling_as_forecast(rolling);
	output.stride = arguments.stride > 0 ? arguments.stride : rolling->steps;
	output.naive = palloc(sizeof(double) * rolling->steps);
	for (s = 0; s < input->series; s++)
	{
		output.first = rolling_first(rolling, s, arguments.hold_out);
		backtest_series(rolling, s, input->data[s].n - rolling->steps, &output);
	}
	rolling_notice_none(rolling, arguments.hold_out);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- with refit ---- */

/* Returns the panel without the values of the last `ahead` rows of each series; their covariates stay known. */
static PanelData *
backtest_cut_panel(const PanelData *panel, int64 ahead)
{
	PanelData  *before = palloc(sizeof(PanelData));
	FrnnSeriesData *data = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(FrnnSeriesData) * panel->panel.series);
	int64		s;

	*before = *panel;
	before->data = data;
	before->panel.data = data;
	for (s = 0; s < panel->panel.series; s++)
	{
		int64		n = Max(0, panel->data[s].n - ahead);

		data[s] = panel->data[s];
		CHECK_FOR_INTERRUPTS();
		/* trailing missing values are rows to forecast */
		while (n > 0 && isnan(data[s].value[n - 1]))
			n--;
		data[s].future += data[s].n - n;
		data[s].n = n;
	}
	return before;
}

/* Raises an error if the first fold leaves no rows to train on. */
static void
backtest_check_folds(const PanelData *panel, int64 folds, int64 horizon, int64 stride)
{
	int64		longest = 0;
	int64		s;

	for (s = 0; s < panel->panel.series; s++)
		longest = Max(longest, panel->data[s].n);
	if (longest - horizon - (folds - 1) * stride < 3)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg(INT64_FORMAT " folds with a stride of " INT64_FORMAT " leave no rows to train on: the longest series has "
							   INT64_FORMAT " rows", folds, stride, longest),
						errhint("Ask for fewer folds, or a smaller stride or horizon.")));
}

/* Arguments of a back-test with refit. */
typedef struct BacktestRefit
{
	TrainRequest *request;
	int64		folds;
	int64		stride;
	double		confidence;
	MemoryContext context;		/* of the call */
} BacktestRefit;

/* Trains the model of one fold and writes its forecasts. */
static void
backtest_refit_fold(const BacktestRefit *refit, int64 fold, BacktestRows *output)
{
	MemoryContext context = AllocSetContextCreate(refit->context, "rnn_backtest fold", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	const TrainRequest *request = refit->request;
	int64		ahead = request->horizon + (refit->folds - 1 - fold) * refit->stride;
	ForecastInput *input;
	Rolling    *rolling;
	int64		s;

	input = forecast_input_trained(train_fit(request, backtest_cut_panel(request->data, ahead)), request->data, request->options);
	rolling = rolling_create(input, request->horizon, 1, &refit->confidence, refit->context);
	rolling_as_forecast(rolling);
	output->stride = refit->stride;
	output->fold = fold;
	output->naive = palloc(sizeof(double) * rolling->steps);
	for (s = 0; s < input->series; s++)
	{
		output->first = input->data[s].n - ahead;
		backtest_series(rolling, s, output->first, output);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* rnn_backtest(panel, network, options, folds, horizon, stride, confidence_level) */
Datum
rnn_backtest_refit(PG_FUNCTION_ARGS)
{
	BacktestRows output = {0};
	BacktestRefit refit;
	MemoryContext old;
	int64		horizon,
				fold;

	rows_start(&output.rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	refit.folds = backtest_count(fcinfo, 3, "folds", 1000);
	if (refit.folds == 0)
		refit.folds = 3;
	horizon = backtest_count(fcinfo, 4, "the horizon", FRNN_MAX_HORIZON);
	refit.stride = backtest_count(fcinfo, 5, "the stride", PG_INT32_MAX);
	refit.confidence = backtest_confidence(fcinfo, 6);

	refit.context = AllocSetContextCreate(CurrentMemoryContext, "rnn_backtest", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(refit.context);
	refit.request = train_request(PG_GETARG_DATUM(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
								  PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2));
	if (horizon > 0)
		refit.request->horizon = (int) horizon;
	if (refit.stride == 0)
		refit.stride = refit.request->horizon;
	backtest_check_folds(refit.request->data, refit.folds, refit.request->horizon, refit.stride);
	for (fold = 0; fold < refit.folds; fold++)
		backtest_refit_fold(&refit, fold, &output);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(refit.context);
	return (Datum) 0;
}
