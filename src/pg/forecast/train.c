/*
 * train.c
 *	  rnn_train: a panel in, a model out.
 *
 * One memory context per call; the model's bytes are written to the caller's
 * and the context is deleted.  The panel itself is never flattened.
 *
 * What a call will hold at its peak is known once the recipe is chosen, before
 * the fitted state and the work block are allocated: see train_needed_bytes().  The
 * rows of an argument that is in memory already, as an aggregate's result is,
 * belong to the caller and do not count.
 */
#include "pg/forecast/train_notice.h"

#include <math.h>

#include "core/forecast/fit.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/model/layer_json.h"
#include "pg/model/network_json.h"
#include "pg/job/parallel.h"
#include "pg/job/progress.h"
#include "pg/options/recipe.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_train);
PG_FUNCTION_INFO_V1(rnn_train_warm);

#define CHOICE_SIZE 1024
#define TRAIN_ROWS 3			/* that training needs of one series, see frnn_recipe_choose */
#define LARGEST_VALUE 1e150		/* the sum of squares of larger values may not be finite */
#define LEFT_OUT_TOLD 3			/* series left out that are named */
#define EPOCHS_PER_SECOND 100000	/* more than any machine runs */

/* Data of the callbacks of one fit. */
typedef struct FitLog
{
	FrnnEpoch  *epoch;
	int			count;
	int			room;
	bool		closed;			/* no epoch is added */
	FrnnPhase	phase;			/* epochs of the validation phase, or of the first member if there is none */
	MemoryContext context;
	const FrnnForecaster *forecaster;	/* being fitted */
	Progress   *progress;
	FrnnPhase	shown;			/* phase of progress */
	const ParallelTeam *team;
} FitLog;

/* Returns the number of epochs of all members, known from the number of updates that validation chose. */
static int
refit_epochs(const FrnnForecaster *forecaster)
{
	return forecaster->recipe.ensemble * Max(1, forecaster->updates / Max(1, forecaster->recipe.updates_per_epoch));
}

static void
log_epoch(void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch)
{
	FitLog	   *log = arg;

	if (phase == FRNN_PHASE_REFIT && log->shown != phase)
		progress_phase(log->progress, PROGRESS_REFIT, refit_epochs(log->forecaster));
	log->shown = phase;
	progress_epoch(log->progress, epoch);

	if (log->count == 0)
		log->phase = phase;
	if (phase != log->phase || member > 0 || log->closed)
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
	FitLog	   *log = arg;

	frnn_pg_tick(NULL);
	progress_workers(log->progress, log->team->context ? log->team->context->nworkers_launched : 0);
	progress_tick(log->progress);
}

/* Returns the last epoch marked best. */
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

/* Reads the network argument: "ridge" as a JSON string, layers, or NULL to have one chosen. */
static FrnnNetworkChoice
train_read_network(Jsonb *json, FrnnNetwork *network)
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
						errhint("Write for example rnn_lstm(32), or leave the network out to have one chosen.")));
	}
	frnn_network_from_jsonb(json, network);
	return FRNN_NETWORK_GIVEN;
}

/* whether the given layers end in the dense layer whose outputs are the forecast */
static bool
network_has_head(const FrnnNetwork *network)
{
	return network->layers > 0 && network->layer[network->layers - 1].kind == FRNN_DENSE;
}

/* Appends the dense layer that a network of recurrent layers lacks: one output per step and output of the loss. */
static void
network_add_head(FrnnNetwork *network, int horizon, const FrnnLoss *loss)
{
	FrnnLayer	head = frnn_layer_default(FRNN_DENSE);

	frnn_layer_count(network->layers + 1);
	head.units = horizon * frnn_loss_width(loss);
	network->layer[network->layers++] = head;
}

/*
 * Steps to forecast: the option; else the units of the given network's last
 * layer; else the panel's rows to forecast; else one shortest season; else 10.
 */
static int
train_choose_horizon(const FrnnOptions *options, const PanelData *data, const FrnnNetwork *network, const FrnnLoss *loss)
{
	int			width = frnn_loss_width(loss);
	int64		future = panel_data_future(data);

	if (options->horizon != FRNN_AUTO)
		return options->horizon;
	if (network_has_head(network))
	{
		int			units = network->layer[network->layers - 1].units;

		if (units > width && units % width == 0)
			return Min(units / width, FRNN_MAX_HORIZON);
	}
	if (future > 0)
		return (int) Min(future, FRNN_MAX_HORIZON);
	return data->panel.periods > 0 ? axis_season_rows(&data->axis, data->panel.period[0]) : 10;
}

