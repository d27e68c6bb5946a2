/*
 * axis_find.c
 *	  The axis of a panel: the option frequency, the most frequent step, or the
 *	  calendar that the rows follow.
 *
 * A step that would move more than one row in ten to another date, or by more
 * than an eighth of a step of hours or less, is not the step, whatever its
 * votes: neither are 52 weeks the step of fiscal years, nor 4 weeks that of third
 * Fridays.  Nor is a step that nobody chose, such as 3599 seconds, if a round one
 * is near all rows: jitter is not a step.  Then a round step is tried, and a
 * calendar searched for.  Only clocks that drift by a little every row may move
 * all of them: at least nine tenths of the votes are for their step.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#define CLEAR_ROWS		8		/* that tell a calendar from a step that fits most of them */
#define YEARS_OF_A_WEEK	8		/* fiscal years of which one has 53 weeks */

/* Returns 1 if all rows are on last days of months and the days differ, -1 if only the first row is, else 0. */
static int
month_end_series(const Axis *axis, const PanelSeries *series)
{
	AxisWall	first,
				wall;
	bool		differs = false;

	if (series->n == 0)
		return 0;
	axis_wall(axis, series->ts[0], &first);
	if (!axis_wall_month_end(&first))
		return 0;
	for (int64 i = 1; i < series->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		axis_wall(axis, series->ts[i], &wall);
		if (!axis_wall_month_end(&wall))
			return -1;
		differs |= wall.day != first.day;
	}
	return differs ? 1 : 0;
}

/*
 * Returns whether the panel's timestamps mean last days of months: 28 February
 * + 1 month is 31 March then, and 28 March otherwise.
 */
static bool
month_end_panel(const Axis *axis, const PanelView *panel)
{
	int64		with = 0,
				against = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		int			vote = month_end_series(axis, &panel->series[s]);

		with += vote > 0;
		against += vote < 0;
	}
	return with > against;
}

/* Returns whether the step with most votes is where the rows are; else adds a sentence about the rows. */
static bool
step_fits(const PanelView *panel, const Axis *axis, bool steady, char **seen)
{
	AxisFit		fit;

	axis_fit(axis, panel, &fit);
	if (fit.far <= Max(fit.rows / 10, 1) || (steady && (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_INDEX)))
		return true;
	*seen = psprintf("%s A step of %s would move %lld of %lld rows.", *seen, axis_frequency_text(axis),
					 (long long) fit.far, (long long) fit.rows);
	return false;
}

/* Steps of 31 days vote for a month wherever a month has 31 days: tries the days between the first two rows. */
static bool
days_fit(const PanelView *panel, const Axis *months, Axis *axis)
{
	AxisFit		fit;
	Axis		days = *months;
	AxisWall	first,
				second;

	if (panel->series[0].n < 2)
		return false;
	axis_wall(months, panel->series[0].ts[0], &first);
	axis_wall(months, panel->series[0].ts[1], &second);
	days.unit = AXIS_DAY;
	days.step = second.date - first.date;
	days.month_end = false;
	if (days.step < 1)
		return false;
	axis_fit(&days, panel, &fit);
	if (fit.moved == 0)
		*axis = days;
	return fit.moved == 0;
}

/* Sets a round step instead of one that nobody chose and that the rows do not keep to. */
static bool
jitter_fits(const PanelView *panel, const Axis *odd, Axis *axis)
{
	AxisFit		fit;

	if (axis_is_round(odd))
		return false;
	axis_fit(odd, panel, &fit);
	return fit.moved > fit.rows / 20 && (axis_round_find(panel, axis) || axis_even_find(panel, axis));
}

/*
 * Sets the calendar that all rows are on if some of them are not at the step of
 * days or months, or if weeks would lack rows that the calendar does not have.
 */
