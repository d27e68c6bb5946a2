/*
 * refuse.c
 *	  Calls with arguments that no form of a function takes.  Each function that
 *	  a new user calls first has a form of any arguments, which PostgreSQL chooses
 *	  if no other fits: its error shows the forms that there are.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rnn_refuse);
PG_FUNCTION_INFO_V1(rnn_panel_refuse);
PG_FUNCTION_INFO_V1(rnn_steps);

typedef struct Refusal
{
	const char *function;
	const char *forms;
	const char *hint;
	const char *hint_first;		/* if the first argument is what it must be: the others are not; NULL: the same */
} Refusal;

#define PANEL_HINT(function) "Pass the rows: " function "(model, (SELECT rnn_panel(series, time, value) FROM ...))."

static const Refusal refusals[] = {
	{"rnn_train", "It takes a panel, a network and options; each but the panel may be left out.",
		"Make a panel of the rows: SELECT rnn_train(rnn_panel(series, time, value), '{\"horizon\": 7}') FROM ...",
	"Options are one JSON object of the type jsonb: rnn_train(panel, 'ridge', '{\"horizon\": 7}')."},
	{"rnn_forecast", "It takes a model or its name, then a panel of fresh rows or a horizon.",
		"Train a model first: rnn_forecast(rnn_train(panel, '{\"horizon\": 7}')).",
	"A horizon is an integer, a number of rows. Name further arguments: rnn_forecast(model, horizon => 7, confidence_level => 0.9)."},
	{"rnn_explain", "It takes a model or its name, then a panel of fresh rows.",
	"Name further arguments: rnn_explain(model, horizon => 7).", NULL},
	{"rnn_sample", "It takes a model or its name, then a panel of fresh rows.",
	"Name further arguments: rnn_sample(model, n => 100, horizon => 7).", NULL},
	{"rnn_plot", "It takes a model or its name, then a panel of fresh rows; or it is an aggregate of time, value, forecast, lower and upper bound, and of series before them.",
		"An aggregate takes NULL for what there is not: rnn_plot(time, value, NULL, NULL, NULL).",
	"Name further arguments: rnn_plot(model, horizon => 7)."},
	{"rnn_fit", "It takes a network or a model, and arrays x and y.",
	"rnn_train(panel, network, options) trains on a panel.", NULL},
	{"rnn_predict", "It takes a model and an array x.",
	"rnn_forecast(model, 7) forecasts series.", NULL},
	{"rnn_evaluate", "It takes a model and a panel, or the name of a managed model.", PANEL_HINT("rnn_evaluate"), NULL},
	{"rnn_backtest", "It takes a model and a panel, a panel and a network, or the name of a managed model.", PANEL_HINT("rnn_backtest"), NULL},
	{"rnn_fitted", "It takes a model and a panel, or the name of a managed model.", PANEL_HINT("rnn_fitted"), NULL},
	{"rnn_detect_anomalies", "It takes a model and a panel, or the name of a managed model.", PANEL_HINT("rnn_detect_anomalies"), NULL},
	{"rnn_importance", "It takes a model and a panel, or the name of a managed model.", PANEL_HINT("rnn_importance"), NULL},
};

/* Returns the types of the arguments from one on, as a list. */
static char *
argument_types(FunctionCallInfo fcinfo, int from)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	for (i = from; i < PG_NARGS(); i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		appendStringInfo(&text, "%s%s", i > from ? ", " : "", OidIsValid(type) ? format_type_be(type) : "unknown");
	}
	return text.data;
}

/* Returns the type of an argument that is a row of a table, by its name; NULL if there is none. */
static char *
argument_row(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < PG_NARGS(); i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		if (OidIsValid(type) && type != RECORDOID && get_typtype(type) == TYPTYPE_COMPOSITE)
			return format_type_be(type);
	}
	return NULL;
}

/* Returns true if the first argument is a model or its name, or a panel where the function takes one first. */
static bool
first_fits(FunctionCallInfo fcinfo, const char *function)
{
	Oid			type = PG_NARGS() > 0 ? get_fn_expr_argtype(fcinfo->flinfo, 0) : InvalidOid;

	if (strcmp(function, "rnn_train") == 0)
		return OidIsValid(type) && strcmp(format_type_be(type), "rnn_panel") == 0;
	return type == BYTEAOID || type == TEXTOID || type == UNKNOWNOID;
}

/* The way from arguments that do not fit to those that do. */
static const char *
refusal_hint(FunctionCallInfo fcinfo, const Refusal *refusal)
{
	char	   *row = argument_row(fcinfo);

	if (row)
		return psprintf("%s is a row of a table: pass its columns, for example %s.model.", row, row);
	return refusal->hint_first && first_fits(fcinfo, refusal->function) ? refusal->hint_first : refusal->hint;
}

/* rnn_refuse(VARIADIC "any"), under the name of each function that has it */
Datum
rnn_refuse(PG_FUNCTION_ARGS)
{
	char	   *name = get_func_name(fcinfo->flinfo->fn_oid);
	size_t		i;

	for (i = 0; i < lengthof(refusals); i++)
		if (name != NULL && strcmp(refusals[i].function, name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("%s takes no arguments of the types %s", name, argument_types(fcinfo, 0)),
					 errdetail("%s", refusals[i].forms),
					 errhint("%s", refusal_hint(fcinfo, &refusals[i]))));
	elog(ERROR, "function %u has no forms", fcinfo->flinfo->fn_oid);
	PG_RETURN_NULL();
}

/* Transition and final function of the aggregate rnn_panel of any arguments: also no row is an error. */
Datum
rnn_panel_refuse(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_FUNCTION),
			 errmsg("rnn_panel takes no arguments of the types %s", argument_types(fcinfo, 1)),
			 errdetail("It takes time and value, or series, time and value, and covariates after them. A time is a timestamptz, timestamp, date or bigint, a value is a number, and covariates are numbers in an array or a jsonb object."),
			 PG_NARGS() > 4 ?
			 errhint("Pass covariates as rnn_covariates(promo, price), or by name as jsonb_build_object('promo', promo, 'price', price).") :
			 errhint("The order is series, time, value. Cast what is of another type, for example rnn_panel(time::timestamptz, value::float8); seconds since 1970 are to_timestamp(seconds), "
					 "serial numbers of spreadsheets timestamp '1899-12-30' + number * interval '1 day', amounts of money value::numeric, flags value::int.")));
	PG_RETURN_NULL();
}

/* rnn_steps(text): a horizon as text */
Datum
rnn_steps(PG_FUNCTION_ARGS)
{
	char	   *horizon = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *digit = horizon + strspn(horizon, " +-");

	if (digit[0] == '\0' || digit[strspn(digit, "0123456789 ")] != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("the horizon must be a number of steps, not \"%s\"", horizon),
				 errdetail("A step is one row of the model's frequency."),
				 errhint("Write rnn_forecast(model, 7) for 7 days of daily rows.")));
	PG_RETURN_INT32(pg_strtoint32(horizon));
}
