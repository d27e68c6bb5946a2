/*
 * error_scale.c
 *	  Relative size of errors by step, series and phase of the season.
 *
 * Each factor is shrunk to 1 by the share of its variance that sampling
 * explains (James and Stein), so that a panel of even noise keeps factors of 1.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/forecast/error_scale.h"
#include "core/forecast/season.h"
#include "core/forecast/window_source.h"
#include "core/kernel/product.h"

#define LINEAR_PART		64		/* numbers of a row that are converted at a time */
#define WINDOWS			20000	/* origins visited, all series together */
#define LARGEST			30.0	/* residuals are cut at this multiple of their mean */
#define SMALLEST		0.02	/* least factor */
#define SMOOTHED		12		/* bins of a season whose neighbors are alike */
#define FEW_CYCLES		20		/* with fewer cycles they are averaged */
#define PRODUCTS		2e9		/* of the windows visited */
#define MOST_OVERFIT	1.5
#define PANEL_SERIES	50		/* series that tell together how much phases differ */
#define LEAST_SERIES	5
#define LEAST_FAR		3		/* rows between changes that tell how they grow; of twice as many rows at least */
#define TICK_ORIGINS	1024	/* origins between two ticks */
#define VARIANCE		0.8		/* of |error| / mean |error|: 0.57 of a normal, 1 of a Laplace distribution */

static int
bin_width(int period)
{
	return (period + FRNN_PHASE_BINS - 1) / FRNN_PHASE_BINS;
}

static int
bins_of(int period)
{
	return (period + bin_width(period) - 1) / bin_width(period);
}

int
frnn_error_scale_columns(const FrnnRecipe *recipe)
{
	int			columns = 2;

	for (int p = 0; p < recipe->periods; p++)
		columns += bins_of(recipe->period[p]);
	return columns;
}

double
frnn_error_at_step(double unit, const double *shape, int n, int step)
{
	return step < n ? unit * shape[step] : unit * shape[n - 1] * sqrt((double) (step + 1) / n);
}

double
frnn_error_scale(const FrnnRecipe *recipe, const double *scale, int64_t row)
{
	double		product;

	if (scale == NULL)
		return 1;
	product = *scale;
	scale += 2;
	for (int p = 0; p < recipe->periods; p++)
	{
		int			m = recipe->period[p];

		product *= scale[frnn_phase(row, m) / bin_width(m)];
		scale += bins_of(m);
	}
	return product;
}

/* ---- recent volatility ---- */

#define RECENT_ROWS		12		/* at least */
#define CALM			0.5		/* share of the long-run change added to both sides */
#define LEAST_RECENT	0.2
#define MOST_RECENT		50.0
#define POWERS			4		/* 0, 1/4, 1/2, 3/4, 1 */
#define EVIDENCE		1.0		/* log-likelihood that a power other than 0 must gain */

