/*
 * axis_numbers.c
 *	  Dates and times on an integer axis: clocks that count from 1970, serial day
 *	  numbers, and dates written as numbers, such as 20240131.
 *
 * Such an axis has no days, weeks, months or time zone, and 20240131 is not
 * followed by 20240132.  A NOTICE, or the hint of an error, tells how to convert
 * the numbers.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#define LEAST_DATES		4		/* fewer numbers may be dates by chance */
#define LONGEST_DAYS	366		/* steps of day numbers; longer ones count something else */

/* numbers in a range are likely to count from an epoch */
typedef struct CountedForm
{
	const char *name;
	const char *hint;
	int64		from;
	int64		to;
	bool		days;			/* steps are at most a year, and other numbers may be in the range by chance */
} CountedForm;

/* clocks of the years 1990 to 2059, day numbers of 2000 to 2050 where no other kind is there */
#define EPOCH_FROM	INT64CONST(631152000)
#define EPOCH_TO	INT64CONST(2840140800)

static const CountedForm counted_forms[] = {
	{"seconds since 1970", "to_timestamp(column)", EPOCH_FROM, EPOCH_TO, false},
	{"milliseconds since 1970", "to_timestamp(column / 1e3)", EPOCH_FROM * 1000, EPOCH_TO * 1000, false},
	{"microseconds since 1970", "to_timestamp(column / 1e6)", EPOCH_FROM * 1000000, EPOCH_TO * 1000000, false},
	{"nanoseconds since 1970", "to_timestamp(column / 1e9)", EPOCH_FROM * 1000000000, EPOCH_TO * 1000000000, false},
	{"Julian days", "date '2000-01-01' + (column - 2451545)::int", 2451545, 2469807, true},
	{"days since the year 1", "date '0001-01-01' + (column - 1)::int", 730120, 748382, true},
	{"serial day numbers of spreadsheets", "date '1899-12-30' + column::int", 36526, 54788, true},
	{"days since 1970", "date '1970-01-01' + column::int", 12784, 24837, true}
};

/* Returns whether all numbers of an integer axis are in the range of a form. */
static bool
counted_as(const CountedForm *form, const PanelView *panel)
{
	int64		rows = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];

		CHECK_FOR_INTERRUPTS();
		if (series->n == 0)
			continue;
		if (series->ts[0] < form->from || series->ts[series->n - 1] > form->to)
			return false;
		for (int64 i = 1; form->days && i < series->n; i++)
		{
			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			if (series->ts[i] - series->ts[i - 1] > LONGEST_DAYS)
				return false;
		}
		rows += series->n;
	}
	return rows >= (form->days ? LEAST_DATES : 1);
}

/* how people write times as numbers: digits after the year, and the largest of each part */
typedef struct WrittenForm
{
	const char *name;
	const char *hint;
	int64		year;			/* of the digits after the year */
	int64		part[5];		/* of each part but the last: 100 before two digits */
	int			most[5];		/* of each part, from the left; the day of a month is checked by its month */
	bool		weak;			/* plain numbers may look so, too: it must go over the end of a year */
	bool		short_year;		/* years have two digits */
} WrittenForm;

