/*
 * test_forecaster.c
 *	  The whole pipeline on made-up series: what must hold whatever the weights.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/special.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/conformal.h"
#include "world.h"

/* ---- what must hold ---- */

static void
trend(int64_t n)
{
	World	   *w = world(1, n, 6, 0);
	Answer		a;

	for (int64_t i = 0; i < n; i++)
		w->value[0][i] = (double) (i + 1);
	CHECK(fit(w) == FRNN_OK);
	a = ask_end(w, 0, 20);
	for (int k = 0; k < 20; k++)
		CHECK_NEAR(a.point[k], (double) (n + 1 + k), 0.05 * (k + 1));
	free_world(w);
}

static void
constant(void)
{
	World	   *w = world(3, 50, 4, 12);
	Answer		a;

	/* one constant among others, then a panel of nothing else */
	for (int only = 0; only < 2; only++)
	{
		for (int64_t i = 0; i < 50; i++)
			for (int s = 0; s < 3; s++)
				w->value[s][i] = s == 1 || only ? 7.25 : 20 + noise(s, i);
		CHECK(fit(w) == FRNN_OK);
		a = ask_end(w, 1, 9);
		CHECK(a.status == FRNN_SERIES_CONSTANT);
		for (int k = 0; k < 9; k++)
			CHECK(a.point[k] == 7.25 && a.lower[k] == 7.25 && a.upper[k] == 7.25 && a.error[k] == 0);
		free(w->state);
		w->state = NULL;
		w->recipe = frnn_recipe_default();
		w->recipe.updates = 20;
	}
	free_world(w);
}

static void
season_and_scale(void)
{
	World	   *w = world(8, 60, 12, 12);
	Answer		small;
	Answer		large;

	/* series 7 is series 6, a thousand million times larger */
	for (int s = 0; s < 8; s++)
		for (int64_t i = 0; i < 60; i++)
			w->value[s][i] = (s == 7 ? 1e9 : 1) * (100 + 20 * sin(2 * M_PI * (double) i / 12) + noise(s == 7 ? 6 : s, i));
	CHECK(fit(w) == FRNN_OK);
	CHECK(w->recipe.mode == FRNN_MODE_SEQUENCE && w->recipe.periods == 1);
	small = ask_end(w, 6, 12);
	large = ask_end(w, 7, 12);
	for (int k = 0; k < 12; k++)
	{
		CHECK_NEAR(large.point[k] / 1e9, small.point[k], 1e-3);
		CHECK_NEAR(small.point[k], 100 + 20 * sin(2 * M_PI * (60 + k) / 12), 4);
		CHECK(small.lower[k] < small.point[k] && small.point[k] < small.upper[k]);
		CHECK(small.lower[STEPS_MAX * 0 + 12 + k] <= small.lower[k]);
		CHECK(small.error[k] > 0);
	}
	CHECK(w->forecaster.validation_error[FRNN_VALIDATION_MIX] < w->forecaster.validation_error[FRNN_VALIDATION_NAIVE]);
	free_world(w);
}

static void
counts(void)
{
	World	   *w = world(4, 80, 5, 7);

	for (int s = 0; s < 4; s++)
		for (int64_t i = 0; i < 80; i++)
			w->value[s][i] = floor(fmax(0, 3 * noise(s, i)));
	CHECK(fit(w) == FRNN_OK);
	for (int s = 0; s < 4; s++)
	{
		Answer		a = ask_end(w, s, 30);

		for (int k = 0; k < 60; k++)
			CHECK(a.lower[k] >= 0 && (k >= 30 || a.point[k] >= 0));
	}
	free_world(w);
}

