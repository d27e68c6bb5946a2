/*
 * train_fit.c
 *	  The training itself: what was not given is chosen, memory is measured,
 *	  the core fits, and the fitted state gets the parts of a model.
 *
 * What a call will hold at its peak is known once the recipe is chosen, before
 * the fitted state and the work block are allocated: see train_needed_bytes().  The
 * rows of an argument that is in memory already, as an aggregate's result is,
 * belong to the caller and do not count.
 */
#include "pg/forecast/train_fit.h"

#include "pg/forecast/fit_log.h"
#include "pg/model/series_index.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

#define CHOICE_SIZE 1024
#define EPOCHS_PER_SECOND 100000	/* more than any machine runs */

/* Chooses what was not given; raises an error if the outputs of a given network do not fit the horizon. */
static void
train_choose(const TrainRequest *request, const PanelData *data, FrnnRecipe *recipe, FrnnNetwork *network)
{
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	FrnnRun		run = {.tick = frnn_pg_hooks.tick, .arg = frnn_pg_hooks.arg};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "rnn_train choice", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	size_t		bytes = frnn_recipe_scratch(&data->panel);
	FrnnStatus	status;

	frnn_check_growth(request->context, bytes, "training");
	status = frnn_recipe_choose(&data->panel, recipe, network, frnn_allocate(bytes, "training"), &run, &error);
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

/* Returns true if the call resumes the training whose state the model keeps. */
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

/* Fits the recipe to the panel; fills model->core. */
static void
train_run(const TrainRequest *request, ForecastModel *model, const PanelData *data, const FrnnRecipe *recipe,
		  const FrnnNetwork *network, FitLog *log)
{
	FrnnStart	start = train_start(request, data);
	ParallelTeam team;
	FrnnFitHooks hooks = {fit_log_tick, fit_log_epoch, frnn_pg_clock, log, &team.team};
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
	part->best_epoch = fit_log_best(log);
	part->forecaster = true;
	part->kind = "forecaster";
	return part;
}

/* Gives the model the names and first timestamps of the panel's series. */
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
		fit_log_resume(&log, request->old);
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
