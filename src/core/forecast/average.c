/*
 * average.c
 *	  Means of models, number by number.
 */
#include "core/forecast/average.h"

#include <math.h>
#include <string.h>

#include "core/train/optimizer.h"

uint64_t
frnn_weights_checksum(const float *weight, size_t n)
{
	uint64_t	hash = 0x9e3779b97f4a7c15u ^ n;

	for (size_t i = 0; i < n; i++)
	{
		uint32_t	word;

		memcpy(&word, &weight[i], sizeof(word));
		/* the finalizer of splitmix64 */
		hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
		hash ^= hash >> 27;
		hash *= 0x94d049bb133111ebu;
		hash ^= hash >> 31;
	}
	return n > 0 ? hash : 0;
}

/* ---- what must be equal ---- */

static bool
same_network(const FrnnNetwork *a, const FrnnNetwork *b)
{
	if (a->layers != b->layers || a->parameters != b->parameters || a->input_size != b->input_size ||
		a->time_steps != b->time_steps || a->extra != b->extra || a->highway != b->highway)
		return false;
	for (int l = 0; l < a->layers; l++)
		if (a->layer[l].kind != b->layer[l].kind || a->layer[l].units != b->layer[l].units ||
			a->layer[l].activation != b->layer[l].activation || a->layer[l].bidirectional != b->layer[l].bidirectional ||
			a->layer[l].return_sequences != b->layer[l].return_sequences)
			return false;
	return true;
}

static bool
same_recipe(const FrnnRecipe *a, const FrnnRecipe *b)
{
	if (a->mode != b->mode || a->time_steps != b->time_steps || a->segment != b->segment ||
		a->transform != b->transform || a->periods != b->periods || a->level != b->level || a->level_rows != b->level_rows ||
		a->scaling != b->scaling || a->gap != b->gap || a->known_covariates != b->known_covariates ||
		a->past_covariates != b->past_covariates || a->level_covariates != b->level_covariates ||
		a->past_only != b->past_only || a->known_only != b->known_only || a->statics != b->statics ||
		a->covariates != b->covariates || a->horizon != b->horizon ||
		a->block != b->block || a->inputs != b->inputs || a->extras != b->extras || a->intervals != b->intervals ||
		a->intermittent != b->intermittent || a->lags != b->lags)
		return false;
	for (int p = 0; p < a->periods; p++)
		if (a->period[p] != b->period[p])
			return false;
	return true;
}

static bool
same_loss(const FrnnLoss *a, const FrnnLoss *b)
{
	if (a->kind != b->kind || (a->kind == FRNN_HUBER && a->delta != b->delta) ||
		(a->kind == FRNN_QUANTILE && a->quantiles != b->quantiles))
		return false;
	for (int q = 0; a->kind == FRNN_QUANTILE && q < a->quantiles; q++)
		if (a->quantile[q] != b->quantile[q])
			return false;
	return true;
}

const char *
frnn_average_check(const FrnnForecaster *a, const FrnnForecaster *b)
{
	if (!same_recipe(&a->recipe, &b->recipe))
		return "they prepare the rows in different ways";
	if (a->recipe.pooled != b->recipe.pooled)
		return "some keep their series and some do not";
	if (!same_loss(&a->recipe.loss, &b->recipe.loss))
		return "they have different losses";
	if (a->members != b->members)
		return "they have different numbers of members";
	if (a->members > 0 && !same_network(&a->network, &b->network))
		return "they have different networks";
	if (a->naive_period != b->naive_period && a->naive_season > 0 && b->naive_season > 0)
		return "their naive forecasts have different seasons";
	if (a->base != b->base)
		return "their trainings did not start from the same weights";
	if (a->recipe.keep_optimizer != b->recipe.keep_optimizer || a->recipe.optimizer.kind != b->recipe.optimizer.kind ||
		frnn_optimizer_state(&a->recipe.optimizer) != frnn_optimizer_state(&b->recipe.optimizer))
		return "they keep the states of different optimizers";
	for (int k = 0; k < a->members && a->recipe.keep_optimizer; k++)
		if (a->place[k].epoch != b->place[k].epoch || a->place[k].update != b->place[k].update)
			return "their trainings stopped at different places of the schedule";
	return NULL;
}

/* ---- means ---- */

/* the models of a mean, in the caller's order */
typedef struct Models
{
	const FrnnForecaster *const *model;
	const double *weight;
	int			n;
	double		total;			/* of the weights */
	const FrnnRun *run;
} Models;

#define TICK_NUMBERS 16384		/* numbers between two ticks */

static double
double_at(const FrnnForecaster *forecaster, size_t offset)
{
	double		value;

	memcpy(&value, (const char *) forecaster + offset, sizeof(value));
	return value;
}

