/*
 * forecaster.c
 *	  Models made by rnn_train as bytes, and back.
 *
 * Reading: the container has been validated and its checksum verified, but the
 * contents are still untrusted.  Every size is taken from the recipe after
 * frnn_recipe_check, compared with the tensor's own, and the state is checked
 * as a whole by frnn_forecaster_check.  All memory is in the current context.
 */
#include "pg/model/forecaster.h"

#include <math.h>

#include "core/forecast/error_scale.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "pg/server/bridge.h"
#include "pg/bytes/json_numbers.h"
#include "pg/model/series_store.h"
#include "pg/options/recipe.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#define SCALAR(name, type) {#name, type, offsetof(FrnnForecaster, name)}

static const JsonNumber scalars[] = {
	SCALAR(members, NUMBER_INT),
	SCALAR(conformal_levels, NUMBER_INT),
	SCALAR(conformal_count, NUMBER_INT64),
	SCALAR(conformal_independent, NUMBER_DOUBLE),
	SCALAR(conformal_top, NUMBER_DOUBLE),
	SCALAR(conformal_tail, NUMBER_DOUBLE),
	SCALAR(conformal_power, NUMBER_DOUBLE),
	SCALAR(sigma_median, NUMBER_DOUBLE),
	SCALAR(mix, NUMBER_DOUBLE),
	SCALAR(naive_last, NUMBER_DOUBLE),
	SCALAR(naive_season, NUMBER_DOUBLE),
	SCALAR(naive_period, NUMBER_INT),
	SCALAR(level_share, NUMBER_DOUBLE),
	SCALAR(level_alpha, NUMBER_DOUBLE),
	SCALAR(updates, NUMBER_INT),
	{"naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NAIVE])},
	{"seasonal_naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_SEASONAL])},
	{"ridge", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_RIDGE])},
	{"network", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NETWORK])},
	{"mixed", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_MIX])},
	{"hold_out_origins", NUMBER_INT64, offsetof(FrnnForecaster, validation_origins)},
};

#define OF_PANEL(name, type) {#name, type, offsetof(ModelPanel, name)}

static const JsonNumber panel_numbers[] = {
	OF_PANEL(series, NUMBER_INT64),
	OF_PANEL(rows, NUMBER_DOUBLE),
	OF_PANEL(known, NUMBER_DOUBLE),
	OF_PANEL(shortest, NUMBER_INT64),
	OF_PANEL(longest, NUMBER_INT64),
	OF_PANEL(dated, NUMBER_INT),
	OF_PANEL(first, NUMBER_INT64),
	OF_PANEL(last, NUMBER_INT64),
};

/* ---- writing ---- */

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

/* the numbers of a place in a training, as columns of optimizer.place */
#define PLACE_NUMBERS 10

static void
place_fill(const void *arg, char *out)
{
	const FrnnForecaster *core = arg;
	int			k;

	for (k = 0; k < core->members; k++)
	{
		const FrnnPlace *place = &core->place[k];
		double		row[PLACE_NUMBERS] = {place->update, place->pass, place->position, place->samples, place->epoch,
		place->plateau_cuts, place->waited, place->plateau, place->best, place->reference};

		memcpy(out, row, sizeof(row));
		out += sizeof(row);
	}
}

