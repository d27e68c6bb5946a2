/*
 * test_spread.c
 *	  Recent spread at the phases of a season against its formula, and the choice of its power.
 */
#include <string.h>

#include "core/base/random.h"
#include "core/forecast/error_spread.h"
#include "check.h"

#define PERIOD	24
#define CYCLES	7
#define ROWS	(PERIOD * CYCLES)

static FrnnRecipe
recipe_of(int period, int time_steps)
{
	FrnnRecipe	recipe = frnn_recipe_default();

	recipe.periods = 1;
	recipe.period[0] = period;
	recipe.time_steps = time_steps;
	recipe.pooled = false;
	recipe.intermittent = false;
	return recipe;
}

/* variance of phase k: mean first, then squares */
static double
variance_at(const double *x, int period, int cycles, int k)
{
	double		mean = 0;
	double		sum = 0;
	double		squares = 0;
	double		variance = 0;

	for (int c = 0; c < cycles; c++)
	{
		double		w = pow(0.75, cycles - 1 - c);

		mean += w * x[c * period + k];
		sum += w;
		squares += w * w;
	}
	mean /= sum;
	for (int c = 0; c < cycles; c++)
		variance += pow(0.75, cycles - 1 - c) * pow(x[c * period + k] - mean, 2);
	return variance / (sum - squares / sum);
}

static void
formula(double power)
{
	FrnnRecipe	recipe = recipe_of(PERIOD, ROWS);
	double		noise[ROWS];
	const double scale[FRNN_ERROR_COLUMNS + PERIOD] = {1, 1, 0.5};
	double		x[ROWS];
	double		factor[PERIOD];
	double		mean = 0;
	double		worst = 0;

	frnn_random_normal(7, FRNN_USE_SAMPLE, 0, 0, noise, ROWS);
	for (int i = 0; i < ROWS; i++)
		x[i] = 1e3 + noise[i] * (1 + i % PERIOD);
	for (int k = 0; k < PERIOD; k++)
		mean += variance_at(x, PERIOD, CYCLES, k) / PERIOD;
	CHECK(frnn_spread_phases(&recipe) == PERIOD && frnn_spread_rows(&recipe) == ROWS);
	frnn_error_spread(&recipe, scale, power, x + ROWS, NULL, ROWS, 20, factor);
	for (int k = 0; k < PERIOD; k++)
	{
		double		smooth = (variance_at(x, PERIOD, CYCLES, (k + PERIOD - 1) % PERIOD) + 2 * variance_at(x, PERIOD, CYCLES, k) +
							  variance_at(x, PERIOD, CYCLES, (k + 1) % PERIOD)) / 4;
		double		spread = sqrt(smooth + 0.05 * mean) / (0.5 * 20);
		double		want = pow(fmin(fmax(spread, 0.2), 5), power);

		worst = fmax(worst, fabs(factor[k] / want - 1));
	}
	CHECK(worst < 1e-9);
}

static bool
all(const double *factor, int n, double want)
{
	bool		same = true;

	for (int k = 0; k < n; k++)
		same = same && fabs(factor[k] - want) < 1e-12;
	return same;
}

/* filled rows tell nothing: a phase that is known in three cycles has the factor 1, in four that of these */
static void
gaps(const FrnnRecipe *recipe, const double *scale, const double *x)
{
	uint8_t		missing[ROWS] = {0};
	double		factor[PERIOD];

	for (int c = 0; c < 4; c++)
		missing[c * PERIOD + 5] = missing[c * PERIOD + 17] = 1;
	missing[17] = 0;
	frnn_error_spread(recipe, scale, 1, x + ROWS, missing + ROWS, ROWS, 1, factor);
	CHECK(factor[5] == 1 && fabs(factor[17] - 0.2) < 1e-12 && fabs(factor[4] - 0.2) < 1e-12);
	memset(missing, 1, ROWS);
	frnn_error_spread(recipe, scale, 1, x + ROWS, missing + ROWS, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 1));
}

static void
unknown(void)
{
	FrnnRecipe	recipe = recipe_of(PERIOD, ROWS);
	FrnnRecipe	few = recipe_of(PERIOD, 4 * PERIOD - 1);
	double		scale[FRNN_ERROR_COLUMNS + PERIOD] = {1, 1, 0.5};
	double		x[ROWS] = {0};
	double		factor[PERIOD];

	CHECK(frnn_spread_phases(&few) == 1 && frnn_spread_rows(&few) == 0);
	frnn_error_spread(&few, scale, 1, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, 1, 1));
	frnn_error_spread(&recipe, NULL, 1, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 1));
	frnn_error_spread(&recipe, scale, 1, x + ROWS, NULL, ROWS - 1, 1, factor);
	CHECK(all(factor, PERIOD, 1));
	frnn_error_spread(&recipe, scale, 0, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 1));
	/* nothing changed: a fifth of the usual; a value whose square is beyond double: five times */
	frnn_error_spread(&recipe, scale, 1, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 0.2));
	x[ROWS - 5] = 1e300;
	frnn_error_spread(&recipe, scale, 1, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 5));
	scale[2] = 0.5;
	x[ROWS - 5] = 0;
	gaps(&recipe, scale, x);
	scale[2] = 0;
	frnn_error_spread(&recipe, scale, 1, x + ROWS, NULL, ROWS, 1, factor);
	CHECK(all(factor, PERIOD, 1));
}

/* errors that grow with a power of the factor have that power, even ones and few ones none */
static void
choice(void)
{
	for (int p = 0; p < FRNN_SPREAD_POWERS; p++)
		for (int n = 10; n <= 4000; n += 3990)
		{
			FrnnSpreadChoice made;
			double		noise[8000];

			memset(&made, 0, sizeof(made));
			frnn_random_normal(11, FRNN_USE_SAMPLE, (uint64_t) p, 0, noise, 8000);
			for (int i = 0; i < n; i++)
			{
				double		factor = exp(noise[2 * i] / 2);

				frnn_spread_add(&made, i % 2, noise[2 * i + 1] * pow(factor, p / 4.0) * (1 + i % 2), factor);
			}
			frnn_spread_next(&made);
			CHECK(frnn_spread_power(&made, 12) == (n > 10 ? p / 4.0 : 0));
		}
}

int
main(void)
{
	formula(1);
	formula(0.5);
	unknown();
	choice();
	return check_done();
}
