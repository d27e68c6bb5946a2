/*
 * model_text.c
 *	  What a model is and how good it was, in words.
 */
#include "pg/model/model_text.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "pg/model/layer_json.h"

ModelValidation
model_validation(const FrnnForecaster *core)
{
	const double *error = core->validation_error;
	ModelValidation result = {0};

	if (core->validation_origins < 1 || !isfinite(error[FRNN_VALIDATION_MIX]) || !isfinite(error[FRNN_VALIDATION_NAIVE]))
		return result;
	result.origins = core->validation_origins;
	result.error = error[FRNN_VALIDATION_MIX];
	result.naive = error[FRNN_VALIDATION_NAIVE];
	result.naive_name = "naive";
	if (error[FRNN_VALIDATION_SEASONAL] < result.naive)
	{
		result.naive = error[FRNN_VALIDATION_SEASONAL];
		result.naive_name = "seasonal naive";
	}
	return result;
}

/* Dropout and normalization do not compute forecasts; the last dense layer is every network's output. */
static bool
names_layer(const FrnnNetwork *network, int l)
{
	FrnnLayerKind kind = network->layer[l].kind;

	return frnn_is_recurrent(kind) || (kind == FRNN_DENSE && l < network->layers - 1);
}

char	   *
model_network_text(const FrnnNetwork *network)
{
	StringInfoData out;
	int			l;

	initStringInfo(&out);
	for (l = 0; l < network->layers; l++)
	{
		FrnnLayer	layer = network->layer[l];
		bool		both = layer.bidirectional;

		if (!names_layer(network, l))
			continue;
		layer.bidirectional = false;
		appendStringInfo(&out, "%s%s%s(%d)", out.len ? "-" : "", both ? "bidirectional " : "", frnn_layer_name(&layer), layer.units);
	}
	if (out.len == 0 && network->layers > 0)
		appendStringInfo(&out, "Dense(%d)", network->output_size);
	return out.data;
}

/* the shares of autoregression, naive forecasts and level, empty without */
static char *
naive_text(const FrnnForecaster *core)
{
	StringInfoData out;

	initStringInfo(&out);
	if (core->ar_share > 0)
		appendStringInfo(&out, ", %.0f %% of the autoregression of each series",
						 100 * core->ar_share * (1 - core->naive_last - core->naive_season - core->level_share));
	if (core->naive_last > 0)
		appendStringInfo(&out, ", %.0f %% of the last value", 100 * core->naive_last);
	if (core->naive_season > 0)
		appendStringInfo(&out, ", %.0f %% of the value %d rows ago", 100 * core->naive_season, core->naive_period);
	if (core->level_share > 0)
		appendStringInfo(&out, ", %.0f %% of the smoothed level", 100 * core->level_share);
	return out.data;
}

char	   *
model_method_text(const FrnnForecaster *core)
{
	StringInfoData out;

	initStringInfo(&out);
	if (core->members == 0)
	{
		const char *reason = core->recipe.network != FRNN_NETWORK_AUTO ? "" :
		core->recipe.mix == 0 ? " alone (mix 0)" : " alone (networks did not lower the validation error)";

		appendStringInfo(&out, "ridge regression%s%s", core->ar_share + core->naive_last + core->naive_season + core->level_share > 0 ? "" : reason, naive_text(core));
		return out.data;
	}
	appendStringInfoString(&out, model_network_text(&core->network));
	if (core->members > 1)
		appendStringInfo(&out, ", %d networks", core->members);
	if (core->mix < 1)
		appendStringInfoString(&out, " mixed with ridge regression");
	appendStringInfoString(&out, naive_text(core));
	return out.data;
}

/* "monthly" for the frequencies that have a word, else NULL */
static const char *
frequency_word(const char *frequency)
{
	static const char *const word[][2] = {
		{"1 hour", "hourly"}, {"1 day", "daily"}, {"1 week", "weekly"}, {"1 month", "monthly"},
		{"3 months", "quarterly"}, {"1 year", "yearly"}
	};
	int			i;

	for (i = 0; i < (int) lengthof(word); i++)
		if (strcmp(frequency, word[i][0]) == 0)
			return word[i][1];
	return NULL;
}

