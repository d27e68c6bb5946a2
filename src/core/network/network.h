/*
 * network.h
 *	  A network is a list of layers.  Resolving it against an input shape gives
 *	  every layer its sizes and its offset in the flat parameter array.
 *
 * Letters of shapes, the same everywhere: B batch, T time steps, F features,
 * H hidden units, O outputs, E extras.  All sequence buffers are time-major,
 * (T, B, F), row-major, float32.
 *
 * Parameters are one flat float array.  Tensors have the names, order, shape
 * and gate order (i,f,g,o and r,z,n) of torch.nn.Sequential made of nn.RNN,
 * nn.LSTM, nn.GRU (reset_after), nn.Linear and nn.LayerNorm; the index in the
 * name is the layer's number in the list, layers without parameters included.
 */
#ifndef FRNN_NETWORK_H
#define FRNN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/limits.h"
#include "core/base/memory.h"
#include "core/base/run.h"
#include "core/base/status.h"
#include "core/kernel/gates.h"

#define FRNN_TENSOR_NAME	40
#define FRNN_MAX_TENSORS	(FRNN_MAX_LAYERS * 8 + 2)

typedef enum FrnnLayerKind
{
	FRNN_SIMPLE,
	FRNN_LSTM,
	FRNN_GRU,
	FRNN_DENSE,
	FRNN_DROPOUT,
	FRNN_LAYER_NORM
} FrnnLayerKind;

typedef enum FrnnMerge
{
	FRNN_CONCAT,				/* output has 2 x units features */
	FRNN_SUM,
	FRNN_AVERAGE,
	FRNN_MULTIPLY
} FrnnMerge;

typedef struct FrnnLayer
{
	FrnnLayerKind kind;
	FrnnActivation activation;	/* simple: tanh, relu, linear; dense: any */
	int			units;			/* recurrent and dense layers */
	bool		return_sequences;
	bool		bidirectional;
	FrnnMerge	merge;
	bool		use_bias;
	float		dropout;		/* input dropout of a recurrent layer; rate of a dropout layer */
	float		recurrent_dropout;	/* on the previous state; mask fixed over time (Keras) */
	float		epsilon;		/* layer_norm; Keras's default 1e-3 */
	int			dilation;		/* recurrent: the previous state is that of t - dilation; default 1 */

	/* filled by frnn_network_resolve */
	int			input_size;		/* F of the layer's input, extras included */
	int			output_size;
	bool		input_sequence; /* has a time axis */
	bool		output_sequence;
	size_t		offset;			/* first parameter in the flat array */
	size_t		count;			/* number of parameters */
} FrnnLayer;

typedef struct FrnnNetwork
{
	int			layers;
	int			input_size;		/* F */
	int			time_steps;		/* T, 0 = open */
	int			extra;			/* E numbers per sample, joined to the input of the last dense layer */
	bool		highway;		/* add a linear map of the flattened input and the extras to the output */
	FrnnLayer	layer[FRNN_MAX_LAYERS];

	/* filled by frnn_network_resolve */
	int			output_size;	/* O */
	bool		output_sequence;	/* (T, B, O) instead of (B, O) */
	size_t		highway_offset; /* weight (O, T*F + E), then bias (O); the flattened input is time-major: t*F + f */
	size_t		parameters;		/* length of the flat array */
} FrnnNetwork;

typedef struct FrnnTensor
{
	char		name[FRNN_TENSOR_NAME]; /* "0.weight_ih_l0", "2.bias", "highway.weight" */
	int			layer;			/* -1: highway */
	int			rank;			/* 1 or 2 */
	int			dim[2];
	size_t		offset;			/* in the flat array */
	size_t		count;
} FrnnTensor;

/* Returns true if layers of that kind carry a state through time. */
static inline bool
frnn_is_recurrent(FrnnLayerKind kind)
{
	return kind == FRNN_SIMPLE || kind == FRNN_LSTM || kind == FRNN_GRU;
}

/* Returns the number of gates: a recurrent layer's weights have gates x units rows.  0 for other layers. */
extern int	frnn_gate_count(FrnnLayerKind kind);

/* Returns a layer with Keras's defaults and 0 units. */
extern FrnnLayer frnn_layer_default(FrnnLayerKind kind);

/*
 * Checks a network whose layers, input_size, time_steps, extra and highway are
 * set, and fills the rest.  Checks every limit before any multiplication.
 */
extern FrnnStatus frnn_network_resolve(FrnnNetwork *network, FrnnError *error);

/* Lists the tensors in the order of the flat array.  Returns their number, at most FRNN_MAX_TENSORS. */
extern int	frnn_network_tensors(const FrnnNetwork *network, FrnnTensor *out);

/* Returns the layer's tensor of that name without the layer's number, as "bias_ih_l0"; NULL if it has none. */
extern const FrnnTensor *frnn_tensor_find(const FrnnTensor *tensor, int tensors, int layer, const char *own);

/*
 * Fills params with Keras's initial weights: Glorot uniform input weights,
 * orthogonal recurrent blocks (one per gate), zero biases except the LSTM's
 * forget gate (bias_ih 1), layer norm 1 and 0, highway zero.  scratch:
 * frnn_init_scratch() bytes.  run may be NULL; large recurrent blocks take
 * seconds, during which it ticks.
 */
extern size_t frnn_init_scratch(const FrnnNetwork *network);
extern void frnn_network_init(const FrnnNetwork *network, uint64_t seed, float *params, void *scratch, const FrnnRun *run);

/* One mini-batch in arrays of the caller. */
typedef struct FrnnBatch
{
	int			B;
	int			T;
	float	   *x;				/* (T, B, F) */
	float	   *extra;			/* (B, E), NULL when E = 0 */
	float	   *y;				/* targets: (B, N) or (T, B, N) */
	float	   *weight;			/* same shape as y; 0 = missing */
	bool		packed;			/* the params are those of the plan's last pass in this direction, whose packed copies
								 * are used again; an inference plan, in which they share memory, ignores it */
	bool		cleared;		/* the array for the gradients holds zeros */
} FrnnBatch;

/*
 * A plan holds the buffers for batches of up to B samples and T steps.  A
 * training plan keeps what the backward pass needs.
 */
typedef struct FrnnPlan FrnnPlan;

/* Measures the block that frnn_plan_create needs, the plan itself included. */
extern FrnnStatus frnn_plan_size(const FrnnNetwork *network, int B, int T, bool training,
								 size_t *bytes, FrnnError *error);
extern FrnnPlan *frnn_plan_create(const FrnnNetwork *network, int B, int T, bool training, void *block);

/*
 * Runs the network.  The result is (B, O) or (T, B, O) in the plan's block, valid
 * until the next call.  batch->B and batch->T may be smaller than planned.
 */
extern const float *frnn_forward(FrnnPlan *plan, const float *params, const FrnnBatch *batch, const FrnnRun *run);

/*
 * Runs the backward pass of the last frnn_forward.  d_output has the output's
 * shape and may be overwritten.  Gradients are written, not added, to grads,
 * which has the layout of params.
 */
extern void frnn_backward(FrnnPlan *plan, const float *params, const FrnnBatch *batch,
						  float *d_output, float *grads, const FrnnRun *run);

/* Returns the floating-point operations of the matrix products of one forward pass, 2 per multiply-add. */
extern double frnn_network_flops(const FrnnNetwork *network, int B, int T);

#endif
