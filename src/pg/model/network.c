/*
 * network.c
 *	  The layer builders: SQL functions that check their arguments and return a
 *	  layer, or a list of layers, as jsonb.
 *
 * Arguments are checked by the table of a jsonb layer's keys, so both ways to
 * write a layer have the same limits and messages.  A NULL argument means the
 * default; arguments without a default must not be NULL.
 */
#include "pg/model/network_json.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "pg/model/layer_json.h"
#include "pg/server/field.h"
#include "pg/server/text.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

typedef struct Argument
{
	const char *key;
	Oid			type;
	bool		required;
} Argument;

static JsonbValue
argument_value(const Argument *argument, Datum datum, const char *where)
{
	JsonbValue	value;
	char	   *word;

	switch (argument->type)
	{
		case BOOLOID:
			value.type = jbvBool;
			value.val.boolean = DatumGetBool(datum);
			break;
		case TEXTOID:
			word = TextDatumGetCString(datum);
			value.type = jbvString;
			value.val.string.val = word;
			value.val.string.len = strlen(word);
			break;
		case INT4OID:
			value.type = jbvNumeric;
			value.val.numeric = DatumGetNumeric(DirectFunctionCall1(int4_numeric, datum));
			break;
		case FLOAT8OID:
			if (!isfinite(DatumGetFloat8(datum)))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("%s of %s must be a finite number, not %g", argument->key, where, DatumGetFloat8(datum))));
			value.type = jbvNumeric;
			value.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric, datum));
			break;
		default:
			elog(ERROR, "argument %s has an unexpected type", argument->key);
	}
	return value;
}

static void pg_attribute_noreturn()
argument_refuse_null(const char *key, const char *where)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s of %s must not be null", key, where)));
	pg_unreachable();
}

/* a network of one layer, so that `||` of two builders is a network of two */
static Datum
layer_datum(const FrnnLayer *layer)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	frnn_layer_push(&state, layer);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL)));
}

static Datum
layer_build(FunctionCallInfo fcinfo, FrnnLayerKind kind, const char *where, const Argument *argument, int count)
{
	FrnnLayer	layer = frnn_layer_default(kind);

	for (int i = 0; i < count; i++)
	{
		JsonbValue	value;

		if (PG_ARGISNULL(i))
		{
			if (argument[i].required)
				argument_refuse_null(argument[i].key, where);
			continue;
		}
		value = argument_value(&argument[i], PG_GETARG_DATUM(i), where);
		frnn_layer_set(&layer, argument[i].key, &value, where);
	}
	frnn_layer_check(&layer, where);
	return layer_datum(&layer);
}

PG_FUNCTION_INFO_V1(rnn_simple);
Datum
rnn_simple(PG_FUNCTION_ARGS)
{
	static const Argument argument[] = {
		{"units", INT4OID, true}, {"activation", TEXTOID, false}, {"return_sequences", BOOLOID, false},
		{"use_bias", BOOLOID, false}, {"dropout", FLOAT8OID, false}, {"recurrent_dropout", FLOAT8OID, false},
		{"dilation", INT4OID, false}
	};

	return layer_build(fcinfo, FRNN_SIMPLE, "rnn_simple", argument, lengthof(argument));
}

/* rnn_lstm and rnn_gru */
static const Argument gated_argument[] = {
	{"units", INT4OID, true}, {"return_sequences", BOOLOID, false}, {"use_bias", BOOLOID, false},
	{"dropout", FLOAT8OID, false}, {"recurrent_dropout", FLOAT8OID, false}, {"dilation", INT4OID, false}
};

PG_FUNCTION_INFO_V1(rnn_lstm);
Datum
rnn_lstm(PG_FUNCTION_ARGS)
{
	return layer_build(fcinfo, FRNN_LSTM, "rnn_lstm", gated_argument, lengthof(gated_argument));
}

PG_FUNCTION_INFO_V1(rnn_gru);
Datum
rnn_gru(PG_FUNCTION_ARGS)
{
	return layer_build(fcinfo, FRNN_GRU, "rnn_gru", gated_argument, lengthof(gated_argument));
}

PG_FUNCTION_INFO_V1(rnn_dense);
Datum
rnn_dense(PG_FUNCTION_ARGS)
{
	static const Argument argument[] = {
		{"units", INT4OID, true}, {"activation", TEXTOID, false}, {"use_bias", BOOLOID, false}
	};

	return layer_build(fcinfo, FRNN_DENSE, "rnn_dense", argument, lengthof(argument));
}

