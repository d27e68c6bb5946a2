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

/* layers filled, sizes not: the caller sets input_size etc. and resolves */
extern void frnn_network_from_jsonb(Jsonb *json, FrnnNetwork *network);

/* canonical form of the layers (ours, defaults left out); palloc'd */
extern Jsonb *frnn_network_to_jsonb(const FrnnNetwork *network);
extern char *frnn_network_to_text(const FrnnNetwork *network);

/* "LSTM", "Dense", "Bidirectional" ...: Keras's class name of a layer */
extern const char *frnn_layer_name(const FrnnLayer *layer);

/* ---- one layer: used by the builders and by the reader of Keras's form ---- */

/* our word for a kind: "lstm"; and the kind of a word, which must be known */
extern const char *frnn_layer_word(FrnnLayerKind kind);
extern FrnnLayerKind frnn_layer_kind(const char *word, const char *where);

/* set one key; where: 'layer 2 (lstm)' */
extern void frnn_layer_set(FrnnLayer *layer, const char *key, const JsonbValue *value, const char *where);

/* a layer of our form; where: "layer 2" */
extern FrnnLayer frnn_layer_from_json(JsonbContainer *object, const char *where);

/* raise an error for a layer that lacks what its kind needs */
extern void frnn_layer_check(const FrnnLayer *layer, const char *where);

/* push the layer as an object (WJB_BEGIN_OBJECT .. WJB_END_OBJECT); returns what the last push returned */
extern JsonbValue *frnn_layer_push(JsonbParseState **state, const FrnnLayer *layer);

/* raise an error unless a network may have so many layers */
extern void frnn_layer_count(uint32 count);

/* network_keras.c */
extern void frnn_network_from_keras(JsonbContainer *object, FrnnNetwork *network);

#endif
