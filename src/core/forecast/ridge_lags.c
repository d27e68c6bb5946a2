/*
 * ridge_lags.c
 *	  Sums of the ridge regression from products of lagged rows.
 *
 * Every column of the windows of a series is a lag of one of its streams: the
 * scaled rows z, the sum of the profiles, and each covariate.  The product of
 * column i of stream a with column j of stream b, over the origins
 * f, f + s .. , is
 *
 *		R(i, j) = sum over k < n of a[f - L + i + s k] b[f - L + j + s k]
 *
 * so R(i + s, j + s) differs from R(i, j) by one term at either end.  All sums of
 * a diagonal j - i share the terms in the middle, which are added up once.  The
 * terms at the ends are only ever added: a sum that subtracts what left the window
 * would keep the rounding errors of a large value.  So a series of n windows with
 * p inputs takes about n p multiply-adds in place of n p^2 / 2.
 *
 * The level l of a window is subtracted from its z, with v(i) = sum of l z_i:
 *
 *		sum of (z_i - l)(z_j - l) = R(i, j) - v(i) - v(j) + sum of l^2
 *
 * z is taken about its mean over a chunk of origins, so that these differences
 * keep their digits.  Windows that start before the series continue its first value.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/ridge_lags.h"
#include "core/forecast/season.h"
#include "core/forecast/window_source.h"
#include "core/kernel/product.h"

#define CHUNK_ROWS		32768	/* rows between the first and the last origin of a chunk */
#define MOST_COLUMNS	8192	/* of a stream: a chunk has more origins */
#define LEAST_WORK		2e7		/* origins x inputs^2: what takes some tenths of a millisecond one by one */
#define LEAST_ORIGINS	256		/* products at the ends of the windows take as long as about 180 windows one by one */

#define NO_COLUMN		(-1)

/* columns of the windows that are lags of one stream */
typedef struct Stream
{
	double	   *row;			/* (step, slots) row t of the chunk at [t % step][t / step] */
	double	   *level_sum;		/* (columns) sums of products with the level */
	double	   *sum;			/* (columns) */
	int		   *column;			/* (columns) of the windows; from `inputs` on: of the targets */
	int			first;			/* lag of the first column */
	int			last;			/* and after the last one */
} Stream;

struct FrnnLags
{
	FrnnRidge  *ridge;
	const FrnnRecipe *recipe;
	const FrnnReady *ready;
	int64_t		step;
	int64_t		slots;
	int64_t		origins;		/* of the chunk */
	int64_t		begin;			/* row of the series that is row 0 of the chunk */
	double	   *level;			/* (origins) */
	double		level_squares;
	double		levels;			/* sum */
	double	   *head;			/* (columns) sums of the first terms */
	Stream		a;
	Stream		b;
};

static int
stream_count(const FrnnRecipe *recipe)
{
	bool		covariates = recipe->past_covariates || recipe->known_covariates;

	return 1 + (recipe->periods > 0) + (covariates ? recipe->covariates : 0);
}

bool
frnn_lags_pay(const FrnnRecipe *recipe, int64_t origins, int64_t step)
{
	double		inputs = recipe->inputs;

	/* targets of a count likelihood have another scale than the inputs */
	return recipe->loss.kind != FRNN_NEGATIVE_BINOMIAL &&
		(double) origins * inputs * inputs >= LEAST_WORK && origins >= LEAST_ORIGINS &&
		origins >= recipe->time_steps + recipe->block &&
		recipe->time_steps >= 16 * step * stream_count(recipe) &&
		recipe->time_steps + recipe->block + step <= MOST_COLUMNS;
}

static void
stream_layout(Stream *stream, FrnnArena *arena, size_t rows, int columns)
{
	stream->row = FRNN_TAKE(arena, double, rows);
	stream->level_sum = FRNN_TAKE(arena, double, columns);
	stream->sum = FRNN_TAKE(arena, double, columns);
	stream->column = FRNN_TAKE(arena, int, columns);
}

FrnnLags   *
frnn_lags_layout(FrnnArena *arena, const FrnnRecipe *recipe)
{
	FrnnLags   *lags = FRNN_TAKE(arena, FrnnLags, 1);
	FrnnLags	here;
	int			columns = recipe->time_steps + recipe->block;
	size_t		rows = CHUNK_ROWS + 2 * MOST_COLUMNS;

	memset(&here, 0, sizeof(here));
	stream_layout(&here.a, arena, rows, columns);
	stream_layout(&here.b, arena, rows, columns);
	here.level = FRNN_TAKE(arena, double, CHUNK_ROWS + 1);
	here.head = FRNN_TAKE(arena, double, columns);
	if (arena->base)
		*lags = here;
	return lags;
}

