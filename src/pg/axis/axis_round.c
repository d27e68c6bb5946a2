/*
 * axis_round.c
 *	  Rows that are late or early by a little: about every minute, every hour,
 *	  or every night at about two.
 *
 * Jitter makes all distances between neighboring rows differ, so that none has
 * most votes.  The step is then the round one nearest to the usual distance, if
 * its grid is near the rows, and the grid goes through the middle of their
 * deviations, moved to the round time of the clock beside it.  Frames of a camera
 * and samples of a sensor have an even rhythm that is not round: their step is
 * the mean distance.
 */
#include "pg/axis/axis.h"

#include <math.h>

#include "core/base/order.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define SAMPLE			100000	/* distances, or deviations of a series, that are looked at */
#define USUAL			0.25	/* quantile of the distances that is taken for one step: absent rows make longer ones */
#define NEAR_SHARE		8		/* rows within 1/8 of a step of the grid are near it */
#define NEAR_DAYS		(3 * USECS_PER_HOUR)	/* likewise, where the step is a day or longer */
#define NEAR_HOUR		(15 * USECS_PER_MINUTE) /* a nightly job is at a full hour if it is so near it */
#define DAY_TIMES		48		/* most times of day of rows that are at the same times every day, by two offsets of a
								 * zone */
#define EVEN_ROWS		20		/* least that show an even rhythm */
#define USECS_PER_MSEC	INT64CONST(1000)

static const int64 round_steps[] = {
	USECS_PER_MSEC, 2 * USECS_PER_MSEC, 5 * USECS_PER_MSEC, 10 * USECS_PER_MSEC, 20 * USECS_PER_MSEC, 50 * USECS_PER_MSEC,
	100 * USECS_PER_MSEC, 200 * USECS_PER_MSEC, 500 * USECS_PER_MSEC,
	USECS_PER_SEC, 2 * USECS_PER_SEC, 5 * USECS_PER_SEC, 10 * USECS_PER_SEC, 15 * USECS_PER_SEC, 20 * USECS_PER_SEC, 30 * USECS_PER_SEC,
	USECS_PER_MINUTE, 2 * USECS_PER_MINUTE, 5 * USECS_PER_MINUTE, 10 * USECS_PER_MINUTE, 15 * USECS_PER_MINUTE,
	20 * USECS_PER_MINUTE, 30 * USECS_PER_MINUTE,
	USECS_PER_HOUR, 2 * USECS_PER_HOUR, 3 * USECS_PER_HOUR, 4 * USECS_PER_HOUR, 6 * USECS_PER_HOUR, 8 * USECS_PER_HOUR,
	12 * USECS_PER_HOUR, USECS_PER_DAY, 7 * USECS_PER_DAY
};

/* Returns the usual distance of neighboring rows in microseconds, 0 if no two rows differ. */
static double
usual_distance(const PanelView *panel)
{
	int64		every = panel->rows / SAMPLE + 1;
	int64		seen = 0;
	int64		n = 0;
	double	   *distance = palloc(sizeof(double) * (SAMPLE + 1));
	double		usual = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];

		for (int64 i = 1; i < series->n && n < SAMPLE; i++)
		{
			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (series->ts[i] > series->ts[i - 1] && seen++ % every == 0)
				distance[n++] = (double) series->ts[i] - (double) series->ts[i - 1];
		}
		CHECK_FOR_INTERRUPTS();
	}
	if (n > 0)
	{
		frnn_sort(distance, n);
		usual = frnn_sorted_quantile(distance, n, USUAL);
	}
	pfree(distance);
	return usual;
}

/* Returns the round step nearest to a distance in ratio, 0 if none is within a quarter. */
static int64
nearest_round(double distance)
{
	int64		nearest = 0;
	double		least = INFINITY;

	for (int i = 0; i < (int) lengthof(round_steps); i++)
	{
		double		step = (double) round_steps[i];
		double		ratio = distance > step ? distance / step : step / distance;

		if (ratio < least && fabs(distance - step) <= step / 4)
		{
			least = ratio;
			nearest = round_steps[i];
		}
	}
	return nearest;
}

