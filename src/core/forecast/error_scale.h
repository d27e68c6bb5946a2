/*
 * error_scale.h
 *	  How large errors are expected to be: by step, by series, and by phase of
 *	  the season.
 *
 * Prediction intervals are quantiles of standardized validation errors, times
 * this scale.  It is estimated from the residuals of the ridge regression on
 * the training rows, which are many more than the validation errors.
 */
#ifndef FRNN_ERROR_SCALE_H
#define FRNN_ERROR_SCALE_H

#include "core/base/run.h"
#include "core/base/memory.h"
#include "core/forecast/forecaster.h"
#include "core/forecast/prepare.h"

#define FRNN_PHASE_BINS		24	/* at most per period */
#define FRNN_RESIDUALS		8192	/* standardized residuals kept */

typedef struct FrnnErrorScale
{
	double	   *sum;			/* (longest series) residuals of each row, by their step's mean */
	double	   *count;
	double	   *predicted;		/* (block) */
	double	   *step;			/* (block) mean absolute residual of each step, in units of the series' scale */
	double	   *step_count;
	float	   *row;			/* inputs + 2 block floats */
	double	   *raw;			/* (series) mean residual of each series; 0: unknown */
	double	   *residual;		/* (FRNN_RESIDUALS) signed, standardized */
	double	   *recent;			/* (FRNN_RESIDUALS) frnn_error_recent at their origins */
	double	   *scratch;		/* (FRNN_RESIDUALS) */
	double	   *spread;			/* (frnn_spread_phases) factors of an origin */
	int64_t		residuals;
	double		windows;		/* that the ridge regression was fitted to */
	double		change;			/* mean absolute change of a row, in units of the scale, over the series */
	double		growth;			/* power of the rows between that changes grow with: 0 of noise, 0.5 of a random walk */
} FrnnErrorScale;

#define FRNN_ERROR_COLUMNS	3	/* of a series before those of the periods */

/*
 * columns per series: its own scale, its mean absolute change and its usual spread (error_spread.h), both by sigma, then
 * the bins of each period
 */
extern int	frnn_error_scale_columns(const FrnnRecipe *recipe);
extern void frnn_error_scale_layout(FrnnErrorScale *work, FrnnArena *arena, int64_t series, int64_t longest,
									const FrnnRecipe *recipe);

/*
 * Estimates out->error_scale from the residuals of out's ridge regression on
 * the first rows[s] rows of each series, and work->step and work->residual.
 * choose: out->spread_power, too; else it is given.
 */
extern void frnn_error_scale_fit(FrnnErrorScale *work, const FrnnReady *ready, int64_t series, const int64_t *rows,
								 bool choose, FrnnForecaster *out, const FrnnRun *run);

/*
 * Returns unit times shape[step], the size of errors `step` steps ahead (from 0, any).  Beyond the n steps of shape
 * errors are taken to grow as a random walk's: with the square root of the step.
 */
extern double frnn_error_at_step(double unit, const double *shape, int n, int step);

/* Returns the expected relative error at a grid row; scale: columns of the series, or NULL if it was not trained on. */
extern double frnn_error_scale(const FrnnRecipe *recipe, const double *scale, int64_t row);

/*
 * Returns the mean absolute change of the last rows before origin o by the
 * series' own (1 if that is unknown): recent volatility.
 */
extern double frnn_error_recent(const FrnnRecipe *recipe, const double *scale, const FrnnReady *ready, int64_t o);

/*
 * Returns the power of the recent volatility that standardizes n errors best,
 * 0 unless they clearly prefer another.
 */
extern double frnn_error_power(const double *error, const double *recent, int64_t n, double independent);

#endif
