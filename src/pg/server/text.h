/*
 * text.h
 *	  Small helpers for messages and JSON that more than one topic needs.
 */
#ifndef FRNN_PG_TEXT_H
#define FRNN_PG_TEXT_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"

/*
 * The known word closest to `word` (Levenshtein distance at most a third of
 * its length, at least 2), or NULL.
 */
extern const char *frnn_closest(const char *word, const char *const *known, int count);

/* "a, b, c" */
extern char *frnn_join(const char *const *words, int count);

/*
 * Raise 'unknown <what> "<word>" in <where>' (where may be NULL), listing the
 * known words, with a hint that names the closest.
 */
extern void frnn_unknown(const char *what, const char *word, const char *where,
						 const char *const *known, int count) pg_attribute_noreturn();

/* a JSON value as a message shows it: '0', '"abc"', 'an array'; long texts are cut */
extern char *frnn_json_show(const JsonbValue *value);

/* a string value as a C string */
extern char *frnn_json_string(const JsonbValue *value);

/* a number as double (infinite when beyond its range) */
extern double frnn_json_number(const JsonbValue *value);

/* the container of a value, NULL unless it is an array or object */
extern JsonbContainer *frnn_json_container(const JsonbValue *value);

#endif
