/*
 * train_request.h
 *	  The arguments of a training, for rnn_train and for back-tests that train
 *	  again at each cutoff.
 */
#ifndef FRNN_PG_TRAIN_REQUEST_H
#define FRNN_PG_TRAIN_REQUEST_H

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
	bool		bounded;		/* the values keep to limits that were not given: options and given have them */
} TrainRequest;

/*
 * Read the arguments into the current context, the call's own; bad ones are an
 * error.  panel: a datum of type rnn_panel; options: NULL for the defaults.
 *
 * A new network (NULL: one is chosen), a forecaster whose training goes on, or
 * a plain network, an imported one for example.  The inputs of a plain network
 * are, without options for them, the values of the window alone, as many per
 * time step as the network takes.
 */
extern TrainRequest *train_request(Datum panel, Jsonb *network, Jsonb *options);
extern TrainRequest *train_request_warm(Datum panel, ForecastModel *old, Jsonb *options);
extern TrainRequest *train_request_network(Datum panel, const FrnnModel *start, Jsonb *options);

#endif
