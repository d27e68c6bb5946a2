/*
 * impute.h
 *	  Filling the gaps of a series.
 */
#ifndef FRNN_IMPUTE_H
#define FRNN_IMPUTE_H

#include "core/forecast/panel.h"
#include "core/forecast/recipe.h"

/*
 * out = value with its gaps filled.  Gaps before `split` are filled from rows
 * before it alone (parameters must not see validation rows), the others from
 * all n rows.  period: the shortest season, 0 without; its phases follow the
 * clock, where row 0 is row `offset`.  Returns the number of known values before
 * split; when it is 0 nothing is written.  out may be value.
 */
extern int64_t frnn_impute(const double *value, int64_t n, int64_t split, int period, const FrnnClock *clock,
						   int64_t offset, FrnnGapRule rule, double *out);

#endif
