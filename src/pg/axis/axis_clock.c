/*
 * axis_clock.c
 *	  Clock changes of a zone in rows of a grid.
 *
 * Steps of an hour or less are absolute, but people and prices follow the wall
 * clock: after a clock change a row has another hour of the day than its number
 * modulo 24.  The core counts seasons by the rows that this file shifts.  After
 * a change that is no whole number of steps, as half an hour in steps of an
 * hour, a row at half past eleven belongs to the hour from eleven on.
 *
 * The rows of the list count steps since 2000, so that one list serves all series
 * of a panel.
 */
#include "pg/axis/panel_data.h"

#include "utils/timestamp.h"

#define CLOCK_CHANGES	2048	/* most in a list */
#define CLOCK_FROM		(-INT64CONST(100) * 365 * USECS_PER_DAY)	/* about 1900 */
#define CLOCK_TO		(INT64CONST(200) * 365 * USECS_PER_DAY) /* about 2200 */
#define EPOCH_SECONDS	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (pg_time_t) SECS_PER_DAY)

/* Writes the seconds east of Greenwich at a time; returns whether they change later, at *boundary to *after. */
static bool
zone_offset(pg_tz * zone, pg_time_t time, long *offset, pg_time_t *boundary, long *after)
{
	int			before_dst,
				after_dst;
	int			found = pg_next_dst_boundary(&time, offset, &before_dst, boundary, after, &after_dst, zone);

	if (found < 0)
		*offset = 0;
	return found == 1;
}

static void
clock_add(FrnnClockChange *change, int64 *count, int64 row, int64 shift)
{
	/* changes of the zone's name alone keep the shift */
	if (shift == (*count > 0 ? change[*count - 1].shift : 0) || *count == CLOCK_CHANGES)
		return;
	change[*count].row = row;
	change[(*count)++].shift = shift;
}

/* Returns the steps between midnight and a row on the clock of a zone `offset` seconds east of Greenwich, less a constant. */
static int64
clock_steps(const Axis *axis, int64 phase, long offset)
{
	return axis_divide_floor(phase + offset * USECS_PER_SEC, axis->step);
}

/* Returns the list of changes between two times; phase: of the rows, in microseconds after a whole step since 2000. */
static FrnnClockChange *
clock_list(const Axis *axis, int64 phase, int64 from, int64 to, int64 *count)
{
	FrnnClockChange *change = palloc(sizeof(FrnnClockChange) * CLOCK_CHANGES);
	pg_tz	   *zone = axis_zone(axis->time_zone);
	pg_time_t	boundary,
				time = axis_divide_floor(from, USECS_PER_SEC) + EPOCH_SECONDS;
	long		base,
				offset,
				after;
	int64		steps;
	bool		more;

	*count = 0;
	(void) zone_offset(zone, EPOCH_SECONDS, &base, &boundary, &after);
	more = zone_offset(zone, time, &offset, &boundary, &after);
	steps = clock_steps(axis, phase, base);
	clock_add(change, count, PG_INT64_MIN / 2, clock_steps(axis, phase, offset) - steps);
	while (more && boundary - EPOCH_SECONDS <= to / USECS_PER_SEC)
	{
		/* the first row at or after the change */
		clock_add(change, count, -axis_divide_floor(phase - (boundary - EPOCH_SECONDS) * USECS_PER_SEC, axis->step),
				  clock_steps(axis, phase, after) - steps);
		time = boundary;
		more = zone_offset(zone, time, &offset, &boundary, &after);
	}
	return repalloc(change, sizeof(FrnnClockChange) * Max(*count, 1));
}

/* Returns the microseconds of a timestamp after a whole step since 2000. */
static int64
clock_phase(const Axis *axis, int64 stamp)
{
	int64		rest = stamp % axis->step;

	return rest < 0 ? rest + axis->step : rest;
}

/* Returns whether the seasons of an axis follow a wall clock that its steps do not. */
static bool
clock_matters(const Axis *axis)
{
	return axis->unit == AXIS_MICROSECOND && axis->time == PANEL_TIMESTAMPTZ && axis->step >= USECS_PER_SEC &&
		axis->step <= USECS_PER_HOUR;
}

FrnnClock
axis_clock(AxisClocks *clocks, const Axis *axis, int64 anchor)
{
	FrnnClock	clock = {NULL, 0, 0, 0};
	int64		phase;

	if (!clock_matters(axis))
		return clock;
	phase = clock_phase(axis, anchor);
	if (clocks->change == NULL || clocks->phase != phase)
	{
		clocks->change = clock_list(axis, phase, CLOCK_FROM, CLOCK_TO, &clocks->changes);
		clocks->phase = phase;
	}
	clock.change = clocks->change;
	clock.changes = clocks->changes;
	clock.base = axis_divide_floor(anchor, axis->step);
	for (int64 i = 0; i < clock.changes && clock.change[i].row <= clock.base; i++)
		clock.shift = clock.change[i].shift;
	return clock;
}

FrnnClock
axis_clock_between(const Axis *axis, int64 anchor, int64 from, int64 to)
{
	FrnnClock	clock = {NULL, 0, 0, 0};
	int64		start,
				end;
	pg_time_t	boundary;
	long		base,
				offset,
				after;

	if (!clock_matters(axis) || !axis_stamp_try(axis, anchor, from, &start) || !axis_stamp_try(axis, anchor, to, &end))
		return clock;
	clock.change = clock_list(axis, clock_phase(axis, anchor), start, end, &clock.changes);
	clock.base = axis_divide_floor(anchor, axis->step);
	(void) zone_offset(axis_zone(axis->time_zone), EPOCH_SECONDS, &base, &boundary, &after);
	(void) zone_offset(axis_zone(axis->time_zone), axis_divide_floor(anchor, USECS_PER_SEC) + EPOCH_SECONDS, &offset,
					   &boundary, &after);
	clock.shift = clock_steps(axis, clock_phase(axis, anchor), offset) - clock_steps(axis, clock_phase(axis, anchor), base);
	return clock;
}
