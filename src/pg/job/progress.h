/*
 * progress.h
 *	  How far a training is: a notice every few seconds, and a row of
 *	  rnn_progress that other sessions see.
 *
 *	  progress = progress_start(phase, epochs);	before training; in the training's memory context
 *	  progress_tick(progress);					from the tick hook
 *	  progress_epoch(progress, epoch);			from the epoch hook
 *	  progress_end(progress);					after; an error ends it by itself
 */
#ifndef FRNN_PG_PROGRESS_H
#define FRNN_PG_PROGRESS_H

#include "pg/server/compat.h"
#include "core/train/train.h"

typedef enum ProgressPhase
{
	PROGRESS_PREPARE = 1,		/* no network: nothing to count */
	PROGRESS_VALIDATION,		/* without the held-back rows */
	PROGRESS_REFIT,				/* members, on all rows */
	PROGRESS_FIT				/* rnn_fit */
} ProgressPhase;

typedef struct Progress Progress;

/* settings: see module.c */
extern int	progress_interval;
extern char *progress_model_name;

/* epochs: of the whole training, as far as it is known; 0: unknown */
extern Progress *progress_start(ProgressPhase phase, int epochs);

/* another phase begins; epochs: still to come from here on */
extern void progress_phase(Progress *progress, ProgressPhase phase, int epochs);
extern void progress_epoch(Progress *progress, const FrnnEpoch *epoch);
extern void progress_tick(Progress *progress);

/* processes that share the work besides this one */
extern void progress_workers(Progress *progress, int workers);
extern void progress_end(Progress *progress);

#endif
