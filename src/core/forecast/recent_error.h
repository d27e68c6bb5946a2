/*
 * recent_error.h
 *	  Errors since the training, by which intervals become wider or narrower.
 *
 * A series may become wilder or calmer than its training rows were.  The ridge
 * regression forecasts every horizon of rows that has come since, and its mean
 * error there by its mean error on the validation rows (usual_error.c) is the factor
 * of the intervals.  Ridge regression stands for the mixture: it costs little, and what is
 * hard to forecast is hard for both.  With n horizons, of the last
 * FRNN_RECENT_ORIGINS, the factor is
 *
 *	(10 + sum of min(3, error / usual error)) / (10 + n)
 *
 * where a horizon of which not all rows are known counts as the share that is.
 * Origins lie whole horizons after the last training row, so that a forecast has
 * the same intervals whatever else is forecast with it.
 */
#ifndef FRNN_RECENT_ERROR_H
#define FRNN_RECENT_ERROR_H

#include "core/forecast/predict.h"

#define FRNN_RECENT_ORIGINS	40
#define FRNN_RECENT_MOST	3.0 /* times the usual error that the error of one origin counts at most */

/* Returns whether the model knows its usual error; if not, all factors are 1. */
extern bool frnn_recent_known(const FrnnForecaster *forecaster);

/* bytes of the work block; rows: of the longest history */
extern FrnnStatus frnn_recent_size(const FrnnForecaster *forecaster, int64_t rows, size_t *bytes, FrnnError *error);

/*
 * Fills widening (forecast->origins) with the factors of the intervals: 1 where
 * the series was not trained on, or no full horizon of rows has come since.
 */
extern void frnn_recent_widening(const FrnnForecaster *forecaster, const FrnnForecast *forecast, double *widening,
								 void *block, const FrnnHooks *hooks);

#endif
