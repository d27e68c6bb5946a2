/*
 * module.c
 *	  The magic block of the module, and its settings, which are all about trainings and jobs.
 */
#include "pg/server/compat.h"

#include "pg/job/parallel.h"
#include "pg/job/progress.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomIntVariable("forecast_rnn.workers",
							"Parallel workers that a training may use, where its options do not say.",
							"-1: as many as max_parallel_maintenance_workers allows and the work is worth; 0: none.",
							&frnn_workers, -1, -1, 1024, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("forecast_rnn.progress_interval",
							"Seconds between notices about the progress of a training.",
							"0 turns them off. Trainings shorter than this say nothing.",
							&progress_interval, 5, 0, 86400, PGC_USERSET, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable("forecast_rnn.model_name",
							   "Name under which trainings of this session appear in rnn_progress.",
							   "Managed models set it for themselves.",
							   &progress_model_name, "", PGC_USERSET, 0, NULL, NULL, NULL);
	/* after the last setting */
	frnn_reserve_settings("forecast_rnn");
}
