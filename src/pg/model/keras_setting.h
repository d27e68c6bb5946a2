/*
 * keras_setting.h
 *	  Settings of layers in Keras's model.to_json().
 */
#ifndef FRNN_PG_KERAS_SETTING_H
#define FRNN_PG_KERAS_SETTING_H

#include "pg/server/compat.h"
#include "utils/jsonb.h"
#include "core/network/network.h"

/* Sets *value to the member of an object; returns false if it has none of that name. */
extern bool keras_get(JsonbContainer *object, const char *key, JsonbValue *value);

/* Returns true for null and false: a setting of a newer Keras that is off has no effect. */
extern bool keras_is_off(const JsonbValue *value);

/*
 * Reads a key of a layer's config into the layer, whose kind is set.  A setting
 * without a counterpart is an error that names `where`, as is an unknown key
 * unless its value is off.  trained: the weights are given, so
 * that settings for their start and their training do not matter.
 */
extern void keras_read_key(FrnnLayer *layer, const char *key, const JsonbValue *value, const char *where, bool trained);

#endif
