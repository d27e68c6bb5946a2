/*
 * safetensors_need.c
 *	  Required metadata and tensors of a container that st_read has validated.
 *
 * Models, forecasters and states are read through these functions, so that all
 * are read with the same strictness and the same messages.  The contents are
 * untrusted.
 */
#include "pg/bytes/safetensors.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define NEED_INTERRUPT_EVERY	65536	/* numbers between two checks for interrupts */

const char *
st_need_meta(const StFile *file, const char *key)
{
	const char *value = st_get_meta(file, key);

	if (value == NULL)
		st_corrupt("metadata \"%s\" is missing", key);
	return value;
}

/* Accepts digits without leading zeros only, so that there is one way to write a number. */
int
st_need_integer(const StFile *file, const char *key, int least, int most)
{
	const char *text = st_need_meta(file, key);
	int64		value = 0;
	const char *at;

	for (at = text; *at >= '0' && *at <= '9' && at - text <10; at++)
		value = value * 10 + (*at - '0');
	if (at == text ||*at != '\0' || (*text == '0' && at - text >1) ||value < least || value > most)
		st_corrupt("metadata \"%s\" must be between %d and %d, not \"%.40s\"", key, least, most, text);
	return (int) value;
}

const StTensor *
st_need_tensor(const StFile *file, const char *name, StType type, int64 count)
{
	const StTensor *tensor = st_find(file, name);

	if (tensor == NULL)
	{
		if (count > 0)
			st_corrupt("tensor \"%s\" is missing", name);
		return NULL;
	}
	if (tensor->type != type || tensor->count != count)
		st_corrupt("tensor \"%s\" must be %s with " INT64_FORMAT " elements, not %s with " INT64_FORMAT,
				   name, st_type_name(type), count, st_type_name(tensor->type), tensor->count);
	return tensor;
}

void
st_need_f32(const StFile *file, const char *name, int64 count, float *out)
{
	const StTensor *tensor = st_need_tensor(file, name, ST_F32, count);

	if (tensor)
		st_copy_f32(tensor, out);
}

void
st_need_f64(const StFile *file, const char *name, int64 count, double *out)
{
	const StTensor *tensor = st_need_tensor(file, name, ST_F64, count);

	if (tensor)
		st_copy_f64(tensor, out);
}

int64	   *
st_need_i64(const StFile *file, const char *name, int64 count, int64 least, int64 most)
{
	const StTensor *tensor = st_need_tensor(file, name, ST_I64, count);
	int64	   *out = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * Max(count, 1));
	int64		i;

	if (tensor)
		st_copy_i64(tensor, out);
	for (i = 0; i < count; i++)
	{
		if (i % NEED_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (out[i] < least || out[i] > most)
			st_corrupt("number " INT64_FORMAT " of tensor \"%s\" must be between " INT64_FORMAT " and " INT64_FORMAT ", not " INT64_FORMAT,
					   i + 1, name, least, most, out[i]);
	}
	return out;
}
