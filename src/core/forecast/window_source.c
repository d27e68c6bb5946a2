/*
 * window_source.c
 *	  Scaled windows gathered on the fly: rows for the ridge and the network,
 *	  targets, and the FrnnSource of both modes.
 *
 * A row is cut into time steps of `segment` rows: their u, then their
 * covariates if past covariates are inputs; the extras of the target steps
 * follow at the end (profiles, then known covariates, step after step, then the known
 * covariates of the level's rows, then the static ones).
 *
 *	window mode		T = L / segment steps go to the recurrent layers, the extras
 *					to the last dense layer
 *	sequence mode	segment = L: the whole row is one time step, one origin each
 */
#include <math.h>
#include <string.h>

#include "core/base/simd.h"
#include "core/forecast/season.h"
#include "core/forecast/statics.h"
#include "core/forecast/window_source.h"

#define FETCHED 64				/* bytes of a cache line */
#define MOST_FETCHED 4096		/* bytes ahead; the processor goes on by itself */
#define FOUND 64				/* windows whose places are found at a time */

/* GCC takes a function that only fetches ahead for one without effect, and removes its calls before it inlines them. */
#define FRNN_FETCH static inline __attribute__((always_inline))

/* covariates from .. to - 1 of a row */
static float *
put_covariates(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t i, int from, int to, float *out)
{
	for (int c = from; c < to; c++)
		*out++ = (float) frnn_covariate_at(recipe, ready, i, c);
	return out;
}

/* known covariates of the rows whose mean is the level */
static float *
put_level_covariates(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, float *out)
{
	int			rows = recipe->level == FRNN_LEVEL_MEAN ? recipe->level_rows : 1;

	for (int c = recipe->past_only; c < recipe->covariates; c++)
	{
		double		sum = 0;

		/* before its first row a series continues that row */
		for (int64_t k = 1; k <= rows; k++)
			sum += frnn_covariate_at(recipe, ready, o - k > 0 ? o - k : 0, c);
		*out++ = (float) (sum / rows);
	}
	return out;
}

static float *
put_statics(const FrnnRecipe *recipe, const FrnnReady *ready, double level, double factor, float *out)
{
	double		distance = (level - ready->static_level) * factor;

	for (int c = 0; c < recipe->statics; c++)
		*out++ = (float) frnn_static(ready->statics, ready->static_mean, ready->static_sd, c);
	*out++ = (float) fmin(fmax(distance, -FRNN_STATIC_DISTANCE), FRNN_STATIC_DISTANCE);
	return out;
}

double
frnn_covariate_at(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t i, int c)
{
	double		v = NAN;

	if (ready->covariate && i >= 0 && i < ready->covariate_rows)
		v = ready->covariate[i * recipe->covariates + c];
	return isfinite(v) ? (v - ready->covariate_mean[c]) / ready->covariate_sd[c] : 0;
}

/* out = (x - base) factor */
FRNN_CLONES
static void
scale_rows(int64_t n, const double *restrict x, double base, double factor, float *restrict out)
{
#pragma omp simd
	for (int64_t i = 0; i < n; i++)
		out[i] = (float) ((x[i] - base) * factor);
}

/* The same for `steps` runs of n numbers, whose results lie `apart` numbers apart. */
FRNN_CLONES
static void
scale_steps(int64_t steps, int64_t n, const double *restrict x, double base, double factor, float *restrict out, size_t apart)
{
	for (int64_t t = 0; t < steps; t++, x += n, out += apart)
#pragma omp simd
		for (int64_t i = 0; i < n; i++)
			out[i] = (float) ((x[i] - base) * factor);
}

/* out += table factor */
FRNN_CLONES
static void
add_profile(int64_t n, const double *restrict table, double factor, float *restrict out)
{
#pragma omp simd
	for (int64_t i = 0; i < n; i++)
		out[i] += (float) (table[i] * factor);
}

