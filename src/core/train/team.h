/*
 * team.h
 *	  Work that helpers may share: the shards of one network's mini-batches, or
 *	  several networks trained side by side.
 *
 * The core knows no processes.  It describes a job; a team, if the caller has
 * one, lends a block of memory that all helpers see and runs the job's tasks
 * in any order, anywhere.  What a task computes depends on its number alone,
 * and results are put together in the order of the numbers, so it does not
 * matter who computed what, or whether there was a team.
 *
 * The shared block holds no address: each process finds the arrays again by
 * walking the same arena over its own mapping.
 */
#ifndef FRNN_TEAM_H
#define FRNN_TEAM_H

#include "core/train/gradient.h"
#include "core/base/memory.h"
#include "core/train/train.h"

/* how a source is written into shared memory and read there */
typedef struct FrnnPacking
{
	size_t		(*size) (const void *context, size_t *local);	/* SIZE_MAX: too large; local: a reader's own bytes */
	void		(*pack) (const void *context, void *packed);
	FrnnSource	(*unpack) (void *packed, void *local);
} FrnnPacking;

typedef enum FrnnJobKind
{
	FRNN_JOB_SHARDS,			/* task s: loss and gradient of shard s of the mini-batch at hand; run once an update */
	FRNN_JOB_MEMBERS			/* task k: train the k-th set of weights; run once */
} FrnnJobKind;

typedef struct FrnnJob
{
	FrnnJobKind kind;
	int			tasks;
	const FrnnNetwork *network;
	const FrnnTraining *training;
	const FrnnSource *source;
	double		deadline;		/* members, on the clock of the hooks; 0: none */
	int64_t		runs;			/* times that the tasks will be run */
	double		flops;			/* of one task, about */
	int			shards;			/* members: that the mini-batches of each may be cut into, if the job is declined */
} FrnnJob;

/* one task's own numbers */
typedef struct FrnnTask
{
	double		loss;			/* shards: mean over the shard, and its weight */
	double		weight;
	uint64_t	seed;			/* members */
	bool		skipped;		/* members: no time was left */
	FrnnStatus	status;
	FrnnError	error;
	FrnnTrained trained;
} FrnnTask;

typedef struct FrnnJobHead
{
	FrnnJobKind kind;
	int			tasks;
	int			processes;		/* that share the tasks */
	FrnnNetwork network;
	FrnnTraining training;
	int64_t		samples;
	int			max_steps;
	double		deadline;
	size_t		packed_bytes;
	size_t		local_bytes;	/* that a reader of the source needs beside it */
	int64_t		update;			/* shards: the mini-batch at hand */
	int			batch;
} FrnnJobHead;

/* one process's view of the shared block */
typedef struct FrnnWork
{
	FrnnJobHead *head;
	FrnnTask   *task;			/* (tasks) */
	float	   *params;			/* (P); members: (tasks, P), trained in place */
	float	   *grads;			/* shards: (tasks, P) */
	int64_t    *sample;			/* shards: (batch_size) */
	void	   *packed;			/* the source */
} FrnnWork;

typedef struct FrnnTeam
{
	/* find helpers; false: there are none, or the job is not worth it.  processes counts the caller. */
	bool		(*begin) (void *arg, const FrnnJob *job, FrnnWork *work);
	/* compute all tasks, some here by here(self, task); may not return */
	void		(*run) (void *arg, void (*here) (void *self, int task), void *self);
	void		(*end) (void *arg);
	void	   *arg;
} FrnnTeam;

/* bytes of a job's shared block and of each helper's own memory, SIZE_MAX: too large or not to be packed */
extern size_t frnn_work_size(const FrnnJob *job, size_t *helper);
/* write the block; find it again in another process */
extern void frnn_work_pack(FrnnWork *work, const FrnnJob *job, int processes, void *block);
extern void frnn_work_attach(FrnnWork *work, void *block);

/* floating-point operations of one update, forward and backward */
extern double frnn_update_flops(const FrnnNetwork *network, int batch, int steps);

/* shard s of n samples: the loss and gradient that frnn_train adds up */
extern void frnn_shard_run(FrnnGradient *gradient, const FrnnSource *source, const FrnnTraining *training,
						   const float *params, int64_t update, const int64_t *sample, int n, int s,
						   const FrnnHooks *hooks, FrnnTask *task, float *grads);

/* seconds for member k, 0 without limit; false: none are left */
extern bool frnn_member_time(double deadline, int members, int k, int processes, const FrnnHooks *hooks,
							 double *seconds);

/* ---- a helper ---- */

typedef struct FrnnHelper
{
	FrnnWork	work;
	FrnnSource	source;
	FrnnTraining training;
	FrnnGradient gradient;
	void	   *block;
} FrnnHelper;

/* bytes that a helper needs, its work attached; and lay it out in a block of them */
extern FrnnStatus frnn_helper_size(const FrnnWork *work, size_t *bytes, FrnnError *error);
extern FrnnStatus frnn_helper_open(FrnnHelper *helper, const FrnnPacking *packing, void *block, FrnnError *error);
extern void frnn_helper_run(FrnnHelper *helper, int task, const FrnnHooks *hooks);

#endif
