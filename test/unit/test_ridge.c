/*
 * test_ridge.c
 *	  Pooled ridge against numpy's solution (test/reference/pipeline_golden.txt),
 *	  and systems that have none.
 */
#include "core/forecast/ridge.h"
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
count_tick(void *arg)
{
	++*(int *) arg;
}

/* Wide systems are solved panel by panel: the solution meets the normal equations, and the caller is ticked. */
static void
in_panels(int inputs, int outputs)
{
	int			rows = 3 * inputs;
	int			ticks = 0;
	FrnnRun		run = {.tick = count_tick, .arg = &ticks};
	FrnnRidge	ridge;
	void	   *block = lay_out(&ridge, inputs, outputs);
	float	   *x = malloc(sizeof(float) * (size_t) rows * inputs);
	float	   *y = malloc(sizeof(float) * (size_t) rows * outputs);
	double	   *weight = malloc(sizeof(double) * (size_t) inputs * outputs);
	double	   *bias = malloc(sizeof(double) * (size_t) outputs);
	double	   *residual = malloc(sizeof(double) * (size_t) rows);
	double		trace = 0;

	ridge.run = &run;
	for (int r = 0; r < rows; r++)
	{
		for (int i = 0; i < inputs; i++)
			x[r * inputs + i] = (float) sin(0.7 * r * (i + 1) + 0.01 * i * i);
		for (int o = 0; o < outputs; o++)
			y[r * outputs + o] = (float) cos(0.3 * r + o);
		frnn_ridge_add(&ridge, x + (size_t) r * inputs, y + (size_t) r * outputs);
	}
	frnn_ridge_solve(&ridge, 0.01, weight, bias);
	CHECK(ticks >= inputs / 64);
	for (int i = 0; i < inputs; i++)
	{
		double		sum = 0;
		double		squares = 0;

		for (int r = 0; r < rows; r++)
		{
			sum += x[r * inputs + i];
			squares += (double) x[r * inputs + i] * x[r * inputs + i];
		}
		trace += squares - sum * sum / rows;
	}
	/* the gradient of the penalized squares is 0 for every weight of the first and the last output */
	for (int o = 0; o < outputs; o += outputs > 1 ? outputs - 1 : 1)
	{
		for (int r = 0; r < rows; r++)
		{
			residual[r] = y[r * outputs + o] - bias[o];
			for (int i = 0; i < inputs; i++)
				residual[r] -= x[r * inputs + i] * weight[i * outputs + o];
		}
		for (int i = 0; i < inputs; i++)
		{
			double		gradient = -(0.01 * trace / inputs + 1e-9 * rows) * weight[i * outputs + o];

			for (int r = 0; r < rows; r++)
				gradient += x[r * inputs + i] * residual[r];
			CHECK_NEAR(gradient, 0, 1e-8);
		}
	}
	free(x);
	free(y);
	free(weight);
	free(bias);
	free(residual);
	free(block);
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

/* orthogonal inputs: each has d / (d + penalty) degrees of freedom, with d its sum of squares */
static void
freedom(void)
{
	double		weight[2];
	double		bias[1];
	double		penalty = 0.4 * (40 + 160) / 2 + 1e-9 * 40;
	float		infinite[2] = {1, INFINITY};
	float		nothing[1] = {0};
	FrnnRidge	ridge;
	void	   *block = lay_out(&ridge, 2, 1);

	frnn_ridge_add(&ridge, infinite, nothing);
	frnn_ridge_solve(&ridge, 0.4, weight, bias);
	CHECK_NEAR(frnn_ridge_freedom(&ridge), 2, 1e-12);
	frnn_ridge_clear(&ridge);
	for (int i = 0; i < 40; i++)
	{
		float		x[2] = {i % 2 == 0 ? 1.0f : -1.0f, i / 2 % 2 == 0 ? 2.0f : -2.0f};
		float		y[1] = {(float) i};

		frnn_ridge_add(&ridge, x, y);
	}
	frnn_ridge_solve(&ridge, 0.4, weight, bias);
	CHECK_NEAR(frnn_ridge_freedom(&ridge), 40 / (40 + penalty) + 160 / (160 + penalty), 1e-12);
	free(block);
}

int
main(void)
{
	freedom();
	against_numpy();
	in_panels(256, 1);
	in_panels(257, 2);
	in_panels(600, 3);
	degenerate();
	empty_and_infinite();
	return check_done();
}
