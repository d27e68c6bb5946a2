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
#define FEW_ORIGINS		10		/* fewer say nothing about weights */
#define LEAST_SHARE		0.02	/* smaller shares of a naive forecast are none */

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
		*forecast = (FrnnForecast) {.data = &validation->panel->data[s], .index = s};
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

typedef enum Model
{
	NAIVE,
	SEASONAL,
	MIXED
} Model;

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
mean_error(FrnnValidation *validation, Model model, double mix, int first, int last, int64_t *count)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	int64_t		m = recipe->periods ? recipe->period[recipe->periods - 1] : 0;
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
				if (model == MIXED)
					e = model_value(validation, mix, point + k) - ready->x[o + k];
				else if (model == SEASONAL && (m == 0 || o < m))
					continue;
				else
					e = with_profile(validation, ready, model == NAIVE ? o - 1 : o - m + k % m) -
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
 * The weight: window mode takes the smallest loss, sequence mode one half
 * unless another is a tenth better.  A line that is exact needs no network,
 * however few the origins.
 */
static double
choose_mix(const FrnnValidation *validation, const FrnnForecaster *out, double half)
{
	bool		window = validation->trial->recipe.mode == FRNN_MODE_WINDOW;
	double		prior = window ? 1 : 0.5;
	double		loss[3];
	double		weight[3] = {0, 0.5, 1};
	int			best = window ? 2 : 1;

	loss[0] = out->validation_error[FRNN_VALIDATION_RIDGE];
	loss[1] = half;
	loss[2] = out->validation_error[FRNN_VALIDATION_NETWORK];
	if (loss[0] < 0.02 && loss[0] < 0.5 * loss[2])
		return 0;
	if (validation->origins < FEW_ORIGINS || isnan(loss[0] + loss[1] + loss[2]))
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

/* ---- the naive forecasts' shares ---- */

#define POINTS		200000		/* validation points that the shares are chosen by */
#define CLIPPED		20			/* errors count up to so many times the model's median error */
#define POWER		6			/* shares fall with this power of the error: measured by test/accuracy/panels.sql */
#define FEW_ERRORS	20			/* so many independent errors double the power */
#define FAR_BEHIND	1.5			/* a naive forecast whose error is so many times the models' has no share */

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
	size_t		point = 0;

	/* one step of each origin, going through the steps */
	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, point += validation->steps)
		{
			int			k = (int) ((i + j) % validation->steps);
			double		e = model_value(validation, mix, point + k) - ready->x[forecast->origin[j] + k];

			if (!ready->missing[forecast->origin[j] + k] && isfinite(e))
				validation->error[count++] = fabs(e) / ready->sigma;
		}
	}
	/* most errors of intermittent series are small, and the large ones are what is forecast */
	if (validation->trial->recipe.intermittent)
		return INFINITY;
	return count > 0 && CLIPPED * frnn_median(validation->error, count) > 0 ?
		CLIPPED * frnn_median(validation->error, count) : INFINITY;
}

/*
 * Returns the mean clipped error of the models (period -1), of the last value
 * (0) or of the value a period ago; NaN without a point.
 */