/* ---- streams ---- */

/* Sets the columns of stream k: 0 the rows, then the profiles, then each covariate. */
static void
stream_columns(const FrnnRecipe *recipe, int k, Stream *stream)
{
	int			L = recipe->time_steps;
	int			C = recipe->covariates;
	int			profiles = recipe->periods > 0;
	int			extras = recipe->inputs - recipe->extras;
	int			width = recipe->segment * (recipe->past_covariates ? 1 + C : 1);
	int			c = k - 1 - profiles;

	stream->first = k == 0 || (c >= 0 && recipe->past_covariates) ? 0 : L;
	stream->last = k == 0 || c < 0 || recipe->known_covariates ? L + recipe->block : L;
	for (int i = stream->first; i < stream->last; i++)
	{
		int			in = i % recipe->segment;

		if (i >= L)
			stream->column[i] = k == 0 ? recipe->inputs + i - L
				: c < 0 ? extras + i - L : extras + profiles * recipe->block + (i - L) * C + c;
		else
			stream->column[i] = i / recipe->segment * width + (k == 0 ? in : recipe->segment + in * C + c);
	}
	/* 0 in every window, but for rounding */
	if (k == 0 && recipe->level == FRNN_LEVEL_LAST)
		stream->column[L - 1] = NO_COLUMN;
}

/* where row t of a chunk is */
static inline double *
row_at(const FrnnLags *lags, const Stream *stream, int64_t t)
{
	return stream->row + t % lags->step * lags->slots + t / lags->step;
}

/* Returns what z is taken about: anything, unless no level is subtracted. */
static double
chunk_center(const FrnnLags *lags, int64_t rows)
{
	double		sum = 0;

	if (lags->recipe->level == FRNN_LEVEL_NONE)
		return lags->ready->center;
	for (int64_t t = 0; t < rows; t++)
		sum += frnn_value_at(lags->ready, lags->begin + t);
	return sum / (double) rows;
}

/* Fills the rows of stream k, and of stream 0 the levels. */
static void
stream_rows(FrnnLags *lags, int k, Stream *stream)
{
	const FrnnRecipe *recipe = lags->recipe;
	const FrnnReady *ready = lags->ready;
	int64_t		rows = (lags->origins - 1) * lags->step + recipe->time_steps + recipe->block;
	double		center = k == 0 ? chunk_center(lags, rows) : 0;
	int			c = k - 1 - (recipe->periods > 0);

	for (int64_t t = 0; t < rows; t++)
	{
		int64_t		row = lags->begin + t;
		double	   *out = row_at(lags, stream, t);

		if (k == 0)
			*out = (frnn_value_at(ready, row) - center) / ready->sigma;
		else if (c >= 0)
			*out = frnn_covariate_at(recipe, ready, row, c);
		else
		{
			frnn_profile_sum(recipe, ready->profile, &ready->clock, ready->offset + row, 1, out);
			*out /= ready->sigma;
		}
	}
	if (k > 0)
		return;
	lags->level_squares = lags->levels = 0;
	for (int64_t i = 0; i < lags->origins; i++)
	{
		double		level = frnn_window_level(recipe, ready, lags->begin + recipe->time_steps + i * lags->step);

		lags->level[i] = (level - center) / ready->sigma;
		lags->levels += lags->level[i];
		lags->level_squares += lags->level[i] * lags->level[i];
	}
}

/*
 * Writes, for e < count, the sum over k < origins of x[e + k] y[e + k], or of
 * x[e + k] if y is NULL: the terms that all of them share, the first and the last ones.
 */
static void
sliding_sums(FrnnLags *lags, const double *x, const double *y, int64_t count, double *out)
{
	int64_t		n = lags->origins;
	double		shared = 0;
	double		sum = 0;

	if (y)
		shared = frnn_dot((size_t) (n - count + 1), x + count - 1, y + count - 1);
	for (int64_t k = count - 1; !y && k < n; k++)
		shared += x[k];
	for (int64_t e = count - 1; e >= 0; e--)
	{
		out[e] = shared + sum;
		if (e > 0)
			sum += y ? x[e - 1] * y[e - 1] : x[e - 1];
	}
	sum = 0;
	for (int64_t e = 1; e < count; e++)
	{
		int64_t		k = n + e - 1;

		sum += y ? x[k] * y[k] : x[k];
		out[e] += sum;
	}
}

