/*
 * error_scale_fit.c
 *	  Residuals of the ridge regression on the training rows, and the size of errors that they tell: by step here, by
 *	  phase and series in error_scale_phase.c.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/forecast/error_scale_work.h"
#include "core/forecast/error_spread.h"
#include "core/forecast/season.h"
#include "core/forecast/window_source.h"
#include "core/kernel/product.h"

#define LINEAR_PART		64		/* numbers of a row that are converted at a time */
#define WINDOWS			20000	/* origins visited, all series together */
#define PRODUCTS		2e9		/* of the windows visited */
#define MOST_OVERFIT	1.5
#define LEAST_SERIES	5
#define LEAST_FAR		3		/* rows between changes that tell how they grow; of twice as many rows at least */

void
frnn_error_scale_layout(FrnnErrorScale *work, FrnnArena *arena, int64_t series, int64_t longest,
						const FrnnRecipe *recipe)
{
	work->sum = FRNN_TAKE(arena, double, longest);
	work->count = FRNN_TAKE(arena, double, longest);
	work->predicted = FRNN_TAKE(arena, double, recipe->block);
	work->step = FRNN_TAKE(arena, double, recipe->block);
	work->step_count = FRNN_TAKE(arena, double, recipe->block);
	work->row = FRNN_TAKE(arena, float, recipe->inputs + 2 * recipe->block);
	work->raw = FRNN_TAKE(arena, double, series);
	work->residual = FRNN_TAKE(arena, double, FRNN_RESIDUALS);
	work->recent = FRNN_TAKE(arena, double, FRNN_RESIDUALS);
	work->scratch = FRNN_TAKE(arena, double, FRNN_RESIDUALS);
	work->spread = FRNN_TAKE(arena, double, frnn_spread_phases(recipe));
}

