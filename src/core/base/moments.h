/*
 * moments.h
 *	  Mean and standard deviation of numbers that are given twice: once for their
 *	  sum, once for their squares about the mean, which keep their digits so.
 */
#ifndef FRNN_BASE_MOMENTS_H
#define FRNN_BASE_MOMENTS_H

#include <math.h>
#include <stdbool.h>

typedef struct FrnnMoments
{
	double		sum;
	double		squares;
	double		count;
	double		mean;			/* 0 without a finite number */
	bool		centered;		/* frnn_moments_center was called */
} FrnnMoments;

/* Adds a number of the first round, or of the second one after frnn_moments_center.  Only finite ones count. */
static inline void
frnn_moments_add(FrnnMoments *moments, double v)
{
	if (!isfinite(v))
		return;
	if (moments->centered)
		moments->squares += (v - moments->mean) * (v - moments->mean);
	else
	{
		moments->sum += v;
		moments->count++;
	}
}

/* Ends the first round. */
static inline void
frnn_moments_center(FrnnMoments *moments)
{
	moments->mean = moments->count > 0 ? moments->sum / moments->count : 0;
	moments->centered = true;
}

/* Returns the standard deviation after the second round; 1 for a constant, which no scale makes comparable. */
static inline double
frnn_moments_sd(const FrnnMoments *moments)
{
	double		sd = moments->count > 0 ? sqrt(moments->squares / moments->count) : 1;

	return sd > 1e-9 * fabs(moments->mean) && isfinite(sd) ? sd : 1;
}

#endif