static double
mean_change(const double *x, int64_t first, int64_t last)
{
	double		sum = 0;

	for (int64_t i = first; i < last; i++)
		sum += fabs(x[i] - x[i - 1]);
	return last > first ? sum / (double) (last - first) : 0;
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

double
frnn_error_recent(const FrnnRecipe *recipe, const double *scale, const FrnnReady *ready, int64_t o)
{
	int64_t		rows = recipe->periods > 0 && recipe->period[0] > RECENT_ROWS ? recipe->period[0] : RECENT_ROWS;
	double		usual;
	double		now;

	if (rows > recipe->time_steps)
		rows = recipe->time_steps;
	if (scale == NULL || ready->sigma <= 0 || o < 3 || !(scale[1] > 0))
		return 1;
	usual = scale[1] * ready->sigma;
	now = mean_change(ready->x, o - rows > 1 ? o - rows : 1, o);
	/* what the window holds changes the forecast for as long as it holds it */
	rows = recipe->time_steps;
	now = fmax(now, mean_change(ready->x, o - rows > 1 ? o - rows : 1, o));
	return fmin(fmax((now + CALM * usual) / (usual + CALM * usual), LEAST_RECENT), MOST_RECENT);
}

double
frnn_error_power(const double *error, const double *recent, int64_t n, double independent)
{
	double		chosen = 0;
	double		least = INFINITY;

	for (int p = 0; p <= POWERS; p++)
	{
		double		power = (double) p / POWERS;
		double		sum = 0;
		double		logs = 0;
		double		count = 0;
		double		loss;

		for (int64_t i = 0; i < n; i++)
			if (isfinite(error[i]))
			{
				sum += fabs(error[i]) / frnn_pow(recent[i], power);
				logs += power * frnn_log(recent[i]);
				count++;
			}
		if (!(sum > 0))
			return 0;
		/* of a Laplace distribution */
		loss = (frnn_log(sum / count) + logs / count) * independent + (p > 0 ? EVIDENCE : 0);
		if (loss < least)
		{
			least = loss;
			chosen = power;
		}
	}
	return chosen;
}

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

/* residuals of the block from origin o: work->predicted, NaN where the target is missing */
static void
residuals_at(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t o)
{
	int			h = f->recipe.block;
	float	   *y = work->row + f->recipe.inputs;
	float	   *weight = y + h;
	double		level;

	frnn_window_row(&f->recipe, ready, o, work->row, &level);
	frnn_window_target(&f->recipe, ready, o, level, y, weight);
	memcpy(work->predicted, f->ridge_bias, sizeof(double) * (size_t) h);
	add_linear((size_t) f->recipe.inputs, (size_t) h, work->row, f->ridge_weight, work->predicted);
	for (int k = 0; k < h; k++)
		work->predicted[k] = weight[k] > 0 ? y[k] - work->predicted[k] : NAN;
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
			residuals_at(work, f, &ready[s], o);
			for (int k = 0; k < h; k++)
				if (isfinite(work->predicted[k]))
				{
					work->step[k] += fabs(work->predicted[k]);
					work->step_count[k]++;
				}
			visited++;
			if ((last - o) / stride % TICK_ORIGINS == 0)
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

/* mean standardized residual of each row of one series; returns their mean, 0 if there are none */
static double
series_rows(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t rows, int64_t stride,
			const FrnnRun *run)
{
	int			h = f->recipe.block;
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
		residuals_at(work, f, ready, o);
		for (int k = 0; k < h; k++)
			if (isfinite(work->predicted[k]))
			{
				double		z = fabs(work->predicted[k]) / work->step[k];

				work->sum[o + k] += z;
				work->count[o + k]++;
				sum += z;
				count++;
			}
		if ((last - o) / stride % TICK_ORIGINS == 0)
			frnn_tick(run);
	}
	return count > 0 ? sum / count : 0;
}

/* how much the means of the phases of a season differ over the series of a panel, and how much of it sampling explains */
typedef struct PhaseSpread
{
	double		between;
	double		noise;
	double		phases;			/* means that were compared */
} PhaseSpread;

/* Returns the share of a spread that sampling is not likely to explain. */
static double
share_of(const PhaseSpread *spread)
{
	double		noise = spread->phases > 0 ? spread->noise * (1 + 2 * sqrt(2.0 / spread->phases)) : 0;

	return spread->between > noise ? 1 - noise / spread->between : 0;
}

/*
 * Makes factors of `bins` means, shrunk to 1; weight: independent values behind each, 0: none.  least: the least share
 * of their spread that is no noise, as the panel tells it; the spread is added to *sum.
 */
static void
shrink(double *mean, const double *weight, int bins, double least, PhaseSpread *sum)
{
	PhaseSpread spread = {0, 0, bins};
	double		total = 0;
	double		centre = 0;
	double		share;

	for (int b = 0; b < bins; b++)
	{
		total += weight[b];
		centre += weight[b] * mean[b];
	}
	if (!(total > 0) || !(centre > 0))
	{
		for (int b = 0; b < bins; b++)
			mean[b] = 1;
		return;
	}
	centre /= total;
	for (int b = 0; b < bins; b++)
		if (weight[b] > 0)
		{
			spread.between += weight[b] * (mean[b] / centre - 1) * (mean[b] / centre - 1);
			spread.noise += VARIANCE;
		}
	sum->between += spread.between;
	sum->noise += spread.noise;
	sum->phases += spread.phases;
	share = share_of(&spread);
	for (int b = 0; b < bins; b++)
	{
		/* what one series tells of its own share is uncertain, too */
		double		own = weight[b] > 0 ? fmax(share * weight[b] / (weight[b] + 2), least) : 0;

		mean[b] = fmax(1 + own * (mean[b] / centre - 1), SMALLEST);
	}
}

/* means over neighboring phases, by 1 : 2 : 1 */
static void
smooth(double *mean, const double *weight, int bins)
{
	double		first = mean[0];
	double		before = mean[bins - 1];

	for (int b = 0; b < bins; b++)
	{
		double		own = mean[b];
		double		after = b + 1 < bins ? mean[b + 1] : first;
		double		left = weight[(b + bins - 1) % bins] > 0 ? 1 : 0;
		double		right = weight[(b + 1) % bins] > 0 ? 1 : 0;

		if (weight[b] > 0)
			mean[b] = (left * before + 2 * own + right * after) / (2 + left + right);
		before = own;
	}
}

/* factors of the phases of one period; the rows' means are divided by them */
static void
phase_factors(FrnnErrorScale *work, const FrnnReady *ready, int64_t rows, int period, int block, bool alone,
			  double mean, double least, PhaseSpread *sum, double *factor)
{
	double		weight[FRNN_PHASE_BINS] = {0};
	int			width = bin_width(period);
	int			bins = bins_of(period);
	double		together = (width < block ? width : block) / 2.0;

	memset(factor, 0, sizeof(double) * (size_t) bins);
	for (int64_t i = 0; i < rows; i++)
		if (work->count[i] > 0)
		{
			int			b = frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), period) / width;

			factor[b] += fmin(work->sum[i] / work->count[i], LARGEST * mean);
			weight[b]++;
		}
	for (int b = 0; b < bins; b++)
	{
		factor[b] = weight[b] > 0 ? factor[b] / weight[b] : 0;
		/* errors of one block go together: those of one cycle in one bin count as two at least */
		weight[b] /= together > 1 ? together : 1;
		if (weight[b] < 2)
			weight[b] = 0;
	}
	if (alone && bins >= SMOOTHED && rows < FEW_CYCLES * period)
		smooth(factor, weight, bins);
	shrink(factor, weight, bins, least, sum);
	for (int64_t i = 0; i < rows; i++)
		work->sum[i] /= factor[frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), period) / width];
}