/* Writes rows first .. first + n - 1 of a series, scaled; before its first row it continues that row. */
static void
put_rows(const FrnnReady *ready, int64_t first, int64_t n, double base, double factor, float *out)
{
	for (; n > 0 && first < 0; n--, first++)
		*out++ = (float) ((frnn_value_at(ready, first) - base) * factor);
	if (n > 0)
		scale_rows(n, ready->x + first, base, factor, out);
}

/* 0 where a target is missing, else 1 */
FRNN_CLONES
static void
put_weights(int n, const uint8_t *restrict missing, float *restrict weight)
{
	if (missing)
#pragma omp simd
		for (int k = 0; k < n; k++)
			weight[k] = missing[k] ? 0.0f : 1.0f;
	else
		for (int k = 0; k < n; k++)
			weight[k] = 1.0f;
}

double
frnn_window_level(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o)
{
	double		sum = 0;

	if (recipe->level == FRNN_LEVEL_NONE)
		return ready->center;
	if (recipe->level == FRNN_LEVEL_LAST)
		return frnn_value_at(ready, o - 1);
	for (int k = 1; k <= recipe->level_rows; k++)
		sum += frnn_value_at(ready, o - k);
	return sum / recipe->level_rows;
}

/* out (block) = the profiles of the rows from origin o on, scaled */
static void
put_profiles(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, double factor, float *out)
{
	const double *table = ready->profile;

	for (int k = 0; k < recipe->block; k++)
		out[k] = 0;
	for (int p = 0; p < recipe->periods; p++)
	{
		int			m = recipe->period[p];
		int64_t		until = INT64_MAX;
		int			phase = 0;

		for (int64_t k = 0, run; k < recipe->block; k += run)
		{
			int64_t		row = ready->offset + o + k;

			if (k == 0 || row == until)
			{
				int64_t		shift = ready->clock.changes ? frnn_clock_shift(&ready->clock, row, &until) : 0;

				phase = frnn_phase(row + shift, m);
			}
			/* up to the end of the targets, of the season or of the clock's offset */
			run = recipe->block - k < m - phase ? recipe->block - k : m - phase;
			run = until < row + run ? until - row : run;
			add_profile(run, table + phase, factor, out + k);
			phase = phase + run == m ? 0 : phase + (int) run;
		}
		table += m;
	}
}

/* Writes what follows the rows of a window: recipe->extras floats. */
static void
put_extras(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, double base, double factor, float *out)
{
	if (recipe->periods > 0)
	{
		put_profiles(recipe, ready, o, factor, out);
		out += recipe->block;
	}
	for (int k = 0; recipe->known_covariates && k < recipe->block; k++)
		out = put_covariates(recipe, ready, o + k, recipe->past_only, recipe->covariates, out);
	if (recipe->level_covariates)
		out = put_level_covariates(recipe, ready, o, out);
	if (recipe->statics > 0)
		put_statics(recipe, ready, base, factor, out);
}

static double
scale_factor(const FrnnReady *ready)
{
	return ready->sigma > 0 ? 1 / ready->sigma : 0;
}

void
frnn_window_row(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, float *row, double *level)
{
	double		base = frnn_window_level(recipe, ready, o);
	double		factor = scale_factor(ready);

	/* without covariates the rows of all time steps follow each other */
	if (!recipe->past_covariates)
	{
		put_rows(ready, o - recipe->time_steps, recipe->time_steps, base, factor, row);
		row += recipe->time_steps;
	}
	for (int64_t begin = o - recipe->time_steps; recipe->past_covariates && begin < o; begin += recipe->segment)
	{
		put_rows(ready, begin, recipe->segment, base, factor, row);
		row += recipe->segment;
		for (int64_t i = begin; i < begin + recipe->segment; i++)
			row = put_covariates(recipe, ready, i, 0, recipe->covariates - recipe->known_only, row);
	}
	put_extras(recipe, ready, o, base, factor, row);
	*level = base;
}

void
frnn_window_target(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, double level,
				   float *y, float *weight)
{
	double		factor = scale_factor(ready);

	/* a count likelihood is of the counts themselves */
	if (recipe->loss.kind == FRNN_NEGATIVE_BINOMIAL)
	{
		factor = 1;
		level = 0;
	}
	put_rows(ready, o, recipe->block, level, factor, y);
	if (weight)
		put_weights(recipe->block, ready->missing && !ready->complete ? ready->missing + o : NULL, weight);
}

