/*
 * conformal.c
 *	  Widths of intervals from errors on validation rows.
 */
#include <math.h>

#include "core/base/order.h"
#include "core/forecast/conformal.h"

int
frnn_conformal_keep(double *error, int64_t n, int64_t count, double effective, double *row)
{
	int			levels = count < FRNN_CONFORMAL_LEVELS ? (int) count : FRNN_CONFORMAL_LEVELS;
	/* column i stands for confidence (i + 1) / parts: all errors, or as many quantiles */
	int			parts = count <= FRNN_CONFORMAL_LEVELS ? levels + 1 : levels;

	frnn_sort(error, n);
	for (int i = 0; i < levels; i++)
	{
		/* of m independent errors the ceil((m+1) p)-th covers a new one with probability p */
		double		share = (effective + 1) / effective * (i + 1) / parts;
		int64_t		rank = share < 1 ? (int64_t) ceil((double) n * share - 1e-9) : n;

		row[i] = error[(rank < 1 ? 1 : rank) - 1];
	}
	return levels;
}

/*
 * Beyond the steps that were evaluated errors are taken to grow as a random
 * walk's: with the square root of the step.
 */
double
frnn_conformal_width(const FrnnForecaster *forecaster, int step, double confidence)
{
	int			levels = forecaster->conformal_levels;
	int			known = forecaster->recipe.horizon;
	double		place;
	int			rank;
	double		growth = 1;

	if (levels < 1)
		return NAN;
	if (step >= known)
	{
		growth = sqrt((double) (step + 1) / known);
		step = known - 1;
	}
	place = confidence * (forecaster->conformal_count <= FRNN_CONFORMAL_LEVELS ?
						  (double) forecaster->conformal_count + 1 : (double) levels);
	rank = (int) ceil(place - 1e-9);
	if (rank < 1)
		rank = 1;
	if (rank > levels)
		rank = levels;
	return growth * forecaster->conformal[(size_t) step * FRNN_CONFORMAL_LEVELS + rank - 1];
}
