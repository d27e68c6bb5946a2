/*
 * to_keras.c
 *	  rnn_to_keras, rnn_from_keras and rnn_weights(model, 'keras'): networks and
 *	  weights as Keras has them.
 *
 * rnn_to_keras writes what model.to_json() of Keras 3 does, as far as a reader
 * needs it; network_keras.c reads it back.
 */
#include "pg/model/model.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pg/model/keras_weights.h"
#include "pg/model/network_json.h"
#include "pg/model/network_keras.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "pg/server/text.h"
#include "pg/tensor/tensor.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(rnn_to_keras);
PG_FUNCTION_INFO_V1(rnn_from_keras);
PG_FUNCTION_INFO_V1(rnn_weights_format);

extern Datum rnn_weights(PG_FUNCTION_ARGS);

static void
keras_check(const FrnnNetwork *network)
{
	const char *what;

	if (!keras_has_network(network, &what))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the network has %s, which Keras's Sequential models do not have", what),
				 errhint("rnn_to_onnx exports highways and further inputs; rnn_weights(model) gives the weights of all networks.")));
}

/* ---- architecture ---- */

static const char *
bool_text(bool value)
{
	return value ? "true" : "false";
}

static char *
float_text(float value)
{
	char		digits[FLOAT_SHORTEST_DECIMAL_LEN];

	float_to_shortest_decimal_buf(value, digits);
	return pstrdup(digits);
}

static const char *
activation_text(FrnnActivation activation)
{
	static const char *const word[] = {
		[FRNN_LINEAR] = "linear",[FRNN_TANH] = "tanh",[FRNN_RELU] = "relu",[FRNN_SIGMOID] = "sigmoid",[FRNN_SOFTPLUS] = "softplus"
	};

	return word[activation];
}

/* the settings of a recurrent layer's config, after its name */
static void
recurrent_config(StringInfo out, const FrnnLayer *layer, bool backwards)
{
	appendStringInfo(out, ", \"units\": %d, \"activation\": \"%s\", \"use_bias\": %s, \"return_sequences\": %s, \"return_state\": false"
					 ", \"go_backwards\": %s, \"stateful\": false, \"unroll\": false, \"dropout\": %s, \"recurrent_dropout\": %s",
					 layer->units, activation_text(layer->activation), bool_text(layer->use_bias),
					 bool_text(layer->return_sequences), bool_text(backwards),
					 float_text(layer->dropout), float_text(layer->recurrent_dropout));
	if (layer->kind != FRNN_SIMPLE)
		appendStringInfoString(out, ", \"recurrent_activation\": \"sigmoid\"");
	if (layer->kind == FRNN_LSTM)
		appendStringInfoString(out, ", \"unit_forget_bias\": true");
	if (layer->kind == FRNN_GRU)
		appendStringInfoString(out, ", \"reset_after\": true");
}

static const char *
class_text(FrnnLayerKind kind)
{
	static const char *const word[] = {
		[FRNN_SIMPLE] = "SimpleRNN",[FRNN_LSTM] = "LSTM",[FRNN_GRU] = "GRU",[FRNN_DENSE] = "Dense",
		[FRNN_DROPOUT] = "Dropout",[FRNN_LAYER_NORM] = "LayerNormalization"
	};

	return word[kind];
}

static void
layer_open(StringInfo out, const char *class_name, const char *name)
{
	appendStringInfo(out, "{\"module\": \"keras.layers\", \"class_name\": \"%s\", \"config\": {\"name\": \"%s\", \"trainable\": true", class_name, name);
}

static void
layer_close(StringInfo out)
{
	appendStringInfoString(out, "}, \"registered_name\": null}");
}

static void
bidirectional_config(StringInfo out, const FrnnLayer *layer, const char *name)
{
	static const char *const merge[] = {[FRNN_CONCAT] = "concat",[FRNN_SUM] = "sum",[FRNN_AVERAGE] = "ave",[FRNN_MULTIPLY] = "mul"};

	appendStringInfo(out, ", \"merge_mode\": \"%s\", \"layer\": ", merge[layer->merge]);
	layer_open(out, class_text(layer->kind), psprintf("forward_%s", name));
	recurrent_config(out, layer, false);
	layer_close(out);
	appendStringInfoString(out, ", \"backward_layer\": ");
	layer_open(out, class_text(layer->kind), psprintf("backward_%s", name));
	recurrent_config(out, layer, true);
	layer_close(out);
}

