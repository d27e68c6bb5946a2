/*
 * axis.h
 *	  The time axis of a panel: its step, its timestamps counted from an anchor,
 *	  and series on its regular grid.
 *
 * The timestamp of row k is anchor + k x step, always computed from the anchor,
 * by PostgreSQL's interval arithmetic in the axis's zone.
 */
#ifndef FRNN_PG_AXIS_H
#define FRNN_PG_AXIS_H

#include "pg/server/compat.h"
#include "datatype/timestamp.h"
#include "pgtime.h"
#include "pg/options/options.h"
#include "pg/panel/panel.h"

typedef enum AxisUnit
{
	AXIS_MICROSECOND,			/* seconds to hours: absolute microseconds */
	AXIS_DAY,					/* days and weeks: calendar days in the zone */
	AXIS_MONTH,					/* months, quarters, years */
	AXIS_INDEX,					/* integer axes */
	AXIS_CALENDAR,				/* dates of an AxisCalendar */
	AXIS_WALL					/* microseconds of the wall clock in the zone: of steps that divide a day and are
								 * longer than an hour, or than each of the zone's clock changes */
} AxisUnit;

#define CALENDAR_WEEKDAYS	0x1f	/* Monday to Friday */
#define CALENDAR_ALL_DAYS	0x7f
#define CALENDAR_ALL_MONTHS	0xfff

/* dates of a calendar, see axis_calendar.c */
typedef enum CalendarRule
{
	CALENDAR_BUSINESS_DAY,		/* Monday to Friday or other days of the week, without the holidays */
	CALENDAR_MONTH_END,
	CALENDAR_BUSINESS_END,		/* last business day of a month */
	CALENDAR_BUSINESS_START,	/* first one */
	CALENDAR_BUSINESS_NTH,		/* n-th one, or n-th before the last */
	CALENDAR_WEEKDAY,			/* n-th or last weekday of a month */
	CALENDAR_SEVERAL,			/* several of them: first and third */
	CALENDAR_NEAREST,			/* weekday nearest to the end of a month */
	CALENDAR_DAYS,				/* days of every month, or business days beside them */
	CALENDAR_YEAR_DAYS,			/* every so many days from the first of January on */
	CALENDAR_WEEKS				/* periods of weeks in fiscal years of 52 or 53 weeks */
} CalendarRule;

/* where a day of a month goes that is no business day */
typedef enum CalendarRoll
{
	CALENDAR_STAY,
	CALENDAR_NEXT,
	CALENDAR_PREVIOUS,
	CALENDAR_CLOSEST			/* Saturday to Friday, Sunday to Monday */
} CalendarRoll;

#define CALENDAR_MOST_DAYS	8	/* of CALENDAR_DAYS */
#define CALENDAR_MOST_EVERY	99	/* of CALENDAR_YEAR_DAYS */
#define CALENDAR_MOST_NTH	15	/* of CALENDAR_BUSINESS_NTH */

typedef struct AxisCalendar
{
	CalendarRule rule;
	int			weekday;		/* 0 Monday to 6 Sunday: of WEEKDAY, NEAREST and, where fiscal years end, WEEKS */
	int			nth;			/* WEEKDAY: 1 to 4, or -1 for the last of a month; BUSINESS_NTH: 2 and up, or -1 and
								 * down for days before the last */
	uint32		nths;			/* SEVERAL: bits 1 to 4, or 0 for the last */
	int			month;			/* in which (fiscal) years end, 1 to 12; 0: steps of months */
	bool		nearest;		/* WEEKS: years end on the weekday nearest to the end of the month, not on the last */
	int			shift;			/* days added to every date: 1 where periods are dated by their first day */
	uint32		days;			/* DAYS: bits 1 to 28 and one of 29 to 31, which a shorter month ends before */
	CalendarRoll roll;			/* DAYS */
	uint32		months;			/* DAYS: of these months of a year alone, bits 0 January to 11 December; 0: all */
	int			every;			/* YEAR_DAYS: days, 2 to 99 */
	int			weeks[3];		/* WEEKS: of the periods of a quarter; their sum is 13; {4, 0, 0}: 13 periods a year */
	uint32		workdays;		/* BUSINESS_DAY: bits of the days, 1 Monday to 64 Sunday; 0: Monday to Friday */
	const int32 *holiday;		/* rules of business days: Julian days, ascending, all on workdays */
	int			holidays;
} AxisCalendar;

