/*
 * tensor.c
 *	  float8[] to float buffers and back, with all checks, and the SQL functions
 *	  that inspect tensors: rnn_shape, rnn_unstack.
 *
 * A detoasted float8[] without a null bitmap is a plain, aligned array of
 * doubles: it is read and written in place, without a Datum per element.
 */
#include "pg/tensor/tensor.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* elements between two checks for interrupts */
#define INTERRUPT_EVERY 65536

/* Returns the place of element i (from 0, row-major) for messages: "x[3][1][2]". */
static char *
element_name(ArrayType *array, const char *what, int64 i)
{
	int			index[MAXDIM];
	char	   *text = pstrdup(what);

	for (int d = ARR_NDIM(array) - 1; d >= 0; d--)
	{
		index[d] = ARR_LBOUND(array)[d] + (int) (i % ARR_DIMS(array)[d]);
		i /= ARR_DIMS(array)[d];
	}
	for (int d = 0; d < ARR_NDIM(array); d++)
		text = psprintf("%s[%d]", text, index[d]);
	return text;
}

/* Returns whether element i is NULL. */
static inline bool
element_is_null(const bits8 * bitmap, int64 i)
{
	return bitmap != NULL && (bitmap[i / 8] & (1 << (i % 8))) == 0;
}

FrnnShape
frnn_tensor_check(ArrayType *array, const char *what, bool rows, bool allow_nan)
{
	FrnnShape	shape;
	int			ndim = ARR_NDIM(array);
	const int  *dim = ARR_DIMS(array);
	const		bits8 *bitmap = ARR_NULLBITMAP(array);
	const double *value = FRNN_TENSOR_DATA(array);
	int64		n = ArrayGetNItems(ndim, dim);

	Assert(ARR_ELEMTYPE(array) == FLOAT8OID);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be empty", what)));
	if (ndim > 3)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("%s must have at most 3 dimensions (batch, time, feature), not %d", what, ndim)));

	for (int64 i = 0; i < n; i++)
	{
		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (element_is_null(bitmap, i))
		{
			if (!allow_nan)
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("%s is null", element_name(array, what, i))));
			continue;
		}
		if (!isfinite(*value) && !(allow_nan && isnan(*value)))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be a finite number, not %s", element_name(array, what, i),
							isnan(*value) ? "NaN" : *value > 0 ? "Infinity" : "-Infinity")));
		value++;
	}

	shape.ndim = ndim;
	shape.dim[0] = ndim == 1 && !rows ? 1 : dim[0];
	shape.dim[1] = ndim == 1 ? (rows ? 1 : dim[0]) : ndim == 2 && rows ? 1 : dim[1];
	shape.dim[2] = ndim == 3 ? dim[2] : ndim == 2 && rows ? dim[1] : 1;
	return shape;
}

void
frnn_tensor_read(ArrayType *array, const char *what, float *out)
{
	const		bits8 *bitmap = ARR_NULLBITMAP(array);
	const double *value = FRNN_TENSOR_DATA(array);
	int64		n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	for (int64 i = 0; i < n; i++)
	{
		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (element_is_null(bitmap, i))
		{
			out[i] = NAN;
			continue;
		}
		if (fabs(*value) > FLT_MAX)
			frnn_tensor_beyond_range(array, what, i, *value);
		out[i] = (float) *value++;
	}
}

void
frnn_tensor_beyond_range(ArrayType *array, const char *what, int64 i, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be at most %g in size, not %g", element_name(array, what, i), FLT_MAX, value),
			 errhint("Scale the values.")));
}

void
frnn_tensor_check_size(double numbers, const char *what)
{
	double		most = (MaxAllocSize - 1024) / sizeof(double);	/* room for headers */

	if (numbers > most)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s would take %.0f MB (%.0f numbers), more than the %.0f MB that one value can have",
						what, ceil(numbers * sizeof(double) / 1048576.0), numbers, (double) MaxAllocSize / 1048576.0),
				 errhint("Use a larger stride, shorter windows or fewer rows.")));
}

ArrayType  *
frnn_tensor_alloc(int ndim, const int64 *dim, const char *what)
{
	ArrayType  *array;
	double		numbers = 1;
	Size		bytes;

	for (int d = 0; d < ndim; d++)
		numbers *= dim[d];
	frnn_tensor_check_size(numbers, what);

	bytes = ARR_OVERHEAD_NONULLS(ndim) + (Size) numbers * sizeof(double);
	array = palloc(bytes);
	memset(array, 0, ARR_OVERHEAD_NONULLS(ndim));
	SET_VARSIZE(array, bytes);
	array->ndim = ndim;
	array->dataoffset = 0;
	array->elemtype = FLOAT8OID;
	for (int d = 0; d < ndim; d++)
	{
		ARR_DIMS(array)[d] = (int) dim[d];
		ARR_LBOUND(array)[d] = 1;
	}
	return array;
}

