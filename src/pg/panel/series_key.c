/*
 * series_key.c
 *	  rnn_series_key: the name of a series as the value that it was made from.
 *
 * Panels and models keep names of series as text.  A number becomes a number
 * again and a row "(a,b)" an array, so that results join with the table that
 * the series came from.
 */
#include "pg/server/compat.h"

#include "lib/stringinfo.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(rnn_series_key);

#define KEY_LONGEST_NUMBER 1000 /* longer names are texts */

static const char *
digits_end(const char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* Returns true for a number as it is written for an integer or numeric: no leading zeros, no exponent. */
static bool
text_is_number(const char *text)
{
	const char *at = text +(*text == '-');
	const char *end = digits_end(at);

	if (end == at || (*at == '0' && end - at > 1) || end - text >KEY_LONGEST_NUMBER)
		return false;
	if (*end != '.')
		return *end == '\0';
	at = end + 1;
	end = digits_end(at);
	return end > at && *end == '\0' && end - text <=KEY_LONGEST_NUMBER;
}

static void
key_value(const char *text, JsonbValue *value)
{
	if (text_is_number(text))
	{
		value->type = jbvNumeric;
		value->val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
																 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	}
	else
	{
		value->type = jbvString;
		value->val.string.val = pstrdup(text);
		value->val.string.len = strlen(text);
	}
}

/*
 * Reads a field of a row as record_out writes it, up to its comma or the end.
 * Returns the place after it, NULL if this is no row.
 */
static const char *
field_read(const char *at, StringInfo out, bool *null)
{
	bool		quoted = false;

	resetStringInfo(out);
	*null = *at == ',' || *at == ')';
	for (; *at != '\0'; at++)
	{
		if (!quoted && (*at == ',' || *at == ')'))
			return at;
		if (*at == '"' && quoted && at[1] == '"')
			appendStringInfoChar(out, *++at);
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && at[1] != '\0')
			appendStringInfoChar(out, *++at);
		else
			appendStringInfoChar(out, *at);
	}
	return NULL;
}

/* Returns a row as an array, NULL if the text is none. */
static Jsonb *
row_read(const char *text)
{
	JsonbParseState *state = NULL;
	const char *at = text;
	StringInfoData field;
	JsonbValue	value;
	bool		null;

	if (*at != '(')
		return NULL;
	initStringInfo(&field);
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	do
	{
		at = field_read(at + 1, &field, &null);
		if (at == NULL)
			return NULL;
		if (null)
			value.type = jbvNull;
		else
			key_value(field.data, &value);
		pushJsonbValue(&state, WJB_ELEM, &value);
	} while (*at == ',');
	if (at[1] != '\0')
		return NULL;
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

Datum
rnn_series_key(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb	   *row = row_read(name);
	JsonbValue	value;

	if (row == NULL)
	{
		key_value(name, &value);
		row = JsonbValueToJsonb(&value);
	}
	PG_RETURN_JSONB_P(row);
}