static bool
calendar_fits_better(const PanelView *panel, const Axis *found, Axis *axis)
{
	AxisFit		fit;
	Axis		other = *axis;
	bool		lacks;
	int64		off;

	if (found->unit != AXIS_DAY && found->unit != AXIS_MONTH)
		return false;
	axis_fit(found, panel, &fit);
	lacks = found->unit == AXIS_DAY && found->step == 7 && calendar_absent(found, panel) > panel->rows / 20;
	if ((fit.far == 0 && !lacks) || fit.rows < CLEAR_ROWS || !calendar_find(&other, panel, CALENDAR_ANY, &off) || off > 0 ||
		(fit.far == 0 && calendar_absent(&other, panel) > panel->rows / 20))
		return false;
	*axis = other;
	return true;
}

/* Returns whether rows are 52 or 53 weeks apart, but over fewer years than a fiscal year needs to show its 53rd week. */
static bool
few_years(const PanelView *panel, const Axis *axis)
{
	int64		longest = 0;

	for (int64 s = 0; s < panel->n_series; s++)
		longest = Max(longest, panel->series[s].n);
	return axis->unit == AXIS_DAY && (axis->step == 52 * 7 || axis->step == 53 * 7) && longest < YEARS_OF_A_WEEK;
}

/* Infers the step from the rows; false, and a sentence about their steps, if none is clear. */
static bool
infer_step(const PanelView *panel, Axis *axis, char **seen)
{
	bool		steady = false;
	int64		off;
	Axis		found = *axis;

	axis->inferred = found.inferred = true;
	if (axis_vote(panel, &found, seen, &steady))
	{
		if (found.unit == AXIS_MONTH)
			found.month_end = month_end_panel(&found, panel);
		if (found.unit == AXIS_DAY && found.step == 1 && calendar_find(axis, panel, CALENDAR_FIND_BUSINESS, &off))
			return true;
		if (jitter_fits(panel, &found, axis) || calendar_fits_better(panel, &found, axis))
			return true;
		if (few_years(panel, &found))
		{
			*seen = psprintf("%s Rows of so few years may be 52 weeks or a year apart.", *seen);
			return false;
		}
		if (step_fits(panel, &found, steady, seen))
		{
			*axis = found;
			return true;
		}
		if (found.unit == AXIS_MONTH && days_fit(panel, &found, axis))
			return true;
	}
	return axis_round_find(panel, axis) || axis_even_find(panel, axis) || calendar_find(axis, panel, CALENDAR_ANY, &off);
}

static void
check_finite(const PanelView *panel)
{
	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];
		bool		infinite = false;

		if (series->n == 0 || panel->time == PANEL_INTEGER)
			continue;
		if (panel->time == PANEL_DATE)	/* rows are sorted, so only the first and last can be infinite */
			infinite = !IS_VALID_DATE(series->ts[0]) || !IS_VALID_DATE(series->ts[series->n - 1]);
		else
			infinite = !IS_VALID_TIMESTAMP(series->ts[0]) || !IS_VALID_TIMESTAMP(series->ts[series->n - 1]);
		if (infinite)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("%s has an infinite timestamp", axis_series_name(series))));
	}
}

/* names of calendars of which the rows tell the rest */
static const struct
{
	const char *name;
	CalendarWish wish;
}			wishes[] =

{
	{"semi_monthly", CALENDAR_FIND_DAYS},
	{"4-4-5", CALENDAR_FIND_445},
	{"4-5-4", CALENDAR_FIND_454},
	{"5-4-4", CALENDAR_FIND_544},
	{"fiscal_year", CALENDAR_FIND_YEAR}
};

/* Returns false, and a sentence, for a calendar on which fewer than half of the rows are; unless skip is true, an error. */
static bool
check_calendar(const PanelView *panel, const Axis *axis, const char *name, bool skip, char **seen)
{
	AxisFit		fit;

	axis_fit(axis, panel, &fit);
	if (fit.rows == 0 || fit.far * 2 <= fit.rows)
		return true;
	if (!skip)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the calendar \"%s\" does not fit: %lld of %lld rows are on other dates", name,
						(long long) fit.far, (long long) fit.rows),
				 errhint("Choose the calendar that the rows follow, or leave the option frequency out.")));
	*seen = psprintf("The calendar \"%s\" does not fit: %lld of %lld rows are on other dates.", name,
					 (long long) fit.far, (long long) fit.rows);
	return false;
}

