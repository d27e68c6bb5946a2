/*
 * network_keras.h
 *	  Networks in the form of Keras's model.to_json().
 */
#ifndef FRNN_PG_NETWORK_KERAS_H
#define FRNN_PG_NETWORK_KERAS_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/network/network.h"

/* append the layers of {"class_name":"Sequential",...} to an empty network; what our layers cannot honour is an error */
extern void frnn_network_from_keras(JsonbContainer *object, FrnnNetwork *network);

#endif
