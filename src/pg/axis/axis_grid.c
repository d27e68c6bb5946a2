/*
 * axis_grid.c
 *	  The regular rows of one series: where its grid starts, to which grid
 *	  timestamp each row belongs, and how rows that share one are merged.
 *
 * A row belongs to the nearest grid timestamp, and to the earlier of two that
 * are equally near.  Rows are sorted, so rows of one grid timestamp are neighbors.
 *
 * Rows that are regular already are not copied: the grid points to the panel's
 * own arrays.  Else the arrays are allocated in the current context, which is
 * the call's, after their size was checked.
 */
#include "pg/axis/axis.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/float.h"
#include "utils/memutils.h"

#define GRID_MAX_ROWS	INT64CONST(100000000)
#define GRID_SPARSE		50		/* most grid rows per row of the panel */
#define GRID_SMALL		10000	/* grid rows that are always allowed */

/* one series being put on its grid */
typedef struct Placing
{
	const Axis *axis;
	const PanelView *panel;
	const PanelSeries *series;
	const FrnnOptions *options;
	int64		anchor;
	int64	   *index;			/* (rows) grid row of each panel row */
	double	   *value;			/* the grid's own arrays */
	double	   *covariate;
	int64		off_grid;		/* rows that are not exactly on a grid timestamp */

	/* why the series cannot be put on a grid; problem is NULL if it can */
	int			code;
	char	   *problem;
	const char *detail;
	const char *hint;
} Placing;

static void
place_rows(Placing *p)
{
	const int64 *ts = p->series->ts;
	bool		exact = true;

	p->off_grid = 0;
	for (int64 i = 0; i < p->series->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0 && ts[i] == ts[i - 1])
			p->index[i] = p->index[i - 1];
		else
			p->index[i] = axis_index(p->axis, p->anchor, ts[i], &exact);
		/* Rows are written by this index, so it must not decrease, not even if a zone skips a whole day. */
		if (i > 0 && p->index[i] < p->index[i - 1])
			p->index[i] = p->index[i - 1];
		p->off_grid += !exact;
	}
}

/* Records the problem; returns false, which the caller returns too. */
static bool
placing_fail(Placing *p, int code, char *problem, const char *detail, const char *hint)
{
	p->code = code;
	p->problem = problem;
	p->detail = detail;
	p->hint = hint;
	return false;
}

/* Refuses a step that would turn few rows into millions. */
static bool
check_grid_size(Placing *p, int64 last)
{
	int64		rows = p->series->n;
	int64		limit = Min(GRID_MAX_ROWS, (rows < GRID_MAX_ROWS / GRID_SPARSE ? rows * GRID_SPARSE : GRID_MAX_ROWS) + GRID_SMALL);

	if (last < limit)
		return true;
	return placing_fail(p, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
						psprintf("a step of %s would spread the %lld rows of %s over %s rows",
								 axis_frequency_text(p->axis), (long long) rows, axis_series_name(p->series),
								 last == PG_INT64_MAX ? "too many" : psprintf("%lld", (long long) last + 1)),
						psprintf("At most %lld are allowed.", (long long) limit),
						"Give a longer frequency, or aggregate the rows to it first.");
}

static bool
refuse_duplicate(Placing *p, int64 a, int64 b)
{
	const int64 *ts = p->series->ts;
	PanelTime	time = p->axis->time;
	char	   *detail = NULL;

	if (ts[a] != ts[b])
		detail = psprintf("The rows at %s and %s both belong there: the step is %s.",
						  panel_time_text(time, ts[a]), panel_time_text(time, ts[b]), axis_frequency_text(p->axis));
	return placing_fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
						psprintf("%s has more than one row for %s", axis_series_name(p->series),
								 panel_time_text(time, axis_stamp(p->axis, p->anchor, p->index[a]))),
						detail, p->series->has_id ? "Aggregate the rows, or set on_duplicate to \"mean\", \"last\" or \"sum\"." :
						"If the rows are those of several series, give the series first: rnn_panel(series, time, value). "
						"Otherwise aggregate the rows, or set on_duplicate to \"mean\", \"last\" or \"sum\".");
}

