/*
 * panel_agg.c
 *	  The aggregates rnn_panel(...): transition and final functions; what combines
 *	  panels is in panel_combine.c.
 *
 * The state is a read-write expanded panel in the aggregate's context, so a
 * row is appended in place.  A series is found by the bytes of its datum; its
 * text is made only if those bytes are new.  The final function returns a
 * read-only pointer to the object, so that the function around the aggregate
 * reads it without flattening.
 */
#include "pg/panel/panel_row.h"

#include "catalog/pg_type.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rnn_panel_add);
PG_FUNCTION_INFO_V1(rnn_panel_add_series);
PG_FUNCTION_INFO_V1(rnn_panel_final);

/*
 * Returns the type of an argument.  A call without an expression, as by an
 * aggregate that runs ours on a shard, has the declared type.
 */
static Oid
call_argument_type(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argument);
	Oid		   *declared;
	int			count;

	if (OidIsValid(type))
		return type;
	(void) get_func_signature(fcinfo->flinfo->fn_oid, &declared, &count);
	if (argument < count && get_typtype(declared[argument]) != TYPTYPE_PSEUDO)
		return declared[argument];
	ereport(ERROR,
			(errcode(ERRCODE_INDETERMINATE_DATATYPE),
			 errmsg("could not determine the type of argument %d of %s", argument + 1,
					get_func_name(fcinfo->flinfo->fn_oid)),
			 errhint("Cast the series to integer, bigint or text.")));
}

/* Returns the types of the call's arguments, looked up in the first call; series_arg 0: no series. */
static PanelCall *
call_get(FunctionCallInfo fcinfo, int series_arg, int time_arg)
{
	PanelCall  *call = fcinfo->flinfo->fn_extra;
	Oid			out;
	bool		is_varlena;

	if (call != NULL)
		return call;
	call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PanelCall));
	switch (call_argument_type(fcinfo, time_arg))
	{
		case TIMESTAMPTZOID:
			call->time = PANEL_TIMESTAMPTZ;
			break;
		case TIMESTAMPOID:
			call->time = PANEL_TIMESTAMP;
			break;
		case DATEOID:
			call->time = PANEL_DATE;
			break;
		case INT8OID:
			call->time = PANEL_INTEGER;
			break;
		default:
			elog(ERROR, "rnn_panel has no time argument of that type");
	}
	if (series_arg > 0)
	{
		call->series_type = call_argument_type(fcinfo, series_arg);
		get_typlenbyval(call->series_type, &call->series_len, &call->series_byval);
		getTypeOutputInfo(call->series_type, &out, &is_varlena);
		fmgr_info_cxt(out, &call->series_out, fcinfo->flinfo->fn_mcxt);
	}
	call->named = PG_NARGS() > time_arg + 2 && call_argument_type(fcinfo, time_arg + 2) == JSONBOID;
	call->query = panel_read_once_in(fcinfo, rnn_panel_combine);
	fcinfo->flinfo->fn_extra = call;
	return call;
}

MemoryContext
panel_aggregate_context(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s can only be called by an aggregate", function),
				 errhint("Use the aggregate rnn_panel.")));
	return context;
}

static int64
time_from_datum(Datum datum, PanelTime time)
{
	return time == PANEL_DATE ? (int64) DatumGetDateADT(datum) : DatumGetInt64(datum);
}

/* Returns the key of a series argument, whose bytes are in *word or in the datum. */
static PanelKey
series_key(Datum datum, const PanelCall *call, Datum *word)
{
	if (call->series_byval)
	{
		*word = datum;
		return panel_key((const char *) word, sizeof(Datum));
	}
	if (call->series_len == -1)
	{
		struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

		return panel_key(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	}
	if (call->series_len == -2)
		return panel_key(DatumGetCString(datum), strlen(DatumGetCString(datum)));
	return panel_key(DatumGetPointer(datum), call->series_len);
}

/* Returns the series of a series argument, which is made if it is new. */
static uint32
series_find(Panel *panel, Datum datum, PanelCall *call)
{
	Datum		word;
	PanelKey	key = series_key(datum, call, &word);
	int64		series = -1;
	char	   *text;

	if (panel->raw_type == call->series_type)
		series = panel_find_raw(panel, &key);
	if (series >= 0)
		return (uint32) series;
	text = OutputFunctionCall(&call->series_out, datum);

	series = panel_series(panel, text, strlen(text));
	if (panel->raw_type == InvalidOid)
		panel->raw_type = call->series_type;
	if (panel->raw_type == call->series_type)
		panel_note_raw(panel, &key, (uint32) series);
	return (uint32) series;
}

/* Sets the time of the row; null and infinity are errors. */
static void
time_take(FunctionCallInfo fcinfo, int time_arg, PanelRow *row)
{
	if (PG_ARGISNULL(time_arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 row->has_id ? errmsg("time of series \"%s\" must not be null", panel_row_series(row)) :
				 errmsg("time must not be null")));
	row->ts = time_from_datum(PG_GETARG_DATUM(time_arg), row->call->time);
	if (unlikely(!panel_time_is_finite(row->call->time, row->ts)))
		panel_check_time(row->call->time, row->ts, row->has_id, panel_row_series(row));
}

/* Returns the palloc'd numbers of an array of covariates; for an object sets *object and returns NULL. */
static double *
covariates_take(FunctionCallInfo fcinfo, int argument, const PanelRow *row, Jsonb **object, int *count)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("covariates of %s must not be null", panel_row_text(row)),
				 errhint("Give an array with NULL elements where covariates are missing.")));
	if (!row->call->named)
		return panel_row_array(PG_GETARG_DATUM(argument), row, count);
	*object = PG_GETARG_JSONB_P(argument);
	*count = panel_row_object_count(*object, row);
	return NULL;
}

