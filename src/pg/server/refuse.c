/*
 * refuse.c
 *	  Calls with arguments that no form of a function takes.  Each function that
 *	  a new user calls first has a form of any arguments, which PostgreSQL chooses
 *	  if no other fits: its error shows the forms that there are.
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rnn_refuse);
PG_FUNCTION_INFO_V1(rnn_panel_refuse);

typedef struct Refusal
{
	const char *function;
	const char *forms;
	const char *hint;
} Refusal;

static const Refusal refusals[] = {
	{"rnn_train", "It takes a panel, a network and options; each but the panel may be left out.",
	"Make a panel of the rows: SELECT rnn_train(rnn_panel(series, time, value), '{\"horizon\": 7}') FROM ..."},
	{"rnn_forecast", "It takes a model or its name, then a panel of fresh rows or a horizon.",
	"Train a model first: rnn_forecast(rnn_train(panel, '{\"horizon\": 7}'))."},
	{"rnn_explain", "It takes a model or its name, then a panel of fresh rows.",
	"Name further arguments: rnn_explain(model, horizon => 7)."},
	{"rnn_sample", "It takes a model or its name, then a panel of fresh rows.",
	"Name further arguments: rnn_sample(model, n => 100, horizon => 7)."},
	{"rnn_plot", "It takes a model or its name, then a panel of fresh rows; or it is an aggregate of time, value, forecast, lower and upper bound, and of series before them.",
	"Name further arguments: rnn_plot(model, horizon => 7)."},
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
					 errhint("%s", refusals[i].hint)));
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
			 errhint("The time comes before the value. Cast what is of another type, for example rnn_panel(time::timestamptz, value::float8); seconds since 1970 are to_timestamp(seconds).")));
	PG_RETURN_NULL();
}
