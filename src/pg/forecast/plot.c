/*
 * plot.c
 *	  rnn_plot and rnn_plot_backtest: aggregates that draw their rows as SVG
 *	  text; rnn_plot of a model.
 *
 * Rows are collected in the aggregate's memory context, up to
 * maintenance_work_mem, and sorted by the final function, so the order of the
 * rows does not matter.
 */
#include "pg/forecast/plot.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pg/forecast/rolling.h"
#include "pg/server/bridge.h"
#include "pg/server/field.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_plot_add);
PG_FUNCTION_INFO_V1(rnn_plot_add_series);
PG_FUNCTION_INFO_V1(rnn_plot_add_backtest);
PG_FUNCTION_INFO_V1(rnn_plot_final);
PG_FUNCTION_INFO_V1(rnn_plot_model);

#define PLOT_HISTORY_HORIZONS	5	/* horizons of history before a model's forecast */
#define PLOT_HISTORY_ROWS		60	/* at least */

/* ---- options ---- */

static const Field plot_field[] = {
	{"title", FIELD_TEXT, offsetof(PlotOptions, title)},
	{"width", FIELD_INT, offsetof(PlotOptions, width), 200, 4000},
	{"height", FIELD_INT, offsetof(PlotOptions, height), 80, 2000},
	{"columns", FIELD_INT, offsetof(PlotOptions, columns), 1, 20},
	{"max_series", FIELD_INT, offsetof(PlotOptions, max_series), 1, PLOT_MAX_SERIES},
	{"shared_scale", FIELD_BOOL, offsetof(PlotOptions, shared_scale)},
	{"actual_label", FIELD_TEXT, offsetof(PlotOptions, label[PLOT_ACTUAL])},
	{"forecast_label", FIELD_TEXT, offsetof(PlotOptions, label[PLOT_FORECAST])},
	{"interval_label", FIELD_TEXT, offsetof(PlotOptions, label[PLOT_LOWER])},
	{"naive_label", FIELD_TEXT, offsetof(PlotOptions, label[PLOT_NAIVE])},
};

/* Reads options into the current memory context; json may be NULL. */
static void
plot_options(Jsonb *json, PlotOptions *options)
{
	const char *known[lengthof(plot_field)];
	JsonbIterator *it;
	JsonbValue	key,
				value;
	int			i;

	options->max_series = 72;
	if (json == NULL)
		return;
	for (i = 0; i < lengthof(plot_field); i++)
		known[i] = plot_field[i].name;
	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("options of a plot must be a JSON object"),
						errhint("Write for example '{\"title\": \"Sales\"}'.")));
	it = JsonbIteratorInit(&json->root);
	while (frnn_json_member(&it, &key, &value))
	{
		char	   *name = frnn_json_string(&key);

		for (i = 0; i < lengthof(plot_field) && strcmp(name, known[i]) != 0; i++)
			;
		if (i == lengthof(plot_field))
			frnn_unknown("plot option", name, NULL, known, lengthof(plot_field));
		if (value.type != jbvNull)
			frnn_field_set(&plot_field[i], psprintf("plot option \"%s\"", name), &value, options);
	}
}

/* ---- the aggregates ---- */

static PlotState *
plot_state(FunctionCallInfo fcinfo)
{
	MemoryContext aggregate;

	if (!AggCheckCallContext(fcinfo, &aggregate))
		elog(ERROR, "rnn_plot_add called outside of an aggregate");
	return PG_ARGISNULL(0) ? plot_create(aggregate) : (PlotState *) PG_GETARG_POINTER(0);
}

static double
plot_number(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NAN : PG_GETARG_FLOAT8(argument);
}

/* Returns the time argument; timestamptz or bigint. */
static int64
plot_time(FunctionCallInfo fcinfo, int argument, PlotState *state)
{
	int64		time = PG_GETARG_INT64(argument);

	state->integer = get_fn_expr_argtype(fcinfo->flinfo, argument) == INT8OID;
	if (!state->integer && TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("times of a plot must be finite")));
	return time;
}

