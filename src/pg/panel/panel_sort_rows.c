/*
 * panel_sort_rows.c
 *	  Sorts the rows of one series in place by time, then value, then covariates
 *	  (NaN last).
 *
 * The order is total, so equal rows in any order of arrival end in the same
 * bytes.  Sorting moves the parallel arrays themselves (median-of-three
 * quicksort, insertion sort below SMALL rows, heap sort when it degenerates),
 * so a long series needs no second copy.  Times of a series are mostly spread
 * evenly; a piece of at most PIECE rows is therefore first tried with one pass
 * into as many buckets as rows, which is linear then.
 *
 * Between two checks for interrupts the rows are a permutation of what they
 * were, so an error loses none.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"

#define SMALL	20
#define PIECE	32768
#define CROWDED 12				/* rows in one bucket that make the pass not worth while */

typedef struct Rows
{
	int64	   *ts;
	double	   *value;
	double	   *covariate;
	int			width;
	int64		pivot_ts;
	double		pivot_value;
	double	   *pivot_covariate;	/* (width) */
	double	   *held;			/* (width): a row during a swap */

	/* for the bucket pass, of rows without covariates; NULL if too few to try */
	uint32	   *bucket;			/* (PIECE) */
	int64	   *spare_ts;		/* (PIECE) */
	double	   *spare_value;	/* (PIECE) */
} Rows;

/* Returns the order of two numbers, NaN after all others; 0 if they are equal. */
static inline int
numbers_compare(double a, double b)
{
	if (a < b)
		return -1;
	if (a > b)
		return 1;
	if (a == b)
		return 0;
	return (int) isnan(a) - (int) isnan(b);
}

/* Returns the order of two rows of the same time. */
static int
ties_compare(double value_a, const double *a, double value_b, const double *b, int width)
{
	int			order = numbers_compare(value_a, value_b);
	int			i;

	for (i = 0; i < width && order == 0; i++)
		order = numbers_compare(a[i], b[i]);
	return order;
}

static inline double *
rows_covariate(const Rows *rows, int64 i)
{
	return rows->width > 0 ? rows->covariate + i * rows->width : NULL;
}

static inline bool
row_before(const Rows *rows, int64 i, int64 j)
{
	if (rows->ts[i] != rows->ts[j])
		return rows->ts[i] < rows->ts[j];
	return ties_compare(rows->value[i], rows_covariate(rows, i),
						rows->value[j], rows_covariate(rows, j), rows->width) < 0;
}

static inline bool
row_before_pivot(const Rows *rows, int64 i)
{
	if (rows->ts[i] != rows->pivot_ts)
		return rows->ts[i] < rows->pivot_ts;
	return ties_compare(rows->value[i], rows_covariate(rows, i),
						rows->pivot_value, rows->pivot_covariate, rows->width) < 0;
}

static inline bool
pivot_before_row(const Rows *rows, int64 i)
{
	if (rows->ts[i] != rows->pivot_ts)
		return rows->pivot_ts < rows->ts[i];
	return ties_compare(rows->pivot_value, rows->pivot_covariate,
						rows->value[i], rows_covariate(rows, i), rows->width) < 0;
}

static inline void
rows_copy(Rows *rows, int64 to, int64 from)
{
	rows->ts[to] = rows->ts[from];
	rows->value[to] = rows->value[from];
	if (rows->width > 0)
		memcpy(rows_covariate(rows, to), rows_covariate(rows, from), rows->width * sizeof(double));
}

static inline void
pivot_take(Rows *rows, int64 i)
{
	rows->pivot_ts = rows->ts[i];
	rows->pivot_value = rows->value[i];
	if (rows->width > 0)
		memcpy(rows->pivot_covariate, rows_covariate(rows, i), rows->width * sizeof(double));
}

static inline void
pivot_put(Rows *rows, int64 i)
{
	rows->ts[i] = rows->pivot_ts;
	rows->value[i] = rows->pivot_value;
	if (rows->width > 0)
		memcpy(rows_covariate(rows, i), rows->pivot_covariate, rows->width * sizeof(double));
}

static inline void
rows_swap(Rows *rows, int64 i, int64 j)
{
	int64		ts = rows->ts[i];
	double		value = rows->value[i];

	if (rows->width > 0)
		memcpy(rows->held, rows_covariate(rows, i), rows->width * sizeof(double));
	rows_copy(rows, i, j);
	rows->ts[j] = ts;
	rows->value[j] = value;
	if (rows->width > 0)
		memcpy(rows_covariate(rows, j), rows->held, rows->width * sizeof(double));
}

/* Sorts the rows [lo, hi). */
static void
rows_insertion_sort(Rows *rows, int64 lo, int64 hi)
{
	int64		i,
				j;

	for (i = lo + 1; i < hi; i++)
	{
		if (!row_before(rows, i, i - 1))
			continue;
		pivot_take(rows, i);
		for (j = i; j > lo && pivot_before_row(rows, j - 1); j--)
			rows_copy(rows, j, j - 1);
		pivot_put(rows, j);
	}
}

static void
rows_sift_down(Rows *rows, int64 lo, int64 root, int64 n)
{
	int64		child;

	while ((child = 2 * root + 1) < n)
	{
		if (child + 1 < n && row_before(rows, lo + child, lo + child + 1))
			child++;
		if (!row_before(rows, lo + root, lo + child))
			return;
		rows_swap(rows, lo + root, lo + child);
		root = child;
	}
}

