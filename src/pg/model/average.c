/*
 * average.c
 *	  rnn_average: the mean of models that were trained apart from one start, with
 *	  the series of all.
 *
 * The state of the aggregate is the list of models as they came (byte_list.h), so
 * that the result does not depend on the order in which they were combined.
 */
#include "pg/model/average.h"

#include <math.h>

#include "core/forecast/average.h"
#include "core/forecast/error_scale.h"
#include "miscadmin.h"
#include "pg/bytes/byte_list.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_average_add);
PG_FUNCTION_INFO_V1(rnn_average_combine);
PG_FUNCTION_INFO_V1(rnn_average_final);

/* ---- writing a model without its panel ---- */

bytea	   *
forecast_model_rewrite(const ForecastModel *model, MemoryContext context)
{
	PanelData	panel = {0};
	PanelView	view = {0};
	int64		s;

	view.time = model->axis.time;
	view.n_series = model->series;
	view.series = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(PanelSeries) * model->series,
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (s = 0; s < model->series; s++)
	{
		view.series[s].id = model->id[s];
		view.series[s].has_id = model->has_id;
	}
	panel.view = &view;
	panel.axis = model->axis;
	panel.data = model->data;
	panel.panel.series = model->series;
	panel.panel.data = model->data;
	return forecast_model_write(model, &panel, model->history, context);
}

/* ---- the series of all models ---- */

/* one series of one model */
typedef struct SeriesPlace
{
	const char *id;
	double		rows;			/* it was trained on */
	int			model;
	int64		series;
} SeriesPlace;

/* by name; of one name the series with most rows first, then the first model's */
static int
place_compare(const void *left, const void *right)
{
	const SeriesPlace *a = left;
	const SeriesPlace *b = right;
	int			order = strcmp(a->id, b->id);

	if (order != 0)
		return order;
	if (a->rows != b->rows)
		return a->rows > b->rows ? -1 : 1;
	return a->model - b->model;
}

/* Returns one place per name, sorted by name. */
static SeriesPlace *
series_places(ForecastModel *const *model, int n, int64 *count)
{
	int64		total = 0;
	int64		kept = 0;
	SeriesPlace *place;
	int64		s;
	int			i;

	for (i = 0; i < n; i++)
		total += model[i]->series;
	place = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(SeriesPlace) * total);
	total = 0;
	for (i = 0; i < n; i++)
		for (s = 0; s < model[i]->series; s++)
			place[total++] = (SeriesPlace)
		{
			model[i]->id[s], model[i]->core.series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_ROWS], i, s
		};
	qsort(place, total, sizeof(SeriesPlace), place_compare);
	for (s = 0; s < total; s++)
		if (kept == 0 || strcmp(place[kept - 1].id, place[s].id) != 0)
			place[kept++] = place[s];
	*count = kept;
	return place;
}

/* Copies all that a model has for its series. */
static void
series_join(ForecastModel *out, ForecastModel *const *model, const SeriesPlace *place)
{
	int			columns = frnn_error_scale_columns(&out->core.recipe);
	int			lags = frnn_ar_columns(&out->core.recipe);
	int			profile = out->core.profile_rows;
	int			statics = out->core.recipe.statics;
	int64		s;

	out->statics = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(out->series, sizeof(double)), Max(statics, 1)));
	out->id = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * out->series);
	out->anchor = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * out->series);
	if (out->history)
		out->data = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(FrnnSeriesData) * out->series);
	for (s = 0; s < out->series; s++)
	{
		const ForecastModel *from = model[place[s].model];
		int64		at = place[s].series;

		if (s % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		out->id[s] = from->id[at];
		out->anchor[s] = from->anchor[at];
		memcpy(out->core.series_number + s * FRNN_SERIES_NUMBERS, from->core.series_number + at * FRNN_SERIES_NUMBERS,
			   sizeof(double) * FRNN_SERIES_NUMBERS);
		memcpy(out->core.profile + s * profile, from->core.profile + at * profile, sizeof(double) * profile);
		memcpy(out->core.ar_weight + s * lags, from->core.ar_weight + at * lags, sizeof(float) * lags);
		memcpy(out->core.error_scale + s * columns, from->core.error_scale + at * columns, sizeof(double) * columns);
		if (out->history)
			out->data[s] = from->data[at];
		if (statics > 0)
		{
			out->core.static_level[s] = from->core.static_level[at];
			memcpy(out->statics + s * statics, from->statics + at * statics, sizeof(double) * statics);
		}
	}
}

/* ---- the average ---- */

