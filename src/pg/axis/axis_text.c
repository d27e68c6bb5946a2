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
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
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
	{"iso_week", AXIS_DAY, 7},
	{"month", AXIS_MONTH, 1},
	{"quarter", AXIS_MONTH, 3},
	{"year", AXIS_MONTH, 12}
};

static const char *const time_names[] = {"timestamptz", "timestamp", "date", "integer"};
static const char *const unit_names[] = {"microsecond", "day", "month", "index", "calendar", "wall"};

#define EVERY			"every "	/* may stand before an interval or a name */
#define ON_WALL_CLOCK	" on the wall clock"

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

char	   *
axis_series_name(const PanelSeries *series)
{
	return series->has_id ? psprintf("series \"%s\"", series->id) : pstrdup("the series");
}

static char *
plural(int64 count, const char *word)
{
	return psprintf("%lld %s%s", (long long) count, word, count == 1 ? "" : "s");
}

/* Appends a fraction of so many digits, without zeros at its end. */
static void
append_fraction(StringInfo text, int64 fraction, int digits)
{
	if (fraction == 0)
		return;
	appendStringInfo(text, ".%0*lld", digits, (long long) fraction);
	while (text->data[text->len - 1] == '0')
		text	  ->data[--text->len] = '\0';
}

/* a step of odd microseconds in hours, minutes and seconds: "59 minutes 59.5 seconds", "33.333 milliseconds" */
static char *
clock_text(int64 step)
{
	StringInfoData text;
	int64		hours = step / USECS_PER_HOUR;
	int64		minutes = step % USECS_PER_HOUR / USECS_PER_MINUTE;
	int64		rest = step % USECS_PER_MINUTE;

	initStringInfo(&text);
	if (step < USECS_PER_SEC)
	{
		appendStringInfo(&text, "%lld", (long long) (step / USECS_PER_MSEC));
		append_fraction(&text, step % USECS_PER_MSEC, 3);
		appendStringInfoString(&text, " milliseconds");
		return text.data;
	}
	if (hours > 0)
		appendStringInfo(&text, "%s ", plural(hours, "hour"));
	if (minutes > 0)
		appendStringInfo(&text, "%s ", plural(minutes, "minute"));
	appendStringInfo(&text, "%lld", (long long) (rest / USECS_PER_SEC));
	append_fraction(&text, rest % USECS_PER_SEC, 6);
	appendStringInfoString(&text, " seconds");
	return text.data;
}

char	   *
axis_frequency_text(const Axis *axis)
{
	int64		step = axis->step;
	Axis		even = *axis;

	switch (axis->unit)
	{
		case AXIS_INDEX:
			return psprintf("%lld", (long long) step);
		case AXIS_CALENDAR:
			return calendar_text(&axis->calendar, step);
		case AXIS_MONTH:
			return step % 12 == 0 ? plural(step / 12, "year") : plural(step, "month");
		case AXIS_DAY:
			return step % 7 == 0 ? plural(step / 7, "week") : plural(step, "day");
		case AXIS_MICROSECOND:
			if (step % USECS_PER_HOUR == 0)
				return plural(step / USECS_PER_HOUR, "hour");
			if (step % USECS_PER_MINUTE == 0)
				return plural(step / USECS_PER_MINUTE, "minute");
			if (step % USECS_PER_SEC == 0 && step <= 2 * USECS_PER_MINUTE)
				return plural(step / USECS_PER_SEC, "second");
			if (step % USECS_PER_MSEC == 0 && step < USECS_PER_SEC)
				return plural(step / USECS_PER_MSEC, "millisecond");
			return step < USECS_PER_MSEC ? plural(step, "microsecond") : clock_text(step);
		case AXIS_WALL:
			even.unit = AXIS_MICROSECOND;
			return psprintf("%s%s", axis_frequency_text(&even), ON_WALL_CLOCK);
	}
	elog(ERROR, "unexpected time unit %d", (int) axis->unit);
}

bool
axis_may_be_wall(const Axis *axis)
{
	return axis->time == PANEL_TIMESTAMPTZ && axis->step < USECS_PER_DAY && USECS_PER_DAY % axis->step == 0;
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
	if (end == text ||*end != '\0' || errno != 0 || step < 1)
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
	frequency_error(text, psprintf("must be an interval, a calendar or one of %s", frnn_join(names, lengthof(named))),
					closest ? psprintf("Perhaps you meant \"%s\".", closest) :
					"Give an interval, for example \"15 minutes\", or a calendar, for example \"business_day\" or \"third friday of month\".");
}

