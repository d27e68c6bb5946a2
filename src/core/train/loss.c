/*
 * loss.c
 *	  Weighted mean losses and their gradients; points and quantiles of the
 *	  distribution that the outputs stand for.
 *
 * Sums are in double.  The difference of an element of zero weight is replaced by
 * zero before any arithmetic, so a NaN that stands for a missing target does
 * not spread.
 */
#include "core/train/loss.h"

#include <math.h>
#include <string.h>

#include "core/train/likelihood.h"
#include "core/base/simd.h"
#include "core/base/special.h"

#define INLINE static inline __attribute__((always_inline))

int
frnn_loss_width(const FrnnLoss *loss)
{
	switch (loss->kind)
	{
		case FRNN_QUANTILE:
			return loss->quantiles;
		case FRNN_GAUSSIAN:
		case FRNN_NEGATIVE_BINOMIAL:
			return 2;
		case FRNN_STUDENT_T:
			return 3;
		default:
			return 1;
	}
}

FRNN_CLONES static double
sum_weights(const float *restrict weight, size_t n)
{
	double		lane[FRNN_LANES] = {0};
	size_t		i = 0;

	for (; i + FRNN_LANES <= n; i += FRNN_LANES)
#pragma omp simd
		for (int j = 0; j < FRNN_LANES; j++)
			lane[j] += weight[i + j];
	for (int j = 0; i < n; i++, j++)
		lane[j] += weight[i];
	return frnn_sum_lanes(lane);
}

/* Returns w l(e), e = output - target, and writes scale w l'(e); kind is a constant at every call. */
INLINE double
point_loss(FrnnLossKind kind, float delta, float output, float target, float w, float scale, float *d_output)
{
	float		e = w > 0.0f ? output - target : 0.0f;
	float		size = fabsf(e);
	float		inner = size < delta ? size : delta;
	float		slope;
	double		loss;

	if (kind == FRNN_MSE)
	{
		loss = (double) w * e * e;
		slope = 2.0f * e;
	}
	else if (kind == FRNN_MAE)
	{
		loss = (double) w * size;
		slope = e > 0.0f ? 1.0f : (e < 0.0f ? -1.0f : 0.0f);
	}
	else
	{
		/* e^2/2 up to delta, then a line: inner^2/2 + delta (|e| - inner) */
		loss = w * (0.5 * inner * inner + (double) delta * (size - inner));
		slope = e < 0.0f ? -inner : inner;
	}
	/* a NaN output makes the gradient NaN */
	*d_output = scale * w * (e == e ? slope : e);
	return loss;
}

INLINE double
point_loop(FrnnLossKind kind, float delta, const float *restrict output, const float *restrict target,
		   const float *restrict weight, size_t n, float scale, float *restrict d_output)
{
	double		lane[FRNN_LANES] = {0};
	size_t		i = 0;

	for (; i + FRNN_LANES <= n; i += FRNN_LANES)
#pragma omp simd
		for (int j = 0; j < FRNN_LANES; j++)
		{
			float		d;

			lane[j] += point_loss(kind, delta, output[i + j], target[i + j], weight ? weight[i + j] : 1.0f, scale, &d);
			if (d_output)
				d_output[i + j] = d;
		}
	for (int j = 0; i < n; i++, j++)
	{
		float		d;

		lane[j] += point_loss(kind, delta, output[i], target[i], weight ? weight[i] : 1.0f, scale, &d);
		if (d_output)
			d_output[i] = d;
	}
	return frnn_sum_lanes(lane);
}

/* the four cases of point_loop, in which weight and d_output are given or not */
INLINE double
point_cases(FrnnLossKind kind, float delta, const float *output, const float *target, const float *weight, size_t n,
			float scale, float *d_output)
{
	if (weight && d_output)
		return point_loop(kind, delta, output, target, weight, n, scale, d_output);
	if (weight)
		return point_loop(kind, delta, output, target, weight, n, scale, NULL);
	if (d_output)
		return point_loop(kind, delta, output, target, NULL, n, scale, d_output);
	return point_loop(kind, delta, output, target, NULL, n, scale, NULL);
}

FRNN_CLONES static double
mse_loop(const float *output, const float *target, const float *weight, size_t n, float scale, float *d_output)
{
	return point_cases(FRNN_MSE, 0, output, target, weight, n, scale, d_output);
}

FRNN_CLONES static double
mae_loop(const float *output, const float *target, const float *weight, size_t n, float scale, float *d_output)
{
	return point_cases(FRNN_MAE, 0, output, target, weight, n, scale, d_output);
}

FRNN_CLONES static double
huber_loop(float delta, const float *output, const float *target, const float *weight, size_t n,
		   float scale, float *d_output)
{
	return point_cases(FRNN_HUBER, delta, output, target, weight, n, scale, d_output);
}

/* pinball: p e for e > 0, (p - 1) e for e < 0, e = target - output; one sum per quantile */
FRNN_CLONES static double
quantile_loop(const FrnnLoss *loss, const float *restrict output, const float *restrict target,
			  const float *restrict weight, size_t n, float scale, float *restrict d_output)
{
	size_t		count = (size_t) loss->quantiles;
	const float *restrict p = loss->quantile;
	double		part[FRNN_MAX_QUANTILES + 1] = {0};
	double		sum = 0;

	for (size_t i = 0; i < n; i++)
	{
		float		w = weight ? weight[i] : 1.0f;
		float		y = w > 0.0f ? target[i] : 0.0f;
		const float *row = output + i * count;
		float	   *d_row = d_output ? d_output + i * count : NULL;

#pragma omp simd
		for (size_t q = 0; q < count; q++)
		{
			float		e = w > 0.0f ? y - row[q] : 0.0f;
			float		slope = e > 0.0f ? p[q] : (e < 0.0f ? p[q] - 1.0f : 0.0f);

			part[q] += (double) (w > 0.0f ? w : 0.0f) * ((double) slope * e);
			if (d_row)
				d_row[q] = -scale * w * (e == e ? slope : e);
		}
	}
	for (size_t q = 0; q < count; q++)
		sum += part[q];
	return sum;
}

