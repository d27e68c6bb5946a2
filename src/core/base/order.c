/*
 * order.c
 *	  Heapsort, insertion sort for short arrays, and quantiles.
 *
 * libc's qsort may allocate, which the core must not.
 */
#include "core/base/order.h"

static void
sift_down(double *v, int64_t root, int64_t n)
{
	double		value = v[root];
	int64_t		child;

	while ((child = 2 * root + 1) < n)
	{
		if (child + 1 < n && v[child] < v[child + 1])
			child++;
		if (v[child] <= value)
			break;
		v[root] = v[child];
		root = child;
	}
	v[root] = value;
}

void
frnn_sort(double *v, int64_t n)
{
	/* most calls ask for the median of a handful */
	if (n <= 16)
	{
		for (int64_t i = 1; i < n; i++)
		{
			double		value = v[i];
			int64_t		j = i;

			for (; j > 0 && v[j - 1] > value; j--)
				v[j] = v[j - 1];
			v[j] = value;
		}
		return;
	}
	for (int64_t i = n / 2; i-- > 0;)
		sift_down(v, i, n);
	for (int64_t i = n - 1; i > 0; i--)
	{
		double		largest = v[0];

		v[0] = v[i];
		v[i] = largest;
		sift_down(v, 0, i);
	}
}

double
frnn_sorted_quantile(const double *v, int64_t n, double p)
{
	double		place = p * (double) (n - 1);
	int64_t		below = (int64_t) place;

	if (n < 1)
		return 0;
	if (below >= n - 1)
		return v[n - 1];
	return v[below] + (place - (double) below) * (v[below + 1] - v[below]);
}

double
frnn_median(double *v, int64_t n)
{
	frnn_sort(v, n);
	return frnn_sorted_quantile(v, n, 0.5);
}
