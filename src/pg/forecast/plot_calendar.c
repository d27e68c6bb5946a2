/*
 * plot_calendar.c
 *	  Ticks of charts at round times of the calendar.
 */
#include "pg/forecast/plot.h"

#include <math.h>

#include "common/int.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

typedef enum TickUnit
{
	TICK_MICROSECOND,			/* of the wall clock, up to hours */
	TICK_DAY,
	TICK_WEEK,					/* Mondays */
	TICK_MONTH					/* months and years */
} TickUnit;

typedef struct TickStep
{
	TickUnit	unit;
	int64		step;
} TickStep;

static const TickStep tick_step[] = {
	{TICK_MICROSECOND, 1}, {TICK_MICROSECOND, 2}, {TICK_MICROSECOND, 5},
	{TICK_MICROSECOND, 10}, {TICK_MICROSECOND, 20}, {TICK_MICROSECOND, 50},
	{TICK_MICROSECOND, 100}, {TICK_MICROSECOND, 200}, {TICK_MICROSECOND, 500},
	{TICK_MICROSECOND, 1000}, {TICK_MICROSECOND, 2000}, {TICK_MICROSECOND, 5000},
	{TICK_MICROSECOND, 10000}, {TICK_MICROSECOND, 20000}, {TICK_MICROSECOND, 50000},
	{TICK_MICROSECOND, 100000}, {TICK_MICROSECOND, 200000}, {TICK_MICROSECOND, 500000},
	{TICK_MICROSECOND, USECS_PER_SEC}, {TICK_MICROSECOND, 2 * USECS_PER_SEC}, {TICK_MICROSECOND, 5 * USECS_PER_SEC},
	{TICK_MICROSECOND, 10 * USECS_PER_SEC}, {TICK_MICROSECOND, 15 * USECS_PER_SEC}, {TICK_MICROSECOND, 30 * USECS_PER_SEC},
	{TICK_MICROSECOND, USECS_PER_MINUTE}, {TICK_MICROSECOND, 2 * USECS_PER_MINUTE},
	{TICK_MICROSECOND, 5 * USECS_PER_MINUTE}, {TICK_MICROSECOND, 10 * USECS_PER_MINUTE},
	{TICK_MICROSECOND, 15 * USECS_PER_MINUTE}, {TICK_MICROSECOND, 30 * USECS_PER_MINUTE},
	{TICK_MICROSECOND, USECS_PER_HOUR}, {TICK_MICROSECOND, 2 * USECS_PER_HOUR}, {TICK_MICROSECOND, 3 * USECS_PER_HOUR},
	{TICK_MICROSECOND, 6 * USECS_PER_HOUR}, {TICK_MICROSECOND, 12 * USECS_PER_HOUR},
	{TICK_DAY, 1}, {TICK_DAY, 2}, {TICK_WEEK, 7}, {TICK_WEEK, 14},
	{TICK_MONTH, 1}, {TICK_MONTH, 2}, {TICK_MONTH, 3}, {TICK_MONTH, 6},
	{TICK_MONTH, 12}, {TICK_MONTH, 24}, {TICK_MONTH, 60}, {TICK_MONTH, 120}, {TICK_MONTH, 240}, {TICK_MONTH, 600},
	{TICK_MONTH, 1200}, {TICK_MONTH, 2400}, {TICK_MONTH, 6000}, {TICK_MONTH, 12000}, {TICK_MONTH, 24000},
	{TICK_MONTH, 60000}, {TICK_MONTH, 120000}, {TICK_MONTH, 240000}, {TICK_MONTH, 600000}, {TICK_MONTH, 1200000}
};

/* Returns a step's length in microseconds, of a mean month. */
static double
tick_length(const TickStep *step)
{
	switch (step->unit)
	{
		case TICK_MICROSECOND:
			return step->step;
		case TICK_DAY:
		case TICK_WEEK:
			return (double) step->step * USECS_PER_DAY;
		case TICK_MONTH:
			break;
	}
	return step->step * (DAYS_PER_YEAR / MONTHS_PER_YEAR) * (double) USECS_PER_DAY;
}

static int64
floor_to(int64 x, int64 step)
{
	int64		rest = x % step;

	return x - rest - (rest < 0 ? step : 0);
}

/* Returns the first wall-clock time of the step that is not after `local`. */
static Timestamp
tick_floor(const TickStep *step, Timestamp local)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int64		months;

	switch (step->unit)
	{
		case TICK_MICROSECOND:
			return floor_to(local, step->step);
		case TICK_DAY:
			return floor_to(local, step->step * USECS_PER_DAY);
		case TICK_WEEK:
			/* 2000-01-03 was a Monday */
			return floor_to(local - 2 * USECS_PER_DAY, step->step * USECS_PER_DAY) + 2 * USECS_PER_DAY;
		case TICK_MONTH:
			break;
	}
	if (timestamp2tm(local, NULL, &tm, &fsec, NULL, NULL) != 0)
		return local;
	months = floor_to((int64) tm.tm_year * MONTHS_PER_YEAR + tm.tm_mon - 1, step->step);
	return ((int64) date2j((int) floor_to(months, 12) / 12, (int) (months - floor_to(months, 12)) + 1, 1) -
			POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
}

