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
#include "common/int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/bytes/json_numbers.h"
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
	SCALAR(updates, NUMBER_INT),
	{"naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NAIVE])},
	{"seasonal_naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_SEASONAL])},
	{"ridge", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_RIDGE])},
	{"network", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NETWORK])},
	{"mixed", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_MIX])},
	{"hold_out_origins", NUMBER_INT64, offsetof(FrnnForecaster, validation_origins)},
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

static void
series_add(StFile *file, const ForecastModel *model)
{
	int64	   *bytes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * model->series);
	StringInfoData ids;
	int64		s;

	initStringInfo(&ids);
	for (s = 0; s < model->series; s++)
	{
		int			length = strlen(model->id[s]);
		char	   *utf8 = pg_server_to_any(model->id[s], length, PG_UTF8);

		if (utf8 != model->id[s])
			length = strlen(utf8);
		bytes[s] = length;
		appendBinaryStringInfo(&ids, utf8, length);
	}
	tensor_add_vector(file, "series.id", ST_U8, ids.len, ids.data);
	tensor_add_vector(file, "series.id_bytes", ST_I64, model->series, bytes);
	tensor_add_vector(file, "series.anchor", ST_I64, model->series, model->anchor);
}

/* the last rows of every series, up to what a forecast needs; written straight from the panel */
typedef struct History
{
	const PanelData *panel;
	int			width;
	int64	   *rows;			/* (S) */
	int64	   *future;			/* (S) */
} History;

static void
history_fill_values(const void *arg, char *out)
{
	const History *history = arg;
	int64		s;

	for (s = 0; s < history->panel->panel.series; s++)
	{
		const FrnnSeriesData *data = &history->panel->data[s];
		size_t		bytes = sizeof(double) * history->rows[s];

		if (bytes > 0)
			memcpy(out, data->value + data->n - history->rows[s], bytes);
		out += bytes;
	}
}

static void
history_fill_covariates(const void *arg, char *out)
{
	const History *history = arg;
	int64		s;

	for (s = 0; s < history->panel->panel.series; s++)
	{
		const FrnnSeriesData *data = &history->panel->data[s];
		size_t		bytes = sizeof(double) * history->width * (history->rows[s] + history->future[s]);

		if (bytes > 0)
			memcpy(out, data->covariate + (data->n - history->rows[s]) * history->width, bytes);
		out += bytes;
	}
}

static void
history_add(StFile *file, const ForecastModel *model, const PanelData *panel)
{
	int64		series = model->series;
	int64		keep = frnn_forecaster_history(&model->core);
	int64		total = 0,
				ahead = 0;
	History    *history = palloc(sizeof(History));
	int64		dim[2];
	int64		s;

	history->panel = panel;
	history->width = model->core.recipe.covariates;
	history->rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * series);
	history->future = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * series);
	for (s = 0; s < series; s++)
	{
		history->rows[s] = Min(keep, panel->data[s].n);
		history->future[s] = history->width > 0 ? panel->data[s].future : 0;
		total += history->rows[s];
		ahead += history->future[s];
	}
	tensor_add_vector(file, "history.rows", ST_I64, series, history->rows);
	tensor_add_vector(file, "history.future", ST_I64, series, history->future);
	if (total > 0)
		st_add_filled(file, "history.value", ST_F64, 1, &total, history_fill_values, history);
	dim[0] = total + ahead;
	dim[1] = history->width;
	if (dim[0] > 0 && dim[1] > 0)
		st_add_filled(file, "history.covariate", ST_F64, 2, dim, history_fill_covariates, history);
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

/* more than the texts of the header */
#define HEADER_BYTES (64 * 1024)

