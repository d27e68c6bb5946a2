/*
 * loss.h
 *	  Losses with a mask, their gradients, and what the outputs mean.
 *
 * A target takes `width` outputs: 1 for point losses, Q for Q quantiles,
 * 2 for gaussian (mean, raw scale), 3 for student_t (location, raw scale, raw
 * degrees of freedom), 2 for negative_binomial (raw mean, raw dispersion).
 * Raw parameters go through softplus (degrees of freedom: 2 + softplus), and
 * scale, mean of counts and dispersion have FRNN_SCALE_FLOOR added.
 * Output column of target n, parameter k is n * width + k.
 */
#ifndef FRNN_LOSS_H
#define FRNN_LOSS_H

#include <stddef.h>

#include "core/base/limits.h"
#include "core/base/status.h"

#define FRNN_SCALE_FLOOR 1e-6

typedef enum FrnnLossKind
{
	FRNN_MSE,
	FRNN_MAE,
	FRNN_HUBER,
	FRNN_QUANTILE,
	FRNN_GAUSSIAN,
	FRNN_STUDENT_T,
	FRNN_NEGATIVE_BINOMIAL
} FrnnLossKind;

typedef struct FrnnLoss
{
	FrnnLossKind kind;
	float		delta;			/* huber; Keras's default 1 */
	int			quantiles;		/* quantile: their number, each in (0,1), ascending */
	float		quantile[FRNN_MAX_QUANTILES];
} FrnnLoss;

extern int	frnn_loss_width(const FrnnLoss *loss);

/*
 * Weighted mean over rows x targets elements (weights are the mask; for the
 * quantile loss also the mean over quantiles).  output (rows, targets*width),
 * target and weight (rows, targets); weight may be NULL (all one).  Targets
 * of zero weight are never read into the result, even when NaN.  d_output (may be NULL)
 * receives the gradient of that mean.  *weight_sum (may be NULL) receives the
 * sum of weights; the mean of a batch with sum 0 is 0.
 */
extern double frnn_loss(const FrnnLoss *loss, const float *output, const float *target, const float *weight,
						size_t rows, int targets, float *d_output, double *weight_sum);

/*
 * The point forecast (median or mean) and, for p in (0,1), the p-quantile that
 * the outputs of one target mean.  Point losses have no quantiles: NaN.
 * output: the `width` numbers of the target.
 */
extern double frnn_loss_point(const FrnnLoss *loss, const float *output);
extern double frnn_loss_quantile(const FrnnLoss *loss, const float *output, double p);

#endif
