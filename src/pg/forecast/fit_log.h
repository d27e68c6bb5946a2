/*
 * fit_log.h
 *	  What a fit reports while it runs: losses per epoch, which the model
 *	  keeps, and progress.
 */
#ifndef FRNN_PG_FIT_LOG_H
#define FRNN_PG_FIT_LOG_H

#include "pg/server/compat.h"
#include "core/forecast/fit.h"
#include "pg/job/parallel.h"
#include "pg/job/progress.h"
#include "pg/model/forecaster.h"

/* The data of the hooks of one fit. */
typedef struct FitLog
{
	FrnnEpoch  *epoch;			/* (count) those that the model will keep */
	int			count;
	int			room;			/* allocated */
	bool		closed;			/* no epoch is added */
	FrnnPhase	phase;			/* epochs of the validation phase, or of the first member if there is none */
	MemoryContext context;		/* of epoch */
	const FrnnForecaster *forecaster;	/* being fitted */
	Progress   *progress;
	FrnnPhase	shown;			/* phase of progress */
	const ParallelTeam *team;
} FitLog;

/* Starts the list of epochs with those of a training that is resumed.  After a validation split it has those of the split. */
extern void fit_log_resume(FitLog *log, const ForecastModel *model);

/* The hooks of frnn_fit; arg: the log, whose forecaster, progress and team are set. */
extern void fit_log_epoch(void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch);
extern void fit_log_tick(void *arg);

/* Returns the last epoch marked best, 0 if none is. */
extern int	fit_log_best(const FitLog *log);

#endif
