/*
 * predict_batch.c
 *	  A batch of origins through ridge and networks, block after block, and
 *	  back into the units of the data.
 */
#include <math.h>
#include <string.h>

#include "core/base/order.h"
#include "core/base/special.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/outcomes.h"
#include "core/forecast/scale.h"
#include "core/forecast/predict_work.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"
#include "core/kernel/product.h"
#include "core/network/step.h"

#define ROUNDING		1e-6	/* least half-width of the transformed forecast, by the spread of its series: of
								 * float32; of double it is FRNN_ROUNDED of the largest value */
#define ROUNDED_SIGMAS	10		/* or by so many scales */
#define BETWEEN			0.1		/* share of a jump that a forecast between its levels keeps from either, at least */
#define ONE_SIGMA 0.682689492137086 /* mass of a normal within one standard deviation */

/* rows of all items for the block that begins `done` steps after their origins */
static void
fill_rows(FrnnPredictWork *work, int done)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;

	for (int i = 0; i < work->items; i++)
		frnn_window_row(recipe, &work->slot[work->item[i].slot].ready, work->item[i].o + done,
						work->row + (size_t) i * recipe->inputs, &work->item[i].level);
}

static void
apply_ridge(FrnnPredictWork *work)
{
	const FrnnForecaster *f = work->forecaster;
	int			p = f->recipe.inputs;
	int			h = f->recipe.block;

	for (size_t i = 0; i < (size_t) work->items * p; i++)
		work->row_double[i] = work->row[i];
	for (int i = 0; i < work->items; i++)
		memcpy(work->linear + (size_t) i * h, f->ridge_bias, sizeof(double) * (size_t) h);
	frnn_rows_product((size_t) work->items, (size_t) h, (size_t) p, work->row_double, f->ridge_weight, work->linear);
}

/* window mode: slots and items are the same */
static void
apply_windows(FrnnPredictWork *work)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnNetwork *network = &f->network;
	const FrnnRecipe *recipe = &f->recipe;
	size_t		F = (size_t) network->input_size;
	size_t		B = (size_t) work->items;
	size_t		T = (size_t) network->time_steps;
	size_t		O = (size_t) network->output_size;
	FrnnBatch	batch = {work->items, network->time_steps, work->network_x, work->extra, NULL, NULL, false, false};

	for (size_t b = 0; b < B; b++)
	{
		const float *row = work->row + b * recipe->inputs;

		for (size_t t = 0; t < T; t++)
			memcpy(work->network_x + (t * B + b) * F, row + t * F, sizeof(float) * F);
		memcpy(work->extra + b * recipe->extras, row + recipe->inputs - recipe->extras, sizeof(float) * (size_t) recipe->extras);
	}
	if (recipe->extras == 0)
		batch.extra = NULL;
	for (int k = 0; k < f->members; k++)
	{
		const float *out = frnn_forward(work->plan, f->params + (size_t) k * network->parameters, &batch, &work->run);

		/* of a network that answers at every step the last one counts */
		if (network->output_sequence)
			out += (T - 1) * B * O;
		memcpy(work->raw + (size_t) k * work->max_items * O, out, sizeof(float) * B * O);
		frnn_tick(&work->run);
	}
}

