/*
 * safetensors_read.c
 *	  The one reader of the container.  The bytes are untrusted.
 *
 * Order of checks: the least size, the fixed beginning, the checksum, the
 * header's length, UTF-8, then one pass over the header that takes the
 * canonical form only (no recursion, no general JSON), and last a comparison
 * with the header written again from what was understood.  Whatever is
 * accepted is therefore what our writer would have written.
 *
 * Tensors point into the caller's bytes; all else is palloc'd in the current
 * context and bounded by a small multiple of the header's length.
 */
#include "pg/bytes/safetensors.h"

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define CALLED_BY_NAME 64		/* bytes: longer text is no model's name */

typedef struct HeaderScan
{
	const char *at;
	const char *begin;
	const char *end;
} HeaderScan;

static void pg_attribute_noreturn()
unexpected(const HeaderScan *scan, const char *wanted)
{
	st_corrupt("the header has no %s at byte %d", wanted, (int) (scan->at - scan->begin) + 8);
}

static bool
take_token(HeaderScan *scan, const char *token)
{
	size_t		length = strlen(token);

	if ((size_t) (scan->end - scan->at) < length || memcmp(scan->at, token, length) != 0)
		return false;
	scan->at += length;
	return true;
}

static void
expect(HeaderScan *scan, const char *token)
{
	if (!take_token(scan, token))
		unexpected(scan, token);
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* the character after a backslash; the short forms and \u00xx of a control character */
static char
scan_escape(HeaderScan *scan)
{
	static const char from[] = "\"\\bfnrt";
	static const char to[] = "\"\\\b\f\n\r\t";
	const char *found;

	if (scan->at < scan->end && *scan->at != '\0' && (found = strchr(from, *scan->at)) != NULL)
	{
		scan->at++;
		return to[found - from];
	}
	if (scan->end - scan->at >= 5 && memcmp(scan->at, "u00", 3) == 0 &&
		hex_digit(scan->at[3]) >= 0 && hex_digit(scan->at[4]) >= 0)
	{
		int			code = hex_digit(scan->at[3]) * 16 + hex_digit(scan->at[4]);

		if (code > 0 && code < 0x20)
		{
			scan->at += 5;
			return (char) code;
		}
	}
	unexpected(scan, "escape that is known");
}

/* a string in quotes, unescaped */
static char *
scan_string(HeaderScan *scan)
{
	const char *close;
	char	   *string,
			   *out;

	expect(scan, "\"");
	for (close = scan->at; close < scan->end && *close != '"'; close++)
		if (*close == '\\')
			close++;
	if (close >= scan->end)
		unexpected(scan, "end of the string");
	string = out = palloc(close - scan->at + 1);
	while (scan->at < close)
	{
		char		c = *scan->at++;

		if (c == '\\')
			c = scan_escape(scan);
		else if ((unsigned char) c < 0x20)
			unexpected(scan, "escaped control character");
		*out++ = c;
	}
	*out = '\0';
	expect(scan, "\"");
	return string;
}

static int64
scan_number(HeaderScan *scan)
{
	int64		value = 0;
	const char *start = scan->at;

	while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
	{
		if (scan->at - start >= 15)
			st_corrupt("a number in the header is too large");
		value = value * 10 + (*scan->at++ - '0');
	}
	if (scan->at == start)
		unexpected(scan, "number");
	return value;
}

static void
scan_metadata(HeaderScan *scan, StFile *file)
{
	expect(scan, ST_PREFIX);
	scan->at += ST_DIGITS;
	expect(scan, "\"");
	while (take_token(scan, ","))
	{
		char	   *key = scan_string(scan);
		char	   *value;

		expect(scan, ":");
		value = scan_string(scan);
		if (file->n_meta >= ST_MAX_META)
			st_corrupt("more than %d metadata entries", ST_MAX_META);
		if (file->n_meta % 64 == 0)
		{
			size_t		room = (file->n_meta + 64) * sizeof(char *);

			file->meta_key = file->n_meta ? repalloc(file->meta_key, room) : palloc(room);
			file->meta_value = file->n_meta ? repalloc(file->meta_value, room) : palloc(room);
		}
		file->meta_key[file->n_meta] = key;
		file->meta_value[file->n_meta] = value;
		file->n_meta++;
	}
	expect(scan, "}");
}

static StType
scan_type(HeaderScan *scan)
{
	int			type;

	for (type = ST_F32; type <= ST_U8; type++)
		if (take_token(scan, st_type_name((StType) type)))
			return (StType) type;
	unexpected(scan, "known dtype");
}

static void
scan_shape(HeaderScan *scan, StTensor *tensor)
{
	tensor->rank = 0;
	tensor->count = 1;
	if (take_token(scan, "]"))
		return;
	do
	{
		int64		dim = scan_number(scan);

		if (tensor->rank >= ST_MAX_RANK)
			st_corrupt("tensor \"%s\" has more than %d dimensions", tensor->name, ST_MAX_RANK);
		tensor->dim[tensor->rank++] = dim;
		if (pg_mul_s64_overflow(tensor->count, dim, &tensor->count))
			st_corrupt("tensor \"%s\" is too large", tensor->name);
	} while (take_token(scan, ","));
	expect(scan, "]");
}

/* one tensor; it must begin where the one before ended */
static void
scan_tensor(HeaderScan *scan, StTensor *tensor, const char *data, size_t size, size_t *used)
{
	char	   *name = scan_string(scan);
	int64		bytes,
				start,
				end;

	if (!st_valid_name(name))
		st_corrupt("a tensor's name is not printable or longer than %d bytes", ST_MAX_NAME - 1);
	strlcpy(tensor->name, name, ST_MAX_NAME);
	pfree(name);
	expect(scan, ":{\"dtype\":\"");
	tensor->type = scan_type(scan);
	expect(scan, "\",\"shape\":[");
	scan_shape(scan, tensor);
	expect(scan, ",\"data_offsets\":[");
	start = scan_number(scan);
	expect(scan, ",");
	end = scan_number(scan);
	expect(scan, "]}");

	if (pg_mul_s64_overflow(tensor->count, (int64) st_type_size(tensor->type), &bytes) ||
		(uint64) bytes > size - *used)
		st_corrupt("tensor \"%s\" is larger than the bytes that are there", tensor->name);
	if ((uint64) start != *used || end - start != bytes)
		st_corrupt("tensor \"%s\" must take bytes %zu to %zu, not " INT64_FORMAT " to " INT64_FORMAT,
				   tensor->name, *used, *used + (size_t) bytes, start, end);
	tensor->data = data + start;
	tensor->bytes = bytes;
	*used = end;
}

static void
scan_tensors(HeaderScan *scan, StFile *file, const char *data, size_t size)
{
	size_t		used = 0;
	int			room = 0;

	while (take_token(scan, ","))
	{
		if (file->n_tensors >= ST_MAX_TENSORS)
			st_corrupt("more than %d tensors", ST_MAX_TENSORS);
		if (file->n_tensors == room)
		{
			room = room ? room * 2 : 16;
			file->tensor = file->tensor ? repalloc(file->tensor, room * sizeof(StTensor))
				: palloc(room * sizeof(StTensor));
		}
		scan_tensor(scan, &file->tensor[file->n_tensors], data, size, &used);
		file->n_tensors++;
	}
	expect(scan, "}");
	if (used != size)
		st_corrupt("the tensors take %zu bytes, but %zu are there", used, size);
	while (scan->at < scan->end)
		expect(scan, " ");
}

static int
compare_tensors(const void *a, const void *b, void *tensors)
{
	const StTensor *tensor = tensors;

	return strcmp(tensor[*(const int *) a].name, tensor[*(const int *) b].name);
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* fills by_name on the way */
static void
check_unique(StFile *file)
{
	char	  **key = palloc((file->n_meta + 1) * sizeof(char *));
	int			i;

	for (i = 0; i < file->n_meta; i++)
		key[i] = file->meta_key[i];
	key[file->n_meta] = "checksum";
	qsort(key, file->n_meta + 1, sizeof(char *), compare_strings);
	for (i = 0; i < file->n_meta; i++)
		if (strcmp(key[i], key[i + 1]) == 0)
			st_corrupt("metadata \"%s\" is there twice", key[i]);
	pfree(key);

	file->by_name = palloc((file->n_tensors + 1) * sizeof(int));
	for (i = 0; i < file->n_tensors; i++)
		file->by_name[i] = i;
	qsort_arg(file->by_name, file->n_tensors, sizeof(int), compare_tensors, file->tensor);
	for (i = 1; i < file->n_tensors; i++)
		if (compare_tensors(&file->by_name[i - 1], &file->by_name[i], file->tensor) == 0)
			st_corrupt("tensor \"%s\" is there twice", file->tensor[file->by_name[i]].name);
}

static void
check_canonical(const StFile *file, const char *header, size_t length)
{
	StringInfoData again;
	size_t		digits = ST_DIGITS_AT - 8;

	initStringInfo(&again);
	st_header(file, false, &again);
	if ((size_t) again.len != length ||
		memcmp(again.data, header, digits) != 0 ||
		memcmp(again.data + digits + ST_DIGITS, header + digits + ST_DIGITS, length - digits - ST_DIGITS) != 0)
		st_corrupt("the header is not in its canonical form");
	pfree(again.data);
}

static void
to_server_encoding(StFile *file)
{
	int			i;

	for (i = 0; i < file->n_meta; i++)
	{
		file->meta_key[i] = pg_any_to_server(file->meta_key[i], strlen(file->meta_key[i]), PG_UTF8);
		file->meta_value[i] = pg_any_to_server(file->meta_value[i], strlen(file->meta_value[i]), PG_UTF8);
	}
}

/* Raises an error that leads from a name to the bytes, if the bytes are too short for a model and read as text. */
static void
check_not_a_name(const char *bytes, size_t size)
{
	char	   *name;
	size_t		i;

	for (i = 0; i < size; i++)
		if ((unsigned char) bytes[i] < ' ')
			return;
	if (size == 0 || size > CALLED_BY_NAME || !pg_verify_mbstr(GetDatabaseEncoding(), bytes, size, true))
		return;
	name = pnstrdup(bytes, size);
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("model bytes are not valid: they are the text \"%s\"", name),
			 errhint("The bytes of a managed model are rnn_model(%s).", quote_literal_cstr(name))));
}