bool
frnn_window_range(const FrnnRecipe *recipe, int64_t n, int64_t *first, int64_t *last)
{
	int64_t		L = recipe->time_steps;
	int64_t		least = n < 2 * L ? n / 2 : L;

	if (least < 2)
		least = 2;
	*first = L < least ? L : least;
	*last = n - recipe->block;
	return *first <= *last;
}

void
frnn_samples_layout(FrnnSamples *samples, FrnnArena *arena, int64_t series, const FrnnRecipe *recipe)
{
	samples->series = series;
	samples->recipe = recipe;
	samples->known_origins = false;
	samples->start = FRNN_TAKE(arena, int64_t, series + 1);
	samples->first = FRNN_TAKE(arena, int64_t, series);
	samples->step = FRNN_TAKE(arena, int64_t, series);
	samples->member = FRNN_TAKE(arena, int64_t, series);
	samples->length = FRNN_TAKE(arena, int64_t, series);
	samples->row = FRNN_TAKE(arena, float, recipe->inputs + 2 * recipe->block);
}

static void
sequences(FrnnSamples *samples, const int64_t *rows)
{
	int			block = samples->recipe->block;

	samples->samples = 0;
	for (int64_t s = 0; s < samples->series; s++)
	{
		int64_t		last = rows[s] - block;
		int64_t		first = last < 2 ? last : 2;

		if (last < 1 || samples->ready[s].sigma <= 0)
			continue;
		if (first < last - FRNN_SEQUENCE_ROWS + 1)
			first = last - FRNN_SEQUENCE_ROWS + 1;
		samples->first[s] = first;
		samples->member[samples->samples] = s;
		samples->length[samples->samples] = last - first + 1;
		samples->samples++;
	}
}

void
frnn_samples_train(FrnnSamples *samples, const int64_t *rows)
{
	const FrnnRecipe *recipe = samples->recipe;

	if (recipe->mode == FRNN_MODE_SEQUENCE)
	{
		sequences(samples, rows);
		return;
	}
	samples->samples = 0;
	for (int64_t s = 0; s < samples->series; s++)
	{
		int64_t		first;
		int64_t		last;

		samples->start[s] = samples->samples;
		samples->step[s] = recipe->stride;
		samples->first[s] = 0;
		if (samples->ready[s].sigma <= 0 || !frnn_window_range(recipe, rows[s], &first, &last))
			continue;
		/* thinned from the end: the newest window always counts */
		samples->first[s] = last - (last - first) / recipe->stride * recipe->stride;
		samples->samples += (last - first) / recipe->stride + 1;
	}
	samples->start[samples->series] = samples->samples;
}

void
frnn_samples_origins(FrnnSamples *samples, const int64_t *last)
{
	samples->samples = 0;
	for (int64_t s = 0; s < samples->series; s++)
	{
		samples->start[s] = samples->samples;
		if (samples->step[s] > 0 && last[s] >= samples->first[s])
			samples->samples += (last[s] - samples->first[s]) / samples->step[s] + 1;
	}
	samples->start[samples->series] = samples->samples;
}

int64_t
frnn_samples_known(const FrnnSamples *samples)
{
	int64_t		known = 0;

	for (int64_t s = 0; s < samples->series; s++)
		for (int64_t i = samples->start[s]; i < samples->start[s + 1]; i++)
		{
			int64_t		o = samples->first[s] + (i - samples->start[s]) * samples->step[s];

			known += o < 1 || !samples->ready[s].missing[o - 1];
		}
	return known;
}

