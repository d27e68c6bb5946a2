/*
 * validation.c
 *	  What the held-back rows say: losses of ridge, network and the naive
 *	  forecasts, the weight of the network, the table of errors.
 *
 * Errors are in x (transformed, profiles off) divided by the series' scale,
 * so series of all sizes count alike.  Imputed targets do not count.
 */
#include <math.h>

#include "core/forecast/validation.h"

#define MOST_ORIGINS	400		/* judged a series */
#define ALL_ORIGINS		40000
#define FEW_ORIGINS		10		/* fewer say nothing about weights */
#define ENOUGH_ERRORS	20		/* behind the interval of a step */

int
frnn_hold_out_steps(const FrnnRecipe *recipe)
{
	/* one step at a time over long series is judged to the end; short blocks come from short series */
	return recipe->median_rows >= 2.5 * recipe->horizon ? recipe->horizon : recipe->block;
}

FrnnHeld
frnn_hold_out(const FrnnRecipe *recipe, int64_t n, int64_t series)
{
	FrnnHeld	held = {n, 0, 0, 0};
	int			h = frnn_hold_out_steps(recipe);
	int64_t		rows = (int64_t) recipe->hold_out;
	int64_t		most = ALL_ORIGINS / series;
	int64_t		count;

	if (rows < 1)
		return held;
	if (rows > n / 4)
		rows = n / 4;
	if (rows < h)
		rows = h;
	if (n - rows < recipe->block + 3)
		return held;
	held.rows = n - rows;
	count = rows - h + 1;
	most = most < 1 ? 1 : most < MOST_ORIGINS ? most : MOST_ORIGINS;
	held.step = (count + most - 1) / most;
	held.origins = (count - 1) / held.step + 1;
	held.last = held.rows + (held.origins - 1) * held.step;
	return held;
}

FrnnStatus
frnn_judge_layout(FrnnJudge *judge, FrnnArena *arena, const FrnnPanelData *panel,
				  const FrnnForecaster *trial, FrnnError *error)
{
	int64_t		longest = 1;
	FrnnStatus	status;
	size_t		points;

	judge->panel = panel;
	judge->steps = frnn_hold_out_steps(&trial->recipe);
	judge->judged = 0;
	judge->origins = 0;
	judge->aside = 0;
	for (int64_t s = 0; s < panel->series; s++)
	{
		FrnnHeld	held = frnn_hold_out(&trial->recipe, panel->data[s].n, panel->series);

		judge->judged += held.step > 0;
		judge->origins += held.step > 0 ? held.origins : 0;
		if (panel->data[s].n > longest)
			longest = panel->data[s].n;
	}
	status = frnn_predict_size(trial, longest, judge->steps, &judge->bytes, error);
	if (status != FRNN_OK)
		return status;
	points = frnn_mul((size_t) judge->origins, (size_t) judge->steps);
	judge->forecast = FRNN_TAKE(arena, FrnnForecast, judge->judged);
	judge->series = FRNN_TAKE(arena, int64_t, judge->judged);
	judge->origin = FRNN_TAKE(arena, int64_t, judge->origins);
	judge->ridge = FRNN_TAKE(arena, double, points);
	judge->network = FRNN_TAKE(arena, double, points);
	while ((2 * judge->aside + 1) * judge->origins < ENOUGH_ERRORS && judge->aside < judge->steps / 4)
		judge->aside++;
	judge->error = FRNN_TAKE(arena, double, (2 * judge->aside + 1) * judge->origins);
	judge->block = frnn_take(arena, judge->bytes, 1);
	return FRNN_OK;
}

/* the series that are judged, and their origins */
static void
collect(FrnnJudge *judge)
{
	int64_t		place = 0;

	judge->judged = 0;
	for (int64_t s = 0; s < judge->panel->series; s++)
	{
		FrnnHeld	held = frnn_hold_out(&judge->trial->recipe, judge->panel->data[s].n, judge->panel->series);
		FrnnForecast *forecast = &judge->forecast[judge->judged];

		if (held.step == 0 || judge->ready[s].sigma <= 0)
			continue;
		*forecast = (FrnnForecast) {.data = &judge->panel->data[s], .index = s, .origins = held.origins};
		forecast->origin = judge->origin + place;
		for (int64_t i = 0; i < held.origins; i++)
			judge->origin[place++] = held.rows + i * held.step;
		judge->series[judge->judged++] = s;
	}
	judge->origins = place;
}

