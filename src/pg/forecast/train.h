/*
 * train.h
 *	  Training of forecasters on panels, for rnn_train and for back-tests that
 *	  train again at each cutoff.
 */
#ifndef FRNN_PG_TRAIN_H
#define FRNN_PG_TRAIN_H

#include "pg/server/compat.h"
#include "pg/forecast/forecast_input.h"

/* All arguments of a call, checked; nothing is chosen from the rows yet. */
typedef struct TrainRequest
{
	MemoryContext context;		/* the call's own; its bytes are compared with the limit */
	Jsonb	   *given;			/* options as given; may be NULL */
	FrnnOptions *options;
	ForecastModel *old;			/* warm start, or NULL */
	bool		call_plan;		/* warm start: the call itself gives epochs or steps_per_epoch */
	const FrnnModel *start;		/* plain network whose weights are the start, or NULL */
	FrnnRecipe	recipe;			/* AUTO for what was not given */
	FrnnNetwork network;		/* layers given, if any */
	PanelData  *data;
	int			horizon;
} TrainRequest;

/* Reads a request into the current context, the call's own.  network: jsonb or NULL; panel: a datum of type rnn_panel. */
extern TrainRequest *train_request(Datum panel, Jsonb *network, Jsonb *options);
extern TrainRequest *train_request_warm(Datum panel, ForecastModel *old, Jsonb *options);
extern TrainRequest *train_request_network(Datum panel, const FrnnModel *start, Jsonb *options);

/* Chooses what was not given and fits the model to `data`; the result lives in the current context. */
extern ForecastModel *train_fit(const TrainRequest *request, PanelData *data);

#endif
