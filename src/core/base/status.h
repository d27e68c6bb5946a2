/*
 * status.h
 *	  What a core function can answer.  The core never prints and never raises:
 *	  it returns a status, and fills an FrnnError where a figure helps the
 *	  reader.  src/pg/bridge.c alone turns them into server errors.
 */
#ifndef FRNN_STATUS_H
#define FRNN_STATUS_H

typedef enum FrnnStatus
{
	FRNN_OK = 0,
	FRNN_NO_LAYERS,				/* a network without layers */
	FRNN_TOO_MANY_LAYERS,		/* value: layers, limit: FRNN_MAX_LAYERS */
	FRNN_BAD_UNITS,				/* layer, value, limit: FRNN_MAX_UNITS */
	FRNN_BAD_RATE,				/* layer, value: a dropout rate outside [0,1) */
	FRNN_BAD_EPSILON,			/* layer, value */
	FRNN_BAD_DILATION,			/* layer, value */
	FRNN_BAD_ACTIVATION,		/* layer: activation this layer does not offer */
	FRNN_BAD_BIDIRECTIONAL,		/* layer: bidirectional on a layer without time */
	FRNN_VECTOR_TO_RECURRENT,	/* layer: recurrent layer after the time axis ended */
	FRNN_BAD_INPUT_SIZE,		/* value: features, limit */
	FRNN_BAD_TIME_STEPS,		/* value: time steps, limit */
	FRNN_OPEN_HIGHWAY,			/* a highway needs a fixed number of time steps */
	FRNN_EXTRA_WITHOUT_DENSE,	/* extras need a dense layer at the end */
	FRNN_HIGHWAY_ON_SEQUENCE,	/* layer: a highway joins vectors only, the last layer returns sequences */
	FRNN_BAD_BATCH,				/* value: batch, limit */
	FRNN_TOO_LARGE,				/* value: bytes wanted, limit: bytes allowed */
	FRNN_BAD_LOSS_WIDTH,		/* value: outputs, limit: outputs a target */
	FRNN_DIVERGED,				/* value: epoch (1-based) in which the loss left the finite numbers */
	FRNN_NO_SAMPLES,			/* nothing to train on */
	FRNN_TOO_SHORT,				/* value: rows there, limit: rows needed */
	FRNN_BAD_EPOCHS,			/* value: epochs, fewer than one */
	FRNN_BAD_HORIZON,			/* value: steps ahead, limit */
	FRNN_LOG_OF_NEGATIVE,		/* value: the lowest value */
	FRNN_NOT_COUNTS,			/* value: the lowest value; a count likelihood with negative or transformed values */
	FRNN_BAD_PERIOD,			/* value: a period out of range or order, limit: the longest */
	FRNN_NO_SEQUENCES,			/* sequence mode with a network that gives no forecast at each time step */
	FRNN_NSTATUS
} FrnnStatus;

typedef struct FrnnError
{
	FrnnStatus	status;
	int			layer;			/* 0-based layer at fault, -1 when none */
	double		value;
	double		limit;
} FrnnError;

/* Fill *error (may be NULL) and return its status. */
static inline FrnnStatus
frnn_fail(FrnnError *error, FrnnStatus status, int layer, double value, double limit)
{
	if (error)
	{
		error->status = status;
		error->layer = layer;
		error->value = value;
		error->limit = limit;
	}
	return status;
}

#endif
