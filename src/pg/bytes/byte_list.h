/*
 * byte_list.h
 *	  The state of aggregates that need all their inputs before they compute:
 *	  byte strings with weights, one after another in one bytea.
 *
 *	  bytes 0..7   "rnnlist1"
 *	  then for each entry: weight (8 bytes, double), length n (8 bytes, int64), n bytes
 *
 * Numbers are little-endian.  Sums of doubles depend on their order, and partial
 * states are combined in any order.  So nothing is added before the final
 * function, which sorts the entries.
 */
#ifndef FRNN_PG_BYTE_LIST_H
#define FRNN_PG_BYTE_LIST_H

#include "pg/server/compat.h"

typedef struct ByteEntry
{
	double		weight;
	bytea	   *bytes;			/* an aligned copy */
} ByteEntry;

/* Returns a list with one more entry, in the current context.  list may be NULL. */
extern bytea *byte_list_add(const bytea *list, double weight, const bytea *bytes);

/* Returns a list with the entries of both, in the current context.  Both are untrusted. */
extern bytea *byte_list_join(const bytea *a, const bytea *b);

/* Returns the entries of an untrusted list, sorted by bytes and weight. */
extern ByteEntry *byte_list_read(const bytea *list, int *count);

/* The body of transition and combine functions: arguments state, bytes[, weight] and state, state; nulls are ignored. */
extern Datum byte_list_transition(FunctionCallInfo fcinfo, const char *what);
extern Datum byte_list_combine(FunctionCallInfo fcinfo);

#endif
