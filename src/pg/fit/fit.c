/*
 * fit.c
 *	  rnn_fit: train a network, or a model further, on x and y arrays.
 *
 * One memory context per call holds everything.  It is deleted when the model's
 * bytes are in the caller's context.  An interrupt leaves the core's tick by
 * longjmp, and the server then deletes the context.
 */
#include "pg/model/model.h"

#include <math.h>

#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/job/parallel.h"
#include "pg/job/progress.h"
#include "pg/tensor/samples.h"
#include "pg/tensor/tensor.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_fit_network);
PG_FUNCTION_INFO_V1(rnn_fit_model);

typedef struct FitArgs
{
	ArrayType  *x,
			   *y,
			   *x_val,			/* both NULL or both given */
			   *y_val;
	Jsonb	   *options;		/* NULL = none */
} FitArgs;

static ArrayType *
fit_array_argument(FunctionCallInfo fcinfo, int number, const char *name, bool needed)
{
	if (!PG_ARGISNULL(number))
		return PG_GETARG_ARRAYTYPE_P(number);
	if (needed)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", name),
				 errhint("An aggregate over no rows is NULL: check that the query finds rows, and enough for one window.")));
	return NULL;
}

static void
fit_arguments(FunctionCallInfo fcinfo, FitArgs *args)
{
	args->x = fit_array_argument(fcinfo, 1, "x", true);
	args->y = fit_array_argument(fcinfo, 2, "y", true);
	args->options = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	args->x_val = fit_array_argument(fcinfo, 4, "x_val", false);
	args->y_val = fit_array_argument(fcinfo, 5, "y_val", false);
	if ((args->x_val == NULL) != (args->y_val == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("x_val and y_val must be given together")));
}

static void
training_set(const FrnnOptions *options, FrnnTraining *training)
{
	memset(training, 0, sizeof(*training));
	training->loss = options->loss;
	training->optimizer = options->optimizer;
	training->schedule = options->schedule;
	training->batch_size = options->batch_size;
	training->epochs = options->epochs;
	training->steps_per_epoch = options->steps_per_epoch;
	training->shuffle = options->shuffle;
	training->clip_norm = options->clip_norm;
	training->patience = options->patience;
	training->min_delta = options->min_delta;
	training->restore_best = options->restore_best;
	training->highway_rate = 1.0;
	training->time_limit = options->time_limit;
	training->seed = (uint64) options->seed;
}

/* number of validation samples: the last ones, since samples are in order of time */
static int64
validation_samples(const FrnnOptions *options, int64 samples)
{
	int64		rows;

	if (options->validation <= 0)
		return 0;
	rows = options->validation < 1 ? (int64) floor(samples * options->validation) : (int64) options->validation;
	if (rows < 1 || rows >= samples)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"validation\" must leave samples on both sides: %g of " INT64_FORMAT " samples gives " INT64_FORMAT " validation samples",
						options->validation, samples, rows)));
	return rows;
}

typedef struct FitProgress
{
	int			epochs;
	bool		verbose;
	Progress   *progress;
	const ParallelTeam *team;
} FitProgress;

static void
fit_tick(void *arg)
{
	FitProgress *show = arg;

	progress_team_tick(show->progress, show->team);
}

static void
fit_epoch(void *arg, const FrnnEpoch *epoch)
{
	const FitProgress *show = arg;

	progress_epoch(show->progress, epoch);
	if (!show->verbose)
		return;
	if (isnan(epoch->val_loss))
		ereport(NOTICE,
				(errmsg("epoch %d of %d: loss %.6g", epoch->epoch, show->epochs, epoch->loss)));
	else
		ereport(NOTICE,
				(errmsg("epoch %d of %d: loss %.6g, val_loss %.6g",
						epoch->epoch, show->epochs, epoch->loss, epoch->val_loss)));
}

static void
weights_start(FrnnModel *model, uint64_t seed, MemoryContext work)
{
	FrnnRun		run = {frnn_pg_tick, NULL, false, 0, 0};
	const FrnnNetwork *network = &model->network;
	MemoryContext old;
	void	   *scratch;

	model->params = frnn_allocate(frnn_mul(network->parameters, sizeof(float)), "the model");
	old = MemoryContextSwitchTo(work);
	scratch = frnn_allocate(frnn_init_scratch(network), "initialisation");
	MemoryContextSwitchTo(old);
	frnn_network_init(network, seed, model->params, scratch, &run);
	MemoryContextReset(work);
}

/* bytes that training still needs: weights, losses, and the largest of work block, initialization and model bytes */
static size_t
fit_bytes(const FrnnModel *model, const FrnnTraining *training, size_t work)
{
	size_t		weights = frnn_mul(model->network.parameters, sizeof(float));
	size_t		losses = frnn_mul(training->epochs, sizeof(FrnnEpoch));
	size_t		kept = frnn_add(model->params ? 0 : weights, losses);
	size_t		written = frnn_add(weights, losses);

	return frnn_add(kept, Max(Max(work, frnn_init_scratch(&model->network)), written));
}

/*
 * Trains model->params in place, from initial weights if there are none yet;
 * `valid` may be empty.  Sizes are checked first.
 */
