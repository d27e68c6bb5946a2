/*
 * conformal.c
 *	  Prediction intervals from validation errors, standardized by step, series
 *	  and phase (error_scale.c) and pooled.
 *
 * The half-width at confidence c is the c-quantile of the pooled errors as far
 * as they reach, and beyond it a power of the normal quantile fitted to their
 * end.  With few independent errors it is widened as Student's t is.
 */
#include <math.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/base/special.h"
#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"

#define TAIL_ERRORS		10.0	/* independent errors beyond the last quantile kept */
#define PRIOR_ERRORS	10.0	/* what the residuals' shape over steps counts */
#define RESIDUAL_ERRORS	5.0		/* independent errors that the size of residuals counts as */
#define MOST_TOGETHER	10.0	/* series that may err as one */
#define CHOSEN_BY		4.0		/* errors that count as one degree of freedom, since weights were chosen by them */
#define VANISHING		1000.0
#define SORTED			100000	/* errors kept for the quantiles */
#define SMALLEST		1e-12	/* exact forecasts leave nothing to divide by */
#define SIGNED_ERRORS	100.0	/* independent errors at which either side counts half for itself */

static double
normal(double confidence)
{
	return frnn_normal_quantile((1 + confidence) / 2);
}

/*
 * Size of errors at each step: validation errors, shrunk to the shape of the residuals over steps.  Returns a factor
 * for all steps by which intervals are widened.
 */
static double
step_scale(const FrnnErrors *errors, const double *shape, int block, FrnnForecaster *out, const FrnnRun *run)
{
	int			steps = errors->steps;
	double		sum = 0;
	double		expected = 0;
	double		ratio;

	for (int64_t i = 0; i < errors->origins; i++)
		for (int k = 0; k < steps; k++)
			if (isfinite(errors->error[i * steps + k]))
			{
				sum += fabs(errors->error[i * steps + k]);
				expected += frnn_error_at_step(1, shape, block, k);
			}
	ratio = sum > 0 ? sum / expected : 0;
	for (int k = 0; k < out->recipe.horizon; k++)
	{
		double		prior = frnn_error_at_step(ratio, shape, block, k);
		double		own = 0;
		double		count = 0;
		double		weight;

		frnn_tick(run);
		for (int64_t i = 0; k < steps && i < errors->origins; i++)
			if (isfinite(errors->error[i * steps + k]))
			{
				own += fabs(errors->error[i * steps + k]);
				count++;
			}
		weight = count > 0 ? fmin(count, errors->independent) : 0;
		out->step_scale[k] = (PRIOR_ERRORS * prior + (weight > 0 ? weight * own / count : 0)) / (PRIOR_ERRORS + weight);
		out->step_scale[k] = fmax(out->step_scale[k], SMALLEST);
	}
	/* few errors may be small by chance, smaller than residuals are */
	return ratio > 0 ? fmax(1, (RESIDUAL_ERRORS / ratio + errors->independent) /
							(RESIDUAL_ERRORS + errors->independent)) : INFINITY;
}

/*
 * Returns the number of independent errors: series that err together count as fewer.  Of m independent errors the mean
 * is about 1 / sqrt(m) of the mean absolute error.
 */
static double
effective(const FrnnErrors *errors)
{
	double		sum = 0;
	double		absolute = 0;
	double		least = errors->independent / fmin(fmax(errors->series, 1), MOST_TOGETHER);

	for (int64_t i = 0; i < errors->origins * errors->steps; i++)
		if (isfinite(errors->error[i]))
		{
			sum += errors->error[i];
			absolute += fabs(errors->error[i]);
		}
	if (!(fabs(sum) > 0))
		return errors->independent;
	return fmax(fmin(errors->independent, absolute / sum * (absolute / sum)), fmax(least, 1));
}

/* quantile tables of n standardized errors, and the tail beyond them; scratch: n doubles */
static void
tables(double *error, int64_t n, double independent, double *scratch, FrnnForecaster *out)
{
	double	   *below = out->conformal;
	double	   *above = out->conformal + FRNN_CONFORMAL_LEVELS;
	double		sides = independent / (independent + SIGNED_ERRORS);
	double		top = 1 - TAIL_ERRORS / fmin((double) n, 4 * independent);
	double		inner;
	double		tail;
	double		least = 0;

	top = fmin(fmax(top, 0.8), 0.995);
	for (int64_t i = 0; i < n; i++)
	{
		scratch[i] = fabs(error[i]);
		least += scratch[i] / (double) n;
	}
	/* half of a normal distribution's with that mean */
	least *= 0.5 * sqrt(M_PI / 2);
	frnn_sort(error, n);
	frnn_sort(scratch, n);
	for (int j = 0; j < FRNN_CONFORMAL_LEVELS; j++)
	{
		double		c = top * (j + 1) / FRNN_CONFORMAL_LEVELS;
		double		both = (1 - sides) * frnn_sorted_quantile(scratch, n, c);

		below[j] = fmax(both - sides * frnn_sorted_quantile(error, n, (1 - c) / 2), 0);
		above[j] = fmax(both + sides * frnn_sorted_quantile(error, n, (1 + c) / 2), 0);
		/* many errors of zero do not make the others impossible */
		below[j] = fmax(below[j], least * normal(c));
		above[j] = fmax(above[j], least * normal(c));
		if (j > 0)
		{
			below[j] = fmax(below[j], below[j - 1]);
			above[j] = fmax(above[j], above[j - 1]);
		}
	}
	inner = fmax(1 - 4 * (1 - top), 0.5);
	tail = frnn_log(frnn_sorted_quantile(scratch, n, top) / frnn_sorted_quantile(scratch, n, inner)) /
		frnn_log(normal(top) / normal(inner));
	if (!isfinite(tail))
		tail = 1;
	/* a little heavier than a normal unless the errors tell otherwise */
	tail = (1.1 * 10 + tail * independent * (1 - inner)) / (10 + independent * (1 - inner));
	out->conformal_tail = fmin(fmax(tail, 0.8), 2.5);
	out->conformal_top = top;
}

