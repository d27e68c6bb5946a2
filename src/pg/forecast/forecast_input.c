/*
 * forecast_input.c
 *	  The series to forecast.
 *
 * A fresh panel is put on the model's grid.  A series that the model was
 * trained on keeps its anchor, so that phases and timestamps continue; any
 * other series starts a grid of its own.
 */
#include "pg/forecast/forecast_input.h"

#include <math.h>

#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/options/options_table.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

const char *
forecast_status_text(FrnnSeriesStatus status)
{
	switch (status)
	{
		case FRNN_SERIES_OK:
			return NULL;
		case FRNN_SERIES_CONSTANT:
			return "the rows repeat exactly, or to 14 digits, so nothing tells how wide an interval is";
		case FRNN_SERIES_EMPTY:
			return "no known value";
		case FRNN_SERIES_SHORT:
			return "only one known value, repeated";
		case FRNN_SERIES_NO_COVARIATES:
			return "covariates of the steps to forecast are missing, their means were used";
		case FRNN_SERIES_BAD_ORIGIN:
			return "no rows before the origin";
		case FRNN_SERIES_NOT_FINITE:
			return "the values left the range of numbers";
		case FRNN_SERIES_SHOCK:
			return "one of the last 3 rows changed more than 3 times as much as any row shortly before it: an outlier or a new level";
		case FRNN_SERIES_UNLIKE:
			return "the rows are far outside those of the training: other units or a new level; scale and seasons are those of the training";
		case FRNN_SERIES_FAR:
			return "one of the last rows is more than 10 times the range of the training rows from them: an outlier, or a code for a missing value";
	}
	return "unknown";
}

const char *
forecast_input_status(const ForecastInput *input, int64 series, FrnnSeriesStatus status)
{
	if (input->problem && input->problem[series])
		return input->problem[series];
	return forecast_status_text(status);
}

double
check_confidence(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the confidence level must be between 0 and 1, not %g", level),
						level >= 50 && level < 100 ? errhint("Write %g for %g %%.", level / 100, level) : 0));
	return level;
}

void
check_covariate_count(const char *subject, int count, int expected)
{
	if (count != expected)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s has %d covariates, but the model was trained with %d", subject, count, expected)));
}

const char *
forecast_input_name(const ForecastInput *input, int64 series)
{
	return input->has_id ? input->id[series] : NULL;
}

static void *
input_allocate(int64 count, size_t size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, frnn_mul(count, size), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Takes the history that the model keeps. */
static void
input_take_history(ForecastInput *input)
{
	ForecastModel *model = input->model;
	int64		s;

	if (model->core.recipe.pooled)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the model keeps no series to forecast: it was trained with \"keep_series\": false"),
						errhint("Pass a panel of the series' recent rows, or train without that option.")));
	if (!model->history)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the model keeps no history to forecast from"),
						errhint("Pass a panel of recent rows, or train with \"keep_history\": true.")));
	input->series = model->series;
	input->has_id = model->has_id;
	input->id = model->id;
	input->anchor = model->anchor;
	/* a copy: forecast_input_extend changes entries, and the model is the cache's */
	input->data = input_allocate(input->series, sizeof(FrnnSeriesData));
	memcpy(input->data, model->data, sizeof(FrnnSeriesData) * input->series);
	input->index = input_allocate(input->series, sizeof(int64));
	input->first = input_allocate(input->series, sizeof(int64));
	input->problem = input_allocate(input->series, sizeof(char *));
	for (s = 0; s < input->series; s++)
	{
		input->index[s] = s;
		input->first[s] = model->data[s].offset;
		/* the model does not keep the reason */
		if (model->data[s].n == 0)
			input->problem[s] = "no usable rows in training";
	}
}

/* Finds one series of a fresh panel in the model, and the row of its grid at which the panel starts. */
static void
input_match_series(ForecastInput *input, const PanelData *panel, SeriesIndex *names, int64 s)
{
	ForecastModel *model = input->model;
	int64		anchor = panel->grid[s].anchor;
	int64		index = series_index_find(names, panel->view->series[s].id);

	input->id[s] = unconstify(char *, panel->view->series[s].id);
	input->index[s] = index;
	input->anchor[s] = anchor;
	if (index >= 0 && input->data[s].n > 0)
	{
		const Grid *grid = &panel->grid[s];
		bool		exact;
		int64		stamp;
		int64		row = axis_index(&model->axis, model->anchor[index], anchor, &exact);

		input->data[s].offset = row;
		input->data[s].clock = axis_clock(&input->clocks, &model->axis, model->anchor[index]);
		/* a few rows with jitter do not tell the grid */
		if (exact || ((grid->snapped > 0 || panel->view->series[s].n == 1) && axis_stamp_try(&model->axis, model->anchor[index], row, &stamp) &&
					  axis_is_jitter(&model->axis, anchor, stamp)))
		{
			input->anchor[s] = model->anchor[index];
			input->first[s] = row;
		}
	}
}

