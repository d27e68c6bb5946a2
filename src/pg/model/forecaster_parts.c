/*
 * forecaster_parts.c
 *	  The scalars of a fitted state and the state of its training, as parts of a
 *	  forecaster's file.
 */
#include "pg/model/forecaster_parts.h"

#include <math.h>

#include "pg/bytes/json_numbers.h"
#include "pg/server/bridge.h"

#define SCALAR(name, type) {#name, type, offsetof(FrnnForecaster, name)}

static const JsonNumber scalars[] = {
	SCALAR(members, NUMBER_INT),
	SCALAR(conformal_levels, NUMBER_INT),
	SCALAR(conformal_count, NUMBER_INT64),
	SCALAR(conformal_independent, NUMBER_DOUBLE),
	SCALAR(conformal_top, NUMBER_DOUBLE),
	SCALAR(conformal_tail, NUMBER_DOUBLE),
	SCALAR(conformal_power, NUMBER_DOUBLE),
	SCALAR(spread_power, NUMBER_DOUBLE),
	SCALAR(ridge_usual, NUMBER_DOUBLE),
	SCALAR(sigma_median, NUMBER_DOUBLE),
	SCALAR(mix, NUMBER_DOUBLE),
	SCALAR(naive_last, NUMBER_DOUBLE),
	SCALAR(naive_season, NUMBER_DOUBLE),
	SCALAR(naive_period, NUMBER_INT),
	SCALAR(level_share, NUMBER_DOUBLE),
	SCALAR(level_alpha, NUMBER_DOUBLE),
	SCALAR(ar_share, NUMBER_DOUBLE),
	SCALAR(updates, NUMBER_INT),
	{"naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NAIVE])},
	{"seasonal_naive", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_SEASONAL])},
	{"ridge", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_RIDGE])},
	{"network", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_NETWORK])},
	{"mixed", NUMBER_DOUBLE, offsetof(FrnnForecaster, validation_error[FRNN_VALIDATION_MIX])},
	{"hold_out_origins", NUMBER_INT64, offsetof(FrnnForecaster, validation_origins)},
};

void
fitted_scalars_add(StFile *file, const FrnnForecaster *core)
{
	st_meta(file, "forecaster", json_numbers_write(scalars, lengthof(scalars), core));
}

void
fitted_scalars_read(const StFile *file, FrnnForecaster *stored)
{
	json_numbers_read(st_need_meta(file, "forecaster"), "metadata \"forecaster\"", scalars, lengthof(scalars), stored);
}

void
fitted_scalars_copy(const FrnnForecaster *stored, FrnnForecaster *core)
{
	json_numbers_copy(scalars, lengthof(scalars), stored, core);
}

/* ---- the state of a training ---- */

#define PLACE_NUMBERS 10		/* of a place in a training, as columns of optimizer.place */

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

void
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

/* Reads a whole number of a place. */
static int64
place_number(double value, double most)
{
	if (!(value >= 0 && value <= most) || value != floor(value))
		st_corrupt("a number of tensor \"optimizer.place\" is out of range");
	return (int64) value;
}

bool
training_is_kept(const StFile *file, const FrnnOptimizer *optimizer, int members, size_t parameters)
{
	if (members == 0 || st_find(file, "optimizer.place") == NULL)
		return false;
	(void) st_need_tensor(file, "optimizer.place", ST_F64, (int64) members * PLACE_NUMBERS);
	(void) st_need_tensor(file, "optimizer.state", ST_F32, (int64) members * frnn_optimizer_state(optimizer) * parameters);
	return true;
}

void
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
