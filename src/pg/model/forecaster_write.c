/*
 * forecaster_write.c
 *	  Models made by rnn_train, written as bytes; their size before the fit.
 */
#include "pg/model/forecaster.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "pg/model/forecaster_parts.h"
#include "pg/model/series_store.h"
#include "pg/options/recipe.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

/* ---- sizes ---- */

#define HEADER_BYTES (64 * 1024)	/* more than the texts of the header */
#define TENSOR_BYTES 256		/* of a tensor of weights in the header */

/* The error for a model that would be larger than a value. */
static void pg_attribute_noreturn()
model_too_large(size_t bytes, size_t of_series, const PanelData *panel, const FrnnRecipe *recipe)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the model would take up to %.0f MB, more than the %.0f MB that a value of the server can hold",
					ceil(bytes / 1048576.0), MaxAllocSize / 1048576.0),
			 errdetail("Its " INT64_FORMAT " series take %.0f MB of it, its networks the rest.", panel->panel.series,
					   ceil(of_series / 1048576.0)),
			 recipe->pooled || of_series < bytes / 2 ? errhint("Use fewer units or a smaller ensemble.") :
			 errhint("Set the option keep_series to false, or keep_history; or train on a sample of the series, or a model per group.")));
}

size_t
forecast_model_size(const FrnnForecaster *core, const PanelData *panel, bool keep)
{
	const FrnnRecipe *recipe = &core->recipe;
	size_t		members = recipe->network == FRNN_NETWORK_RIDGE ? 0 : recipe->ensemble;
	size_t		bytes = HEADER_BYTES + 2 * sizeof(double) * FRNN_CONFORMAL_LEVELS;
	size_t		of_series = 0;
	int64		s;

	bytes = frnn_add(bytes, frnn_mul(members, frnn_add(frnn_mul(core->network.parameters, sizeof(float)),
													   TENSOR_BYTES * FRNN_MAX_TENSORS)));
	if (recipe->keep_optimizer)
		bytes = frnn_add(bytes, frnn_mul(frnn_mul(members, core->network.parameters), sizeof(float) * frnn_optimizer_state(&recipe->optimizer)));
	bytes = frnn_add(bytes, frnn_mul(members > 0 ? recipe->looks_epochs : 0, sizeof(FrnnEpoch)));
	bytes = frnn_add(bytes, frnn_mul(sizeof(double), frnn_add(frnn_mul(recipe->inputs + 1, recipe->block), recipe->horizon)));
	if (!recipe->pooled)
	{
		of_series = frnn_mul(series_bytes(recipe, panel->panel.series), panel->panel.series);
		for (s = 0; s < panel->panel.series; s++)
			/* in the encoding of a model a name may be longer */
			of_series = frnn_add(of_series, (GetDatabaseEncoding() == PG_UTF8 ? 1 : 4) * strlen(panel->view->series[s].id) + 1);
		if (keep)
			of_series = frnn_add(of_series, history_bytes(recipe, panel));
	}
	bytes = frnn_add(bytes, of_series);
	if (bytes > MaxAllocSize - VARHDRSZ)
		model_too_large(bytes, of_series, panel, recipe);
	return bytes;
}

size_t
forecast_model_work(const PanelData *panel)
{
	size_t		bytes = frnn_mul(panel->panel.series, (FRNN_SERIES_NUMBERS + 4) * sizeof(int64));
	int64		s;

	if (panel->plan)
		bytes = frnn_add(bytes, 4 * strlen(covariate_plan_to_text(panel->plan)));
	for (s = 0; s < panel->panel.series; s++)
		bytes = frnn_add(bytes, 2 * strlen(panel->view->series[s].id) + 2);
	return bytes;
}

/* ---- the file ---- */

static void
tensor_add_matrix(StFile *file, const char *name, int64 rows, int64 columns, const double *data)
{
	int64		dim[2] = {rows, columns};

	if (rows > 0 && columns > 0)
		st_add(file, name, ST_F64, 2, dim, data);
}

static void
tensor_add_vector(StFile *file, const char *name, StType type, int64 count, const void *data)
{
	if (count > 0)
		st_add(file, name, type, 1, &count, data);
}

/* Returns the static covariates of the panel's series, (S, statics). */
static double *
statics_collect(const PanelData *panel)
{
	int			n = panel->panel.statics;
	double	   *out = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(panel->panel.series, Max(n, 1)), sizeof(double)));
	int64		s;
	int			c;

	for (s = 0; s < panel->panel.series; s++)
		for (c = 0; c < n; c++)
			out[s * n + c] = panel->data[s].statics ? panel->data[s].statics[c] : NAN;
	return out;
}

