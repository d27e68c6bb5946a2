/*
 * fit_log.c
 *	  The hooks of a fit: losses per epoch are kept, progress is shown.
 */
#include "pg/forecast/fit_log.h"

#include "pg/server/bridge.h"
#include "utils/memutils.h"

/* Returns the number of epochs of all members, known from the number of updates that validation chose. */
static int
refit_epochs(const FrnnForecaster *forecaster)
{
	return forecaster->recipe.ensemble * Max(1, forecaster->updates / Max(1, forecaster->recipe.updates_per_epoch));
}

void
fit_log_epoch(void *arg, FrnnPhase phase, int member, const FrnnEpoch *epoch)
{
	FitLog	   *log = arg;

	if (phase == FRNN_PHASE_REFIT && log->shown != phase)
		progress_phase(log->progress, PROGRESS_REFIT, refit_epochs(log->forecaster));
	log->shown = phase;
	progress_epoch(log->progress, epoch);

	if (log->count == 0)
		log->phase = phase;
	if (phase != log->phase || member > 0 || log->closed)
		return;
	if (log->count == log->room)
	{
		log->room = Max(64, log->room * 2);
		log->epoch = log->epoch ? repalloc_huge(log->epoch, sizeof(FrnnEpoch) * log->room) :
			MemoryContextAllocHuge(log->context, sizeof(FrnnEpoch) * log->room);
	}
	log->epoch[log->count++] = *epoch;
}

void
fit_log_tick(void *arg)
{
	FitLog	   *log = arg;

	progress_team_tick(log->progress, log->team);
}

int
fit_log_best(const FitLog *log)
{
	int			best = 0;
	int			i;

	for (i = 0; i < log->count; i++)
		if (log->epoch[i].is_best)
			best = log->epoch[i].epoch;
	return best;
}

void
fit_log_resume(FitLog *log, const ForecastModel *model)
{
	const FrnnModel *old = model->model;

	log->closed = model->core.recipe.validation >= 1;
	log->phase = FRNN_PHASE_REFIT;
	log->count = log->room = old->n_history;
	if (old->n_history > 0)
	{
		log->epoch = MemoryContextAllocHuge(log->context, sizeof(FrnnEpoch) * log->room);
		memcpy(log->epoch, old->history, sizeof(FrnnEpoch) * log->room);
	}
}
