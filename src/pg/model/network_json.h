/*
 * network_json.h
 *	  Networks as jsonb.  Our form is an array of layers,
 *	    [{"layer":"lstm","units":64,"return_sequences":true},{"layer":"dense","units":14}]
 *	  with default values left out; Keras's {"class_name":"Sequential",...} is
 *	  read too (model.to_json() of Keras 2 and 3, of the layers we know).
 */
#ifndef FRNN_PG_NETWORK_JSON_H
#define FRNN_PG_NETWORK_JSON_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/network/network.h"

/* append a layer, or each layer of an array; where: how messages name them, NULL for their number */
extern void frnn_network_append(Jsonb *json, const char *where, FrnnNetwork *network);

/* whether an object in the network's place is no layer, and so means options */
extern bool frnn_network_is_options(Jsonb *json);

/* layers filled, sizes not: the caller sets input_size etc. and resolves */
extern void frnn_network_from_jsonb(Jsonb *json, FrnnNetwork *network);

/* the same for a network whose weights are given: initializers and regularizers in Keras's form do not matter */
extern void frnn_network_from_trained(Jsonb *json, FrnnNetwork *network);

/* canonical form of the layers (ours, defaults left out); palloc'd */
extern Jsonb *frnn_network_to_jsonb(const FrnnNetwork *network);
extern char *frnn_network_to_text(const FrnnNetwork *network);

#endif
