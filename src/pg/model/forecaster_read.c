/*
 * forecaster_read.c
 *	  Models made by rnn_train, read from bytes.
 *
 * The container has been validated and its checksum verified, but the contents
 * are still untrusted.  Every size is taken from the recipe after
 * frnn_recipe_check, compared with the tensor's own, and the state is checked
 * as a whole by frnn_forecaster_check.  All memory is in the current context.
 */
#include "pg/model/forecaster.h"

#include "pg/model/forecaster_parts.h"
#include "pg/model/series_store.h"
#include "pg/options/recipe.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

/* Reads the checksum of the starting weights, 16 hexadecimal digits; 0 if the model has none. */
static uint64
base_read(const StFile *file)
{
	const char *text = st_get_meta(file, "base");

	if (text == NULL)
		return 0;
	if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		st_corrupt("metadata \"base\" must have 16 hexadecimal digits");
	return strtoull(text, NULL, 16);
}

/* Reads the tensors of the fitted state into model->core, which is laid out. */
static void
model_read_tensors(const StFile *file, ForecastModel *model)
{
	FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;

	st_need_f64(file, "ridge.weight", (int64) recipe->inputs * recipe->block, core->ridge_weight);
	st_need_f64(file, "ridge.bias", recipe->block, core->ridge_bias);
	series_read_numbers(file, model);
	st_need_f64(file, "covariate.mean", recipe->covariates, core->covariate_mean);
	st_need_f64(file, "covariate.sd", recipe->covariates, core->covariate_sd);
	st_need_f64(file, "static.mean", recipe->statics, core->static_mean);
	st_need_f64(file, "static.sd", recipe->statics, core->static_sd);
	st_need_f64(file, "static.weight", frnn_static_inputs(recipe), core->static_weight);
	st_need_f64(file, "static.level", recipe->statics > 0 ? model->series : 0, core->static_level);
	if (recipe->statics > 0)
	{
		model->statics = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(model->series, recipe->statics), sizeof(double)));
		st_need_f64(file, "series.static", model->series * recipe->statics, model->statics);
	}
	st_need_f64(file, "step_scale", recipe->horizon, core->step_scale);
	st_need_f64(file, "conformal", 2 * FRNN_CONFORMAL_LEVELS, core->conformal);
}

/* Reads the recipe and the fitted state; the network part has been read. */
static void
model_read_core(const StFile *file, ForecastModel *model, const FrnnRecipe *stored_recipe)
{
	FrnnForecaster *core = &model->core;
	FrnnForecaster stored;
	FrnnRecipe	recipe = *stored_recipe;
	FrnnError	error;
	const char *wrong;
	size_t		bytes;
	int			members;

	memset(&stored, 0, sizeof(stored));
	fitted_scalars_read(file, &stored);
	recipe.loss = model->model->loss;
	members = model->model->network.layers > 0 ? model->model->members : 0;
	if (stored.members != members)
		st_corrupt("the number of members differs from the sets of weights");
	if ((wrong = frnn_recipe_check(&recipe, &model->model->network)) != NULL)
		st_corrupt("%s", wrong);
	recipe.keep_optimizer = training_is_kept(file, &recipe.optimizer, members, model->model->network.parameters);

	frnn_check(frnn_forecaster_size(&recipe, &model->model->network, model->series, members, &bytes, &error), &error);
	frnn_forecaster_layout(core, &recipe, &model->model->network, model->series, members, frnn_allocate(bytes, "the model"));
	fitted_scalars_copy(&stored, core);
	if (members > 0)
		memcpy(core->params, model->model->params, sizeof(float) * members * model->model->network.parameters);
	model_read_tensors(file, model);
	core->base = base_read(file);
	if (st_get_meta(file, "averaged") != NULL)
		model->averaged = st_need_integer(file, "averaged", 1, PG_INT32_MAX);
	training_read(file, model);
	if ((wrong = frnn_forecaster_check(core)) != NULL)
		st_corrupt("%s", wrong);
}

/* Reads the plan of named covariates. */
static void
model_read_plan(const StFile *file, ForecastModel *model)
{
	const FrnnRecipe *recipe = &model->core.recipe;
	CovariatePlan *plan = covariate_plan_from_text(st_need_meta(file, "columns"));
	int			calendar = plan->given ? recipe->covariates - model->own_covariates : 0;

	if (plan->width != model->own_covariates || plan->past_only != recipe->past_only ||
		plan->known_only + calendar != recipe->known_only)
		st_corrupt("the covariates do not fit the recipe");
	model->plan = plan;
}

ForecastModel *
forecast_model_read(bytea *bytes)
{
	ForecastModel *model = palloc0(sizeof(ForecastModel));
	StFile	   *file;
	FrnnRecipe	recipe;

	model->model = frnn_model_read(bytes);
	file = model->model->file;
	if (!model->model->forecaster)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the model is a plain network, not a forecaster"),
						errhint("Train it with rnn_train, or use rnn_predict.")));
	axis_from_text(st_need_meta(file, "axis"), &model->axis);
	model->choice = pstrdup(st_need_meta(file, "choice"));
	model->own_covariates = st_need_integer(file, "covariates", 0, FRNN_MAX_COVARIATES);
	model->calendar = st_need_integer(file, "calendar", 0, 1) == 1;
	model->has_id = st_need_integer(file, "has_id", 0, 1) == 1;
	recipe_from_text(st_need_meta(file, "recipe"), &recipe);
	if (recipe.pooled)
		model_panel_read(file, &model->panel);
	else
	{
		model->series = st_need_integer(file, "series", 1, PG_INT32_MAX);
		series_read_names(file, model);
	}
	model_read_core(file, model, &recipe);
	if (model->core.recipe.covariates != model->own_covariates + (model->calendar ? calendar_width(&model->axis) : 0))
		st_corrupt("the number of covariates does not fit the recipe");
	if (st_get_meta(file, "columns") != NULL)
		model_read_plan(file, model);
	if (model->core.recipe.statics != (model->plan ? model->plan->statics : 0))
		st_corrupt("the number of static covariates does not fit the recipe");
	if (!recipe.pooled)
		history_read(file, model);
	return model;
}
