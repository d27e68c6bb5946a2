/*
 * axis_calendar_find.c
 *	  The calendar that the rows of a panel follow.
 *
 * Candidates are made from the rows themselves (the weekday or the days of the
 * month that they share) and are compared with them: a calendar is found if at
 * most one row in 20 is on another date and at least half of the pairs of
 * neighboring rows are the same number of its dates apart, which is the step.
 * Rows of a calendar have one time of day.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"
#include "utils/datetime.h"

#define FIND_ROWS		20000	/* dates that are looked at, of the first series */
#define FIND_OFF		20		/* one row in so many may be on another date */
#define FIND_LEAST		4		/* dates without which nothing is found that was not asked for */
#define FIND_WEEKENDS	4		/* weekends without rows that make business days */
#define FIND_WEEKS		8		/* weeks that show other workdays than Monday to Friday */
#define FIND_STEPS		64		/* longest step that is counted */

typedef struct Dates
{
	int64	   *date;			/* Julian days */
	bool	   *first;			/* of a series */
	int64		count;
	int64		least;			/* dates that a calendar needs */
} Dates;

/* Reads the dates of the first series; false if their times of day differ. */
static bool
dates_read(const Axis *axis, const PanelView *panel, Dates *dates)
{
	int64		room = Min(panel->rows, FIND_ROWS);
	int64		other = 0;
	int64		time = 0;

	dates->date = palloc(sizeof(int64) * Max(room, 1));
	dates->first = palloc(sizeof(bool) * Max(room, 1));
	dates->count = 0;
	for (int64 s = 0; s < panel->n_series; s++)
		for (int64 i = 0; i < panel->series[s].n && dates->count < room; i++)
		{
			AxisWall	wall;

			axis_wall(axis, panel->series[s].ts[i], &wall);
			if (i == 0)
				time = wall.time;
			other += wall.time != time;
			if (i > 0 && dates->date[dates->count - 1] == wall.date)
				continue;
			dates->date[dates->count] = wall.date;
			dates->first[dates->count++] = i == 0;
			if (dates->count % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		}
	return other <= dates->count / FIND_OFF;
}

/* Returns the step of a calendar that the dates follow, 0 if they follow another one. */
static int64
calendar_step(const Dates *dates, const AxisCalendar *calendar)
{
	int64		votes[FIND_STEPS + 1] = {0};
	int64		pairs = 0,
				off = 0,
				before = 0;
	int			best = 1;

	if (dates->count < dates->least)
		return 0;
	for (int64 i = 0; i < dates->count; i++)
	{
		int64		number = calendar_number(calendar, dates->date[i]);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!calendar_has(calendar, dates->date[i]) && ++off > dates->count / FIND_OFF)
			return 0;
		if (!dates->first[i])
		{
			pairs++;
			votes[Min(Max(number - before, 0), FIND_STEPS)]++;
		}
		before = number;
	}
	for (int k = 1; k < FIND_STEPS; k++)
		if (votes[k] > votes[best])
			best = k;
	return pairs > 0 && votes[best] * 2 >= pairs ? best : 0;
}

static bool
find_try(const Dates *dates, AxisCalendar *calendar, int64 *step)
{
	*step = calendar_step(dates, calendar);
	return *step > 0;
}

/* Returns whether rows lie on three of five days of a calendar of business days, over so many weeks. */
static bool
business_fits(const Dates *dates, int64 least, AxisCalendar *calendar, int64 *step)
{
	int64		weeks = 0,
				days = 0;

	for (int64 i = 0; i < dates->count; i++)
		if (!dates->first[i])
		{
			weeks += dates->date[i] / 7 - dates->date[i - 1] / 7;
			days += calendar_number(calendar, dates->date[i]) - calendar_number(calendar, dates->date[i - 1]);
		}
	return weeks >= least && dates->count * 5 >= days * 3 && find_try(dates, calendar, step) && *step == 1;
}

/*
 * Returns whether rows lie on most of the days from Monday to Friday and on no
 * weekend, or on most of other days of the week, each of which has a fair share.
 */
static bool
find_business(const Dates *dates, AxisCalendar *calendar, int64 *step)
{
	int64		count[7] = {0};
	uint32		days = 0;
	int			n = 0;

	memset(calendar, 0, sizeof(*calendar));
	calendar->rule = CALENDAR_BUSINESS_DAY;
	for (int64 i = 0; i < dates->count; i++)
		count[dates->date[i] % 7]++;
	for (int d = 0; d < 7; d++)
		if (count[d] > 0)
		{
			days |= 1u << d;
			n++;
		}
	if ((days & ~CALENDAR_WEEKDAYS) == 0 && business_fits(dates, FIND_WEEKENDS, calendar, step))
		return true;
	for (int d = 0; d < 7; d++)
		if (count[d] > 0 && count[d] * n * 2 < dates->count)
			return false;
	calendar->workdays = days == CALENDAR_WEEKDAYS ? 0 : days;
	return n > 1 && n < 7 && business_fits(dates, FIND_WEEKS, calendar, step);
}

/* Sets the weekday that the dates share; false if they share none. */
static bool
shared_weekday(const Dates *dates, int *weekday)
{
	int64		count[7] = {0};

	*weekday = 0;
	for (int64 i = 0; i < dates->count; i++)
		if (++count[dates->date[i] % 7] > count[*weekday])
			*weekday = (int) (dates->date[i] % 7);
	return dates->count > 0 && dates->count - count[*weekday] <= dates->count / FIND_OFF;
}

/* the month of the first date, less the shift; sets the month of a rule of years */
static int
date_month(int64 date)
{
	int			year,
				month,
				day;

	j2date((int) date, &year, &month, &day);
	return month;
}

