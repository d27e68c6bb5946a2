/*
 * init.c
 *	  rnn_init: a network with Keras's initial weights, not trained yet.
 */
#include "pg/model/model.h"

#include "catalog/pg_type.h"
#include "pg/server/bridge.h"
#include "pg/model/network_json.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(rnn_init);

void
frnn_input_shape(ArrayType *shape, FrnnNetwork *network)
{
	Datum	   *dim;
	bool	   *null;
	int			n;

	if (ARR_NDIM(shape) != 1 || ArrayGetNItems(ARR_NDIM(shape), ARR_DIMS(shape)) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("input_shape must be {time steps, features}"),
				 errhint("Write '{30,1}' for windows of 30 single values, or '{NULL,1}' for any number of time steps.")));
	deconstruct_array(shape, INT4OID, 4, true, TYPALIGN_INT, &dim, &null, &n);
	if (!null[0] && (DatumGetInt32(dim[0]) < 1 || DatumGetInt32(dim[0]) > FRNN_MAX_STEPS))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time steps of input_shape must be between 1 and %d, or NULL, not %d",
						FRNN_MAX_STEPS, DatumGetInt32(dim[0]))));
	if (null[1])
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("features of input_shape must not be NULL")));
	network->time_steps = null[0] ? 0 : DatumGetInt32(dim[0]);
	network->input_size = DatumGetInt32(dim[1]);
}

Datum
rnn_init(PG_FUNCTION_ARGS)
{
	FrnnModel  *model = palloc0(sizeof(FrnnModel));
	uint64		seed = (uint64) PG_GETARG_INT64(2);
	FrnnRun		run = {frnn_pg_tick, NULL, false, 0, 0};
	FrnnError	error;

	frnn_network_from_jsonb(PG_GETARG_JSONB_P(0), &model->network);
	frnn_input_shape(PG_GETARG_ARRAYTYPE_P(1), &model->network);
	frnn_check(frnn_network_resolve(&model->network, &error), &error);
	model->members = 1;
	model->params = frnn_allocate(frnn_mul(model->network.parameters, sizeof(float)), "the model");
	frnn_network_init(&model->network, seed, model->params,
					  frnn_allocate(frnn_init_scratch(&model->network), "initialisation"), &run);
	PG_RETURN_BYTEA_P(frnn_model_write(model, CurrentMemoryContext));
}
