/*
 * targets.c
 *	  The fuzz targets: each gives the bytes to the reader that a query would
 *	  give them to.  What a reader accepts is used further as a query would, and
 *	  what is written from it must be readable again.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "pg/bytes/safetensors.h"
#include "pg/bytes/safetensors_foreign.h"
#include "pg/forecast/stream_state.h"
#include "pg/model/model_cache.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/options/recipe.h"
#include "pg/panel/panel.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"

extern Datum rnn_from_keras(PG_FUNCTION_ARGS);
extern Datum rnn_from_torch(PG_FUNCTION_ARGS);
extern Datum rnn_model_info(PG_FUNCTION_ARGS);
extern Datum rnn_panel_eq(PG_FUNCTION_ARGS);
extern Datum rnn_panel_in(PG_FUNCTION_ARGS);
extern Datum rnn_panel_out(PG_FUNCTION_ARGS);
extern Datum rnn_panel_recv(PG_FUNCTION_ARGS);
extern Datum rnn_panel_send(PG_FUNCTION_ARGS);
extern Datum rnn_to_keras(PG_FUNCTION_ARGS);

/* raised by a target when two answers of the product contradict each other */
static void
contradiction(const char *what)
{
	elog(ERROR, "%s", what);
}

static bytea *
bytes_of(const char *data, size_t size)
{
	bytea	   *bytes = palloc(VARHDRSZ + size);

	SET_VARSIZE(bytes, VARHDRSZ + size);
	memcpy(VARDATA(bytes), data, size);
	return bytes;
}

/* the bytes with the right checksum, if they are long enough for one: what lies behind it is to be reached */
static bytea *
sealed(const char *data, size_t size)
{
	bytea	   *bytes = bytes_of(data, size);
	char		digits[ST_DIGITS + 1];

	if (size >= ST_DIGITS_AT + ST_DIGITS)
	{
		st_checksum(VARDATA(bytes), size, digits);
		memcpy(VARDATA(bytes) + ST_DIGITS_AT, digits, ST_DIGITS);
	}
	return bytes;
}

/* a text as the server would let it in: valid, no zero byte; NULL for others */
static char *
text_of(const char *data, size_t size)
{
	if (memchr(data, '\0', size) != NULL || !pg_verify_mbstr(GetDatabaseEncoding(), data, size, true))
		return NULL;
	return pnstrdup(data, size);
}

/* NULL if it is no text; an error if it is no JSON */
static Jsonb *
json_of(const char *data, size_t size)
{
	char	   *text = text_of(data, size);

	return text ? DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text))) : NULL;
}

/* ---- models and states ---- */

static void
run_model(const char *data, size_t size)
{
	bytea	   *bytes = sealed(data, size);
	FrnnModel  *model = frnn_model_read(bytes);

	if (model->forecaster)
		model_cache_get(PointerGetDatum(bytes));
	DirectFunctionCall1(rnn_model_info, PointerGetDatum(bytes));
	if (!model->forecaster)
	{
		bytea	   *again = frnn_model_write(model, CurrentMemoryContext);

		if (VARSIZE(again) != VARSIZE(bytes) || memcmp(again, bytes, VARSIZE(bytes)) != 0)
			frnn_model_read(again);
	}
}

static Datum
fixed_file(const char *name)
{
	char		path[MAXPGPATH];
	FILE	   *file;
	static char buffer[1 << 16];
	size_t		size;

	snprintf(path, sizeof(path), "%s/%s", fuzz_corpus, name);
	file = fopen(path, "rb");
	if (file == NULL)
	{
		fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	size = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);
	return PointerGetDatum(bytes_of(buffer, size));
}

/* The first byte chooses the model that the state belongs to. */
static void
run_state(const char *data, size_t size)
{
	static const char *const name[] = {"state.window", "state.sequence", "state.linear", "state.autoregression"};
	static Datum model[lengthof(name)];
	Stream	   *stream;
	size_t		which;

	if (size < 1)
		return;
	which = (unsigned char) data[0] % lengthof(name);
	if (model[which] == 0)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		model[which] = fixed_file(name[which]);
		MemoryContextSwitchTo(old);
	}
	stream = stream_read(sealed(data + 1, size - 1), model[which]);
	stream_read(stream_write(stream), model[which]);
}

/* ---- panels ---- */

/* An accepted panel gives an equal one through text and through binary. */
static void
panel_round_trip(Datum panel)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(rnn_panel_out, panel));
	bytea	   *binary = DatumGetByteaP(DirectFunctionCall1(rnn_panel_send, panel));
	StringInfoData in;
	Datum		flat = datumCopy(panel, false, -1);

	if (!DatumGetBool(DirectFunctionCall2(rnn_panel_eq, panel, DirectFunctionCall1(rnn_panel_in, CStringGetDatum(text)))))
		contradiction("a panel's text gives another panel");
	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA(binary), VARSIZE(binary) - VARHDRSZ);
	if (!DatumGetBool(DirectFunctionCall2(rnn_panel_eq, panel, DirectFunctionCall1(rnn_panel_recv, PointerGetDatum(&in)))))
		contradiction("a panel's binary form gives another panel");
	if (!DatumGetBool(DirectFunctionCall2(rnn_panel_eq, flat, panel)))
		contradiction("a flat panel differs from its object");
}

