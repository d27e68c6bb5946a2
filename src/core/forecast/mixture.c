/*
 * mixture.c
 *	  The shares of ridge regression, networks, autoregression, naive forecasts and level in the forecast, from the
 *	  errors on the validation rows.
 */
#include <math.h>
#include <string.h>

#include "core/base/elementary.h"
#include "core/base/order.h"
#include "core/forecast/autoregression.h"
#include "core/forecast/validation_work.h"

#define LEAST_SHARE		0.02	/* smaller shares of a naive forecast are none */
#define LEAST_MIX		0.05	/* smaller weights of network or ridge regression are none */
#define POINTS		200000		/* validation points that the shares are chosen by */
#define CLIPPED		20			/* errors count up to so many times the model's median error */
#define SPARSE		0.3			/* least median error, by the mean error of the typical series: 0.69 of a Laplace
								 * distribution */
#define POWER		6			/* shares fall with this power of the error: measured by test/accuracy/panels.sql */
#define FEW_ERRORS	20			/* so many independent errors double the power */
#define FAR_BEHIND	1.5			/* what errs so many times as much as the best has no share */
#define EXACT		1e-9		/* least error that counts, by the models' */
#define AR_SHARES	10			/* shares of the autoregression to choose from, beside none */
#define AR_FEW		10			/* so many independent errors halve the share */
#define AR_GAIN		0.99		/* of the error without it, above which it has none */

/*
 * Forecasts from neighbouring origins share most of their targets: together
 * they say as much as forecasts laid end to end.
 */
double
frnn_independent_errors(const FrnnValidation *validation)
{
	double		count = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		double		rows = (double) (forecast->origin[forecast->origins - 1] - forecast->origin[0] + validation->steps);

		count += fmin((double) forecast->origins, rows / validation->steps);
	}
	return fmax(count, 1);
}

/* The power that shares fall with: the more independent errors, the more the best member has alone. */
static double
share_power(const FrnnValidation *validation)
{
	return POWER * (1 + frnn_independent_errors(validation) / FEW_ERRORS);
}

/*
 * The network's weight beside ridge regression: each counts by its error to
 * the power -share_power.  A line that is exact needs no network, however few
 * the origins.
 */
double
frnn_choose_mix(const FrnnValidation *validation, const FrnnForecaster *out)
{
	double		prior = validation->trial->recipe.mode == FRNN_MODE_WINDOW ? 1 : 0.5;
	double		ridge = out->validation_error[FRNN_VALIDATION_RIDGE];
	double		network = out->validation_error[FRNN_VALIDATION_NETWORK];
	double		weight;

	if (ridge < 0.02 && ridge < 0.5 * network)
		return 0;
	if (validation->origins < FRNN_FEW_ORIGINS || !(ridge > 0) || !(network > 0))
		return prior;
	weight = 1 / (1 + frnn_pow(fmin(network / ridge, FAR_BEHIND * FAR_BEHIND), share_power(validation)));
	return weight < LEAST_MIX ? 0 : weight > 1 - LEAST_MIX ? 1 : weight;
}

/*
 * Returns z at the naive forecast of step k from origin o, that of the last value if period is 0.  A row of the season
 * before that is missing was filled from rows after the origin, too, and may be the target itself: the last value
 * stands in, as it does in a back-test.
 */
double
frnn_naive_known(const FrnnValidation *validation, const FrnnReady *ready, int period, int64_t o, int k)
{
	int64_t		ago = period > 0 ? o - period + k % period : -1;

	return frnn_with_profile(validation, ready, ago >= 0 && !ready->missing[ago] ? ago : o - 1);
}

/* Returns what errors are clipped at, so that no series on its own decides for the panel. */
static double
clipping_error(FrnnValidation *validation, double mix)
{
	int64_t		count = 0;
	int64_t		means = 0;
	size_t		point = 0;
	double		typical;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		double		known = 0;
		double		sum = 0;

		for (int64_t j = 0; j < forecast->origins; j++, point += validation->steps)
			for (int k = 0; k < validation->steps; k++)
			{
				double		e = (frnn_models_value(validation, mix, point + k) - ready->x[forecast->origin[j] + k]) / ready->sigma;

				if (ready->missing[forecast->origin[j] + k] || !isfinite(e))
					continue;
				sum += fabs(e);
				known++;
				/* the median is of one step of each origin, going through the steps */
				if (k == (int) ((i + j) % validation->steps))
					validation->error[count++] = fabs(e);
			}
		if (known > 0)
			validation->recent[means++] = sum / known;
	}
	/* most errors of intermittent series are small, and the large ones are what is forecast */
	if (validation->trial->recipe.intermittent || count == 0)
		return INFINITY;
	/* and where little happens at most phases of a season */
	typical = fmax(frnn_median(validation->error, count), SPARSE * frnn_median(validation->recent, means));
	return typical > 0 ? CLIPPED * typical : INFINITY;
}

