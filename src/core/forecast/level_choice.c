/*
 * level_choice.c
 *	  How fast the mixture's level follows the rows.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/validation_work.h"

#define ALPHAS		5
#define MIDDLE		2			/* alpha that errors are compared with */
#define TREND		0.8			/* share of a level's error that remains with a slope, below which there is a trend */
#define FIRST_LEVEL	4			/* rows before the first level that is judged */

static const double even_alpha[ALPHAS] = {0.1, 0.2, 0.35, 0.5, 0.7};

/* a mean demand needs many rows */
static const double intermittent_alpha[ALPHAS] = {0.01, 0.02, 0.05, 0.1, 0.2};

static const double *
alphas_of(const FrnnRecipe *recipe)
{
	return recipe->intermittent ? intermittent_alpha : even_alpha;
}

/*
 * Writes the error of each alpha's level on the rows before validation, at four
 * steps up to the horizon: many more than the validation rows.  Returns that of
 * the middle level if it goes on with the slope of its series.
 */
static double
training_errors(FrnnValidation *validation, double *error)
{
	double		sloping = 0;
	int			steps = validation->steps;
	int			apart = steps > 3 ? steps / 3 : 1;
	double		level[ALPHAS];
	double		older[ALPHAS];	/* weight of the rows before the first */
	const double *alpha = alphas_of(&validation->trial->recipe);
	bool		squared = validation->trial->recipe.intermittent;

	memset(error, 0, sizeof(double) * ALPHAS);
	for (int64_t i = 0; i < validation->forecasts; i++)
	{
		const FrnnReady *ready = &validation->ready[validation->series[i]];

		int64_t		rows = validation->forecast[i].origin[0];
		double		slope = rows > 1 ? (ready->x[rows - 1] - ready->x[0]) / (double) (rows - 1) : 0;
		double		behind = (1 - alpha[MIDDLE]) / alpha[MIDDLE];

		for (int a = 0; a < ALPHAS; a++)
		{
			level[a] = ready->x[0];
			older[a] = 1;
		}
		for (int64_t o = 1; o + steps <= rows; o++)
		{
			/* the weighted mean of the rows before o, as frnn_level */
			for (int a = 0; a < ALPHAS; a++)
			{
				older[a] *= 1 - alpha[a];
				level[a] += alpha[a] / (1 - older[a]) * (ready->x[o - 1] - level[a]);
			}
			for (int k = 0; k < steps && o >= FIRST_LEVEL; k += apart)
			{
				if (ready->missing[o + k])
					continue;
				for (int a = 0; a < ALPHAS; a++)
					error[a] += frnn_error_counted((level[a] - ready->x[o + k]) / ready->sigma, squared);
				sloping += frnn_error_counted((level[MIDDLE] + slope * (k + 1 + behind) - ready->x[o + k]) / ready->sigma, squared);
			}
			if (o % 1024 == 0)
				frnn_tick(&validation->run);
		}
	}
	return sloping;
}

/*
 * Chooses the alpha whose error is least on training and validation rows
 * together; returns its validation error.  Series with a trend have no level.
 */
double
frnn_choose_level(FrnnValidation *validation, double most, FrnnForecaster *out)
{
	double		training[ALPHAS];
	double		error[ALPHAS];
	double		least = INFINITY;
	double		chosen = INFINITY;
	const double *alpha = alphas_of(&validation->trial->recipe);

	if (training_errors(validation, training) < TREND * training[MIDDLE])
		return INFINITY;
	for (int a = 0; a < ALPHAS; a++)
		error[a] = frnn_member_error(validation, out->mix, most, (FrnnMember) {-1, alpha[a]});
	for (int a = 0; a < ALPHAS; a++)
	{
		double		both = error[a] / error[MIDDLE] + (training[MIDDLE] > 0 ? training[a] / training[MIDDLE] : 0);

		if (!(both < least))
			continue;
		least = both;
		chosen = error[a];
		out->level_alpha = alpha[a];
	}
	return chosen;
}
