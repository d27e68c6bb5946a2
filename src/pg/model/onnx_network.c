/*
 * onnx_network.c
 *	  A network as an ONNX graph (opset 14).
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
#include "pg/model/onnx_graph.h"

/* ---- weights ---- */

/* Returns the layer's tensor of that name, NULL if it has none. */
static const FrnnTensor *
layer_tensor(const OnnxGraph *graph, int layer, const char *own)
{
	return frnn_tensor_find(graph->tensor, graph->tensors, layer, own);
}

/* Returns the number in our weights of ONNX's gate g. */
static int
gate_here(FrnnLayerKind kind, int g)
{
	static const int lstm[] = {0, 3, 1, 2};
	static const int gru[] = {1, 0, 2};

	return kind == FRNN_LSTM ? lstm[g] : kind == FRNN_GRU ? gru[g] : 0;
}

/* Copies a tensor (G H, columns) with its gates in ONNX's order; zeros if there is none. */
static void
gates_copy(const OnnxGraph *graph, const FrnnLayer *layer, const FrnnTensor *tensor, size_t columns, float *out)
{
	size_t		block = (size_t) layer->units * columns;

	for (int g = 0; g < frnn_gate_count(layer->kind); g++)
	{
		if (tensor)
			memcpy(out + g * block, graph->params + tensor->offset + gate_here(layer->kind, g) * block, block * sizeof(float));
		else
			memset(out + g * block, 0, block * sizeof(float));
	}
}

/*
 * Adds W, R or B of both directions, (directions, G H, columns), and returns its
 * name.  B, for which second is set, has input and recurrent bias in one row.
 */
static char *
recurrent_constant(OnnxGraph *graph, int l, const char *own, const char *second, int columns)
{
	const FrnnLayer *layer = &graph->network->layer[l];
	int			directions = layer->bidirectional ? 2 : 1;
	int			rows = frnn_gate_count(layer->kind) * layer->units;
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
	return onnx_constant_floats(graph, psprintf("%d.%s", l, own), values, dim, second ? 2 : 3);
}

/* Adds a weight (O, F) as (F, O), so that MatMul takes sequences, too; returns its name. */
static char *
dense_constant(OnnxGraph *graph, const FrnnTensor *tensor)
{
	int			dim[2] = {tensor->dim[1], tensor->dim[0]};
	const float *from = graph->params + tensor->offset;
	float	   *values = palloc_extended(frnn_mul(tensor->count, sizeof(float)), MCXT_ALLOC_HUGE);

	for (size_t o = 0; o < (size_t) dim[1]; o++)
		for (size_t f = 0; f < (size_t) dim[0]; f++)
			values[f * dim[1] + o] = from[o * dim[0] + f];
	return onnx_constant_floats(graph, tensor->name, values, dim, 2);
}

static char *
vector_constant(OnnxGraph *graph, const FrnnTensor *tensor)
{
	return onnx_constant_floats(graph, tensor->name, graph->params + tensor->offset, tensor->dim, 1);
}

/* ---- layers ---- */

/* Merges the directions of a recurrent layer's output (T, directions, B, H) or (directions, B, H). */
static char *
directions_merge(OnnxGraph *graph, const FrnnLayer *layer, const char *input)
{
	static const int sequence_order[] = {0, 2, 1, 3};
	static const int vector_order[] = {1, 0, 2};
	int			sequence_shape[3] = {0, 0, 2 * layer->units};
	int			vector_shape[2] = {0, 2 * layer->units};
	int			axis = layer->return_sequences ? 1 : 0;

	if (!layer->bidirectional)
		return onnx_node_squeeze(graph, input, axis);
	if (layer->merge == FRNN_CONCAT)
		return layer->return_sequences ?
			onnx_node_reshape(graph, onnx_node_transpose(graph, input, sequence_order, 4, NULL), sequence_shape, 3) :
			onnx_node_reshape(graph, onnx_node_transpose(graph, input, vector_order, 3, NULL), vector_shape, 2);
	if (layer->merge == FRNN_SUM)
	{
		onnx_node_begin(graph, "ReduceSum");
		onnx_node_input(graph, input);
		onnx_node_input(graph, onnx_constant_ints(graph, &axis, 1));
	}
	else
	{
		onnx_node_begin(graph, layer->merge == FRNN_AVERAGE ? "ReduceMean" : "ReduceProd");
		onnx_node_input(graph, input);
		onnx_node_ints(graph, "axes", &axis, 1);
	}
	onnx_node_int(graph, "keepdims", 0);
	return onnx_node_end(graph, NULL);
}

static char *
recurrent_node(OnnxGraph *graph, int l, const char *input)
{
	static const char *const type[] = {[FRNN_SIMPLE] = "RNN",[FRNN_LSTM] = "LSTM",[FRNN_GRU] = "GRU"};
	const FrnnLayer *layer = &graph->network->layer[l];
	int			directions = layer->bidirectional ? 2 : 1;
	char	   *w = recurrent_constant(graph, l, "weight_ih_l0", NULL, layer->input_size);
	char	   *r = recurrent_constant(graph, l, "weight_hh_l0", NULL, layer->units);
	char	   *b = recurrent_constant(graph, l, "bias_ih_l0", "bias_hh_l0", 1);

	onnx_node_begin(graph, type[layer->kind]);
	onnx_node_input(graph, input);
	onnx_node_input(graph, w);
	onnx_node_input(graph, r);
	onnx_node_input(graph, b);
	onnx_node_int(graph, "hidden_size", layer->units);
	onnx_node_string(graph, "direction", layer->bidirectional ? "bidirectional" : "forward");
	if (layer->kind == FRNN_GRU)
		onnx_node_int(graph, "linear_before_reset", 1);
	if (layer->kind == FRNN_SIMPLE)
	{
		onnx_node_strings(graph, "activations", layer->activation == FRNN_TANH ? "Tanh" :
						  layer->activation == FRNN_RELU ? "Relu" : "Affine", directions);
		if (layer->activation == FRNN_LINEAR)
		{
			onnx_node_floats(graph, "activation_alpha", 1, directions);
			onnx_node_floats(graph, "activation_beta", 0, directions);
		}
	}
	/* outputs Y (whole sequence) and Y_h (last state) */
	if (!layer->return_sequences)
		onnx_node_no_output(graph);
	return directions_merge(graph, layer, onnx_node_end(graph, NULL));
}