/* the state of the optimizer, and the velocity of the outer step */
static void
training_add(StFile *file, const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	int64		place[2] = {core->members, PLACE_NUMBERS};
	int64		state[3] = {core->members, frnn_optimizer_state(&core->recipe.optimizer), core->network.parameters};
	int64		velocity[2] = {core->members, core->network.parameters};

	if (core->recipe.keep_optimizer && core->members > 0)
	{
		st_add_filled(file, "optimizer.place", ST_F64, 2, place, place_fill, core);
		if (state[1] > 0)
			st_add(file, "optimizer.state", ST_F32, 3, state, core->optimizer_state);
	}
	if (model->velocity)
		st_add(file, "outer.velocity", ST_F32, 2, velocity, model->velocity);
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

/* names collected, and a column of the numbers at a time */
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

/* the static covariates of the panel's series */
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

/* the first series of which a number or a profile is not finite, -1 if none */
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
 * Raise an error for a fitted state that forecast_model_read would refuse: a
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
	st_meta(file, "forecaster", json_numbers_write(scalars, lengthof(scalars), core));
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
		st_meta(file, "panel", json_numbers_write(panel_numbers, lengthof(panel_numbers), &trained));
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

/* ---- reading ---- */

/* what a pooled model was trained on; only shown, so the numbers need to be possible, not more */
static void
model_read_panel(const StFile *file, ModelPanel *panel)
{
	json_numbers_read(st_need_meta(file, "panel"), "metadata \"panel\"", panel_numbers, lengthof(panel_numbers), panel);
	if (panel->series < 1 || panel->series > PG_INT32_MAX || !(panel->known >= 0 && panel->known <= panel->rows && panel->rows <= 1e18) ||
		panel->shortest < 0 || panel->shortest > panel->longest || panel->longest > panel->rows ||
		(panel->dated != 0 && panel->dated != 1) || panel->first > panel->last)
		st_corrupt("metadata \"panel\" is out of range");
}

ModelPanel
forecast_model_panel(const ForecastModel *model)
{
	ModelPanel	panel = {.series = model->series, .shortest = PG_INT64_MAX};
	int64		s;

	/* its own series are not kept */
	if (model->series == 0)
		return model->panel;
	for (s = 0; s < model->series; s++)
	{
		const double *number = model->core.series_number + s * FRNN_SERIES_NUMBERS;
		int64		rows = (int64) number[FRNN_N_ROWS];
		int64		end;

		panel.rows += number[FRNN_N_ROWS];
		panel.known += number[FRNN_N_KNOWN];
		panel.shortest = Min(panel.shortest, rows);
		panel.longest = Max(panel.longest, rows);
		if (rows < 1 || !axis_stamp_try(&model->axis, model->anchor[s], rows - 1, &end))
			continue;
		panel.first = panel.dated ? Min(panel.first, model->anchor[s]) : model->anchor[s];
		panel.last = panel.dated ? Max(panel.last, end) : end;
		panel.dated = 1;
	}
	return panel;
}

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

/* Reads a whole number of a place. */
static int64
place_number(double value, double most)
{
	if (!(value >= 0 && value <= most) || value != floor(value))
		st_corrupt("a number of tensor \"optimizer.place\" is out of range");
	return (int64) value;
}

static void
training_read(const StFile *file, ForecastModel *model)
{
	FrnnForecaster *core = &model->core;
	double		count = 9007199254740991.0;
	int64		P = core->network.parameters;
	double	   *rows;
	int			k;

	if (st_find(file, "outer.velocity") != NULL && core->members > 0)
	{
		const StTensor *tensor = st_need_tensor(file, "outer.velocity", ST_F32, core->members * P);
		int64		i;

		model->velocity = frnn_allocate(sizeof(float) * core->members * P, "the model");
		st_copy_f32(tensor, model->velocity);
		for (i = 0; i < core->members * P; i++)
			if (!isfinite(model->velocity[i]))
				st_corrupt("number " INT64_FORMAT " of tensor \"outer.velocity\" is not finite", i + 1);
	}
	if (!core->recipe.keep_optimizer)
		return;
	rows = palloc(sizeof(double) * core->members * PLACE_NUMBERS);
	st_need_f64(file, "optimizer.place", (int64) core->members * PLACE_NUMBERS, rows);
	st_need_f32(file, "optimizer.state", (int64) core->members * frnn_optimizer_state(&core->recipe.optimizer) * P, core->optimizer_state);
	for (k = 0; k < core->members; k++)
	{
		const double *row = rows + k * PLACE_NUMBERS;
		FrnnPlace  *place = &core->place[k];

		place->update = place_number(row[0], count);
		place->pass = place_number(row[1], count);
		place->position = place_number(row[2], count);
		place->samples = place_number(row[3], count);
		place->epoch = place_number(row[4], 1 << 30);
		place->plateau_cuts = place_number(row[5], 1 << 30);
		place->waited = place_number(row[6], 1 << 30);
		place->plateau = place_number(row[7], 1 << 30);
		place->best = row[8];
		place->reference = row[9];
	}
}

/* the recipe and the fitted state; the network part has been read */
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
	json_numbers_read(st_need_meta(file, "forecaster"), "metadata \"forecaster\"", scalars, lengthof(scalars), &stored);
	recipe.loss = model->model->loss;
	members = model->model->network.layers > 0 ? model->model->members : 0;
	if (stored.members != members)
		st_corrupt("the number of members differs from the sets of weights");
	if ((wrong = frnn_recipe_check(&recipe, &model->model->network)) != NULL)
		st_corrupt("%s", wrong);
	/* sizes are compared with the file's before memory is allocated for them */
	recipe.keep_optimizer = members > 0 && st_find(file, "optimizer.place") != NULL;
	if (recipe.keep_optimizer)
	{
		(void) st_need_tensor(file, "optimizer.place", ST_F64, (int64) members * PLACE_NUMBERS);
		(void) st_need_tensor(file, "optimizer.state", ST_F32, (int64) members * frnn_optimizer_state(&recipe.optimizer) * model->model->network.parameters);
	}

	frnn_check(frnn_forecaster_size(&recipe, &model->model->network, model->series, members, &bytes, &error), &error);
	frnn_forecaster_layout(core, &recipe, &model->model->network, model->series, members, frnn_allocate(bytes, "the model"));
	core->conformal_levels = stored.conformal_levels;
	core->conformal_count = stored.conformal_count;
	core->conformal_independent = stored.conformal_independent;
	core->conformal_top = stored.conformal_top;
	core->conformal_tail = stored.conformal_tail;
	core->conformal_power = stored.conformal_power;
	core->sigma_median = stored.sigma_median;
	core->mix = stored.mix;
	core->naive_last = stored.naive_last;
	core->naive_season = stored.naive_season;
	core->naive_period = stored.naive_period;
	core->level_share = stored.level_share;
	core->level_alpha = stored.level_alpha;
	core->updates = stored.updates;
	memcpy(core->validation_error, stored.validation_error, sizeof(core->validation_error));
	core->validation_origins = stored.validation_origins;

	if (members > 0)
		memcpy(core->params, model->model->params, sizeof(float) * members * model->model->network.parameters);
	st_need_f64(file, "ridge.weight", (int64) recipe.inputs * recipe.block, core->ridge_weight);
	st_need_f64(file, "ridge.bias", recipe.block, core->ridge_bias);
	series_read_numbers(file, model);
	st_need_f64(file, "covariate.mean", recipe.covariates, core->covariate_mean);
	st_need_f64(file, "covariate.sd", recipe.covariates, core->covariate_sd);
	st_need_f64(file, "static.mean", recipe.statics, core->static_mean);
	st_need_f64(file, "static.sd", recipe.statics, core->static_sd);
	st_need_f64(file, "static.weight", frnn_static_inputs(&recipe), core->static_weight);
	st_need_f64(file, "static.level", recipe.statics > 0 ? model->series : 0, core->static_level);
	if (recipe.statics > 0)
	{
		model->statics = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(model->series, recipe.statics), sizeof(double)));
		st_need_f64(file, "series.static", model->series * recipe.statics, model->statics);
	}
	st_need_f64(file, "step_scale", recipe.horizon, core->step_scale);
	st_need_f64(file, "conformal", 2 * FRNN_CONFORMAL_LEVELS, core->conformal);
	core->base = base_read(file);
	if (st_get_meta(file, "averaged") != NULL)
		model->averaged = st_need_integer(file, "averaged", 1, PG_INT32_MAX);
	training_read(file, model);
	if ((wrong = frnn_forecaster_check(core)) != NULL)
		st_corrupt("%s", wrong);
}

