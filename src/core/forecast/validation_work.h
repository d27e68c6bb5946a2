/*
 * validation_work.h
 *	  Inside of frnn_validate: what the choice of the mixture and of its level share, and the usual error.
 *
 * Errors are in x (transformed, profiles off) divided by the series' scale, so series of all sizes count alike.
 * Imputed targets do not count.
 */
#ifndef FRNN_VALIDATION_WORK_H
#define FRNN_VALIDATION_WORK_H

#include "core/forecast/level.h"
#include "core/forecast/season.h"
#include "core/forecast/validation.h"

/* what a member of the mixture forecasts by */
typedef struct FrnnMember
{
	int			period;			/* rows of the season that is repeated; 0: the last value is; -1: not naive */
	double		alpha;			/* of the level; 0: no level.  Neither: the models */
} FrnnMember;

/* z, the series with its profiles */
static inline double
frnn_with_profile(const FrnnValidation *validation, const FrnnReady *ready, int64_t row)
{
	double		season = 0;

	frnn_profile_sum(&validation->trial->recipe, ready->profile, &ready->clock, ready->offset + row, 1, &season);
	return ready->x[row] + season;
}

/* the models' forecast of x at a point */
static inline double
frnn_models_value(const FrnnValidation *validation, double mix, size_t point)
{
	return (mix > 0 ? mix * validation->network[point] : 0) + (mix < 1 ? (1 - mix) * validation->ridge[point] : 0);
}

/* what an error adds to the sum that members are compared by */
static inline double
frnn_error_counted(double error, bool squared)
{
	return squared ? error * error : fabs(error);
}

/* mixture.c */

/* Forecasts from neighbouring origins share targets: the number of forecasts, laid end to end, that say as much. */
extern double frnn_independent_errors(const FrnnValidation *validation);

/* Returns z at the naive forecast of step k from origin o: of the season before if that row is known, else the last value. */
extern double frnn_naive_known(const FrnnValidation *validation, const FrnnReady *ready, int period, int64_t o, int k);

/* Returns the network's weight beside ridge regression. */
extern double frnn_choose_mix(const FrnnValidation *validation, const FrnnForecaster *out);

/* Returns the mean error of a member, each error counting up to `most`; NaN without a point. */
extern double frnn_member_error(FrnnValidation *validation, double mix, double most, FrnnMember member);

/* Chooses the shares of autoregression, naive forecasts and level. */
extern void frnn_choose_shares(FrnnValidation *validation, FrnnForecaster *out);

/* Replaces the forecasts of ridge by those of the mixture, all in x. */
extern void frnn_mix_forecasts(FrnnValidation *validation, const FrnnForecaster *out);

/* level_choice.c */

/* Chooses the alpha of the level; returns its error as frnn_member_error does, infinite if there is none. */
extern double frnn_choose_level(FrnnValidation *validation, double most, FrnnForecaster *out);

/* usual_error.c */

/*
 * Returns the mean |error| of the trial's ridge regression over the validation rows, each error in units of its series and
 * its error scale, by validation->shape; 0 if there is none.  validation->ridge has its forecasts of x.
 */
extern double frnn_ridge_usual(FrnnValidation *validation);

/* Returns shape's sum over the steps of a forecast by that of forecaster's step_scale: turns the above to the units of that. */
extern double frnn_shape_by_scale(const double *shape, const FrnnForecaster *forecaster);

#endif
