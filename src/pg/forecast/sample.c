/*
 * sample.c
 *	  rnn_sample: sample paths of the rows to come.
 *
 * The distribution of each step is the forecast's, from its prediction
 * intervals.  How steps depend on each other is a Student t copula (Demarta &
 * McNeil 2005) estimated from the model's errors over past origins: with g_i the
 * vectors of normal scores of m of them, and w_i standard normal,
 * z = sum_i w_i g_i / sqrt(m) has their correlations, and all steps of a path share
 * the factor sqrt(SAMPLE_DF / chi-squared).  The factor leaves the variance of a sum
 * as it is, and makes its middle narrower and its tails longer, as errors of rows to
 * come were on the origins before the test rows of CIF 2016 and M4 hourly
 * (doc/accuracy.md).  A series with hardly any past origins that do not overlap
 * takes its dependence from the panel; with more of them its own counts soon,
 * since the panel's is that of other series.  Scores keep the sign of the error:
 * one that all steps of a series share is dependence too.  Errors of a short
 * series on rows that the model was trained on share less than those of rows to
 * come: a part of each step is common to all steps of a path, the smaller the
 * more past origins there are.
 *
 * Ranks of a path's steps taken from one past origin (Schaake shuffle, Clark et
 * al. 2004) instead left sums over a horizon of short series too narrow.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/base/random.h"
#include "core/base/special.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_sample);

#define SAMPLE_MOST		10000	/* paths */
#define SAMPLE_ORIGINS	400		/* past origins of a series */
#define SAMPLE_POOL		400		/* past origins of the panel */
#define SAMPLE_EACH		8		/* of them of one series, at most */
#define SAMPLE_CELLS	1000000 /* errors held at once */
#define SAMPLE_LEVELS	26		/* 0.02, 0.06, .. 0.98, 0.998 */
#define SAMPLE_TRUST	1		/* independent origins of a series that count as much as the panel's; n count n
								 * squared times */
#define SAMPLE_COMMON	1.0		/* variance common to all steps of a path, divided by the square of 1 + the
								 * independent origins */
#define SAMPLE_DF		7		/* degrees of freedom of the copula: normal numbers whose squares add up to the factor */
#define SAMPLE_DRAWS	(SAMPLE_ORIGINS + SAMPLE_POOL + SAMPLE_DF + 1)	/* normal numbers of a path; even */

/* standardized errors of past origins */
typedef struct PastErrors
{
	int64		origins;
	double	   *score;			/* (origins, steps) */
} PastErrors;

/* the arguments, and what is known of the series at hand */
typedef struct Sample
{
	RowWriter	rows;
	int			paths;
	uint64		seed;
	PastErrors	own;			/* of the series */
	PastErrors	pool;			/* of series of the panel */
	double		draw[SAMPLE_DRAWS];
	double	   *scale;			/* (steps) standard deviation of z before it is scaled */
	double	   *z;				/* (steps) of a path */
	double		knot[SAMPLE_LEVELS];	/* Student t quantiles of the upper bounds */
	bool		told;			/* that a series has no past errors */
} Sample;

static void
sample_collect(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	Sample	   *sample = arg;
	int			steps = rolling->steps;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
	{
		double	   *error = sample->own.score + sample->own.origins * steps;
		bool		known = true;

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < steps; k++)
		{
			error[k] = forecast->data->value[forecast->origin[i] + k] - forecast->point[i * steps + k];
			known = known && isfinite(error[k]);
		}
		sample->own.origins += known;
	}
}

typedef struct RankedError
{
	double		error;
	int64		origin;
} RankedError;

static int
ranked_compare(const void *a, const void *b)
{
	const RankedError *x = a;
	const RankedError *y = b;

	if (fabs(x->error) != fabs(y->error))
		return fabs(x->error) < fabs(y->error) ? -1 : 1;
	return x->origin < y->origin ? -1 : x->origin > y->origin;
}

/*
 * Fills in the errors of past origins of a series as signed normal scores: the
 * size of an error has the normal quantile of its rank among the sizes at its step.
 */