/* Returns the mean of a scalar. */
static double
mean_of(const Models *models, size_t offset)
{
	double		first = double_at(models->model[0], offset);
	double		sum = 0;

	for (int i = 1; i < models->n; i++)
		sum += models->weight[i] * (double_at(models->model[i], offset) - first);
	return first + sum / models->total;
}

/* Returns the mean of a scalar over the models that have a finite one, NaN if none has. */
static double
mean_of_finite(const Models *models, size_t offset)
{
	double		first = NAN;
	double		sum = 0;
	double		total = 0;

	for (int i = 0; i < models->n; i++)
	{
		double		value = double_at(models->model[i], offset);

		if (!isfinite(value))
			continue;
		if (total == 0)
			first = value;
		sum += models->weight[i] * (value - first);
		total += models->weight[i];
	}
	return first + (total > 0 ? sum / total : 0);
}

#define FLOATS(model, offset)	(*(float *const *) ((const char *) (model) + (offset)))
#define DOUBLES(model, offset)	(*(double *const *) ((const char *) (model) + (offset)))

/* Fills the array of floats at `offset` with means. */
static void
mean_floats(FrnnForecaster *out, const Models *models, size_t offset, size_t count)
{
	for (size_t j = 0; j < count; j++)
	{
		double		first = (double) FLOATS(models->model[0], offset)[j];
		double		sum = 0;

		if (j % TICK_NUMBERS == 0)
			frnn_tick(models->run);
		for (int i = 1; i < models->n; i++)
			sum += models->weight[i] * ((double) FLOATS(models->model[i], offset)[j] - first);
		FLOATS(out, offset)[j] = (float) (first + sum / models->total);
	}
}

static void
mean_doubles(FrnnForecaster *out, const Models *models, size_t offset, size_t count)
{
	for (size_t j = 0; j < count; j++)
	{
		double		first = DOUBLES(models->model[0], offset)[j];
		double		sum = 0;

		if (j % TICK_NUMBERS == 0)
			frnn_tick(models->run);
		for (int i = 1; i < models->n; i++)
			sum += models->weight[i] * (DOUBLES(models->model[i], offset)[j] - first);
		DOUBLES(out, offset)[j] = first + sum / models->total;
	}
}

/*
 * Returns weight c of a model's regression on the static covariates, the last
 * being its constant, as it is with the scales of the mean.
 */
static double
static_weight(const FrnnForecaster *model, const FrnnForecaster *out, int c)
{
	int			statics = out->recipe.statics;
	double		constant = model->static_weight[statics];

	if (c < statics)
		return model->static_weight[c] * (out->static_sd[c] / model->static_sd[c]);
	for (int k = 0; k < statics; k++)
		constant += model->static_weight[k] * ((out->static_mean[k] - model->static_mean[k]) / model->static_sd[k]);
	return constant;
}

/* The mean of the regressions: the level of a new series is the mean of its levels by all models. */
static void
mean_statics(FrnnForecaster *out, const Models *models)
{
	for (int c = 0; c < frnn_static_inputs(&out->recipe); c++)
	{
		double		first = static_weight(models->model[0], out, c);
		double		sum = 0;

		frnn_tick(models->run);
		for (int i = 1; i < models->n; i++)
			sum += models->weight[i] * (static_weight(models->model[i], out, c) - first);
		out->static_weight[c] = first + sum / models->total;
	}
}

/* ---- the table of errors ---- */

/* Returns the half-width of a model's table at a confidence of at most its top. */
static double
width_at(const FrnnForecaster *forecaster, int side, double confidence)
{
	const double *table = forecaster->conformal + (size_t) side * FRNN_CONFORMAL_LEVELS;
	double		place = fmin(confidence / forecaster->conformal_top, 1) * FRNN_CONFORMAL_LEVELS;
	int			j = (int) place;
	double		low = j > 0 ? table[j - 1] : 0;
	double		high = j < FRNN_CONFORMAL_LEVELS ? table[j] : low;

	return low + (place - j) * (high - low);
}

/*
 * Means of the quantiles of all tables, at levels that all of them reach.  The
 * number of independent errors is the largest of any model, since the series of
 * all shards may err together.
 */
