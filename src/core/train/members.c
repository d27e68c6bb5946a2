/*
 * members.c
 *	  The time of an ensemble's members, and the helper in another process.
 *
 * The caller allocates the helper's memory, zeroed and aligned to FRNN_ALIGN.
 */
#include "core/train/members.h"

static FrnnStatus
helper_layout(FrnnHelper *helper, FrnnArena *arena, const FrnnJobHead *head, const FrnnPacking *packing, FrnnError *error)
{
	void	   *local = frnn_take(arena, head->local_bytes, 1);
	size_t		bytes;
	FrnnStatus	status;

	helper->training = head->training;
	helper->source = (FrnnSource) {NULL, head->samples, head->max_steps, NULL, NULL, NULL};
	if (arena->base && packing)
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

size_t
frnn_helper_bytes(const FrnnJob *job)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnHelper	helper = {0};
	FrnnJobHead head;
	FrnnError	error;

	if (!job->source->packing)
		return SIZE_MAX;
	frnn_job_head(&head, job, 1);
	if (helper_layout(&helper, &arena, &head, job->source->packing, &error) != FRNN_OK)
		return SIZE_MAX;
	return arena.used;
}

FrnnStatus
frnn_helper_size(const FrnnWork *work, size_t *bytes, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(NULL);
	FrnnHelper	helper = {0};
	FrnnStatus	status = helper_layout(&helper, &arena, work->head, NULL, error);

	*bytes = arena.used;
	return status;
}

FrnnStatus
frnn_helper_open(FrnnHelper *helper, const FrnnPacking *packing, void *block, FrnnError *error)
{
	FrnnArena	arena = frnn_arena(block);

	return helper_layout(helper, &arena, helper->work.head, packing, error);
}

void
frnn_helper_run(FrnnHelper *helper, int number, const FrnnHooks *hooks)
{
	const FrnnJobHead *head = helper->work.head;
	size_t		P = head->network.parameters;
	size_t		arrays = head->training.keep ? (size_t) frnn_optimizer_state(&head->training.optimizer) : 0;
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
	if (!task->skipped && !(head->training.keep && task->place.epoch >= head->training.epochs))
		task->status = frnn_train_resume(&head->network, &helper->training, &helper->source, NULL,
										 helper->work.params + P * (size_t) number,
										 helper->work.state + arrays * P * (size_t) number,
										 head->training.keep ? &task->place : NULL, helper->block, hooks,
										 NULL, &task->trained, &task->error);
}
