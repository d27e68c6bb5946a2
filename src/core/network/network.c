/*
 * network.c
 *	  Checks a list of layers against its input shape and lays out its
 *	  parameters in one flat array.
 *
 * Limits are checked before sizes are multiplied, so products of sizes fit
 * size_t on 64-bit machines.  frnn_mul and the checked sums guard 32-bit ones.
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "core/network/layer.h"

int
frnn_gate_count(FrnnLayerKind kind)
{
	return frnn_is_recurrent(kind) ? frnn_cell_of(kind)->gates : 0;
}

FrnnLayer
frnn_layer_default(FrnnLayerKind kind)
{
	FrnnLayer	layer;

	memset(&layer, 0, sizeof(layer));
	layer.kind = kind;
	layer.activation = frnn_is_recurrent(kind) ? FRNN_TANH : FRNN_LINEAR;
	layer.merge = FRNN_CONCAT;
	layer.use_bias = true;
	layer.epsilon = 1e-3f;
	layer.dilation = 1;
	return layer;
}

/* Returns false for NaN too. */
static bool
is_rate(float rate)
{
	return rate >= 0.0f && rate < 1.0f;
}

static FrnnStatus
check_layer(const FrnnLayer *layer, int index, bool sequence, FrnnError *error)
{
	bool		recurrent = frnn_is_recurrent(layer->kind);

	if (recurrent || layer->kind == FRNN_DENSE)
	{
		if (layer->units < 1 || layer->units > FRNN_MAX_UNITS)
			return frnn_fail(error, FRNN_BAD_UNITS, index, layer->units, FRNN_MAX_UNITS);
	}
	if (!is_rate(layer->dropout))
		return frnn_fail(error, FRNN_BAD_RATE, index, layer->dropout, 1);
	if (!is_rate(layer->recurrent_dropout))
		return frnn_fail(error, FRNN_BAD_RATE, index, layer->recurrent_dropout, 1);
	if (layer->kind == FRNN_LAYER_NORM && !(layer->epsilon > 0.0f && isfinite(layer->epsilon)))
		return frnn_fail(error, FRNN_BAD_EPSILON, index, layer->epsilon, 0);
	if (layer->bidirectional && !recurrent)
		return frnn_fail(error, FRNN_BAD_BIDIRECTIONAL, index, 0, 0);
	if (!recurrent)
		return FRNN_OK;
	if (layer->dilation < 1 || layer->dilation > FRNN_MAX_DILATION)
		return frnn_fail(error, FRNN_BAD_DILATION, index, layer->dilation, FRNN_MAX_DILATION);
	if (layer->kind == FRNN_SIMPLE
		? (layer->activation != FRNN_TANH && layer->activation != FRNN_RELU && layer->activation != FRNN_LINEAR)
		: layer->activation != FRNN_TANH)
		return frnn_fail(error, FRNN_BAD_ACTIVATION, index, layer->activation, 0);
	if (!sequence)
		return frnn_fail(error, FRNN_VECTOR_TO_RECURRENT, index, 0, 0);
	return FRNN_OK;
}

static int
layer_output_size(const FrnnLayer *layer)
{
	if (layer->kind == FRNN_DROPOUT || layer->kind == FRNN_LAYER_NORM)
		return layer->input_size;
	if (layer->bidirectional && layer->merge == FRNN_CONCAT)
		return 2 * layer->units;
	return layer->units;
}

/*
 * The tensors listed so far.  With out NULL only their number and size are
 * counted, so that names and sizes come from one list.
 */
typedef struct TensorList
{
	FrnnTensor *out;
	int			n;
	size_t		offset;
	bool		overflow;
} TensorList;

/* "<layer>.<name><suffix>"; layer < 100 */
static void
compose_name(char *out, int layer, const char *name, const char *suffix)
{
	char	   *p = out;

	if (layer < 0)
		p = stpcpy(p, "highway");
	else
	{
		if (layer >= 10)
			*p++ = (char) ('0' + layer / 10);
		*p++ = (char) ('0' + layer % 10);
	}
	*p++ = '.';
	p = stpcpy(p, name);
	stpcpy(p, suffix);
}

