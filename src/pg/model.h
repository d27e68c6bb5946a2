/*
 * model.h
 *	  Models: what a bytea means.  A model is a network with its weights
 *	  (one set, or K of an ensemble), the options it was made with, its
 *	  training history and, for a forecaster, time axis, pipeline and series
 *	  histories.
 */
#ifndef FRNN_PG_MODEL_H
#define FRNN_PG_MODEL_H

#include "compat.h"
#include "core/loss.h"
#include "core/network.h"
#include "core/train.h"
#include "pg/safetensors.h"

#define FRNN_FORMAT_VERSION 1

typedef struct FrnnModel
{
	FrnnNetwork network;		/* resolved */
	int			members;		/* K sets of weights; 1 for a plain network */
	float	   *params;			/* (K, network.parameters), aligned */
	FrnnLoss	loss;			/* meaning of the outputs */
	int			targets;		/* 0: not trained yet */
	char	   *options;		/* canonical jsonb text of the options given */
	int			n_history;
	FrnnEpoch  *history;
	int			best_epoch;
	bool		forecaster;		/* made by rnn_train: has the row level's parts */
	const char *kind;			/* "network" or "forecaster" */
	StFile	   *file;			/* when read: the container, for the row level's tensors */
} FrnnModel;

/*
 * Metadata and tensors of the network part, added to a file under way: the
 * row level adds its own after.  Weights are named as frnn_network_tensors
 * says; member k > 0 of an ensemble has "member<k>." before.
 */
extern void frnn_model_add(StFile *file, const FrnnModel *model);

/* write a plain model */
extern bytea *frnn_model_write(const FrnnModel *model);

/* read and validate the network part of any model */
extern FrnnModel *frnn_model_read(bytea *bytes);

#endif
