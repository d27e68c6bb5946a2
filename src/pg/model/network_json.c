/*
 * network_json.c
 *	  Networks as jsonb: an array of layers, one layer, or Keras's form; and
 *	  the canonical form, which is the array.
 */
#include "pg/model/network_json.h"

#include "pg/model/layer_json.h"
#include "pg/model/network_keras.h"
#include "pg/server/field.h"
#include "pg/server/text.h"

/* adds a layer; where: NULL for its number in the network */
static void
network_add(JsonbContainer *object, const char *where, FrnnNetwork *network)
{
	frnn_layer_count(network->layers + 1);
	network->layer[network->layers] = frnn_layer_from_json(object, where ? where : psprintf("layer %d", network->layers + 1));
	network->layers++;
}

void
frnn_network_append(Jsonb *json, const char *where, FrnnNetwork *network)
{
	uint32		count = JB_ROOT_COUNT(json);

	if (JB_ROOT_IS_OBJECT(json))
	{
		network_add(&json->root, where, network);
		return;
	}
	for (uint32 i = 0; i < count; i++)
	{
		const JsonbValue *element = getIthJsonbValueFromContainer(&json->root, i);
		JsonbContainer *object = frnn_json_container(element);

		if (object == NULL || !JsonContainerIsObject(object))
			frnn_field_mismatch(where ? where : psprintf("layer %d", network->layers + 1), "an object", element);
		network_add(object, where, network);
	}
}

/* Returns true for Keras's form, {"class_name":"Sequential",...}. */
static bool
json_is_keras(Jsonb *json)
{
	JsonbValue	value;

	return JB_ROOT_IS_OBJECT(json) && getKeyJsonValueFromContainer(&json->root, "class_name", 10, &value) != NULL;
}

bool
frnn_network_is_options(Jsonb *json)
{
	JsonbValue	value;

	return JB_ROOT_IS_OBJECT(json) && !json_is_keras(json) &&
		getKeyJsonValueFromContainer(&json->root, "layer", 5, &value) == NULL;
}

static void
network_read(Jsonb *json, bool trained, FrnnNetwork *network)
{
	memset(network, 0, sizeof(FrnnNetwork));
	if (JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a network must be an array of layers, not a single value"),
				 errhint("Write for example rnn_sequential(rnn_lstm(32), rnn_dense(1)).")));
	if (json_is_keras(json))
		frnn_network_from_keras(&json->root, trained, network);
	else
		frnn_network_append(json, NULL, network);
	frnn_layer_count(network->layers);
}

void
frnn_network_from_jsonb(Jsonb *json, FrnnNetwork *network)
{
	network_read(json, false, network);
}

void
frnn_network_from_trained(Jsonb *json, FrnnNetwork *network)
{
	network_read(json, true, network);
}

Jsonb	   *
frnn_network_to_jsonb(const FrnnNetwork *network)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < network->layers; i++)
		frnn_layer_push(&state, &network->layer[i]);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

char	   *
frnn_network_to_text(const FrnnNetwork *network)
{
	Jsonb	   *json = frnn_network_to_jsonb(network);

	return JsonbToCString(NULL, &json->root, VARSIZE(json));
}