typedef struct Axis
{
	PanelTime	time;
	AxisUnit	unit;
	int64		step;			/* in units */
	bool		month_end;		/* AXIS_MONTH: an anchor on the last day of a month stays on last days */
	bool		inferred;		/* found from the rows, not given */
	AxisCalendar calendar;		/* AXIS_CALENDAR; the step counts its dates */
	const char *also;			/* name of another calendar that the rows fit as well; NULL: none, or not known */
	char		time_zone[TZ_STRLEN_MAX + 1];	/* timestamptz axes */
} Axis;

/* a timestamp's wall clock in the axis's zone; not for integer axes */
typedef struct AxisWall
{
	int			year,			/* astronomical: 0 is 1 BC */
				month,
				day;
	int64		date;			/* Julian day */
	int64		time;			/* microseconds since midnight */
} AxisWall;

/* the regular rows of one series */
typedef struct Grid
{
	int64		anchor;			/* timestamp of row 0, in the axis's own type */
	int64		n;				/* rows, up to the last known value */
	int64		future;			/* rows after it, which have covariates only */
	const double *value;		/* (n + future), NaN = missing; the panel's own array if its rows are regular */
	const double *covariate;	/* (n + future, covariates) or NULL; likewise */
	int64		gaps,			/* grid rows among the n without a row in the panel */
				missing,		/* NaN values among the n, gaps included */
				duplicates,		/* rows beyond the first on a grid timestamp */
				snapped;		/* rows moved to a grid timestamp */
} Grid;

/* ---- axis_wall.c ---- */

/* Returns the rules of a time zone; an unknown zone is an error. */
extern pg_tz * axis_zone(const char *name);

/* Returns the days of a month, 28 to 31. */
extern int	axis_month_days(int year, int month);

/* Returns whether a day is the last of its month. */
extern bool axis_wall_month_end(const AxisWall *wall);

/* Writes date and time of day of a timestamp on the wall clock of the axis's zone. */
extern void axis_wall(const Axis *axis, int64 stamp, AxisWall *wall);

/* Writes the timestamp of a wall clock's year, month, day and time; false if it is out of range. */
extern bool axis_wall_timestamp(const Axis *axis, const AxisWall *wall, int64 *stamp);

/*
 * Returns the longest clock change of the axis's zone after a time and up to
 * another, in microseconds; 0 if there is none.
 */
extern int64 axis_wall_change(const Axis *axis, int64 from, int64 to);

