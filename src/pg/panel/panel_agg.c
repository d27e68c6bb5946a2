/*
 * panel_agg.c
 *	  The aggregates rnn_panel(...): transition, combine and final functions.
 *
 * The state is a read-write expanded panel in the aggregate's context, so a
 * row is appended in place.  A series is found by the bytes of its datum; its
 * text is made only if those bytes are new.  The final function returns a
 * read-only pointer to the object, so that the function around the aggregate
 * reads it without flattening.
 */
#include "pg/panel/panel_state.h"

#include "catalog/pg_type.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rnn_panel_add);
PG_FUNCTION_INFO_V1(rnn_panel_add_series);
PG_FUNCTION_INFO_V1(rnn_panel_join);
PG_FUNCTION_INFO_V1(rnn_panel_combine);
PG_FUNCTION_INFO_V1(rnn_panel_final);

/* types of the arguments, and where the state belongs; kept in fn_extra */
typedef struct CallSite
{
	PanelTime	time;
	bool		named;			/* covariates are an object */
	Oid			series_type;
	int16		series_len;
	bool		series_byval;
	FmgrInfo	series_out;
	MemoryContext query;		/* see panel_read_once_in */
} CallSite;

/*
 * Returns the type of an argument.  A call without an expression, as by an
 * aggregate that runs ours on a shard, has the declared type.
 */
static Oid
site_argument_type(FunctionCallInfo fcinfo, int argument)
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

static CallSite *
site_get(FunctionCallInfo fcinfo, int series_arg, int time_arg)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;
	Oid			out;
	bool		is_varlena;

	if (site != NULL)
		return site;
	site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
	switch (site_argument_type(fcinfo, time_arg))
	{
		case TIMESTAMPTZOID:
			site->time = PANEL_TIMESTAMPTZ;
			break;
		case TIMESTAMPOID:
			site->time = PANEL_TIMESTAMP;
			break;
		case DATEOID:
			site->time = PANEL_DATE;
			break;
		case INT8OID:
			site->time = PANEL_INTEGER;
			break;
		default:
			elog(ERROR, "rnn_panel has no time argument of that type");
	}
	if (series_arg > 0)
	{
		site->series_type = site_argument_type(fcinfo, series_arg);
		get_typlenbyval(site->series_type, &site->series_len, &site->series_byval);
		getTypeOutputInfo(site->series_type, &out, &is_varlena);
		fmgr_info_cxt(out, &site->series_out, fcinfo->flinfo->fn_mcxt);
	}
	site->named = PG_NARGS() > time_arg + 2 && site_argument_type(fcinfo, time_arg + 2) == JSONBOID;
	site->query = panel_read_once_in(fcinfo, rnn_panel_combine);
	fcinfo->flinfo->fn_extra = site;
	return site;
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

/* ---- one row ---- */

/* what names a row in messages; text is made for errors only */
typedef struct Row
{
	CallSite   *site;
	bool		has_id;
	Datum		series;
	int64		ts;
} Row;

static char *
row_series_text(const Row *row)
{
	return row->has_id ? OutputFunctionCall(&row->site->series_out, row->series) : "";
}

static char *
row_text(const Row *row)
{
	return panel_row_name(row->has_id, row_series_text(row), panel_time_text(row->site->time, row->ts));
}

static int64
time_from_datum(Datum datum, PanelTime time)
{
	return time == PANEL_DATE ? (int64) DatumGetDateADT(datum) : DatumGetInt64(datum);
}

static double
number_take(double number, const char *what, const Row *row)
{
	if (unlikely(!isfinite(number)))
		panel_check_number(number, what, row_text(row));
	return number + 0.0;		/* -0 becomes 0 */
}

/* Returns a palloc'd copy of the numbers of a covariate array, NULLs as NaN. */
static double *
covariates_take(Datum datum, const Row *row, int *count)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	double	   *given = (double *) ARR_DATA_PTR(array);
	bits8	   *known = ARR_NULLBITMAP(array);
	double	   *numbers;
	int			i;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must be a one-dimensional array, not one of %d dimensions",
						row_text(row), ARR_NDIM(array))));
	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (*count > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates of %s must have at most %d elements, not %d",
						row_text(row), PANEL_MAX_COVARIATES, *count)));
	numbers = palloc(Max(*count, 1) * sizeof(double));
	for (i = 0; i < *count; i++)
	{
		if (known != NULL && (known[i / 8] & (1 << (i % 8))) == 0)
			numbers[i] = get_float8_nan();
		else
			numbers[i] = number_take(*given++, "covariate", row);
	}
	return numbers;
}

