/*
 * safetensors_foreign.c
 *	  Reader of safetensors files that other programs wrote.
 *
 * The header is parsed by the server's JSON parser.  jsonb drops duplicate
 * keys, so the number of keys in the text is counted beside it.
 */
#include "pg/bytes/safetensors_foreign.h"

#include <math.h>

#include "common/int.h"
#include "common/jsonapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#define MAX_HEADER (4 * 1024 * 1024)
#define MAX_DIM INT64CONST(0x7fffffff)

static const char *const type_names[] = {"F32", "F16", "BF16", "F64"};

#define SAVE_HINT "Save the weights with safetensors.torch.save_file(model.state_dict(), path)."
#define RAW_HINT "Pass the bytes of the file as they are, for example by decode(text, 'base64')."

/* How files of other formats begin, and a hint what to do with them. */
typedef struct OtherFormat
{
	const char *begin;
	size_t		length;
	const char *what;
	const char *hint;
} OtherFormat;

static const OtherFormat other_formats[] = {
	{"PK\003\004", 4, "of torch.save, which only Python reads", SAVE_HINT},
	{"\x80\002", 2, "a pickle, which only Python reads", SAVE_HINT},
	{"\x80\004", 2, "a pickle, which only Python reads", SAVE_HINT},
	{"\x89HDF\r\n", 6, "HDF5, as Keras writes it", "rnn_from_keras(model.to_json(), weights) reads what model.get_weights() gives as JSON."},
	{"\x93NUMPY", 6, "of NumPy", SAVE_HINT},
	{"\x1f\x8b", 2, "compressed by gzip", "Pass the bytes of the file decompressed."},
	{"{\"", 2, "JSON text", RAW_HINT},
	{"\\x", 2, "hexadecimal text", RAW_HINT}
};

static void foreign_error(const char *format,...) pg_attribute_printf(1, 2) pg_attribute_noreturn();

static void
foreign_error(const char *format,...)
{
	StringInfoData detail;
	va_list		args;

	initStringInfo(&detail);
	for (;;)
	{
		int			more;

		va_start(args, format);
		more = appendStringInfoVA(&detail, format, args);
		va_end(args);
		if (more == 0)
			break;
		enlargeStringInfo(&detail, more);
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("the safetensors file is not valid: %s", detail.data),
			 errhint("Pass all bytes of a file that safetensors.torch.save_file(model.state_dict(), path) wrote.")));
	pg_unreachable();
}

/* ---- the header's text ---- */

typedef struct KeyCount
{
	int64		keys;
} KeyCount;

static frnn_json_result
key_count_field(void *state, char *name, bool null)
{
	((KeyCount *) state)->keys++;
	frnn_json_success();
}

/* Returns the number of keys of all objects in a JSON text; a text that is no JSON is an error. */
static int64
keys_in_text(const char *text, size_t length)
{
	KeyCount	count = {0};
	JsonSemAction action;
	JsonLexContext *lex = frnn_json_lexer(text, length, PG_UTF8);

	memset(&action, 0, sizeof(action));
	action.semstate = &count;
	action.object_field_start = key_count_field;
	if (pg_parse_json(lex, &action) != JSON_SUCCESS)
		foreign_error("the header is not JSON");
	return count.keys;
}

static int64
keys_in_jsonb(Jsonb *json)
{
	JsonbIterator *it = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		keys = 0;

	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
		keys += token == WJB_KEY;
	return keys;
}

static Jsonb *
header_parse(const char *text, size_t length)
{
	char	   *copy;
	int64		keys;
	Jsonb	   *json;

	if (memchr(text, '\0', length) || !pg_verify_mbstr(PG_UTF8, text, length, true))
		foreign_error("the header is not UTF-8 text");
	keys = keys_in_text(text, length);
	copy = pnstrdup(text, length);
	copy = pg_any_to_server(copy, length, PG_UTF8);
	json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(copy)));
	if (!JB_ROOT_IS_OBJECT(json))
		foreign_error("the header is not a JSON object");
	if (keys_in_jsonb(json) != keys)
		foreign_error("the header has a key twice");
	return json;
}

/* ---- one tensor ---- */

/* Returns a whole number of an array, 0 to most. */
static int64
array_number(JsonbContainer *array, int i, int64 most, const char *name, const char *what)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);
	double		number = value && value->type == jbvNumeric ? frnn_json_number(value) : -1;

	if (!(number >= 0 && number <= (double) most) || number != floor(number))
		foreign_error("%s of tensor \"%s\" holds no whole number between 0 and " INT64_FORMAT, what, name, most);
	return (int64) number;
}

static JsonbContainer *
tensor_array(JsonbContainer *object, const char *key, const char *name)
{
	JsonbValue	value;
	JsonbContainer *array;

	if (!getKeyJsonValueFromContainer(object, key, strlen(key), &value) ||
		(array = frnn_json_container(&value)) == NULL || !JsonContainerIsArray(array))
		foreign_error("tensor \"%s\" has no array \"%s\"", name, key);
	return array;
}

static ForeignType
tensor_type(JsonbContainer *object, const char *name)
{
	JsonbValue	value;
	char	   *word;

	if (!getKeyJsonValueFromContainer(object, "dtype", 5, &value) || value.type != jbvString)
		foreign_error("tensor \"%s\" has no \"dtype\"", name);
	word = frnn_json_string(&value);
	for (int i = 0; i < (int) lengthof(type_names); i++)
		if (strcmp(word, type_names[i]) == 0)
			return (ForeignType) i;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("tensor \"%s\" has the type %s", name, frnn_json_show(&value)),
			 errdetail("Weights must have the type F32, F16, BF16 or F64."),
			 errhint("Convert them, for example by model.float() before saving.")));
}

