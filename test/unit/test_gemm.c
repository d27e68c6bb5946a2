/*
 * Products over packed weights: right for every shape, and the same to the bit
 * however the rows are cut.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/kernel/gemm.h"
#include "core/base/random.h"

#define ROWS 13

static void
product(const FrnnOperand *from, int operands, size_t row, size_t rows, size_t N, size_t K, const float *packed,
		bool add, float *c)
{
	FrnnOperand operand[2] = {from[0], from[1]};

	for (int i = 0; i < operands; i++)
		operand[i].a += row * operand[i].lda;
	frnn_gemm_packed(NULL, rows, N, K, operand, operands, packed, add, c + row * N, N);
}

static void
shape(size_t N, size_t k1, size_t k2, bool add)
{
	size_t		K = k1 + k2;
	float	   *a = malloc(sizeof(float) * ROWS * K);
	float	   *w = malloc(sizeof(float) * N * (K + 1));
	float	   *packed = aligned_alloc(64, (sizeof(float) * frnn_packed_size(N, K) + 63) / 64 * 64);
	float	   *whole = malloc(sizeof(float) * ROWS * N);
	float	   *cut = malloc(sizeof(float) * ROWS * N);
	float	   *begun = malloc(sizeof(float) * ROWS * N);
	FrnnOperand operand[2] = {{a, K, k1}, {a + k1, K, k2}};
	int			operands = k2 > 0 ? 2 : 1;
	double		worst = 0;

	frnn_random_uniform(3, FRNN_USE_SAMPLE, N, K, a, ROWS * K);
	frnn_random_uniform(4, FRNN_USE_SAMPLE, N, K, w, N * (K + 1));
	frnn_random_uniform(5, FRNN_USE_SAMPLE, N, K, begun, ROWS * N);
	frnn_pack_bias(packed, N, K, w + N * K, NULL);
	frnn_pack_weight(packed, N, K, 0, K, w, K, 1);
	memcpy(whole, begun, sizeof(float) * ROWS * N);
	product(operand, operands, 0, ROWS, N, K, packed, add, whole);
	for (size_t m = 0; m < ROWS; m++)
		for (size_t n = 0; n < N; n++)
		{
			double		sum = add ? begun[m * N + n] : w[N * K + n];

			for (size_t k = 0; k < K; k++)
				sum += (double) a[m * K + k] * w[n * K + k];
			worst = fmax(worst, fabs(sum - whole[m * N + n]) / (1 + sum));
		}
	CHECK(worst < 1e-5);
	for (size_t rows = 1; rows < 5; rows++)
	{
		memcpy(cut, begun, sizeof(float) * ROWS * N);
		for (size_t m = 0; m < ROWS; m += rows)
			product(operand, operands, m, m + rows > ROWS ? ROWS - m : rows, N, K, packed, add, cut);
		CHECK(memcmp(cut, whole, sizeof(float) * ROWS * N) == 0);
	}
	free(a);
	free(w);
	free(packed);
	free(whole);
	free(cut);
	free(begun);
}

int
main(void)
{
	for (size_t N = 1; N <= 140; N += N < 100 ? 1 : 7)
	{
		shape(N, 5, 0, false);
		shape(N, 1, 32, false);
		shape(N, 9, 8, true);
		shape(N, 200, 300, N % 2 == 0);
	}
	return check_done();
}
