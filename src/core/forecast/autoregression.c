/*
 * autoregression.c
 *	  Autoregressions, one for each series: see autoregression.h.
 *
 * With U the rows t - 0 .. t - lags, m = a'U for a vector a, and what is regressed is (I - 1 a') U: so sums of
 * products of U are enough, and a sum of products of two lags follows from that of the lags before.
 */
#include "core/forecast/autoregression.h"

#include <math.h>
#include <string.h>

#include "core/forecast/season.h"
#include "core/kernel/product.h"

#define PENALTY			0.001	/* by the mean variance of a lag */
#define LEAST_SEASONS	4		/* of the shortest period */
#define WITHOUT_SEASON	13		/* lags */
#define ROWS_PER_LAG	4
#define LEAST_LAGS		4
#define MOST_ROWS		4096	/* of a series, counted from its end */
#define WILD			0.25	/* forecasts leave the range of the rows they start from by this share of it at most,
								 * and by as much more as a line through the range rises */

int
frnn_ar_lags(const FrnnRecipe *recipe)
{
	int			lags = recipe->periods > 0 ? LEAST_SEASONS * recipe->period[0] : WITHOUT_SEASON;
	double		most = fmin(floor(recipe->median_rows / ROWS_PER_LAG), FRNN_AR_MOST_LAGS);

	/* what is longer than the rows is lost on them */
	for (int p = 0; p < recipe->periods; p++)
	{
		if (recipe->period[p] > FRNN_AR_MOST_LAGS)
			return 0;
		if (recipe->period[p] > lags)
			lags = recipe->period[p];
	}
	if (lags > most)
		lags = (int) most;
	return lags < LEAST_LAGS ? 0 : lags;
}

int
frnn_ar_level_rows(const FrnnRecipe *recipe, int lags)
{
	int			rows = recipe->periods > 0 ? recipe->period[0] : 1;

	return rows < lags ? rows : lags;
}

void
frnn_ar_layout(FrnnAr *ar, FrnnArena *arena, const FrnnRecipe *recipe, int64_t longest)
{
	size_t		columns = (size_t) recipe->lags + 1;

	if (recipe->lags == 0)
		return;
	frnn_ridge_layout(&ar->ridge, arena, recipe->lags, 1);
	frnn_ridge_layout(&ar->short_ridge, arena, frnn_ar_short_lags(recipe), 1);
	ar->u = FRNN_TAKE(arena, double, longest < MOST_ROWS ? longest : MOST_ROWS);
	ar->sums = FRNN_TAKE(arena, double, frnn_mul(columns, columns));
	ar->mean = FRNN_TAKE(arena, double, columns);
	ar->total = FRNN_TAKE(arena, double, columns);
	ar->weight = FRNN_TAKE(arena, double, recipe->lags);
}

/* z of rows first .. first + n - 1 */
static void
profiled(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t first, int64_t n, double *out)
{
	frnn_profile_sum(recipe, ready->profile, &ready->clock, ready->offset + first, n, out);
	for (int64_t i = 0; i < n; i++)
		out[i] += ready->x[first + i];
}

/* Fills the upper triangle of the sums of products of lagged rows u(t - i) u(t - j) over t = lags .. n - 1. */
static void
sum_lags(FrnnAr *ar, int lags, int64_t n)
{
	const double *u = ar->u;
	size_t		columns = (size_t) lags + 1;
	size_t		N = (size_t) (n - lags);

	for (int j = 0; j <= lags; j++)
		ar->sums[j] = frnn_dot(N, u + lags, u + lags - j);
	for (int i = 1; i <= lags; i++)
	{
		const double *before = ar->sums + (size_t) (i - 1) * columns;
		double	   *row = ar->sums + (size_t) i * columns;

		for (int j = i; j <= lags; j++)
			row[j] = before[j - 1] + u[lags - i] * u[lags - j] - u[n - i] * u[n - j];
	}
	ar->total[0] = 0;
	for (int64_t t = lags; t < n; t++)
		ar->total[0] += u[t];
	for (int i = 1; i <= lags; i++)
		ar->total[i] = ar->total[i - 1] + u[lags - i] - u[n - i];
}

/* an element of the symmetric sums; columns: of their rows */
static double
sum_of(const FrnnAr *ar, size_t columns, int i, int j)
{
	return ar->sums[i < j ? (size_t) i * columns + (size_t) j : (size_t) j * columns + (size_t) i];
}

/*
 * Takes the level, the mean of lags 1 .. level, off the target and the lags of a
 * regression, and fills its sums.
 */
static void
take_level(FrnnAr *ar, FrnnRidge *ridge, size_t columns, int level, int64_t rows)
{
	int			lags = ridge->inputs;
	double		squares = 0;
	double		total = 0;

	for (int i = 0; i <= lags; i++)
	{
		double		sum = 0;

		for (int j = 1; j <= level; j++)
			sum += sum_of(ar, columns, i, j);
		ar->mean[i] = sum / level;
	}
	for (int j = 1; j <= level; j++)
	{
		squares += ar->mean[j];
		total += ar->total[j];
	}
	squares /= level;
	total /= level;
	for (int i = 1; i <= lags; i++)
	{
		double	   *row = ridge->xx + (size_t) (i - 1) * (size_t) lags;

		for (int j = i; j <= lags; j++)
			row[j - 1] = sum_of(ar, columns, i, j) - ar->mean[i] - ar->mean[j] + squares;
		ridge->xy[i - 1] = sum_of(ar, columns, 0, i) - ar->mean[0] - ar->mean[i] + squares;
		ridge->x_sum[i - 1] = ar->total[i] - total;
	}
	ridge->y_sum[0] = ar->total[0] - total;
	ridge->rows = (double) rows;
}