/* division that rounds down */
static inline int64
axis_divide_floor(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* ---- axis_calendar.c ---- */

/* Returns the bits of the days of the week of business days. */
static inline uint32
calendar_workdays(const AxisCalendar *calendar)
{
	return calendar->workdays != 0 ? calendar->workdays : CALENDAR_WEEKDAYS;
}

/* Returns whether a Julian day is on one of them, holiday or not. */
static inline bool
calendar_workday(const AxisCalendar *calendar, int64 date)
{
	return (calendar_workdays(calendar) >> (date % 7) & 1) != 0;
}

/* Returns the number of the calendar's last date not after a Julian day. */
extern int64 calendar_number(const AxisCalendar *calendar, int64 date);

/* Writes the Julian day of a number; false if it is out of the range of dates. */
extern bool calendar_date(const AxisCalendar *calendar, int64 number, int64 *date);

/* Returns whether a Julian day is a date of the calendar. */
extern bool calendar_has(const AxisCalendar *calendar, int64 date);

/* Returns whether the days of CALENDAR_DAYS are never the same date, nor in another order. */
extern bool calendar_days_valid(const AxisCalendar *calendar);

/* Returns whether the dates of a rule depend on business days, and so on holidays. */
extern bool calendar_has_holidays(const AxisCalendar *calendar);

/* Returns the dates of a year; 0 for business days. */
extern int	calendar_year(const AxisCalendar *calendar);

/* ---- axis_calendar_text.c ---- */

/* Returns a calendar and its step as text, which the option frequency takes: "third friday of month". */
extern char *calendar_text(const AxisCalendar *calendar, int64 step);

/* Sets calendar and step from text; false if it is the text of no calendar. */
extern bool calendar_parse(const char *text, AxisCalendar *calendar, int64 *step);

/* ---- axis_text.c ---- */

/* Returns the step as text, which the frequency option takes too: "1 hour", "1 week", "3 months", "1". */
extern char *axis_frequency_text(const Axis *axis);

/* Sets unit and step from the frequency option; axis->time is set already. */
extern void axis_frequency_parse(const char *text, Axis *axis);

/* Returns "timestamptz", "timestamp", "date" or "integer". */
extern const char *axis_time_name(PanelTime time);

/* Raises an error if a panel's time is of another type than the axis's. */
extern void axis_check_time(const Axis *axis, PanelTime time);

/* Returns whether steps may be on the wall clock in some zone: those of timestamptz that divide a day. */
extern bool axis_may_be_wall(const Axis *axis);

/* Writes the seasonal periods of the step, in rows, ascending; returns their number. */
extern int	axis_periods(const Axis *axis, int *period);

/* Returns the rows that the first of the seasons lasts: the period, or as few as begin in the day or year that repeats after it. */
extern int	axis_season_rows(const Axis *axis, int period);

/* To and from one line of text in a model's metadata; from_text validates. */
extern char *axis_to_text(const Axis *axis);
extern void axis_from_text(const char *text, Axis *axis);

/* Returns a series' name for messages: 'series "a"', or 'the series' if it has no name. */
extern char *axis_series_name(const PanelSeries *series);

/* ---- axis_stamp.c ---- */

/* Returns the timestamp k steps after the anchor; out of range is an error. */
extern int64 axis_stamp(const Axis *axis, int64 anchor, int64 k);

/* The same, but returns false if the timestamp is out of the type's range. */
extern bool axis_stamp_try(const Axis *axis, int64 anchor, int64 k, int64 *stamp);

/* Returns the grid row nearest to ts; *exact: whether ts is its timestamp. */
extern int64 axis_index(const Axis *axis, int64 anchor, int64 ts, bool *exact);

/*
 * A timestamp as output: timestamptz (on timestamp and date axes by the cast in
 * the session's zone), timestamp (on timestamptz axes the wall clock in the
 * axis's zone), bigint (integer axes only).
 */
extern Datum axis_as_timestamptz(const Axis *axis, int64 stamp);
extern Datum axis_as_timestamp(const Axis *axis, int64 stamp);
extern Datum axis_as_bigint(const Axis *axis, int64 stamp);

/* Returns the timestamp of the calendar's date nearest to a row's, at the same time of day; on other axes, the row's. */
extern int64 axis_nearest(const Axis *axis, int64 ts);

/* ---- axis_anchor.c ---- */

/* Returns the timestamp at which the grid of a series' timestamps (n, sorted) starts. */
extern int64 axis_anchor(const Axis *axis, const int64 *ts, int64 n);

/* Returns whether a row is so near a grid timestamp that its clock was a little late or early. */
extern bool axis_is_jitter(const Axis *axis, int64 ts, int64 stamp);

/* rows of a panel on the grids of an axis */
typedef struct AxisFit
{
	int64		rows,			/* that were looked at */
				moved,			/* not exactly on a grid timestamp */
				shifted,		/* moved by more than jitter, as by another zone's clock */
				far,			/* moved so far that another step is meant */
				shared;			/* later than the row before, but on its grid timestamp */
} AxisFit;

/* Counts the rows that the axis would move. */
extern void axis_fit(const Axis *axis, const PanelView *panel, AxisFit *fit);

/* ---- axis_round.c ---- */

/* Returns whether a step is one that people use: 5 minutes, but not 299 seconds. */
extern bool axis_is_round(const Axis *axis);

/* Sets the round step nearest to the usual distance of rows with jitter; false if the rows are not near its grid. */
extern bool axis_round_find(const PanelView *panel, Axis *axis);

/*
 * Sets the mean distance of rows less than a minute apart whose even rhythm a clock of coarser units hides: 33, 33, 34
 * milliseconds for 30 frames a second.  Returns false if the rows are not near its grid.
 */
extern bool axis_even_find(const PanelView *panel, Axis *axis);

/*
 * Writes where the grid of rows with jitter starts, at a round time if one is
 * near; false if fewer than nine tenths of the rows are near a grid.  first: a
 * row that the grid may go through.
 */
extern bool axis_round_anchor(const Axis *axis, int64 first, const int64 *ts, int64 n, int64 *anchor);

/* ---- axis_calendar_find.c ---- */

typedef enum CalendarWish
{
	CALENDAR_ANY,				/* any calendar that the rows show clearly */
	CALENDAR_FIND_BUSINESS,
	CALENDAR_FIND_DAYS,			/* asked for by name, the rows tell which one */
	CALENDAR_FIND_YEAR,
	CALENDAR_FIND_445,
	CALENDAR_FIND_454,
	CALENDAR_FIND_544
} CalendarWish;

/*
 * Sets the calendar and step that a panel's rows follow: the one that most rows
 * are on.  axis: time, time_zone and, as the calendar's, holidays.  *off: rows on
 * other dates.  False if there is none.
 */
extern bool calendar_find(Axis *axis, const PanelView *panel, CalendarWish wish, int64 *off);

/* Returns the dates of an axis of days, months or a calendar between the first and the last row that have no row. */
extern int64 calendar_absent(const Axis *axis, const PanelView *panel);

/* ---- axis_vote.c ---- */

/*
 * Sets the step that most rows are apart; false if none is clear.  *seen: a
 * sentence about the steps; *steady: nearly all rows are that step apart.
 */
extern bool axis_vote(const PanelView *panel, Axis *axis, char **seen, bool *steady);

/* ---- axis_wall_find.c ---- */

/*
 * Returns whether the wall clock of the axis's zone has the step from a time on,
 * and changes: an hour that the clock repeats would be one row of two hours.
 */
extern bool axis_wall_has_step(const Axis *axis, int64 from);

/* Takes steps to be on the wall clock if fewer rows are moved there.  A given step on a clock that repeats it is an error. */
extern void axis_wall_find(const PanelView *panel, Axis *axis);

/*
 * Writes the axis on the wall clock if a fresh panel's rows follow it and those of
 * the training, from first to last, were before the clock changed; else returns false.
 */
extern bool axis_wall_fresh(const Axis *axis, const PanelView *panel, int64 first, int64 last, Axis *wall);

/*
 * Issues a NOTICE if the clock changes within a horizon and the rows do not tell
 * whether they follow it: all are before the change, and not at full steps of UTC
 * alone.
 */
extern void axis_notice_wall(const Axis *axis, const PanelView *panel, int64 horizon);

/* ---- axis_find.c ---- */

/*
 * Finds the axis of a panel: by options->frequency, or the most frequent step of
 * all series.  If there is none, the error lists the steps found.
 */
extern void axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis);

