/*
 * managed.c
 *	  Running the stored query of a managed model: checked to be one SELECT,
 *	  then run read-only as the model's owner with the search_path recorded
 *	  when the model was made.
 *
 * The caller must have the owner's privileges already, so nobody gains any; a
 * superuser who retrains other people's models loses theirs while their
 * queries run.  The switch is the one that REFRESH MATERIALIZED VIEW makes: a
 * security-restricted operation, left through the server's own clean-up when
 * an error is raised.  Within it the server refuses whatever would run later
 * with the rights of the caller: deferred triggers, cursors WITH HOLD,
 * temporary objects, other roles.
 */
#include "pg/server/compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pg/server/rows.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/plancache.h"

PG_FUNCTION_INFO_V1(rnn_query_check);
PG_FUNCTION_INFO_V1(rnn_query_columns);
PG_FUNCTION_INFO_V1(rnn_query_as);

/* state to restore after the query */
typedef struct Sandbox
{
	Oid			user;
	int			security;
	int			settings;
	bool		read_only;
} Sandbox;

/* Returns the role that a query is to run as, whose privileges the caller must have. */
static Oid
sandbox_owner(const char *owner)
{
	Oid			role = get_role_oid(owner, true);

	if (!OidIsValid(role))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("role \"%s\", the owner of the model, does not exist", owner),
						errhint("Create the role, or let a superuser set another owner in rnn_models.")));
	if (!has_privs_of_role(GetUserId(), role))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("permission denied to run a query as role \"%s\"", owner),
						errhint("Only the owner of a model, or a member of its role, may run the model's query.")));
	return role;
}

static void
sandbox_enter(Sandbox *sandbox, Oid owner, const char *search_path)
{
	GetUserIdAndSecContext(&sandbox->user, &sandbox->security);
	sandbox->read_only = XactReadOnly;
	sandbox->settings = NewGUCNestLevel();
	SetUserIdAndSecContext(owner, sandbox->security | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	(void) set_config_option("search_path", search_path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	/* functions that the query calls must not write either */
	XactReadOnly = true;
}

static void
sandbox_leave(const Sandbox *sandbox)
{
	XactReadOnly = sandbox->read_only;
	AtEOXact_GUC(false, sandbox->settings);
	SetUserIdAndSecContext(sandbox->user, sandbox->security);
}

/* Shows a syntax error in the model's query, not at that place of the calling statement. */
static void
query_error_place(void *arg)
{
	int			place = geterrposition();

	if (place <= 0)
		return;
	errposition(0);
	internalerrposition(place);
	internalerrquery((const char *) arg);
	errhint("The query of a model is a SELECT of columns named ts and value, and series if there are several.");
}

/* Returns the list of statements in a query. */
static List *
query_parse(char *query)
{
	ErrorContextCallback place = {.callback = query_error_place, .arg = query, .previous = error_context_stack};
	List	   *parsed;

	error_context_stack = &place;
	parsed = pg_parse_query(query);
	error_context_stack = place.previous;
	return parsed;
}

/* Returns the one SELECT in a text, without the semicolon and what surrounds it; all other texts are errors. */
static char *
query_select(char *query)
{
	List	   *parsed = query_parse(query);
	RawStmt    *statement;

	if (list_length(parsed) != 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the query of a model must be one statement, not %d", list_length(parsed))));
	statement = linitial_node(RawStmt, parsed);
	if (!IsA(statement->stmt, SelectStmt) || ((SelectStmt *) statement->stmt)->intoClause != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the query of a model must be a SELECT"),
						errhint("It is run again at each training and must not change anything.")));
	query += statement->stmt_location;
	return statement->stmt_len > 0 ? pnstrdup(query, statement->stmt_len) : query;
}

/* rnn_query_check(query) */
Datum
rnn_query_check(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(query_select(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}

/* rnn_query_columns(owner, search_path, query) -> (name, type): the columns of the query, which is not run */
Datum
rnn_query_columns(PG_FUNCTION_ARGS)
{
	char	   *path = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *query = text_to_cstring(PG_GETARG_TEXT_PP(2));
	Oid			owner = sandbox_owner(NameStr(*PG_GETARG_NAME(0)));
	RowWriter	rows;
	Sandbox		sandbox;
	SPIPlanPtr	plan;
	TupleDesc	desc;
	int			i;

	rows_start(&rows, fcinfo);
	SPI_connect();
	sandbox_enter(&sandbox, owner, path);
	/* checked first: what is wrapped is one SELECT, and so the plan has one source that returns rows */
	plan = SPI_prepare(psprintf("SELECT * FROM (\n%s\n) AS source", query_select(query)), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare: %s", SPI_result_code_string(SPI_result));
	desc = ((CachedPlanSource *) linitial(SPI_plan_get_plan_sources(plan)))->resultDesc;
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		rows_text(&rows, NameStr(column->attname));
		rows_text(&rows, format_type_be(column->atttypid));
		rows_put(&rows);
	}
	sandbox_leave(&sandbox);
	SPI_finish();
	return (Datum) 0;
}

/* Refuses rows of other types than the caller has named. */
static void
query_check_types(TupleDesc found, TupleDesc expected)
{
	int			i;

	if (found->natts != expected->natts)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("the statement returns %d columns, not %d", found->natts, expected->natts)));
	for (i = 0; i < found->natts; i++)
		if (TupleDescAttr(found, i)->atttypid != TupleDescAttr(expected, i)->atttypid)
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("column %d of the statement is of type %s, not %s", i + 1,
								   format_type_be(TupleDescAttr(found, i)->atttypid),
								   format_type_be(TupleDescAttr(expected, i)->atttypid))));
}

/* rnn_query_as(owner, search_path, statement): the rows of a SELECT, of the types that the caller names */
Datum
rnn_query_as(PG_FUNCTION_ARGS)
{
	char	   *path = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *statement = text_to_cstring(PG_GETARG_TEXT_PP(2));
	Oid			owner = sandbox_owner(NameStr(*PG_GETARG_NAME(0)));
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Sandbox		sandbox;
	uint64		row;

	if (result == NULL || !IsA(result, ReturnSetInfo) || !(result->allowedModes & SFRM_Materialize) || result->expectedDesc == NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("set-valued function called in context that cannot accept a set")));
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	sandbox_enter(&sandbox, owner, path);
	if (SPI_execute(query_select(statement), true, 0) != SPI_OK_SELECT)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the statement must be a SELECT")));
	query_check_types(SPI_tuptable->tupdesc, result->setDesc);
	sandbox_leave(&sandbox);
	for (row = 0; row < SPI_processed; row++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[row]);
	SPI_finish();
	return (Datum) 0;
}
