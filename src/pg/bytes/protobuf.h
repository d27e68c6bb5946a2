/*
 * protobuf.h
 *	  Writer of protocol buffers: fields appended to a message, messages nested
 *	  by value.
 */
#ifndef FRNN_PG_PROTOBUF_H
#define FRNN_PG_PROTOBUF_H

#include "pg/server/compat.h"
#include "lib/stringinfo.h"

/* a field with a whole number, which must not be negative */
extern void protobuf_number(StringInfo message, int field, uint64 value);

/* a field with a float */
extern void protobuf_float(StringInfo message, int field, float value);

/* a field with a text, in UTF-8 */
extern void protobuf_text(StringInfo message, int field, const char *text);

/* a field with bytes or another message */
extern void protobuf_bytes(StringInfo message, int field, const char *bytes, size_t size);
extern void protobuf_message(StringInfo message, int field, const StringInfoData *inner);

/* a field of floats, little-endian, without tag and length of each */
extern void protobuf_floats(StringInfo message, int field, const float *value, size_t count);

#endif
