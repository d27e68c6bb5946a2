/*
 * predict.c
 *	  Forecasts of many series and origins: histories are made ready one by
 *	  one, the models answer batches of them.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/impute.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/predict_work.h"
#include "core/forecast/season.h"
#include "core/forecast/statics.h"
#include "core/network/step.h"

#define WINDOWS_AT_ONCE		256
#define SEQUENCES_AT_ONCE	32
#define POINTS_AT_ONCE		8192	/* sequence mode: series x time steps of one forward */
#define NUMBERS_AT_ONCE		(1 << 21)	/* outputs of all members kept at once */
#define SHOCK				3.0 /* changes by so many times the largest before it */
#define SHOCK_LAST			3	/* rows that it is looked for in */
#define SHOCK_LEAST_ROWS	16	/* rows before them */
#define UNLIKE			5.0		/* times the range or the largest value of the training rows */
#define UNLIKE_LEAST_ROWS	3	/* known rows of the window */
#define FAR				10.0	/* times the range of the training rows */
#define SHOCK_ROWS			40	/* rows that are looked at where the window has fewer */

static int64_t
at_least_one(int64_t v, int64_t most)
{
	return v < 1 ? 1 : v < most ? v : most;
}

static void
walk(FrnnPredictWork *work, FrnnArena *arena, int64_t rows)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnRecipe *recipe = &f->recipe;
	bool		window = recipe->mode == FRNN_MODE_WINDOW;
	int64_t		members = f->members > 0 ? f->members : 1;
	int64_t		outputs = members * (f->network.layers ? f->network.output_size : 1);
	int64_t		time_steps;

	work->max_rows = window ? recipe->time_steps : FRNN_SEQUENCE_ROWS;
	if (work->max_rows < frnn_naive_rows(f))
		work->max_rows = frnn_naive_rows(f);
	if (work->max_rows > rows)
		work->max_rows = rows;
	time_steps = work->max_rows + work->steps;
	work->max_items = (int) at_least_one(NUMBERS_AT_ONCE / (outputs + recipe->inputs), window ? WINDOWS_AT_ONCE : 1024);
	work->max_slots = work->max_items;
	if (!window)
		work->max_slots = (int) at_least_one(POINTS_AT_ONCE / time_steps, SEQUENCES_AT_ONCE);
	/* a call about one series need not pay for a batch */
	work->max_items = (int) at_least_one(work->origins, work->max_items);
	work->max_slots = (int) at_least_one(work->origins, work->max_slots);
	work->slot = FRNN_TAKE(arena, FrnnSlot, work->max_slots);
	work->item = FRNN_TAKE(arena, FrnnItem, work->max_items);
	work->x = FRNN_TAKE(arena, double, frnn_mul((size_t) work->max_slots, (size_t) (work->max_rows + work->steps)));
	work->profile = FRNN_TAKE(arena, double, frnn_mul((size_t) work->max_slots, (size_t) f->profile_rows));
	work->row = FRNN_TAKE(arena, float, frnn_mul((size_t) work->max_items, (size_t) recipe->inputs));
	work->row_double = FRNN_TAKE(arena, double, frnn_mul((size_t) work->max_items, (size_t) recipe->inputs));
	work->linear = FRNN_TAKE(arena, double, frnn_mul((size_t) work->max_items, (size_t) recipe->block));
	work->alone = FRNN_TAKE(arena, double, f->ar_share > 0 ? frnn_mul((size_t) work->max_items, (size_t) work->steps) : 0);
	work->ar_scratch = FRNN_TAKE(arena, double, f->ar_share > 0 ? frnn_ar_scratch(recipe, work->steps) : 0);
	work->member = FRNN_TAKE(arena, double, members);
	work->season = FRNN_TAKE(arena, double, recipe->block);
	work->missing = FRNN_TAKE(arena, uint8_t, frnn_spread_rows(recipe));
	work->spread = FRNN_TAKE(arena, double, frnn_mul((size_t) work->max_items, (size_t) frnn_spread_phases(recipe)));
	work->history.own_profile = FRNN_TAKE(arena, double, f->profile_rows);
	work->history.x = FRNN_TAKE(arena, double, rows);
	work->history.scratch = FRNN_TAKE(arena, double, rows);
	if (f->members == 0)
		return;
	work->raw = FRNN_TAKE(arena, float, frnn_mul((size_t) work->max_items, (size_t) outputs));
	if (work->known)
		work->network_x = FRNN_TAKE(arena, float, recipe->inputs);
	else if (window)
		work->network_x = FRNN_TAKE(arena, float, frnn_mul((size_t) work->max_items, (size_t) (recipe->inputs - recipe->extras)));
	else
		work->network_x = FRNN_TAKE(arena, float, frnn_mul(frnn_mul((size_t) work->max_slots, (size_t) time_steps),
														   (size_t) recipe->inputs));
	work->extra = FRNN_TAKE(arena, float, frnn_mul((size_t) work->max_items, (size_t) recipe->extras));
	if (!window)
	{
		work->carried = FRNN_TAKE(arena, float, frnn_mul((size_t) members, frnn_step_state(&f->network)));
		work->step_scratch = FRNN_TAKE(arena, float, frnn_step_scratch(&f->network));
	}
	if (!work->known)
		work->plan_block = frnn_take(arena, work->plan_bytes, 1);
}

