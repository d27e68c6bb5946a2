/*
 * layer_json.h
 *	  One layer as a jsonb object, {"layer":"lstm","units":64}, with default
 *	  values left out.  Used by the builders, and by the readers of networks in
 *	  our form and in Keras's.
 */
#ifndef FRNN_PG_LAYER_JSON_H
#define FRNN_PG_LAYER_JSON_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/network/network.h"

/* sets of layer kinds, for tables of keys */
#define LAYER_BIT(kind)		(1 << (kind))
#define LAYERS_RECURRENT	(LAYER_BIT(FRNN_SIMPLE) | LAYER_BIT(FRNN_LSTM) | LAYER_BIT(FRNN_GRU))

/* Returns Keras's class name of a layer: "LSTM", "Dense", "Bidirectional" ... */
extern const char *frnn_layer_name(const FrnnLayer *layer);

/* Returns the word of a kind: "lstm". */
extern const char *frnn_layer_word(FrnnLayerKind kind);

/* Sets one key; where, for messages: 'layer 2 (lstm)'. */
extern void frnn_layer_set(FrnnLayer *layer, const char *key, const JsonbValue *value, const char *where);

/* Reads a layer from its object; where: "layer 2". */
extern FrnnLayer frnn_layer_from_json(JsonbContainer *object, const char *where);

/* Raises an error for a layer that lacks what its kind needs. */
extern void frnn_layer_check(const FrnnLayer *layer, const char *where);

/* Pushes the layer as an object (WJB_BEGIN_OBJECT .. WJB_END_OBJECT); returns what the last push returned. */
extern JsonbValue *frnn_layer_push(JsonbParseState **state, const FrnnLayer *layer);

/* Raises an error unless a network may have that number of layers. */
extern void frnn_layer_count(uint32 count);

#endif