static bool
find_weekday_of_month(const Dates *dates, int weekday, AxisCalendar *calendar, int64 *step)
{
	static const int order[] = {1, 2, 3, -1, 4};

	for (int i = 0; i < (int) lengthof(order); i++)
	{
		memset(calendar, 0, sizeof(*calendar));
		calendar->rule = CALENDAR_WEEKDAY;
		calendar->weekday = weekday;
		calendar->nth = order[i];
		if (!find_try(dates, calendar, step))
			continue;
		if (*step == 12)
			calendar->month = date_month(dates->date[0]);
		return true;
	}
	return false;
}

/* fiscal years dated by their last or first day: the last weekday of a month, or the nearest to its end */
static bool
find_year(const Dates *dates, int weekday, AxisCalendar *calendar, int64 *step)
{
	for (int shift = 0; shift < 2; shift++)
		for (int nearest = 0; nearest < 2; nearest++)
		{
			memset(calendar, 0, sizeof(*calendar));
			calendar->rule = nearest ? CALENDAR_NEAREST : CALENDAR_WEEKDAY;
			calendar->weekday = (weekday + 7 - shift) % 7;
			calendar->nth = -1;
			calendar->shift = shift;
			if (!find_try(dates, calendar, step) || *step != 12)
				continue;
			calendar->month = (int) (calendar_number(calendar, dates->date[0]) % 12 + 12) % 12 + 1;
			return true;
		}
	return false;
}

static bool
find_twice(const Dates *dates, AxisCalendar *calendar, int64 *step)
{
	int64		count[32] = {0};
	int			common[2] = {1, 1};
	int			pair[3][2] = {{1, 15}, {15, 31}, {0, 0}};

	for (int64 i = 0; i < dates->count; i++)
	{
		int			year,
					month,
					day;

		j2date((int) dates->date[i], &year, &month, &day);
		count[day == axis_month_days(year, month) ? 31 : day]++;
	}
	for (int day = 1; day < 32; day++)
		if (count[day] > count[common[0]])
		{
			common[1] = common[0];
			common[0] = day;
		}
		else if (day != common[0] && (common[1] == common[0] || count[day] > count[common[1]]))
			common[1] = day;
	pair[2][0] = Min(common[0], common[1]);
	pair[2][1] = Max(common[0], common[1]);
	for (int i = 0; i < 3; i++)
	{
		memset(calendar, 0, sizeof(*calendar));
		calendar->rule = CALENDAR_TWICE;
		calendar->day[0] = pair[i][0];
		calendar->day[1] = pair[i][1];
		if (pair[i][0] < pair[i][1] && pair[i][0] < 28 && (pair[i][1] <= 28 || pair[i][1] == 31) &&
			find_try(dates, calendar, step) && *step == 1)
			return true;
	}
	return false;
}

/* Periods of weeks.  Rows of a few years may fit several fiscal years: common ones are tried first. */
static bool
find_weeks(const Dates *dates, int weekday, AxisCalendar *calendar, int64 *step)
{
	static const int weeks[3][3] = {{4, 4, 5}, {4, 5, 4}, {5, 4, 4}};
	static const int month[12] = {12, 1, 9, 6, 3, 2, 10, 8, 7, 4, 5, 11};

	for (int m = 0; m < 12; m++)
		for (int choice = 0; choice < 12; choice++)
		{
			int			shift = choice / 6;

			memset(calendar, 0, sizeof(*calendar));
			calendar->rule = CALENDAR_WEEKS;
			calendar->nth = -1;
			calendar->month = month[m];
			calendar->shift = shift;
			calendar->nearest = choice % 2 == 1;
			calendar->weekday = (weekday + 7 - shift) % 7;
			memcpy(calendar->weeks, weeks[choice / 2 % 3], sizeof(calendar->weeks));
			if (find_try(dates, calendar, step) && (*step == 1 || *step == 3))
				return true;
		}
	return false;
}

static bool
find_business_month(const Dates *dates, AxisCalendar *calendar, int64 *step)
{
	memset(calendar, 0, sizeof(*calendar));
	calendar->rule = CALENDAR_BUSINESS_END;
	if (find_try(dates, calendar, step))
		return true;
	calendar->rule = CALENDAR_BUSINESS_START;
	return find_try(dates, calendar, step);
}

bool
calendar_find(const Axis *axis, const PanelView *panel, CalendarWish wish, AxisCalendar *calendar, int64 *step)
{
	Dates		dates = {.least = wish == CALENDAR_ANY ? FIND_LEAST : 2};
	int			weekday;

	if (axis->time == PANEL_INTEGER || !dates_read(axis, panel, &dates))
		return false;
	if (wish == CALENDAR_FIND_BUSINESS)
		return find_business(&dates, calendar, step);
	if (wish == CALENDAR_FIND_TWICE)
		return find_twice(&dates, calendar, step);
	if (wish == CALENDAR_FIND_WEEKS)
		return shared_weekday(&dates, &weekday) && find_weeks(&dates, weekday, calendar, step);
	if (wish == CALENDAR_FIND_YEAR)
		return shared_weekday(&dates, &weekday) && find_year(&dates, weekday, calendar, step);
	if (find_business(&dates, calendar, step) || find_twice(&dates, calendar, step))
		return true;
	if (shared_weekday(&dates, &weekday))
		return find_year(&dates, weekday, calendar, step) || find_weekday_of_month(&dates, weekday, calendar, step) ||
			find_weeks(&dates, weekday, calendar, step);
	return find_business_month(&dates, calendar, step);
}