/* Sets the sums of a stream's columns, and those of their products with the level. */
static void
stream_sums(FrnnLags *lags, Stream *stream)
{
	for (int64_t r = stream->first; r < stream->last && r < stream->first + lags->step; r++)
	{
		int64_t		count = (stream->last - 1 - r) / lags->step + 1;

		sliding_sums(lags, row_at(lags, stream, r), NULL, count, lags->head);
		for (int64_t e = 0; e < count; e++)
			stream->sum[r + e * lags->step] = lags->head[e];
	}
	for (int64_t i = stream->first; i < stream->last; i++)
	{
		frnn_tick(lags->ridge->run);
		stream->level_sum[i] = frnn_dot((size_t) lags->origins, lags->level, row_at(lags, stream, i));
	}
}

/* ---- sums ---- */

/* Adds the sum of the products of two columns, at least one of them an input. */
static inline void
add_product(const FrnnLags *lags, int a, int b, double sum)
{
	int			p = lags->recipe->inputs;
	int			low = a < b ? a : b;
	int			high = a < b ? b : a;

	if (low == NO_COLUMN)
		return;
	if (high < p)
		lags->ridge->xx[(size_t) low * p + high] += sum;
	else if (low < p)
		lags->ridge->xy[(size_t) low * lags->recipe->block + (high - p)] += sum;
}

/* Adds the products of all columns of stream a with those of stream b that are `lag` rows later. */
static void
add_diagonal(FrnnLags *lags, bool same, bool leveled, int lag)
{
	const Stream *a = &lags->a;
	const Stream *b = same ? a : &lags->b;
	int			first = a->first > b->first - lag ? a->first : b->first - lag;
	int			last = a->last < b->last - lag ? a->last : b->last - lag;

	frnn_tick(lags->ridge->run);
	for (int64_t r = first; r < last && r < first + lags->step; r++)
	{
		int64_t		count = (last - 1 - r) / lags->step + 1;

		sliding_sums(lags, row_at(lags, a, r), row_at(lags, b, r + lag), count, lags->head);
		for (int64_t e = 0; e < count; e++)
		{
			int64_t		i = r + e * lags->step;
			double		sum = lags->head[e];

			/* the level is subtracted from the columns of stream 0 */
			if (leveled)
				sum -= b->level_sum[i + lag];
			if (leveled && same)
				sum -= a->level_sum[i] - lags->level_squares;
			add_product(lags, a->column[i], b->column[i + lag], sum);
		}
	}
}

/* Adds the sums of the columns of stream k. */
static void
add_sums(FrnnLags *lags, const Stream *stream, bool leveled)
{
	int			p = lags->recipe->inputs;

	for (int i = stream->first; i < stream->last; i++)
	{
		double		sum = stream->sum[i] - (leveled ? lags->levels : 0);

		if (stream->column[i] == NO_COLUMN)
			continue;
		if (stream->column[i] < p)
			lags->ridge->x_sum[stream->column[i]] += sum;
		else
			lags->ridge->y_sum[stream->column[i] - p] += sum;
	}
}

static void
load_stream(FrnnLags *lags, int k, Stream *stream)
{
	stream_columns(lags->recipe, k, stream);
	stream_rows(lags, k, stream);
	stream_sums(lags, stream);
}

static void
add_chunk(FrnnLags *lags)
{
	int			streams = stream_count(lags->recipe);

	lags->slots = ((lags->origins - 1) * lags->step + lags->recipe->time_steps + lags->recipe->block) / lags->step + 1;
	for (int i = 0; i < streams; i++)
	{
		load_stream(lags, i, &lags->a);
		add_sums(lags, &lags->a, i == 0);
		for (int lag = 0; lag < lags->a.last - lags->a.first; lag++)
			add_diagonal(lags, true, i == 0, lag);
		for (int j = i + 1; j < streams; j++)
		{
			load_stream(lags, j, &lags->b);
			for (int lag = lags->b.first - lags->a.last + 1; lag < lags->b.last - lags->a.first; lag++)
				add_diagonal(lags, false, i == 0, lag);
		}
	}
	lags->ridge->rows += (double) lags->origins;
}

void
frnn_lags_add(FrnnLags *lags, FrnnRidge *ridge, const FrnnRecipe *recipe, const FrnnReady *ready,
			  int64_t first, int64_t origins, int64_t step)
{
	int64_t		chunks = (origins * step - 1) / CHUNK_ROWS + 1;

	lags->ridge = ridge;
	lags->recipe = recipe;
	lags->ready = ready;
	lags->step = step;
	for (int64_t i = 0; i < chunks; i++)
	{
		int64_t		from = origins / chunks * i + (i < origins % chunks ? i : origins % chunks);

		lags->origins = origins / chunks + (i < origins % chunks);
		lags->begin = first + from * step - recipe->time_steps;
		add_chunk(lags);
	}
}
