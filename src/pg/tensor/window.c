/*
 * window.c
 *	  The aggregates rnn_windows and rnn_dataset: rows to windows.
 *
 * The rows are kept as one flat array of doubles in the aggregate's context,
 * doubled when full.  The final function gathers the windows from it without
 * changing it, so the aggregates also work as window functions.
 *
 *	  value  1 2 3 4 5, time_steps 3:          {{1,2,3},{2,3,4},{3,4,5}}, each number a vector of one feature
 *	  rnn_dataset with horizon 1:              x the first two, y {{4},{5}}
 *	  ... and return_sequences:                y {{{2},{3},{4}},{{3},{4},{5}}}
 */
#include "pg/server/compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "core/network/network.h"
#include "core/forecast/window.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pg/tensor/tensor.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_STRIDE 1000000000
#define FIRST_ROWS 64
/* numbers gathered between two checks for interrupts */
#define CHUNK 1048576

/* first in each state: a superuser may pass the internal state of another aggregate */
#define WINDOW_MAGIC	UINT64CONST(0x46524e4e57494e44)

typedef struct WindowRows
{
	uint64		magic;			/* WINDOW_MAGIC, inverted for rnn_dataset */
	FrnnWindows windows;
	bool		return_sequences;	/* rnn_dataset: targets at each step */
	int			F;
	int64		n;				/* rows */
	int64		room;			/* rows that fit */
	double	   *row;			/* (n, F) */
} WindowRows;

/* ---- arguments ---- */

/* Returns an integer argument, which must be in its range, or `absent` if the aggregate has no such argument. */
static int64
int_argument(FunctionCallInfo fcinfo, int i, const char *name, int64 absent, int64 most)
{
	int64		value;

	if (i >= PG_NARGS())
		return absent;
	if (PG_ARGISNULL(i))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
	value = PG_GETARG_INT32(i);
	if (value < 1 || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 1 and %lld, not %lld", name, (long long) most, (long long) value)));
	return value;
}

static void
argument_check_same(const char *name, int64 value, int64 first, int64 row)
{
	if (value != first)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same in all rows, but it is %lld in row %lld and %lld before",
						name, (long long) value, (long long) row, (long long) first)));
}

static WindowRows *
state_new(MemoryContext context, const FrnnWindows *windows, bool dataset, bool return_sequences, int F)
{
	WindowRows *state = MemoryContextAllocZero(context, sizeof(WindowRows));

	state->magic = dataset ? ~WINDOW_MAGIC : WINDOW_MAGIC;
	state->windows = *windows;
	state->return_sequences = return_sequences;
	state->F = F;
	return state;
}

/* Returns the state argument, NULL if it is null; it must be one of this aggregate. */
static WindowRows *
state_argument(FunctionCallInfo fcinfo, bool dataset)
{
	WindowRows *state = PG_ARGISNULL(0) ? NULL : (WindowRows *) PG_GETARG_POINTER(0);

	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("functions of rnn_windows and rnn_dataset can only be called by an aggregate")));
	if (state != NULL && state->magic != (dataset ? ~WINDOW_MAGIC : WINDOW_MAGIC))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the state must be one of %s", dataset ? "rnn_dataset" : "rnn_windows")));
	return state;
}

/* Returns the state for the row.  Arguments after the value: time_steps [, horizon] [, stride [, sampling_rate [, return_sequences]]] */
static WindowRows *
state_get(FunctionCallInfo fcinfo, MemoryContext context, bool dataset, int F)
{
	WindowRows *state = state_argument(fcinfo, dataset);
	bool		return_sequences = false;
	FrnnWindows windows;
	int64		row;
	int			i = 2;

	windows.T = int_argument(fcinfo, i++, "time_steps", 0, FRNN_MAX_STEPS);
	windows.P = dataset ? int_argument(fcinfo, i++, "horizon", 0, FRNN_MAX_STEPS) : 0;
	windows.stride = int_argument(fcinfo, i++, "stride", 1, MAX_STRIDE);
	windows.rate = int_argument(fcinfo, i++, "sampling_rate", 1, MAX_STRIDE);
	if (dataset && i < PG_NARGS())
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("return_sequences must not be null")));
		return_sequences = PG_GETARG_BOOL(i);
	}
	if (state == NULL)
		return state_new(context, &windows, dataset, return_sequences, F);

	row = state->n + 1;
	argument_check_same("time_steps", windows.T, state->windows.T, row);
	argument_check_same("horizon", windows.P, state->windows.P, row);
	argument_check_same("stride", windows.stride, state->windows.stride, row);
	argument_check_same("sampling_rate", windows.rate, state->windows.rate, row);
	if (return_sequences != state->return_sequences)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("return_sequences must be the same in all rows, but it is another in row %lld", (long long) row)));
	if (F != state->F)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("value in row %lld has %d features, but the rows before have %d",
						(long long) row, F, state->F)));
	return state;
}

static void
state_append(MemoryContext context, WindowRows *state, const double *value)
{
	for (int f = 0; f < state->F; f++)
		if (!isfinite(value[f]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value in row %lld must be a finite number, not %s", (long long) state->n + 1,
							isnan(value[f]) ? "NaN" : value[f] > 0 ? "Infinity" : "-Infinity"),
					 state->F > 1 ? errdetail("It is feature %d of the row.", f + 1) : 0));
	if (state->n == state->room)
	{
		int64		room = state->room ? 2 * state->room : Max(FIRST_ROWS / state->F, 4);

		/* refuse rows that no result could hold */
		frnn_tensor_check_size((double) (state->n + 1) * state->F, "the rows of the windows");
		state->row = state->row ?
			repalloc_huge(state->row, room * state->F * sizeof(double)) :
			MemoryContextAllocHuge(context, room * state->F * sizeof(double));
		state->room = room;
	}
	memcpy(state->row + state->n * state->F, value, state->F * sizeof(double));
	state->n++;
}

