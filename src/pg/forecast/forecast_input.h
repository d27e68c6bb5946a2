/*
 * forecast_input.h
 *	  The series a model is asked about: its own history, or a fresh panel
 *	  matched to the series it was trained on.
 */
#ifndef FRNN_PG_FORECAST_INPUT_H
#define FRNN_PG_FORECAST_INPUT_H

#include "pg/server/compat.h"
#include "pg/model/model_cache.h"

typedef struct ForecastInput
{
	ForecastModel *model;
	FrnnOptions *options;		/* the model's, overridden by those given */
	int64		series;
	bool		has_id;
	char	  **id;				/* (series) */
	FrnnSeriesData *data;		/* (series) */
	int64	   *index;			/* (series) in the model, -1: not seen in training */
	int64	   *anchor;			/* (series) stamp of row i: axis_stamp(axis, anchor, first + i) */
	int64	   *first;
	char	  **problem;		/* (series) why a series cannot be read, or NULL; the array may be NULL */
	int64		longest;		/* rows of the longest history */
	int64	   *ahead;			/* (series) rows to forecast that the panel holds */
	int64		future;			/* the most of them */
} ForecastInput;

/* panel: NULL Datum with has_panel false asks the model's own history */
extern ForecastInput *forecast_input_create(const CachedModel *cached, bool has_panel, Datum panel, Jsonb *options);

/* a model just trained on (a part of) that panel: the panel's whole series */
extern ForecastInput *forecast_input_trained(ForecastModel *model, const PanelData *panel);

/* covariates of `steps` rows after the history: calendar filled in, others missing where the panel has none */
extern void forecast_input_extend(ForecastInput *input, int64 series, int64 steps);

/* bytes that this takes */
extern size_t forecast_input_extension(const ForecastInput *input, int64 series, int64 steps);

/* BigQuery's default */
#define DEFAULT_CONFIDENCE	0.95

/* a confidence level between 0 and 1, returned; all else is an error */
extern double check_confidence(double level);

/* a number, or NULL where it is not finite */
extern void put_number(Datum *value, bool *null, int column, double number);

/* NULL: fine; else what to say of a series after the core's verdict */
extern const char *forecast_input_status(const ForecastInput *input, int64 series, FrnnSeriesStatus status);

#endif