static FrnnStatus
plan_shape(FrnnPredictWork *work, int64_t rows, int *B, int *T, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(NULL);
	int64_t		time_steps;

	/* slots first: the plan's batch follows from them */
	work->plan_bytes = 0;
	walk(work, &arena, rows);
	*B = work->max_slots;
	time_steps = work->max_rows + work->steps;
	*T = work->forecaster->recipe.mode == FRNN_MODE_WINDOW ? work->forecaster->network.time_steps : (int) time_steps;
	if (work->forecaster->members == 0 || work->known)
		return FRNN_OK;
	return frnn_plan_size(&work->forecaster->network, *B, *T, false, &work->plan_bytes, error);
}

/* bytes for histories of exactly so many rows */
static FrnnStatus
exact_size(const FrnnForecaster *forecaster, int64_t rows, int steps, int64_t origins, bool known, size_t *bytes,
		   FrnnError *error)
{
	FrnnPredictWork work = {.forecaster = forecaster, .steps = steps, .origins = origins, .known = known};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status;
	int			B;
	int			T;

	status = plan_shape(&work, rows, &B, &T, error);
	if (status != FRNN_OK)
		return status;
	walk(&work, &arena, rows);
	*bytes = arena.used;
	return arena.overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, INFINITY, 0) : FRNN_OK;
}

/*
 * In sequence mode shorter histories go through in larger batches, which may
 * need more: the size holds for the longest history of every batch size.
 */
FrnnStatus
frnn_predict_size_few(const FrnnForecaster *forecaster, int64_t rows, int steps, int64_t origins, bool known,
					  size_t *bytes, FrnnError *error)
{
	bool		window = forecaster->recipe.mode == FRNN_MODE_WINDOW;
	int			batches = window ? 0 : (int) at_least_one(origins, SEQUENCES_AT_ONCE);
	FrnnStatus	status;

	if (steps < 1 || steps > FRNN_MAX_FORECAST)
		return frnn_fail(error, FRNN_BAD_HORIZON, -1, steps, FRNN_MAX_FORECAST);
	if (rows < 1)
		rows = 1;
	status = exact_size(forecaster, rows, steps, origins, known, bytes, error);
	for (int B = 1; B <= batches && status == FRNN_OK; B++)
	{
		int64_t		most = POINTS_AT_ONCE / B - steps;
		size_t		size;

		status = exact_size(forecaster, most < 1 ? 1 : most < rows ? most : rows, steps, origins, known, &size, error);
		if (status == FRNN_OK && size > *bytes)
			*bytes = size;
	}
	return status;
}

