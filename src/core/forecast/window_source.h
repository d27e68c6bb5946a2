/*
 * window_source.h
 *	  Scaled windows and training samples of prepared series.
 */
#ifndef FRNN_WINDOW_SOURCE_H
#define FRNN_WINDOW_SOURCE_H

#include "core/base/memory.h"
#include "core/forecast/prepare.h"
#include "core/train/shard.h"

/* row i of a series, which its first value continues to the left */
static inline double
frnn_value_at(const FrnnReady *ready, int64_t i)
{
	return ready->x[i < 0 ? 0 : i];
}

/* Returns the standardized covariate c of row i; 0, the mean, if it is unknown. */
extern double frnn_covariate_at(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t i, int c);

/* Returns what is subtracted from the rows of the window before origin o. */
extern double frnn_window_level(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o);

/* the window before origin o, then the extras of the steps from o: recipe->inputs floats; *level what was taken off */
extern void frnn_window_row(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, float *row, double *level);

/* scaled targets of the block from o and their weights */
extern void frnn_window_target(const FrnnRecipe *recipe, const FrnnReady *ready, int64_t o, double level,
							   float *y, float *weight);

/* training origins of n rows: first .. n - block; false when there are none */
extern bool frnn_window_range(const FrnnRecipe *recipe, int64_t n, int64_t *first, int64_t *last);

/* training samples: origins (window mode) or whole series (sequence mode) */
typedef struct FrnnSamples
{
	const FrnnRecipe *recipe;
	const FrnnNetwork *network;
	const FrnnReady *ready;		/* (S) */
	int64_t		series;
	int64_t		samples;
	int64_t    *start;			/* (S + 1) window mode: first sample of each series */
	int64_t    *first;			/* (S) first origin */
	int64_t    *step;			/* (S) rows between origins */
	int64_t    *member;			/* (S) sequence mode: series of each sample */
	int64_t    *length;			/* (S) sequence mode: time steps of each sample */
	bool		known_origins;	/* origins after a missing row carry no loss */
	float	   *row;			/* scratch: inputs + block x 2 floats */
} FrnnSamples;

extern void frnn_samples_layout(FrnnSamples *samples, FrnnArena *arena, int64_t series, const FrnnRecipe *recipe);

/* training samples of the rows before rows[i] */
extern void frnn_samples_train(FrnnSamples *samples, const int64_t *rows);

/* single origins first[i] + k step[i] <= last[i] (window mode); step[i] = 0: none */
extern void frnn_samples_origins(FrnnSamples *samples, const int64_t *last);

/* Returns the number of these origins that follow a known row. */
extern int64_t frnn_samples_known(const FrnnSamples *samples);
extern FrnnSource frnn_samples_source(const FrnnSamples *samples);

/* the series and their origins, for other processes (window_pack.c) */
extern const FrnnPacking frnn_samples_packing;

#endif