/* Returns the model, or a copy on the wall clock if rows after the first clock change since the training follow it. */
static ForecastModel *
input_model(ForecastModel *model, const PanelView *view)
{
	ForecastModel *own;
	ModelPanel	trained;
	Axis		wall;

	if (model->axis.unit != AXIS_MICROSECOND)
		return model;
	trained = forecast_model_panel(model);
	if (!trained.dated || !axis_wall_fresh(&model->axis, view, trained.first, trained.last, &wall))
		return model;
	own = palloc(sizeof(ForecastModel));
	*own = *model;
	own->axis = wall;
	return own;
}

/* Issues a NOTICE if values of a fresh panel are beyond the limits of the forecasts. */
static void
input_notice_limits(const FrnnOptions *options, const PanelData *panel)
{
	int64		beyond = forecast_limits_beyond(options, &panel->panel);

	if (beyond > 0)
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " values of the panel are beyond lower_limit or upper_limit of the model, between which forecasts are kept", beyond),
				 errhint("Give other limits in the options of the call.")));
}

/* fixed: the axis stays the model's, whatever the rows */
static void
input_load_panel(ForecastInput *input, SeriesIndex *names, Datum datum, bool fixed)
{
	PanelView  *view = panel_data_view(datum);
	ForecastModel *model = input->model = fixed ? input->model : input_model(input->model, view);
	PanelData  *panel = panel_data_load_view(view, input->options, &model->axis, model->plan, model->calendar, true);
	int64		s;

	check_covariate_count("the panel", panel->own_covariates, model->own_covariates);
	forecast_model_check_step(model, panel->view, input->options);
	input_notice_limits(input->options, panel);
	input->series = panel->panel.series;
	input->has_id = panel->view->series[0].has_id;
	input->data = panel->data;
	input->problem = panel->problem;
	input->id = input_allocate(input->series, sizeof(char *));
	input->index = input_allocate(input->series, sizeof(int64));
	input->anchor = input_allocate(input->series, sizeof(int64));
	input->first = input_allocate(input->series, sizeof(int64));
	for (s = 0; s < input->series; s++)
		input_match_series(input, panel, names, s);
}

/* Fills in the sizes that hold for all series. */
static ForecastInput *
input_measure(ForecastInput *input)
{
	int64		s;

	input->ahead = input_allocate(input->series, sizeof(int64));
	for (s = 0; s < input->series; s++)
	{
		input->longest = Max(input->longest, input->data[s].n);
		input->ahead[s] = input->data[s].n > 0 ? input->data[s].future : 0;
		input->future = Max(input->future, input->ahead[s]);
	}
	return input;
}

ForecastInput *
forecast_input_trained(ForecastModel *model, const PanelData *panel, FrnnOptions *options)
{
	ForecastInput *input = palloc0(sizeof(ForecastInput));
	int64		s;

	input->model = model;
	input->options = options;
	input->series = panel->panel.series;
	input->has_id = model->has_id;
	input->id = model->id;
	input->anchor = model->anchor;
	/* a copy: forecast_input_extend changes entries */
	input->data = input_allocate(input->series, sizeof(FrnnSeriesData));
	memcpy(input->data, panel->data, sizeof(FrnnSeriesData) * input->series);
	input->index = input_allocate(input->series, sizeof(int64));
	input->first = input_allocate(input->series, sizeof(int64));
	/* as from the stored model, which knows no series if it is pooled */
	for (s = 0; s < input->series; s++)
		input->index[s] = model->core.recipe.pooled ? -1 : s;
	return input_measure(input);
}

/* Returns whether a call of a trained model does what an option says, or has its own check of it. */
static bool
option_of_call(FrnnOption option)
{
	return option == OPT_ON_DUPLICATE || option == OPT_ON_ERROR || option == OPT_LOWER_LIMIT || option == OPT_UPPER_LIMIT ||
		option == OPT_RECALIBRATE || option == OPT_WORKERS || option == OPT_VERBOSE || option == OPT_FREQUENCY || option == OPT_TIME_ZONE ||
		option == OPT_HOLIDAYS;
}

/* Returns the options of a call; raises an error for one that only a training follows, if it is not as in the model's. */
static FrnnOptions *
input_options(const CachedModel *cached, Jsonb *given)
{
	const FrnnOptions *call = frnn_options_parse(given, SCOPE_PANEL);
	FrnnOptions *options = frnn_options_parse(model_options(cached->model->model, given), SCOPE_PANEL);
	const FrnnRecipe *recipe = &cached->model->core.recipe;
	int			i;

	for (i = 0; i < OPT_COUNT; i++)
	{
		const char *own;
		const char *value;

		if (!frnn_option_given(call, i) || option_of_call(i) ||
			(i == OPT_HORIZON && options->horizon == recipe->horizon) ||
			(i == OPT_TIME_STEPS && options->time_steps == recipe->time_steps) ||
			(i == OPT_ON_GAP && (int) options->on_gap == FRNN_GAP_ERROR))
			continue;
		own = frnn_option_json(i, cached->options);
		value = frnn_option_json(i, options);
		if (strcmp(own, value) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" cannot be changed after training: it is %s, not %s", frnn_option[i].field.name, own, value),
					 i == OPT_HORIZON ? errhint("The argument horizon gives the steps of a forecast.") :
					 errhint("Leave the option out, or train a model with it.")));
	}
	return options;
}

