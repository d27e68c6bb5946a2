/*
 * validation.c
 *	  Evaluation on the validation rows: losses of ridge, network and the naive
 *	  forecasts, the weight of the network, the table of errors.
 *
 * Errors are in x (transformed, profiles off) divided by the series' scale,
 * so series of all sizes count alike.  Imputed targets do not count.
 */
#include <math.h>

#include "core/forecast/conformal.h"
#include "core/forecast/season.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/validation.h"

#define MOST_ORIGINS	400		/* per series */
#define ALL_ORIGINS		40000
#define FEW_ORIGINS		10		/* fewer say nothing about weights */

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
	validation->block = frnn_take(arena, validation->bytes, 1);
	return FRNN_OK;
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
		*forecast = (FrnnForecast) {.data = &validation->panel->data[s], .index = s, .origins = part.origins};
		forecast->origin = validation->origin + place;
		for (int64_t i = 0; i < part.origins; i++)
			validation->origin[place++] = part.rows + i * part.step;
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
	frnn_predict_mixed(validation->trial, validation->forecast, validation->forecasts, validation->steps, 0, NULL, mix, true,
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

	frnn_profile_sum(&validation->trial->recipe, ready->profile, ready->offset + row, 1, &season);
	return ready->x[row] + season;
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
					e = (mix > 0 ? mix * validation->network[point + k] : 0) +
						(mix < 1 ? (1 - mix) * validation->ridge[point + k] : 0) - ready->x[o + k];
				else if (model == SEASONAL && (m == 0 || o < m))
					continue;
				else
					e = with_profile(validation, ready, model == NAIVE ? o - 1 : o - m + k % m) -
						with_profile(validation, ready, o + k);
				e = fabs(e) / ready->sigma;
				/* the trial had no forecast for it */
				if (!isfinite(e))
					continue;
				sum += e;
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
				double		mixed = validation->ridge[point];

				if (out->mix > 0)
					mixed = (1 - out->mix) * mixed + out->mix * validation->network[point];
				validation->ridge[point] = ready->missing[row] ? NAN : (ready->x[row] - mixed) / ready->sigma /
					frnn_error_scale(&trial->recipe, scale, ready->offset + row);
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
	out->validation_error[FRNN_VALIDATION_MIX] = out->validation_error[FRNN_VALIDATION_RIDGE];
	if (trial->members > 0)
	{
		forecast_with(validation, 1, validation->network, hooks);
		out->validation_error[FRNN_VALIDATION_NETWORK] = loss_of(validation, MIXED, 1);
		half = loss_of(validation, MIXED, 0.5);
		out->mix = trial->recipe.mix >= 0 ? trial->recipe.mix : choose_mix(validation, out, half);
		out->validation_error[FRNN_VALIDATION_MIX] = loss_of(validation, MIXED, out->mix);
	}
	keep_errors(validation, out);
}