/* Returns the number of covariates of an object. */
static int
named_count(Jsonb *object, const Row *row)
{
	int			count;

	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("covariates of %s must be a JSON object of names and values", row_text(row)),
				 errhint("Make it by jsonb_build_object('promo', promo, 'price', price), or from the row by to_jsonb(t) - 'value'.")));
	count = JB_ROOT_COUNT(object);
	if (count > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates of %s must have at most %d elements, not %d",
						row_text(row), PANEL_MAX_COVARIATES, count)));
	return count;
}

static void
named_begin(Panel *panel, Jsonb *object)
{
	PanelNames *names = panel_names_create(panel->hdr.eoh_context, panel->covariates);
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			i = 0;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		if (token == WJB_KEY)
			panel_names_set(names, i++, v.val.string.val, v.val.string.len);
	panel->names = names;
}

/* Returns the number that to_jsonb() writes as that text, because JSON has none; 0: it is a text. */
static double
not_finite(const char *text, int len)
{
	return len == 3 && memcmp(text, "NaN", 3) == 0 ? get_float8_nan() :
		len == 8 && memcmp(text, "Infinity", 8) == 0 ? get_float8_infinity() :
		len == 9 && memcmp(text, "-Infinity", 9) == 0 ? -get_float8_infinity() : 0;
}

/* Returns a number of jsonb, which has up to 131072 digits and no limit that a float8 has. */
static double
named_number(const char *name, Numeric numeric, const Row *row)
{
	double		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(numeric)));

	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("covariate \"%s\" of %s is out of range for type double precision", name, row_text(row))));
	return number;
}

/* Returns the number that stands for a value in the rows. */
static double
named_value(PanelNames *names, int i, const JsonbValue *v, const Row *row)
{
	PanelColumnKind kind = v->type == jbvNull ? PANEL_COLUMN_UNKNOWN : v->type == jbvString ? PANEL_COLUMN_CATEGORY : PANEL_COLUMN_NUMBER;

	if (v->type == jbvString)
	{
		double		number = not_finite(v->val.string.val, v->val.string.len);

		if (number != 0)
			panel_check_number(number, psprintf("covariate \"%s\"", names->name[i]), row_text(row));
	}
	if (v->type == jbvBinary)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("covariate \"%s\" of %s must be a number, a boolean or a text", names->name[i], row_text(row))));
	if (kind != names->kind[i])
		panel_names_set_kind(names, i, kind, kind == PANEL_COLUMN_UNKNOWN || names->kind[i] == PANEL_COLUMN_UNKNOWN ? "" : row_text(row));
	switch (v->type)
	{
		case jbvNumeric:
			return named_number(names->name[i], v->val.numeric, row);
		case jbvBool:
			return v->val.boolean ? 1 : 0;
		case jbvString:
			return panel_names_add_word(names, v->val.string.val, v->val.string.len);
		default:
			return get_float8_nan();
	}
}

/* Returns the palloc'd numbers of an object, in the order of the panel's names. */
static double *
named_take(Panel *panel, Jsonb *object, const Row *row)
{
	PanelNames *names = panel->names;
	double	   *numbers = palloc(Max(names->n, 1) * sizeof(double));
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			i = 0;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		if (i >= names->n || strlen(names->name[i]) != v.val.string.len ||
			memcmp(names->name[i], v.val.string.val, v.val.string.len) != 0)
			panel_names_check(names, i, v.val.string.val, v.val.string.len, row_text(row));
		(void) JsonbIteratorNext(&it, &v, true);
		numbers[i] = named_value(names, i, &v, row);
		i++;
	}
	if (i < names->n)
		panel_names_check(names, i, NULL, 0, row_text(row));
	return numbers;
}

