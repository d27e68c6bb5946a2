/*
 * backtest.c
 *	  rnn_backtest: rolling-origin forecasts beside what came and beside the
 *	  naive forecast, with one model for all origins or one trained anew at
 *	  each cutoff; rnn_evaluate: their errors, a row a series.
 *
 * No fold sees the future of a series: a refit is given the rows before its
 * cutoff alone, and the core never looks at values from an origin on.  Cutoffs
 * count from each series' own end, so where series end at different times, a
 * fold's model has seen later days of those that go on longer.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/forecast/train.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_backtest);
PG_FUNCTION_INFO_V1(rnn_backtest_refit);
PG_FUNCTION_INFO_V1(rnn_evaluate_panel);

#define BACKTEST_COLUMNS	11
#define EVALUATE_COLUMNS	11
#define QUANTILE_LEVELS		5	/* 0.2, 0.4, 0.6, 0.8 for the quantile loss, then the level asked for */

/* arguments that all judgements share, NULL taken as the default */
typedef struct Folds
{
	int			horizon;		/* 0: the model's */
	int64		hold_out;		/* 0: the rows after training */
	int64		stride;			/* 0: the horizon */
	double		confidence;
} Folds;

static int64
optional_count(FunctionCallInfo fcinfo, int argument, const char *name, int64 high)
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
optional_confidence(FunctionCallInfo fcinfo, int argument)
{
	return check_confidence(PG_ARGISNULL(argument) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(argument));
}

/* (.., horizon, hold_out, stride, confidence_level) from that argument on */
static Folds
read_folds(FunctionCallInfo fcinfo, int argument)
{
	Folds		folds;

	folds.horizon = (int) optional_count(fcinfo, argument, "the horizon", 100000);
	folds.hold_out = optional_count(fcinfo, argument + 1, "hold_out", PG_INT32_MAX);
	folds.stride = optional_count(fcinfo, argument + 2, "the stride", PG_INT32_MAX);
	folds.confidence = optional_confidence(fcinfo, argument + 3);
	return folds;
}

/* ---- rnn_backtest ---- */

typedef struct BacktestRows
{
	ReturnSetInfo *result;
	int64		first;			/* origin of fold 1 */
	int64		stride;
	int64		fold;			/* added to the fold's number */
	double	   *naive;			/* (steps) */
} BacktestRows;

static void
backtest_emit(const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg)
{
	BacktestRows *rows = arg;
	const FrnnSeriesData *data = forecast->data;
	const Axis *axis = &judge->input->model->axis;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		origin = forecast->origin[i];
		bool		integer = axis->unit == AXIS_INDEX;
		Datum		cutoff = integer ? (Datum) 0 : axis_as_timestamptz(axis, judge_stamp(judge, series, origin - 1));

		CHECK_FOR_INTERRUPTS();
		judge_naive(judge, series, origin, rows->naive);
		for (k = 0; k < judge->steps; k++)
		{
			int64		at = i * judge->steps + k;
			Datum		value[BACKTEST_COLUMNS];
			bool		null[BACKTEST_COLUMNS] = {false};

			judge_put_id(judge, series, value, null, 0);
			value[1] = Int32GetDatum((int32) (rows->fold + (origin - rows->first) / rows->stride + 1));
			value[2] = cutoff;
			value[3] = integer ? (Datum) 0 : axis_as_timestamptz(axis, judge_stamp(judge, series, origin + k));
			null[2] = null[3] = integer;
			value[4] = Int32GetDatum(k + 1);
			put_number(value, null, 5, origin + k < data->n ? data->value[origin + k] : NAN);
			put_number(value, null, 6, forecast->point[at]);
			put_number(value, null, 7, rows->naive[k]);
			put_number(value, null, 8, forecast->lower[at]);
			put_number(value, null, 9, forecast->upper[at]);
			value[10] = Int64GetDatum(integer ? judge_stamp(judge, series, origin + k) :
									  judge->input->first[series] + origin + k);
			tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, value, null);
		}
	}
}

