/*
 * ridge_sums.c
 *	  One ridge regression of the rows of several shards: rnn_ridge_sums of each
 *	  panel, their sum, and the model with the solution.
 *
 * Sums are a safetensors file: metadata "kind" ("ridge sums"), "model" (the
 * checksum of the model's bytes) and "rows", and tensors xx (the upper triangle
 * of X'X, row by row), xy (inputs, outputs), x_sum and y_sum, all F64.  The
 * state of the aggregate is the list of sums as they came (byte_list.h), so that
 * the result does not depend on the order in which they were combined.
 */
#include "pg/forecast/forecast_input.h"

#include <math.h>

#include "core/forecast/fit.h"
#include "miscadmin.h"
#include "pg/bytes/byte_list.h"
#include "pg/bytes/json_numbers.h"
#include "pg/model/average.h"
#include "pg/model/series_index.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_ridge_sums);
PG_FUNCTION_INFO_V1(rnn_ridge_sums_add);
PG_FUNCTION_INFO_V1(rnn_ridge_sums_combine);
PG_FUNCTION_INFO_V1(rnn_ridge_sums_final);
PG_FUNCTION_INFO_V1(rnn_ridge);

#define KIND "ridge sums"

/* sums as they are read and written */
typedef struct Sums
{
	char		model[ST_DIGITS + 1];	/* checksum of the model's bytes */
	int64		inputs;
	int64		outputs;
	double		rows;
	double	   *xx;				/* (inputs (inputs + 1) / 2) */
	double	   *xy;				/* (inputs, outputs) */
	double	   *x_sum;
	double	   *y_sum;
} Sums;

static const JsonNumber sums_numbers[] = {
	{"inputs", NUMBER_INT64, offsetof(Sums, inputs)},
	{"outputs", NUMBER_INT64, offsetof(Sums, outputs)},
	{"rows", NUMBER_DOUBLE, offsetof(Sums, rows)},
};

static int64
triangle(const Sums *sums)
{
	return sums->inputs * (sums->inputs + 1) / 2;
}

static void
sums_allocate(Sums *sums)
{
	sums->xx = frnn_allocate(sizeof(double) * triangle(sums), "the sums");
	sums->xy = frnn_allocate(sizeof(double) * sums->inputs * sums->outputs, "the sums");
	sums->x_sum = frnn_allocate(sizeof(double) * sums->inputs, "the sums");
	sums->y_sum = frnn_allocate(sizeof(double) * sums->outputs, "the sums");
}

static bytea *
sums_write(const Sums *sums, MemoryContext context)
{
	StFile	   *file = st_new();
	int64		xx = triangle(sums);
	int64		xy[2] = {sums->inputs, sums->outputs};

	st_meta(file, "kind", KIND);
	st_meta(file, "model", sums->model);
	st_meta(file, "sums", json_numbers_write(sums_numbers, lengthof(sums_numbers), sums));
	st_add(file, "xx", ST_F64, 1, &xx, sums->xx);
	st_add(file, "xy", ST_F64, 2, xy, sums->xy);
	st_add(file, "x_sum", ST_F64, 1, &sums->inputs, sums->x_sum);
	st_add(file, "y_sum", ST_F64, 1, &sums->outputs, sums->y_sum);
	return st_write(file, context);
}

static void
numbers_check(const char *name, const double *number, int64 count)
{
	int64		i;

	for (i = 0; i < count; i++)
		if (!isfinite(number[i]))
			st_corrupt("number " INT64_FORMAT " of tensor \"%s\" is not finite", i + 1, name);
}

