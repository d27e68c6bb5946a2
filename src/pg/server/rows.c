/*
 * rows.c
 *	  The writer of result rows of set-returning functions.
 */
#include "pg/server/rows.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

void
rows_start(RowWriter *rows, FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
	rows->result = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->context = AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn row", ALLOCSET_SMALL_SIZES);
	rows->columns = rows->result->setDesc->natts;
	rows->value = palloc(sizeof(Datum) * rows->columns);
	rows->null = palloc(sizeof(bool) * rows->columns);
	rows->filled = 0;
}

static void
rows_fill(RowWriter *rows, Datum value, bool null)
{
	if (rows->filled >= rows->columns)
		elog(ERROR, "a row has %d columns, not more", rows->columns);
	rows->value[rows->filled] = value;
	rows->null[rows->filled] = null;
	rows->filled++;
}

void
rows_null(RowWriter *rows)
{
	rows_fill(rows, (Datum) 0, true);
}

void
rows_bool(RowWriter *rows, bool value)
{
	rows_fill(rows, BoolGetDatum(value), false);
}

void
rows_int(RowWriter *rows, int32 value)
{
	rows_fill(rows, Int32GetDatum(value), false);
}

void
rows_bigint(RowWriter *rows, int64 value)
{
	MemoryContext old = MemoryContextSwitchTo(rows->context);	/* by reference on 32-bit servers */

	rows_fill(rows, Int64GetDatum(value), false);
	MemoryContextSwitchTo(old);
}

void
rows_number(RowWriter *rows, double value)
{
	MemoryContext old = MemoryContextSwitchTo(rows->context);

	rows_fill(rows, Float8GetDatum(isfinite(value) ? value : 0), !isfinite(value));
	MemoryContextSwitchTo(old);
}

void
rows_text(RowWriter *rows, const char *value)
{
	MemoryContext old = MemoryContextSwitchTo(rows->context);

	rows_fill(rows, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
	MemoryContextSwitchTo(old);
}

void
rows_datum(RowWriter *rows, Datum value)
{
	rows_fill(rows, value, false);
}

void
rows_put(RowWriter *rows)
{
	if (rows->filled != rows->columns)
		elog(ERROR, "a row has %d columns, not %d", rows->columns, rows->filled);
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, rows->value, rows->null);
	rows->filled = 0;
	MemoryContextReset(rows->context);
}
