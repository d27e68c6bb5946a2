/*
 * test_autoregression.c
 *	  Autoregressions against numpy's (test/reference/autoregression_golden.txt).
 */
#include "core/forecast/autoregression.h"
#include "check.h"
#include "golden.h"

#define GOLDEN "test/reference/autoregression_golden.txt"

static const FrnnClock no_clock = {NULL, 0, 0, 0};

static double *
record(const char *name, const char *what, int *count)
{
	char		wanted[64];

	snprintf(wanted, sizeof(wanted), "%s_%s", name, what);
	return golden(GOLDEN, wanted, count);
}

/* the largest distance, by the largest number */
static double
distance(const double *got, const double *want, int n)
{
	double		worst = 0;
	double		largest = 0;

	for (int i = 0; i < n; i++)
	{
		double		e = fabs(got[i] - want[i]);

		worst = e <= worst ? worst : e; /* NaN wins */
		largest = fmax(largest, fabs(want[i]));
	}
	return worst / largest;
}

/* a fit of z, profiles of 0, and the buffers for it */
typedef struct Case
{
	FrnnRecipe	recipe;
	FrnnReady	ready;
	FrnnAr		ar;
	double		profile[64];
	float		weight[256];
	void	   *block;
} Case;

static Case *
prepared(double *z, int n, int period, int lags, double sigma)
{
	Case	   *c = calloc(1, sizeof(Case));
	FrnnArena	arena = frnn_arena(NULL);
	FrnnRun		run = {0};

	c->recipe = frnn_recipe_default();
	c->recipe.periods = 1;
	c->recipe.period[0] = period;
	c->recipe.lags = lags;
	c->ready = (FrnnReady) {.n = n, .x = z, .profile = c->profile, .clock = no_clock, .sigma = sigma};
	frnn_ar_layout(&c->ar, &arena, &c->recipe, n);
	c->block = malloc(arena.used);
	arena = frnn_arena(c->block);
	frnn_ar_layout(&c->ar, &arena, &c->recipe, n);
	frnn_ar_fit(&c->ar, &c->recipe, &c->ready, n, &run, c->weight);
	return c;
}

static void
release(Case *c)
{
	free(c->block);
	free(c);
}

static void
against_numpy(const char *name, int period, int lags, double sigma)
{
	int			n;
	int			columns;
	int			steps;
	double	   *z = record(name, "z", &n);
	double	   *want = record(name, "weight", &columns);
	double	   *ahead = record(name, "ahead", &steps);
	Case	   *c = prepared(z, n, period, lags, sigma);
	double	   *got = malloc(sizeof(double) * (size_t) columns);
	double	   *out = malloc(sizeof(double) * (size_t) steps);
	double	   *scratch = malloc(sizeof(double) * frnn_ar_scratch(&c->recipe, steps));

	CHECK(frnn_ar_columns(&c->recipe) == columns);
	for (int i = 0; i < columns; i++)
		got[i] = (double) c->weight[i];
	/* weights are kept as float */
	CHECK(distance(got, want, columns) < 1e-6);
	CHECK(frnn_ar_forecast(&c->recipe, c->weight, &c->ready, n, steps, scratch, out));
	CHECK(distance(out, ahead, steps) < 1e-5);
	free(z);
	free(want);
	free(ahead);
	free(got);
	free(out);
	free(scratch);
	release(c);
}

/* two waves, each a recurrence of two rows: forecasts go on with them */
static void
exact_waves(void)
{
	double		z[200];
	double		out[20];
	double		scratch[64];
	double		worst = 0;
	Case	   *c;

	for (int i = 0; i < 200; i++)
		z[i] = 100 + 3 * sin(i * 0.7) + 2 * cos(i * 1.9);
	c = prepared(z, 180, 6, 16, 1);
	CHECK(frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 180, 20, scratch, out));
	for (int k = 0; k < 20; k++)
		worst = fmax(worst, fabs(out[k] - z[180 + k]));
	CHECK(worst < 0.2);
	/* a constant takes no part, nor do fewer rows than lags or than twice as many to fit */
	c->ready.sigma = 0;
	CHECK(!frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 180, 20, scratch, out));
	c->ready.sigma = 1;
	CHECK(!frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 15, 20, scratch, out));
	frnn_ar_fit(&c->ar, &c->recipe, &c->ready, 31, &(FrnnRun) {0}, c->weight);
	CHECK(!frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 180, 20, scratch, out));
	release(c);
}

/* weights that double the distance at each row stay within a range of the rows */
static void
wild_weights(void)
{
	double		z[40];
	double		out[100];
	double		scratch[160];
	FrnnClockChange change[2] = {{0, 0}, {35, 1}};
	Case	   *c;

	for (int i = 0; i < 40; i++)
		z[i] = i % 7;
	c = prepared(z, 40, 7, 8, 1);
	for (int i = 0; i < frnn_ar_columns(&c->recipe); i++)
		c->weight[i] = 1e6f;
	CHECK(frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 40, 100, scratch, out));
	for (int k = 0; k < 100; k++)
		CHECK(fabs(out[k] - 3) <= 3 + 6 * (0.25 + (k + 1) / 3.0));
	/* a clock change among the rows moves the seasons */
	c->ready.clock = (FrnnClock) {change, 2, 0, 0};
	CHECK(!frnn_ar_forecast(&c->recipe, c->weight, &c->ready, 40, 100, scratch, out));
	release(c);
}

/* lags by seasons and rows */
static void
lags_of(int periods, int first, int last, double rows, int want)
{
	FrnnRecipe	recipe = frnn_recipe_default();

	recipe.periods = periods;
	recipe.period[0] = first;
	recipe.period[1] = last;
	recipe.median_rows = rows;
	CHECK(frnn_ar_lags(&recipe) == want);
}

int
main(void)
{
	against_numpy("seasonal", 7, 28, 1.7);
	against_numpy("short", 4, 15, 0.6);
	exact_waves();
	wild_weights();
	lags_of(2, 24, 168, 1000, 168);
	lags_of(2, 24, 168, 400, 100);
	lags_of(1, 7, 0, 1000, 28);
	lags_of(2, 288, 2016, 1e5, 0);
	lags_of(2, 48, 336, 1e5, 336);
	lags_of(0, 0, 0, 100, 13);
	lags_of(0, 0, 0, 15, 0);
	return check_done();
}