/* Reads the options of the first row that has some. */
static void
plot_read_options(FunctionCallInfo fcinfo, int argument, PlotState *state)
{
	MemoryContext old;

	if (state->has_options || argument >= PG_NARGS() || PG_ARGISNULL(argument))
		return;
	old = MemoryContextSwitchTo(state->context);
	plot_options(PG_GETARG_JSONB_P(argument), &state->options);
	MemoryContextSwitchTo(old);
	state->has_options = true;
}

/* Returns the text of the series argument in the current context, NULL if it is null. */
static char *
plot_name(FunctionCallInfo fcinfo, int argument)
{
	FmgrInfo   *output = fcinfo->flinfo->fn_extra;

	if (PG_ARGISNULL(argument))
		return NULL;
	if (output == NULL)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argument);
		Oid			function;
		bool		is_varlena;

		if (!OidIsValid(type))
			ereport(ERROR, (errcode(ERRCODE_INDETERMINATE_DATATYPE),
							errmsg("could not determine the type of the series argument")));
		getTypeOutputInfo(type, &function, &is_varlena);
		output = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(FmgrInfo));
		fmgr_info_cxt(function, output, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = output;
	}
	return OutputFunctionCall(output, PG_GETARG_DATUM(argument));
}

/* (state, ts, value, forecast, lower, upper [, options]) from argument `first` on; without a time the row is ignored */
static Datum
plot_add(FunctionCallInfo fcinfo, int first)
{
	PlotState  *state = plot_state(fcinfo);
	PlotRow    *row;
	char	   *name = NULL;
	int64		time;

	plot_read_options(fcinfo, first + 5, state);
	if (PG_ARGISNULL(first))
		PG_RETURN_POINTER(state);
	time = plot_time(fcinfo, first, state);
	if (first > 1)
		name = plot_name(fcinfo, 1);
	row = plot_add_row(state, plot_series(state, name), 0, time);
	row->value[PLOT_ACTUAL] = plot_number(fcinfo, first + 1);
	row->value[PLOT_FORECAST] = plot_number(fcinfo, first + 2);
	row->value[PLOT_LOWER] = plot_number(fcinfo, first + 3);
	row->value[PLOT_UPPER] = plot_number(fcinfo, first + 4);
	if (name)
		pfree(name);
	PG_RETURN_POINTER(state);
}

/* transition function of rnn_plot(ts, value, forecast, lower, upper [, options]) */
Datum
rnn_plot_add(PG_FUNCTION_ARGS)
{
	return plot_add(fcinfo, 1);
}

/* transition function of rnn_plot(series, ts, value, forecast, lower, upper [, options]) */
Datum
rnn_plot_add_series(PG_FUNCTION_ARGS)
{
	return plot_add(fcinfo, 2);
}

/* transition function of rnn_plot_backtest(series, fold, ts, actual, forecast, naive, lower, upper [, options]) */
Datum
rnn_plot_add_backtest(PG_FUNCTION_ARGS)
{
	PlotState  *state = plot_state(fcinfo);
	PlotRow    *row;
	char	   *name;
	int64		time;

	state->folds = true;
	plot_read_options(fcinfo, 9, state);
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_POINTER(state);
	time = plot_time(fcinfo, 3, state);
	name = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	row = plot_add_row(state, plot_series(state, name), PG_GETARG_INT32(2), time);
	row->value[PLOT_ACTUAL] = plot_number(fcinfo, 4);
	row->value[PLOT_FORECAST] = plot_number(fcinfo, 5);
	row->value[PLOT_NAIVE] = plot_number(fcinfo, 6);
	row->value[PLOT_LOWER] = plot_number(fcinfo, 7);
	row->value[PLOT_UPPER] = plot_number(fcinfo, 8);
	PG_RETURN_POINTER(state);
}

/* final function: NULL if no row has a time */
Datum
rnn_plot_final(PG_FUNCTION_ARGS)
{
	PlotState  *state;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "rnn_plot_final called outside of an aggregate");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (PlotState *) PG_GETARG_POINTER(0);
	if (state->rows == 0)
		PG_RETURN_NULL();
	if (!state->has_options)
		plot_options(NULL, &state->options);
	PG_RETURN_TEXT_P(cstring_to_text(plot_finish(state)));
}

