/*
 * keras_setting.c
 *	  Settings of layers in Keras's model.to_json(), versions 2 and 3.
 *
 * A key of a layer's config has a counterpart here, or no effect on the result,
 * or exactly one value that the layer here computes.  Any other setting is an
 * error, so that a network never silently computes something else.
 */
#include "pg/model/keras_setting.h"

#include "pg/model/layer_json.h"
#include "pg/server/field.h"
#include "pg/server/text.h"

#define LAYERS_GATED	(LAYER_BIT(FRNN_LSTM) | LAYER_BIT(FRNN_GRU))
#define LAYERS_WEIGHTED	(LAYERS_RECURRENT | LAYER_BIT(FRNN_DENSE))
#define LAYERS_ALL		(~0)

typedef struct KerasKey
{
	const char *key;
	int			kinds;
	const char *ours;			/* our key; or NULL, and then */
	const char *must;			/* its value as JSON text, '|' between choices; NULL: without effect */
} KerasKey;

static const KerasKey keras_keys[] = {
	{"units", LAYERS_WEIGHTED, "units", NULL},
	{"activation", LAYER_BIT(FRNN_SIMPLE) | LAYER_BIT(FRNN_DENSE), "activation", NULL},
	{"activation", LAYERS_GATED, NULL, "\"tanh\""},
	{"recurrent_activation", LAYERS_GATED, NULL, "\"sigmoid\""},
	{"return_sequences", LAYERS_RECURRENT, "return_sequences", NULL},
	{"use_bias", LAYERS_WEIGHTED, "use_bias", NULL},
	{"dropout", LAYERS_RECURRENT, "dropout", NULL},
	{"recurrent_dropout", LAYERS_RECURRENT, "recurrent_dropout", NULL},
	{"rate", LAYER_BIT(FRNN_DROPOUT), "rate", NULL},
	{"epsilon", LAYER_BIT(FRNN_LAYER_NORM), "epsilon", NULL},

	{"go_backwards", LAYERS_RECURRENT, NULL, "false"},
	{"stateful", LAYERS_RECURRENT, NULL, "false"},
	{"return_state", LAYERS_RECURRENT, NULL, "false"},
	{"time_major", LAYERS_RECURRENT, NULL, "false"},
	{"unit_forget_bias", LAYER_BIT(FRNN_LSTM), NULL, "true"},
	{"reset_after", LAYER_BIT(FRNN_GRU), NULL, "true"},
	{"axis", LAYER_BIT(FRNN_LAYER_NORM), NULL, "-1|[-1]|2|[2]"},
	{"center", LAYER_BIT(FRNN_LAYER_NORM), NULL, "true"},
	{"scale", LAYER_BIT(FRNN_LAYER_NORM), NULL, "true"},
	{"rms_scaling", LAYER_BIT(FRNN_LAYER_NORM), NULL, "false"},
	{"noise_shape", LAYER_BIT(FRNN_DROPOUT), NULL, "null"},
	{"lora_rank", LAYER_BIT(FRNN_DENSE), NULL, "null"},
	{"quantization_config", LAYERS_ALL, NULL, "null"},
	{"trainable", LAYERS_ALL, NULL, "true"},
	{"kernel_regularizer", LAYERS_WEIGHTED, NULL, "null"},
	{"recurrent_regularizer", LAYERS_RECURRENT, NULL, "null"},
	{"bias_regularizer", LAYERS_WEIGHTED, NULL, "null"},
	{"activity_regularizer", LAYERS_WEIGHTED, NULL, "null"},
	{"kernel_constraint", LAYERS_WEIGHTED, NULL, "null"},
	{"recurrent_constraint", LAYERS_RECURRENT, NULL, "null"},
	{"bias_constraint", LAYERS_WEIGHTED, NULL, "null"},
	{"beta_regularizer", LAYER_BIT(FRNN_LAYER_NORM), NULL, "null"},
	{"gamma_regularizer", LAYER_BIT(FRNN_LAYER_NORM), NULL, "null"},
	{"beta_constraint", LAYER_BIT(FRNN_LAYER_NORM), NULL, "null"},
	{"gamma_constraint", LAYER_BIT(FRNN_LAYER_NORM), NULL, "null"},

	{"kernel_initializer", LAYERS_WEIGHTED, NULL, "GlorotUniform"},
	{"recurrent_initializer", LAYERS_RECURRENT, NULL, "OrthogonalInitializer|Orthogonal"},
	{"bias_initializer", LAYERS_WEIGHTED, NULL, "Zeros"},
	{"beta_initializer", LAYER_BIT(FRNN_LAYER_NORM), NULL, "Zeros"},
	{"gamma_initializer", LAYER_BIT(FRNN_LAYER_NORM), NULL, "Ones"},

	{"name", LAYERS_ALL, NULL, NULL},
	{"dtype", LAYERS_ALL, NULL, NULL},
	{"batch_input_shape", LAYERS_ALL, NULL, NULL},
	{"batch_shape", LAYERS_ALL, NULL, NULL},
	{"input_shape", LAYERS_ALL, NULL, NULL},
	{"seed", LAYERS_ALL, NULL, NULL},
	{"unroll", LAYERS_RECURRENT, NULL, NULL},
	{"implementation", LAYERS_RECURRENT, NULL, NULL},
	{"supports_masking", LAYERS_ALL, NULL, NULL},
	{"zero_output_for_mask", LAYERS_RECURRENT, NULL, NULL}	/* there are no masks */
};

