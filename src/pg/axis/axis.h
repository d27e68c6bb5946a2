/*
 * axis.h
 *	  The time axis of a panel: its frequency, and stamps from an anchor.
 *
 * Stamp k is anchor + k x step, always computed from the anchor, with
 * PostgreSQL's own interval arithmetic in the axis's zone.
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
	AXIS_MICROSECOND,			/* seconds to hours: step counts absolute microseconds */
	AXIS_DAY,					/* days and weeks: calendar days in the zone */
	AXIS_MONTH,					/* months, quarters, years */
	AXIS_INDEX					/* integer axes */
} AxisUnit;

typedef struct Axis
{
	PanelTime	time;
	AxisUnit	unit;
	int64		step;			/* so many units */
	bool		month_end;		/* AXIS_MONTH: an anchor on the last day of a month stays on last days */
	bool		inferred;
	char		time_zone[TZ_STRLEN_MAX + 1];	/* timestamptz axes */
} Axis;

/* a stamp's wall clock in the axis's zone; not for integer axes */
typedef struct AxisWall
{
	int			year,			/* astronomical: 0 is 1 BC */
				month,
				day;
	int64		date;			/* Julian day */
	int64		time;			/* microseconds since midnight */
} AxisWall;

/* what the grid of one series looks like */
typedef struct Grid
{
	int64		anchor;			/* stamp of row 0, in the axis's own type */
	int64		n;				/* rows up to the last known value */
	int64		future;			/* rows after it (known covariates) */
	const double *value;		/* (n + future), NaN = missing; the panel's own where its rows are regular */
	const double *covariate;	/* (n + future, covariates) or NULL; likewise */
	int64		gaps,			/* grid rows among the n without a row in the panel */
				missing,		/* NaN values among the n, gaps included */
				duplicates,		/* rows beyond the first on a stamp */
				snapped;		/* rows moved to the grid */
} Grid;

/*
 * The panel's frequency: options->frequency, or the modal calendar step over
 * all series.  An error says what was seen when none can be found.
 */
extern void axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis);

/* the same, but a panel without a clear frequency gives false and, in *seen, a sentence about its steps */
extern bool axis_find_try(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen);

/* stamp k of a series anchored there; errors on overflow */
extern int64 axis_stamp(const Axis *axis, int64 anchor, int64 k);

/* the same, false when the stamp is beyond what the type can hold */
extern bool axis_stamp_try(const Axis *axis, int64 anchor, int64 k, int64 *stamp);

/* index of the grid stamp nearest to ts; *exact tells whether it is that stamp */
extern int64 axis_index(const Axis *axis, int64 anchor, int64 ts, bool *exact);

/* the regular rows of a series, policies on_duplicate and on_gap = error applied; values not imputed */
extern void axis_grid(const Axis *axis, const PanelView *panel, const PanelSeries *series,
					  const FrnnOptions *options, Grid *grid);

/* the same, but what is wrong with the series gives false and its message: for one bad series among many */
extern bool axis_grid_try(const Axis *axis, const PanelView *panel, const PanelSeries *series,
						  const FrnnOptions *options, Grid *grid, char **problem);

/* date and time of day as people there read them */
extern void axis_wall(const Axis *axis, int64 stamp, AxisWall *wall);

/* days of a month, 28 to 31 */
extern int	axis_month_days(int year, int month);

/* the zone's rules; an unknown zone is an error */
extern pg_tz *axis_zone(const char *name);

/* "1 hour", "1 day", "1 week", "3 months", "1": also what the frequency option takes */
extern char *axis_frequency_text(const Axis *axis);

/* unit and step from the frequency option; axis->time is set */
extern void axis_frequency_parse(const char *text, Axis *axis);

/* "timestamptz", "timestamp", "date", "integer" */
extern const char *axis_time_name(PanelTime time);

/* seasonal periods of that frequency by the recipe's table; returns their number */
extern int	axis_periods(const Axis *axis, int *period);

/* to and from one line of text for the model's metadata; from_text validates */
extern char *axis_to_text(const Axis *axis);
extern void axis_from_text(const char *text, Axis *axis);

/* a series in messages: 'series "a"', or 'the series' when the panel has one without a name */
extern char *axis_series_name(const PanelSeries *series);

/*
 * A stamp as output: timestamptz (wall-clock axes as the cast in the session's
 * zone), timestamp (timestamptz axes: wall clock in the axis's zone), bigint
 * (integer axes only).
 */
extern Datum axis_as_timestamptz(const Axis *axis, int64 stamp);
extern Datum axis_as_timestamp(const Axis *axis, int64 stamp);
extern Datum axis_as_bigint(const Axis *axis, int64 stamp);

#endif
