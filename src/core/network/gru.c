/*
 * gru.c
 *	  The GRU cell in its reset_after form, gates in the order r, z, n.
 *
 *	  r, z = sigmoid(W_ih x + b_ih + W_hh h_prev + b_hh)
 *	  n = tanh(W_ih x + b_ih + r (W_hh h_prev + b_hh)), h = (1 - z) n + z h_prev
 *
 * Block 3 holds the recurrent part of n, W_hh h_prev + b_hh, which r multiplies.
 */
#include "core/kernel/gates.h"
#include "core/network/layer.h"

static void
gru_forward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
			const float *h_prev, const float *c_prev, float *h, float *c)
{
	(void) layer, (void) c_prev, (void) c;
	frnn_gru_gates(n, gates, gates + stride, gates + 2 * stride, gates + 3 * stride, h_prev, h);
}

static void
gru_backward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
			 const float *h_prev, const float *c_prev, const float *h, const float *c,
			 const float *dh, float *dc, float *dh_prev, bool accumulate)
{
	(void) layer, (void) c_prev, (void) h, (void) c, (void) dc;
	frnn_gru_gates_backward(n, gates, gates + stride, gates + 2 * stride, gates + 3 * stride,
							h_prev, dh, dh_prev, accumulate);
}

const FrnnCell frnn_gru_cell = {3, 4, false, gru_forward, gru_backward, true, -1};
