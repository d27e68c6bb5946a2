/*
 * model_write.c
 *	  Metadata and tensors of a model's network part, written.
 *
 * The bytes do not depend on the clock: the same seed, rows and options give the
 * same model.
 */
#include "pg/model/model.h"

#include <math.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "utils/float.h"

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

/* Returns the loss as one canonical JSON object in the options' vocabulary */
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

/* Raises an error for weights or losses that frnn_model_read would refuse. */
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
		/* NaN: no target of the epoch's samples was known */
		if (isinf(model->history[e].loss) || isinf(model->history[e].val_loss))
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