/*
 * Raises an error that names the first row of a series whose value is too large
 * to train on; skip: leaves the series out instead, with a NOTICE.
 */
static void
train_check_values(PanelData *data, int64 s, bool skip)
{
	FrnnSeriesData *series = &data->data[s];
	int64		i;

	for (i = 0; i < series->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		/* a missing value compares as false */
		if (!(fabs(series->value[i]) > LARGEST_VALUE))
			continue;
		ereport(skip ? NOTICE : ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s cannot be trained on: its value at %s is too large",
						axis_series_name(&data->view->series[s]),
						panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[s].anchor, i))),
				 errdetail("The value is %g, and training takes values up to %g.", series->value[i], LARGEST_VALUE),
				 skip ? errhint("The series is left out; divide its values by a constant to include it.") :
				 errhint("Divide the values by a constant, leave the series out, or set the option on_error to \"skip\".")));
		series->n = 0;
		return;
	}
}

/* Returns the name of a column of the panel's own covariates. */
static char *
train_covariate_name(const PanelData *data, int column)
{
	int			c;

	for (c = 0; data->plan && c < data->plan->n; c++)
		if (data->plan->column[c].role != ROLE_STATIC && column < data->plan->column[c].first + data->plan->column[c].width)
			return psprintf("covariate \"%s\"", data->plan->column[c].name);
	return psprintf("covariate %d", column + 1);
}

/*
 * Checks the covariates of a series, as train_check_values its values; known: by column, whether a training row has a
 * value.
 */
static void
train_check_row_covariates(PanelData *data, int64 s, bool skip, bool *known)
{
	FrnnSeriesData *series = &data->data[s];
	int			width = data->panel.covariates;
	int64		i;
	int			c;

	for (i = 0; series->covariate && i < series->n + series->future; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		for (c = 0; c < data->own_covariates; c++)
		{
			double		v = series->covariate[i * width + c];

			known[c] |= i < series->n && !isnan(v);
			if (!(fabs(v) > LARGEST_VALUE))
				continue;
			ereport(skip ? NOTICE : ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s cannot be trained on: %s at %s is too large", axis_series_name(&data->view->series[s]),
							train_covariate_name(data, c),
							panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[s].anchor, i))),
					 errdetail("The value is %g, and training takes values up to %g.", v, LARGEST_VALUE),
					 errhint("Divide the covariate by a constant, or leave it out.")));
			series->n = 0;
			return;
		}
	}
}

/* Checks covariates; a NOTICE tells of one that no training row has a value of, and which changes no forecast. */
static void
train_check_covariates(PanelData *data, bool skip)
{
	bool	   *known = palloc0(Max(data->own_covariates, 1));
	int64		s;
	int			c;

	for (s = 0; s < data->panel.series; s++)
		train_check_row_covariates(data, s, skip, known);
	for (c = 0; c < data->own_covariates; c++)
		if (!known[c])
			ereport(NOTICE, (errmsg("%s has no value in the training rows, so it changes no forecast", train_covariate_name(data, c))));
	pfree(known);
}

/* Issues a NOTICE for the first series that could not be put on the grid, and one for the others together. */
static void
train_notice_left_out(const PanelData *data)
{
	int64		left_out = 0;
	int64		s;

	for (s = 0; s < data->panel.series; s++)
	{
		if (data->problem[s] == NULL)
			continue;
		if (left_out++ < LEFT_OUT_TOLD)
			ereport(NOTICE, (errmsg("%s is left out of the training", axis_series_name(&data->view->series[s])),
							 errdetail("The reason is: %s.", data->problem[s])));
	}
	if (left_out > LEFT_OUT_TOLD)
		ereport(NOTICE, (errmsg(INT64_FORMAT " series are left out of the training", left_out),
						 errhint("rnn_describe(panel, '{\"on_error\": \"skip\"}') tells of each.")));
}

