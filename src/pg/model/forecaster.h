/*
 * forecaster.h
 *	  Models made by rnn_train: the core's fitted state, the time axis, the
 *	  series' names and their last rows.
 *
 * In the file, beside the network's weights (F32): metadata "axis", "recipe",
 * "forecaster", "choice", "base", "averaged" (of averages), "covariates", "calendar", "has_id", and tensors
 *
 *	ridge.weight (inputs, block) F64	ridge.bias (block) F64
 *	series.number (S, N) F64			series.profile (S, rows) F64
 *	series.id U8						series.id_bytes (S) I64
 *	series.anchor (S) I64				covariate.mean, covariate.sd (C) F64
 *	conformal (horizon, levels) F64
 *	history.rows (S) I64				history.future (S) I64
 *	history.value F64					history.covariate F64
 *	optimizer.place (K, 10) F64			optimizer.state (K, arrays, P) F32: with the option keep_optimizer
 *	outer.velocity (K, P) F32: after rnn_outer
 *
 * A tensor without elements is left out.
 */
#ifndef FRNN_PG_FORECASTER_H
#define FRNN_PG_FORECASTER_H

#include "pg/server/compat.h"
#include "core/forecast/forecaster.h"
#include "pg/axis/axis.h"
#include "pg/model/model.h"
#include "pg/axis/panel_data.h"

typedef struct ForecastModel
{
	FrnnModel  *model;			/* the network part; what rnn_weights, rnn_history read */
	FrnnForecaster core;
	Axis		axis;
	int			own_covariates; /* of the panel; calendar features follow them */
	bool		calendar;
	bool		has_id;			/* series have names */
	char	   *choice;			/* one line: what was chosen and why */
	int64		series;
	char	  **id;				/* (S) */
	int64	   *anchor;			/* (S) stamp of grid row 0 */
	bool		history;		/* last rows are kept */
	FrnnSeriesData *data;		/* (S) the rows kept; NULL without */
	int			averaged;		/* models that this one is the average of; 0: it was trained */
	float	   *velocity;		/* (K, parameters) of the outer step; NULL: none */
} ForecastModel;

/* Returns the bytes, in that context, of a model just fitted on that panel; keep: with its last rows. */
extern bytea *forecast_model_write(const ForecastModel *model, const PanelData *panel, bool keep, MemoryContext context);

/*
 * Returns an upper bound of the bytes that forecast_model_write takes, before the fit.  Of core only recipe and
 * network are used; state: bytes of its block.
 */
extern size_t forecast_model_size(const FrnnForecaster *core, size_t state, const PanelData *panel, bool keep);

/* Reads and validates a model; a plain network is an error. */
extern ForecastModel *forecast_model_read(bytea *bytes);

/* Raises an error if the rows of a panel have another step than those that the model was trained on. */
extern void forecast_model_check_step(const ForecastModel *model, const PanelView *panel, const FrnnOptions *options);

/* index of a series by name, -1 if it was not in training */
typedef struct SeriesIndex SeriesIndex;
extern SeriesIndex *series_index_create(const ForecastModel *model);
extern int64 series_index_find(SeriesIndex *index, const char *id);

#endif
