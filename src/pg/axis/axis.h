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
	AXIS_INDEX					/* integer axes */
} AxisUnit;

typedef struct Axis
{
	PanelTime	time;
	AxisUnit	unit;
	int64		step;			/* in units */
	bool		month_end;		/* AXIS_MONTH: an anchor on the last day of a month stays on last days */
	bool		inferred;		/* found from the rows, not given */
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
extern pg_tz *axis_zone(const char *name);

/* Returns the days of a month, 28 to 31. */
extern int	axis_month_days(int year, int month);

/* Writes date and time of day of a timestamp on the wall clock of the axis's zone. */
extern void axis_wall(const Axis *axis, int64 stamp, AxisWall *wall);

/* Writes the timestamp of a wall clock's year, month, day and time; false if it is out of range. */
extern bool axis_wall_timestamp(const Axis *axis, const AxisWall *wall, int64 *stamp);

/* ---- axis_text.c ---- */

/* Returns the step as text, which the frequency option takes too: "1 hour", "1 week", "3 months", "1". */
extern char *axis_frequency_text(const Axis *axis);

/* Sets unit and step from the frequency option; axis->time is set already. */
extern void axis_frequency_parse(const char *text, Axis *axis);

/* Returns "timestamptz", "timestamp", "date" or "integer". */
extern const char *axis_time_name(PanelTime time);

/* Raises an error if a panel's time is of another type than the axis's. */
extern void axis_check_time(const Axis *axis, PanelTime time);

/* Writes the seasonal periods of the step, in rows, ascending; returns their number. */
extern int	axis_periods(const Axis *axis, int *period);

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

/* ---- axis_find.c ---- */

/*
 * Finds the axis of a panel: by options->frequency, or the most frequent step of
 * all series.  If there is none, the error lists the steps found.
 */
extern void axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis);

/* The same, but returns false and a sentence about the steps if none is clear. */
extern bool axis_find_try(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen);

/* ---- axis_grid.c ---- */

/* Puts a series on its grid, by the options on_duplicate and on_gap = error; values are not imputed. */
extern void axis_grid(const Axis *axis, const PanelView *panel, const PanelSeries *series,
					  const FrnnOptions *options, Grid *grid);

/* The same, but returns false and a message if the series cannot be put on a grid. */
extern bool axis_grid_try(const Axis *axis, const PanelView *panel, const PanelSeries *series,
						  const FrnnOptions *options, Grid *grid, char **problem);

#endif
