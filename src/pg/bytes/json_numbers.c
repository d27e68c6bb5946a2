/*
 * json_numbers.c
 *	  Structs of plain numbers as JSON objects in a model's metadata.
 */
#include "pg/bytes/json_numbers.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "pg/bytes/safetensors.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

static void
write_double(StringInfo out, double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (!isfinite(value))
	{
		appendStringInfoString(out, "null");
		return;
	}
	double_to_shortest_decimal_buf(value, digits);
	appendStringInfoString(out, digits);
}

char	   *
json_numbers_write(const JsonNumber *table, int count, const void *base)
{
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	for (i = 0; i < count; i++)
	{
		const char *member = (const char *) base + table[i].offset;

		appendStringInfo(&out, "%c\"%s\":", i == 0 ? '{' : ',', table[i].name);
		switch (table[i].type)
		{
			case NUMBER_INT:
				appendStringInfo(&out, "%d", *(const int *) member);
				break;
			case NUMBER_INT64:
				appendStringInfo(&out, INT64_FORMAT, *(const int64 *) member);
				break;
			case NUMBER_DOUBLE:
				write_double(&out, *(const double *) member);
				break;
			case NUMBER_FLOAT:
				write_double(&out, *(const float *) member);
				break;
			case NUMBER_BOOL:
				appendStringInfoString(&out, *(const bool *) member ? "1" : "0");
				break;
		}
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

/*
 * Text to jsonb, its syntax errors being errors of the model's bytes.  Nothing
 * but parsing happens inside, so flushing the error leaves nothing behind.
 */
static Jsonb *
parse_untrusted(const char *text, const char *what)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb	   *volatile json = NULL;

	PG_TRY();
	{
		json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		if (ERRCODE_TO_CATEGORY(geterrcode()) != ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		st_corrupt("%s is not JSON", what);
	}
	PG_END_TRY();
	return json;
}

/* a number of the object as double; null is NaN */
static double
read_number(JsonbValue *value, const char *what, const char *name)
{
	double		number;

	if (value == NULL)
		st_corrupt("%s lacks \"%s\"", what, name);
	if (value->type == jbvNull)
		return NAN;
	if (value->type != jbvNumeric)
		st_corrupt("%s has a \"%s\" that is not a number", what, name);
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
	if (!isfinite(number))
		st_corrupt("%s has a \"%s\" that is out of range", what, name);
	return number;
}

static int64
read_integer(JsonbValue *value, const char *what, const char *name, int64 low, int64 high)
{
	double		number = read_number(value, what, name);
	char	   *digits;
	int64		integer;

	/* exact beyond 2^53: seeds are 64 bits wide */
	if (!(fabs(number) < 9.3e18) || number != floor(number))
		st_corrupt("%s has a \"%s\" that is not an integer", what, name);
	digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	errno = 0;
	integer = strtoll(digits, NULL, 10);
	if (errno != 0 || integer < low || integer > high)
		st_corrupt("%s has a \"%s\" that is out of range", what, name);
	return integer;
}

void
json_numbers_read(const char *text, const char *what, const JsonNumber *table, int count, void *base)
{
	Jsonb	   *json = parse_untrusted(text, what);
	int			i;

	if (!JB_ROOT_IS_OBJECT(json))
		st_corrupt("%s is not an object", what);
	for (i = 0; i < count; i++)
	{
		JsonbValue	key;
		JsonbValue *value;
		char	   *member = (char *) base + table[i].offset;

		key.type = jbvString;
		key.val.string.val = unconstify(char *, table[i].name);
		key.val.string.len = strlen(table[i].name);
		value = findJsonbValueFromContainer(&json->root, JB_FOBJECT, &key);
		switch (table[i].type)
		{
			case NUMBER_INT:
				*(int *) member = (int) read_integer(value, what, table[i].name, PG_INT32_MIN, PG_INT32_MAX);
				break;
			case NUMBER_INT64:
				*(int64 *) member = read_integer(value, what, table[i].name, PG_INT64_MIN, PG_INT64_MAX);
				break;
			case NUMBER_DOUBLE:
				*(double *) member = read_number(value, what, table[i].name);
				break;
			case NUMBER_FLOAT:
				*(float *) member = (float) read_number(value, what, table[i].name);
				break;
			case NUMBER_BOOL:
				*(bool *) member = read_number(value, what, table[i].name) != 0;
				break;
		}
	}
}

void
json_numbers_copy(const JsonNumber *table, int count, const void *from, void *to)
{
	static const size_t size[] = {
		[NUMBER_INT] = sizeof(int),[NUMBER_INT64] = sizeof(int64),[NUMBER_DOUBLE] = sizeof(double),
		[NUMBER_FLOAT] = sizeof(float),[NUMBER_BOOL] = sizeof(bool)
	};
	int			i;

	for (i = 0; i < count; i++)
		memcpy((char *) to + table[i].offset, (const char *) from + table[i].offset, size[table[i].type]);
}
