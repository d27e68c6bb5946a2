/*
 * axis_stamp.c
 *	  Arithmetic on the time axis: the timestamp k steps after an anchor, the
 *	  grid row nearest to a time, and timestamps as SQL values.
 *
 * Day and month steps are taken on the wall clock of the axis's zone and turned
 * back by the server's own rule for hours that a clock change skips or repeats.
 * So a timestamp equals anchor + k * interval as the server computes it in a
 * session of that zone.  Allocates only message texts.
 */
#include "pg/axis/axis.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#define MONTHS_PER_RANGE	(12 * INT64CONST(6000000))	/* more than all years a date can have */

static void pg_attribute_noreturn()
stamp_fail_range(const Axis *axis, int64 anchor, int64 k)
{
	ereport(ERROR,
			(errcode(axis->unit == AXIS_INDEX ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range: %s plus %lld times %s",
					panel_time_text(axis->time, anchor), (long long) k, axis_frequency_text(axis))));
}

static bool
stamp_add_days(const Axis *axis, int64 anchor, int64 days, int64 *stamp)
{
	AxisWall	wall;
	int64		shift;

	if (axis->time == PANEL_DATE)
		return !pg_add_s64_overflow(anchor, days, stamp) && IS_VALID_DATE(*stamp);
	if (axis->time == PANEL_TIMESTAMP)
		return !pg_mul_s64_overflow(days, USECS_PER_DAY, &shift) &&
			!pg_add_s64_overflow(anchor, shift, stamp) && IS_VALID_TIMESTAMP(*stamp);

	axis_wall(axis, anchor, &wall);
	if (pg_add_s64_overflow(wall.date, days, &wall.date) || wall.date < 0 || wall.date >= DATE_END_JULIAN)
		return false;
	j2date((int) wall.date, &wall.year, &wall.month, &wall.day);
	return axis_wall_timestamp(axis, &wall, stamp);
}

/* `shift` microseconds of the wall clock after the anchor */
static bool
stamp_add_wall(const Axis *axis, int64 anchor, int64 shift, int64 *stamp)
{
	AxisWall	wall;

	axis_wall(axis, anchor, &wall);
	if (pg_add_s64_overflow(wall.time, shift, &shift) ||
		pg_add_s64_overflow(wall.date, axis_divide_floor(shift, USECS_PER_DAY), &wall.date) ||
		wall.date < 0 || wall.date >= DATE_END_JULIAN)
		return false;
	wall.time = shift - axis_divide_floor(shift, USECS_PER_DAY) * USECS_PER_DAY;
	j2date((int) wall.date, &wall.year, &wall.month, &wall.day);
	return axis_wall_timestamp(axis, &wall, stamp);
}

static bool
stamp_add_months(const Axis *axis, int64 anchor, int64 months, int64 *stamp)
{
	AxisWall	wall;
	int64		month;
	int			last;
	bool		at_end;

	if (months > MONTHS_PER_RANGE || months < -MONTHS_PER_RANGE)
		return false;
	axis_wall(axis, anchor, &wall);
	at_end = axis->month_end && wall.day == axis_month_days(wall.year, wall.month);
	month = wall.year * INT64CONST(12) + wall.month - 1 + months;
	wall.year = (int) (month >= 0 ? month / 12 : (month - 11) / 12);
	wall.month = (int) (month - wall.year * INT64CONST(12)) + 1;
	last = axis_month_days(wall.year, wall.month);
	if (at_end || wall.day > last)
		wall.day = last;
	return axis_wall_timestamp(axis, &wall, stamp);
}

/* Returns the distance of two timestamps, also if their difference exceeds int64. */
static uint64
stamp_distance(int64 a, int64 b)
{
	return a >= b ? (uint64) a - (uint64) b : (uint64) b - (uint64) a;
}

/* the date `shift` dates of the calendar after the anchor's */
static bool
stamp_add_dates(const Axis *axis, int64 anchor, int64 shift, int64 *stamp)
{
	AxisWall	wall;
	int64		number;

	axis_wall(axis, anchor, &wall);
	if (pg_add_s64_overflow(calendar_number(&axis->calendar, wall.date), shift, &number) ||
		!calendar_date(&axis->calendar, number, &wall.date) || wall.date < 0 || wall.date >= DATE_END_JULIAN)
		return false;
	j2date((int) wall.date, &wall.year, &wall.month, &wall.day);
	return axis_wall_timestamp(axis, &wall, stamp);
}

int64
axis_nearest(const Axis *axis, int64 ts)
{
	int64		before,
				after;

	if (axis->unit != AXIS_CALENDAR || !stamp_add_dates(axis, ts, 0, &before) || before == ts)
		return ts;
	if (!stamp_add_dates(axis, ts, 1, &after))
		return before;
	return stamp_distance(ts, before) <= stamp_distance(after, ts) ? before : after;
}

bool
axis_stamp_try(const Axis *axis, int64 anchor, int64 k, int64 *stamp)
{
	int64		shift;

	*stamp = anchor;
	if (k == 0)					/* an anchor in the second of two equal wall-clock hours stays there */
		return true;
	if (pg_mul_s64_overflow(k, axis->step, &shift))
		return false;
	switch (axis->unit)
	{
		case AXIS_INDEX:
			return !pg_add_s64_overflow(anchor, shift, stamp);
		case AXIS_MICROSECOND:
			return !pg_add_s64_overflow(anchor, shift, stamp) && IS_VALID_TIMESTAMP(*stamp);
		case AXIS_DAY:
			return stamp_add_days(axis, anchor, shift, stamp);
		case AXIS_MONTH:
			return stamp_add_months(axis, anchor, shift, stamp);
		case AXIS_CALENDAR:
			return stamp_add_dates(axis, anchor, shift, stamp);
		case AXIS_WALL:
			return stamp_add_wall(axis, anchor, shift, stamp);
	}
	elog(ERROR, "unexpected time unit %d", (int) axis->unit);
}

