/*
 * panel_sort.c
 *	  Putting a panel in order, in place: pages of a series next to each other,
 *	  rows of a series by time, then value, then covariates (NaN last).
 *
 * The order is total, so equal rows in any order of arrival end in the same
 * bytes.  Sorting moves the parallel arrays themselves (median-of-three
 * quicksort, insertion sort below SMALL rows, heap sort when it degenerates),
 * so a long series needs no second copy.  Times of a series are mostly spread
 * evenly; a piece of at most PIECE rows is therefore first tried with one pass
 * into as many buckets as rows, which is linear then.
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
	double	   *held;				/* (width): one row aside */

	/* for the bucket pass, of rows without covariates; NULL if too few to try */
	uint32	   *bucket;				/* (PIECE) */
	int64	   *spare_ts;			/* (PIECE) */
	double	   *spare_value;		/* (PIECE) */
} Rows;

/* order of two numbers, NaN after all others; 0 if equal */
static inline int
compare_numbers(double a, double b)
{
	if (a < b)
		return -1;
	if (a > b)
		return 1;
	if (a == b)
		return 0;
	return (int) isnan(a) - (int) isnan(b);
}

/* order of two rows of the same time */
static int
compare_ties(double value_a, const double *a, double value_b, const double *b, int width)
{
	int			order = compare_numbers(value_a, value_b);
	int			i;

	for (i = 0; i < width && order == 0; i++)
		order = compare_numbers(a[i], b[i]);
	return order;
}

static inline double *
covariate_of(const Rows *rows, int64 i)
{
	return rows->width > 0 ? rows->covariate + i * rows->width : NULL;
}

static inline bool
row_before(const Rows *rows, int64 i, int64 j)
{
	if (rows->ts[i] != rows->ts[j])
		return rows->ts[i] < rows->ts[j];
	return compare_ties(rows->value[i], covariate_of(rows, i),
						rows->value[j], covariate_of(rows, j), rows->width) < 0;
}

static inline bool
row_before_pivot(const Rows *rows, int64 i)
{
	if (rows->ts[i] != rows->pivot_ts)
		return rows->ts[i] < rows->pivot_ts;
	return compare_ties(rows->value[i], covariate_of(rows, i),
						rows->pivot_value, rows->pivot_covariate, rows->width) < 0;
}

static inline bool
pivot_before_row(const Rows *rows, int64 i)
{
	if (rows->ts[i] != rows->pivot_ts)
		return rows->pivot_ts < rows->ts[i];
	return compare_ties(rows->pivot_value, rows->pivot_covariate,
						rows->value[i], covariate_of(rows, i), rows->width) < 0;
}

static inline void
copy_row(Rows *rows, int64 to, int64 from)
{
	rows->ts[to] = rows->ts[from];
	rows->value[to] = rows->value[from];
	if (rows->width > 0)
		memcpy(covariate_of(rows, to), covariate_of(rows, from), rows->width * sizeof(double));
}

static inline void
take_pivot(Rows *rows, int64 i)
{
	rows->pivot_ts = rows->ts[i];
	rows->pivot_value = rows->value[i];
	if (rows->width > 0)
		memcpy(rows->pivot_covariate, covariate_of(rows, i), rows->width * sizeof(double));
}

static inline void
put_pivot(Rows *rows, int64 i)
{
	rows->ts[i] = rows->pivot_ts;
	rows->value[i] = rows->pivot_value;
	if (rows->width > 0)
		memcpy(covariate_of(rows, i), rows->pivot_covariate, rows->width * sizeof(double));
}

static inline void
swap_rows(Rows *rows, int64 i, int64 j)
{
	int64		ts = rows->ts[i];
	double		value = rows->value[i];

	if (rows->width > 0)
		memcpy(rows->held, covariate_of(rows, i), rows->width * sizeof(double));
	copy_row(rows, i, j);
	rows->ts[j] = ts;
	rows->value[j] = value;
	if (rows->width > 0)
		memcpy(covariate_of(rows, j), rows->held, rows->width * sizeof(double));
}

/* [lo, hi) */
static void
insertion_sort(Rows *rows, int64 lo, int64 hi)
{
	int64		i,
				j;

	for (i = lo + 1; i < hi; i++)
	{
		if (!row_before(rows, i, i - 1))
			continue;
		take_pivot(rows, i);
		for (j = i; j > lo && pivot_before_row(rows, j - 1); j--)
			copy_row(rows, j, j - 1);
		put_pivot(rows, j);
	}
}

static void
sift_down(Rows *rows, int64 lo, int64 root, int64 n)
{
	int64		child;

	while ((child = 2 * root + 1) < n)
	{
		if (child + 1 < n && row_before(rows, lo + child, lo + child + 1))
			child++;
		if (!row_before(rows, lo + root, lo + child))
			return;
		swap_rows(rows, lo + root, lo + child);
		root = child;
	}
}

