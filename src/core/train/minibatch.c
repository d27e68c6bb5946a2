/*
 * minibatch.c
 *	  The samples of a mini-batch, and its loss and gradient, computed here or
 *	  by a team.
 */
#include "core/train/trainer.h"

#include <string.h>

#include "core/base/random.h"
#include "core/base/simd.h"

#define MEAN_PART 2048			/* floats of the gradient that are added up at a time */
#define SHUFFLE_PART 65536		/* samples shuffled between two ticks: about a millisecond */

void
frnn_trainer_permute(FrnnTrainer *t)
{
	int64_t		n = t->train->samples;
	FrnnRun		run = frnn_hooks_run(t->hooks, true, t->training->seed, 0);

	for (int64_t from = 0; from < n; from += SHUFFLE_PART)
	{
		int64_t		to = n - from < SHUFFLE_PART ? n : from + SHUFFLE_PART;

		frnn_tick(&run);
		if (t->training->shuffle)
			frnn_random_shuffle_part(t->training->seed, FRNN_USE_SHUFFLE, (uint64_t) t->place.pass, t->order, from, to);
		else
			for (int64_t i = from; i < to; i++)
				t->order[i] = i;
	}
	t->place.pass++;
	t->place.position = 0;
}

const int64_t *
frnn_trainer_samples(FrnnTrainer *t, int *n)
{
	const int64_t *sample;

	if (t->place.pass == 0 || t->place.position == t->train->samples)
		frnn_trainer_permute(t);
	sample = t->order + t->place.position;
	*n = t->train->samples - t->place.position < t->batch_size ? (int) (t->train->samples - t->place.position) : t->batch_size;
	t->place.position += *n;
	return sample;
}

void
frnn_trainer_join(FrnnTrainer *t)
{
	const FrnnTeam *team = t->hooks ? t->hooks->team : NULL;
	FrnnTraining training = *t->training;
	FrnnJob		job = {FRNN_JOB_SHARDS, t->shards, t->network, &training, t->train, 0, t->updates, 0, 1};

	if (!team || t->shards < 2 || !t->train->packing)
		return;
	training.batch_size = t->batch_size;
	job.flops = frnn_update_flops(t->network, t->batch_size, t->train->max_steps) / t->shards;
	if (!team->begin(team->arg, &job, &t->work))
		return;
	memcpy(t->work.params, t->params, t->network->parameters * sizeof(float));
	t->params = t->work.params;
	t->team = team;
}

void
frnn_trainer_leave(FrnnTrainer *t)
{
	if (t->team)
		t->team->end(t->team->arg);
	t->team = NULL;
}

/* Computes a shard in this process. */
static void
shard_here(void *self, int s)
{
	FrnnTrainer *t = self;

	frnn_shard_run(&t->gradient, t->train, t->training, t->params, t->place.update, t->work.sample, t->work.head->batch, s,
				   t->hooks, &t->work.task[s], t->work.grads + t->network->parameters * (size_t) s);
}

static void
run_team(FrnnTrainer *t, const int64_t *sample, int n)
{
	memcpy(t->work.sample, sample, sizeof(int64_t) * (size_t) n);
	t->work.head->update = t->place.update;
	t->work.head->batch = n;
	t->team->run(t->team->arg, shard_here, t);
}

/* mean += share (value - mean) */
FRNN_CLONES
static void
move_mean(size_t n, float share, const float *restrict value, float *restrict mean)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
		mean[i] += share * (value[i] - mean[i]);
}

/* The same, and value = 0 for the next shard, while it is in the cache. */
FRNN_CLONES
static void
take_mean(size_t n, float share, float *restrict value, float *restrict mean)
{
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		mean[i] += share * (value[i] - mean[i]);
		value[i] = 0.0f;
	}
}

/* Computes loss and gradient in this process, shard after shard. */
static double
gradient_here(FrnnTrainer *t, const int64_t *sample, int n, double *weight)
{
	double		loss = 0;

	for (int s = 0; s < t->shards; s++)
	{
		FrnnTask	task;
		bool		first = !(*weight > 0);
		double		share;

		frnn_shard_run(&t->gradient, t->train, t->training, t->params, t->place.update, sample, n, s, t->hooks,
					   &task, first ? t->grads : t->part);
		if (!(task.weight > 0))
			continue;
		*weight += task.weight;
		share = task.weight / *weight;
		loss += share * (task.loss - loss);
		if (first)
			continue;
		take_mean(t->network->parameters, (float) share, t->part, t->grads);
		t->gradient.cleared = t->part;
	}
	return loss;
}

/* Adds up the shards' losses, and elements from .. from + count - 1 of their gradients, in place of the first one's. */
static double
mean_of_shards(FrnnTrainer *t, size_t from, size_t count, double *weight)
{
	float	   *mean = NULL;
	double		loss = 0;

	*weight = 0;
	for (int s = 0; s < t->shards; s++)
	{
		const FrnnTask *task = &t->work.task[s];
		float	   *grads = t->work.grads + t->network->parameters * (size_t) s;
		double		share;

		if (!(task->weight > 0))
			continue;
		*weight += task->weight;
		share = task->weight / *weight;
		loss += share * (task->loss - loss);
		if (mean)
			move_mean(count, (float) share, grads + from, mean);
		else
		{
			t->grads = grads;
			mean = grads + from;
		}
	}
	return loss;
}

double
frnn_trainer_gradient(FrnnTrainer *t, const int64_t *sample, int n, double *weight)
{
	size_t		P = t->network->parameters;
	double		loss = 0;

	*weight = 0;
	if (!t->team)
		return gradient_here(t, sample, n, weight);
	run_team(t, sample, n);
	/* others wait: the means stay in the cache while all shards are added to them */
	for (size_t from = 0; from < P; from += MEAN_PART)
		loss = mean_of_shards(t, from, P - from < MEAN_PART ? P - from : MEAN_PART, weight);
	return loss;
}
