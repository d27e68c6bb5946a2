/*
 * model_info.c
 *	  rnn_model_info: everything in a model's metadata as one JSON object.
 */
#include "pg/model/forecaster.h"

#include <math.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "pg/model/model_text.h"
#include "pg/model/network_json.h"
#include "pg/options/options.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/jsonb.h"

PG_FUNCTION_INFO_V1(rnn_model_info);

/* ---- members of the object: the key, then a value ---- */

static void
info_key(StringInfo out, const char *key)
{
	appendStringInfoString(out, out->len > 1 ? ", " : "");
	escape_json(out, key);
	appendStringInfoString(out, ": ");
}

static void
info_int(StringInfo out, const char *key, int64 value)
{
	info_key(out, key);
	appendStringInfo(out, INT64_FORMAT, value);
}

static void
info_double(StringInfo out, const char *key, double value)
{
	info_key(out, key);
	if (isfinite(value))
		appendStringInfoString(out, float8out_internal(value));
	else
		appendStringInfoString(out, "null");
}

/* Adds a number with the digits that a float has. */
static void
info_float(StringInfo out, const char *key, float value)
{
	info_key(out, key);
	appendStringInfo(out, "%.7g", value);
}

static void
info_text(StringInfo out, const char *key, const char *value)
{
	info_key(out, key);
	escape_json(out, value);
}

/* Returns true for a list or an object; a forecaster's metadata holds such texts. */
static bool
text_is_json(const char *value)
{
	JsonLexContext *lex;

	if (*value != '{' && *value != '[')
		return false;
	lex = frnn_json_lexer(value, strlen(value), GetDatabaseEncoding());
	return pg_parse_json(lex, &nullSemAction) == JSON_SUCCESS;
}

static void
info_json(StringInfo out, const char *key, const char *value)
{
	info_key(out, key);
	if (text_is_json(value))
		appendStringInfoString(out, value);
	else
		escape_json(out, value);
}

static void
info_bool(StringInfo out, const char *key, bool value)
{
	info_key(out, key);
	appendStringInfoString(out, value ? "true" : "false");
}

/* Adds a number, or null if it is 0. */
static void
info_count(StringInfo out, const char *key, int64 value)
{
	if (value > 0)
		info_int(out, key, value);
	else
	{
		info_key(out, key);
		appendStringInfoString(out, "null");
	}
}

/* ---- the parts ---- */

static void
info_training(StringInfo out, const FrnnModel *model)
{
	int			i;

	info_int(out, "epochs", model->n_history);
	info_int(out, "best_epoch", model->best_epoch);
	for (i = 0; i < model->n_history; i++)
		if (model->history[i].epoch == model->best_epoch)
		{
			info_double(out, "best_loss", model->history[i].loss);
			info_double(out, "best_val_loss", model->history[i].val_loss);
			break;
		}
}

static void
info_loss(StringInfo out, const FrnnLoss *loss)
{
	int			i;

	info_text(out, "loss", frnn_loss_word(loss->kind));
	if (loss->kind == FRNN_HUBER)
		info_float(out, "delta", loss->delta);
	if (loss->kind != FRNN_QUANTILE)
		return;
	info_key(out, "quantiles");
	for (i = 0; i < loss->quantiles; i++)
		appendStringInfo(out, "%s%.7g", i ? ", " : "[", loss->quantile[i]);
	appendStringInfoChar(out, ']');
}

/* Adds how the values are prepared, under the names of the options, with what was chosen. */
static void
info_pipeline(StringInfo out, const FrnnRecipe *recipe)
{
	int			p;

	info_text(out, "mode", frnn_option_word(OPT_MODE, recipe->mode));
	info_int(out, "horizon", recipe->horizon);
	info_int(out, "steps_at_once", recipe->block);
	info_int(out, "time_steps", recipe->time_steps);
	if (recipe->mode == FRNN_MODE_WINDOW)
		info_int(out, "segment", recipe->segment);
	info_int(out, "stride", recipe->stride);
	info_text(out, "transform", model_transform_text(recipe));
	info_key(out, "seasonality");
	if (recipe->periods > 0)
		for (p = 0; p < recipe->periods; p++)
			appendStringInfo(out, "%s%d", p ? ", " : "[", recipe->period[p]);
	appendStringInfoString(out, recipe->periods > 0 ? "]" : "\"none\"");
	info_text(out, "level", frnn_option_word(OPT_LEVEL, recipe->level));
	info_text(out, "scaler", frnn_option_word(OPT_SCALER, recipe->scaling));
	info_text(out, "on_gap", frnn_option_word(OPT_ON_GAP, recipe->gap));
	info_text(out, "intervals", frnn_option_word(OPT_INTERVALS, recipe->intervals));
	if (recipe->known_covariates || recipe->past_covariates)
		info_text(out, "covariates", recipe->known_covariates && recipe->past_covariates ? "both" :
				  recipe->known_covariates ? "known" : "past");
}

static void
info_optimizer(StringInfo out, const FrnnRecipe *recipe)
{
	const FrnnOptimizer *optimizer = &recipe->optimizer;

	info_text(out, "optimizer", frnn_optimizer_word(optimizer->kind));
	info_float(out, "learning_rate", optimizer->learning_rate);
	if (optimizer->momentum > 0)
		info_float(out, "momentum", optimizer->momentum);
	if (optimizer->weight_decay > 0)
		info_float(out, "weight_decay", optimizer->weight_decay);
	info_text(out, "schedule", frnn_schedule_word(recipe->schedule.kind));
	info_double(out, "clip_norm", recipe->clip_norm);
	info_int(out, "epochs", recipe->looks_epochs);
	info_int(out, "steps_per_epoch", recipe->updates_per_epoch);
	info_int(out, "batch_size", recipe->batch);
	info_int(out, "patience", recipe->patience);
}

