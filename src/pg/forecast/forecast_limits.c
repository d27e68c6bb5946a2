/*
 * forecast_limits.c
 *	  Limits of forecasts: those that the values of a panel keep to, values beyond
 *	  given ones, and forecasts moved into them.
 */
#include "pg/forecast/forecast_limits.h"

#include <math.h>

#include "miscadmin.h"

#define LEAST_BOUNDED	10		/* values that show a limit */
#define LEAST_FULL		3		/* of them at the limit */
#define FULL_SHARE		20		/* one in FULL_SHARE values is at the limit, or more */

/* What values of training rows show about limits. */
typedef struct Bounds
{
	int64		known;			/* values */
	int64		ones;			/* of them equal to 1, and to 100 */
	int64		hundreds;
	double		largest;
} Bounds;

/* Counts the values of one series; returns false for a value that is below 0 or above 100. */
static bool
bounds_count(Bounds *bounds, const FrnnSeriesData *data)
{
	for (int64 i = 0; i < data->n; i++)
	{
		double		value = data->value[i];

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (isnan(value))
			continue;
		if (value < 0 || value > 100)
			return false;
		bounds->known++;
		bounds->ones += value == 1;
		bounds->hundreds += value == 100;
		bounds->largest = Max(bounds->largest, value);
	}
	return true;
}

double
forecast_limits_find(const FrnnPanelData *panel)
{
	Bounds		bounds = {0};
	int64		full;

	for (int64 s = 0; s < panel->series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!bounds_count(&bounds, &panel->data[s]))
			return 0;
	}
	full = bounds.largest == 1 ? bounds.ones : bounds.largest == 100 ? bounds.hundreds : 0;
	if (bounds.known < LEAST_BOUNDED || full < LEAST_FULL || full * FULL_SHARE < bounds.known || full == bounds.known)
		return 0;
	return bounds.largest;
}

int64
forecast_limits_beyond(const FrnnOptions *options, const FrnnPanelData *panel)
{
	int64		beyond = 0;

	if (isinf(options->lower_limit) && isinf(options->upper_limit))
		return 0;
	for (int64 s = 0; s < panel->series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 i = 0; i < panel->data[s].n; i++)
		{
			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			/* a missing value compares as false */
			beyond += panel->data[s].value[i] < options->lower_limit || panel->data[s].value[i] > options->upper_limit;
		}
	}
	return beyond;
}

void
forecast_limit(const FrnnOptions *options, const FrnnForecast *forecast, int64 count, int levels)
{
	double	   *part[] = {forecast->point, forecast->lower, forecast->upper};
	int			p;
	int64		i;

	if (isinf(options->lower_limit) && isinf(options->upper_limit))
		return;
	for (p = 0; p < lengthof(part); p++)
		for (i = 0; i < count * (p == 0 ? 1 : levels); i++)
			/* NAN stays */
			if (part[p][i] < options->lower_limit)
				part[p][i] = options->lower_limit;
			else if (part[p][i] > options->upper_limit)
				part[p][i] = options->upper_limit;
}
