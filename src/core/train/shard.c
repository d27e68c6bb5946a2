/*
 * shard.c
 *	  Shards of a mini-batch, and the shared block of a job.
 *
 * The caller allocates the block, zeroed and aligned to FRNN_ALIGN.
 */
#include "core/train/shard.h"

#include <string.h>

/* Cutting a smaller step costs a single process a tenth of its time, in smaller products.  About 0.5 ms of one core. */
#define SHARED_STEP 3e7
/* Least samples of a shard: with fewer, tiles of the products stay empty. */
#define SHARD_SAMPLES 8
/* Least rows (samples x steps) of a shard: with fewer, adding the gradients takes more than a hundredth of the time. */
#define SHARD_ROWS 256
#define MAX_SHARDS 16

double
frnn_update_flops(const FrnnNetwork *network, int batch, int steps)
{
	/* the backward pass has one product for the inputs and one for the weights */
	return 3 * frnn_network_flops(network, batch, steps);
}

int
frnn_shards(const FrnnNetwork *network, int batch_size, int steps)
{
	int			rows = (SHARD_ROWS - 1) / steps + 1;
	int			limit = batch_size / (rows > SHARD_SAMPLES ? rows : SHARD_SAMPLES);
	int			shards = 1;

	if (frnn_update_flops(network, batch_size, steps) < SHARED_STEP)
		return 1;
	/* a power of two, as most numbers of processes are */
	while (2 * shards <= limit && shards < MAX_SHARDS)
		shards *= 2;
	return shards;
}

void
frnn_shard_run(FrnnGradient *gradient, const FrnnSource *source, const FrnnTraining *training, const float *params,
			   int64_t update, const int64_t *sample, int n, int s, const FrnnHooks *hooks, FrnnTask *task,
			   float *grads)
{
	int			shards = training->shards > 1 ? training->shards : 1;
	int			from = frnn_shard_start(n, shards, s);
	int			count = frnn_shard_start(n, shards, s + 1) - from;

	/* each shard draws dropout masks of its own */
	FrnnRun		run = frnn_hooks_run(hooks, true, training->seed, (uint64_t) (update * shards + s));

	task->loss = task->weight = 0;
	if (count > 0)
		task->loss = frnn_gradient_range(gradient, source, sample + from, count, params, update, &run, grads,
										 &task->weight);
}

static void
work_layout(FrnnWork *work, FrnnArena *arena, const FrnnJobHead *head)
{
	bool		shards = head->kind == FRNN_JOB_SHARDS;
	size_t		tasks = (size_t) head->tasks;
	size_t		P = head->network.parameters;
	size_t		batch_size = (size_t) head->training.batch_size;
	size_t		arrays = !shards && head->training.keep ? (size_t) frnn_optimizer_state(&head->training.optimizer) : 0;

	work->head = FRNN_TAKE(arena, FrnnJobHead, 1);
	work->task = FRNN_TAKE(arena, FrnnTask, tasks);
	work->params = FRNN_TAKE(arena, float, shards ? P : frnn_mul(tasks, P));
	work->state = FRNN_TAKE(arena, float, frnn_mul(frnn_mul(tasks, arrays), P));
	work->grads = FRNN_TAKE(arena, float, shards ? frnn_mul(tasks, P) : 0);
	work->sample = FRNN_TAKE(arena, int64_t, shards ? batch_size : 0);
	work->packed = frnn_take(arena, head->packed_bytes, 1);
}

void
frnn_job_head(FrnnJobHead *head, const FrnnJob *job, int processes)
{
	memset(head, 0, sizeof(*head));
	head->kind = job->kind;
	head->tasks = job->tasks;
	head->processes = processes;
	head->network = *job->network;
	head->training = *job->training;
	head->samples = job->source->samples;
	head->max_steps = job->source->max_steps;
	head->deadline = job->deadline;
	head->packed_bytes = job->source->packing->size(job->source->context, &head->local_bytes);
}

size_t
frnn_work_size(const FrnnJob *job)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnJobHead head;
	FrnnWork	work;

	if (!job->source->packing)
		return SIZE_MAX;
	frnn_job_head(&head, job, 1);
	work_layout(&work, &arena, &head);
	return arena.overflow ? SIZE_MAX : arena.used;
}

void
frnn_work_pack(FrnnWork *work, const FrnnJob *job, int processes, void *block)
{
	FrnnArena	arena = frnn_arena(block);
	FrnnJobHead head;

	frnn_job_head(&head, job, processes);
	work_layout(work, &arena, &head);
	*work->head = head;
	memset(work->task, 0, sizeof(FrnnTask) * (size_t) head.tasks);
	job->source->packing->pack(job->source->context, work->packed);
}

void
frnn_work_attach(FrnnWork *work, void *block)
{
	FrnnArena	arena = frnn_arena(block);

	work_layout(work, &arena, (const FrnnJobHead *) block);
}
