/*
 * layer_json.c
 *	  One layer as a jsonb object: the table of keys, reading with the name of
 *	  the key at fault, and writing in canonical form.
 *
 * A layer's keys, their ranges and their defaults come from one table; the
 * defaults are those of frnn_layer_default().
 */
#include "pg/model/layer_json.h"

#include "common/shortest_dec.h"
#include "pg/server/bridge.h"
#include "pg/server/field.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#define LAYER_AT(member)	offsetof(FrnnLayer, member)

typedef struct LayerField
{
	Field		field;
	int			kinds;
} LayerField;

static const FieldWord kind_words[] = {
	{"simple", FRNN_SIMPLE}, {"lstm", FRNN_LSTM}, {"gru", FRNN_GRU}, {"dense", FRNN_DENSE},
	{"dropout", FRNN_DROPOUT}, {"layer_norm", FRNN_LAYER_NORM}, {NULL, 0}
};
static const FieldWord simple_activations[] = {
	{"tanh", FRNN_TANH}, {"relu", FRNN_RELU}, {"linear", FRNN_LINEAR}, {NULL, 0}
};
static const FieldWord dense_activations[] = {
	{"linear", FRNN_LINEAR}, {"tanh", FRNN_TANH}, {"relu", FRNN_RELU},
	{"sigmoid", FRNN_SIGMOID}, {"softplus", FRNN_SOFTPLUS}, {NULL, 0}
};
static const FieldWord merge_words[] = {
	{"concat", FRNN_CONCAT}, {"sum", FRNN_SUM}, {"ave", FRNN_AVERAGE}, {"mul", FRNN_MULTIPLY}, {NULL, 0}
};

/* in the order in which they are written */
static const LayerField layer_fields[] = {
	{{"units", FIELD_INT, LAYER_AT(units), 1, FRNN_MAX_UNITS, 0, NULL}, LAYERS_RECURRENT | LAYER_BIT(FRNN_DENSE)},
	{{"activation", FIELD_CHOICE, LAYER_AT(activation), 0, 0, 0, simple_activations}, LAYER_BIT(FRNN_SIMPLE)},
	{{"activation", FIELD_CHOICE, LAYER_AT(activation), 0, 0, 0, dense_activations}, LAYER_BIT(FRNN_DENSE)},
	{{"return_sequences", FIELD_BOOL, LAYER_AT(return_sequences), 0, 1, 0, NULL}, LAYERS_RECURRENT},
	{{"use_bias", FIELD_BOOL, LAYER_AT(use_bias), 0, 1, 0, NULL}, LAYERS_RECURRENT | LAYER_BIT(FRNN_DENSE)},
	{{"dropout", FIELD_FLOAT, LAYER_AT(dropout), 0, 1, FIELD_BELOW, NULL}, LAYERS_RECURRENT},
	{{"recurrent_dropout", FIELD_FLOAT, LAYER_AT(recurrent_dropout), 0, 1, FIELD_BELOW, NULL}, LAYERS_RECURRENT},
	{{"dilation", FIELD_INT, LAYER_AT(dilation), 1, FRNN_MAX_DILATION, 0, NULL}, LAYERS_RECURRENT},
	{{"bidirectional", FIELD_BOOL, LAYER_AT(bidirectional), 0, 1, 0, NULL}, LAYERS_RECURRENT},
	{{"merge_mode", FIELD_CHOICE, LAYER_AT(merge), 0, 0, 0, merge_words}, LAYERS_RECURRENT},
	{{"rate", FIELD_FLOAT, LAYER_AT(dropout), 0, 1, FIELD_BELOW, NULL}, LAYER_BIT(FRNN_DROPOUT)},
	{{"epsilon", FIELD_FLOAT, LAYER_AT(epsilon), 0, 1, FIELD_ABOVE, NULL}, LAYER_BIT(FRNN_LAYER_NORM)}
};

const char *
frnn_layer_word(FrnnLayerKind kind)
{
	return frnn_field_word(kind_words, kind);
}

/* the kind of a word, which must be known */
static FrnnLayerKind
kind_from_word(const char *word, const char *where)
{
	const char *known[lengthof(kind_words)];
	int			count = 0;

	for (; kind_words[count].word; count++)
	{
		if (strcmp(word, kind_words[count].word) == 0)
			return kind_words[count].value;
		known[count] = kind_words[count].word;
	}
	frnn_unknown("kind", word, where, known, count);
}

const char *
frnn_layer_name(const FrnnLayer *layer)
{
	static const char *const name[] = {
		[FRNN_SIMPLE] = "SimpleRNN",[FRNN_LSTM] = "LSTM",[FRNN_GRU] = "GRU",
		[FRNN_DENSE] = "Dense",[FRNN_DROPOUT] = "Dropout",[FRNN_LAYER_NORM] = "LayerNormalization"
	};

	return layer->bidirectional ? "Bidirectional" : name[layer->kind];
}