/* sequence mode: every slot from its first origin to its last, plus what was fed back */
static void
apply_sequences(FrnnPredictWork *work, int done)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnRecipe *recipe = &f->recipe;
	size_t		F = (size_t) recipe->inputs;
	size_t		O = (size_t) f->network.output_size;
	size_t		B = (size_t) work->slots;
	FrnnBatch	batch = {work->slots, 0, work->network_x, NULL, NULL, NULL, false, false};
	double		level;

	for (size_t b = 0; b < B; b++)
	{
		int64_t		steps = work->slot[b].last + done - work->slot[b].first + 1;

		if (steps > batch.T)
			batch.T = (int) steps;
	}
	for (size_t b = 0; b < B; b++)
	{
		const FrnnSlot *slot = &work->slot[b];

		for (int64_t t = 0; t < batch.T; t++)
		{
			float	   *x = work->network_x + ((size_t) t * B + b) * F;

			if (slot->first + t <= slot->last + done)
				frnn_window_row(recipe, &slot->ready, slot->first + t, x, &level);
			else
				memset(x, 0, sizeof(float) * F);
		}
		frnn_tick(&work->run);
	}
	for (int k = 0; k < f->members; k++)
	{
		const float *out = frnn_forward(work->plan, f->params + (size_t) k * f->network.parameters, &batch, &work->run);

		for (int i = 0; i < work->items; i++)
		{
			const FrnnItem *item = &work->item[i];
			size_t		t = (size_t) (item->o + done - work->slot[item->slot].first);

			memcpy(work->raw + ((size_t) k * work->max_items + i) * O, out + (t * B + item->slot) * O, sizeof(float) * O);
		}
		frnn_tick(&work->run);
	}
}

/*
 * Sequence mode, row by row: the origin's time step goes on from the state
 * carried; where forecasts are fed back, so do the steps after it, from a copy.
 */
static void
apply_carried(FrnnPredictWork *work, int done)
{
	const FrnnForecaster *f = work->forecaster;
	FrnnCarry  *carry = work->item[0].forecast->carry;
	const FrnnSlot *slot = &work->slot[0];
	size_t		floats = frnn_step_state(&f->network);
	double		level;

	if (done > 0)
		memcpy(work->carried, carry->state, sizeof(float) * floats * (size_t) f->members);
	for (int t = done > 0 ? 1 : 0; t <= done; t++)
	{
		frnn_window_row(&f->recipe, &slot->ready, slot->last + t, work->network_x, &level);
		for (int k = 0; k < f->members; k++)
			frnn_step(&f->network, f->params + (size_t) k * f->network.parameters, work->network_x, NULL,
					  (done > 0 ? work->carried : carry->state) + (size_t) k * floats,
					  carry->steps + (done > 0 ? t - 1 : 0), work->step_scratch,
					  work->raw + (size_t) k * work->max_items * f->network.output_size);
		frnn_tick(&work->run);
	}
	if (done == 0)
		carry->steps++;
}

/* where item i keeps what member k says to the block that begins `done` steps after its origin */
static float *
kept_answer(const FrnnPredictWork *work, int i, int k, int done)
{
	const FrnnForecaster *f = work->forecaster;
	size_t		block = (size_t) (done / f->recipe.block);

	return work->item[i].forecast->answer + (block * (size_t) f->members + (size_t) k) * (size_t) f->network.output_size;
}

/* what the networks say to the block, from them or as it was kept */
static void
ask_networks(FrnnPredictWork *work, int done)
{
	const FrnnForecaster *f = work->forecaster;
	size_t		O = (size_t) f->network.output_size;
	bool		answered = true;

	for (int i = 0; i < work->items && answered; i++)
		answered = work->item[i].forecast->answered;
	if (!answered && f->recipe.mode == FRNN_MODE_WINDOW)
		apply_windows(work);
	else if (!answered && work->item[0].forecast->carry)
		apply_carried(work, done);
	else if (!answered)
		apply_sequences(work, done);
	for (int i = 0; i < work->items; i++)
		for (int k = 0; k < f->members && work->item[i].forecast->answer; k++)
		{
			float	   *raw = work->raw + ((size_t) k * work->max_items + i) * O;
			float	   *kept = kept_answer(work, i, k, done);

			if (answered)
				memcpy(raw, kept, sizeof(float) * O);
			else
				memcpy(kept, raw, sizeof(float) * O);
		}
}