/* ---- rnn_plot(model, panel, horizon, confidence_level, options) ---- */

/* Returns a row's time as the plot has it. */
static int64
model_time(const Rolling *rolling, int64 series, int64 row)
{
	const Axis *axis = &rolling->input->model->axis;
	int64		timestamp = rolling_timestamp(rolling, series, row);

	return axis->unit == AXIS_INDEX ? timestamp : DatumGetTimestampTz(axis_as_timestamptz(axis, timestamp));
}

static void
model_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	PlotState  *state = arg;
	int			k;

	for (k = 0; k < rolling->steps; k++)
	{
		PlotRow    *row = plot_add_row(state, state->names - 1, 0, model_time(rolling, series, forecast->origin[0] + k));

		row->value[PLOT_FORECAST] = forecast->point[k];
		row->value[PLOT_LOWER] = forecast->lower[k];
		row->value[PLOT_UPPER] = forecast->upper[k];
	}
}

/* Adds the last rows of a series and its forecast. */
static void
model_series(PlotState *state, Rolling *rolling, int64 s)
{
	const FrnnSeriesData *data = &rolling->input->data[s];
	const FrnnRecipe *recipe = &rolling->input->model->core.recipe;
	int64		history = Max(PLOT_HISTORY_ROWS, (int64) PLOT_HISTORY_HORIZONS * rolling->steps);
	int64		i;

	if (recipe->periods > 0)
		history = Max(history, 2 * (int64) recipe->period[0]);
	plot_series(state, forecast_input_name(rolling->input, s));
	for (i = Max(0, data->n - history); i < data->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		plot_add_row(state, state->names - 1, 0, model_time(rolling, s, i))->value[PLOT_ACTUAL] = data->value[i];
	}
	rolling_series(rolling, s, data->n, data->n, 1, model_emit, state);
}

/* Reads the arguments of rnn_plot of a model. */
static Rolling *
model_rolling(FunctionCallInfo fcinfo, MemoryContext context, double *confidence)
{
	ForecastInput *input;
	Rolling    *rolling;
	int			steps = 0;

	*confidence = check_confidence(PG_ARGISNULL(3) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(3));
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), forecast_input_has_panel(fcinfo, 1),
								  PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1), NULL);
	if (!PG_ARGISNULL(2))
	{
		steps = PG_GETARG_INT32(2);
		if (steps < 1 || steps > FRNN_MAX_STEPS / 2)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the horizon must be between 1 and %d, not %d", FRNN_MAX_STEPS / 2, steps)));
	}
	else
		steps = (int) Min(input->future, FRNN_MAX_STEPS / 2);
	rolling = rolling_create(input, steps, 1, confidence, context);
	rolling_as_forecast(rolling);
	return rolling;
}

Datum
rnn_plot_model(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext old;
	PlotState  *state;
	Rolling    *rolling;
	double		confidence;
	int		   *order;
	text	   *result;
	int64		s;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_plot", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	state = plot_create(context);
	plot_options(PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4), &state->options);
	rolling = model_rolling(fcinfo, context, &confidence);
	state->integer = rolling->input->model->axis.unit == AXIS_INDEX;
	if (state->options.label[PLOT_LOWER] == NULL)
		state->options.label[PLOT_LOWER] = psprintf("%g %% prediction interval", 100 * confidence);
	if (rolling->input->series > INT_MAX)
		frnn_check_size(SIZE_MAX, "the plot");
	order = plot_names_order(rolling->input->id, rolling->input->has_id ? (int) rolling->input->series : 0);
	for (s = 0; s < Min(rolling->input->series, state->options.max_series); s++)
		model_series(state, rolling, rolling->input->has_id ? order[s] : s);
	state->hidden = (int) (rolling->input->series - state->names);
	MemoryContextSwitchTo(old);
	result = state->rows > 0 ? cstring_to_text(plot_finish(state)) : NULL;
	MemoryContextDelete(context);
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(result);
}
