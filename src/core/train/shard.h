/*
 * shard.h
 *	  Work that several processes can share: the shards of one network's
 *	  mini-batches, or the training of several networks.
 *
 * The core has no processes.  It describes a job.  A team, if the caller has
 * one, allocates a block of memory that all helpers see and runs the job's tasks
 * in any order, in any process.  What a task computes depends on its number
 * alone, and results are added in the order of the numbers.  So the result does
 * not depend on the number of processes.
 *
 * The shared block holds no address: each process finds the arrays by walking
 * the same arena over its own mapping.
 */
#ifndef FRNN_SHARD_H
#define FRNN_SHARD_H

#include "core/train/gradient.h"

typedef enum FrnnJobKind
{
	FRNN_JOB_SHARDS,			/* task s: loss and gradient of shard s of the current mini-batch; run once per update */
	FRNN_JOB_MEMBERS			/* task k: train the k-th set of weights; run once */
} FrnnJobKind;

typedef struct FrnnJob
{
	FrnnJobKind kind;
	int			tasks;
	const FrnnNetwork *network;
	const FrnnTraining *training;
	const FrnnSource *source;
	double		deadline;		/* members: on the clock of the hooks; 0: none */
	int64_t		runs;			/* number of times that the tasks are run */
	double		flops;			/* of one task, about */
	int			shards;			/* members: shards of each member's mini-batches if the job is declined */
} FrnnJob;

/* the results of one task */
typedef struct FrnnTask
{
	double		loss;			/* shards: mean over the shard */
	double		weight;			/* shards: sum of the weights */
	uint64_t	seed;			/* members */
	bool		skipped;		/* members: no time was left */
	FrnnStatus	status;
	FrnnError	error;
	FrnnTrained trained;
	FrnnPlace	place;			/* members with training.keep: where the training goes on, then where it stopped */
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
	size_t		local_bytes;	/* memory that each reader of the source needs */
	int64_t		update;			/* shards: number of the current mini-batch */
	int			batch;
} FrnnJobHead;

/* one process's view of the shared block */
typedef struct FrnnWork
{
	FrnnJobHead *head;
	FrnnTask   *task;			/* (tasks) */
	float	   *params;			/* (P); members: (tasks, P), trained in place */
	float	   *state;			/* members with training.keep: (tasks, frnn_optimizer_state, P), updated in place */
	float	   *grads;			/* shards: (tasks, P) */
	int64_t    *sample;			/* shards: (batch_size) */
	void	   *packed;			/* the source */
} FrnnWork;

typedef struct FrnnTeam
{
	/* finds helpers; false if there are none or the job is too small.  processes counts the caller. */
	bool		(*begin) (void *arg, const FrnnJob *job, FrnnWork *work);
	/* computes all tasks, some of them in this process by here(self, task); may not return */
	void		(*run) (void *arg, void (*here) (void *self, int task), void *self);
	void		(*end) (void *arg);
	void	   *arg;
} FrnnTeam;

/* Returns the floating-point operations of one update, forward and backward. */
extern double frnn_update_flops(const FrnnNetwork *network, int batch, int steps);

/* Returns the number of shards that mini-batches of this network are cut into. */
extern int	frnn_shards(const FrnnNetwork *network, int batch_size, int steps);

/* Returns the first sample of shard s if n samples are cut into `shards`. */
static inline int
frnn_shard_start(int n, int shards, int s)
{
	return (int) ((int64_t) n * s / shards);
}

/* Computes loss and gradient of shard s of n samples into *task and grads. */
extern void frnn_shard_run(FrnnGradient *gradient, const FrnnSource *source, const FrnnTraining *training,
						   const float *params, int64_t update, const int64_t *sample, int n, int s,
						   const FrnnHooks *hooks, FrnnTask *task, float *grads);

/* Returns the bytes of a job's shared block, SIZE_MAX if it is too large or the source cannot be packed. */
extern size_t frnn_work_size(const FrnnJob *job);

/* Writes the shared block of a job. */
extern void frnn_work_pack(FrnnWork *work, const FrnnJob *job, int processes, void *block);

/* Finds the arrays of a shared block in another process. */
extern void frnn_work_attach(FrnnWork *work, void *block);

/* Fills the head of a job's shared block.  The job's source must have a packing. */
extern void frnn_job_head(FrnnJobHead *head, const FrnnJob *job, int processes);

#endif