size_t
forecast_model_size(const FrnnForecaster *core, size_t state, const PanelData *panel, bool keep)
{
	int64		most = frnn_forecaster_history(core);
	int			width = core->recipe.covariates;

	/* names and their lengths, anchors, rows kept: in the file, and collected for it */
	size_t		bytes = frnn_add(frnn_add(state, HEADER_BYTES), frnn_mul(panel->panel.series, 10 * sizeof(int64)));
	int64		s;

	for (s = 0; s < panel->panel.series; s++)
	{
		const FrnnSeriesData *data = &panel->data[s];
		int64		rows = Min(most, data->n);

		bytes = frnn_add(bytes, 3 * strlen(panel->view->series[s].id));
		if (keep)
			bytes = frnn_add(bytes, sizeof(double) * (rows + width * (rows + data->future)));
	}
	return bytes;
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
	StFile	   *file = st_new();

	model_check_fitted(model, panel);
	frnn_model_add(file, model->model);
	st_meta(file, "axis", axis_to_text(&model->axis));
	st_meta(file, "recipe", recipe_to_text(recipe));
	st_meta(file, "forecaster", json_numbers_write(scalars, lengthof(scalars), core));
	st_meta(file, "choice", model->choice);
	st_meta(file, "base", psprintf("%016" INT64_MODIFIER "x", core->base));
	if (model->averaged > 0)
		st_meta(file, "averaged", psprintf("%d", model->averaged));
	st_meta(file, "covariates", psprintf("%d", model->own_covariates));
	st_meta(file, "calendar", model->calendar ? "1" : "0");
	st_meta(file, "has_id", model->has_id ? "1" : "0");
	st_meta(file, "series", psprintf(INT64_FORMAT, model->series));

	tensor_add_matrix(file, "ridge.weight", recipe->inputs, recipe->block, core->ridge_weight);
	tensor_add_vector(file, "ridge.bias", ST_F64, recipe->block, core->ridge_bias);
	tensor_add_matrix(file, "series.number", model->series, FRNN_SERIES_NUMBERS, core->series_number);
	tensor_add_matrix(file, "series.profile", model->series, core->profile_rows, core->profile);
	series_add(file, model);
	tensor_add_vector(file, "covariate.mean", ST_F64, recipe->covariates, core->covariate_mean);
	tensor_add_vector(file, "covariate.sd", ST_F64, recipe->covariates, core->covariate_sd);
	tensor_add_matrix(file, "series.error_scale", model->series, frnn_error_scale_columns(recipe), core->error_scale);
	tensor_add_vector(file, "step_scale", ST_F64, recipe->horizon, core->step_scale);
	tensor_add_matrix(file, "conformal", 2, FRNN_CONFORMAL_LEVELS, core->conformal);
	training_add(file, model);
	if (keep)
		history_add(file, model, panel);
	return st_write(file, context);
}

/* ---- reading ---- */

static void
series_read_ids(const StFile *file, ForecastModel *model)
{
	int64	   *bytes = st_need_i64(file, "series.id_bytes", model->series, 0, MaxAllocSize);
	int64		total = 0;
	int64		s;
	const StTensor *ids;

	for (s = 0; s < model->series; s++)
		if (pg_add_s64_overflow(total, bytes[s], &total))
			st_corrupt("tensor \"series.id_bytes\" holds a number out of range");
	ids = st_need_tensor(file, "series.id", ST_U8, total);
	model->id = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * model->series);
	total = 0;
	for (s = 0; s < model->series; s++)
	{
		const char *from = ids ? ids->data + total : "";

		if (!pg_verify_mbstr(PG_UTF8, from, bytes[s], true) || memchr(from, '\0', bytes[s]))
			st_corrupt("the name of series " INT64_FORMAT " is not text", s + 1);
		model->id[s] = pnstrdup(from, bytes[s]);
		model->id[s] = pg_any_to_server(model->id[s], bytes[s], PG_UTF8);
		total += bytes[s];
	}
}

