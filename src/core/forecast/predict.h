/*
 * predict.h
 *	  Forecasts from a fitted state.
 */
#ifndef FRNN_PREDICT_H
#define FRNN_PREDICT_H

#include "core/forecast/forecaster.h"
#include "core/train/train.h"

/*
 * A series that is forecast row by row: its parameters, and in sequence mode
 * the networks' state, are carried along instead of being found from the rows
 * again.  The data then need hold the last frnn_stream_rows() rows only.
 */
typedef struct FrnnCarry
{
	double		number[FRNN_SERIES_NUMBERS];
	const double *profile;		/* (profile_rows) */
	double		lowest;			/* of all known values so far */
	double		highest;
	float	   *state;			/* (members, frnn_step_state) after the time steps before the origin; replaced by the
								 * state after the origin's */
	int64_t		steps;			/* time steps done; counted on */
	const uint8_t *filled;		/* (rows of the data) 1: the value is a substitute for one that is missing; NULL: none
								 * is */
} FrnnCarry;

/*
 * What a point forecast is made of, in the order in which it adds up.  With ready rows x, profiles S, the shares
 * M (ridge, network and autoregression, R of them the last), A (smoothed level), N (last value) and K (value a season ago) of the mixture, the
 * transformed forecast of a row is
 *
 *	M level + A smoothed + N last + K level	LEVEL; level: the window's before the origin
 *	(M + A) S_p(row) + K S_p(season ago)		SEASON + p: profile of period p
 *	K (x(season ago) - level)					SEASON_AGO
 *	M (1 - R) (1 - mix) ridge sigma + M R (autoregression - level - S)	RIDGE
 *	M (1 - R) mix network sigma					NETWORK
 *
 * Where a block starts from forecasts that were fed back, the parts of their level are of what it was made of.
 */
typedef enum FrnnPart
{
	FRNN_PART_LEVEL,
	FRNN_PART_SEASON,
	FRNN_PART_SEASON_AGO = FRNN_PART_SEASON + FRNN_MAX_PERIODS,
	FRNN_PART_RIDGE,
	FRNN_PART_NETWORK,
	FRNN_PARTS
} FrnnPart;

typedef struct FrnnStepParts
{
	double		part[FRNN_PARTS];	/* in units of the data: what each adds to those before it, through the inverse of
									 * the transform */
	double		total;			/* their sum: the forecast before it is limited */
	double		x[FRNN_PARTS];	/* of the row as it is fed back: transformed, without profiles */
} FrnnStepParts;

typedef struct FrnnForecast
{
	const FrnnSeriesData *data; /* history, and covariates as far as they are known */
	int64_t		index;			/* the series in the forecaster, or -1: not seen in training */
	bool		validation;		/* the rows were held back from a trial: its parameters count, however few its rows */
	int64_t		origins;
	const int64_t *origin;		/* (origins) ascending, each in 1..n: rows before it are known, it is the first step.
								 * Rows from it on are never looked at (covariates are). */
	const double *widening;		/* (origins) factors of the intervals by errors since the training (recent_error.h),
								 * or NULL */
	bool		reach;			/* intervals hold both levels after an outlier or a new level in the last rows before
								 * an origin; with one origin the status tells it */
	double	   *point;			/* (origins, steps) */
	double	   *error;			/* (origins, steps) standard error; may be NULL */
	double	   *lower;			/* (levels, origins, steps); may be NULL */
	double	   *upper;
	uint8_t    *limited;		/* (origins, steps) 1: the point forecast was limited; may be NULL */
	FrnnStepParts *parts;		/* (origins, steps) what the point forecast is made of; may be NULL */
	FrnnSeriesStatus status;	/* out */
	FrnnCarry  *carry;			/* NULL, or row by row: one origin, n, and no other forecast in the call */
	float	   *answer;			/* NULL, or with one origin: (frnn_answer_floats) what the networks say, kept ... */
	bool		answered;		/* ... if true, by a call with the same forecasts and steps: they are not asked again.
								 * Out: true */
} FrnnForecast;

/*
 * Returns whether a series of so many rows has its parameters from the training: not if it was too young for a window
 * then, and has more rows now.
 */
extern bool frnn_series_learned(const FrnnForecaster *forecaster, int64_t index, int64_t rows);

/* numbers that the networks give for one origin */
extern size_t frnn_answer_floats(const FrnnForecaster *forecaster, int steps);

/* can this forecaster go row by row?  Not with a network that reads backwards. */
extern bool frnn_stream_possible(const FrnnForecaster *forecaster);

/* rows that the data of a carried series must hold (or all, while there are fewer) */
extern int64_t frnn_stream_rows(const FrnnForecaster *forecaster);

/*
 * Begin to carry a series: its parameters (learned or from its rows), its last
 * frnn_stream_rows() rows (fewer if it has fewer) with gaps filled, and the state before the
 * step of origin n.  profile (profile_rows), state (members, frnn_step_state);
 * block: as for frnn_predict.
 */
extern FrnnSeriesStatus frnn_carry_begin(const FrnnForecaster *forecaster, const FrnnSeriesData *data, int64_t index,
										 FrnnCarry *carry, double *profile, float *state, double *last_rows,
										 void *block, const FrnnHooks *hooks);

/* bytes of the work block; rows: of the longest history; steps: forecast steps */
extern FrnnStatus frnn_predict_size(const FrnnForecaster *forecaster, int64_t rows, int steps,
									size_t *bytes, FrnnError *error);

/*
 * The same for calls with at most so many origins, all forecasts together.
 * known: all of them are answered, or carried in sequence mode, so that no
 * network has to run over a history.
 */
extern FrnnStatus frnn_predict_size_few(const FrnnForecaster *forecaster, int64_t rows, int steps, int64_t origins,
										bool known, size_t *bytes, FrnnError *error);

/*
 * Forecasts of many series and origins, `steps` steps each (any number: blocks
 * are rolled forward on their own forecasts), with `levels` confidence levels
 * in (0,1).  The parameters of a series not seen come from its rows before its
 * first origin.
 */
extern void frnn_predict(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
						 int steps, int levels, const double *confidence,
						 void *block, const FrnnHooks *hooks);

/*
 * Naive forecasts from rows before the origin: the last known value, or the
 * last season's (period m > 1) with the last known value where that is missing.
 */
extern void frnn_naive(const double *value, int64_t origin, int period, int steps, double *out);

/*
 * frnn_predict of ridge and network alone, with the network's share given.
 * point receives x (no profile, no inverse transform), nothing else is written.
 */
extern void frnn_predict_mixed(const FrnnForecaster *forecaster, FrnnForecast *forecast, int64_t forecasts,
							   int steps, double mix, void *block, const FrnnHooks *hooks);

#endif