/* series of 0 .. 5 known values beside good ones */
static void
tiny(void)
{
	World	   *w = world(8, 40, 6, 0);
	Answer		a;

	for (int s = 0; s < 8; s++)
		for (int64_t i = 0; i < 40; i++)
			w->value[s][i] = 10 + noise(s, i);
	for (int s = 0; s < 4; s++)
		w->data[s].n = s + 1;
	w->value[0][0] = NAN;
	w->data[1].n = 1;
	CHECK(fit(w) == FRNN_OK);
	a = ask_end(w, 0, 3);
	CHECK(a.status == FRNN_SERIES_EMPTY && isnan(a.point[0]) && isnan(a.lower[0]) && isnan(a.error[0]));
	a = ask_end(w, 1, 3);
	CHECK(a.status == FRNN_SERIES_SHORT && a.point[2] == w->value[1][0] && isnan(a.lower[0]));
	for (int s = 2; s < 8; s++)
	{
		a = ask_end(w, s, 8);
		CHECK(a.status == FRNN_SERIES_OK);
		for (int k = 0; k < 8; k++)
			CHECK(isfinite(a.point[k]) && isfinite(a.lower[k]) && a.point[k] > 0 && a.point[k] < 30);
	}
	w->value[0][0] = INFINITY;
	a = ask_end(w, 0, 3);
	CHECK(a.status == FRNN_SERIES_NOT_FINITE && isnan(a.point[0]));
	free_world(w);

	/* nothing but tiny ones */
	w = world(2, 3, 12, 12);
	for (int64_t i = 0; i < 3; i++)
		w->value[0][i] = w->value[1][i] = (double) (i * i);
	CHECK(fit(w) == FRNN_OK);
	a = ask_end(w, 0, 12);
	for (int k = 0; k < 12; k++)
		CHECK(isfinite(a.point[k]));
	free_world(w);
	w = world(1, 2, 1, 0);
	w->value[0][0] = 1;
	w->value[0][1] = 2;
	CHECK(fit(w) == FRNN_TOO_SHORT && w->error.value == 2);
	free_world(w);
}

/* rows from the origin on, and their gaps, never matter; batches do not either */
static void
poison(int mode)
{
	World	   *w = world(3, 150, 4, 7);
	int64_t		origin[3] = {60, 61, 110};
	double	   *changed = malloc(sizeof(double) * 150);
	FrnnSeriesData other;

	w->recipe.mode = mode == 0 ? FRNN_MODE_SEQUENCE : FRNN_MODE_WINDOW;
	for (int s = 0; s < 3; s++)
		for (int64_t i = 0; i < 150; i++)
			w->value[s][i] = 50 + 10 * sin((double) i) + noise(s, i);
	w->value[0][58] = NAN;
	w->value[0][30] = NAN;
	CHECK(fit(w) == FRNN_OK);
	for (int unseen = 0; unseen < 2; unseen++)
		for (int together = 0; together < 2; together++)
		{
			Answer		clean = ask(w, &w->data[unseen], unseen ? -1 : 0, together ? 2 : 1, origin, 4);
			Answer		dirty;

			for (int64_t i = 0; i < 150; i++)
				changed[i] = i < origin[together] ? w->value[unseen][i] : i % 3 ? 1e12 : NAN;
			other = w->data[unseen];
			other.value = changed;
			dirty = ask(w, &other, unseen ? -1 : 0, together ? 2 : 1, origin, 4);
			for (int k = 0; k < (together ? 8 : 4); k++)
			{
				CHECK_NEAR(dirty.point[k], clean.point[k], 1e-4);
				CHECK_NEAR(dirty.upper[k], clean.upper[k], 1e-4);
			}
		}
	{
		Answer		three = ask(w, &w->data[1], 1, 3, origin, 4);

		for (int i = 0; i < 3; i++)
		{
			Answer		one = ask(w, &w->data[1], 1, 1, &origin[i], 4);

			for (int k = 0; k < 4; k++)
				CHECK_NEAR(one.point[k], three.point[i * 4 + k], 1e-4);
		}
	}
	free(changed);
	free_world(w);
}

