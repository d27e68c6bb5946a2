/*
 * conformal.h
 *	  Widths of prediction intervals from validation errors.
 */
#ifndef FRNN_CONFORMAL_H
#define FRNN_CONFORMAL_H

#include "core/forecast/forecaster.h"

/*
 * Keep the quantiles of n errors (sorted here) of one step in row
 * (FRNN_CONFORMAL_LEVELS); count: of the step that has most; effective: as how
 * many independent ones they count.  Returns the columns filled, the same for all steps.
 */
extern int	frnn_conformal_keep(double *error, int64_t n, int64_t count, double effective, double *row);
/* the ceil((n+1) confidence)-th smallest error, in units of sigma, `step` steps ahead (from 0, any) */
extern double frnn_conformal_width(const FrnnForecaster *forecaster, int step, double confidence);

#endif
