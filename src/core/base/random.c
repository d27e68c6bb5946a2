/*
 * random.c
 *	  Philox4x32-10, and uniform and normal numbers made from it.
 *
 * The 128-bit counter is (block, use; stream).  The use is the top byte of the
 * block's half, so streams of different uses are disjoint as long as block
 * numbers are below 2^56.  Uniform numbers are made sixteen blocks at a time,
 * in parallel lanes, so that the rounds vectorize.
 */
#include "core/base/random.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/base/simd.h"

#define ROUNDS 10
#define MUL0 0xD2511F53u
#define MUL1 0xCD9E8D57u
#define WEYL0 0x9E3779B9u
#define WEYL1 0xBB67AE85u
#define LANES 16

static inline uint64_t
counter_low(FrnnUse use, uint64_t block)
{
	return block ^ ((uint64_t) use << 56);
}

/* Runs all rounds on n counters in place. */
static inline void
philox(uint32_t k0, uint32_t k1, uint32_t *restrict c0, uint32_t *restrict c1,
	   uint32_t *restrict c2, uint32_t *restrict c3, int n)
{
	for (int round = 0; round < ROUNDS; round++)
	{
#pragma omp simd
		for (int i = 0; i < n; i++)
		{
			uint64_t	p0 = (uint64_t) MUL0 * c0[i];
			uint64_t	p1 = (uint64_t) MUL1 * c2[i];

			c0[i] = (uint32_t) (p1 >> 32) ^ c1[i] ^ k0;
			c2[i] = (uint32_t) (p0 >> 32) ^ c3[i] ^ k1;
			c1[i] = (uint32_t) p1;
			c3[i] = (uint32_t) p0;
		}
		k0 += WEYL0;
		k1 += WEYL1;
	}
}

void
frnn_random_block(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t block, uint32_t out[4])
{
	uint64_t	low = counter_low(use, block);

	out[0] = (uint32_t) low;
	out[1] = (uint32_t) (low >> 32);
	out[2] = (uint32_t) stream;
	out[3] = (uint32_t) (stream >> 32);
	philox((uint32_t) seed, (uint32_t) (seed >> 32), &out[0], &out[1], &out[2], &out[3], 1);
}

/* Makes 4 * LANES uniform numbers from the LANES blocks from `block` on. */
FRNN_CLONES static void
uniform_lanes(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t block, float *restrict out)
{
	uint32_t	c0[LANES],
				c1[LANES],
				c2[LANES],
				c3[LANES];

	for (int i = 0; i < LANES; i++)
	{
		uint64_t	low = counter_low(use, block + (uint64_t) i);

		c0[i] = (uint32_t) low;
		c1[i] = (uint32_t) (low >> 32);
		c2[i] = (uint32_t) stream;
		c3[i] = (uint32_t) (stream >> 32);
	}
	philox((uint32_t) seed, (uint32_t) (seed >> 32), c0, c1, c2, c3, LANES);
#pragma omp simd
	for (int i = 0; i < LANES; i++)
	{
		out[4 * i] = (float) (int32_t) (c0[i] >> 8) * 0x1p-24f;
		out[4 * i + 1] = (float) (int32_t) (c1[i] >> 8) * 0x1p-24f;
		out[4 * i + 2] = (float) (int32_t) (c2[i] >> 8) * 0x1p-24f;
		out[4 * i + 3] = (float) (int32_t) (c3[i] >> 8) * 0x1p-24f;
	}
}

void
frnn_random_uniform(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, float *out, size_t n)
{
	const uint64_t chunk = 4 * LANES;
	size_t		done = 0;

	while (done < n)
	{
		uint64_t	at = first + done;
		size_t		skip = (size_t) (at % chunk);
		size_t		count = chunk - skip;
		float		part[4 * LANES];

		if (count > n - done)
			count = n - done;
		if (count == chunk)
			uniform_lanes(seed, use, stream, at / 4, out + done);
		else
		{
			uniform_lanes(seed, use, stream, (at - skip) / 4, part);
			for (size_t i = 0; i < count; i++)
				out[done + i] = part[skip + i];
		}
		done += count;
	}
}

void
frnn_random_normal(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, double *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		uint64_t	at = first + i;
		uint32_t	w[4];
		double		radius,
					sine,
					cosine;

		/* one block makes a pair; the logarithm's argument is in (0,1], so the radius is finite */
		frnn_random_block(seed, use, stream, at / 2, w);
		radius = sqrt(-2.0 * frnn_log(((double) (((uint64_t) w[1] << 21) | (w[0] >> 11)) + 1.0) * 0x1p-53));
		frnn_sin_cos_turns((double) (((uint64_t) w[3] << 21) | (w[2] >> 11)) * 0x1p-53, &sine, &cosine);
		if (at % 2 == 0)
		{
			out[i] = radius * cosine;
			if (i + 1 == n)
				break;
			i++;
		}
		out[i] = radius * sine;
	}
}

/* Returns the upper half of the product, from products of 32 bits: not every machine multiplies 64. */
static uint64_t
upper_product(uint64_t a, uint64_t b)
{
	uint64_t	low = (a & 0xffffffff) * (b & 0xffffffff);
	uint64_t	cross = (a >> 32) * (b & 0xffffffff) + (low >> 32);
	uint64_t	other = (a & 0xffffffff) * (b >> 32) + (cross & 0xffffffff);

	return (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32);
}

uint64_t
frnn_random_below(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t index, uint64_t bound)
{
	uint32_t	w[4];

	frnn_random_block(seed, use, stream, index, w);
	return upper_product(((uint64_t) w[1] << 32) | w[0], bound);
}

void
frnn_random_shuffle_part(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to; i++)
	{
		int64_t		j = (int64_t) frnn_random_below(seed, use, stream, (uint64_t) i, (uint64_t) i + 1);

		/* inside-out Fisher-Yates: after each step out[0..i] is a permutation of 0..i */
		out[i] = i;
		out[i] = out[j];
		out[j] = i;
	}
}

void
frnn_random_permutation(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t n)
{
	frnn_random_shuffle_part(seed, use, stream, out, 0, n);
}
