/*
 * level.c
 *	  Simple exponential smoothing.
 */
#include "core/forecast/level.h"

#include "core/forecast/recipe.h"

#define LEVEL_REST	1e-3		/* rows whose weight is smaller do not count in a level */

int64_t
frnn_level_rows(double alpha)
{
	int64_t		rows = 0;

	for (double w = 1; w > LEVEL_REST && rows < FRNN_SEQUENCE_ROWS; w *= 1 - alpha)
		rows++;
	return rows;
}

double
frnn_level(const double *x, int64_t o, double alpha)
{
	double		sum = 0;
	double		weight = 0;
	double		w = 1;

	for (int64_t i = o - 1; i >= 0 && w > LEVEL_REST; i--)
	{
		sum += w * x[i];
		weight += w;
		w *= 1 - alpha;
	}
	return sum / weight;
}
