/*
 * bridge.h
 *	  Between core and server: errors for statuses, interrupts in the core's
 *	  ticks, and the allocation of work memory.
 */
#ifndef FRNN_PG_BRIDGE_H
#define FRNN_PG_BRIDGE_H

#include "pg/server/compat.h"
#include "core/network/network.h"
#include "core/train/train.h"
#include "core/base/run.h"
#include "core/base/status.h"

/* a sentence of messages about panels with few distinct times */
#define FRNN_PANEL_ARGUMENTS "The arguments of rnn_panel are series, time and value, in this order."

/* Raises the error of a status; returns only for FRNN_OK. */
extern void frnn_check(FrnnStatus status, const FrnnError *error);

/* tick of core calls: CHECK_FOR_INTERRUPTS() */
extern void frnn_pg_tick(void *arg);

/* clock of core calls: seconds, monotone */
extern double frnn_pg_clock(void *arg);

/* hooks of core calls that only answer interrupts and read the clock */
extern const FrnnHooks frnn_pg_hooks;

/*
 * Allocates `bytes` of zeroed work memory in the current context, aligned to
 * FRNN_ALIGN.  A size above maintenance_work_mem is an error that names `what`:
 * "training", "prediction" ...
 */
extern void *frnn_allocate(size_t bytes, const char *what);

/* Raises the error for a size above maintenance_work_mem; allocates nothing. */
extern void frnn_check_size(size_t bytes, const char *what);

/*
 * Does the same for the sum of `more` and what the call's context and its
 * children hold already, and returns the sum.
 */
extern size_t frnn_check_growth(MemoryContext call, size_t more, const char *what);

#endif
