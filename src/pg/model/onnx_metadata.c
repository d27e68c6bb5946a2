/*
 * onnx_metadata.c
 *	  What a program needs beside an ONNX graph to compute a forecast: how the
 *	  inputs are prepared, the parameters of each series, the ridge regression,
 *	  and the shares of all parts of the mixture.  doc/exchange.md describes the
 *	  keys, and test/reference/check_onnx.py computes forecasts from them.
 */
#include "pg/model/onnx_metadata.h"

#include <math.h>

#include "core/forecast/autoregression.h"
#include "core/forecast/statics.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/model/model_text.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/json.h"

/* Appends a number as JSON: to the last bit, or null if it is not finite. */
static void
json_double(StringInfo out, double v)
{
	if (isfinite(v))
		appendStringInfo(out, "%.17g", v);
	else
		appendStringInfoString(out, "null");
}

static void
json_doubles(StringInfo out, const char *key, const double *v, int64 count)
{
	int64		i;

	appendStringInfo(out, "\"%s\": [", key);
	for (i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(out, ", ");
		json_double(out, v[i]);
	}
	appendStringInfoChar(out, ']');
}

static void
json_number(StringInfo out, const char *key, double v)
{
	appendStringInfo(out, ", \"%s\": ", key);
	json_double(out, v);
}

/* The shares of the parts of a forecast, which add up to 1. */
static char *
mixture_text(const FrnnForecaster *core)
{
	double		models = 1 - core->naive_last - core->naive_season - core->level_share;
	double		network = core->members > 0 ? core->mix : 0;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"members\": %d", core->members);
	json_number(&out, "network", models * (1 - core->ar_share) * network);
	json_number(&out, "ridge", models * (1 - core->ar_share) * (1 - network));
	json_number(&out, "autoregression", models * core->ar_share);
	json_number(&out, "last_value", core->naive_last);
	json_number(&out, "season_ago", core->naive_season);
	json_number(&out, "smoothed_level", core->level_share);
	json_number(&out, "level_alpha", core->level_alpha);
	appendStringInfo(&out, ", \"season_rows\": %d}", core->naive_season > 0 ? core->naive_period : 0);
	return out.data;
}

/* The columns of rows, or the numbers of series: name, and of a category's column the text for which it is 1. */
static void
columns_append(StringInfo out, const char *key, const ForecastModel *model, bool statics)
{
	const CovariatePlan *plan = model->plan;
	int			count = statics ? model->core.recipe.statics : model->core.recipe.covariates;
	int			i,
				c;

	appendStringInfo(out, ", \"%s\": [", key);
	for (i = 0; i < count; i++)
	{
		appendStringInfoString(out, i > 0 ? ", {" : "{");
		if (!statics && i >= model->own_covariates)
			appendStringInfo(out, "\"calendar\": %d", i - model->own_covariates + 1);
		for (c = 0; plan != NULL && c < plan->n; c++)
		{
			const PlanColumn *column = &plan->column[c];

			if ((column->role == ROLE_STATIC) != statics || i < column->first || i >= column->first + column->width)
				continue;
			appendStringInfoString(out, "\"name\": ");
			escape_json(out, pg_server_to_any(column->name, strlen(column->name), PG_UTF8));
			if (!column->category)
				continue;
			appendStringInfoString(out, ", \"text\": ");
			escape_json(out, pg_server_to_any(column->word[i - column->first], strlen(column->word[i - column->first]), PG_UTF8));
		}
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, ']');
}

/* How covariates become inputs. */
static void
covariates_append(StringInfo out, const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;

	appendStringInfo(out, "\"known_covariates\": %s, \"past_covariates\": %s, \"level_covariates\": %s, "
					 "\"past_only\": %d, \"known_only\": %d, ",
					 recipe->known_covariates ? "true" : "false", recipe->past_covariates ? "true" : "false",
					 recipe->level_covariates ? "true" : "false", recipe->past_only, recipe->known_only);
	json_doubles(out, "covariate_mean", core->covariate_mean, recipe->covariates);
	appendStringInfoString(out, ", ");
	json_doubles(out, "covariate_sd", core->covariate_sd, recipe->covariates);
	columns_append(out, "covariate_columns", model, false);
	if (recipe->statics == 0)
		return;
	columns_append(out, "static_columns", model, true);
	appendStringInfoString(out, ", ");
	json_doubles(out, "static_mean", core->static_mean, recipe->statics);
	appendStringInfoString(out, ", ");
	json_doubles(out, "static_sd", core->static_sd, recipe->statics);
	json_number(out, "static_distance", FRNN_STATIC_DISTANCE);
}

