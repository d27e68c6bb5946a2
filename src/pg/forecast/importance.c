/*
 * importance.c
 *	  rnn_importance: what each covariate is worth to a model (permutation
 *	  importance: Breiman 2001; Fisher, Rudin & Dominici 2019).
 *
 * One covariate at a time is shuffled over the rows of each series, all else
 * left as it is, and the model's errors over rolling origins are measured
 * again.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/base/random.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_importance);

#define IMPORTANCE_COLUMNS 4

typedef struct ErrorSum
{
	double		sum;
	double		n;
} ErrorSum;

static void
sum_errors(const Judge *judge, int64 series, const FrnnForecast *forecast, void *arg)
{
	ErrorSum   *error = arg;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
		for (k = 0; k < judge->steps; k++)
		{
			int64		row = forecast->origin[i] + k;
			double		gap = row < forecast->data->n ?
				fabs(forecast->data->value[row] - forecast->point[i * judge->steps + k]) : NAN;

			if (isfinite(gap))
			{
				error->sum += gap;
				error->n++;
			}
		}
}

static double
measure(Judge *judge, int64 hold_out)
{
	ErrorSum	error = {0, 0};
	int64		s;

	for (s = 0; s < judge->input->series; s++)
		judge_series(judge, s, judge_first(judge, s, hold_out), judge->input->data[s].n - judge->steps,
					 judge->steps, sum_errors, &error);
	return error.n > 0 ? error.sum / error.n : NAN;
}

/* covariate c of every series shuffled over its rows; the array of each series is replaced */
static void
shuffle(ForecastInput *input, int c, uint64 seed)
{
	int			width = input->model->core.recipe.covariates;
	int64		s,
				i;

	for (s = 0; s < input->series; s++)
	{
		FrnnSeriesData *data = &input->data[s];
		int64		rows = data->n + data->future;
		double	   *covariate;
		int64	   *order;

		if (rows == 0)
			continue;
		covariate = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * rows * width);
		order = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * rows);
		memcpy(covariate, data->covariate, sizeof(double) * rows * width);
		frnn_random_permutation(seed, FRNN_USE_SAMPLE, (uint64) s * 4096 + c, order, rows);
		for (i = 0; i < rows; i++)
			covariate[i * width + c] = data->covariate[order[i] * width + c];
		data->covariate = covariate;
		pfree(order);
	}
}

/* rnn_importance(model, panel, hold_out, seed, options) */
Datum
rnn_importance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result;
	MemoryContext context,
				old;
	ForecastInput *input;
	FrnnSeriesData *kept;
	Judge	   *judge;
	int64		hold_out;
	double		base;
	int			c;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	hold_out = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);
	if (hold_out < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("hold_out must not be negative: " INT64_FORMAT, hold_out)));
	context = AllocSetContextCreate(CurrentMemoryContext, "rnn_importance", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), true, PG_GETARG_DATUM(1),
								  PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4));
	if (input->model->own_covariates == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the model has no covariates")));
	judge = judge_create(input, 0, 0, NULL);
	base = measure(judge, hold_out);
	kept = MemoryContextAllocHuge(context, sizeof(FrnnSeriesData) * input->series);
	memcpy(kept, input->data, sizeof(FrnnSeriesData) * input->series);
	for (c = 0; c < input->model->own_covariates; c++)
	{
		MemoryContext shuffled = AllocSetContextCreate(context, "rnn_importance covariate", ALLOCSET_DEFAULT_SIZES);
		Datum		value[IMPORTANCE_COLUMNS];
		bool		null[IMPORTANCE_COLUMNS] = {false};
		double		error;

		MemoryContextSwitchTo(shuffled);
		shuffle(input, c, PG_ARGISNULL(3) ? 0 : (uint64) PG_GETARG_INT64(3));
		error = measure(judge, hold_out);
		value[0] = Int32GetDatum(c + 1);
		put_number(value, null, 1, base);
		put_number(value, null, 2, error);
		put_number(value, null, 3, error / base - 1);
		tuplestore_putvalues(result->setResult, result->setDesc, value, null);
		memcpy(input->data, kept, sizeof(FrnnSeriesData) * input->series);
		MemoryContextSwitchTo(context);
		MemoryContextDelete(shuffled);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
