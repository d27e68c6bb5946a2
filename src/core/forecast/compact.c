/*
 * compact.c
 *	  Numbers per series in 16 bits: profiles as multiples of a power of two,
 *	  error scales in half precision.
 *
 * Powers of two, so that rounding twice changes nothing.  A number of a profile
 * moves by at most 2^-15 of the profile's largest, an error scale by 2^-11 of
 * itself.
 */
#include <math.h>

#include "core/forecast/compact.h"
#include "core/forecast/error_scale.h"

#define PROFILE_BITS	15
#define LARGEST_CODE	32767
#define LEAST_EXPONENT	(-1074) /* of a double */

#define HALF_BITS		10		/* of the mantissa, without the leading one */
#define HALF_LEAST		(-14)	/* exponent of the least normal number */
#define HALF_LARGEST	65504.0
#define HALF_INFINITY	0x7C00
#define HALF_NAN		0x7E00

bool
frnn_is_compact(int64_t series)
{
	return series > FRNN_COMPACT_SERIES;
}

int
frnn_profile_exponent(const double *profile, int n)
{
	double		largest = 0;
	int			exponent;

	for (int i = 0; i < n; i++)
		largest = fmax(largest, fabs(profile[i]));
	if (!(largest > 0))
		return 0;
	(void) frexp(largest, &exponent);
	exponent -= PROFILE_BITS;
	if (exponent < LEAST_EXPONENT)
		exponent = LEAST_EXPONENT;
	/* rounded up to the next power of two */
	return rint(ldexp(largest, -exponent)) > LARGEST_CODE ? exponent + 1 : exponent;
}

int16_t
frnn_profile_encode(double value, int exponent)
{
	return (int16_t) rint(ldexp(value, -exponent));
}

double
frnn_profile_decode(int16_t code, int exponent)
{
	return ldexp((double) code, exponent);
}

uint16_t
frnn_half_encode(double value)
{
	int			exponent;
	double		steps;

	if (!(value >= 0))
		return HALF_NAN;
	if (value >= HALF_LARGEST)
		value = HALF_LARGEST;
	(void) frexp(value, &exponent);
	exponent--;
	if (value == 0 || exponent < HALF_LEAST)
		exponent = HALF_LEAST;
	/* a carry out of the mantissa adds to the exponent, as it should */
	steps = rint(ldexp(value, HALF_BITS - exponent));
	return (uint16_t) (((exponent - HALF_LEAST) << HALF_BITS) + (int) steps);
}

double
frnn_half_decode(uint16_t code)
{
	int			field = code >> HALF_BITS;
	int			steps = code & ((1 << HALF_BITS) - 1);

	if (code >= HALF_INFINITY)
		return NAN;
	if (field == 0)
		return ldexp(steps, HALF_LEAST - HALF_BITS);
	return ldexp(steps + (1 << HALF_BITS), field - 1 + HALF_LEAST - HALF_BITS);
}

/* numbers that are not finite stay, and are refused when the model is written */
static void
round_profile(double *profile, int n)
{
	int			exponent;

	for (int i = 0; i < n; i++)
		if (!isfinite(profile[i]))
			return;
	exponent = frnn_profile_exponent(profile, n);
	for (int i = 0; i < n; i++)
		profile[i] = frnn_profile_decode(frnn_profile_encode(profile[i], exponent), exponent);
}

void
frnn_forecaster_compact(FrnnForecaster *forecaster, const FrnnRun *run)
{
	const FrnnRecipe *recipe = &forecaster->recipe;
	int			columns = frnn_error_scale_columns(recipe);
	double	   *profile = forecaster->profile;
	double	   *factor = forecaster->error_scale;

	if (!frnn_is_compact(forecaster->series))
		return;
	for (int64_t s = 0; s < forecaster->series; s++)
	{
		for (int p = 0; p < recipe->periods; p++)
		{
			round_profile(profile, recipe->period[p]);
			profile += recipe->period[p];
		}
		for (int c = 0; c < columns; c++, factor++)
			*factor = frnn_half_decode(frnn_half_encode(*factor));
		frnn_tick(run);
	}
}