/* How rows become inputs, and outputs rows. */
static char *
pipeline_text(const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"mode\": \"%s\", \"time_steps\": %d, \"segment\": %d, \"horizon\": %d, \"steps_at_once\": %d, ",
					 frnn_option_word(OPT_MODE, recipe->mode), recipe->time_steps, recipe->segment, recipe->horizon, recipe->block);
	appendStringInfo(&out, "\"transform\": \"%s\", \"level\": \"%s\", \"level_rows\": %d, \"on_gap\": \"%s\", ",
					 model_transform_text(recipe), frnn_option_word(OPT_LEVEL, recipe->level), recipe->level_rows,
					 frnn_option_word(OPT_ON_GAP, recipe->gap));
	appendStringInfoString(&out, "\"seasons\": [");
	for (i = 0; i < recipe->periods; i++)
		appendStringInfo(&out, "%s%d", i ? ", " : "", recipe->period[i]);
	appendStringInfo(&out, "], \"clock_changes\": %s, \"loss\": \"%s\", \"outputs_per_step\": %d, ",
					 model->axis.time == PANEL_TIMESTAMPTZ ? "true" : "false", frnn_loss_word(recipe->loss.kind),
					 frnn_loss_width(&recipe->loss));
	if (core->ar_share > 0)
		appendStringInfo(&out, "\"autoregressions\": [%d, %d], \"autoregression_level_rows\": [%d, %d], ", recipe->lags, frnn_ar_short_lags(recipe),
						 frnn_ar_level_rows(recipe, recipe->lags), frnn_ar_level_rows(recipe, frnn_ar_short_lags(recipe)));
	covariates_append(&out, model);
	appendStringInfoChar(&out, '}');
	return out.data;
}

static char *
ridge_text(const FrnnForecaster *core)
{
	const FrnnRecipe *recipe = &core->recipe;
	StringInfoData out;

	frnn_check_size(frnn_mul(frnn_mul(recipe->inputs, recipe->block), 26), "the ONNX file");
	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	json_doubles(&out, "bias", core->ridge_bias, recipe->block);
	appendStringInfoString(&out, ", ");
	json_doubles(&out, "weight", core->ridge_weight, (int64) recipe->inputs * recipe->block);
	appendStringInfoChar(&out, '}');
	return out.data;
}

/* The weights of a series' autoregressions; none: no weight but 0. */
static void
autoregressions_append(StringInfo out, const FrnnForecaster *core, int64 s)
{
	int			columns = frnn_ar_columns(&core->recipe);
	double	   *weight = palloc(sizeof(double) * columns);
	int			i;

	for (i = 0; i < columns; i++)
		weight[i] = (double) core->ar_weight[s * columns + i];
	appendStringInfoString(out, ", ");
	json_doubles(out, "autoregression", weight, columns);
	pfree(weight);
}

/* The parameters of one series. */
static void
series_append(StringInfo out, const ForecastModel *model, int64 s)
{
	const FrnnForecaster *core = &model->core;
	const double *number = core->series_number + s * FRNN_SERIES_NUMBERS;

	appendStringInfoString(out, s > 0 ? ", {\"id\": " : "{\"id\": ");
	if (model->has_id)
		escape_json(out, pg_server_to_any(model->id[s], strlen(model->id[s]), PG_UTF8));
	else
		appendStringInfoString(out, "null");
	json_number(out, "rows", number[FRNN_N_ROWS]);
	json_number(out, "unit", number[FRNN_N_UNIT]);
	json_number(out, "scale", number[FRNN_N_SIGMA]);
	json_number(out, "center", number[FRNN_N_CENTER]);
	json_number(out, "lowest", number[FRNN_N_LOWEST]);
	json_number(out, "highest", number[FRNN_N_HIGHEST]);
	if (core->recipe.statics > 0)
	{
		json_number(out, "static_level", core->static_level[s]);
		appendStringInfoString(out, ", ");
		json_doubles(out, "statics", model->statics + s * core->recipe.statics, core->recipe.statics);
	}
	appendStringInfoString(out, ", ");
	json_doubles(out, "profile", core->profile + s * core->profile_rows, core->profile_rows);
	if (core->ar_share > 0)
		autoregressions_append(out, core, s);
	appendStringInfoChar(out, '}');
}

static char *
series_text(const ForecastModel *model)
{
	StringInfoData out;
	int64		s;

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	for (s = 0; s < model->series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		series_append(&out, model, s);
		/* in the text, its copies in the file and the result */
		frnn_check_size(frnn_mul(out.len, 4), "the ONNX file");
	}
	appendStringInfoChar(&out, ']');
	return out.data;
}

void
onnx_metadata_add(const ForecastModel *model, OnnxMetadataAdd add, StringInfo file)
{
	add(file, "pipeline", pipeline_text(model));
	add(file, "mixture", mixture_text(&model->core));
	add(file, "ridge", ridge_text(&model->core));
	add(file, "series", series_text(model));
}
