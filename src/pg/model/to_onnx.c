/*
 * to_onnx.c
 *	  rnn_to_onnx: a model's network as an ONNX file, with what a program
 *	  outside needs to use it as metadata.
 */
#include "pg/model/forecaster.h"

#include "lib/stringinfo.h"
#include "pg/bytes/protobuf.h"
#include "pg/model/model_text.h"
#include "pg/model/network_json.h"
#include "pg/model/onnx_graph.h"
#include "pg/model/onnx_metadata.h"
#include "pg/options/options.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(rnn_to_onnx);

#define ONNX_IR_VERSION 7		/* of opset 14 */
#define ONNX_OPSET		14

/* field numbers of onnx.proto */
enum
{
	MODEL_IR_VERSION = 1, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14,
	OPSET_VERSION = 2,
	ENTRY_KEY = 1, ENTRY_VALUE = 2
};

static void
metadata_add(StringInfo file, const char *key, const char *value)
{
	StringInfoData entry;

	initStringInfo(&entry);
	protobuf_text(&entry, ENTRY_KEY, key);
	protobuf_text(&entry, ENTRY_VALUE, value);
	protobuf_message(file, MODEL_METADATA, &entry);
}

/* Returns the text that describes the input "extra", empty if there is none. */
static const char *
network_extra_text(const FrnnRecipe *recipe)
{
	if (recipe->extras == 0 || recipe->mode == FRNN_MODE_SEQUENCE)
		return "";
	return "; extra holds the seasonal profile and known covariates of the steps to forecast";
}

extern Datum rnn_model_info(PG_FUNCTION_ARGS);

/* Adds what another program needs to prepare the inputs of a forecaster's network. */
static void
metadata_forecaster(StringInfo file, bytea *bytes, int member)
{
	ForecastModel *model = forecast_model_read(bytes);
	const FrnnRecipe *recipe = &model->core.recipe;
	Jsonb	   *info = DatumGetJsonbP(DirectFunctionCall1(rnn_model_info, PointerGetDatum(bytes)));
	JsonbValue	part;

	metadata_add(file, "description", forecast_model_line(model));
	if (getKeyJsonValueFromContainer(&info->root, "recipe", 6, &part))
		metadata_add(file, "recipe", JsonbToCString(NULL, part.val.binary.data, part.val.binary.len));
	metadata_add(file, "member", psprintf("%d of %d; a forecast is the median of all", member, model->core.members));
	metadata_add(file, "preparation", psprintf(
											   "1. missing values are filled (on_gap); 2. transform of value / unit of the series; "
											   "3. the profiles of the seasons are subtracted; "
											   "4. the level (%s) is subtracted; 5. division by the scale of the series. "
											   "x holds %d rows of that%s; y holds the next %d values in "
											   "the same units%s, and the steps are undone in reverse. The entries pipeline, series, ridge and mixture have "
											   "the numbers.",
											   frnn_option_word(OPT_LEVEL, recipe->level), recipe->time_steps,
											   recipe->mode == FRNN_MODE_WINDOW ? psprintf(" in time steps of %d rows", recipe->segment) :
											   " as a moving window, one per time step",
											   recipe->block, network_extra_text(recipe)));
	onnx_metadata_add(model, metadata_add, file);
}

Datum
rnn_to_onnx(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	int			member = PG_GETARG_INT32(1);
	FrnnModel  *model = frnn_model_read(bytes);
	FrnnTensor *tensor = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);
	OnnxGraph	graph;
	StringInfoData file,
				opset;
	bytea	   *result;

	frnn_model_need_layers(model);
	if (member < 1 || member > model->members)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("member must be between 1 and %d, not %d", model->members, member)));
	for (int l = 0; l < model->network.layers; l++)
		if (frnn_is_recurrent(model->network.layer[l].kind) && model->network.layer[l].dilation > 1)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("layer %d has a dilation, which ONNX does not have", l + 1),
					 errhint("rnn_weights(model) gives the weights of all networks.")));
	/* file, graph and tensor hold the weights at the same time */
	frnn_check_size(frnn_mul(model->network.parameters, 4 * sizeof(float)), "the ONNX file");
	memset(&graph, 0, sizeof(graph));
	onnx_graph_start(&graph, "network");
	graph.network = &model->network;
	graph.tensor = tensor;
	graph.tensors = frnn_network_tensors(&model->network, tensor);
	graph.params = model->params + (member - 1) * model->network.parameters;
	onnx_network(&graph);

	initStringInfo(&file);
	protobuf_number(&file, MODEL_IR_VERSION, ONNX_IR_VERSION);
	protobuf_text(&file, MODEL_PRODUCER, "forecast_rnn");
	protobuf_text(&file, MODEL_PRODUCER_VERSION, FRNN_VERSION);
	initStringInfo(&opset);
	protobuf_number(&opset, OPSET_VERSION, ONNX_OPSET);
	protobuf_message(&file, MODEL_OPSET, &opset);
	protobuf_message(&file, MODEL_GRAPH, &graph.bytes);
	metadata_add(&file, "network", frnn_network_to_text(&model->network));
	if (model->forecaster)
		metadata_forecaster(&file, bytes, member);
	result = palloc(VARHDRSZ + file.len);
	SET_VARSIZE(result, VARHDRSZ + file.len);
	memcpy(VARDATA(result), file.data, file.len);
	PG_RETURN_BYTEA_P(result);
}
