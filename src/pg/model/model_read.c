/*
 * model_read.c
 *	  Metadata and tensors of a model's network part, read.
 *
 * Relies on safetensors_read.c for the container.  Everything in a model is
 * untrusted: the network is resolved again, every tensor must have the shape
 * that the network needs, every weight must be finite.  All memory is in the
 * current context.
 */
#include "pg/model/model.h"

#include <math.h>

#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

static Jsonb *
meta_read_json(const StFile *file, const char *key)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(st_need_meta(file, key))));
}

static void
model_read_network(const StFile *file, FrnnNetwork *network)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		FrnnError	error;

		frnn_network_from_jsonb(meta_read_json(file, "network"), network);
		network->input_size = st_need_integer(file, "input_size", 1, FRNN_MAX_FEATURES);
		network->time_steps = st_need_integer(file, "time_steps", 0, FRNN_MAX_STEPS);
		network->extra = st_need_integer(file, "extra", 0, FRNN_MAX_FEATURES);
		network->highway = st_need_integer(file, "highway", 0, 1);
		frnn_check(frnn_network_resolve(network, &error), &error);
	}
	PG_CATCH();
	{
		frnn_model_raise(context, "metadata \"network\"");
	}
	PG_END_TRY();
}

static void
model_read_loss(const StFile *file, FrnnLoss *loss)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		*loss = frnn_options_parse(meta_read_json(file, "loss"), SCOPE_TENSOR)->loss;
	}
	PG_CATCH();
	{
		frnn_model_raise(context, "metadata \"loss\"");
	}
	PG_END_TRY();
}

static void
model_read_options(FrnnModel *model)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		Jsonb	   *json = meta_read_json(model->file, "options");

		(void) frnn_options_parse(json, model->forecaster ? SCOPE_PANEL : SCOPE_TENSOR);
		model->options = frnn_options_canonical(json);
	}
	PG_CATCH();
	{
		frnn_model_raise(context, "metadata \"options\"");
	}
	PG_END_TRY();
}

static void
model_read_history(FrnnModel *model)
{
	const StTensor *tensor = st_find(model->file, "history");
	double	   *rows;
	int			i;

	if (tensor == NULL)
		return;
	if (tensor->type != ST_F64 || tensor->rank != 2 || tensor->dim[1] != HISTORY_COLUMNS ||
		tensor->dim[0] < 1 || tensor->dim[0] > PG_INT32_MAX)
		st_corrupt("tensor \"history\" must have the shape (epochs, %d) and type F64", HISTORY_COLUMNS);
	model->n_history = (int) tensor->dim[0];
	model->history = palloc_extended(model->n_history * sizeof(FrnnEpoch), MCXT_ALLOC_HUGE);
	rows = palloc_extended(tensor->bytes, MCXT_ALLOC_HUGE);
	st_copy_f64(tensor, rows);
	for (i = 0; i < model->n_history; i++)
	{
		const double *row = rows + (Size) i * HISTORY_COLUMNS;
		FrnnEpoch  *epoch = &model->history[i];

		if (!(row[0] >= 1 && row[0] <= PG_INT32_MAX) || row[0] != floor(row[0]) || isinf(row[1]) ||
			isinf(row[2]) || !isfinite(row[3]) || (row[4] != 0 && row[4] != 1))
			st_corrupt("row %d of tensor \"history\" is not an epoch", i + 1);
		epoch->epoch = (int) row[0];
		epoch->loss = row[1];
		epoch->val_loss = row[2];
		epoch->learning_rate = row[3];
		epoch->is_best = row[4] != 0;
	}
	pfree(rows);
}

