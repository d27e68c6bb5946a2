/*
 * ridge.h
 *	  Pooled ridge regression.
 */
#ifndef FRNN_RIDGE_H
#define FRNN_RIDGE_H

#include "core/base/memory.h"
#include "core/base/run.h"

#define FRNN_RIDGE_BLOCK	256
#define FRNN_RIDGE_WINDOWS	400000

typedef struct FrnnRidge
{
	int			inputs;
	int			outputs;
	const FrnnRun *run;			/* ticked between panels; NULL after frnn_ridge_layout: no ticks */
	int			filled;			/* rows waiting in x, y */
	double		rows;			/* rows added */
	double		penalty;		/* of the system last solved; 0 if it could not be */
	double	   *xx;				/* (p, p) upper triangle */
	double	   *xy;				/* (p, O) */
	double	   *x_sum;
	double	   *y_sum;
	double	   *x;				/* (FRNN_RIDGE_BLOCK, p) */
	double	   *y;				/* (FRNN_RIDGE_BLOCK, O) */
	double	   *scratch;		/* (FRNN_PRODUCT_SCRATCH) */
} FrnnRidge;

extern void frnn_ridge_layout(FrnnRidge *ridge, FrnnArena *arena, int inputs, int outputs);
extern void frnn_ridge_clear(FrnnRidge *ridge);
extern void frnn_ridge_add(FrnnRidge *ridge, const float *x, const float *y);

/* Adds the waiting rows to the sums, which are complete then. */
extern void frnn_ridge_flush(FrnnRidge *ridge);

/* weight (p, O), bias (O); a system that cannot be solved gives weights 0 and the mean */
extern void frnn_ridge_solve(FrnnRidge *ridge, double lambda, double *weight, double *bias);

/* Returns the degrees of freedom of the regression last solved, the trace of its hat matrix without the bias: 0 .. p. */
extern double frnn_ridge_freedom(FrnnRidge *ridge);

#endif
