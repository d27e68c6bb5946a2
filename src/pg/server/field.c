/*
 * field.c
 *	  Tables of JSON keys: see field.h.
 */
#include "pg/server/field.h"

#include <math.h>

#include "pg/server/text.h"

#define MAX_WORDS 64

void
frnn_field_mismatch(const char *what, const char *expected, const JsonbValue *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be %s, not %s", what, expected, frnn_json_show(value))));
	pg_unreachable();
}

/* "between 1 and 8", "above 0 and at most 1" */
static char *
range_text(const Field *field)
{
	if (!(field->flags & (FIELD_ABOVE | FIELD_BELOW)))
		return psprintf("between %.16g and %.16g", field->min, field->max);
	return psprintf("%s %.16g and %s %.16g",
					field->flags & FIELD_ABOVE ? "above" : "at least", field->min,
					field->flags & FIELD_BELOW ? "below" : "at most", field->max);
}

double
frnn_field_number(const Field *field, const char *what, const JsonbValue *value)
{
	double		number;

	if (value->type != jbvNumeric)
		frnn_field_mismatch(what, "a number", value);
	number = frnn_json_number(value);
	if (!(number >= field->min && number <= field->max) ||
		((field->flags & FIELD_ABOVE) && number <= field->min) ||
		((field->flags & FIELD_BELOW) && number >= field->max))
		frnn_field_mismatch(what, range_text(field), value);
	return number;
}

int64
frnn_field_integer(const Field *field, const char *what, const JsonbValue *value)
{
	/* all ranges lie within the integers that a double holds exactly */
	if (value->type != jbvNumeric || frnn_json_number(value) != rint(frnn_json_number(value)))
		frnn_field_mismatch(what, "an integer", value);
	return (int64) frnn_field_number(field, what, value);
}

int
frnn_field_choice(const FieldWord *words, const char *what, const JsonbValue *value)
{
	const char *known[MAX_WORDS];
	const char *closest;
	char	   *word;
	int			count = 0;

	for (; words[count].word; count++)
		known[count] = words[count].word;
	if (value->type != jbvString)
		frnn_field_mismatch(what, psprintf("one of %s", frnn_join(known, count)), value);
	word = frnn_json_string(value);
	for (int i = 0; i < count; i++)
		if (strcmp(word, known[i]) == 0)
			return words[i].value;
	closest = frnn_closest(word, known, count);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be one of %s, not %s", what, frnn_join(known, count), frnn_json_show(value)),
			 closest ? errhint("Perhaps you meant \"%s\".", closest) : 0));
	return 0;					/* not reached */
}

bool
frnn_field_is_auto(const Field *field, const JsonbValue *value)
{
	return (field->flags & FIELD_AUTO) && value->type == jbvString &&
		value->val.string.len == 4 && memcmp(value->val.string.val, "auto", 4) == 0;
}

void
frnn_field_store(const Field *field, double number, void *base)
{
	char	   *place = (char *) base + field->offset;

	switch (field->type)
	{
		case FIELD_INT:
		case FIELD_FLAG:
		case FIELD_CHOICE:
			*(int *) place = (int) number;
			break;
		case FIELD_INT64:
			*(int64 *) place = (int64) number;
			break;
		case FIELD_DOUBLE:
			*(double *) place = number;
			break;
		case FIELD_FLOAT:
			*(float *) place = (float) number;
			break;
		case FIELD_BOOL:
			*(bool *) place = number != 0;
			break;
		case FIELD_TEXT:
		case FIELD_OTHER:
			break;
	}
}

void
frnn_field_set(const Field *field, const char *what, const JsonbValue *value, void *base)
{
	if (frnn_field_is_auto(field, value))
	{
		frnn_field_store(field, -1, base);
		return;
	}
	switch (field->type)
	{
		case FIELD_INT:
		case FIELD_INT64:
			frnn_field_store(field, (double) frnn_field_integer(field, what, value), base);
			break;
		case FIELD_DOUBLE:
		case FIELD_FLOAT:
			frnn_field_store(field, frnn_field_number(field, what, value), base);
			break;
		case FIELD_BOOL:
		case FIELD_FLAG:
			if (value->type != jbvBool)
				frnn_field_mismatch(what, "true or false", value);
			frnn_field_store(field, value->val.boolean, base);
			break;
		case FIELD_CHOICE:
			frnn_field_store(field, frnn_field_choice(field->words, what, value), base);
			break;
		case FIELD_TEXT:
			if (value->type != jbvString || value->val.string.len == 0)
				frnn_field_mismatch(what, "a text that is not empty", value);
			*(char **) ((char *) base + field->offset) = frnn_json_string(value);
			break;
		case FIELD_OTHER:
			elog(ERROR, "%s has no parser", what);
	}
}

const char *
frnn_field_word(const FieldWord *words, int value)
{
	for (; words->word; words++)
		if (words->value == value)
			return words->word;
	return NULL;
}

char	   *
frnn_field_type(const Field *field)
{
	const char *known[MAX_WORDS];
	const char *text = "";
	int			count = 0;

	switch (field->type)
	{
		case FIELD_INT:
		case FIELD_INT64:
			text = psprintf("integer %s", range_text(field));

			break;
		case FIELD_DOUBLE:
		case FIELD_FLOAT:
			text = psprintf("number %s", range_text(field));

			break;
		case FIELD_BOOL:
		case FIELD_FLAG:
			text = "boolean";

			break;
		case FIELD_TEXT:
			text = "text";

			break;
		case FIELD_CHOICE:
		case FIELD_OTHER:
			for (; field->words && field->words[count].word; count++)
				known[count] = field->words[count].word;
			text = frnn_join(known, count);

			break;
	}
	return psprintf("%s%s", text,
					(field->flags & FIELD_AUTO) && field->type != FIELD_CHOICE ? " or auto" : "");
}