/* Chooses the power of the recent volatility from the mean error of each origin, and divides the errors by it. */
static void
choose_power(const FrnnErrors *errors, double *scratch, FrnnForecaster *out)
{
	int			steps = errors->steps;

	for (int64_t i = 0; i < errors->origins; i++)
	{
		double		sum = 0;
		double		count = 0;

		for (int k = 0; k < steps; k++)
			if (isfinite(errors->error[i * steps + k]))
			{
				sum += fabs(errors->error[i * steps + k]);
				count++;
			}
		scratch[i] = count > 0 ? sum / count : NAN;
	}
	out->conformal_power = frnn_error_power(scratch, errors->recent, errors->origins, errors->independent);
	for (int64_t i = 0; i < errors->origins && out->conformal_power > 0; i++)
		for (int k = 0; k < steps; k++)
			errors->error[i * steps + k] /= frnn_pow(errors->recent[i], out->conformal_power);
}

/* Returns the number of known errors. */
static double
known_errors(const FrnnErrors *errors)
{
	double		known = 0;

	for (int64_t i = 0; i < errors->origins * errors->steps; i++)
		known += isfinite(errors->error[i]) ? 1 : 0;
	return known;
}

void
frnn_conformal_fit(const FrnnErrors *all, const double *shape, double *scratch, FrnnForecaster *out,
				   const FrnnRun *run)
{
	FrnnErrors	known = *all;
	const FrnnErrors *errors = &known;
	double	   *error = errors->error;
	int			steps = errors->steps;
	int64_t		n = 0;
	double		factor;
	int64_t		every = errors->origins * steps / SORTED + 1;

	/* where most targets are missing there are more origins than errors */
	known.independent = fmax(fmin(known.independent, known_errors(all)), 1);
	choose_power(errors, scratch, out);
	out->conformal_independent = effective(errors);
	factor = step_scale(errors, shape, out->recipe.block, out, run);
	for (int64_t i = 0; i < errors->origins; i++)
		for (int k = 0; k < steps; k++)
		{
			double		e = error[i * steps + k] / out->step_scale[k];

			/* forecasts of neighboring origins hardly differ */
			if (isfinite(e) && (i * steps + k) % every == 0)
				error[n++] = e;
		}
	out->conformal_levels = 0;
	out->conformal_count = n;
	/* errors that vanish beside the residuals come from rows where nothing happens */
	if (n == 0 || factor > VANISHING)
	{
		out->conformal_count = 0;
		return;
	}
	tables(error, n, out->conformal_independent, scratch, out);
	for (int k = 0; k < out->recipe.horizon; k++)
		out->step_scale[k] *= factor;
	out->conformal_levels = FRNN_CONFORMAL_LEVELS;
}

void
frnn_conformal_residuals(double *residual, const double *recent, int64_t n, double independent, const double *shape,
						 double *scratch, FrnnForecaster *out)
{
	int			block = out->recipe.block;

	out->conformal_levels = 0;
	out->conformal_count = 0;
	out->conformal_independent = fmin(fmax(independent, 1), (double) n);
	if (n < 1)
		return;
	for (int k = 0; k < out->recipe.horizon; k++)
		out->step_scale[k] = frnn_error_at_step(1, shape, block, k);
	out->conformal_power = frnn_error_power(residual, recent, n, (double) n / block);
	for (int64_t i = 0; i < n; i++)
		residual[i] /= frnn_pow(recent[i], out->conformal_power);
	tables(residual, n, out->conformal_independent, scratch, out);
	out->conformal_levels = FRNN_CONFORMAL_LEVELS;
}

double
frnn_conformal_step(const FrnnForecaster *forecaster, int step)
{
	return frnn_error_at_step(1, forecaster->step_scale, forecaster->recipe.horizon, step);
}

/* Returns the independent errors that residuals support the widths by: as many as the rows hold horizons, at most RESIDUAL_ERRORS. */
static double
support(const FrnnForecaster *forecaster)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	double		rows = recipe->median_rows * (double) forecaster->series;

	return rows > 0 ? fmin(fmax(rows / recipe->horizon, 1), RESIDUAL_ERRORS) : RESIDUAL_ERRORS;
}

FrnnHalfWidths
frnn_conformal_width(const FrnnForecaster *forecaster, double confidence)
{
	double		top = forecaster->conformal_top;
	double		z = normal(confidence);
	double		place;
	double		factor;
	FrnnHalfWidths width = {NAN, NAN};

	if (forecaster->conformal_levels < 1)
		return width;
	/* few errors leave their scale uncertain, and they chose what forecasts; residuals support it */
	factor = frnn_student_t_quantile((1 + confidence) / 2, fmin(forecaster->conformal_independent / CHOSEN_BY + support(forecaster), 1e4)) / z;
	if (confidence > top)
		factor *= frnn_pow(z / normal(top), forecaster->conformal_tail);
	place = fmin(confidence / top, 1) * FRNN_CONFORMAL_LEVELS;
	for (int side = 0; side < 2; side++)
	{
		const double *table = forecaster->conformal + (size_t) side * FRNN_CONFORMAL_LEVELS;
		int			j = (int) place;
		double		low = j > 0 ? table[j - 1] : 0;
		double		high = j < FRNN_CONFORMAL_LEVELS ? table[j] : low;
		double		v = factor * (low + (place - j) * (high - low));

		if (side == 0)
			width.below = v;
		else
			width.above = v;
	}
	return width;
}