/*
 * Adds a row.  The arguments from time_arg on are time, value and optional
 * covariates; series_arg is 0 if the aggregate has no series argument.
 */
static Datum
row_add(FunctionCallInfo fcinfo, int series_arg, int time_arg, const char *function)
{
	MemoryContext context = panel_aggregate_context(fcinfo, function);
	PanelCall  *call = call_get(fcinfo, series_arg, time_arg);
	PanelRow	row = {call, series_arg > 0, 0, 0};
	Panel	   *panel;
	double	   *covariates = NULL;
	int			n_covariates = 0;
	Jsonb	   *object = NULL;
	double		value = get_float8_nan();
	uint32		series = 0;

	if (row.has_id && PG_ARGISNULL(series_arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 PG_ARGISNULL(time_arg) ? errmsg("series must not be null") :
				 errmsg("series of the row at %s must not be null",
						panel_time_text(call->time, time_from_datum(PG_GETARG_DATUM(time_arg), call->time)))));
	if (row.has_id)
		row.series = PG_GETARG_DATUM(series_arg);
	time_take(fcinfo, time_arg, &row);
	if (!PG_ARGISNULL(time_arg + 1))
		value = panel_row_number(PG_GETARG_FLOAT8(time_arg + 1), "value", &row);
	if (PG_NARGS() > time_arg + 2)
		covariates = covariates_take(fcinfo, time_arg + 2, &row, &object, &n_covariates);
	if (PG_ARGISNULL(0))
	{
		panel = panel_new(context, call->time, row.has_id,
						  call->time == PANEL_TIMESTAMPTZ ? pg_get_timezone_name(session_timezone) : NULL,
						  n_covariates);
		panel->query = call->query;
		if (n_covariates > 0 && call->named)
			panel_row_object_names(panel, object);
	}
	else
		panel = panel_writable(PG_GETARG_DATUM(0), context);
	if (unlikely(panel->time != call->time || panel->has_id != row.has_id))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows to be added to a panel must have its type of time and either all or no named series")));
	if (panel->names != NULL && object != NULL)
		covariates = panel_row_object(panel, object, &row);
	if (unlikely(n_covariates != panel->covariates))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must have %d elements as in the rows before, not %d",
						panel_row_text(&row), panel->covariates, n_covariates)));
	if (row.has_id)
		series = series_find(panel, row.series, call);
	else if (panel->n_series == 0)
		series = panel_series(panel, "", 0);
	panel_append(panel, series, row.ts, value, covariates);
	return EOHPGetRWDatum(&panel->hdr);
}

Datum
rnn_panel_add(PG_FUNCTION_ARGS)
{
	return row_add(fcinfo, 0, 1, "rnn_panel_add");
}

Datum
rnn_panel_add_series(PG_FUNCTION_ARGS)
{
	return row_add(fcinfo, 1, 2, "rnn_panel_add_series");
}

/* ---- result ---- */

Datum
rnn_panel_final(PG_FUNCTION_ARGS)
{
	Panel	   *panel = panel_expanded(PG_GETARG_DATUM(0));
	char	   *pointer;

	if (panel == NULL)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	/* a pointer of its own: the executor may free or move it */
	pointer = palloc(EXPANDED_POINTER_SIZE);
	memcpy(pointer, panel->hdr.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
	PG_RETURN_POINTER(pointer);
}
