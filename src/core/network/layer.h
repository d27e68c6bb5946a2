/*
 * layer.h
 *	  The buffers of one layer in a plan, and the functions of each kind of
 *	  layer.
 *
 * Every kind has three functions.  x_layout takes its buffers from two
 * arenas: `keep` holds the result and, in training, what the backward pass
 * needs and the packed weights; `work` holds what is free when the function
 * returns.  All layers share one work area.  x_forward reads pass->x and leaves the result in
 * buffers->y.  x_backward reads pass->dy, may overwrite it, and writes
 * pass->dx unless that is NULL.  It adds weight gradients to pass->grads,
 * which starts at zero.
 */
#ifndef FRNN_LAYER_H
#define FRNN_LAYER_H

#include "core/kernel/gemm.h"
#include "core/base/memory.h"
#include "core/network/network.h"

/* sizes and inputs of one pass over one layer; x (T, B, F) or (B, F) */
typedef struct FrnnPass
{
	const FrnnLayer *layer;
	const FrnnRun *run;
	int			index;			/* number of the layer, a key of its dropout masks */
	bool		keep;			/* the plan is a training plan */
	bool		packed;			/* the packed weights are those of the last pass */
	size_t		B;
	size_t		T;				/* 1 for vectors */
	size_t		F;				/* features of x, extras excluded */
	size_t		E;				/* extras joined to x */
	const float *x;
	const float *extra;			/* (B, E) */
	const float *params;		/* the layer's own */
	float	   *grads;
	float	   *dy;
	float	   *dx;
} FrnnPass;

/* one direction of a recurrent layer */
typedef struct FrnnDirection
{
	float	   *h;				/* (T, B, H), or a ring of `dilation` states */
	float	   *c;				/* lstm: the same shape, ring without `keep` */
	float	   *gates;			/* (blocks, T, B, H), or (blocks, B, H) without `keep` */
	float	   *x;				/* x times its mask (T, B, F) */
	float	   *h_masked;		/* h times its mask (T, B, H) */
	float	   *x_mask;			/* (B, F) */
	float	   *h_mask;			/* (B, H) */
	float	   *packed;			/* weights as gemm.h packs them */
	float	   *packed_h;		/* backward: weights towards the previous state */
	float	   *packed_x;		/* backward: weights towards x; not of the first layer, whose dx is not computed */
} FrnnDirection;

typedef struct FrnnBuffers
{
	float	   *y;				/* the result; a recurrent layer may point into h */
	float	   *out;			/* memory of the result; NULL if it lies in h */
	FrnnDirection direction[2];
	float	   *mask;			/* dropout: (T, B, F) */
	float	   *mean;			/* layer norm: (T, B) */
	float	   *scale;			/* layer norm: 1 / standard deviation, (T, B) */
	float	   *packed;			/* dense: weights as gemm.h packs them */
	float	   *packed_x;		/* dense, backward: weights towards x */

	/* work */
	float	   *tn;				/* FRNN_TN_SCRATCH */
	float	   *dh;				/* ring (dilation, B, H) */
	float	   *dc;				/* ring (dilation, B, H) */
	float	   *dh_sequence;	/* (T, B, H): dy of one direction */
	float	   *step;			/* (B, max(F, H)): a product before its mask */
} FrnnBuffers;

extern void frnn_recurrent_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers);
extern void frnn_recurrent_forward(const FrnnPass *pass, FrnnBuffers *buffers);
extern void frnn_recurrent_backward(const FrnnPass *pass, FrnnBuffers *buffers);

extern void frnn_dense_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers);
extern void frnn_dense_forward(const FrnnPass *pass, FrnnBuffers *buffers);
extern void frnn_dense_backward(const FrnnPass *pass, FrnnBuffers *buffers);

extern void frnn_dropout_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers);
extern void frnn_dropout_forward(const FrnnPass *pass, FrnnBuffers *buffers);
extern void frnn_dropout_backward(const FrnnPass *pass, FrnnBuffers *buffers);

extern void frnn_norm_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers);
extern void frnn_norm_forward(const FrnnPass *pass, FrnnBuffers *buffers);
extern void frnn_norm_backward(const FrnnPass *pass, FrnnBuffers *buffers);

/*
 * Draws n inverted-dropout factors (0 or 1 / (1 - rate)) of the layer's stream
 * `use`, from `first` on.  Streams 0 and 1: input and state of the forward
 * direction, 2 and 3: of the backward direction.
 */
extern void frnn_dropout_mask(const FrnnRun *run, int layer, int use, float rate, size_t first, size_t n, float *mask);

static inline bool
frnn_dropping(const FrnnPass *pass, float rate)
{
	return rate > 0.0f && pass->keep && pass->run && pass->run->training;
}

/* a recurrent cell: its gates, and the element-wise part of a step */
typedef struct FrnnCell
{
	int			gates;			/* blocks of weight_ih and weight_hh */
	int			blocks;			/* blocks of pre-activations kept; block `gates`, if any, holds the recurrent part of
								 * the last gate */
	bool		has_c;
	/* block i of the gates at gates + i * stride; h_prev, c_prev NULL at the first steps */
	void		(*forward) (const FrnnLayer *layer, size_t n, float *gates, size_t stride,
							const float *h_prev, const float *c_prev, float *h, float *c);
	/* leaves the gradients of the pre-activations in gates; dh_prev NULL at the first steps */
	void		(*backward) (const FrnnLayer *layer, size_t n, float *gates, size_t stride,
							 const float *h_prev, const float *c_prev, const float *h, const float *c,
							 const float *dh, float *dc, float *dh_prev, bool accumulate);
	bool		writes_dh_prev; /* backward writes its part of dh_prev */
	int			idle;			/* gate whose pre-activations are not read at the first steps, where it would multiply
								 * no state; backward sets their gradients to 0.  -1: none */
} FrnnCell;

/* Returns the cell of a recurrent kind. */
extern const FrnnCell *frnn_cell_of(FrnnLayerKind kind);

extern const FrnnCell frnn_simple_cell;
extern const FrnnCell frnn_lstm_cell;
extern const FrnnCell frnn_gru_cell;

#endif