/* a stored tail with its place on the grid forecasts as the whole series does */
static void
tail(void)
{
	World	   *w = world(2, 400, 6, 7);
	FrnnSeriesData cut;
	int64_t		rows;
	Answer		whole;
	Answer		part;

	for (int s = 0; s < 2; s++)
		for (int64_t i = 0; i < 400; i++)
			w->value[s][i] = 50 + 10 * sin(2 * M_PI * (double) i / 7) + noise(s, i);
	w->value[0][395] = NAN;
	CHECK(fit(w) == FRNN_OK && w->recipe.mode == FRNN_MODE_WINDOW);
	rows = frnn_forecaster_history(&w->forecaster);
	CHECK(rows > 0 && rows < 300);
	cut = (FrnnSeriesData) {.n = rows, .value = w->value[0] + 400 - rows, .offset = 400 - rows};
	whole = ask_end(w, 0, 10);
	part = ask(w, &cut, 0, 1, &cut.n, 10);
	for (int k = 0; k < 10; k++)
		CHECK_NEAR(part.point[k], whole.point[k], 1e-6);
	CHECK(ask(w, &cut, 0, 1, &w->data[0].n, 3).status == FRNN_SERIES_BAD_ORIGIN);
	free_world(w);
}

static void
covariates(void)
{
	World	   *w = world(4, 120, 3, 0);
	double		hidden = 0;
	double		seen = 0;

	w->panel.covariates = 1;
	for (int s = 0; s < 4; s++)
	{
		w->covariate[s] = malloc(sizeof(double) * 123);
		for (int64_t i = 0; i < 123; i++)
			w->covariate[s][i] = noise(100 + s, i) > 0.5;
		for (int64_t i = 0; i < 120; i++)
			w->value[s][i] = 20 + 10 * w->covariate[s][i] + 0.5 * noise(s, i);
		w->data[s].covariate = w->covariate[s];
		w->data[s].future = 3;
	}
	w->value[1][60] = NAN;
	w->covariate[2][50] = NAN;
	w->recipe.past_covariates = 1;
	CHECK(fit(w) == FRNN_OK);
	for (int s = 0; s < 4; s++)
	{
		Answer		a = ask_end(w, s, 3);
		FrnnSeriesData without = w->data[s];
		Answer		b;

		without.future = 0;
		b = ask(w, &without, s, 1, &without.n, 3);
		CHECK(a.status == FRNN_SERIES_OK && b.status == FRNN_SERIES_NO_COVARIATES);
		for (int k = 0; k < 3; k++)
		{
			seen += fabs(a.point[k] - 20 - 10 * w->covariate[s][120 + k]) / 12;
			hidden += fabs(b.point[k] - 20 - 10 * w->covariate[s][120 + k]) / 12;
		}
	}
	CHECK(seen < 1.5 && hidden > 2 * seen);
	free_world(w);
}

/* layers that are given: direct, recursive, per step; heads with a distribution */
static void
given(int units, bool sequences, FrnnLossKind loss, FrnnMode want)
{
	World	   *w = world(4, 90, 5, 7);
	Answer		a;
	FrnnStatus	status;

	for (int s = 0; s < 4; s++)
		for (int64_t i = 0; i < 90; i++)
			w->value[s][i] = loss == FRNN_NEGATIVE_BINOMIAL ? floor(fabs(4 * noise(s, i))) :
				50 + 10 * sin(2 * M_PI * (double) i / 7) + noise(s, i);
	w->recipe.network = FRNN_NETWORK_GIVEN;
	w->recipe.loss.kind = loss;
	w->recipe.loss.quantiles = 3;
	w->recipe.loss.quantile[0] = 0.1f;
	w->recipe.loss.quantile[1] = 0.5f;
	w->recipe.loss.quantile[2] = 0.9f;
	if (frnn_loss_width(&w->recipe.loss) > 1)
		w->recipe.intervals = FRNN_INTERVAL_LOSS;
	w->network.layers = 3;
	w->network.layer[0] = layer(FRNN_GRU, 6, true);
	w->network.layer[1] = layer(FRNN_SIMPLE, 5, sequences);
	w->network.layer[2] = layer(FRNN_DENSE, units * frnn_loss_width(&w->recipe.loss), false);
	status = fit(w);
	CHECK(status == FRNN_OK);
	if (status != FRNN_OK)
		printf("    status %d value %g limit %g\n", status, w->error.value, w->error.limit);
	else
	{
		CHECK(w->recipe.mode == want && w->recipe.block == units && w->forecaster.mix == 1);
		CHECK(w->forecaster.members == 2);
		a = ask_end(w, 0, 12);
		for (int k = 0; k < 12; k++)
			CHECK(isfinite(a.point[k]) && a.lower[k] <= a.upper[k] && a.error[k] >= 0 &&
				  a.lower[k] >= a.lower[12 + k] - 1e-9 && a.point[k] > -50 && a.point[k] < 200);
	}
	free_world(w);
}

