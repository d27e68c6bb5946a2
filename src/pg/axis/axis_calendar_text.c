/*
 * axis_calendar_text.c
 *	  Calendars as text, which the option frequency takes and messages show:
 *
 *		business day, business day sunday to thursday, business day tuesday friday
 *		month end, quarter end, year end
 *		business month end, business month start
 *		third friday of month, last monday of month
 *		third friday every 3 months
 *		last saturday of december, nearest saturday to december end
 *		semi monthly 1 and 15, semi monthly 15 and last
 *		4 4 5 weeks to last saturday of december
 *		quarters of 4 4 5 weeks to nearest saturday to january end
 *
 * " plus 1 day" follows the rules of fiscal years if periods are dated by their
 * first day.  Letter case does not matter, and any characters between the words
 * are equal: "business_day", "4-4-5 weeks ...".
 */
#include "pg/axis/axis.h"

#include "lib/stringinfo.h"

#define MAX_WORDS	16

static const char *const weekday_words[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char *const month_words[] = {"january", "february", "march", "april", "may", "june", "july", "august",
"september", "october", "november", "december"};
static const char *const nth_words[] = {"last", "first", "second", "third", "fourth"};	/* 0 stands for nth = -1 */

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
		case CALENDAR_TWICE:
			appendStringInfo(&text, "semi monthly %d and ", calendar->day[0]);
			if (calendar->day[1] == 31)
				appendStringInfoString(&text, "last");
			else
				appendStringInfo(&text, "%d", calendar->day[1]);
			break;
		case CALENDAR_WEEKS:
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

/* a weekday of a month or of a year */
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
	calendar->rule = CALENDAR_WEEKDAY;
	calendar->month = 0;
	nth = take_one(words, nth_words, lengthof(nth_words));
	calendar->nth = nth == 0 ? -1 : nth;
	calendar->weekday = take_one(words, weekday_words, lengthof(weekday_words));
	if (nth < 0 || calendar->weekday < 0)
		return false;
	*step = 1;
	return take_words(words, "of month") || take_every(words, step);
}

static bool
take_twice(Words *words, AxisCalendar *calendar)
{
	calendar->rule = CALENDAR_TWICE;
	calendar->day[0] = take_number(words);
	if (!take_word(words, "and"))
		return false;
	calendar->day[1] = take_word(words, "last") ? 31 : take_number(words);
	/* days above 28 would fall together in February, so the second is below or the last */
	return calendar->day[0] >= 1 && calendar->day[0] < calendar->day[1] && calendar->day[0] < 28 &&
		(calendar->day[1] <= 28 || calendar->day[1] == 31);
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
		return take_workdays(words, calendar);
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
		return take_twice(words, calendar);
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