bool
keras_get(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, strlen(key), value);
}

bool
keras_is_off(const JsonbValue *value)
{
	return value->type == jbvNull || (value->type == jbvBool && !value->val.boolean);
}

/* Returns true if the text is one of the choices, which '|' separates. */
static bool
choices_hold(const char *text, const char *choices)
{
	size_t		length = strlen(text);

	for (; choices; choices = strchr(choices, '|'))
	{
		choices += *choices == '|';
		if (strncmp(choices, text, length) == 0 && (choices[length] == '|' || choices[length] == '\0'))
			return true;
	}
	return false;
}

static bool
key_ends_in(const char *key, const char *end)
{
	size_t		length = strlen(key);
	size_t		part = strlen(end);

	return length > part && strcmp(key + length - part, end) == 0;
}

static bool
key_is_initializer(const char *key)
{
	return key_ends_in(key, "_initializer");
}

/* Returns true for settings that only matter before or during training. */
static bool
key_is_of_training(const char *key)
{
	return key_is_initializer(key) || key_ends_in(key, "_regularizer") || strcmp(key, "unit_forget_bias") == 0 || strcmp(key, "trainable") == 0;
}

/* Raises an error unless the setting is what the layer here computes. */
static void
keras_check_setting(const KerasKey *rule, const JsonbValue *value, const char *where)
{
	JsonbContainer *object = frnn_json_container(value);
	JsonbValue	name = *value;

	if (value->type == jbvNull || rule->must == NULL)
		return;
	if (key_is_initializer(rule->key))
	{
		/* {"class_name": "GlorotUniform", ...} or "glorot_uniform" in hand-written files */
		if (object == NULL || !JsonContainerIsObject(object) || !keras_get(object, "class_name", &name) ||
			name.type != jbvString || !choices_hold(frnn_json_string(&name), rule->must))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("%s has a %s that is not supported: %s", where, rule->key, frnn_json_show(&name)),
					 errdetail("It must be %s.", rule->must)));
		return;
	}
	if (!choices_hold(frnn_json_show(value), rule->must))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s has a setting that is not supported: %s is %s", where, rule->key, frnn_json_show(value)),
				 errdetail("It must be %s.", rule->must)));
}

void
keras_read_key(FrnnLayer *layer, const char *key, const JsonbValue *value, const char *where, bool trained)
{
	const char *known[lengthof(keras_keys)];
	int			count = 0;

	for (int i = 0; i < (int) lengthof(keras_keys); i++)
	{
		const KerasKey *rule = &keras_keys[i];

		if (!(rule->kinds & LAYER_BIT(layer->kind)))
			continue;
		known[count++] = rule->key;
		if (strcmp(key, rule->key) != 0)
			continue;
		if (rule->ours)
			frnn_layer_set(layer, rule->ours, value, where);
		else if (!trained || !key_is_of_training(key))
			keras_check_setting(rule, value, where);
		return;
	}
	if (!keras_is_off(value))
		frnn_unknown("key", key, where, known, count);
}
