/*
 * predict_parts.c
 *	  What a point forecast is made of: level, profiles, naive forecast, ridge
 *	  and network.
 *
 * The parts add up in the transformed series.  In the units of the data each is
 * the difference that it makes when the parts are added in their order, so that
 * they add up there too, whatever the transform.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/predict_work.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"

/* A sum of some parts counts as so many times the largest value of the series and its forecast at most: an exponential of
 * a sum that is not the forecast need not be a number. */
#define FAR_OUT		1000

/* Writes the profile of each period at a row of the slot. */
static void
profiles_at(const FrnnPredictWork *work, const FrnnSlot *slot, int64_t row, double *out)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;
	const double *profile = slot->ready.profile;
	int64_t		season_row = frnn_season_row(&slot->ready.clock, slot->ready.offset + row);

	for (int p = 0; p < recipe->periods; p++)
	{
		out[p] = profile[frnn_phase(season_row, recipe->period[p])];
		profile += recipe->period[p];
	}
}

/* Writes what the level of a block is made of that starts `done` steps after the origin: rows, and forecasts fed back. */
static void
level_parts(const FrnnPredictWork *work, const FrnnItem *item, int done, double *out)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;
	const FrnnReady *ready = &work->slot[item->slot].ready;
	const FrnnStepParts *made = item->forecast->parts + (size_t) item->place * work->steps;
	int			rows = recipe->level == FRNN_LEVEL_MEAN ? recipe->level_rows : 1;

	memset(out, 0, sizeof(double) * FRNN_PARTS);
	if (recipe->level == FRNN_LEVEL_NONE)
	{
		out[FRNN_PART_LEVEL] = ready->center;
		return;
	}
	for (int i = 1; i <= rows; i++)
	{
		if (done - i < 0)
			out[FRNN_PART_LEVEL] += frnn_value_at(ready, item->o + done - i);
		else
			for (int p = 0; p < FRNN_PARTS; p++)
				out[p] += made[done - i].x[p];
	}
	for (int p = 0; p < FRNN_PARTS; p++)
		out[p] /= rows;
}

/* Adds the naive forecasts, each times its share. */
static void
add_naive(const FrnnPredictWork *work, const FrnnItem *item, int step, double *out)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnSlot *slot = &work->slot[item->slot];
	const FrnnReady *ready = &slot->ready;
	int64_t		ago = f->naive_season > 0 ? item->o - f->naive_period + step % f->naive_period : -1;
	double		season[FRNN_MAX_PERIODS] = {0};
	double		last = ready->x[item->o - 1];
	double		level;

	profiles_at(work, slot, item->o - 1, season);
	for (int p = 0; p < f->recipe.periods; p++)
		last += season[p];
	out[FRNN_PART_LEVEL] += f->naive_last * last;
	if (ago < 0)
	{
		out[FRNN_PART_LEVEL] += f->naive_season * last;
		return;
	}
	level = frnn_window_level(&f->recipe, ready, item->o);
	profiles_at(work, slot, ago, season);
	out[FRNN_PART_LEVEL] += f->naive_season * level;
	out[FRNN_PART_SEASON_AGO] += f->naive_season * (ready->x[ago] - level);
	for (int p = 0; p < f->recipe.periods; p++)
		out[FRNN_PART_SEASON + p] += f->naive_season * season[p];
}

/* Writes the parts of the transformed forecast, and of what is fed back. */
static void
transformed_parts(const FrnnPredictWork *work, const FrnnItem *item, const FrnnStepMade *made, double *out, double *x)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnSlot *slot = &work->slot[item->slot];
	bool		scaled = slot->ready.sigma > 0;
	bool		counts = f->recipe.loss.kind == FRNN_NEGATIVE_BINOMIAL && work->mix > 0;
	double		smoothed = scaled ? f->level_share : 0;
	double		models = scaled ? 1 - f->naive_last - f->naive_season - f->level_share : 1;
	double		season[FRNN_MAX_PERIODS] = {0};

	memset(out, 0, sizeof(double) * FRNN_PARTS);
	if (!scaled)
		out[FRNN_PART_LEVEL] = slot->ready.x[item->o - 1];
	else if (!counts)
		level_parts(work, item, made->done, out);
	for (int p = 0; p < FRNN_PARTS; p++)
		out[p] *= models;
	out[FRNN_PART_LEVEL] += smoothed * made->smoothed;
	out[FRNN_PART_RIDGE] += models * ((1 - made->alone) * made->ridge + made->autoregression) * made->sigma;
	out[FRNN_PART_NETWORK] += models * (1 - made->alone) * made->network * made->sigma;
	profiles_at(work, slot, item->o + made->step, season);
	for (int p = 0; p < f->recipe.periods; p++)
		out[FRNN_PART_SEASON + p] += (models + smoothed) * season[p];
	if (scaled && f->naive_last + f->naive_season > 0)
		add_naive(work, item, made->step, out);
	memcpy(x, out, sizeof(double) * FRNN_PARTS);
	for (int p = 0; p < f->recipe.periods; p++)
		x[FRNN_PART_SEASON + p] -= season[p];
}

void
frnn_parts_put(const FrnnPredictWork *work, const FrnnItem *item, const FrnnStepMade *made)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;
	const FrnnSlot *slot = &work->slot[item->slot];
	size_t		place = (size_t) item->place * work->steps + (size_t) made->step;
	FrnnStepParts *parts = &item->forecast->parts[place];
	double		most = FAR_OUT * fmax(fabs(item->forecast->point[place]), fmax(fabs(item->highest), fabs(item->lowest)));
	double		z[FRNN_PARTS];
	double		sum = 0;
	double		before = 0;

	transformed_parts(work, item, made, z, parts->x);
	for (int p = 0; p < FRNN_PARTS; p++)
	{
		double		y;

		sum += z[p];
		/* the last sum is the forecast itself, without the rounding of the parts */
		y = frnn_transform_inverse(recipe->transform, p == FRNN_PARTS - 1 ? made->z : sum, slot->unit);
		/* a constant is repeated as it is */
		if (item->highest == item->lowest)
			y = item->highest;
		y = fmin(fmax(y, -most), most);
		parts->part[p] = y - before;
		before = y;
	}
	parts->total = before;
}
