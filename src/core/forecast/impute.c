/*
 * impute.c
 *	  Gaps of a regular series.  Validation rows never reach the rows
 *	  before it: each part is filled from its own past and neighbours.
 */
#include <math.h>

#include "core/base/order.h"
#include "core/forecast/impute.h"
#include "core/forecast/season.h"

#define PERIODS_ASIDE 3

/* the shortest season and the wall clock that its phases follow; row 0 is row `offset` of the clock */
typedef struct Season
{
	int			period;
	const FrnnClock *clock;
	int64_t		offset;
} Season;

/* Returns the rows from row i to the row of the same phase k periods later. */
static int64_t
rows_aside(const Season *season, int64_t i, int k)
{
	int64_t		row = season->offset + i;
	int64_t		shift = (int64_t) k * season->period;
	int64_t		until;

	if (season->clock->changes == 0)
		return shift;
	return shift + frnn_clock_shift(season->clock, row, &until) - frnn_clock_shift(season->clock, row + shift, &until);
}

/* a row's value if it is in [0, end) and known, else NaN */
static double
known_at(const double *value, int64_t end, int64_t i)
{
	return i >= 0 && i < end ? value[i] : NAN;
}

/* where the straight line from (left, a) to (right, b) is at i; NaN at one end: level with the other */
static double
on_line(double a, double b, int64_t left, int64_t right, int64_t i)
{
	if (isnan(a) || isnan(b))
		return isnan(a) ? b : a;
	return a + (b - a) * (double) (i - left) / (double) (right - left);
}

/*
 * A missing row between the known rows left and right (outside [0, end): none).
 * The straight line between them has the level of these days; how far the
 * same phase of up to three periods to both sides lies off the line between
 * its own neighbours there is the season's shape, of which the median is
 * added.  So a Sunday's gap gets a Sunday's level though weekdays surround it.
 * Where no period has those rows the median of the phase itself stands in.
 * The result stays among the numbers it is made of: none is negative unless
 * some were.  NaN without any.
 */
static double
season_value(const double *value, int64_t end, int64_t i, int64_t left, int64_t right, const Season *season)
{
	double		a = known_at(value, end, left);
	double		b = known_at(value, end, right);
	double		lowest = fmin(a, b);	/* fmin and fmax pass over NaN */
	double		highest = fmax(a, b);
	double		near[2 * PERIODS_ASIDE];
	double		shape[2 * PERIODS_ASIDE];
	int			count = 0;
	int			shapes = 0;
	double		filled;

	for (int k = -PERIODS_ASIDE; k <= PERIODS_ASIDE; k++)
	{
		int64_t		shift = rows_aside(season, i, k);
		double		y = k ? known_at(value, end, i + shift) : NAN;
		double		p = isnan(a) ? NAN : known_at(value, end, left + shift);
		double		q = isnan(b) ? NAN : known_at(value, end, right + shift);

		if (isnan(y))
			continue;
		near[count++] = y;
		lowest = fmin(lowest, y);
		highest = fmax(highest, y);
		if (isnan(p) == isnan(a) && isnan(q) == isnan(b))
			shape[shapes++] = y - on_line(p, q, left, right, i);
	}
	if (shapes == 0 || (isnan(a) && isnan(b)))
		return count ? frnn_median(near, count) : NAN;
	filled = on_line(a, b, left, right, i) + frnn_median(shape, shapes);
	return filled < lowest ? lowest : filled > highest ? highest : filled;
}

/* the rows [begin, end) that are missing, from the seasons around them */
static void
fill_season(const double *value, int64_t begin, int64_t end, const Season *season, double *out)
{
	int64_t		left = begin - 1;

	while (left >= 0 && isnan(value[left]))
		left--;
	for (int64_t i = begin; i < end; i++)
	{
		int64_t		right = i;

		while (right < end && isnan(value[right]))
			right++;
		for (; i < right; i++)
			out[i] = season_value(value, end, i, left, right, season);
		left = right;
	}
}

/* straight lines over the NaN of out[begin, end); rows before begin have no NaN; constant at the outer ends */
static void
fill_lines(double *out, int64_t begin, int64_t end)
{
	for (int64_t i = begin; i < end; i++)
	{
		int64_t		right = i;
		int64_t		left = i - 1;

		if (!isnan(out[i]))
			continue;
		while (right < end && isnan(out[right]))
			right++;
		for (int64_t j = i; j < right; j++)
		{
			if (left >= 0 && right < end)
				out[j] = out[left] + (out[right] - out[left]) * (double) (j - left) / (double) (right - left);
			else
				out[j] = left >= 0 ? out[left] : right < end ? out[right] : 0;
		}
		i = right;
	}
}

static void
fill_last(double *out, int64_t begin, int64_t end)
{
	for (int64_t i = begin; i < end; i++)
		if (isnan(out[i]) && i > 0)
			out[i] = out[i - 1];
	/* what is left stands before the first known value */
	fill_lines(out, begin, end);
}

static void
fill_part(const double *value, int64_t begin, int64_t end, const Season *season, FrnnGapRule rule, double *out)
{
	for (int64_t i = begin; i < end; i++)
	{
		out[i] = value[i];
		if (!isnan(value[i]))
			continue;
		if (rule == FRNN_GAP_ZERO)
			out[i] = 0;
	}
	if (rule == FRNN_GAP_SEASON && season->period > 1)
		fill_season(value, begin, end, season, out);
	if (rule == FRNN_GAP_LOCF)
		fill_last(out, begin, end);
	else
		fill_lines(out, begin, end);
}

int64_t
frnn_impute(const double *value, int64_t n, int64_t split, int period, const FrnnClock *clock, int64_t offset,
			FrnnGapRule rule, double *out)
{
	Season		season = {period, clock, offset};
	int64_t		known = 0;

	for (int64_t i = 0; i < split; i++)
		known += !isnan(value[i]);
	if (known == 0)
		return 0;
	fill_part(value, 0, split, &season, rule, out);
	fill_part(value, split, n, &season, rule, out);
	return known;
}
