/*
 * model_rows.c
 *	  Parts of a model as rows: weights, history and summary.
 */
#include "pg/model/model.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pg/model/network_json.h"
#include "pg/model/network_keras.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "pg/tensor/tensor.h"

PG_FUNCTION_INFO_V1(rnn_weights);
PG_FUNCTION_INFO_V1(rnn_history);
PG_FUNCTION_INFO_V1(rnn_summary_model);
PG_FUNCTION_INFO_V1(rnn_summary_network);

Datum
rnn_weights(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	FrnnModel  *model;
	FrnnTensor *tensor = palloc(FRNN_MAX_TENSORS * sizeof(FrnnTensor));
	char		name[ST_MAX_NAME];
	int			n,
				k,
				i;

	rows_start(&rows, fcinfo);
	model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	n = frnn_network_tensors(&model->network, tensor);
	for (k = 0; k < model->members; k++)
		for (i = 0; i < n; i++)
		{
			Datum		dim[2] = {Int32GetDatum(tensor[i].dim[0]), Int32GetDatum(tensor[i].dim[1])};
			MemoryContext old;

			CHECK_FOR_INTERRUPTS();
			frnn_member_name(&tensor[i], k, name);
			rows_text(&rows, name);
			old = MemoryContextSwitchTo(rows.context);
			rows_datum(&rows, PointerGetDatum(construct_array(dim, tensor[i].rank, INT4OID, 4, true, TYPALIGN_INT)));
			rows_datum(&rows, PointerGetDatum(frnn_tensor_build(model->params + k * model->network.parameters + tensor[i].offset,
																tensor[i].rank, tensor[i].dim)));
			MemoryContextSwitchTo(old);
			rows_put(&rows);
		}
	return (Datum) 0;
}

Datum
rnn_history(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	FrnnModel  *model;
	int			i;

	rows_start(&rows, fcinfo);
	model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	for (i = 0; i < model->n_history; i++)
	{
		const FrnnEpoch *epoch = &model->history[i];

		rows_int(&rows, epoch->epoch);
		rows_number(&rows, epoch->loss);
		rows_number(&rows, epoch->val_loss);
		rows_number(&rows, epoch->learning_rate);
		rows_bool(&rows, epoch->is_best);
		rows_put(&rows);
	}
	return (Datum) 0;
}

/* ---- summary ---- */

/* Returns the shape of an output of that size as Keras writes it. */
static char *
summary_shape(const FrnnNetwork *network, bool sequence, int size)
{
	if (!sequence)
		return psprintf("(None, %d)", size);
	if (network->time_steps == 0)
		return psprintf("(None, None, %d)", size);
	return psprintf("(None, %d, %d)", network->time_steps, size);
}

static void
summary_put(RowWriter *rows, const char *name, const char *shape, size_t parameters)
{
	rows_text(rows, name);
	rows_text(rows, shape);
	rows_bigint(rows, (int64) parameters);
	rows_put(rows);
}

static void
summary_put_all(RowWriter *rows, const FrnnNetwork *network)
{
	size_t		sum = 0;
	int			i;

	for (i = 0; i < network->layers; i++)
	{
		const FrnnLayer *layer = &network->layer[i];

		summary_put(rows, frnn_keras_layer_name(network, i),
					summary_shape(network, layer->output_sequence, layer->output_size), layer->count);
		sum += layer->count;
	}
	if (network->highway)
		summary_put(rows, "highway", summary_shape(network, network->output_sequence, network->output_size),
					network->parameters - sum);
}

Datum
rnn_summary_model(PG_FUNCTION_ARGS)
{
	RowWriter	rows;

	rows_start(&rows, fcinfo);
	summary_put_all(&rows, &frnn_model_read(PG_GETARG_BYTEA_PP(0))->network);
	return (Datum) 0;
}

Datum
rnn_summary_network(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	FrnnNetwork network;
	FrnnError	error;

	rows_start(&rows, fcinfo);
	memset(&network, 0, sizeof(network));
	frnn_network_from_jsonb(PG_GETARG_JSONB_P(0), &network);
	frnn_input_shape(PG_GETARG_ARRAYTYPE_P(1), &network);
	frnn_check(frnn_network_resolve(&network, &error), &error);
	summary_put_all(&rows, &network);
	return (Datum) 0;
}