char	   *
model_rows_text(const ForecastModel *model)
{
	char	   *frequency = axis_frequency_text(&model->axis);
	const char *word = frequency_word(frequency);
	ModelPanel	panel = forecast_model_panel(model);
	StringInfoData out;

	initStringInfo(&out);
	if (panel.series > 1)
		appendStringInfo(&out, INT64_FORMAT " series of ", panel.series);
	if (panel.shortest < panel.longest)
		appendStringInfo(&out, INT64_FORMAT " to ", panel.shortest);
	appendStringInfo(&out, INT64_FORMAT " %s%srows", panel.longest, word ? word : "", word ? " " : "");
	if (model->axis.unit == AXIS_CALENDAR && model->axis.calendar.rule != CALENDAR_BUSINESS_DAY)
		appendStringInfo(&out, " on the calendar \"%s\"", frequency);
	else if (word == NULL && strcmp(frequency, "1") != 0)
		appendStringInfo(&out, " every %s", frequency);
	return out.data;
}

char	   *
model_seasons_text(const FrnnRecipe *recipe)
{
	StringInfoData out;
	int			p;

	if (recipe->periods < 1)
		return pstrdup("none");
	initStringInfo(&out);
	for (p = 0; p < recipe->periods; p++)
		appendStringInfo(&out, "%s%d", p == 0 ? "" : p == recipe->periods - 1 ? " and " : ", ", recipe->period[p]);
	return out.data;
}

const char *
model_transform_text(const FrnnRecipe *recipe)
{
	return recipe->transform == FRNN_TRANSFORM_LOG1P ? "log1p" : frnn_option_word(OPT_TRANSFORM, recipe->transform);
}

char	   *
model_error_text(double error)
{
	return psprintf(error >= 0.1 && error < 1000 ? "%.2f" : "%.2g", error);
}

char	   *
model_validation_text(const FrnnForecaster *core)
{
	ModelValidation validation = model_validation(core);
	double		percent;

	if (validation.origins == 0)
		return NULL;
	if (validation.naive <= 0 && validation.error > 0)
		return psprintf("validation error %s, %s exact", model_error_text(validation.error), validation.naive_name);
	percent = validation.naive > 0 ? rint(100 * (1 - validation.error / validation.naive)) : 0;
	return psprintf("validation error %s, %s %s (%s)", model_error_text(validation.error),
					validation.naive_name, model_error_text(validation.naive),
					percent == 0 ? "equal" : psprintf("%.0f %% %s", fabs(percent), percent > 0 ? "better" : "worse"));
}

const char *
model_no_validation(const FrnnForecaster *core)
{
	bool		exact = core->series > 0;

	for (int64 s = 0; s < core->series; s++)
		exact = exact && core->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] <= 0;
	return exact ? "the rows repeat exactly, or to 14 digits" : core->recipe.validation == 0 ? "turned off" : "too few rows";
}

char	   *
forecast_model_line(const ForecastModel *model)
{
	const FrnnRecipe *recipe = &model->core.recipe;
	char	   *validation = model_validation_text(&model->core);
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "%s, %s, ", model_method_text(&model->core), model_rows_text(model));
	if (recipe->periods < 1)
		appendStringInfoString(&out, "no season");
	else
		appendStringInfo(&out, "season%s %s", recipe->periods > 1 ? "s" : "", model_seasons_text(recipe));
	if (recipe->intermittent)
		appendStringInfo(&out, ", mean demand (%.0f %% of the values are 0)", 100 * recipe->zero_share);
	if (recipe->transform != FRNN_TRANSFORM_NONE)
		appendStringInfo(&out, ", %s", model_transform_text(recipe));
	if (model->plan || model->own_covariates > 0)
	{
		int			covariates = model->plan ? model->plan->n : model->own_covariates;

		appendStringInfo(&out, ", %d covariate%s", covariates, covariates > 1 ? "s" : "");
	}
	if (model->calendar)
		appendStringInfoString(&out, ", calendar");
	appendStringInfo(&out, "; %s", validation ? validation : psprintf("not validated, %s", model_no_validation(&model->core)));
	return out.data;
}
