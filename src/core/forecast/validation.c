/*
 * validation.c
 *	  Evaluation on the validation rows: losses of ridge, network and the naive
 *	  forecasts, the weight of the network, the table of errors.
 *
 * Errors are in x (transformed, profiles off) divided by the series' scale,
 * so series of all sizes count alike.  Imputed targets do not count.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/forecast/conformal.h"
#include "core/forecast/season.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/validation.h"

#define MOST_ORIGINS	400		/* per series */
#define ALL_ORIGINS		40000
#define LEAST_SHARE		0.02	/* smaller shares of a naive forecast are none */
#define LEAST_MIX		0.05	/* smaller weights of network or ridge regression are none */
#define POINTS		200000		/* validation points that the shares are chosen by */
#define CLIPPED		20			/* errors count up to so many times the model's median error */
#define SPARSE		0.3			/* least median error, by the mean error of the typical series: 0.69 of a Laplace
								 * distribution */
#define QUIET		0.95		/* share of exact forecasts at a phase, which tell nothing of the errors at others */
#define POWER		6			/* shares fall with this power of the error: measured by test/accuracy/panels.sql */
#define FEW_ERRORS	20			/* so many independent errors double the power */
#define FAR_BEHIND	1.5			/* what errs so many times as much as the best has no share */
#define NO_ERROR	1e-9		/* standardized errors below are rounding: the forecast was exact */
#define LEAST_PAIRS	5			/* rows at a phase that tell whether it repeats */
#define EXACT		1e-9		/* least error that counts, by the models' */
#define ALPHAS		5
#define MIDDLE		2			/* alpha that errors are compared with */
#define TREND		0.8			/* share of a level's error that remains with a slope, below which there is a trend */
#define FIRST_LEVEL	4			/* rows before the first level that is judged */

static const double even_alpha[ALPHAS] = {0.1, 0.2, 0.35, 0.5, 0.7};

/* a mean demand needs many rows */
static const double intermittent_alpha[ALPHAS] = {0.01, 0.02, 0.05, 0.1, 0.2};

static const double *
alphas_of(const FrnnRecipe *recipe)
{
	return recipe->intermittent ? intermittent_alpha : even_alpha;
}

int
frnn_validation_steps(const FrnnRecipe *recipe)
{
	/* short blocks come from short series; one step at a time over long series is evaluated to the horizon */
	return recipe->median_rows >= 2.5 * recipe->horizon ? recipe->horizon : recipe->block;
}

FrnnValidationRows
frnn_validation_rows(const FrnnRecipe *recipe, int64_t n, int64_t series)
{
	FrnnValidationRows part = {n, 0, 0, 0};
	int			h = frnn_validation_steps(recipe);
	int64_t		rows = (int64_t) recipe->validation;
	int64_t		most = ALL_ORIGINS / series;
	int64_t		count;

	if (rows < 1)
		return part;
	if (rows > n / 4)
		rows = n / 4;
	if (rows < h)
		rows = h;
	if (n - rows < recipe->block + 3)
		return part;
	part.rows = n - rows;
	count = rows - h + 1;
	most = most < 1 ? 1 : most < MOST_ORIGINS ? most : MOST_ORIGINS;
	part.step = (count + most - 1) / most;
	part.origins = (count - 1) / part.step + 1;
	part.last = part.rows + (part.origins - 1) * part.step;
	return part;
}

FrnnStatus
frnn_validation_layout(FrnnValidation *validation, FrnnArena *arena, const FrnnPanelData *panel,
					   const FrnnForecaster *trial, FrnnError *error)
{
	int64_t		longest = 1;
	FrnnStatus	status;
	size_t		points;

	validation->panel = panel;
	validation->steps = frnn_validation_steps(&trial->recipe);
	validation->forecasts = 0;
	validation->origins = 0;
	for (int64_t s = 0; s < panel->series; s++)
	{
		FrnnValidationRows part = frnn_validation_rows(&trial->recipe, panel->data[s].n, panel->series);

		validation->forecasts += part.step > 0;
		validation->origins += part.step > 0 ? part.origins : 0;
		if (panel->data[s].n > longest)
			longest = panel->data[s].n;
	}
	status = frnn_predict_size(trial, longest, validation->steps, &validation->bytes, error);
	if (status != FRNN_OK)
		return status;
	points = frnn_mul((size_t) validation->origins, (size_t) validation->steps);
	validation->forecast = FRNN_TAKE(arena, FrnnForecast, validation->forecasts);
	validation->series = FRNN_TAKE(arena, int64_t, validation->forecasts);
	validation->origin = FRNN_TAKE(arena, int64_t, validation->origins);
	validation->ridge = FRNN_TAKE(arena, double, points);
	validation->network = FRNN_TAKE(arena, double, points);
	validation->recent = FRNN_TAKE(arena, double, validation->origins);
	validation->error = FRNN_TAKE(arena, double, validation->origins);
	validation->block = frnn_take(arena, validation->bytes, 1);
	return FRNN_OK;
}

