/*
 * isa.h
 *	  One source for several instruction sets.
 *
 * A kernel whose code depends on the vector width is a template: a file that
 * each_isa.h includes once per instruction set.  In it every function is named
 * FRNN_FN(name) and marked FRNN_EXPORT or FRNN_LOCAL.  FRNN_DISPATCH then defines
 * `name` as the variant for the processor, chosen when the library is loaded.
 *
 * Levels: 1 portable code without fused multiply-add, 2 ARM64, 3 AVX2 with FMA,
 * 4 AVX-512.  FRNN_LEVEL forces one of them, for tests; the file must then be
 * built for a processor that has it.  Levels 2 to 4 give the same numbers to
 * the last bit: every sum has one order, and every multiplication that is fused
 * with an addition is written as such.  Level 1 differs in the last bits.
 */
#ifndef FRNN_ISA_H
#define FRNN_ISA_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#if !defined(FRNN_LEVEL) && (defined(__SANITIZE_ADDRESS__) || defined(FRNN_NO_CLONES))
#define FRNN_LEVEL 1			/* sanitizers start before the loader's choice is possible */
#endif
#ifdef __has_attribute
#if !defined(FRNN_LEVEL) && __has_attribute(ifunc)
#define FRNN_LEVELS				/* all of 1, 3 and 4 */
#endif
#endif
#elif defined(__aarch64__) && defined(__ARM_NEON) && !defined(FRNN_LEVEL)
#include <arm_neon.h>
#define FRNN_LEVEL 2
#endif

#if !defined(FRNN_LEVEL) && !defined(FRNN_LEVELS)
#define FRNN_LEVEL 1
#endif

#define FRNN_INLINE static inline __attribute__((always_inline))
#define FRNN_LOCAL static
#define FRNN_JOIN2(a, b) a##b
#define FRNN_JOIN(a, b) FRNN_JOIN2(a, b)

#ifdef FRNN_LEVELS
#define FRNN_EXPORT static
#define FRNN_FN(name) FRNN_JOIN(name##_level, FRNN_ISA)
#define FRNN_HAS3 (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#define FRNN_HAS4 (FRNN_HAS3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && \
	__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
#define FRNN_DISPATCH(type, name, parameters) \
	static type (*name##_resolve(void)) parameters \
	{ \
		__builtin_cpu_init(); \
		return FRNN_HAS4 ? name##_level4 : FRNN_HAS3 ? name##_level3 : name##_level1; \
	} \
	type name parameters __attribute__((ifunc(#name "_resolve")))
#else
#define FRNN_EXPORT
#define FRNN_FN(name) name
#define FRNN_DISPATCH(type, name, parameters) extern type name parameters
#endif

#endif
