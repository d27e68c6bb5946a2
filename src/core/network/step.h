/*
 * step.h
 *	  One time step of a network for one sample.  The caller keeps the state, so
 *	  the cost of a step does not depend on the length of the series.
 */
#ifndef FRNN_STEP_H
#define FRNN_STEP_H

#include "core/network/network.h"

/* Returns true if the network can run step by step: no layer is bidirectional, and there is no highway. */
extern bool frnn_step_possible(const FrnnNetwork *network);

/* Returns the floats of the state: for each recurrent layer a ring of `dilation` states h and, for LSTM, c. */
extern size_t frnn_step_state(const FrnnNetwork *network);

/* Returns the floats of scratch that frnn_step needs. */
extern size_t frnn_step_scratch(const FrnnNetwork *network);

/*
 * Computes out (O) from x (F) and updates the state, which is zero before the first
 * step.  step: number of steps done before.  The result equals that step of
 * frnn_forward on the whole sequence, up to rounding.
 */
extern void frnn_step(const FrnnNetwork *network, const float *params, const float *x, const float *extra,
					  float *state, int64_t step, float *scratch, float *out);

#endif
