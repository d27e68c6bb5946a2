/*
 * lstm.c
 *	  The LSTM cell, gates in the order i, f, g, o.
 *
 *	  i, f, o = sigmoid(...), g = tanh(...), each of W_ih x + b_ih + W_hh h_prev + b_hh
 *	  c = f c_prev + i g, h = o tanh c
 */
#include "core/kernel/gates.h"
#include "core/network/layer.h"

static void
lstm_forward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
			 const float *h_prev, const float *c_prev, float *h, float *c)
{
	(void) layer, (void) h_prev;
	frnn_lstm_gates(n, gates, gates + stride, gates + 2 * stride, gates + 3 * stride, c_prev, c, h);
}

static void
lstm_backward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
			  const float *h_prev, const float *c_prev, const float *h, const float *c,
			  const float *dh, float *dc, float *dh_prev, bool accumulate)
{
	(void) layer, (void) h_prev, (void) h, (void) dh_prev, (void) accumulate;
	frnn_lstm_gates_backward(n, gates, gates + stride, gates + 2 * stride, gates + 3 * stride, c_prev, c, dh, dc);
}

const FrnnCell frnn_lstm_cell = {4, 4, true, lstm_forward, lstm_backward, false, 1};
