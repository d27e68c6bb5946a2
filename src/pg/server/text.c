/*
 * text.c
 *	  Helpers for messages and JSON that several topics use.
 */
#include "pg/server/text.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/numeric.h"
#include "utils/varlena.h"

/* longer words are no typing errors, and the distance function refuses them */
#define LONGEST_WORD	60
#define LONGEST_SHOWN	60

const char *
frnn_closest(const char *word, const char *const *known, int count)
{
	int			length = strlen(word);
	int			best = Max(2, length / 3);
	const char *closest = NULL;
	char	   *lower;

	if (length == 0 || length > LONGEST_WORD)
		return NULL;
	lower = asc_tolower(word, length);
	for (int i = 0; i < count; i++)
	{
		char	   *other = asc_tolower(known[i], strlen(known[i]));
		int			distance = varstr_levenshtein_less_equal(lower, length, other, strlen(other),
															 1, 1, 1, best, true);

		/* at a distance of the whole word nothing is in common */
		if (distance < length && distance < best + (closest == NULL))
		{
			best = distance;
			closest = known[i];
		}
	}
	return closest;
}

char *
frnn_join(const char *const *words, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "", words[i]);
	return text.data;
}

/* Returns at most LONGEST_SHOWN bytes of a text, cut between characters. */
static char *
shorten(const char *text)
{
	int			length = strlen(text);

	if (length <= LONGEST_SHOWN)
		return pstrdup(text);
	return psprintf("%.*s...", pg_mbcliplen(text, length, LONGEST_SHOWN), text);
}

void
frnn_unknown(const char *what, const char *word, const char *where, const char *const *known, int count)
{
	const char *closest = frnn_closest(word, known, count);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"%s%s", what, shorten(word), where ? " in " : "", where ? where : ""),
			 errdetail("Known are %s.", frnn_join(known, count)),
			 closest ? errhint("Perhaps you meant \"%s\".", closest) : 0));
	pg_unreachable();
}

JsonbContainer *
frnn_json_container(const JsonbValue *value)
{
	return value->type == jbvBinary ? value->val.binary.data : NULL;
}

char *
frnn_json_string(const JsonbValue *value)
{
	Assert(value->type == jbvString);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

double
frnn_json_number(const JsonbValue *value)
{
	Assert(value->type == jbvNumeric);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

char *
frnn_json_show(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return psprintf("\"%s\"", shorten(frnn_json_string(value)));
		case jbvNumeric:
			return shorten(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvBinary:
			return shorten(JsonbToCString(NULL, value->val.binary.data, value->val.binary.len));
		default:
			return pstrdup("null");
	}
}
