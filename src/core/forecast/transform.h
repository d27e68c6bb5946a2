/*
 * transform.h
 *	  Transforms that make the spread of a series independent of its level.
 */
#ifndef FRNN_TRANSFORM_H
#define FRNN_TRANSFORM_H

#include "core/forecast/recipe.h"

extern double frnn_transform(FrnnTransform kind, double y, double unit, double lowest);
extern double frnn_transform_inverse(FrnnTransform kind, double z, double unit);

/* what one series adds to the pooled slope of log spread on log level; scratch: 3 x (n / block) doubles */
extern void frnn_spread(const double *y, int64_t n, int block, double *scratch, double *numerator, double *denominator);

#endif
