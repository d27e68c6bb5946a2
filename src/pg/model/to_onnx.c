/*
 * to_onnx.c
 *	  rnn_to_onnx: a model's network as an ONNX file (opset 14).
 *
 * Input "x" is (batch, time, features) with free batch and time; inside the
 * graph sequences are time-major, as ONNX's recurrent operators need them.  A
 * forecaster's network may also have the input "extra" (batch, E), which joins
 * the input of the last dense layer, and a linear map of the whole window.
 *
 *	  ONNX						here
 *	  LSTM gates i, o, f, c		i, f, g, o
 *	  GRU gates z, r, h			r, z, n; linear_before_reset = 1
 */
#include "pg/model/forecaster.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pg/bytes/protobuf.h"
#include "pg/model/model_text.h"
#include "pg/model/network_json.h"
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
	ENTRY_KEY = 1, ENTRY_VALUE = 2,
	GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12,
	NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_TYPE = 4, NODE_ATTRIBUTE = 5,
	ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2, ATTRIBUTE_INT = 3, ATTRIBUTE_STRING = 4, ATTRIBUTE_FLOATS = 7, ATTRIBUTE_INTS = 8,
	ATTRIBUTE_STRINGS = 9, ATTRIBUTE_TYPE = 20,
	TENSOR_DIM = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_DATA = 9,
	VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_TYPE_ELEMENT = 1, TENSOR_TYPE_SHAPE = 2, SHAPE_DIM = 1,
	DIM_VALUE = 1, DIM_NAME = 2
};

enum
{
	TYPE_FLOAT = 1, TYPE_INT64 = 7	/* of tensors */
};

enum
{
	KIND_FLOAT = 1, KIND_INT = 2, KIND_STRING = 3, KIND_FLOATS = 6, KIND_INTS = 7, KIND_STRINGS = 8 /* of attributes */
};

typedef struct Graph
{
	StringInfoData bytes;		/* GraphProto */
	StringInfoData node;		/* NodeProto under way */
	int			nodes;
	const FrnnNetwork *network;
	const FrnnTensor *tensor;
	int			tensors;
	const float *params;
} Graph;

/* ---- parts of a graph ---- */

static void
node_begin(Graph *graph, const char *type)
{
	initStringInfo(&graph->node);
	protobuf_text(&graph->node, NODE_TYPE, type);
}

static void
node_input(Graph *graph, const char *name)
{
	protobuf_text(&graph->node, NODE_INPUT, name);
}

static void
attribute_add(Graph *graph, StringInfo attribute, const char *name, int kind)
{
	protobuf_text(attribute, ATTRIBUTE_NAME, name);
	protobuf_number(attribute, ATTRIBUTE_TYPE, kind);
	protobuf_message(&graph->node, NODE_ATTRIBUTE, attribute);
}

static void
node_int(Graph *graph, const char *name, int64 value)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	protobuf_number(&attribute, ATTRIBUTE_INT, (uint64) value);
	attribute_add(graph, &attribute, name, KIND_INT);
}

static void
node_ints(Graph *graph, const char *name, const int *value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_number(&attribute, ATTRIBUTE_INTS, (uint64) (int64) value[i]);
	attribute_add(graph, &attribute, name, KIND_INTS);
}

static void
node_string(Graph *graph, const char *name, const char *value)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	protobuf_text(&attribute, ATTRIBUTE_STRING, value);
	attribute_add(graph, &attribute, name, KIND_STRING);
}

/* the same text or number for each direction */
static void
node_strings(Graph *graph, const char *name, const char *value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_text(&attribute, ATTRIBUTE_STRINGS, value);
	attribute_add(graph, &attribute, name, KIND_STRINGS);
}

static void
node_floats(Graph *graph, const char *name, float value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_float(&attribute, ATTRIBUTE_FLOATS, value);
	attribute_add(graph, &attribute, name, KIND_FLOATS);
}

/* Ends the node; returns the name of its output. */
static char *
node_end(Graph *graph, const char *output)
{
	char	   *name = output ? pstrdup(output) : psprintf("t%d", graph->nodes);

	protobuf_text(&graph->node, NODE_OUTPUT, name);
	protobuf_text(&graph->node, NODE_NAME, psprintf("node%d", graph->nodes++));
	protobuf_message(&graph->bytes, GRAPH_NODE, &graph->node);
	return name;
}

