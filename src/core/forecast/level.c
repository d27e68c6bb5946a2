/*
 * level.c
 *	  Exponential smoothing: see level.h.
 */
#include "core/forecast/level.h"

#include "core/forecast/recipe.h"

#define LEVEL_REST	1e-3		/* rows whose weight is smaller do not count in a level */

int64_t
frnn_level_rows(const FrnnLevelForm *form)
{
	int64_t		rows = 0;

	for (double w = 1; w > LEVEL_REST && rows < FRNN_SEQUENCE_ROWS; w *= 1 - form->alpha)
		rows++;
	if ((form->trend > 0 || form->stay < 1) && rows < FRNN_LEVEL_MEAN_ROWS)
		rows = FRNN_LEVEL_MEAN_ROWS;
	return rows;
}

/* The weighted mean of the rows that matter. */
static double
smoothed(const double *x, int64_t o, double alpha)
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

/* Level and slope from row to row; the first rows count as much as those of a mean. */
static void
with_trend(const FrnnLevelForm *form, const double *x, int64_t first, int64_t o, FrnnLevelPath *path)
{
	double		level = x[first];
	double		slope = 0;
	double		older = 1 - form->alpha;	/* weight of the rows before the first */

	for (int64_t i = first + 1; i < o; i++)
	{
		double		before = level;
		double		expected = level + FRNN_LEVEL_DAMPING * slope;

		older *= 1 - form->alpha;
		level = expected + form->alpha / (1 - older) * (x[i] - expected);
		/* one change tells nothing of a slope yet */
		if (i > first + 1)
			slope = form->trend * (level - before) + (1 - form->trend) * FRNN_LEVEL_DAMPING * slope;
	}
	path->level = level;
	path->slope = slope;
}

FrnnLevelPath
frnn_level_path(const FrnnLevelForm *form, const double *x, int64_t o)
{
	FrnnLevelPath path = {.away = 1};
	int64_t		first = o > FRNN_LEVEL_MEAN_ROWS ? o - FRNN_LEVEL_MEAN_ROWS : 0;
	int64_t		rows = frnn_level_rows(form);

	if (form->trend > 0)
		with_trend(form, x, o > rows ? o - rows : 0, o, &path);
	else
		path.level = smoothed(x, o, form->alpha);
	if (form->stay >= 1)
	{
		path.mean = path.level;
		return path;
	}
	for (int64_t i = first; i < o; i++)
		path.mean += x[i];
	path.mean /= (double) (o - first);
	return path;
}

double
frnn_level_next(const FrnnLevelForm *form, FrnnLevelPath *path)
{
	path->slope *= FRNN_LEVEL_DAMPING;
	path->risen += path->slope;
	path->away *= form->stay;
	return path->level + path->risen + (path->mean - path->level) * (1 - path->away);
}