static void
layer_text(StringInfo out, const FrnnNetwork *network, int l)
{
	const FrnnLayer *layer = &network->layer[l];
	const char *name = frnn_keras_layer_name(network, l);

	layer_open(out, layer->bidirectional ? "Bidirectional" : class_text(layer->kind), name);
	if (layer->bidirectional)
		bidirectional_config(out, layer, name);
	else if (frnn_is_recurrent(layer->kind))
		recurrent_config(out, layer, false);
	else if (layer->kind == FRNN_DENSE)
		appendStringInfo(out, ", \"units\": %d, \"activation\": \"%s\", \"use_bias\": %s",
						 layer->units, activation_text(layer->activation), bool_text(layer->use_bias));
	else if (layer->kind == FRNN_DROPOUT)
		appendStringInfo(out, ", \"rate\": %s", float_text(layer->dropout));
	else
		appendStringInfo(out, ", \"axis\": -1, \"epsilon\": %s, \"center\": true, \"scale\": true", float_text(layer->epsilon));
	layer_close(out);
}

Datum
rnn_to_keras(PG_FUNCTION_ARGS)
{
	FrnnModel  *model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	const FrnnNetwork *network = &model->network;
	StringInfoData out;

	frnn_model_need_layers(model);
	keras_check(network);
	initStringInfo(&out);
	appendStringInfoString(&out, "{\"module\": \"keras\", \"class_name\": \"Sequential\", "
						   "\"config\": {\"name\": \"sequential\", \"trainable\": true, \"layers\": [");
	layer_open(&out, "InputLayer", "input_layer");
	appendStringInfo(&out, ", \"batch_shape\": [null, %s, %d], \"dtype\": \"float32\", \"sparse\": false",
					 network->time_steps > 0 ? psprintf("%d", network->time_steps) : "null", network->input_size);
	layer_close(&out);
	for (int l = 0; l < network->layers; l++)
	{
		appendStringInfoString(&out, ", ");
		layer_text(&out, network, l);
	}
	appendStringInfoString(&out, "]}, \"registered_name\": null}");
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data)));
}

/* ---- weights out ---- */

/* rnn_weights(model, format): the weights in Keras's form; torch's is that of rnn_weights(model) */
Datum
rnn_weights_format(PG_FUNCTION_ARGS)
{
	char	   *format = text_to_cstring(PG_GETARG_TEXT_PP(1));
	RowWriter	rows;
	FrnnModel  *model;
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	KerasWeight *weight = palloc(sizeof(KerasWeight) * FRNN_MAX_TENSORS);
	int			weights;

	if (strcmp(format, "torch") == 0)
		return rnn_weights(fcinfo);
	if (strcmp(format, "keras") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the format of weights must be torch or keras, not \"%s\"", format),
				 pg_strcasecmp(format, "onnx") == 0 ? errhint("rnn_to_onnx(model) gives a file with network and weights.") : 0));
	rows_start(&rows, fcinfo);
	model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	if (model->members == 0)
		return (Datum) 0;
	keras_check(&model->network);
	(void) frnn_network_tensors(&model->network, tensor);
	weights = keras_weights(&model->network, tensor, weight);
	for (int k = 0; k < model->members; k++)
		for (int i = 0; i < weights; i++)
		{
			Datum		dim[2] = {Int32GetDatum(weight[i].dim[0]), Int32GetDatum(weight[i].dim[1])};
			MemoryContext old = MemoryContextSwitchTo(rows.context);
			float	   *values = palloc_extended(keras_weight_count(&weight[i]) * sizeof(float), MCXT_ALLOC_HUGE);

			CHECK_FOR_INTERRUPTS();
			keras_weight_get(&weight[i], model->params + k * model->network.parameters, values);
			rows_text(&rows, k == 0 ? weight[i].name : psprintf("member%d/%s", k, weight[i].name));
			rows_datum(&rows, PointerGetDatum(construct_array(dim, weight[i].rank, INT4OID, 4, true, TYPALIGN_INT)));
			rows_datum(&rows, PointerGetDatum(frnn_tensor_build(values, weight[i].rank, weight[i].dim)));
			MemoryContextSwitchTo(old);
			rows_put(&rows);
		}
	return (Datum) 0;
}

/* ---- weights in ---- */

static void pg_attribute_noreturn()
weight_error(const KerasWeight *weight, int number)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg(weight->rank == 2 ? "weight %d (%s) must be an array of shape (%d, %d)" : "weight %d (%s) must be an array of shape (%d)",
					number + 1, weight->name, weight->dim[0], weight->dim[1]),
			 errhint("Pass json.dumps([w.tolist() for w in model.get_weights()]).")));
	pg_unreachable();
}

