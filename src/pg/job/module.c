/*
 * module.c
 *	  The magic block of the module, its settings, and what it sets up when it is loaded.
 *	  The magic block of the module, and its settings.
 */
#include "pg/server/compat.h"

#include "pg/job/async.h"
#include "pg/job/parallel.h"
#include "pg/job/progress.h"
#include "pg/panel/panel.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomIntVariable("forecast_rnn.workers",
							"Parallel workers that a training may use unless its options name a number.",
							"-1: up to max_parallel_maintenance_workers, depending on the size of the job; 0: none.",
							&frnn_workers, -1, -1, 1024, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("forecast_rnn.progress_interval",
							"Seconds between notices about the progress of a training.",
							"0 turns them off. Shorter trainings issue none.",
							&progress_interval, 5, 0, 86400, PGC_USERSET, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomStringVariable("forecast_rnn.model_name",
							   "Name under which trainings of this session appear in rnn_progress.",
							   "Trainings of managed models set it.",
							   &progress_model_name, "", PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("forecast_rnn.max_background_jobs",
							"Trainings that a role may have in the background at a time.",
							"0 turns background training off.",
							&max_background_jobs, 2, 0, 1024, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("forecast_rnn.max_panel_memory",
							"Memory that the rows of one panel may take.",
							"A panel that needs more is an error while its rows are added. 0: no limit.",
							&panel_max_memory, 0, 0, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
	/* after the last setting */
	frnn_reserve_settings("forecast_rnn");
	async_init();
}
