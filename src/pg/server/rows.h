/*
 * rows.h
 *	  The writer of result rows of set-returning functions: values in the order
 *	  of the columns, then rows_put.
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
	ReturnSetInfo *result;
	MemoryContext context;		/* of one row's values */
	Datum	   *value;			/* (columns) */
	bool	   *null;			/* (columns) */
	int			columns;
	int			filled;
} RowWriter;

/* set up fcinfo to return rows */
extern void rows_start(RowWriter *rows, FunctionCallInfo fcinfo);

/* the next column: NULL for a text that is NULL or a number that is not finite */
extern void rows_null(RowWriter *rows);
extern void rows_bool(RowWriter *rows, bool value);
extern void rows_int(RowWriter *rows, int32 value);
extern void rows_bigint(RowWriter *rows, int64 value);
extern void rows_number(RowWriter *rows, double value);
extern void rows_text(RowWriter *rows, const char *value);

/* a datum of the column's type, which must live until rows_put */
extern void rows_datum(RowWriter *rows, Datum value);

/* write the row, of which all columns have been filled */
extern void rows_put(RowWriter *rows);

#endif