/* Returns the key of a series argument, whose bytes are in *word or in the datum. */
static PanelKey
series_key(Datum datum, const CallSite *site, Datum *word)
{
	if (site->series_byval)
	{
		*word = datum;
		return panel_key((const char *) word, sizeof(Datum));
	}
	if (site->series_len == -1)
	{
		struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

		return panel_key(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	}
	if (site->series_len == -2)
		return panel_key(DatumGetCString(datum), strlen(DatumGetCString(datum)));
	return panel_key(DatumGetPointer(datum), site->series_len);
}

static uint32
series_find(Panel *panel, Datum datum, CallSite *site)
{
	Datum		word;
	PanelKey	key = series_key(datum, site, &word);
	int64		series = -1;
	char	   *text;

	if (panel->raw_type == site->series_type)
		series = panel_find_raw(panel, &key);
	if (series >= 0)
		return (uint32) series;
	text = OutputFunctionCall(&site->series_out, datum);

	series = panel_series(panel, text, strlen(text));
	if (panel->raw_type == InvalidOid)
		panel->raw_type = site->series_type;
	if (panel->raw_type == site->series_type)
		panel_note_raw(panel, &key, (uint32) series);
	return (uint32) series;
}

/* Returns the time of the row; null and infinity are errors. */
static int64
time_take(FunctionCallInfo fcinfo, int time_arg, Row *row)
{
	if (PG_ARGISNULL(time_arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 row->has_id ? errmsg("time of series \"%s\" must not be null", row_series_text(row)) :
				 errmsg("time must not be null")));
	row->ts = time_from_datum(PG_GETARG_DATUM(time_arg), row->site->time);
	if (unlikely(!panel_time_is_finite(row->site->time, row->ts)))
		panel_check_time(row->site->time, row->ts, row->has_id, row_series_text(row));
	return row->ts;
}

/*
 * Adds a row.  The arguments from time_arg on are time, value and optional
 * covariates; series_arg is 0 if the aggregate has no series argument.
 */
static Datum
row_add(FunctionCallInfo fcinfo, int series_arg, int time_arg, const char *function)
{
	MemoryContext context = panel_aggregate_context(fcinfo, function);
	CallSite   *site = site_get(fcinfo, series_arg, time_arg);
	Row			row = {site, series_arg > 0, 0, 0};
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
						panel_time_text(site->time, time_from_datum(PG_GETARG_DATUM(time_arg), site->time)))));
	if (row.has_id)
		row.series = PG_GETARG_DATUM(series_arg);
	time_take(fcinfo, time_arg, &row);
	if (!PG_ARGISNULL(time_arg + 1))
		value = number_take(PG_GETARG_FLOAT8(time_arg + 1), "value", &row);
	if (PG_NARGS() > time_arg + 2)
	{
		if (PG_ARGISNULL(time_arg + 2))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("covariates of %s must not be null", row_text(&row)),
					 errhint("Give an array with NULL elements where covariates are missing.")));
		if (site->named)
		{
			object = PG_GETARG_JSONB_P(time_arg + 2);
			n_covariates = named_count(object, &row);
		}
		else
			covariates = covariates_take(PG_GETARG_DATUM(time_arg + 2), &row, &n_covariates);
	}

	if (PG_ARGISNULL(0))
	{
		panel = panel_new(context, site->time, row.has_id,
						  site->time == PANEL_TIMESTAMPTZ ? pg_get_timezone_name(session_timezone) : NULL,
						  n_covariates);
		panel->query = site->query;
		if (n_covariates > 0 && site->named)
			named_begin(panel, object);
	}
	else
		panel = panel_writable(PG_GETARG_DATUM(0), context);
	if (unlikely(panel->time != site->time || panel->has_id != row.has_id))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows to be added to a panel must have its type of time and either all or no named series")));
	if (panel->names != NULL && object != NULL)
		covariates = named_take(panel, object, &row);
	if (unlikely(n_covariates != panel->covariates))
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must have %d elements as in the rows before, not %d",
						row_text(&row), panel->covariates, n_covariates)));
	if (row.has_id)
		series = series_find(panel, row.series, site);
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

/* ---- combining ---- */

