/*
 * test_scale.c
 *	  Scales, transforms, the slope of spread, order statistics, windows:
 *	  against numpy's (test/reference/pipeline_golden.txt) and by hand.
 */
#include "core/base/order.h"
#include "core/forecast/scale.h"
#include "core/forecast/transform.h"
#include "core/forecast/window_source.h"
#include "check.h"
#include "golden.h"

#define GOLDEN "test/reference/pipeline_golden.txt"

static void
scale(FrnnScaling kind, const char *name)
{
	int			n;
	double	   *x = golden(GOLDEN, "scale_x", &n);
	double	   *want = golden(GOLDEN, name, NULL);
	double	   *scratch = malloc(sizeof(double) * (size_t) n);
	double		center;
	double		sigma;

	frnn_scale(kind, x, n, 5, &center, &sigma, scratch);
	CHECK_NEAR(center, want[0], 1e-12);
	CHECK_NEAR(sigma, want[1], 1e-12);

	/* a constant has no scale, not even by rounding */
	for (int i = 0; i < n; i++)
		x[i] = 1e6 + (i % 2 ? 1e-9 : 0);
	frnn_scale(kind, x, n, 5, &center, &sigma, scratch);
	CHECK(kind == FRNN_SCALING_MEAN ? sigma > 0 : sigma == 0);
	free(x);
	free(want);
	free(scratch);
}

static void
floors(void)
{
	double		number[4 * FRNN_SERIES_NUMBERS] = {0};
	double		scratch[4];

	number[FRNN_N_SIGMA] = 1;
	number[FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] = 1e9;
	number[2 * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] = 0;
	number[3 * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] = 100;
	/* it hardly moves, but has jumped once: the floor holds */
	number[FRNN_N_SPREAD] = 50;
	CHECK(frnn_floor_sigma(number, 4, scratch) == 100);
	CHECK(number[FRNN_N_SIGMA] == 2);
	CHECK(number[FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] == 1e9);
	CHECK(number[2 * FRNN_SERIES_NUMBERS + FRNN_N_SIGMA] == 0);
	/* small as a whole */
	CHECK(frnn_sigma_floored(1e-9, 1.5e-9, 100) == 1.5e-9);
	CHECK(frnn_sigma_floored(0, 1, 100) == 0);
}

static void
transforms(void)
{
	const FrnnTransform kinds[] = {FRNN_TRANSFORM_NONE, FRNN_TRANSFORM_LOG, FRNN_TRANSFORM_LOG1P, FRNN_TRANSFORM_ASINH};

	for (int k = 0; k < 4; k++)
		for (double y = 0.25; y < 1e6; y *= 7)
			CHECK_NEAR(frnn_transform_inverse(kinds[k], frnn_transform(kinds[k], y, 3, 0.1), 3) / y, 1, 1e-12);
	CHECK_NEAR(frnn_transform(FRNN_TRANSFORM_LOG, 0, 1, 5), log(0.005), 1e-12);
	CHECK(frnn_transform(FRNN_TRANSFORM_LOG1P, -7, 1, 0) == 0);
	CHECK_NEAR(frnn_transform(FRNN_TRANSFORM_ASINH, -7, 7, 0), -asinh(1), 1e-12);
}

static void
spread(void)
{
	int			n;
	double	   *y = golden(GOLDEN, "spread_y", &n);
	double	   *want = golden(GOLDEN, "spread_slope", NULL);
	double	   *scratch = malloc(sizeof(double) * (size_t) n);
	double		numerator = 0;
	double		denominator = 0;

	frnn_spread(y, n, 8, scratch, &numerator, &denominator);
	CHECK_NEAR(numerator, want[0], 1e-10);
	CHECK_NEAR(denominator, want[1], 1e-10);
	frnn_spread(y, 23, 8, scratch, &numerator, &denominator);
	CHECK_NEAR(denominator, want[1], 1e-10);	/* two blocks say nothing */
	free(y);
	free(want);
	free(scratch);
}