/*
 * Raises an error if a series has no known value, unless the option on_error
 * is "skip".  Forecasts of a skipped series have a status.
 */
static void
train_check_series(PanelData *data, const FrnnOptions *options)
{
	int64		s;

	for (s = 0; s < data->panel.series; s++)
		train_check_values(data, s, options->on_error == ERROR_SKIP);
	train_notice_left_out(data);
	train_check_covariates(data, options->on_error == ERROR_SKIP);
	for (s = 0; s < data->panel.series && options->on_error != ERROR_SKIP; s++)
		if (data->data[s].n == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("%s has no known value", axis_series_name(&data->view->series[s])),
							errhint("Leave the series out, for example by HAVING count(value) >= %d, or set the option on_error to \"skip\".",
									TRAIN_ROWS)));
}

/* Chooses what was not given; raises an error if the outputs of a given network do not fit the horizon. */
static void
train_choose(const TrainRequest *request, const PanelData *data, FrnnRecipe *recipe, FrnnNetwork *network)
{
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "rnn_train choice", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	size_t		bytes = frnn_recipe_scratch(&data->panel);
	FrnnStatus	status;

	frnn_check_growth(request->context, bytes, "training");
	status = frnn_recipe_choose(&data->panel, recipe, network, frnn_allocate(bytes, "training"), &error);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	if (status == FRNN_BAD_LOSS_WIDTH)
	{
		int			width = frnn_loss_width(&recipe->loss);

		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a horizon of %d and this loss take %d outputs, but the network gives %.0f",
							   data->panel.horizon, data->panel.horizon * width, error.value),
						errhint("Give the last dense layer %d units, or %d to forecast step by step.",
								data->panel.horizon * width, width)));
	}
	frnn_check(status, &error);
}

/* Returns the bytes of the losses of the epochs, which a time limit may end before their number does. */
static size_t
train_loss_bytes(const FrnnRecipe *recipe, bool network)
{
	double		epochs = network ? recipe->looks_epochs : 0;

	if (recipe->time_limit > 0)
		epochs = Min(epochs, recipe->time_limit * EPOCHS_PER_SECOND);
	return (size_t) epochs * sizeof(FrnnEpoch);
}

/*
 * Returns the bytes that the call holds at its peak, after a comparison with
 * the limit: what it holds now (the rows on their grids, a model to start
 * from), the fitted state, and the larger of the work block and the model's
 * bytes, which do not exist at the same time.
 */
static size_t
train_needed_bytes(const TrainRequest *request, const PanelData *data, const FrnnForecaster *core, size_t state, size_t work)
{
	size_t		bytes = frnn_add(forecast_model_size(core, data, request->options->keep_history), forecast_model_work(data));
	size_t		losses = train_loss_bytes(&core->recipe, core->network.layers > 0);

	bytes = frnn_add(frnn_add(state, losses), Max(frnn_add(bytes, losses), work));
	bytes = frnn_check_growth(request->context, bytes, "training");
	ereport(DEBUG1, (errmsg_internal("training needs %.1f MB of memory", bytes / 1048576.0)));
	return bytes;
}

/* Returns true if the call goes on with the training that the model kept. */
static bool
train_resumes(const TrainRequest *request)
{
	return request->old && request->options->keep_optimizer && request->old->core.recipe.keep_optimizer;
}

/* Returns what the fit starts from; members 0: from new weights. */
static FrnnStart
train_start(const TrainRequest *request, const PanelData *data)
{
	const ForecastModel *old = request->old;
	FrnnStart	start = {0};

	if (request->start)
		start = (FrnnStart) {.params = request->start->params, .members = 1};
	if (old)
	{
		start.params = old->core.params;
		start.members = Max(old->core.members, 1);
		if (request->options->keep_ridge)
		{
			start.ridge = &old->core;
			start.known = forecast_model_known(old, data->view);
		}
		start.resume = train_resumes(request) ? &old->core : NULL;
		/* the start of the whole training, of which this call is a part; an average is a new start */
		start.base = start.resume && old->averaged == 0 ? old->core.base : 0;
	}
	return start;
}

