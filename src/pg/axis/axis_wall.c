/*
 * axis_wall.c
 *	  The wall clock of an axis: its time zone, the date and time of day of a
 *	  timestamp there, and back, and the days of a month.
 *
 * A wall-clock time that a clock change skips or repeats becomes a timestamp by
 * the server's own rule.  Allocates only message texts.
 */
#include "pg/axis/axis.h"

#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#define CHANGES_TO		(INT64CONST(200) * 365 * USECS_PER_DAY) /* about 2200 */
#define MOST_CHANGES	4096	/* more than four a year until then */
#define EPOCH_SECONDS	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (pg_time_t) SECS_PER_DAY)

pg_tz	   *
axis_zone(const char *name)
{
	static char last_name[TZ_STRLEN_MAX + 1];
	static pg_tz * last = NULL; /* zones are never freed */
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

int64
axis_wall_change(const Axis *axis, int64 from, int64 to)
{
	pg_tz	   *zone = axis_zone(axis->time_zone);
	pg_time_t	time = axis_divide_floor(from, USECS_PER_SEC) + EPOCH_SECONDS;
	pg_time_t	end = axis_divide_floor(Min(to, CHANGES_TO), USECS_PER_SEC) + EPOCH_SECONDS;
	int64		longest = 0;

	/* a zone without rules for the future has no change after its last */
	for (int i = 0; i < MOST_CHANGES; i++)
	{
		long		before,
					after;
		int			dst;
		pg_time_t	boundary;

		if (pg_next_dst_boundary(&time, &before, &dst, &boundary, &after, &dst, zone) != 1 || boundary > end)
			break;
		longest = Max(longest, (after > before ? after - before : before - after) * USECS_PER_SEC);
		time = boundary;
	}
	return longest;
}

int
axis_month_days(int year, int month)
{
	return day_tab[isleap(year) ? 1 : 0][month - 1];
}

bool
axis_wall_month_end(const AxisWall *wall)
{
	return wall->day == axis_month_days(wall->year, wall->month);
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
		/* an anchor from a model's bytes may be any number */
		if (!IS_VALID_DATE(stamp))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("timestamp out of range")));
		wall->date = stamp + POSTGRES_EPOCH_JDATE;
		wall->time = 0;
		j2date((int) wall->date, &wall->year, &wall->month, &wall->day);
		return;
	}
	if (timestamp2tm(stamp, zoned ? &offset : NULL, &tm, &fsec, NULL,
					 zoned ? axis_zone(axis->time_zone) : NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	wall->year = tm.tm_year;
	wall->month = tm.tm_mon;
	wall->day = tm.tm_mday;
	wall->date = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday);
	wall->time = ((tm.tm_hour * INT64CONST(60) + tm.tm_min) * 60 + tm.tm_sec) * USECS_PER_SEC + fsec;
}

bool
axis_wall_timestamp(const Axis *axis, const AxisWall *wall, int64 *stamp)
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
