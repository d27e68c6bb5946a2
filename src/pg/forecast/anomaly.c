/*
 * anomaly.c
 *	  One-step forecasts of all rows of a panel: rnn_fitted returns them beside
 *	  the rows, rnn_detect_anomalies compares the rows with their intervals.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/base/order.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_fitted);
PG_FUNCTION_INFO_V1(rnn_detect_anomalies);

/* levels between which probabilities are interpolated; the threshold comes before them */
static const double anomaly_level[] = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
	0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999, 0.999999};

#define ANOMALY_RUN			3	/* rows of a run of outliers that are replaced for the rows after them */
#define NEW_LEVEL			4	/* anomalies on one side, one after the other, that make a new level */
#define OUTLIER				2.0 /* half-widths at WIDTH_LEVEL that it is off by: five standard deviations of a normal */
#define DISTURBED			0.25	/* half-widths by which it changes the forecasts that are compared again */
#define WIDTH_LEVEL			(1 + 22)	/* 0.99 */
#define ANOMALY_LEVELS		(1 + (int) lengthof(anomaly_level))

/* Writes the columns that both functions share: series, timestamp, index and value of a row. */
static void
anomaly_put_row(RowWriter *rows, const Rolling *rolling, int64 series, int64 row)
{
	rows_text(rows, forecast_input_name(rolling->input, series));
	rolling_put_timestamp(rolling, series, row, rows);
	rolling_put_index(rolling, series, row, rows);
	rows_number(rows, rolling->input->data[series].value[row]);
}

static void
fitted_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	RowWriter  *rows = arg;
	int64		i;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		row = forecast->origin[i];

		CHECK_FOR_INTERRUPTS();
		anomaly_put_row(rows, rolling, series, row);
		rows_number(rows, forecast->point[i]);
		rows_number(rows, forecast->data->value[row] - forecast->point[i]);
		rows_put(rows);
	}
}

/*
 * Returns the confidence level of the interval that ends at y, by linear interpolation between the levels computed;
 * beyond the last level, the tail falls with the distance from the forecast.
 */
static double
anomaly_probability(const Rolling *rolling, const FrnnForecast *forecast, int64 i, double y)
{
	const double *bound = y < forecast->point[i] ? forecast->lower : forecast->upper;
	double		distance = fabs(y - forecast->point[i]);
	double		last = rolling->confidence[rolling->levels - 1];
	double		confidence = 0;
	double		width = 0;
	int			level;

	for (level = 1; level < rolling->levels; level++)
	{
		double		next = fabs(bound[level * forecast->origins + i] - forecast->point[i]);

		if (distance <= next)
			return next > width ? confidence + (rolling->confidence[level] - confidence) * (distance - width) / (next - width)
				: confidence;
		confidence = rolling->confidence[level];
		width = next;
	}
	return 1 - (1 - last) * (width / distance);
}

/* Returns the probability, on the threshold's side of it. */
static double
anomaly_agree(double probability, double threshold, bool anomaly)
{
	return anomaly ? fmax(probability, threshold) : fmin(probability, threshold);
}

/* how the rows of a series compare with their forecasts */
typedef struct AnomalyRow
{
	double		forecast;
	double		low;
	double		high;
	double		probability;
	bool		anomaly;
	bool		outlier;		/* far outside: it disturbs the forecasts of rows after it */
} AnomalyRow;

typedef struct AnomalySeries
{
	const double *value;		/* as given */
	AnomalyRow *row;			/* (n) */
	bool		again;			/* anomalies are compared with forecasts from a history without the outliers before
								 * them */
} AnomalySeries;

