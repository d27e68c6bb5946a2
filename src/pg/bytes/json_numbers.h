/*
 * json_numbers.h
 *	  Structs of plain numbers as JSON objects in a model's metadata: a table
 *	  names the members, doubles keep every digit.
 */
#ifndef FRNN_PG_JSON_NUMBERS_H
#define FRNN_PG_JSON_NUMBERS_H

#include "pg/server/compat.h"

typedef enum JsonNumberType
{
	NUMBER_INT,					/* int and enums */
	NUMBER_INT64,
	NUMBER_DOUBLE,				/* NaN is written as null */
	NUMBER_FLOAT,
	NUMBER_BOOL
} JsonNumberType;

typedef struct JsonNumber
{
	const char *name;
	JsonNumberType type;
	size_t		offset;			/* in the struct */
} JsonNumber;

/* Returns the numbers of a struct as a JSON object. */
extern char *json_numbers_write(const JsonNumber *table, int count, const void *base);

/*
 * Reads text written so.  Untrusted: a member that is absent, of another kind
 * or out of its type's range is an error about the model's bytes that names
 * `what` and the member.
 */
extern void json_numbers_read(const char *text, const char *what, const JsonNumber *table, int count, void *base);

/* Copies the numbers of the table, and nothing else, from one struct to another. */
extern void json_numbers_copy(const JsonNumber *table, int count, const void *from, void *to);

#endif
