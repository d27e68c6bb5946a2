/*
 * keras_weights.c
 *	  The weights of a network in Keras's order, shapes and gate order.
 *
 *	  Keras							here
 *	  kernel (F, G H)				weight_ih (G H, F)
 *	  recurrent_kernel (H, G H)		weight_hh (G H, H)
 *	  bias (G H)					bias_ih + bias_hh; read into bias_ih
 *	  bias (2, G H) of a GRU		bias_ih, bias_hh
 *
 * The gates of an LSTM are i, f, g, o in both; those of a GRU are z, r, h in
 * Keras and r, z, n here.
 */
#include "pg/model/keras_weights.h"

#include "pg/model/network_keras.h"

bool
keras_has_network(const FrnnNetwork *network, const char **what)
{
	*what = NULL;
	if (network->highway)
		*what = "a highway";
	else if (network->extra > 0)
		*what = "inputs of the last dense layer beside the sequence";
	for (int l = 0; l < network->layers; l++)
		if (frnn_is_recurrent(network->layer[l].kind) && network->layer[l].dilation > 1)
			*what = "a dilation";
	return *what == NULL;
}

typedef struct WeightList
{
	const FrnnNetwork *network;
	const FrnnTensor *tensor;
	int			tensors;
	KerasWeight *out;
	int			count;
} WeightList;

static void
weight_add(WeightList *list, int layer, const char *direction, const char *name, KerasWeightKind kind, const char *first, const char *second)
{
	KerasWeight *weight = &list->out[list->count];

	weight->first = frnn_tensor_find(list->tensor, list->tensors, layer, first);
	if (weight->first == NULL)
		return;					/* without bias */
	weight->second = second ? frnn_tensor_find(list->tensor, list->tensors, layer, second) : NULL;
	weight->kind = kind;
	weight->layer = list->network->layer[layer].kind;
	weight->number = layer;
	snprintf(weight->name, sizeof(weight->name), "%s/%s%s", frnn_keras_layer_name(list->network, layer), direction, name);
	weight->rank = kind == KERAS_KERNEL || kind == KERAS_BIAS_PAIR ? 2 : 1;
	weight->dim[0] = kind == KERAS_KERNEL ? weight->first->dim[1] : kind == KERAS_BIAS_PAIR ? 2 : weight->first->dim[0];
	weight->dim[1] = weight->rank == 2 ? weight->first->dim[0] : 1;
	list->count++;
}

static void
recurrent_add(WeightList *list, int layer, const char *direction, const char *suffix)
{
	bool		gru = list->network->layer[layer].kind == FRNN_GRU;

	weight_add(list, layer, direction, "kernel", KERAS_KERNEL, psprintf("weight_ih_l0%s", suffix), NULL);
	weight_add(list, layer, direction, "recurrent_kernel", KERAS_KERNEL, psprintf("weight_hh_l0%s", suffix), NULL);
	weight_add(list, layer, direction, "bias", gru ? KERAS_BIAS_PAIR : KERAS_BIAS,
			   psprintf("bias_ih_l0%s", suffix), psprintf("bias_hh_l0%s", suffix));
}

int
keras_weights(const FrnnNetwork *network, const FrnnTensor *tensor, KerasWeight *out)
{
	WeightList	list = {network, tensor, 0, out, 0};
	FrnnTensor *count = palloc(sizeof(FrnnTensor) * FRNN_MAX_TENSORS);

	list.tensors = frnn_network_tensors(network, count);
	pfree(count);
	for (int l = 0; l < network->layers; l++)
	{
		const FrnnLayer *layer = &network->layer[l];

		if (frnn_is_recurrent(layer->kind))
		{
			recurrent_add(&list, l, layer->bidirectional ? "forward/" : "", "");
			if (layer->bidirectional)
				recurrent_add(&list, l, "backward/", "_reverse");
		}
		else if (layer->kind == FRNN_DENSE)
		{
			weight_add(&list, l, "", "kernel", KERAS_KERNEL, "weight", NULL);
			weight_add(&list, l, "", "bias", KERAS_VECTOR, "bias", NULL);
		}
		else if (layer->kind == FRNN_LAYER_NORM)
		{
			weight_add(&list, l, "", "gamma", KERAS_VECTOR, "weight", NULL);
			weight_add(&list, l, "", "beta", KERAS_VECTOR, "bias", NULL);
		}
	}
	return list.count;
}

size_t
keras_weight_count(const KerasWeight *weight)
{
	return (size_t) weight->dim[0] * weight->dim[1];
}

/* the row here of a column there: a GRU's gates z and r change places */
static size_t
weight_row(const KerasWeight *weight, size_t column)
{
	size_t		units;

	if (weight->layer != FRNN_GRU || weight->kind == KERAS_VECTOR)
		return column;
	units = (size_t) weight->first->dim[0] / 3;
	if (column < units)
		return column + units;
	return column < 2 * units ? column - units : column;
}

void
keras_weight_get(const KerasWeight *weight, const float *params, float *out)
{
	const float *first = params + weight->first->offset;
	const float *second = weight->second ? params + weight->second->offset : NULL;
	size_t		rows = (size_t) weight->first->dim[0];
	size_t		columns = weight->kind == KERAS_KERNEL ? (size_t) weight->first->dim[1] : 1;

	for (size_t i = 0; i < rows; i++)
	{
		size_t		row = weight_row(weight, i);

		for (size_t j = 0; j < columns; j++)
			out[j * rows + i] = first[row * columns + j];
		if (second && weight->kind == KERAS_BIAS)
			out[i] += second[row];
		else if (second)
			out[rows + i] = second[row];
	}
}

void
keras_weight_set(const KerasWeight *weight, const float *values, float *params)
{
	float	   *first = params + weight->first->offset;
	float	   *second = weight->second ? params + weight->second->offset : NULL;
	size_t		rows = (size_t) weight->first->dim[0];
	size_t		columns = weight->kind == KERAS_KERNEL ? (size_t) weight->first->dim[1] : 1;

	for (size_t i = 0; i < rows; i++)
	{
		size_t		row = weight_row(weight, i);

		for (size_t j = 0; j < columns; j++)
			first[row * columns + j] = values[j * rows + i];
		if (weight->second)
			second[row] = weight->kind == KERAS_BIAS ? 0 : values[rows + i];
	}
}
