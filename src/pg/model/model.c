/*
 * model.c
 *	  Models as callers use them: what a function needs of a model, its options,
 *	  the names of its tensors, errors about its bytes.
 */
#include "pg/model/model.h"

#include "pg/options/options.h"
#include "utils/fmgrprotos.h"

void
frnn_member_name(const FrnnTensor *tensor, int k, char *name)
{
	if (k == 0)
		strlcpy(name, tensor->name, ST_MAX_NAME);
	else
		snprintf(name, ST_MAX_NAME, "member%d.%s", k, tensor->name);
}

void
frnn_model_need_network(const FrnnModel *model, const char *instead)
{
	if (model->forecaster)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("the model is a forecaster, not a plain network"),
				 errhint("It holds a time axis and scales that arrays lack: use %s.", instead)));
}

void
frnn_model_need_layers(const FrnnModel *model)
{
	if (model->members == 0)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("the model has no network: it is ridge regression alone")));
}

Jsonb	   *
model_options(const FrnnModel *model, Jsonb *given)
{
	Datum		before;

	if (model->options == NULL || model->options[0] == '\0')
		return given;
	before = DirectFunctionCall1(jsonb_in, CStringGetDatum(model->options));
	if (given == NULL)
		return DatumGetJsonbP(before);
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, before, JsonbPGetDatum(given)));
}

void
frnn_model_imported(FrnnModel *model, Jsonb *options)
{
	int			width = frnn_loss_width(&model->loss);

	if (model->network.output_size % width == 0)
		model->targets = model->network.output_size / width;
	if (options)
		model->options = frnn_options_canonical(options);
}

void
frnn_model_raise(MemoryContext context, const char *what)
{
	ErrorData  *edata;
	int			category;

	MemoryContextSwitchTo(context);
	edata = CopyErrorData();
	category = ERRCODE_TO_CATEGORY(edata->sqlerrcode);
	if (category == ERRCODE_DATA_EXCEPTION || category == ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION ||
		category == ERRCODE_PROGRAM_LIMIT_EXCEEDED || category == ERRCODE_FEATURE_NOT_SUPPORTED)
	{
		FlushErrorState();
		st_corrupt("%s: %s", what, edata->message);
	}
	PG_RE_THROW();
}
