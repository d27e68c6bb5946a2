/*
 * level.h
 *	  Exponentially smoothed levels of a prepared series, with a damped trend and a way back to the mean.
 *
 * On rows x: the level is the mean of the rows, each counting 1 - alpha of the next one.  With a trend the slope is
 * smoothed too (Holt), and falls by a tenth with each step ahead (Gardner and McKenzie, "Forecasting trends in time
 * series", Management Science 31, 1985).  Where a level goes back, the share `stay` of its distance from the mean of
 * the last rows remains after each step.
 */
#ifndef FRNN_LEVEL_H
#define FRNN_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#define FRNN_LEVEL_MEAN_ROWS	60	/* rows whose mean a level goes back to */
#define FRNN_LEVEL_DAMPING	0.9 /* of a slope, a step */

typedef struct FrnnLevelForm
{
	double		alpha;			/* weight of the newest row; 0: no level */
	double		trend;			/* weight of the newest change in the slope; 0: no trend */
	double		stay;			/* share of the distance from the mean that remains after a step; 1: all */
} FrnnLevelForm;

/* a level on its way ahead */
typedef struct FrnnLevelPath
{
	double		level;			/* before the origin */
	double		mean;
	double		slope;			/* of the next step, before damping */
	double		risen;			/* by the slopes of the steps done */
	double		away;			/* share of the distance from the mean that is left */
} FrnnLevelPath;

/* Returns the rows before an origin that a level needs. */
extern int64_t frnn_level_rows(const FrnnLevelForm *form);

/* Returns the path from origin o >= 1 on. */
extern FrnnLevelPath frnn_level_path(const FrnnLevelForm *form, const double *x, int64_t o);

/* Goes a step ahead and returns the forecast of x there. */
extern double frnn_level_next(const FrnnLevelForm *form, FrnnLevelPath *path);

#endif