void
frnn_layer_set(FrnnLayer *layer, const char *key, const JsonbValue *value, const char *where)
{
	const char *known[lengthof(layer_fields) + 1];
	int			count = 0;

	known[count++] = "layer";
	for (int i = 0; i < (int) lengthof(layer_fields); i++)
	{
		const Field *field = &layer_fields[i].field;

		if (!(layer_fields[i].kinds & LAYER_BIT(layer->kind)))
			continue;
		known[count++] = field->name;
		if (strcmp(key, field->name) == 0)
		{
			if (value->type != jbvNull) /* null means the default */
				frnn_field_set(field, psprintf("%s of %s", key, where), value, layer);
			return;
		}
	}
	frnn_unknown("key", key, where, known, count);
}

void
frnn_layer_check(const FrnnLayer *layer, const char *where)
{
	if ((LAYER_BIT(layer->kind) & (LAYERS_RECURRENT | LAYER_BIT(FRNN_DENSE))) && layer->units == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s needs \"units\"", where)));
	if (layer->merge != FRNN_CONCAT && !layer->bidirectional)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("merge_mode of %s has no meaning in one direction", where),
				 errhint("Set \"bidirectional\" to true.")));
}

FrnnLayer
frnn_layer_from_json(JsonbContainer *object, const char *where)
{
	FrnnLayer	layer;
	JsonbValue	kind,
				key,
				value;
	JsonbIterator *it;

	if (!getKeyJsonValueFromContainer(object, "layer", 5, &kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has no key \"layer\" that names its kind", where),
				 errhint("Make layers with rnn_simple, rnn_lstm, rnn_gru, rnn_dense and the other builders.")));
	if (kind.type != jbvString)
		frnn_field_mismatch(psprintf("kind of %s", where), "a string", &kind);
	layer = frnn_layer_default(kind_from_word(frnn_json_string(&kind), where));
	where = psprintf("%s (%s)", where, frnn_layer_word(layer.kind));

	it = JsonbIteratorInit(object);
	while (frnn_json_member(&it, &key, &value))
	{
		char	   *name = frnn_json_string(&key);

		if (strcmp(name, "layer") != 0)
			frnn_layer_set(&layer, name, &value, where);
	}
	frnn_layer_check(&layer, where);
	return layer;
}

void
frnn_layer_count(uint32 count)
{
	FrnnError	error;

	if (count == 0)
		frnn_check(frnn_fail(&error, FRNN_NO_LAYERS, -1, 0, 0), &error);
	if (count > FRNN_MAX_LAYERS)
		frnn_check(frnn_fail(&error, FRNN_TOO_MANY_LAYERS, -1, count, FRNN_MAX_LAYERS), &error);
}

/* ---- writing ---- */

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = pstrdup(text);
	value.val.string.len = strlen(text);
	pushJsonbValue(state, token, &value);
}

/* through text: the shortest decimal that gives the same float back */
static void
push_number(JsonbParseState **state, const char *text)
{
	JsonbValue	value;

	value.type = jbvNumeric;
	value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
															ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* key and value, unless the value is the default */
static void
push_field(JsonbParseState **state, const Field *field, const FrnnLayer *layer, const FrnnLayer *defaults)
{
	const char *place = (const char *) layer + field->offset;
	const char *other = (const char *) defaults + field->offset;
	JsonbValue	value;
	size_t		size = field->type == FIELD_BOOL ? sizeof(bool) : sizeof(int);

	StaticAssertStmt(sizeof(float) == sizeof(int), "floats and ints are compared alike");
	if (memcmp(place, other, size) == 0)
		return;
	push_string(state, WJB_KEY, field->name);
	switch (field->type)
	{
		case FIELD_BOOL:
			value.type = jbvBool;
			value.val.boolean = *(const bool *) place;
			pushJsonbValue(state, WJB_VALUE, &value);
			break;
		case FIELD_INT:
			push_number(state, psprintf("%d", *(const int *) place));
			break;
		case FIELD_CHOICE:
			push_string(state, WJB_VALUE, frnn_field_word(field->words, *(const int *) place));
			break;
		case FIELD_FLOAT:
			{
				char text[	64];

				float_to_shortest_decimal_buf(*(const float *) place, text);
				push_number(state, text);
				break;
			}
		default:
			elog(ERROR, "layer key %s cannot be written", field->name);
	}
}

JsonbValue *
frnn_layer_push(JsonbParseState **state, const FrnnLayer *layer)
{
	FrnnLayer	defaults = frnn_layer_default(layer->kind);

	/* these are always written */
	defaults.units = 0;
	if (layer->kind == FRNN_DROPOUT)
		defaults.dropout = -1;

	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY, "layer");
	push_string(state, WJB_VALUE, frnn_layer_word(layer->kind));
	for (int i = 0; i < (int) lengthof(layer_fields); i++)
		if (layer_fields[i].kinds & LAYER_BIT(layer->kind))
			push_field(state, &layer_fields[i].field, layer, &defaults);
	return pushJsonbValue(state, WJB_END_OBJECT, NULL);
}
