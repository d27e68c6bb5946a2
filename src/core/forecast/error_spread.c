/*
 * error_spread.c
 *	  Recent spread of the values at each phase of the shortest season.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/forecast/error_spread.h"

#define LEAST_CYCLES	4
#define MOST_CYCLES		14		/* whose weights are not yet nothing */
#define FADE			0.75	/* weight of a cycle by that of the one after it */
#define EVEN			0.05	/* share of the mean over the phases that each has: a few cycles may be alike by
								 * chance */
#define SMOOTHED		12		/* phases of a season whose neighbors are alike */
#define LEAST_SPREAD	0.2		/* by the usual one */
#define MOST_SPREAD		5.0
#define ORIGINS			100		/* that tell what is usual */
#define EVIDENCE		1.0		/* log-likelihood that a power other than 0 must gain */

static int
cycles(const FrnnRecipe *recipe)
{
	int			n = recipe->periods > 0 && recipe->period[0] > 1 ? recipe->time_steps / recipe->period[0] : 0;

	if (n < LEAST_CYCLES || recipe->pooled || recipe->intermittent)
		return 0;
	return n < MOST_CYCLES ? n : MOST_CYCLES;
}

int
frnn_spread_phases(const FrnnRecipe *recipe)
{
	return cycles(recipe) > 0 ? recipe->period[0] : 1;
}

int64_t
frnn_spread_rows(const FrnnRecipe *recipe)
{
	return cycles(recipe) > 0 ? (int64_t) cycles(recipe) * recipe->period[0] : 0;
}

/*
 * Returns the variance of n values, each m rows before the next, the last m rows before `end`; later ones weigh more.  NaN
 * if too few of them are known.
 */
static double
faded_variance(const double *end, const uint8_t *missing, int m, int n)
{
	double		weight = 1;
	double		sum = 0;
	double		squares = 0;
	double		mean = 0;
	double		variance = 0;
	int			known = 0;

	/* each value moves the mean of those after it (West 1979) */
	for (int c = 1; c <= n; c++, weight *= FADE)
	{
		int64_t		row = -(int64_t) c * m;
		double		change = end[row] - mean;

		if (missing && missing[row])
			continue;
		sum += weight;
		squares += weight * weight;
		mean += change * (weight / sum);
		variance += weight * change * (end[row] - mean);
		known++;
	}
	return known >= LEAST_CYCLES ? variance / (sum - squares / sum) : NAN;
}

/*
 * Writes the spread of each phase, NaN where it is unknown, and returns that of all, 0 if none is known; end and missing
 * as in frnn_error_spread.
 */
static double
spreads(const FrnnRecipe *recipe, const double *end, const uint8_t *missing, double *spread)
{
	int			m = recipe->period[0];
	int			n = cycles(recipe);
	double		mean = 0;
	double		known = 0;
	double		first;
	double		before;

	for (int k = 0; k < m; k++)
	{
		spread[k] = faded_variance(end + k, missing ? missing + k : NULL, m, n);
		mean += isnan(spread[k]) ? 0 : spread[k];
		known += isnan(spread[k]) ? 0 : 1;
	}
	mean /= fmax(known, 1);
	first = spread[0];
	before = spread[m - 1];
	for (int k = 0; k < m; k++)
	{
		double		own = spread[k];
		double		after = k + 1 < m ? spread[k + 1] : first;

		/* an unknown neighbor is as the phase itself */
		if (m >= SMOOTHED)
			spread[k] = ((isnan(before) ? own : before) + 2 * own + (isnan(after) ? own : after)) / 4;
		spread[k] = sqrt(spread[k] + EVEN * mean);
		before = own;
	}
	return sqrt(mean);
}

void
frnn_error_spread(const FrnnRecipe *recipe, const double *scale, double power, const double *end, const uint8_t *missing,
				  int64_t rows, double sigma, double *factor)
{
	int			phases = frnn_spread_phases(recipe);
	double		usual = scale ? scale[2] * sigma : 0;

	for (int k = 0; k < phases; k++)
		factor[k] = 1;
	if (phases == 1 || !(power > 0) || !(usual > 0) || rows < frnn_spread_rows(recipe))
		return;
	spreads(recipe, end, missing, factor);
	for (int k = 0; k < phases; k++)
	{
		double		relative = isnan(factor[k]) ? 1 : factor[k] / usual;

		relative = fmin(fmax(relative, LEAST_SPREAD), MOST_SPREAD);
		factor[k] = power == 1 ? relative : frnn_pow(relative, power);
	}
}

double
frnn_usual_spread(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, double *factor)
{
	int64_t		first = frnn_spread_rows(recipe);
	int64_t		stride = (rows - first) / ORIGINS + 1;
	double		sum = 0;
	double		count = 0;

	if (first == 0 || ready->sigma <= 0)
		return 0;
	for (int64_t o = rows; o >= first; o -= stride)
	{
		double		spread = spreads(recipe, ready->x + o, frnn_missing_before(ready, o), factor);

		sum += spread;
		count += spread > 0 ? 1 : 0;
	}
	return count > 0 && isfinite(sum) ? fmin(sum / count / ready->sigma, 1e6) : 0;
}

void
frnn_spread_add(FrnnSpreadChoice *choice, int bin, double residual, double factor)
{
	double		part = 1 / frnn_pow(factor, 1.0 / (FRNN_SPREAD_POWERS - 1));
	double		size = fabs(residual);

	for (int p = 0; p < FRNN_SPREAD_POWERS; p++, size *= part)
		choice->sum[p][bin] += size;
	choice->log[bin] += frnn_log(factor);
	choice->count[bin]++;
}

void
frnn_spread_next(FrnnSpreadChoice *choice)
{
	for (int p = 0; p < FRNN_SPREAD_POWERS; p++)
		for (int b = 0; b < FRNN_PHASE_BINS; b++)
			if (choice->sum[0][b] > 0)
				choice->loss[p] += choice->count[b] * frnn_log(choice->sum[p][b] / choice->count[b]) +
					choice->log[b] * p / (FRNN_SPREAD_POWERS - 1);
	memset(choice->sum, 0, sizeof(choice->sum));
	memset(choice->log, 0, sizeof(choice->log));
	memset(choice->count, 0, sizeof(choice->count));
}

double
frnn_spread_power(const FrnnSpreadChoice *choice, double together)
{
	int			chosen = 0;

	for (int p = 1; p < FRNN_SPREAD_POWERS; p++)
		if (choice->loss[p] < choice->loss[chosen] - (chosen == 0 ? EVIDENCE * together : 0))
			chosen = p;
	return (double) chosen / (FRNN_SPREAD_POWERS - 1);
}
