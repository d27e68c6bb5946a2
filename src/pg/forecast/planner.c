/*
 * planner.c
 *	  Planner support: rows and cost of the functions that train and forecast.
 *
 * Rows follow from the arguments that are constants when a query is planned:
 * horizon, model and panel.  Parameters of prepared statements and variables of
 * PL/pgSQL are constants in a custom plan.  No argument is evaluated here; a
 * constant model is read, and stays in the cache of models for the execution.
 *
 * Costs are below the real ones.  Above jit_above_cost the server compiles a
 * query, which does not make a training or a forecast faster.  A training counts
 * enough that a plan whose groups are trained by parallel workers is chosen from
 * about ten networks on.  It counts so little that the 200 groups that the
 * planner assumes of a table without statistics stay below jit_above_cost.
 * Without statistics ten pages of rows are assumed of a table, some 1300, so a
 * training per row counts less if a table of the query was never analyzed.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "core/forecast/recipe.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "pg/model/model_cache.h"
#include "pg/panel/panel.h"
#include "pg/server/compat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(rnn_planner_support);

/* assumptions about what is unknown when a query is planned */
#define ASSUMED_SERIES	1		/* of a model: a table of models often has one per group */
#define ASSUMED_IN_PANEL 10		/* series of a panel */
#define ASSUMED_STEPS	24
#define ASSUMED_ROWS	100		/* of a series: evaluated or fitted */
#define ASSUMED_PATHS	100		/* the default of rnn_sample */
#define ASSUMED_PARTS	5		/* of a forecast */
#define ASSUMED_FOLDS	3		/* the default of rnn_backtest with refit */

/* costs, in units of seq_page_cost */
#define COST_CALL		2.5
#define COST_ROW		0.1
#define COST_RIDGE		10
#define COST_NETWORK	250
#define COST_ASSUMED	60		/* at most, of a training in a query whose rows are assumed */

typedef struct PlannedCall
{
	char	   *function;
	List	   *args;
	char	  **names;			/* of arguments and result columns; NULL without */
	int			count;
} PlannedCall;

/* Reads name and arguments of a call.  Returns false if the node is none. */
static bool
call_read(Oid function, Node *node, PlannedCall *call)
{
	HeapTuple	tuple;
	Oid		   *types;
	char	   *modes;

	memset(call, 0, sizeof(*call));
	if (node == NULL || !IsA(node, FuncExpr))
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	call->function = pstrdup(NameStr(((Form_pg_proc) GETSTRUCT(tuple))->proname));
	call->args = ((FuncExpr *) node)->args;
	call->count = get_func_arg_info(tuple, &types, &call->names, &modes);
	ReleaseSysCache(tuple);
	return call->names != NULL;
}

/* Returns the expression of an argument, NULL if the function has none of that name. */
static Node *
call_argument(const PlannedCall *call, const char *name)
{
	int			i;

	/* input arguments come before the columns of the result */
	for (i = 0; i < Min(call->count, list_length(call->args)); i++)
		if (strcmp(call->names[i], name) == 0)
			return list_nth(call->args, i);
	return NULL;
}

/* Returns the value of an argument that is a constant other than NULL, else false. */
static bool
call_constant(const PlannedCall *call, const char *name, Oid type, Datum *value)
{
	Node	   *argument = call_argument(call, name);

	if (argument == NULL || !IsA(argument, Const) || ((Const *) argument)->constisnull || exprType(argument) != type)
		return false;
	*value = ((Const *) argument)->constvalue;
	return true;
}

/* Returns true for an argument that is not NULL, as far as is known. */
static bool
call_has(const PlannedCall *call, const char *name)
{
	Node	   *argument = call_argument(call, name);

	return argument != NULL && !(IsA(argument, Const) && ((Const *) argument)->constisnull);
}

static double
call_integer(const PlannedCall *call, const char *name, double assumed, double most)
{
	Datum		value;

	if (!call_constant(call, name, INT4OID, &value))
		return assumed;
	return Max(1, Min((double) DatumGetInt32(value), most));
}

/* what is known of a call's model and panel */
typedef struct PlannedData
{
	double		series;
	double		steps;
	double		rows;			/* of all series */
} PlannedData;

static PlannedData
call_data(const PlannedCall *call)
{
	Node	   *panel = call_argument(call, "panel");
	PlannedData data = {ASSUMED_SERIES, ASSUMED_STEPS, 0};
	Datum		value;

	if (call_constant(call, "model", BYTEAOID, &value))
	{
		const ForecastModel *model = model_cache_get(value)->model;

		data.series = Max(model->series, 1);
		data.steps = model->core.recipe.horizon;
	}
	else if (call_has(call, "panel"))
		data.series = ASSUMED_IN_PANEL;
	data.rows = data.series * ASSUMED_ROWS;
	if (panel && call_constant(call, "panel", exprType(panel), &value))
	{
		int64		series,
					rows;

		panel_size(value, &series, &rows);
		data.series = Max(series, 1);
		data.rows = Max(rows, 1);
	}
	data.steps = call_integer(call, "horizon", data.steps, FRNN_MAX_HORIZON);
	data.steps = call_integer(call, "steps", data.steps, FRNN_MAX_HORIZON);
	return data;
}

