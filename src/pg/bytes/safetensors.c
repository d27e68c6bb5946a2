/*
 * safetensors.c
 *	  What writer and reader of the container share: the canonical header, the
 *	  checksum, look-up by name, and copying out of unaligned little-endian
 *	  bytes.
 */
#include "pg/bytes/safetensors.h"

#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "port/pg_crc32c.h"
#include "utils/builtins.h"
#include "utils/json.h"

static const struct
{
	const char *name;
	size_t		size;
}			types[] = {

	[ST_F32] = {"F32", 4},
	[ST_F64] = {"F64", 8},
	[ST_I64] = {"I64", 8},
	[ST_I32] = {"I32", 4},
	[ST_I16] = {"I16", 2},
	[ST_F16] = {"F16", 2},
	[ST_U8] = {"U8", 1},
};

const char *
st_type_name(StType type)
{
	return types[type].name;
}

size_t
st_type_size(StType type)
{
	return types[type].size;
}

/* printable ASCII that needs no escape in JSON */
bool
st_valid_name(const char *name)
{
	size_t		length = strlen(name);

	if (length == 0 || length >= ST_MAX_NAME || strcmp(name, "__metadata__") == 0)
		return false;
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || *name == '"' || *name == '\\')
			return false;
	return true;
}

/* as escape_json() does; most strings need no escape */
static void
append_string(StringInfo out, const char *string, bool to_utf8)
{
	const char *c;

	if (to_utf8)
		string = pg_server_to_any(string, strlen(string), PG_UTF8);
	for (c = string; (unsigned char) *c >= ' ' && *c != '"' && *c != '\\'; c++)
		;
	if (*c)
	{
		escape_json(out, string);
		return;
	}
	appendStringInfoChar(out, '"');
	appendBinaryStringInfo(out, string, c - string);
	appendStringInfoChar(out, '"');
}

static void
append_number(StringInfo out, int64 number)
{
	char		digits[32];

	/* only since 14 does it return the length */
	pg_lltoa(number, digits);
	appendStringInfoString(out, digits);
}

static void
append_tensor(StringInfo out, const StTensor *tensor, size_t start)
{
	int			i;

	appendStringInfoString(out, ",\"");
	appendStringInfoString(out, tensor->name);
	appendStringInfoString(out, "\":{\"dtype\":\"");
	appendStringInfoString(out, st_type_name(tensor->type));
	appendStringInfoString(out, "\",\"shape\":[");
	for (i = 0; i < tensor->rank; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		append_number(out, tensor->dim[i]);
	}
	appendStringInfoString(out, "],\"data_offsets\":[");
	append_number(out, start);
	appendStringInfoChar(out, ',');
	append_number(out, start + tensor->bytes);
	appendStringInfoString(out, "]}");
}

void
st_header(const StFile *file, bool to_utf8, StringInfo out)
{
	size_t		start = 0;
	int			i;

	appendStringInfoString(out, ST_PREFIX "00000000\"");
	for (i = 0; i < file->n_meta; i++)
	{
		appendStringInfoChar(out, ',');
		append_string(out, file->meta_key[i], to_utf8);
		appendStringInfoChar(out, ':');
		append_string(out, file->meta_value[i], to_utf8);
	}
	appendStringInfoChar(out, '}');
	for (i = 0; i < file->n_tensors; i++)
	{
		append_tensor(out, &file->tensor[i], start);
		start += file->tensor[i].bytes;
	}
	appendStringInfoChar(out, '}');
	while (out->len % 8 != 0)
		appendStringInfoChar(out, ' ');
}

void
st_checksum(const char *bytes, size_t size, char *digits)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, bytes, ST_DIGITS_AT);
	COMP_CRC32C(crc, "00000000", ST_DIGITS);
	COMP_CRC32C(crc, bytes + ST_DIGITS_AT + ST_DIGITS, size - ST_DIGITS_AT - ST_DIGITS);
	FIN_CRC32C(crc);
	snprintf(digits, ST_DIGITS + 1, "%08x", (unsigned int) crc);
}

const char *
st_get_meta(const StFile *file, const char *key)
{
	int			i;

	for (i = 0; i < file->n_meta; i++)
		if (strcmp(file->meta_key[i], key) == 0)
			return file->meta_value[i];
	return NULL;
}

static const StTensor *
find_by_name(const StFile *file, const char *name)
{
	int			low = 0,
				high = file->n_tensors;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		const StTensor *tensor = &file->tensor[file->by_name[middle]];
		int			order = strcmp(name, tensor->name);

		if (order == 0)
			return tensor;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const StTensor *
st_find(const StFile *file, const char *name)
{
	int			i;

	if (file->by_name)
		return find_by_name(file, name);
	for (i = 0; i < file->n_tensors; i++)
		if (strcmp(file->tensor[i].name, name) == 0)
			return &file->tensor[i];
	return NULL;
}

/* copy count numbers between host order and little-endian: its own inverse */
static void
copy_numbers(void *out, const void *in, int64 count, size_t width)
{
	memcpy(out, in, count * width);
#ifdef WORDS_BIGENDIAN
	if (width == 4)
		for (int64 i = 0; i < count; i++)
			((uint32 *) out)[i] = pg_bswap32(((uint32 *) out)[i]);
	else if (width == 2)
		for (int64 i = 0; i < count; i++)
			((uint16 *) out)[i] = pg_bswap16(((uint16 *) out)[i]);
	else if (width == 8)
		for (int64 i = 0; i < count; i++)
			((uint64 *) out)[i] = pg_bswap64(((uint64 *) out)[i]);
#endif
}

void
st_copy_f32(const StTensor *tensor, float *out)
{
	copy_numbers(out, tensor->data, tensor->count, sizeof(float));
}

void
st_copy_f64(const StTensor *tensor, double *out)
{
	copy_numbers(out, tensor->data, tensor->count, sizeof(double));
}

void
st_copy_i64(const StTensor *tensor, int64 *out)
{
	copy_numbers(out, tensor->data, tensor->count, sizeof(int64));
}

void
st_copy_i32(const StTensor *tensor, int32 *out)
{
	copy_numbers(out, tensor->data, tensor->count, sizeof(int32));
}

void
st_copy_i16(const StTensor *tensor, int16 *out)
{
	copy_numbers(out, tensor->data, tensor->count, sizeof(int16));
}

void
st_corrupt(const char *fmt,...)
{
	char		detail[1024];
	va_list		args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("model bytes are not valid: %s", detail)));
}
