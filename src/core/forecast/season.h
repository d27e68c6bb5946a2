/*
 * season.h
 *	  Additive seasonal profiles.
 */
#ifndef FRNN_SEASON_H
#define FRNN_SEASON_H

#include "core/forecast/panel.h"
#include "core/forecast/recipe.h"

/*
 * The additive profile of period m of z (n rows; row i has phase (offset + i)
 * mod m, moved by the clock), zero mean, shrunk by the share of its variance that
 * is noise; zero when n < least.  least: 2m, or less but more than m.  scratch: n
 * doubles.
 */
extern void frnn_profile(const double *z, int64_t n, int64_t least, int64_t offset, const FrnnClock *clock, int m,
						 double *profile, double *scratch);

/* Returns the shift of the last clock change at or before a row, and in *until the row of the next one. */
extern int64_t frnn_clock_shift(const FrnnClock *clock, int64_t row, int64_t *until);

/* Returns the row whose phase a row has: the row itself without clock changes. */
static inline int64_t
frnn_season_row(const FrnnClock *clock, int64_t row)
{
	int64_t		until;

	return clock->changes == 0 ? row : row + frnn_clock_shift(clock, row, &until);
}

static inline int
frnn_phase(int64_t row, int m)
{
	int64_t		r = row % m;

	return (int) (r < 0 ? r + m : r);
}

/* out[k] = sum of the profiles at rows row .. row + count - 1 */
extern void frnn_profile_sum(const FrnnRecipe *recipe, const double *profile, const FrnnClock *clock, int64_t row,
							 int64_t count, double *out);

#endif
