/*
 * window_pack.c
 *	  The prepared series of a fit as one block that other processes read:
 *	  what window_source.c needs to gather mini-batches, and nothing else.
 *
 * The block holds sizes first, then the arrays in the order of one arena walk;
 * a reader builds its own FrnnSamples and FrnnReady, which point into it.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/window_source.h"

typedef struct Head
{
	FrnnRecipe	recipe;
	FrnnNetwork network;
	int64_t		series;
	int64_t		samples;
	size_t		rows;			/* of all series */
	size_t		covariate_rows;
	size_t		profile_rows;	/* a series */
	size_t		changes;		/* of the clocks' list */
} Head;

/* a series: its numbers of FrnnReady */
typedef struct Series
{
	int64_t		n;
	int64_t		offset;
	int64_t		covariate_rows; /* 0: it has none */
	bool		complete;
	FrnnClock	clock;			/* without the list */
	double		sigma;
	double		center;
	double		static_level;
} Series;

typedef struct Arrays
{
	Series	   *entry;			/* (S) */
	int64_t    *start;			/* (S + 1) */
	int64_t    *first;			/* (S) */
	int64_t    *step;			/* (S) */
	int64_t    *member;			/* (S) */
	int64_t    *length;			/* (S) */
	double	   *profile;		/* (S, profile_rows) */
	double	   *mean;			/* (C) */
	double	   *sd;				/* (C) */
	double	   *statics;		/* (S, statics) NaN = unknown */
	double	   *static_mean;	/* (statics) */
	double	   *static_sd;		/* (statics) */
	double	   *x;				/* series after series */
	double	   *covariate;
	FrnnClockChange *change;
	uint8_t    *missing;
} Arrays;

static Head *
walk(FrnnArena *arena, const Head *head, Arrays *arrays)
{
	Head	   *place = FRNN_TAKE(arena, Head, 1);
	size_t		S = (size_t) head->series;
	size_t		C = (size_t) head->recipe.covariates;

	arrays->entry = FRNN_TAKE(arena, Series, S);
	arrays->start = FRNN_TAKE(arena, int64_t, S + 1);
	arrays->first = FRNN_TAKE(arena, int64_t, S);
	arrays->step = FRNN_TAKE(arena, int64_t, S);
	arrays->member = FRNN_TAKE(arena, int64_t, S);
	arrays->length = FRNN_TAKE(arena, int64_t, S);
	arrays->profile = FRNN_TAKE(arena, double, frnn_mul(S, head->profile_rows));
	arrays->mean = FRNN_TAKE(arena, double, C);
	arrays->sd = FRNN_TAKE(arena, double, C);
	arrays->statics = FRNN_TAKE(arena, double, frnn_mul(S, (size_t) head->recipe.statics));
	arrays->static_mean = FRNN_TAKE(arena, double, head->recipe.statics);
	arrays->static_sd = FRNN_TAKE(arena, double, head->recipe.statics);
	arrays->x = FRNN_TAKE(arena, double, head->rows);
	arrays->covariate = FRNN_TAKE(arena, double, frnn_mul(head->covariate_rows, C));
	arrays->change = FRNN_TAKE(arena, FrnnClockChange, head->changes);
	arrays->missing = FRNN_TAKE(arena, uint8_t, head->rows);
	return place;
}

static Head
measure(const FrnnSamples *samples)
{
	Head		head;

	memset(&head, 0, sizeof(head));
	head.recipe = *samples->recipe;
	head.network = *samples->network;
	head.series = samples->series;
	head.samples = samples->samples;
	for (int p = 0; p < head.recipe.periods; p++)
		head.profile_rows += (size_t) head.recipe.period[p];
	for (int64_t s = 0; s < samples->series; s++)
	{
		head.rows += (size_t) samples->ready[s].n;
		if (samples->ready[s].clock.changes > (int64_t) head.changes)
			head.changes = (size_t) samples->ready[s].clock.changes;
		if (samples->ready[s].covariate)
			head.covariate_rows += (size_t) samples->ready[s].covariate_rows;
	}
	return head;
}

/* what each reader has of its own */
static FrnnSamples *
walk_local(FrnnArena *arena, const Head *head, FrnnReady **ready, float **row)
{
	FrnnSamples *samples = FRNN_TAKE(arena, FrnnSamples, 1);

	*ready = FRNN_TAKE(arena, FrnnReady, head->series);
	*row = FRNN_TAKE(arena, float, head->recipe.inputs + 2 * head->recipe.block);
	return samples;
}