/* Sets the step to the months that a distance stands for; false if it stands for none. */
static bool
whole_months(double distance, Axis *axis)
{
	static const int months[] = {1, 3, 6, 12};

	for (int i = 0; i < (int) lengthof(months); i++)
	{
		double		days = months[i] * (DAYS_PER_YEAR / MONTHS_PER_YEAR);

		if (fabs(distance / USECS_PER_DAY - days) > (months[i] == 1 ? 2.6 : 3))
			continue;
		axis->unit = AXIS_MONTH;
		axis->step = months[i];
		return true;
	}
	return false;
}

/* Returns whether the rows are at the same times every day, at most two for each step: no clock is late by the same every day. */
static bool
same_times(const PanelView *panel, const Axis *axis)
{
	int64		time[DAY_TIMES];
	int			most = (int) Min(2 * USECS_PER_DAY / axis->step, DAY_TIMES);
	int			times = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];

		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < series->n; i++)
		{
			AxisWall	wall;
			int			at = 0;

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			axis_wall(axis, series->ts[i], &wall);
			while (at < times && time[at] != wall.time)
				at++;
			if (at == most)
				return false;
			time[at] = wall.time;
			times = Max(times, at + 1);
		}
	}
	return panel->rows >= 4 * times;
}

bool
axis_is_round(const Axis *axis)
{
	for (int i = 0; i < (int) lengthof(round_steps); i++)
		if (axis->unit == AXIS_MICROSECOND && axis->step == round_steps[i])
			return true;
	return axis->unit != AXIS_MICROSECOND;
}

bool
axis_round_find(const PanelView *panel, Axis *axis)
{
	Axis		found = *axis;
	AxisFit		fit;
	double		distance;
	int64		step;

	if (panel->time != PANEL_TIMESTAMPTZ && panel->time != PANEL_TIMESTAMP)
		return false;
	distance = usual_distance(panel);
	step = distance > 0 ? nearest_round(distance) : 0;
	if (step == 0 && !whole_months(distance, &found))
		return false;
	if (step > 0)
	{
		found.unit = step < USECS_PER_DAY ? AXIS_MICROSECOND : AXIS_DAY;
		found.step = step < USECS_PER_DAY ? step : step / USECS_PER_DAY;
	}
	axis_fit(&found, panel, &fit);

	/*
	 * rows without jitter say by their votes what their step is, or that it is not clear; those at 8 and at 17
	 * o'clock have none
	 */
	if (fit.far > fit.rows / 10 || fit.shared > fit.rows / 100 || fit.moved <= fit.rows / 20 ||
		(found.unit == AXIS_MICROSECOND && found.step >= USECS_PER_HOUR && same_times(panel, &found)))
		return false;
	*axis = found;
	return true;
}

/* Returns the mean distance of neighboring rows of those within a quarter of the usual one. */
static double
mean_distance(const PanelView *panel, double usual)
{
	double		sum = 0;
	int64		n = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];

		CHECK_FOR_INTERRUPTS();
		for (int64 i = 1; i < series->n; i++)
		{
			double		distance = (double) series->ts[i] - (double) series->ts[i - 1];

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (fabs(distance - usual) > usual / 4)
				continue;
			sum += distance;
			n++;
		}
	}
	return n > 0 ? sum / (double) n : 0;
}

/*
 * Returns whether at most one row in 20 is far from an even rhythm.  The first row of a series is late or early like the
 * others, so a quarter of the step is far.
 */
static bool
is_even(const PanelView *panel, double step)
{
	int64		far = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];

		CHECK_FOR_INTERRUPTS();
		for (int64 i = 1; i < series->n; i++)
		{
			double		steps = ((double) series->ts[i] - (double) series->ts[0]) / step;

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			far += fabs(steps - rint(steps)) > 0.25;
		}
	}
	return far <= panel->rows / 20;
}

