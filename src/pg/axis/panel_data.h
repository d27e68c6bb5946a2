/*
 * panel_data.h
 *	  A panel made ready for the core: one time axis, every series on its
 *	  regular grid, calendar features added.
 */
#ifndef FRNN_PG_PANEL_DATA_H
#define FRNN_PG_PANEL_DATA_H

#include "pg/server/compat.h"
#include "core/forecast/forecaster.h"
#include "pg/axis/axis.h"
#include "pg/options/options.h"
#include "pg/panel/panel.h"

typedef struct PanelData
{
	PanelView  *view;
	Axis		axis;
	Grid	   *grid;			/* (series) */
	FrnnSeriesData *data;		/* (series) */
	FrnnPanelData panel;		/* what the core is given; horizon 0 until set */
	int			own_covariates; /* numbers a row of the panel itself; calendar features follow them */
	bool		calendar;
	char	  **problem;		/* (series) why a series was left out, or NULL */
} PanelData;

/*
 * Read a panel.  axis NULL: found from the panel; else the model's, which the
 * panel must share.  Series without a known value have n = 0; so have those that
 * cannot be laid on a grid, with `skip`, else they are an error.
 */
extern PanelData *panel_data_load(Datum panel, const FrnnOptions *options, const Axis *axis, bool calendar, bool skip);

/* rows after the last known value, the longest of all series */
extern int64 panel_data_future(const PanelData *data);

/*
 * Calendar features: numbers a row for an axis of that frequency (0 for
 * integer axes), and the features of one stamp.  Sine and cosine of the hour of
 * the day, the day of the week and the day of the year, as far as the step is finer than them.
 */
extern int	calendar_width(const Axis *axis);
extern void calendar_fill(const Axis *axis, int64 stamp, double *out);

/*
 * Room for the calendar beyond the rows given: a copy of a series' covariates
 * (rows, own) with calendar features joined, for rows .. rows + ahead; own
 * covariates of rows ahead are missing.
 */
extern double *calendar_join(const Axis *axis, int64 anchor, int64 first, const double *own, int own_width,
							 int64 rows, int64 ahead);

#endif
