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
 *
 * In an aggregate the state is an expanded object, so that an entry is added
 * without copying those before it.  It is flat when it travels.
 */
#ifndef FRNN_PG_BYTE_LIST_H
#define FRNN_PG_BYTE_LIST_H

#include "pg/server/compat.h"

typedef struct ByteEntry
{
	double		weight;
	bytea	   *bytes;			/* an aligned copy */
} ByteEntry;

/*
 * Returns the entries of an untrusted list, at least one, sorted by bytes and
 * weight.  They last as long as the state.  A list that is damaged or empty is an
 * error.
 */
extern ByteEntry *byte_list_read(Datum state, int *count);

/* The body of transition and combine functions: arguments state, bytes[, weight] and state, state; nulls are ignored. */
extern Datum byte_list_transition(FunctionCallInfo fcinfo, const char *what);
extern Datum byte_list_combine(FunctionCallInfo fcinfo);

#endif