static void
info_recipe(StringInfo outer, const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	info_text(&out, "network", core->members == 0 ? "ridge" : recipe->network == FRNN_NETWORK_GIVEN ? "given" : "chosen");
	info_pipeline(&out, recipe);
	info_bool(&out, "calendar", model->calendar);
	info_double(&out, "validation", recipe->validation);
	info_double(&out, "mix", core->mix);
	info_int(&out, "ensemble", core->members);
	info_loss(&out, &recipe->loss);
	info_int(&out, "seed", (int64) recipe->seed);
	if (core->members > 0)
	{
		info_bool(&out, "highway", recipe->highway > 0);
		info_optimizer(&out, recipe);
	}
	appendStringInfoChar(&out, '}');
	info_key(outer, "recipe");
	appendBinaryStringInfo(outer, out.data, out.len);
}

/* Adds the scaled mean absolute errors on the validation rows, null if not measured. */
static void
info_validation(StringInfo outer, const FrnnForecaster *core)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	info_int(&out, "origins", core->validation_origins);
	info_double(&out, "model", core->validation_error[FRNN_VALIDATION_MIX]);
	info_double(&out, "network", core->validation_error[FRNN_VALIDATION_NETWORK]);
	info_double(&out, "ridge", core->validation_error[FRNN_VALIDATION_RIDGE]);
	info_double(&out, "naive", core->validation_error[FRNN_VALIDATION_NAIVE]);
	info_double(&out, "seasonal_naive", core->validation_error[FRNN_VALIDATION_SEASONAL]);
	appendStringInfoChar(&out, '}');
	info_key(outer, "validation");
	appendBinaryStringInfo(outer, out.data, out.len);
}

/* Adds the shares of the methods in a forecast, which add up to 1. */
static void
info_weights(StringInfo outer, const FrnnForecaster *core)
{
	double		models = 1 - core->naive_last - core->naive_season - core->level_share;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	info_double(&out, "network", models * (1 - core->ar_share) * core->mix);
	info_double(&out, "ridge", models * (1 - core->ar_share) * (1 - core->mix));
	info_double(&out, "autoregression", models * core->ar_share);
	info_double(&out, "last_value", core->naive_last);
	info_double(&out, "season_ago", core->naive_season);
	info_double(&out, "smoothed_level", core->level_share);
	appendStringInfoChar(&out, '}');
	info_key(outer, "weights");
	appendBinaryStringInfo(outer, out.data, out.len);
}

static void
info_forecaster(StringInfo out, const ForecastModel *model)
{
	const Axis *axis = &model->axis;

	info_text(out, "choice", forecast_model_line(model));
	info_int(out, "series", forecast_model_panel(model).series);
	info_text(out, "frequency", axis_frequency_text(axis));
	info_text(out, "time_type", axis_time_name(axis->time));
	if (axis->time == PANEL_TIMESTAMPTZ)
		info_text(out, "time_zone", axis->time_zone);
	info_int(out, "covariates", model->plan ? model->plan->n : model->own_covariates);
	if (model->plan)
	{
		info_key(out, "covariate_columns");
		appendStringInfoString(out, covariate_plan_to_text(model->plan));
	}
	info_bool(out, "series_names", model->has_id);
	info_bool(out, "series_kept", model->core.recipe.pooled == 0);
	info_bool(out, "history", model->history);
	info_weights(out, &model->core);
	info_recipe(out, model);
	info_validation(out, &model->core);
}

/* Adds metadata as stored, without what has been shown. */
static void
info_debug(StringInfo outer, const StFile *file)
{
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	for (i = 0; i < file->n_meta; i++)
		if (!frnn_model_own_key(file->meta_key[i]))
			info_json(&out, file->meta_key[i], file->meta_value[i]);
	if (out.len == 1)
		return;
	appendStringInfoChar(&out, '}');
	info_key(outer, "debug");
	appendBinaryStringInfo(outer, out.data, out.len);
}

/* Returns the text as jsonb.  Metadata may hold a number beyond numeric's range, which is an error about the model's bytes. */
static Datum
info_to_jsonb(char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		result = (Datum) 0;

	PG_TRY();
	{
		result = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	}
	PG_CATCH();
	{
		frnn_model_raise(context, "metadata");
	}
	PG_END_TRY();
	return result;
}

Datum
rnn_model_info(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	FrnnModel  *model = frnn_model_read(bytes);
	const FrnnNetwork *network = &model->network;
	const char *version = st_get_meta(model->file, "forecast_rnn.version");
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	info_text(&out, "kind", model->kind);
	info_text(&out, "version", version ? version : "");
	info_int(&out, "format_version", FRNN_FORMAT_VERSION);
	info_int(&out, "bytes", VARSIZE_ANY_EXHDR(bytes));
	info_int(&out, "parameters", (int64) (model->members * network->parameters));
	info_int(&out, "members", model->members);
	info_json(&out, "layers", frnn_network_to_text(network));
	info_count(&out, "time_steps", network->time_steps);
	info_int(&out, "features", network->input_size);
	info_int(&out, "outputs", network->output_size);
	info_int(&out, "targets", model->targets);
	info_text(&out, "loss", frnn_loss_word(model->loss.kind));
	info_json(&out, "options", model->options);
	info_training(&out, model);
	if (model->forecaster)
		info_forecaster(&out, forecast_model_read(bytes));
	info_debug(&out, model->file);
	appendStringInfoChar(&out, '}');
	return info_to_jsonb(out.data);
}