/* Returns the holidays of the options that are on workdays of a calendar; the others change nothing. */
static int32 *
own_holidays(const FrnnOptions *options, const AxisCalendar *calendar, int *count)
{
	int32	   *holiday = palloc(sizeof(int32) * Max(options->holidays, 1));

	*count = 0;
	for (int i = 0; i < options->holidays; i++)
		if (calendar_workday(calendar, options->holiday[i]))
			holiday[(*count)++] = options->holiday[i];
	return holiday;
}

/* Takes the option holidays over to a calendar of business days. */
static void
set_holidays(const FrnnOptions *options, Axis *axis)
{
	if (options->holidays == 0)
		return;
	if (axis->unit != AXIS_CALENDAR || !calendar_has_holidays(&axis->calendar))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("holidays applies to business days only, not to a step of %s", axis_frequency_text(axis)),
				 errhint("Give the option frequency \"business_day\", or leave holidays out.")));
	axis->calendar.holiday = own_holidays(options, &axis->calendar, &axis->calendar.holidays);
}

/* Sets the step that the option frequency gives; false, and a sentence, if on_error is skip and the rows do not follow it. */
static bool
given_step(const PanelView *panel, const FrnnOptions *options, const char *frequency, Axis *axis, char **seen)
{
	bool		skip = options->on_error == ERROR_SKIP;
	int64		off;

	for (int i = 0; i < (int) lengthof(wishes); i++)
	{
		if (axis->time == PANEL_INTEGER || pg_strcasecmp(frequency, wishes[i].name) != 0)
			continue;
		if (calendar_find(axis, panel, wishes[i].wish, &off))
			return true;
		if (!skip)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the rows follow no \"%s\" calendar", frequency),
					 errhint("Give the calendar in full, for example \"last saturday of december\", \"semi monthly 1 and 15\" "
							 "or \"4 4 5 weeks to last saturday of december\".")));
		*seen = psprintf("The rows follow no \"%s\" calendar.", frequency);
		return false;
	}
	axis_frequency_parse(frequency, axis);
	if (axis->unit != AXIS_CALENDAR)
		return true;
	/* which rows are on its dates depends on the holidays */
	if (calendar_has_holidays(&axis->calendar))
		axis->calendar.holiday = own_holidays(options, &axis->calendar, &axis->calendar.holidays);
	return check_calendar(panel, axis, frequency, skip, seen);
}

/* Finds a calendar of business days and their holidays; returns as given_step. */
static bool
find_with_holidays(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen)
{
	Axis		found = *axis;
	int64		off;

	found.inferred = true;
	if (!calendar_find(&found, panel, CALENDAR_FIND_BUSINESS, &off))
	{
		found.calendar.holiday = own_holidays(options, &found.calendar, &found.calendar.holidays);
		if (!calendar_find(&found, panel, CALENDAR_ANY, &off) || !calendar_has_holidays(&found.calendar))
			return given_step(panel, options, "business_day", axis, seen);
	}
	*axis = found;
	return true;
}

