/*
 * axis_anchor.c
 *	  Where the grid of a series starts, and how many rows a step would move.
 *
 * The grid goes through the first row, unless most rows agree on another phase:
 * a first row a few seconds late does not shift the others.  On a calendar it
 * starts on the date nearest to the first row.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"

#define FIT_ROWS	200000		/* rows that are looked at; of a larger panel, every k-th series */
#define FAR_TIME	(3 * USECS_PER_HOUR)	/* more than a clock change or two */

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
	if (!axis_stamp_try(axis, other, axis_index(axis, other, ts[0], &exact), &other) ||
		axis_index(axis, other, ts[0], &exact) != 0)
		return first;
	return rows_off_grid(axis, other, ts, n) > n / 2 ? first : other;
}

/* Returns whether a row is moved so far that the step, not the row, is wrong. */
static bool
moved_far(const Axis *axis, int64 ts, int64 stamp)
{
	uint64		distance = ts >= stamp ? (uint64) ts - (uint64) stamp : (uint64) stamp - (uint64) ts;

	if (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_INDEX)
		return distance > (uint64) axis->step / 8;
	return distance > (axis->time == PANEL_DATE ? 0 : FAR_TIME);
}

static void
fit_series(const Axis *axis, const PanelSeries *series, AxisFit *fit)
{
	const int64 *ts = series->ts;
	int64		anchor = axis_anchor(axis, ts, series->n);

	for (int64 i = 0; i < series->n; i++)
	{
		bool		exact;
		int64		stamp;
		int64		k = axis_index(axis, anchor, ts[i], &exact);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		fit->moved += !exact;
		if (!exact && (!axis_stamp_try(axis, anchor, k, &stamp) || moved_far(axis, ts[i], stamp)))
			fit->far++;
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