FrnnStatus
frnn_predict_size(const FrnnForecaster *forecaster, int64_t rows, int steps, size_t *bytes, FrnnError *error)
{
	return frnn_predict_size_few(forecaster, rows, steps, INT64_MAX, false, bytes, error);
}

size_t
frnn_answer_floats(const FrnnForecaster *forecaster, int steps)
{
	size_t		blocks = ((size_t) steps + (size_t) forecaster->recipe.block - 1) / (size_t) forecaster->recipe.block;

	if (forecaster->members == 0)
		return 0;
	return frnn_mul(blocks, frnn_mul((size_t) forecaster->members, (size_t) forecaster->network.output_size));
}

static void
no_forecast(const FrnnPredictWork *work, FrnnForecast *forecast, int64_t place)
{
	for (int k = 0; k < work->steps; k++)
	{
		size_t		at = (size_t) place * work->steps + (size_t) k;

		forecast->point[at] = NAN;
		if (work->scaled)
			continue;
		if (forecast->error)
			forecast->error[at] = NAN;
		for (int l = 0; forecast->lower && l < work->levels; l++)
		{
			size_t		level_at = (size_t) l * (size_t) forecast->origins * work->steps + at;

			forecast->lower[level_at] = NAN;
			forecast->upper[level_at] = NAN;
		}
	}
}

/* known covariates of the target steps are there */
static bool
covariates_known(const FrnnPredictWork *work, const FrnnSeriesData *data, int64_t o)
{
	const FrnnRecipe *recipe = &work->forecaster->recipe;

	if (!recipe->known_covariates)
		return true;
	for (int64_t i = o; i < o + work->steps; i++)
		for (int c = recipe->past_only; c < recipe->covariates; c++)
			if (!data->covariate || i >= data->n + data->future ||
				isnan(data->covariate[i * recipe->covariates + c]))
				return false;
	return true;
}

/* all of a series' rows begin .. o - 1 but x and profile, which the caller owns */
static void
make_ready(const FrnnForecaster *f, const FrnnHistory *history, int64_t begin, int64_t o, FrnnReady *ready)
{
	const FrnnSeriesData *data = history->data;

	ready->n = o - begin;
	ready->offset = data->offset + begin;
	ready->clock = data->clock;
	if (data->covariate)
	{
		ready->covariate = data->covariate + begin * f->recipe.covariates;
		ready->covariate_rows = data->n + data->future - begin;
	}
	ready->covariate_mean = f->covariate_mean;
	ready->covariate_sd = f->covariate_sd;
	ready->statics = data->statics;
	ready->static_mean = f->static_mean;
	ready->static_sd = f->static_sd;
	ready->static_level = history->static_level;
	ready->sigma = history->number[FRNN_N_SIGMA];
	ready->center = history->number[FRNN_N_CENTER];
}

/*
 * Returns whether one of the last rows changed far more than the rows before it
 * in the window, or in the rows at hand if they are more: an outlier, or a new
 * level.  On public series about half of such rows went back: nothing tells
 * which it is.  *before: the row before it.
 */
static bool
is_shock(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, double *before)
{
	int64_t		rows = recipe->time_steps > SHOCK_ROWS ? recipe->time_steps : SHOCK_ROWS;
	int64_t		first = o - rows > 1 ? o - rows : 1;
	double		largest = ready->sigma / 2;

	if (recipe->intermittent || ready->sigma <= 0 || o - SHOCK_LAST - first < SHOCK_LEAST_ROWS)
		return false;
	for (int64_t i = first; i < o; i++)
	{
		double		change = fabs(ready->x[i] - ready->x[i - 1]);

		*before = ready->x[i - 1];
		if (i >= o - SHOCK_LAST && change > SHOCK * largest)
			return true;
		largest = fmax(largest, change);
	}
	return false;
}

/*
 * Returns FRNN_SERIES_UNLIKE if the rows of the window are all far from the training rows of
 * their series, or all of another sign: other units, or a new level.  Scale,
 * seasons and intervals are those of the training.  Returns FRNN_SERIES_FAR if one row
 * is by many times their range, such as a code for a missing value, else FRNN_SERIES_OK.
 */
