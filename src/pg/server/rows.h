/*
 * rows.h
 *	  The writer of result rows: values in the order of the columns, then
 *	  rows_put, or rows_finish for a function that returns one row.
 *
 * Texts and arrays of a row live in a context that rows_put resets, so memory
 * does not grow with the number of rows.
 */
#ifndef FRNN_PG_ROWS_H
#define FRNN_PG_ROWS_H

#include "pg/server/compat.h"
#include "funcapi.h"

typedef struct RowWriter
{
	Tuplestorestate *store;		/* NULL for a function that returns one row */
	TupleDesc	desc;
	MemoryContext context;		/* of one row's values */
	Datum	   *value;			/* (columns) */
	bool	   *null;			/* (columns) */
	int			columns;
	int			filled;
} RowWriter;

/* Prepares a set-returning function. */
extern void rows_start(RowWriter *rows, FunctionCallInfo fcinfo);

/* Prepares a function that returns one row. */
extern void rows_start_single(RowWriter *rows, FunctionCallInfo fcinfo);

/* Fill the next column: with NULL for a text that is NULL or a number that is not finite. */
extern void rows_null(RowWriter *rows);
extern void rows_bool(RowWriter *rows, bool value);
extern void rows_int(RowWriter *rows, int32 value);
extern void rows_bigint(RowWriter *rows, int64 value);
extern void rows_number(RowWriter *rows, double value);
extern void rows_text(RowWriter *rows, const char *value);

/* Fills the next column with a datum of the column's type, which must live until the row is written. */
extern void rows_datum(RowWriter *rows, Datum value);

/* Writes the row, of which all columns have been filled. */
extern void rows_put(RowWriter *rows);

/* Returns the single row in the current memory context. */
extern Datum rows_finish(RowWriter *rows);

#endif