static double
clipped_error(FrnnValidation *validation, double mix, double most, int period)
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

			for (int k = 0; k < validation->steps && place % thin == 0; k++)
			{
				double		e = model_value(validation, mix, point + k) - ready->x[o + k];

				if (ready->missing[o + k] || !isfinite(e))
					continue;
				if (period >= 0)
					e = naive_value(validation, ready, period, o, k) - with_profile(validation, ready, o + k);
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

/*
 * Chooses the shares of the naive forecasts in the mixture: each forecast
 * counts by its error to the power -POWER or less, the less the more independent
 * errors there are, so that what is as good as the
 * models shares the forecast with them, and what is far behind has no part.
 * Shares that minimize the error of the mixture were worse on other rows: the
 * errors of one horizon and panel are too alike to choose them by.
 */
static void
choose_naive(FrnnValidation *validation, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	double		most = clipping_error(validation, out->mix);
	double		models = clipped_error(validation, out->mix, most, -1);
	double		last = clipped_error(validation, out->mix, most, 0);
	double		season = INFINITY;
	double		power = POWER * (1 + independent_errors(validation) / FEW_ERRORS);
	double		total;

	/* of two seasons the one that forecasts better */
	for (int p = 0; p < recipe->periods; p++)
	{
		double		error = clipped_error(validation, out->mix, most, recipe->period[p]);

		if (error < season)
		{
			season = error;
			out->naive_period = recipe->period[p];
		}
	}
	if (!(models > 0))
		return;
	last = last > FAR_BEHIND * models ? 0 : frnn_pow(models / fmax(last, 1e-3 * models), power);
	season = season > FAR_BEHIND * models ? 0 : frnn_pow(models / fmax(season, 1e-3 * models), power);
	total = 1 + last + season;
	out->naive_last = last / total < LEAST_SHARE ? 0 : last / total;
	out->naive_season = season / total < LEAST_SHARE ? 0 : season / total;
	if (out->naive_season == 0)
		out->naive_period = 0;
	/* a network that counts for nothing need not be trained */
	if (out->naive_last + out->naive_season > 1 - LEAST_SHARE)
		out->mix = 0;
}

/* Replaces the forecasts of ridge by those of the mixture, all in x. */
static void
mix_forecasts(FrnnValidation *validation, const FrnnForecaster *out)
{
	double		models = 1 - out->naive_last - out->naive_season;
	size_t		point = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++)
		{
			for (int k = 0; k < validation->steps; k++, point++)
			{
				int64_t		o = forecast->origin[j];
				double		x = model_value(validation, out->mix, point);

				if (models < 1)
					x = models * x - (1 - models) * (with_profile(validation, ready, o + k) - ready->x[o + k]) +
						out->naive_last * naive_value(validation, ready, 0, o, k) +
						(out->naive_season > 0 ? out->naive_season * naive_value(validation, ready, out->naive_period, o, k) : 0);
				validation->ridge[point] = x;
			}
			if (j % 256 == 255)
				frnn_tick(&validation->run);
		}
	}
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

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		const double *scale = trial->error_scale + validation->series[i] * columns;

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
	}
	frnn_conformal_fit(&errors, validation->shape, validation->network, out, &validation->run);
}

/* over all steps */
static double
loss_of(FrnnValidation *validation, Model model, double mix)
{
	int64_t		count;

	return mean_error(validation, model, mix, 0, validation->steps - 1, &count);
}

void
frnn_validate(FrnnValidation *validation, FrnnForecaster *out, const FrnnHooks *hooks)
{
	const FrnnForecaster *trial = validation->trial;
	double		half = NAN;

	validation->run = (FrnnRun) {.tick = hooks->tick, .arg = hooks->arg};
	collect(validation);
	out->validation_origins = validation->origins;
	forecast_with(validation, 0, validation->ridge, hooks);
	out->validation_error[FRNN_VALIDATION_RIDGE] = loss_of(validation, MIXED, 0);
	out->validation_error[FRNN_VALIDATION_NAIVE] = loss_of(validation, NAIVE, 0);
	out->validation_error[FRNN_VALIDATION_SEASONAL] = loss_of(validation, SEASONAL, 0);
	out->mix = 0;
	if (trial->members > 0)
	{
		forecast_with(validation, 1, validation->network, hooks);
		out->validation_error[FRNN_VALIDATION_NETWORK] = loss_of(validation, MIXED, 1);
		half = loss_of(validation, MIXED, 0.5);
		out->mix = trial->recipe.mix >= 0 ? trial->recipe.mix : choose_mix(validation, out, half);
	}
	/* what was asked for forecasts alone */
	if (trial->recipe.network == FRNN_NETWORK_AUTO && trial->recipe.mix < 0 && validation->origins > 0)
		choose_naive(validation, out);
	mix_forecasts(validation, out);
	out->validation_error[FRNN_VALIDATION_MIX] = loss_of(validation, MIXED, 0);
	keep_errors(validation, out);
}