ArrayType  *
frnn_tensor_build(const float *data, int ndim, const int *dim)
{
	int64		wide[MAXDIM];
	ArrayType  *array;
	double	   *out;
	int64		n = 1;

	for (int d = 0; d < ndim; d++)
	{
		wide[d] = dim[d];
		n = Min(n * dim[d], PG_INT32_MAX);	/* beyond it alloc refuses */
	}
	array = frnn_tensor_alloc(ndim, wide, "the result");
	out = FRNN_TENSOR_DATA(array);
	for (int64 i = 0; i < n; i++)
	{
		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		out[i] = data[i];
	}
	return array;
}

void
frnn_tensor_to_time_major(const float *in, int T, int F, const int64_t *sample, int B, float *out)
{
	for (int t = 0; t < T; t++)
		for (int b = 0; b < B; b++)
		{
			const float *row = in + ((size_t) sample[b] * T + t) * F;

			for (int f = 0; f < F; f++)
				*out++ = row[f];
		}
}

PG_FUNCTION_INFO_V1(rnn_shape);
Datum
rnn_shape(PG_FUNCTION_ARGS)
{
	AnyArrayType *array = PG_GETARG_ANY_ARRAY_P(0);
	Datum		dim[MAXDIM];

	for (int d = 0; d < AARR_NDIM(array); d++)
		dim[d] = Int32GetDatum(AARR_DIMS(array)[d]);
	PG_RETURN_ARRAYTYPE_P(construct_array(dim, AARR_NDIM(array), INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* Returns slice k (from 0) along axis a (from 0), without that dimension: (4,30,1) along 1 gives 30 of (4,1). */
static ArrayType *
tensor_slice(ArrayType *tensor, int a, int64 k)
{
	const int  *dim = ARR_DIMS(tensor);
	int64		left[MAXDIM];
	int64		outer = 1,
				inner = 1;
	int			ndim = 0;
	ArrayType  *result;
	double	   *out;

	for (int d = 0; d < ARR_NDIM(tensor); d++)
	{
		if (d < a)
			outer *= dim[d];
		else if (d > a)
			inner *= dim[d];
		if (d != a)
			left[ndim++] = dim[d];
	}
	if (ndim == 0)
		left[ndim++] = 1;		/* slices of a vector are single numbers */
	result = frnn_tensor_alloc(ndim, left, "a slice");
	out = FRNN_TENSOR_DATA(result);
	for (int64 o = 0; o < outer; o++, out += inner)
	{
		if (o % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(out, FRNN_TENSOR_DATA(tensor) + (o * dim[a] + k) * inner, inner * sizeof(double));
	}
	return result;
}

PG_FUNCTION_INFO_V1(rnn_unstack);
Datum
rnn_unstack(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	ArrayType  *tensor;
	int			axis = PG_GETARG_INT32(1);
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;

		call = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		tensor = PG_GETARG_ARRAYTYPE_P_COPY(0);
		if (ARR_NDIM(tensor) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("tensor must not be empty")));
		if (axis < 1 || axis > ARR_NDIM(tensor))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("axis must be between 1 and %d, the dimensions of the tensor, not %d", ARR_NDIM(tensor), axis)));
		if (array_contains_nulls(tensor))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("tensor must not contain nulls")));
		if (get_call_result_type(fcinfo, NULL, &call->tuple_desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "rnn_unstack must return rows");
		call->tuple_desc = BlessTupleDesc(call->tuple_desc);
		call->user_fctx = tensor;
		call->max_calls = ARR_DIMS(tensor)[axis - 1];
		MemoryContextSwitchTo(old);
	}
	call = SRF_PERCALL_SETUP();
	if (call->call_cntr >= call->max_calls)
		SRF_RETURN_DONE(call);

	tensor = call->user_fctx;
	values[0] = Int32GetDatum((int32) call->call_cntr + 1);
	values[1] = PointerGetDatum(tensor_slice(tensor, axis - 1, (int64) call->call_cntr));
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(heap_form_tuple(call->tuple_desc, values, nulls)));
}