static void
forecast_with(FrnnJudge *judge, double mix, double *out, const FrnnHooks *hooks)
{
	double	   *point = out;

	for (int64_t i = 0; i < judge->judged; i++)
	{
		judge->forecast[i].point = point;
		point += judge->forecast[i].origins * judge->steps;
	}
	frnn_predict_mixed(judge->trial, judge->forecast, judge->judged, judge->steps, 0, NULL, mix, true,
					   judge->block, hooks);
}

typedef enum Model
{
	NAIVE,
	SEASONAL,
	MIXED
} Model;

/* z, the series with its profiles */
static double
with_profile(const FrnnJudge *judge, const FrnnReady *ready, int64_t row)
{
	double		season = 0;

	frnn_profile_sum(&judge->trial->recipe, ready->profile, ready->offset + row, 1, &season);
	return ready->x[row] + season;
}

/*
 * The mean error of steps first .. last over all judged targets; the errors
 * themselves go to judge->error when `keep`, their number to *count.
 */
static double
mean_error(FrnnJudge *judge, Model model, double mix, int first, int last, bool keep, int64_t *count)
{
	const FrnnRecipe *recipe = &judge->trial->recipe;
	int64_t		m = recipe->periods ? recipe->period[recipe->periods - 1] : 0;
	double		sum = 0;
	size_t		point = 0;

	*count = 0;
	for (int64_t i = 0; i < judge->judged; i++)
	{
		const FrnnForecast *forecast = &judge->forecast[i];
		const FrnnReady *ready = &judge->ready[judge->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, point += judge->steps)
		{
			int64_t		o = forecast->origin[j];

			if (j % 256 == 255 && first < last)
				frnn_tick(&judge->run);
			for (int k = first; k <= last; k++)
			{
				double		e;

				if (ready->missing[o + k])
					continue;
				if (model == MIXED)
					e = (mix > 0 ? mix * judge->network[point + k] : 0) +
						(mix < 1 ? (1 - mix) * judge->ridge[point + k] : 0) - ready->x[o + k];
				else if (model == SEASONAL && (m == 0 || o < m))
					continue;
				else
					e = with_profile(judge, ready, model == NAIVE ? o - 1 : o - m + k % m) -
						with_profile(judge, ready, o + k);
				e = fabs(e) / ready->sigma;
				/* the trial had no forecast for it */
				if (!isfinite(e))
					continue;
				sum += e;
				if (keep)
					judge->error[*count] = e;
				(*count)++;
			}
		}
	}
	return *count ? sum / (double) *count : NAN;
}

/*
 * The weight: window mode takes the smallest loss, sequence mode one half
 * unless another is a tenth better.  A line that is exact needs no network,
 * however few the origins.
 */
static double
choose_mix(const FrnnJudge *judge, const FrnnForecaster *out, double half)
{
	bool		window = judge->trial->recipe.mode == FRNN_MODE_WINDOW;
	double		prior = window ? 1 : 0.5;
	double		loss[3];
	double		weight[3] = {0, 0.5, 1};
	int			best = window ? 2 : 1;

	loss[0] = out->hold_out[FRNN_H_RIDGE];
	loss[1] = half;
	loss[2] = out->hold_out[FRNN_H_NETWORK];
	if (loss[0] < 0.02 && loss[0] < 0.5 * loss[2])
		return 0;
	if (judge->origins < FEW_ORIGINS || isnan(loss[0] + loss[1] + loss[2]))
		return prior;
	for (int i = 0; i < 3; i++)
	{
		double		handicap = window || i == 1 ? 1 : 1.1;
		double		best_handicap = window || best == 1 ? 1 : 1.1;

		if (loss[i] * handicap < loss[best] * best_handicap)
			best = i;
	}
	return weight[best];
}

