/*
 * axis_text.c
 *	  The time axis as text: the frequency option, steps in messages and
 *	  output, the axis as one line of a model's metadata, and the seasonal
 *	  periods of a step.
 */
#include "pg/axis/axis.h"

#include "lib/stringinfo.h"
#include "pg/bytes/safetensors.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#define USECS_PER_MSEC	INT64CONST(1000)

/* steps by name */
static const struct
{
	const char *name;
	AxisUnit	unit;
	int64		step;
}			named[] =
{
	{"second", AXIS_MICROSECOND, USECS_PER_SEC},
	{"minute", AXIS_MICROSECOND, USECS_PER_MINUTE},
	{"half_hour", AXIS_MICROSECOND, 30 * USECS_PER_MINUTE},
	{"hour", AXIS_MICROSECOND, USECS_PER_HOUR},
	{"day", AXIS_DAY, 1},
	{"week", AXIS_DAY, 7},
	{"month", AXIS_MONTH, 1},
	{"quarter", AXIS_MONTH, 3},
	{"year", AXIS_MONTH, 12}
};

static const char *const time_names[] = {"timestamptz", "timestamp", "date", "integer"};
static const char *const unit_names[] = {"microsecond", "day", "month", "index"};

const char *
axis_time_name(PanelTime time)
{
	return time_names[time];
}

void
axis_check_time(const Axis *axis, PanelTime time)
{
	if (axis->time != time)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the panel's time is of type %s, but the model's is of type %s",
						axis_time_name(time), axis_time_name(axis->time))));
}

char *
axis_series_name(const PanelSeries *series)
{
	return series->has_id ? psprintf("series \"%s\"", series->id) : pstrdup("the series");
}

static char *
plural(int64 count, const char *word)
{
	return psprintf("%lld %s%s", (long long) count, word, count == 1 ? "" : "s");
}

char *
axis_frequency_text(const Axis *axis)
{
	int64		step = axis->step;

	switch (axis->unit)
	{
		case AXIS_INDEX:
			return psprintf("%lld", (long long) step);
		case AXIS_MONTH:
			return step % 12 == 0 ? plural(step / 12, "year") : plural(step, "month");
		case AXIS_DAY:
			return step % 7 == 0 ? plural(step / 7, "week") : plural(step, "day");
		case AXIS_MICROSECOND:
			if (step % USECS_PER_HOUR == 0)
				return plural(step / USECS_PER_HOUR, "hour");
			if (step % USECS_PER_MINUTE == 0)
				return plural(step / USECS_PER_MINUTE, "minute");
			if (step % USECS_PER_SEC == 0)
				return plural(step / USECS_PER_SEC, "second");
			if (step % USECS_PER_MSEC == 0)
				return plural(step / USECS_PER_MSEC, "millisecond");
			return plural(step, "microsecond");
	}
	elog(ERROR, "unexpected time unit %d", (int) axis->unit);
}

static void pg_attribute_noreturn()
frequency_error(const char *text, const char *rule, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("frequency %s, not \"%s\"", rule, text),
			 errhint("%s", hint)));
}

static void
parse_index(const char *text, Axis *axis)
{
	char	   *end;
	long long	step;

	errno = 0;
	step = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || step < 1)
		frequency_error(text, "of an integer time axis must be a positive integer",
						"Give the distance between neighbouring rows, for example \"1\".");
	axis->unit = AXIS_INDEX;
	axis->step = step;
}

static bool
parse_name(const char *text, Axis *axis)
{
	for (int i = 0; i < (int) lengthof(named); i++)
		if (pg_strcasecmp(text, named[i].name) == 0)
		{
			axis->unit = named[i].unit;
			axis->step = named[i].step;
			return true;
		}
	return false;
}

static void pg_attribute_noreturn()
unknown_name(const char *text)
{
	const char *names[lengthof(named)];
	const char *closest;

	for (int i = 0; i < (int) lengthof(named); i++)
		names[i] = named[i].name;
	closest = frnn_closest(text, names, lengthof(named));
	frequency_error(text, psprintf("must be an interval or one of %s", frnn_join(names, lengthof(named))),
					closest ? psprintf("Perhaps you meant \"%s\".", closest) : "Give an interval, for example \"15 minutes\".");
}

static void
parse_interval(const char *text, Axis *axis)
{
	Interval   *interval = DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text),
																 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));

	if ((interval->month != 0) + (interval->day != 0) + (interval->time != 0) != 1 ||
		interval->month < 0 || interval->day < 0 || interval->time < 0)
		frequency_error(text, "must be a positive number of months, of days, or a time",
						"Months, days and hours cannot be mixed: a month has no fixed number of days, a day no fixed number of hours.");
	if (interval->month != 0)
	{
		axis->unit = AXIS_MONTH;
		axis->step = interval->month;
	}
	else if (interval->day != 0)
	{
		axis->unit = AXIS_DAY;
		axis->step = interval->day;
	}
	else if (axis->time != PANEL_TIMESTAMPTZ && interval->time % USECS_PER_DAY == 0)
	{
		/* without a zone every day has 24 hours */
		axis->unit = AXIS_DAY;
		axis->step = interval->time / USECS_PER_DAY;
	}
	else
	{
		axis->unit = AXIS_MICROSECOND;
		axis->step = interval->time;
	}
}