static JsonbContainer *
weight_array(const JsonbValue *value, int size, const KerasWeight *weight, int number)
{
	JsonbContainer *array = value ? frnn_json_container(value) : NULL;

	if (array == NULL || !JsonContainerIsArray(array) || JsonContainerSize(array) != size)
		weight_error(weight, number);
	return array;
}

/* Reads the next `count` numbers of an iterator over an array of numbers. */
static void
numbers_read(JsonbContainer *array, int count, const KerasWeight *weight, int number, float *out)
{
	JsonbIterator *it = JsonbIteratorInit(array);
	JsonbIteratorToken token;
	JsonbValue	value;
	int			n = 0;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (value.type != jbvNumeric || n == count)
			weight_error(weight, number);
		out[n] = (float) frnn_json_number(&value);
		if (!isfinite(out[n]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("weight %d (%s) holds %s, which a float cannot hold", number + 1, weight->name, frnn_json_show(&value)),
					 errdetail("Weights must be finite as 32-bit floating-point numbers.")));
		n++;
	}
}

static void
weight_read(const JsonbValue *value, const KerasWeight *weight, int number, float *params)
{
	float	   *values = palloc_extended(keras_weight_count(weight) * sizeof(float), MCXT_ALLOC_HUGE);
	JsonbContainer *array = weight_array(value, weight->dim[0], weight, number);

	if (weight->rank == 1)
		numbers_read(array, weight->dim[0], weight, number, values);
	for (int row = 0; weight->rank == 2 && row < weight->dim[0]; row++)
	{
		CHECK_FOR_INTERRUPTS();
		numbers_read(weight_array(getIthJsonbValueFromContainer(array, row), weight->dim[1], weight, number),
					 weight->dim[1], weight, number, values + (size_t) row * weight->dim[1]);
	}
	keras_weight_set(weight, values, params);
	pfree(values);
}

/* The columns of the first weights are the number of features. */
static void
network_find_input(FrnnNetwork *network, Jsonb *weights)
{
	JsonbValue *first = getIthJsonbValueFromContainer(&weights->root, 0);
	JsonbContainer *array = first ? frnn_json_container(first) : NULL;
	FrnnError	error;

	network->input_size = array && JsonContainerIsArray(array) && JsonContainerSize(array) > 0 ? (int) JsonContainerSize(array) : 1;
	frnn_check(frnn_network_resolve(network, &error), &error);
}

/* Raises an error unless an architecture has the outer form of Keras's text or of a network. */
static void
architecture_check(Jsonb *json)
{
	if (JB_ROOT_IS_SCALAR(json) || frnn_network_is_options(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the architecture must be Keras's model.to_json() or an array of layers"),
				 errdetail("It is %s.", JB_ROOT_IS_SCALAR(json) ? "a single value, perhaps that text as a JSON string" : "an object without \"class_name\""),
				 errhint("Pass the text of model.to_json() as it is.")));
}

Datum
rnn_from_keras(PG_FUNCTION_ARGS)
{
	FrnnModel  *model = palloc0(sizeof(FrnnModel));
	FrnnNetwork *network = &model->network;
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	KerasWeight *weight = palloc(sizeof(KerasWeight) * FRNN_MAX_TENSORS);
	Jsonb	   *json,
			   *options;
	int			weights;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	json = PG_GETARG_JSONB_P(1);
	options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	model->loss = frnn_options_parse(options, SCOPE_TENSOR)->loss;
	architecture_check(PG_GETARG_JSONB_P(0));
	frnn_network_from_trained(PG_GETARG_JSONB_P(0), network);
	if (!JB_ROOT_IS_ARRAY(json) || JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weights must be an array of arrays"),
				 errhint("Pass json.dumps([w.tolist() for w in model.get_weights()]).")));
	network_find_input(network, json);
	keras_check(network);
	(void) frnn_network_tensors(network, tensor);
	weights = keras_weights(network, tensor, weight);
	if (JB_ROOT_COUNT(json) != weights)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the network has %d weights, not %d", weights, (int) JB_ROOT_COUNT(json)),
				 errdetail("Their order is that of Keras's get_weights(), as rnn_weights(model, 'keras') lists them.")));
	model->members = 1;
	model->params = frnn_allocate(frnn_mul(network->parameters, sizeof(float)), "the model");
	for (int i = 0; i < weights; i++)
		weight_read(getIthJsonbValueFromContainer(&json->root, i), &weight[i], i, model->params);
	frnn_model_imported(model, options);
	PG_RETURN_BYTEA_P(frnn_model_write(model, CurrentMemoryContext));
}
