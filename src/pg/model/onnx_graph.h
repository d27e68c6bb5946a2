/*
 * onnx_graph.h
 *	  Writer of an ONNX graph: nodes with attributes, constants, inputs and
 *	  outputs.  A node is written between onnx_node_begin and onnx_node_end; names are
 *	  palloc'd.
 */
#ifndef FRNN_PG_ONNX_GRAPH_H
#define FRNN_PG_ONNX_GRAPH_H

#include "pg/server/compat.h"
#include "core/network/network.h"
#include "lib/stringinfo.h"

typedef struct OnnxGraph
{
	StringInfoData bytes;		/* GraphProto */
	StringInfoData node;		/* NodeProto under way */
	int			nodes;			/* written so far, and constants without a name */
	const FrnnNetwork *network; /* that the graph is made of */
	const FrnnTensor *tensor;	/* (tensors) of the network */
	int			tensors;
	const float *params;		/* (network->parameters) */
} OnnxGraph;

/* Starts an empty graph of that name. */
extern void onnx_graph_start(OnnxGraph *graph, const char *name);

/* Adds an input or output of floats: dimensions by name, or by number where the name is NULL. */
extern void onnx_graph_input(OnnxGraph *graph, const char *name, const char *const *dim_name, const int *dim, int rank);
extern void onnx_graph_output(OnnxGraph *graph, const char *name, const char *const *dim_name, const int *dim, int rank);

/* Starts a node, and gives it its next input. */
extern void onnx_node_begin(OnnxGraph *graph, const char *type);
extern void onnx_node_input(OnnxGraph *graph, const char *name);

/* Adds an attribute; strings and floats: the same value `count` times. */
extern void onnx_node_int(OnnxGraph *graph, const char *name, int64 value);
extern void onnx_node_ints(OnnxGraph *graph, const char *name, const int *value, int count);
extern void onnx_node_string(OnnxGraph *graph, const char *name, const char *value);
extern void onnx_node_strings(OnnxGraph *graph, const char *name, const char *value, int count);
extern void onnx_node_floats(OnnxGraph *graph, const char *name, float value, int count);

/* Leaves out the node's next output. */
extern void onnx_node_no_output(OnnxGraph *graph);

/* Ends the node; returns the name of its output.  output: that name, or NULL to have one made. */
extern char *onnx_node_end(OnnxGraph *graph, const char *output);

/* Adds a node without attributes; b may be NULL.  Returns the name of its output. */
extern char *onnx_node_simple(OnnxGraph *graph, const char *type, const char *a, const char *b);
extern char *onnx_node_reshape(OnnxGraph *graph, const char *input, const int *shape, int rank);
extern char *onnx_node_squeeze(OnnxGraph *graph, const char *input, int axis);

/* Adds a node that permutes axes; output as in onnx_node_end. */
extern char *onnx_node_transpose(OnnxGraph *graph, const char *input, const int *order, int rank, const char *output);

/* Adds a constant; returns its name.  Floats: an array of rank 0 to 3; integers: a vector of up to 8. */
extern char *onnx_constant_floats(OnnxGraph *graph, const char *name, const float *value, const int *dim, int rank);
extern char *onnx_constant_ints(OnnxGraph *graph, const int *value, int count);

/* Adds the nodes, constants, inputs and outputs of the graph's network (onnx_network.c). */
extern void onnx_network(OnnxGraph *graph);

#endif
