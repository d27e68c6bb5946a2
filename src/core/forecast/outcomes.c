/*
 * outcomes.c
 *	  Past values of intermittent series at the phase of a forecast.
 */
#include <math.h>

#include "core/base/order.h"
#include "core/forecast/outcomes.h"
#include "core/forecast/season.h"

int
frnn_outcomes(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, int step, double *value)
{
	int			m = recipe->periods > 0 ? recipe->period[0] : 1;
	int			phase = frnn_phase(frnn_season_row(&ready->clock, ready->offset + o + step), m);
	int			n = 0;

	for (int64_t i = o - 1; i >= 0 && i >= o - recipe->time_steps && n < FRNN_OUTCOMES; i--)
	{
		double		season = 0;

		if (frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), m) != phase)
			continue;
		frnn_profile_sum(recipe, ready->profile, &ready->clock, ready->offset + i, 1, &season);
		value[n++] = ready->x[i] + season;
	}
	frnn_sort(value, n);
	return n;
}

void
frnn_outcomes_range(const double *value, int n, double confidence, double *low, double *high)
{
	int			outside = (int) floor((n + 1) * (1 - confidence) / 2);

	if (outside > 0)
		outside--;
	*low = value[outside];
	*high = value[n - 1 - outside];
}