static FrnnSeriesStatus
compare_training(const FrnnRecipe *recipe, const FrnnHistory *history, int64_t o)
{
	double		lowest = history->number[FRNN_N_LOWEST];
	double		highest = history->number[FRNN_N_HIGHEST];
	double		range = highest - lowest;
	double		low = INFINITY;
	double		high = -INFINITY;
	int			known = 0;

	if (history->error_scale == NULL)
		return FRNN_SERIES_OK;
	for (int64_t i = o > recipe->time_steps ? o - recipe->time_steps : 0; i < o; i++)
		if (!isnan(history->data->value[i]))
		{
			low = fmin(low, history->data->value[i]);
			high = fmax(high, history->data->value[i]);
			known++;
		}
	if (known >= UNLIKE_LEAST_ROWS &&
		((low > highest + (UNLIKE - 1) * range && (lowest < 0 || low > UNLIKE * highest)) ||
		 high < lowest - (UNLIKE - 1) * range || (lowest > 0 && high < lowest / UNLIKE) ||
		 (lowest >= 0 && high <= 0 && low < 0) || (highest <= 0 && low >= 0 && high > 0)))
		return FRNN_SERIES_UNLIKE;
	return range > 0 && (high > highest + FAR * range || low < lowest - FAR * range) ? FRNN_SERIES_FAR : FRNN_SERIES_OK;
}

/*
 * Returns the mean change from row to row, in sigmas, if no full window precedes
 * the origin: neither residuals nor validation errors are those of such rows.
 * Else 0.  o: the origin in rows of ready, row: in rows since the series started.
 */
static double
young_change(const FrnnForecaster *f, const FrnnHistory *history, const FrnnReady *ready, int64_t o, int64_t row)
{
	int64_t		first;
	int64_t		last;
	double		sum = 0;

	if (frnn_window_range(&f->recipe, (int64_t) history->number[FRNN_N_ROWS], &first, &last) && row >= first)
		return 0;
	/* of all training rows if they are known */
	if (history->error_scale && history->error_scale[1] > 0)
		return history->error_scale[1];
	for (int64_t i = 1; i < o; i++)
		sum += fabs(ready->x[i] - ready->x[i - 1]);
	return o > 1 && ready->sigma > 0 ? sum / (double) (o - 1) / ready->sigma : 0;
}

/* Fills the factors of an item's intervals by the recent spread; row: its origin in rows of the data. */
static void
add_spread(FrnnPredictWork *work, const FrnnSeriesData *data, int64_t row, const FrnnReady *ready, FrnnItem *item)
{
	const FrnnForecaster *f = work->forecaster;
	const uint8_t *filled = item->forecast->carry ? item->forecast->carry->filled : NULL;
	int64_t		rows = f->spread_power > 0 ? frnn_spread_rows(&f->recipe) : 0;

	item->spread = work->spread + (item - work->item) * frnn_spread_phases(&f->recipe);
	if (rows > item->o)
		rows = 0;
	for (int64_t i = 0; i < rows; i++)
		work->missing[i] = isnan(data->value[row - rows + i]) || (filled && filled[row - rows + i]);
	frnn_error_spread(&f->recipe, work->slot[item->slot].error_scale, f->spread_power, ready->x + item->o, work->missing + rows,
					  rows, ready->sigma, item->spread);
}