static void
mean_table(FrnnForecaster *out, const Models *models)
{
	out->conformal_levels = FRNN_CONFORMAL_LEVELS;
	for (int i = 0; i < models->n; i++)
	{
		const FrnnForecaster *model = models->model[i];

		out->conformal_count += model->conformal_count;
		out->conformal_independent = fmax(out->conformal_independent, model->conformal_independent);
		out->conformal_top = i == 0 ? model->conformal_top : fmin(out->conformal_top, model->conformal_top);
	}
	out->conformal_power = mean_of(models, offsetof(FrnnForecaster, conformal_power));
	out->spread_power = mean_of(models, offsetof(FrnnForecaster, spread_power));
	out->ridge_usual = mean_of(models, offsetof(FrnnForecaster, ridge_usual));
	out->conformal_tail = mean_of(models, offsetof(FrnnForecaster, conformal_tail));
	mean_doubles(out, models, offsetof(FrnnForecaster, step_scale), (size_t) out->recipe.horizon);
	for (int side = 0; side < 2; side++)
		for (int j = 0; j < FRNN_CONFORMAL_LEVELS; j++)
		{
			double	   *row = out->conformal + (size_t) side * FRNN_CONFORMAL_LEVELS;
			double		sum = 0;

			for (int i = 0; i < models->n; i++)
				sum += models->weight[i] * width_at(models->model[i], side, out->conformal_top * (j + 1) / FRNN_CONFORMAL_LEVELS);
			row[j] = fmax(sum / models->total, j > 0 ? row[j - 1] : 0);
		}
}

/* ---- the whole ---- */

/* Places differ only in the samples that were drawn.  If they do, the next training draws a new permutation. */
static void
join_places(FrnnForecaster *out, const Models *models)
{
	for (int k = 0; k < out->members; k++)
	{
		FrnnPlace  *place = &out->place[k];

		*place = models->model[0]->place[k];
		for (int i = 1; i < models->n; i++)
		{
			const FrnnPlace *other = &models->model[i]->place[k];

			if (other->pass == place->pass && other->position == place->position && other->samples == place->samples)
				continue;
			place->pass = other->pass > place->pass ? other->pass : place->pass;
			place->position = place->samples = 0;
		}
	}
}

static void
mean_shares(FrnnForecaster *out, const Models *models)
{
	out->sigma_median = mean_of(models, offsetof(FrnnForecaster, sigma_median));
	out->mix = mean_of(models, offsetof(FrnnForecaster, mix));
	out->naive_last = mean_of(models, offsetof(FrnnForecaster, naive_last));
	out->naive_season = mean_of(models, offsetof(FrnnForecaster, naive_season));
	out->level_share = mean_of(models, offsetof(FrnnForecaster, level_share));
	out->ar_share = mean_of(models, offsetof(FrnnForecaster, ar_share));
	for (int e = 0; e < FRNN_VALIDATION_ERRORS; e++)
		out->validation_error[e] = mean_of_finite(models, offsetof(FrnnForecaster, validation_error) + sizeof(double) * (size_t) e);
	for (int i = 0; i < models->n; i++)
	{
		const FrnnForecaster *model = models->model[i];

		out->validation_origins += model->validation_origins;
		out->naive_period = model->naive_period > out->naive_period ? model->naive_period : out->naive_period;
		out->level_alpha = fmax(out->level_alpha, model->level_alpha);
		out->updates = model->updates > out->updates ? model->updates : out->updates;
	}
}

void
frnn_average(FrnnForecaster *out, const FrnnForecaster *const *model, const double *weight, int n,
			 const FrnnRun *run)
{
	const FrnnRecipe *recipe = &out->recipe;
	Models		models = {model, weight, n, 0, run};
	size_t		params = (size_t) out->members * out->network.parameters;
	bool		table = true;

	for (int i = 0; i < n; i++)
	{
		models.total += weight[i];
		table = table && model[i]->conformal_levels > 0;
	}
	out->base = model[0]->base;
	mean_floats(out, &models, offsetof(FrnnForecaster, params), params);
	mean_doubles(out, &models, offsetof(FrnnForecaster, ridge_weight), (size_t) recipe->inputs * (size_t) recipe->block);
	mean_doubles(out, &models, offsetof(FrnnForecaster, ridge_bias), (size_t) recipe->block);
	mean_doubles(out, &models, offsetof(FrnnForecaster, covariate_mean), (size_t) recipe->covariates);
	mean_doubles(out, &models, offsetof(FrnnForecaster, covariate_sd), (size_t) recipe->covariates);
	mean_doubles(out, &models, offsetof(FrnnForecaster, static_mean), (size_t) recipe->statics);
	mean_doubles(out, &models, offsetof(FrnnForecaster, static_sd), (size_t) recipe->statics);
	mean_statics(out, &models);
	mean_shares(out, &models);
	if (table)
		mean_table(out, &models);
	if (!recipe->keep_optimizer)
		return;
	mean_floats(out, &models, offsetof(FrnnForecaster, optimizer_state), params * (size_t) frnn_optimizer_state(&recipe->optimizer));
	join_places(out, &models);
}

void
frnn_outer_step(const float *start, double rate, double momentum, size_t n, float *velocity, float *params)
{
	for (size_t i = 0; i < n; i++)
	{
		double		d = (double) start[i] - (double) params[i];
		double		v = momentum * (double) velocity[i] + d;

		velocity[i] = (float) v;
		params[i] = (float) ((double) start[i] - rate * (d + momentum * v));
	}
}