static void
sample_past(Sample *sample, Rolling *past, int64 series)
{
	int64		n = past->input->data[series].n;
	int64		most = Max(1, Min(SAMPLE_ORIGINS, SAMPLE_CELLS / past->steps));
	int64		from = Max(n / 3, n - past->steps - most + 1);
	RankedError *ranked = palloc(sizeof(RankedError) * most);
	int64		i;
	int			k;

	sample->own.origins = 0;
	rolling_series(past, series, from, n - past->steps, 1, sample_collect, sample);
	for (k = 0; k < past->steps; k++)
	{
		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < sample->own.origins; i++)
		{
			ranked[i].error = sample->own.score[i * past->steps + k];
			ranked[i].origin = i;
		}
		qsort(ranked, sample->own.origins, sizeof(RankedError), ranked_compare);
		for (i = 0; i < sample->own.origins; i++)
		{
			double		z = frnn_normal_quantile(0.5 + 0.5 * (i + 0.5) / sample->own.origins);

			sample->own.score[ranked[i].origin * past->steps + k] = ranked[i].error < 0 ? -z : ranked[i].error > 0 ? z : 0;
		}
	}
	pfree(ranked);
}

/* Collects past origins, a horizon apart, of series evenly spread over the panel. */
static void
sample_pool(Sample *sample, Rolling *past)
{
	int64		most = Max(1, Min(SAMPLE_POOL, SAMPLE_CELLS / past->steps));
	int64		series = past->input->series;
	int64		used = Min(series, (most + SAMPLE_EACH - 1) / SAMPLE_EACH * 2);
	int64		j,
				i;

	for (j = 0; j < used && sample->pool.origins < most; j++)
	{
		int64		s = j * series / used;
		int			taken = 0;

		sample_past(sample, past, s);
		for (i = sample->own.origins - 1; i >= 0 && taken < SAMPLE_EACH && sample->pool.origins < most; i -= past->steps)
		{
			memcpy(sample->pool.score + sample->pool.origins * past->steps, sample->own.score + i * past->steps,
				   sizeof(double) * past->steps);
			sample->pool.origins++;
			taken++;
		}
	}
}

/* Returns the quantile of step k at a Student t number z: linear in z between the bounds of the levels. */
static double
sample_quantile(const Sample *sample, const Rolling *rolling, const FrnnForecast *forecast, int k, double z)
{
	const double *bound = z > 0 ? forecast->upper : forecast->lower;
	double		inner = forecast->point[k];
	double		at = 0;
	int			i;

	for (i = 0; i < rolling->levels; i++)
	{
		double		outer = bound[(int64) i * rolling->steps + k];

		if (fabs(z) <= sample->knot[i])
			return inner + (outer - inner) * (fabs(z) - at) / (sample->knot[i] - at);
		inner = outer;
		at = sample->knot[i];
	}
	return inner;
}

/* Adds a random combination of past errors: its steps are normal, and depend on each other as the errors do. */
static void
sample_add(const PastErrors *past, const double *draw, int steps, double weight, double *z)
{
	double		factor = past->origins > 0 ? sqrt(weight / (double) past->origins) : 0;
	int64		i;
	int			k;

	for (i = 0; i < past->origins; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < steps; k++)
			z[k] += factor * draw[i] * past->score[i * steps + k];
	}
}

/* Adds the variances of the steps to out, times a weight. */
static void
sample_add_variance(const PastErrors *past, int steps, double weight, double *out)
{
	int64		i;
	int			k;

	for (i = 0; i < past->origins; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < steps; k++)
			out[k] += weight * past->score[i * steps + k] * past->score[i * steps + k] / past->origins;
	}
}

/*
 * Draws z of a path: Student t steps that depend on each other; own: weight of
 * the series' own errors; common: variance common to all steps.
 */
static void
sample_draw(Sample *sample, int64 series, int path, int steps, double own, double common)
{
	double	   *draw = sample->draw;
	double		squares = 0;
	double		size;
	int			k;

	frnn_random_normal(sample->seed, FRNN_USE_SAMPLE, (uint64) series, (uint64) path * SAMPLE_DRAWS, draw,
					   sample->own.origins + sample->pool.origins + SAMPLE_DF + 1);
	for (k = 0; k < SAMPLE_DF; k++, draw++)
		squares += *draw * *draw;
	size = sqrt(SAMPLE_DF / squares);
	memset(sample->z, 0, sizeof(double) * steps);
	sample_add(&sample->own, draw + 1, steps, own, sample->z);
	sample_add(&sample->pool, draw + 1 + sample->own.origins, steps, 1 - own, sample->z);
	for (k = 0; k < steps; k++)
		sample->z[k] = size * (sample->scale[k] > 0 ?
							   sqrt(common) * draw[0] + sqrt(1 - common) * sample->z[k] / sample->scale[k] : draw[0]);
}

