/*
 * protobuf.c
 *	  Writer of protocol buffers.
 */
#include "pg/bytes/protobuf.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#define WIRE_NUMBER 0
#define WIRE_BYTES	2
#define WIRE_FLOAT	5

static void
protobuf_varint(StringInfo message, uint64 value)
{
	while (value >= 0x80)
	{
		appendStringInfoCharMacro(message, (char) ((value & 0x7f) | 0x80));
		value >>= 7;
	}
	appendStringInfoCharMacro(message, (char) value);
}

static void
protobuf_tag(StringInfo message, int field, int wire)
{
	protobuf_varint(message, (uint64) field << 3 | wire);
}

/* appends a float's bytes, little-endian */
static void
float_append(StringInfo message, float value)
{
	uint32		bits;

	memcpy(&bits, &value, sizeof(bits));
	for (int i = 0; i < 4; i++)
		appendStringInfoCharMacro(message, (char) (bits >> 8 * i & 0xff));
}

void
protobuf_number(StringInfo message, int field, uint64 value)
{
	protobuf_tag(message, field, WIRE_NUMBER);
	protobuf_varint(message, value);
}

void
protobuf_float(StringInfo message, int field, float value)
{
	protobuf_tag(message, field, WIRE_FLOAT);
	float_append(message, value);
}

void
protobuf_bytes(StringInfo message, int field, const char *bytes, size_t size)
{
	protobuf_tag(message, field, WIRE_BYTES);
	protobuf_varint(message, size);
	appendBinaryStringInfo(message, bytes, (int) size);
}

void
protobuf_text(StringInfo message, int field, const char *text)
{
	char	   *utf8 = pg_server_to_any(text, strlen(text), PG_UTF8);

	protobuf_bytes(message, field, utf8, strlen(utf8));
}

void
protobuf_message(StringInfo message, int field, const StringInfoData *inner)
{
	protobuf_bytes(message, field, inner->data, inner->len);
}

void
protobuf_floats(StringInfo message, int field, const float *value, size_t count)
{
	protobuf_tag(message, field, WIRE_BYTES);
	protobuf_varint(message, count * sizeof(float));
	enlargeStringInfo(message, (int) Min(count * sizeof(float), MaxAllocSize));
	for (size_t i = 0; i < count; i++)
		float_append(message, value[i]);
}