/* Returns the mean clipped error of a member; NaN without a point. */
double
frnn_member_error(FrnnValidation *validation, double mix, double most, FrnnMember member)
{
	int64_t		thin = 1 + validation->origins * validation->steps / POINTS;
	int64_t		place = 0;
	size_t		point = 0;
	double		sum = 0;
	double		points = 0;
	bool		squared = validation->trial->recipe.intermittent;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, place++, point += validation->steps)
		{
			int64_t		o = forecast->origin[j];
			double		level = member.alpha > 0 && place % thin == 0 ? frnn_level(ready->x, o, member.alpha) : 0;

			for (int k = 0; k < validation->steps && place % thin == 0; k++)
			{
				double		e = frnn_models_value(validation, mix, point + k) - ready->x[o + k];

				if (ready->missing[o + k] || !isfinite(e))
					continue;
				if (member.alpha > 0)
					e = level - ready->x[o + k];
				else if (member.period >= 0)
					e = frnn_naive_known(validation, ready, member.period, o, k) - frnn_with_profile(validation, ready, o + k);
				e = fmin(fabs(e) / ready->sigma, most);
				sum += squared ? e * e : e;
				points++;
			}
			if (place % 256 == 0)
				frnn_tick(&validation->run);
		}
	}
	if (points == 0)
		return NAN;
	return squared ? sqrt(sum / points) : sum / points;
}

/* Returns how much a member counts whose error is `error` beside the least one. */
static double
count_of(double error, double least, double power)
{
	return error > FAR_BEHIND * least ? 0 : frnn_pow(least / fmax(error, 1e-3 * least), power);
}

/* Fills the forecasts of x by each series' autoregression; where there is none, those of the models. */
static void
forecast_alone(FrnnValidation *validation, double mix)
{
	const FrnnForecaster *trial = validation->trial;
	const FrnnRecipe *recipe = &trial->recipe;
	int			steps = validation->steps;
	size_t		point = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		const float *weight = trial->ar_weight + validation->series[i] * frnn_ar_columns(recipe);

		for (int64_t j = 0; j < forecast->origins; j++, point += (size_t) steps)
		{
			int64_t		o = forecast->origin[j];
			double	   *out = validation->alone + point;

			frnn_tick(&validation->run);
			if (!frnn_ar_forecast(recipe, weight, ready, o, steps, validation->ar_scratch, out))
				for (int k = 0; k < steps; k++)
					out[k] = frnn_models_value(validation, mix, point + (size_t) k);
			else
				for (int k = 0; k < steps; k++)
					out[k] -= frnn_with_profile(validation, ready, o + k) - ready->x[o + k];
		}
	}
}

/*
 * Adds the errors of the models with each of the shares 0, 1 / AR_SHARES .. 1 of the autoregression: each counting up
 * to `most`, and whole.
 */
static void
errors_by_share(FrnnValidation *validation, double mix, double most, double *sum, double *whole)
{
	int64_t		thin = 1 + validation->origins * validation->steps / POINTS;
	int64_t		place = 0;
	size_t		point = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++, place++, point += (size_t) validation->steps)
		{
			int64_t		o = forecast->origin[j];

			for (int k = 0; k < validation->steps && place % thin == 0; k++)
			{
				double		models = frnn_models_value(validation, mix, point + (size_t) k);
				double		alone = validation->alone[point + (size_t) k];

				if (ready->missing[o + k] || !isfinite(models) || !isfinite(alone))
					continue;
				for (int g = 0; g <= AR_SHARES; g++)
				{
					double		e = fabs(models + (alone - models) * g / AR_SHARES - ready->x[o + k]) / ready->sigma;

					sum[g] += fmin(e, most);
					whole[g] += e;
				}
			}
			if (place % 256 == 0)
				frnn_tick(&validation->run);
		}
	}
}

/*
 * Chooses the autoregression's share of what ridge regression and networks have together: the one that minimizes the
 * error of the mixture, if it gains enough.  The two err in different ways, so that half of each may be better than
 * either.  Then the forecasts of the models are those of the mixture.
 */
