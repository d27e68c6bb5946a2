/*
 * network_keras.h
 *	  Networks in the form of Keras's model.to_json().
 */
#ifndef FRNN_PG_NETWORK_KERAS_H
#define FRNN_PG_NETWORK_KERAS_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/network/network.h"

/*
 * Appends the layers of {"class_name":"Sequential",...} to an empty network.
 * Settings without a counterpart are an error.  trained: the weights are given,
 * so that initializers and regularizers do not matter.
 */
extern void frnn_network_from_keras(JsonbContainer *object, bool trained, FrnnNetwork *network);

/* Returns the palloc'd name that Keras gives a layer: "lstm", "dense_1" for the second dense layer. */
extern char *frnn_keras_layer_name(const FrnnNetwork *network, int layer);

#endif
