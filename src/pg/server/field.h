/*
 * field.h
 *	  Tables of JSON keys: a field holds the values that a key takes and their
 *	  place in a C struct.  Options and layers are parsed by such tables, so
 *	  that a key's range stands in one place and every error about a value has
 *	  one wording.
 */
#ifndef FRNN_PG_FIELD_H
#define FRNN_PG_FIELD_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"

typedef enum FieldType
{
	FIELD_INT,					/* int */
	FIELD_INT64,
	FIELD_DOUBLE,
	FIELD_FLOAT,
	FIELD_BOOL,					/* bool */
	FIELD_FLAG,					/* int: AUTO, 0, 1 */
	FIELD_CHOICE,				/* an enum, by word */
	FIELD_TEXT,					/* char *, palloc'd */
	FIELD_OTHER					/* parsed by the owner of the table */
} FieldType;

typedef struct FieldWord
{
	const char *word;			/* NULL ends the list */
	int			value;
} FieldWord;

/* flags */
#define FIELD_ABOVE		1		/* min itself is not allowed */
#define FIELD_BELOW		2		/* max itself is not allowed */
#define FIELD_AUTO		4		/* the string "auto" is allowed: -1 */

typedef struct Field
{
	const char *name;
	FieldType	type;
	size_t		offset;			/* in the struct */
	double		min;
	double		max;
	int			flags;
	const FieldWord *words;		/* FIELD_CHOICE */
} Field;

/* Checks the value and stores it in the struct at base; what: 'option "epochs"', for messages. */
extern void frnn_field_set(const Field *field, const char *what, const JsonbValue *value, void *base);

/* Returns true if the value is the string "auto" and the field takes it. */
extern bool frnn_field_is_auto(const Field *field, const JsonbValue *value);

/* Stores a number as the field's type without a check, for defaults. */
extern void frnn_field_store(const Field *field, double number, void *base);

/* "integer, 1 to 8192" */
extern char *frnn_field_type(const Field *field);

/* Returns the word of a value of a choice, NULL if there is none. */
extern const char *frnn_field_word(const FieldWord *words, int value);

/* checks for fields of type FIELD_OTHER */
extern int64 frnn_field_integer(const Field *field, const char *what, const JsonbValue *value);
extern double frnn_field_number(const Field *field, const char *what, const JsonbValue *value);
extern int	frnn_field_choice(const FieldWord *words, const char *what, const JsonbValue *value);
extern void frnn_field_mismatch(const char *what, const char *expected, const JsonbValue *value) pg_attribute_noreturn();

#endif
