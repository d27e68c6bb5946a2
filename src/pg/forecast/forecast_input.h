/*
 * forecast_input.h
 *	  The series to forecast: the model's own history, or a fresh panel matched
 *	  to the series that the model was trained on.
 */
#ifndef FRNN_PG_FORECAST_INPUT_H
#define FRNN_PG_FORECAST_INPUT_H

#include "pg/server/compat.h"
#include "core/forecast/predict.h"
#include "pg/model/model_cache.h"

typedef struct ForecastInput
{
	ForecastModel *model;		/* the cache's, or a copy with another axis */
	FrnnOptions *options;		/* the model's, overridden by those of the call */
	int64		series;
	bool		has_id;
	char	  **id;				/* (series) */
	FrnnSeriesData *data;		/* (series) */
	int64	   *index;			/* (series) in the model, -1: not seen in training */
	int64	   *anchor;			/* (series) timestamp of row i: axis_stamp(axis, anchor, first + i) */
	int64	   *first;
	char	  **problem;		/* (series) why a series cannot be read, or NULL; the array may be NULL */
	AxisClocks	clocks;
	int64		longest;		/* rows of the longest history */
	int64	   *ahead;			/* (series) rows to forecast in the panel */
	int64		future;			/* their maximum */
} ForecastInput;

/*
 * Reads the panel, or the model's own history if has_panel is false.  input->model is the model, or a copy on the wall
 * clock if the rows follow it after a change and those of the training were before it.
 */
extern ForecastInput *forecast_input_create(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options);

/* The same, always on the model's own axis, which the rows to come use, too. */
extern ForecastInput *forecast_input_stream(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options);

/*
 * Returns true if the argument holds a panel.  A column or subquery that is null is told by a NOTICE, once per call in
 * a query: rnn_panel over no rows is null, and the forecast then starts after the model's own rows.
 */
extern bool forecast_input_has_panel(FunctionCallInfo fcinfo, int argument);

/* Takes all rows of a panel for a model that was trained on (a part of) it with those options. */
extern ForecastInput *forecast_input_trained(ForecastModel *model, const PanelData *panel, FrnnOptions *options);

/* Extends the covariates to `steps` rows after the history: the calendar's are computed, others are NaN if absent. */
extern void forecast_input_extend(ForecastInput *input, int64 series, int64 steps);

/* Returns the bytes that forecast_input_extend allocates. */
extern size_t forecast_input_extension(const ForecastInput *input, int64 series, int64 steps);

/* BigQuery's default */
#define DEFAULT_CONFIDENCE	0.95

/* Returns the confidence level; raises an error unless it is between 0 and 1. */
extern double check_confidence(double level);

/* Raises an error if the options of a call want what rnn_step and anomalies never do. */
extern void forecast_input_check_fixed(Jsonb *given);

/* Issues a NOTICE if a model of business days lists no holiday after the last known row of the series to forecast. */
extern void forecast_input_notice_holidays(const ForecastInput *input);

/* Returns the id of a series, NULL for a panel of one series without a name. */
extern const char *forecast_input_name(const ForecastInput *input, int64 series);

/* Raises an error unless rows have as many covariates as the model was trained with; subject: "the panel" or "the row". */
extern void check_covariate_count(const char *subject, int count, int expected);

/* Returns what is wrong with the rows of a series, or NULL. */
extern const char *forecast_status_text(FrnnSeriesStatus status);

/* Returns the forecast_status of a series: NULL if it was forecast without remark. */
extern const char *forecast_input_status(const ForecastInput *input, int64 series, FrnnSeriesStatus status);

#endif
