/*
 * describe.c
 *	  Panels back as rows: what is in them (rnn_describe), their regular rows
 *	  (rnn_rows), and the stamps after their last known values (rnn_stamps).
 *
 * All three return one row a call and hold one series' grid at a time, in a
 * context that is reset from series to series.
 */
#include "pg/axis/axis.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* state of a walk over the series of a panel, in the multi-call context */
typedef struct Walk
{
	PanelView  *panel;
	FrnnOptions *options;
	Axis		axis;
	bool		regular;		/* a frequency is known */
	bool		lenient;		/* a series that cannot be laid on the grid is a notice, not an error */
	MemoryContext context;		/* of the series under way */
	int64		series;			/* its number */
	bool		placed;			/* its grid is there */
	bool		bad;			/* or cannot be made */
	Grid		grid;
	int64		row;			/* next grid row, or step */
} Walk;

static Walk *
walk_start(FunctionCallInfo fcinfo, int options_argument, FuncCallContext *call)
{
	MemoryContext old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
	Walk	   *walk = palloc0(sizeof(Walk));
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	call->tuple_desc = BlessTupleDesc(tupdesc);
	call->user_fctx = walk;
	walk->panel = panel_view(PG_GETARG_DATUM(0));
	walk->options = frnn_options_parse(PG_GETARG_JSONB_P(options_argument), SCOPE_PANEL);
	walk->lenient = walk->options->on_error == ERROR_SKIP;
	walk->context = AllocSetContextCreate(call->multi_call_memory_ctx, "forecast_rnn series", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return walk;
}

/* the grid of the series under way; false after the last series */
static bool
walk_place(Walk *walk)
{
	const PanelSeries *series;
	MemoryContext old;
	char	   *problem;

	CHECK_FOR_INTERRUPTS();
	if (walk->series >= walk->panel->n_series)
		return false;
	if (walk->placed)
		return true;
	series = &walk->panel->series[walk->series];
	old = MemoryContextSwitchTo(walk->context);
	if (walk->regular && !walk->lenient)
		axis_grid(&walk->axis, walk->panel, series, walk->options, &walk->grid);
	else if (walk->regular && !axis_grid_try(&walk->axis, walk->panel, series, walk->options, &walk->grid, &problem))
	{
		walk->bad = true;
		ereport(NOTICE, (errmsg("%s", problem)));
	}
	MemoryContextSwitchTo(old);
	walk->placed = true;
	return true;
}

static void
walk_next(Walk *walk)
{
	MemoryContextReset(walk->context);
	memset(&walk->grid, 0, sizeof(walk->grid));
	walk->placed = walk->bad = false;
	walk->row = 0;
	walk->series++;
}

/* column values of one result row, NULL until set */
typedef struct Row
{
	Datum		value[20];
	bool		null[20];
	int			columns;
} Row;

static void
row_start(Row *row)
{
	memset(row->null, true, sizeof(row->null));
	row->columns = 0;
}

static void
row_add(Row *row, Datum value)
{
	row->value[row->columns] = value;
	row->null[row->columns++] = false;
}

static void
row_skip(Row *row)
{
	row->columns++;
}

static Datum
row_datum(FuncCallContext *call, Row *row)
{
	Assert(row->columns == call->tuple_desc->natts);
	return HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, row->value, row->null));
}

static void
add_series_id(Row *row, const PanelSeries *series)
{
	if (series->has_id)
		row_add(row, PointerGetDatum(cstring_to_text(series->id)));
	else
		row_skip(row);
}

/* a stamp as timestamptz, NULL on integer axes */
static void
add_timestamptz(Row *row, const Axis *axis, int64 stamp)
{
	if (axis->time == PANEL_INTEGER)
		row_skip(row);
	else
		row_add(row, axis_as_timestamptz(axis, stamp));
}

/* a stamp as bigint, NULL on other axes */
static void
add_index(Row *row, const Axis *axis, int64 stamp)
{
	if (axis->time == PANEL_INTEGER)
		row_add(row, axis_as_bigint(axis, stamp));
	else
		row_skip(row);
}

/* what the known values of a series, as they came, look like */
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
	long double sum = 0;		/* two huge values must not overflow */

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
add_frequency(Row *row, const Walk *walk)
{
	if (walk->regular)
	{
		row_add(row, PointerGetDatum(cstring_to_text(axis_frequency_text(&walk->axis))));
		row_add(row, BoolGetDatum(walk->axis.inferred));
	}
	else
		row->columns += 2;
	if (!walk->regular || walk->bad)
	{
		row->columns += 5;
		return;
	}
	row_add(row, Int64GetDatum(walk->grid.missing));
	row_add(row, Int64GetDatum(walk->grid.gaps));
	row_add(row, Int64GetDatum(walk->grid.duplicates));
	row_add(row, Int64GetDatum(walk->grid.snapped));
	row_add(row, Int64GetDatum(walk->grid.future));
}

