/*
 * describe.c
 *	  Panels as rows: a summary per series (rnn_describe), the regular rows
 *	  (rnn_rows), and the timestamps after the last known values (rnn_stamps).
 *
 * One series' grid is held at a time, in a context that is reset from series to
 * series.
 */
#include "pg/axis/axis.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pg/server/rows.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* a loop over the series of a panel */
typedef struct Walk
{
	RowWriter	rows;
	PanelView  *panel;
	FrnnOptions *options;
	Axis		axis;
	bool		regular;		/* the step is known */
	bool		lenient;		/* a series that cannot be put on its grid is a NOTICE, not an error */
	MemoryContext context;		/* of the current series */
	int64		next;			/* number of the next series */
	const PanelSeries *series;	/* the current one */
	bool		placed;			/* it has a grid */
	Grid		grid;
} Walk;

/* Starts to write rows; false if the panel is null, which has none. */
static bool
walk_start(Walk *walk, FunctionCallInfo fcinfo, int options_argument)
{
	memset(walk, 0, sizeof(*walk));
	rows_start(&walk->rows, fcinfo);
	if (PG_ARGISNULL(0))
		return false;
	walk->panel = panel_view(PG_GETARG_DATUM(0));
	walk->options = frnn_options_parse(PG_ARGISNULL(options_argument) ? NULL : PG_GETARG_JSONB_P(options_argument), SCOPE_PANEL);
	walk->lenient = walk->options->on_error == ERROR_SKIP;
	walk->context = AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn series", ALLOCSET_DEFAULT_SIZES);
	return true;
}

/* Finds the axis of a panel; false if the panel has no rows. */
static bool
walk_find(Walk *walk)
{
	if (walk->panel->rows == 0)
		return false;
	axis_find(walk->panel, walk->options, &walk->axis);
	walk->regular = true;
	return true;
}

/* Moves to the next series and puts it on its grid; false after the last series. */
static bool
walk_next(Walk *walk)
{
	MemoryContext old;
	char	   *problem;

	CHECK_FOR_INTERRUPTS();
	if (walk->next >= walk->panel->n_series)
		return false;
	MemoryContextReset(walk->context);
	memset(&walk->grid, 0, sizeof(walk->grid));
	walk->series = &walk->panel->series[walk->next++];
	walk->placed = walk->regular;
	if (!walk->regular)
		return true;
	old = MemoryContextSwitchTo(walk->context);
	if (!walk->lenient)
		axis_grid(&walk->axis, walk->panel, walk->series, walk->options, &walk->grid);
	else if (!axis_grid_try(&walk->axis, walk->panel, walk->series, walk->options, &walk->grid, &problem))
	{
		walk->placed = false;
		ereport(NOTICE, (errmsg("%s", problem)));
	}
	MemoryContextSwitchTo(old);
	return true;
}

/* the series' name, NULL if it has none */
static void
walk_put_id(Walk *walk)
{
	rows_text(&walk->rows, walk->series->has_id ? walk->series->id : NULL);
}

/* a timestamp as timestamptz, NULL on integer axes */
static void
walk_put_timestamptz(Walk *walk, int64 stamp)
{
	if (walk->axis.time == PANEL_INTEGER)
		rows_null(&walk->rows);
	else
		rows_datum(&walk->rows, axis_as_timestamptz(&walk->axis, stamp));
}

/* a timestamp as bigint, NULL on other axes */
static void
walk_put_index(Walk *walk, int64 stamp)
{
	if (walk->axis.time == PANEL_INTEGER)
		rows_bigint(&walk->rows, DatumGetInt64(axis_as_bigint(&walk->axis, stamp)));
	else
		rows_null(&walk->rows);
}

static void
walk_put_nulls(Walk *walk, int count)
{
	while (count-- > 0)
		rows_null(&walk->rows);
}

/* the known values of a series, before it is put on a grid */
typedef struct Known
{
	int64		n;
	int64		last;			/* row of the last one */
	double		min,
				max,
				mean;
} Known;

static Known
known_values(const PanelSeries *series)
{
	Known		known = {0, -1, INFINITY, -INFINITY, 0};
	long double sum = 0;		/* the sum of two huge values must not overflow */

	for (int64 i = 0; i < series->n; i++)
	{
		double		x = series->value[i];

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (isnan(x))
			continue;
		known.n++;
		known.last = i;
		known.min = Min(known.min, x);
		known.max = Max(known.max, x);
		sum += x;
	}
	if (known.n > 0)
		known.mean = (double) (sum / known.n);
	return known;
}