/* Advances a wall-clock time by one step; false if the result is out of range. */
static bool
tick_next(const TickStep *step, Timestamp *local)
{
	/* the middle of the month that follows a step of months */
	double		beyond = step->unit == TICK_MONTH ? 16.0 * USECS_PER_DAY : 0;

	if (pg_add_s64_overflow(*local, (int64) (tick_length(step) + beyond), local))
		return false;
	if (step->unit == TICK_MONTH)
		*local = tick_floor(step, *local);
	return true;
}

static const char *const month_name[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

/* Writes the label of a tick and, on the first tick and where it changes, the day or the year below it. */
static void
tick_label(char *label, char *context, size_t size, const TickStep *step, const struct pg_tm *tm, fsec_t fsec,
		   const struct pg_tm *before)
{
	int			year = tm->tm_year > 0 ? tm->tm_year : 1 - tm->tm_year;
	const char *era = tm->tm_year > 0 ? "" : " BC";
	const char *month = month_name[tm->tm_mon - 1];
	bool		new_year = before == NULL || before->tm_year != tm->tm_year;

	context[0] = '\0';
	if (step->unit != TICK_MICROSECOND)
	{
		if (step->unit == TICK_MONTH && step->step % MONTHS_PER_YEAR == 0)
		{
			snprintf(label, size, "%d%s", year, era);
			return;
		}
		if (step->unit == TICK_MONTH)
			snprintf(label, size, "%s", month);
		else
			snprintf(label, size, "%d %s", tm->tm_mday, month);
		if (new_year)
			snprintf(context, size, "%d%s", year, era);
		return;
	}
	if (step->step >= USECS_PER_MINUTE)
		snprintf(label, size, "%02d:%02d", tm->tm_hour, tm->tm_min);
	else if (step->step >= USECS_PER_SEC)
		snprintf(label, size, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
	else if (step->step >= 1000)
		snprintf(label, size, "%02d.%03d", tm->tm_sec, (int) fsec / 1000);
	else
		snprintf(label, size, "%02d.%06d", tm->tm_sec, (int) fsec);
	if (new_year)
		snprintf(context, size, "%d %s %d%s", tm->tm_mday, month, year, era);
	else if (before->tm_mday != tm->tm_mday || before->tm_mon != tm->tm_mon)
		snprintf(context, size, "%d %s", tm->tm_mday, month);
}

/* Converts between absolute time and the session's wall clock; false if out of range. */
static bool
time_to_local(TimestampTz time, Timestamp *local)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;

	return timestamp2tm(time, &zone, &tm, &fsec, NULL, NULL) == 0 && tm2timestamp(&tm, fsec, NULL, local) == 0;
}

static bool
local_to_time(Timestamp local, TimestampTz *time)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			zone;

	if (timestamp2tm(local, NULL, &tm, &fsec, NULL, NULL) != 0)
		return false;
	zone = DetermineTimeZoneOffset(&tm, session_timezone);
	return tm2timestamp(&tm, fsec, &zone, time) == 0;
}

/* Puts the ticks of a step between two times. */
static void
calendar_ticks(PlotAxis *axis, const TickStep *step, TimestampTz low, TimestampTz high)
{
	struct pg_tm before;
	Timestamp	local;
	Timestamp	last;
	int			i;

	axis->ticks = 0;
	if (!time_to_local(low, &local) || !time_to_local(high, &last))
		return;
	/* the first tick may be before the axis; a few ticks more are skipped at its end */
	local = tick_floor(step, local);
	for (i = 0; i < PLOT_MAX_TICKS * 2 && axis->ticks < PLOT_MAX_TICKS && local <= last; i++)
	{
		TimestampTz time;
		struct pg_tm tm;
		fsec_t		fsec;

		if (local_to_time(local, &time) && time >= low && time <= high &&
			timestamp2tm(local, NULL, &tm, &fsec, NULL, NULL) == 0)
		{
			int			k = axis->ticks++;

			axis->tick[k] = (double) time - (double) low;
			tick_label(axis->label[k], axis->context[k], sizeof(axis->label[k]), step, &tm, fsec, k > 0 ? &before : NULL);
			before = tm;
		}
		if (!tick_next(step, &local))
			break;
	}
}

/* Labels a single time by its day and, unless that is midnight, its minute. */
static void
calendar_single(PlotAxis *axis, TimestampTz time)
{
	static const TickStep minute = {TICK_MICROSECOND, USECS_PER_MINUTE};
	static const TickStep day = {TICK_DAY, 1};
	Timestamp	local;
	struct pg_tm tm;
	fsec_t		fsec;

	if (!time_to_local(time, &local) || timestamp2tm(local, NULL, &tm, &fsec, NULL, NULL) != 0)
		return;
	axis->ticks = 1;
	axis->tick[0] = 0;
	tick_label(axis->label[0], axis->context[0], sizeof(axis->label[0]), local % USECS_PER_DAY == 0 ? &day : &minute, &tm, fsec, NULL);
}

void
plot_calendar_axis(PlotAxis *axis, int64 low, int64 high, int most)
{
	const TickStep *step = tick_step;

	if (low == high)
	{
		calendar_single(axis, low);
		return;
	}
	while (step < tick_step + lengthof(tick_step) - 1 && ((double) high - low) / tick_length(step) > most)
		step++;
	calendar_ticks(axis, step, low, high);
	/* a single time tells no distance: of a finer step, those are drawn that have room */
	if (axis->ticks < 2 && step > tick_step)
		calendar_ticks(axis, step - 1, low, high);
}
