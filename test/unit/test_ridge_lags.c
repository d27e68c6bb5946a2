/*
 * test_ridge_lags.c
 *	  Sums of the ridge regression by lags against those of the windows one by one.
 */
#include <stdlib.h>

#include "core/forecast/ridge_lags.h"
#include "core/forecast/window_source.h"
#include "check.h"

#define ROWS 1500
#define COVARIATES 2

static double x[40000];
static double covariate[40000 * COVARIATES];

typedef struct Sums
{
	FrnnRidge	ridge;
	void	   *block;
} Sums;

static Sums
sums_new(const FrnnRecipe *recipe)
{
	Sums		sums;
	FrnnArena	arena = frnn_arena(NULL);

	frnn_ridge_layout(&sums.ridge, &arena, recipe->inputs, recipe->block);
	sums.block = aligned_alloc(FRNN_ALIGN, arena.used);
	arena = frnn_arena(sums.block);
	frnn_ridge_layout(&sums.ridge, &arena, recipe->inputs, recipe->block);
	frnn_ridge_clear(&sums.ridge);
	return sums;
}

/* the windows one by one, in double */
static void
add_windows(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t first, int64_t origins, int64_t step, FrnnRidge *ridge)
{
	float	   *row = malloc(sizeof(float) * (size_t) (recipe->inputs + recipe->block));

	for (int64_t i = 0; i < origins; i++)
	{
		double		level;

		frnn_window_row(recipe, ready, first + i * step, row, &level);
		frnn_window_target(recipe, ready, first + i * step, level, row + recipe->inputs, NULL);
		frnn_ridge_add(ridge, row, row + recipe->inputs);
	}
	free(row);
}

static double
worst(size_t n, const double *a, const double *b, double scale)
{
	double		most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(a[i] - b[i]) / scale);
	return most;
}

static void
compare(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t first, int64_t origins, int64_t step)
{
	size_t		p = (size_t) recipe->inputs;
	size_t		O = (size_t) recipe->block;
	Sums		one = sums_new(recipe);
	Sums		lag = sums_new(recipe);
	FrnnArena	arena = frnn_arena(NULL);
	FrnnLags   *lags;
	void	   *block;
	double	   *weight = malloc(sizeof(double) * 2 * (p + 1) * O);
	double	   *other = weight + (p + 1) * O;
	double		scale = 0;

	frnn_lags_layout(&arena, recipe);
	block = aligned_alloc(FRNN_ALIGN, arena.used);
	arena = frnn_arena(block);
	lags = frnn_lags_layout(&arena, recipe);
	add_windows(recipe, ready, first, origins, step, &one.ridge);
	frnn_lags_add(lags, &lag.ridge, recipe, ready, first, origins, step);
	/* adds what waits in blocks of rows */
	CHECK(lag.ridge.rows == (double) origins);
	frnn_ridge_solve(&one.ridge, 1e-3, weight, weight + p * O);
	frnn_ridge_solve(&lag.ridge, 1e-3, other, other + p * O);
	for (size_t i = 0; i < p; i++)
		scale = fmax(scale, fabs(one.ridge.x_sum[i]));
	CHECK(worst(p, one.ridge.x_sum, lag.ridge.x_sum, fmax(scale, 1)) < 1e-5);
	scale = 0;
	for (size_t i = 0; i < p * O; i++)
		scale = fmax(scale, fabs(weight[i]));
	CHECK(scale > 0);
	CHECK(worst((p + 1) * O, weight, other, scale) < 2e-5);
	free(weight);
	free(block);
	free(one.block);
	free(lag.block);
}

/* The sums themselves, before they are centered and solved; here y_sum of the first holds squares. */
static void
compare_sums(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t first, int64_t origins, int64_t step)
{
	size_t		p = (size_t) recipe->inputs;
	size_t		O = (size_t) recipe->block;
	Sums		one = sums_new(recipe);
	Sums		lag = sums_new(recipe);
	FrnnArena	arena = frnn_arena(NULL);
	void	   *block;
	FrnnLags   *lags;
	float	   *row = malloc(sizeof(float) * (p + O));
	double	   *v = malloc(sizeof(double) * (p + O));

	frnn_lags_layout(&arena, recipe);
	block = aligned_alloc(FRNN_ALIGN, arena.used);
	arena = frnn_arena(block);
	lags = frnn_lags_layout(&arena, recipe);
	frnn_lags_add(lags, &lag.ridge, recipe, ready, first, origins, step);
	for (int64_t k = 0; k < origins; k++)
	{
		double		level;

		frnn_window_row(recipe, ready, first + k * step, row, &level);
		frnn_window_target(recipe, ready, first + k * step, level, row + p, NULL);
		for (size_t i = 0; i < p + O; i++)
			v[i] = row[i];
		for (size_t j = 0; j < O; j++)
			one.ridge.y_sum[j] += v[p + j] * v[p + j];
		for (size_t i = 0; i < p; i++)
		{
			for (size_t j = i; j < p; j++)
				one.ridge.xx[i * p + j] += v[i] * v[j];
			for (size_t j = 0; j < O; j++)
				one.ridge.xy[i * O + j] += v[i] * v[p + j];
		}
	}
	for (size_t i = 0; i < p; i++)
	{
		double		size = sqrt(one.ridge.xx[i * p + i]);

		/* the last row of a window is 0 if it is the level, without rounding */
		CHECK(size > 0 || lag.ridge.xx[i * p + i] == 0);
		for (size_t j = i; j < p; j++)
			CHECK(fabs(one.ridge.xx[i * p + j] - lag.ridge.xx[i * p + j]) <= 1e-6 * size * sqrt(one.ridge.xx[j * p + j]));
		for (size_t j = 0; j < O; j++)
			CHECK(fabs(one.ridge.xy[i * O + j] - lag.ridge.xy[i * O + j]) <= 1e-6 * size * sqrt(one.ridge.y_sum[j]));
	}
	free(row);
	free(v);
	free(block);
	free(one.block);
	free(lag.block);
}

