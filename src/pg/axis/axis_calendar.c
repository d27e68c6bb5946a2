/*
 * axis_calendar.c
 *	  Calendars whose dates are not a whole number of days or months apart:
 *	  business days, weekdays of a month, days of a month, fiscal years of 52 or
 *	  53 weeks and their periods of weeks.
 *
 * A calendar numbers its dates.  calendar_number gives the number of the last
 * date not after a day, calendar_date the day of a number:
 *
 *	  business days	days of the week without holidays, counted from Julian day 0
 *	  month rules	year x 12 + month - 1 of the month that the rule belongs to
 *	  several a month	month x their count + 0, 1 ...
 *	  of some months	likewise, without the other months: year x their number + place
 *	  days of a year	year x their count + 0, 1 ...; the last ones are fewer days
 *	  weeks			fiscal year x 12 or 13 + period; the periods of a quarter have, for
 *					example, 4, 4 and 5 weeks, and the last period of a year ends
 *					with the year, so it takes the 53rd week
 *
 * Days are Julian days, of which day 0 is a Monday.  Allocates nothing.
 */
#include "pg/axis/axis.h"

#include "port/pg_bitutils.h"
#include "utils/date.h"
#include "utils/datetime.h"

#define MOST_ROLLED	14			/* days that a date may move to a business day */

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

static bool
is_business(const AxisCalendar *calendar, int64 date)
{
	int			until = holidays_until(calendar, date);

	return date >= 0 && calendar_workday(calendar, date) && (until == 0 || calendar->holiday[until - 1] != date);
}

/* ---- months ---- */

/* Returns the n-th business day of a month, or the -n-th before the last; the end of the month if it has fewer. */
static int64
business_of_month(const AxisCalendar *calendar, int64 m, int nth)
{
	int64		first = month_date(m, 1);
	int64		last = month_date(m, 31);
	int			left = nth > 0 ? nth : 1 - nth;
	int64		date = nth > 0 ? first - 1 : last + 1;

	while (left > 0 && (nth > 0 ? date < last : date > first))
	{
		date += nth > 0 ? 1 : -1;
		left -= is_business(calendar, date);
	}
	return date;
}

/* Returns the place of bit number i among the bits that are set, the lowest being 0. */
static int
bit_place(uint32 bits, int i)
{
	int			place = 0;

	while ((bits >> place & 1) == 0 || i-- > 0)
		place++;
	return place;
}

/* Returns the i-th day of CALENDAR_DAYS in month m, before it moves; i may be -1 or their count: of the months beside. */
static int64
day_of_month(const AxisCalendar *calendar, int64 m, int i)
{
	int			count = pg_popcount32(calendar->days);

	if (i < 0 || i >= count)
	{
		m += i < 0 ? -1 : 1;
		i = i < 0 ? count - 1 : 0;
	}
	return month_date(m, bit_place(calendar->days, i));
}

/*
 * Returns the business day after or before the i-th day of a month, or the day
 * itself if it is one, if none is near, or if the way there leads to the day
 * after or before it in the calendar: then both would be the same date.
 */
static int64
rolled(const AxisCalendar *calendar, int64 m, int i)
{
	int64		date = day_of_month(calendar, m, i);
	int64		before = date - day_of_month(calendar, m, i - 1);
	int64		after = day_of_month(calendar, m, i + 1) - date;
	int			meet = calendar->roll == CALENDAR_CLOSEST ? 2 : 1;	/* its neighbors come towards it */

	for (int k = 0; k <= MOST_ROLLED; k++)
	{
		if (calendar->roll != CALENDAR_NEXT && meet * k < before && is_business(calendar, date - k))
			return date - k;
		if (calendar->roll != CALENDAR_PREVIOUS && meet * k < after && is_business(calendar, date + k))
			return date + k;
	}
	return date;
}

static int64
weekday_of_month(const AxisCalendar *calendar, int64 m, int nth)
{
	if (nth < 0)
		return weekday_before(month_date(m, 31), calendar->weekday);
	return weekday_before(month_date(m, 7), calendar->weekday) + 7 * (nth - 1);
}