static void
weight_check(const StFile *file, const FrnnTensor *want, const char *name)
{
	const StTensor *have = st_find(file, name);
	int			i;

	if (have == NULL)
		st_corrupt("tensor \"%s\" is missing", name);
	if (have->type != ST_F32 || have->rank != want->rank)
		st_corrupt("tensor \"%s\" must be F32 with %d dimensions, not %s with %d",
				   name, want->rank, st_type_name(have->type), have->rank);
	for (i = 0; i < want->rank; i++)
		if (have->dim[i] != want->dim[i])
			st_corrupt("dimension %d of tensor \"%s\" must be %d, not " INT64_FORMAT,
					   i + 1, name, want->dim[i], have->dim[i]);
}

static void
weight_copy(FrnnModel *model, const FrnnTensor *tensor, const char *name, float *out)
{
	size_t		i;

	st_copy_f32(st_find(model->file, name), out);
	for (i = 0; i < tensor->count; i++)
		if (!isfinite(out[i]))
			st_corrupt("number %zu of tensor \"%s\" is not finite", i + 1, name);
}

/* Checks all shapes before it allocates, so that it allocates no more than the file holds. */
static void
model_read_weights(FrnnModel *model)
{
	const FrnnNetwork *network = &model->network;
	FrnnTensor *tensor = palloc(FRNN_MAX_TENSORS * sizeof(FrnnTensor));
	int			n = model->members > 0 ? frnn_network_tensors(network, tensor) : 0;
	char		name[ST_MAX_NAME];
	int			k,
				i;

	if (model->members == 0)
		return;					/* a linear forecaster */
	for (k = 0; k < model->members; k++)
		for (i = 0; i < n; i++)
		{
			frnn_member_name(&tensor[i], k, name);
			weight_check(model->file, &tensor[i], name);
		}
	if (!model->forecaster && model->file->n_tensors != n + (model->n_history > 0))
		st_corrupt("there are %d tensors, but the network and its history have %d",
				   model->file->n_tensors, n + (model->n_history > 0));

	model->params = frnn_allocate(model->members * network->parameters * sizeof(float), "the model");
	for (k = 0; k < model->members; k++)
		for (i = 0; i < n; i++)
		{
			frnn_member_name(&tensor[i], k, name);
			weight_copy(model, &tensor[i], name, model->params + k * network->parameters + tensor[i].offset);
		}
	pfree(tensor);
}

static void
model_check_version(const StFile *file)
{
	int			version = st_need_integer(file, "format_version", 1, PG_INT32_MAX);

	if (version > FRNN_FORMAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the model has format version %d, this version of forecast_rnn reads up to %d",
						version, FRNN_FORMAT_VERSION),
				 errhint("Upgrade the extension, or train the model again.")));
}

FrnnModel  *
frnn_model_read(bytea *bytes)
{
	FrnnModel  *model = palloc0(sizeof(FrnnModel));
	StFile	   *file = st_read(bytes);
	const char *kind;

	model->file = file;
	model_check_version(file);
	kind = st_need_meta(file, "kind");
	model->forecaster = strcmp(kind, "forecaster") == 0;
	if (!model->forecaster && strcmp(kind, "network") != 0)
		st_corrupt("the kind of model \"%.40s\" is not known", kind);
	model->kind = model->forecaster ? "forecaster" : "network";
	model->members = st_need_integer(file, "members", model->forecaster ? 0 : 1, model->forecaster ? FRNN_MAX_ENSEMBLE : 1);
	if (model->members > 0)
		model_read_network(file, &model->network);
	else if (strcmp(st_need_meta(file, "network"), "null") != 0)
		st_corrupt("a model without weights must have no network");
	model_read_loss(file, &model->loss);
	model->targets = st_need_integer(file, "targets", 0, FRNN_MAX_UNITS * 2);
	if (model->members > 0 && model->targets > 0 && model->targets * frnn_loss_width(&model->loss) != model->network.output_size)
		st_corrupt("%d targets of loss %s do not fit %d outputs",
				   model->targets, frnn_loss_word(model->loss.kind), model->network.output_size);
	model_read_options(model);
	model_read_history(model);
	model->best_epoch = st_need_integer(file, "best_epoch", 0, PG_INT32_MAX);
	model_read_weights(model);
	return model;
}
