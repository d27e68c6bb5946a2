/*
 * season.c
 *	  Additive seasonal profiles by classical decomposition, twice, and
 *	  shrinkage of what may be noise.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/season.h"

int64_t
frnn_clock_shift(const FrnnClock *clock, int64_t row, int64_t *until)
{
	int64_t		low = 0;
	int64_t		high = clock->changes;

	row += clock->base;
	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (clock->change[middle].row <= row)
			low = middle + 1;
		else
			high = middle;
	}
	*until = low < clock->changes ? clock->change[low].row - clock->base : INT64_MAX;
	return (low > 0 ? clock->change[low - 1].shift : 0) - clock->shift;
}

/* slope of the least-squares line through t[begin .. begin + count) */
static double
slope_of(const double *t, int64_t begin, int64_t count)
{
	double		centre = (double) begin + (double) (count - 1) / 2;
	double		mean = 0;
	double		xx = 0;
	double		xy = 0;

	for (int64_t i = 0; i < count; i++)
		mean += t[begin + i];
	mean /= (double) count;
	for (int64_t i = 0; i < count; i++)
	{
		double		dx = (double) (begin + i) - centre;

		xx += dx * dx;
		xy += dx * (t[begin + i] - mean);
	}
	return xx > 0 ? xy / xx : 0;
}

/*
 * t = centred mean over one period of z less the profile s, by a running sum
 * that is begun anew every 4096 rows so that rounding cannot pile up.  At both ends
 * it goes on from its outermost point, by the slope of its outer m points.
 */
static void
trend(const double *z, int64_t n, int64_t offset, const FrnnClock *clock, int m, const double *s, double *t)
{
	int			r = m / 2;		/* rows to each side; an even period halves the outer two */
	int64_t		first = r;
	int64_t		last = n - 1 - r;
	int64_t		count = last - first + 1;
	double		sum = 0;
	double		slope;

	for (int64_t i = first; i <= last; i++)
	{
		if ((i - first) % 4096 == 0)
		{
			sum = 0;
			for (int64_t j = i - r; j <= i + r; j++)
				sum += z[j] - s[frnn_phase(frnn_season_row(clock, offset + j), m)];
		}
		else
			sum += (z[i + r] - s[frnn_phase(frnn_season_row(clock, offset + i + r), m)]) -
				(z[i - r - 1] - s[frnn_phase(frnn_season_row(clock, offset + i - r - 1), m)]);
		t[i] = sum;
		if (m % 2 == 0)
			t[i] -= ((z[i - r] - s[frnn_phase(frnn_season_row(clock, offset + i - r), m)]) +
					 (z[i + r] - s[frnn_phase(frnn_season_row(clock, offset + i + r), m)])) / 2;
		t[i] /= m;
	}
	if (count > m)
		count = m;
	slope = slope_of(t, first, count);
	for (int64_t i = 0; i < first; i++)
		t[i] = t[first] + slope * (double) (i - first);
	slope = slope_of(t, last - count + 1, count);
	for (int64_t i = last + 1; i < n; i++)
		t[i] = t[last] + slope * (double) (i - last);
}

/* s = mean of z - t at each phase, less their mean */
static void
phase_means(const double *z, const double *t, int64_t n, int64_t offset, const FrnnClock *clock, int m, double *s)
{
	double		mean = 0;

	for (int j = 0; j < m; j++)
	{
		int64_t		rows = 0;
		double		sum = 0;

		/* between two clock changes, rows of one phase are m apart */
		for (int64_t begin = 0, end; begin < n; begin = end)
		{
			int64_t		until = INT64_MAX;
			int64_t		shift = clock->changes ? frnn_clock_shift(clock, offset + begin, &until) : 0;

			end = until - offset < n ? until - offset : n;
			for (int64_t i = begin + frnn_phase(j - offset - begin - shift, m); i < end; i += m)
			{
				sum += z[i] - t[i];
				rows++;
			}
		}
		s[j] = rows ? sum / (double) rows : 0;
		mean += s[j];
	}
	mean /= m;
	for (int j = 0; j < m; j++)
		s[j] -= mean;
}

/* James-Stein: keep the part of the phase means' variance that noise does not explain */
static void
shrink(const double *z, const double *t, int64_t n, int64_t offset, const FrnnClock *clock, int m, double *s)
{
	double		mean = 0;
	double		noise = 0;
	double		variance = 0;
	double		factor;

	for (int64_t i = 0; i < n; i++)
		mean += z[i] - t[i] - s[frnn_phase(frnn_season_row(clock, offset + i), m)];
	mean /= (double) n;
	for (int64_t i = 0; i < n; i++)
	{
		double		e = z[i] - t[i] - s[frnn_phase(frnn_season_row(clock, offset + i), m)] - mean;

		noise += e * e;
	}
	noise = noise / (double) n * m / (double) (n > m ? n - m : 1);
	for (int j = 0; j < m; j++)
		variance += s[j] * s[j];	/* their mean is 0 */
	variance /= m;
	factor = variance > 0 ? fmax(0, 1 - noise / variance) : 0;
	for (int j = 0; j < m; j++)
		s[j] *= factor;
}

void
frnn_profile(const double *z, int64_t n, int64_t least, int64_t offset, const FrnnClock *clock, int m, double *profile,
			 double *scratch)
{
	memset(profile, 0, sizeof(double) * (size_t) m);
	if (m < 2 || n < least || n <= m + 1)
		return;
	/* the second round's trend is free of what the first round found */
	for (int round = 0; round < 2; round++)
	{
		trend(z, n, offset, clock, m, profile, scratch);
		phase_means(z, scratch, n, offset, clock, m, profile);
	}
	shrink(z, scratch, n, offset, clock, m, profile);
}

void
frnn_profile_sum(const FrnnRecipe *recipe, const double *profile, const FrnnClock *clock, int64_t row, int64_t count,
				 double *out)
{
	int64_t		until = INT64_MAX;

	/* rows up to the next clock change at a time */
	if (clock->changes > 0 && (frnn_clock_shift(clock, row, &until), until - row < count))
	{
		frnn_profile_sum(recipe, profile, clock, until, count - (until - row), out + (until - row));
		count = until - row;
	}
	for (int64_t k = 0; k < count; k++)
		out[k] = 0;
	for (int p = 0; p < recipe->periods; p++)
	{
		int			m = recipe->period[p];
		int			phase = frnn_phase(frnn_season_row(clock, row), m);

		for (int64_t k = 0; k < count; k++)
		{
			out[k] += profile[phase];
			if (++phase == m)
				phase = 0;
		}
		profile += m;
	}
}