/* origins place .. place + count - 1 of the forecast as one slot; count is 1 but in sequence mode */
static void
add_slot(FrnnPredictWork *work, FrnnForecast *forecast, int64_t place, int64_t count)
{
	const FrnnForecaster *f = work->forecaster;
	const FrnnSeriesData *data = forecast->data;
	int64_t		o = forecast->origin[place + count - 1];
	int64_t		begin = o > work->max_rows ? o - work->max_rows : 0;
	FrnnSlot   *slot;
	FrnnReady  *ready;
	int64_t		row = begin;
	double		lowest = work->history.number[FRNN_N_LOWEST];
	double		highest = work->history.number[FRNN_N_HIGHEST];
	FrnnSeriesStatus status;

	if (work->slots == work->max_slots || work->items + count > work->max_items)
		frnn_predict_flush(work);
	slot = &work->slot[work->slots];
	ready = &slot->ready;
	memset(ready, 0, sizeof(*ready));
	ready->x = work->x + (size_t) work->slots * (size_t) (work->max_rows + work->steps);
	status = frnn_history_rows(f, &work->history, begin, o, ready->x);
	if (status != FRNN_SERIES_OK)
	{
		forecast->status = status;
		for (int64_t i = 0; i < count; i++)
			no_forecast(work, forecast, place + i);
		return;
	}
	make_ready(f, &work->history, begin, o, ready);
	ready->profile = work->profile + (size_t) work->slots * f->profile_rows;
	memcpy(work->profile + (size_t) work->slots * f->profile_rows, work->history.profile,
		   sizeof(double) * (size_t) f->profile_rows);
	slot->unit = work->history.number[FRNN_N_UNIT];
	slot->rows = work->history.number[FRNN_N_ROWS];
	slot->spread = work->history.number[FRNN_N_SPREAD];
	slot->error_scale = work->history.error_scale;
	slot->ar_weight = work->history.ar_weight;
	slot->last = ready->n;
	slot->first = forecast->origin[place] - begin < 2 ? forecast->origin[place] - begin : 2;
	if (forecast->carry)
	{
		slot->first = slot->last;
		lowest = forecast->carry->lowest;
		highest = forecast->carry->highest;
		row = o;
	}
	for (int64_t i = 0; i < count; i++)
	{
		FrnnItem   *item = &work->item[work->items++];

		item->forecast = forecast;
		item->smoothed = 0;
		item->alone = false;
		for (; row < forecast->origin[place + i]; row++)
		{
			/* fmin and fmax pass over NaN */
			lowest = fmin(lowest, data->value[row]);
			highest = fmax(highest, data->value[row]);
		}
		item->place = place + i;
		item->slot = work->slots;
		item->o = forecast->origin[place + i] - begin;
		item->young = young_change(f, &work->history, ready, item->o, data->offset + forecast->origin[place + i]);
		item->recent = f->conformal_power > 0 ?
			frnn_pow(frnn_error_recent(&f->recipe, slot->error_scale, ready, item->o), f->conformal_power) : 1;
		add_spread(work, data, forecast->origin[place + i], ready, item);
		if (forecast->widening)
			item->recent *= forecast->widening[place + i];
		item->lowest = lowest;
		item->highest = highest;
		item->shocked = forecast->reach && !work->scaled && is_shock(&f->recipe, ready, item->o, &item->before);
		item->after = ready->x[item->o - 1];
		if (forecast->status == FRNN_SERIES_OK && !covariates_known(work, data, forecast->origin[place + i]))
			forecast->status = FRNN_SERIES_NO_COVARIATES;
		if (forecast->status == FRNN_SERIES_OK && forecast->origins == 1 && item->shocked)
			forecast->status = FRNN_SERIES_SHOCK;
		if (forecast->status == FRNN_SERIES_OK && forecast->origins == 1 && !forecast->carry)
			forecast->status = compare_training(&f->recipe, &work->history, forecast->origin[place]);
	}
	work->slots++;
}

/* how many origins from `place` on one pass over the series can serve */
static int64_t
origins_together(const FrnnPredictWork *work, const FrnnForecast *forecast, int64_t place)
{
	int64_t		last = place;

	/* fed-back forecasts and filled gaps differ from origin to origin */
	if (work->forecaster->recipe.mode == FRNN_MODE_WINDOW || work->history.gaps ||
		work->steps > work->forecaster->recipe.block)
		return 1;
	while (last + 1 < forecast->origins && last + 1 - place < work->max_items)
	{
		int64_t		next = forecast->origin[last + 1];

		if (next < forecast->origin[last] || next > work->max_rows)
			break;
		last++;
	}
	return last - place + 1;
}