int64
axis_stamp(const Axis *axis, int64 anchor, int64 k)
{
	int64		stamp;

	if (!axis_stamp_try(axis, anchor, k, &stamp))
		stamp_fail_range(axis, anchor, k);
	return stamp;
}

/* axis_index if all steps are equally long; saturates at the ends of int64. */
static int64
index_even(uint64 step, int64 anchor, int64 ts, bool *exact)
{
	uint64		far = stamp_distance(ts, anchor);
	uint64		k = far / step;
	uint64		rest = far % step;
	bool		after = ts >= anchor;

	*exact = rest == 0;
	/* the nearest, or the earlier of two that are equally near */
	if (after ? rest > step - rest : rest != 0 && rest >= step - rest)
		k++;
	if (k > (uint64) PG_INT64_MAX)
		k = (uint64) PG_INT64_MAX;
	return after ? (int64) k : -(int64) k;
}

/* axis_index on the calendar: an estimate from the wall clock, compared with the timestamps around it. */
static int64
index_calendar(const Axis *axis, int64 anchor, int64 ts, bool *exact)
{
	AxisWall	from,
				to;
	int64		k,
				before,
				after;

	axis_wall(axis, anchor, &from);
	axis_wall(axis, ts, &to);
	if (axis->unit == AXIS_DAY)
		k = axis_divide_floor(to.date - from.date, axis->step);
	else if (axis->unit == AXIS_CALENDAR)
		k = axis_divide_floor(calendar_number(&axis->calendar, to.date) - calendar_number(&axis->calendar, from.date),
							  axis->step);
	else
		k = axis_divide_floor((to.year - (int64) from.year) * 12 + to.month - from.month, axis->step);

	*exact = axis_stamp_try(axis, anchor, k, &before) && before == ts;
	if (*exact)
		return k;
	/* the estimated timestamp may be later than ts within its day or month */
	if (!axis_stamp_try(axis, anchor, k, &before) || before > ts)
		k--;
	if (!axis_stamp_try(axis, anchor, k, &before))
	{
		*exact = axis_stamp_try(axis, anchor, k + 1, &after) && after == ts;
		return k + 1;
	}
	if (!axis_stamp_try(axis, anchor, k + 1, &after))
		return k;
	*exact = after == ts;
	return stamp_distance(ts, before) <= stamp_distance(after, ts) ? k : k + 1;
}

/* axis_index on the wall clock, by which all steps are equally long */
static int64
index_wall(const Axis *axis, int64 anchor, int64 ts, bool *exact)
{
	AxisWall	from,
				to;
	int64		k,
				stamp;

	axis_wall(axis, anchor, &from);
	axis_wall(axis, ts, &to);
	k = index_even((uint64) axis->step, from.time, (to.date - from.date) * USECS_PER_DAY + to.time, exact);
	*exact = axis_stamp_try(axis, anchor, k, &stamp) && stamp == ts;
	return k;
}

int64
axis_index(const Axis *axis, int64 anchor, int64 ts, bool *exact)
{
	if (axis->unit == AXIS_WALL)
		return index_wall(axis, anchor, ts, exact);
	if (axis->unit == AXIS_INDEX || axis->unit == AXIS_MICROSECOND)
		return index_even((uint64) axis->step, anchor, ts, exact);
	if (axis->unit == AXIS_DAY && axis->time == PANEL_DATE)
		return index_even((uint64) axis->step, anchor, ts, exact);
	if (axis->unit == AXIS_DAY && axis->time == PANEL_TIMESTAMP && axis->step <= PG_INT64_MAX / USECS_PER_DAY)
		return index_even((uint64) (axis->step * USECS_PER_DAY), anchor, ts, exact);
	return index_calendar(axis, anchor, ts, exact);
}

static void pg_attribute_noreturn()
stamp_fail_integer(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("an integer time axis has no timestamps"),
			 errhint("Call rnn_forecast_index with the same arguments: it returns integers.")));
}

Datum
axis_as_timestamptz(const Axis *axis, int64 stamp)
{
	switch (axis->time)
	{
		case PANEL_TIMESTAMPTZ:
			return TimestampTzGetDatum(stamp);
		case PANEL_TIMESTAMP:
			return DirectFunctionCall1(timestamp_timestamptz, TimestampGetDatum(stamp));
		case PANEL_DATE:
			return DirectFunctionCall1(date_timestamptz, DateADTGetDatum((DateADT) stamp));
		case PANEL_INTEGER:
			break;
	}
	stamp_fail_integer();
}

Datum
axis_as_timestamp(const Axis *axis, int64 stamp)
{
	switch (axis->time)
	{
		case PANEL_TIMESTAMPTZ:
			return DirectFunctionCall2(timestamptz_zone,
									   PointerGetDatum(cstring_to_text(axis->time_zone)),
									   TimestampTzGetDatum(stamp));
		case PANEL_TIMESTAMP:
			return TimestampGetDatum(stamp);
		case PANEL_DATE:
			return DirectFunctionCall1(date_timestamp, DateADTGetDatum((DateADT) stamp));
		case PANEL_INTEGER:
			break;
	}
	stamp_fail_integer();
}

Datum
axis_as_bigint(const Axis *axis, int64 stamp)
{
	if (axis->time != PANEL_INTEGER)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a %s time axis has no integer index", axis_time_name(axis->time)),
				 errhint("Use the function whose name does not end in _index.")));
	return Int64GetDatum(stamp);
}
