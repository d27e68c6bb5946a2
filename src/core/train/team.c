/*
 * team.c
 *	  The shared block of a job, and what a helper does with a task of it.
 *
 * Relies on the block and the helper's own memory being lent, both zeroed and
 * aligned to FRNN_ALIGN.
 */
#include "core/train/team.h"

#include <string.h>

/* below this cutting costs a single process a tenth of its time, in smaller products; about 0.5 ms of one core */
#define SHARED_STEP 3e7
/*
 * A shard's least samples: with fewer, tiles of the products stay empty.  And its least rows, samples
 * times steps: with fewer, adding up the gradients takes more than a hundredth of the time.
 */
#define SHARD_SAMPLES 8
#define SHARD_ROWS 256
#define MOST_SHARDS 16

double
frnn_update_flops(const FrnnNetwork *network, int batch, int steps)
{
	/* backward: one product for the inputs, one for the weights */
	return 3 * frnn_network_flops(network, batch, steps);
}

int
frnn_shards(const FrnnNetwork *network, int batch_size, int steps)
{
	int			rows = (SHARD_ROWS - 1) / steps + 1;
	int			most = batch_size / (rows > SHARD_SAMPLES ? rows : SHARD_SAMPLES);
	int			shards = 1;

	if (frnn_update_flops(network, batch_size, steps) < SHARED_STEP)
		return 1;
	/* powers of two: that many processes there mostly are */
	while (2 * shards <= most && shards < MOST_SHARDS)
		shards *= 2;
	return shards;
}

static void
walk(FrnnWork *work, FrnnArena *arena, FrnnJobKind kind, size_t tasks, size_t P, size_t batch_size, size_t packed)
{
	bool		shards = kind == FRNN_JOB_SHARDS;

	work->head = FRNN_TAKE(arena, FrnnJobHead, 1);
	work->task = FRNN_TAKE(arena, FrnnTask, tasks);
	work->params = FRNN_TAKE(arena, float, shards ? P : frnn_mul(tasks, P));
	work->grads = FRNN_TAKE(arena, float, shards ? frnn_mul(tasks, P) : 0);
	work->sample = FRNN_TAKE(arena, int64_t, shards ? batch_size : 0);
	work->packed = frnn_take(arena, packed, 1);
}

static void
fill_head(FrnnJobHead *head, const FrnnJob *job, int processes)
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

static FrnnStatus
lay_out(FrnnHelper *helper, FrnnArena *arena, const FrnnJobHead *head, const FrnnPacking *packing, FrnnError *error)
{
	void	   *local = frnn_take(arena, head->local_bytes, 1);
	size_t		bytes;
	FrnnStatus	status;

	helper->training = head->training;
	helper->source = (FrnnSource) {NULL, head->samples, head->max_steps, NULL, NULL, NULL};
	if (arena->base)
		helper->source = packing->unpack(helper->work.packed, local);
	if (head->kind == FRNN_JOB_SHARDS)
		status = frnn_gradient_layout(&helper->gradient, arena, &head->network, &helper->training.loss,
									  head->training.targets, (head->training.batch_size - 1) / head->tasks + 1,
									  head->max_steps, true, error);
	else
	{
		status = frnn_train_size(&head->network, &helper->training, &helper->source, NULL, &bytes, error);
		if (status != FRNN_OK)
			return status;
		helper->block = frnn_take(arena, bytes, 1);
	}
	if (status == FRNN_OK && arena->overflow)
		return frnn_fail(error, FRNN_TOO_LARGE, -1, (double) SIZE_MAX, 0);
	return status;
}

