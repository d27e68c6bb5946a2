/*
 * random.h
 *	  Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel
 *	  random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A number depends on (seed, use, stream, index) alone, never on what was
 * drawn before: the same seed gives the same model, whatever the number of
 * workers or the order of the work.
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
	FRNN_USE_SAMPLE				/* stream: caller's */
} FrnnUse;

/* four 32-bit words for block `block` of a stream */
extern void frnn_random_block(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t block, uint32_t out[4]);

/* n uniform numbers in [0,1), starting at index `first` of the stream */
extern void frnn_random_uniform(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, float *out, size_t n);

/* n standard normal numbers (Box-Muller in double), starting at index `first` */
extern void frnn_random_normal(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t first, double *out, size_t n);

/* a uniform integer in [0, bound), without modulo bias that matters (64-bit multiply) */
extern uint64_t frnn_random_below(uint64_t seed, FrnnUse use, uint64_t stream, uint64_t index, uint64_t bound);

/* Fisher-Yates permutation of 0 .. n-1 */
extern void frnn_random_permutation(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t n);

/* the steps from .. to-1 of that permutation, so that a long one can be interrupted; the parts go in order */
extern void frnn_random_shuffle_part(uint64_t seed, FrnnUse use, uint64_t stream, int64_t *out, int64_t from, int64_t to);

#endif
