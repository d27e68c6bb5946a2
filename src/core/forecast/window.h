/*
 * window.h
 *	  Sliding windows over rows, with the meaning of Keras's
 *	  timeseries_dataset_from_array: stride is the distance between the starts
 *	  of two windows, rate the distance between two rows of one window.
 *
 *	  rows a b c d e f, T = 2, stride = 1, rate = 3:   (a d) (b e) (c f)
 *	  rows a b c d e f, T = 2, stride = 3, rate = 1:   (a b) (d e)
 */
#ifndef FRNN_WINDOW_H
#define FRNN_WINDOW_H

#include <stdint.h>

typedef struct FrnnWindows
{
	int64_t		T;				/* rows a window, at least 1 */
	int64_t		P;				/* values after each window that must exist: the horizon; 0 = none */
	int64_t		stride;			/* at least 1 */
	int64_t		rate;			/* at least 1 */
} FrnnWindows;

/* rows that one window and its horizon span; the four numbers are at most 2^31 - 1 */
extern int64_t frnn_window_span(const FrnnWindows *windows);

/* number of windows in so many rows */
extern int64_t frnn_window_count(const FrnnWindows *windows, int64_t rows);

/* windows first .. first + n - 1 of rows (rows, F) to out (n, T, F) */
extern void frnn_window_gather(const FrnnWindows *windows, const double *rows, int64_t F,
							   int64_t first, int64_t n, double *out);

/* the P values of feature 0 after each window: out (n, P) */
extern void frnn_window_targets(const FrnnWindows *windows, const double *rows, int64_t F,
								int64_t first, int64_t n, double *out);

/* the P values of feature 0 after each row of each window: out (n, T, P) */
extern void frnn_window_step_targets(const FrnnWindows *windows, const double *rows, int64_t F,
									 int64_t first, int64_t n, double *out);

#endif
