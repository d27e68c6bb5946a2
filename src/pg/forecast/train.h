/*
 * train.h
 *	  Training as the row level does it, for rnn_train and for back-tests that
 *	  train again at each cutoff.
 */
#ifndef FRNN_PG_TRAIN_H
#define FRNN_PG_TRAIN_H

#include "pg/server/compat.h"
#include "pg/forecast/forecast_input.h"

/* everything a call asks for, checked, but nothing chosen from the rows yet */
typedef struct TrainRequest
{
	MemoryContext context;		/* the call's own, which holds all that it takes */
	Jsonb	   *given;			/* options as given; may be NULL */
	FrnnOptions *options;
	ForecastModel *old;			/* warm start, or NULL */
	FrnnRecipe	recipe;			/* AUTO where nothing was given */
	FrnnNetwork network;		/* layers given, if any */
	PanelData  *data;
	int			horizon;
} TrainRequest;

/* in the call's own context; network: jsonb or NULL; panel: a datum of type rnn_panel */
extern TrainRequest *train_request(Datum panel, Jsonb *network, Jsonb *options);
extern TrainRequest *train_request_warm(Datum panel, ForecastModel *old, Jsonb *options);

/* choose what was not given from `data` and fit; the result lives in the current context */
extern ForecastModel *train_fit(const TrainRequest *request, PanelData *data);

#endif