void
axis_frequency_parse(const char *text, Axis *axis)
{
	size_t		length = strlen(text);

	if (axis->time == PANEL_INTEGER)
	{
		parse_index(text, axis);
		return;
	}
	if (!parse_name(text, axis))
	{
		if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == length)
			unknown_name(text);
		if (strspn(text, "0123456789") == length)
			frequency_error(text, "of a time axis must be an interval",
							"Name the unit, for example \"15 minutes\".");
		parse_interval(text, axis);
	}
	if (axis->time == PANEL_DATE && axis->unit == AXIS_MICROSECOND)
		frequency_error(text, "of a date axis must be whole days or months",
						"Use timestamp or timestamptz values for shorter steps.");
}

/*
 * Seasonal periods in rows.  Hours, days, weeks, months and quarters have the
 * common calendar cycles; for sub-hourly steps the day and the week, or for
 * minutes the hour and the day, since a week of minutes is too long to learn.
 */
int
axis_periods(const Axis *axis, int *period)
{
	static const struct
	{
		AxisUnit	unit;
		int64		step;
		int			count;
		int			period[2];
	}			table[] =
	{
		{AXIS_MICROSECOND, USECS_PER_MINUTE, 2, {60, 1440}},
		{AXIS_MICROSECOND, 10 * USECS_PER_MINUTE, 2, {144, 1008}},
		{AXIS_MICROSECOND, 15 * USECS_PER_MINUTE, 2, {96, 672}},
		{AXIS_MICROSECOND, 30 * USECS_PER_MINUTE, 2, {48, 336}},
		{AXIS_MICROSECOND, USECS_PER_HOUR, 2, {24, 168}},
		{AXIS_MICROSECOND, USECS_PER_DAY, 1, {7}},
		{AXIS_DAY, 1, 1, {7}},
		{AXIS_DAY, 7, 1, {52}},
		{AXIS_MONTH, 1, 1, {12}},
		{AXIS_MONTH, 3, 1, {4}}
	};

	for (int i = 0; i < (int) lengthof(table); i++)
		if (table[i].unit == axis->unit && table[i].step == axis->step)
		{
			memcpy(period, table[i].period, table[i].count * sizeof(int));
			return table[i].count;
		}
	return 0;
}

/*
 * "timestamptz month 3 month_end inferred Europe/Berlin": time type, unit, step,
 * month_end or "-", inferred or given, zone or "-".
 */
char *
axis_to_text(const Axis *axis)
{
	return psprintf("%s %s %lld %s %s %s", time_names[axis->time], unit_names[axis->unit], (long long) axis->step,
					axis->month_end ? "month_end" : "-", axis->inferred ? "inferred" : "given",
					axis->time == PANEL_TIMESTAMPTZ ? axis->time_zone : "-");
}

static int
word_index(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

void
axis_from_text(const char *text, Axis *axis)
{
	char		word[5][16];
	char	   *end;
	int			time,
				unit,
				used = 0;

	memset(axis, 0, sizeof(*axis));
	if (sscanf(text, "%15s %15s %15s %15s %15s %n", word[0], word[1], word[2], word[3], word[4], &used) != 5 || used == 0)
		st_corrupt("time axis \"%.100s\"", text);
	time = word_index(word[0], time_names, lengthof(time_names));
	unit = word_index(word[1], unit_names, lengthof(unit_names));
	if (time < 0 || unit < 0 ||
		(time == PANEL_INTEGER) != (unit == AXIS_INDEX) ||
		(time == PANEL_DATE && unit == AXIS_MICROSECOND))
		st_corrupt("time axis \"%.100s\"", text);
	axis->time = (PanelTime) time;
	axis->unit = (AxisUnit) unit;
	axis->month_end = strcmp(word[3], "month_end") == 0;
	axis->inferred = strcmp(word[4], "inferred") == 0;
	errno = 0;
	axis->step = strtoll(word[2], &end, 10);
	if (*end != '\0' || errno != 0 || axis->step < 1)
		st_corrupt("time axis \"%.100s\"", text);
	if (time == PANEL_TIMESTAMPTZ)
	{
		if (strlen(text + used) > TZ_STRLEN_MAX)
			st_corrupt("time zone of %zu characters", strlen(text + used));
		strlcpy(axis->time_zone, text + used, sizeof(axis->time_zone));
	}
	/* An axis is written in one way only: a text that differs from it was changed. */
	if (strcmp(axis_to_text(axis), text) != 0)
		st_corrupt("time axis \"%.100s\"", text);
	if (time == PANEL_TIMESTAMPTZ)
		(void) axis_zone(axis->time_zone);	/* an error if this server has no such zone */
}