/*
 * Returns the first origin from o on that follows a known row; beyond `most`
 * if there is none.  No forecast starts inside a night without rows.
 */
static int64_t
known_origin(const double *value, int64_t o, int64_t most)
{
	while (o <= most && isnan(value[o - 1]))
		o++;
	return o;
}

/* Collects the series that have validation rows, and their origins. */
static void
collect(FrnnValidation *validation)
{
	int64_t		place = 0;

	validation->forecasts = 0;
	for (int64_t s = 0; s < validation->panel->series; s++)
	{
		FrnnValidationRows part = frnn_validation_rows(&validation->trial->recipe, validation->panel->data[s].n, validation->panel->series);
		FrnnForecast *forecast = &validation->forecast[validation->forecasts];

		if (part.step == 0 || validation->ready[s].sigma <= 0)
			continue;
		*forecast = (FrnnForecast) {.data = &validation->panel->data[s], .index = s, .validation = true};
		forecast->origin = validation->origin + place;
		for (int64_t o = part.rows; o <= part.last; o += part.step)
		{
			int64_t		most = o + part.step - 1 < forecast->data->n - validation->steps ? o + part.step - 1
			: forecast->data->n - validation->steps;
			int64_t		at = known_origin(forecast->data->value, o, most);

			if (at <= most)
				validation->origin[place + forecast->origins++] = at;
		}
		place += forecast->origins;
		if (forecast->origins == 0)
			continue;
		validation->series[validation->forecasts++] = s;
	}
	validation->origins = place;
}

static void
forecast_with(FrnnValidation *validation, double mix, double *out, const FrnnHooks *hooks)
{
	double	   *point = out;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		validation->forecast[i].point = point;
		point += validation->forecast[i].origins * validation->steps;
	}
	frnn_predict_mixed(validation->trial, validation->forecast, validation->forecasts, validation->steps, mix,
					   validation->block, hooks);
}

/* what mean_error is of, beside the naive forecast of a period */
#define LAST_VALUE	0
#define MIXED		(-1)

/* z, the series with its profiles */
static double
with_profile(const FrnnValidation *validation, const FrnnReady *ready, int64_t row)
{
	double		season = 0;

	frnn_profile_sum(&validation->trial->recipe, ready->profile, &ready->clock, ready->offset + row, 1, &season);
	return ready->x[row] + season;
}

/* the models' forecast of x at a point */
static double
model_value(const FrnnValidation *validation, double mix, size_t point)
{
	return (mix > 0 ? mix * validation->network[point] : 0) + (mix < 1 ? (1 - mix) * validation->ridge[point] : 0);
}

/*
 * The mean error of steps first .. last over all validation targets, and their
 * number.
 */
static double
mean_error(FrnnValidation *validation, int period, double mix, int first, int last, int64_t *count)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	double		sum = 0;
	size_t		point = 0;

	*count = 0;
	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, point += validation->steps)
		{
			int64_t		o = forecast->origin[j];

			if (j % 256 == 255 && first < last)
				frnn_tick(&validation->run);
			for (int k = first; k <= last; k++)
			{
				double		e;

				if (ready->missing[o + k])
					continue;
				if (period == MIXED)
					e = model_value(validation, mix, point + k) - ready->x[o + k];
				else if (o < period)
					continue;
				else
					e = with_profile(validation, ready, period == LAST_VALUE ? o - 1 : o - period + k % period) -
						with_profile(validation, ready, o + k);
				e = fabs(e) / ready->sigma;
				/* the trial had no forecast for it */
				if (!isfinite(e))
					continue;
				sum += recipe->intermittent ? e * e : e;
				(*count)++;
			}
		}
	}
	if (*count == 0)
		return NAN;
	return recipe->intermittent ? sqrt(sum / (double) *count) : sum / (double) *count;
}

