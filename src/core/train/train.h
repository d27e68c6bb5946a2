/*
 * train.h
 *	  The training loop: mini-batches drawn from a source, loss, gradient,
 *	  clipping, optimizer, schedule, validation, early stopping that keeps the
 *	  best weights.
 */
#ifndef FRNN_TRAIN_H
#define FRNN_TRAIN_H

#include "core/train/source.h"
#include "core/train/training.h"

/* Measures the block of memory that frnn_train needs.  valid may be NULL. */
extern FrnnStatus frnn_train_size(const FrnnNetwork *network, const FrnnTraining *training,
								  const FrnnSource *train, const FrnnSource *valid,
								  size_t *bytes, FrnnError *error);

/*
 * Trains params in place, from fresh or trained weights.  history: training->epochs
 * entries, or NULL if the hook of each epoch is enough.
 *
 * On any status but FRNN_OK, and while it runs, params are as they were before
 * the call.  Without validation (no validation samples, or none of their
 * targets has weight) the best epoch is the one of the smallest training loss.
 * That loss is a mean over the epoch and so lags behind the weights at the
 * epoch's end, as in Keras.
 */
extern FrnnStatus frnn_train(const FrnnNetwork *network, const FrnnTraining *training,
							 const FrnnSource *train, const FrnnSource *valid,
							 float *params, void *block, const FrnnHooks *hooks,
							 FrnnEpoch *history, FrnnTrained *result, FrnnError *error);

/*
 * The same, from the place where an earlier call stopped.  state:
 * frnn_optimizer_state(&training->optimizer) arrays of the network's parameters;
 * overwritten, with *place, on FRNN_OK.  A place of 0 updates starts anew.  With
 * the same samples, several calls of training->stop_after epochs give the same
 * weights as one call.
 */
extern FrnnStatus frnn_train_resume(const FrnnNetwork *network, const FrnnTraining *training,
									const FrnnSource *train, const FrnnSource *valid,
									float *params, float *state, FrnnPlace *place, void *block, const FrnnHooks *hooks,
									FrnnEpoch *history, FrnnTrained *result, FrnnError *error);

#endif
