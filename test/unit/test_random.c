/*
 * test_random.c
 *	  Philox against the known answers published with Random123 (kat_vectors,
 *	  philox4x32 10), and the properties of what is drawn from it.
 */
#include "core/base/random.h"
#include "check.h"

#include <string.h>

static void
known_answers(void)
{
	static const struct
	{
		uint64_t	block,
					stream,
					seed;
		uint32_t	want[4];
	}			kat[] = {
		{0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	};

	for (int i = 0; i < 3; i++)
	{
		uint32_t	got[4];

		/* use 0 leaves the counter as it is */
		frnn_random_block(kat[i].seed, (FrnnUse) 0, kat[i].stream, kat[i].block, got);
		CHECK(memcmp(got, kat[i].want, sizeof(got)) == 0);
	}
}

static void
uniform(void)
{
	static float whole[10000],
				part[10000];
	double		sum = 0,
				square = 0;
	uint32_t	w[4];

	frnn_random_uniform(7, FRNN_USE_DROPOUT, 3, 0, whole, 10000);
	for (int i = 0; i < 10000; i++)
	{
		CHECK(whole[i] >= 0 && whole[i] < 1);
		sum += whole[i];
		square += (double) whole[i] * whole[i];
	}
	CHECK_NEAR(sum / 10000, 0.5, 0.01);
	CHECK_NEAR(square / 10000, 1.0 / 3, 0.01);

	/* a number depends on its index alone, wherever the drawing starts */
	for (int first = 0; first < 140; first += 7)
	{
		frnn_random_uniform(7, FRNN_USE_DROPOUT, 3, (uint64_t) first, part, 200);
		CHECK(memcmp(part, whole + first, 200 * sizeof(float)) == 0);
	}
	frnn_random_block(7, FRNN_USE_DROPOUT, 3, 2, w);
	CHECK(whole[9] == (float) (w[1] >> 8) * 0x1p-24f);

	frnn_random_uniform(8, FRNN_USE_DROPOUT, 3, 0, part, 4);
	CHECK(memcmp(part, whole, 16) != 0);
	frnn_random_uniform(7, FRNN_USE_SAMPLE, 3, 0, part, 4);
	CHECK(memcmp(part, whole, 16) != 0);
	frnn_random_uniform(7, FRNN_USE_DROPOUT, 4, 0, part, 4);
	CHECK(memcmp(part, whole, 16) != 0);
}

static void
normal(void)
{
	static double whole[20001],
				part[50];
	double		m1 = 0,
				m2 = 0,
				m4 = 0;

	frnn_random_normal(1, FRNN_USE_INIT, 0, 0, whole, 20001);
	for (int i = 0; i < 20000; i++)
	{
		m1 += whole[i];
		m2 += whole[i] * whole[i];
		m4 += pow(whole[i], 4);
	}
	CHECK_NEAR(m1 / 20000, 0, 0.03);
	CHECK_NEAR(m2 / 20000, 1, 0.04);
	CHECK_NEAR(m4 / 20000, 3, 0.3);
	for (uint64_t first = 0; first < 5; first++)
		for (size_t n = 1; n < 6; n++)
		{
			frnn_random_normal(1, FRNN_USE_INIT, 0, first, part, n);
			CHECK(memcmp(part, whole + first, n * sizeof(double)) == 0);
		}
}

static void
permutation(void)
{
	int64_t		p[1000],
				q[1000];
	int			seen[1000] = {0},
				fixed = 0,
				all = 1,
				count[6] = {0};

	frnn_random_permutation(5, FRNN_USE_SHUFFLE, 1, p, 1000);
	for (int i = 0; i < 1000; i++)
	{
		CHECK(p[i] >= 0 && p[i] < 1000);
		seen[p[i]]++;
		fixed += p[i] == i;
	}
	for (int i = 0; i < 1000; i++)
		all &= seen[i] == 1;
	CHECK(all);
	CHECK(fixed < 10);
	frnn_random_shuffle_part(5, FRNN_USE_SHUFFLE, 1, q, 0, 333);
	frnn_random_shuffle_part(5, FRNN_USE_SHUFFLE, 1, q, 333, 1000);
	CHECK(memcmp(p, q, sizeof(p)) == 0);

	/* each of the 6 orders of 3 things about equally often */
	for (uint64_t s = 0; s < 6000; s++)
	{
		frnn_random_permutation(s, FRNN_USE_SHUFFLE, 0, p, 3);
		count[p[0] * 2 + (p[1] > p[2])]++;
	}
	for (int i = 0; i < 6; i++)
		CHECK_NEAR(count[i], 1000, 120);
	for (uint64_t i = 0; i < 100; i++)
		CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, i, 7) < 7);
	CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, 0, 1) == 0);
}

/* the upper half of the block's first 64 bits times the bound, by Python's integers; also where a machine has 32 bits */
static void
below(void)
{
	CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, 0, 1000) == 1);
	CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, 1, UINT64_C(1) << 32) == UINT64_C(3667774901));
	CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, 2, (UINT64_C(1) << 63) + 12345) == UINT64_C(4092568497232649486));
	CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 0, 3, UINT64_MAX) == UINT64_C(6231111269747955479));
#ifdef __SIZEOF_INT128__
	for (uint64_t i = 0; i < 1000; i++)
	{
		uint64_t	bound = (i * UINT64_C(0x9e3779b97f4a7c15)) | 1;
		uint32_t	w[4];

		frnn_random_block(1, FRNN_USE_SAMPLE, 5, i, w);
		CHECK(frnn_random_below(1, FRNN_USE_SAMPLE, 5, i, bound) ==
			  (uint64_t) (((unsigned __int128) (((uint64_t) w[1] << 32) | w[0]) * bound) >> 64));
	}
#endif
}

int
main(void)
{
	known_answers();
	uniform();
	normal();
	permutation();
	below();
	return check_done();
}
