/*
 * statics.h
 *	  Static covariates: numbers of a series that do not change over time.
 *
 * They are inputs once per window, standardized over the series.  One more
 * input tells how far the window's level is from the level that series with
 * such numbers have, which a window without its level does not show.
 */
#ifndef FRNN_STATICS_H
#define FRNN_STATICS_H

#include "core/base/memory.h"
#include "core/base/run.h"
#include "core/forecast/prepare.h"

/* scales that a level counts as away from the one its static covariates lead to, at most */
#define FRNN_STATIC_DISTANCE	10.0

/* work memory of frnn_statics_fit */
typedef struct FrnnStatics
{
	double	   *level;			/* (S) mean of x over the training rows */
	uint8_t    *used;			/* (S) series with a level */
	double	   *product;		/* (p, p) */
	double	   *inverse;		/* (p, p) */
	double	   *row;			/* (p) */
	double	   *sum;			/* (p) */
	double	   *scratch;		/* (FRNN_PRODUCT_SCRATCH) */
} FrnnStatics;

extern void frnn_statics_layout(FrnnStatics *work, FrnnArena *arena, int64_t series, int statics);

/*
 * Estimates the scales of the static covariates and the levels that follow from
 * them, by ridge regression over the series.  The level of a series that was
 * trained on is that of the other series: without its own rows, as for a series
 * that is not known.  x of ready holds the prepared rows, rows[s] of which count.
 */
extern void frnn_statics_fit(FrnnStatics *work, const FrnnPanelData *panel, const FrnnReady *ready, const int64_t *rows,
							 FrnnForecaster *out, const FrnnRun *run);

/*
 * Takes the scales and the regression of a model in their place.  known[s] is the
 * model's series that s is, whose level it keeps, or -1; NULL: none is known.
 */
extern void frnn_statics_keep(const FrnnForecaster *kept, const int64_t *known, const FrnnPanelData *panel, FrnnForecaster *out);

/* Returns static covariate c of a series in standard deviations; 0, the mean, if it is unknown. */
extern double frnn_static(const double *statics, const double *mean, const double *sd, int c);

/*
 * Returns the level that the static covariates lead to, 0 without any; index: of the series, or -1 if it was not
 * trained on.  unit: the series' own (FRNN_N_UNIT).
 */
extern double frnn_statics_level(const FrnnForecaster *forecaster, int64_t index, const double *statics, double unit);

#endif