/* Compares rows with their forecasts; a second time only to find that a row is none whose forecast was disturbed. */
static void
anomaly_compare(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	AnomalySeries *of = arg;

	for (int64 i = 0; i < forecast->origins; i++)
	{
		int64		at = forecast->origin[i];
		double		y = of->value[at];
		double		width = 0;
		AnomalyRow	row = {forecast->point[i], forecast->lower[i], forecast->upper[i], NAN, false, false};

		CHECK_FOR_INTERRUPTS();
		if (!isnan(y) && !isnan(row.low) && !isnan(row.high))
		{
			const double *bound = y < row.forecast ? forecast->lower : forecast->upper;

			width = fabs(bound[WIDTH_LEVEL * forecast->origins + i] - row.forecast);
			row.anomaly = y < row.low || y > row.high;
			row.outlier = row.anomaly && fabs(y - row.forecast) > OUTLIER * width;
			row.probability = anomaly_agree(anomaly_probability(rolling, forecast, i, y), rolling->confidence[0], row.anomaly);
		}
		if (!of->again || isnan(of->row[at].forecast) ||
			(!row.anomaly && !isnan(row.probability) && fabs(row.forecast - of->row[at].forecast) > DISTURBED * width))
			of->row[at] = row;
	}
}

/* Keeps the forecast of one row. */
static void
anomaly_keep(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	*(double *) arg = forecast->point[0];
}

/* Forecasts or compares one row from a history in which outliers are replaced, and levels before are moved. */
static void
anomaly_from(Rolling *rolling, int64 series, int64 row, const double *clean, RollingConsumer consumer, void *arg)
{
	FrnnSeriesData *data = &rolling->input->data[series];
	const double *given = data->value;

	data->value = clean;
	rolling_series(rolling, series, row, row, 1, consumer, arg);
	data->value = given;
}

/* Returns the median of NEW_LEVEL numbers, which it sorts. */
static double
median_of_run(double *number)
{
	frnn_sort(number, NEW_LEVEL);
	return frnn_sorted_quantile(number, NEW_LEVEL, 0.5);
}

/*
 * Moves the rows before a run of anomalies on one side to the level of the run:
 * by the ratio to the forecasts from the level before if the model forecasts
 * logarithms, else by the difference.  start: the first row of the run, of
 * NEW_LEVEL rows that are known.
 */
static void
anomaly_new_level(Rolling *rolling, int64 series, int64 start, const int64 *run, double *clean)
{
	const FrnnForecaster *core = &rolling->input->model->core;
	const double *given = rolling->input->data[series].value;
	int64		from = Max(0, start - frnn_forecaster_history(core));
	double		difference[NEW_LEVEL];
	double		ratio[NEW_LEVEL];
	double		factor;
	double		shift;

	for (int k = 0; k < NEW_LEVEL; k++)
	{
		double		forecast;

		anomaly_from(rolling, series, run[k], clean, anomaly_keep, &forecast);
		difference[k] = given[run[k]] - forecast;
		ratio[k] = given[run[k]] / forecast;
		clean[run[k]] = forecast;
	}
	factor = core->recipe.transform == FRNN_TRANSFORM_LOG || core->recipe.transform == FRNN_TRANSFORM_LOG1P ? median_of_run(ratio) : 1;
	shift = median_of_run(difference);
	for (int k = 0; k < NEW_LEVEL; k++)
		clean[run[k]] = given[run[k]];
	for (int64 i = from; i < start; i++)
		clean[i] = factor > 0 && isfinite(factor) && factor != 1 ? clean[i] * factor : clean[i] + shift;
}

/*
 * Goes through the anomalies of a series in time: one that has an outlier or a
 * new level in its window is compared again with the forecast from a history in
 * which outliers are replaced and the level before is moved; it may be an outlier
 * itself.
 */
static void
anomaly_again(Rolling *rolling, int64 series, AnomalySeries *of, double *clean)
{
	int64		n = rolling->input->data[series].n;
	int64		window = frnn_forecaster_window(&rolling->input->model->core);
	int64		last = -window; /* row replaced last */
	int			run = 0;		/* outliers one after the other */
	int64		side[NEW_LEVEL];	/* rows of anomalies on one side, one after the other */
	int			sides = 0;
	bool		above = false;

	of->again = true;
	for (int64 i = 1; i < n; i++)
	{
		AnomalyRow *row = &of->row[i];

		if (isnan(of->value[i]))
			continue;
		if (row->anomaly && sides == NEW_LEVEL && (of->value[i] > row->forecast) == above)
		{
			anomaly_new_level(rolling, series, side[0], side, clean);
			last = i;
			sides = 0;
		}
		/* an outlier beyond float32 leaves no forecast at all */
		if ((row->anomaly || isnan(row->forecast)) && i - last <= window)
			anomaly_from(rolling, series, i, clean, anomaly_compare, of);
		if (!row->anomaly || (of->value[i] > row->forecast) != above)
			sides = 0;
		above = of->value[i] > row->forecast;
		if (row->anomaly && sides < NEW_LEVEL)
			side[sides++] = i;
		run = row->outlier ? run + 1 : 0;
		if (!row->outlier || run > ANOMALY_RUN)
			continue;
		clean[i] = row->forecast;
		last = i;
	}
}