static void
sums_read(const bytea *bytes, Sums *sums)
{
	StFile	   *file = st_read(bytes);

	memset(sums, 0, sizeof(*sums));
	if (strcmp(st_need_meta(file, "kind"), KIND) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the bytes are not sums for a ridge regression"),
				 errhint("Make them by rnn_ridge_sums(panel, model).")));
	if (strlen(st_need_meta(file, "model")) != ST_DIGITS)
		st_corrupt("metadata \"model\" must have %d characters", ST_DIGITS);
	strlcpy(sums->model, st_need_meta(file, "model"), sizeof(sums->model));
	json_numbers_read(st_need_meta(file, "sums"), "metadata \"sums\"", sums_numbers, lengthof(sums_numbers), sums);
	if (sums->inputs < 1 || sums->inputs > FRNN_MAX_FEATURES || sums->outputs < 1 || sums->outputs > FRNN_MAX_HORIZON ||
		!(sums->rows >= 0 && sums->rows <= 1e15))
		st_corrupt("a number of metadata \"sums\" is out of range");
	/* compared with the file's before memory is allocated */
	(void) st_need_tensor(file, "xx", ST_F64, triangle(sums));
	(void) st_need_tensor(file, "xy", ST_F64, sums->inputs * sums->outputs);
	sums_allocate(sums);
	st_need_f64(file, "xx", triangle(sums), sums->xx);
	st_need_f64(file, "xy", sums->inputs * sums->outputs, sums->xy);
	st_need_f64(file, "x_sum", sums->inputs, sums->x_sum);
	st_need_f64(file, "y_sum", sums->outputs, sums->y_sum);
	numbers_check("xx", sums->xx, triangle(sums));
	numbers_check("xy", sums->xy, sums->inputs * sums->outputs);
	numbers_check("x_sum", sums->x_sum, sums->inputs);
	numbers_check("y_sum", sums->y_sum, sums->outputs);
}

static void
model_digits(const bytea *bytes, char *digits)
{
	memcpy(digits, VARDATA_ANY(bytes) + ST_DIGITS_AT, ST_DIGITS);
	digits[ST_DIGITS] = '\0';
}

/* ---- the sums of a panel ---- */

/* Copies the core's sums, whose X'X has an upper triangle in a square. */
static void
sums_from_core(const FrnnRidge *ridge, Sums *sums)
{
	int64		i,
				at = 0;

	sums->inputs = ridge->inputs;
	sums->outputs = ridge->outputs;
	sums->rows = ridge->rows;
	sums_allocate(sums);
	for (i = 0; i < sums->inputs; i++)
	{
		memcpy(sums->xx + at, ridge->xx + i * sums->inputs + i, sizeof(double) * (sums->inputs - i));
		at += sums->inputs - i;
	}
	memcpy(sums->xy, ridge->xy, sizeof(double) * sums->inputs * sums->outputs);
	memcpy(sums->x_sum, ridge->x_sum, sizeof(double) * sums->inputs);
	memcpy(sums->y_sum, ridge->y_sum, sizeof(double) * sums->outputs);
}

static void
sums_to_core(const Sums *sums, FrnnRidge *ridge)
{
	FrnnArena	arena = frnn_arena(NULL);
	int64		i,
				at = 0;

	frnn_ridge_layout(ridge, &arena, (int) sums->inputs, (int) sums->outputs);
	arena = frnn_arena(frnn_allocate(arena.overflow ? SIZE_MAX : arena.used, "the ridge regression"));
	frnn_ridge_layout(ridge, &arena, (int) sums->inputs, (int) sums->outputs);
	frnn_ridge_clear(ridge);
	ridge->rows = sums->rows;
	for (i = 0; i < sums->inputs; i++)
	{
		memcpy(ridge->xx + i * sums->inputs + i, sums->xx + at, sizeof(double) * (sums->inputs - i));
		at += sums->inputs - i;
	}
	memcpy(ridge->xy, sums->xy, sizeof(double) * sums->inputs * sums->outputs);
	memcpy(ridge->x_sum, sums->x_sum, sizeof(double) * sums->inputs);
	memcpy(ridge->y_sum, sums->y_sum, sizeof(double) * sums->outputs);
}

static void
argument_check(FunctionCallInfo fcinfo, const char *first, const char *second)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", PG_ARGISNULL(0) ? first : second)));
}

