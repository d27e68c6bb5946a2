/*
 * keras_weights.h
 *	  The weights of a network in Keras's order, shapes and gate order.
 */
#ifndef FRNN_PG_KERAS_WEIGHTS_H
#define FRNN_PG_KERAS_WEIGHTS_H

#include "pg/server/compat.h"
#include "core/network/network.h"

typedef enum KerasWeightKind
{
	KERAS_KERNEL,				/* (inputs, gates x units): the transposed weight */
	KERAS_BIAS,					/* (gates x units): sum of both biases of a recurrent layer, or a dense layer's */
	KERAS_BIAS_PAIR,			/* (2, gates x units): the biases of a GRU */
	KERAS_VECTOR				/* layer normalization */
} KerasWeightKind;

typedef struct KerasWeight
{
	char		name[96];		/* "lstm/recurrent_kernel" */
	KerasWeightKind kind;
	FrnnLayerKind layer;
	int			number;			/* of the layer */
	int			rank;
	int			dim[2];
	const FrnnTensor *first;	/* in the parameters */
	const FrnnTensor *second;	/* the recurrent bias, or NULL */
} KerasWeight;

/*
 * Lists the weights as Keras's get_weights() orders them; tensor: the network's
 * tensors, which must outlive the list.  Returns their number, at most
 * FRNN_MAX_TENSORS.  Layers that Keras does not have are an error.
 */
extern int	keras_weights(const FrnnNetwork *network, const FrnnTensor *tensor, KerasWeight *out);

/* Returns true if Keras has all of the network; else *what names the part that it lacks. */
extern bool keras_has_network(const FrnnNetwork *network, const char **what);

/* Returns the number of elements of a weight; they are row-major. */
extern size_t keras_weight_count(const KerasWeight *weight);

/* Copies a weight out of the parameters, and into them. */
extern void keras_weight_get(const KerasWeight *weight, const float *params, float *out);
extern void keras_weight_set(const KerasWeight *weight, const float *values, float *params);

#endif
