/*
 * importance.c
 *	  rnn_importance: permutation importance of covariates (Breiman 2001;
 *	  Fisher, Rudin & Dominici 2019).
 *
 * One covariate at a time is shuffled over the rows of each series, and the
 * model's errors over rolling origins are measured again.
 */
#include "pg/forecast/rolling.h"

#include <math.h>

#include "core/base/random.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_importance);

typedef struct ErrorSum
{
	double		sum;
	double		n;
} ErrorSum;

static void
importance_sum_errors(const Rolling *rolling, int64 series, const FrnnForecast *forecast, void *arg)
{
	ErrorSum   *error = arg;
	int64		i;
	int			k;

	for (i = 0; i < forecast->origins; i++)
		for (k = 0; k < rolling->steps; k++)
		{
			int64		row = forecast->origin[i] + k;
			double		gap = row < forecast->data->n ?
			fabs(forecast->data->value[row] - forecast->point[i * rolling->steps + k]) : NAN;

			if (isfinite(gap))
			{
				error->sum += gap;
				error->n++;
			}
		}
}

/* Returns the mean absolute error over rolling origins of all series. */
static double
importance_measure(Rolling *rolling, int64 hold_out)
{
	ErrorSum	error = {0, 0};
	int64		s;

	for (s = 0; s < rolling->input->series; s++)
		rolling_series(rolling, s, rolling_first(rolling, s, hold_out), rolling->input->data[s].n - rolling->steps,
					   rolling->steps, importance_sum_errors, &error);
	return error.n > 0 ? error.sum / error.n : NAN;
}

/* Gives each series the static numbers first .. first + count - 1 of another one. */
static void
importance_shuffle_statics(ForecastInput *input, int first, int count, uint64 seed)
{
	int			n = input->model->core.recipe.statics;
	int64	   *order = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * input->series);
	double	   *statics = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(input->series, n), sizeof(double)));
	int64		s;
	int			c;

	frnn_random_permutation(seed, FRNN_USE_SAMPLE, (uint64) first, order, input->series);
	for (s = 0; s < input->series; s++)
		for (c = 0; c < n; c++)
		{
			const double *from = input->data[c >= first && c < first + count ? order[s] : s].statics;

			statics[s * n + c] = from ? from[c] : NAN;
		}
	for (s = 0; s < input->series; s++)
		input->data[s].statics = statics + s * n;
}

/* Replaces the covariates of each series by a copy in which columns c .. c + count - 1 are shuffled over the rows. */
static void
importance_shuffle(ForecastInput *input, int c, int count, uint64 seed)
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
		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < rows; i++)
			memcpy(covariate + i * width + c, data->covariate + order[i] * width + c, sizeof(double) * count);
		data->covariate = covariate;
		pfree(order);
	}
}

/* rnn_importance(model, panel, hold_out, seed, options) */
Datum
rnn_importance(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	MemoryContext context,
				old;
	ForecastInput *input;
	FrnnSeriesData *kept;
	const CovariatePlan *plan;
	Rolling    *rolling;
	int64		hold_out;
	double		base;
	int			c;

	rows_start(&rows, fcinfo);
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
	plan = input->model->plan;
	if (plan == NULL && input->model->own_covariates == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the model has no covariates")));
	rolling = rolling_create(input, 0, 0, NULL, context);
	base = importance_measure(rolling, hold_out);
	kept = MemoryContextAllocHuge(context, sizeof(FrnnSeriesData) * input->series);
	memcpy(kept, input->data, sizeof(FrnnSeriesData) * input->series);
	for (c = 0; c < (plan ? plan->n : input->model->own_covariates); c++)
	{
		MemoryContext shuffled = AllocSetContextCreate(context, "rnn_importance covariate", ALLOCSET_DEFAULT_SIZES);
		uint64		seed = PG_ARGISNULL(3) ? 0 : (uint64) PG_GETARG_INT64(3);
		double		error;

		MemoryContextSwitchTo(shuffled);
		if (plan && plan->column[c].role == ROLE_STATIC)
			importance_shuffle_statics(input, plan->column[c].first, plan->column[c].width, seed);
		else
			importance_shuffle(input, plan ? plan->column[c].first : c, plan ? plan->column[c].width : 1, seed);
		error = importance_measure(rolling, hold_out);
		rows_int(&rows, c + 1);
		rows_number(&rows, base);
		rows_number(&rows, error);
		rows_number(&rows, error / base - 1);
		rows_text(&rows, plan ? plan->column[c].name : NULL);
		rows_put(&rows);
		memcpy(input->data, kept, sizeof(FrnnSeriesData) * input->series);
		MemoryContextSwitchTo(context);
		MemoryContextDelete(shuffled);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