/* a node without attributes */
static char *
node_simple(Graph *graph, const char *type, const char *a, const char *b)
{
	node_begin(graph, type);
	node_input(graph, a);
	if (b)
		node_input(graph, b);
	return node_end(graph, NULL);
}

static char *
node_transpose(Graph *graph, const char *input, const int *order, int rank, const char *output)
{
	node_begin(graph, "Transpose");
	node_input(graph, input);
	node_ints(graph, "perm", order, rank);
	return node_end(graph, output);
}

/* a constant of floats; rank 0 to 3 */
static char *
constant_floats(Graph *graph, const char *name, const float *value, const int *dim, int rank)
{
	StringInfoData tensor;
	size_t		count = 1;

	initStringInfo(&tensor);
	for (int i = 0; i < rank; i++)
	{
		protobuf_number(&tensor, TENSOR_DIM, (uint64) dim[i]);
		count *= (size_t) dim[i];
	}
	frnn_check_size(frnn_mul(count, 2 * sizeof(float)), "the ONNX file");
	protobuf_number(&tensor, TENSOR_TYPE, TYPE_FLOAT);
	protobuf_text(&tensor, TENSOR_NAME, name);
	protobuf_floats(&tensor, TENSOR_DATA, value, count);
	protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &tensor);
	pfree(tensor.data);
	return pstrdup(name);
}

static char *
constant_ints(Graph *graph, const int *value, int count)
{
	StringInfoData tensor;
	char	   *name = psprintf("c%d", graph->nodes++);
	char		bytes[8 * 8];

	for (int i = 0; i < count; i++)
		for (int b = 0; b < 8; b++)
			bytes[i * 8 + b] = (char) ((uint64) (int64) value[i] >> 8 * b & 0xff);
	initStringInfo(&tensor);
	protobuf_number(&tensor, TENSOR_DIM, count);
	protobuf_number(&tensor, TENSOR_TYPE, TYPE_INT64);
	protobuf_text(&tensor, TENSOR_NAME, name);
	protobuf_bytes(&tensor, TENSOR_DATA, bytes, count * 8);
	protobuf_message(&graph->bytes, GRAPH_INITIALIZER, &tensor);
	return name;
}

static char *
node_reshape(Graph *graph, const char *input, const int *shape, int rank)
{
	return node_simple(graph, "Reshape", input, constant_ints(graph, shape, rank));
}

static char *
node_squeeze(Graph *graph, const char *input, int axis)
{
	return node_simple(graph, "Squeeze", input, constant_ints(graph, &axis, 1));
}

/* an input or output: dimensions by name (NULL: the number) */
static void
graph_value(Graph *graph, int field, const char *name, const char *const *dim_name, const int *dim, int rank)
{
	StringInfoData shape,
				tensor,
				type,
				value;

	initStringInfo(&shape);
	for (int i = 0; i < rank; i++)
	{
		StringInfoData one;

		initStringInfo(&one);
		if (dim_name[i])
			protobuf_text(&one, DIM_NAME, dim_name[i]);
		else
			protobuf_number(&one, DIM_VALUE, dim[i]);
		protobuf_message(&shape, SHAPE_DIM, &one);
	}
	initStringInfo(&tensor);
	protobuf_number(&tensor, TENSOR_TYPE_ELEMENT, TYPE_FLOAT);
	protobuf_message(&tensor, TENSOR_TYPE_SHAPE, &shape);
	initStringInfo(&type);
	protobuf_message(&type, TYPE_TENSOR, &tensor);
	initStringInfo(&value);
	protobuf_text(&value, VALUE_NAME, name);
	protobuf_message(&value, VALUE_TYPE, &type);
	protobuf_message(&graph->bytes, field, &value);
}

/* ---- weights ---- */

static const FrnnTensor *
layer_tensor(const Graph *graph, int layer, const char *own)
{
	for (int i = 0; i < graph->tensors; i++)
		if (graph->tensor[i].layer == layer && strcmp(strchr(graph->tensor[i].name, '.') + 1, own) == 0)
			return &graph->tensor[i];
	return NULL;
}