static void
refused(void)
{
	World	   *w = world(1, 50, 5, 0);

	for (int64_t i = 0; i < 50; i++)
		w->value[0][i] = noise(0, i);
	w->recipe.network = FRNN_NETWORK_GIVEN;
	w->network.layers = 2;
	w->network.layer[0] = layer(FRNN_LSTM, 4, false);
	w->network.layer[1] = layer(FRNN_DENSE, 3, false);
	CHECK(fit(w) == FRNN_BAD_LOSS_WIDTH && w->error.value == 3 && w->error.limit == 5);
	w->network.layers = 1;
	CHECK(fit(w) == FRNN_BAD_LOSS_WIDTH && w->error.value == 0);
	w->recipe = frnn_recipe_default();
	w->recipe.transform = FRNN_TRANSFORM_LOG;
	CHECK(fit(w) == FRNN_LOG_OF_NEGATIVE);
	w->recipe = frnn_recipe_default();
	w->panel.horizon = 0;
	CHECK(fit(w) == FRNN_BAD_HORIZON);
	free_world(w);
}

static int	ticks;
static int	epochs[2];

static void
count_tick(void *arg)
{
	(void) arg;
	ticks++;
}

/* What is chosen takes as long as a panel is large: the caller is ticked at each pass over the rows of a series. */
static void
choice_ticks(void)
{
	World	   *w = world(MAX_SERIES, 60, 4, 7);
	FrnnRun		run = {.tick = count_tick};
	void	   *scratch = malloc(frnn_recipe_scratch(&w->panel));

	w->panel.covariates = 2;
	for (int s = 0; s < MAX_SERIES; s++)
	{
		w->covariate[s] = malloc(sizeof(double) * 2 * 60);
		w->data[s].covariate = w->covariate[s];
		for (int64_t i = 0; i < 60; i++)
		{
			w->value[s][i] = i % 7 < 2 ? 50 + noise(s, i) : 0;
			w->covariate[s][2 * i] = noise(100 + s, i);
			w->covariate[s][2 * i + 1] = noise(200 + s, i);
		}
	}
	ticks = 0;
	CHECK(frnn_recipe_choose(&w->panel, &w->recipe, &w->network, scratch, &run, &w->error) == FRNN_OK);
	/* facts, the season of the zeros, and either covariate */
	CHECK(ticks == 4 * MAX_SERIES && w->recipe.past_covariates == 1 && w->recipe.intermittent == 0);
	ticks = 0;
	free(scratch);
	free_world(w);
}

static void
count_epoch(void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch)
{
	(void) arg;
	CHECK(member >= 0 && member < 2 && epoch->epoch >= 1);
	epochs[phase]++;
}