static void
add_forecast(FrnnPredictWork *work, FrnnForecast *forecast)
{
	FrnnSeriesStatus status;

	forecast->status = FRNN_SERIES_OK;
	if (forecast->origins < 1)
		return;
	for (int64_t i = 0; i < forecast->origins; i++)
		if (forecast->origin[i] < 1 || forecast->origin[i] > forecast->data->n)
			forecast->status = FRNN_SERIES_BAD_ORIGIN;
	if (forecast->status == FRNN_SERIES_OK)
	{
		frnn_history_begin(work->forecaster, forecast, &work->history);
		status = (FrnnSeriesStatus) work->history.number[FRNN_N_STATUS];
		forecast->status = status;
	}
	if (forecast->status == FRNN_SERIES_BAD_ORIGIN || forecast->status == FRNN_SERIES_EMPTY ||
		forecast->status == FRNN_SERIES_NOT_FINITE)
	{
		for (int64_t i = 0; i < forecast->origins; i++)
			no_forecast(work, forecast, i);
		return;
	}
	for (int64_t i = 0; i < forecast->origins;)
	{
		int64_t		count = origins_together(work, forecast, i);

		add_slot(work, forecast, i, count);
		i += count;
	}
}

/* `scaled`: ridge and network alone, in x */
static void
predict_batches(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
				int steps, int levels, const double *confidence, double mix, bool scaled,
				void *block, const FrnnHooks *hooks)
{
	FrnnPredictWork work = {.forecaster = forecaster, .steps = steps, .levels = levels, .confidence = confidence,
		.mix = forecaster->members > 0 ? mix : 0, .scaled = scaled, .known = true, .hooks = hooks};
	FrnnArena	arena = frnn_arena(block);
	int64_t		rows = 1;
	int			B;
	int			T;

	for (int64_t i = 0; i < forecasts; i++)
	{
		if (forecast[i].data->n > rows)
			rows = forecast[i].data->n;
		work.origins += forecast[i].origins > 0 ? forecast[i].origins : 0;
		if (work.mix > 0 && !forecast[i].answered && (forecast[i].carry == NULL || forecaster->recipe.mode == FRNN_MODE_WINDOW))
			work.known = false;
	}
	if (hooks)
	{
		work.run.tick = hooks->tick;
		work.run.arg = hooks->arg;
	}
	/* the sizes were accepted when the block was measured */
	if (plan_shape(&work, rows, &B, &T, NULL) != FRNN_OK)
		return;
	walk(&work, &arena, rows);
	frnn_predict_widths(&work);
	if (forecaster->members > 0 && !work.known)
		work.plan = frnn_plan_create(&forecaster->network, B, T, false, work.plan_block);
	for (int64_t i = 0; i < forecasts; i++)
	{
		add_forecast(&work, &forecast[i]);
		frnn_tick(&work.run);
	}
	frnn_predict_flush(&work);
}

void
frnn_predict_mixed(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
				   int steps, double mix, void *block, const FrnnHooks *hooks)
{
	predict_batches(forecaster, forecast, forecasts, steps, 0, NULL, mix, true, block, hooks);
}

/* ---- row by row ---- */

bool
frnn_stream_possible(const FrnnForecaster *forecaster)
{
	return forecaster->recipe.mode == FRNN_MODE_WINDOW || forecaster->members == 0 ||
		frnn_step_possible(&forecaster->network);
}

int64_t
frnn_stream_rows(const FrnnForecaster *forecaster)
{
	const FrnnRecipe *recipe = &forecaster->recipe;

	int64_t		rows = recipe->time_steps > recipe->level_rows ? recipe->time_steps : recipe->level_rows;

	return rows > frnn_naive_rows(forecaster) ? rows : frnn_naive_rows(forecaster);
}

