/*
 * window.c
 *	  Sliding windows over rows: see window.h.
 *
 * Values after a window are taken at the window's own rate: a network that
 * sees every third row forecasts the third, sixth, ... row from now.
 */
#include "core/forecast/window.h"

#include <string.h>

int64_t
frnn_window_span(const FrnnWindows *windows)
{
	return (windows->T + windows->P - 1) * windows->rate + 1;
}

int64_t
frnn_window_count(const FrnnWindows *windows, int64_t rows)
{
	int64_t		span = frnn_window_span(windows);

	return rows < span ? 0 : (rows - span) / windows->stride + 1;
}

void
frnn_window_gather(const FrnnWindows *windows, const double *rows, int64_t F,
				   int64_t first, int64_t n, double *out)
{
	for (int64_t i = first; i < first + n; i++)
	{
		const double *row = rows + i * windows->stride * F;

		if (windows->rate == 1)
		{
			memcpy(out, row, (size_t) (windows->T * F) * sizeof(double));
			out += windows->T * F;
			continue;
		}
		for (int64_t t = 0; t < windows->T; t++)
			for (int64_t f = 0; f < F; f++)
				*out++ = row[t * windows->rate * F + f];
	}
}

/* feature 0 of the P rows after `row` */
static double *
targets_after(const FrnnWindows *windows, const double *row, int64_t F, double *out)
{
	for (int64_t p = 1; p <= windows->P; p++)
		*out++ = row[p * windows->rate * F];
	return out;
}

void
frnn_window_targets(const FrnnWindows *windows, const double *rows, int64_t F,
					int64_t first, int64_t n, double *out)
{
	for (int64_t i = first; i < first + n; i++)
		out = targets_after(windows, rows + (i * windows->stride + (windows->T - 1) * windows->rate) * F, F, out);
}

void
frnn_window_step_targets(const FrnnWindows *windows, const double *rows, int64_t F,
						 int64_t first, int64_t n, double *out)
{
	for (int64_t i = first; i < first + n; i++)
		for (int64_t t = 0; t < windows->T; t++)
			out = targets_after(windows, rows + (i * windows->stride + t * windows->rate) * F, F, out);
}
