/*
 * panel.h
 *	  The regular series that are learned from and forecast.
 */
#ifndef FRNN_FORECAST_PANEL_H
#define FRNN_FORECAST_PANEL_H

#include <stdint.h>

#include "core/base/limits.h"

/*
 * Clock changes.  Seasons of steps of an hour and less follow the wall clock:
 * from a change on, a row has the phase of the row `shift` rows later (earlier,
 * if it is negative).  The list is shared by all series of a panel.
 */
typedef struct FrnnClockChange
{
	int64_t		row;			/* of the list */
	int64_t		shift;			/* 0 before the first change */
} FrnnClockChange;

typedef struct FrnnClock
{
	const FrnnClockChange *change;	/* (changes) ascending */
	int64_t		changes;
	int64_t		base;			/* row of the list at which the series starts: row 0 of FrnnSeriesData.offset */
	int64_t		shift;			/* there: other shifts count from it */
} FrnnClock;

/* one series on its grid */
typedef struct FrnnSeriesData
{
	int64_t		n;				/* rows, the last known value's included */
	int64_t		future;			/* rows after it: covariates only */
	const double *value;		/* (n), NaN = missing */
	const double *covariate;	/* (n + future, covariates) row-major, NaN = missing; NULL without */
	const double *statics;		/* (statics) numbers that do not change over time, NaN = unknown; NULL without */
	int64_t		offset;			/* grid row of value[0], counted from the series' first training row: 0 in training.
								 * Row i has phase (offset + i) mod m, moved by the clock.  May be negative. */
	FrnnClock	clock;
} FrnnSeriesData;

typedef struct FrnnPanelData
{
	int64_t		series;
	const FrnnSeriesData *data;
	int			covariates;		/* numbers a row */
	int			past_only;		/* of them, the first: inputs of the window alone */
	int			known_only;		/* of them, the last: inputs of the target steps alone */
	int			statics;		/* numbers a series */
	int			horizon;		/* h */
	int			periods;		/* candidates by frequency, ascending */
	int			period[FRNN_MAX_PERIODS];
} FrnnPanelData;

/* what became of a series */
typedef enum FrnnSeriesStatus
{
	FRNN_SERIES_OK = 0,
	FRNN_SERIES_EMPTY,			/* no known value: no forecast (NaN) */
	FRNN_SERIES_SHORT,			/* one known value: it is repeated, without interval */
	FRNN_SERIES_CONSTANT,		/* all values equal, or those of each phase: repeated, error zero */
	FRNN_SERIES_NO_COVARIATES,	/* forecast, but covariates of target steps were missing: their means were used */
	FRNN_SERIES_BAD_ORIGIN,		/* origin outside 1..n: no forecast (NaN) */
	FRNN_SERIES_NOT_FINITE,		/* the values left the finite numbers: no forecast (NaN) */
	FRNN_SERIES_SHOCK,			/* forecast, but one of the last rows changed as none before it in the window; of one
								 * origin */
	FRNN_SERIES_UNLIKE,			/* forecast, but no row of the window is near the training rows; of one origin */
	FRNN_SERIES_FAR				/* forecast, but a row of the window is far from the training rows; of one origin */
} FrnnSeriesStatus;

#endif
