/*
 * sample.c
 *	  rnn_sample: sample paths of the rows to come.
 *
 * The distribution of each step is the forecast's, from its prediction
 * intervals.  How steps depend on each other is taken from the model's errors
 * over past origins (Schaake shuffle, Clark et al. 2004): a path takes one past
 * origin, and each step the quantile of that origin's error among all origins'
 * errors at the step.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/base/random.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_sample);

#define SAMPLE_MOST		10000	/* paths */
#define SAMPLE_ORIGINS	400		/* past origins */
#define SAMPLE_CELLS	1000000 /* errors held at once */
#define SAMPLE_LEVELS	26		/* 0.02, 0.06, .. 0.98, 0.998 */

/* the arguments, and what is known of the series at hand */
typedef struct Sample
{
	RowWriter	rows;
	int			paths;
	uint64		seed;
	int64		origins;
	double	   *error;			/* (origins, steps) */
	double	   *rank;			/* (origins, steps) from 0 */
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
		double	   *error = sample->error + sample->origins * steps;
		bool		known = true;

		CHECK_FOR_INTERRUPTS();
		for (k = 0; k < steps; k++)
		{
			error[k] = forecast->data->value[forecast->origin[i] + k] - forecast->point[i * steps + k];
			known = known && isfinite(error[k]);
		}
		sample->origins += known;
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

	if (x->error != y->error)
		return x->error < y->error ? -1 : 1;
	return x->origin < y->origin ? -1 : x->origin > y->origin;
}

/* Fills in the errors of past origins of a series and their ranks at each step. */
static void
sample_past(Sample *sample, Rolling *past, int64 series)
{
	int64		n = past->input->data[series].n;
	int64		most = Max(1, Min(SAMPLE_ORIGINS, SAMPLE_CELLS / past->steps));
	int64		from = Max(n / 3, n - past->steps - most + 1);
	RankedError *ranked = palloc(sizeof(RankedError) * most);
	int64		i;
	int			k;

	sample->origins = 0;
	rolling_series(past, series, from, n - past->steps, 1, sample_collect, sample);
	for (k = 0; k < past->steps; k++)
	{
		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < sample->origins; i++)
		{
			ranked[i].error = sample->error[i * past->steps + k];
			ranked[i].origin = i;
		}
		qsort(ranked, sample->origins, sizeof(RankedError), ranked_compare);
		for (i = 0; i < sample->origins; i++)
			sample->rank[ranked[i].origin * past->steps + k] = i;
	}
	pfree(ranked);
}

/* Returns quantile p of step k: linear between the bounds of the levels, with the forecast as the median. */
static double
sample_quantile(const Rolling *rolling, const FrnnForecast *forecast, int k, double p)
{
	bool		above = p > 0.5;
	const double *bound = above ? forecast->upper : forecast->lower;
	double		confidence = fabs(2 * p - 1);
	double		inner = forecast->point[k];
	double		level = 0;
	int			i;

	for (i = 0; i < rolling->levels; i++)
	{
		double		outer = bound[(int64) i * rolling->steps + k];

		if (confidence <= rolling->confidence[i])
			return inner + (outer - inner) * (confidence - level) / (rolling->confidence[i] - level);
		inner = outer;
		level = rolling->confidence[i];
	}
	return inner;
}

/* Writes the paths of a series. */
static void
sample_emit(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	Sample	   *sample = arg;
	RowWriter  *rows = &sample->rows;
	int			path;
	int			k;

	for (path = 0; path < sample->paths; path++)
	{
		uint32		random[4];
		double		jitter;
		int64		origin;

		CHECK_FOR_INTERRUPTS();
		frnn_random_block(sample->seed, FRNN_USE_SAMPLE, (uint64) series, path, random);
		jitter = (random[0] + 0.5) / 4294967296.0;
		origin = (int64) (((uint64) random[1] * (uint64) sample->origins) >> 32);
		for (k = 0; k < rolling->steps; k++)
		{
			double		p = sample->origins > 0 ?
			(sample->rank[origin * rolling->steps + k] + jitter) / sample->origins : jitter;

			rows_text(rows, forecast_input_name(rolling->input, series));
			rows_int(rows, path + 1);
			rolling_put_timestamp(rolling, series, forecast->origin[0] + k, rows);
			rows_int(rows, k + 1);
			rows_number(rows, sample_quantile(rolling, forecast, k, p));
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
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), !PG_ARGISNULL(1),
								  PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
								  PG_ARGISNULL(5) ? NULL : PG_GETARG_JSONB_P(5));
	rolling = rolling_create(input, horizon > 0 ? horizon : (int) Min(input->future, 100000), SAMPLE_LEVELS, confidence, context);
	past = rolling_create(input, rolling->steps, 0, NULL, context);
	cells = (size_t) Max(1, Min(SAMPLE_ORIGINS, SAMPLE_CELLS / rolling->steps)) * rolling->steps;
	frnn_check_growth(context, 2 * sizeof(double) * cells, "forecasting");
	sample.error = palloc(sizeof(double) * cells);
	sample.rank = palloc(sizeof(double) * cells);
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
