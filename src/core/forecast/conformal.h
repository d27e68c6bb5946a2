/*
 * conformal.h
 *	  Prediction intervals from validation errors.
 */
#ifndef FRNN_CONFORMAL_H
#define FRNN_CONFORMAL_H

#include "core/base/run.h"
#include "core/forecast/forecaster.h"

/* validation errors: actual less forecast, in units of the series' scale and its error scale */
typedef struct FrnnErrors
{
	int			steps;
	int64_t		origins;
	double	   *error;			/* (origins, steps); NaN where there is none; overwritten */
	double		independent;	/* number of independent errors per step, if series are independent */
	double		series;			/* number of series */
	const double *recent;		/* (origins) recent volatility */
} FrnnErrors;

typedef struct FrnnHalfWidths
{
	double		below;
	double		above;
} FrnnHalfWidths;

/*
 * Fills the intervals' part of *out.  shape: mean absolute residual of each
 * step of a block; scratch: as many doubles as there are errors.
 */
extern void frnn_conformal_fit(const FrnnErrors *errors, const double *shape, double *scratch, FrnnForecaster *out,
							   const FrnnRun *run);

/* The same from n standardized residuals on training rows, if there is no validation error. */
extern void frnn_conformal_residuals(double *residual, const double *recent, int64_t n, double independent,
									 const double *shape, double *scratch, FrnnForecaster *out);

/* Half-widths of the interval for an error scale and a step scale of 1; NaN if unknown. */
extern FrnnHalfWidths frnn_conformal_width(const FrnnForecaster *forecaster, double confidence);

/* Returns the scale of errors `step` steps ahead (from 0, any). */
extern double frnn_conformal_step(const FrnnForecaster *forecaster, int step);

#endif