/*
 * Forecasts from neighbouring origins share most of their targets: together
 * they say as much as forecasts laid end to end.
 */
static double
independent_errors(const FrnnValidation *validation)
{
	double		count = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		double		rows = (double) (forecast->origin[forecast->origins - 1] - forecast->origin[0] + validation->steps);

		count += fmin((double) forecast->origins, rows / validation->steps);
	}
	return fmax(count, 1);
}

/* The power that shares fall with: the more independent errors, the more the best member has alone. */
static double
share_power(const FrnnValidation *validation)
{
	return POWER * (1 + independent_errors(validation) / FEW_ERRORS);
}

/*
 * The network's weight beside ridge regression: each counts by its error to
 * the power -share_power.  A line that is exact needs no network, however few
 * the origins.
 */
static double
choose_mix(const FrnnValidation *validation, const FrnnForecaster *out)
{
	double		prior = validation->trial->recipe.mode == FRNN_MODE_WINDOW ? 1 : 0.5;
	double		ridge = out->validation_error[FRNN_VALIDATION_RIDGE];
	double		network = out->validation_error[FRNN_VALIDATION_NETWORK];
	double		weight;

	if (ridge < 0.02 && ridge < 0.5 * network)
		return 0;
	if (validation->origins < FRNN_FEW_ORIGINS || !(ridge > 0) || !(network > 0))
		return prior;
	weight = 1 / (1 + frnn_pow(fmin(network / ridge, FAR_BEHIND * FAR_BEHIND), share_power(validation)));
	return weight < LEAST_MIX ? 0 : weight > 1 - LEAST_MIX ? 1 : weight;
}

/* z at the naive forecast of step k from origin o */
static double
naive_value(const FrnnValidation *validation, const FrnnReady *ready, int period, int64_t o, int k)
{
	int64_t		ago = period > 0 ? o - period + k % period : -1;

	return with_profile(validation, ready, ago >= 0 ? ago : o - 1);
}

/* Returns what errors are clipped at, so that no series on its own decides for the panel. */
static double
clipping_error(FrnnValidation *validation, double mix)
{
	int64_t		count = 0;
	int64_t		means = 0;
	size_t		point = 0;
	double		typical;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		double		known = 0;
		double		sum = 0;

		for (int64_t j = 0; j < forecast->origins; j++, point += validation->steps)
			for (int k = 0; k < validation->steps; k++)
			{
				double		e = (model_value(validation, mix, point + k) - ready->x[forecast->origin[j] + k]) / ready->sigma;

				if (ready->missing[forecast->origin[j] + k] || !isfinite(e))
					continue;
				sum += fabs(e);
				known++;
				/* the median is of one step of each origin, going through the steps */
				if (k == (int) ((i + j) % validation->steps))
					validation->error[count++] = fabs(e);
			}
		if (known > 0)
			validation->recent[means++] = sum / known;
	}
	/* most errors of intermittent series are small, and the large ones are what is forecast */
	if (validation->trial->recipe.intermittent || count == 0)
		return INFINITY;
	/* and where little happens at most phases of a season */
	typical = fmax(frnn_median(validation->error, count), SPARSE * frnn_median(validation->recent, means));
	return typical > 0 ? CLIPPED * typical : INFINITY;
}

/* what a member of the mixture forecasts by: a period (0: the last value), a level's alpha, or neither: the models */
typedef struct Member
{
	int			period;			/* -1: not naive */
	double		alpha;			/* 0: no level */
} Member;

/* Returns the mean clipped error of a member; NaN without a point. */
static double
clipped_error(FrnnValidation *validation, double mix, double most, Member member)
{
	int64_t		thin = 1 + validation->origins * validation->steps / POINTS;
	int64_t		place = 0;
	size_t		point = 0;
	double		sum = 0;
	double		points = 0;
	bool		squared = validation->trial->recipe.intermittent;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, place++, point += validation->steps)
		{
			int64_t		o = forecast->origin[j];
			double		level = member.alpha > 0 ? frnn_level(ready->x, o, member.alpha) : 0;

			for (int k = 0; k < validation->steps && place % thin == 0; k++)
			{
				double		e = model_value(validation, mix, point + k) - ready->x[o + k];

				if (ready->missing[o + k] || !isfinite(e))
					continue;
				if (member.alpha > 0)
					e = level - ready->x[o + k];
				else if (member.period >= 0)
					e = naive_value(validation, ready, member.period, o, k) - with_profile(validation, ready, o + k);
				e = fmin(fabs(e) / ready->sigma, most);
				sum += squared ? e * e : e;
				points++;
			}
			if (place % 256 == 0)
				frnn_tick(&validation->run);
		}
	}
	if (points == 0)
		return NAN;
	return squared ? sqrt(sum / points) : sum / points;
}

