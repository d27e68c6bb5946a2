/*
 * validation.h
 *	  Inside of frnn_fit: the validation rows at the end of each series, and
 *	  what is chosen by them.
 */
#ifndef FRNN_VALIDATION_H
#define FRNN_VALIDATION_H

#include "core/base/memory.h"
#include "core/forecast/predict.h"
#include "core/forecast/prepare.h"

/* the validation rows of one series */
typedef struct FrnnValidationRows
{
	int64_t		rows;			/* rows before it */
	int64_t		step;			/* between origins; 0: the series has none */
	int64_t		last;			/* last origin; the first is `rows` */
	int64_t		origins;
} FrnnValidationRows;

/* Returns the steps of a forecast that are evaluated. */
extern int	frnn_validation_steps(const FrnnRecipe *recipe);
extern FrnnValidationRows frnn_validation_rows(const FrnnRecipe *recipe, int64_t n, int64_t series);

typedef struct FrnnValidation
{
	const FrnnPanelData *panel;
	const FrnnReady *ready;		/* x over all rows, parameters from the rows before */
	FrnnRun		run;			/* ticked between series and steps */
	FrnnForecaster *trial;		/* fitted without the validation rows */
	int			steps;
	int64_t		forecasts;		/* series */
	int64_t		origins;
	FrnnForecast *forecast;		/* (forecasts) */
	int64_t    *origin;			/* (origins) */
	double	   *ridge;			/* (origins, steps) forecasts of x */
	double	   *network;
	double	   *alone;			/* forecasts of x by each series' autoregression; only with lags */
	double	   *ar_scratch;
	double	   *recent;			/* (origins) recent volatility */
	double	   *error;			/* (origins) */
	double	   *spread;			/* (frnn_spread_phases) factors of an origin */
	const double *shape;		/* (block) mean absolute residual of the trial's ridge regression per step */
	int64_t    *series;			/* (forecasts) */
	void	   *block;			/* of frnn_predict */
	size_t		bytes;
} FrnnValidation;

extern FrnnStatus frnn_validation_layout(FrnnValidation *validation, FrnnArena *arena, const FrnnPanelData *panel,
										 const FrnnForecaster *trial, FrnnError *error);

/* forecasts of the validation rows by the trial, losses, mix and table of errors into *out */
extern void frnn_validate(FrnnValidation *validation, FrnnForecaster *out, const FrnnHooks *hooks);

#endif
