/*
 * train_fit.h
 *	  The training of a forecaster on a panel, for rnn_train and for back-tests
 *	  that train again at each cutoff.
 */
#ifndef FRNN_PG_TRAIN_FIT_H
#define FRNN_PG_TRAIN_FIT_H

#include "pg/forecast/train_request.h"

/* Chooses what was not given and fits the model to `data`; the result lives in the current context. */
extern ForecastModel *train_fit(const TrainRequest *request, PanelData *data);

#endif
