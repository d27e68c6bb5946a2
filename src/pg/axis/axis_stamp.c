/*
 * axis_stamp.c
 *	  Arithmetic on the time axis: stamp k of an anchor, the grid stamp nearest
 *	  to a time, and stamps as SQL values.
 *
 * Day and month steps are taken on the wall clock of the axis's zone and
 * turned back with the server's own rule for hours that a clock change skips
 * or repeats, so a stamp equals anchor + k * interval computed by the server
 * in a session of that zone.  Allocates nothing but message texts.
 */
#include "pg/axis/axis.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#define MONTHS_PER_RANGE	(12 * INT64CONST(6000000))	/* more than all years a date can have */

pg_tz *
axis_zone(const char *name)
{
	static char last_name[TZ_STRLEN_MAX + 1];
	static pg_tz *last = NULL;	/* zones live as long as the process */
	pg_tz	   *zone;

	if (last != NULL && strcmp(name, last_name) == 0)
		return last;
	zone = strlen(name) <= TZ_STRLEN_MAX ? pg_tzset(name) : NULL;
	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" is not known", name),
				 errhint("Choose a name from pg_timezone_names.")));
	if (!pg_tz_acceptable(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" uses leap seconds, which PostgreSQL does not support", name)));
	strlcpy(last_name, name, sizeof(last_name));
	last = zone;
	return zone;
}

int
axis_month_days(int year, int month)
{
	return day_tab[isleap(year) ? 1 : 0][month - 1];
}

static void pg_attribute_noreturn()
stamp_range_error(const Axis *axis, int64 anchor, int64 k)
{
	ereport(ERROR,
			(errcode(axis->unit == AXIS_INDEX ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("time stamp out of range: %s plus %lld times %s",
					panel_time_text(axis->time, anchor), (long long) k, axis_frequency_text(axis))));
}

void
axis_wall(const Axis *axis, int64 stamp, AxisWall *wall)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			offset;
	bool		zoned = axis->time == PANEL_TIMESTAMPTZ;

	Assert(axis->time != PANEL_INTEGER);
	if (axis->time == PANEL_DATE)
	{
		wall->date = stamp + POSTGRES_EPOCH_JDATE;
		wall->time = 0;
		j2date((int) wall->date, &wall->year, &wall->month, &wall->day);
		return;
	}
	if (timestamp2tm(stamp, zoned ? &offset : NULL, &tm, &fsec, NULL,
					 zoned ? axis_zone(axis->time_zone) : NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("time stamp out of range")));
	wall->year = tm.tm_year;
	wall->month = tm.tm_mon;
	wall->day = tm.tm_mday;
	wall->date = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
	wall->time = ((tm.tm_hour * INT64CONST(60) + tm.tm_min) * 60 + tm.tm_sec) * USECS_PER_SEC + fsec;
}

/* year, month, day and time of the wall clock back to a stamp; false when out of range */
static bool
stamp_from_wall(const Axis *axis, const AxisWall *wall, int64 *stamp)
{
	struct pg_tm tm = {0};
	int64		seconds = wall->time / USECS_PER_SEC;
	fsec_t		fsec = (fsec_t) (wall->time % USECS_PER_SEC);
	int			offset;
	Timestamp	result;

	if (!IS_VALID_JULIAN(wall->year, wall->month, wall->day))
		return false;
	if (axis->time == PANEL_DATE)
	{
		int64		date = (int64) date2j(wall->year, wall->month, wall->day) - POSTGRES_EPOCH_JDATE;

		*stamp = date;
		return IS_VALID_DATE(date);
	}
	tm.tm_year = wall->year;
	tm.tm_mon = wall->month;
	tm.tm_mday = wall->day;
	tm.tm_hour = (int) (seconds / 3600);
	tm.tm_min = (int) (seconds / 60 % 60);
	tm.tm_sec = (int) (seconds % 60);
	tm.tm_isdst = -1;
	if (axis->time == PANEL_TIMESTAMPTZ)
		offset = DetermineTimeZoneOffset(&tm, axis_zone(axis->time_zone));
	if (tm2timestamp(&tm, fsec, axis->time == PANEL_TIMESTAMPTZ ? &offset : NULL, &result) != 0 ||
		!IS_VALID_TIMESTAMP(result))
		return false;
	*stamp = result;
	return true;
}