static void
history_read(const StFile *file, ForecastModel *model)
{
	int64		series = model->series;
	int			width = model->core.recipe.covariates;
	int64	   *rows,
			   *future;
	int64		total = 0,
				ahead = 0;
	double	   *value,
			   *covariate;
	AxisClocks	clocks = {0};
	int64		s,
				row;

	model->history = st_find(file, "history.rows") != NULL;
	if (!model->history)
		return;
	/* S is at most 2^31 and a count at most 2^30, so the sums stay in range; products of them might not */
	rows = st_need_i64(file, "history.rows", series, 0, MaxAllocSize);
	future = st_need_i64(file, "history.future", series, 0, MaxAllocSize);
	for (s = 0; s < series; s++)
	{
		total += rows[s];
		ahead += future[s];
	}
	if (ahead > MaxAllocSize)
		st_corrupt("tensor \"history.future\" holds a number out of range");
	st_need_tensor(file, "history.value", ST_F64, total);
	st_need_tensor(file, "history.covariate", ST_F64, width > 0 ? (total + ahead) * width : 0);
	value = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(total + 1, sizeof(double)));
	covariate = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(total + ahead, width) + 1, sizeof(double)));
	st_need_f64(file, "history.value", total, value);
	for (row = 0; row < total; row++)
		if (isinf(value[row]))
			st_corrupt("tensor \"history.value\" holds an infinite number");
	st_need_f64(file, "history.covariate", width > 0 ? (total + ahead) * width : 0, covariate);
	model->data = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(FrnnSeriesData) * series,
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (s = 0; s < series; s++)
	{
		FrnnSeriesData *data = &model->data[s];
		double		trained = model->core.series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_ROWS];

		if (trained < rows[s])
			st_corrupt("series " INT64_FORMAT " keeps more rows than it was trained on", s + 1);
		data->n = rows[s];
		data->future = future[s];
		data->value = value;
		data->covariate = width > 0 ? covariate : NULL;
		data->offset = (int64) trained - rows[s];
		data->clock = axis_clock(&clocks, &model->axis, model->anchor[s]);
		value += rows[s];
		covariate += (rows[s] + future[s]) * width;
	}
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
model_read_core(const StFile *file, ForecastModel *model)
{
	FrnnForecaster *core = &model->core;
	FrnnForecaster stored;
	FrnnRecipe	recipe;
	FrnnError	error;
	const char *wrong;
	size_t		bytes;
	int			members;

	memset(&stored, 0, sizeof(stored));
	json_numbers_read(st_need_meta(file, "forecaster"), "metadata \"forecaster\"", scalars, lengthof(scalars), &stored);
	recipe_from_text(st_need_meta(file, "recipe"), &recipe);
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
	core->updates = stored.updates;
	memcpy(core->validation_error, stored.validation_error, sizeof(core->validation_error));
	core->validation_origins = stored.validation_origins;

	if (members > 0)
		memcpy(core->params, model->model->params, sizeof(float) * members * model->model->network.parameters);
	st_need_f64(file, "ridge.weight", (int64) recipe.inputs * recipe.block, core->ridge_weight);
	st_need_f64(file, "ridge.bias", recipe.block, core->ridge_bias);
	st_need_f64(file, "series.number", model->series * FRNN_SERIES_NUMBERS, core->series_number);
	st_need_f64(file, "series.profile", model->series * core->profile_rows, core->profile);
	st_need_f64(file, "covariate.mean", recipe.covariates, core->covariate_mean);
	st_need_f64(file, "covariate.sd", recipe.covariates, core->covariate_sd);
	st_need_f64(file, "series.error_scale", model->series * frnn_error_scale_columns(&recipe), core->error_scale);
	st_need_f64(file, "step_scale", recipe.horizon, core->step_scale);
	st_need_f64(file, "conformal", 2 * FRNN_CONFORMAL_LEVELS, core->conformal);
	core->base = base_read(file);
	if (st_get_meta(file, "averaged") != NULL)
		model->averaged = st_need_integer(file, "averaged", 1, PG_INT32_MAX);
	training_read(file, model);
	if ((wrong = frnn_forecaster_check(core)) != NULL)
		st_corrupt("%s", wrong);
}

ForecastModel *
forecast_model_read(bytea *bytes)
{
	ForecastModel *model = palloc0(sizeof(ForecastModel));
	StFile	   *file;

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
	model->series = st_need_integer(file, "series", 1, PG_INT32_MAX);
	/* the ids' sizes are in the file, so the file is at least as large as what follows allocates */
	model->anchor = st_need_i64(file, "series.anchor", model->series, PG_INT64_MIN, PG_INT64_MAX);
	model_read_core(file, model);
	if (model->core.recipe.covariates != model->own_covariates + (model->calendar ? calendar_width(&model->axis) : 0))
		st_corrupt("the number of covariates does not fit the recipe");
	series_read_ids(file, model);
	history_read(file, model);
	return model;
}

void
forecast_model_check_step(const ForecastModel *model, const PanelView *panel, const FrnnOptions *options)
{
	double		rows = 0,
				known = 0;

	for (int64 s = 0; s < model->series; s++)
	{
		const double *number = model->core.series_number + s * FRNN_SERIES_NUMBERS;

		rows += number[FRNN_N_ROWS];
		known += number[FRNN_N_KNOWN];
	}
	axis_check_step(&model->axis, panel, options, known * 2 >= rows);
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
	index->table = hash_create("forecast_rnn series", model->series, &control,
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