/* Keeps the plan of a training that is resumed, unless the call gives another; raises an error if nothing is left of it. */
static void
train_resume_plan(const TrainRequest *request, FrnnRecipe *recipe)
{
	const FrnnForecaster *old = &request->old->core;
	bool		planned = request->call_plan;
	int64		updates = old->updates;
	int			k;

	if (recipe->optimizer.kind != old->recipe.optimizer.kind ||
		frnn_optimizer_state(&recipe->optimizer) != frnn_optimizer_state(&old->recipe.optimizer))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the training that the model keeps cannot go on with another optimizer"),
						errhint("Set keep_optimizer to false to start a training of its own.")));
	if (planned && (recipe->looks_epochs != old->recipe.looks_epochs || recipe->updates_per_epoch != old->recipe.updates_per_epoch))
		updates = recipe->updates;
	else
	{
		recipe->looks_epochs = old->recipe.looks_epochs;
		recipe->updates_per_epoch = old->recipe.updates_per_epoch;
		recipe->updates = old->recipe.updates;
	}
	if (recipe->stop_after == 0)
		return;
	for (k = 0; k < old->members; k++)
		if (old->place[k].epoch < Max(1, updates / recipe->updates_per_epoch))
			return;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the training that the model keeps is complete: %d of " INT64_FORMAT " epochs",
						   old->place[0].epoch, Max(1, updates / recipe->updates_per_epoch)),
					errhint("Give more epochs, or set keep_optimizer to false to start a training of its own.")));
}

/* Starts the list of epochs with those of a training that is resumed.  After a validation split it has those of the split. */
static void
train_resume_log(const TrainRequest *request, FitLog *log)
{
	const FrnnModel *old = request->old->model;

	log->closed = request->old->core.recipe.validation >= 1;
	log->phase = FRNN_PHASE_REFIT;
	log->count = log->room = old->n_history;
	if (old->n_history > 0)
	{
		log->epoch = MemoryContextAllocHuge(log->context, sizeof(FrnnEpoch) * log->room);
		memcpy(log->epoch, old->history, sizeof(FrnnEpoch) * log->room);
	}
}

/* Fits the recipe to the panel; fills model->core. */
static void
train_run(const TrainRequest *request, ForecastModel *model, const PanelData *data, const FrnnRecipe *recipe,
		  const FrnnNetwork *network, FitLog *log)
{
	FrnnStart	start = train_start(request, data);
	ParallelTeam team;
	FrnnFitHooks hooks = {fit_tick, log_epoch, frnn_pg_clock, log, &team.team};
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	int			members = recipe->network == FRNN_NETWORK_RIDGE ? 0 : recipe->ensemble;
	size_t		state,
				work;
	MemoryContext work_context,
				old;
	void	   *block;

	frnn_check(frnn_forecaster_size(recipe, network, data->panel.series, members, &state, &error), &error);
	frnn_check(frnn_fit_size(&data->panel, recipe, network, &work, &error), &error);
	model->core.recipe = *recipe;
	model->core.network = *network;
	parallel_team(&team, request->options->workers, train_needed_bytes(request, data, &model->core, state, work));
	frnn_forecaster_layout(&model->core, recipe, network, data->panel.series, members, frnn_allocate(state, "training"));
	log->forecaster = &model->core;
	log->shown = FRNN_PHASE_VALIDATION;
	log->team = &team;
	log->progress = progress_start(members == 0 ? PROGRESS_PREPARE : PROGRESS_VALIDATION,
								   members == 0 ? 0 : recipe->looks_epochs * (1 + members));
	/* the work block is freed before the model's bytes are written, so the two never exist at the same time */
	work_context = AllocSetContextCreate(CurrentMemoryContext, "rnn_train work", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(work_context);
	block = frnn_allocate(work, "training");
	MemoryContextSwitchTo(old);
	frnn_check(frnn_fit(&data->panel, &model->core, start.members > 0 ? &start : NULL, block, &hooks, &error), &error);
	MemoryContextDelete(work_context);
	progress_end(log->progress);
}

/* Returns the network part, which all kinds of models have. */
static FrnnModel *
train_network_part(ForecastModel *model, const FitLog *log, char *options)
{
	FrnnModel  *part = palloc0(sizeof(FrnnModel));

	/* a network whose weight on the validation rows is 0 is neither trained nor kept */
	if (model->core.members > 0)
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
train_name_series(ForecastModel *model, const PanelData *data)
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

/* Reads what both kinds of request share: options, the panel, the horizon. */
static void
train_complete_request(TrainRequest *request, Datum panel)
{
	const ForecastModel *old = request->old;

	if (request->options->keep_ridge && !old)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"keep_ridge\" needs a forecaster to start from")));
	recipe_from_options(request->options, &request->recipe);
	request->data = panel_data_load(panel, request->options, old ? &old->axis : NULL, old ? old->plan : NULL,
									old ? old->calendar : request->options->calendar == 1,
									request->options->on_error == ERROR_SKIP);
	if (request->data->no_axis)
		return;
	if (old)
		forecast_model_check_step(old, request->data->view, request->options);
	if (request->data->plan && request->data->plan->given)
	{
		request->recipe.known_covariates = request->data->plan->known;
		request->recipe.past_covariates = request->data->plan->past;
	}
	train_check_series(request->data, request->options);
	request->horizon = old && request->options->horizon == FRNN_AUTO ? old->core.recipe.horizon :
		train_choose_horizon(request->options, request->data, &request->network, &request->recipe.loss);
	if (request->network.layers > 0 && !network_has_head(&request->network))
		network_add_head(&request->network, request->horizon, &request->recipe.loss);
}