/*
 * Fills the factors of all phases of a series from the rows that series_rows left; least: of each period, see shrink;
 * sum: the spread of each.
 */
static void
season_factors(FrnnErrorScale *work, const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, bool alone, double mean,
			   const double *least, PhaseSpread *sum, double *factor)
{
	for (int p = 0; mean > 0 && p < recipe->periods; p++)
	{
		/* a phase seen once has no residual: its profile is its value */
		if (rows >= 2 * recipe->period[p])
			phase_factors(work, ready, rows, recipe->period[p], recipe->block, alone, mean, least[p], &sum[p], factor);
		factor += bins_of(recipe->period[p]);
	}
}

/*
 * Finds out what share of the differences of phases is no noise, from up to PANEL_SERIES series together: one series
 * of few seasons cannot tell it.
 */
static void
panel_shares(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series, const int64_t *rows,
			 int64_t stride, const FrnnRun *run, double *least)
{
	const FrnnRecipe *recipe = &out->recipe;
	PhaseSpread sum[FRNN_MAX_PERIODS] = {{0}};
	const double none[FRNN_MAX_PERIODS] = {0};

	for (int p = 0; p < recipe->periods; p++)
		least[p] = 0;
	if (series < LEAST_SERIES || recipe->pooled || recipe->periods == 0)
		return;
	for (int64_t s = 0; s < series; s += 1 + (series - 1) / PANEL_SERIES)
	{
		frnn_tick(run);
		if (ready[s].sigma > 0)
			season_factors(work, recipe, &ready[s], rows[s], false, series_rows(work, out, &ready[s], rows[s], stride, run),
						   none, sum, out->error_scale + s * frnn_error_scale_columns(recipe) + 2);
	}
	for (int p = 0; p < recipe->periods; p++)
		least[p] = share_of(&sum[p]);
}

