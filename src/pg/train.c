/*
 * train.c
 *	  rnn_train: a panel in, a model out.
 *
 * One memory context per call; the model's bytes are copied out and the
 * context is deleted.  The panel itself is never flattened.
 */
#include "pg/compat.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/bridge.h"
#include "pg/forecast_input.h"
#include "pg/network_json.h"
#include "pg/recipe.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_train);
PG_FUNCTION_INFO_V1(rnn_train_warm);

#define GIVEN(options, bit) (((options)->given & (UINT64CONST(1) << (bit))) != 0)

/* what the callbacks of one fit collect */
typedef struct FitLog
{
	FrnnEpoch  *epoch;
	int			count;
	int			room;
	FrnnPhase	phase;			/* epochs of the hold-out phase, or of the first member where there is none */
	MemoryContext context;
} FitLog;

static void
log_epoch(void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch)
{
	FitLog	   *log = arg;

	if (log->count == 0)
		log->phase = phase;
	if (phase != log->phase || member > 0)
		return;
	if (log->count == log->room)
	{
		log->room = Max(64, log->room * 2);
		log->epoch = log->epoch ? repalloc_huge(log->epoch, sizeof(FrnnEpoch) * log->room) :
			MemoryContextAllocHuge(log->context, sizeof(FrnnEpoch) * log->room);
	}
	log->epoch[log->count++] = *epoch;
}

static void
fit_tick(void *arg)
{
	frnn_pg_tick(NULL);
}

/* the last epoch marked best */
static int
best_epoch(const FitLog *log)
{
	int			best = 0;
	int			i;

	for (i = 0; i < log->count; i++)
		if (log->epoch[i].is_best)
			best = log->epoch[i].epoch;
	return best;
}

/* "ridge" as a JSON string, a network, or NULL: choose */
static FrnnNetworkChoice
read_network(Jsonb *json, FrnnNetwork *network)
{
	memset(network, 0, sizeof(*network));
	if (json == NULL)
		return FRNN_NETWORK_AUTO;
	if (JB_ROOT_IS_SCALAR(json))
	{
		JsonbValue	value;

		if (JsonbExtractScalar(&json->root, &value) && value.type == jbvNull)
			return FRNN_NETWORK_AUTO;
		if (value.type == jbvString && value.val.string.len == 5 && memcmp(value.val.string.val, "ridge", 5) == 0)
			return FRNN_NETWORK_RIDGE;
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a network must be a list of layers, \"ridge\" or null"),
						errhint("Build one with rnn_sequential(...).")));
	}
	frnn_network_from_jsonb(json, network);
	if (network->layers > 0 && network->layer[network->layers - 1].kind != FRNN_DENSE)
		frnn_check(FRNN_EXTRA_WITHOUT_DENSE, NULL);
	return FRNN_NETWORK_GIVEN;
}

/*
 * Steps to forecast: the option; else the units of the given network's last
 * layer; else the panel's rows to forecast; else one shortest season; else 10.
 */
static int
choose_horizon(const FrnnOptions *options, const PanelData *data, const FrnnNetwork *network, const FrnnLoss *loss)
{
	int			width = frnn_loss_width(loss);
	int64		future = panel_data_future(data);

	if (options->horizon != FRNN_AUTO)
		return options->horizon;
	if (network->layers > 0)
	{
		int			units = network->layer[network->layers - 1].units;

		if (units > width && units % width == 0)
			return Min(units / width, FRNN_MAX_HORIZON);
	}
	if (future > 0)
		return (int) Min(future, FRNN_MAX_HORIZON);
	return data->panel.periods > 0 ? data->panel.period[0] : 10;
}

/* training refuses series that cannot be used unless told to go on; forecasting then gives them a status */
static void
check_series(const PanelData *data, const FrnnOptions *options)
{
	int64		s;

	if (options->on_error == ERROR_SKIP)
		return;
	for (s = 0; s < data->panel.series; s++)
		if (data->data[s].n == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("%s has no known value", axis_series_name(&data->view->series[s])),
							errhint("Leave the series out, or set the option on_error to \"skip\".")));
}

/* say when the model is no better than the naive forecast on the rows held back */
static void
judge(const ForecastModel *model)
{
	const double *loss = model->core.hold_out;
	double		naive = loss[FRNN_H_NAIVE];
	const char *name = "naive";

	if (loss[FRNN_H_SEASONAL] < naive)
	{
		naive = loss[FRNN_H_SEASONAL];
		name = "seasonal naive";
	}
	if (model->core.hold_out_origins > 0 && loss[FRNN_H_MIX] >= naive && naive > 0)
		ereport(NOTICE, (errmsg("the model does not beat the %s forecast on the rows held back", name),
						 errdetail("Scaled mean absolute errors: %.4g against %.4g.", loss[FRNN_H_MIX], naive)));
}

/* fit the recipe to the panel; model->core is filled */
static void
fit(ForecastModel *model, const PanelData *data, const FrnnRecipe *recipe, const FrnnNetwork *network,
	const float *warm, FitLog *log)
{
	FrnnFitHooks hooks = {fit_tick, log_epoch, frnn_pg_clock, log};
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	int			members = recipe->network == FRNN_NETWORK_RIDGE ? 0 : recipe->ensemble;
	size_t		state,
				work;

	frnn_check(frnn_forecaster_size(recipe, network, data->panel.series, members, &state, &error), &error);
	frnn_check(frnn_fit_size(&data->panel, recipe, network, &work, &error), &error);
	frnn_check_size(frnn_mul(1, state) + work < work ? SIZE_MAX : state + work, "training");
	frnn_forecaster_layout(&model->core, recipe, network, data->panel.series, members, frnn_lend(state, "training"));
	frnn_check(frnn_fit(&data->panel, &model->core, warm, frnn_lend(work, "training"), &hooks, &error), &error);
}

