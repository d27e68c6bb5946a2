/*
 * model.h
 *	  Models as bytea.  A model is a network with its weights (one set, or K of
 *	  an ensemble), the options it was made with, its training history and, for
 *	  a forecaster, time axis, pipeline and series histories.
 */
#ifndef FRNN_PG_MODEL_H
#define FRNN_PG_MODEL_H

#include "pg/server/compat.h"
#include "core/train/loss.h"
#include "core/network/network.h"
#include "core/train/train.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "pg/bytes/safetensors.h"

#define FRNN_FORMAT_VERSION 1

#define HISTORY_COLUMNS 5		/* of tensor "history": epoch, loss, val_loss, learning_rate, is_best */

typedef struct FrnnModel
{
	FrnnNetwork network;		/* resolved */
	int			members;		/* K sets of weights; 1 for a plain network; 0 for a linear forecaster, which has no
								 * network (layers 0) */
	float	   *params;			/* (K, network.parameters), aligned */
	FrnnLoss	loss;			/* meaning of the outputs */
	int			targets;		/* 0: not trained yet */
	char	   *options;		/* canonical jsonb text of the options given */
	int			n_history;
	FrnnEpoch  *history;
	int			best_epoch;
	bool		forecaster;		/* made by rnn_train */
	const char *kind;			/* "network" or "forecaster" */
	StFile	   *file;			/* when read: the container, for a forecaster's tensors */
} FrnnModel;

/*
 * Adds metadata and tensors of the network part to a file; a forecaster adds
 * its own after them.  Weights have the names of frnn_network_tensors, with
 * "member<k>." before them for member k > 0 of an ensemble.
 */
extern void frnn_model_add(StFile *file, const FrnnModel *model);

/* Returns the bytes of a plain network, in that context. */
extern bytea *frnn_model_write(const FrnnModel *model, MemoryContext context);

/* Completes a model whose network and weights came from elsewhere: targets by its loss, and the options for training it on. */
extern void frnn_model_imported(FrnnModel *model, Jsonb *options);

/* Reads and validates the network part of any model, in the current context; bytes that are no model are an error. */
extern FrnnModel *frnn_model_read(bytea *bytes);

/* Raises an error for a forecaster where arrays are given; instead: the function to use. */
extern void frnn_model_need_network(const FrnnModel *model, const char *instead);

/* Returns the options that a model was made with, overridden by those given; either may be NULL. */
extern Jsonb *model_options(const FrnnModel *model, Jsonb *given);

/* Raises an error for a linear forecaster, which has no network to export. */
extern void frnn_model_need_layers(const FrnnModel *model);

/*
 * In a PG_CATCH: raises the error of a check of the model's content as one about
 * its bytes.  Errors that are not about data (a cancel, lack of memory) pass
 * unchanged.  context: the one before the PG_TRY.
 */
extern void frnn_model_raise(MemoryContext context, const char *what) pg_attribute_noreturn();

/* Returns true for the metadata keys that frnn_model_add writes; all others are a forecaster's. */
extern bool frnn_model_own_key(const char *key);

/* Writes the name that a tensor of member k of an ensemble has in the file; name: ST_MAX_NAME bytes. */
extern void frnn_member_name(const FrnnTensor *tensor, int k, char *name);

/* Reads an input_shape '{30,1}' or '{NULL,1}' into the network's time_steps and input_size. */
extern void frnn_input_shape(ArrayType *shape, FrnnNetwork *network);

#endif