/* Returns the mixed scaled forecast of one step; fills its shares. */
static double
mixed(const FrnnPredictWork *work, int i, int k, FrnnStepMade *made)
{
	const FrnnForecaster *f = work->forecaster;
	int			width = frnn_loss_width(&f->recipe.loss);
	double		linear = work->mix < 1 ? work->linear[(size_t) i * f->recipe.block + k] : 0;

	made->ridge = linear;
	if (work->mix <= 0)
		return linear;
	for (int m = 0; m < f->members; m++)
		work->member[m] = frnn_loss_point(&f->recipe.loss, work->raw +
										  ((size_t) m * work->max_items + i) * f->network.output_size + (size_t) k * width);
	made->network = work->mix * frnn_median(work->member, f->members);
	made->ridge = (1 - work->mix) * linear;
	return made->network + made->ridge;
}

/* z, the transformed series, at row i of the slot */
static double
value_with_profile(const FrnnPredictWork *work, const FrnnSlot *slot, int64_t i)
{
	double		season;

	frnn_profile_sum(&work->forecaster->recipe, slot->ready.profile, &slot->ready.clock, slot->ready.offset + i, 1, &season);
	return slot->ready.x[i] + season;
}

/* The naive forecasts of z at a step from the item's origin, each times its share. */
static double
naive_share(const FrnnPredictWork *work, const FrnnItem *item, int step)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnSlot *slot = &work->slot[item->slot];
	double		last = value_with_profile(work, slot, item->o - 1);
	int64_t		ago = f->naive_season > 0 ? item->o - f->naive_period + step % f->naive_period : -1;

	/* a season must have passed; else the last value stands in */
	return f->naive_last * last + f->naive_season * (ago >= 0 ? value_with_profile(work, slot, ago) : last);
}

/* quantile p by the networks' own distribution, averaged over members */
static double
head_quantile(const FrnnPredictWork *work, int i, int k, double p)
{
	const FrnnForecaster *f = work->forecaster;
	int			width = frnn_loss_width(&f->recipe.loss);
	double		sum = 0;

	for (int m = 0; m < f->members; m++)
	{
		sum += frnn_loss_quantile(&f->recipe.loss, work->raw +
								  ((size_t) m * work->max_items + i) * f->network.output_size + (size_t) k * width, p);
		/* a quantile of an extreme distribution takes milliseconds */
		frnn_tick(&work->run);
	}
	return sum / f->members;
}

/*
 * Returns the highest value that a forecast of a series without negative values
 * may reach: twice its range above its highest value, more of it the further
 * ahead, or twice the growth per step that its range allows in the transformed
 * series, so that linear and exponential growth go on; or twice the level that static covariates lead to.
 */
static double
highest_forecast(const FrnnPredictWork *work, const FrnnItem *item, int step)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;
	const FrnnSlot *slot = &work->slot[item->slot];
	double		range = item->highest - item->lowest;
	double		top = item->highest + 2 * range * fmax(1, (double) (step + 1) / recipe->horizon);
	double		high = frnn_transform(recipe->transform, item->highest, slot->unit, item->lowest);
	double		low = frnn_transform(recipe->transform, item->lowest, slot->unit, item->lowest);
	double		grown = frnn_transform_inverse(recipe->transform, high + 2 * (high - low) * (step + 1) / fmax(slot->rows, 1),
											   slot->unit);

	if (recipe->statics > 0)
	{
		double		level = frnn_transform_inverse(recipe->transform, slot->ready.static_level, slot->unit);

		top = isfinite(level) ? fmax(top, 2 * level) : top;
	}
	return isfinite(grown) && grown > top ? grown : top;
}

/*
 * Into the units of the data.  Series that never were negative stay so and
 * below their highest_forecast; *limited tells whether that changed the value.
 */
static double
restore(const FrnnPredictWork *work, const FrnnItem *item, double z, int step, bool *limited)
{
	double		y = frnn_transform_inverse(work->forecaster->recipe.transform, z, work->slot[item->slot].unit);
	double		top;

	if (limited)
		*limited = false;
	if (item->highest == item->lowest)
		return item->highest;
	/* a row beyond float32 in the window: the limits below would make a forecast of it */
	if (!isfinite(z))
		return NAN;
	if (item->lowest < 0)
		return y;
	top = highest_forecast(work, item, step);
	if (limited)
		*limited = y > top;
	return fmin(fmax(y, 0), top);
}

