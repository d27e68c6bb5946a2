/*
 * axis_calendar_text.c
 *	  Calendars as text, which the option frequency takes and messages show:
 *
 *		business day, business day sunday to thursday, business day tuesday friday
 *		month end, quarter end, year end
 *		business month end, business month start
 *		business day 10 of month, business day 1 before last of month
 *		third friday of month, last monday of month, first and third friday of month
 *		third friday every 3 months
 *		last saturday of december, nearest saturday to december end
 *		semi monthly 1 and 15, semi monthly 15 and last, days 1 11 21 of month
 *		day 25 of month or previous business day, day 10 every 3 months or next business day
 *		day 15 of january april june september, days 1 15 of june july or next business day
 *		every 8 days from january 1
 *		4 4 5 weeks to last saturday of december
 *		13 periods of 4 weeks to last saturday of december
 *		quarters of 4 4 5 weeks to nearest saturday to january end
 *
 * " plus 1 day" follows the rules of fiscal years if periods are dated by their
 * first day.  Letter case does not matter, and any characters between the words
 * are equal: "business_day", "4-4-5 weeks ...".
 */
#include "pg/axis/axis.h"

#include "lib/stringinfo.h"
#include "port/pg_bitutils.h"

#define MAX_WORDS	32

static const char *const weekday_words[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char *const month_words[] = {"january", "february", "march", "april", "may", "june", "july", "august",
"september", "october", "november", "december"};
static const char *const nth_words[] = {"last", "first", "second", "third", "fourth"};	/* 0 stands for nth = -1 */

static const char *const roll_words[] = {"", "next", "previous", "nearest"};	/* by CalendarRoll */

/* ---- to text ---- */

static void
text_every(StringInfo text, int64 step)
{
	if (step > 1)
		appendStringInfo(text, " every %lld months", (long long) step);
}

static void
text_year(StringInfo text, const AxisCalendar *calendar, bool nearest)
{
	const char *weekday = weekday_words[calendar->weekday];
	const char *month = month_words[calendar->month - 1];

	if (nearest)
		appendStringInfo(text, "nearest %s to %s end", weekday, month);
	else
		appendStringInfo(text, "%s %s of %s", nth_words[Max(calendar->nth, 0)], weekday, month);
}

static void
text_month_rule(StringInfo text, const AxisCalendar *calendar, int64 step)
{
	if (calendar->month > 0)
		text_year(text, calendar, calendar->rule == CALENDAR_NEAREST);
	else
	{
		appendStringInfo(text, "%s %s%s", nth_words[Max(calendar->nth, 0)], weekday_words[calendar->weekday],
						 step == 1 ? " of month" : "");
		text_every(text, step);
	}
}

/* "semi monthly 1 and 15", "days 1 11 21 of month", "day 25 of month or previous business day" */
static void
text_days(StringInfo text, const AxisCalendar *calendar, int64 step)
{
	int			count = pg_popcount32(calendar->days);
	bool		later = false;

	appendStringInfoString(text, count == 2 ? "semi monthly" : count == 1 ? "day" : "days");
	for (int day = 1; day < 32; day++)
	{
		if ((calendar->days >> day & 1) == 0)
			continue;
		appendStringInfoString(text, later && count == 2 ? " and " : " ");
		if (day == 31)
			appendStringInfoString(text, "last");
		else
			appendStringInfo(text, "%d", day);
		later = true;
	}
	if (calendar->months != 0)
		appendStringInfoString(text, " of");
	else if (count != 2 && step == 1)
		appendStringInfoString(text, " of month");
	for (int month = 0; month < 12; month++)
		if ((calendar->months >> month & 1) != 0)
			appendStringInfo(text, " %s", month_words[month]);
	text_every(text, step);
	if (calendar->roll != CALENDAR_STAY)
		appendStringInfo(text, " or %s business day", roll_words[calendar->roll]);
}

/* "first and third friday of month" */
static void
text_weekdays(StringInfo text, const AxisCalendar *calendar)
{
	int			left = pg_popcount32(calendar->nths);

	for (int i = 1; i <= (int) lengthof(nth_words); i++)
		if ((calendar->nths >> i % lengthof(nth_words) & 1) != 0)
			appendStringInfo(text, "%s %s", nth_words[i % lengthof(nth_words)], --left == 1 ? "and " : "");
	appendStringInfo(text, "%s of month", weekday_words[calendar->weekday]);
}

/* the days of a week that are not Monday to Friday: a span of three or more, or one by one */
static void
text_workdays(StringInfo text, uint32 days)
{
	int			count = 0;
	int			first = 0;
	int			span = 0;

	for (int d = 0; d < 7; d++)
	{
		count += days >> d & 1;
		if ((days >> d & 1) != 0 && (days >> (d + 6) % 7 & 1) == 0)
			first = d;
	}
	while (span < 7 && (days >> (first + span) % 7 & 1) != 0)
		span++;
	if (span == count && count > 2)
		appendStringInfo(text, " %s to %s", weekday_words[first], weekday_words[(first + count - 1) % 7]);
	else
		for (int d = 0; d < 7; d++)
			if ((days >> d & 1) != 0)
				appendStringInfo(text, " %s", weekday_words[d]);
}

char	   *
calendar_text(const AxisCalendar *calendar, int64 step)
{
	StringInfoData text;

	initStringInfo(&text);
	switch (calendar->rule)
	{
		case CALENDAR_BUSINESS_DAY:
			appendStringInfoString(&text, "business day");
			if (calendar->workdays != 0)
				text_workdays(&text, calendar->workdays);
			break;
		case CALENDAR_MONTH_END:
			appendStringInfoString(&text, step == 1 ? "month end" : step == 3 ? "quarter end" : "year end");
			break;
		case CALENDAR_BUSINESS_END:
		case CALENDAR_BUSINESS_START:
			appendStringInfo(&text, "business month %s", calendar->rule == CALENDAR_BUSINESS_END ? "end" : "start");
			text_every(&text, step);
			break;
		case CALENDAR_WEEKDAY:
		case CALENDAR_NEAREST:
			text_month_rule(&text, calendar, step);
			break;
		case CALENDAR_BUSINESS_NTH:
			appendStringInfo(&text, "business day %d%s%s", abs(calendar->nth), calendar->nth < 0 ? " before last" : "",
							 step == 1 ? " of month" : "");
			text_every(&text, step);
			break;
		case CALENDAR_SEVERAL:
			text_weekdays(&text, calendar);
			break;
		case CALENDAR_DAYS:
			text_days(&text, calendar, step);
			break;
		case CALENDAR_YEAR_DAYS:
			appendStringInfo(&text, "every %d days from january 1", calendar->every);
			break;
		case CALENDAR_WEEKS:
			if (calendar->weeks[1] == 0)
				appendStringInfoString(&text, "13 periods of 4 weeks to ");
			else
				appendStringInfo(&text, "%s%d %d %d weeks to ", step == 3 ? "quarters of " : "",
								 calendar->weeks[0], calendar->weeks[1], calendar->weeks[2]);
			text_year(&text, calendar, calendar->nearest);
			break;
	}
	if (calendar->shift == 1)
		appendStringInfoString(&text, " plus 1 day");
	return text.data;
}

/* ---- from text ---- */

typedef struct Words
{
	char		word[MAX_WORDS][16];
	int			count;
	int			at;				/* next word */
} Words;

static bool
words_split(const char *text, Words *words)
{
	memset(words, 0, sizeof(*words));
	while (*text !='\0')
	{
		int			length = 0;
		char	   *word;

		if (!isalnum((unsigned char) *text))
		{
			text	  ++;

			continue;
		}
		if (words->count == MAX_WORDS)
			return false;
		word = words->word[words->count];
		for (; isalnum((unsigned char) *text); text ++)
		{
			if (length == (int) sizeof(words->word[0]) - 1)
				return false;
			word[length++] = pg_tolower((unsigned char) *text);
		}
		words->count++;
	}
	return true;
}

/* Takes the next word if it is that one. */
static bool
take_word(Words *words, const char *word)
{
	if (words->at >= words->count || strcmp(words->word[words->at], word) != 0)
		return false;
	words->at++;
	return true;
}

/* Takes words separated by spaces if all of them follow. */
static bool
take_words(Words *words, const char *phrase)
{
	Words		expected;
	int			start = words->at;

	(void) words_split(phrase, &expected);
	for (int i = 0; i < expected.count; i++)
		if (!take_word(words, expected.word[i]))
		{
			words->at = start;
			return false;
		}
	return true;
}

/* Takes the next word if it is one of a list; returns its place, or -1. */
static int
take_one(Words *words, const char *const *list, int count)
{
	for (int i = 0; i < count; i++)
		if (take_word(words, list[i]))
			return i;
	return -1;
}

/* Takes a number between 1 and 99; 0 if there is none. */
static int
take_number(Words *words)
{
	const char *word = words->at < words->count ? words->word[words->at] : "";
	size_t		length = strlen(word);

	if (length == 0 || length > 2 || strspn(word, "0123456789") != length)
		return 0;
	words->at++;
	return atoi(word);
}

static bool
take_every(Words *words, int64 *step)
{
	*step = 1;
	if (!take_word(words, "every"))
		return true;
	*step = take_number(words);
	return *step > 1 && take_word(words, "months");
}

/* "nearest saturday to december end", "last saturday of december" */
static bool
take_year(Words *words, AxisCalendar *calendar, bool *nearest)
{
	*nearest = take_word(words, "nearest");
	if (*nearest)
		calendar->nth = -1;
	else
	{
		int			nth = take_one(words, nth_words, lengthof(nth_words));

		if (nth < 0)
			return false;
		calendar->nth = nth == 0 ? -1 : nth;
	}
	calendar->weekday = take_one(words, weekday_words, lengthof(weekday_words));
	if (calendar->weekday < 0 || !take_word(words, *nearest ? "to" : "of"))
		return false;
	calendar->month = take_one(words, month_words, lengthof(month_words)) + 1;
	return calendar->month > 0 && (!*nearest || take_word(words, "end"));
}

/* weekdays of a month, or one of a year */
static bool
take_month_rule(Words *words, AxisCalendar *calendar, int64 *step)
{
	int			start = words->at;
	int			nth;
	bool		nearest;

	if (take_year(words, calendar, &nearest))
	{
		calendar->rule = nearest ? CALENDAR_NEAREST : CALENDAR_WEEKDAY;
		*step = 12;
		return true;
	}
	words->at = start;
	calendar->month = 0;
	while ((nth = take_one(words, nth_words, lengthof(nth_words))) >= 0)
	{
		calendar->nths |= 1u << nth;
		calendar->nth = nth == 0 ? -1 : nth;
		(void) take_word(words, "and");
	}
	calendar->weekday = take_one(words, weekday_words, lengthof(weekday_words));
	if (calendar->nths == 0 || calendar->weekday < 0 || (calendar->nths & 0x11) == 0x11)
		return false;
	calendar->rule = pg_popcount32(calendar->nths) == 1 ? CALENDAR_WEEKDAY : CALENDAR_SEVERAL;
	if (calendar->rule == CALENDAR_WEEKDAY)
		calendar->nths = 0;
	else
		calendar->nth = 0;
	return take_words(words, "of month") || (calendar->rule == CALENDAR_WEEKDAY && take_every(words, step));
}

/* Takes the months of a year that have dates; false if there is none, or all are. */
static bool
take_months(Words *words, AxisCalendar *calendar)
{
	int			month;

	while ((month = take_one(words, month_words, lengthof(month_words))) >= 0)
	{
		calendar->months |= 1u << month;
		(void) take_word(words, "and");
	}
	return calendar->months != 0 && calendar->months != CALENDAR_ALL_MONTHS;
}

/* days of a month, their step, and what becomes of those that are no business days */
static bool
take_days(Words *words, AxisCalendar *calendar, int count, int64 *step)
{
	calendar->rule = CALENDAR_DAYS;
	for (;;)
	{
		int			day = take_word(words, "last") ? 31 : take_number(words);

		if (day == 0)
			break;
		if (day > 31)
			return false;
		calendar->days |= 1u << day;
		(void) take_word(words, "and");
	}
	if (!take_words(words, "of month") && !(take_word(words, "of") ? take_months(words, calendar) : take_every(words, step)))
		return false;
	if (take_word(words, "or"))
	{
		int			roll = take_one(words, roll_words, lengthof(roll_words));

		if (roll < 1 || !take_words(words, "business day"))
			return false;
		calendar->roll = (CalendarRoll) roll;
	}
	/* one day of each month that stays there is a step of months */
	return calendar_days_valid(calendar) && (count == 0 || pg_popcount32(calendar->days) == count) &&
		(calendar->months != 0 || (pg_popcount32(calendar->days) > 1 ? *step == 1 : calendar->roll != CALENDAR_STAY));
}

/* "13 periods of 4 weeks to last saturday of december" */
static bool
take_periods(Words *words, AxisCalendar *calendar)
{
	calendar->rule = CALENDAR_WEEKS;
	calendar->weeks[0] = 4;
	return take_year(words, calendar, &calendar->nearest) && calendar->nth == -1;
}

/* n-th business day of a month */
static bool
take_business_of_month(Words *words, AxisCalendar *calendar, int nth, int64 *step)
{
	bool		before = take_words(words, "before last");

	calendar->rule = CALENDAR_BUSINESS_NTH;
	calendar->nth = before ? -nth : nth;
	return nth <= CALENDAR_MOST_NTH && (before || nth > 1) && (take_words(words, "of month") || take_every(words, step));
}

/* "every 8 days from january 1" */
static bool
take_days_of_year(Words *words, AxisCalendar *calendar)
{
	calendar->rule = CALENDAR_YEAR_DAYS;
	calendar->every = take_number(words);
	return calendar->every > 1 && calendar->every <= CALENDAR_MOST_EVERY && take_words(words, "days from january 1");
}

static bool
take_weeks(Words *words, AxisCalendar *calendar)
{
	calendar->rule = CALENDAR_WEEKS;
	for (int i = 0; i < 3; i++)
		calendar->weeks[i] = take_number(words);
	for (int i = 0; i < 3; i++)
		if (calendar->weeks[i] < 4 || calendar->weeks[i] > 5)
			return false;
	return calendar->weeks[0] + calendar->weeks[1] + calendar->weeks[2] == 13 && take_words(words, "weeks to") &&
		take_year(words, calendar, &calendar->nearest) && calendar->nth == -1;
}

/* Takes the days of the week of business days, if any follow; false if they are too few or all. */
static bool
take_workdays(Words *words, AxisCalendar *calendar)
{
	uint32		days = 0;
	int			day = take_one(words, weekday_words, lengthof(weekday_words));
	bool		several;

	calendar->rule = CALENDAR_BUSINESS_DAY;
	if (day < 0)
		return true;
	if (take_word(words, "to"))
	{
		int			last = take_one(words, weekday_words, lengthof(weekday_words));

		if (last < 0)
			return false;
		for (; day % 7 != last; day++)
			days |= 1u << day % 7;
		day = last;
	}
	for (; day >= 0; day = take_one(words, weekday_words, lengthof(weekday_words)))
	{
		days |= 1u << day;
		(void) take_word(words, "and");
	}
	several = (days & (days - 1)) != 0;
	calendar->workdays = days == CALENDAR_WEEKDAYS ? 0 : days;
	return several && days != CALENDAR_ALL_DAYS;
}

static bool
take_calendar(Words *words, AxisCalendar *calendar, int64 *step)
{
	*step = 1;
	if (take_words(words, "business day"))
	{
		int			nth = take_number(words);

		return nth > 0 ? take_business_of_month(words, calendar, nth, step) : take_workdays(words, calendar);
	}
	else if (take_words(words, "business month end"))
	{
		calendar->rule = CALENDAR_BUSINESS_END;
		return take_every(words, step);
	}
	else if (take_words(words, "business month start"))
	{
		calendar->rule = CALENDAR_BUSINESS_START;
		return take_every(words, step);
	}
	else if (take_words(words, "month end") || take_words(words, "quarter end") || take_words(words, "year end"))
	{
		const char *unit = words->word[words->at - 2];

		calendar->rule = CALENDAR_MONTH_END;
		*step = unit[0] == 'm' ? 1 : unit[0] == 'q' ? 3 : 12;
	}
	else if (take_words(words, "semi monthly"))
		return take_days(words, calendar, 2, step);
	else if (take_word(words, "days"))
		return take_days(words, calendar, 0, step);
	else if (take_word(words, "day"))
		return take_days(words, calendar, 1, step);
	else if (take_word(words, "every"))
		return take_days_of_year(words, calendar);
	else if (take_words(words, "13 periods of 4 weeks to"))
		return take_periods(words, calendar);
	else if (take_words(words, "quarters of"))
	{
		*step = 3;
		return take_weeks(words, calendar);
	}
	else if (words->count > 0 && isdigit((unsigned char) words->word[0][0]))
		return take_weeks(words, calendar);
	else
		return take_month_rule(words, calendar, step);
	return true;
}

bool
calendar_parse(const char *text, AxisCalendar *calendar, int64 *step)
{
	Words		words;

	memset(calendar, 0, sizeof(*calendar));
	if (!words_split(text, &words) || !take_calendar(&words, calendar, step))
		return false;
	if (take_words(&words, "plus 1 day"))
	{
		if (calendar->month == 0)
			return false;
		calendar->shift = 1;
	}
	return words.at == words.count;
}
