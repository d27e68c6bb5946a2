/*
 * autoregression.h
 *	  Two regressions of each series on its own last rows, forecast row by row.
 *
 * Ridge regression and networks have one set of weights for all series.  An autoregression has a set for each: with z
 * the transformed series, its profiles included, and m the mean of the last season's rows before a row,
 *
 *	z(t) - m = constant sigma + sum over i = 1 .. lags of weight(i) (z(t - i) - m)
 *
 * fitted by least squares with a penalty (Hoerl and Kennard, "Ridge regression", Technometrics 12, 1970).  A forecast
 * takes the place of each row that is not known yet.  The longer one sees the longest season, the shorter one two of the
 * shortest; they err in different ways, so the forecast is the mean of both.
 */
#ifndef FRNN_AUTOREGRESSION_H
#define FRNN_AUTOREGRESSION_H

#include "core/forecast/prepare.h"
#include "core/forecast/ridge.h"

#define FRNN_AR_LARGEST		1e6 /* weight */

/* buffers of a fit, and of a forecast */
typedef struct FrnnAr
{
	FrnnRidge	ridge;			/* of the longer autoregression */
	FrnnRidge	short_ridge;
	double	   *u;				/* (rows) scaled values */
	double	   *sums;			/* (lags + 1, lags + 1) products of lagged rows; lag 0: the target */
	double	   *mean;			/* (lags + 1) sums with the level */
	double	   *total;			/* (lags + 1) sums of lagged rows */
	double	   *weight;			/* (lags) */
} FrnnAr;

/* Returns the lags for a panel whose typical series has so many rows; 0: too few for any. */
extern int	frnn_ar_lags(const FrnnRecipe *recipe);

/* Returns the rows whose mean is the level of an autoregression with so many lags. */
extern int	frnn_ar_level_rows(const FrnnRecipe *recipe, int lags);

/* Takes the buffers for series of at most so many rows. */
extern void frnn_ar_layout(FrnnAr *ar, FrnnArena *arena, const FrnnRecipe *recipe, int64_t longest);

/* Writes the weights (frnn_ar_columns) of a series from its first rows, the longer ones first; all 0: it has none. */
extern void frnn_ar_fit(FrnnAr *ar, const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, const FrnnRun *run,
						float *weight);

/* doubles of scratch that frnn_ar_forecast needs */
extern size_t frnn_ar_scratch(const FrnnRecipe *recipe, int steps);

/*
 * Writes the forecasts of z of `steps` rows from origin o on, o in rows of ready.  Returns false if there are none:
 * no weights, fewer rows than lags before o, or a clock change between the first lag and the last step, which moves
 * the seasons.
 */
extern bool frnn_ar_forecast(const FrnnRecipe *recipe, const float *weight, const FrnnReady *ready, int64_t o, int steps,
							 double *scratch, double *out);

#endif
