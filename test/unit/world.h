/*
 * world.h
 *	  A made-up panel and everything the forecaster makes of it.
 */
#ifndef FRNN_WORLD_H
#define FRNN_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "core/base/order.h"
#include "core/forecast/conformal.h"
#include "core/forecast/fit.h"
#include "core/forecast/impute.h"
#include "core/forecast/predict.h"
#include "core/forecast/ridge.h"
#include "core/forecast/scale.h"
#include "core/forecast/season.h"
#include "core/forecast/transform.h"
#include "core/forecast/window_source.h"
#include "core/train/members.h"
#include "core/base/random.h"
#include "check.h"

#define MAX_SERIES 40

/* a panel of up to 40 series and everything made from it */
typedef struct World
{
	FrnnSeriesData data[MAX_SERIES];
	double	   *value[MAX_SERIES];
	double	   *covariate[MAX_SERIES];
	FrnnPanelData panel;
	FrnnRecipe	recipe;
	FrnnNetwork network;
	FrnnForecaster forecaster;
	FrnnError	error;
	void	   *state;
	FrnnFitHooks hooks;
} World;

static inline World *
world(int series, int64_t n, int horizon, int period)
{
	World	   *w = calloc(1, sizeof(World));

	w->panel = (FrnnPanelData) {.series = series, .data = w->data, .horizon = horizon, .periods = period > 0};
	w->panel.period[0] = period;
	for (int s = 0; s < series; s++)
	{
		w->value[s] = malloc(sizeof(double) * (size_t) n);
		w->data[s] = (FrnnSeriesData) {.n = n, .value = w->value[s]};
	}
	w->recipe = frnn_recipe_default();
	/* quick, but all parts take part */
	w->recipe.updates = 60;
	w->recipe.ensemble = 2;
	w->recipe.units = 8;
	w->recipe.seed = 5;
	return w;
}

static inline void
free_world(World *w)
{
	for (int s = 0; s < MAX_SERIES; s++)
	{
		free(w->value[s]);
		free(w->covariate[s]);
	}
	free(w->state);
	free(w);
}

static inline double
noise(int stream, int64_t i)
{
	double		v;

	frnn_random_normal(11, FRNN_USE_SAMPLE, (uint64_t) stream, (uint64_t) i, &v, 1);
	return v;
}

static inline FrnnStatus
fit(World *w)
{
	void	   *scratch = malloc(frnn_recipe_scratch(&w->panel));
	FrnnRun		run = {.tick = w->hooks.tick, .arg = w->hooks.arg};
	FrnnStatus	status = frnn_recipe_choose(&w->panel, &w->recipe, &w->network, scratch, &run, &w->error);
	size_t		bytes;
	void	   *work;

	free(scratch);
	if (status == FRNN_OK)
		status = frnn_forecaster_size(&w->recipe, &w->network, w->panel.series, w->recipe.ensemble, &bytes, &w->error);
	if (status != FRNN_OK)
		return status;
	w->state = aligned_alloc(FRNN_ALIGN, bytes + FRNN_ALIGN);
	frnn_forecaster_layout(&w->forecaster, &w->recipe, &w->network, w->panel.series, w->recipe.ensemble, w->state);
	status = frnn_fit_size(&w->panel, &w->recipe, &w->network, &bytes, &w->error);
	if (status != FRNN_OK)
		return status;
	work = aligned_alloc(FRNN_ALIGN, bytes + FRNN_ALIGN);
	status = frnn_fit(&w->panel, &w->forecaster, NULL, work, &w->hooks, &w->error);
	free(work);
	if (status == FRNN_OK)
	{
		CHECK(frnn_recipe_check(&w->forecaster.recipe, &w->forecaster.network) == NULL);
		CHECK(frnn_forecaster_check(&w->forecaster) == NULL);
	}
	return status;
}

#define STEPS_MAX 64

typedef struct Answer
{
	double		point[STEPS_MAX * 4];
	double		error[STEPS_MAX * 4];
	double		lower[STEPS_MAX * 8];
	double		upper[STEPS_MAX * 8];
	FrnnSeriesStatus status;
} Answer;

static const double levels[2] = {0.8, 0.95};

static inline Answer
ask(const World *w, const FrnnSeriesData *data, int64_t index, int origins, const int64_t *origin, int steps)
{
	Answer		answer;
	FrnnForecast forecast = {.data = data, .index = index, .origins = origins, .origin = origin,
	.point = answer.point, .error = answer.error, .lower = answer.lower, .upper = answer.upper};
	FrnnError	error;
	size_t		bytes = 0;
	void	   *block;

	CHECK(frnn_predict_size(&w->forecaster, data->n, steps, &bytes, &error) == FRNN_OK);
	block = aligned_alloc(FRNN_ALIGN, bytes + FRNN_ALIGN);
	frnn_predict(&w->forecaster, &forecast, 1, steps, 2, levels, block, NULL);
	free(block);
	answer.status = forecast.status;
	return answer;
}

static inline Answer
ask_end(const World *w, int series, int steps)
{
	return ask(w, &w->data[series], series, 1, &w->data[series].n, steps);
}

static inline FrnnLayer
layer(FrnnLayerKind kind, int units, bool sequences)
{
	FrnnLayer	l = frnn_layer_default(kind);

	l.units = units;
	l.return_sequences = sequences;
	return l;
}

#endif