typedef struct Band
{
	double		lower;
	double		upper;
} Band;

void
frnn_predict_widths(FrnnPredictWork *work)
{
	for (int l = 0; l < work->levels && l < FRNN_WIDTHS_KEPT; l++)
		work->width[l] = frnn_conformal_width(work->forecaster, work->confidence[l]);
	work->one_sigma = frnn_conformal_width(work->forecaster, ONE_SIGMA);
}

/* The interval of the scaled forecast v at a level, or of one standard error if it is -1; NaN if none is known. */
static Band
scaled_band(const FrnnPredictWork *work, const FrnnItem *item, int i, int k, int step, double v, int level)
{
	double		confidence = level < 0 ? ONE_SIGMA : work->confidence[level];
	FrnnHalfWidths width = {0, 0};
	const FrnnForecaster *f = work->forecaster;
	Band		band = {NAN, NAN};

	if (work->slot[item->slot].ready.sigma <= 0)
	{
		if (item->forecast->status == FRNN_SERIES_SHORT)
			return band;
	}
	else if (f->recipe.intervals == FRNN_INTERVAL_NONE)
		return band;
	else if (f->recipe.intervals == FRNN_INTERVAL_LOSS && f->members > 0 && work->mix > 0)
	{
		band.lower = head_quantile(work, i, k, (1 - confidence) / 2);
		band.upper = head_quantile(work, i, k, (1 + confidence) / 2);
		return band;
	}
	else
	{
		const FrnnSlot *slot = &work->slot[item->slot];
		double		scale = item->recent * item->spread[step % frnn_spread_phases(&f->recipe)] * frnn_conformal_step(f, step) *
		frnn_error_scale(&f->recipe, slot->error_scale,
						 frnn_season_row(&slot->ready.clock, slot->ready.offset + item->o + step));

		/* errors are in sigmas, a count likelihood in counts */
		if (f->recipe.loss.kind == FRNN_NEGATIVE_BINOMIAL && work->mix > 0)
			scale *= slot->ready.sigma;
		width = level < 0 ? work->one_sigma : level < FRNN_WIDTHS_KEPT ? work->width[level] :
			frnn_conformal_width(f, confidence);
		width.below *= scale;
		width.above *= scale;
		if (item->young > 0)
		{
			/* a random walk whose change is known from few rows */
			double		naive = item->young * sqrt(M_PI / 2 * (step + 1)) *
			frnn_student_t_quantile((1 + confidence) / 2, fmin(fmax((double) item->o - 1, 1), 1e4));

			width.below = fmax(width.below, naive);
			width.above = fmax(width.above, naive);
		}
	}
	band.lower = v - width.below;
	band.upper = v + width.above;
	return band;
}

/*
 * Widens a band of scaled forecasts after an outlier or a new level to what either leads to, if the forecast v is between
 * them: what was learned from small changes is near neither.
 */
static Band
reach_levels(const FrnnPredictWork *work, const FrnnItem *item, Band band, double v, int level)
{
	const FrnnForecaster *f = work->forecaster;
	double		sigma = work->slot[item->slot].ready.sigma;
	double		before = (item->before - item->level) / sigma;
	double		after = (item->after - item->level) / sigma;
	double		share = (v - before) / (after - before);
	double		confidence = level < 0 ? ONE_SIGMA : work->confidence[level];
	double		width;
	Band		wide;

	if (!item->shocked || !(share > BETWEEN && share < 1 - BETWEEN) || f->recipe.intervals != FRNN_INTERVAL_CONFORMAL ||
		(f->recipe.loss.kind == FRNN_NEGATIVE_BINOMIAL && work->mix > 0))
		return band;
	/* either is as likely: what lies beyond the interval on a side lies beyond one of the two */
	width = confidence > 0.5 ? frnn_normal_quantile(confidence) / frnn_normal_quantile((1 + confidence) / 2) : 0;
	wide.lower = fmin(band.lower, fmin(before, after) - width * (v - band.lower));
	wide.upper = fmax(band.upper, fmax(before, after) + width * (band.upper - v));
	return isnan(band.lower) || isnan(band.upper) ? band : wide;
}

