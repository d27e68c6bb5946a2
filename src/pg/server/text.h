/*
 * text.h
 *	  Helpers for messages and JSON that several topics use.
 */
#ifndef FRNN_PG_TEXT_H
#define FRNN_PG_TEXT_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"

/*
 * Returns the known word that a word of another forecasting program stands for,
 * or the closest one, or NULL: the Levenshtein distance is at most a third of
 * its length, at least 2.
 */
extern const char *frnn_closest(const char *word, const char *const *known, int count);

/* "a, b, c" */
extern char *frnn_join(const char *const *words, int count);

/*
 * Raises 'unknown <what> "<word>" in <where>' (where may be NULL), listing the
 * known words, with a hint that names the closest.
 */
extern void frnn_unknown(const char *what, const char *word, const char *where,
						 const char *const *known, int count) pg_attribute_noreturn();

/*
 * Moves an iterator of an object, which JsonbIteratorInit made, to the next
 * member; returns false after the last.  Arrays and objects are not entered.
 */
extern bool frnn_json_member(JsonbIterator **it, JsonbValue *key, JsonbValue *value);

/* Returns a JSON value for messages: '0', '"abc"'; long texts are cut. */
extern char *frnn_json_show(const JsonbValue *value);

/* a string value as a C string */
extern char *frnn_json_string(const JsonbValue *value);

/* a number as double, infinite if beyond the range */
extern double frnn_json_number(const JsonbValue *value);

/* the container of an array or object, NULL for other values */
extern JsonbContainer *frnn_json_container(const JsonbValue *value);

#endif
