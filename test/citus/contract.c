/*
 * contract.c
 *	  Aggregates in pieces, as an engine such as Citus runs them on shards.
 *
 * Part of the tests.  A piece calls the transition function of an aggregate row by row, each time by an FmgrInfo of its
 * own that has no expression (so the function cannot learn the types of its arguments from the call), and gives the
 * state as text, by the output function of its type.  A join reads such texts, combines them in the order in which they
 * come, and gives the state as text again, or the result.
 *
 *	  piece(aggregate oid, argument, ...) text		the state of some rows; NULL if it has none
 *	  pieces(aggregate oid, state text) text		the state of several states
 *	  whole(aggregate oid, state text) text			the result of several states
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/expandeddatum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(piece_add);
PG_FUNCTION_INFO_V1(pieces_add);
PG_FUNCTION_INFO_V1(piece_text);
PG_FUNCTION_INFO_V1(whole_text);

/* the state of an aggregate that runs inside another one's context */
typedef struct State
{
	Oid			aggregate;
	Oid			transition;
	Oid			combine;
	Oid			final;
	bool		final_extra;	/* the final function takes the arguments too, as nulls */
	Oid			type;
	int16		length;
	bool		by_value;
	bool		none;
	Datum		value;
} State;

static MemoryContext
context_of(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "not called by an aggregate");
	return context;
}

static State *
state_new(FunctionCallInfo fcinfo, Oid aggregate)
{
	MemoryContext caller = MemoryContextSwitchTo(context_of(fcinfo));
	State	   *state = palloc0(sizeof(State));
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Form_pg_aggregate form;
	Datum		first;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "function %u is not an aggregate", aggregate);
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	state->aggregate = aggregate;
	state->transition = form->aggtransfn;
	state->combine = form->aggcombinefn;
	state->final = form->aggfinalfn;
	state->final_extra = form->aggfinalextra;
	state->type = form->aggtranstype;
	get_typlenbyval(state->type, &state->length, &state->by_value);
	first = SysCacheGetAttr(AGGFNOID, tuple, Anum_pg_aggregate_agginitval, &state->none);
	if (!state->none)
	{
		Oid			input,
					parameter;

		getTypeInputInfo(state->type, &input, &parameter);
		state->value = OidInputFunctionCall(input, TextDatumGetCString(first), parameter, -1);
	}
	ReleaseSysCache(tuple);
	MemoryContextSwitchTo(caller);
	return state;
}

/* Calls a function of state and arguments; the arguments, and the place for the state, are in `call`. */
static void
state_advance(FunctionCallInfo fcinfo, State *state, Oid function, FunctionCallInfo call, int arguments)
{
	FmgrInfo	info;
	Datum		value;
	MemoryContext caller;
	int			i;

	fmgr_info(function, &info);
	InitFunctionCallInfoData(*call, &info, arguments, fcinfo->fncollation, fcinfo->context, NULL);
	call->args[0].value = state->value;
	call->args[0].isnull = state->none;
	if (info.fn_strict)
	{
		for (i = 1; i < arguments; i++)
			if (call->args[i].isnull)
				return;
		if (state->none)
		{
			caller = MemoryContextSwitchTo(context_of(fcinfo));
			state->value = datumCopy(call->args[1].value, state->by_value, state->length);
			state->none = false;
			MemoryContextSwitchTo(caller);
			return;
		}
	}
	value = FunctionCallInvoke(call);
	if (!state->by_value && !call->isnull && (state->none || DatumGetPointer(value) != DatumGetPointer(state->value)))
	{
		caller = MemoryContextSwitchTo(context_of(fcinfo));
		if (!(DatumIsReadWriteExpandedObject(value, false, state->length) &&
			  MemoryContextGetParent(DatumGetEOHP(value)->eoh_context) == CurrentMemoryContext))
			value = datumCopy(value, state->by_value, state->length);
		MemoryContextSwitchTo(caller);
	}
	state->value = value;
	state->none = call->isnull;
}

/* piece_add(state internal, aggregate oid, VARIADIC "any") */
Datum
piece_add(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, FUNC_MAX_ARGS);
	State	   *state = PG_ARGISNULL(0) ? state_new(fcinfo, PG_GETARG_OID(1)) : (State *) PG_GETARG_POINTER(0);
	int			i;

	for (i = 2; i < PG_NARGS(); i++)
		call->args[i - 1] = fcinfo->args[i];
	state_advance(fcinfo, state, state->transition, call, PG_NARGS() - 1);
	PG_RETURN_POINTER(state);
}

/* pieces_add(state internal, aggregate oid, text) */
Datum
pieces_add(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, 2);
	State	   *state = PG_ARGISNULL(0) ? state_new(fcinfo, PG_GETARG_OID(1)) : (State *) PG_GETARG_POINTER(0);

	call->args[1].isnull = PG_ARGISNULL(2);
	call->args[1].value = (Datum) 0;
	if (!PG_ARGISNULL(2))
	{
		Oid			input,
					parameter;

		getTypeInputInfo(state->type, &input, &parameter);
		call->args[1].value = OidInputFunctionCall(input, text_to_cstring(PG_GETARG_TEXT_PP(2)), parameter, -1);
	}
	state_advance(fcinfo, state, state->combine, call, 2);
	PG_RETURN_POINTER(state);
}

static Datum
text_of(Oid type, Datum value)
{
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return CStringGetTextDatum(OidOutputFunctionCall(output, value));
}

/* piece_text(state internal) */
Datum
piece_text(PG_FUNCTION_ARGS)
{
	State	   *state = PG_ARGISNULL(0) ? NULL : (State *) PG_GETARG_POINTER(0);

	if (state == NULL || state->none)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(text_of(state->type, state->value));
}

/* whole_text(state internal) */
Datum
whole_text(PG_FUNCTION_ARGS)
{
	LOCAL_FCINFO(call, FUNC_MAX_ARGS);
	State	   *state = PG_ARGISNULL(0) ? NULL : (State *) PG_GETARG_POINTER(0);
	FmgrInfo	info;
	Datum		value;
	int			arguments = 1,
				i;

	if (state == NULL)
		PG_RETURN_NULL();
	fmgr_info(state->final, &info);
	if (state->final_extra)
		arguments += get_func_nargs(state->aggregate);
	InitFunctionCallInfoData(*call, &info, arguments, fcinfo->fncollation, fcinfo->context, NULL);
	for (i = 1; i < arguments; i++)
	{
		call->args[i].value = (Datum) 0;
		call->args[i].isnull = true;
	}
	call->args[0].value = state->value;
	call->args[0].isnull = state->none;
	if (info.fn_strict && (state->none || arguments > 1))
		PG_RETURN_NULL();
	value = FunctionCallInvoke(call);
	if (call->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(text_of(get_func_rettype(state->aggregate), value));
}