/* rnn_ridge_sums(panel rnn_panel, model bytea) */
Datum
rnn_ridge_sums(PG_FUNCTION_ARGS)
{
	static const FrnnFitHooks hooks = {frnn_pg_tick, NULL, NULL, NULL, NULL};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	ForecastModel *model;
	FrnnOptions *options;
	PanelData  *data;
	FrnnRidge	ridge;
	FrnnError	error;
	Sums		sums;
	size_t		bytes;
	bytea	   *result;

	argument_check(fcinfo, "the panel", "the model");
	context = AllocSetContextCreate(caller, "rnn_ridge_sums", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	model = forecast_model_read(PG_GETARG_BYTEA_PP(1));
	options = frnn_options_parse(model_options(model->model, NULL), SCOPE_PANEL);
	data = panel_data_load(PG_GETARG_DATUM(0), options, &model->axis, model->plan, model->calendar, options->on_error == ERROR_SKIP);
	forecast_model_check_step(model, data->view, options);
	check_covariate_count("the panel", data->own_covariates, model->own_covariates);
	data->panel.horizon = model->core.recipe.horizon;
	frnn_check(frnn_ridge_sums_size(&data->panel, &model->core, &bytes, &error), &error);
	frnn_check(frnn_ridge_sums(&data->panel, &model->core, forecast_model_known(model, data->view), frnn_allocate(bytes, "the sums"),
							   &hooks, &ridge, &error), &error);
	sums_from_core(&ridge, &sums);
	model_digits(PG_GETARG_BYTEA_PP(1), sums.model);
	result = sums_write(&sums, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* ---- the sum of sums ---- */

Datum
rnn_ridge_sums_add(PG_FUNCTION_ARGS)
{
	return byte_list_transition(fcinfo, "sums");
}

Datum
rnn_ridge_sums_combine(PG_FUNCTION_ARGS)
{
	return byte_list_combine(fcinfo);
}

static void
add_numbers(double *to, const double *from, int64 count)
{
	int64		i;

	for (i = 0; i < count; i++)
		to[i] += from[i];
}

Datum
rnn_ridge_sums_final(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	ByteEntry  *entry;
	Sums		total = {{0}};
	bytea	   *result;
	int			n,
				i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	context = AllocSetContextCreate(caller, "rnn_ridge_sums", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	entry = byte_list_read(PG_GETARG_DATUM(0), &n);
	for (i = 0; i < n; i++)
	{
		MemoryContext one = AllocSetContextCreate(context, "sums", ALLOCSET_DEFAULT_SIZES);
		Sums		sums;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(i == 0 ? context : one);
		sums_read(entry[i].bytes, i == 0 ? &total : &sums);
		if (i > 0)
		{
			if (strcmp(sums.model, total.model) != 0 || sums.inputs != total.inputs || sums.outputs != total.outputs)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("sums of different models cannot be added"),
						 errhint("Make all of them with one model: rnn_ridge_sums(panel, model).")));
			total.rows += sums.rows;
			add_numbers(total.xx, sums.xx, triangle(&sums));
			add_numbers(total.xy, sums.xy, sums.inputs * sums.outputs);
			add_numbers(total.x_sum, sums.x_sum, sums.inputs);
			add_numbers(total.y_sum, sums.y_sum, sums.outputs);
		}
		MemoryContextSwitchTo(context);
		MemoryContextDelete(one);
	}
	result = sums_write(&total, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}

/* ---- the model with the solution ---- */

/* rnn_ridge(model bytea, sums bytea) */
Datum
rnn_ridge(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	ForecastModel *model;
	FrnnRun		run = {frnn_pg_tick, NULL, false, 0, 0};
	FrnnRidge	ridge;
	Sums		sums;
	char		digits[ST_DIGITS + 1];
	bytea	   *result;

	argument_check(fcinfo, "the model", "the sums");
	context = AllocSetContextCreate(caller, "rnn_ridge", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	model = forecast_model_read(PG_GETARG_BYTEA_PP(0));
	sums_read(PG_GETARG_BYTEA_PP(1), &sums);
	model_digits(PG_GETARG_BYTEA_PP(0), digits);
	if (strcmp(digits, sums.model) != 0 || sums.inputs != model->core.recipe.inputs || sums.outputs != model->core.recipe.block)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sums were made with another model")));
	if (sums.rows < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the sums have no rows: no series is as long as a window and its horizon")));
	sums_to_core(&sums, &ridge);
	ridge.run = &run;
	frnn_ridge_set(&model->core, &ridge);
	model->model->params = model->core.params;
	result = forecast_model_rewrite(model, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}