size_t
frnn_work_size(const FrnnJob *job, size_t *helper)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnArena	own = frnn_arena(NULL);
	FrnnHelper	measured;
	FrnnJobHead head;
	FrnnWork	work;
	FrnnError	error;

	*helper = SIZE_MAX;
	if (!job->source->packing)
		return SIZE_MAX;
	fill_head(&head, job, 1);
	walk(&work, &arena, head.kind, (size_t) head.tasks, head.network.parameters, (size_t) head.training.batch_size,
		 head.packed_bytes);
	if (lay_out(&measured, &own, &head, job->source->packing, &error) == FRNN_OK)
		*helper = own.used;
	return arena.overflow ? SIZE_MAX : arena.used;
}

void
frnn_work_pack(FrnnWork *work, const FrnnJob *job, int processes, void *block)
{
	FrnnArena	arena = frnn_arena(block);
	FrnnJobHead head;

	fill_head(&head, job, processes);
	walk(work, &arena, head.kind, (size_t) head.tasks, head.network.parameters, (size_t) head.training.batch_size,
		 head.packed_bytes);
	*work->head = head;
	memset(work->task, 0, sizeof(FrnnTask) * (size_t) head.tasks);
	job->source->packing->pack(job->source->context, work->packed);
}

void
frnn_work_attach(FrnnWork *work, void *block)
{
	FrnnArena	arena = frnn_arena(block);
	const FrnnJobHead *head = block;

	walk(work, &arena, head->kind, (size_t) head->tasks, head->network.parameters, (size_t) head->training.batch_size,
		 head->packed_bytes);
}

void
frnn_shard_run(FrnnGradient *gradient, const FrnnSource *source, const FrnnTraining *training, const float *params,
			   int64_t update, const int64_t *sample, int n, int s, const FrnnHooks *hooks, FrnnTask *task,
			   float *grads)
{
	int			shards = training->shards > 1 ? training->shards : 1;
	int			from = frnn_shard_start(n, shards, s);
	int			count = frnn_shard_start(n, shards, s + 1) - from;
	/* every shard draws dropout masks of its own */
	FrnnRun		run = frnn_hooks_run(hooks, true, training->seed, (uint64_t) (update * shards + s));

	task->loss = task->weight = 0;
	if (count > 0)
		task->loss = frnn_gradient_range(gradient, source, sample + from, count, params, &run, grads, &task->weight);
}

bool
frnn_member_time(double deadline, int members, int k, int processes, const FrnnHooks *hooks, double *seconds)
{
	double		left;
	int			rounds = (members - k - 1) / processes + 1;

	*seconds = 0;
	if (deadline <= 0 || !hooks || !hooks->clock)
		return true;
	left = deadline - hooks->clock(hooks->arg);
	*seconds = left / rounds > 0.01 ? left / rounds : 0.01;
	return left > 0;
}

FrnnStatus
frnn_helper_size(const FrnnWork *work, size_t *bytes, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnHelper	helper;
	FrnnStatus	status = lay_out(&helper, &arena, work->head, NULL, error);

	*bytes = arena.used;
	return status;
}

FrnnStatus
frnn_helper_open(FrnnHelper *helper, const FrnnPacking *packing, void *block, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(block);

	return lay_out(helper, &arena, helper->work.head, packing, error);
}

void
frnn_helper_run(FrnnHelper *helper, int number, const FrnnHooks *hooks)
{
	const FrnnJobHead *head = helper->work.head;
	size_t		P = head->network.parameters;
	FrnnTask   *task = &helper->work.task[number];

	if (head->kind == FRNN_JOB_SHARDS)
	{
		frnn_shard_run(&helper->gradient, &helper->source, &helper->training, helper->work.params, head->update,
					   helper->work.sample, head->batch, number, hooks, task, helper->work.grads + P * (size_t) number);
		return;
	}
	helper->training.seed = task->seed;
	task->skipped = !frnn_member_time(head->deadline, head->tasks, number, head->processes, hooks,
									  &helper->training.time_limit) && number > 0;
	if (!task->skipped)
		task->status = frnn_train(&head->network, &helper->training, &helper->source, NULL,
								  helper->work.params + P * (size_t) number, helper->block, hooks,
								  NULL, &task->trained, &task->error);
}