/* what an error adds to the sum that members are compared by */
static double
counted(double error, bool squared)
{
	return squared ? error * error : fabs(error);
}

/*
 * Writes the error of each alpha's level on the rows before validation, at four
 * steps up to the horizon: many more than the validation rows.  Returns that of
 * the middle level if it goes on with the slope of its series.
 */
static double
training_errors(FrnnValidation *validation, double *error)
{
	double		sloping = 0;
	int			steps = validation->steps;
	int			apart = steps > 3 ? steps / 3 : 1;
	double		level[ALPHAS];
	double		older[ALPHAS];	/* weight of the rows before the first */
	const double *alpha = alphas_of(&validation->trial->recipe);
	bool		squared = validation->trial->recipe.intermittent;

	memset(error, 0, sizeof(double) * ALPHAS);
	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		int64_t		rows = validation->forecast[i].origin[0];
		double		slope = rows > 1 ? (ready->x[rows - 1] - ready->x[0]) / (double) (rows - 1) : 0;
		double		behind = (1 - alpha[MIDDLE]) / alpha[MIDDLE];

		for (int a = 0; a < ALPHAS; a++)
		{
			level[a] = ready->x[0];
			older[a] = 1;
		}
		for (int64_t o = 1; o + steps <= rows; o++)
		{
			/* the weighted mean of the rows before o, as frnn_level */
			for (int a = 0; a < ALPHAS; a++)
			{
				older[a] *= 1 - alpha[a];
				level[a] += alpha[a] / (1 - older[a]) * (ready->x[o - 1] - level[a]);
			}
			for (int k = 0; k < steps && o >= FIRST_LEVEL; k += apart)
			{
				if (ready->missing[o + k])
					continue;
				for (int a = 0; a < ALPHAS; a++)
					error[a] += counted((level[a] - ready->x[o + k]) / ready->sigma, squared);
				sloping += counted((level[MIDDLE] + slope * (k + 1 + behind) - ready->x[o + k]) / ready->sigma, squared);
			}
			if (o % 1024 == 0)
				frnn_tick(&validation->run);
		}
	}
	return sloping;
}

/*
 * Chooses the alpha whose error is least on training and validation rows
 * together; returns its validation error.  Series with a trend have no level.
 */
static double
choose_level(FrnnValidation *validation, double most, FrnnForecaster *out)
{
	double		training[ALPHAS];
	double		error[ALPHAS];
	double		least = INFINITY;
	double		chosen = INFINITY;
	const double *alpha = alphas_of(&validation->trial->recipe);

	if (training_errors(validation, training) < TREND * training[MIDDLE])
		return INFINITY;
	for (int a = 0; a < ALPHAS; a++)
		error[a] = clipped_error(validation, out->mix, most, (Member) {-1, alpha[a]});
	for (int a = 0; a < ALPHAS; a++)
	{
		double		both = error[a] / error[MIDDLE] + (training[MIDDLE] > 0 ? training[a] / training[MIDDLE] : 0);

		if (!(both < least))
			continue;
		least = both;
		chosen = error[a];
		out->level_alpha = alpha[a];
	}
	return chosen;
}

/* Returns how much a member counts whose error is `error` beside the least one. */
static double
count_of(double error, double least, double power)
{
	return error > FAR_BEHIND * least ? 0 : frnn_pow(least / fmax(error, 1e-3 * least), power);
}

/*
 * Chooses the shares of the naive forecasts and of the level in the mixture:
 * each forecast counts by its error to the power -POWER or less, the less the
 * more independent errors there are, so that what is as good as the best one
 * shares the forecast with it, and what is far behind has no part.
 * Shares that minimize the error of the mixture were worse on other rows: the
 * errors of one horizon and panel are too alike to choose them by.
 */
