/*
 * pipeline.h
 *	  The steps between regular rows and the models; used inside the core by
 *	  the forecaster, and by its tests.
 *
 * Series are double: a float would lose the differences of a series whose
 * level is large.  What the models see (scaled windows) is float.
 */
#ifndef FRNN_PIPELINE_H
#define FRNN_PIPELINE_H

#include "core/base/order.h"
#include "core/forecast/forecaster.h"
#include "core/train/members.h"

/* ---- gaps (impute.c) ---- */

/*
 * out = value with its gaps filled.  Gaps before `split` are filled from rows
 * before it alone (parameters must not see what is held back), the others from
 * all n rows.  period: the shortest season, 0 without.  Returns the number of
 * known values before split; when it is 0 nothing is written.  out may be value.
 */
extern int64_t frnn_impute(const double *value, int64_t n, int64_t split, int period, FrnnGapRule rule, double *out);

/* ---- transform (transform.c) ---- */

extern double frnn_transform(FrnnTransform kind, double y, double unit, double lowest);
extern double frnn_transform_inverse(FrnnTransform kind, double z, double unit);
/* what one series adds to the pooled slope of log spread on log level; scratch: 3 x (n / block) doubles */
extern void frnn_spread(const double *y, int64_t n, int block, double *scratch, double *numerator, double *denominator);

/* ---- season (season.c) ---- */

/*
 * The additive profile of period m of z (n rows; row i has phase (offset + i)
 * mod m), zero mean, shrunk by the share of its variance that is noise; zero
 * when n < 2m.  scratch: n doubles.
 */
extern void frnn_profile(const double *z, int64_t n, int64_t offset, int m, double *profile, double *scratch);

static inline int
frnn_phase(int64_t row, int m)
{
	int64_t		r = row % m;

	return (int) (r < 0 ? r + m : r);
}

/* out[k] (+)= sum of the profiles at rows row .. row + count - 1 */
extern void frnn_profile_sum(const FrnnRecipe *recipe, const double *profile, int64_t row, int64_t count, double *out);

/* ---- scale (scale.c) ---- */

/* center and sigma of x; lag: of the step rule; scratch: n doubles */
extern void frnn_scale(FrnnScaling kind, const double *x, int64_t n, int lag, double *center, double *sigma, double *scratch);
extern double frnn_standard_deviation(const double *x, int64_t n);

/* ---- a series made ready (prepare.c) ---- */

typedef struct FrnnReady
{
	int64_t		n;				/* rows of x */
	double	   *x;				/* (n) transformed, without profiles, no gaps; before row 0 it continues x[0] */
	const uint8_t *missing;		/* (n) rows that carry no loss; NULL: none */
	const double *profile;		/* (profile_rows) */
	int64_t		offset;			/* grid row of x[0] */
	const double *covariate;	/* (covariate_rows, covariates), raw; NULL without */
	int64_t		covariate_rows;
	const double *covariate_mean;
	const double *covariate_sd;
	double		sigma;			/* 0: constant, takes no part in training */
	double		center;
} FrnnReady;

/*
 * Parameters of a series from its first `rows` rows: number
 * (FRNN_SERIES_NUMBERS, sigma without the panel's floor), profile, and x for
 * all n rows.  scratch: n doubles.
 */
extern void frnn_prepare(const FrnnRecipe *recipe, const FrnnSeriesData *data, int64_t n, int64_t rows,
						 double *number, double *profile, double *x, uint8_t *missing, double *scratch);

/* the panel's floor under sigma; scratch: S doubles.  Returns the median of the positive ones (1 without). */
extern double frnn_floor_sigma(double *series_number, int64_t series, double *scratch);
extern double frnn_sigma_floored(double sigma, double spread, double median);

/* ---- windows (window_source.c) ---- */

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
	float	   *row;			/* scratch: inputs + block x 2 floats */
} FrnnSamples;

extern void frnn_samples_layout(FrnnSamples *samples, FrnnArena *arena, int64_t series, const FrnnRecipe *recipe);
/* training samples of the rows before rows[i] */
extern void frnn_samples_train(FrnnSamples *samples, const int64_t *rows);
/* single origins first[i] + k step[i] <= last[i] (window mode); step[i] = 0: none */
extern void frnn_samples_origins(FrnnSamples *samples, const int64_t *last);
extern FrnnSource frnn_samples_source(const FrnnSamples *samples);

/* the series and their origins, for other processes (window_pack.c) */
extern const FrnnPacking frnn_samples_packing;

/* ---- ridge (ridge.c) ---- */

#define FRNN_RIDGE_BLOCK	256
#define FRNN_RIDGE_WINDOWS	400000

typedef struct FrnnRidge
{
	int			inputs;
	int			outputs;
	const FrnnRun *run;			/* ticked between panels; NULL after frnn_ridge_layout: no ticks */
	int			filled;			/* rows waiting in x, y */
	double		rows;			/* rows added */
	double	   *xx;				/* (p, p) upper triangle */
	double	   *xy;				/* (p, O) */
	double	   *x_sum;
	double	   *y_sum;
	double	   *x;				/* (FRNN_RIDGE_BLOCK, p) */
	double	   *y;				/* (FRNN_RIDGE_BLOCK, O) */
	double	   *scratch;		/* (FRNN_PRODUCT_SCRATCH) */
} FrnnRidge;

extern void frnn_ridge_layout(FrnnRidge *ridge, FrnnArena *arena, int inputs, int outputs);
extern void frnn_ridge_clear(FrnnRidge *ridge);
extern void frnn_ridge_add(FrnnRidge *ridge, const float *x, const float *y);
/* weight (p, O), bias (O); a system that cannot be solved gives weights 0 and the mean */
extern void frnn_ridge_solve(FrnnRidge *ridge, double lambda, double *weight, double *bias);

/* ---- conformal (conformal.c) ---- */

/*
 * Keep the quantiles of n errors (sorted here) of one step in row
 * (FRNN_CONFORMAL_LEVELS); count: of the step that has most; effective: as how
 * many independent ones they count.  Returns the columns filled, the same for all steps.
 */
extern int	frnn_conformal_keep(double *error, int64_t n, int64_t count, double effective, double *row);
/* the ceil((n+1) confidence)-th smallest error, in units of sigma, `step` steps ahead (from 0, any) */
extern double frnn_conformal_width(const FrnnForecaster *forecaster, int step, double confidence);

/* ---- predict (forecaster_predict.c) ---- */

/*
 * frnn_predict with the network's weight given; scaled: point receives x (no
 * profile, no inverse transform), nothing else is written.
 */
extern void frnn_predict_mixed(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
							   int steps, int levels, const double *confidence, double mix, bool scaled,
							   void *block, const FrnnHooks *hooks);

#endif
