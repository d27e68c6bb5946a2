/*
 * forecaster.h
 *	  Models made by rnn_train: the core's fitted state, the time axis, the
 *	  series' names and their last rows.
 *
 * In the file, beside the network's weights (F32): metadata "axis", "recipe",
 * "forecaster", "choice", "base", "averaged" (of averages), "covariates", "columns", "calendar", "has_id", and tensors
 *
 *	ridge.weight (inputs, block) F64	ridge.bias (block) F64
 *	covariate.mean, covariate.sd (C) F64	step_scale (horizon) F64
 *	static.mean, static.sd (statics) F64	static.weight (statics + 1) F64
 *	static.level (S) F64				series.static (S, statics) F64
 *	conformal (2, levels) F64			and those of the series, see series_store.h
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

/* the rows that a model was trained on, all series together */
typedef struct ModelPanel
{
	int64		series;
	double		rows;
	double		known;			/* of them with a value */
	int64		shortest;		/* rows of a series */
	int64		longest;
	int			dated;			/* 1: first and last are set: some series has rows */
	int64		first;			/* timestamps on the axis */
	int64		last;
} ModelPanel;

typedef struct ForecastModel
{
	FrnnModel  *model;			/* the network part; what rnn_weights, rnn_history read */
	FrnnForecaster core;
	Axis		axis;
	const CovariatePlan *plan;	/* of named covariates, or NULL */
	int			own_covariates; /* columns of the panel's covariates; calendar features follow them */
	double	   *statics;		/* (S, statics) static covariates */
	bool		calendar;
	bool		has_id;			/* series have names */
	char	   *choice;			/* one line: what was chosen and why */
	int64		series;			/* S: those whose numbers are kept; 0 if the recipe is pooled */
	ModelPanel	panel;			/* of a model read with S = 0; else see forecast_model_panel */
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
 * Returns an upper bound of the model's bytes, before the fit.  Of core only recipe and network are used.  A model
 * that might be larger than a value of the server can be is an error.
 */
extern size_t forecast_model_size(const FrnnForecaster *core, const PanelData *panel, bool keep);

/* Returns what forecast_model_write allocates beside the model's bytes: names collected, and a column of numbers at a time. */
extern size_t forecast_model_work(const PanelData *panel);

/* Returns the rows that a model was trained on. */
extern ModelPanel forecast_model_panel(const ForecastModel *model);

/* Reads and validates a model; a plain network is an error. */
extern ForecastModel *forecast_model_read(bytea *bytes);

/* Raises an error if the rows of a panel have another step than those that the model was trained on. */
extern void forecast_model_check_step(const ForecastModel *model, const PanelView *panel, const FrnnOptions *options);

#endif