TrainRequest *
train_request(Datum panel, Jsonb *network, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));

	/* an object of options in the network's place */
	if (network && frnn_network_is_options(network))
	{
		if (options)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("options stand in the place of the network and in their own"),
							errhint("Leave the network null, or pass layers, for example rnn_lstm(32).")));
		options = network;
		network = NULL;
	}
	request->context = CurrentMemoryContext;
	request->given = options;
	request->options = frnn_options_parse(options, SCOPE_PANEL);
	request->recipe = frnn_recipe_default();
	request->recipe.network = train_read_network(network, &request->network);
	train_complete_request(request, panel);
	return request;
}

TrainRequest *
train_request_warm(Datum panel, ForecastModel *old, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));

	request->context = CurrentMemoryContext;
	if (options)
	{
		const FrnnOptions *call = frnn_options_parse(options, SCOPE_PANEL);

		request->call_plan = frnn_option_given(call, OPT_EPOCHS) || frnn_option_given(call, OPT_STEPS_PER_EPOCH);
	}
	request->given = model_options(old->model, options);
	request->options = frnn_options_parse(request->given, SCOPE_PANEL);
	request->old = old;
	request->recipe = old->core.recipe;
	request->network = old->core.network;
	request->recipe.network = request->network.layers > 0 ? FRNN_NETWORK_GIVEN : FRNN_NETWORK_RIDGE;
	train_complete_request(request, panel);
	check_covariate_count("the panel", request->data->own_covariates, old->own_covariates);
	return request;
}

/*
 * A request to train a plain network, an imported one for example, on a panel.
 * Without options for them, its inputs are the values of the window alone, as
 * many per time step as the network takes.
 */
TrainRequest *
train_request_network(Datum panel, const FrnnModel *start, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));
	const FrnnNetwork *network = &start->network;

	request->context = CurrentMemoryContext;
	request->given = options;
	request->options = frnn_options_parse(options, SCOPE_PANEL);
	request->start = start;
	request->network = *network;
	request->recipe = frnn_recipe_default();
	request->recipe.network = FRNN_NETWORK_GIVEN;
	request->recipe.highway = 0;
	request->recipe.periods = 0;
	if (!network->output_sequence)
	{
		request->recipe.segment = network->input_size;
		if (network->time_steps > 0)
			request->recipe.time_steps = network->time_steps * network->input_size;
	}
	train_complete_request(request, panel);
	return request;
}

/* Raises an error unless the weights to start from fit the network that the panel and the options lead to. */
static void
train_check_start(const TrainRequest *request, const FrnnNetwork *network)
{
	const ForecastModel *old = request->old;
	const FrnnModel *start = request->start;

	if (old && network->parameters != old->core.network.parameters)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the model's network does not fit this panel and these options")));
	if (start && (network->parameters != start->network.parameters || network->input_size != start->network.input_size))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the weights of the network do not fit this panel and these options"),
						errdetail("The network has %zu weights and takes %d numbers per time step; here it would have %zu and take %d.",
								  start->network.parameters, start->network.input_size, network->parameters, network->input_size),
						errhint("Leave out seasonality, highway and covariates, or train the layers alone: rnn_train(panel, network, options).")));
}