/* columns 0: a vector */
static void
add_tensor(TensorList *list, int layer, const char *name, const char *suffix, int rows, int columns)
{
	size_t		count = frnn_mul((size_t) rows, columns ? (size_t) columns : 1);

	if (list->out)
	{
		FrnnTensor *tensor = &list->out[list->n];

		compose_name(tensor->name, layer, name, suffix);
		tensor->layer = layer;
		tensor->rank = columns ? 2 : 1;
		tensor->dim[0] = rows;
		tensor->dim[1] = columns ? columns : 1;
		tensor->offset = list->offset;
		tensor->count = count;
	}
	list->n++;
	if (__builtin_add_overflow(list->offset, count, &list->offset))
		list->overflow = true;
}

static void
add_direction(TensorList *list, int index, const FrnnLayer *layer, const char *suffix)
{
	int			rows = frnn_gate_count(layer->kind) * layer->units;

	add_tensor(list, index, "weight_ih_l0", suffix, rows, layer->input_size);
	add_tensor(list, index, "weight_hh_l0", suffix, rows, layer->units);
	if (layer->use_bias)
	{
		add_tensor(list, index, "bias_ih_l0", suffix, rows, 0);
		add_tensor(list, index, "bias_hh_l0", suffix, rows, 0);
	}
}

static void
add_layer(TensorList *list, int index, const FrnnLayer *layer)
{
	switch (layer->kind)
	{
		case FRNN_SIMPLE:
		case FRNN_LSTM:
		case FRNN_GRU:
			add_direction(list, index, layer, "");
			if (layer->bidirectional)
				add_direction(list, index, layer, "_reverse");
			break;
		case FRNN_DENSE:
			add_tensor(list, index, "weight", "", layer->units, layer->input_size);
			if (layer->use_bias)
				add_tensor(list, index, "bias", "", layer->units, 0);
			break;
		case FRNN_LAYER_NORM:
			add_tensor(list, index, "weight", "", layer->input_size, 0);
			if (layer->use_bias)
				add_tensor(list, index, "bias", "", layer->input_size, 0);
			break;
		case FRNN_DROPOUT:
			break;
	}
}

/* Returns the columns of the highway's weight.  frnn_network_resolve checks that they fit an int. */
static int
highway_columns(const FrnnNetwork *network)
{
	return network->time_steps * network->input_size + network->extra;
}

static void
add_highway(TensorList *list, const FrnnNetwork *network)
{
	add_tensor(list, -1, "weight", "", network->output_size, highway_columns(network));
	add_tensor(list, -1, "bias", "", network->output_size, 0);
}

static FrnnStatus
check_input(const FrnnNetwork *network, FrnnError *error)
{
	if (network->layers < 1)
		return frnn_fail(error, FRNN_NO_LAYERS, -1, network->layers, FRNN_MAX_LAYERS);
	if (network->layers > FRNN_MAX_LAYERS)
		return frnn_fail(error, FRNN_TOO_MANY_LAYERS, -1, network->layers, FRNN_MAX_LAYERS);
	if (network->input_size < 1 || network->input_size > FRNN_MAX_FEATURES)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, network->input_size, FRNN_MAX_FEATURES);
	if (network->extra < 0 || network->extra > FRNN_MAX_FEATURES)
		return frnn_fail(error, FRNN_BAD_INPUT_SIZE, -1, network->extra, FRNN_MAX_FEATURES);
	if (network->time_steps < 0 || network->time_steps > FRNN_MAX_STEPS)
		return frnn_fail(error, FRNN_BAD_TIME_STEPS, -1, network->time_steps, FRNN_MAX_STEPS);
	if (network->highway && network->time_steps == 0)
		return frnn_fail(error, FRNN_OPEN_HIGHWAY, -1, 0, 0);
	if (network->extra > 0 && network->layer[network->layers - 1].kind != FRNN_DENSE)
		return frnn_fail(error, FRNN_EXTRA_WITHOUT_DENSE, network->layers - 1, network->extra, 0);
	return FRNN_OK;
}

