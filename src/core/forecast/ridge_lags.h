/*
 * ridge_lags.h
 *	  Sums of the ridge regression from products of lagged rows.
 */
#ifndef FRNN_RIDGE_LAGS_H
#define FRNN_RIDGE_LAGS_H

#include "core/forecast/prepare.h"
#include "core/forecast/ridge.h"

typedef struct FrnnLags FrnnLags;

/* Returns true if the windows of so many origins, `step` rows apart, are summed faster by lags than one by one. */
extern bool frnn_lags_pay(const FrnnRecipe *recipe, int64_t origins, int64_t step);

/* Takes the buffers of frnn_lags_add. */
extern FrnnLags *frnn_lags_layout(FrnnArena *arena, const FrnnRecipe *recipe);

/*
 * Adds the windows at origins first, first + step .. of a series: the sums that frnn_ridge_add gives, but for the
 * rounding of inputs to float.  Needs at least as many origins as a window and its targets have rows, and step <= the
 * window.
 */
extern void frnn_lags_add(FrnnLags *lags, FrnnRidge *ridge, const FrnnRecipe *recipe, const FrnnReady *ready,
						  int64_t first, int64_t origins, int64_t step);

#endif