/* twice the same, hooks called, ridge by name, what is told */
static void
repeat(void)
{
	World	   *w[3];
	char		line[400];
	char		cut[30];

	for (int r = 0; r < 3; r++)
	{
		w[r] = world(5, 70, 4, 7);
		for (int s = 0; s < 5; s++)
			for (int64_t i = 0; i < 70; i++)
				w[r]->value[s][i] = 50 + noise(s, i);
		w[r]->hooks.tick = count_tick;
		w[r]->hooks.epoch = count_epoch;
		if (r == 2)
			w[r]->recipe.network = FRNN_NETWORK_RIDGE;
		CHECK(fit(w[r]) == FRNN_OK);
	}
	CHECK(ticks > 10 && epochs[0] == 2 * w[0]->recipe.looks_epochs && epochs[1] == 2 * epochs[0]);
	CHECK(memcmp(w[0]->forecaster.params, w[1]->forecaster.params,
				 sizeof(float) * 2 * w[0]->network.parameters) == 0);
	CHECK(w[2]->forecaster.members == 0 && w[2]->forecaster.mix == 0 && w[2]->forecaster.conformal_levels > 0);
	CHECK(w[2]->forecaster.validation_error[FRNN_VALIDATION_MIX] == w[2]->forecaster.validation_error[FRNN_VALIDATION_RIDGE]);
	CHECK_NEAR(w[2]->forecaster.validation_error[FRNN_VALIDATION_RIDGE], w[0]->forecaster.validation_error[FRNN_VALIDATION_RIDGE], 0);
	CHECK(frnn_recipe_explain(&w[0]->recipe, &w[0]->network, line, sizeof(line)) == (int) strlen(line));
	CHECK(strstr(line, "sequence mode") && strstr(line, "LSTM"));
	CHECK(frnn_recipe_explain(&w[0]->recipe, &w[0]->network, cut, sizeof(cut)) > 30 && strlen(cut) == 29);
	for (int r = 0; r < 3; r++)
		free_world(w[r]);
}

/* states read from bytes: anything out of range is named */
static void
damaged(void)
{
	World	   *w = world(2, 70, 4, 7);
	FrnnForecaster *f = &w->forecaster;
	FrnnRecipe	bad;

	for (int s = 0; s < 2; s++)
		for (int64_t i = 0; i < 70; i++)
			w->value[s][i] = 50 + noise(s, i);
	CHECK(fit(w) == FRNN_OK);
#define DAMAGE(place, with) \
	do { double kept = (double) (place); (place) = (with); \
		CHECK(frnn_forecaster_check(f) != NULL); (place) = kept; \
		CHECK(frnn_forecaster_check(f) == NULL); } while (0)
	if (f->members > 0)
		DAMAGE(f->params[3], NAN);
	DAMAGE(f->ridge_weight[0], INFINITY);
	DAMAGE(f->ridge_bias[3], NAN);
	DAMAGE(f->series_number[FRNN_N_SIGMA], -1);
	DAMAGE(f->series_number[FRNN_N_UNIT], 0);
	DAMAGE(f->series_number[FRNN_N_STATUS], 99);
	DAMAGE(f->series_number[FRNN_N_ROWS], 1e300);
	DAMAGE(f->profile[5], NAN);
	DAMAGE(f->conformal[0], -1);
	DAMAGE(f->sigma_median, 0);
	DAMAGE(f->mix, 1.5);
	DAMAGE(f->conformal_levels, FRNN_CONFORMAL_LEVELS + 1);
	DAMAGE(f->conformal_levels, 1);
	DAMAGE(f->conformal_top, 1);
	DAMAGE(f->conformal_tail, NAN);
	DAMAGE(f->conformal_power, 2);
	DAMAGE(f->ridge_usual, -1);
	DAMAGE(f->conformal_independent, 0);
	DAMAGE(f->step_scale[0], -1);
	DAMAGE(f->error_scale[0], NAN);
#define REFUSE(field, with) \
	do { bad = w->recipe; bad.field = (with); CHECK(frnn_recipe_check(&bad, &w->network) != NULL); } while (0)
	CHECK(frnn_recipe_check(&w->recipe, &w->network) == NULL);
	REFUSE(mode, (FrnnMode) 7);
	REFUSE(horizon, 0);
	REFUSE(block, w->recipe.horizon + 1);
	REFUSE(time_steps, w->recipe.time_steps + 1);
	REFUSE(segment, 0);
	REFUSE(periods, FRNN_MAX_PERIODS + 1);
	REFUSE(period[0], 1);
	REFUSE(inputs, 1 << 30);
	REFUSE(covariates, -1);
	REFUSE(ensemble, FRNN_MAX_ENSEMBLE + 1);
	REFUSE(network, FRNN_NETWORK_RIDGE);
	REFUSE(updates, 0);
	REFUSE(stride, 0);
	REFUSE(batch, 0);
	REFUSE(optimizer.kind, (FrnnOptimizerKind) 9);
	REFUSE(lambda, NAN);
	free_world(w);
}

