/*
 * axis.h
 *	  The time axis of a panel: its frequency, and stamps from an anchor.
 *
 * Stamp k is anchor + k x step, always computed from the anchor, with
 * PostgreSQL's own interval arithmetic in the axis's zone.
 */
#ifndef FRNN_PG_AXIS_H
#define FRNN_PG_AXIS_H

#include "compat.h"
#include "datatype/timestamp.h"
#include "pgtime.h"
#include "pg/options.h"
#include "pg/panel.h"

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
	bool		month_end;		/* AXIS_MONTH: stamps fall on the last day of the month */
	bool		inferred;
	char		time_zone[TZ_STRLEN_MAX + 1];	/* timestamptz axes */
} Axis;

/* what the grid of one series looks like */
typedef struct Grid
{
	int64		anchor;			/* stamp of row 0, in the axis's own type */
	int64		n;				/* rows up to the last known value */
	int64		future;			/* rows after it (known covariates) */
	double	   *value;			/* (n), NaN = missing */
	double	   *covariate;		/* (n + future, covariates) or NULL */
	int64		gaps,			/* grid rows without a row in the panel */
				missing,		/* NaN values among the n, gaps included */
				duplicates,		/* rows that shared a stamp */
				snapped;		/* rows moved to the grid */
} Grid;

/*
 * The panel's frequency: options->frequency, or the modal calendar step over
 * all series.  An error says what was seen when none can be found.
 */
extern void axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis);

/* stamp k of a series anchored there; errors on overflow */
extern int64 axis_stamp(const Axis *axis, int64 anchor, int64 k);

/* index of the grid stamp nearest to ts; *exact tells whether it is that stamp */
extern int64 axis_index(const Axis *axis, int64 anchor, int64 ts, bool *exact);

/* the regular rows of a series, policies on_duplicate and on_gap = error applied; values not imputed */
extern void axis_grid(const Axis *axis, const PanelView *panel, const PanelSeries *series,
					  const FrnnOptions *options, Grid *grid);

/* "1 hour", "1 day", "3 months", "1": also what the frequency option takes */
extern char *axis_frequency_text(const Axis *axis);

/* seasonal periods of that frequency by the recipe's table; returns their number */
extern int	axis_periods(const Axis *axis, int *period);

/* to and from one line of text for the model's metadata; from_text validates */
extern char *axis_to_text(const Axis *axis);
extern void axis_from_text(const char *text, Axis *axis);

/*
 * A stamp as output: timestamptz (wall-clock axes as the cast in the session's
 * zone), timestamp (timestamptz axes: wall clock in the axis's zone), bigint
 * (integer axes only).
 */
extern Datum axis_as_timestamptz(const Axis *axis, int64 stamp);
extern Datum axis_as_timestamp(const Axis *axis, int64 stamp);
extern Datum axis_as_bigint(const Axis *axis, int64 stamp);

#endif
