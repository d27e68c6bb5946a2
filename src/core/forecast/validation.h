/*
 * validation.h
 *	  Inside of frnn_fit: the rows held back at the end of each series, and the
 *	  verdict they give.
 */
#ifndef FRNN_HOLD_OUT_H
#define FRNN_HOLD_OUT_H

#include "core/forecast/pipeline.h"

/* the held-back part of one series */
typedef struct FrnnHeld
{
	int64_t		rows;			/* rows before it */
	int64_t		step;			/* between origins; 0: the series is not judged */
	int64_t		last;			/* last origin; the first is `rows` */
	int64_t		origins;
} FrnnHeld;

/* steps of a forecast that are judged */
extern int	frnn_hold_out_steps(const FrnnRecipe *recipe);
extern FrnnHeld frnn_hold_out(const FrnnRecipe *recipe, int64_t n, int64_t series);

typedef struct FrnnJudge
{
	const FrnnPanelData *panel;
	const FrnnReady *ready;		/* x over all rows, parameters from the rows before */
	FrnnRun		run;			/* ticked between series and steps */
	FrnnForecaster *trial;		/* fitted without the held-back rows */
	int			steps;
	int64_t		judged;			/* series */
	int64_t		origins;
	FrnnForecast *forecast;		/* (judged) */
	int64_t    *origin;			/* (origins) */
	double	   *ridge;			/* (origins, steps) forecasts of x */
	double	   *network;
	double	   *error;			/* (errors of one step, neighbours' included) */
	int			aside;			/* neighbouring steps to each side that lend their errors */
	int64_t    *series;			/* (judged) */
	void	   *block;			/* of frnn_predict */
	size_t		bytes;
} FrnnJudge;

extern FrnnStatus frnn_judge_layout(FrnnJudge *judge, FrnnArena *arena, const FrnnPanelData *panel,
									const FrnnForecaster *trial, FrnnError *error);
/* forecasts of the held-back rows by the trial, losses, mix and table of errors into *out */
extern void frnn_judge(FrnnJudge *judge, FrnnForecaster *out, const FrnnHooks *hooks);

#endif