/* the same of autoregressions, which only a model with a share for them keeps */
static void
damaged_autoregression(void)
{
	World	   *w = world(2, 150, 4, 0);
	FrnnForecaster *f = &w->forecaster;
	const char *wrong;
	int			last;

	for (int s = 0; s < 2; s++)
		for (int64_t i = 0; i < 150; i++)
			w->value[s][i] = 50 + 10 * sin((0.5 + s) * (double) i) + noise(s, i);
	w->recipe.lags = 5;
	CHECK(fit(w) == FRNN_OK && f->recipe.lags == 5 && f->ar_share > 0);
	last = 2 * frnn_ar_columns(&f->recipe) - 1;
	DAMAGE(f->ar_weight[0], NAN);
	DAMAGE(f->ar_weight[0], INFINITY);
	DAMAGE(f->ar_weight[last], 1.001 * FRNN_AR_LARGEST);
	DAMAGE(f->ar_weight[last], -1.001 * FRNN_AR_LARGEST);
	DAMAGE(f->ar_share, 1.001);
	DAMAGE(f->ar_share, -0.001);
	f->ar_weight[last] = FRNN_AR_LARGEST;
	CHECK(frnn_forecaster_check(f) == NULL);
	f->ar_weight[last] = 1.001f * FRNN_AR_LARGEST;
	wrong = frnn_forecaster_check(f);
	CHECK(wrong && strcmp(wrong, "a weight of an autoregression is out of range") == 0);
	free_world(w);
}

static void
naive(void)
{
	double		y[7] = {1, 2, 3, 4, NAN, 6, NAN};
	double		out[5];

	frnn_naive(y, 7, 0, 2, out);
	CHECK(out[0] == 6 && out[1] == 6);
	frnn_naive(y, 6, 3, 5, out);
	CHECK(out[0] == 4 && out[1] == 6 && out[2] == 6 && out[3] == 4);
	frnn_naive(y, 2, 3, 2, out);
	CHECK(out[0] == 2 && out[1] == 1);
}

