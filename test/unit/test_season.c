/*
 * test_season.c
 *	  Gaps and seasonal profiles against numpy's (test/reference/pipeline_golden.txt).
 */
#include "core/forecast/impute.h"
#include "core/forecast/season.h"
#include "check.h"
#include "golden.h"

#define GOLDEN "test/reference/pipeline_golden.txt"

static const FrnnClock no_clock = {NULL, 0, 0, 0};

static void
same(const double *got, const double *want, int n, double tol)
{
	double		worst = 0;

	for (int i = 0; i < n; i++)
	{
		double		e = fabs(got[i] - want[i]) / (1 + fabs(want[i]));

		worst = e <= worst ? worst : e;	/* NaN wins */
	}
	CHECK(worst <= tol);
}


static void
gaps(FrnnGapRule rule, const char *name)
{
	int			n;
	double	   *value = golden(GOLDEN, "gaps", &n);
	double	   *want = golden(GOLDEN, name, NULL);
	double	   *out = malloc(sizeof(double) * (size_t) n);

	CHECK(frnn_impute(value, n, 45, 6, &no_clock, 0, rule, out) == 35);
	same(out, want, n, 1e-12);

	/* what comes after the split never reaches the rows before it */
	for (int i = 45; i < n; i++)
		value[i] = 1e9;
	frnn_impute(value, n, 45, 6, &no_clock, 0, rule, out);
	same(out, want, 45, 1e-12);
	free(value);
	free(want);
	free(out);
}

static void
simple_gaps(void)
{
	double		value[6] = {NAN, 2, NAN, NAN, 8, NAN};
	double		out[6];
	double		locf[6] = {2, 2, 2, 2, 8, 8};
	double		zero[6] = {0, 2, 0, 0, 8, 0};
	double		linear[6] = {2, 2, 4, 6, 8, 8};
	double		nothing[2] = {NAN, NAN};

	CHECK(frnn_impute(value, 6, 6, 0, &no_clock, 0, FRNN_GAP_LOCF, out) == 2);
	same(out, locf, 6, 0);
	frnn_impute(value, 6, 6, 0, &no_clock, 0, FRNN_GAP_ZERO, out);
	same(out, zero, 6, 0);
	frnn_impute(value, 6, 6, 0, &no_clock, 0, FRNN_GAP_LINEAR, out);
	same(out, linear, 6, 1e-15);
	CHECK(frnn_impute(nothing, 2, 2, 0, &no_clock, 0, FRNN_GAP_SEASON, out) == 0);
}

static void
profile(const char *name, int m, int offset)
{
	char		record[64];
	int			n;
	double	   *z;
	double	   *want;
	double	   *got = malloc(sizeof(double) * (size_t) m);
	double	   *scratch;

	snprintf(record, sizeof(record), "season_%s", name);
	z = golden(GOLDEN, record, &n);
	snprintf(record, sizeof(record), "profile_%s", name);
	want = golden(GOLDEN, record, NULL);
	scratch = malloc(sizeof(double) * (size_t) n);
	frnn_profile(z, n, 2 * m, offset, &no_clock, m, got, scratch);
	same(got, want, m, 1e-10);

	/* fewer than two periods say nothing */
	frnn_profile(z, 2 * m - 1, 2 * m, offset, &no_clock, m, got, scratch);
	for (int j = 0; j < m; j++)
		CHECK(got[j] == 0);
	free(z);
	free(want);
	free(got);
	free(scratch);
}

static void
pure_season(void)
{
	double		z[70];
	double		got[7];
	double		scratch[70];

	/* a line and a season are told apart exactly */
	for (int i = 0; i < 70; i++)
		z[i] = 3 * i + (i % 7 == 2 ? 60 : -10);
	frnn_profile(z, 70, 14, 0, &no_clock, 7, got, scratch);
	for (int j = 0; j < 7; j++)
		CHECK_NEAR(got[j], j == 2 ? 60 : -10, 1e-8);
}

static void
sums(void)
{
	FrnnRecipe	recipe = frnn_recipe_default();
	double		table[5] = {1, 2, 10, 20, 30};
	double		out[4];

	recipe.periods = 2;
	recipe.period[0] = 2;
	recipe.period[1] = 3;
	frnn_profile_sum(&recipe, table, &no_clock, -1, 4, out);
	CHECK(out[0] == 32 && out[1] == 11 && out[2] == 22 && out[3] == 31);
}

/* rows that follow a wall clock, which skips a row at 30 and repeats one at 60 */
static void
clock_changes(void)
{
	FrnnClockChange change[2] = {{130, 1}, {160, 0}};
	FrnnClock	clock = {change, 2, 100, 0};
	FrnnClock	later = {change, 2, 140, 1};	/* a series that starts between the changes */
	FrnnRecipe	recipe = frnn_recipe_default();
	double		z[98];
	double		got[7];
	double		out[98];
	double		scratch[98];

	for (int i = 0; i < 98; i++)
	{
		CHECK(frnn_season_row(&clock, i) == i + (i >= 30 && i < 60));
		CHECK(frnn_season_row(&later, i) == i - (i >= 20));
		z[i] = 3 * i + (frnn_season_row(&clock, i) % 7 == 2 ? 60 : -10);
	}
	/* the two rows are all that is not regular */
	frnn_profile(z, 98, 14, 0, &clock, 7, got, scratch);
	for (int j = 0; j < 7; j++)
		CHECK_NEAR(got[j], j == 2 ? 60 : -10, 3);
	recipe.periods = 1;
	recipe.period[0] = 7;
	frnn_profile_sum(&recipe, got, &clock, 0, 98, out);
	for (int i = 0; i < 98; i++)
		CHECK(out[i] == got[(i + (i >= 30 && i < 60)) % 7]);
}

/* a day of 24 rows whose clock goes forward at row 60: a gap after it has the values of its own hours */
static void
gap_after_clock_change(void)
{
	FrnnClockChange change = {60, 1};
	FrnnClock	clock = {&change, 1, 0, 0};
	double		value[96];
	double		out[96];
	double		worst = 0;

	for (int i = 0; i < 96; i++)
		value[i] = i >= 62 && i < 90 ? NAN : frnn_phase(frnn_season_row(&clock, 5 + i), 24);
	CHECK(frnn_impute(value, 96, 96, 24, &clock, 5, FRNN_GAP_SEASON, out) == 68);
	for (int i = 0; i < 96; i++)
		worst = fmax(worst, fabs(out[i] - frnn_phase(frnn_season_row(&clock, 5 + i), 24)));
	CHECK(worst < 1e-9);
	frnn_impute(value, 96, 96, 24, &no_clock, 5, FRNN_GAP_SEASON, out);
	CHECK(fabs(out[70] - frnn_phase(frnn_season_row(&clock, 75), 24)) > 0.5);
}

int
main(void)
{
	gap_after_clock_change();
	clock_changes();
	gaps(FRNN_GAP_SEASON, "gaps_season");
	gaps(FRNN_GAP_LINEAR, "gaps_linear");
	simple_gaps();
	profile("even", 12, 0);
	profile("odd", 7, 0);
	profile("shifted", 7, 5);
	profile("short", 12, 3);
	pure_season();
	sums();
	return check_done();
}
