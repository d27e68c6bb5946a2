/*
 * model_info.c
 *	  What a model or network says about itself: weights, history, summary,
 *	  and everything in its metadata.
 */
#include "pg/model/model.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/tensor/tensor.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/jsonb.h"

PG_FUNCTION_INFO_V1(rnn_weights);
PG_FUNCTION_INFO_V1(rnn_history);
PG_FUNCTION_INFO_V1(rnn_model_info);
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

/* ---- info ---- */

static void
info_key(StringInfo out, const char *key)
{
	appendStringInfoString(out, out->len > 1 ? ", " : "");
	escape_json(out, key);
	appendStringInfoString(out, ": ");
}

static void
info_int(StringInfo out, const char *key, int64 value)
{
	info_key(out, key);
	appendStringInfo(out, INT64_FORMAT, value);
}

static void
info_double(StringInfo out, const char *key, double value)
{
	info_key(out, key);
	if (isfinite(value))
		appendStringInfoString(out, float8out_internal(value));
	else
		appendStringInfoString(out, "null");
}

static void
info_text(StringInfo out, const char *key, const char *value)
{
	info_key(out, key);
	escape_json(out, value);
}

/* the row level keeps lists and objects as JSON: shown as what they are */
static bool
is_json(const char *value)
{
	JsonLexContext *lex;

	if (*value != '{' && *value != '[')
		return false;
	lex = frnn_json_lexer(value, strlen(value), GetDatabaseEncoding());
	return pg_parse_json(lex, &nullSemAction) == JSON_SUCCESS;
}

static void
info_json(StringInfo out, const char *key, const char *value)
{
	info_key(out, key);
	if (is_json(value))
		appendStringInfoString(out, value);
	else
		escape_json(out, value);
}

/* JSON of the row level may hold a number beyond numeric's range */
static Datum
info_to_jsonb(char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		result = (Datum) 0;

	PG_TRY();
	{
		result = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	}
	PG_CATCH();
	{
		frnn_model_raise(context, "metadata");
	}
	PG_END_TRY();
	return result;
}

static void
info_training(StringInfo out, const FrnnModel *model)
{
	int			i;

	info_int(out, "epochs", model->n_history);
	info_int(out, "best_epoch", model->best_epoch);
	for (i = 0; i < model->n_history; i++)
		if (model->history[i].epoch == model->best_epoch)
		{
			info_double(out, "best_loss", model->history[i].loss);
			info_double(out, "best_val_loss", model->history[i].val_loss);
			break;
		}
}

Datum
rnn_model_info(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	FrnnModel  *model = frnn_model_read(bytes);
	const FrnnNetwork *network = &model->network;
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	info_text(&out, "kind", model->kind);
	info_text(&out, "version", st_get_meta(model->file, "forecast_rnn.version") ?
			  st_get_meta(model->file, "forecast_rnn.version") : "");
	info_int(&out, "format_version", FRNN_FORMAT_VERSION);
	info_int(&out, "bytes", VARSIZE_ANY_EXHDR(bytes));
	info_int(&out, "parameters", (int64) (model->members * network->parameters));
	info_int(&out, "members", model->members);
	info_json(&out, "layers", frnn_network_to_text(network));
	info_key(&out, "time_steps");
	if (network->time_steps > 0)
		appendStringInfo(&out, "%d", network->time_steps);
	else
		appendStringInfoString(&out, "null");
	info_int(&out, "features", network->input_size);
	info_int(&out, "outputs", network->output_size);
	info_int(&out, "targets", model->targets);
	info_text(&out, "loss", frnn_loss_word(model->loss.kind));
	info_json(&out, "options", model->options);
	info_training(&out, model);
	for (i = 0; i < model->file->n_meta; i++)
		if (!frnn_model_own_key(model->file->meta_key[i]))
			info_json(&out, model->file->meta_key[i], model->file->meta_value[i]);
	appendStringInfoChar(&out, '}');
	return info_to_jsonb(out.data);
}

/* ---- summary ---- */

static const char *
keras_name(const FrnnLayer *layer)
{
	if (layer->bidirectional)
		return "bidirectional";
	switch (layer->kind)
	{
		case FRNN_SIMPLE:
			return "simple_rnn";
		case FRNN_LSTM:
			return "lstm";
		case FRNN_GRU:
			return "gru";
		case FRNN_DENSE:
			return "dense";
		case FRNN_DROPOUT:
			return "dropout";
		case FRNN_LAYER_NORM:
			return "layer_normalization";
	}
	return "layer";
}

/* "dense_1": the second of its kind */
static char *
summary_name(const FrnnNetwork *network, int layer)
{
	const char *name = keras_name(&network->layer[layer]);
	int			before = 0;
	int			i;

	for (i = 0; i < layer; i++)
		before += strcmp(keras_name(&network->layer[i]), name) == 0;
	return before ? psprintf("%s_%d", name, before) : pstrdup(name);
}

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
put_summary(RowWriter *rows, const char *name, const char *shape, size_t parameters)
{
	rows_text(rows, name);
	rows_text(rows, shape);
	rows_bigint(rows, (int64) parameters);
	rows_put(rows);
}

static void
summary(RowWriter *rows, const FrnnNetwork *network)
{
	size_t		sum = 0;
	int			i;

	for (i = 0; i < network->layers; i++)
	{
		const FrnnLayer *layer = &network->layer[i];

		put_summary(rows, summary_name(network, i),
					summary_shape(network, layer->output_sequence, layer->output_size), layer->count);
		sum += layer->count;
	}
	if (network->highway)
		put_summary(rows, "highway", summary_shape(network, network->output_sequence, network->output_size),
					network->parameters - sum);
}

Datum
rnn_summary_model(PG_FUNCTION_ARGS)
{
	RowWriter	rows;

	rows_start(&rows, fcinfo);
	summary(&rows, &frnn_model_read(PG_GETARG_BYTEA_PP(0))->network);
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
	summary(&rows, &network);
	return (Datum) 0;
}