PG_FUNCTION_INFO_V1(rnn_dropout);
Datum
rnn_dropout(PG_FUNCTION_ARGS)
{
	static const Argument argument[] = {{"rate", FLOAT8OID, true}};

	return layer_build(fcinfo, FRNN_DROPOUT, "rnn_dropout", argument, lengthof(argument));
}

PG_FUNCTION_INFO_V1(rnn_layer_norm);
Datum
rnn_layer_norm(PG_FUNCTION_ARGS)
{
	static const Argument argument[] = {{"epsilon", FLOAT8OID, false}};

	return layer_build(fcinfo, FRNN_LAYER_NORM, "rnn_layer_norm", argument, lengthof(argument));
}

/* Returns the layer inside a wrapper: an object, or an array of one. */
static FrnnLayer
layer_inside(FunctionCallInfo fcinfo, const char *where)
{
	FrnnNetwork *network = palloc(sizeof(FrnnNetwork));
	Jsonb	   *json;

	if (PG_ARGISNULL(0))
		argument_refuse_null("layer", where);
	json = PG_GETARG_JSONB_P(0);
	if (JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("layer of %s must be a JSON object", where)));
	memset(network, 0, sizeof(FrnnNetwork));
	frnn_network_append(json, psprintf("layer of %s", where), network);
	if (network->layers != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s takes one layer, not %d", where, network->layers)));
	return network->layer[0];
}

PG_FUNCTION_INFO_V1(rnn_bidirectional);
Datum
rnn_bidirectional(PG_FUNCTION_ARGS)
{
	static const Argument merge = {"merge_mode", TEXTOID, false};
	const char *where = "rnn_bidirectional";
	FrnnLayer	layer = layer_inside(fcinfo, where);

	if (!frnn_is_recurrent(layer.kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("only recurrent layers can be bidirectional, not %s", frnn_layer_word(layer.kind))));
	if (layer.bidirectional)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the layer is bidirectional already")));
	layer.bidirectional = true;
	if (!PG_ARGISNULL(1))
	{
		JsonbValue	value = argument_value(&merge, PG_GETARG_DATUM(1), where);

		frnn_layer_set(&layer, merge.key, &value, where);
	}
	return layer_datum(&layer);
}

/* dense, dropout and layer_norm apply at each time step in any case; the wrapper exists for readers of Keras */
PG_FUNCTION_INFO_V1(rnn_time_distributed);
Datum
rnn_time_distributed(PG_FUNCTION_ARGS)
{
	FrnnLayer	layer = layer_inside(fcinfo, "rnn_time_distributed");

	if (frnn_is_recurrent(layer.kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a recurrent layer cannot be time-distributed: it needs the time axis itself")));
	return layer_datum(&layer);
}

PG_FUNCTION_INFO_V1(rnn_sequential);
Datum
rnn_sequential(PG_FUNCTION_ARGS)
{
	FrnnNetwork *network = palloc(sizeof(FrnnNetwork));
	Datum	   *element;
	bool	   *null;
	int			count;

	if (PG_ARGISNULL(0))
		argument_refuse_null("layers", "rnn_sequential");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), JSONBOID, -1, false, TYPALIGN_INT, &element, &null, &count);
	memset(network, 0, sizeof(FrnnNetwork));
	for (int i = 0; i < count; i++)
	{
		Jsonb	   *json;

		if (null[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("layer %d must not be null", i + 1)));
		json = DatumGetJsonbP(element[i]);
		if (JB_ROOT_IS_SCALAR(json))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("layer %d must be an object, not a single value", i + 1),
					 errhint("Make layers with rnn_simple, rnn_lstm, rnn_gru, rnn_dense and the other builders.")));
		frnn_network_append(json, NULL, network);
	}
	frnn_layer_count(network->layers);
	PG_RETURN_JSONB_P(frnn_network_to_jsonb(network));
}

/* Returns a network of any accepted form in canonical form. */
PG_FUNCTION_INFO_V1(rnn_network);
Datum
rnn_network(PG_FUNCTION_ARGS)
{
	FrnnNetwork *network = palloc(sizeof(FrnnNetwork));

	frnn_network_from_jsonb(PG_GETARG_JSONB_P(0), network);
	PG_RETURN_JSONB_P(frnn_network_to_jsonb(network));
}
