/*
 * average.h
 *	  Training in rounds on several machines: the average of models that were
 *	  trained apart from one start, and the outer step of DiLoCo.
 *
 * Averages of weights: McMahan et al., "Communication-efficient learning of deep
 * networks from decentralized data", AISTATS 2017.  Outer step: Douillard et al.,
 * "DiLoCo: distributed low-communication training of language models",
 * arXiv 2311.08105.
 *
 * A mean is the first number plus the weighted mean of the differences from it,
 * summed in double in the order given.  So the mean of equal numbers is that
 * number, and the caller's order decides the last bit.
 */
#ifndef FRNN_AVERAGE_H
#define FRNN_AVERAGE_H

#include "core/base/run.h"
#include "core/forecast/forecaster.h"

/* Returns a checksum of n weights, for the check that models have a common start.  It is no cryptographic hash. */
extern uint64_t frnn_weights_checksum(const float *weight, size_t n);

/* Returns NULL if the two models can be averaged, else what differs between them. */
extern const char *frnn_average_check(const FrnnForecaster *a, const FrnnForecaster *b);

/*
 * Fills all of *out but its series: weights, optimizer's state, ridge regression,
 * scale of the covariates, shares of the forecasts, table of errors.  out: laid
 * out as the models, any number of series.  weight: > 0.  Every model has passed
 * frnn_average_check with the first.
 */
extern void frnn_average(FrnnForecaster *out, const FrnnForecaster *const *model, const double *weight, int n,
						 const FrnnRun *run);

/*
 * The outer step.  With the outer gradient d = start - average and the velocity
 * v = momentum v + d: params = start - rate (d + momentum v), Nesterov's form as
 * in torch.optim.SGD.  params holds the average and receives the result; velocity
 * is updated.
 */
extern void frnn_outer_step(const float *start, double rate, double momentum, size_t n, float *velocity, float *params);

#endif
