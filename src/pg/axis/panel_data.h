/*
 * panel_data.h
 *	  A panel made ready for the core: one time axis, every series on its
 *	  regular grid, calendar features added.
 */
#ifndef FRNN_PG_PANEL_DATA_H
#define FRNN_PG_PANEL_DATA_H

#include "pg/server/compat.h"
#include "core/forecast/panel.h"
#include "pg/axis/calendar.h"
#include "pg/axis/covariate_plan.h"
#include "pg/options/options.h"
#include "pg/panel/panel.h"

typedef struct PanelData
{
	PanelView  *view;
	Axis		axis;
	Grid	   *grid;			/* (series) */
	FrnnSeriesData *data;		/* (series) */
	FrnnPanelData panel;		/* passed to the core; horizon is 0 until the caller sets it */
	const CovariatePlan *plan;	/* NULL: covariates have no names */
	int			own_covariates; /* columns of the panel's own covariates; calendar features follow them */
	bool		calendar;
	char	  **problem;		/* (series) why a series was left out, or NULL */
	char	   *no_axis;		/* why all were: a sentence about steps or a calendar that the rows do not follow */
} PanelData;

/*
 * Reads a panel into the current context.  If axis is NULL, the axis and the
 * plan of named covariates are found from the panel; else they are a model's, and a panel of another time type
 * or with other names is an error.  A series without a known value has n = 0.  A series that cannot be put
 * on the grid is an error, or has n = 0 and a problem if skip is true.  If skip is true and the rows tell no
 * axis, only view, panel.series and no_axis are set.
 */
extern PanelData *panel_data_load(Datum panel, const FrnnOptions *options, const Axis *axis, const CovariatePlan *plan,
								  bool calendar, bool skip);

/* Returns the rows of a panel, which must have some. */
extern PanelView *panel_data_view(Datum panel);

/* The same as panel_data_load for a view of the panel. */
extern PanelData *panel_data_load_view(PanelView *view, const FrnnOptions *options, const Axis *axis, const CovariatePlan *plan,
									   bool calendar, bool skip);

/* the list of clock changes that the series of a panel share; zero before its first use */
typedef struct AxisClocks
{
	int64		phase;			/* of the rows within a step: series of another phase have another list */
	FrnnClockChange *change;
	int64		changes;
} AxisClocks;

/* Returns the clock of a series; lists are allocated in the current context. */
extern FrnnClock axis_clock(AxisClocks *clocks, const Axis *axis, int64 anchor);

/* The same for rows `from` to `to` of one series, which is less work. */
extern FrnnClock axis_clock_between(const Axis *axis, int64 anchor, int64 from, int64 to);

/* Returns the rows after the last known value, of the series that has most of them. */
extern int64 panel_data_future(const PanelData *data);

#endif