static int64_t
greatest_divisor(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t		r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* rows between origins: coprime with the periods, so that steps and phases do not go together */
static int64_t
stride_of(const FrnnRecipe *recipe, int64_t least)
{
	int64_t		stride = least > 1 ? least : 1;
	bool		coprime = false;

	while (!coprime)
	{
		coprime = true;
		for (int p = 0; p < recipe->periods; p++)
			coprime = coprime && greatest_divisor(stride, recipe->period[p]) == 1;
		stride += !coprime;
	}
	return stride;
}

/* out (h) += x W, with W (n, h) */
static void
add_linear(size_t n, size_t h, const float *x, const double *w, double *out)
{
	for (size_t from = 0; from < n; from += LINEAR_PART)
	{
		size_t		part = n - from < LINEAR_PART ? n - from : LINEAR_PART;
		double		exact[LINEAR_PART];

		for (size_t i = 0; i < part; i++)
			exact[i] = x[from + i];
		frnn_add_rows(h, part, 1, exact, 1, w + from * h, h, out);
	}
}

void
frnn_residuals_at(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t o)
{
	int			h = f->recipe.block;
	bool		leaks = ready->sparse && o > 0 && ready->missing[o - 1];
	float	   *y = work->row + f->recipe.inputs;
	float	   *weight = y + h;
	double		level;

	frnn_window_row(&f->recipe, ready, o, work->row, &level);
	frnn_window_target(&f->recipe, ready, o, level, y, weight);
	memcpy(work->predicted, f->ridge_bias, sizeof(double) * (size_t) h);
	add_linear((size_t) f->recipe.inputs, (size_t) h, work->row, f->ridge_weight, work->predicted);
	for (int k = 0; k < h; k++)
		work->predicted[k] = weight[k] > 0 && !leaks ? y[k] - work->predicted[k] : NAN;
}

/* errors on new rows by residuals of a regression with p coefficients on n rows (Akaike's final prediction error) */
static double
overfit_factor(double n, double p)
{
	return n > p ? fmin(sqrt((n + p) / (n - p)), MOST_OVERFIT) : MOST_OVERFIT;
}

static void
step_means(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t series, const int64_t *rows,
		   int64_t stride, const FrnnRun *run)
{
	int			h = f->recipe.block;
	double		windows = 0;
	double		visited = 0;
	double		known = 0;
	int64_t		first;
	int64_t		last;

	memset(work->step, 0, sizeof(double) * (size_t) h);
	memset(work->step_count, 0, sizeof(double) * (size_t) h);
	for (int64_t s = 0; s < series; s++)
	{
		if (ready[s].sigma <= 0 || !frnn_window_range(&f->recipe, rows[s], &first, &last))
			continue;
		windows += (double) (last - first + 1);
		for (int64_t o = last; o >= first; o -= stride)
		{
			frnn_residuals_at(work, f, &ready[s], o);
			for (int k = 0; k < h; k++)
				if (isfinite(work->predicted[k]))
				{
					work->step[k] += fabs(work->predicted[k]);
					work->step_count[k]++;
				}
			visited++;
			if ((last - o) / stride % FRNN_TICK_ORIGINS == 0)
				frnn_tick(run);
		}
		frnn_tick(run);
	}
	for (int k = 0; k < h; k++)
		known += work->step_count[k];
	work->windows = visited > 0 ? windows * (known / (visited * h)) : 0;
	/* a regression learns from the targets that are known */
	for (int k = 0; k < h; k++)
		work->step[k] = work->step_count[k] > 0 ?
			work->step[k] / work->step_count[k] * overfit_factor(windows * work->step_count[k] / visited, f->recipe.inputs) : 0;
	/* an exact line leaves nothing to divide by */
	for (int k = 0; k < h; k++)
		if (!(work->step[k] > 1e-12))
			work->step[k] = 1e-12;
}

double
frnn_series_residuals(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, const double *scale, int64_t rows,
					  int64_t stride, const FrnnRun *run)
{
	int			h = f->recipe.block;
	int			phases = frnn_spread_phases(&f->recipe);
	double		sum = 0;
	double		count = 0;
	int64_t		first;
	int64_t		last;

	memset(work->sum, 0, sizeof(double) * (size_t) rows);
	memset(work->count, 0, sizeof(double) * (size_t) rows);
	if (!frnn_window_range(&f->recipe, rows, &first, &last))
		return 0;
	for (int64_t o = last; o >= first; o -= stride)
	{
		frnn_residuals_at(work, f, ready, o);
		frnn_error_spread(&f->recipe, scale, f->spread_power, ready->x + o, frnn_missing_before(ready, o), o, ready->sigma, work->spread);
		for (int k = 0; k < h; k++)
			if (isfinite(work->predicted[k]))
			{
				double		z = fabs(work->predicted[k]) / work->step[k] / work->spread[k % phases];

				work->sum[o + k] += z;
				work->count[o + k]++;
				sum += z;
				count++;
			}
		if ((last - o) / stride % FRNN_TICK_ORIGINS == 0)
			frnn_tick(run);
	}
	return count > 0 ? sum / count : 0;
}

/* Mean absolute change over `lag` rows, 0 if there are none. */
static double
mean_change_over(const double *x, int64_t n, int64_t lag)
{
	double		sum = 0;

	for (int64_t i = lag; i < n; i++)
		sum += fabs(x[i] - x[i - lag]);
	return n > lag ? sum / (double) (n - lag) : 0;
}

/*
 * Returns the mean absolute change per row of a series of which most rows are missing, and adds to *far and *near how
 * it grows: from changes between neighboring known rows, and over one of them.  Rows filled between two hardly change.
 */
static double
sparse_change(const FrnnReady *ready, int64_t rows, double *far, double *near)
{
	double		change[2] = {0};
	double		count[2] = {0};
	double		distance = 0;
	double		growth;
	int64_t		last[2] = {-1, -1};

	for (int64_t i = 0; i < rows; i++)
	{
		if (ready->missing[i])
			continue;
		for (int j = 0; j < 2; j++)
			if (last[j] >= 0)
			{
				change[j] += fabs(ready->x[i] - ready->x[last[j]]);
				count[j]++;
			}
		distance += last[0] >= 0 ? (double) (i - last[0]) : 0;
		last[1] = last[0];
		last[0] = i;
	}
	if (count[1] < LEAST_FAR)
		return count[0] > 0 ? change[0] / count[0] / ready->sigma : 0;
	growth = frnn_log(fmax(change[1] / count[1] / ready->sigma, FRNN_LEAST_FACTOR)) -
		frnn_log(fmax(change[0] / count[0] / ready->sigma, FRNN_LEAST_FACTOR));
	*far += growth;
	*near += frnn_log(2);
	growth = fmin(fmax(growth / frnn_log(2), 0), 0.5);
	return change[0] / count[0] / ready->sigma / frnn_pow(distance / count[0], growth);
}

/*
 * Finds out what share of the differences of phases is no noise, from up to FRNN_PANEL_SERIES series together: one series
 * of few seasons cannot tell it.
 */
static void
panel_shares(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series, const int64_t *rows,
			 int64_t stride, const FrnnRun *run, double *least)
{
	const FrnnRecipe *recipe = &out->recipe;
	FrnnPhaseSpread sum[FRNN_MAX_PERIODS] = {{0}};
	const double none[FRNN_MAX_PERIODS] = {0};

	for (int p = 0; p < recipe->periods; p++)
		least[p] = 0;
	if (series < LEAST_SERIES || recipe->pooled || recipe->periods == 0)
		return;
	for (int64_t s = 0; s < series; s += 1 + (series - 1) / FRNN_PANEL_SERIES)
	{
		double	   *factor = out->error_scale + s * frnn_error_scale_columns(recipe);

		frnn_tick(run);
		if (ready[s].sigma > 0)
			frnn_phase_factors(work, recipe, &ready[s], rows[s], false,
							   frnn_series_residuals(work, out, &ready[s], factor, rows[s], stride, run), none, sum,
							   factor + FRNN_ERROR_COLUMNS);
	}
	for (int p = 0; p < recipe->periods; p++)
		least[p] = frnn_phase_share(&sum[p]);
}

/* standardized residuals, thinned evenly */
static void
keep_residuals(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t series, const int64_t *rows,
			   int64_t stride, const FrnnRun *run)
{
	int			h = f->recipe.block;
	int			columns = frnn_error_scale_columns(&f->recipe);
	int			phases = frnn_spread_phases(&f->recipe);
	int64_t		seen = 0;
	int64_t		every = 1;
	int64_t		first;
	int64_t		last;

	work->residuals = 0;
	for (int64_t s = 0; s < series; s++)
	{
		const double *scale = f->error_scale + s * columns;

		if (ready[s].sigma <= 0 || !frnn_window_range(&f->recipe, rows[s], &first, &last))
			continue;
		for (int64_t o = last; o >= first; o -= stride)
		{
			double		recent = frnn_error_recent(&f->recipe, scale, &ready[s], o);

			frnn_residuals_at(work, f, &ready[s], o);
			frnn_error_spread(&f->recipe, scale, f->spread_power, ready[s].x + o, frnn_missing_before(&ready[s], o), o,
							  ready[s].sigma, work->spread);
			for (int k = 0; k < h; k++)
			{
				if (!isfinite(work->predicted[k]) || seen++ % every != 0)
					continue;
				if (work->residuals == FRNN_RESIDUALS)
				{
					for (int64_t i = 0; i < FRNN_RESIDUALS / 2; i++)
					{
						work->residual[i] = work->residual[2 * i];
						work->recent[i] = work->recent[2 * i];
					}
					work->residuals /= 2;
					every *= 2;
				}
				work->recent[work->residuals] = recent;
				work->residual[work->residuals++] = work->predicted[k] / work->step[k] / work->spread[k % phases] /
					frnn_error_scale(&f->recipe, scale, frnn_season_row(&ready[s].clock, ready[s].offset + o + k));
			}
			if ((last - o) / stride % FRNN_TICK_ORIGINS == 0)
				frnn_tick(run);
		}
		frnn_tick(run);
	}
}

void
frnn_error_scale_fit(FrnnErrorScale *work, const FrnnReady *ready, int64_t series, const int64_t *rows,
					 bool choose, FrnnForecaster *out, const FrnnRun *run)
{
	const FrnnRecipe *recipe = &out->recipe;
	int			columns = frnn_error_scale_columns(recipe);
	int64_t		all = 0;
	int64_t		stride;
	double		windows;
	double		known = 0;
	double		far = 0;
	double		near = 0;
	double		least[FRNN_MAX_PERIODS];
	FrnnPhaseSpread sum[FRNN_MAX_PERIODS] = {{0}};

	for (int64_t s = 0; s < series; s++)
		all += rows[s];
	windows = fmin(WINDOWS, fmax(PRODUCTS / recipe->inputs / recipe->block, 100));
	stride = stride_of(recipe, (int64_t) ((double) all / windows));
	step_means(work, out, ready, series, rows, stride, run);
	stride = stride_of(recipe, 2 * recipe->block / 3);
	if (choose)
		out->spread_power = 0;
	frnn_usual_spreads(work, out, ready, series, rows, choose ? 1 + (series - 1) / FRNN_PANEL_SERIES : out->spread_power > 0 ? 1 : 0, run);
	panel_shares(work, out, ready, series, rows, stride, run, least);
	if (choose)
	{
		frnn_choose_spread(work, out, ready, series, rows, stride, least, run);
		/* without a power it has no part in the intervals */
		frnn_usual_spreads(work, out, ready, series, rows, out->spread_power > 0 ? 1 : 0, run);
		if (out->spread_power > 0)
			panel_shares(work, out, ready, series, rows, stride, run, least);
	}
	work->change = 0;
	for (int64_t s = 0; s < series; s++)
	{
		double	   *factor = out->error_scale + s * columns;

		for (int c = 0; c < columns; c++)
			factor[c] = c == 2 ? factor[c] : 1;
		/* series that are not kept have the factors of those not seen in training: 1, and no volatility */
		if (recipe->pooled)
			factor[1] = 0;
		work->raw[s] = ready[s].sigma > 0 && !recipe->pooled ? frnn_series_residuals(work, out, &ready[s], factor, rows[s], stride, run) : 0;
		if (ready[s].sigma > 0 && !recipe->pooled)
			factor[1] = fmin(mean_change_over(ready[s].x, rows[s], 1) / ready[s].sigma, 1e6);
		known += ready[s].sigma > 0;
		if (ready[s].sigma > 0 && ready[s].sparse)
			work->change += fmin(sparse_change(&ready[s], rows[s], &far, &near), 1e6);
		else
			work->change += ready[s].sigma > 0 ? factor[1] : 0;
		if (ready[s].sigma > 0 && !ready[s].sparse && rows[s] >= 2 * LEAST_FAR)
		{
			int64_t		lag = recipe->block < rows[s] / 3 ? recipe->block : rows[s] / 3;

			far += frnn_log(fmax(mean_change_over(ready[s].x, rows[s], lag) / ready[s].sigma, FRNN_LEAST_FACTOR));
			far -= frnn_log(fmax(mean_change_over(ready[s].x, rows[s], 1) / ready[s].sigma, FRNN_LEAST_FACTOR));
			near += frnn_log((double) lag);
		}
		frnn_phase_factors(work, recipe, &ready[s], rows[s], series == 1, work->raw[s], least, sum, factor + FRNN_ERROR_COLUMNS);
		frnn_tick(run);
	}
	work->change /= known > 0 ? known : 1;
	work->growth = near > 0 ? fmin(fmax(far / near, 0), 0.5) : 0.5;
	frnn_series_factors(work, out, series, rows);
	keep_residuals(work, out, ready, series, rows, stride, run);
}
