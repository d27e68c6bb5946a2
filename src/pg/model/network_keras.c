/*
 * network_keras.c
 *	  Reading Keras's model.to_json(), versions 2 and 3, for the layers that
 *	  exist here; the names that Keras gives layers.
 */
#include "pg/model/network_keras.h"

#include "pg/model/keras_setting.h"
#include "pg/model/layer_json.h"
#include "pg/server/field.h"
#include "pg/server/text.h"

#define KERAS_HINT "Pass the text of Keras's model.to_json() as it is."

/* kinds of Keras's classes; a wrapper has a layer inside, a skipped class computes nothing */
#define WRAPPER	(-1)
#define SKIPPED	(-2)

static const FieldWord keras_classes[] = {
	{"SimpleRNN", FRNN_SIMPLE}, {"LSTM", FRNN_LSTM}, {"GRU", FRNN_GRU}, {"Dense", FRNN_DENSE},
	{"Dropout", FRNN_DROPOUT}, {"LayerNormalization", FRNN_LAYER_NORM},
	{"Bidirectional", WRAPPER}, {"TimeDistributed", WRAPPER}, {"InputLayer", SKIPPED}, {NULL, 0}
};

/* Returns the member `key` of an object, which must be an object. */
static JsonbContainer *
keras_get_object(JsonbContainer *object, const char *key, const char *where)
{
	JsonbValue	value;
	JsonbContainer *inner;

	if (!keras_get(object, key, &value) || (inner = frnn_json_container(&value)) == NULL || !JsonContainerIsObject(inner))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has no object \"%s\"", where, key),
				 errhint(KERAS_HINT)));
	return inner;
}

static int
keras_read_class(JsonbContainer *object, const char *where, char **name)
{
	const char *known[lengthof(keras_classes)];
	JsonbValue	value;
	int			count = 0;

	if (!keras_get(object, "class_name", &value) || value.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has no \"class_name\"", where),
				 errhint(KERAS_HINT)));
	*name = frnn_json_string(&value);
	for (; keras_classes[count].word; count++)
	{
		if (strcmp(*name, keras_classes[count].word) == 0)
			return keras_classes[count].value;
		known[count] = keras_classes[count].word;
	}
	frnn_unknown("class", *name, where, known, count);
}

/* Where a layer stands; the backward layer of a Bidirectional may go backwards. */
typedef enum KerasPlace
{
	KERAS_ALONE,
	KERAS_WRAPPED,
	KERAS_BACKWARD
} KerasPlace;

/* Reads the layer inside Bidirectional or TimeDistributed, with the wrapper's own settings. */
static bool
			keras_read_wrapper(JsonbContainer *config, const char *class, const char *where, bool trained, FrnnLayer *layer);

/* Reads a layer; returns false if it adds nothing to the network. */
static bool
keras_read_layer(JsonbContainer *object, const char *where, KerasPlace place, bool trained, FrnnLayer *layer)
{
	JsonbContainer *config;
	JsonbIterator *it;
	JsonbValue	key,
				value;
	char	   *class;
	int			kind = keras_read_class(object, where, &class);
	bool		wrapped = place != KERAS_ALONE;

	if (kind == SKIPPED && !wrapped)
		return false;
	where = wrapped ? psprintf("%s in %s", class, where) : psprintf("%s (%s)", where, class);
	if (kind < 0 && wrapped)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s cannot stand inside another layer", where),
				 errhint("Bidirectional holds a SimpleRNN, LSTM or GRU, TimeDistributed a Dense.")));
	config = keras_get_object(object, "config", where);
	if (kind == WRAPPER)
		return keras_read_wrapper(config, class, where, trained, layer);

	*layer = frnn_layer_default(kind);
	it = JsonbIteratorInit(config);
	while (frnn_json_member(&it, &key, &value))
	{
		if (place == KERAS_BACKWARD && strcmp(frnn_json_string(&key), "go_backwards") == 0 && value.type == jbvBool && value.val.boolean)
			continue;
		keras_read_key(layer, frnn_json_string(&key), &value, where, trained);
	}
	frnn_layer_check(layer, where);
	return true;
}

/* Raises an error if a Bidirectional has settings that are not read here. */
static void
wrapper_check_keys(JsonbContainer *config, const char *where)
{
	static const char *const known[] = {"layer", "backward_layer", "merge_mode", "name", "dtype", "trainable", "batch_input_shape", "batch_shape", "input_shape"};
	JsonbIterator *it = JsonbIteratorInit(config);
	JsonbValue	key,
				value;

	while (frnn_json_member(&it, &key, &value))
	{
		bool		found = false;

		for (int i = 0; i < (int) lengthof(known); i++)
			found = found || strcmp(frnn_json_string(&key), known[i]) == 0;
		if (!found && !keras_is_off(&value))
			frnn_unknown("key", frnn_json_string(&key), where, known, lengthof(known));
	}
}

