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

void
frnn_network_from_jsonb(Jsonb *json, FrnnNetwork *network)
{
	JsonbValue	value;
	uint32		count;

	memset(network, 0, sizeof(FrnnNetwork));
	if (JB_ROOT_IS_OBJECT(json))
	{
		if (getKeyJsonValueFromContainer(&json->root, "class_name", 10, &value))
			frnn_network_from_keras(&json->root, network);
		else
		{
			network->layers = 1;
			network->layer[0] = frnn_layer_from_json(&json->root, "layer 1");
		}
		return;
	}
	if (JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a network must be an array of layers, not a single value"),
				 errhint("Write for example rnn_sequential(rnn_lstm(32), rnn_dense(1)).")));
	count = JB_ROOT_COUNT(json);
	frnn_layer_count(count);
	for (uint32 i = 0; i < count; i++)
	{
		const JsonbValue *element = getIthJsonbValueFromContainer(&json->root, i);
		JsonbContainer *object = frnn_json_container(element);
		char	   *where = psprintf("layer %u", i + 1);

		if (object == NULL || !JsonContainerIsObject(object))
			frnn_field_mismatch(where, "an object", element);
		network->layer[network->layers++] = frnn_layer_from_json(object, where);
	}
}

Jsonb *
frnn_network_to_jsonb(const FrnnNetwork *network)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < network->layers; i++)
		frnn_layer_push(&state, &network->layer[i]);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

char *
frnn_network_to_text(const FrnnNetwork *network)
{
	Jsonb	   *json = frnn_network_to_jsonb(network);

	return JsonbToCString(NULL, &json->root, VARSIZE(json));
}
