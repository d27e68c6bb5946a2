/*
 * protobuf.h
 *	  Writer of protocol buffers: fields appended to a message, messages nested
 *	  by value.
 */
#ifndef FRNN_PG_PROTOBUF_H
#define FRNN_PG_PROTOBUF_H

#include "pg/server/compat.h"
#include "lib/stringinfo.h"

/* Appends a field with a whole number; a negative one as its two's complement. */
extern void protobuf_number(StringInfo message, int field, uint64 value);

/* Appends a field with a float. */
extern void protobuf_float(StringInfo message, int field, float value);

/* Appends a field with a text of the server's encoding, as UTF-8. */
extern void protobuf_text(StringInfo message, int field, const char *text);

/* Appends a field with bytes, and one with another message. */
extern void protobuf_bytes(StringInfo message, int field, const char *bytes, size_t size);
extern void protobuf_message(StringInfo message, int field, const StringInfoData *inner);

/* Appends a field of floats, little-endian, as one run of bytes. */
extern void protobuf_floats(StringInfo message, int field, const float *value, size_t count);

#endif
