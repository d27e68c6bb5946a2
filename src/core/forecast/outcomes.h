/*
 * outcomes.h
 *	  Past values of intermittent series at the phase of a forecast.
 *
 * Where demand is mostly zero the mean is forecast, and neither outcome lies
 * near it: 0 in most weeks, 80 in one of four.  Pooled errors do not tell this
 * of one phase, the values of that phase do.
 */
#ifndef FRNN_OUTCOMES_H
#define FRNN_OUTCOMES_H

#include "core/forecast/prepare.h"
#include "core/forecast/recipe.h"

#define FRNN_OUTCOMES	64		/* latest values used */

/*
 * Writes the transformed values, ascending, of the rows of one window before
 * origin o that have the phase of row o + step in the shortest season (all rows
 * without a season), at most the latest FRNN_OUTCOMES; returns their number.
 */
extern int	frnn_outcomes(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, int step, double *value);

/* Writes the values that (1 - confidence) / 2 of n ascending outcomes lie below and above, the extremes if n is small. */
extern void frnn_outcomes_range(const double *value, int n, double confidence, double *low, double *high);

#endif
