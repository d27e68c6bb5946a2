/*
 * vector.h
 *	  Vectors of the instruction set FRNN_ISA, for templates (isa.h).  Included
 *	  once per instruction set.
 *
 * V: LANES floats.  W: LANES / 2 doubles.  LOAD and STORE take any address that
 * a float or double may have.  FMA(a, b, c) is a * b + c, rounded once except at
 * level 1.  These are macros, as a vector argument would have another ABI in
 * each variant.
 */
#undef LANES
#undef V
#undef W
#undef LOOSE_V
#undef LOOSE_W
#undef LOAD
#undef STORE
#undef LOAD_W
#undef STORE_W
#undef SPLAT
#undef SPLAT_W
#undef FMA
#undef FMA_W
#undef FMA_FLOAT
#undef FMA_DOUBLE

#if FRNN_ISA == 4
#define LANES 16
#elif FRNN_ISA == 3
#define LANES 8
#else
#define LANES 4
#endif

#define V FRNN_FN(FrnnV)
#define W FRNN_FN(FrnnW)
#define LOOSE_V FRNN_FN(FrnnLooseV)
#define LOOSE_W FRNN_FN(FrnnLooseW)

typedef float V __attribute__((vector_size(4 * LANES)));
typedef double W __attribute__((vector_size(4 * LANES)));
typedef float LOOSE_V __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef double LOOSE_W __attribute__((vector_size(4 * LANES), aligned(8), may_alias));

#define LOAD(p) ((V) (*(const LOOSE_V *) (p)))
#define STORE(p, v) (*(LOOSE_V *) (p) = (v))
#define LOAD_W(p) ((W) (*(const LOOSE_W *) (p)))
#define STORE_W(p, v) (*(LOOSE_W *) (p) = (v))

#if FRNN_ISA == 4
#define SPLAT(x) ((V) _mm512_set1_ps(x))
#define SPLAT_W(x) ((W) _mm512_set1_pd(x))
#define FMA(a, b, c) ((V) _mm512_fmadd_ps((__m512) (a), (__m512) (b), (__m512) (c)))
#define FMA_W(a, b, c) ((W) _mm512_fmadd_pd((__m512d) (a), (__m512d) (b), (__m512d) (c)))
#elif FRNN_ISA == 3
#define SPLAT(x) ((V) _mm256_set1_ps(x))
#define SPLAT_W(x) ((W) _mm256_set1_pd(x))
#define FMA(a, b, c) ((V) _mm256_fmadd_ps((__m256) (a), (__m256) (b), (__m256) (c)))
#define FMA_W(a, b, c) ((W) _mm256_fmadd_pd((__m256d) (a), (__m256d) (b), (__m256d) (c)))
#elif FRNN_ISA == 2
#define SPLAT(x) ((V) vdupq_n_f32(x))
#define SPLAT_W(x) ((W) vdupq_n_f64(x))
#define FMA(a, b, c) ((V) vfmaq_f32((float32x4_t) (c), (float32x4_t) (a), (float32x4_t) (b)))
#define FMA_W(a, b, c) ((W) vfmaq_f64((float64x2_t) (c), (float64x2_t) (a), (float64x2_t) (b)))
#else
#define SPLAT(x) ((V) {(x), (x), (x), (x)})
#define SPLAT_W(x) ((W) {(x), (x)})
#define FMA(a, b, c) ((a) * (b) + (c))
#define FMA_W(a, b, c) ((a) * (b) + (c))
#endif

#if FRNN_ISA > 1
#define FMA_FLOAT(a, b, c) __builtin_fmaf(a, b, c)
#define FMA_DOUBLE(a, b, c) __builtin_fma(a, b, c)
#else
#define FMA_FLOAT(a, b, c) ((a) * (b) + (c))
#define FMA_DOUBLE(a, b, c) ((a) * (b) + (c))
#endif