static int64
state_next_row(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? 1 : ((WindowRows *) PG_GETARG_POINTER(0))->n + 1;
}

static Datum
window_transition(FunctionCallInfo fcinfo, bool dataset, bool array)
{
	MemoryContext context;
	WindowRows *state;
	ArrayType  *vector = NULL;
	double		scalar = 0;
	int			F = 1;

	(void) state_argument(fcinfo, dataset);
	(void) AggCheckCallContext(fcinfo, &context);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("value in row %lld is null", (long long) state_next_row(fcinfo)),
				 errhint("Leave such rows out with FILTER, or fill them before.")));
	if (array)
	{
		vector = PG_GETARG_ARRAYTYPE_P(1);
		if (ARR_NDIM(vector) != 1 || array_contains_nulls(vector))
			ereport(ERROR,
					(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
					 errmsg("value in row %lld must be an array of one dimension without nulls", (long long) state_next_row(fcinfo))));
		F = ARR_DIMS(vector)[0];
		if (F > FRNN_MAX_FEATURES)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("value in row %lld must have at most %d features, not %d",
							(long long) state_next_row(fcinfo), FRNN_MAX_FEATURES, F)));
	}
	else
		scalar = PG_GETARG_FLOAT8(1);

	state = state_get(fcinfo, context, dataset, F);
	state_append(context, state, array ? FRNN_TENSOR_DATA(vector) : &scalar);
	if (array)
		PG_FREE_IF_COPY(vector, 1);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(rnn_windows_scalar);
Datum
rnn_windows_scalar(PG_FUNCTION_ARGS)
{
	return window_transition(fcinfo, false, false);
}

PG_FUNCTION_INFO_V1(rnn_windows_array);
Datum
rnn_windows_array(PG_FUNCTION_ARGS)
{
	return window_transition(fcinfo, false, true);
}

PG_FUNCTION_INFO_V1(rnn_dataset_scalar);
Datum
rnn_dataset_scalar(PG_FUNCTION_ARGS)
{
	return window_transition(fcinfo, true, false);
}

PG_FUNCTION_INFO_V1(rnn_dataset_array);
Datum
rnn_dataset_array(PG_FUNCTION_ARGS)
{
	return window_transition(fcinfo, true, true);
}

/* ---- results ---- */

static int64
state_count_windows(const WindowRows *state)
{
	int64		N = frnn_window_count(&state->windows, state->n);
	const FrnnWindows *w = &state->windows;

	if (N == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too few rows: a window%s needs %lld, there are %lld", w->P > 0 ? " with its horizon" : "",
						(long long) frnn_window_span(w), (long long) state->n),
				 errhint("Use a smaller time_steps%s%s, or more rows.", w->P > 0 ? " or horizon" : "",
						 w->rate > 1 ? " or sampling_rate" : "")));
	return N;
}

typedef void (*GatherFunction) (const FrnnWindows *windows, const double *rows, int64_t F, int64_t first, int64_t n, double *out);

/* Gathers into a new array, with checks for interrupts. */
static ArrayType *
state_gather(const WindowRows *state, GatherFunction how, int ndim, const int64 *dim, const char *what)
{
	ArrayType  *result = frnn_tensor_alloc(ndim, dim, what);
	double	   *out = FRNN_TENSOR_DATA(result);
	int64		each = dim[1] * (ndim == 3 ? dim[2] : 1);
	int64		step = Max(CHUNK / each, 1);

	for (int64 first = 0; first < dim[0]; first += step)
	{
		CHECK_FOR_INTERRUPTS();
		how(&state->windows, state->row, state->F, first, Min(step, dim[0] - first), out + first * each);
	}
	return result;
}

PG_FUNCTION_INFO_V1(rnn_windows_final);
Datum
rnn_windows_final(PG_FUNCTION_ARGS)
{
	const WindowRows *state = state_argument(fcinfo, false);
	int64		dim[3];

	if (state == NULL)
		PG_RETURN_NULL();		/* no rows, as in other aggregates */
	dim[0] = state_count_windows(state);
	dim[1] = state->windows.T;
	dim[2] = state->F;
	PG_RETURN_ARRAYTYPE_P(state_gather(state, frnn_window_gather, 3, dim, "the windows"));
}

PG_FUNCTION_INFO_V1(rnn_dataset_final);
Datum
rnn_dataset_final(PG_FUNCTION_ARGS)
{
	const WindowRows *state = state_argument(fcinfo, true);
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	int64		x[3],
				y[3];
	int			y_ndim;

	if (state == NULL)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "rnn_dataset must return a row");

	x[0] = y[0] = state_count_windows(state);
	x[1] = y[1] = state->windows.T;
	x[2] = state->F;
	y_ndim = state->return_sequences ? 3 : 2;
	y[y_ndim - 1] = state->windows.P;
	/* both go into one row value */
	frnn_tensor_check_size((double) x[0] * x[1] * x[2] + (double) y[0] * (state->return_sequences ? y[1] : 1) * state->windows.P,
						   "the dataset");

	values[0] = PointerGetDatum(state_gather(state, frnn_window_gather, 3, x, "the windows"));
	values[1] = PointerGetDatum(state_gather(state, state->return_sequences ? frnn_window_step_targets : frnn_window_targets,
											 y_ndim, y, "the targets"));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
