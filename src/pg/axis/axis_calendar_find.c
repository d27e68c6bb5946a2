/*
 * axis_calendar_find.c
 *	  The calendar that the rows of a panel follow.
 *
 * Candidates are made from the rows themselves (the weekday or the days of the
 * month that they share) and are compared with them: a calendar fits if at most
 * one row in 20 is on another date and at least half of the pairs of neighboring
 * rows are the same number of its dates apart, which is the step.  Of those that
 * fit, the one with most rows is found, then the one with fewest absent dates; of
 * equal ones the first, and another one that would go on with other dates is
 * remembered.  Rows of a calendar have one
 * time of day.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/datetime.h"

#define FIND_ROWS		20000	/* dates that are looked at, of the first series */
#define FIND_OFF		20		/* one row in so many may be on another date */
#define FIND_LEAST		4		/* dates without which nothing is found that was not asked for */
#define FIND_WEEKENDS	4		/* weekends without rows that make business days */
#define FIND_WEEKS		8		/* weeks that show other workdays than Monday to Friday */
#define FIND_STEPS		64		/* longest step that is counted */
#define FIND_YEARS		3		/* years that show in which months dates are */
#define FIND_AHEAD		60		/* dates to come by which calendars differ */

typedef struct Dates
{
	int64	   *date;			/* Julian days */
	bool	   *first;			/* of a series */
	int64		count;
	int64		least;			/* dates that a calendar needs */
	const int32 *holiday;		/* of the option, for rules of business days */
	int			holidays;

	/* the best calendar so far */
	AxisCalendar best;
	int64		step;
	int64		off;			/* rows on other dates; -1: no calendar fits */
	int64		next;			/* pairs of neighboring rows that are one step apart */
	AxisCalendar also;			/* fits as many rows, but goes on with other dates */
	int64		also_step;		/* 0: none */
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

/* Returns whether the dates of each series, but so many, are whole steps after its first. */
static bool
dates_keep_step(const Dates *dates, const AxisCalendar *calendar, int step, int64 most)
{
	int64		first = 0;
	int64		off = 0;

	for (int64 i = 0; step > 1 && i < dates->count; i++)
	{
		int64		number = calendar_number(calendar, dates->date[i]);

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (dates->first[i])
			first = number;
		if ((number - first) % step != 0 && ++off > most)
			return false;
	}
	return true;
}

/* Returns the step of a calendar that the dates follow, 0 if they follow another one or the best so far has fewer other rows. */
static int64
calendar_step(const Dates *dates, const AxisCalendar *calendar, int64 *off, int64 *next)
{
	int64		votes[FIND_STEPS + 1] = {0};
	int64		most = dates->off >= 0 ? dates->off : dates->count / FIND_OFF;
	int64		pairs = 0,
				before = 0;
	int			best = 1;

	*off = 0;
	if (dates->count < dates->least)
		return 0;
	for (int64 i = 0; i < dates->count; i++)
	{
		int64		number = calendar_number(calendar, dates->date[i]);
		int64		date;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!(calendar_date(calendar, number, &date) && date == dates->date[i]) && ++*off > most)
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
	if (pairs == 0 || votes[best] * 2 < pairs || !dates_keep_step(dates, calendar, best, most))
		return 0;
	*next = votes[best];
	return best;
}

/* Returns whether two calendars go on with the same dates after a day. */
static bool
same_ahead(int64 day, const AxisCalendar *a, int64 a_step, const AxisCalendar *b, int64 b_step)
{
	int64		from_a = calendar_number(a, day),
				from_b = calendar_number(b, day);

	for (int k = 1; k <= FIND_AHEAD; k++)
	{
		int64		date_a,
					date_b;

		if (!calendar_date(a, from_a + k * a_step, &date_a) || !calendar_date(b, from_b + k * b_step, &date_b))
			return true;
		if (date_a != date_b)
			return false;
	}
	return true;
}

/* Compares a calendar with the dates; steps: bits of those that it may have, 0: any.  Keeps it if it fits better than those before. */
static void
find_try(Dates *dates, AxisCalendar *calendar, uint32 steps)
{
	int64		off;
	int64		next = 0;
	int64		step;

	if (calendar_has_holidays(calendar))
	{
		calendar->holiday = dates->holiday;
		calendar->holidays = dates->holidays;
	}
	step = calendar_step(dates, calendar, &off, &next);
	if (step == 0 || (steps != 0 && (step > 31 || (steps >> step & 1) == 0)))
		return;
	if (calendar->rule == CALENDAR_WEEKDAY || calendar->rule == CALENDAR_NEAREST)
		if (step == 12)
			calendar->month = (int) (calendar_number(calendar, dates->date[0]) % 12 + 12) % 12 + 1;
	if (dates->off < 0 || off < dates->off || next > dates->next)
	{
		dates->best = *calendar;
		dates->step = step;
		dates->off = off;
		dates->next = next;
		dates->also_step = 0;
	}
	else if (dates->also_step == 0 && next == dates->next && !same_ahead(dates->date[dates->count - 1], &dates->best, dates->step, calendar, step))
	{
		dates->also = *calendar;
		dates->also_step = step;
	}
}

/* Returns whether rows lie on three of five days of a calendar of business days, over so many weeks. */
static bool
business_fits(Dates *dates, int64 least, AxisCalendar *calendar)
{
	int64		weeks = 0,
				days = 0;

	for (int64 i = 0; i < dates->count; i++)
		if (!dates->first[i])
		{
			weeks += dates->date[i] / 7 - dates->date[i - 1] / 7;
			days += calendar_number(calendar, dates->date[i]) - calendar_number(calendar, dates->date[i - 1]);
		}
	if (weeks >= least && dates->count * 5 >= days * 3)
		find_try(dates, calendar, 1u << 1);
	return dates->off >= 0;
}

/*
 * Returns whether rows lie on most of the days from Monday to Friday and on no
 * weekend, or on most of other days of the week, each of which has a fair share.
 */
static bool
find_business(Dates *dates)
{
	AxisCalendar calendar = {.rule = CALENDAR_BUSINESS_DAY};
	int64		count[7] = {0};
	uint32		days = 0;
	int			n = 0;

	for (int64 i = 0; i < dates->count; i++)
		count[dates->date[i] % 7]++;
	for (int d = 0; d < 7; d++)
		if (count[d] > 0)
		{
			days |= 1u << d;
			n++;
		}
	if ((days & ~CALENDAR_WEEKDAYS) == 0 && business_fits(dates, FIND_WEEKENDS, &calendar))
		return true;
	for (int d = 0; d < 7; d++)
		if (count[d] > 0 && count[d] * n * 2 < dates->count)
			return false;
	calendar.workdays = days == CALENDAR_WEEKDAYS ? 0 : days;
	return n > 1 && n < 7 && business_fits(dates, FIND_WEEKS, &calendar);
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

/* n-th or last weekdays of a month, or several of them */
static void
find_weekday_of_month(Dates *dates, int weekday)
{
	static const int order[] = {1, 2, 3, -1, 4};

	for (int i = 0; i < (int) lengthof(order); i++)
	{
		AxisCalendar calendar = {.rule = CALENDAR_WEEKDAY, .weekday = weekday, .nth = order[i]};

		find_try(dates, &calendar, 0);
	}
	for (uint32 nths = 1; nths < 32; nths++)
	{
		AxisCalendar calendar = {.rule = CALENDAR_SEVERAL, .weekday = weekday, .nths = nths};

		/* the fourth is the last one of most months */
		if (pg_popcount32(nths) >= 2 && pg_popcount32(nths) <= 4 && (nths & 0x11) != 0x11)
			find_try(dates, &calendar, 1u << 1);
	}
}

/* fiscal years dated by their last or first day: the last weekday of a month, or the nearest to its end */
static void
find_year(Dates *dates, int weekday)
{
	for (int shift = 0; shift < 2; shift++)
		for (int nearest = 0; nearest < 2; nearest++)
		{
			AxisCalendar calendar = {.rule = nearest ? CALENDAR_NEAREST : CALENDAR_WEEKDAY,
			.weekday = (weekday + 7 - shift) % 7, .nth = -1, .shift = shift};

			find_try(dates, &calendar, 1u << 12);
		}
}

/* Sets the days up to the 28th that most of the months have; returns the months that have dates. */
static int64
common_days(const Dates *dates, uint32 *days)
{
	int64		count[32] = {0};
	int64		months = 0;
	int			before = 0;

	*days = 0;
	for (int64 i = 0; i < dates->count; i++)
	{
		int			year,
					month,
					day;

		j2date((int) dates->date[i], &year, &month, &day);
		months += i == 0 || dates->first[i] || year * 12 + month != before;
		before = year * 12 + month;
		count[day]++;
	}
	for (int day = 1; day <= 28; day++)
		if (count[day] * 2 >= months)
			*days |= 1u << day;
	return months;
}

/*
 * Days of a month.  Those of most months are in the pattern; one of the last
 * three may be, since months end before it or on it.  They stay, or move to
 * business days.
 */
static void
find_days(Dates *dates, bool twice)
{
	static const int tail[] = {0, 31, 30, 29};
	uint32		common;

	(void) common_days(dates, &common);
	for (int roll = CALENDAR_STAY; roll <= (twice ? CALENDAR_STAY : CALENDAR_CLOSEST); roll++)
		for (int i = 0; i < (int) lengthof(tail); i++)
		{
			AxisCalendar calendar = {.rule = CALENDAR_DAYS, .days = common | (tail[i] > 0 ? 1u << tail[i] : 0), .roll = (CalendarRoll) roll};
			int			count = pg_popcount32(calendar.days);

			if (!calendar_days_valid(&calendar) || (count == 1 && roll == CALENDAR_STAY) || (twice && count != 2))
				continue;
			find_try(dates, &calendar, count > 1 ? 1u << 1 : 0);
		}
}

/* Sets the months that have dates in at least half of the years; false if all have, or the years are too few to tell. */
static bool
common_months(const Dates *dates, uint32 *months)
{
	int64		count[12] = {0};
	int64		years = 0;
	int			before = 0;
	int			year_before = 0;

	*months = 0;
	for (int64 i = 0; i < dates->count; i++)
	{
		int			year,
					month,
					day;

		j2date((int) dates->date[i], &year, &month, &day);
		years += dates->first[i] || year != year_before;
		count[month - 1] += dates->first[i] || year * 12 + month != before;
		before = year * 12 + month;
		year_before = year;
	}
	for (int month = 0; month < 12; month++)
		if (count[month] > 0 && count[month] * 2 >= years - 1)
			*months |= 1u << month;
	return years >= FIND_YEARS && *months != CALENDAR_ALL_MONTHS && *months != 0;
}

/* Days of some months of each year, as of taxes, terms and seasons; they stay, or move to business days. */
static void
find_months(Dates *dates)
{
	static const int tail[] = {0, 31, 30, 29};
	uint32		common,
				months;

	if (!common_months(dates, &months))
		return;
	(void) common_days(dates, &common);
	for (int roll = CALENDAR_STAY; roll <= CALENDAR_CLOSEST; roll++)
		for (int i = 0; i < (int) lengthof(tail); i++)
		{
			AxisCalendar calendar = {.rule = CALENDAR_DAYS, .days = common | (tail[i] > 0 ? 1u << tail[i] : 0), .roll = (CalendarRoll) roll,
			.months = months};

			if (calendar_days_valid(&calendar))
				find_try(dates, &calendar, 1u << 1);
		}
}

/* Days counted from the first of January: the usual distance of the dates. */
static void
find_days_of_year(Dates *dates)
{
	int64		count[CALENDAR_MOST_EVERY + 1] = {0};
	int			every = 0;
	AxisCalendar calendar = {.rule = CALENDAR_YEAR_DAYS};

	for (int64 i = 1; i < dates->count; i++)
	{
		int64		distance = dates->first[i] ? 0 : dates->date[i] - dates->date[i - 1];

		if (distance > 1 && distance <= CALENDAR_MOST_EVERY && ++count[distance] > count[every])
			every = (int) distance;
	}
	calendar.every = every;
	/* weeks go on over the end of a year */
	if (every > 1 && every % 7 != 0)
		find_try(dates, &calendar, 1u << 1);
}

/* Periods of weeks.  Rows of a few years may fit several fiscal years: common ones are tried first. */
static void
find_weeks(Dates *dates, int weekday, const int *only)
{
	static const int weeks[4][3] = {{4, 4, 5}, {4, 5, 4}, {5, 4, 4}, {4, 0, 0}};
	static const int month[12] = {12, 1, 9, 6, 3, 2, 10, 8, 7, 4, 5, 11};

	for (int m = 0; m < 12; m++)
		for (int choice = 0; choice < 16; choice++)
		{
			int			shift = choice / 8;
			AxisCalendar calendar = {.rule = CALENDAR_WEEKS, .nth = -1, .month = month[m], .shift = shift,
			.nearest = choice % 2 == 1, .weekday = (weekday + 7 - shift) % 7};

			memcpy(calendar.weeks, weeks[choice / 2 % 4], sizeof(calendar.weeks));
			if (only == NULL || (calendar.weeks[0] == only[0] && calendar.weeks[1] == only[1]))
				find_try(dates, &calendar, calendar.weeks[1] == 0 ? 1u << 1 : 1u << 1 | 1u << 3);
		}
}

/* the first or last business days of months */
static void
find_business_end(Dates *dates)
{
	AxisCalendar end = {.rule = CALENDAR_BUSINESS_END},
				start = {.rule = CALENDAR_BUSINESS_START};

	find_try(dates, &end, 0);
	find_try(dates, &start, 0);
}

/* business days of a month, counted from its start or its end */
static void
find_business_nth(Dates *dates)
{
	for (int nth = -CALENDAR_MOST_NTH; nth <= CALENDAR_MOST_NTH; nth++)
	{
		AxisCalendar calendar = {.rule = CALENDAR_BUSINESS_NTH, .nth = nth};

		if (nth < 0 || nth > 1)
			find_try(dates, &calendar, 0);
	}
}

static void
find_any(Dates *dates)
{
	int			weekday;

	if (find_business(dates))
		return;
	if (shared_weekday(dates, &weekday))
	{
		find_year(dates, weekday);
		find_weekday_of_month(dates, weekday);
		find_weeks(dates, weekday, NULL);
		return;
	}
	find_business_end(dates);
	find_days(dates, false);
	find_months(dates);
	find_business_nth(dates);
	find_days_of_year(dates);
}

int64
calendar_absent(const Axis *axis, const PanelView *panel)
{
	int64		absent = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];
		bool		exact;

		if (series->n > 1)
			absent += axis_index(axis, axis_nearest(axis, series->ts[0]), series->ts[series->n - 1], &exact) + 1 - series->n;
	}
	return absent;
}