/* Returns the first series of which a number or a profile is not finite, -1 if none */
static int64
series_find_not_finite(const FrnnForecaster *core)
{
	int64		s;
	int			i;

	for (s = 0; s < core->series; s++)
	{
		const double *number = core->series_number + s * FRNN_SERIES_NUMBERS;
		const double *profile = core->profile + s * core->profile_rows;

		for (i = 0; i < FRNN_SERIES_NUMBERS; i++)
			if (!isfinite(number[i]))
				return s;
		for (i = 0; i < core->profile_rows; i++)
			if (!isfinite(profile[i]))
				return s;
	}
	return -1;
}

/*
 * Raises an error for a fitted state that forecast_model_read would refuse: a
 * model must be readable once it is returned.
 */
static void
model_check_fitted(const ForecastModel *model, const PanelData *panel)
{
	const FrnnForecaster *core = &model->core;
	const char *wrong = frnn_recipe_check(&core->recipe, &model->model->network);
	int64		s;

	if (wrong == NULL)
		wrong = frnn_forecaster_check(core);
	if (wrong == NULL)
		return;
	s = series_find_not_finite(core);
	if (s >= 0)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("%s cannot be trained on: its scale is not a finite number",
							   axis_series_name(&panel->view->series[s])),
						errdetail("Its values lie between %g and %g; squares of values beyond about 1e154 are not finite.",
								  core->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_LOWEST],
								  core->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_HIGHEST]),
						errhint("Divide the values by a constant, or leave the series out.")));
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("training gave a model that cannot be used: %s", wrong),
					errhint("Scale the values, or lower learning_rate.")));
}

bytea	   *
forecast_model_write(const ForecastModel *model, const PanelData *panel, bool keep, MemoryContext context)
{
	const FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;
	ModelPanel	trained = forecast_model_panel(model);
	StFile	   *file = st_new();

	model_check_fitted(model, panel);
	frnn_model_add(file, model->model);
	st_meta(file, "axis", axis_to_text(&model->axis));
	st_meta(file, "recipe", recipe_to_text(recipe));
	fitted_scalars_add(file, core);
	st_meta(file, "choice", model->choice);
	st_meta(file, "base", psprintf("%016llx", (unsigned long long) core->base));
	if (model->averaged > 0)
		st_meta(file, "averaged", psprintf("%d", model->averaged));
	st_meta(file, "covariates", psprintf("%d", model->own_covariates));
	if (model->plan)
		st_meta(file, "columns", covariate_plan_to_text(model->plan));
	st_meta(file, "calendar", model->calendar ? "1" : "0");
	st_meta(file, "has_id", model->has_id ? "1" : "0");
	if (recipe->pooled)
		model_panel_add(file, &trained);
	else
		st_meta(file, "series", psprintf(INT64_FORMAT, model->series));

	tensor_add_matrix(file, "ridge.weight", recipe->inputs, recipe->block, core->ridge_weight);
	tensor_add_vector(file, "ridge.bias", ST_F64, recipe->block, core->ridge_bias);
	tensor_add_vector(file, "covariate.mean", ST_F64, recipe->covariates, core->covariate_mean);
	tensor_add_vector(file, "covariate.sd", ST_F64, recipe->covariates, core->covariate_sd);
	tensor_add_vector(file, "static.mean", ST_F64, recipe->statics, core->static_mean);
	tensor_add_vector(file, "static.sd", ST_F64, recipe->statics, core->static_sd);
	tensor_add_vector(file, "static.weight", ST_F64, frnn_static_inputs(recipe), core->static_weight);
	if (recipe->statics > 0 && !recipe->pooled)
	{
		tensor_add_vector(file, "static.level", ST_F64, model->series, core->static_level);
		tensor_add_matrix(file, "series.static", model->series, recipe->statics,
						  model->statics ? model->statics : statics_collect(panel));
	}
	tensor_add_vector(file, "step_scale", ST_F64, recipe->horizon, core->step_scale);
	tensor_add_matrix(file, "conformal", 2, FRNN_CONFORMAL_LEVELS, core->conformal);
	training_add(file, model);
	if (!recipe->pooled)
		series_add(file, model);
	if (keep && !recipe->pooled)
		history_add(file, model, panel);
	return st_write(file, context);
}