/* Returns true if an argument is a column or subquery: not a constant, a parameter of unknown origin or a function's result. */
static bool
argument_is_queried(FunctionCallInfo fcinfo, int argument)
{
	const Node *call = fcinfo->flinfo->fn_expr;
	const Node *given;

	if (call == NULL || !IsA(call, FuncExpr) || argument >= list_length(((const FuncExpr *) call)->args))
		return false;
	given = list_nth(((const FuncExpr *) call)->args, argument);
	return IsA(given, Var) || IsA(given, SubPlan) || (IsA(given, Param) && ((const Param *) given)->paramkind == PARAM_EXEC);
}

bool
forecast_input_has_panel(FunctionCallInfo fcinfo, int argument)
{
	FmgrInfo   *function = fcinfo->flinfo;

	if (!PG_ARGISNULL(argument))
		return true;
	if (function->fn_extra == NULL && argument_is_queried(fcinfo, argument))
	{
		/* told: the mark lives as long as the call's expression */
		function->fn_extra = function;
		ereport(NOTICE,
				(errmsg("the panel is null: forecasts start after the rows that the model was trained on"),
				 errdetail("An aggregate over no rows is null."),
				 errhint("Check that the panel's query finds rows, or leave the panel out.")));
	}
	return false;
}

void
forecast_input_check_fixed(Jsonb *given)
{
	const FrnnOptions *call = frnn_options_parse(given, SCOPE_PANEL);

	if (frnn_option_given(call, OPT_RECALIBRATE) && call->recalibrate)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"recalibrate\" has no meaning here: states and anomalies keep the widths of the training"),
				 errhint("Leave the option out.")));
}

static ForecastInput *
input_create(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options, bool fixed)
{
	ForecastInput *input = palloc0(sizeof(ForecastInput));

	input->model = cached->model;
	input->options = options ? input_options(cached, options) : cached->options;
	axis_check_options(&cached->model->axis, input->options);
	if (has_panel)
		input_load_panel(input, cached->names, panel, fixed);
	else
		input_take_history(input);
	return input_measure(input);
}

ForecastInput *
forecast_input_create(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options)
{
	return input_create(cached, has_panel, panel, options, false);
}

ForecastInput *
forecast_input_stream(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options)
{
	forecast_input_check_fixed(options);
	return input_create(cached, has_panel, panel, options, true);
}

void
forecast_input_notice_holidays(const ForecastInput *input)
{
	const Axis *axis = &input->model->axis;
	int64		last = PG_INT64_MIN;

	for (int64 s = 0; s < input->series; s++)
		if (input->data[s].n > 0)
			last = Max(last, axis_stamp(axis, input->anchor[s], input->first[s] + input->data[s].n - 1));
	if (last > PG_INT64_MIN)
		axis_notice_holidays(axis, last);
}

static bool
input_needs_covariates(const ForecastInput *input, int64 series, int64 steps)
{
	const ForecastModel *model = input->model;

	return model->core.recipe.covariates > 0 && input->data[series].future < steps && model->calendar;
}

size_t
forecast_input_extension(const ForecastInput *input, int64 series, int64 steps)
{
	if (!input_needs_covariates(input, series, steps))
		return 0;
	return frnn_mul(frnn_mul(input->data[series].n + steps, input->model->core.recipe.covariates), sizeof(double));
}

void
forecast_input_extend(ForecastInput *input, int64 series, int64 steps)
{
	const ForecastModel *model = input->model;
	FrnnSeriesData *data = &input->data[series];
	int			width = model->core.recipe.covariates;
	int64		rows = data->n + data->future;
	double	   *covariate;
	int64		i;
	int			c;

	if (!input_needs_covariates(input, series, steps))
		return;
	covariate = MemoryContextAllocHuge(CurrentMemoryContext, forecast_input_extension(input, series, steps));
	memcpy(covariate, data->covariate, sizeof(double) * width * rows);
	for (i = rows; i < data->n + steps; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (c = 0; c < model->own_covariates; c++)
			covariate[i * width + c] = NAN;
		calendar_fill(&model->axis, axis_stamp(&model->axis, input->anchor[series], input->first[series] + i),
					  covariate + i * width + model->own_covariates);
	}
	data->covariate = covariate;
	data->future = steps;
}
