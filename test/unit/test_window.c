/*
 * test_window.c
 *	  Windows against a search that knows nothing of the formulas, in buffers
 *	  of exactly the size needed, so that a step outside is seen.
 */
#include "core/forecast/window.h"

#include <stdlib.h>

#include "check.h"

#define F 2

/* the number of starts from which all rows exist, tried one by one */
static int64_t
count_by_search(const FrnnWindows *w, int64_t rows)
{
	int64_t		count = 0;

	for (int64_t start = 0; start < rows; start += w->stride)
	{
		int			fits = 1;

		for (int64_t t = 0; t < w->T + w->P; t++)
			fits &= start + t * w->rate < rows;
		count += fits;
	}
	return count;
}

static void
check_gather(const FrnnWindows *w, const double *rows, int64_t n)
{
	int64_t		N = frnn_window_count(w, n);
	double	   *x = malloc((size_t) (N * w->T * F) * sizeof(double) + 1);
	double	   *y = malloc((size_t) (N * w->P) * sizeof(double) + 1);
	double	   *z = malloc((size_t) (N * w->T * w->P) * sizeof(double) + 1);
	int			same = 1;

	/* in two parts: the second starts where the first ended */
	frnn_window_gather(w, rows, F, 0, N / 2, x);
	frnn_window_gather(w, rows, F, N / 2, N - N / 2, x + N / 2 * w->T * F);
	frnn_window_targets(w, rows, F, 0, N, y);
	frnn_window_step_targets(w, rows, F, 0, N / 2, z);
	frnn_window_step_targets(w, rows, F, N / 2, N - N / 2, z + N / 2 * w->T * w->P);

	for (int64_t i = 0; i < N; i++)
		for (int64_t t = 0; t < w->T; t++)
		{
			int64_t		row = i * w->stride + t * w->rate;

			for (int64_t f = 0; f < F; f++)
				same &= x[(i * w->T + t) * F + f] == 10 * row + f;
			for (int64_t p = 0; p < w->P; p++)
			{
				same &= z[(i * w->T + t) * w->P + p] == 10 * (row + (p + 1) * w->rate);
				if (t == w->T - 1)
					same &= y[i * w->P + p] == 10 * (row + (p + 1) * w->rate);
			}
		}
	CHECK(same);
	free(x);
	free(y);
	free(z);
}

int
main(void)
{
	FrnnWindows seed = {30, 0, 1, 1};
	FrnnWindows huge = {2147483647, 2147483647, 1, 2147483647};

	CHECK(frnn_window_count(&seed, 33) == 4);
	CHECK(frnn_window_count(&seed, 30) == 1);
	CHECK(frnn_window_count(&seed, 29) == 0);
	CHECK(frnn_window_count(&seed, 0) == 0);
	CHECK(frnn_window_span(&huge) > 2147483647);
	CHECK(frnn_window_count(&huge, 1000) == 0);

	for (int64_t n = 0; n <= 24; n++)
	{
		double	   *rows = malloc((size_t) (n * F) * sizeof(double) + 1);

		for (int64_t i = 0; i < n * F; i++)
			rows[i] = 10 * (i / F) + i % F;
		for (int T = 1; T <= 6; T++)
			for (int P = 0; P <= 3; P++)
				for (int stride = 1; stride <= 5; stride++)
					for (int rate = 1; rate <= 4; rate++)
					{
						FrnnWindows w = {T, P, stride, rate};

						CHECK(frnn_window_count(&w, n) == count_by_search(&w, n));
						check_gather(&w, rows, n);
					}
		free(rows);
	}
	return check_done();
}
