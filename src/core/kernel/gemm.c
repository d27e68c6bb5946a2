/*
 * gemm.c
 *	  Register-blocked matrix products over packed weights.
 *
 * gemm_isa.h has the kernels.
 */
#include "core/kernel/gemm.h"

#include <string.h>

#include "core/base/memory.h"

/* longest piece of K: a panel of three vectors of 8 floats fills 3/4 of a 32 kB L1 cache */
#define MAX_DEPTH 256
/* floats of A that one round over the panels reads */
#define A_FLOATS 4096

size_t
frnn_packed_size(size_t N, size_t K)
{
	/* the widest vectors have 16 floats */
	return frnn_mul((N + 15) & ~(size_t) 15, K + 1);
}

/*
 * Finds the next operands whose depths add up to at most MAX_DEPTH; a longer one is cut.
 * *i and *skip: the operand and the depth of it at which the list goes on.
 */
static int
next_operands(const FrnnOperand *operand, int operands, int *i, size_t *skip, FrnnOperand *piece, size_t *depth)
{
	int			n = 0;

	*depth = 0;
	while (*i < operands)
	{
		FrnnOperand rest = operand[*i];

		rest.a += *skip;
		rest.k -= *skip;
		if (rest.k > MAX_DEPTH - *depth)
		{
			if (n > 0)
				break;
			rest.k = MAX_DEPTH;
			*skip += MAX_DEPTH;
		}
		else
		{
			*skip = 0;
			(*i)++;
		}
		*depth += rest.k;
		piece[n++] = rest;
	}
	return n;
}

#define FRNN_KERNEL "core/kernel/gemm_isa.h"
#include "core/kernel/each_isa.h"

FRNN_DISPATCH(void, frnn_pack_bias, (float *packed, size_t N, size_t K, const float *first, const float *second));
FRNN_DISPATCH(void, frnn_pack_weight, (float *packed, size_t N, size_t K, size_t k0, size_t count,
									   const float *w, size_t n_stride, size_t k_stride));
FRNN_DISPATCH(void, frnn_gemm_packed, (const FrnnRun *run, size_t M, size_t N, size_t K,
									   const FrnnOperand *operand, int operands,
									   const float *packed, bool accumulate, float *c, size_t ldc));
