/*
 * model.c
 *	  Metadata and tensors of a model's network part, written and read.
 *
 * Relies on safetensors_read.c for the container.  Everything in a model is
 * untrusted: the network is resolved again, every tensor must have the shape
 * that the network needs, every weight must be finite.  All memory is in the
 * current context.  The bytes do not depend on the clock: the same seed, rows
 * and options give the same model.
 */
#include "pg/model/model.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "pg/server/bridge.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "utils/fmgrprotos.h"
#include "utils/float.h"
#include "utils/memutils.h"

#define HISTORY_COLUMNS 5		/* epoch, loss, val_loss, learning_rate, is_best */

static const char *const own_keys[] = {
	"format", "forecast_rnn.version", "format_version", "kind", "network", "input_size", "time_steps", "extra",
	"highway", "members", "loss", "targets", "options", "best_epoch"
};

bool
frnn_model_own_key(const char *key)
{
	int			i;

	for (i = 0; i < (int) lengthof(own_keys); i++)
		if (strcmp(key, own_keys[i]) == 0)
			return true;
	return false;
}

/* the loss as one canonical JSON object in the options' vocabulary */
static char *
loss_text(const FrnnLoss *loss)
{
	StringInfoData out;
	char		number[FLOAT_SHORTEST_DECIMAL_LEN];
	int			i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"loss\": \"%s\"", frnn_loss_word(loss->kind));
	if (loss->kind == FRNN_HUBER)
	{
		float_to_shortest_decimal_buf(loss->delta, number);
		appendStringInfo(&out, ", \"delta\": %s", number);
	}
	if (loss->kind == FRNN_QUANTILE)
	{
		appendStringInfoString(&out, ", \"quantiles\": [");
		for (i = 0; i < loss->quantiles; i++)
		{
			float_to_shortest_decimal_buf(loss->quantile[i], number);
			appendStringInfo(&out, "%s%s", i ? ", " : "", number);
		}
		appendStringInfoChar(&out, ']');
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

void
frnn_member_name(const FrnnTensor *tensor, int k, char *name)
{
	if (k == 0)
		strlcpy(name, tensor->name, ST_MAX_NAME);
	else
		snprintf(name, ST_MAX_NAME, "member%d.%s", k, tensor->name);
}

/* ---- writing ---- */

static void
meta_add_int(StFile *file, const char *key, int value)
{
	char text[	16];

	snprintf(text, sizeof(text), "%d", value);
	st_meta(file, key, text);
}

static void
history_fill(const void *arg, char *out)
{
	const FrnnModel *model = arg;
	int			i;

	for (i = 0; i < model->n_history; i++)
	{
		const FrnnEpoch *epoch = &model->history[i];
		double		row[HISTORY_COLUMNS];

		row[0] = epoch->epoch;
		row[1] = epoch->loss;
		row[2] = isnan(epoch->val_loss) ? get_float8_nan() : epoch->val_loss;
		row[3] = epoch->learning_rate;
		row[4] = epoch->is_best;
		memcpy(out, row, sizeof(row));
		out += sizeof(row);
	}
}

/* The history is the first tensor, so that its doubles are aligned in the file. */
static void
history_add(StFile *file, const FrnnModel *model)
{
	int64		dim[2] = {model->n_history, HISTORY_COLUMNS};

	if (model->n_history > 0)
		st_add_filled(file, "history", ST_F64, 2, dim, history_fill, model);
}

static void
weights_add(StFile *file, const FrnnModel *model)
{
	FrnnTensor *tensor = palloc(FRNN_MAX_TENSORS * sizeof(FrnnTensor));
	int			n = frnn_network_tensors(&model->network, tensor);
	char		name[ST_MAX_NAME];
	int			k,
				i;

	for (k = 0; k < model->members; k++)
		for (i = 0; i < n; i++)
		{
			int64		dim[2] = {tensor[i].dim[0], tensor[i].dim[1]};

			frnn_member_name(&tensor[i], k, name);
			st_add(file, name, ST_F32, tensor[i].rank, dim,
				   model->params + k * model->network.parameters + tensor[i].offset);
		}
	pfree(tensor);
}

/* Raise an error for weights or losses that frnn_model_read would refuse. */
static void
model_check_trained(const FrnnModel *model)
{
	size_t		count = model->members * model->network.parameters;
	size_t		i;
	int			e;

	for (i = 0; i < count; i++)
		if (!isfinite(model->params[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("training diverged: a weight is not finite"),
					 errhint("Lower learning_rate, set clip_norm, or scale the values.")));
	for (e = 0; e < model->n_history; e++)
		if (!isfinite(model->history[e].loss) || isinf(model->history[e].val_loss))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("training diverged: the loss was not finite in epoch %d", model->history[e].epoch),
					 errhint("Lower learning_rate, set clip_norm, or scale the values.")));
}

