/*
 * progress.h
 *	  How far a training is: a notice every few seconds, and a row of
 *	  rnn_progress that other sessions see.
 *
 *	  progress = progress_start(phase, epochs);	before training; in the training's memory context
 *	  progress_team_tick(progress, team);		from the tick hook
 *	  progress_epoch(progress, epoch);			from the epoch hook
 *	  progress_end(progress);					after; an error ends it by itself
 */
#ifndef FRNN_PG_PROGRESS_H
#define FRNN_PG_PROGRESS_H

#include "pg/server/compat.h"
#include "core/train/train.h"
#include "pg/job/parallel.h"

typedef enum ProgressPhase
{
	PROGRESS_PREPARE = 1,		/* no network: nothing to count */
	PROGRESS_VALIDATION,		/* without the validation rows */
	PROGRESS_REFIT,				/* members, on all rows */
	PROGRESS_FIT				/* rnn_fit */
} ProgressPhase;

typedef struct Progress Progress;

/* settings: see module.c */
extern int	progress_interval;
extern char *progress_model_name;

/* Returns the progress of a training in the current context; epochs: of all of it, as far as they are known; 0: unknown. */
extern Progress *progress_start(ProgressPhase phase, int epochs);

/* Starts another phase; epochs: still to come from here on. */
extern void progress_phase(Progress *progress, ProgressPhase phase, int epochs);

/* Counts an epoch and shows its losses. */
extern void progress_epoch(Progress *progress, const FrnnEpoch *epoch);

/* The tick hook of a training: checks for interrupts, then shows progress and the number of the team's workers. */
extern void progress_team_tick(Progress *progress, const ParallelTeam *team);

/* Ends the progress, as does an error. */
extern void progress_end(Progress *progress);

#endif