/* a recipe with windows of `steps` rows, cut into segments */
static FrnnRecipe
recipe_of(int steps, int segment, int block, FrnnLevel level, int periods, int past, int known)
{
	FrnnRecipe	recipe = frnn_recipe_default();

	recipe.time_steps = steps;
	recipe.segment = segment;
	recipe.block = block;
	recipe.level = level;
	recipe.level_rows = steps < 12 ? steps : 12;
	recipe.periods = periods;
	recipe.period[0] = 6;
	recipe.period[1] = 35;
	recipe.past_covariates = past;
	recipe.known_covariates = known;
	recipe.covariates = past || known ? COVARIATES : 0;
	recipe.extras = block * ((periods > 0) + (known ? COVARIATES : 0));
	recipe.inputs = steps * (past ? 1 + COVARIATES : 1) + recipe.extras;
	return recipe;
}

int
main(void)
{
	static double profile[41];
	static const double mean[COVARIATES] = {0.1, 2};
	static const double sd[COVARIATES] = {0.5, 3};
	static const FrnnClockChange change[2] = {{0, 0}, {700, 1}};
	FrnnReady	ready = {.n = ROWS, .x = x, .profile = profile, .offset = -17, .covariate = covariate, .covariate_rows = ROWS,
		.covariate_mean = mean, .covariate_sd = sd, .sigma = 0.7, .center = 1e4};

	ready.clock = (FrnnClock) {change, 2, 0, 0};
	for (int i = 0; i < 40000; i++)
	{
		x[i] = 1e4 + 3 * sin(0.31 * i) + 0.02 * i + sin(1.7 * i * i) + (i == 300 ? 40 : 0);
		covariate[2 * i] = cos(0.05 * i * i);
		covariate[2 * i + 1] = i % 11 == 3 ? NAN : i % 5;
	}
	for (int i = 0; i < 41; i++)
		profile[i] = sin(2.0 * i);
	for (int level = FRNN_LEVEL_NONE; level <= FRNN_LEVEL_MEAN; level++)
		for (int extras = 0; extras < 8; extras++)
			for (int step = 1; step <= 5; step += 2)
			{
				FrnnRecipe	recipe = recipe_of(18, 6, 5, level, extras & 1 ? 2 : 0, extras & 2, extras & 4);
				int64_t		origins = (ROWS - 5 - 18) / step;

				compare_sums(&recipe, &ready, 18, origins, step);
				compare(&recipe, &ready, 18, origins, step);
				/* windows that begin before the series */
				compare_sums(&recipe, &ready, 3, 100, step);
			}
	/* several chunks of origins, and a value so large that a sum which subtracts it again has no digits left */
	ready.n = ready.covariate_rows = 40000;
	x[20] = 1e12;
	{
		FrnnRecipe	recipe = recipe_of(12, 4, 3, FRNN_LEVEL_LAST, 1, 0, 0);

		compare_sums(&recipe, &ready, 12, 39000, 1);
	}
	x[20] = 1e4;
	{
		FrnnRecipe	recipe = recipe_of(40, 40, 3, FRNN_LEVEL_LAST, 2, 0, 1);

		compare(&recipe, &ready, 40, 39000, 1);
		compare(&recipe, &ready, 41, 19400, 2);
		/* the fewest origins */
		compare_sums(&recipe, &ready, 40, 43, 1);
		compare_sums(&recipe, &ready, 200, 43, 2);
		/* nothing is summed by lags where it does not pay */
		CHECK(!frnn_lags_pay(&recipe, 39000, 1));
		recipe.time_steps = 400;
		recipe.inputs = 409;
		CHECK(frnn_lags_pay(&recipe, 39000, 1));
		CHECK(!frnn_lags_pay(&recipe, 39000, 13));
		/* at least as many origins as a window and its targets have rows */
		CHECK(frnn_lags_pay(&recipe, 403, 1));
		CHECK(!frnn_lags_pay(&recipe, 402, 1));
		recipe.time_steps = 240;
		recipe.inputs = 288;
		CHECK(frnn_lags_pay(&recipe, 256, 1));
		CHECK(!frnn_lags_pay(&recipe, 255, 1));
		recipe.loss.kind = FRNN_NEGATIVE_BINOMIAL;
		CHECK(!frnn_lags_pay(&recipe, 39000, 1));
	}
	return check_done();
}
