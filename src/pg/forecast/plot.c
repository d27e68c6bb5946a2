/*
 * plot.c
 *	  rnn_plot and rnn_plot_backtest: aggregates that draw their rows as SVG
 *	  text; rnn_plot of a model; rnn_sparkline.
 *
 * Rows are collected in the aggregate's memory context, up to
 * maintenance_work_mem, and sorted by the final function, so the order of the
 * rows does not matter.
 */
#include "pg/forecast/plot.h"

#include <ctype.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/forecast/rolling.h"
#include "pg/server/bridge.h"
#include "pg/server/field.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_plot_add);
PG_FUNCTION_INFO_V1(rnn_plot_add_series);
PG_FUNCTION_INFO_V1(rnn_plot_add_backtest);
PG_FUNCTION_INFO_V1(rnn_plot_final);
PG_FUNCTION_INFO_V1(rnn_plot_model);
PG_FUNCTION_INFO_V1(rnn_sparkline_add);
PG_FUNCTION_INFO_V1(rnn_sparkline_final);

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
	JsonbIteratorToken token;
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
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_DONE)
	{
		char	   *name;

		if (token != WJB_KEY)
			continue;
		name = frnn_json_string(&key);
		(void) JsonbIteratorNext(&it, &value, true);
		for (i = 0; i < lengthof(plot_field) && strcmp(name, known[i]) != 0; i++)
			;
		if (i == lengthof(plot_field))
			frnn_unknown("plot option", name, NULL, known, lengthof(plot_field));
		if (value.type != jbvNull)
			frnn_field_set(&plot_field[i], psprintf("plot option \"%s\"", name), &value, options);
	}
}

/* ---- rows ---- */

static uint32
name_hash(const void *key, Size size)
{
	const char *name = *(const char *const *) key;

	return DatumGetUInt32(hash_any((const unsigned char *) name, (int) strlen(name)));
}

static int
name_match(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

typedef struct PlotName
{
	const char *name;			/* the key */
	int			series;
} PlotName;

static PlotState *
plot_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "rnn_plot", ALLOCSET_DEFAULT_SIZES);
	PlotState  *state = MemoryContextAllocZero(context, sizeof(PlotState));
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(char *);
	ctl.entrysize = sizeof(PlotName);
	ctl.hash = name_hash;
	ctl.match = name_match;
	ctl.hcxt = context;
	state->context = context;
	state->index = hash_create("rnn_plot series", 64, &ctl, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	return state;
}

/* Adds a series; returns its index. */
static int
plot_new_series(PlotState *state, char *name)
{
	if (state->names == state->name_room)
	{
		state->name_room = Max(64, state->name_room * 2);
		frnn_check_growth(state->context, sizeof(char *) * state->name_room, "the plot");
		state->name = state->name ? repalloc_huge(state->name, sizeof(char *) * state->name_room) :
			MemoryContextAlloc(state->context, sizeof(char *) * state->name_room);
	}
	state->name[state->names] = name;
	return state->names++;
}

/* Returns the index of a series; NULL names the series without a name, which is not that of the empty name. */
static int
plot_series(PlotState *state, const char *name)
{
	char	   *key;
	PlotName   *entry;
	bool		found;

	if (name == NULL)
	{
		if (state->unnamed == 0)
			state->unnamed = plot_new_series(state, NULL) + 1;
		return state->unnamed - 1;
	}
	entry = hash_search(state->index, &name, HASH_FIND, NULL);
	if (entry)
		return entry->series;
	frnn_check_growth(state->context, strlen(name), "the plot");
	key = MemoryContextStrdup(state->context, name);
	entry = hash_search(state->index, &key, HASH_ENTER, &found);
	entry->series = plot_new_series(state, key);
	return entry->series;
}

static PlotRow *
plot_add_row(PlotState *state, int series, int fold, int64 time)
{
	PlotRow    *row;
	int			i;

	if (state->rows == state->room)
	{
		int64		room = Max(1024, state->room * 2);

		frnn_check_growth(state->context, sizeof(PlotRow) * (room - state->room), "the plot");
		state->row = state->row ? repalloc_huge(state->row, sizeof(PlotRow) * room) :
			MemoryContextAllocHuge(state->context, sizeof(PlotRow) * room);
		state->room = room;
	}
	row = &state->row[state->rows++];
	row->series = series;
	row->fold = fold;
	row->time = time;
	for (i = 0; i < PLOT_LINES; i++)
		row->value[i] = NAN;
	return row;
}

/* Compares names as people sort them: runs of digits by their number, all else byte by byte. */
static int
name_compare(const char *a, const char *b)
{
	const char *x = a;
	const char *y = b;

	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	while (*x && *y)
	{
		size_t		digits_x;
		size_t		digits_y;
		int			order;

		if (!isdigit((unsigned char) *x) || !isdigit((unsigned char) *y))
		{
			if (*x != *y)
				return (unsigned char) *x < (unsigned char) *y ? -1 : 1;
			x++;
			y++;
			continue;
		}
		x += strspn(x, "0");
		y += strspn(y, "0");
		digits_x = strspn(x, "0123456789");
		digits_y = strspn(y, "0123456789");
		if (digits_x != digits_y)
			return digits_x < digits_y ? -1 : 1;
		order = memcmp(x, y, digits_x);
		if (order != 0)
			return order;
		x += digits_x;
		y += digits_y;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b);
}