PG_FUNCTION_INFO_V1(rnn_describe);
Datum
rnn_describe(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Walk	   *walk;
	const PanelSeries *series;
	Known		known;
	Row			row;

	if (SRF_IS_FIRSTCALL())
	{
		char	   *seen = NULL;

		call = SRF_FIRSTCALL_INIT();
		walk = walk_start(fcinfo, 1, call);
		/* this function reports what others refuse */
		if (walk->options->on_duplicate == DUPLICATE_ERROR)
			walk->options->on_duplicate = DUPLICATE_MEAN;
		walk->options->on_gap = FRNN_GAP_LINEAR;
		walk->lenient = true;
		walk->regular = axis_find_try(walk->panel, walk->options, &walk->axis, &seen);
		if (!walk->regular && walk->panel->rows > 0)
			ereport(NOTICE,
					(errmsg("the frequency of the time axis cannot be inferred"),
					 errdetail("%s", seen)));
	}
	call = SRF_PERCALL_SETUP();
	walk = call->user_fctx;
	if (!walk_place(walk))
		SRF_RETURN_DONE(call);

	series = &walk->panel->series[walk->series];
	known = known_values(series);
	row_start(&row);
	add_series_id(&row, series);
	row_add(&row, Int64GetDatum(known.n));
	add_timestamptz(&row, &walk->axis, series->ts[0]);
	if (known.n > 0)
		add_timestamptz(&row, &walk->axis, series->ts[known.last]);
	else
		row_skip(&row);
	add_index(&row, &walk->axis, series->ts[0]);
	if (known.n > 0)
		add_index(&row, &walk->axis, series->ts[known.last]);
	else
		row_skip(&row);
	add_frequency(&row, walk);
	if (known.n > 0)
	{
		row_add(&row, Float8GetDatum(known.min));
		row_add(&row, Float8GetDatum(known.max));
		row_add(&row, Float8GetDatum(known.mean));
	}
	else
		row.columns += 3;
	if (walk->regular && !walk->bad)
		row_add(&row, seasonality_datum(&walk->axis, walk->grid.n));
	else
		row_skip(&row);
	walk_next(walk);
	SRF_RETURN_NEXT(call, row_datum(call, &row));
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

PG_FUNCTION_INFO_V1(rnn_rows);
Datum
rnn_rows(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Walk	   *walk;
	int64		k,
				stamp;
	Row			row;

	if (SRF_IS_FIRSTCALL())
	{
		call = SRF_FIRSTCALL_INIT();
		walk = walk_start(fcinfo, 1, call);
		if (walk->panel->rows == 0)
			SRF_RETURN_DONE(call);
		axis_find(walk->panel, walk->options, &walk->axis);
		walk->regular = true;
	}
	call = SRF_PERCALL_SETUP();
	walk = call->user_fctx;
	while (walk_place(walk) && (walk->bad || walk->row >= walk->grid.n + walk->grid.future))
		walk_next(walk);
	if (walk->series >= walk->panel->n_series)
		SRF_RETURN_DONE(call);

	k = walk->row++;
	stamp = axis_stamp(&walk->axis, walk->grid.anchor, k);
	row_start(&row);
	add_series_id(&row, &walk->panel->series[walk->series]);
	add_timestamptz(&row, &walk->axis, stamp);
	row_add(&row, Int64GetDatum(walk->axis.time == PANEL_INTEGER ? stamp : k));
	if (isnan(walk->grid.value[k]))
		row_skip(&row);
	else
		row_add(&row, Float8GetDatum(walk->grid.value[k]));
	if (walk->grid.covariate == NULL)
		row_skip(&row);
	else
		row_add(&row, covariates_datum(walk->grid.covariate + k * walk->panel->covariates, walk->panel->covariates));
	row_add(&row, BoolGetDatum(k < walk->grid.n && isnan(walk->grid.value[k])));
	SRF_RETURN_NEXT(call, row_datum(call, &row));
}

PG_FUNCTION_INFO_V1(rnn_stamps);
Datum
rnn_stamps(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Walk	   *walk;
	int32		count = PG_GETARG_INT32(1);
	int64		stamp;
	Row			row;

	if (SRF_IS_FIRSTCALL())
	{
		if (count < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("count must be at least 1, not %d", count)));
		call = SRF_FIRSTCALL_INIT();
		walk = walk_start(fcinfo, 2, call);
		if (walk->panel->rows == 0)
			SRF_RETURN_DONE(call);
		axis_find(walk->panel, walk->options, &walk->axis);
		walk->regular = true;
	}
	call = SRF_PERCALL_SETUP();
	walk = call->user_fctx;
	while (walk_place(walk) && (walk->bad || walk->row >= count))
		walk_next(walk);
	if (walk->series >= walk->panel->n_series)
		SRF_RETURN_DONE(call);

	stamp = axis_stamp(&walk->axis, walk->grid.anchor, walk->grid.n + walk->row++);
	row_start(&row);
	add_series_id(&row, &walk->panel->series[walk->series]);
	row_add(&row, Int32GetDatum((int32) walk->row));
	add_timestamptz(&row, &walk->axis, stamp);
	if (walk->axis.time == PANEL_INTEGER)
		row_skip(&row);
	else
		row_add(&row, axis_as_timestamp(&walk->axis, stamp));
	add_index(&row, &walk->axis, stamp);
	SRF_RETURN_NEXT(call, row_datum(call, &row));
}
