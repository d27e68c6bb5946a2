/*
 * panel_covariate.c
 *	  rnn_covariates: numbers, flags and arrays of them as one array of
 *	  covariates.  Further overloads of rnn_panel would make untyped literals
 *	  ambiguous.  Times of type text are refused with the cast that they need.
 */
#include "pg/panel/panel.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(rnn_covariates);
PG_FUNCTION_INFO_V1(rnn_panel_add_text);

/* Appends a number or flag; null is a missing covariate. */
static ArrayBuildState *
covariate_add(ArrayBuildState *state, Oid type, Datum value, bool null)
{
	Datum		number = (Datum) 0;

	switch (type)
	{
		case FLOAT8OID:
			number = value;
			break;
		case FLOAT4OID:
			number = null ? 0 : Float8GetDatum((double) DatumGetFloat4(value));
			break;
		case BOOLOID:
			number = Float8GetDatum(!null && DatumGetBool(value) ? 1 : 0);
			break;
		case INT2OID:
			number = Float8GetDatum((double) DatumGetInt16(value));
			break;
		case INT4OID:
			number = Float8GetDatum((double) DatumGetInt32(value));
			break;
		case INT8OID:
			number = null ? 0 : Float8GetDatum((double) DatumGetInt64(value));
			break;
		case NUMERICOID:
			number = null ? 0 : DirectFunctionCall1(numeric_float8, value);
			break;
		case UNKNOWNOID:
			if (null)
				break;
			/* FALLTHROUGH */
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("a covariate must be a number or a boolean, not of type %s", format_type_be(type)),
					 errhint("Give categories by name, as jsonb_build_object('category', category), or make a number, for example (category = 'a')::int.")));
	}
	return accumArrayResult(state, number, null, FLOAT8OID, CurrentMemoryContext);
}

/* Appends the elements of an array. */
static ArrayBuildState *
covariates_add(ArrayBuildState *state, Oid element, ArrayType *array)
{
	int16		length;
	bool		by_value;
	char		align;
	Datum	   *value;
	bool	   *null;
	int			count,
				i;

	get_typlenbyvalalign(element, &length, &by_value, &align);
	deconstruct_array(array, element, length, by_value, align, &value, &null, &count);
	for (i = 0; i < count; i++)
		state = covariate_add(state, element, value[i], null[i]);
	return state;
}

/* rnn_covariates(VARIADIC "any") */
Datum
rnn_covariates(PG_FUNCTION_ARGS)
{
	ArrayBuildState *state = initArrayResult(FLOAT8OID, CurrentMemoryContext, false);
	int			i;

	for (i = 0; i < PG_NARGS(); i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);
		Oid			element = OidIsValid(type) ? get_element_type(type) : InvalidOid;

		if (!OidIsValid(type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("the type of covariate %d is not known", i + 1)));
		if (!OidIsValid(element))
			state = covariate_add(state, type, PG_GETARG_DATUM(i), PG_ARGISNULL(i));
		else if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
		else
			state = covariates_add(state, element, PG_GETARG_ARRAYTYPE_P(i));
	}
	PG_RETURN_DATUM(makeArrayResult(state, CurrentMemoryContext));
}

/* A text in the place of the time. */
Datum
rnn_panel_add_text(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("the time of a panel's rows must not be of type text"),
			 errhint("Cast it, for example rnn_panel(time::timestamptz, value) or to_timestamp(time, 'DD.MM.YYYY').")));
	PG_RETURN_NULL();
}
