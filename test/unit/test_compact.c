/*
 * test_compact.c
 *	  16 bits per number of a series: half precision against the compiler's
 *	  own type, profiles within their bound, and rounding twice.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/forecast/compact.h"
#include "check.h"

#define RANDOM_NUMBERS 4096

static void
half(void)
{
	double	   *v = malloc(sizeof(double) * RANDOM_NUMBERS);

	CHECK(frnn_half_encode(-1) > 0x7C00 && frnn_half_encode(NAN) > 0x7C00 && isnan(frnn_half_decode(frnn_half_encode(-1))));
	CHECK(frnn_half_decode(frnn_half_encode(1e300)) == 65504 && frnn_half_decode(frnn_half_encode(INFINITY)) == 65504);
	CHECK(frnn_half_encode(0) == 0 && frnn_half_decode(0) == 0);
	for (int code = 0; code < 65536; code++)
	{
		double		back = frnn_half_decode((uint16_t) code);

		CHECK(code >= 0x7C00 ? isnan(back) : frnn_half_encode(back) == code);
	}
#ifdef __FLT16_MAX__
	for (int code = 0; code < 0x7C00; code++)
	{
		uint16_t	bits = (uint16_t) code;
		_Float16	theirs;

		memcpy(&theirs, &bits, sizeof(bits));
		CHECK(frnn_half_decode(bits) == (double) theirs);
	}
	frnn_random_normal(3, FRNN_USE_SAMPLE, 1, 1, v, RANDOM_NUMBERS);
	for (int i = 0; i < RANDOM_NUMBERS; i++)
	{
		double		x = fmin(fabs(v[i]) * pow(10, i % 14 - 9), 65504);
		_Float16	theirs = (_Float16) x;
		uint16_t	bits;

		memcpy(&bits, &theirs, sizeof(bits));
		CHECK(frnn_half_encode(x) == bits);
	}
#endif
	free(v);
}

static void
profile(double factor, double largest_at_end)
{
	double		x[100];
	double		largest = 0;
	int			exponent;
	int			again;

	frnn_random_normal(4, FRNN_USE_SAMPLE, 2, 2, x, 100);
	if (largest_at_end != 0)
		x[99] = largest_at_end;
	for (int i = 0; i < 100; i++)
	{
		x[i] *= factor;
		largest = fmax(largest, fabs(x[i]));
	}
	exponent = frnn_profile_exponent(x, 100);
	for (int i = 0; i < 100; i++)
	{
		int16_t		code = frnn_profile_encode(x[i], exponent);
		double		back = frnn_profile_decode(code, exponent);

		CHECK(abs(code) <= 32767);
		CHECK_NEAR(back, x[i], ldexp(largest, -15) + 1e-323);
		x[i] = back;
	}
	again = frnn_profile_exponent(x, 100);
	for (int i = 0; i < 100; i++)
		CHECK(frnn_profile_decode(frnn_profile_encode(x[i], again), again) == x[i]);
}

/* few series keep every digit */
static void
few_and_many(int64_t series, int changed)
{
	FrnnForecaster f;
	FrnnRecipe	recipe = frnn_recipe_default();
	FrnnNetwork network;
	FrnnError	error;
	size_t		bytes;
	void	   *block;

	memset(&network, 0, sizeof(network));
	recipe.periods = 1;
	recipe.period[0] = 3;
	recipe.horizon = recipe.block = recipe.inputs = recipe.time_steps = 1;
	CHECK(frnn_forecaster_size(&recipe, &network, series, 0, &bytes, &error) == FRNN_OK);
	block = aligned_alloc(64, (bytes + 63) / 64 * 64);
	frnn_forecaster_layout(&f, &recipe, &network, series, 0, block);
	f.profile[3 * series - 1] = M_PI;
	f.profile[0] = NAN;
	f.error_scale[0] = M_PI;
	frnn_forecaster_compact(&f, NULL);
	CHECK((f.profile[3 * series - 1] != M_PI) == changed && (f.error_scale[0] != M_PI) == changed);
	CHECK_NEAR(f.profile[3 * series - 1], M_PI, 1e-4);
	CHECK_NEAR(f.error_scale[0], M_PI, 2e-3);
	CHECK(isnan(f.profile[0]));
	free(block);
}

int
main(void)
{
	double		zeros[2] = {0, 0};

	CHECK(frnn_profile_exponent(zeros, 2) == 0 && frnn_profile_encode(0, 0) == 0);
	half();
	profile(1, 0);
	profile(1e300, 0);
	profile(1e-300, 0);
	profile(4e-324, 0);
	profile(1, 32767.6);
	profile(1, -32768);
	few_and_many(FRNN_COMPACT_SERIES, 0);
	few_and_many(FRNN_COMPACT_SERIES + 1, 1);
	return check_done();
}