/* Returns the dates of a month of rules of months. */
static int
dates_of_month(const AxisCalendar *calendar)
{
	return calendar->rule == CALENDAR_DAYS ? pg_popcount32(calendar->days) :
		calendar->rule == CALENDAR_SEVERAL ? pg_popcount32(calendar->nths) : 1;
}

/* the i-th date of month m */
static int64
month_rule_date(const AxisCalendar *calendar, int64 m, int i)
{
	int64		last;

	switch (calendar->rule)
	{
		case CALENDAR_MONTH_END:
			return month_date(m, 31);
		case CALENDAR_BUSINESS_END:
			return business_of_month(calendar, m, 0);
		case CALENDAR_BUSINESS_START:
			return business_of_month(calendar, m, 1);
		case CALENDAR_BUSINESS_NTH:
			return business_of_month(calendar, m, calendar->nth);
		case CALENDAR_NEAREST:
			last = month_date(m, 31);
			return weekday_before(last + 3, calendar->weekday);
		case CALENDAR_DAYS:
			return calendar->roll == CALENDAR_STAY ? day_of_month(calendar, m, i) : rolled(calendar, m, i);
		case CALENDAR_SEVERAL:
			/* the last one, bit 0, is the last of the month */
			if ((calendar->nths & 1) == 0)
				return weekday_of_month(calendar, m, bit_place(calendar->nths, i));
			return weekday_of_month(calendar, m, i + 1 == dates_of_month(calendar) ? -1 : bit_place(calendar->nths, i + 1));
		default:
			return weekday_of_month(calendar, m, calendar->nth);
	}
}

/* Returns the months of a year that have dates. */
static int
months_of_year(const AxisCalendar *calendar)
{
	return calendar->months == 0 ? 12 : pg_popcount32(calendar->months);
}

/* Returns the number of the i-th date of month m among those of the calendar's months; of another month, of the date before it. */
static int64
number_of_months(const AxisCalendar *calendar, int64 m, int i, int count)
{
	int64		year = axis_divide_floor(m, 12);
	int			month = (int) (m - year * 12);
	int64		before = year * months_of_year(calendar) + pg_popcount32(calendar->months & ((1u << month) - 1));

	return before * count + ((calendar->months >> month & 1) != 0 ? i : -1);
}

/* Returns the month that has that number among those of the calendar's months. */
static int64
month_of_number(const AxisCalendar *calendar, int64 number)
{
	int64		year = axis_divide_floor(number, months_of_year(calendar));

	return year * 12 + bit_place(calendar->months, (int) (number - year * months_of_year(calendar)));
}

/* Returns the number of the last date that is not after a day; a date may be rolled into the month before its own. */
static int64
month_rule_number(const AxisCalendar *calendar, int64 date)
{
	int			count = dates_of_month(calendar);
	int64		number = (month_of(date) + 2) * count - 1;

	for (;; number--)
	{
		int64		m = axis_divide_floor(number, count);
		int			i = (int) (number - m * count);

		if (month_rule_date(calendar, m, i) <= date)
			return calendar->months == 0 ? number : number_of_months(calendar, m, i, count);
	}
}

/* ---- days of a year ---- */

/* Returns the dates of a year: the 366th day belongs to the last one. */
static int
dates_of_year(const AxisCalendar *calendar)
{
	return (364 + calendar->every) / calendar->every;
}

static int64
year_days_number(const AxisCalendar *calendar, int64 date)
{
	int64		year = axis_divide_floor(month_of(date), 12);
	int			place = (int) (date - month_date(year * 12, 1)) / calendar->every;

	return year * dates_of_year(calendar) + Min(place, dates_of_year(calendar) - 1);
}

static int64
year_days_date(const AxisCalendar *calendar, int64 year, int place)
{
	return month_date(year * 12, 1) + place * (int64) calendar->every;
}

/* ---- periods of weeks ---- */

/* the last day of a fiscal year */
static int64
year_end(const AxisCalendar *calendar, int64 year)
{
	AxisCalendar rule = *calendar;

	rule.rule = calendar->nearest ? CALENDAR_NEAREST : CALENDAR_WEEKDAY;
	rule.nth = -1;
	return month_rule_date(&rule, year * 12 + calendar->month - 1, 0);
}

/* Returns the periods of a year of 52 or 53 weeks. */
static int
periods_of_year(const AxisCalendar *calendar)
{
	return calendar->weeks[1] == 0 ? 13 : 12;
}