/* the block here of ONNX's gate g */
static int
gate_here(FrnnLayerKind kind, int g)
{
	static const int lstm[] = {0, 3, 1, 2};
	static const int gru[] = {1, 0, 2};

	return kind == FRNN_LSTM ? lstm[g] : kind == FRNN_GRU ? gru[g] : 0;
}

static int
gates_of(FrnnLayerKind kind)
{
	return kind == FRNN_LSTM ? 4 : kind == FRNN_GRU ? 3 : 1;
}

/* Copies a tensor (G H, columns) with its gates in ONNX's order; zeros if there is none. */
static void
gates_copy(const Graph *graph, const FrnnLayer *layer, const FrnnTensor *tensor, size_t columns, float *out)
{
	size_t		block = (size_t) layer->units * columns;

	for (int g = 0; g < gates_of(layer->kind); g++)
	{
		if (tensor)
			memcpy(out + g * block, graph->params + tensor->offset + gate_here(layer->kind, g) * block, block * sizeof(float));
		else
			memset(out + g * block, 0, block * sizeof(float));
	}
}

/* W, R or B of both directions: (directions, G H, columns); B has input and recurrent bias in one row */
static char *
recurrent_constant(Graph *graph, int l, const char *own, const char *second, int columns)
{
	const FrnnLayer *layer = &graph->network->layer[l];
	int			directions = layer->bidirectional ? 2 : 1;
	int			rows = gates_of(layer->kind) * layer->units;
	int			dim[3] = {directions, second ? 2 * rows : rows, columns};
	size_t		size = (size_t) rows * columns;
	float	   *values = palloc_extended(frnn_mul(frnn_mul(size, 4), sizeof(float)), MCXT_ALLOC_HUGE);
	float	   *at = values;

	for (int d = 0; d < directions; d++)
	{
		const char *suffix = d ? "_reverse" : "";

		gates_copy(graph, layer, layer_tensor(graph, l, psprintf("%s%s", own, suffix)), columns, at);
		at += size;
		if (second)
		{
			gates_copy(graph, layer, layer_tensor(graph, l, psprintf("%s%s", second, suffix)), columns, at);
			at += size;
		}
	}
	return constant_floats(graph, psprintf("%d.%s", l, own), values, dim, second ? 2 : 3);
}

/* a weight (O, F) as (F, O), so that MatMul takes sequences too */
static char *
dense_constant(Graph *graph, const FrnnTensor *tensor)
{
	int			dim[2] = {tensor->dim[1], tensor->dim[0]};
	const float *from = graph->params + tensor->offset;
	float	   *values = palloc_extended(frnn_mul(tensor->count, sizeof(float)), MCXT_ALLOC_HUGE);

	for (size_t o = 0; o < (size_t) dim[1]; o++)
		for (size_t f = 0; f < (size_t) dim[0]; f++)
			values[f * dim[1] + o] = from[o * dim[0] + f];
	return constant_floats(graph, tensor->name, values, dim, 2);
}

static char *
vector_constant(Graph *graph, const FrnnTensor *tensor)
{
	return constant_floats(graph, tensor->name, graph->params + tensor->offset, tensor->dim, 1);
}

/* ---- layers ---- */

/* (T, directions, B, H) or (directions, B, H) to one sequence or vector */
static char *
directions_merge(Graph *graph, const FrnnLayer *layer, const char *input)
{
	static const int sequence_order[] = {0, 2, 1, 3};
	static const int vector_order[] = {1, 0, 2};
	int			sequence_shape[3] = {0, 0, 2 * layer->units};
	int			vector_shape[2] = {0, 2 * layer->units};
	int			axis = layer->return_sequences ? 1 : 0;

	if (!layer->bidirectional)
		return node_squeeze(graph, input, axis);
	if (layer->merge == FRNN_CONCAT)
		return layer->return_sequences ?
			node_reshape(graph, node_transpose(graph, input, sequence_order, 4, NULL), sequence_shape, 3) :
			node_reshape(graph, node_transpose(graph, input, vector_order, 3, NULL), vector_shape, 2);
	if (layer->merge == FRNN_SUM)
	{
		node_begin(graph, "ReduceSum");
		node_input(graph, input);
		node_input(graph, constant_ints(graph, &axis, 1));
	}
	else
	{
		node_begin(graph, layer->merge == FRNN_AVERAGE ? "ReduceMean" : "ReduceProd");
		node_input(graph, input);
		node_ints(graph, "axes", &axis, 1);
	}
	node_int(graph, "keepdims", 0);
	return node_end(graph, NULL);
}

