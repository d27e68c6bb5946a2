/*
 * highway.h
 *	  The highway: a linear map from the flattened input and the extras to the
 *	  output, added to the output of the layers.
 */
#ifndef FRNN_HIGHWAY_H
#define FRNN_HIGHWAY_H

#include "core/base/memory.h"
#include "core/network/network.h"

typedef struct FrnnHighway
{
	float	   *flat;			/* (B, T F): x, one row per sample */
	float	   *packed;
	float	   *out;			/* (B, O) */
	float	   *tn;
} FrnnHighway;

extern void frnn_highway_layout(FrnnHighway *highway, const FrnnNetwork *network, size_t B, bool training,
								FrnnArena *arena);

/* Returns the sum of y and the map, in the highway's own memory.  packed: params are those of the last call. */
extern float *frnn_highway_forward(FrnnHighway *highway, const FrnnNetwork *network, const float *params,
								   const FrnnBatch *batch, bool packed, const FrnnRun *run, const float *y);
extern void frnn_highway_backward(FrnnHighway *highway, const FrnnNetwork *network, const FrnnBatch *batch,
								  const float *dy, float *grads, const FrnnRun *run);

#endif