/* Solves one of the regressions; returns false if it has no usable weights. */
static bool
solve(FrnnAr *ar, FrnnRidge *ridge, const FrnnRecipe *recipe, int64_t rows, const FrnnRun *run, float *weight)
{
	int			lags = ridge->inputs;
	double		constant;

	ridge->run = run;
	frnn_ridge_clear(ridge);
	take_level(ar, ridge, (size_t) recipe->lags + 1, frnn_ar_level_rows(recipe, lags), rows);
	frnn_ridge_solve(ridge, PENALTY, ar->weight, &constant);
	ridge->run = NULL;
	for (int i = 0; i < lags; i++)
		if (!(fabs(ar->weight[i]) <= FRNN_AR_LARGEST))
			return false;
	if (!(fabs(constant) <= FRNN_AR_LARGEST))
		return false;
	/* the oldest row first, as a window lies */
	for (int i = 0; i < lags; i++)
		weight[i] = (float) ar->weight[lags - 1 - i];
	weight[lags] = (float) constant;
	return true;
}

void
frnn_ar_fit(FrnnAr *ar, const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, const FrnnRun *run, float *weight)
{
	int			lags = recipe->lags;
	int64_t		n = rows < MOST_ROWS ? rows : MOST_ROWS;
	double		center = 0;

	memset(weight, 0, sizeof(float) * (size_t) frnn_ar_columns(recipe));
	if (ready->sigma <= 0 || rows < 2 * (int64_t) lags)
		return;
	profiled(recipe, ready, rows - n, n, ar->u);
	for (int64_t i = 0; i < n; i++)
		center += ar->u[i];
	center /= (double) n;
	for (int64_t i = 0; i < n; i++)
		ar->u[i] = (ar->u[i] - center) / ready->sigma;
	sum_lags(ar, lags, n);
	if (!solve(ar, &ar->ridge, recipe, n - lags, run, weight) ||
		!solve(ar, &ar->short_ridge, recipe, n - lags, run, weight + lags + 1))
		memset(weight, 0, sizeof(float) * (size_t) frnn_ar_columns(recipe));
}

size_t
frnn_ar_scratch(const FrnnRecipe *recipe, int steps)
{
	return recipe->lags > 0 ? 2 * (size_t) recipe->lags + (size_t) steps : 0;
}

/*
 * Goes on with one of the regressions, its weights w in double, from the last
 * rows at z: writes the rows after them there.  Weights of few rows may send a
 * forecast off, so it leaves the range of the rows by so much at most.
 */
static void
go_on(const double *w, double constant, int lags, int level, int steps, double *z)
{
	double		sum = 0;
	double		low = INFINITY;
	double		high = -INFINITY;

	for (int i = 0; i < lags; i++)
	{
		sum += w[i];
		low = fmin(low, z[i]);
		high = fmax(high, z[i]);
	}
	for (int k = 0; k < steps; k++)
	{
		double		mean = 0;
		double		beyond;

		for (int i = lags - level; i < lags; i++)
			mean += z[k + i];
		mean /= level;
		z[k + lags] = frnn_dot((size_t) lags, w, z + k) + mean * (1 - sum) + constant;
		beyond = (high - low) * (WILD + (double) (k + 1) / (lags > 1 ? lags - 1 : 1));
		z[k + lags] = fmin(fmax(z[k + lags], low - beyond), high + beyond);
	}
}

bool
frnn_ar_forecast(const FrnnRecipe *recipe, const float *weight, const FrnnReady *ready, int64_t o, int steps,
				 double *scratch, double *out)
{
	int			both[2] = {recipe->lags, frnn_ar_short_lags(recipe)};
	double	   *w = scratch;
	double	   *z = scratch + recipe->lags;
	double		largest = 0;
	int64_t		until;

	if (o < recipe->lags || ready->sigma <= 0)
		return false;
	if (ready->clock.changes > 0 &&
		frnn_clock_shift(&ready->clock, ready->offset + o - recipe->lags, &until) !=
		frnn_clock_shift(&ready->clock, ready->offset + o + steps - 1, &until))
		return false;
	/* not by fmax, in which GCC 12 for ARM64 fails */
	for (int i = 0; i < frnn_ar_columns(recipe); i++)
		if (fabs((double) weight[i]) > largest)
			largest = fabs((double) weight[i]);
	if (largest == 0)
		return false;
	for (int r = 0; r < 2; r++)
	{
		int			lags = both[r];

		for (int i = 0; i < lags; i++)
			w[i] = (double) weight[i];
		profiled(recipe, ready, o - lags, lags, z);
		go_on(w, (double) weight[lags] * ready->sigma, lags, frnn_ar_level_rows(recipe, lags), steps, z);
		for (int k = 0; k < steps; k++)
			out[k] = r == 0 ? z[lags + k] : (out[k] + z[lags + k]) / 2;
		weight += lags + 1;
	}
	return true;
}
