/*
 * test_forecaster_random.c
 *	  Random panels, recipes and networks: whatever is asked, the forecaster
 *	  fits or says why not, and its answers are numbers in order.
 */
#include "world.h"

#define WORLDS 120

static uint64_t draws;

/* 0 .. n - 1 */
static int
draw(int n)
{
	return (int) frnn_random_below(3, FRNN_USE_SAMPLE, 1, draws++, (uint64_t) n);
}

static double
value_of(int kind, int s, int64_t i)
{
	switch (kind)
	{
		case 0:
			return noise(s, i);
		case 1:
			return exp(noise(s, i));
		case 2:
			return floor(fabs(2 * noise(s, i)));
		case 3:
			return (double) (i + 1);
		default:
			return draw(5) ? 0 : draw(10);
	}
}

static void
fill(World *w, int64_t rows)
{
	int			kind = draw(5);

	for (int s = 0; s < w->panel.series; s++)
	{
		int64_t		n = draw(3) ? rows : draw((int) rows + 1);
		int			missing = draw(3) ? 0 : draw(60);
		double		factor = kind == 2 || draw(4) ? 1 : pow(10, draw(24) - 12);

		w->data[s].n = n;
		for (int64_t i = 0; i < rows; i++)
			w->value[s][i] = draw(100) < missing ? NAN : value_of(kind, s, i) * factor;
		/* a series ends with its last known value */
		if (n > 0 && isnan(w->value[s][n - 1]))
			w->value[s][n - 1] = value_of(kind, s, n - 1) * factor;
	}
	if (draw(3))
		return;
	w->panel.covariates = 1 + draw(2);
	for (int s = 0; s < w->panel.series; s++)
	{
		int64_t		count = (rows + 30) * w->panel.covariates;

		w->covariate[s] = malloc(sizeof(double) * (size_t) count);
		for (int64_t i = 0; i < count; i++)
			w->covariate[s][i] = draw(8) ? noise(s, i) * pow(10, draw(6)) : NAN;
		w->data[s].covariate = w->covariate[s];
		w->data[s].future = draw(2) ? 30 : 0;
	}
}

static void
choose(World *w)
{
	FrnnRecipe *r = &w->recipe;

	r->updates = 1 + draw(8);
	r->units = 3;
	r->ensemble = 1 + draw(2);
	r->gap = draw(4);
	r->intervals = draw(3);
	if (!draw(3))
		r->mode = draw(2);
	if (!draw(3))
		r->time_steps = 1 + draw(30);
	if (!draw(5))
		r->segment = 1 + draw(6);
	if (!draw(4))
		r->transform = draw(4);
	if (!draw(4))
		r->level = draw(3);
	if (!draw(3))
		r->scaling = draw(6);
	if (!draw(4))
		r->past_covariates = 1;
	if (!draw(6))
		r->validation = draw(2) ? 0 : 1 + draw(20);
	if (!draw(4))
		r->epochs = 1 + draw(3);
	if (!draw(5))
		r->looks = draw(4);
	if (!draw(5))
		r->stride = 1 + draw(4);
	if (!draw(5))
		r->highway = draw(2);
	if (!draw(5))
		r->mix = 0.1 * draw(11);
	if (!draw(3))
	{
		r->loss.kind = draw(7);
		r->loss.quantiles = 2;
		r->loss.quantile[0] = 0.2f;
		r->loss.quantile[1] = 0.8f;
	}
	if (!draw(4))
		r->network = FRNN_NETWORK_RIDGE;
	else if (!draw(3))
	{
		r->network = FRNN_NETWORK_GIVEN;
		w->network.layers = 2;
		w->network.layer[0] = layer(draw(2) ? FRNN_LSTM : FRNN_SIMPLE, 3, draw(2));
		w->network.layer[0].bidirectional = !draw(4);
		w->network.layer[1] = layer(FRNN_DENSE, (draw(2) ? w->panel.horizon : 1) * frnn_loss_width(&r->loss), false);
	}
}

static void
question(const World *w, int s)
{
	int64_t		n = w->data[s].n;
	int64_t		origin[3] = {n, n, n};
	int			origins = 1;
	int			steps;
	bool		numbers = true;
	bool		ordered = true;
	Answer		a;

	if (n > 3 && draw(2))
	{
		origins = 3;
		origin[0] = 1 + draw((int) n - 2);
		origin[1] = origin[0] + 1;
	}
	steps = 1 + draw(origins == 1 ? 60 : 25);
	a = ask(w, &w->data[s], draw(4) ? s : -1, origins, origin, steps);
	CHECK(a.status != FRNN_SERIES_NOT_FINITE && a.status != FRNN_SERIES_BAD_ORIGIN);
	if (a.status == FRNN_SERIES_EMPTY)
		return;
	for (int i = 0; i < origins * steps; i++)
	{
		numbers = numbers && isfinite(a.point[i]);
		ordered = ordered && (isnan(a.lower[i]) || a.lower[i] <= a.upper[i] + 1e-9 * fabs(a.upper[i]));
	}
	CHECK(numbers);
	CHECK(ordered);
}

int
main(void)
{
	int			fitted = 0;

	for (int i = 0; i < WORLDS; i++)
	{
		int64_t		rows = 1 + draw(draw(3) ? 60 : 420);
		World	   *w = world(1 + draw(6), rows, 1 + draw(20), draw(2) ? 2 + draw(12) : 0);
		FrnnStatus	status;

		fill(w, rows);
		choose(w);
		status = fit(w);
		fitted += status == FRNN_OK;
		CHECK(status == FRNN_OK || status == FRNN_TOO_SHORT || status == FRNN_LOG_OF_NEGATIVE ||
			  status == FRNN_NOT_COUNTS || status == FRNN_NO_SEQUENCES);
		for (int s = 0; status == FRNN_OK && s < w->panel.series; s++)
			if (w->data[s].n > 0)
				question(w, s);
		free_world(w);
	}
	CHECK(fitted > WORLDS / 2);
	return check_done();
}