/*
 * Finds the anomalies of a series and writes its rows.  An outlier disturbs the
 * forecasts of the rows after it: those that are anomalies are compared again
 * with forecasts from a history in which the outlier is replaced by its own
 * forecast.  A row outside of both intervals stays an anomaly, and up to
 * ANOMALY_RUN rows of a run are replaced.  After NEW_LEVEL anomalies on one side
 * the level is a new one: the rows after them are compared with forecasts from
 * that level.
 */
static void
anomaly_series(Rolling *rolling, int64 series, RowWriter *rows)
{
	const double *given = rolling->input->data[series].value;
	int64		n = rolling->input->data[series].n;
	AnomalySeries of = {given, NULL, false};
	MemoryContext context;
	MemoryContext old;
	double	   *clean;

	if (n < 2)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "anomalies", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	frnn_check_growth(rolling->context, (sizeof(AnomalyRow) + sizeof(double)) * n, "forecasting");
	of.row = MemoryContextAllocExtended(context, sizeof(AnomalyRow) * n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	clean = MemoryContextAllocHuge(context, sizeof(double) * n);
	memcpy(clean, given, sizeof(double) * n);
	rolling_series(rolling, series, 1, n - 1, 1, anomaly_compare, &of);
	anomaly_again(rolling, series, &of, clean);
	for (int64 i = 1; i < n; i++)
	{
		const AnomalyRow *row = &of.row[i];

		CHECK_FOR_INTERRUPTS();
		anomaly_put_row(rows, rolling, series, i);
		rows_number(rows, row->forecast);
		rows_number(rows, row->low);
		rows_number(rows, row->high);
		if (isnan(row->probability))
			rows_null(rows);
		else
			rows_bool(rows, row->anomaly);
		rows_number(rows, row->probability);
		rows_put(rows);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Forecasts all rows of all series but the first rows, one step ahead; confidence: the levels of anomalies, or NULL. */
static void
anomaly_forecast_rows(FunctionCallInfo fcinfo, RowWriter *rows, int options_argument, int levels, const double *confidence)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rnn_fitted", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ForecastInput *input;
	Rolling    *rolling;
	int64		s;

	forecast_input_check_fixed(PG_ARGISNULL(options_argument) ? NULL : PG_GETARG_JSONB_P(options_argument));
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(options_argument) ? NULL : PG_GETARG_JSONB_P(options_argument));
	rolling = rolling_create(input, 1, levels, confidence, context);
	for (s = 0; s < input->series; s++)
		if (confidence)
			anomaly_series(rolling, s, rows);
		else
			rolling_series(rolling, s, 1, input->data[s].n - 1, 1, fitted_emit, rows);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* rnn_fitted(model, panel, options) */
Datum
rnn_fitted(PG_FUNCTION_ARGS)
{
	RowWriter	rows;

	rows_start(&rows, fcinfo);
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
		anomaly_forecast_rows(fcinfo, &rows, 2, 0, NULL);
	return (Datum) 0;
}

/* rnn_detect_anomalies(model, panel, anomaly_probability_threshold, options) */
Datum
rnn_detect_anomalies(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	double		confidence[ANOMALY_LEVELS];
	int			i;

	rows_start(&rows, fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	confidence[0] = PG_ARGISNULL(2) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(2);
	if (!(confidence[0] > 0 && confidence[0] < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the anomaly probability threshold must be between 0 and 1, not %g", confidence[0])));
	for (i = 1; i < ANOMALY_LEVELS; i++)
		confidence[i] = anomaly_level[i - 1];
	anomaly_forecast_rows(fcinfo, &rows, 3, ANOMALY_LEVELS, confidence);
	return (Datum) 0;
}
