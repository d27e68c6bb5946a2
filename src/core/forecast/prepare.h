/*
 * prepare.h
 *	  A series prepared for windows: gaps filled, transformed, without its profiles.
 *
 * Series are double: a float would lose the differences of a series whose level is
 * large.  What the models read (scaled windows) is float.
 */
#ifndef FRNN_PREPARE_H
#define FRNN_PREPARE_H

#include "core/forecast/forecaster.h"

typedef struct FrnnReady
{
	int64_t		n;				/* rows of x */
	double	   *x;				/* (n) transformed, without profiles, no gaps; before row 0 it continues x[0] */
	const uint8_t *missing;		/* (n) rows that carry no loss; NULL: none */
	bool		complete;		/* there are none: no need to read it */
	bool		sparse;			/* most training rows are missing */
	const double *profile;		/* (profile_rows) */
	int64_t		offset;			/* grid row of x[0] */
	FrnnClock	clock;
	const double *covariate;	/* (covariate_rows, covariates), raw; NULL without */
	int64_t		covariate_rows;
	const double *covariate_mean;
	const double *covariate_sd;
	const double *statics;		/* (statics), raw; NULL: unknown */
	const double *static_mean;
	const double *static_sd;
	double		static_level;	/* level that the static covariates lead to */
	double		sigma;			/* 0: constant, takes no part in training */
	double		center;
} FrnnReady;

/*
 * Parameters of a series from its first `rows` rows: number
 * (FRNN_SERIES_NUMBERS, sigma without the panel's floor), profile, and x for
 * all n rows.  scratch: n doubles.
 */
extern void frnn_prepare(const FrnnRecipe *recipe, const FrnnSeriesData *data, int64_t n, int64_t rows,
						 double *number, double *profile, double *x, uint8_t *missing, double *scratch);

#endif
