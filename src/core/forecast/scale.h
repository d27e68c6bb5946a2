/*
 * scale.h
 *	  Center and scale of a series.
 */
#ifndef FRNN_SCALE_H
#define FRNN_SCALE_H

#include "core/forecast/forecaster.h"

/* sums of double round to this share of their largest term: changes below it tell nothing */
#define FRNN_ROUNDED	1e-14

/* center and sigma of x; lag: of the step rule; scratch: n doubles */
extern void frnn_scale(FrnnScaling kind, const double *x, int64_t n, int lag, double *center, double *sigma, double *scratch);
extern double frnn_standard_deviation(const double *x, int64_t n);

/* the panel's floor under sigma; scratch: S doubles.  Returns the median of the positive ones (1 without). */
extern double frnn_floor_sigma(double *series_number, int64_t series, double *scratch);
extern double frnn_sigma_floored(double sigma, double spread, double median);

#endif
