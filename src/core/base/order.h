/*
 * order.h
 *	  Sorting and order statistics that allocate nothing.
 */
#ifndef FRNN_ORDER_H
#define FRNN_ORDER_H

#include <stdint.h>

/* Sorts v in ascending order, in place.  v holds no NaN. */
extern void frnn_sort(double *v, int64_t n);

/* Returns the p-quantile of the ascending v, interpolated linearly between order statistics; p in [0,1]. */
extern double frnn_sorted_quantile(const double *v, int64_t n, double p);

/* Returns the median, the mean of the middle two if n is even.  Reorders v. */
extern double frnn_median(double *v, int64_t n);

#endif
