/*
 * likelihood.h
 *	  Negative log-likelihoods of one target, and their gradient by the raw
 *	  outputs.
 */
#ifndef FRNN_LIKELIHOOD_H
#define FRNN_LIKELIHOOD_H

#include "core/train/loss.h"

/* what the raw outputs mean, after softplus and floors */
typedef struct FrnnDistribution
{
	double		location;		/* mean */
	double		scale;			/* negative binomial: dispersion */
	double		df;				/* student_t */
} FrnnDistribution;

extern FrnnDistribution frnn_distribution(FrnnLossKind kind, const float *output);

/* d: one number an output of the target */
extern double frnn_nll(FrnnLossKind kind, const float *output, double y, double *d);

#endif
