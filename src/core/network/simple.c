/*
 * simple.c
 *	  The simple recurrent cell: its state is its previous output.
 *
 *	  h = f(W_ih x + b_ih + W_hh h_prev + b_hh)
 */
#include "core/kernel/gates.h"
#include "core/network/layer.h"

static void
simple_forward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
			   const float *h_prev, const float *c_prev, float *h, float *c)
{
	(void) stride, (void) h_prev, (void) c_prev, (void) c;
	frnn_activate(layer->activation, n, gates, h);
}

static void
simple_backward(const FrnnLayer *layer, size_t n, float *gates, size_t stride,
				const float *h_prev, const float *c_prev, const float *h, const float *c,
				const float *dh, float *dc, float *dh_prev, bool accumulate)
{
	(void) stride, (void) h_prev, (void) c_prev, (void) c, (void) dc, (void) dh_prev, (void) accumulate;
	frnn_activate_backward(layer->activation, n, h, dh, gates);
}

const FrnnCell frnn_simple_cell = {1, 1, false, simple_forward, simple_backward, false, -1};
