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

#define FRNN_NLL_BLOCK 64

/*
 * Computes the negative log-likelihoods of n targets, at most FRNN_NLL_BLOCK, and
 * their gradients, d[k] by output k of each target.  nll and d hold a whole block
 * and are overwritten beyond n.
 */
extern void frnn_nll(FrnnLossKind kind, size_t n, const float *output, const double *y, double nll[FRNN_NLL_BLOCK],
					 double d[3][FRNN_NLL_BLOCK]);

#endif