static void
rows_heap_sort(Rows *rows, int64 lo, int64 hi)
{
	int64		n = hi - lo;
	int64		i;

	for (i = n / 2 - 1; i >= 0; i--)
		rows_sift_down(rows, lo, i, n);
	for (i = n - 1; i > 0; i--)
	{
		CHECK_FOR_INTERRUPTS();
		rows_swap(rows, lo, lo + i);
		rows_sift_down(rows, lo, 0, i);
	}
}

/* Partitions about the median of three (Hoare); returns the last row of the left part. */
static int64
rows_partition(Rows *rows, int64 lo, int64 hi)
{
	int64		mid = lo + (hi - lo) / 2;
	int64		i = lo,
				j = hi - 1;

	if (row_before(rows, mid, lo))
		rows_swap(rows, mid, lo);
	if (row_before(rows, hi - 1, mid))
	{
		rows_swap(rows, hi - 1, mid);
		if (row_before(rows, mid, lo))
			rows_swap(rows, mid, lo);
	}
	pivot_take(rows, mid);
	for (;;)
	{
		while (row_before_pivot(rows, i))
			i++;
		while (pivot_before_row(rows, j))
			j--;
		if (i >= j)
			return j;
		rows_swap(rows, i, j);
		i++;
		j--;
	}
}

/*
 * Distributes [lo, hi) over as many buckets as rows, evenly between the first
 * and the last time, and finishes with insertion sort.  Returns false and moves
 * nothing if a bucket is crowded.
 */
static bool
rows_bucket_sort(Rows *rows, int64 lo, int64 hi)
{
	int			n = (int) (hi - lo);
	const int64 *ts = rows->ts + lo;
	const double *value = rows->value + lo;
	uint32	   *bucket = rows->bucket;
	int64		first = ts[0],
				last = ts[0];
	uint32		most = 0,
				sum = 0;
	double		scale;
	int			i;

	for (i = 1; i < n; i++)
	{
		first = Min(first, ts[i]);
		last = Max(last, ts[i]);
	}
	if (first == last)
		return false;
	/* unsigned differences: the range may exceed int64; monotone in ts, below n */
	scale = (n - 1) / (double) ((uint64) last - (uint64) first);
#define BUCKET_OF(t) ((uint32) Min((double) ((uint64) (t) - (uint64) first) * scale, n - 1))
	memset(bucket, 0, n * sizeof(uint32));
	for (i = 0; i < n; i++)
		bucket[BUCKET_OF(ts[i])]++;
	for (i = 0; i < n; i++)
	{
		uint32		count = bucket[i];

		bucket[i] = sum;
		sum += count;
		most = Max(most, count);
	}
	if (most > CROWDED)
		return false;
	for (i = 0; i < n; i++)
	{
		uint32		to = bucket[BUCKET_OF(ts[i])]++;

		rows->spare_ts[to] = ts[i];
		rows->spare_value[to] = value[i];
	}
#undef BUCKET_OF
	memcpy(rows->ts + lo, rows->spare_ts, n * sizeof(int64));
	memcpy(rows->value + lo, rows->spare_value, n * sizeof(double));
	rows_insertion_sort(rows, lo, hi);
	return true;
}

static void
rows_quick_sort(Rows *rows, int64 lo, int64 hi, int depth)
{
	while (hi - lo > SMALL)
	{
		int64		cut;

		if (depth-- == 0)
		{
			rows_heap_sort(rows, lo, hi);
			return;
		}
		if (hi - lo > 10000)
			CHECK_FOR_INTERRUPTS();
		if (rows->bucket != NULL && hi - lo <= PIECE && rows_bucket_sort(rows, lo, hi))
			return;
		cut = rows_partition(rows, lo, hi) + 1;
		if (cut - lo < hi - cut)
		{
			rows_quick_sort(rows, lo, cut, depth);
			lo = cut;
		}
		else
		{
			rows_quick_sort(rows, cut, hi, depth);
			hi = cut;
		}
	}
	rows_insertion_sort(rows, lo, hi);
}

void
panel_sort_rows(int64 *ts, double *value, double *covariate, int width, int64 n)
{
	Rows		rows = {ts, value, covariate, width, 0, 0, NULL, NULL, NULL, NULL, NULL};
	void	   *scratch = NULL;
	int			piece = (int) Min(n, PIECE);
	int			depth = 0;
	int64		i;

	CHECK_FOR_INTERRUPTS();
	if (width > 0)
	{
		scratch = palloc(2 * width * sizeof(double));
		rows.pivot_covariate = scratch;
		rows.held = rows.pivot_covariate + width;
	}
	else if (n > SMALL)
	{
		scratch = palloc(piece * (sizeof(int64) + sizeof(double) + sizeof(uint32)));
		rows.spare_ts = scratch;
		rows.spare_value = (double *) (rows.spare_ts + piece);
		rows.bucket = (uint32 *) (rows.spare_value + piece);
	}
	for (i = n; i > 1; i /= 2)
		depth += 2;
	rows_quick_sort(&rows, 0, n, depth);
	if (scratch != NULL)
		pfree(scratch);
}
