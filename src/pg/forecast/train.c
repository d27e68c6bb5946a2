/*
 * train.c
 *	  rnn_train: a panel in, a model out.
 *
 * One memory context per call; the model's bytes are written to the caller's
 * and the context is deleted.  The panel itself is never flattened.
 */
#include "pg/forecast/train_fit.h"
#include "pg/forecast/train_notice.h"
#include "pg/forecast/train_rows.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_train);
PG_FUNCTION_INFO_V1(rnn_train_warm);

/* Trains in a memory context of its own; warm: argument 1 is a model, not a network.  Returns NULL if no series has enough rows. */
static Datum
train_in_context(FunctionCallInfo fcinfo, bool warm)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "rnn_train", ALLOCSET_DEFAULT_SIZES);
	Jsonb	   *options;
	TrainRequest *request;
	ForecastModel *model;
	bytea	   *result;

	MemoryContextSwitchTo(context);
	options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	if (warm)
	{
		bytea	   *bytes = PG_GETARG_BYTEA_PP(1);
		FrnnModel  *start = frnn_model_read(bytes);

		request = start->forecaster ? train_request_warm(PG_GETARG_DATUM(0), forecast_model_read(bytes), options) :
			train_request_network(PG_GETARG_DATUM(0), start, options);
	}
	else
		request = train_request(PG_GETARG_DATUM(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), options);
	if (train_is_skipped(request->data, request->options))
	{
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(context);
		PG_RETURN_NULL();
	}
	model = train_fit(request, request->data);
	train_notice(fcinfo, request, model);
	result = forecast_model_write(model, request->data, request->options->keep_history, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* Raises an error for a NULL panel, which rnn_panel returns for no rows, so that no NULL is stored as a model. */
static void
check_panel(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("there are no rows to train on: the panel is null")));
}

/* rnn_train(panel, network jsonb, options jsonb) */
Datum
rnn_train(PG_FUNCTION_ARGS)
{
	check_panel(fcinfo);
	return train_in_context(fcinfo, false);
}

/* rnn_train(panel, model bytea, options jsonb): warm start */
Datum
rnn_train_warm(PG_FUNCTION_ARGS)
{
	check_panel(fcinfo);
	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the model to resume the training of is null"),
						errhint("To train a new model, pass a network or NULL::jsonb.")));
	return train_in_context(fcinfo, true);
}
