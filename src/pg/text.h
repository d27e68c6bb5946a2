/*
 * text.h
 *	  Small helpers for messages and JSON that more than one topic needs.
 */
#ifndef FRNN_PG_TEXT_H
#define FRNN_PG_TEXT_H

#include "compat.h"
#include "utils/jsonb.h"

/*
 * The known word closest to `word` (Levenshtein distance at most a third of
 * its length, at least 2), or NULL.
 */
extern const char *frnn_closest(const char *word, const char *const *known, int count);

/* "a, b, c" */
extern char *frnn_join(const char *const *words, int count);

#endif
