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

#include "core/forecast/autoregression.h"
#include "core/forecast/conformal.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/validation_work.h"

#define MOST_ORIGINS	400		/* per series */
#define ALL_ORIGINS		40000
#define QUIET		0.95		/* share of exact forecasts at a phase, which tell nothing of the errors at others */
#define NO_ERROR	1e-9		/* standardized errors below are rounding: the forecast was exact */
#define LEAST_PAIRS	5			/* rows at a phase that tell whether it repeats */

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
	validation->alone = FRNN_TAKE(arena, double, trial->recipe.lags > 0 ? points : 0);
	validation->ar_scratch = FRNN_TAKE(arena, double, frnn_ar_scratch(&trial->recipe, validation->steps));
	validation->recent = FRNN_TAKE(arena, double, validation->origins);
	validation->error = FRNN_TAKE(arena, double, validation->origins);
	validation->spread = FRNN_TAKE(arena, double, frnn_spread_phases(&trial->recipe));
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
					e = frnn_models_value(validation, mix, point + k) - ready->x[o + k];
				else if (o < period)
					continue;
				else
					e = frnn_naive_known(validation, ready, period, o, k) - frnn_with_profile(validation, ready, o + k);
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
	int			phases = frnn_spread_phases(&trial->recipe);
	FrnnErrors	errors = {validation->steps, validation->origins, validation->ridge, frnn_independent_errors(validation),
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
			frnn_error_spread(&trial->recipe, scale, trial->spread_power, ready->x + forecast->origin[j],
							  frnn_missing_before(ready, forecast->origin[j]), forecast->origin[j], ready->sigma, validation->spread);
			for (int k = 0; k < validation->steps; k++, point++)
			{
				int64_t		row = forecast->origin[j] + k;

				/* mix_forecasts has put the mixture there */
				validation->ridge[point] = ready->missing[row] ? NAN : (ready->x[row] - validation->ridge[point]) / ready->sigma /
					validation->spread[k % phases] / frnn_error_scale(&trial->recipe, scale, frnn_season_row(&ready->clock, ready->offset + row));
			}
		}
		left_out += leave_out_quiet(validation, forecast, ready, first);
	}
	/* errors of one day in seven are a seventh of the independent ones */
	errors.independent = fmax(errors.independent * (1 - left_out / fmax((double) point, 1)), 1);
	out->spread_power = trial->spread_power;
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
	double		usual;

	validation->run = (FrnnRun) {.tick = hooks->tick, .arg = hooks->arg};
	collect(validation);
	out->validation_origins = validation->origins;
	forecast_with(validation, 0, validation->ridge, hooks);
	usual = frnn_ridge_usual(validation);
	out->validation_error[FRNN_VALIDATION_RIDGE] = loss_of(validation, MIXED, 0);
	out->validation_error[FRNN_VALIDATION_NAIVE] = loss_of(validation, LAST_VALUE, 0);
	out->validation_error[FRNN_VALIDATION_SEASONAL] = seasonal_loss(validation);
	out->mix = 0;
	if (trial->members > 0)
	{
		forecast_with(validation, 1, validation->network, hooks);
		out->validation_error[FRNN_VALIDATION_NETWORK] = loss_of(validation, MIXED, 1);
		out->mix = trial->recipe.mix >= 0 ? trial->recipe.mix : frnn_choose_mix(validation, out);
	}
	/* what was asked for forecasts alone */
	if (trial->recipe.network == FRNN_NETWORK_AUTO && trial->recipe.mix < 0 && validation->origins > 0)
		frnn_choose_shares(validation, out);
	frnn_mix_forecasts(validation, out);
	out->validation_error[FRNN_VALIDATION_MIX] = loss_of(validation, MIXED, 0);
	keep_errors(validation, out);
	out->ridge_usual = out->conformal_levels > 0 ? usual * frnn_shape_by_scale(validation->shape, out) : 0;
}