ForecastModel *
train_fit(const TrainRequest *request, PanelData *data)
{
	ForecastModel *model = palloc0(sizeof(ForecastModel));
	FrnnRecipe	recipe = request->recipe;
	FrnnNetwork network = request->network;
	FitLog		log = {.phase = FRNN_PHASE_VALIDATION, .context = CurrentMemoryContext};

	data->panel.horizon = request->horizon;
	train_choose(request, data, &recipe, &network);
	train_check_start(request, &network);
	if (train_resumes(request))
	{
		train_resume_plan(request, &recipe);
		train_resume_log(request, &log);
	}
	model->choice = palloc(CHOICE_SIZE);
	frnn_recipe_explain(&recipe, &network, model->choice, CHOICE_SIZE);
	model->axis = data->axis;
	model->plan = data->plan;
	model->own_covariates = data->own_covariates;
	model->calendar = data->calendar;
	train_run(request, model, data, &recipe, &network, &log);
	train_name_series(model, data);
	model->model = train_network_part(model, &log, frnn_options_canonical(request->given));
	return model;
}

/*
 * Returns true, with a NOTICE, if no series has enough rows to train on and the
 * option on_error is "skip".  An aggregate does not see the values that its
 * group is formed by, so the NOTICE names the first series and its times.
 */
static bool
train_is_skipped(const TrainRequest *request)
{
	const PanelData *data = request->data;
	int64		longest = 0;
	int64		s;
	char	   *times = "";

	if (request->options->on_error != ERROR_SKIP)
		return false;
	if (data->no_axis)
	{
		ereport(NOTICE, (errmsg("a model was not trained: the frequency of the time axis cannot be inferred"),
						 data->view->series[0].has_id ? errdetail("The panel starts with %s. %s", axis_series_name(&data->view->series[0]), data->no_axis) :
						 errdetail("%s", data->no_axis)));
		return true;
	}
	for (s = 0; s < data->panel.series; s++)
		longest = Max(longest, data->data[s].n);
	if (longest >= TRAIN_ROWS)
		return false;
	if (data->panel.series > 0 && data->grid[0].n + data->grid[0].future > 0)
	{
		int64		rows = data->grid[0].n + data->grid[0].future;

		times = psprintf(", from %s to %s", panel_time_text(data->axis.time, data->grid[0].anchor),
						 panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[0].anchor, rows - 1)));
	}
	ereport(NOTICE, (errmsg("a model was not trained: no series of the panel has %d rows up to its last known value", TRAIN_ROWS),
					 data->view->series[0].has_id ?
					 errdetail("The panel has " INT64_FORMAT " series, the first of them is %s%s.", data->panel.series,
							   axis_series_name(&data->view->series[0]), times) :
					 errdetail("The panel has one series%s.", times)));
	return true;
}

/* Trains in a memory context of its own. */
static Datum
train_in_context(FunctionCallInfo fcinfo, bool warm)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "rnn_train", ALLOCSET_DEFAULT_SIZES);
	Jsonb	   *options;
	TrainRequest *request;
	ForecastModel *model;
	bytea	   *result;

	MemoryContextSwitchTo(context);
	options = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	if (warm)
	{
		bytea	   *bytes = PG_GETARG_BYTEA_PP(1);
		FrnnModel  *start = frnn_model_read(bytes);

		request = start->forecaster ? train_request_warm(PG_GETARG_DATUM(0), forecast_model_read(bytes), options) :
			train_request_network(PG_GETARG_DATUM(0), start, options);
	}
	else
		request = train_request(PG_GETARG_DATUM(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), options);
	if (train_is_skipped(request))
	{
		MemoryContextSwitchTo(caller);
		MemoryContextDelete(context);
		PG_RETURN_NULL();
	}
	model = train_fit(request, request->data);
	train_notice(fcinfo, request, model);
	result = forecast_model_write(model, request->data, request->options->keep_history, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* rnn_panel over no rows is NULL: an error, so that no NULL is stored as a model */
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
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the model to resume the training of is null"),
						errhint("To train a new model, pass a network or NULL::jsonb.")));
	return train_in_context(fcinfo, true);
}