static void
order(void)
{
	double		v[1000];
	bool		ascending = true;

	for (int i = 0; i < 1000; i++)
		v[i] = (i * 7919) % 1000;
	frnn_sort(v, 1000);
	for (int i = 0; i < 1000; i++)
		ascending = ascending && v[i] == i;
	CHECK(ascending);
	CHECK_NEAR(frnn_median(v, 1000), 499.5, 0);
	CHECK_NEAR(frnn_sorted_quantile(v, 1000, 0.25), 249.75, 1e-12);
	CHECK(frnn_sorted_quantile(v, 1000, 1) == 999);
	CHECK(frnn_median(v, 1) == 0);
}

static void
row_is(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, const char *name)
{
	int			n;
	double	   *want = golden(GOLDEN, name, &n);
	float		row[64];
	double		level;
	double		worst = 0;

	CHECK(n == recipe->inputs);
	frnn_window_row(recipe, ready, o, row, &level);
	for (int i = 0; i < n; i++)
		worst = fmax(worst, fabs(row[i] - want[i]));
	CHECK(worst < 1e-6);
	free(want);
}

static void
windows(void)
{
	FrnnRecipe	recipe = frnn_recipe_default();
	FrnnReady	ready = {0};
	double		mean[2] = {0.3, -0.2};
	double		sd[2] = {1.5, 0.5};
	uint8_t		missing[30] = {0};
	float		y[4];
	float		weight[4];
	double		level = 0;
	double	   *want = golden(GOLDEN, "window_target", NULL);
	double	   *x = golden(GOLDEN, "window_x", NULL);
	double	   *season = golden(GOLDEN, "window_profile", NULL);
	double	   *covariate = golden(GOLDEN, "window_covariate", NULL);
	int64_t		first;
	int64_t		last;

	recipe.mode = FRNN_MODE_WINDOW;
	recipe.time_steps = 6;
	recipe.segment = 3;
	recipe.block = 4;
	recipe.periods = 1;
	recipe.period[0] = 7;
	recipe.level = FRNN_LEVEL_LAST;
	recipe.level_rows = 5;
	recipe.covariates = 2;
	recipe.known_covariates = 1;
	recipe.past_covariates = 1;
	recipe.extras = 4 * 3;
	recipe.inputs = 6 * 3 + recipe.extras;
	missing[20] = 1;
	ready = (FrnnReady) {.n = 30, .x = x, .missing = missing, .profile = season, .offset = 2,
		.covariate = covariate, .covariate_rows = 34, .covariate_mean = mean, .covariate_sd = sd, .sigma = 0.7};
	row_is(&recipe, &ready, 18, "window_last");
	row_is(&recipe, &ready, 3, "window_early");
	frnn_window_target(&recipe, &ready, 18, x[17], y, weight);
	for (int k = 0; k < 4; k++)
	{
		CHECK_NEAR(y[k], want[k], 1e-6);
		CHECK(weight[k] == (k == 2 ? 0 : 1));
	}
	recipe.level = FRNN_LEVEL_MEAN;
	row_is(&recipe, &ready, 30, "window_mean");
	recipe.level = FRNN_LEVEL_NONE;
	ready.center = 4;
	{
		float		row[64];

		frnn_window_row(&recipe, &ready, 18, row, &level);
	}
	CHECK(level == 4);

	CHECK(frnn_window_range(&recipe, 30, &first, &last) && first == 6 && last == 26);
	CHECK(frnn_window_range(&recipe, 8, &first, &last) && first == 4 && last == 4);
	CHECK(!frnn_window_range(&recipe, 5, &first, &last));
	free(want);
	free(x);
	free(season);
	free(covariate);
}

int
main(void)
{
	scale(FRNN_SCALING_STANDARD, "scale_standard");
	scale(FRNN_SCALING_ROBUST, "scale_robust");
	scale(FRNN_SCALING_MINMAX, "scale_minmax");
	scale(FRNN_SCALING_MEAN, "scale_mean");
	scale(FRNN_SCALING_STEP, "scale_step");
	floors();
	transforms();
	spread();
	order();
	windows();
	return check_done();
}