/* Computes the losses of a block of targets and their gradients.  Targets of zero weight are read as 0. */
static double
likelihood_loop(const FrnnLoss *loss, const float *output, const float *target, const float *weight,
				size_t n, double scale, float *d_output)
{
	size_t		width = (size_t) frnn_loss_width(loss);
	double		y[FRNN_NLL_BLOCK];
	double		nll[FRNN_NLL_BLOCK];
	double		d[3][FRNN_NLL_BLOCK];
	double		sum = 0;

	for (size_t from = 0; from < n; from += FRNN_NLL_BLOCK)
	{
		size_t		some = n - from < FRNN_NLL_BLOCK ? n - from : FRNN_NLL_BLOCK;

		for (size_t i = 0; i < some; i++)
			y[i] = weight && !(weight[from + i] > 0) ? 0 : target[from + i];
		frnn_nll(loss->kind, some, output + from * width, y, nll, d);
		for (size_t i = 0; i < some; i++)
		{
			double		w = weight ? weight[from + i] : 1.0;

			if (w > 0)
				sum += w * nll[i];
			for (size_t k = 0; d_output && k < width; k++)
				d_output[(from + i) * width + k] = w > 0 ? (float) (scale * w * d[k][i]) : 0.0f;
		}
	}
	return sum;
}

double
frnn_loss(const FrnnLoss *loss, const float *output, const float *target, const float *weight,
		  size_t rows, int targets, float *d_output, double *weight_sum)
{
	size_t		n = rows * (size_t) targets;
	double		weights = weight ? sum_weights(weight, n) : (double) n;
	double		scale,
				sum;

	if (weight_sum)
		*weight_sum = weights;
	if (!(weights > 0))
	{
		if (d_output)
			memset(d_output, 0, n * (size_t) frnn_loss_width(loss) * sizeof(float));
		return 0;
	}
	scale = 1 / weights;
	if (loss->kind == FRNN_QUANTILE)
		scale /= loss->quantiles;
	switch (loss->kind)
	{
		case FRNN_MSE:
			sum = mse_loop(output, target, weight, n, (float) scale, d_output);
			break;
		case FRNN_MAE:
			sum = mae_loop(output, target, weight, n, (float) scale, d_output);
			break;
		case FRNN_HUBER:
			sum = huber_loop(loss->delta, output, target, weight, n, (float) scale, d_output);
			break;
		case FRNN_QUANTILE:
			sum = quantile_loop(loss, output, target, weight, n, (float) scale, d_output);
			break;
		default:
			sum = likelihood_loop(loss, output, target, weight, n, scale, d_output);
			break;
	}
	return sum * scale;
}

/*
 * Interpolates linearly between the given quantiles; beyond the outermost ones
 * returns those.  Outputs that cross are sorted first (Chernozhukov et al.,
 * "Quantile and probability curves without crossing", 2010).
 */
static double
interpolate_quantile(const FrnnLoss *loss, const float *output, double p)
{
	float		sorted[FRNN_MAX_QUANTILES];
	int			n = loss->quantiles;

	sorted[0] = output[0];
	for (int i = 1; i < n; i++)
	{
		int			j = i;

		for (; j > 0 && sorted[j - 1] > output[i]; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = output[i];
	}
	if (p <= loss->quantile[0])
		return sorted[0];
	for (int i = 1; i < n; i++)
		if (p <= loss->quantile[i])
		{
			double		left = loss->quantile[i - 1];
			double		share = (p - left) / (loss->quantile[i] - left);

			return sorted[i - 1] + share * ((double) sorted[i] - sorted[i - 1]);
		}
	return sorted[n - 1];
}

double
frnn_loss_point(const FrnnLoss *loss, const float *output)
{
	switch (loss->kind)
	{
		case FRNN_QUANTILE:
			return interpolate_quantile(loss, output, 0.5);
		case FRNN_NEGATIVE_BINOMIAL:
			return frnn_distribution(loss->kind, output).location;
		default:
			return output[0];
	}
}

double
frnn_loss_quantile(const FrnnLoss *loss, const float *output, double p)
{
	FrnnDistribution d;

	switch (loss->kind)
	{
		case FRNN_QUANTILE:
			/* the quantiles are floats: round the caller's double likewise before it is compared */
			return interpolate_quantile(loss, output, (float) p);
		case FRNN_GAUSSIAN:
			d = frnn_distribution(loss->kind, output);
			return d.location + d.scale * frnn_normal_quantile(p);
		case FRNN_STUDENT_T:
			d = frnn_distribution(loss->kind, output);
			return d.location + d.scale * frnn_student_t_quantile(p, d.df);
		case FRNN_NEGATIVE_BINOMIAL:
			d = frnn_distribution(loss->kind, output);
			return frnn_negative_binomial_quantile(p, d.location, d.scale);
		default:
			return NAN;
	}
}