/* the network part of the model, as every model has it */
static FrnnModel *
network_model(ForecastModel *model, const FitLog *log, char *options)
{
	FrnnModel  *part = palloc0(sizeof(FrnnModel));

	part->network = model->core.network;
	part->members = model->core.members;
	part->params = model->core.params;
	part->loss = model->core.recipe.loss;
	part->targets = model->core.recipe.block;
	part->options = options;
	part->n_history = log->count;
	part->history = log->epoch;
	part->best_epoch = best_epoch(log);
	part->forecaster = true;
	part->kind = "forecaster";
	return part;
}

static void
name_series(ForecastModel *model, const PanelData *data)
{
	int64		s;

	model->series = data->panel.series;
	model->id = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * model->series);
	model->anchor = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * model->series);
	for (s = 0; s < model->series; s++)
	{
		model->id[s] = unconstify(char *, data->view->series[s].id);
		model->anchor[s] = data->grid[s].anchor;
		model->has_id |= data->view->series[s].has_id;
	}
}

/*
 * Train.  json: network or NULL; old: the model of a warm start or NULL;
 * options: what was given (of a warm start: after the old model's).
 */
static bytea *
train(FunctionCallInfo fcinfo, Jsonb *json, ForecastModel *old, Jsonb *given)
{
	FrnnOptions *options = frnn_options_parse(given, SCOPE_PANEL);
	ForecastModel model;
	PanelData  *data;
	FrnnNetwork network;
	FrnnRecipe	recipe;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	FitLog		log = {NULL, 0, 0, FRNN_PHASE_HOLD_OUT, CurrentMemoryContext};
	char		choice[1024];

	memset(&model, 0, sizeof(model));
	if (old)
	{
		recipe = old->core.recipe;
		network = old->core.network;
		recipe.network = network.layers > 0 ? FRNN_NETWORK_GIVEN : FRNN_NETWORK_RIDGE;
	}
	else
	{
		recipe = frnn_recipe_default();
		recipe.network = read_network(json, &network);
	}
	recipe_from_options(options, &recipe);

	data = panel_data_load(PG_GETARG_DATUM(0), options, old ? &old->axis : NULL,
						   old ? old->calendar : options->calendar == 1);
	check_series(data, options);
	data->panel.horizon = old ? old->core.recipe.horizon : choose_horizon(options, data, &network, &recipe.loss);
	if (old && data->own_covariates != old->own_covariates)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the panel has %d covariates, but the model was trained with %d",
							   data->own_covariates, old->own_covariates)));

	frnn_check(frnn_recipe_choose(&data->panel, &recipe, &network,
								  frnn_lend(frnn_recipe_scratch(&data->panel), "training"), &error), &error);
	if (old && network.parameters != old->core.network.parameters)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the model's network does not fit this panel and these options")));
	frnn_recipe_explain(&recipe, &network, choice, sizeof(choice));
	ereport(recipe.network == FRNN_NETWORK_AUTO && fcinfo->flinfo->fn_extra == NULL ? NOTICE : DEBUG1,
			(errmsg_internal("%s", choice)));
	/* once a query, not once a group */
	if (!options->verbose)
		fcinfo->flinfo->fn_extra = fcinfo->flinfo;

	model.axis = data->axis;
	model.own_covariates = data->own_covariates;
	model.calendar = data->calendar;
	model.choice = choice;
	fit(&model, data, &recipe, &network, old ? old->core.params : NULL, &log);
	name_series(&model, data);
	model.model = network_model(&model, &log, frnn_options_canonical(given));
	judge(&model);
	return forecast_model_write(&model, data, options->keep_history);
}

/* run train() in a context of its own and copy its result out */
static Datum
train_in_context(FunctionCallInfo fcinfo, bool warm)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "rnn_train", ALLOCSET_DEFAULT_SIZES);
	Jsonb	   *options = PG_NARGS() > 2 && !PG_ARGISNULL(2) ? PG_GETARG_JSONB_P(2) : NULL;
	Jsonb	   *network = NULL;
	ForecastModel *old = NULL;
	bytea	   *bytes;
	bytea	   *result;

	MemoryContextSwitchTo(context);
	if (warm)
	{
		old = forecast_model_read(PG_GETARG_BYTEA_PP(1));
			options = model_options(old->model, options);
	}
	else if (!PG_ARGISNULL(1))
		network = PG_GETARG_JSONB_P(1);
	bytes = train(fcinfo, network, old, options);
	MemoryContextSwitchTo(caller);
	result = palloc(VARSIZE(bytes));
	memcpy(result, bytes, VARSIZE(bytes));
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* rnn_panel over no rows is NULL: say so rather than store a model that is NULL */
static void
check_panel(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("there are no rows to train on: the panel is null")));
}

/* rnn_train(panel, network jsonb, options jsonb) */
Datum
rnn_train(PG_FUNCTION_ARGS)
{
	check_panel(fcinfo);
	return train_in_context(fcinfo, false);
}

/* rnn_train(panel, model bytea, options jsonb): warm start */
Datum
rnn_train_warm(PG_FUNCTION_ARGS)
{
	check_panel(fcinfo);
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	return train_in_context(fcinfo, true);
}
