/*
 * simd.h
 *	  Loops for several instruction sets.
 *
 * A function marked FRNN_CLONES is compiled for plain x86-64, AVX2 and AVX-512
 * (GCC before 12: plain and FMA), and the loader picks one.  Other machines get
 * the plain function, and so do clang, whose clones other files cannot call before
 * version 18, and sanitizers, which start before the loader's choice is possible.  Nothing is fused (-ffp-contract=off), so all give the same numbers.
 * Kernels whose code depends on the width are templates (core/kernel/isa.h).
 */
#ifndef FRNN_SIMD_H
#define FRNN_SIMD_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	__GNUC__ >= 9 && !defined(__SANITIZE_ADDRESS__) && !defined(FRNN_NO_CLONES)
#if __GNUC__ >= 12
#define FRNN_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
/* no such levels yet, one feature a clone, and "arch=haswell" would fit no later processor; fma brings 256 bits too */
#define FRNN_CLONES __attribute__((target_clones("default", "fma")))
#endif
#endif

#ifndef FRNN_CLONES
#define FRNN_CLONES
#endif

/*
 * Sums are taken in lanes, element i in lane i % FRNN_LANES, so that they have one order
 * whatever the width of the vectors.
 */
#define FRNN_LANES 16

/* Returns the sum of the lanes: the upper half is added to the lower one until one is left. */
static inline double
frnn_sum_lanes(double *lane)
{
	for (int half = FRNN_LANES / 2; half > 0; half /= 2)
		for (int j = 0; j < half; j++)
			lane[j] += lane[j + half];
	return lane[0];
}

#endif
