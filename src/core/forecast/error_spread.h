/*
 * error_spread.h
 *	  How much values at one phase of the season differed lately from cycle to cycle, and the factors of errors that
 *	  follow from it.
 *
 * A forecast errs more at hours that were wild in the last weeks.  The factors of a forecast are a power of that spread
 * by the series' usual one; the power is the one that standardizes the residuals of the ridge regression best.  Only rows
 * of the window count, so that a stream, which keeps no others, has the same intervals.
 */
#ifndef FRNN_ERROR_SPREAD_H
#define FRNN_ERROR_SPREAD_H

#include "core/forecast/error_scale.h"

/* phases that have a factor of their own; 1 if the window holds too few cycles of the shortest season */
extern int	frnn_spread_phases(const FrnnRecipe *recipe);

/* rows before an origin that are read */
extern int64_t frnn_spread_rows(const FrnnRecipe *recipe);

/*
 * Writes the factors (phases) of errors of steps 1, 2 .. from an origin, step k + phases has that of step k; all are 1 if
 * the spread is not known.  scale: columns of the series, NULL if it was not trained on; end: after the last of `rows`
 * values x before the origin, sigma: their scale; missing: after the last of as many flags of rows that are filled in, which
 * tell nothing, NULL: there are none; power: of the spread, 0 to 1.
 */
extern void frnn_error_spread(const FrnnRecipe *recipe, const double *scale, double power, const double *end,
							  const uint8_t *missing, int64_t rows, double sigma, double *factor);

/* the flags before an origin of a training */
static inline const uint8_t *
frnn_missing_before(const FrnnReady *ready, int64_t o)
{
	return ready->complete || !ready->missing ? NULL : ready->missing + o;
}

/* Returns the usual spread of a series' first `rows` rows by sigma, column 2 of its error scale; 0: unknown. */
extern double frnn_usual_spread(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, double *factor);

/*
 * Residuals at all phases of the shortest season by each power that may be chosen.
 */
#define FRNN_SPREAD_POWERS	5	/* 0, 1/4, 1/2, 3/4, 1 */

typedef struct FrnnSpreadChoice
{
	double		sum[FRNN_SPREAD_POWERS][FRNN_PHASE_BINS];	/* of the series at hand: |residual| by the power of its
															 * factor */
	double		log[FRNN_PHASE_BINS];	/* of the factors */
	double		count[FRNN_PHASE_BINS];
	double		loss[FRNN_SPREAD_POWERS];	/* of the series before it: of a Laplace distribution with a mean for each
											 * phase */
} FrnnSpreadChoice;

/* Adds a residual at a phase bin; factor: of its step by power 1. */
extern void frnn_spread_add(FrnnSpreadChoice *choice, int bin, double residual, double factor);

/* Ends a series. */
extern void frnn_spread_next(FrnnSpreadChoice *choice);

/* Returns the power; together: residuals that count as one. */
extern double frnn_spread_power(const FrnnSpreadChoice *choice, double together);

#endif
