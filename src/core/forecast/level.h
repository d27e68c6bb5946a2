/*
 * level.h
 *	  The exponentially smoothed level of a prepared series.
 */
#ifndef FRNN_LEVEL_H
#define FRNN_LEVEL_H

#include <stdint.h>

/* Returns the rows before an origin that a level counts. */
extern int64_t frnn_level_rows(double alpha);

/*
 * Returns the level of x before origin o by simple exponential smoothing: the
 * mean of the rows that matter, each counting 1 - alpha of the next one.
 */
extern double frnn_level(const double *x, int64_t o, double alpha);

#endif
