/*
 * explain.c
 *	  rnn_explain: what each point forecast is made of.
 *
 * The core tells level, profiles, naive forecast, ridge and network of a
 * forecast.  What a covariate adds is measured: the forecast with it, less the
 * forecast without, that is with its mean in place of it.  Static covariates are
 * added first, then the others in the panel's order, then the calendar, each to
 * those before it, so the parts add up to the forecast with all of them.
 */
#include "pg/server/compat.h"

#include <math.h>

#include "core/forecast/statics.h"
#include "miscadmin.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/forecast/forecast_span.h"
#include "pg/forecast/rolling.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_explain);

/* covariates that are added together */
typedef struct Added
{
	const char *part;
	const char *name;
	bool		statics;
	int			first;			/* columns of the core */
	int			width;
} Added;

typedef struct Explain
{
	RowWriter	rows;
	MemoryContext context;		/* the call's own */
	ForecastInput *input;
	Rolling		stamps;			/* of timestamps */
	ForecastSpan span;
	int			count;			/* of covariates added */
	Added	   *added;			/* (count) */
	FrnnForecaster *without;	/* (count + 1) the model with the first k of them */
	void	   *block;			/* of the core */
} Explain;

/* one chunk of series */
typedef struct ExplainChunk
{
	FrnnForecast *forecast;		/* (series) */
	FrnnStepParts *parts;		/* (series, steps) those without covariates */
	double	   *total;			/* (count + 1, series, steps) forecasts with the first k covariates, before the limits */
	double	   *point;			/* (series, steps) */
} ExplainChunk;

/* Returns the columns of the model's covariates that are added together, in their order. */
static void
explain_list(Explain *explain)
{
	const ForecastModel *model = explain->input->model;
	const CovariatePlan *plan = model->plan;
	int			calendar = model->core.recipe.covariates - model->own_covariates;
	Added	   *added;
	int			c;

	added = explain->added = palloc(sizeof(Added) * ((plan ? plan->n : model->own_covariates) + 2));
	if (model->core.recipe.statics > 0)
		*added++ = (Added) {"static_covariates", NULL, true, 0, 0};
	for (c = 0; plan && c < plan->n; c++)
		if (plan->column[c].role != ROLE_STATIC)
			*added++ = (Added) {"covariate", plan->column[c].name, false, plan->column[c].first, plan->column[c].width};
	for (c = 0; plan == NULL && c < model->own_covariates; c++)
		*added++ = (Added) {"covariate", psprintf("%d", c + 1), false, c, 1};
	if (calendar > 0)
		*added++ = (Added) {"calendar", NULL, false, model->own_covariates, calendar};
	explain->count = added - explain->added;
}

/* Returns a copy of n deviations: infinite where a covariate counts for nothing, which is the same as its mean. */
static double *
explain_deviations(const double *sd, int n)
{
	double	   *copy = palloc(sizeof(double) * Max(n, 1));

	if (n > 0)
		memcpy(copy, sd, sizeof(double) * n);
	return copy;
}

/* Takes the static covariates from a model: each series has the level of one of which they are unknown. */
static void
explain_remove_statics(FrnnForecaster *core)
{
	int			n = core->recipe.statics;
	double	   *weight = explain_deviations(core->static_weight, n + 1);
	double	   *level = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(Max(core->series, 1), sizeof(double)));
	int64		s;
	int			c;

	core->static_sd = explain_deviations(core->static_sd, n);
	for (c = 0; c < n; c++)
	{
		core->static_sd[c] = INFINITY;
		weight[c] = 0;
	}
	core->static_weight = weight;
	for (s = 0; s < core->series; s++)
		level[s] = frnn_statics_level(core, -1, NULL, core->series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_UNIT]);
	core->static_level = level;
}

/* Makes the models without covariates: model k has the first k of those added. */
static void
explain_make_models(Explain *explain)
{
	const FrnnForecaster *core = &explain->input->model->core;
	int			width = core->recipe.covariates;
	int			k,
				c;

	frnn_check_growth(explain->context, frnn_mul(explain->count + 1, sizeof(FrnnForecaster) + sizeof(double) * width) +
					  sizeof(double) * core->series, "explaining");
	explain->without = palloc(sizeof(FrnnForecaster) * (explain->count + 1));
	explain->without[explain->count] = *core;
	for (k = explain->count - 1; k >= 0; k--)
	{
		const Added *added = &explain->added[k];
		FrnnForecaster *model = &explain->without[k];

		*model = explain->without[k + 1];
		if (added->statics)
			explain_remove_statics(model);
		else
			model->covariate_sd = explain_deviations(model->covariate_sd, width);
		for (c = added->first; c < added->first + added->width; c++)
			model->covariate_sd[c] = INFINITY;
	}
}

