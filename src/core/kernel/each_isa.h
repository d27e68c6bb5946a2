/*
 * each_isa.h
 *	  Includes the template FRNN_KERNEL once per instruction set (isa.h).
 */
#include "core/kernel/isa.h"

#ifdef FRNN_LEVELS

#define FRNN_ISA 1
#include "core/kernel/vector.h"
#include FRNN_KERNEL
#undef FRNN_ISA

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2")
#endif
#define FRNN_ISA 3
#include "core/kernel/vector.h"
#include FRNN_KERNEL
#undef FRNN_ISA
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#endif
#define FRNN_ISA 4
#include "core/kernel/vector.h"
#include FRNN_KERNEL
#undef FRNN_ISA
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else

#define FRNN_ISA FRNN_LEVEL
#include "core/kernel/vector.h"
#include FRNN_KERNEL

#endif