static void
kind_check_names(Panel *panel, const PanelKind *kind)
{
	if (panel->names == NULL && kind->names == NULL)
		return;
	if (panel->names == NULL && panel->n_series == 0 && panel->parts == NIL)
		panel->names = panel_names_copy(panel->hdr.eoh_context, kind->names);
	else if (panel->names == NULL || kind->names == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have either all or no names of covariates")));
	else
		panel_names_merge(panel->names, kind->names,
						  panel_row_name(kind->has_id, kind->first_id, panel_time_text(kind->time, kind->first_ts)));
}

/* Raises an error unless a panel can be combined with the one so far, which receives its names of covariates. */
static void
kind_check(Panel *panel, const PanelKind *kind)
{
	if (kind->time != panel->time)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have the same type of time, not %s and %s",
						panel_time_type_name(panel->time), panel_time_type_name(kind->time))));
	if (kind->has_id != panel->has_id)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have either all or none named series"),
				 errhint("Give each panel a series argument, as in rnn_panel(series, time, value).")));
	kind_check_names(panel, kind);
	if (kind->covariates != panel->covariates)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must have %d elements as in other rows, not %d",
						panel_row_name(kind->has_id, kind->first_id, panel_time_text(kind->time, kind->first_ts)),
						panel->covariates, kind->covariates)));
	if (panel->time_zone != NULL && strcmp(panel->time_zone, kind->zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("panels to be combined must have one time zone, not \"%s\" and \"%s\"",
						panel->time_zone, kind->zone),
				 errhint("Set the same TimeZone in all sessions that make the panels. Sessions of postgres_fdw have GMT, unless a function that makes the panel has its own SET TimeZone.")));
}

/* Returns the state with the rows of an object, which is the state itself if it may be taken over. */
static Panel *
object_combine(MemoryContext context, Panel *panel, Panel *object, bool read_once)
{
	PanelKind	kind;

	if (read_once && panel == NULL)
	{
		panel_adopt(object, context);
		return object;
	}
	panel_object_kind(object, &kind);
	if (panel == NULL)
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
	kind_check(panel, &kind);
	panel_append_object(panel, object);
	if (read_once)
		panel_drain(object);
	return panel;
}

/* Returns the state with the rows of flat bytes, which it keeps as a part. */
static Panel *
flat_combine(MemoryContext context, Panel *panel, const PanelFlat *flat)
{
	PanelKind	kind;

	panel_flat_kind(flat, &kind);
	if (panel == NULL)
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
	kind_check(panel, &kind);
	panel_add_part(panel, flat);
	return panel;
}

/*
 * Users may make this function the transition function of an aggregate of
 * their own.  Only where the plan combines partial states is the argument such
 * a state, which may be taken over or emptied.
 */
Datum
rnn_panel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = panel_aggregate_context(fcinfo, "rnn_panel_combine");
	bool		partial = panel_combines_partial(fcinfo);
	Panel	   *panel = NULL;
	Panel	   *object;
	PanelFlat  *flat = NULL;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(0))
		panel = panel_writable(PG_GETARG_DATUM(0), context);
	if (PG_ARGISNULL(1))
		return EOHPGetRWDatum(&panel->hdr);
	object = panel_expanded(PG_GETARG_DATUM(1));
	if (object == NULL)
	{
		flat = (PanelFlat *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
		if (partial)
			object = panel_redeem(flat);
	}
	if (object != NULL)
		panel = object_combine(context, panel, object, partial && object->query != NULL);
	else
		panel = flat_combine(context, panel, flat);
	return EOHPGetRWDatum(&panel->hdr);
}

/*
 * Transition function of the aggregate over panels: the rows of all.  NULLs,
 * as of shards without rows, are ignored.
 */
Datum
rnn_panel_join(PG_FUNCTION_ARGS)
{
	MemoryContext context = panel_aggregate_context(fcinfo, "rnn_panel_join");
	Panel	   *panel = PG_ARGISNULL(0) ? NULL : panel_writable(PG_GETARG_DATUM(0), context);
	Panel	   *object;
	PanelFlat  *flat = NULL;
	PanelKind	kind;

	if (PG_ARGISNULL(1) && panel == NULL)
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		return EOHPGetRWDatum(&panel->hdr);
	object = panel_expanded(PG_GETARG_DATUM(1));
	if (object != NULL)
		panel_object_kind(object, &kind);
	else
	{
		flat = (PanelFlat *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
		panel_flat_kind(flat, &kind);
	}
	if (panel == NULL)
	{
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
		panel->query = panel_read_once_in(fcinfo, rnn_panel_combine);
	}
	kind_check(panel, &kind);
	if (object != NULL)
		panel_append_object(panel, object);
	else
	{
		panel_append_flat(panel, flat, 0);
		PG_FREE_IF_COPY(flat, 1);
	}
	return EOHPGetRWDatum(&panel->hdr);
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