/* The same, but returns false and a sentence about the steps if none is clear. */
extern bool axis_find_try(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen);

/* Raises an error if options ask for another step, time zone or holidays than a model's axis has. */
extern void axis_check_options(const Axis *axis, const FrnnOptions *options);

/* ---- axis_own.c ---- */

/* Returns a sentence about two series that have different steps, or NULL. */
extern char *axis_own_steps(const PanelView *panel, const Axis *axis);

/* Issues a NOTICE if series have longer steps than the axis, which was found from the rows. */
extern void axis_notice_own(const Axis *axis, const PanelView *panel);

/* ---- axis_numbers.c ---- */

/* Returns true if an integer axis looks like dates or times, as what, and a sentence on how to convert them. */
extern bool axis_numbers(const PanelView *panel, char **meaning, char **hint);

/* Issues a NOTICE if it does. */
extern void axis_notice_numbers(const PanelView *panel);

/* ---- axis_check.c ---- */

/* Raises an error if a panel's rows have another step than a model's axis; dense: most rows of training were known. */
extern void axis_check_step(const Axis *axis, const PanelView *panel, const FrnnOptions *options, bool dense);

/* Issues a NOTICE if many rows of a panel, `snapped` by its grids, are not where the axis expects them. */
extern void axis_notice_moved(const Axis *axis, const PanelView *panel, const FrnnOptions *options, int64 snapped);

/* Issues a NOTICE if a calendar has holidays, but none after the last known row: those to come are not listed. */
extern void axis_notice_holidays(const Axis *axis, int64 last);

/* ---- axis_grid.c ---- */

/* Puts a series on its grid, by the options on_duplicate and on_gap = error; values are not imputed. */
extern void axis_grid(const Axis *axis, const PanelView *panel, const PanelSeries *series,
					  const FrnnOptions *options, Grid *grid);

/* The same, but returns false and a message if the series cannot be put on a grid. */
extern bool axis_grid_try(const Axis *axis, const PanelView *panel, const PanelSeries *series,
						  const FrnnOptions *options, Grid *grid, char **problem);

#endif