/* Writes the bounds of one step at all levels, in the units of the data. */
static void
emit_bounds(const FrnnPredictWork *work, const FrnnItem *item, int i, int k, int step, double v, double sigma, double base)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;
	FrnnForecast *out = item->forecast;
	size_t		place = (size_t) item->place * work->steps + (size_t) step;
	double		z = v * sigma + base;
	double		largest = recipe->transform == FRNN_TRANSFORM_NONE ? fmax(fabs(item->highest), fabs(item->lowest)) : fmax(fabs(z), 1);
	double		least = fmax(ROUNDING * fmax(work->slot[item->slot].spread, ROUNDED_SIGMAS * sigma), FRNN_ROUNDED * largest);
	double		outcome[FRNN_OUTCOMES];
	int			outcomes = recipe->intermittent && sigma > 0 ?
	frnn_outcomes(recipe, &work->slot[item->slot].ready, item->o, step, outcome) : 0;

	/* a constant is repeated as it is; other exact forecasts are off by rounding */
	if (item->highest == item->lowest)
		least = 0;
	for (int l = 0; l < work->levels; l++)
	{
		size_t		at = (size_t) l * (size_t) out->origins * work->steps + place;
		Band		band = reach_levels(work, item, scaled_band(work, item, i, k, step, v, l), v, l);
		double		low = z - least;
		double		high = z + least;

		if (outcomes > 0 && recipe->intervals == FRNN_INTERVAL_CONFORMAL)
		{
			frnn_outcomes_range(outcome, outcomes, work->confidence[l], &low, &high);
			low = fmin(low, z - least);
			high = fmax(high, z + least);
		}
		out->lower[at] = isnan(band.lower) ? NAN : restore(work, item, fmin(band.lower * sigma + base, low), step, NULL);
		out->upper[at] = isnan(band.upper) ? NAN : restore(work, item, fmax(band.upper * sigma + base, high), step, NULL);
		/* both beyond a limit of the series */
		if (out->upper[at] <= out->lower[at])
			out->upper[at] = out->lower[at] + least;
	}
}

/* Writes what surrounds the point forecast of step `step`, k of its block: scaled v. */
static void
emit_spread(const FrnnPredictWork *work, const FrnnItem *item, int i, int k, int step, double v, double sigma, double base)
{
	FrnnForecast *out = item->forecast;
	size_t		place = (size_t) item->place * work->steps + (size_t) step;

	if (out->error)
	{
		Band		band = reach_levels(work, item, scaled_band(work, item, i, k, step, v, -1), v, -1);

		out->error[place] = (restore(work, item, band.upper * sigma + base, step, NULL) -
							 restore(work, item, band.lower * sigma + base, step, NULL)) / 2;
		if (isnan(band.lower))
			out->error[place] = NAN;
	}
	if (out->lower)
		emit_bounds(work, item, i, k, step, v, sigma, base);
}