bool
axis_even_find(const PanelView *panel, Axis *axis)
{
	Axis		found = *axis;
	AxisFit		fit;
	double		usual;
	double		mean;
	double		length = 0;
	double		steps = 0;
	double		longest = 0;
	double		unit,
				rate;

	if ((panel->time != PANEL_TIMESTAMPTZ && panel->time != PANEL_TIMESTAMP) || panel->rows < EVEN_ROWS)
		return false;
	usual = usual_distance(panel);
	if (usual < USECS_PER_MSEC || usual >= USECS_PER_MINUTE)
		return false;
	mean = mean_distance(panel, usual);
	for (int64 s = 0; s < panel->n_series && mean > 0; s++)
	{
		const PanelSeries *series = &panel->series[s];
		double		whole = series->n < 2 ? 0 : (double) series->ts[series->n - 1] - (double) series->ts[0];

		length += whole;
		steps += rint(whole / mean);
		longest = fmax(longest, rint(whole / mean));
	}
	if (steps < EVEN_ROWS - 1)
		return false;
	mean = length / steps;
	/* a whole number per second or minute, if the first and last row may be so late or early */
	unit = mean < USECS_PER_SEC ? USECS_PER_SEC : USECS_PER_MINUTE;
	rate = rint(unit / mean);
	if (fabs(unit / rate - mean) * longest < mean / NEAR_SHARE)
		mean = unit / rate;
	if (!is_even(panel, mean))
		return false;
	found.unit = AXIS_MICROSECOND;
	/* of a fraction of a microsecond, the shorter step: now and then a row is missing, but no two are on one */
	found.step = (int64) floor(mean);
	axis_fit(&found, panel, &fit);
	if (fit.shared > 0)
		return false;
	*axis = found;
	return true;
}

/* Returns how far a time of day is from the nearest multiple of a unit: negative if that is earlier. */
static int64
to_multiple(int64 time, int64 unit)
{
	int64		rest = time % unit;

	return rest * 2 < unit ? -rest : unit - rest;
}

/* Returns a timestamp moved to the round time of the clock beside it. */
static int64
round_time(const Axis *axis, int64 stamp)
{
	bool		days = axis->unit != AXIS_MICROSECOND;
	int64		units[] = {days ? USECS_PER_HOUR : axis->step, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
	AxisWall	wall;

	axis_wall(axis, stamp, &wall);
	for (int i = 0; i < (int) lengthof(units); i++)
	{
		int64		shift = to_multiple(wall.time, units[i]);
		int64		most = !days ? axis->step / NEAR_SHARE : units[i] == USECS_PER_HOUR ? NEAR_HOUR : NEAR_DAYS;

		if (USECS_PER_DAY % units[i] == 0 && (days || units[i] <= axis->step) && (shift < 0 ? -shift : shift) <= most)
			return stamp + shift;
	}
	return stamp;
}

bool
axis_round_anchor(const Axis *axis, int64 first, const int64 *ts, int64 n, int64 *anchor)
{
	int64		every = n / SAMPLE + 1;
	int64		count = 0;
	int64		near = 0;
	double		most = axis->unit == AXIS_MICROSECOND ? (double) (axis->step / NEAR_SHARE) : (double) NEAR_DAYS;
	double	   *deviation;
	double		middle;

	if (axis->unit == AXIS_INDEX || axis->unit == AXIS_CALENDAR || axis->time == PANEL_DATE)
		return false;
	deviation = palloc(sizeof(double) * (n / every + 1));
	for (int64 i = 0; i < n; i += every)
	{
		bool		exact;
		int64		stamp;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (axis_stamp_try(axis, first, axis_index(axis, first, ts[i], &exact), &stamp))
			deviation[count++] = (double) (ts[i] - stamp);
	}
	frnn_sort(deviation, count);
	middle = count > 0 ? rint(frnn_sorted_quantile(deviation, count, 0.5)) : 0;
	for (int64 i = 0; i < count; i++)
		near += fabs(deviation[i] - middle) <= most;
	pfree(deviation);
	/* rows all over the step are moved on purpose, as hours to days */
	if (near < count - count / 10 || count == 0)
		return false;
	*anchor = round_time(axis, first + (int64) middle);
	return true;
}