bool
calendar_find(Axis *axis, const PanelView *panel, CalendarWish wish, int64 *off)
{
	static const int weeks[][2] = {{4, 4}, {4, 5}, {5, 4}};
	Dates		dates = {.least = wish == CALENDAR_ANY ? FIND_LEAST : 2, .off = -1,
	.holiday = axis->calendar.holiday, .holidays = axis->calendar.holidays};
	int			weekday;

	if (axis->time == PANEL_INTEGER || !dates_read(axis, panel, &dates))
		return false;
	if (wish == CALENDAR_FIND_BUSINESS)
		(void) find_business(&dates);
	else if (wish == CALENDAR_FIND_DAYS)
		find_days(&dates, true);
	else if (wish == CALENDAR_ANY)
		find_any(&dates);
	else if (shared_weekday(&dates, &weekday) && wish == CALENDAR_FIND_YEAR)
		find_year(&dates, weekday);
	else if (shared_weekday(&dates, &weekday))
		find_weeks(&dates, weekday, weeks[wish - CALENDAR_FIND_445]);
	if (dates.off < 0)
		return false;
	axis->unit = AXIS_CALENDAR;
	axis->calendar = dates.best;
	axis->step = dates.step;
	axis->also = dates.also_step > 0 ? calendar_text(&dates.also, dates.also_step) : NULL;
	*off = dates.off;
	return true;
}