static double
call_rows(const PlannedCall *call)
{
	PlannedData data = call_data(call);
	const char *function = call->function;
	Datum		levels;
	double		rows;

	if (strcmp(function, "rnn_state") == 0 || strcmp(function, "rnn_evaluate") == 0)
		return data.series;
	if (strcmp(function, "rnn_fitted") == 0 || strcmp(function, "rnn_detect_anomalies") == 0)
		return data.rows;
	if (strcmp(function, "rnn_backtest") == 0)
	{
		if (!call_has(call, "model"))
			return data.series * call_integer(call, "folds", ASSUMED_FOLDS, data.rows) * data.steps;
		return Min(data.series * call_integer(call, "hold_out", ASSUMED_ROWS, data.rows), data.rows);
	}
	if (strcmp(function, "rnn_sample") == 0)
		return data.series * data.steps * call_integer(call, "n", ASSUMED_PATHS, PG_INT32_MAX);
	rows = data.series * data.steps;
	if (strcmp(function, "rnn_explain") == 0)
		rows *= ASSUMED_PARTS;
	if (call_constant(call, "confidence_levels", FLOAT8ARRAYOID, &levels))
	{
		ArrayType  *array = DatumGetArrayTypeP(levels);

		rows *= Max(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)), 1);
	}
	return rows;
}

/* Returns true if the network of a training is the word ridge. */
static bool
call_is_ridge(const PlannedCall *call)
{
	JsonbValue	word;
	Datum		value;

	if (call_constant(call, "network", TEXTOID, &value))
		return strcmp(TextDatumGetCString(value), "ridge") == 0;
	return call_constant(call, "network", JSONBOID, &value) && JsonbExtractScalar(&DatumGetJsonbP(value)->root, &word) &&
		word.type == jbvString && word.val.string.len == 5 && strncmp(word.val.string.val, "ridge", 5) == 0;
}

/* Returns true if a table was neither vacuumed nor analyzed since its rows came. */
static bool
table_without_statistics(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Form_pg_class row;
	bool		without;

	if (!HeapTupleIsValid(tuple))
		return false;
	row = (Form_pg_class) GETSTRUCT(tuple);
	/* PostgreSQL 13 writes 0 where later versions write -1 */
	without = row->relpages == 0 && row->reltuples <= 0 &&
		(row->relkind == RELKIND_RELATION || row->relkind == RELKIND_MATVIEW);
	ReleaseSysCache(tuple);
	return without;
}

/* Returns true if the planner assumes the rows of a table that the query, or a subquery in FROM, reads. */
static bool
rows_are_assumed(const Query *query)
{
	ListCell   *cell;

	check_stack_depth();
	foreach(cell, query->rtable)
	{
		RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

		if (entry->rtekind == RTE_RELATION ? table_without_statistics(entry->relid) :
			entry->rtekind == RTE_SUBQUERY && entry->subquery && rows_are_assumed(entry->subquery))
			return true;
	}
	return false;
}

static double
call_cost(const PlannedCall *call, const PlannerInfo *root)
{
	double		cost = call_is_ridge(call) ? COST_RIDGE : COST_NETWORK;
	bool		training = strcmp(call->function, "rnn_train") == 0 || strcmp(call->function, "rnn_fit") == 0;

	if (strcmp(call->function, "rnn_backtest") == 0 && !call_has(call, "model"))
	{
		training = true;
		cost *= call_integer(call, "folds", ASSUMED_FOLDS, PG_INT32_MAX);
	}
	if (training)
		return cost > COST_ASSUMED && root && root->parse && rows_are_assumed(root->parse) ? COST_ASSUMED : cost;
	return COST_CALL + COST_ROW * call_rows(call);
}

Datum
rnn_planner_support(PG_FUNCTION_ARGS)
{
	Node	   *node = (Node *) PG_GETARG_POINTER(0);
	PlannedCall call;

	if (IsA(node, SupportRequestRows))
	{
		SupportRequestRows *request = (SupportRequestRows *) node;

		if (!call_read(request->funcid, request->node, &call))
			PG_RETURN_POINTER(NULL);
		request->rows = call_rows(&call);
		PG_RETURN_POINTER(request);
	}
	if (IsA(node, SupportRequestCost))
	{
		SupportRequestCost *request = (SupportRequestCost *) node;

		if (!call_read(request->funcid, request->node, &call))
			PG_RETURN_POINTER(NULL);
		request->startup = 0;
		request->per_tuple = call_cost(&call, request->root);
		PG_RETURN_POINTER(request);
	}
	PG_RETURN_POINTER(NULL);
}