/*
 * Raises an error if the backward layer of a Bidirectional, which Keras 3 always writes, is another kind of layer or has
 * other settings than the forward one; here one layer describes both.
 */
static void
wrapper_check_backward(JsonbContainer *config, const char *where, bool trained, const FrnnLayer *forward)
{
	JsonbValue	value;
	FrnnLayer	backward;
	JsonbContainer *object;

	if (!keras_get(config, "backward_layer", &value) || value.type == jbvNull)
		return;
	object = keras_get_object(config, "backward_layer", where);
	(void) keras_read_layer(object, where, KERAS_BACKWARD, trained, &backward);
	if (backward.kind != forward->kind || backward.units != forward->units || backward.activation != forward->activation ||
		backward.return_sequences != forward->return_sequences || backward.use_bias != forward->use_bias ||
		backward.dropout != forward->dropout || backward.recurrent_dropout != forward->recurrent_dropout)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has a \"backward_layer\" that is not the \"layer\" in the other direction", where),
				 errdetail("Kind, units, activation, return_sequences, use_bias and dropout must be the same in both directions.")));
}

static bool
keras_read_wrapper(JsonbContainer *config, const char *class, const char *where, bool trained, FrnnLayer *layer)
{
	bool		bidirectional = strcmp(class, "Bidirectional") == 0;
	JsonbValue	value;

	(void) keras_read_layer(keras_get_object(config, "layer", where), where, KERAS_WRAPPED, trained, layer);
	if (frnn_is_recurrent(layer->kind) != bidirectional)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s cannot hold a layer %s", where, frnn_layer_name(layer)),
				 errhint("Bidirectional holds a SimpleRNN, LSTM or GRU, TimeDistributed a Dense.")));
	if (!bidirectional)
		return true;
	wrapper_check_backward(config, where, trained, layer);
	layer->bidirectional = true;
	if (keras_get(config, "merge_mode", &value))
	{
		if (value.type == jbvNull)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("%s has a setting that is not supported: merge_mode is null", where),
					 errdetail("It must be concat, sum, ave or mul.")));
		frnn_layer_set(layer, "merge_mode", &value, where);
	}
	wrapper_check_keys(config, where);
	return true;
}

void
frnn_network_from_keras(JsonbContainer *object, bool trained, FrnnNetwork *network)
{
	JsonbValue	value;
	JsonbContainer *layers;

	if (!keras_get(object, "class_name", &value) || value.type != jbvString || strcmp(frnn_json_string(&value), "Sequential") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("only Keras's Sequential models can be read, not %s", frnn_json_show(&value)),
				 errhint("Put the layers into a keras.Sequential, or write them as rnn_lstm(32) || rnn_dense(1) for example.")));

	/* "config" is {"name": ..., "layers": [...]}; in the first versions of Keras 2 the array itself */
	if (!keras_get(object, "config", &value) || (layers = frnn_json_container(&value)) == NULL ||
		(JsonContainerIsObject(layers) &&
		 (!keras_get(layers, "layers", &value) || (layers = frnn_json_container(&value)) == NULL)) ||
		!JsonContainerIsArray(layers))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the Keras model has no array \"layers\" in its \"config\""),
				 errhint(KERAS_HINT)));

	for (uint32 i = 0; i < JsonContainerSize(layers); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(layers, i);
		JsonbContainer *layer = frnn_json_container(element);
		char	   *where = psprintf("layer %u", i + 1);
		FrnnLayer	read;

		if (layer == NULL || !JsonContainerIsObject(layer))
			frnn_field_mismatch(where, "an object", element);
		if (!keras_read_layer(layer, where, KERAS_ALONE, trained, &read))
			continue;
		frnn_layer_count(network->layers + 1);
		network->layer[network->layers++] = read;
	}
	frnn_layer_count(network->layers);
}

/* ---- names ---- */

static const char *
layer_keras_name(const FrnnLayer *layer)
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

char	   *
frnn_keras_layer_name(const FrnnNetwork *network, int layer)
{
	const char *name = layer_keras_name(&network->layer[layer]);
	int			before = 0;
	int			i;

	for (i = 0; i < layer; i++)
		before += strcmp(layer_keras_name(&network->layer[i]), name) == 0;
	return before ? psprintf("%s_%d", name, before) : pstrdup(name);
}