/* the series' own factors, shrunk to the panel's: column 0 */
static void
series_factors(FrnnErrorScale *work, FrnnForecaster *out, int64_t series, const int64_t *rows)
{
	int			columns = frnn_error_scale_columns(&out->recipe);
	double		total = 0;
	double		centre = 0;
	double		between = 0;
	double		noise = 0;
	double		share;

	for (int64_t s = 0; s < series; s++)
	{
		double		weight = work->raw[s] > 0 ? fmax(2.0 * (double) rows[s] / out->recipe.block, 1) : 0;

		total += weight;
		centre += weight * work->raw[s];
	}
	centre = total > 0 ? centre / total : 1;
	for (int64_t s = 0; s < series; s++)
		if (work->raw[s] > 0)
		{
			double		weight = fmax(2.0 * (double) rows[s] / out->recipe.block, 1);

			between += weight * (work->raw[s] / centre - 1) * (work->raw[s] / centre - 1);
			noise += VARIANCE;
		}
	share = between > noise ? 1 - noise / between : 0;
	for (int64_t s = 0; s < series; s++)
	{
		double		weight = fmax(2.0 * (double) rows[s] / out->recipe.block, 1);
		double		own = work->raw[s] > 0 ? share * weight / (weight + 2) : 0;

		out->error_scale[s * columns] = fmax(1 + own * (work->raw[s] / centre - 1), SMALLEST);
	}
}

/* standardized residuals, thinned evenly */
static void
keep_residuals(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t series, const int64_t *rows,
			   int64_t stride, const FrnnRun *run)
{
	int			h = f->recipe.block;
	int			columns = frnn_error_scale_columns(&f->recipe);
	int64_t		seen = 0;
	int64_t		every = 1;
	int64_t		first;
	int64_t		last;

	work->residuals = 0;
	for (int64_t s = 0; s < series; s++)
	{
		if (ready[s].sigma <= 0 || !frnn_window_range(&f->recipe, rows[s], &first, &last))
			continue;
		for (int64_t o = last; o >= first; o -= stride)
		{
			double		recent = frnn_error_recent(&f->recipe, f->error_scale + s * columns, &ready[s], o);

			residuals_at(work, f, &ready[s], o);
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
				work->residual[work->residuals++] = work->predicted[k] / work->step[k] /
					frnn_error_scale(&f->recipe, f->error_scale + s * columns, frnn_season_row(&ready[s].clock, ready[s].offset + o + k));
			}
			if ((last - o) / stride % TICK_ORIGINS == 0)
				frnn_tick(run);
		}
		frnn_tick(run);
	}
}

void
frnn_error_scale_fit(FrnnErrorScale *work, const FrnnReady *ready, int64_t series, const int64_t *rows,
					 FrnnForecaster *out, const FrnnRun *run)
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
	PhaseSpread sum[FRNN_MAX_PERIODS] = {{0}};

	for (int64_t s = 0; s < series; s++)
		all += rows[s];
	windows = fmin(WINDOWS, fmax(PRODUCTS / recipe->inputs / recipe->block, 100));
	stride = stride_of(recipe, (int64_t) ((double) all / windows));
	step_means(work, out, ready, series, rows, stride, run);
	stride = stride_of(recipe, 2 * recipe->block / 3);
	panel_shares(work, out, ready, series, rows, stride, run, least);
	work->change = 0;
	for (int64_t s = 0; s < series; s++)
	{
		double	   *factor = out->error_scale + s * columns;

		for (int c = 0; c < columns; c++)
			factor[c] = 1;
		/* series that are not kept have the factors of those not seen in training: 1, and no volatility */
		if (recipe->pooled)
			factor[1] = 0;
		work->raw[s] = ready[s].sigma > 0 && !recipe->pooled ? series_rows(work, out, &ready[s], rows[s], stride, run) : 0;
		if (ready[s].sigma > 0 && !recipe->pooled)
			factor[1] = fmin(mean_change(ready[s].x, 1, rows[s]) / ready[s].sigma, 1e6);
		work->change += ready[s].sigma > 0 ? factor[1] : 0;
		known += ready[s].sigma > 0;
		if (ready[s].sigma > 0 && rows[s] >= 2 * LEAST_FAR)
		{
			int64_t		lag = recipe->block < rows[s] / 3 ? recipe->block : rows[s] / 3;

			far += frnn_log(fmax(mean_change_over(ready[s].x, rows[s], lag) / ready[s].sigma, SMALLEST));
			far -= frnn_log(fmax(mean_change_over(ready[s].x, rows[s], 1) / ready[s].sigma, SMALLEST));
			near += frnn_log((double) lag);
		}
		season_factors(work, recipe, &ready[s], rows[s], series == 1, work->raw[s], least, sum, factor + 2);
		frnn_tick(run);
	}
	work->change /= known > 0 ? known : 1;
	work->growth = near > 0 ? fmin(fmax(far / near, 0), 0.5) : 0.5;
	series_factors(work, out, series, rows);
	keep_residuals(work, out, ready, series, rows, stride, run);
}