static void
choose_autoregression(FrnnValidation *validation, double most, FrnnForecaster *out)
{
	double		sum[AR_SHARES + 1] = {0};
	double		whole[AR_SHARES + 1] = {0};
	double		independent = frnn_independent_errors(validation);
	int			best = 0;
	size_t		points = (size_t) validation->origins * (size_t) validation->steps;

	if (validation->trial->recipe.lags == 0)
		return;
	forecast_alone(validation, out->mix);
	errors_by_share(validation, out->mix, most, sum, whole);
	for (int g = 1; g <= AR_SHARES; g++)
		if (sum[g] < sum[best])
			best = g;
	/* what hides where errors are clipped is no gain */
	if (!(sum[best] < AR_GAIN * sum[0]) || !(whole[best] < AR_GAIN * whole[0]))
		return;
	/* what few errors say is not all */
	out->ar_share = (double) best / AR_SHARES * independent / (independent + AR_FEW);
	for (size_t point = 0; point < points; point++)
	{
		double		models = frnn_models_value(validation, out->mix, point);

		validation->ridge[point] = models + (validation->alone[point] - models) * out->ar_share;
		validation->network[point] = validation->ridge[point];
	}
}

/*
 * Chooses the shares of the naive forecasts and of the level in the mixture:
 * each forecast counts by its error to the power -POWER or less, the less the
 * more independent errors there are, so that what is as good as the best one
 * shares the forecast with it, and what is far behind has no part.
 * Shares that minimize the error of the mixture were worse on other rows: the
 * errors of one horizon and panel are too alike to choose them by.
 */
void
frnn_choose_shares(FrnnValidation *validation, FrnnForecaster *out)
{
	const FrnnRecipe *recipe = &validation->trial->recipe;
	const FrnnMember models_alone = {.period = -1};
	double		most = clipping_error(validation, out->mix);
	double		models;
	double		last;
	double		level;
	double		season = INFINITY;
	double		power = share_power(validation);
	double		least;
	double		total;

	choose_autoregression(validation, most, out);
	models = frnn_member_error(validation, out->mix, most, models_alone);
	last = frnn_member_error(validation, out->mix, most, (FrnnMember) {0});
	level = frnn_choose_level(validation, most, out);
	/* of two seasons the one that forecasts better */
	for (int p = 0; p < recipe->periods; p++)
	{
		double		error = frnn_member_error(validation, out->mix, most, (FrnnMember) {.period = recipe->period[p]});

		if (error < season)
		{
			season = error;
			out->naive_period = recipe->period[p];
		}
	}
	/* one that is exact has all, but a share is a ratio */
	least = fmax(fmin(fmin(models, last), fmin(season, level)), EXACT * models);
	if (models > 0)
	{
		last = count_of(last, least, power);
		season = count_of(season, least, power);
		level = count_of(level, least, power);
		total = count_of(models, least, power) + last + season + level;
		out->naive_last = last / total < LEAST_SHARE ? 0 : last / total;
		out->naive_season = season / total < LEAST_SHARE ? 0 : season / total;
		out->level_share = level / total < LEAST_SHARE ? 0 : level / total;
	}
	if (out->naive_season == 0)
		out->naive_period = 0;
	if (out->level_share == 0)
		out->level_alpha = 0;
	/* a network that counts for nothing need not be trained */
	if ((1 - out->naive_last - out->naive_season - out->level_share) * (1 - out->ar_share) < LEAST_SHARE)
		out->mix = 0;
}

/* Replaces the forecasts of ridge by those of the mixture, all in x. */
void
frnn_mix_forecasts(FrnnValidation *validation, const FrnnForecaster *out)
{
	double		models = 1 - out->naive_last - out->naive_season - out->level_share;
	double		naive = out->naive_last + out->naive_season;
	size_t		point = 0;

	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnForecast *forecast = &validation->forecast[i];
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		for (int64_t j = 0; j < forecast->origins; j++)
		{
			int64_t		o = forecast->origin[j];
			double		level = out->level_share > 0 ? frnn_level(ready->x, o, out->level_alpha) : 0;

			for (int k = 0; k < validation->steps; k++, point++)
			{
				double		x = frnn_models_value(validation, out->mix, point);

				if (models < 1)
					x = models * x + out->level_share * level -
						naive * (frnn_with_profile(validation, ready, o + k) - ready->x[o + k]) +
						out->naive_last * frnn_naive_known(validation, ready, 0, o, k) +
						(out->naive_season > 0 ? out->naive_season * frnn_naive_known(validation, ready, out->naive_period, o, k) : 0);
				validation->ridge[point] = x;
			}
			if (j % 256 == 255)
				frnn_tick(&validation->run);
		}
	}
}