/* the series of a sample */
static int64_t
find_series(const FrnnSamples *samples, int64_t sample)
{
	int64_t		low = 0;
	int64_t		high = samples->series;

	while (high - low > 1)
	{
		int64_t		middle = low + (high - low) / 2;

		if (samples->start[middle] <= sample)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/*
 * Targets of a network that gives a block at every time step: the rows after
 * each segment.  A bidirectional network would see them in its input, so for it only
 * the last step counts.
 */
static void
put_step_targets(const FrnnSamples *samples, const FrnnReady *ready, int64_t o, double level, int b, FrnnBatch *batch)
{
	const FrnnRecipe *recipe = samples->recipe;
	bool		last_only = false;
	int			N = recipe->block;

	for (int l = 0; l < samples->network->layers; l++)
		last_only = last_only || samples->network->layer[l].bidirectional;
	for (int t = 0; t < batch->T; t++)
	{
		int64_t		at = o - (int64_t) (batch->T - 1 - t) * recipe->segment;
		size_t		place = ((size_t) t * batch->B + b) * N;

		frnn_window_target(recipe, ready, at > 0 ? at : 0, level, batch->y + place, batch->weight + place);
		if (at <= 0 || (last_only && t < batch->T - 1))
			memset(batch->weight + place, 0, sizeof(float) * (size_t) N);
	}
}

/* Takes the loss from row b of a batch. */
static void
put_no_loss(const FrnnSamples *samples, int b, FrnnBatch *batch)
{
	size_t		N = (size_t) samples->recipe->block;

	for (int t = 0; t < (samples->network->output_sequence ? batch->T : 1); t++)
		memset(batch->weight + ((size_t) t * batch->B + b) * N, 0, sizeof(float) * N);
}

/* Asks the processor to fetch what lies from `from` to before `to`. */
FRNN_FETCH void
fetch_ahead(const void *from, const void *to)
{
	const char *p = from;

	for (ptrdiff_t i = 0; i < (const char *) to - p && i < MOST_FETCHED; i += FETCHED)
		__builtin_prefetch(p + i);
}

/*
 * Asks for the rows and profiles that the window before origin o and its targets
 * are made of: training visits windows in random order, and without this each of
 * them would wait for memory several times.
 */
FRNN_FETCH void
fetch_window(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o)
{
	const double *table = ready->profile;
	int64_t		begin = o > recipe->time_steps ? o - recipe->time_steps : 0;

	fetch_ahead(ready->x + begin, ready->x + o + recipe->block);
	if (ready->missing && !ready->complete)
		fetch_ahead(ready->missing + o, ready->missing + o + recipe->block);
	for (int p = 0; p < recipe->periods; p++)
	{
		int			m = recipe->period[p];
		int			phase = (int) frnn_phase(ready->offset + o, m);
		int			rest = phase + recipe->block - m;

		fetch_ahead(table + phase, table + (rest > 0 ? m : phase + recipe->block));
		fetch_ahead(table, table + (rest < m ? rest : m));
		table += m;
	}
}

/* where the window of a sample ends */
typedef struct Origin
{
	const FrnnReady *ready;
	int64_t		o;
} Origin;

/* Finds the series and origins of n samples, and asks for what is known about these series. */
static void
find_origins(const FrnnSamples *samples, int n, const int64_t *sample, Origin *origin)
{
	for (int i = 0; i < n; i++)
	{
		int64_t		s = find_series(samples, sample[i]);

		origin[i].ready = &samples->ready[s];
		origin[i].o = samples->first[s] + (sample[i] - samples->start[s]) * samples->step[s];
		fetch_ahead(origin[i].ready, origin[i].ready + 1);
	}
}

static void
gather_window(const FrnnSamples *samples, const FrnnReady *ready, int64_t o, size_t b, FrnnBatch *batch)
{
	const FrnnRecipe *recipe = samples->recipe;
	size_t		F = (size_t) samples->network->input_size;
	size_t		B = (size_t) batch->B;
	size_t		N = (size_t) recipe->block;
	double		level;

	if (!recipe->past_covariates && o >= recipe->time_steps)
	{
		/* the usual case, without a copy */
		double		factor = scale_factor(ready);

		level = frnn_window_level(recipe, ready, o);
		scale_steps(batch->T, (int64_t) F, ready->x + o - recipe->time_steps, level, factor, batch->x + b * F, B * F);
		if (recipe->extras > 0)
			put_extras(recipe, ready, o, level, factor, batch->extra + b * (size_t) recipe->extras);
	}
	else
	{
		frnn_window_row(recipe, ready, o, samples->row, &level);
		for (size_t t = 0; t < (size_t) batch->T; t++)
			memcpy(batch->x + (t * B + b) * F, samples->row + t * F, sizeof(float) * F);
		if (recipe->extras > 0)
			memcpy(batch->extra + b * (size_t) recipe->extras, samples->row + recipe->inputs - recipe->extras,
				   sizeof(float) * (size_t) recipe->extras);
	}
	if (samples->network->output_sequence)
		put_step_targets(samples, ready, o, level, (int) b, batch);
	else
		frnn_window_target(recipe, ready, o, level, batch->y + b * N, batch->weight + b * N);
	if (samples->known_origins && o > 0 && ready->missing[o - 1])
		put_no_loss(samples, (int) b, batch);
}

static void
gather_windows(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const FrnnSamples *samples = context;
	Origin		origin[FOUND];

	for (int from = 0; from < batch->B; from += FOUND)
	{
		int			n = batch->B - from < FOUND ? batch->B - from : FOUND;

		find_origins(samples, n, sample + from, origin);
		for (int i = 0; i < n; i++)
		{
			if (i + 1 < n)
				fetch_window(samples->recipe, origin[i + 1].ready, origin[i + 1].o);
			gather_window(samples, origin[i].ready, origin[i].o, (size_t) (from + i), batch);
		}
	}
}

static int
sequence_steps(const void *context, const int64_t *sample, int B)
{
	const FrnnSamples *samples = context;
	int64_t		steps = 1;

	for (int b = 0; b < B; b++)
		if (samples->length[sample[b]] > steps)
			steps = samples->length[sample[b]];
	return (int) steps;
}

/*
 * Whole series.  Steps before min(L, half) carry no loss: their windows are
 * mostly the continuation before the start.
 */
static void
gather_sequences(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const FrnnSamples *samples = context;
	const FrnnRecipe *recipe = samples->recipe;
	size_t		N = (size_t) recipe->block;
	size_t		F = (size_t) recipe->inputs;
	size_t		B = (size_t) batch->B;

	for (size_t b = 0; b < B; b++)
	{
		int64_t		s = samples->member[sample[b]];
		const FrnnReady *ready = &samples->ready[s];
		int64_t		last = samples->first[s] + samples->length[sample[b]] - 1;
		int64_t		half = last / 2 > 2 ? last / 2 : 2;
		int64_t		quiet = recipe->time_steps < half ? recipe->time_steps : half;

		for (size_t t = 0; t < (size_t) batch->T; t++)
		{
			int64_t		o = samples->first[s] + (int64_t) t;
			float	   *x = batch->x + (t * B + b) * F;
			float	   *y = batch->y + (t * B + b) * N;
			float	   *weight = batch->weight + (t * B + b) * N;
			double		level;

			if ((int64_t) t >= samples->length[sample[b]])
			{
				memset(x, 0, sizeof(float) * F);
				memset(y, 0, sizeof(float) * N);
				memset(weight, 0, sizeof(float) * N);
				continue;
			}
			frnn_window_row(recipe, ready, o, x, &level);
			frnn_window_target(recipe, ready, o, level, y, weight);
			if (o < quiet && samples->length[sample[b]] > 1)
				memset(weight, 0, sizeof(float) * N);
		}
	}
}

FrnnSource
frnn_samples_source(const FrnnSamples *samples)
{
	FrnnSource	source = {samples, samples->samples, 1, NULL, gather_windows, &frnn_samples_packing};

	if (samples->recipe->mode == FRNN_MODE_WINDOW)
	{
		source.max_steps = samples->network->time_steps;
		return source;
	}
	for (int64_t i = 0; i < samples->samples; i++)
		if (samples->length[i] > source.max_steps)
			source.max_steps = (int) samples->length[i];
	source.steps = sequence_steps;
	source.gather = gather_sequences;
	return source;
}