/*
 * Forecasts from neighbouring origins share most of their targets: together
 * they say as much as forecasts laid end to end.
 */
static double
independent_errors(const FrnnJudge *judge)
{
	double		count = 0;

	for (int64_t i = 0; i < judge->judged; i++)
	{
		const FrnnForecast *forecast = &judge->forecast[i];
		double		rows = (double) (forecast->origin[forecast->origins - 1] - forecast->origin[0] + judge->steps);

		count += fmin((double) forecast->origins, rows / judge->steps);
	}
	return fmax(count, 1);
}

/* errors of what will forecast (the network's, where it has a weight) at step k and, where few, its neighbours */
static int64_t
errors_of(FrnnJudge *judge, double mix, int k)
{
	int			first = k - judge->aside;
	int			last = k + judge->aside;
	int64_t		count;

	/* at both ends as many as elsewhere */
	if (first < 0)
		last -= first;
	if (last > judge->steps - 1)
		first -= last - (judge->steps - 1);
	mean_error(judge, MIXED, mix, first < 0 ? 0 : first, last < judge->steps ? last : judge->steps - 1, true, &count);
	return count;
}

static void
keep_errors(FrnnJudge *judge, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = &judge->trial->recipe;
	double		mix = out->mix > 0 ? 1 : 0;
	int64_t		most = 0;
	int64_t		count;

	for (int k = 0; k < judge->steps; k++)
	{
		count = errors_of(judge, mix, k);
		if (count > most)
			most = count;
		frnn_tick(&judge->run);
	}
	out->conformal_levels = 0;
	out->conformal_count = most;
	if (most == 0)
		return;
	for (int k = 0; k < recipe->horizon; k++)
	{
		double	   *row = out->conformal + (size_t) k * FRNN_CONFORMAL_LEVELS;

		count = k < judge->steps ? errors_of(judge, mix, k) : 0;
		if (count > 0)
			out->conformal_levels = frnn_conformal_keep(judge->error, count, most, independent_errors(judge), row);
		else
			for (int i = 0; k > 0 && i < FRNN_CONFORMAL_LEVELS; i++)
				row[i] = row[i - FRNN_CONFORMAL_LEVELS] * sqrt((double) (k + 1) / k);
		frnn_tick(&judge->run);
	}
}

/* over all steps */
static double
loss_of(FrnnJudge *judge, Model model, double mix)
{
	int64_t		count;

	return mean_error(judge, model, mix, 0, judge->steps - 1, false, &count);
}

void
frnn_judge(FrnnJudge *judge, FrnnForecaster *out, const FrnnHooks *hooks)
{
	const FrnnForecaster *trial = judge->trial;
	double		half = NAN;

	judge->run = (FrnnRun) {.tick = hooks->tick, .arg = hooks->arg};
	collect(judge);
	out->hold_out_origins = judge->origins;
	forecast_with(judge, 0, judge->ridge, hooks);
	out->hold_out[FRNN_H_RIDGE] = loss_of(judge, MIXED, 0);
	out->hold_out[FRNN_H_NAIVE] = loss_of(judge, NAIVE, 0);
	out->hold_out[FRNN_H_SEASONAL] = loss_of(judge, SEASONAL, 0);
	out->mix = 0;
	out->hold_out[FRNN_H_MIX] = out->hold_out[FRNN_H_RIDGE];
	if (trial->members > 0)
	{
		forecast_with(judge, 1, judge->network, hooks);
		out->hold_out[FRNN_H_NETWORK] = loss_of(judge, MIXED, 1);
		half = loss_of(judge, MIXED, 0.5);
		out->mix = trial->recipe.mix >= 0 ? trial->recipe.mix : choose_mix(judge, out, half);
		out->hold_out[FRNN_H_MIX] = loss_of(judge, MIXED, out->mix);
	}
	keep_errors(judge, out);
}