/* the time steps of all origins from 2 to n - 1 through every member */
static void
carry_sequence(const FrnnForecaster *f, const FrnnReady *ready, FrnnCarry *carry, float *row, float *scratch,
			   float *out, const FrnnRun *run)
{
	size_t		floats = frnn_step_state(&f->network);
	double		level;

	for (int64_t o = 2; o < ready->n; o++)
	{
		frnn_window_row(&f->recipe, ready, o, row, &level);
		for (int k = 0; k < f->members; k++)
			frnn_step(&f->network, f->params + (size_t) k * f->network.parameters, row, NULL,
					  carry->state + (size_t) k * floats, carry->steps, scratch, out);
		carry->steps++;
		frnn_tick(run);
	}
}

FrnnSeriesStatus
frnn_carry_begin(const FrnnForecaster *forecaster, const FrnnSeriesData *data, int64_t index, FrnnCarry *carry,
				 double *profile, float *state, double *last_rows, void *block, const FrnnHooks *hooks)
{
	FrnnPredictWork work = {.forecaster = forecaster, .steps = 1, .origins = 1, .known = true, .hooks = hooks};
	FrnnArena	arena = frnn_arena(block);
	FrnnForecast forecast = {.data = data, .index = index, .origins = 1, .origin = &data->n};
	FrnnReady	ready = {0};
	FrnnSeriesStatus status;
	int64_t		begin;
	int			B;
	int			T;

	if (data->n < 1)
		return FRNN_SERIES_EMPTY;
	if (hooks)
	{
		work.run.tick = hooks->tick;
		work.run.arg = hooks->arg;
	}
	if (plan_shape(&work, data->n, &B, &T, NULL) != FRNN_OK)
		return FRNN_SERIES_EMPTY;
	walk(&work, &arena, data->n);
	frnn_history_begin(forecaster, &forecast, &work.history);
	memset(carry, 0, sizeof(*carry));
	memcpy(carry->number, work.history.number, sizeof(carry->number));
	memcpy(profile, work.history.profile, sizeof(double) * (size_t) forecaster->profile_rows);
	carry->profile = profile;
	carry->state = state;
	carry->lowest = work.history.number[FRNN_N_LOWEST];
	carry->highest = work.history.number[FRNN_N_HIGHEST];
	for (int64_t i = 0; i < data->n; i++)
	{
		carry->lowest = fmin(carry->lowest, data->value[i]);
		carry->highest = fmax(carry->highest, data->value[i]);
	}
	status = (FrnnSeriesStatus) work.history.number[FRNN_N_STATUS];
	begin = data->n > frnn_stream_rows(forecaster) ? data->n - frnn_stream_rows(forecaster) : 0;
	if (status == FRNN_SERIES_EMPTY || status == FRNN_SERIES_NOT_FINITE ||
		!frnn_history_filled(forecaster, &work.history, begin, data->n, last_rows))
		return FRNN_SERIES_EMPTY;
	if (forecaster->recipe.mode == FRNN_MODE_WINDOW || forecaster->members == 0)
		return status;

	memset(state, 0, sizeof(float) * frnn_step_state(&forecaster->network) * (size_t) forecaster->members);
	begin = data->n > work.max_rows ? data->n - work.max_rows : 0;
	ready.x = work.x;
	ready.profile = profile;
	make_ready(forecaster, &work.history, begin, data->n, &ready);
	status = frnn_history_rows(forecaster, &work.history, begin, data->n, ready.x);
	if (status != FRNN_SERIES_OK)
		return status;
	carry_sequence(forecaster, &ready, carry, work.row, work.step_scratch, work.raw, &work.run);
	return FRNN_SERIES_OK;
}

void
frnn_predict(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
			 int steps, int levels, const double *confidence, void *block, const FrnnHooks *hooks)
{
	predict_batches(forecaster, forecast, forecasts, steps, levels, confidence, forecaster->mix, false, block, hooks);
}

void
frnn_naive(const double *value, int64_t origin, int period, int steps, double *out)
{
	double		last = NAN;
	int64_t		i = origin;

	while (i-- > 0 && isnan(last))
		last = value[i];
	for (int k = 0; k < steps; k++)
	{
		int64_t		at = period > 1 ? origin - period + k % period : -1;

		out[k] = at >= 0 && !isnan(value[at]) ? value[at] : last;
	}
}
