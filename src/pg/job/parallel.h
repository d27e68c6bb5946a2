/*
 * parallel.h
 *	  Parallel workers as the team of core/train/shard.h.
 */
#ifndef FRNN_PG_PARALLEL_H
#define FRNN_PG_PARALLEL_H

#include "pg/server/compat.h"
#include "access/parallel.h"
#include "core/train/members.h"

/* the setting forecast_rnn.workers */
extern int	frnn_workers;

struct ParallelState;

typedef struct ParallelTeam
{
	FrnnTeam	team;			/* for the hooks of frnn_train and frnn_fit */
	int			workers;		/* requested; -1: chosen by the size of the job */
	size_t		lent;			/* bytes that the caller has allocated besides; they count towards the limit */

	/* during a job */
	ParallelContext *context;	/* NULL: none */
	struct ParallelState *state;
	int			tasks;
} ParallelTeam;

/* workers: the option, -1 = the setting decides */
extern void parallel_team(ParallelTeam *team, int workers, size_t lent);

extern PGDLLEXPORT void frnn_parallel_main(dsm_segment * segment, shm_toc * toc);

#endif