/* Raises an error unless two models can be averaged. */
static void
models_check(const ForecastModel *a, const ForecastModel *b)
{
	const char *wrong = NULL;

	if (strcmp(axis_to_text(&a->axis), axis_to_text(&b->axis)) != 0)
		wrong = "they have different time axes";
	else if (a->own_covariates != b->own_covariates || a->calendar != b->calendar || (a->plan == NULL) != (b->plan == NULL) ||
			 (a->plan && strcmp(covariate_plan_to_text(a->plan), covariate_plan_to_text(b->plan)) != 0))
		wrong = "they have different covariates";
	else if (a->has_id != b->has_id)
		wrong = "some name their series and some do not";
	else
		wrong = frnn_average_check(&a->core, &b->core);
	if (wrong)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("models cannot be averaged: %s", wrong),
				 errhint("Train each from the same model with the same options: rnn_train(panel, start, options).")));
}

/* Means of the losses of the epochs, if all models have the same epochs; else those of the first. */
static void
history_average(FrnnModel *out, ForecastModel *const *model, const double *weight, int n)
{
	double		total = 0;
	int			i,
				e;

	for (i = 0; i < n; i++)
	{
		if (model[i]->model->n_history != out->n_history)
			return;
		total += weight[i];
	}
	if (out->n_history == 0)
		return;
	out->history = memcpy(MemoryContextAllocHuge(CurrentMemoryContext, sizeof(FrnnEpoch) * out->n_history), out->history,
						  sizeof(FrnnEpoch) * out->n_history);
	for (e = 0; e < out->n_history; e++)
	{
		FrnnEpoch  *epoch = &out->history[e];
		double		loss = 0,
					val_loss = 0;

		for (i = 0; i < n; i++)
		{
			loss += weight[i] * (model[i]->model->history[e].loss - epoch->loss);
			val_loss += weight[i] * (model[i]->model->history[e].val_loss - epoch->val_loss);
		}
		epoch->loss += loss / total;
		epoch->val_loss += val_loss / total;
	}
}

/* Adds the rows of a model that keeps no series; those of other models are counted from their series. */
static void
panel_join(ModelPanel *sum, const ModelPanel *panel)
{
	sum->series += panel->series;
	sum->rows += panel->rows;
	sum->known += panel->known;
	sum->shortest = Min(sum->shortest, panel->shortest);
	sum->longest = Max(sum->longest, panel->longest);
	if (!panel->dated)
		return;
	sum->first = sum->dated ? Min(sum->first, panel->first) : panel->first;
	sum->last = sum->dated ? Max(sum->last, panel->last) : panel->last;
	sum->dated = 1;
}

/* Returns the average of models that have been checked, in their order. */
static ForecastModel *
models_average(ForecastModel *const *model, const double *weight, int n)
{
	ForecastModel *out = palloc0(sizeof(ForecastModel));
	const FrnnForecaster **core = palloc(sizeof(FrnnForecaster *) * n);
	const FrnnForecaster *first = &model[0]->core;
	FrnnRun		run = {frnn_pg_tick, NULL, false, 0, 0};
	FrnnError	error;
	SeriesPlace *place;
	size_t		bytes;
	int			i;

	*out = *model[0];
	out->velocity = NULL;
	out->averaged = n;
	for (i = 0; i < n; i++)
	{
		core[i] = &model[i]->core;
		out->history = out->history && model[i]->history;
		if (i > 0)
			panel_join(&out->panel, &model[i]->panel);
	}
	place = series_places(model, n, &out->series);
	frnn_check(frnn_forecaster_size(&first->recipe, &first->network, out->series, first->members, &bytes, &error), &error);
	frnn_forecaster_layout(&out->core, &first->recipe, &first->network, out->series, first->members,
						   frnn_allocate(bytes, "the average"));
	frnn_average(&out->core, core, weight, n, &run);
	series_join(out, model, place);
	out->model = memcpy(palloc(sizeof(FrnnModel)), model[0]->model, sizeof(FrnnModel));
	out->model->params = out->core.params;
	history_average(out->model, model, weight, n);
	return out;
}

Datum
rnn_average_add(PG_FUNCTION_ARGS)
{
	return byte_list_transition(fcinfo, "a model");
}

Datum
rnn_average_combine(PG_FUNCTION_ARGS)
{
	return byte_list_combine(fcinfo);
}

Datum
rnn_average_final(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	ByteEntry  *entry;
	ForecastModel **model;
	double	   *weight;
	bytea	   *result;
	int			n,
				i;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	context = AllocSetContextCreate(caller, "rnn_average", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	entry = byte_list_read(PG_GETARG_DATUM(0), &n);
	model = palloc(sizeof(ForecastModel *) * n);
	weight = palloc(sizeof(double) * n);
	for (i = 0; i < n; i++)
	{
		model[i] = forecast_model_read(entry[i].bytes);
		weight[i] = entry[i].weight;
		if (i > 0)
			models_check(model[0], model[i]);
	}
	result = forecast_model_rewrite(models_average(model, weight, n), caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}