static char *
recurrent_node(Graph *graph, int l, const char *input)
{
	static const char *const type[] = {[FRNN_SIMPLE] = "RNN",[FRNN_LSTM] = "LSTM",[FRNN_GRU] = "GRU"};
	const FrnnLayer *layer = &graph->network->layer[l];
	int			directions = layer->bidirectional ? 2 : 1;
	char	   *w = recurrent_constant(graph, l, "weight_ih_l0", NULL, layer->input_size);
	char	   *r = recurrent_constant(graph, l, "weight_hh_l0", NULL, layer->units);
	char	   *b = recurrent_constant(graph, l, "bias_ih_l0", "bias_hh_l0", 1);

	node_begin(graph, type[layer->kind]);
	node_input(graph, input);
	node_input(graph, w);
	node_input(graph, r);
	node_input(graph, b);
	node_int(graph, "hidden_size", layer->units);
	node_string(graph, "direction", layer->bidirectional ? "bidirectional" : "forward");
	if (layer->kind == FRNN_GRU)
		node_int(graph, "linear_before_reset", 1);
	if (layer->kind == FRNN_SIMPLE)
	{
		node_strings(graph, "activations", layer->activation == FRNN_TANH ? "Tanh" :
					 layer->activation == FRNN_RELU ? "Relu" : "Affine", directions);
		if (layer->activation == FRNN_LINEAR)
		{
			node_floats(graph, "activation_alpha", 1, directions);
			node_floats(graph, "activation_beta", 0, directions);
		}
	}
	/* outputs Y (whole sequence) and Y_h (last state); an empty name leaves one out */
	if (!layer->return_sequences)
		protobuf_text(&graph->node, NODE_OUTPUT, "");
	return directions_merge(graph, layer, node_end(graph, NULL));
}

static char *
activation_node(Graph *graph, FrnnActivation activation, char *input)
{
	static const char *const type[] = {
		[FRNN_LINEAR] = NULL,[FRNN_TANH] = "Tanh",[FRNN_RELU] = "Relu",[FRNN_SIGMOID] = "Sigmoid",[FRNN_SOFTPLUS] = "Softplus"
	};

	return type[activation] ? node_simple(graph, type[activation], input, NULL) : input;
}

/* Gemm for vectors, MatMul and Add for sequences */
static char *
linear_node(Graph *graph, const FrnnTensor *weight, const FrnnTensor *bias, bool sequence, const char *input)
{
	char	   *out;

	if (!sequence && bias)
	{
		node_begin(graph, "Gemm");
		node_input(graph, input);
		node_input(graph, dense_constant(graph, weight));
		node_input(graph, vector_constant(graph, bias));
		return node_end(graph, NULL);
	}
	out = node_simple(graph, "MatMul", input, dense_constant(graph, weight));
	return bias ? node_simple(graph, "Add", out, vector_constant(graph, bias)) : out;
}

static char *
dense_node(Graph *graph, int l, const char *input)
{
	const FrnnLayer *layer = &graph->network->layer[l];

	if (l == graph->network->layers - 1 && graph->network->extra > 0)
	{
		node_begin(graph, "Concat");
		node_input(graph, input);
		node_input(graph, "extra");
		node_int(graph, "axis", 1);
		input = node_end(graph, NULL);
	}
	return activation_node(graph, layer->activation,
						   linear_node(graph, layer_tensor(graph, l, "weight"), layer_tensor(graph, l, "bias"), layer->input_sequence, input));
}

static char *
mean_node(Graph *graph, const char *input)
{
	static const int last = -1;

	node_begin(graph, "ReduceMean");
	node_input(graph, input);
	node_ints(graph, "axes", &last, 1);
	node_int(graph, "keepdims", 1);
	return node_end(graph, NULL);
}

