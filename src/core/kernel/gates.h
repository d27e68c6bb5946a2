/*
 * gates.h
 *	  Element-wise kernels: activations, gate equations and their derivatives.
 *
 * Everything works on flat runs of n elements (a step's batch x units), since
 * gates are stored a gate at a time, (B, H) each.  In-place use is allowed
 * wherever an output may be named like an input; every element depends on
 * its own index only.
 */
#ifndef FRNN_GATES_H
#define FRNN_GATES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum FrnnActivation
{
	FRNN_LINEAR,
	FRNN_TANH,
	FRNN_RELU,
	FRNN_SIGMOID,
	FRNN_SOFTPLUS
} FrnnActivation;

/* elements a caller should pass between two ticks: a fraction of a millisecond */
#define FRNN_GATE_RUN 65536

/* y = f(z); y may be z */
extern void frnn_activate(FrnnActivation activation, size_t n, const float *z, float *y);

/* dz = dy f'(z), from y = f(z); dz may be dy */
extern void frnn_activate_backward(FrnnActivation activation, size_t n, const float *y, const float *dy, float *dz);

/* i f g o: pre-activations in, activations out; c_prev NULL: zero, and f is neither read nor written; c may be c_prev */
extern void frnn_lstm_gates(size_t n, float *i, float *f, float *g, float *o,
							const float *c_prev, float *c, float *h);

/*
 * i f g o: activations in, gradients of the pre-activations out; dc: gradient of c in, of c_prev out.  c_prev NULL:
 * zero; then f is not read, and dc not written.
 */
extern void frnn_lstm_gates_backward(size_t n, float *i, float *f, float *g, float *o,
									 const float *c_prev, const float *c, const float *dh, float *dc);

/* r z n: pre-activations in (n: input part only), activations out; m: recurrent part of n */
extern void frnn_gru_gates(size_t n, float *r, float *z, float *g, const float *m,
						   const float *h_prev, float *h);

/*
 * r z g: activations in, gradients out; m: recurrent part in, its gradient
 * out.  dh_prev (may be NULL; may be dh) receives dh z, or is increased by it.
 */
extern void frnn_gru_gates_backward(size_t n, float *r, float *z, float *g, float *m,
									const float *h_prev, const float *dh, float *dh_prev, bool accumulate);

extern void frnn_multiply(size_t n, const float *a, const float *b, float *out);
extern void frnn_multiply_add(size_t n, const float *a, const float *b, float *out);

#endif
