/*
 * safetensors_write.c
 *	  Writing the container: metadata and tensors are collected in order, then
 *	  laid out in one bytea.  The data of a tensor stay the caller's until then.
 */
#include "pg/bytes/safetensors.h"

#include "common/int.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

static void pg_attribute_noreturn()
too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a model must be smaller than 1 GB"),
			 errhint("Use fewer units or fewer series, or set keep_history to false.")));
}

StFile	   *
st_new(void)
{
	return palloc0(sizeof(StFile));
}

/* room for one more of n elements: powers of two from 16 */
static void *
grow(void *array, int n, size_t width)
{
	if (array == NULL)
		return palloc_extended(16 * width, MCXT_ALLOC_HUGE);
	if (n >= 16 && (n & (n - 1)) == 0)
		return repalloc_huge(array, (Size) n * 2 * width);
	return array;
}

void
st_meta(StFile *file, const char *key, const char *value)
{
	if (file->n_meta >= ST_MAX_META || strcmp(key, "checksum") == 0 || st_get_meta(file, key) != NULL)
		elog(ERROR, "model metadata \"%s\" cannot be added", key);
	file->meta_key = grow(file->meta_key, file->n_meta, sizeof(char *));
	file->meta_value = grow(file->meta_value, file->n_meta, sizeof(char *));
	file->meta_key[file->n_meta] = pstrdup(key);
	file->meta_value[file->n_meta] = pstrdup(value);
	file->n_meta++;
}

void
st_add(StFile *file, const char *name, StType type, int rank, const int64 *dim, const void *data)
{
	StTensor   *tensor;
	int64		bytes;
	int			i;

	if (file->n_tensors >= ST_MAX_TENSORS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a model must have at most %d tensors", ST_MAX_TENSORS)));
	if (!st_valid_name(name) || rank < 0 || rank > ST_MAX_RANK)
		elog(ERROR, "tensor \"%s\" of rank %d cannot be added", name, rank);

	file->tensor = grow(file->tensor, file->n_tensors, sizeof(StTensor));
	tensor = &file->tensor[file->n_tensors];
	strlcpy(tensor->name, name, ST_MAX_NAME);
	tensor->type = type;
	tensor->rank = rank;
	tensor->count = 1;
	for (i = 0; i < rank; i++)
	{
		tensor->dim[i] = dim[i];
		if (dim[i] < 0 || pg_mul_s64_overflow(tensor->count, dim[i], &tensor->count))
			too_large();
	}
	if (pg_mul_s64_overflow(tensor->count, (int64) st_type_size(type), &bytes))
		too_large();
	if (bytes > (int64) MaxAllocSize)
		too_large();
	tensor->data = data;
	tensor->fill = NULL;
	tensor->arg = NULL;
	tensor->bytes = bytes;
	file->n_tensors++;
}

void
st_add_filled(StFile *file, const char *name, StType type, int rank, const int64 *dim,
			  void (*fill) (const void *arg, char *out), const void *arg)
{
	st_add(file, name, type, rank, dim, NULL);
	file->tensor[file->n_tensors - 1].fill = fill;
	file->tensor[file->n_tensors - 1].arg = arg;
}

/* two tensors of one name would be one tensor to every reader */
static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(StTensor *const *) a)->name, (*(StTensor *const *) b)->name);
}

static void
check_unique(const StFile *file)
{
	StTensor  **order = palloc((file->n_tensors + 1) * sizeof(StTensor *));
	int			i;

	for (i = 0; i < file->n_tensors; i++)
		order[i] = &file->tensor[i];
	qsort(order, file->n_tensors, sizeof(StTensor *), compare_names);
	for (i = 1; i < file->n_tensors; i++)
		if (strcmp(order[i - 1]->name, order[i]->name) == 0)
			elog(ERROR, "tensor \"%s\" was added twice", order[i]->name);
	pfree(order);
}

static void
write_length(char *out, uint64 length)
{
	int			i;

	for (i = 0; i < 8; i++)
		out[i] = (char) (length >> (8 * i) & 0xff);
}

static void
write_data(char *out, const StTensor *tensor)
{
	if (tensor->fill)
		tensor->fill(tensor->arg, out);
	else if (tensor->bytes > 0)
		memcpy(out, tensor->data, tensor->bytes);
#ifdef WORDS_BIGENDIAN
	for (size_t i = 0, width = st_type_size(tensor->type); i < tensor->bytes; i += width)
		for (size_t k = 0; k < width / 2; k++)
		{
			char		held = out[i + k];

			out[i + k] = out[i + width - 1 - k];
			out[i + width - 1 - k] = held;
		}
#endif
}

bytea	   *
st_write(const StFile *file, MemoryContext context)
{
	StringInfoData header;
	Size		size;
	bytea	   *result;
	char	   *out;
	char		digits[ST_DIGITS + 1];
	int			i;

	check_unique(file);
	initStringInfo(&header);
	st_header(file, true, &header);
	if (header.len > ST_MAX_HEADER)
		too_large();
	if (!pg_verify_mbstr(PG_UTF8, header.data, header.len, true))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("a model's texts must be valid UTF-8")));

	size = 8 + (Size) header.len;
	for (i = 0; i < file->n_tensors; i++)
	{
		size += file->tensor[i].bytes;
		if (size > MaxAllocSize - VARHDRSZ)
			too_large();
	}

	result = MemoryContextAlloc(context, size + VARHDRSZ);
	SET_VARSIZE(result, size + VARHDRSZ);
	out = VARDATA(result);
	write_length(out, header.len);
	memcpy(out + 8, header.data, header.len);
	out += 8 + header.len;
	for (i = 0; i < file->n_tensors; i++)
	{
		write_data(out, &file->tensor[i]);
		out += file->tensor[i].bytes;
	}
	st_checksum(VARDATA(result), size, digits);
	memcpy(VARDATA(result) + ST_DIGITS_AT, digits, ST_DIGITS);
	pfree(header.data);
	return result;
}