/* The server's interval, with an error that names the option. */
static Interval *
read_interval(const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Interval   *volatile interval = NULL;

	PG_TRY();
	{
		interval = DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text),
														 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) != ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		frequency_error(text, "must be an interval or a calendar",
						"Write an interval as PostgreSQL reads it: \"15 minutes\", \"2 hours\", \"1 month\".");
	}
	PG_END_TRY();
	return interval;
}

static void
parse_interval(const char *text, Axis *axis)
{
	Interval   *interval = read_interval(text);

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
	size_t		suffix = strlen(ON_WALL_CLOCK);

	if (length > suffix && pg_strcasecmp(text +length - suffix, ON_WALL_CLOCK) == 0)
	{
		axis_frequency_parse(pnstrdup(text, length - suffix), axis);
		if (axis->unit != AXIS_MICROSECOND || !axis_may_be_wall(axis))
			frequency_error(text, "on the wall clock must divide a day and be of timestamptz",
							"Leave the words out.");
		axis->unit = AXIS_WALL;
		return;
	}

	if (axis->time == PANEL_INTEGER)
	{
		parse_index(text, axis);
		return;
	}
	if (calendar_parse(text, &axis->calendar, &axis->step))
		axis->unit = AXIS_CALENDAR;
	else if (pg_strncasecmp(text, EVERY, strlen(EVERY)) == 0 && strstr(text, " from ") == NULL &&
			 pg_strncasecmp(text +strlen(EVERY), EVERY, strlen(EVERY)) != 0)
	{
		axis_frequency_parse(text +strlen(EVERY), axis);
		return;
	}
	else if (!parse_name(text, axis))
	{
		/* a word is no interval, except ISO 8601's P1D */
		if (strcspn(text, "0123456789") == length ||
			(isalpha((unsigned char) text[0]) && !(strchr("pP", text[0]) && text[1] != '\0' && strchr("0123456789tT", text[1]))))
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

/* Adds a period of so many steps if the cycle is a whole number of them, at least 2 and at most the limit. */
static void
add_period(int *period, int *count, int64 cycle, int64 step)
{
	int64		rows = cycle / step;

	if (cycle % step == 0 && rows >= 2 && rows <= FRNN_MAX_PERIOD && (*count == 0 || period[*count - 1] != rows))
		period[(*count)++] = (int) rows;
}

/* The same of the rows after which the steps fall on the same places of the cycle: a day seen every 5 hours, after 24. */
static void
add_repeated(int *period, int *count, int64 cycle, int64 step)
{
	int64		a = cycle,
				b = step;

	while (b != 0)
	{
		int64		rest = a % b;

		a = b;
		b = rest;
	}
	add_period(period, count, cycle / a, 1);
}

/*
 * Minutes and hours are cycles only of steps that divide them into 60 rows or
 * more; the day and the week are cycles of all steps, if they repeat within the limit.
 */
static int
periods_of_time(int64 step, int *period)
{
	int			count = 0;

	if (step <= USECS_PER_SEC)
		add_period(period, &count, USECS_PER_MINUTE, step);
	if (step <= USECS_PER_MINUTE)
		add_period(period, &count, USECS_PER_HOUR, step);
	add_repeated(period, &count, USECS_PER_DAY, step);
	add_repeated(period, &count, 7 * USECS_PER_DAY, step);
	return count;
}

int
axis_periods(const Axis *axis, int *period)
{
	int			count = 0;

	switch (axis->unit)
	{
		case AXIS_MICROSECOND:
		case AXIS_WALL:
			return periods_of_time(axis->step, period);
		case AXIS_DAY:
			/* a week seen every 2 to 6 days repeats after 7 rows; a year counts 52 weeks */
			if (axis->step < 7)
				period[count++] = 7;
			else if (axis->step % 7 == 0)
				add_period(period, &count, 52, axis->step / 7);
			break;
		case AXIS_MONTH:
			add_repeated(period, &count, 12, axis->step);
			break;
		case AXIS_CALENDAR:
			if (axis->calendar.rule == CALENDAR_BUSINESS_DAY)
				add_period(period, &count, pg_popcount32(calendar_workdays(&axis->calendar)), axis->step);
			else
				add_period(period, &count, calendar_year(&axis->calendar), axis->step);
			break;
		case AXIS_INDEX:
			break;
	}
	return count;
}

int
axis_season_rows(const Axis *axis, int period)
{
	if (axis->unit == AXIS_MICROSECOND && axis->step > USECS_PER_MINUTE)
		return (int) Min(period, (USECS_PER_DAY - 1) / axis->step + 1);
	if (axis->unit == AXIS_MONTH)
		return (int) Min(period, 11 / axis->step + 1);
	return period;
}

/* "third_friday_of_month", "business_day:20240101,20241225" */
static char *
calendar_word(const AxisCalendar *calendar, int64 step)
{
	StringInfoData word;

	initStringInfo(&word);
	appendStringInfoString(&word, calendar_text(calendar, step));
	for (char *c = word.data; *c != '\0'; c++)
		if (*c == ' ')
			*c = '_';
	for (int i = 0; i < calendar->holidays; i++)
	{
		int			year,
					month,
					day;

		j2date(calendar->holiday[i], &year, &month, &day);
		appendStringInfo(&word, "%c%04d%02d%02d", i == 0 ? ':' : ',', year, month, day);
	}
	return word.data;
}

/* Reads the holidays after the colon of a calendar's word; false if they are not ascending workdays. */
static bool
read_holidays(const char *text, AxisCalendar *calendar)
{
	size_t		length = strlen(text);
	int32	   *holiday;

	if (!calendar_has_holidays(calendar) || length % 9 != 8 || length / 9 >= OPTIONS_MAX_HOLIDAYS)
		return false;
	calendar->holiday = holiday = palloc(sizeof(int32) * (length / 9 + 1));
	for (size_t at = 0; at < length; at += 9)
	{
		int			year,
					month,
					day;

		if (strspn(text +at, "0123456789") != 8 || sscanf(text +at, "%4d%2d%2d", &year, &month, &day) != 3 ||
			year < 1 || month < 1 || month > 12 || day < 1 || day > axis_month_days(year, month))
			return false;
		holiday[calendar->holidays] = date2j(year, month, day);
		if (!calendar_workday(calendar, holiday[calendar->holidays]) ||
			(calendar->holidays > 0 && holiday[calendar->holidays] <= holiday[calendar->holidays - 1]))
			return false;
		calendar->holidays++;
	}
	return true;
}

/* Reads the calendar's word, which it overwrites. */
static bool
read_calendar(char *word, Axis *axis)
{
	char	   *colon = strchr(word, ':');
	int64		step;

	if (colon)
		*colon = '\0';
	return calendar_parse(word, &axis->calendar, &step) && step == axis->step &&
		(colon == NULL || read_holidays(colon + 1, &axis->calendar));
}

/*
 * "timestamptz month 3 month_end inferred Europe/Berlin": time type, unit, step,
 * month_end or a calendar or "-", inferred or given, zone or "-".
 */
char	   *
axis_to_text(const Axis *axis)
{
	return psprintf("%s %s %lld %s %s %s", time_names[axis->time], unit_names[axis->unit], (long long) axis->step,
					axis->unit == AXIS_CALENDAR ? calendar_word(&axis->calendar, axis->step) :
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
	char	   *word[6];
	char	   *rest = pstrdup(text);
	char	   *end;
	int			time,
				unit;

	memset(axis, 0, sizeof(*axis));
	for (int i = 0; i < 6; i++)
	{
		word[i] = rest;
		rest = i < 5 ? strchr(rest, ' ') : NULL;
		if (i < 5 && rest == NULL)
			st_corrupt("time axis \"%.100s\"", text);
		if (rest)
			*rest++ = '\0';
	}
	time = word_index(word[0], time_names, lengthof(time_names));
	unit = word_index(word[1], unit_names, lengthof(unit_names));
	if (time < 0 || unit < 0 ||
		(time == PANEL_INTEGER) != (unit == AXIS_INDEX) ||
		(time == PANEL_DATE && unit == AXIS_MICROSECOND))
		st_corrupt("time axis \"%.100s\"", text);
	axis->time = (PanelTime) time;
	axis->unit = (AxisUnit) unit;
	axis->inferred = strcmp(word[4], "inferred") == 0;
	errno = 0;
	axis->step = strtoll(word[2], &end, 10);
	if (*end != '\0' || errno != 0 || axis->step < 1)
		st_corrupt("time axis \"%.100s\"", text);
	if (axis->unit == AXIS_WALL && !axis_may_be_wall(axis))
		st_corrupt("time axis \"%.100s\"", text);
	if (axis->unit != AXIS_CALENDAR)
		axis->month_end = strcmp(word[3], "month_end") == 0;
	else if (!read_calendar(word[3], axis))
		st_corrupt("time axis \"%.100s\"", text);
	if (time == PANEL_TIMESTAMPTZ)
	{
		if (strlen(word[5]) > TZ_STRLEN_MAX)
			st_corrupt("time zone of %zu characters", strlen(word[5]));
		strlcpy(axis->time_zone, word[5], sizeof(axis->time_zone));
	}
	/* An axis is written in one way only: a text that differs from it was changed. */
	if (strcmp(axis_to_text(axis), text) != 0)
		st_corrupt("time axis \"%.100s\"", text);
	if (time == PANEL_TIMESTAMPTZ)
		(void) axis_zone(axis->time_zone);	/* an error if this server has no such zone */
}
