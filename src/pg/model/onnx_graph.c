/*
 * onnx_graph.c
 *	  Writer of an ONNX graph (GraphProto of onnx.proto).
 */
#include "pg/model/onnx_graph.h"

#include "pg/bytes/protobuf.h"
#include "pg/server/bridge.h"

/* field numbers of onnx.proto */
enum
{
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

void
onnx_graph_start(OnnxGraph *graph, const char *name)
{
	initStringInfo(&graph->bytes);
	protobuf_text(&graph->bytes, GRAPH_NAME, name);
}

void
onnx_node_begin(OnnxGraph *graph, const char *type)
{
	initStringInfo(&graph->node);
	protobuf_text(&graph->node, NODE_TYPE, type);
}

void
onnx_node_input(OnnxGraph *graph, const char *name)
{
	protobuf_text(&graph->node, NODE_INPUT, name);
}

static void
attribute_add(OnnxGraph *graph, StringInfo attribute, const char *name, int kind)
{
	protobuf_text(attribute, ATTRIBUTE_NAME, name);
	protobuf_number(attribute, ATTRIBUTE_TYPE, kind);
	protobuf_message(&graph->node, NODE_ATTRIBUTE, attribute);
}

void
onnx_node_int(OnnxGraph *graph, const char *name, int64 value)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	protobuf_number(&attribute, ATTRIBUTE_INT, (uint64) value);
	attribute_add(graph, &attribute, name, KIND_INT);
}

void
onnx_node_ints(OnnxGraph *graph, const char *name, const int *value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_number(&attribute, ATTRIBUTE_INTS, (uint64) (int64) value[i]);
	attribute_add(graph, &attribute, name, KIND_INTS);
}

void
onnx_node_string(OnnxGraph *graph, const char *name, const char *value)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	protobuf_text(&attribute, ATTRIBUTE_STRING, value);
	attribute_add(graph, &attribute, name, KIND_STRING);
}

void
onnx_node_strings(OnnxGraph *graph, const char *name, const char *value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_text(&attribute, ATTRIBUTE_STRINGS, value);
	attribute_add(graph, &attribute, name, KIND_STRINGS);
}

void
onnx_node_floats(OnnxGraph *graph, const char *name, float value, int count)
{
	StringInfoData attribute;

	initStringInfo(&attribute);
	for (int i = 0; i < count; i++)
		protobuf_float(&attribute, ATTRIBUTE_FLOATS, value);
	attribute_add(graph, &attribute, name, KIND_FLOATS);
}

void
onnx_node_no_output(OnnxGraph *graph)
{
	protobuf_text(&graph->node, NODE_OUTPUT, "");
}

char	   *
onnx_node_end(OnnxGraph *graph, const char *output)
{
	char	   *name = output ? pstrdup(output) : psprintf("t%d", graph->nodes);

	protobuf_text(&graph->node, NODE_OUTPUT, name);
	protobuf_text(&graph->node, NODE_NAME, psprintf("node%d", graph->nodes++));
	protobuf_message(&graph->bytes, GRAPH_NODE, &graph->node);
	return name;
}

char	   *
onnx_node_simple(OnnxGraph *graph, const char *type, const char *a, const char *b)
{
	onnx_node_begin(graph, type);
	onnx_node_input(graph, a);
	if (b)
		onnx_node_input(graph, b);
	return onnx_node_end(graph, NULL);
}

char	   *
onnx_node_transpose(OnnxGraph *graph, const char *input, const int *order, int rank, const char *output)
{
	onnx_node_begin(graph, "Transpose");
	onnx_node_input(graph, input);
	onnx_node_ints(graph, "perm", order, rank);
	return onnx_node_end(graph, output);
}

char	   *
onnx_constant_floats(OnnxGraph *graph, const char *name, const float *value, const int *dim, int rank)
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

char	   *
onnx_constant_ints(OnnxGraph *graph, const int *value, int count)
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

char	   *
onnx_node_reshape(OnnxGraph *graph, const char *input, const int *shape, int rank)
{
	return onnx_node_simple(graph, "Reshape", input, onnx_constant_ints(graph, shape, rank));
}

char	   *
onnx_node_squeeze(OnnxGraph *graph, const char *input, int axis)
{
	return onnx_node_simple(graph, "Squeeze", input, onnx_constant_ints(graph, &axis, 1));
}

/* Adds an input or output, by the field. */
static void
graph_value(OnnxGraph *graph, int field, const char *name, const char *const *dim_name, const int *dim, int rank)
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

void
onnx_graph_input(OnnxGraph *graph, const char *name, const char *const *dim_name, const int *dim, int rank)
{
	graph_value(graph, GRAPH_INPUT, name, dim_name, dim, rank);
}

void
onnx_graph_output(OnnxGraph *graph, const char *name, const char *const *dim_name, const int *dim, int rank)
{
	graph_value(graph, GRAPH_OUTPUT, name, dim_name, dim, rank);
}