static void
fit_weights(FrnnModel *model, const FrnnOptions *options, const Samples *samples, const Samples *valid, MemoryContext call)
{
	FrnnTraining training;
	FrnnTrained trained;
	FrnnSource	source = samples_source(samples);
	FrnnSource	valid_source = samples_source(valid);
	FrnnSource *held = valid->n > 0 ? &valid_source : NULL;
	FitProgress show;
	ParallelTeam team;
	FrnnHooks	hooks = {fit_tick, fit_epoch, frnn_pg_clock, &show, &team.team};
	FrnnError	error;
	size_t		bytes,
				needed;
	MemoryContext work,
				old;
	void	   *block;

	training_set(options, &training);
	training.targets = samples->targets;
	training.shards = frnn_shards(&model->network, training.batch_size, samples->T);
	show.team = &team;
	show.epochs = training.epochs;
	show.verbose = options->verbose;
	frnn_check(frnn_train_size(&model->network, &training, &source, held, &bytes, &error), &error);
	needed = frnn_check_growth(call, fit_bytes(model, &training, bytes), "training");
	ereport(DEBUG1, (errmsg_internal("training needs %.1f MB of memory", needed / 1048576.0)));
	model->history = frnn_allocate(training.epochs * sizeof(FrnnEpoch), "training");
	/* the work block is freed before the model's bytes are made */
	work = AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn work", ALLOCSET_DEFAULT_SIZES);
	if (model->params == NULL)
		weights_start(model, training.seed, work);
	parallel_team(&team, options->workers, needed);
	show.progress = progress_start(PROGRESS_FIT, training.epochs);
	old = MemoryContextSwitchTo(work);
	block = frnn_allocate(bytes, "training");
	MemoryContextSwitchTo(old);
	frnn_check(frnn_train(&model->network, &training, &source, held, model->params,
						  block, &hooks, model->history, &trained, &error), &error);
	MemoryContextDelete(work);
	progress_end(show.progress);

	model->loss = training.loss;
	model->targets = training.targets;
	model->n_history = trained.epochs;
	model->best_epoch = trained.best_epoch;
	if (trained.out_of_time)
		ereport(NOTICE,
				(errmsg("training stopped after %d of %d epochs: the time_limit of %g seconds was reached",
						trained.epochs, training.epochs, training.time_limit)));
}

static Datum
fit_model(FrnnModel *model, const FitArgs *args, Jsonb *given, const FrnnOptions *options, MemoryContext outer)
{
	MemoryContext context = CurrentMemoryContext;
	bytea	   *result;
	Samples		all,
				samples,
				valid;

	samples_read(&model->network, &options->loss, args->x, "x", args->y, "y", &all);
	if (args->x_val)
	{
		samples = all;
		samples_read(&model->network, &options->loss, args->x_val, "x_val", args->y_val, "y_val", &valid);
		samples_check_known(&valid, "y_val");
	}
	else
	{
		int64		held = validation_samples(options, all.n);

		samples = samples_part(&all, 0, all.n - held);
		valid = samples_part(&all, all.n - held, held);
		if (held > 0)
			samples_check_known(&valid, "the validation part of y");
	}
	samples_check_known(&samples, "y");
	fit_weights(model, options, &samples, &valid, context);
	model->options = given ? frnn_options_canonical(given) : NULL;
	result = frnn_model_write(model, outer);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* Enters the context that holds all of a call; fit_model leaves it. */
static MemoryContext
context_enter(void)
{
	return MemoryContextSwitchTo(AllocSetContextCreate(CurrentMemoryContext, "forecast_rnn training", ALLOCSET_DEFAULT_SIZES));
}

Datum
rnn_fit_network(PG_FUNCTION_ARGS)
{
	MemoryContext outer = context_enter();
	FrnnModel  *model = palloc0(sizeof(FrnnModel));
	FrnnNetwork *network = &model->network;
	FrnnOptions *options;
	FrnnError	error;
	FrnnShape	shape;
	FitArgs		args;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("network must not be NULL")));
	fit_arguments(fcinfo, &args);
	options = frnn_options_parse(args.options, SCOPE_TENSOR);
	frnn_network_from_jsonb(PG_GETARG_JSONB_P(0), network);

	/* the shape of x is the network's input shape, as in Keras */
	shape = frnn_tensor_check(args.x, "x", false, false);
	network->time_steps = shape.dim[1];
	network->input_size = shape.dim[2];
	frnn_check(frnn_network_resolve(network, &error), &error);

	model->members = 1;
	return fit_model(model, &args, args.options, options, outer);
}

static Jsonb *
options_drop_key(Jsonb *options, const char *key)
{
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(options), CStringGetTextDatum(key)));
}

static bool
options_have_key(Jsonb *options, const char *key)
{
	JsonbValue	value;

	return getKeyJsonValueFromContainer(&options->root, key, strlen(key), &value) != NULL;
}

/*
 * Options given now override those of the model; a new loss or optimizer also
 * removes the settings of the old one.
 */
static Jsonb *
options_merge(const char *before, Jsonb *given)
{
	Jsonb	   *kept = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(before)));

	if (given == NULL)
		return kept;
	(void) frnn_options_parse(given, SCOPE_TENSOR); /* an object with known keys */
	if (options_have_key(given, "loss"))
		kept = options_drop_key(options_drop_key(kept, "delta"), "quantiles");
	if (options_have_key(given, "optimizer"))
		kept = options_drop_key(options_drop_key(options_drop_key(options_drop_key(kept, "learning_rate"), "weight_decay"), "momentum"), "nesterov");
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(kept), JsonbPGetDatum(given)));
}

Datum
rnn_fit_model(PG_FUNCTION_ARGS)
{
	MemoryContext outer = context_enter();
	FrnnModel  *model;
	Jsonb	   *merged;
	FitArgs		args;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model must not be NULL")));
	fit_arguments(fcinfo, &args);
	model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	frnn_model_need_network(model, "rnn_train");
	merged = options_merge(model->options, args.options);
	return fit_model(model, &args, merged, frnn_options_parse(merged, SCOPE_TENSOR), outer);
}