static FrnnStatus
resolve_highway(FrnnNetwork *network, TensorList *list, FrnnError *error)
{
	size_t		columns = frnn_mul((size_t) network->time_steps, (size_t) network->input_size);

	network->highway_offset = list->offset;
	if (!network->highway)
		return FRNN_OK;
	if (network->output_sequence)
		return frnn_fail(error, FRNN_HIGHWAY_ON_SEQUENCE, network->layers - 1, 0, 0);
	/* the tensor's dimensions are int */
	if (columns > (size_t) (INT_MAX - network->extra))
		return frnn_fail(error, FRNN_TOO_LARGE, -1, (double) columns * sizeof(float), (double) INT_MAX * sizeof(float));
	add_highway(list, network);
	return FRNN_OK;
}

FrnnStatus
frnn_network_resolve(FrnnNetwork *network, FrnnError *error)
{
	FrnnStatus	status = check_input(network, error);
	TensorList	list = {NULL, 0, 0, false};
	bool		sequence = true;
	int			size = network->input_size;
	int			i;

	if (status != FRNN_OK)
		return status;
	for (i = 0; i < network->layers; i++)
	{
		FrnnLayer  *layer = &network->layer[i];

		status = check_layer(layer, i, sequence, error);
		if (status != FRNN_OK)
			return status;
		layer->input_size = size + (i == network->layers - 1 ? network->extra : 0);
		layer->input_sequence = sequence;
		if (frnn_is_recurrent(layer->kind))
			sequence = layer->return_sequences;
		layer->output_sequence = sequence;
		layer->output_size = size = layer_output_size(layer);
		layer->offset = list.offset;
		add_layer(&list, i, layer);
		layer->count = list.offset - layer->offset;
	}
	network->output_size = size;
	network->output_sequence = sequence;
	status = resolve_highway(network, &list, error);
	if (status != FRNN_OK)
		return status;
	network->parameters = list.offset;
	if (list.overflow || list.offset > SIZE_MAX / sizeof(float))
		return frnn_fail(error, FRNN_TOO_LARGE, -1, (double) SIZE_MAX, (double) SIZE_MAX);
	return FRNN_OK;
}

int
frnn_network_tensors(const FrnnNetwork *network, FrnnTensor *out)
{
	TensorList	list = {out, 0, 0, false};
	int			i;

	for (i = 0; i < network->layers; i++)
		add_layer(&list, i, &network->layer[i]);
	if (network->highway)
		add_highway(&list, network);
	return list.n;
}

const FrnnTensor *
frnn_tensor_find(const FrnnTensor *tensor, int tensors, int layer, const char *own)
{
	for (int i = 0; i < tensors; i++)
		if (tensor[i].layer == layer && strcmp(strchr(tensor[i].name, '.') + 1, own) == 0)
			return &tensor[i];
	return NULL;
}

/* Returns the multiply-adds of a layer per row, that is per sample and time step. */
static double
layer_macs(const FrnnLayer *layer)
{
	double		macs = 0;

	if (layer->kind == FRNN_DENSE)
		macs = (double) layer->units * layer->input_size;
	else if (frnn_is_recurrent(layer->kind))
		macs = (double) frnn_gate_count(layer->kind) * layer->units * ((double) layer->input_size + layer->units);
	return layer->bidirectional ? 2 * macs : macs;
}

double
frnn_network_flops(const FrnnNetwork *network, int B, int T)
{
	double		macs = 0;
	int			i;

	for (i = 0; i < network->layers; i++)
	{
		const FrnnLayer *layer = &network->layer[i];

		macs += layer_macs(layer) * B * (layer->input_sequence ? T : 1);
	}
	if (network->highway)
		macs += (double) network->output_size * highway_columns(network) * B;
	return 2 * macs;
}
