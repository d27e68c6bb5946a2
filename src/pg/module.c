/*
 * module.c
 *	  The module's magic block, and its settings.
 */
#include "compat.h"

#include "pg/parallel.h"
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
	frnn_reserve_settings("forecast_rnn");
}
