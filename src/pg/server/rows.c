/*
 * rows.c
 *	  The writer of result rows.
 */
#include "pg/server/rows.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

static void
rows_prepare(RowWriter *rows, TupleDesc desc, Tuplestorestate *store)
{
	rows->store = store;
	rows->desc = desc;
	rows->context = AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn row", ALLOCSET_SMALL_SIZES);
	rows->columns = desc->natts;
	rows->value = palloc(sizeof(Datum) * rows->columns);
	rows->null = palloc(sizeof(bool) * rows->columns);
	rows->filled = 0;
}

void
rows_start(RowWriter *rows, FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	rows_prepare(rows, result->setDesc, result->setResult);
}

void
rows_start_single(RowWriter *rows, FunctionCallInfo fcinfo)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rows_prepare(rows, BlessTupleDesc(desc), NULL);
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

static void
rows_check_filled(const RowWriter *rows)
{
	if (rows->filled != rows->columns)
		elog(ERROR, "a row has %d columns, not %d", rows->columns, rows->filled);
}

Datum
rows_finish(RowWriter *rows)
{
	Datum		result;

	rows_check_filled(rows);
	result = HeapTupleGetDatum(heap_form_tuple(rows->desc, rows->value, rows->null));
	MemoryContextDelete(rows->context);
	return result;
}

void
rows_put(RowWriter *rows)
{
	rows_check_filled(rows);
	tuplestore_putvalues(rows->store, rows->desc, rows->value, rows->null);
	rows->filled = 0;
	MemoryContextReset(rows->context);
}
