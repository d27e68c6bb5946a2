/*
 * simd.h
 *	  One source, several instruction sets: a function marked FRNN_CLONES is
 *	  compiled for plain x86-64, AVX2 with FMA, and AVX-512 (before GCC 12:
 *	  plain and FMA), and the loader picks one.  Bitcode (clang) and other machines get the plain function.
 *	  Sanitizers run before the loader's choice is possible, so they do too.
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
#else
#define FRNN_CLONES
#endif

#endif
