/*
 * outer.c
 *	  rnn_outer: DiLoCo's outer step, from the average of a round of trainings and
 *	  the model that they started from.
 */
#include "pg/model/average.h"

#include "core/forecast/average.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_outer);

static void
outer_check(FunctionCallInfo fcinfo)
{
	double		rate,
				momentum;
	int			i;

	for (i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %d of rnn_outer must not be null", i + 1)));
	rate = PG_GETARG_FLOAT8(2);
	momentum = PG_GETARG_FLOAT8(3);
	if (!(rate > 0 && rate <= 10))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the rate of the outer step must be above 0 and at most 10, not %g", rate)));
	if (!(momentum >= 0 && momentum < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the momentum of the outer step must be at least 0 and below 1, not %g", momentum)));
}

/* rnn_outer(base bytea, average bytea, rate float8, momentum float8) */
Datum
rnn_outer(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context;
	ForecastModel *base;
	ForecastModel *out;
	size_t		count;
	bytea	   *result;

	outer_check(fcinfo);
	context = AllocSetContextCreate(caller, "rnn_outer", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	base = forecast_model_read(PG_GETARG_BYTEA_PP(0));
	out = forecast_model_read(PG_GETARG_BYTEA_PP(1));
	count = out->core.members * out->core.network.parameters;
	if (out->core.members == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the model has no network for an outer step")));
	if (base->core.members != out->core.members || base->core.network.parameters != out->core.network.parameters ||
		frnn_weights_checksum(base->core.params, count) != out->core.base)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the average was not trained from the base"),
				 errhint("The base is the model that all trainings of the round started from.")));
	out->velocity = frnn_allocate(sizeof(float) * count, "the outer step");
	if (base->velocity)
		memcpy(out->velocity, base->velocity, sizeof(float) * count);
	frnn_outer_step(base->core.params, PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3), count, out->velocity, out->core.params);
	out->model->params = out->core.params;
	out->averaged = Max(out->averaged, 1);
	result = forecast_model_rewrite(out, caller);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_BYTEA_P(result);
}