static void
tensor_read(ForeignTensor *tensor, char *name, const JsonbValue *value, const char *data, size_t size)
{
	JsonbContainer *object = frnn_json_container(value);
	JsonbContainer *shape,
			   *offsets;
	int64		start,
				end,
				needed;

	if (object == NULL || !JsonContainerIsObject(object))
		foreign_error("the entry of tensor \"%s\" is not an object", name);
	tensor->name = name;
	tensor->used = false;
	tensor->type = tensor_type(object, name);
	shape = tensor_array(object, "shape", name);
	offsets = tensor_array(object, "data_offsets", name);
	if (JsonContainerSize(shape) > FOREIGN_MAX_RANK)
		foreign_error("tensor \"%s\" has more than %d dimensions", name, FOREIGN_MAX_RANK);
	if (JsonContainerSize(offsets) != 2)
		foreign_error("data_offsets of tensor \"%s\" are not two numbers", name);
	tensor->rank = JsonContainerSize(shape);
	tensor->count = 1;
	for (int i = 0; i < tensor->rank; i++)
	{
		tensor->dim[i] = array_number(shape, i, MAX_DIM, name, "shape");
		if (pg_mul_s64_overflow(tensor->count, tensor->dim[i], &tensor->count) || tensor->count > MAX_DIM)
			foreign_error("tensor \"%s\" is too large", name);
	}
	needed = tensor->count * (int64) foreign_type_size(tensor->type);
	start = array_number(offsets, 0, (int64) size, name, "data_offsets");
	end = array_number(offsets, 1, (int64) size, name, "data_offsets");
	if (end < start || end - start != needed)
		foreign_error("tensor \"%s\" takes bytes " INT64_FORMAT " to " INT64_FORMAT ", but its shape needs " INT64_FORMAT " bytes",
					  name, start, end, needed);
	tensor->data = data + start;
	tensor->bytes = (size_t) (end - start);
}

/* ---- the file ---- */

static int
tensor_compare(const void *a, const void *b)
{
	const ForeignTensor *left = a;
	const ForeignTensor *right = b;

	if (left->data != right->data)
		return left->data < right->data ? -1 : 1;
	return left->bytes < right->bytes ? -1 : left->bytes > right->bytes;
}

/* Raises an error unless the tensors follow one another without overlap and without a hole. */
static void
file_check_layout(ForeignFile *file, const char *data, size_t size)
{
	size_t		used = 0;

	qsort(file->tensor, file->tensors, sizeof(ForeignTensor), tensor_compare);
	for (int i = 0; i < file->tensors; i++)
	{
		size_t		start = file->tensor[i].data - data;

		if (start < used)
			foreign_error("tensor \"%s\" overlaps another", file->tensor[i].name);
		if (start > used)
			foreign_error("no tensor takes bytes %zu to %zu", used, start);
		used = start + file->tensor[i].bytes;
	}
	if (used != size)
		foreign_error("the tensors take %zu bytes, but the file has %zu", used, size);
}

/*
 * Raises an error that names what wrote the bytes, if they begin as a file of another format does.  Only for bytes
 * that do not begin as a safetensors file does: a header of 640 bytes starts as a pickle.
 */
static void
file_check_format(const unsigned char *bytes, size_t size)
{
	for (int i = 0; i < (int) lengthof(other_formats); i++)
	{
		const OtherFormat *other = &other_formats[i];

		if (size >= other->length && memcmp(bytes, other->begin, other->length) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the file is not a safetensors file: it is %s", other->what),
					 errhint("%s", other->hint)));
	}
}

ForeignFile *
foreign_read(const bytea *bytes)
{
	const unsigned char *begin = (const unsigned char *) VARDATA_ANY(bytes);
	size_t		size = VARSIZE_ANY_EXHDR(bytes);
	ForeignFile *file = palloc0(sizeof(ForeignFile));
	uint64		length = 0;
	Jsonb	   *header;
	JsonbIterator *it;
	JsonbValue	key,
				value;
	const char *data;

	if (size < 8)
		foreign_error("it has only %zu bytes", size);
	for (int i = 7; i >= 0; i--)
		length = length << 8 | begin[i];
	if (length > size - 8 || length > MAX_HEADER)
	{
		file_check_format(begin, size);
		foreign_error("its header would take " UINT64_FORMAT " of %zu bytes", length, size);
	}
	header = header_parse((const char *) begin + 8, (size_t) length);
	data = (const char *) begin + 8 + length;
	file->tensor = palloc(sizeof(ForeignTensor) * FOREIGN_MAX_TENSORS);
	it = JsonbIteratorInit(&header->root);
	while (frnn_json_member(&it, &key, &value))
	{
		char	   *name = frnn_json_string(&key);

		if (strcmp(name, "__metadata__") == 0)
			continue;
		if (file->tensors == FOREIGN_MAX_TENSORS)
			foreign_error("it has more than %d tensors", FOREIGN_MAX_TENSORS);
		tensor_read(&file->tensor[file->tensors++], name, &value, data, size - 8 - (size_t) length);
	}
	file_check_layout(file, data, size - 8 - (size_t) length);
	return file;
}

ForeignTensor *
foreign_find(const ForeignFile *file, const char *name)
{
	for (int i = 0; i < file->tensors; i++)
		if (strcmp(file->tensor[i].name, name) == 0)
			return &file->tensor[i];
	return NULL;
}

char	   *
foreign_shape(const ForeignTensor *tensor)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < tensor->rank; i++)
		appendStringInfo(&out, "%s" INT64_FORMAT, i ? ", " : "(", tensor->dim[i]);
	appendStringInfoString(&out, tensor->rank > 0 ? ")" : "()");
	return out.data;
}