static size_t
packed_size(const void *context, size_t *local)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnArena	own = frnn_arena(NULL);
	Head		head = measure(context);
	Arrays		arrays;
	FrnnReady  *ready;
	float	   *row;

	walk(&arena, &head, &arrays);
	walk_local(&own, &head, &ready, &row);
	*local = own.overflow ? SIZE_MAX : own.used;
	return arena.overflow ? SIZE_MAX : arena.used;
}

static void
copy(void *to, const void *from, size_t count, size_t size)
{
	if (count > 0 && from)
		memcpy(to, from, count * size);
}

static void
pack(const void *context, void *packed)
{
	const FrnnSamples *samples = context;
	FrnnArena	arena = frnn_arena(packed);
	Head		head = measure(samples);
	size_t		S = (size_t) head.series;
	size_t		C = (size_t) head.recipe.covariates;
	Arrays		to;

	*walk(&arena, &head, &to) = head;
	copy(to.start, samples->start, S + 1, sizeof(int64_t));
	copy(to.first, samples->first, S, sizeof(int64_t));
	copy(to.step, samples->step, S, sizeof(int64_t));
	copy(to.member, samples->member, S, sizeof(int64_t));
	copy(to.length, samples->length, S, sizeof(int64_t));
	if (S > 0)
	{
		copy(to.mean, samples->ready[0].covariate_mean, C, sizeof(double));
		copy(to.sd, samples->ready[0].covariate_sd, C, sizeof(double));
		copy(to.static_mean, samples->ready[0].static_mean, (size_t) head.recipe.statics, sizeof(double));
		copy(to.static_sd, samples->ready[0].static_sd, (size_t) head.recipe.statics, sizeof(double));
	}
	for (size_t s = 0; s < S; s++)
		if (head.changes > 0 && samples->ready[s].clock.changes == (int64_t) head.changes)
		{
			copy(to.change, samples->ready[s].clock.change, head.changes, sizeof(FrnnClockChange));
			break;
		}
	for (size_t s = 0; s < S; s++)
	{
		const FrnnReady *ready = &samples->ready[s];
		size_t		n = (size_t) ready->n;
		size_t		known = ready->covariate ? (size_t) ready->covariate_rows : 0;

		to.entry[s] = (Series) {ready->n, ready->offset, (int64_t) known, ready->complete, ready->clock, ready->sigma,
		ready->center, ready->static_level};
		for (int c = 0; c < head.recipe.statics; c++)
			*to.statics++ = ready->statics ? ready->statics[c] : NAN;
		copy(to.profile + s * head.profile_rows, ready->profile, head.profile_rows, sizeof(double));
		copy(to.x, ready->x, n, sizeof(double));
		copy(to.covariate, ready->covariate, known * C, sizeof(double));
		if (ready->missing)
			copy(to.missing, ready->missing, n, 1);
		else if (n > 0)
			memset(to.missing, 0, n);
		to.x += n;
		to.covariate += known * C;
		to.missing += n;
	}
}

static FrnnSource
unpack(void *packed, void *local)
{
	const Head *head = packed;
	FrnnArena	arena = frnn_arena(packed);
	FrnnArena	own = frnn_arena(local);
	FrnnReady  *ready;
	float	   *row;
	FrnnSamples *samples = walk_local(&own, head, &ready, &row);
	Arrays		from;

	walk(&arena, head, &from);
	*samples = (FrnnSamples) {.recipe = &head->recipe, .network = &head->network, .ready = ready,
		.series = head->series, .samples = head->samples, .start = from.start, .first = from.first,
		.step = from.step, .member = from.member, .length = from.length, .row = row};
	for (int64_t s = 0; s < head->series; s++)
	{
		const Series *entry = &from.entry[s];

		ready[s] = (FrnnReady) {.n = entry->n, .x = from.x, .missing = from.missing, .complete = entry->complete,
			.profile = from.profile + (size_t) s * head->profile_rows, .offset = entry->offset, .clock = entry->clock,
			.covariate = entry->covariate_rows > 0 ? from.covariate : NULL, .covariate_rows = entry->covariate_rows,
			.covariate_mean = from.mean, .covariate_sd = from.sd, .sigma = entry->sigma, .center = entry->center,
			.statics = from.statics + s * head->recipe.statics, .static_mean = from.static_mean, .static_sd = from.static_sd,
			.static_level = entry->static_level};
		from.x += entry->n;
		from.missing += entry->n;
		ready[s].clock.change = from.change;
		from.covariate += entry->covariate_rows * head->recipe.covariates;
	}
	return frnn_samples_source(samples);
}

const FrnnPacking frnn_samples_packing = {packed_size, pack, unpack};