static void
run_panel_text(const char *data, size_t size)
{
	char	   *text = text_of(data, size);

	if (text)
		panel_round_trip(DirectFunctionCall1(rnn_panel_in, CStringGetDatum(text)));
}

static void
run_panel_binary(const char *data, size_t size)
{
	StringInfoData in;

	initStringInfo(&in);
	appendBinaryStringInfo(&in, data, size);
	panel_round_trip(DirectFunctionCall1(rnn_panel_recv, PointerGetDatum(&in)));
}

/* ---- JSON ---- */

/* A network, ours or Keras's: its canonical form is read again and stays the same; small ones are resolved. */
static void
run_network(const char *data, size_t size)
{
	Jsonb	   *json = json_of(data, size);
	FrnnNetwork *network = palloc0(sizeof(FrnnNetwork));
	FrnnNetwork *again = palloc0(sizeof(FrnnNetwork));
	FrnnError	error;
	char	   *text;

	if (json == NULL)
		return;
	if (frnn_network_is_options(json))
		return;
	frnn_network_from_jsonb(json, network);
	text = frnn_network_to_text(network);
	frnn_network_from_jsonb(frnn_network_to_jsonb(network), again);
	if (strcmp(text, frnn_network_to_text(again)) != 0)
		contradiction("a network's canonical form gives another network");
	network->time_steps = 3;
	network->input_size = 2;
	(void) frnn_network_resolve(network, &error);
}

/* An object with "architecture", "weights" and "options": rnn_from_keras. */
static void
run_keras(const char *data, size_t size)
{
	Jsonb	   *json = json_of(data, size);
	Datum		model;
	static const char *const name[] = {"architecture", "weights", "options"};
	LOCAL_FCINFO(fcinfo, 3);

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return;
	InitFunctionCallInfoData(*fcinfo, NULL, 3, InvalidOid, NULL, NULL);
	for (int i = 0; i < 3; i++)
	{
		JsonbValue	value;

		fcinfo->args[i].isnull = getKeyJsonValueFromContainer(&json->root, name[i], strlen(name[i]), &value) == NULL;
		fcinfo->args[i].value = fcinfo->args[i].isnull ? (Datum) 0 : JsonbPGetDatum(JsonbValueToJsonb(&value));
	}
	model = rnn_from_keras(fcinfo);
	if (!fcinfo->isnull)
		DirectFunctionCall1(rnn_to_keras, model);
}

/* Options of both scopes; accepted ones become a recipe, whose text is read again. */
static void
run_options(const char *data, size_t size)
{
	Jsonb	   *json = json_of(data, size);
	FrnnRecipe	recipe = {0};

	if (json == NULL)
		return;
	recipe_from_options(frnn_options_parse(json, SCOPE_PANEL), &recipe);
	frnn_options_canonical(json);
	frnn_options_parse(json, SCOPE_TENSOR);
}

/* ---- files of others ---- */

/* A state_dict for a network that the first byte chooses. */
static void
run_torch(const char *data, size_t size)
{
	static const char *const network[] = {
		"[{\"layer\":\"lstm\",\"units\":2},{\"layer\":\"dense\",\"units\":1}]",
		"[{\"layer\":\"gru\",\"units\":2,\"return_sequences\":true},{\"layer\":\"gru\",\"units\":2},{\"layer\":\"dense\",\"units\":2}]",
		"[{\"layer\":\"simple\",\"units\":2,\"bidirectional\":true},{\"layer\":\"layer_norm\"},{\"layer\":\"dense\",\"units\":1}]"
	};
	LOCAL_FCINFO(fcinfo, 3);
	bytea	   *bytes;
	Datum		model;

	if (size < 1)
		return;
	bytes = bytes_of(data + 1, size - 1);
	foreign_read(bytes);		/* most inputs are refused here, before what every call does */
	InitFunctionCallInfoData(*fcinfo, NULL, 3, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = DirectFunctionCall1(jsonb_in, CStringGetDatum(network[(unsigned char) data[0] % lengthof(network)]));
	fcinfo->args[0].isnull = false;
	fcinfo->args[1].value = PointerGetDatum(bytes);
	fcinfo->args[1].isnull = false;
	fcinfo->args[2].value = (Datum) 0;
	fcinfo->args[2].isnull = true;
	model = rnn_from_torch(fcinfo);
	frnn_model_read(DatumGetByteaP(model));
}

static const FuzzTarget target[] = {
	{"model", FUZZ_SAFETENSORS, 0, run_model},
	{"state", FUZZ_SAFETENSORS, 1, run_state},
	{"panel_text", FUZZ_JSON, 0, run_panel_text},
	{"panel_binary", FUZZ_BYTES, 0, run_panel_binary},
	{"network", FUZZ_JSON, 0, run_network},
	{"keras", FUZZ_JSON, 0, run_keras},
	{"options", FUZZ_JSON, 0, run_options},
	{"torch", FUZZ_SAFETENSORS, 1, run_torch}
};

const FuzzTarget *
fuzz_target_find(const char *name)
{
	for (size_t i = 0; i < lengthof(target); i++)
		if (strcmp(target[i].name, name) == 0)
			return &target[i];
	return NULL;
}