static const WrittenForm written_forms[] = {
	{"dates", "Use dates: to_date(column::text, 'YYYYMMDD').", 10000, {100}, {12, 31}, false},
	{"months", "Use dates: to_date(column::text, 'YYYYMM').", 100, {0}, {12}, false},
	{"hours", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24').", 1000000, {10000, 100}, {12, 31, 23}, false},
	{"minutes", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24MI').", 100000000, {1000000, 10000, 100}, {12, 31, 23, 59}, false},
	{"seconds", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24MISS').", INT64CONST(10000000000),
	{100000000, 1000000, 10000, 100}, {12, 31, 23, 59, 59}, false},
	{"weeks", "Use dates: to_date(column::text, 'IYYYIW').", 100, {0}, {53}, true},
	{"days of years", "Use dates: to_date(column::text, 'YYYYDDD').", 1000, {0}, {366}, true},
	{"quarters", "Use dates: make_date(column / 10, 3 * (column % 10) - 2, 1).", 10, {0}, {4}, true},
	{"dates", "Use dates: to_date(lpad(column::text, 6, '0'), 'YYMMDD').", 10000, {100}, {12, 31}, true, true},
	{"months", "Use dates: to_date(lpad(column::text, 4, '0'), 'YYMM').", 100, {0}, {12}, true, true}
};

/* Returns whether a number is written in a form, such as 20240131 for a date. */
static bool
written_as(const WrittenForm *form, int64 number)
{
	int64		year = number / form->year;
	int64		rest = number % form->year;
	int			full = (int) (form->short_year ? 2000 + year : year);
	int			month = 0;

	if (form->short_year ? number < 0 || year > 99 : year < 1900 || year > 2099)
		return false;
	for (int i = 0; i < (int) lengthof(form->most) && form->most[i] > 0; i++)
	{
		int64		unit = i < (int) lengthof(form->part) && form->part[i] > 0 ? form->part[i] : 1;
		int64		value = rest / unit;

		if (value > form->most[i] || value < (i < 2 ? 1 : 0) || (i == 1 && value > axis_month_days(full, month)))
			return false;
		month = i == 0 ? (int) value : month;
		rest %= unit;
	}
	return true;
}

/* Returns whether all numbers of an integer axis are written in a form, and none is there by chance. */
static bool
all_written_as(const WrittenForm *form, const PanelView *panel)
{
	int64		rows = 0;
	int64		years = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < panel->series[s].n; i++)
		{
			const int64 *ts = panel->series[s].ts + i;

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (!written_as(form, ts[0]))
				return false;
			years += i > 0 && ts[0] / form->year != ts[-1] / form->year;
			rows++;
		}
	}
	return rows >= (form->weak ? 2 * LEAST_DATES : LEAST_DATES) && (!form->weak || years > 0);
}

/* Returns whether a number is a date whose year comes last, such as 31012024. */
static bool
year_last(int64 number, bool month_first)
{
	int64		year = number % 10000;
	int64		middle = number / 10000 % 100;
	int64		first = number / 1000000;
	int64		month = month_first ? first : middle;
	int64		day = month_first ? middle : first;

	return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= axis_month_days((int) year, (int) month);
}

/* The same for all numbers of an integer axis, of which there are some. */
static bool
all_year_last(const PanelView *panel, bool month_first)
{
	int64		rows = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < panel->series[s].n; i++, rows++)
		{
			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (!year_last(panel->series[s].ts[i], month_first))
				return false;
		}
	}
	return rows >= LEAST_DATES;
}

bool
axis_numbers(const PanelView *panel, char **meaning, char **hint)
{
	if (panel->time != PANEL_INTEGER)
		return false;
	for (int f = 0; f < (int) lengthof(written_forms); f++)
		if (all_written_as(&written_forms[f], panel))
		{
			*meaning = psprintf("%s written as numbers, which are not evenly apart", written_forms[f].name);
			*hint = pstrdup(written_forms[f].hint);
			return true;
		}
	for (int month_first = 0; month_first <= 1; month_first++)
		if (all_year_last(panel, month_first != 0))
		{
			*meaning = pstrdup("dates written as numbers with the year last, whose order is not that of the dates");
			*hint = psprintf("Use dates: to_date(lpad(column::text, 8, '0'), '%s').", month_first ? "MMDDYYYY" : "DDMMYYYY");
			return true;
		}
	for (int f = 0; f < (int) lengthof(counted_forms); f++)
		if (counted_as(&counted_forms[f], panel))
		{
			*meaning = psprintf("%s, which have no %s here", counted_forms[f].name,
								counted_forms[f].days ? "weeks, months or years" : "days, weeks or zone");
			*hint = psprintf("%s: %s.", counted_forms[f].days ? "If they are, use dates" : "Use timestamps", counted_forms[f].hint);
			return true;
		}
	return false;
}

void
axis_notice_numbers(const PanelView *panel)
{
	char	   *meaning;
	char	   *hint;

	if (axis_numbers(panel, &meaning, &hint))
		ereport(NOTICE,
				(errmsg("the integer time axis looks like %s", meaning),
				 errhint("%s", hint)));
}
