/*
 * axis_calendar.c
 *	  Calendars whose dates are not a whole number of days or months apart:
 *	  business days, weekdays of a month, twice a month, fiscal years of 52 or 53
 *	  weeks and their periods of weeks.
 *
 * A calendar numbers its dates.  calendar_number gives the number of the last
 * date not after a day, calendar_date the day of a number:
 *
 *	  business days	days of the week without holidays, counted from Julian day 0
 *	  month rules	year x 12 + month - 1 of the month that the rule belongs to
 *	  twice a month	month x 2 + 0 or 1
 *	  weeks			fiscal year x 12 + period; the periods of a quarter have, for
 *					example, 4, 4 and 5 weeks, and the last period of a year ends
 *					with the year, so it takes the 53rd week
 *
 * Days are Julian days, of which day 0 is a Monday.  Allocates nothing.
 */
#include "pg/axis/axis.h"

#include "port/pg_bitutils.h"
#include "utils/date.h"
#include "utils/datetime.h"

#define CALENDAR_MAX_NUMBER	(24 * INT64CONST(6000000))	/* more than two per month of all years a date can have */

/* the Julian day of a day of month number m; the day is cut to the length of the month */
static int64
month_date(int64 m, int day)
{
	int			year = (int) axis_divide_floor(m, 12);
	int			month = (int) (m - year * INT64CONST(12)) + 1;
	int			last = axis_month_days(year, month);

	return date2j(year, month, Min(day, last));
}

static int64
month_of(int64 date)
{
	int			year,
				month,
				day;

	j2date((int) date, &year, &month, &day);
	return year * INT64CONST(12) + month - 1;
}

/* the last such weekday on or before a day */
static int64
weekday_before(int64 date, int weekday)
{
	return date - (date - weekday + 7) % 7;
}

/* ---- business days ---- */

/* Returns the workdays before a day, holidays included. */
static int64
workdays_before(const AxisCalendar *calendar, int64 date)
{
	uint32		days = calendar_workdays(calendar);

	return date / 7 * pg_popcount32(days) + pg_popcount32(days & ((1u << (date % 7)) - 1));
}

/* Returns the Julian day of a workday, counted from 0. */
static int64
workday_date(const AxisCalendar *calendar, int64 workday)
{
	int			count = pg_popcount32(calendar_workdays(calendar));
	int64		date = workday / count * 7;
	int			left = (int) (workday % count);

	while (!calendar_workday(calendar, date) || left-- > 0)
		date++;
	return date;
}

/* Returns the holidays on or before a day. */
static int
holidays_until(const AxisCalendar *calendar, int64 date)
{
	int			low = 0,
				high = calendar->holidays;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (calendar->holiday[middle] <= date)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64
business_number(const AxisCalendar *calendar, int64 date)
{
	return workdays_before(calendar, date + 1) - holidays_until(calendar, date) - 1;
}

/* Holiday i is followed by business day number workdays_before(holiday[i]) - i, which does not decrease with i. */
static int64
business_date(const AxisCalendar *calendar, int64 number)
{
	int			low = 0,
				high = calendar->holidays;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (workdays_before(calendar, calendar->holiday[middle]) - middle <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return workday_date(calendar, number + low);
}

/* ---- months ---- */

static int64
month_rule_date(const AxisCalendar *calendar, int64 m)
{
	int64		first = month_date(m, 1);
	int64		last = month_date(m, 31);

	switch (calendar->rule)
	{
		case CALENDAR_MONTH_END:
			return last;
		case CALENDAR_BUSINESS_END:
			return last - Max(last % 7 - 4, 0);
		case CALENDAR_BUSINESS_START:
			return first + (first % 7 > 4 ? 7 - first % 7 : 0);
		case CALENDAR_NEAREST:
			return weekday_before(last + 3, calendar->weekday);
		default:
			if (calendar->nth < 0)
				return weekday_before(last, calendar->weekday);
			return weekday_before(first + 6, calendar->weekday) + 7 * (calendar->nth - 1);
	}
}

static int64
month_rule_number(const AxisCalendar *calendar, int64 date)
{
	int64		m = month_of(date);

	while (month_rule_date(calendar, m) > date)
		m--;
	return m;
}

/* ---- periods of weeks ---- */

/* the last day of a fiscal year */
static int64
year_end(const AxisCalendar *calendar, int64 year)
{
	AxisCalendar rule = *calendar;

	rule.rule = calendar->nearest ? CALENDAR_NEAREST : CALENDAR_WEEKDAY;
	rule.nth = -1;
	return month_rule_date(&rule, year * 12 + calendar->month - 1);
}

static int64
weeks_date(const AxisCalendar *calendar, int64 number)
{
	int64		year = axis_divide_floor(number, 12);
	int			period = (int) (number - year * 12);
	int			weeks = period / 3 * 13;

	if (period == 11)
		return year_end(calendar, year);
	for (int i = 0; i <= period % 3; i++)
		weeks += calendar->weeks[i];
	return year_end(calendar, year - 1) + 7 * weeks;
}

static int64
weeks_number(const AxisCalendar *calendar, int64 date)
{
	int64		number = (axis_divide_floor(month_of(date), 12) + 1) * 12 + 11;

	/* at most two years back */
	while (weeks_date(calendar, number) > date)
		number--;
	return number;
}

/* ---- all ---- */

int64
calendar_number(const AxisCalendar *calendar, int64 date)
{
	date -= calendar->shift;
	switch (calendar->rule)
	{
		case CALENDAR_BUSINESS_DAY:
			return business_number(calendar, date);
		case CALENDAR_TWICE:
			{
				int64		m = month_of(date);

				if (date >= month_date(m, calendar->day[1]))
					return 2 * m + 1;
				return date >= month_date(m, calendar->day[0]) ? 2 * m : 2 * m - 1;
			}
		case CALENDAR_WEEKS:
			return weeks_number(calendar, date);
		default:
			return month_rule_number(calendar, date);
	}
}

bool
calendar_date(const AxisCalendar *calendar, int64 number, int64 *date)
{
	if (calendar->rule == CALENDAR_BUSINESS_DAY)
	{
		if (number < 0 || number >= (DATE_END_JULIAN / 7 - 1) * pg_popcount32(calendar_workdays(calendar)) - calendar->holidays)
			return false;
		*date = business_date(calendar, number);
	}
	else
	{
		int64		m = calendar->rule == CALENDAR_TWICE ? axis_divide_floor(number, 2) : number;

		/* dates start in November 4714 BC; rules look back by at most a year */
		if (m < -4714 * INT64CONST(12) || m >= INT64CONST(5874897) * 12 || number > CALENDAR_MAX_NUMBER)
			return false;
		if (calendar->rule == CALENDAR_TWICE)
			*date = month_date(m, calendar->day[number - 2 * m]);
		else if (calendar->rule == CALENDAR_WEEKS)
			*date = weeks_date(calendar, number);
		else
			*date = month_rule_date(calendar, m);
	}
	*date += calendar->shift;
	return true;
}

bool
calendar_has(const AxisCalendar *calendar, int64 date)
{
	int64		found;

	return calendar_date(calendar, calendar_number(calendar, date), &found) && found == date;
}

int
calendar_months(const AxisCalendar *calendar)
{
	return calendar->rule == CALENDAR_BUSINESS_DAY ? 0 : calendar->rule == CALENDAR_TWICE ? 24 : 12;
}