static int64
weeks_date(const AxisCalendar *calendar, int64 year, int period)
{
	int			weeks = period / 3 * 13;

	if (period == periods_of_year(calendar) - 1)
		return year_end(calendar, year);
	if (calendar->weeks[1] == 0)
		weeks = 4 * (period + 1);
	else
		for (int i = 0; i <= period % 3; i++)
			weeks += calendar->weeks[i];
	return year_end(calendar, year - 1) + 7 * weeks;
}

static int64
weeks_number(const AxisCalendar *calendar, int64 date)
{
	int			count = periods_of_year(calendar);
	int64		number = (axis_divide_floor(month_of(date), 12) + 2) * count - 1;

	/* at most two years back */
	for (;; number--)
	{
		int64		year = axis_divide_floor(number, count);

		if (weeks_date(calendar, year, (int) (number - year * count)) <= date)
			return number;
	}
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
		case CALENDAR_YEAR_DAYS:
			return year_days_number(calendar, date);
		case CALENDAR_WEEKS:
			return weeks_number(calendar, date);
		default:
			return month_rule_number(calendar, date);
	}
}

bool
calendar_date(const AxisCalendar *calendar, int64 number, int64 *date)
{
	bool		of_year = calendar->rule == CALENDAR_YEAR_DAYS || calendar->rule == CALENDAR_WEEKS;

	if (calendar->rule == CALENDAR_BUSINESS_DAY)
	{
		if (number < 0 || number >= (DATE_END_JULIAN / 7 - 1) * pg_popcount32(calendar_workdays(calendar)) - calendar->holidays)
			return false;
		*date = business_date(calendar, number);
	}
	else
	{
		int			count = of_year ? calendar_year(calendar) : dates_of_month(calendar);
		int64		span = axis_divide_floor(number, count);
		int			place = (int) (number - span * count);
		int			months = of_year ? 12 : 1;

		if (calendar->months != 0)
		{
			if (span < -4714 * INT64CONST(12) || span >= INT64CONST(5874897) * 12)
				return false;
			span = month_of_number(calendar, span);
		}

		/* dates start in November 4714 BC; rules look back by at most a year */
		if (span < -4714 * INT64CONST(12) / months || span >= INT64CONST(5874897) * 12 / months)
			return false;
		*date = calendar->rule == CALENDAR_WEEKS ? weeks_date(calendar, span, place) :
			of_year ? year_days_date(calendar, span, place) : month_rule_date(calendar, span, place);
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

bool
calendar_days_valid(const AxisCalendar *calendar)
{
	uint32		late = calendar->days & (7u << 29);
	int			apart = calendar->roll == CALENDAR_STAY ? 1 : 5;	/* over a weekend and a holiday or two */
	int			before = 0;
	int			first = 0;

	if ((calendar->days & 1) != 0 || calendar->days == 0 || (late & (late - 1)) != 0 ||
		pg_popcount32(calendar->days) > CALENDAR_MOST_DAYS)
		return false;
	for (int day = 1; day < 32; day++)
		if ((calendar->days >> day & 1) != 0)
		{
			/* in February days after the 28th are the 28th */
			if (before > 0 && Min(day, 28) - before < apart)
				return false;
			before = Min(day, 28);
			first = first == 0 ? day : first;
		}
	return pg_popcount32(calendar->days) == 1 || first + 28 - before >= apart;
}

bool
calendar_has_holidays(const AxisCalendar *calendar)
{
	return calendar->rule == CALENDAR_BUSINESS_DAY || calendar->rule == CALENDAR_BUSINESS_END ||
		calendar->rule == CALENDAR_BUSINESS_START || calendar->rule == CALENDAR_BUSINESS_NTH ||
		(calendar->rule == CALENDAR_DAYS && calendar->roll != CALENDAR_STAY);
}

int
calendar_year(const AxisCalendar *calendar)
{
	switch (calendar->rule)
	{
		case CALENDAR_BUSINESS_DAY:
			return 0;
		case CALENDAR_YEAR_DAYS:
			return dates_of_year(calendar);
		case CALENDAR_WEEKS:
			return periods_of_year(calendar);
		default:
			return months_of_year(calendar) * dates_of_month(calendar);
	}
}