/* Refuses a row on a weekend or holiday: on a neighboring business day it would stand for another day. */
static bool
check_business(Placing *p)
{
	const PanelSeries *series = p->series;
	AxisWall	wall;

	if (p->axis->unit != AXIS_CALENDAR || p->axis->calendar.rule != CALENDAR_BUSINESS_DAY ||
		p->options->on_duplicate != DUPLICATE_ERROR)
		return true;
	for (int64 i = 0; i < series->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		axis_wall(p->axis, series->ts[i], &wall);
		if (!calendar_has(&p->axis->calendar, wall.date))
			return placing_fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
								psprintf("%s has a row for %s, which is not a business day", axis_series_name(series),
										 panel_time_text(p->axis->time, series->ts[i])),
								calendar_workday(&p->axis->calendar, wall.date) ? "The option holidays lists the day." :
								p->axis->calendar.workdays == 0 ? "The day is on a weekend." : "The day is none of the calendar's days of the week.",
								"Leave the row out, or set on_duplicate to \"mean\", \"last\" or \"sum\" to add it to a neighboring day.");
	}
	return true;
}

static bool
check_gaps(Placing *p, const Grid *grid)
{
	int64		k = 0;

	if ((int) p->options->on_gap != FRNN_GAP_ERROR || grid->missing == 0)
		return true;
	while (!isnan(grid->value[k]))
		k++;
	return placing_fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
						psprintf("%s has no value for %s", axis_series_name(p->series),
								 panel_time_text(p->axis->time, axis_stamp(p->axis, p->anchor, k))),
						NULL, "Set on_gap to \"season\", \"linear\", \"locf\" or \"zero\" to have gaps filled.");
}

/*
 * Merges the numbers of rows [from, to), `stride` apart, into one.  NaN is a
 * missing value and is ignored if another value is known.
 */
static double
merge_numbers(const double *number, int64 from, int64 to, int stride, FrnnOnDuplicate policy)
{
	double		sum = 0,
				last = get_float8_nan();
	int64		known = 0;

	for (int64 i = from; i < to; i++)
	{
		double		x = number[i * stride];

		if (isnan(x))
			continue;
		last = x;
		sum += x;
		known++;
	}
	if (known < 2 || policy == DUPLICATE_LAST)
		return last;
	return policy == DUPLICATE_SUM ? sum : sum / known;
}

/* Writes value and covariates of the rows [from, to), which share a grid timestamp, to their grid row. */
static bool
fill_row(Placing *p, int64 from, int64 to)
{
	const PanelSeries *series = p->series;
	int64		k = p->index[from];
	int			covariates = p->panel->covariates;

	/* The sum of temperatures or holidays has no meaning: covariates are averaged. */
	FrnnOnDuplicate policy = p->options->on_duplicate == DUPLICATE_LAST ? DUPLICATE_LAST : DUPLICATE_MEAN;

	p->value[k] = merge_numbers(series->value, from, to, 1, p->options->on_duplicate);
	if (isinf(p->value[k]))
		return placing_fail(p, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
							psprintf("the rows of %s for %s add up to more than a number can hold", axis_series_name(series),
									 panel_time_text(p->axis->time, series->ts[from])), NULL, NULL);
	if (p->covariate != NULL)
		for (int c = 0; c < covariates; c++)
			p->covariate[k * covariates + c] = merge_numbers(series->covariate + c, from, to, covariates, policy);
	return true;
}

/* Fills the grid in the order of time, and counts rows up to the last known value. */
static bool
fill_grid(Placing *p, Grid *grid)
{
	int64		rows = p->series->n;
	int64		absent = 0,
				known = 0,
				previous = -1;

	for (int64 from = 0, to; from < rows; from = to)
	{
		int64		k = p->index[from];

		for (to = from + 1; to < rows && p->index[to] == k; to++)
			;
		CHECK_FOR_INTERRUPTS();
		if (to - from > 1 && p->options->on_duplicate == DUPLICATE_ERROR)
			return refuse_duplicate(p, from, from + 1);
		grid->duplicates += to - from - 1;
		if (!fill_row(p, from, to))
			return false;
		absent += k - previous - 1;
		previous = k;
		if (!isnan(p->value[k]))
		{
			known++;
			grid->n = k + 1;
			grid->gaps = absent;
		}
	}
	grid->future = previous + 1 - grid->n;
	grid->missing = grid->n - known;
	grid->snapped = p->off_grid;
	return true;
}

