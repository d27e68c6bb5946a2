/*
 * tensor.h
 *	  float8[] to float buffers and back, with all checks.
 */
#ifndef FRNN_PG_TENSOR_H
#define FRNN_PG_TENSOR_H

#include "pg/server/compat.h"
#include "utils/array.h"

/*
 * Shape of an array as (batch, time, feature).  ndim 3 is used unchanged;
 * ndim 2 as (batch, time, 1) or, with rows = true, (batch, 1, feature);
 * ndim 1 as (1, time, 1) or (batch, 1, 1).  Empty arrays, NULL elements, NaN
 * and infinity are errors that name the argument and the position.
 */
typedef struct FrnnShape
{
	int			ndim;			/* as given */
	int			dim[3];			/* batch, time, feature */
} FrnnShape;

/* shape and checks; what: the argument's name for messages.  allow_nan: missing targets */
extern FrnnShape frnn_tensor_check(ArrayType *array, const char *what, bool rows, bool allow_nan);

/* the numbers as float32, (batch, time, feature) order; out has room for all.  Values beyond float32 are errors */
extern void frnn_tensor_read(ArrayType *array, const char *what, float *out);

/* the error of a value (element i from 0, row-major) that float32 cannot hold */
extern void frnn_tensor_beyond_range(ArrayType *array, const char *what, int64 i, double value) pg_attribute_noreturn();

/* float8[] with lower bounds 1 from float32 data in row-major order */
extern ArrayType *frnn_tensor_build(const float *data, int ndim, const int *dim);

/*
 * float8[] of that shape whose numbers are not set yet: fill FRNN_TENSOR_DATA.
 * A result beyond PostgreSQL's limit for one value is refused with its size;
 * what names it: "the windows".
 */
extern ArrayType *frnn_tensor_alloc(int ndim, const int64 *dim, const char *what);

/* raises an error if that many float8 values do not fit in one value of PostgreSQL */
extern void frnn_tensor_check_size(double numbers, const char *what);

#define FRNN_TENSOR_DATA(array) ((double *) ARR_DATA_PTR(array))

/* (B, T, F) -> (T, B, F) of the samples listed, and back */
extern void frnn_tensor_to_time_major(const float *in, int T, int F, const int64_t *sample, int B, float *out);

#endif
