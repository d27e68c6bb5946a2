/*
 * test_ridge.c
 *	  Pooled ridge against numpy's solution (test/reference/pipeline_golden.txt),
 *	  and systems that have none.
 */
#include "core/forecast/pipeline.h"
#include "check.h"
#include "golden.h"

#define GOLDEN "test/reference/pipeline_golden.txt"

static void *
lay_out(FrnnRidge *ridge, int inputs, int outputs)
{
	FrnnArena	arena = frnn_arena(NULL);
	void	   *block;

	frnn_ridge_layout(ridge, &arena, inputs, outputs);
	block = aligned_alloc(FRNN_ALIGN, arena.used);
	arena = frnn_arena(block);
	frnn_ridge_layout(ridge, &arena, inputs, outputs);
	frnn_ridge_clear(ridge);
	return block;
}

static void
against_numpy(void)
{
	int			n;
	double	   *x = golden(GOLDEN, "ridge_x", &n);
	double	   *y = golden(GOLDEN, "ridge_y", NULL);
	double	   *want = golden(GOLDEN, "ridge_weight", NULL);
	double	   *want_bias = golden(GOLDEN, "ridge_bias", NULL);
	double		weight[36];
	double		bias[4];
	FrnnRidge	ridge;
	void	   *block = lay_out(&ridge, 9, 4);

	for (int i = 0; i < n / 9; i++)
	{
		float		row[9];
		float		target[4];

		for (int j = 0; j < 9; j++)
			row[j] = (float) x[i * 9 + j];
		for (int j = 0; j < 4; j++)
			target[j] = (float) y[i * 4 + j];
		frnn_ridge_add(&ridge, row, target);
	}
	frnn_ridge_solve(&ridge, 0.5, weight, bias);
	for (int i = 0; i < 36; i++)
		CHECK_NEAR(weight[i], want[i], 1e-9);
	for (int i = 0; i < 4; i++)
		CHECK_NEAR(bias[i], want_bias[i], 1e-9);
	free(x);
	free(y);
	free(want);
	free(want_bias);
	free(block);
}

/* inputs that never move, or move together, and targets that never move */
static void
degenerate(void)
{
	double		weight[6];
	double		bias[2];
	FrnnRidge	ridge;
	void	   *block = lay_out(&ridge, 3, 2);

	for (int i = 0; i < 50; i++)
	{
		float		x[3] = {1e6f, (float) i, (float) i};
		float		y[2] = {7, (float) (3 * i + 1)};

		frnn_ridge_add(&ridge, x, y);
	}
	frnn_ridge_solve(&ridge, 1e-9, weight, bias);
	for (int i = 0; i < 6; i++)
		CHECK(isfinite(weight[i]));
	CHECK_NEAR(weight[0], 0, 1e-6);
	CHECK_NEAR(weight[0] * 1e6 + (weight[2] + weight[4]) * 20 + bias[0], 7, 1e-5);
	CHECK_NEAR(weight[1] * 1e6 + (weight[3] + weight[5]) * 20 + bias[1], 61, 1e-4);
	free(block);
}

static void
empty_and_infinite(void)
{
	double		weight[2] = {9, 9};
	double		bias[1] = {9};
	float		x[2] = {1, INFINITY};
	float		y[1] = {3};
	FrnnRidge	ridge;
	void	   *block = lay_out(&ridge, 2, 1);

	frnn_ridge_solve(&ridge, 1e-3, weight, bias);
	CHECK(weight[0] == 0 && weight[1] == 0 && bias[0] == 0);
	frnn_ridge_clear(&ridge);
	frnn_ridge_add(&ridge, x, y);
	frnn_ridge_solve(&ridge, 1e-3, weight, bias);
	CHECK(weight[0] == 0 && weight[1] == 0);
	free(block);
}

int
main(void)
{
	against_numpy();
	degenerate();
	empty_and_infinite();
	return check_done();
}