/* rnn_backtest(model, panel, horizon, hold_out, stride, confidence_level, options) */
Datum
rnn_backtest(PG_FUNCTION_ARGS)
{
	BacktestRows rows = {NULL};
	Folds		folds;
	MemoryContext context,
				old;
	ForecastInput *input;
	Judge	   *judge;
	int64		s;

	InitMaterializedSRF(fcinfo, 0);
	rows.result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	folds = read_folds(fcinfo, 2);
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_backtest", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(6) ? NULL : PG_GETARG_JSONB_P(6));
	judge = judge_create(input, folds.horizon, 1, &folds.confidence);
	rows.stride = folds.stride > 0 ? folds.stride : judge->steps;
	rows.naive = palloc(sizeof(double) * judge->steps);
	for (s = 0; s < input->series; s++)
	{
		rows.first = judge_first(judge, s, folds.hold_out);
		judge_series(judge, s, rows.first, input->data[s].n - judge->steps, rows.stride, backtest_emit, &rows);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- with refit ---- */

/* the panel as it stood `ahead` rows before its end: later values are gone, later covariates are known */
static PanelData *
panel_before(const PanelData *panel, int64 ahead)
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
		/* trailing missing values are rows to forecast */
		while (n > 0 && isnan(data[s].value[n - 1]))
			n--;
		data[s].future += data[s].n - n;
		data[s].n = n;
	}
	return before;
}

/* the first fold must leave something to train on */
static void
check_folds(const PanelData *panel, int64 folds, int64 horizon, int64 stride)
{
	int64		longest = 0;
	int64		s;

	for (s = 0; s < panel->panel.series; s++)
		longest = Max(longest, panel->data[s].n);
	if (longest - horizon - (folds - 1) * stride < 3)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg(INT64_FORMAT " folds a stride of " INT64_FORMAT " apart leave no rows to train on: the longest series has "
							   INT64_FORMAT " rows", folds, stride, longest),
						errhint("Ask for fewer folds, or a smaller stride or horizon.")));
}

/* rnn_backtest(panel, network, options, folds, horizon, stride, confidence_level): trained anew at each cutoff */
Datum
rnn_backtest_refit(PG_FUNCTION_ARGS)
{
	BacktestRows rows = {NULL};
	MemoryContext context,
				old;
	TrainRequest *request;
	int64		folds,
				stride,
				horizon,
				fold;
	double		confidence;

	InitMaterializedSRF(fcinfo, 0);
	rows.result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	folds = optional_count(fcinfo, 3, "folds", 1000);
	if (folds == 0)
		folds = 3;
	horizon = optional_count(fcinfo, 4, "the horizon", FRNN_MAX_HORIZON);
	stride = optional_count(fcinfo, 5, "the stride", PG_INT32_MAX);
	confidence = optional_confidence(fcinfo, 6);

	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_backtest", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	request = train_request(PG_GETARG_DATUM(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
							PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2));
	if (horizon > 0)
		request->horizon = (int) horizon;
	if (stride == 0)
		stride = request->horizon;
	check_folds(request->data, folds, request->horizon, stride);
	for (fold = 0; fold < folds; fold++)
	{
		MemoryContext fold_context = AllocSetContextCreate(context, "rnn_backtest fold", ALLOCSET_DEFAULT_SIZES);
		ForecastInput *input;
		Judge	   *judge;
		int64		ahead = request->horizon + (folds - 1 - fold) * stride;
		int64		s;

		MemoryContextSwitchTo(fold_context);
		input = forecast_input_trained(train_fit(request, panel_before(request->data, ahead)), request->data);
		judge = judge_create(input, request->horizon, 1, &confidence);
		judge->context = context;
		rows.stride = stride;
		rows.fold = fold;
		rows.naive = palloc(sizeof(double) * judge->steps);
		for (s = 0; s < input->series; s++)
		{
			rows.first = input->data[s].n - ahead;
			judge_series(judge, s, rows.first, rows.first, stride, backtest_emit, &rows);
		}
		MemoryContextSwitchTo(context);
		MemoryContextDelete(fold_context);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}

/* ---- rnn_evaluate(model, panel) ---- */

typedef struct Score
{
	double		n,
				absolute,
				squared,
				percent,
				percent_n,
				symmetric,
				size,			/* sum of |y| */
				pinball,
				covered,
				interval_n,
				naive;
	double	   *naive_value;	/* (steps) */
} Score;