/* normal errors of three origins a series: widths against the distribution's own quantiles */
static void
conformal(void)
{
	static double error[6000];
	static double scratch[6000];
	static double recent[2000];
	double		row[2 * FRNN_CONFORMAL_LEVELS] = {0};
	double		step[3] = {0};
	double		shape[3] = {1, 2, 3};
	FrnnForecaster f = {0};
	FrnnErrors	errors = {3, 2000, error, 2000, 1, recent};
	double		last = 0;

	f.recipe.horizon = 3;
	f.recipe.block = 3;
	for (int i = 0; i < 2000; i++)
		recent[i] = 1;
	f.conformal = row;
	f.step_scale = step;
	for (int i = 0; i < 2000; i++)
		for (int k = 0; k < 3; k++)
			error[i * 3 + k] = shape[k] * frnn_normal_quantile(((i * 3 + k) * 1237 % 6000 + 0.5) / 6000);
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(f.conformal_levels == FRNN_CONFORMAL_LEVELS && f.conformal_count == 6000);
	for (int i = 0; i < 4; i++)
	{
		double		level[4] = {0.5, 0.8, 0.95, 0.999};
		FrnnHalfWidths width = frnn_conformal_width(&f, level[i]);
		double		z = frnn_normal_quantile((1 + level[i]) / 2);

		CHECK_NEAR(width.below * frnn_conformal_step(&f, 1), 2 * z, 0.1 * z);
		CHECK_NEAR(width.above * frnn_conformal_step(&f, 2), 3 * z, 0.15 * z);
	}
	/* beyond the horizon as a random walk */
	CHECK_NEAR(frnn_conformal_step(&f, 11), 2 * step[2], 1e-12);
	/* every level has its own width, however far out */
	for (int i = 1; i < 1000; i++)
	{
		double		width = frnn_conformal_width(&f, i < 999 ? i / 1000.0 : 0.999999).above;

		CHECK(width > last);
		last = width;
	}
	/* few independent errors: as Student's t */
	f.conformal_independent = 3;
	CHECK(frnn_conformal_width(&f, 0.9).above > 1.1 * 1.645 && frnn_conformal_width(&f, 0.9).above / step[0] < 10);
	/* one side wilder than the other */
	for (int i = 0; i < 6000; i++)
		error[i] = (i % 2 ? -1 : 3) * (1 + i % 1000) / 1000.0;
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(frnn_conformal_width(&f, 0.9).above > 2 * frnn_conformal_width(&f, 0.9).below);
	/* series that err together count as one: half of the error is common */
	errors.series = 10;
	for (int i = 0; i < 6000; i++)
		error[i] = 1 + frnn_normal_quantile((i * 1237 % 6000 + 0.5) / 6000);
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(f.conformal_independent == 200);
	/* volatile origins err twice as much: the power that says so */
	for (int i = 0; i < 6000; i++)
	{
		recent[i / 3] = i / 3 % 2 ? 4 : 1;
		error[i] = recent[i / 3] * frnn_normal_quantile((i * 1237 % 6000 + 0.5) / 6000);
	}
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(f.conformal_power == 1);
	for (int i = 0; i < 2000; i++)
		recent[i] = 1;
	/* a zero error everywhere: none; the caller takes residuals, which give a width of zero, no NaN */
	memset(error, 0, sizeof(error));
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(f.conformal_levels == 0);
	frnn_conformal_residuals(error, recent, 2000, 10, shape, scratch, &f);
	CHECK(f.conformal_levels > 0 && frnn_conformal_width(&f, 0.9).above == 0 && frnn_conformal_width(&f, 0.9999).below == 0);
	/* most are zero: not all of them forever */
	for (int i = 0; i < 2000; i++)
		error[i] = i % 100 == 0;
	frnn_conformal_residuals(error, recent, 2000, 10, shape, scratch, &f);
	CHECK(frnn_conformal_width(&f, 0.5).above > 0 && frnn_conformal_width(&f, 0.99).above > frnn_conformal_width(&f, 0.5).above);
	/* no error at all */
	for (int i = 0; i < 6000; i++)
		error[i] = NAN;
	frnn_conformal_fit(&errors, shape, scratch, &f, NULL);
	CHECK(f.conformal_levels == 0 && isnan(frnn_conformal_width(&f, 0.9).above));
}

int
main(void)
{
	trend(10);
	trend(40);
	trend(400);
	constant();
	season_and_scale();
	counts();
	tiny();
	poison(0);
	poison(1);
	tail();
	covariates();
	given(5, false, FRNN_MAE, FRNN_MODE_WINDOW);
	given(1, false, FRNN_HUBER, FRNN_MODE_WINDOW);
	given(5, true, FRNN_MSE, FRNN_MODE_SEQUENCE);
	given(1, true, FRNN_MAE, FRNN_MODE_SEQUENCE);
	given(5, false, FRNN_QUANTILE, FRNN_MODE_WINDOW);
	given(5, true, FRNN_GAUSSIAN, FRNN_MODE_SEQUENCE);
	given(1, false, FRNN_STUDENT_T, FRNN_MODE_WINDOW);
	given(5, false, FRNN_NEGATIVE_BINOMIAL, FRNN_MODE_WINDOW);
	refused();
	choice_ticks();
	repeat();
	damaged();
	damaged_autoregression();
	naive();
	conformal();
	return check_done();
}
