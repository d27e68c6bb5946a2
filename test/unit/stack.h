/*
 * stack.h
 *	  Networks put together layer by layer.
 */
#ifndef FRNN_TEST_STACK_H
#define FRNN_TEST_STACK_H

#include <string.h>

#include "core/network/network.h"

static FrnnNetwork
network_of(int input_size, int time_steps)
{
	FrnnNetwork network;

	memset(&network, 0, sizeof(network));
	network.input_size = input_size;
	network.time_steps = time_steps;
	return network;
}

static FrnnLayer *
add(FrnnNetwork *network, FrnnLayerKind kind, int units, bool sequences)
{
	FrnnLayer  *layer = &network->layer[network->layers++];

	*layer = frnn_layer_default(kind);
	layer->units = units;
	layer->return_sequences = sequences;
	return layer;
}

#endif
