/*
 * status.h
 *	  The status that core functions return.
 *
 * The core never prints and never raises an error.  It returns a status and
 * fills an FrnnError with the layer and the numbers that a message needs.
 * src/pg/server/bridge.c alone turns them into server errors.
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
	FRNN_BAD_ACTIVATION,		/* layer: an activation that this kind of layer does not offer */
	FRNN_BAD_BIDIRECTIONAL,		/* layer: bidirectional on a layer without time */
	FRNN_VECTOR_TO_RECURRENT,	/* layer: recurrent layer after the time axis ended */
	FRNN_BAD_INPUT_SIZE,		/* value: features, limit */
	FRNN_BAD_TIME_STEPS,		/* value: time steps, limit */
	FRNN_OPEN_HIGHWAY,			/* a highway needs a fixed number of time steps */
	FRNN_EXTRA_WITHOUT_DENSE,	/* extras without a dense layer at the end */
	FRNN_HIGHWAY_ON_SEQUENCE,	/* layer: a highway whose network returns sequences */
	FRNN_BAD_BATCH,				/* value: batch, limit */
	FRNN_TOO_LARGE,				/* value: bytes needed, limit: bytes allowed */
	FRNN_BAD_LOSS_WIDTH,		/* value: outputs, limit: outputs per target */
	FRNN_DIVERGED,				/* value: first epoch (from 1) whose loss is not finite */
	FRNN_NO_SAMPLES,			/* nothing to train on */
	FRNN_TOO_SHORT,				/* value: rows present, limit: rows needed */
	FRNN_BAD_EPOCHS,			/* value: epochs, fewer than one */
	FRNN_BAD_HORIZON,			/* value: steps ahead, limit */
	FRNN_LOG_OF_NEGATIVE,		/* value: the lowest value */
	FRNN_NOT_COUNTS,			/* value: the lowest value, which is negative or transformed */
	FRNN_BAD_PERIOD,			/* value: a period out of range or order, limit: the longest */
	FRNN_NO_SEQUENCES,			/* sequence mode with a network that has no output at each time step */
	FRNN_NSTATUS
} FrnnStatus;

typedef struct FrnnError
{
	FrnnStatus	status;
	int			layer;			/* layer at fault, from 0; -1: none */
	double		value;
	double		limit;
} FrnnError;

/* Fills *error (may be NULL) and returns its status. */
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
