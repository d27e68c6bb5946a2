/*
 * loss.h
 *	  Losses with a mask, their gradients, and the distribution that the outputs
 *	  stand for.
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

/* Returns the outputs per target. */
extern int	frnn_loss_width(const FrnnLoss *loss);

/*
 * Returns the weighted mean over rows x targets elements and, for the quantile
 * loss, over quantiles.  output (rows, targets * width), target and weight (rows,
 * targets).  weight is the mask; NULL: all one.  Targets of zero weight do not enter
 * the result, even if they are NaN.  d_output (may be NULL) receives the gradient
 * of the mean, *weight_sum (may be NULL) the sum of weights.  The mean of a batch
 * with sum 0 is 0.
 */
extern double frnn_loss(const FrnnLoss *loss, const float *output, const float *target, const float *weight,
						size_t rows, int targets, float *d_output, double *weight_sum);

/*
 * Return the point forecast (median or mean) and, for p in (0,1), the p-quantile of
 * one target.  output: its `width` numbers.  Point losses have no quantiles: NaN.
 */
extern double frnn_loss_point(const FrnnLoss *loss, const float *output);
extern double frnn_loss_quantile(const FrnnLoss *loss, const float *output, double p);

#endif
