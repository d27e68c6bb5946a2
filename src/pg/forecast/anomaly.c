/*
 * anomaly.c
 *	  One-step forecasts of all rows of a panel: rnn_fitted returns them beside
 *	  the rows, rnn_detect_anomalies compares the rows with their intervals.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_fitted);
PG_FUNCTION_INFO_V1(rnn_detect_anomalies);

/* levels between which probabilities are interpolated; the threshold comes before them */
static const double anomaly_level[] = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
	0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999, 0.999999};

#define ANOMALY_LEVELS		(1 + (int) lengthof(anomaly_level))

/* Writes the columns that both functions share: series, timestamp, index and value of a row. */
static void
anomaly_put_row(RowWriter *rows, const Rolling *rolling, int64 series, const FrnnForecast *forecast, int64 row)
{
	rows_text(rows, forecast_input_name(rolling->input, series));
	rolling_put_timestamp(rolling, series, row, rows);
	rolling_put_index(rolling, series, row, rows);
	rows_number(rows, forecast->data->value[row]);
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
		anomaly_put_row(rows, rolling, series, forecast, row);
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

static void
anomaly_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	RowWriter  *rows = arg;
	int64		i;

	for (i = 0; i < forecast->origins; i++)
	{
		int64		row = forecast->origin[i];
		double		y = forecast->data->value[row];
		double		low = forecast->lower[i];
		double		high = forecast->upper[i];
		bool		known = !isnan(y) && !isnan(low) && !isnan(high);

		CHECK_FOR_INTERRUPTS();
		anomaly_put_row(rows, rolling, series, forecast, row);
		rows_number(rows, forecast->point[i]);
		rows_number(rows, low);
		rows_number(rows, high);
		if (known)
			rows_bool(rows, y < low || y > high);
		else
			rows_null(rows);
		rows_number(rows, known ? anomaly_agree(anomaly_probability(rolling, forecast, i, y), rolling->confidence[0],
												y < low || y > high) : NAN);
		rows_put(rows);
	}
}

/* Forecasts all rows of all series but the first rows, one step ahead. */
static void
anomaly_forecast_rows(FunctionCallInfo fcinfo, RowWriter *rows, int options_argument, int levels,
					  const double *confidence, RollingConsumer consumer)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "rnn_fitted", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ForecastInput *input;
	Rolling    *rolling;
	int64		s;

	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(options_argument) ? NULL : PG_GETARG_JSONB_P(options_argument));
	rolling = rolling_create(input, 1, levels, confidence, context);
	for (s = 0; s < input->series; s++)
		rolling_series(rolling, s, 1, input->data[s].n - 1, 1, consumer, rows);
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
		anomaly_forecast_rows(fcinfo, &rows, 2, 0, NULL, fitted_emit);
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
	anomaly_forecast_rows(fcinfo, &rows, 3, ANOMALY_LEVELS, confidence, anomaly_emit);
	return (Datum) 0;
}