void
frnn_model_add(StFile *file, const FrnnModel *model)
{
	const FrnnNetwork *network = &model->network;

	model_check_trained(model);
	st_meta(file, "format", "pt");
	st_meta(file, "forecast_rnn.version", FRNN_VERSION);
	meta_add_int(file, "format_version", FRNN_FORMAT_VERSION);
	st_meta(file, "kind", model->forecaster ? "forecaster" : "network");
	st_meta(file, "network", network->layers > 0 ? frnn_network_to_text(network) : "null");
	meta_add_int(file, "input_size", network->input_size);
	meta_add_int(file, "time_steps", network->time_steps);
	meta_add_int(file, "extra", network->extra);
	meta_add_int(file, "highway", network->highway);
	meta_add_int(file, "members", model->members);
	st_meta(file, "loss", loss_text(&model->loss));
	meta_add_int(file, "targets", model->targets);
	st_meta(file, "options", model->options ? model->options : "{}");
	meta_add_int(file, "best_epoch", model->best_epoch);
	history_add(file, model);
	weights_add(file, model);
}

bytea	   *
frnn_model_write(const FrnnModel *model, MemoryContext context)
{
	StFile	   *file = st_new();

	frnn_model_add(file, model);
	return st_write(file, context);
}

void
frnn_model_imported(FrnnModel *model, Jsonb *options)
{
	int			width = frnn_loss_width(&model->loss);

	if (model->network.output_size % width == 0)
		model->targets = model->network.output_size / width;
	if (options)
		model->options = frnn_options_canonical(options);
}

/* ---- reading ---- */

static Jsonb *
meta_read_json(const StFile *file, const char *key)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(st_need_meta(file, key))));
}

void
frnn_model_raise(MemoryContext context, const char *what)
{
	ErrorData  *edata;
	int			category;

	MemoryContextSwitchTo(context);
	edata = CopyErrorData();
	category = ERRCODE_TO_CATEGORY(edata->sqlerrcode);
	if (category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION ||
		category == ERRCODE_PROGRAM_LIMIT_EXCEEDED || category == ERRCODE_FEATURE_NOT_SUPPORTED)
	{
		FlushErrorState();
		st_corrupt("%s: %s", what, edata->message);
	}
	PG_RE_THROW();
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

		if (!(row[0] >= 1 && row[0] <= PG_INT32_MAX) || row[0] != floor(row[0]) || !isfinite(row[1]) ||
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

void
frnn_model_need_network(const FrnnModel *model, const char *instead)
{
	if (model->forecaster)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("the model is a forecaster, not a plain network"),
				 errhint("It holds a time axis and scales that arrays lack: use %s.", instead)));
}

Jsonb	   *
model_options(const FrnnModel *model, Jsonb *given)
{
	Datum		before;

	if (model->options == NULL || model->options[0] == '\0')
		return given;
	before = DirectFunctionCall1(jsonb_in, CStringGetDatum(model->options));
	if (given == NULL)
		return DatumGetJsonbP(before);
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, before, JsonbPGetDatum(given)));
}

void
frnn_model_need_layers(const FrnnModel *model)
{
	if (model->members == 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("the model has no network: it is ridge regression alone")));
}
