/*
 * evaluate.c
 *	  rnn_evaluate of forecasters: errors over rolling origins, one row per
 *	  series, beside the naive forecast's.
 */
#include "pg/forecast/backtest.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_evaluate_panel);

#define QUANTILE_LEVELS		5	/* 0.2, 0.4, 0.6, 0.8 for the quantile loss, then the call's confidence level */

/* Sums over the evaluated rows of a series. */
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
	int			naive_period;	/* see rolling_naive_period */
	double	   *naive_value;	/* (steps) */
} Score;

/* Adds twice the mean pinball loss of the nine deciles, the numerator of the weighted quantile loss. */
static void
score_quantiles(Score *score, const Rolling *rolling, const FrnnForecast *forecast, int64 at, double y)
{
	int64		cells = forecast->origins * rolling->steps;
	double		sum = 0.5 * fabs(y - forecast->point[at]);
	int			level;

	for (level = 0; level < QUANTILE_LEVELS - 1; level++)
	{
		double		low = forecast->lower[level * cells + at];
		double		high = forecast->upper[level * cells + at];
		double		p = (1 + rolling->confidence[level]) / 2;

		sum += y >= high ? p * (y - high) : (1 - p) * (high - y);
		sum += y >= low ? (1 - p) * (y - low) : p * (low - y);
	}
	score->pinball += 2 * sum / (2 * (QUANTILE_LEVELS - 1) + 1);
}

/* Adds one forecast value to the sums. */
static void
score_add_value(Score *score, const Rolling *rolling, const FrnnForecast *forecast, int64 at, double y, double naive)
{
	int64		interval = (QUANTILE_LEVELS - 1) * forecast->origins * rolling->steps + at;
	double		f = forecast->point[at];
	double		low = forecast->lower[interval];
	double		high = forecast->upper[interval];

	if (isnan(y) || isnan(f))
		return;
	score->n++;
	score->absolute += fabs(y - f);
	score->squared += (y - f) * (y - f);
	score->size += fabs(y);
	score->naive += fabs(y - naive);
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
		score_quantiles(score, rolling, forecast, at, y);
	}
}

static void
score_add(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	Score	   *score = arg;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
	{
		CHECK_FOR_INTERRUPTS();
		rolling_naive(rolling, series, forecast->origin[i], score->naive_period, score->naive_value);
		for (k = 0; k < rolling->steps; k++)
		{
			int64		row = forecast->origin[i] + k;
			double		y = row < forecast->data->n ? forecast->data->value[row] : NAN;

			score_add_value(score, rolling, forecast, i * rolling->steps + k, y, score->naive_value[k]);
		}
	}
}

/* Writes the row of a series; first: the first evaluated row.  There is no skill on rows of the training. */
static void
score_emit(const Rolling *rolling, int64 series, const Score *score, int64 first, RowWriter *rows)
{
	bool		in_sample = rolling_in_sample(rolling, series, first);
	double		scale = rolling_scale(rolling, series, first);
	double		mae = score->absolute / score->n;
	double		naive = score->naive / score->n;

	rows_text(rows, forecast_input_name(rolling->input, series));
	rows_bigint(rows, (int64) score->n);
	rows_number(rows, mae);
	rows_number(rows, sqrt(score->squared / score->n));
	rows_number(rows, 100 * score->percent / score->percent_n);
	rows_number(rows, 100 * score->symmetric / score->n);
	rows_number(rows, mae / scale);
	rows_number(rows, score->interval_n > 0 ? score->pinball / score->size : NAN);
	rows_number(rows, score->covered / score->interval_n);
	rows_number(rows, naive);
	rows_number(rows, in_sample ? NAN : 1 - mae / naive);
	rows_text(rows, score->n > 0 ? rolling_naive_method(score->naive_period) : NULL);
	rows_bool(rows, in_sample);
	rows_put(rows);
}

/* rnn_evaluate(model, panel, horizon, hold_out, stride, confidence_level, options) */
Datum
rnn_evaluate_panel(PG_FUNCTION_ARGS)
{
	double		confidence[QUANTILE_LEVELS] = {0.2, 0.4, 0.6, 0.8, 0};
	RowWriter	rows;
	BacktestArguments arguments;
	MemoryContext context,
				old;
	ForecastInput *input;
	Rolling    *rolling;
	double	   *naive;
	int64		s;

	rows_start(&rows, fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	arguments = backtest_arguments(fcinfo, 2);
	confidence[QUANTILE_LEVELS - 1] = arguments.confidence;
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_evaluate", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(6) ? NULL : PG_GETARG_JSONB_P(6));
	rolling = rolling_create(input, arguments.horizon, QUANTILE_LEVELS, confidence, context);
	rolling_as_forecast(rolling);
	naive = palloc(sizeof(double) * rolling->steps);
	for (s = 0; s < input->series; s++)
	{
		Score		score = {0};
		int64		first = rolling_first(rolling, s, arguments.hold_out);

		CHECK_FOR_INTERRUPTS();
		score.naive_period = rolling_naive_period(rolling, s, first);
		score.naive_value = naive;
		rolling_series(rolling, s, first, input->data[s].n - rolling->steps,
					   arguments.stride > 0 ? arguments.stride : rolling->steps, score_add, &score);
		score_emit(rolling, s, &score, first, &rows);
	}
	rolling_notice_none(rolling, arguments.hold_out);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