static int
order_compare(const void *a, const void *b, void *arg)
{
	char	  **name = arg;

	CHECK_FOR_INTERRUPTS();
	return name_compare(name[*(const int *) a], name[*(const int *) b]);
}

/* Returns the indexes of names in their order. */
static int *
names_order(char **name, int names)
{
	int		   *order = palloc(sizeof(int) * Max(names, 1));
	int			i;

	for (i = 0; i < names; i++)
		order[i] = i;
	qsort_arg(order, names, sizeof(int), order_compare, name);
	return order;
}

static int
row_compare(const void *a, const void *b, void *arg)
{
	const int  *place = arg;
	const PlotRow *x = a;
	const PlotRow *y = b;

	CHECK_FOR_INTERRUPTS();
	if (x->series != y->series)
		return place[x->series] < place[y->series] ? -1 : 1;
	if (x->fold != y->fold)
		return x->fold < y->fold ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* Sorts the rows in place, which an aggregate may continue to fill, and draws them. */
static char *
plot_finish(const PlotState *state)
{
	int		   *order = names_order(state->name, state->names);
	int		   *place = palloc(sizeof(int) * state->names);
	int			i;

	for (i = 0; i < state->names; i++)
		place[order[i]] = i;
	qsort_arg(state->row, state->rows, sizeof(PlotRow), row_compare, place);
	return plot_draw(state, order, place);
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
	int			steps = 0;

	*confidence = check_confidence(PG_ARGISNULL(3) ? DEFAULT_CONFIDENCE : PG_GETARG_FLOAT8(3));
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), !PG_ARGISNULL(1),
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
	return rolling_create(input, steps, 1, confidence, context);
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
	order = names_order(rolling->input->id, rolling->input->has_id ? (int) rolling->input->series : 0);
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

/* ---- rnn_sparkline ---- */

typedef struct Sparkline
{
	double	   *value;
	int64		count;
	int64		room;
} Sparkline;

/* transition function of rnn_sparkline(value); NULL leaves a blank */
Datum
rnn_sparkline_add(PG_FUNCTION_ARGS)
{
	MemoryContext aggregate;
	Sparkline  *line;

	if (!AggCheckCallContext(fcinfo, &aggregate))
		elog(ERROR, "rnn_sparkline_add called outside of an aggregate");
	line = PG_ARGISNULL(0) ? MemoryContextAllocZero(aggregate, sizeof(Sparkline)) : (Sparkline *) PG_GETARG_POINTER(0);
	if (line->count == line->room)
	{
		line->room = Max(64, line->room * 2);
		frnn_check_size(sizeof(double) * line->room, "the sparkline");
		line->value = line->value ? repalloc_huge(line->value, sizeof(double) * line->room) :
			MemoryContextAlloc(aggregate, sizeof(double) * line->room);
	}
	line->value[line->count++] = plot_number(fcinfo, 1);
	PG_RETURN_POINTER(line);
}

#define SPARKLINE_LEVELS	8
#define SPARKLINE_WIDTH		60	/* longer series are averaged over equal parts */

/* Returns the mean of the values in part i of `parts`, NAN if there are none. */
static double
sparkline_mean(const Sparkline *line, int64 i, int64 parts)
{
	int64		from = line->count * i / parts;
	int64		to = line->count * (i + 1) / parts;
	double		sum = 0;
	int64		n = 0;
	int64		k;

	for (k = from; k < to; k++)
		if (isfinite(line->value[k]))
		{
			n++;
			sum += (line->value[k] - sum) / n;
		}
	return n > 0 ? sum : NAN;
}

/* final function: eight heights of block characters; ASCII if the server's encoding has none */
Datum
rnn_sparkline_final(PG_FUNCTION_ARGS)
{
	static const char *const block[] = {
		"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
		"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"
	};
	static const char *const ascii[] = {"_", ".", ",", "-", "~", "+", "*", "#"};
	const char *const *character = GetDatabaseEncoding() == PG_UTF8 ? block : ascii;
	double		mean[SPARKLINE_WIDTH];
	double		low = INFINITY;
	double		high = -INFINITY;
	const Sparkline *line;
	StringInfoData out;
	int			parts;
	int			i;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "rnn_sparkline_final called outside of an aggregate");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	line = (const Sparkline *) PG_GETARG_POINTER(0);
	parts = (int) Min(line->count, SPARKLINE_WIDTH);
	for (i = 0; i < parts; i++)
	{
		CHECK_FOR_INTERRUPTS();
		mean[i] = sparkline_mean(line, i, parts);
		if (!isnan(mean[i]))
		{
			low = Min(low, mean[i]);
			high = Max(high, mean[i]);
		}
	}
	initStringInfo(&out);
	for (i = 0; i < parts; i++)
	{
		if (isnan(mean[i]))
			appendStringInfoChar(&out, ' ');
		else if (!(high > low))
			appendStringInfoString(&out, character[SPARKLINE_LEVELS / 2 - 1]);
		else
			/* halves first: the range of two finite numbers may not be finite */
			appendStringInfoString(&out, character[Min(SPARKLINE_LEVELS - 1,
													   (int) ((mean[i] / 2 - low / 2) / (high / 2 - low / 2) * SPARKLINE_LEVELS))]);
	}
	PG_RETURN_TEXT_P(cstring_to_text(out.data));
}
