/*
 * axis_anchor.c
 *	  Where the grid of a series starts, and how many rows a step would move.
 *
 * The grid goes through the first row, unless most rows agree on another phase:
 * a first row a few seconds late does not shift the others.  Where no two rows
 * agree, but all are near one grid, it goes through the middle of them.  On a
 * calendar it starts on the date nearest to the first row.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"

#define FIT_ROWS	200000		/* rows that are looked at; of a larger panel, every k-th series */
#define FAR_TIME	(3 * USECS_PER_HOUR)	/* more than a clock change or two */
#define JITTER		(15 * USECS_PER_MINUTE) /* less than two zones are apart */

static int64
rows_off_grid(const Axis *axis, int64 anchor, const int64 *ts, int64 n)
{
	int64		off = 0;
	bool		exact = true;

	for (int64 i = 0; i < n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (i == 0 || ts[i] != ts[i - 1])
			(void) axis_index(axis, anchor, ts[i], &exact);
		off += !exact;
	}
	return off;
}

/* Returns a row whose grid most rows are on, if there is one: Boyer and Moore's majority vote over phases. */
static int64
majority_row(const Axis *axis, const int64 *ts, int64 n)
{
	int64		candidate = 0,
				votes = 0;

	for (int64 i = 0; i < n; i++)
	{
		bool		same = true;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (votes == 0)
			candidate = i;
		else
			(void) axis_index(axis, ts[candidate], ts[i], &same);
		votes += same ? 1 : -1;
	}
	return candidate;
}

int64
axis_anchor(const Axis *axis, const int64 *ts, int64 n)
{
	int64		first = axis_nearest(axis, ts[0]);
	int64		other;
	bool		exact;

	if (rows_off_grid(axis, first, ts, n) <= n / 2)
		return first;
	other = axis_nearest(axis, ts[majority_row(axis, ts, n)]);
	if (axis_stamp_try(axis, other, axis_index(axis, other, ts[0], &exact), &other) &&
		axis_index(axis, other, ts[0], &exact) == 0 && rows_off_grid(axis, other, ts, n) <= n / 2)
		return other;
	if (axis_round_anchor(axis, first, ts, n, &other) && axis_index(axis, other, ts[0], &exact) == 0)
		return other;
	return first;
}

static uint64
distance_of(int64 a, int64 b)
{
	return a >= b ? (uint64) a - (uint64) b : (uint64) b - (uint64) a;
}

/* Returns whether a row is moved so far that the step, not the row, is wrong. */
static bool
moved_far(const Axis *axis, uint64 distance)
{
	if (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_WALL || axis->unit == AXIS_INDEX)
		return distance > (uint64) axis->step / 8;
	return distance > (axis->time == PANEL_DATE ? 0 : FAR_TIME);
}

bool
axis_is_jitter(const Axis *axis, int64 ts, int64 stamp)
{
	if (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_WALL || axis->unit == AXIS_INDEX)
		return !moved_far(axis, distance_of(ts, stamp));
	return distance_of(ts, stamp) <= (axis->time == PANEL_DATE ? 0 : JITTER);
}

static void
fit_series(const Axis *axis, const PanelSeries *series, AxisFit *fit)
{
	const int64 *ts = series->ts;
	int64		anchor = axis_anchor(axis, ts, series->n);
	int64		before = -1;

	for (int64 i = 0; i < series->n; i++)
	{
		bool		exact;
		int64		stamp;
		int64		k = axis_index(axis, anchor, ts[i], &exact);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		fit->shared += i > 0 && k == before && ts[i] != ts[i - 1];
		before = k;
		if (exact)
			continue;
		fit->moved++;
		if (!axis_stamp_try(axis, anchor, k, &stamp))
			stamp = ts[i] < 0 ? PG_INT64_MAX : PG_INT64_MIN;
		fit->shifted += !axis_is_jitter(axis, ts[i], stamp) ||
			(axis_may_be_wall(axis) && distance_of(ts[i], stamp) > JITTER);
		fit->far += moved_far(axis, distance_of(ts[i], stamp));
	}
	fit->rows += series->n;
}

void
axis_fit(const Axis *axis, const PanelView *panel, AxisFit *fit)
{
	int64		every = panel->rows / FIT_ROWS + 1;

	memset(fit, 0, sizeof(*fit));
	for (int64 s = 0; s < panel->n_series; s += every)
		if (panel->series[s].n > 0)
			fit_series(axis, &panel->series[s], fit);
}
