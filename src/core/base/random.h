/*
 * random.h
 *	  Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel
 *	  random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A number depends on (seed, use, stream, index) alone, never on what was
 * drawn before.  So the same seed gives the same model for any number of
 * workers and any order of the work.
 */
#ifndef FRNN_RANDOM_H
#define FRNN_RANDOM_H

#include <stdint.h>
#include <stddef.h>

typedef enum FrnnUse
{
	FRNN_USE_INIT = 1,			/* stream: tensor */
	FRNN_USE_SHUFFLE,			/* stream: epoch */
	FRNN_USE_DROPOUT,			/* stream: update and layer */
	FRNN_USE_SAMPLE				/* stream: the caller's */
} FrnnUse;

/* Computes the four 32-bit words of block `block` of a stream. */
extern void frnn_random_block(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t block, uint32_t out[4]);

/* Draws n uniform numbers in [0,1), from index `first` of the stream on. */
extern void frnn_random_uniform(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, float *out, size_t n);

/* Draws n standard normal numbers (Box-Muller in double), from index `first` on. */
extern void frnn_random_normal(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, double *out, size_t n);

/* Returns a uniform integer in [0, bound).  The bias is below bound / 2^64. */
extern uint64_t frnn_random_below(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t index, uint64_t bound);

/* Draws a permutation of 0 .. n-1 (Fisher-Yates). */
extern void frnn_random_permutation(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t n);

/* Runs steps from .. to-1 of that permutation, so that a long one can be interrupted.  Parts run in ascending order. */
extern void frnn_random_shuffle_part(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t from, int64_t to);

#endif
