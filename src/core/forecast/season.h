/*
 * season.h
 *	  Additive seasonal profiles.
 */
#ifndef FRNN_SEASON_H
#define FRNN_SEASON_H

#include "core/forecast/recipe.h"

/*
 * The additive profile of period m of z (n rows; row i has phase (offset + i)
 * mod m), zero mean, shrunk by the share of its variance that is noise; zero
 * when n < least.  least: 2m, or less but more than m.  scratch: n doubles.
 */
extern void frnn_profile(const double *z, int64_t n, int64_t least, int64_t offset, int m, double *profile,
						 double *scratch);

static inline int
frnn_phase(int64_t row, int m)
{
	int64_t		r = row % m;

	return (int) (r < 0 ? r + m : r);
}

/* out[k] (+)= sum of the profiles at rows row .. row + count - 1 */
extern void frnn_profile_sum(const FrnnRecipe *recipe, const double *profile, int64_t row, int64_t count, double *out);

#endif
