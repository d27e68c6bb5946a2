/*
 * fit.h
 *	  Fitting a forecaster to a panel.
 */
#ifndef FRNN_FORECAST_FIT_H
#define FRNN_FORECAST_FIT_H

#include "core/forecast/forecaster.h"
#include "core/forecast/ridge.h"
#include "core/train/train.h"

typedef enum FrnnPhase
{
	FRNN_PHASE_VALIDATION,		/* one network without the validation rows */
	FRNN_PHASE_REFIT			/* the members, on all rows */
} FrnnPhase;

typedef struct FrnnFitHooks
{
	void		(*tick) (void *arg);	/* interrupts; may not return */
	void		(*epoch) (void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch);	/* may be NULL */
	double		(*clock) (void *arg);	/* seconds, monotone; NULL: no time_limit */
	void	   *arg;
	const struct FrnnTeam *team;	/* helpers in other processes (shard.h); NULL: none */
} FrnnFitHooks;

/* bytes of the work block */
extern FrnnStatus frnn_fit_size(const FrnnPanelData *panel, const FrnnRecipe *recipe, const FrnnNetwork *network,
								size_t *bytes, FrnnError *error);

/* What a warm start takes from another model, of the same network. */
typedef struct FrnnStart
{
	const float *params;		/* (members, parameters): member k starts from set k, or from set k mod members */
	int			members;
	const FrnnForecaster *ridge;	/* its ridge regression, scale of covariates and regression on static ones are
									 * kept; NULL: fitted again */
	const FrnnForecaster *resume;	/* its training goes on: optimizer's state, place, and what its validation rows
									 * chose; NULL: a training of its own */
	uint64_t	base;			/* the new model's base; 0: the checksum of the weights it starts from */
	const int64_t *known;		/* (S) of each series of the panel its number in `ridge`, or -1; NULL: none is in it */
} FrnnStart;

/*
 * Fit.  forecaster: laid out for the panel's series and recipe->ensemble
 * members (0 for FRNN_NETWORK_RIDGE).  start: a warm start, or NULL.  A series
 * that cannot be used gets its status in series_number; the others go on.
 */
extern FrnnStatus frnn_fit(const FrnnPanelData *panel, FrnnForecaster *forecaster, const FrnnStart *start,
						   void *block, const FrnnFitHooks *hooks, FrnnError *error);

/*
 * Sums the rows of a panel for the ridge regression of a model, which decides how
 * they are prepared: its recipe, the scale of its covariates and its floor under
 * the scales of series.  So sums of several panels can be added.  Every window is
 * used, however many there are.  known: as in FrnnStart.  block: bytes of
 * frnn_ridge_sums_size; *sums points into it.
 */
extern FrnnStatus frnn_ridge_sums_size(const FrnnPanelData *panel, const FrnnForecaster *model, size_t *bytes,
									   FrnnError *error);
extern FrnnStatus frnn_ridge_sums(const FrnnPanelData *panel, const FrnnForecaster *model, const int64_t *known,
								  void *block, const FrnnFitHooks *hooks, FrnnRidge *sums, FrnnError *error);

/*
 * Gives a model the ridge regression of sums, which are overwritten.  If none of
 * its members has been trained yet, their linear maps start at it.
 */
extern void frnn_ridge_set(FrnnForecaster *model, FrnnRidge *sums);

#endif
