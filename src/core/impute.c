/*
 * impute.c
 *	  Gaps of a regular series.  What is held back never reaches the rows
 *	  before it: each part is filled from its own past and neighbours.
 */
#include <math.h>

#include "core/pipeline.h"

#define PERIODS_ASIDE 3

/* median of the known values at the same phase, up to three periods to both sides, inside [0, end); NaN without */
static double
season_value(const double *value, int64_t end, int64_t i, int m)
{
	double		near[2 * PERIODS_ASIDE];
	int			count = 0;

	for (int k = -PERIODS_ASIDE; k <= PERIODS_ASIDE; k++)
	{
		int64_t		j = i + (int64_t) k * m;

		if (k != 0 && j >= 0 && j < end && !isnan(value[j]))
			near[count++] = value[j];
	}
	return count ? frnn_median(near, count) : NAN;
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
fill_part(const double *value, int64_t begin, int64_t end, int period, FrnnGapRule rule, double *out)
{
	for (int64_t i = begin; i < end; i++)
	{
		out[i] = value[i];
		if (!isnan(value[i]))
			continue;
		if (rule == FRNN_GAP_ZERO)
			out[i] = 0;
		else if (rule == FRNN_GAP_SEASON && period > 1)
			out[i] = season_value(value, end, i, period);
	}
	if (rule == FRNN_GAP_LOCF)
		fill_last(out, begin, end);
	else
		fill_lines(out, begin, end);
}

int64_t
frnn_impute(const double *value, int64_t n, int64_t split, int period, FrnnGapRule rule, double *out)
{
	int64_t		known = 0;

	for (int64_t i = 0; i < split; i++)
		known += !isnan(value[i]);
	if (known == 0)
		return 0;
	fill_part(value, 0, split, period, rule, out);
	fill_part(value, split, n, period, rule, out);
	return known;
}
