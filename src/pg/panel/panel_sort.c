/*
 * panel_sort.c
 *	  Sorts a panel in place: pages of a series next to each other, rows of a
 *	  series by time, then value, then covariates (NaN last), series by id.
 *
 * The order is total, so equal rows in any order of arrival end in the same
 * bytes.  Sorting moves the parallel arrays themselves (median-of-three
 * quicksort, insertion sort below SMALL rows, heap sort when it degenerates),
 * so a long series needs no second copy.  Times of a series are mostly spread
 * evenly; a piece of at most PIECE rows is therefore first tried with one pass
 * into as many buckets as rows, which is linear then.
 *
 * An error, as of a canceled query, loses nothing.  Between two checks for
 * interrupts the rows of a series are a permutation of what they were; the
 * state of moving pages is kept in the panel, and the next call resumes there.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

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

/* Sorts the n rows of one series. */
static void
series_sort_rows(int64 *ts, double *value, double *covariate, int width, int64 n)
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

/* ---- pages ---- */

#define PAGE_ARRAYS	3			/* ts, value, covariate */

/* pages on their way, array after array; page k gets what page source[k] had */
typedef struct PanelMove
{
	uint32	   *source;			/* (n) */
	bool	   *done;			/* (n): pages of this array that are in place */
	char	   *spare;			/* one page */
	uint32		n;
	int			array;			/* under way */
	uint32		start;			/* first page of the cycle under way, or of the next one */
	uint32		hole;			/* page to be filled next, if a cycle is open */
	bool		open;
} PanelMove;

/* Moves the pages of one array.  Follows the cycles of the permutation; each page is copied once. */
static void
pages_permute(PanelMove *move, char *array, Size width)
{
	const uint32 *source = move->source;
	uint32		moved = 0;

	for (; move->start < move->n; move->start++)
	{
		if (move->start % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!move->open && (move->done[move->start] || source[move->start] == move->start))
			continue;
		if (!move->open)
		{
			memcpy(move->spare, array + move->start * width, width);
			move->hole = move->start;
			move->open = true;
		}
		while (source[move->hole] != move->start)
		{
			uint32		from = source[move->hole];

			memcpy(array + move->hole * width, array + from * width, width);
			move->done[move->hole] = true;
			move->hole = from;
			if (++moved % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
		}
		memcpy(array + move->hole * width, move->spare, width);
		move->done[move->hole] = true;
		move->open = false;
	}
}

/* Fills source with the pages of each series next to each other, series in order of appearance; false: all in place. */
static bool
pages_plan(const Panel *panel, uint32 *source)
{
	uint32		k = 0,
				s;
	bool		moves = false;

	for (s = 0; s < panel->n_series; s++)
	{
		const PanelTrack *track = &panel->series[s];
		uint32		page = track->first;
		int64		left;

		for (left = track->n; left > 0; left -= PANEL_PAGE)
		{
			if (k % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			moves |= (page != k);
			source[k++] = page;
			if (left > PANEL_PAGE)
				page = panel->next[page];
		}
	}
	Assert(k == panel->n_pages);
	return moves;
}

/* Sets panel->move and the series' pages as they are after it; NULL if no page has to move. */
static void
pages_begin(Panel *panel)
{
	uint32		n = panel->n_pages;
	Size		page = PANEL_PAGE * sizeof(double) * Max(panel->covariates, 1);
	PanelMove  *move = palloc0(sizeof(PanelMove));
	uint32		k = 0,
				s;

	move->n = n;
	move->source = palloc_extended(mul_size(Max(n, 1), sizeof(uint32)), MCXT_ALLOC_HUGE);
	if (!pages_plan(panel, move->source))
	{
		pfree(move->source);
		pfree(move);
		return;
	}
	move->done = palloc_extended(n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	move->spare = palloc(page);
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[s];

		track->first = k;
		k += (uint32) ((track->n + PANEL_PAGE - 1) / PANEL_PAGE);
		track->last = track->n > 0 ? k - 1 : track->first;
	}
	panel->move = move;
}

static void
pages_finish(Panel *panel)
{
	PanelMove  *move = panel->move;
	char	   *array[PAGE_ARRAYS] = {(char *) panel->ts, (char *) panel->value, (char *) panel->covariate};
	Size		page = PANEL_PAGE * sizeof(double);
	uint32		k;

	for (; move->array < PAGE_ARRAYS; move->array++)
	{
		if (array[move->array] != NULL)
			pages_permute(move, array[move->array], move->array == 2 ? page * panel->covariates : page);
		memset(move->done, 0, move->n);
		move->start = 0;
	}
	for (k = 0; k < move->n; k++)
		panel->next[k] = k + 1;
	panel->move = NULL;
	pfree(move->source);
	pfree(move->done);
	pfree(move->spare);
	pfree(move);
}

/* ---- series ---- */

/* A comparison that a cancel may end: nobody uses a half-sorted order. */
static int
series_compare(const void *a, const void *b, void *arg)
{
	const PanelTrack *series = arg;

	CHECK_FOR_INTERRUPTS();
	return strcmp(series[*(const uint32 *) a].id, series[*(const uint32 *) b].id);
}

static void
series_order(Panel *panel)
{
	uint32		s;

	if (panel->order != NULL && panel->n_order == panel->n_series)
		return;
	if (panel->order != NULL)
		pfree(panel->order);
	panel->order = NULL;
	panel->order = palloc_extended(mul_size(Max(panel->n_series, 1), sizeof(uint32)), MCXT_ALLOC_HUGE);
	panel->n_order = 0;
	for (s = 0; s < panel->n_series; s++)
		panel->order[s] = s;
	qsort_arg(panel->order, panel->n_series, sizeof(uint32), series_compare, panel->series);
	panel->n_order = panel->n_series;
}

void
panel_sort(Panel *panel)
{
	/* a sort of whole rows, from 17 on, asks for the flat size in a context that cannot free a chunk */
	MemoryContext old = MemoryContextSwitchTo(panel->hdr.eoh_context);
	uint32		s;

	panel->settled = false;
	panel->flat_size = 0;
	if (panel->move == NULL)
		pages_begin(panel);
	if (panel->move != NULL)
		pages_finish(panel);
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[s];
		Size		row = (Size) track->first * PANEL_PAGE;

		if (s % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (track->sorted)
			continue;
		series_sort_rows(panel->ts + row, panel->value + row,
						 panel->covariates > 0 ? panel->covariate + row * panel->covariates : NULL,
						 panel->covariates, track->n);
		track->last_ts = panel->ts[row + track->n - 1];
		track->sorted = true;
	}
	series_order(panel);
	MemoryContextSwitchTo(old);
	panel->settled = true;
}