static void
explain_put_part(Explain *explain, int64 series, const FrnnForecast *forecast, int k, const char *part, const char *name,
				 double value)
{
	RowWriter  *rows = &explain->rows;
	const FrnnSeriesData *data = &explain->input->data[series];

	CHECK_FOR_INTERRUPTS();
	rows_text(rows, forecast_input_name(explain->input, series));
	rolling_put_timestamp(&explain->stamps, series, data->n + k, rows);
	rows_int(rows, k + 1);
	rows_text(rows, part);
	rows_text(rows, name);
	rows_number(rows, isnan(forecast->point[k]) ? NAN : value);
	rows_number(rows, forecast->point[k]);
	rows_text(rows, forecast_step_status(explain->input, series, forecast, k));
	rolling_put_index(&explain->stamps, series, data->n + k, rows);
	rows_put(rows);
}

/* Writes the parts of step k of the i-th of n series of a chunk. */
static void
explain_put_step(Explain *explain, const ExplainChunk *chunk, int64 series, int i, int n, int k)
{
	const FrnnForecaster *core = &explain->input->model->core;
	const FrnnForecast *forecast = &chunk->forecast[i];
	const FrnnStepParts *parts = &forecast->parts[k];
	const double *total = chunk->total + (size_t) i * explain->span.most + k;
	size_t		apart = (size_t) n * explain->span.most;
	int			p;

	explain_put_part(explain, series, forecast, k, "level", NULL, parts->part[FRNN_PART_LEVEL]);
	for (p = 0; p < core->recipe.periods; p++)
	{
		char		rows[16];

		snprintf(rows, sizeof(rows), "%d", core->recipe.period[p]);
		explain_put_part(explain, series, forecast, k, "season", rows, parts->part[FRNN_PART_SEASON + p]);
	}
	if (core->naive_season > 0)
		explain_put_part(explain, series, forecast, k, "season_ago", NULL, parts->part[FRNN_PART_SEASON_AGO]);
	if (core->members == 0 || core->mix < 1)
		explain_put_part(explain, series, forecast, k, "ridge", NULL, parts->part[FRNN_PART_RIDGE]);
	if (core->members > 0 && core->mix > 0)
		explain_put_part(explain, series, forecast, k, "network", NULL, parts->part[FRNN_PART_NETWORK]);
	for (p = 0; p < explain->count; p++)
		explain_put_part(explain, series, forecast, k, explain->added[p].part, explain->added[p].name,
						 total[(p + 1) * apart] - total[p * apart]);
	explain_put_part(explain, series, forecast, k, "limits", NULL, forecast->point[k] - total[explain->count * apart]);
}

/* Writes the rows of a series, or one row if it could not be forecast. */
static void
explain_put_series(Explain *explain, const ExplainChunk *chunk, int64 series, int i, int n)
{
	const FrnnForecast *forecast = &chunk->forecast[i];
	int			k;

	if (forecast->data == NULL || isnan(forecast->point[0]))
	{
		rows_text(&explain->rows, forecast_input_name(explain->input, series));
		for (k = 0; k < 6; k++)
			rows_null(&explain->rows);
		rows_text(&explain->rows, forecast_input_status(explain->input, series, forecast->status));
		rows_null(&explain->rows);
		rows_put(&explain->rows);
		return;
	}
	for (k = 0; k < forecast_span_steps(&explain->span, explain->input, series); k++)
		explain_put_step(explain, chunk, series, i, n, k);
}

/* Forecasts the series of a chunk by the model with the first k covariates; keeps their totals. */
static void
explain_forecast(Explain *explain, ExplainChunk *chunk, int n, int k)
{
	FrnnForecast *asked = palloc(sizeof(FrnnForecast) * n);
	size_t		steps = explain->span.most;
	double	   *total = chunk->total + k * (size_t) n * steps;
	int			count = 0;
	int			i;
	size_t		j;

	for (i = 0; i < n; i++)
		if (chunk->forecast[i].data)
			asked[count++] = chunk->forecast[i];
	frnn_predict(&explain->without[k], asked, count, explain->span.most, 0, NULL, explain->block, &frnn_pg_hooks);
	for (i = 0, count = 0; i < n; i++)
	{
		if (chunk->forecast[i].data == NULL)
			continue;
		if (k == explain->count)
			chunk->forecast[i].status = asked[count].status;
		for (j = 0; j < steps; j++)
			total[i * steps + j] = chunk->forecast[i].parts[j].total;
		count++;
	}
	pfree(asked);
}