static char *
activation_node(OnnxGraph *graph, FrnnActivation activation, char *input)
{
	static const char *const type[] = {
		[FRNN_LINEAR] = NULL,[FRNN_TANH] = "Tanh",[FRNN_RELU] = "Relu",[FRNN_SIGMOID] = "Sigmoid",[FRNN_SOFTPLUS] = "Softplus"
	};

	return type[activation] ? onnx_node_simple(graph, type[activation], input, NULL) : input;
}

/* Adds a linear map: Gemm for vectors with a bias, else MatMul and Add. */
static char *
linear_node(OnnxGraph *graph, const FrnnTensor *weight, const FrnnTensor *bias, bool sequence, const char *input)
{
	char	   *out;

	if (!sequence && bias)
	{
		onnx_node_begin(graph, "Gemm");
		onnx_node_input(graph, input);
		onnx_node_input(graph, dense_constant(graph, weight));
		onnx_node_input(graph, vector_constant(graph, bias));
		return onnx_node_end(graph, NULL);
	}
	out = onnx_node_simple(graph, "MatMul", input, dense_constant(graph, weight));
	return bias ? onnx_node_simple(graph, "Add", out, vector_constant(graph, bias)) : out;
}

/* Returns the input joined with the network's input "extra", if it has one. */
static const char *
extra_join(OnnxGraph *graph, const char *input)
{
	if (graph->network->extra == 0)
		return input;
	onnx_node_begin(graph, "Concat");
	onnx_node_input(graph, input);
	onnx_node_input(graph, "extra");
	onnx_node_int(graph, "axis", 1);
	return onnx_node_end(graph, NULL);
}

static char *
dense_node(OnnxGraph *graph, int l, const char *input)
{
	const FrnnLayer *layer = &graph->network->layer[l];

	if (l == graph->network->layers - 1)
		input = extra_join(graph, input);
	return activation_node(graph, layer->activation,
						   linear_node(graph, layer_tensor(graph, l, "weight"), layer_tensor(graph, l, "bias"), layer->input_sequence, input));
}

static char *
mean_node(OnnxGraph *graph, const char *input)
{
	static const int last = -1;

	onnx_node_begin(graph, "ReduceMean");
	onnx_node_input(graph, input);
	onnx_node_ints(graph, "axes", &last, 1);
	onnx_node_int(graph, "keepdims", 1);
	return onnx_node_end(graph, NULL);
}

/* Adds a layer normalization of simpler operators, because ONNX's own needs opset 17. */
static char *
norm_node(OnnxGraph *graph, int l, const char *input)
{
	const FrnnLayer *layer = &graph->network->layer[l];
	char	   *centered = onnx_node_simple(graph, "Sub", input, mean_node(graph, input));
	char	   *variance = mean_node(graph, onnx_node_simple(graph, "Mul", centered, centered));
	char	   *epsilon = onnx_constant_floats(graph, psprintf("%d.epsilon", l), &layer->epsilon, NULL, 0);
	char	   *scale = onnx_node_simple(graph, "Sqrt", onnx_node_simple(graph, "Add", variance, epsilon), NULL);
	char	   *out = onnx_node_simple(graph, "Mul", onnx_node_simple(graph, "Div", centered, scale), vector_constant(graph, layer_tensor(graph, l, "weight")));
	const FrnnTensor *bias = layer_tensor(graph, l, "bias");

	return bias ? onnx_node_simple(graph, "Add", out, vector_constant(graph, bias)) : out;
}

static char *
layer_node(OnnxGraph *graph, int l, char *input)
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

/* Adds the linear map of the flattened window and the extras to the output. */
static char *
highway_node(OnnxGraph *graph, const char *output)
{
	int			shape[2] = {0, -1};
	const char *flat = extra_join(graph, onnx_node_reshape(graph, "x", shape, 2));

	return onnx_node_simple(graph, "Add", output, linear_node(graph, layer_tensor(graph, -1, "weight"), layer_tensor(graph, -1, "bias"), false, flat));
}

void
onnx_network(OnnxGraph *graph)
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

	onnx_graph_input(graph, "x", input, input_dim, 3);
	if (network->extra > 0)
		onnx_graph_input(graph, "extra", vector, extra_dim, 2);
	at = onnx_node_transpose(graph, "x", swap, 3, NULL);
	for (int l = 0; l < network->layers; l++)
		at = layer_node(graph, l, at);
	if (network->highway)
		at = highway_node(graph, at);
	if (network->output_sequence)
	{
		(void) onnx_node_transpose(graph, at, swap, 3, "y");
		onnx_graph_output(graph, "y", sequence, sequence_dim, 3);
		return;
	}
	onnx_node_begin(graph, "Identity");
	onnx_node_input(graph, at);
	(void) onnx_node_end(graph, "y");
	onnx_graph_output(graph, "y", vector, vector_dim, 2);
}
