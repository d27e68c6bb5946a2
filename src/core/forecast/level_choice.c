/*
 * level_choice.c
 *	  The form of the mixture's level: how fast it follows, whether it has a trend and whether it goes back to the mean.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/validation_work.h"

#define ALPHAS		5
#define TRENDS		3
#define STAYS		4
#define FORMS		(ALPHAS * TRENDS * STAYS)
#define MIDDLE		2			/* form that errors are compared with: the third alpha, no trend, no way back */
#define TREND		0.8			/* share of a level's error that remains with a slope, below which there is a trend */
#define GAIN		0.99		/* of the error of the best plain form, above which no other is chosen */
#define FIRST_LEVEL	4			/* rows before the first level that is judged */
#define JUDGED		5000		/* origins on the rows before validation, about */
#define STEPS		4			/* of them, up to the horizon */

static const double even_alpha[ALPHAS] = {0.1, 0.2, 0.35, 0.5, 0.7};
static const double trends[TRENDS] = {0, 0.05, 0.2};
static const double stays[STAYS] = {1, 0.95, 0.9, 0.8};

/* a mean demand needs many rows */
static const double intermittent_alpha[ALPHAS] = {0.01, 0.02, 0.05, 0.1, 0.2};

/* Fills the forms to choose from, the plain ones first; returns their number.  A mean demand has no trend. */
static int
forms_of(const FrnnRecipe *recipe, FrnnLevelForm *form)
{
	int			n = 0;

	for (int r = 0; r < (recipe->intermittent ? 1 : STAYS); r++)
		for (int b = 0; b < (recipe->intermittent ? 1 : TRENDS); b++)
			for (int a = 0; a < ALPHAS; a++)
				form[n++] = (FrnnLevelForm) {recipe->intermittent ? intermittent_alpha[a] : even_alpha[a], trends[b], stays[r]};
	return n;
}

/* Adds the error of a level at steps 0, apart, 2 apart .. from origin o. */
static double
error_ahead(const FrnnLevelForm *form, const FrnnReady *ready, int64_t o, int steps, int apart, bool squared)
{
	FrnnLevelPath path = frnn_level_path(form, ready->x, o);
	double		sum = 0;

	for (int k = 0; k < steps && k <= (STEPS - 1) * apart; k++)
	{
		double		value = frnn_level_next(form, &path);

		if (k % apart == 0 && !ready->missing[o + k])
			sum += frnn_error_counted((value - ready->x[o + k]) / ready->sigma, squared);
	}
	return sum;
}

/* The same of the middle level if it goes on with the slope of its series. */
static double
error_sloping(const FrnnLevelForm *form, const FrnnReady *ready, int64_t o, double slope, int steps, int apart, bool squared)
{
	double		level = frnn_level_path(form, ready->x, o).level;
	double		behind = (1 - form->alpha) / form->alpha;
	double		sum = 0;

	for (int k = 0; k < steps && k <= (STEPS - 1) * apart; k += apart)
		if (!ready->missing[o + k])
			sum += frnn_error_counted((level + slope * (k + 1 + behind) - ready->x[o + k]) / ready->sigma, squared);
	return sum;
}

/*
 * Writes the error of each form on the rows before validation, at four steps up
 * to the horizon: many more than the validation rows.  Returns that of the middle
 * form if it goes on with the slope of its series.
 */
static double
training_errors(FrnnValidation *validation, const FrnnLevelForm *form, int forms, double *error)
{
	double		sloping = 0;
	int			steps = validation->steps;
	int			apart = steps > 3 ? steps / 3 : 1;
	bool		squared = validation->trial->recipe.intermittent;
	int64_t		rows = 0;
	int64_t		thin;

	memset(error, 0, sizeof(double) * (size_t) forms);
	for (int64_t i = 0; i < validation->forecasts; i++)
		rows += validation->forecast[i].origin[0];
	thin = 1 + rows / JUDGED;
	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnReady *ready = &validation->ready[validation->series[i]];
		int64_t		last = validation->forecast[i].origin[0];
		double		slope = last > 1 ? (ready->x[last - 1] - ready->x[0]) / (double) (last - 1) : 0;

		for (int64_t o = FIRST_LEVEL + i % thin; o + steps <= last; o += thin)
		{
			for (int f = 0; f < forms; f++)
				error[f] += error_ahead(&form[f], ready, o, steps, apart, squared);
			sloping += error_sloping(&form[MIDDLE], ready, o, slope, steps, apart, squared);
			frnn_tick(&validation->run);
		}
	}
	return sloping;
}

/*
 * Chooses the form whose error is least on training and validation rows
 * together; returns its validation error.  Series with a trend have no level.
 */
double
frnn_choose_level(FrnnValidation *validation, double most, FrnnForecaster *out)
{
	FrnnLevelForm form[FORMS];
	int			forms = forms_of(&validation->trial->recipe, form);
	double		training[FORMS];
	double		error[FORMS];
	double		least = INFINITY;
	double		plain = INFINITY;	/* least error of a level without trend and way back */
	double		chosen = INFINITY;

	if (training_errors(validation, form, forms, training) < TREND * training[MIDDLE])
		return INFINITY;
	for (int f = 0; f < forms; f++)
		error[f] = frnn_member_error(validation, out->mix, most, (FrnnMember) {-1, form[f]});
	for (int f = 0; f < forms; f++)
	{
		double		both = error[f] / error[MIDDLE] + (training[MIDDLE] > 0 ? training[f] / training[MIDDLE] : 0);

		/* the plain forms come first */
		if (!(both < (f < ALPHAS ? least : fmin(least, GAIN * plain))))
			continue;
		least = both;
		plain = f < ALPHAS ? both : plain;
		chosen = error[f];
		out->level = form[f];
	}
	return chosen;
}
