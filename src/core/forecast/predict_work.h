/*
 * predict_work.h
 *	  Inside of frnn_predict: histories, and the batch of origins that ridge and
 *	  networks run on together.
 */
#ifndef FRNN_PREDICT_WORK_H
#define FRNN_PREDICT_WORK_H

#include "core/forecast/conformal.h"
#include "core/forecast/predict.h"
#include "core/forecast/window_source.h"
#include "core/network/network.h"

#define FRNN_WIDTHS_KEPT	64	/* half-widths computed once per call */

/* the parameters of the series at hand, learned in training or from its own rows before the first origin */
typedef struct FrnnHistory
{
	const FrnnSeriesData *data;
	bool		gaps;
	double		number[FRNN_SERIES_NUMBERS];
	const double *profile;
	const double *error_scale;	/* NULL: not learned */
	const float *ar_weight;		/* NULL: not learned */
	double		static_level;	/* see FrnnReady */
	double	   *own_profile;	/* (profile_rows) */
	double	   *x;				/* (rows) scratch */
	double	   *scratch;		/* (rows) */
} FrnnHistory;

extern void frnn_history_begin(const FrnnForecaster *forecaster, const FrnnForecast *forecast, FrnnHistory *history);

/* values of rows begin .. o - 1 with gaps filled from rows before o; false where there is nothing to fill them with */
extern bool frnn_history_filled(const FrnnForecaster *forecaster, FrnnHistory *history, int64_t begin, int64_t o,
								double *out);

/* x of rows begin .. o - 1 */
extern FrnnSeriesStatus frnn_history_rows(const FrnnForecaster *forecaster, FrnnHistory *history, int64_t begin,
										  int64_t o, double *x);

/* a stretch of one series that goes through the network together */
typedef struct FrnnSlot
{
	FrnnReady	ready;			/* rows before the last origin, then the forecasts fed back */
	double		unit;
	double		rows;			/* that the parameters of the series come from */
	double		spread;			/* standard deviation of their x */
	const double *error_scale;	/* NULL: not learned */
	const float *ar_weight;		/* NULL: not learned */
	int64_t		first;			/* sequence mode: origin of the first time step, in rows of ready */
	int64_t		last;			/* the last origin */
} FrnnSlot;

/* one origin to be forecast */
typedef struct FrnnItem
{
	FrnnForecast *forecast;
	int64_t		place;			/* index of the origin in the forecast */
	int			slot;
	int64_t		o;				/* in rows of the slot's ready */
	double		level;
	double		young;			/* usual change from row to row, in sigmas, if the window was never full in training
								 * and no residual is known; else 0 */
	double		recent;			/* factor of the intervals: recent volatility, errors since the training */
	double	   *spread;			/* (frnn_spread_phases) factors of the steps' intervals */
	double		smoothed;		/* level */
	bool		alone;			/* its autoregression forecasts */
	bool		shocked;		/* one of the last rows is an outlier or a new level: x before it, and of the last row */
	double		before;
	double		after;
	double		lowest;			/* values that may be expected: what is clipped to */
	double		highest;
} FrnnItem;

typedef struct FrnnPredictWork
{
	const FrnnForecaster *forecaster;
	const FrnnHooks *hooks;
	FrnnRun		run;
	FrnnPlan   *plan;
	int			steps;
	int			levels;
	const double *confidence;
	FrnnHalfWidths width[FRNN_WIDTHS_KEPT]; /* of the first levels */
	FrnnHalfWidths one_sigma;
	double		mix;
	bool		scaled;
	bool		known;			/* no network runs over a history: no plan */
	int64_t		origins;		/* of the whole call */

	int			max_slots;
	int			max_items;
	int64_t		max_rows;		/* of a slot's history */
	int64_t		max_points;		/* sequence mode: slots x time steps of one forward */
	int			slots;
	int			items;
	FrnnSlot   *slot;
	FrnnItem   *item;
	double	   *x;				/* (max_slots, max_rows + steps) */
	double	   *profile;		/* (max_slots, profile_rows) */
	float	   *row;			/* (max_items, inputs) what the ridge sees */
	double	   *row_double;		/* the same in double */
	double	   *linear;			/* (max_items, block) */
	double	   *alone;			/* (max_items, steps) z by the autoregressions */
	double	   *ar_scratch;
	float	   *raw;			/* (members, max_items, O) */
	float	   *network_x;
	float	   *extra;
	double	   *member;			/* (members) for medians */
	double	   *season;			/* (block) */
	double	   *spread;			/* (max_items, frnn_spread_phases) */
	uint8_t    *missing;		/* (frnn_spread_rows) which rows before an origin are filled in */
	FrnnHistory history;
	float	   *carried;		/* a state of one member, while forecasts are fed back */
	float	   *step_scratch;
	void	   *plan_block;
	size_t		plan_bytes;
} FrnnPredictWork;

/* how one step of an item is forecast */
typedef struct FrnnStepMade
{
	int			done;			/* steps before its block */
	int			step;
	double		sigma;			/* of the outputs: the scale of the series, 1 for counts, 0 for a constant */
	double		ridge;			/* shares of the scaled forecast of ridge and network */
	double		network;
	double		alone;			/* share of the autoregression in what ridge and network have together */
	double		autoregression; /* its part of the scaled forecast, from the level and the profile on */
	double		smoothed;		/* level */
	double		z;				/* forecast before the inverse of the transform */
} FrnnStepMade;

/* Writes the parts of a step whose point forecast is known to the item's forecast. */
extern void frnn_parts_put(const FrnnPredictWork *work, const FrnnItem *item, const FrnnStepMade *made);

/* half-widths of the call's levels */
extern void frnn_predict_widths(FrnnPredictWork *work);

/* everything in the batch: models, feeding back, output; the batch is empty afterwards */
extern void frnn_predict_flush(FrnnPredictWork *work);

#endif
