/*
 * members.h
 *	  The members of an ensemble, and the helper that runs tasks of a job in
 *	  another process.
 */
#ifndef FRNN_MEMBERS_H
#define FRNN_MEMBERS_H

#include "core/train/shard.h"
#include "core/train/train.h"

/*
 * Computes the seconds that member k may take, 0 without a limit.  Returns false
 * if no time is left.
 */
extern bool frnn_member_time(double deadline, int members, int k, int processes, const FrnnHooks *hooks,
							 double *seconds);

typedef struct FrnnHelper
{
	FrnnWork	work;
	FrnnSource	source;
	FrnnTraining training;
	FrnnGradient gradient;		/* shards */
	void	   *block;			/* members: what frnn_train needs */
} FrnnHelper;

/* Returns the bytes of memory that a helper of the job needs, SIZE_MAX if the source cannot be packed. */
extern size_t frnn_helper_bytes(const FrnnJob *job);

/* Measures the memory of a helper whose work is attached, and lays it out in a zeroed block of that size. */
extern FrnnStatus frnn_helper_size(const FrnnWork *work, size_t *bytes, FrnnError *error);
extern FrnnStatus frnn_helper_open(FrnnHelper *helper, const FrnnPacking *packing, void *block, FrnnError *error);

/* Runs one task. */
extern void frnn_helper_run(FrnnHelper *helper, int task, const FrnnHooks *hooks);

#endif
