/*
 * stream_state.h
 *	  The state of a series between two calls of rnn_step: its parameters, its
 *	  last rows and, in sequence mode, the networks' state.
 */
#ifndef FRNN_PG_STREAM_STATE_H
#define FRNN_PG_STREAM_STATE_H

#include "pg/server/compat.h"
#include "core/forecast/predict.h"
#include "pg/model/model_cache.h"

#define STREAM_GAP		10000	/* most rows that may be missing between two */

#define STREAM_LEVELS	6		/* confidence levels for the anomaly probability */

extern const double stream_level[STREAM_LEVELS];

typedef struct Stream
{
	const CachedModel *cached;
	FrnnCarry	carry;
	char	   *series;			/* name; NULL without */
	int64		index;			/* in the model, -1: not trained on */
	int64		anchor;			/* timestamp of row 0 */
	int64		rows;			/* of the series so far; row `rows` is the next one */
	int64		first;			/* row of value[0] */
	int64		kept;			/* rows in value */
	double	   *value;
	uint8	   *filled;			/* (kept) 1: the value is a substitute for a missing one */
	double	   *covariate;		/* (kept, covariates) or NULL */
	double	   *statics;		/* static covariates, or NULL */
	double	   *profile;
	float	   *state;
	/* the forecast of the next row, for the comparison with it */
	double		expected;
	double		lower;
	double		upper;
	double		confidence;
	double		level_lower[STREAM_LEVELS]; /* bounds of the next row at the levels of stream_level */
	double		level_upper[STREAM_LEVELS];
} Stream;

static inline const FrnnForecaster *
stream_core(const Stream *stream)
{
	return &stream->cached->model->core;
}

/* Returns the floats of one member's network state; 0 in window mode. */
extern size_t stream_network_floats(const FrnnForecaster *core);

/* Writes a state in the current memory context. */
extern bytea *stream_write(const Stream *stream);

/* Reads and checks a state of that model; the arrays have room for the rows of a gap and of the horizon. */
extern Stream *stream_read(bytea *bytes, Datum model);

#endif