static void
choose_shares(FrnnValidation *validation, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	double		most = clipping_error(validation, out->mix);
	double		models = clipped_error(validation, out->mix, most, (Member) {-1, 0});
	double		last = clipped_error(validation, out->mix, most, (Member) {0, 0});
	double		level = choose_level(validation, most, out);
	double		season = INFINITY;
	double		power = share_power(validation);
	double		least;
	double		total;

	/* of two seasons the one that forecasts better */
	for (int p = 0; p < recipe->periods; p++)
	{
		double		error = clipped_error(validation, out->mix, most, (Member) {recipe->period[p], 0});

		if (error < season)
		{
			season = error;
			out->naive_period = recipe->period[p];
		}
	}
	/* one that is exact has all, but a share is a ratio */
	least = fmax(fmin(fmin(models, last), fmin(season, level)), EXACT * models);
	if (models > 0)
	{
		last = count_of(last, least, power);
		season = count_of(season, least, power);
		level = count_of(level, least, power);
		total = count_of(models, least, power) + last + season + level;
		out->naive_last = last / total < LEAST_SHARE ? 0 : last / total;
		out->naive_season = season / total < LEAST_SHARE ? 0 : season / total;
		out->level_share = level / total < LEAST_SHARE ? 0 : level / total;
	}
	if (out->naive_season == 0)
		out->naive_period = 0;
	if (out->level_share == 0)
		out->level_alpha = 0;
	/* a network that counts for nothing need not be trained */
	if (out->naive_last + out->naive_season + out->level_share > 1 - LEAST_SHARE)
		out->mix = 0;
}

/* Replaces the forecasts of ridge by those of the mixture, all in x. */
static void
mix_forecasts(FrnnValidation *validation, const FrnnForecaster *out)
{
	double		models = 1 - out->naive_last - out->naive_season - out->level_share;
	double		naive = out->naive_last + out->naive_season;
	size_t		point = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++)
		{
			int64_t		o = forecast->origin[j];
			double		level = out->level_share > 0 ? frnn_level(ready->x, o, out->level_alpha) : 0;

			for (int k = 0; k < validation->steps; k++, point++)
			{
				double		x = model_value(validation, out->mix, point);

				if (models < 1)
					x = models * x + out->level_share * level -
						naive * (with_profile(validation, ready, o + k) - ready->x[o + k]) +
						out->naive_last * naive_value(validation, ready, 0, o, k) +
						(out->naive_season > 0 ? out->naive_season * naive_value(validation, ready, out->naive_period, o, k) : 0);
				validation->ridge[point] = x;
			}
			if (j % 256 == 255)
				frnn_tick(&validation->run);
		}
	}
}

/* Writes the share of rows at each phase bin that equal the row a season before, 0 if there are too few to tell. */
static void
still_phases(const FrnnReady *ready, int m, int width, double *still)
{
	double		pairs[FRNN_PHASE_BINS] = {0};

	for (int bin = 0; bin < FRNN_PHASE_BINS; bin++)
		still[bin] = 0;
	for (int64_t i = m; i < ready->n; i++)
	{
		int			bin = frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), m) / width;

		if (ready->missing[i] || ready->missing[i - m])
			continue;
		pairs[bin]++;
		still[bin] += fabs(ready->x[i] - ready->x[i - m]) <= NO_ERROR * ready->sigma;
	}
	for (int bin = 0; bin < FRNN_PHASE_BINS; bin++)
		still[bin] = pairs[bin] >= LEAST_PAIRS ? still[bin] / pairs[bin] : 0;
}

/*
 * Leaves out the errors of a series at phases of its shortest season where nearly all forecasts are exact, or nearly all
 * values are as a season before, as on days without sales, if there are others: they would make the intervals of all
 * phases narrow.  point: the first of them.  Returns how many are left out.
 */
static double
leave_out_quiet(FrnnValidation *validation, const FrnnForecast *forecast, const FrnnReady *ready, size_t point)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	int			m = recipe->periods > 0 ? recipe->period[0] : 1;
	int			width = (m + FRNN_PHASE_BINS - 1) / FRNN_PHASE_BINS;
	double		exact[FRNN_PHASE_BINS] = {0};
	double		known[FRNN_PHASE_BINS] = {0};
	double		still[FRNN_PHASE_BINS] = {0};
	bool		quiet[FRNN_PHASE_BINS] = {false};
	bool		others = false;
	double		left_out = 0;

	if (m > 1)
		still_phases(ready, m, width, still);
	for (int pass = 0; pass < 2 && m > 1; pass++)
	{
		for (int64_t j = 0; j < forecast->origins && (pass == 0 || others); j++)
			for (int k = 0; k < validation->steps; k++)
			{
				double	   *error = &validation->ridge[point + (size_t) j * validation->steps + (size_t) k];
				int			bin = frnn_phase(frnn_season_row(&ready->clock, ready->offset + forecast->origin[j] + k), m) / width;

				if (!isfinite(*error))
					continue;
				known[bin] += pass == 0;
				exact[bin] += pass == 0 && fabs(*error) < NO_ERROR;
				if (pass == 1 && quiet[bin])
				{
					*error = NAN;
					left_out++;
				}
			}
		for (int bin = 0; bin < FRNN_PHASE_BINS; bin++)
		{
			quiet[bin] = known[bin] > 0 && (exact[bin] >= QUIET * known[bin] || still[bin] >= QUIET);
			others = others || (known[bin] > 0 && !quiet[bin]);
		}
	}
	return left_out;
}