/* length of the header, once beginning, checksum and length are right */
static size_t
check_frame(const char *bytes, size_t size)
{
	size_t		least = ST_DIGITS_AT + ST_DIGITS + sizeof("\"}}") - 1;
	uint64		length = 0;
	char		digits[ST_DIGITS + 1];
	int			i;

	if (size < least)
		check_not_a_name(bytes, size);
	if (size < least)
		st_corrupt("they end after %zu bytes", size);
	if (memcmp(bytes + 8, ST_PREFIX, sizeof(ST_PREFIX) - 1) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("model bytes are not valid: they do not begin as a model does"),
				 errhint("Pass what rnn_train, rnn_fit or another function returned as a model; rnn_from_torch and rnn_from_keras read models of other programs.")));
	st_checksum(bytes, size, digits);
	if (memcmp(bytes + ST_DIGITS_AT, digits, ST_DIGITS) != 0)
		st_corrupt("the checksum does not match: they were damaged or cut off");
	for (i = 7; i >= 0; i--)
		length = length << 8 | (unsigned char) bytes[i];
	if (length > size - 8 || length > ST_MAX_HEADER || length % 8 != 0 || length < least - 8)
		st_corrupt("the header's length is " UINT64_FORMAT " in %zu bytes", length, size);
	return (size_t) length;
}

StFile	   *
st_read(const bytea *value)
{
	const char *bytes = VARDATA_ANY(value);
	size_t		size = VARSIZE_ANY_EXHDR(value);
	size_t		length = check_frame(bytes, size);
	StFile	   *file = palloc0(sizeof(StFile));
	HeaderScan	scan;

	scan.at = scan.begin = bytes + 8;
	scan.end = scan.at + length;
	if (!pg_verify_mbstr(PG_UTF8, scan.begin, length, true))
		st_corrupt("the header is not UTF-8");
	scan_metadata(&scan, file);
	scan_tensors(&scan, file, bytes + 8 + length, size - 8 - length);
	check_unique(file);
	check_canonical(file, scan.begin, length);
	to_server_encoding(file);
	return file;
}