/* Writes the paths of a series. */
static void
sample_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	Sample	   *sample = arg;
	RowWriter  *rows = &sample->rows;
	int			steps = rolling->steps;
	double		independent = sample->own.origins > 0 ? 1 + (double) (sample->own.origins - 1) / steps : 0;
	double		own = sample->pool.origins == 0 ? 1 : independent * independent / (independent * independent + SAMPLE_TRUST * SAMPLE_TRUST);
	double		common = SAMPLE_COMMON / ((1 + Max(independent, 1)) * (1 + Max(independent, 1)));
	int			path;
	int			k;

	if (!sample->told && steps > 1 && sample->own.origins + sample->pool.origins == 0)
		ereport(NOTICE,
				(errmsg("there are too few rows for past forecasts of %d steps, so all steps of a path err alike", steps),
				 errdetail("Quantiles of single steps are right; those of sums are as far apart as they can be."),
				 errhint("Pass a panel with more rows as the second argument.")));
	sample->told |= sample->own.origins + sample->pool.origins == 0;
	memset(sample->scale, 0, sizeof(double) * steps);
	sample_add_variance(&sample->own, steps, own, sample->scale);
	sample_add_variance(&sample->pool, steps, 1 - own, sample->scale);
	for (k = 0; k < steps; k++)
		sample->scale[k] = sqrt(sample->scale[k]);
	for (path = 0; path < sample->paths; path++)
	{
		sample_draw(sample, series, path, steps, own, common);
		for (k = 0; k < steps; k++)
		{
			CHECK_FOR_INTERRUPTS();
			rows_text(rows, forecast_input_name(rolling->input, series));
			rows_int(rows, path + 1);
			rolling_put_timestamp(rolling, series, forecast->origin[0] + k, rows);
			rows_int(rows, k + 1);
			rows_number(rows, sample_quantile(sample, rolling, forecast, k, sample->z[k]));
			rolling_put_index(rolling, series, forecast->origin[0] + k, rows);
			rows_put(rows);
		}
	}
}

/* Returns an argument between 1 and most, or the default if it is NULL. */
static int
sample_count(FunctionCallInfo fcinfo, int argument, const char *name, int most, int otherwise)
{
	int			value;

	if (PG_ARGISNULL(argument))
		return otherwise;
	value = PG_GETARG_INT32(argument);
	if (value < 1 || value > most)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must be between 1 and %d, not %d", name, most, value)));
	return value;
}

/* rnn_sample(model, panel, n, horizon, seed, options) */
Datum
rnn_sample(PG_FUNCTION_ARGS)
{
	Sample		sample = {{0}};
	double		confidence[SAMPLE_LEVELS];
	MemoryContext context,
				old;
	ForecastInput *input;
	Rolling    *past;
	Rolling    *rolling;
	int			horizon;
	size_t		cells;
	int64		s;
	int			i;

	rows_start(&sample.rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	sample.paths = sample_count(fcinfo, 2, "the number of paths", SAMPLE_MOST, 100);
	horizon = sample_count(fcinfo, 3, "the horizon", 100000, 0);
	sample.seed = PG_ARGISNULL(4) ? 0 : (uint64) PG_GETARG_INT64(4);
	for (i = 0; i < SAMPLE_LEVELS - 1; i++)
		confidence[i] = 0.02 + 0.04 * i;
	confidence[SAMPLE_LEVELS - 1] = 0.998;

	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_sample", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), forecast_input_has_panel(fcinfo, 1),
								  PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
								  PG_ARGISNULL(5) ? NULL : PG_GETARG_JSONB_P(5));
	if (!PG_ARGISNULL(1))
		forecast_input_notice_holidays(input);
	rolling = rolling_create(input, horizon > 0 ? horizon : (int) Min(input->future, 100000), SAMPLE_LEVELS, confidence, context);
	rolling_as_forecast(rolling);
	past = rolling_create(input, rolling->steps, 0, NULL, context);
	cells = (size_t) Max(1, Min(SAMPLE_ORIGINS, SAMPLE_CELLS / rolling->steps)) * rolling->steps;
	frnn_check_growth(context, sizeof(double) * (2 * cells + 2 * rolling->steps), "forecasting");
	sample.own.score = palloc(sizeof(double) * cells);
	sample.pool.score = palloc(sizeof(double) * cells);
	sample.scale = palloc(sizeof(double) * rolling->steps);
	sample.z = palloc(sizeof(double) * rolling->steps);
	for (i = 0; i < SAMPLE_LEVELS; i++)
		sample.knot[i] = frnn_student_t_quantile((1 + confidence[i]) / 2, SAMPLE_DF);
	sample_pool(&sample, past);
	for (s = 0; s < input->series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		sample_past(&sample, past, s);
		rolling_series(rolling, s, input->data[s].n, input->data[s].n, 1, sample_emit, &sample);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