/* pinball losses of the nine deciles, twice their mean being the quantile loss's numerator */
static void
score_quantiles(Score *score, const Judge *judge, const FrnnForecast *forecast, int64 at, double y)
{
	int64		cells = forecast->origins * judge->steps;
	double		sum = 0.5 * fabs(y - forecast->point[at]);
	int			level;

	for (level = 0; level < QUANTILE_LEVELS - 1; level++)
	{
		double		low = forecast->lower[level * cells + at];
		double		high = forecast->upper[level * cells + at];
		double		p = (1 + judge->confidence[level]) / 2;

		sum += y >= high ? p * (y - high) : (1 - p) * (high - y);
		sum += y >= low ? (1 - p) * (y - low) : p * (low - y);
	}
	score->pinball += 2 * sum / (2 * (QUANTILE_LEVELS - 1) + 1);
}

static void
score_add(const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg)
{
	Score	   *score = arg;
	int64		cells = forecast->origins * judge->steps;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
	{
		CHECK_FOR_INTERRUPTS();
		judge_naive(judge, series, forecast->origin[i], score->naive_value);
		for (k = 0; k < judge->steps; k++)
		{
			int64		row = forecast->origin[i] + k;
			int64		at = i * judge->steps + k;
			double		y = row < forecast->data->n ? forecast->data->value[row] : NAN;
			double		f = forecast->point[at];
			double		low = forecast->lower[(QUANTILE_LEVELS - 1) * cells + at];
			double		high = forecast->upper[(QUANTILE_LEVELS - 1) * cells + at];

			if (isnan(y) || isnan(f))
				continue;
			score->n++;
			score->absolute += fabs(y - f);
			score->squared += (y - f) * (y - f);
			score->size += fabs(y);
			score->naive += fabs(y - score->naive_value[k]);
			if (y != 0)
			{
				score->percent += fabs((y - f) / y);
				score->percent_n++;
			}
			if (fabs(y) + fabs(f) > 0)
				score->symmetric += 2 * fabs(y - f) / (fabs(y) + fabs(f));
			if (!isnan(low) && !isnan(high))
			{
				score->interval_n++;
				score->covered += y >= low && y <= high;
				score_quantiles(score, judge, forecast, at, y);
			}
		}
	}
}

static void
score_emit(const Judge *judge, int64 series, const Score *score, double scale, ReturnSetInfo *result)
{
	Datum		value[EVALUATE_COLUMNS];
	bool		null[EVALUATE_COLUMNS] = {false};
	double		mae = score->absolute / score->n;
	double		naive = score->naive / score->n;

	judge_put_id(judge, series, value, null, 0);
	value[1] = Int64GetDatum((int64) score->n);
	put_number(value, null, 2, mae);
	put_number(value, null, 3, sqrt(score->squared / score->n));
	put_number(value, null, 4, 100 * score->percent / score->percent_n);
	put_number(value, null, 5, 100 * score->symmetric / score->n);
	put_number(value, null, 6, mae / scale);
	put_number(value, null, 7, score->interval_n > 0 ? score->pinball / score->size : NAN);
	put_number(value, null, 8, score->covered / score->interval_n);
	put_number(value, null, 9, naive);
	put_number(value, null, 10, 1 - mae / naive);
	tuplestore_putvalues(result->setResult, result->setDesc, value, null);
}

/* rnn_evaluate(model, panel, horizon, hold_out, stride, confidence_level, options) */
Datum
rnn_evaluate_panel(PG_FUNCTION_ARGS)
{
	double		confidence[QUANTILE_LEVELS] = {0.2, 0.4, 0.6, 0.8, 0};
	ReturnSetInfo *result;
	Folds		folds;
	MemoryContext context,
				old;
	ForecastInput *input;
	Judge	   *judge;
	double	   *naive;
	int64		s;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	folds = read_folds(fcinfo, 2);
	confidence[QUANTILE_LEVELS - 1] = folds.confidence;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_evaluate", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(6) ? NULL : PG_GETARG_JSONB_P(6));
	judge = judge_create(input, folds.horizon, QUANTILE_LEVELS, confidence);
	naive = palloc(sizeof(double) * judge->steps);
	for (s = 0; s < input->series; s++)
	{
		Score		score = {0};
		int64		first = judge_first(judge, s, folds.hold_out);

		score.naive_value = naive;
		judge_series(judge, s, first, input->data[s].n - judge->steps,
					 folds.stride > 0 ? folds.stride : judge->steps, score_add, &score);
		score_emit(judge, s, &score, judge_scale(judge, s, first), result);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
