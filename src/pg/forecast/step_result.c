/*
 * step_result.c
 *	  The row that rnn_step returns: the state, the comparison of the row with
 *	  its forecast, and the forecast of the next one.
 */
#include "pg/forecast/step_result.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "pg/forecast/forecast_input.h"
#include "pg/server/rows.h"
#include "utils/array.h"

double
step_anomaly_probability(const Stream *stream, double y)
{
	double		inner = stream->expected;
	double		level = 0;
	bool		above = y > stream->expected;
	int			i;

	if (!isfinite(y) || !isfinite(stream->expected))
		return NAN;
	for (i = 0; i < STREAM_LEVELS; i++)
	{
		double		outer = above ? stream->level_upper[i] : stream->level_lower[i];

		if (!isfinite(outer))
			return NAN;
		if (above ? y <= outer : y >= outer)
		{
			double		range = fabs(outer - inner);
			double		share = range > 0 ? fabs(y - inner) / range : 0;

			return level + (stream_level[i] - level) * Min(share, 1);
		}
		inner = outer;
		level = stream_level[i];
	}
	return level;
}

/* Returns an array of numbers, NULL for NaN. */
static ArrayType *
step_array(const double *v, int n)
{
	Datum	   *element = palloc(sizeof(Datum) * n);
	bool	   *null = palloc(sizeof(bool) * n);
	int			lower = 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		element[i] = Float8GetDatum(v[i]);
		null[i] = isnan(v[i]);
	}
	return construct_md_array(element, null, 1, &n, &lower, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* Returns the text of the column status, or NULL: of the row, or of the forecast after it. */
static const char *
step_status(const StepComparison *before, const StreamForecast *forecast)
{
	if (before->missing > 0)
		return psprintf(INT64_FORMAT " row%s before this one did not come, %s place", before->missing,
						before->missing > 1 ? "s" : "", before->missing > 1 ? "forecasts took their" : "a forecast took its");
	if (isnan(before->value))
		return "no value, the forecast took its place";
	return forecast->status == FRNN_SERIES_NOT_FINITE || forecast->status == FRNN_SERIES_SHOCK ? forecast_status_text(forecast->status) : NULL;
}

/*
 * Writes the time of the next row and its number, counted from the first row of
 * the training.  On an axis of whole numbers the time is NULL and the number is
 * the one on the axis.
 */
static void
put_next_time(RowWriter *rows, const Stream *stream)
{
	const Axis *axis = &stream->cached->model->axis;
	int64		timestamp = axis_stamp(axis, stream->anchor, stream->rows);

	if (axis->unit == AXIS_INDEX)
		rows_null(rows);
	else
		rows_datum(rows, axis_as_timestamptz(axis, timestamp));
	rows_bigint(rows, axis->unit == AXIS_INDEX ? timestamp : stream->rows);
}

Datum
step_result(FunctionCallInfo fcinfo, const Stream *stream, const StepComparison *before, const StreamForecast *forecast)
{
	RowWriter	rows;

	rows_start_single(&rows, fcinfo);
	rows_datum(&rows, PointerGetDatum(stream_write(stream)));
	rows_number(&rows, before->expected);
	if (isfinite(before->value) && isfinite(before->lower) && isfinite(before->upper))
		rows_bool(&rows, before->value < before->lower || before->value > before->upper);
	else
		rows_null(&rows);
	put_next_time(&rows, stream);
	rows_number(&rows, forecast->point[0]);
	rows_number(&rows, forecast->error[0]);
	rows_number(&rows, forecast->lower[0]);
	rows_number(&rows, forecast->upper[0]);
	rows_datum(&rows, PointerGetDatum(step_array(forecast->point, stream_core(stream)->recipe.horizon)));
	rows_number(&rows, before->lower);
	rows_number(&rows, before->upper);
	rows_text(&rows, step_status(before, forecast));
	rows_number(&rows, before->probability);
	return rows_finish(&rows);
}

Datum
step_late(FunctionCallInfo fcinfo, const Stream *stream)
{
	RowWriter	rows;

	rows_start_single(&rows, fcinfo);
	rows_datum(&rows, PointerGetDatum(PG_GETARG_BYTEA_PP(1)));
	rows_null(&rows);
	rows_null(&rows);
	put_next_time(&rows, stream);
	rows_number(&rows, stream->expected);
	rows_null(&rows);
	rows_number(&rows, stream->lower);
	rows_number(&rows, stream->upper);
	rows_null(&rows);
	rows_null(&rows);
	rows_null(&rows);
	rows_text(&rows, "late, left out");
	rows_null(&rows);
	return rows_finish(&rows);
}