static void
heap_sort(Rows *rows, int64 lo, int64 hi)
{
	int64		n = hi - lo;
	int64		i;

	for (i = n / 2 - 1; i >= 0; i--)
		sift_down(rows, lo, i, n);
	for (i = n - 1; i > 0; i--)
	{
		CHECK_FOR_INTERRUPTS();
		swap_rows(rows, lo, lo + i);
		sift_down(rows, lo, 0, i);
	}
}

/* Hoare's partition about the median of three; returns the last row of the left part */
static int64
partition(Rows *rows, int64 lo, int64 hi)
{
	int64		mid = lo + (hi - lo) / 2;
	int64		i = lo,
				j = hi - 1;

	if (row_before(rows, mid, lo))
		swap_rows(rows, mid, lo);
	if (row_before(rows, hi - 1, mid))
	{
		swap_rows(rows, hi - 1, mid);
		if (row_before(rows, mid, lo))
			swap_rows(rows, mid, lo);
	}
	take_pivot(rows, mid);
	for (;;)
	{
		while (row_before_pivot(rows, i))
			i++;
		while (pivot_before_row(rows, j))
			j--;
		if (i >= j)
			return j;
		swap_rows(rows, i, j);
		i++;
		j--;
	}
}

/*
 * Distribute [lo, hi) over as many buckets as rows, evenly between the first
 * and the last time, and finish with insertion sort.  False, nothing moved,
 * if a bucket is crowded.
 */
static bool
bucket_sort(Rows *rows, int64 lo, int64 hi)
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
	insertion_sort(rows, lo, hi);
	return true;
}

static void
quick_sort(Rows *rows, int64 lo, int64 hi, int depth)
{
	while (hi - lo > SMALL)
	{
		int64		cut;

		if (depth-- == 0)
		{
			heap_sort(rows, lo, hi);
			return;
		}
		if (hi - lo > 10000)
			CHECK_FOR_INTERRUPTS();
		if (rows->bucket != NULL && hi - lo <= PIECE && bucket_sort(rows, lo, hi))
			return;
		cut = partition(rows, lo, hi) + 1;
		if (cut - lo < hi - cut)
		{
			quick_sort(rows, lo, cut, depth);
			lo = cut;
		}
		else
		{
			quick_sort(rows, cut, hi, depth);
			hi = cut;
		}
	}
	insertion_sort(rows, lo, hi);
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
	quick_sort(&rows, 0, n, depth);
	if (scratch != NULL)
		pfree(scratch);
}

/*
 * Let the pages of array move so that page k is what was page source[k];
 * spare is one page.  Follows the cycles of the permutation, each page is
 * copied once.
 */
static void
permute(char *array, Size width, const uint32 *source, uint32 n, bool *done, char *spare)
{
	uint32		start,
				k;

	memset(done, 0, n);
	for (start = 0; start < n; start++)
	{
		if (done[start] || source[start] == start)
			continue;
		if ((start & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(spare, array + start * width, width);
		for (k = start; source[k] != start; k = source[k])
		{
			memcpy(array + k * width, array + source[k] * width, width);
			done[k] = true;
		}
		memcpy(array + k * width, spare, width);
		done[k] = true;
	}
}

/* pages of each series next to each other, series in order of appearance */
void
panel_gather_pages(Panel *panel)
{
	uint32		n = panel->n_pages;
	uint32	   *source = MemoryContextAllocHuge(CurrentMemoryContext, (Size) Max(n, 1) * sizeof(uint32));
	uint32		k = 0,
				s;
	bool		in_place = true;

	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[s];
		uint32		page = track->first;
		uint32		begin = k;
		int64		left;

		for (left = track->n; left > 0; left -= PANEL_PAGE)
		{
			in_place &= (page == k);
			source[k++] = page;
			if (left > PANEL_PAGE)
				page = panel->next[page];
		}
		track->first = begin;
		track->last = track->n > 0 ? k - 1 : begin;
	}
	Assert(k == n);
	if (!in_place)
	{
		Size		page = PANEL_PAGE * sizeof(double);
		char	   *spare = palloc(page * Max(panel->covariates, 1));
		bool	   *done = MemoryContextAllocHuge(CurrentMemoryContext, n);

		permute((char *) panel->ts, page, source, n, done, spare);
		permute((char *) panel->value, page, source, n, done, spare);
		if (panel->covariates > 0)
			permute((char *) panel->covariate, page * panel->covariates, source, n, done, spare);
		for (k = 0; k < n; k++)
			panel->next[k] = k + 1;
		pfree(done);
		pfree(spare);
	}
	pfree(source);
}