/* write the block of one item and feed it back */
static void
emit(FrnnPredictWork *work, int i, int done, int count)
{
	const FrnnForecaster *f = work->forecaster;
	FrnnItem   *item = &work->item[i];
	FrnnSlot   *slot = &work->slot[item->slot];
	FrnnForecast *out = item->forecast;
	bool		counts = f->recipe.loss.kind == FRNN_NEGATIVE_BINOMIAL && work->mix > 0;
	double		sigma = counts ? 1 : slot->ready.sigma;
	double		level = counts ? 0 : item->level;
	size_t		place = (size_t) item->place * work->steps + (size_t) done;

	double		naive = work->scaled || sigma <= 0 ? 0 : f->naive_last + f->naive_season;
	double		smoothed = work->scaled || sigma <= 0 ? 0 : f->level_share;
	double		alone = item->alone ? f->ar_share : 0;

	/* a constant stays where it is */
	if (slot->ready.sigma <= 0)
	{
		sigma = 0;
		level = slot->ready.x[item->o - 1];
		if (out->status == FRNN_SERIES_OK)
			out->status = FRNN_SERIES_CONSTANT;
	}
	frnn_profile_sum(&f->recipe, slot->ready.profile, &slot->ready.clock, slot->ready.offset + item->o + done, count, work->season);
	for (int k = 0; k < count; k++)
	{
		int			step = done + k;
		FrnnStepMade made = {.done = done, .step = step, .sigma = sigma, .alone = alone};
		double		v = slot->ready.sigma > 0 ? mixed(work, i, k, &made) : 0;
		double		base = level + work->season[k];
		bool		limited;

		if (alone > 0)
		{
			made.autoregression = alone * ((work->alone[(size_t) i * work->steps + (size_t) step] - base) / sigma);
			v = (1 - alone) * v + made.autoregression;
		}
		if (smoothed > 0)
			made.smoothed = item->smoothed;
		if (naive + smoothed > 0)
			v = (1 - naive - smoothed) * v + smoothed * (made.smoothed - level) / sigma +
				(naive > 0 ? (naive_share(work, item, step) - naive * base) / sigma : 0);
		if (done + f->recipe.block < work->steps)
			slot->ready.x[item->o + step] = v * sigma + level;
		if (work->scaled)
		{
			out->point[place + k] = v * sigma + level;
			continue;
		}
		out->point[place + k] = restore(work, item, v * sigma + base, step, &limited);
		if (out->limited)
			out->limited[place + k] = limited;
		if (!isfinite(out->point[place + k]))
		{
			out->status = FRNN_SERIES_NOT_FINITE;
			out->point[place + k] = NAN;
		}
		made.z = v * sigma + base;
		if (out->parts)
			frnn_parts_put(work, item, &made);
		emit_spread(work, item, i, k, step, v, sigma, base);
	}
}

/* What is forecast once for all steps, from the rows before the origins alone. */
static void
begin_items(FrnnPredictWork *work)
{
	const FrnnForecaster *f = work->forecaster;

	for (int i = 0; i < work->items && !work->scaled; i++)
	{
		FrnnItem   *item = &work->item[i];
		const FrnnSlot *slot = &work->slot[item->slot];

		if (f->level_share > 0 && slot->ready.sigma > 0)
			item->smoothed = frnn_level(slot->ready.x, item->o, f->level_alpha);
		item->alone = f->ar_share > 0 && slot->ar_weight != NULL &&
			frnn_ar_forecast(&f->recipe, slot->ar_weight, &slot->ready, item->o, work->steps, work->ar_scratch,
							 work->alone + (size_t) i * work->steps);
		frnn_tick(&work->run);
	}
}

void
frnn_predict_flush(FrnnPredictWork *work)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;

	begin_items(work);
	for (int done = 0; done < work->steps && work->items > 0; done += recipe->block)
	{
		int			count = work->steps - done < recipe->block ? work->steps - done : recipe->block;

		fill_rows(work, done);
		if (work->mix < 1)
			apply_ridge(work);
		if (work->mix > 0)
			ask_networks(work, done);
		for (int i = 0; i < work->items; i++)
			emit(work, i, done, count);
		frnn_tick(&work->run);
	}
	for (int i = 0; i < work->items; i++)
		work->item[i].forecast->answered = work->mix > 0 && work->item[i].forecast->answer != NULL;
	work->slots = 0;
	work->items = 0;
}
