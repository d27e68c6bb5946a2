/*
 * fit_work.h
 *	  Inside of frnn_fit: the work block, and its parts that several files use.
 */
#ifndef FRNN_FORECAST_FIT_WORK_H
#define FRNN_FORECAST_FIT_WORK_H

#include "core/forecast/autoregression.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/fit.h"
#include "core/forecast/ridge.h"
#include "core/forecast/ridge_lags.h"
#include "core/forecast/statics.h"
#include "core/forecast/validation.h"
#include "core/forecast/window_source.h"
#include "core/train/members.h"

typedef struct FrnnFit
{
	const FrnnPanelData *panel;
	const FrnnRecipe *recipe;
	const FrnnNetwork *network;
	const FrnnFitHooks *hooks;
	const FrnnStart *start;		/* NULL: none */
	double		floor;			/* median scale of a model, for the floor under scales; 0: the panel's */
	double		began;
	int			trainings;		/* begun */
	FrnnPhase	phase;
	int			member;
	int			shards;			/* of a mini-batch: one number for both rounds */

	FrnnReady  *ready;			/* (S) */
	double	   *x;				/* all rows of all series */
	uint8_t    *missing;
	int64_t    *rows;			/* (S) rows that count as known */
	int64_t    *last;			/* (S) last origin of validation */
	double	   *scratch;		/* longest series, or S */
	FrnnSamples samples;
	FrnnSamples valid;
	FrnnRidge	ridge;
	FrnnLags   *lags;			/* NULL: windows are summed one by one */
	FrnnAr		ar;				/* with recipe->lags */
	FrnnStatics statics;
	FrnnErrorScale errors;
	double	   *unit;			/* (S) size of errors on the validation rows, by the trial's scales; 0: none */
	FrnnForecaster trial;
	void	   *trial_block;
	FrnnValidation validation;
	void	   *init;
	void	   *train_block;
	size_t		train_bytes;
	const FrnnForecaster *out;	/* refit: whose members are trained */
	FrnnTraining training;
	FrnnTask   *task;			/* (members) here or in the team's block, as the weights are */
	float	   *weights;
	float	   *state;			/* (members, frnn_optimizer_state, parameters) with recipe->keep_optimizer */
	double		deadline;
	int			processes;
} FrnnFit;

/* fit_layout.c */

/* Lays the work block out; with an arena without a base it only measures. */
extern FrnnStatus frnn_fit_layout(FrnnFit *fit, FrnnArena *arena, FrnnError *error);

/* Returns the training of a network on so many windows. */
extern FrnnTraining frnn_fit_training(const FrnnRecipe *recipe, int shards, int64_t samples);

/* fit.c */
extern void frnn_fit_tick(void *arg);
extern double frnn_fit_now(void *arg);
extern FrnnHooks frnn_fit_hooks(FrnnFit *fit);

/* fit_ridge.c */

/* Sets the rows that count as known: all of the panel, with or without its validation rows. */
extern void frnn_fit_rows(FrnnFit *fit, bool without_validation);

/* Makes series ready, with the parameters of their first fit->rows rows. */
extern void frnn_fit_prepare(FrnnFit *fit, FrnnForecaster *out);

/* Fits the ridge regression to the training windows, or takes it from the warm start. */
extern void frnn_fit_ridge(FrnnFit *fit, FrnnForecaster *out);

/* Sets the highway's weights to the solution of the ridge regression. */
extern void frnn_start_at_ridge(const FrnnForecaster *out, float *params);

/* fit_members.c */

/* Sets the weights that the training of a member starts from. */
extern void frnn_fit_start_weights(FrnnFit *fit, const FrnnForecaster *out, uint64_t seed, int member, float *params);

/* Trains all members, side by side if the caller's team takes the job. */
extern FrnnStatus frnn_fit_members(FrnnFit *fit, FrnnForecaster *out, FrnnError *error);

#endif