/* Fills the intervals' part of *out from the errors of the mix that will forecast. */
static void
keep_errors(FrnnValidation *validation, FrnnForecaster *out)
{
	const FrnnForecaster *trial = validation->trial;
	int			columns = frnn_error_scale_columns(&trial->recipe);
	FrnnErrors	errors = {validation->steps, validation->origins, validation->ridge, independent_errors(validation),
		(double) validation->forecasts, validation->recent};
	size_t		point = 0;
	double		left_out = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		const double *scale = trial->error_scale + validation->series[i] * columns;
		size_t		first = point;

		for (int64_t j = 0; j < forecast->origins; j++)
		{
			frnn_tick(&validation->run);
			validation->recent[point / validation->steps] = frnn_error_recent(&trial->recipe, scale, ready, forecast->origin[j]);
			for (int k = 0; k < validation->steps; k++, point++)
			{
				int64_t		row = forecast->origin[j] + k;

				/* mix_forecasts has put the mixture there */
				validation->ridge[point] = ready->missing[row] ? NAN : (ready->x[row] - validation->ridge[point]) / ready->sigma /
					frnn_error_scale(&trial->recipe, scale, frnn_season_row(&ready->clock, ready->offset + row));
			}
		}
		left_out += leave_out_quiet(validation, forecast, ready, first);
	}
	/* errors of one day in seven are a seventh of the independent ones */
	errors.independent = fmax(errors.independent * (1 - left_out / fmax((double) point, 1)), 1);
	frnn_conformal_fit(&errors, validation->shape, validation->network, out, &validation->run);
}

/* over all steps */
static double
loss_of(FrnnValidation *validation, int period, double mix)
{
	int64_t		count;

	return mean_error(validation, period, mix, 0, validation->steps - 1, &count);
}

/* the least of the seasonal naive forecasts' errors, NaN without a season */
static double
seasonal_loss(FrnnValidation *validation)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	double		least = NAN;

	for (int p = 0; p < recipe->periods; p++)
	{
		double		loss = loss_of(validation, recipe->period[p], 0);

		if (!(loss >= least))
			least = isnan(loss) ? least : loss;
	}
	return least;
}

void
frnn_validate(FrnnValidation *validation, FrnnForecaster *out, const FrnnHooks *hooks)
{
	const FrnnForecaster *trial = validation->trial;

	validation->run = (FrnnRun) {.tick = hooks->tick, .arg = hooks->arg};
	collect(validation);
	out->validation_origins = validation->origins;
	forecast_with(validation, 0, validation->ridge, hooks);
	out->validation_error[FRNN_VALIDATION_RIDGE] = loss_of(validation, MIXED, 0);
	out->validation_error[FRNN_VALIDATION_NAIVE] = loss_of(validation, LAST_VALUE, 0);
	out->validation_error[FRNN_VALIDATION_SEASONAL] = seasonal_loss(validation);
	out->mix = 0;
	if (trial->members > 0)
	{
		forecast_with(validation, 1, validation->network, hooks);
		out->validation_error[FRNN_VALIDATION_NETWORK] = loss_of(validation, MIXED, 1);
		out->mix = trial->recipe.mix >= 0 ? trial->recipe.mix : choose_mix(validation, out);
	}
	/* what was asked for forecasts alone */
	if (trial->recipe.network == FRNN_NETWORK_AUTO && trial->recipe.mix < 0 && validation->origins > 0)
		choose_shares(validation, out);
	mix_forecasts(validation, out);
	out->validation_error[FRNN_VALIDATION_MIX] = loss_of(validation, MIXED, 0);
	keep_errors(validation, out);
}