/* Explains series first .. first + n - 1. */
static void
explain_chunk(Explain *explain, int64 first, int n)
{
	ForecastInput *input = explain->input;
	size_t		steps = explain->span.most;
	size_t		cells = frnn_mul(n, steps);
	size_t		bytes = frnn_mul(cells, sizeof(FrnnStepParts) + sizeof(double) * (explain->count + 3));
	ExplainChunk chunk;
	double	   *point;
	uint8_t    *limited;
	int			i,
				k;

	for (i = 0; i < n; i++)
		bytes = frnn_add(bytes, forecast_input_extension(input, first + i, steps));
	frnn_check_growth(explain->context, bytes, "explaining");
	chunk.forecast = palloc0(sizeof(FrnnForecast) * n);
	chunk.parts = MemoryContextAllocHuge(CurrentMemoryContext, cells * sizeof(FrnnStepParts));
	chunk.total = MemoryContextAllocHuge(CurrentMemoryContext, cells * sizeof(double) * (explain->count + 1));
	chunk.point = MemoryContextAllocHuge(CurrentMemoryContext, cells * sizeof(double));
	point = MemoryContextAllocHuge(CurrentMemoryContext, cells * sizeof(double));
	limited = MemoryContextAllocHuge(CurrentMemoryContext, cells);
	for (i = 0; i < n; i++)
	{
		FrnnForecast *f = &chunk.forecast[i];

		f->status = FRNN_SERIES_EMPTY;
		if (input->data[first + i].n == 0)
			continue;
		forecast_input_extend(input, first + i, steps);
		f->data = &input->data[first + i];
		f->index = input->index[first + i];
		f->origins = 1;
		f->reach = true;
		f->origin = &input->data[first + i].n;
		f->point = chunk.point + i * steps;
		f->limited = limited + i * steps;
		f->parts = chunk.parts + i * steps;
	}
	memset(limited, 0, cells);
	explain_forecast(explain, &chunk, n, explain->count);
	/* the forecast is that of all covariates: the others' points go elsewhere */
	for (k = explain->count - 1; k >= 0; k--)
	{
		for (i = 0; i < n; i++)
		{
			chunk.forecast[i].point = point + i * steps;
			chunk.forecast[i].limited = NULL;
		}
		explain_forecast(explain, &chunk, n, k);
	}
	for (i = 0; i < n; i++)
	{
		chunk.forecast[i].point = chunk.point + i * steps;
		chunk.forecast[i].limited = limited + i * steps;
		if (chunk.forecast[i].data)
			forecast_limit(input->options, &chunk.forecast[i], steps, 0);
		explain_put_series(explain, &chunk, first + i, i, n);
	}
}

/* rnn_explain(model, panel, horizon, options) */
Datum
rnn_explain(PG_FUNCTION_ARGS)
{
	Explain		explain = {{0}};
	MemoryContext old;
	FrnnError	error = {FRNN_OK, -1, 0, 0};
	size_t		bytes;
	int			chunk_size;
	int64		s;

	rows_start(&explain.rows, fcinfo);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	explain.context = AllocSetContextCreate(CurrentMemoryContext, "rnn_explain", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(explain.context);
	explain.input = forecast_input_create(model_cache_get(PG_GETARG_DATUM(0)), forecast_input_has_panel(fcinfo, 1),
										  PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1),
										  PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3));
	explain.stamps.input = explain.input;
	explain.span = forecast_span_read(explain.input, !PG_ARGISNULL(2), PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2));
	/* as many together as rnn_forecast by default: other batches may round otherwise */
	chunk_size = forecast_span_series(&explain.span, 1);
	explain_list(&explain);
	explain_make_models(&explain);
	frnn_check(frnn_predict_size_few(&explain.input->model->core, explain.input->longest, explain.span.most, explain.input->series,
									 false, &bytes, &error), &error);
	frnn_check_growth(explain.context, bytes, "explaining");
	explain.block = frnn_allocate(bytes, "explaining");
	for (s = 0; s < explain.input->series; s += chunk_size)
	{
		MemoryContext chunk = AllocSetContextCreate(explain.context, "rnn_explain chunk", ALLOCSET_DEFAULT_SIZES);

		MemoryContextSwitchTo(chunk);
		explain_chunk(&explain, s, Min(chunk_size, explain.input->series - s));
		MemoryContextSwitchTo(explain.context);
		MemoryContextDelete(chunk);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(explain.context);
	return (Datum) 0;
}
