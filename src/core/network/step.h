/*
 * step.h
 *	  One time step of a network for one sample, its state carried by the
 *	  caller: forecasting row by row, at a cost that does not depend on the
 *	  length of the series.
 */
#ifndef FRNN_STEP_H
#define FRNN_STEP_H

#include "core/network/network.h"

/* can the network be run step by step?  Not where a layer reads backwards or the time steps are fixed by a highway */
extern bool frnn_step_possible(const FrnnNetwork *network);

/* floats of the state: for each recurrent layer a ring of `dilation` states, h and (LSTM) c */
extern size_t frnn_step_state(const FrnnNetwork *network);

/* floats of scratch */
extern size_t frnn_step_scratch(const FrnnNetwork *network);

/*
 * x (F) -> out (O).  state: zero before the first step; step: number of steps
 * done before, from 0.  Equal to the same step of frnn_forward on the whole sequence, up
 * to rounding.
 */
extern void frnn_step(const FrnnNetwork *network, const float *params, const float *x, const float *extra,
					  float *state, int64_t step, float *scratch, float *out);

#endif
