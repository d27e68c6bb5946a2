/*
 * special.h
 *	  The special functions that likelihoods and their quantiles need.
 *
 * Arguments are positive where a comment does not say otherwise.  libm's
 * lgamma writes a global (signgam), hence ours.
 */
#ifndef FRNN_SPECIAL_H
#define FRNN_SPECIAL_H

extern double frnn_lgamma(double x);
extern double frnn_digamma(double x);

/* log(1 + exp(x)) and its derivative, any x */
extern double frnn_softplus(double x);
extern double frnn_sigmoid(double x);

/* regularised incomplete beta function I_x(a, b), x in [0,1] */
extern double frnn_beta_inc(double a, double b, double x);

/* quantiles, p in (0,1); at or beyond the ends -inf and inf */
extern double frnn_normal_quantile(double p);
extern double frnn_student_t_quantile(double p, double df);

/* smallest count whose distribution function reaches p; variance mean + dispersion mean^2 */
extern double frnn_negative_binomial_quantile(double p, double mean, double dispersion);

#endif