static Datum
seasonality_datum(const Axis *axis, int64 n)
{
	int			period[FRNN_MAX_PERIODS];
	Datum		element[FRNN_MAX_PERIODS];
	int			count = axis_periods(axis, period);
	int			kept = 0;

	for (int i = 0; i < count; i++)
		if (n >= 2 * (int64) period[i])
			element[kept++] = Int32GetDatum(period[i]);
	return PointerGetDatum(construct_array(element, kept, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

static void
describe_put_times(Walk *walk, const Known *known)
{
	const int64 *ts = walk->series->ts;

	walk_put_timestamptz(walk, ts[0]);
	if (known->n > 0)
		walk_put_timestamptz(walk, ts[known->last]);
	else
		rows_null(&walk->rows);
	walk_put_index(walk, ts[0]);
	if (known->n > 0)
		walk_put_index(walk, ts[known->last]);
	else
		rows_null(&walk->rows);
}

static void
describe_put_grid(Walk *walk)
{
	if (walk->regular)
	{
		rows_text(&walk->rows, axis_frequency_text(&walk->axis));
		rows_bool(&walk->rows, walk->axis.inferred);
	}
	else
		walk_put_nulls(walk, 2);
	if (!walk->placed)
	{
		walk_put_nulls(walk, 5);
		return;
	}
	rows_bigint(&walk->rows, walk->grid.missing);
	rows_bigint(&walk->rows, walk->grid.gaps);
	rows_bigint(&walk->rows, walk->grid.duplicates);
	rows_bigint(&walk->rows, walk->grid.snapped);
	rows_bigint(&walk->rows, walk->grid.future);
}

static void
describe_series(Walk *walk)
{
	Known		known = known_values(walk->series);

	walk_put_id(walk);
	rows_bigint(&walk->rows, known.n);
	describe_put_times(walk, &known);
	describe_put_grid(walk);
	if (known.n > 0)
	{
		rows_number(&walk->rows, known.min);
		rows_number(&walk->rows, known.max);
		rows_number(&walk->rows, known.mean);
	}
	else
		walk_put_nulls(walk, 3);
	if (walk->placed)
	{
		MemoryContext old = MemoryContextSwitchTo(walk->context);

		rows_datum(&walk->rows, seasonality_datum(&walk->axis, walk->grid.n));
		MemoryContextSwitchTo(old);
	}
	else
		rows_null(&walk->rows);
	rows_put(&walk->rows);
}

PG_FUNCTION_INFO_V1(rnn_describe);
Datum
rnn_describe(PG_FUNCTION_ARGS)
{
	Walk		walk;
	char	   *seen = NULL;

	if (!walk_start(&walk, fcinfo, 1))
		return (Datum) 0;
	/* this function reports what others refuse */
	if (walk.options->on_duplicate == DUPLICATE_ERROR)
		walk.options->on_duplicate = DUPLICATE_MEAN;
	walk.options->on_gap = FRNN_GAP_LINEAR;
	walk.lenient = true;
	walk.regular = axis_find_try(walk.panel, walk.options, &walk.axis, &seen);
	if (!walk.regular && walk.panel->rows > 0)
		ereport(NOTICE,
				(errmsg("the frequency of the time axis cannot be inferred"),
				 errdetail("%s", seen)));
	axis_notice_numbers(walk.panel);
	if (walk.regular)
		axis_notice_own(&walk.axis, walk.panel);
	while (walk_next(&walk))
		describe_series(&walk);
	return (Datum) 0;
}

static Datum
covariates_datum(const double *covariate, int count)
{
	Datum	   *element = palloc(count * sizeof(Datum));
	bool	   *null = palloc(count * sizeof(bool));
	int			lower = 1;

	for (int c = 0; c < count; c++)
	{
		element[c] = Float8GetDatum(covariate[c]);
		null[c] = isnan(covariate[c]);
	}
	return PointerGetDatum(construct_md_array(element, null, 1, &count, &lower, FLOAT8OID,
											  sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* grid row k of the current series */
static void
rows_of_grid(Walk *walk, int64 k)
{
	const Grid *grid = &walk->grid;
	int			covariates = walk->panel->covariates;
	int64		stamp = axis_stamp(&walk->axis, grid->anchor, k);

	walk_put_id(walk);
	walk_put_timestamptz(walk, stamp);
	rows_bigint(&walk->rows, walk->axis.time == PANEL_INTEGER ? stamp : k);
	rows_number(&walk->rows, grid->value[k]);
	if (grid->covariate)
	{
		MemoryContext old = MemoryContextSwitchTo(walk->rows.context);

		rows_datum(&walk->rows, covariates_datum(grid->covariate + k * covariates, covariates));
		MemoryContextSwitchTo(old);
	}
	else
		rows_null(&walk->rows);
	rows_bool(&walk->rows, k < grid->n && isnan(grid->value[k]));
	rows_put(&walk->rows);
}

PG_FUNCTION_INFO_V1(rnn_rows);
Datum
rnn_rows(PG_FUNCTION_ARGS)
{
	Walk		walk;

	if (!walk_start(&walk, fcinfo, 1) || !walk_find(&walk))
		return (Datum) 0;
	while (walk_next(&walk))
		for (int64 k = 0; walk.placed && k < walk.grid.n + walk.grid.future; k++)
		{
			CHECK_FOR_INTERRUPTS();
			rows_of_grid(&walk, k);
		}
	return (Datum) 0;
}

/* the timestamp `step` rows after the last known value */
static void
stamps_put(Walk *walk, int32 step)
{
	const Axis *axis = &walk->axis;
	int64		stamp = axis_stamp(axis, walk->grid.anchor, walk->grid.n + step - 1);

	walk_put_id(walk);
	rows_int(&walk->rows, step);
	walk_put_timestamptz(walk, stamp);
	if (axis->time == PANEL_INTEGER)
		rows_null(&walk->rows);
	else
		rows_datum(&walk->rows, axis_as_timestamp(axis, stamp));
	walk_put_index(walk, stamp);
	rows_put(&walk->rows);
}

PG_FUNCTION_INFO_V1(rnn_stamps);
Datum
rnn_stamps(PG_FUNCTION_ARGS)
{
	int32		count = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	Walk		walk;

	if (count < 1 && !PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("count must be at least 1, not %d", count)));
	if (!walk_start(&walk, fcinfo, 2) || count < 1 || !walk_find(&walk))
		return (Datum) 0;
	while (walk_next(&walk))
		for (int32 step = 1; walk.placed && step <= count; step++)
		{
			CHECK_FOR_INTERRUPTS();
			stamps_put(&walk, step);
		}
	return (Datum) 0;
}
