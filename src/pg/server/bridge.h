/*
 * bridge.h
 *	  Between core and server: statuses to errors, the server's interrupts to
 *	  core's tick, and the one way to borrow large memory.
 */
#ifndef FRNN_PG_BRIDGE_H
#define FRNN_PG_BRIDGE_H

#include "pg/server/compat.h"
#include "core/network/network.h"
#include "core/train/train.h"
#include "core/base/run.h"
#include "core/base/status.h"

/* raise the error that a status means (does nothing for FRNN_OK); never returns otherwise */
extern void frnn_check(FrnnStatus status, const FrnnError *error);

/* tick of every core call: CHECK_FOR_INTERRUPTS() */
extern void frnn_pg_tick(void *arg);

/* monotone seconds (clock of FrnnHooks) */
extern double frnn_pg_clock(void *arg);

/* hooks of core calls that only answer interrupts and read the clock */
extern const FrnnHooks frnn_pg_hooks;

/*
 * A block of `bytes`, aligned to FRNN_ALIGN and zeroed, in the current memory
 * context, after comparing with the limit (maintenance_work_mem).  `what` names the job in the
 * error: "training", "prediction", ...
 */
extern void *frnn_lend(size_t bytes, const char *what);

/* raise the out-of-limit error for a size that is too large, without allocating */
extern void frnn_check_size(size_t bytes, const char *what);

/*
 * The same for all that a call will hold: what the call's own context and its
 * children hold already, and `more`.  Returns the sum.
 */
extern size_t frnn_check_growth(MemoryContext call, size_t more, const char *what);

/*
 * About what the matrix library will hold, in memory of its own, to train that
 * network and a linear model (inputs 0: none).  It keeps it for later calls.
 */
extern size_t frnn_library_bytes(const FrnnNetwork *network, int inputs);

#endif