/* LayerNormalization is of opset 17: here of simpler operators */
static char *
norm_node(Graph *graph, int l, const char *input)
{
	const FrnnLayer *layer = &graph->network->layer[l];
	char	   *centered = node_simple(graph, "Sub", input, mean_node(graph, input));
	char	   *variance = mean_node(graph, node_simple(graph, "Mul", centered, centered));
	char	   *epsilon = constant_floats(graph, psprintf("%d.epsilon", l), &layer->epsilon, NULL, 0);
	char	   *scale = node_simple(graph, "Sqrt", node_simple(graph, "Add", variance, epsilon), NULL);
	char	   *out = node_simple(graph, "Mul", node_simple(graph, "Div", centered, scale), vector_constant(graph, layer_tensor(graph, l, "weight")));
	const FrnnTensor *bias = layer_tensor(graph, l, "bias");

	return bias ? node_simple(graph, "Add", out, vector_constant(graph, bias)) : out;
}

static char *
layer_node(Graph *graph, int l, char *input)
{
	const FrnnLayer *layer = &graph->network->layer[l];

	if (frnn_is_recurrent(layer->kind))
		return recurrent_node(graph, l, input);
	if (layer->kind == FRNN_DENSE)
		return dense_node(graph, l, input);
	if (layer->kind == FRNN_LAYER_NORM)
		return norm_node(graph, l, input);
	return input;				/* dropout: nothing outside training */
}

/* the linear map of the flattened window and the extras, added to the output */
static char *
highway_node(Graph *graph, const char *output)
{
	int			shape[2] = {0, -1};
	char	   *flat = node_reshape(graph, "x", shape, 2);

	if (graph->network->extra > 0)
	{
		node_begin(graph, "Concat");
		node_input(graph, flat);
		node_input(graph, "extra");
		node_int(graph, "axis", 1);
		flat = node_end(graph, NULL);
	}
	return node_simple(graph, "Add", output, linear_node(graph, layer_tensor(graph, -1, "weight"), layer_tensor(graph, -1, "bias"), false, flat));
}

/* ---- the file ---- */

static void
graph_build(Graph *graph)
{
	static const int swap[] = {1, 0, 2};
	static const char *const sequence[] = {"batch", "time", NULL};
	const FrnnNetwork *network = graph->network;
	const char *input[] = {"batch", network->highway ? NULL : "time", NULL};
	int			input_dim[3] = {0, network->time_steps, network->input_size};
	int			extra_dim[2] = {0, network->extra};
	int			sequence_dim[3] = {0, 0, network->output_size};
	int			vector_dim[2] = {0, network->output_size};
	const char *vector[] = {"batch", NULL};
	char	   *at;

	protobuf_text(&graph->bytes, GRAPH_NAME, "network");
	graph_value(graph, GRAPH_INPUT, "x", input, input_dim, 3);
	if (network->extra > 0)
		graph_value(graph, GRAPH_INPUT, "extra", vector, extra_dim, 2);
	at = node_transpose(graph, "x", swap, 3, NULL);
	for (int l = 0; l < network->layers; l++)
		at = layer_node(graph, l, at);
	if (network->highway)
		at = highway_node(graph, at);
	if (network->output_sequence)
	{
		(void) node_transpose(graph, at, swap, 3, "y");
		graph_value(graph, GRAPH_OUTPUT, "y", sequence, sequence_dim, 3);
		return;
	}
	node_begin(graph, "Identity");
	node_input(graph, at);
	(void) node_end(graph, "y");
	graph_value(graph, GRAPH_OUTPUT, "y", vector, vector_dim, 2);
}

static void
metadata_add(StringInfo file, const char *key, const char *value)
{
	StringInfoData entry;

	initStringInfo(&entry);
	protobuf_text(&entry, ENTRY_KEY, key);
	protobuf_text(&entry, ENTRY_VALUE, value);
	protobuf_message(file, MODEL_METADATA, &entry);
}

/* what the input "extra" holds */
static const char *
network_extra_text(const FrnnRecipe *recipe)
{
	if (recipe->extras == 0 || recipe->mode == FRNN_MODE_SEQUENCE)
		return "";
	return "; extra holds the seasonal profile and known covariates of the steps to forecast";
}

extern Datum rnn_model_info(PG_FUNCTION_ARGS);

/* what a program outside needs to prepare the inputs of a forecaster's network */
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
	Graph		graph;
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
	initStringInfo(&graph.bytes);
	graph.network = &model->network;
	graph.tensor = tensor;
	graph.tensors = frnn_network_tensors(&model->network, tensor);
	graph.params = model->params + (member - 1) * model->network.parameters;
	graph_build(&graph);

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
