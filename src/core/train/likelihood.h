/*
 * likelihood.h
 *	  Negative log-likelihoods of one target, and their gradient by the raw
 *	  outputs.
 */
#ifndef FRNN_LIKELIHOOD_H
#define FRNN_LIKELIHOOD_H

#include "core/train/loss.h"

/* the parameters that the raw outputs stand for, after softplus and floors */
typedef struct FrnnDistribution
{
	double		location;		/* mean */
	double		scale;			/* negative binomial: dispersion */
	double		df;				/* student_t */
} FrnnDistribution;

/* Returns the parameters of a likelihood from the raw outputs of one target. */
extern FrnnDistribution frnn_distribution(FrnnLossKind kind, const float *output);

/* Returns the negative log-likelihood of y.  d receives its gradient, one number per output of the target. */
extern double frnn_nll(FrnnLossKind kind, const float *output, double y, double *d);

#endif