bool
axis_find_try(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen)
{
	memset(axis, 0, sizeof(*axis));
	axis->time = panel->time;
	check_finite(panel);
	if (panel->time == PANEL_TIMESTAMPTZ)
	{
		const char *name = options->time_zone ? options->time_zone : panel->time_zone;

		(void) axis_zone(name); /* known, and short enough */
		strlcpy(axis->time_zone, name, sizeof(axis->time_zone));
	}
	else if (options->time_zone != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_zone applies to timestamptz values only, not to a %s time axis", axis_time_name(panel->time)),
				 errhint("Convert the values with AT TIME ZONE, or leave the option out.")));

	if (options->frequency != NULL ? !given_step(panel, options, options->frequency, axis, seen) :
		options->holidays > 0 ? !find_with_holidays(panel, options, axis, seen) :
		!infer_step(panel, axis, seen))
	{
		char	   *steps = panel->n_series > 1 ? axis_own_steps(panel, axis) : NULL;

		if (steps != NULL)
			*seen = psprintf("%s %s A model has one step.", *seen, steps);
		return false;
	}
	axis_wall_find(panel, axis);
	if (axis->unit == AXIS_MONTH)
		axis->month_end = month_end_panel(axis, panel);
	set_holidays(options, axis);
	return true;
}

void
axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis)
{
	char	   *seen = NULL;
	char	   *meaning;
	char	   *hint;

	if (panel->rows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the panel has no rows")));
	if (axis_find_try(panel, options, axis, &seen))
		return;
	if (axis_numbers(panel, &meaning, &hint))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the frequency of the time axis cannot be inferred: the integers look like %s", meaning),
				 errdetail("%s", seen),
				 errhint("%s", hint)));
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the frequency of the time axis cannot be inferred"),
				 errdetail("%s", seen),
				 panel->time == PANEL_INTEGER ? errhint("Convert integers that stand for dates to dates; else give the option frequency, for example {\"frequency\": \"1\"}.") :
				 errhint("Give the option frequency: an interval such as \"1 day\", or a calendar such as \"business_day\", "
						 "\"third friday of month\", \"day 25 of month or previous business day\", \"day 15 of april and june\", \"semi_monthly\", \"4-4-5\" "
						 "or \"last saturday of december\". Count or average events by hour or day first (date_trunc); number rows "
						 "that follow no calendar (row_number).")));
}

/* ---- a model's axis and what comes later ---- */

static bool
same_step(const Axis *axis, const char *frequency)
{
	Axis		other = {.time = axis->time};

	for (int i = 0; i < (int) lengthof(wishes); i++)
		if (axis->time != PANEL_INTEGER && pg_strcasecmp(frequency, wishes[i].name) == 0)
			return axis->unit == AXIS_CALENDAR &&
				axis->calendar.rule == (wishes[i].wish == CALENDAR_FIND_DAYS ? CALENDAR_DAYS :
										wishes[i].wish >= CALENDAR_FIND_445 ? CALENDAR_WEEKS :
										axis->calendar.nearest ? CALENDAR_NEAREST : axis->calendar.rule);
	axis_frequency_parse(frequency, &other);
	/* rows decide whether a time is on the wall clock */
	if (axis->unit == AXIS_WALL && other.unit == AXIS_MICROSECOND)
		return other.step == axis->step;
	return other.unit == axis->unit && strcmp(axis_frequency_text(&other), axis_frequency_text(axis)) == 0;
}

static void pg_attribute_noreturn()
fail_option(const char *option, const char *value, const char *own)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s cannot be changed after training: it is %s, not %s", option, own, value),
			 errhint("Leave the option out, or train a model with it.")));
}

void
axis_check_options(const Axis *axis, const FrnnOptions *options)
{
	int32	   *holiday;
	int			holidays;

	if (options->frequency != NULL && !same_step(axis, options->frequency))
		fail_option("frequency", options->frequency, axis_frequency_text(axis));
	if (options->time_zone != NULL && strcmp(options->time_zone, axis->time_zone) != 0)
		fail_option("time_zone", options->time_zone, axis->time == PANEL_TIMESTAMPTZ ? axis->time_zone : "none");
	if (options->holidays == 0)
		return;
	holiday = own_holidays(options, &axis->calendar, &holidays);
	if (axis->unit != AXIS_CALENDAR || holidays != axis->calendar.holidays ||
		(holidays > 0 && memcmp(holiday, axis->calendar.holiday, sizeof(int32) * holidays) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("holidays cannot be changed after training"),
				 errhint("Leave the option out, or train a model with it.")));
}
