/*
 * forecast_limits.h
 *	  Limits of forecasts: the options lower_limit and upper_limit, or limits that
 *	  the values of a panel keep to.
 */
#ifndef FRNN_PG_FORECAST_LIMITS_H
#define FRNN_PG_FORECAST_LIMITS_H

#include "pg/server/compat.h"
#include "core/forecast/predict.h"
#include "pg/options/options.h"

/*
 * Returns the upper limit that the training rows of a panel keep to, with the
 * lower limit 0; 0 if there is none.  It is 1 or 100, if no value is below 0 or
 * above it and at least one in 20, but not all, are equal to it, as of outcomes 0
 * and 1, of shares and of percentages.  Fewer than 10 values, or 3 equal to it,
 * show no limit.
 */
extern double forecast_limits_find(const FrnnPanelData *panel);

/* Returns the number of values of a panel beyond the limits of the options. */
extern int64 forecast_limits_beyond(const FrnnOptions *options, const FrnnPanelData *panel);

/* Moves forecasts and bounds into the limits; count: of points, levels: of bounds per point. */
extern void forecast_limit(const FrnnOptions *options, const FrnnForecast *forecast, int64 count, int levels);

#endif