/* the plan of named covariates */
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
		model_read_panel(file, &model->panel);
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

void
forecast_model_check_step(const ForecastModel *model, const PanelView *panel, const FrnnOptions *options)
{
	ModelPanel	trained = forecast_model_panel(model);

	axis_check_step(&model->axis, panel, options, trained.known * 2 >= trained.rows);
}

/* ---- names ---- */

typedef struct SeriesEntry
{
	const char *id;				/* key */
	int64		index;
} SeriesEntry;

struct SeriesIndex
{
	HTAB	   *table;
};

static uint32
series_hash(const void *key, Size size)
{
	const char *id = *(const char *const *) key;

	return hash_bytes((const unsigned char *) id, strlen(id));
}

static int
series_match(const void *a, const void *b, Size size)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

SeriesIndex *
series_index_create(const ForecastModel *model)
{
	SeriesIndex *index = palloc(sizeof(SeriesIndex));
	HASHCTL		control;
	int64		s;

	memset(&control, 0, sizeof(control));
	control.keysize = sizeof(const char *);
	control.entrysize = sizeof(SeriesEntry);
	control.hash = series_hash;
	control.match = series_match;
	control.hcxt = CurrentMemoryContext;
	index->table = hash_create("forecast_rnn series", Max(model->series, 1), &control,
							   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	for (s = 0; s < model->series; s++)
	{
		SeriesEntry *entry = hash_search(index->table, &model->id[s], HASH_ENTER, NULL);

		entry->index = s;
	}
	return index;
}

int64
series_index_find(SeriesIndex *index, const char *id)
{
	SeriesEntry *entry = hash_search(index->table, &id, HASH_FIND, NULL);

	return entry ? entry->index : -1;
}

int64	   *
forecast_model_known(const ForecastModel *model, const PanelView *panel)
{
	SeriesIndex *index;
	int64	   *known;
	int64		s;

	if (model->core.recipe.statics == 0)
		return NULL;
	index = series_index_create(model);
	known = frnn_allocate(sizeof(int64) * panel->n_series, "the series");
	for (s = 0; s < panel->n_series; s++)
		known[s] = model->core.recipe.pooled ? -1 : series_index_find(index, panel->series[s].id);
	hash_destroy(index->table);
	return known;
}
