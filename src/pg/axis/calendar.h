/*
 * calendar.h
 *	  Calendar features of a timestamp, which are inputs of the network beside
 *	  the panel's own covariates.
 */
#ifndef FRNN_PG_CALENDAR_H
#define FRNN_PG_CALENDAR_H

#include "pg/server/compat.h"
#include "pg/axis/axis.h"

/* Returns the calendar features per row for an axis of that step: 0 for integer axes. */
extern int	calendar_width(const Axis *axis);

/*
 * Writes the features of one timestamp, calendar_width numbers: sine and cosine
 * of the time of day, of the weekday and of the day of the year, each only if the
 * step is shorter than half of the cycle.
 */
extern void calendar_fill(const Axis *axis, int64 stamp, double *out);

#endif
