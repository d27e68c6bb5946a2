/*
 * special.h
 *	  Distribution functions and quantiles.
 *
 * Arguments are positive unless a comment gives another range.
 */
#ifndef FRNN_SPECIAL_H
#define FRNN_SPECIAL_H

#include "core/base/elementary.h"

/* regularized incomplete beta function I_x(a, b), x in [0,1] */
extern double frnn_beta_inc(double a, double b, double x);

/* quantiles, p in (0,1); -inf or inf for other p */
extern double frnn_normal_quantile(double p);
extern double frnn_student_t_quantile(double p, double df);

/* Returns the smallest count whose distribution function is at least p.  The variance is mean + dispersion mean^2. */
extern double frnn_negative_binomial_quantile(double p, double mean, double dispersion);

#endif