static bool
add_days(const Axis *axis, int64 anchor, int64 days, int64 *stamp)
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
	return stamp_from_wall(axis, &wall, stamp);
}

static bool
add_months(const Axis *axis, int64 anchor, int64 months, int64 *stamp)
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
	return stamp_from_wall(axis, &wall, stamp);
}

bool
axis_stamp_try(const Axis *axis, int64 anchor, int64 k, int64 *stamp)
{
	int64		shift;

	*stamp = anchor;
	if (k == 0)					/* also keeps the second of two equal wall-clock hours */
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
			return add_days(axis, anchor, shift, stamp);
		case AXIS_MONTH:
			return add_months(axis, anchor, shift, stamp);
	}
	elog(ERROR, "unexpected time unit %d", (int) axis->unit);
}

int64
axis_stamp(const Axis *axis, int64 anchor, int64 k)
{
	int64		stamp;

	if (!axis_stamp_try(axis, anchor, k, &stamp))
		stamp_range_error(axis, anchor, k);
	return stamp;
}

/* distance of two stamps; right also where the difference leaves int64 */
static uint64
distance(int64 a, int64 b)
{
	return a >= b ? (uint64) a - (uint64) b : (uint64) b - (uint64) a;
}

/* axis_index where all steps are equally long; saturates at the ends of int64 */
static int64
even_index(uint64 step, int64 anchor, int64 ts, bool *exact)
{
	uint64		far = distance(ts, anchor);
	uint64		k = far / step;
	uint64		rest = far % step;
	bool		after = ts >= anchor;

	*exact = rest == 0;
	/* nearest, and of two equally near ones the earlier */
	if (after ? rest > step - rest : rest != 0 && rest >= step - rest)
		k++;
	if (k > (uint64) PG_INT64_MAX)
		k = (uint64) PG_INT64_MAX;
	return after ? (int64) k : -(int64) k;
}

static int64
floor_div(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* axis_index on the calendar: estimate from the wall clock, then compare with the stamps around */
static int64
calendar_index(const Axis *axis, int64 anchor, int64 ts, bool *exact)
{
	AxisWall	from,
				to;
	int64		k,
				before,
				after;

	axis_wall(axis, anchor, &from);
	axis_wall(axis, ts, &to);
	if (axis->unit == AXIS_DAY)
		k = floor_div(to.date - from.date, axis->step);
	else
		k = floor_div((to.year - (int64) from.year) * 12 + to.month - from.month, axis->step);

	*exact = axis_stamp_try(axis, anchor, k, &before) && before == ts;
	if (*exact)
		return k;
	/* ts's own day or month may still begin before its stamp */
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
	return distance(ts, before) <= distance(after, ts) ? k : k + 1;
}

int64
axis_index(const Axis *axis, int64 anchor, int64 ts, bool *exact)
{
	if (axis->unit == AXIS_INDEX || axis->unit == AXIS_MICROSECOND)
		return even_index((uint64) axis->step, anchor, ts, exact);
	if (axis->unit == AXIS_DAY && axis->time == PANEL_DATE)
		return even_index((uint64) axis->step, anchor, ts, exact);
	if (axis->unit == AXIS_DAY && axis->time == PANEL_TIMESTAMP && axis->step <= PG_INT64_MAX / USECS_PER_DAY)
		return even_index((uint64) (axis->step * USECS_PER_DAY), anchor, ts, exact);
	return calendar_index(axis, anchor, ts, exact);
}

static void pg_attribute_noreturn()
integer_axis_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("an integer time axis has no time stamps"),
			 errhint("Use the function whose name ends in _index.")));
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
	integer_axis_error();
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
	integer_axis_error();
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