static double *
alloc_unknown(int64 count, int width)
{
	double		nan = get_float8_nan();
	size_t		numbers = (size_t) count * width;	/* at most 1e8 rows, covariates an int */
	double	   *array;

	frnn_check_growth(CurrentMemoryContext, numbers * sizeof(double), "the regular grid");
	array = MemoryContextAllocHuge(CurrentMemoryContext, numbers * sizeof(double));
	for (size_t i = 0; i < numbers; i++)
		array[i] = nan;
	return array;
}

/* Returns whether every row is exactly on the grid timestamp after the row before, as in most series. */
static bool
is_regular(const Placing *p)
{
	const PanelSeries *series = p->series;

	if (axis_nearest(p->axis, series->ts[0]) != series->ts[0])
		return false;
	for (int64 i = 0; i < series->n; i++)
	{
		bool		exact;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if ((i > 0 && series->ts[i] == series->ts[i - 1]) || isinf(series->value[i]) ||
			axis_index(p->axis, series->ts[0], series->ts[i], &exact) != i || !exact)
			return false;
	}
	return true;
}

/* Uses the panel's rows as the grid. */
static void
take_rows(Placing *p, Grid *grid)
{
	const PanelSeries *series = p->series;
	int64		known = 0;

	p->anchor = series->ts[0];
	grid->value = series->value;
	grid->covariate = p->panel->covariates > 0 ? series->covariate : NULL;
	for (int64 i = 0; i < series->n; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!isnan(series->value[i]))
		{
			known++;
			grid->n = i + 1;
		}
	}
	grid->future = series->n - grid->n;
	grid->missing = grid->n - known;
}

/* Allocates the grid and moves the rows to it. */
static bool
lay_rows(Placing *p, Grid *grid)
{
	const PanelSeries *series = p->series;
	int64		rows;

	if (!check_business(p))
		return false;
	frnn_check_growth(CurrentMemoryContext, (size_t) series->n * sizeof(int64), "the regular grid");
	p->index = MemoryContextAllocHuge(CurrentMemoryContext, (size_t) series->n * sizeof(int64));
	p->anchor = axis_anchor(p->axis, series->ts, series->n);
	place_rows(p);
	if (!check_grid_size(p, p->index[series->n - 1]))
		return false;
	rows = p->index[series->n - 1] + 1;
	grid->value = p->value = alloc_unknown(rows, 1);
	if (series->covariate && p->panel->covariates > 0)
		grid->covariate = p->covariate = alloc_unknown(rows, p->panel->covariates);
	return fill_grid(p, grid);
}

static bool
make_grid(Placing *p, Grid *grid)
{
	bool		done = true;

	memset(grid, 0, sizeof(*grid));
	axis_check_time(p->axis, p->panel->time);
	if (p->series->n == 0)
		return true;
	if (is_regular(p))
		take_rows(p, grid);
	else
		done = lay_rows(p, grid);
	grid->anchor = p->anchor;
	done = done && check_gaps(p, grid);
	if (p->index)
		pfree(p->index);
	return done;
}

bool
axis_grid_try(const Axis *axis, const PanelView *panel, const PanelSeries *series,
			  const FrnnOptions *options, Grid *grid, char **problem)
{
	Placing		p = {.axis = axis, .panel = panel, .series = series, .options = options};
	bool		done = make_grid(&p, grid);

	*problem = p.problem;
	return done;
}

void
axis_grid(const Axis *axis, const PanelView *panel, const PanelSeries *series,
		  const FrnnOptions *options, Grid *grid)
{
	Placing		p = {.axis = axis, .panel = panel, .series = series, .options = options};

	if (!make_grid(&p, grid))
		ereport(ERROR,
				(errcode(p.code), errmsg("%s", p.problem),
				 p.detail ? errdetail("%s", p.detail) : 0, p.hint ? errhint("%s", p.hint) : 0));
}
