/*
 * train.c
 *	  The training loop.
 *
 * Works on a copy of the parameters inside the caller's block, so that a tick
 * that does not return, or a loss that diverges, leaves the caller's parameters as
 * they were.  Samples come from one permutation after another.  An epoch is one
 * permutation, or steps_per_epoch mini-batches.
 */
#include "core/train/train.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/base/simd.h"
#include "core/train/shard.h"

#define SHUFFLE_PART 65536		/* samples shuffled between two ticks: about a millisecond */

typedef struct Trainer
{
	const FrnnNetwork *network;
	const FrnnTraining *training;
	const FrnnSource *train;
	const FrnnSource *valid;	/* NULL: none */
	const FrnnHooks *hooks;
	FrnnGradient gradient;

	int			batch_size;
	int			shards;
	int			largest;		/* samples of the largest shard, and of a validation batch */
	float	   *params;			/* (P) the copy being trained */
	float	   *best;			/* (P) NULL unless restore_best */
	float	   *grads;			/* (P) */
	float	   *part;			/* (P) gradient of one shard; NULL with one shard */
	const FrnnTeam *team;		/* NULL: this process alone */
	FrnnWork	work;			/* the team's, which then holds params and the gradients of shards */
	float	   *state;			/* (frnn_optimizer_state, P) */
	int64_t    *order;			/* (samples) the current permutation */
	int64_t    *range;			/* (largest) validation samples in their own order */

	FrnnPlace	place;			/* updates done, the current permutation, early stopping, the plateau schedule */
	int64_t		updates;		/* updates planned */
	double		rate;			/* of the last update */
	double		started;		/* clock at the start */
} Trainer;

static int64_t
max_samples(const FrnnSource *a, const FrnnSource *b)
{
	return b && b->samples > a->samples ? b->samples : a->samples;
}

static int
max_steps(const FrnnSource *a, const FrnnSource *b)
{
	return b && b->samples > 0 && b->max_steps > a->max_steps ? b->max_steps : a->max_steps;
}

static FrnnStatus
trainer_layout(Trainer *t, FrnnArena *arena, FrnnError *error)
{
	const FrnnTraining *training = t->training;
	size_t		P = t->network->parameters;
	int64_t		samples = max_samples(t->train, t->valid);
	FrnnStatus	status;

	if (t->train->samples < 1)
		return frnn_fail(error, FRNN_NO_SAMPLES, -1, 0, 0);
	if (training->batch_size < 1 || training->batch_size > FRNN_MAX_BATCH)
		return frnn_fail(error, FRNN_BAD_BATCH, -1, training->batch_size, FRNN_MAX_BATCH);
	if (training->epochs < 1)
		return frnn_fail(error, FRNN_BAD_EPOCHS, -1, training->epochs, 0);
	t->batch_size = samples < training->batch_size ? (int) samples : training->batch_size;
	t->shards = training->shards > 1 ? training->shards : 1;
	t->largest = (t->batch_size - 1) / t->shards + 1;
	status = frnn_gradient_layout(&t->gradient, arena, t->network, &training->loss, training->targets,
								  t->largest, max_steps(t->train, t->valid), true, error);
	if (status != FRNN_OK)
		return status;
	t->params = FRNN_TAKE(arena, float, P);
	t->best = training->restore_best ? FRNN_TAKE(arena, float, P) : NULL;
	t->grads = FRNN_TAKE(arena, float, P);
	t->part = t->shards > 1 ? FRNN_TAKE(arena, float, P) : NULL;
	t->state = FRNN_TAKE(arena, float, frnn_mul(P, (size_t) frnn_optimizer_state(&training->optimizer)));
	t->order = FRNN_TAKE(arena, int64_t, t->train->samples);
	t->range = FRNN_TAKE(arena, int64_t, t->largest);
	return arena->overflow ? frnn_fail(error, FRNN_TOO_LARGE, -1, (double) SIZE_MAX, (double) SIZE_MAX) : FRNN_OK;
}

FrnnStatus
frnn_train_size(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *train,
				const FrnnSource *valid, size_t *bytes, FrnnError *error)
{
	Trainer		t = {.network = network,.training = training,.train = train,.valid = valid};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status = trainer_layout(&t, &arena, error);

	*bytes = arena.used;
	return status;
}

static void
next_permutation(Trainer *t)
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

/* Returns the samples of the next mini-batch.  The last one of a permutation may be smaller. */
static const int64_t *
next_samples(Trainer *t, int *n)
{
	const int64_t *sample;

	if (t->place.pass == 0 || t->place.position == t->train->samples)
		next_permutation(t);
	sample = t->order + t->place.position;
	*n = t->train->samples - t->place.position < t->batch_size ? (int) (t->train->samples - t->place.position) : t->batch_size;
	t->place.position += *n;
	return sample;
}

/* Finds helpers, and moves the parameters into the shared block. */
static void
join_team(Trainer *t)
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

static void
leave_team(Trainer *t)
{
	if (t->team)
		t->team->end(t->team->arg);
	t->team = NULL;
}

/* Computes a shard in this process. */
static void
shard_here(void *self, int s)
{
	Trainer    *t = self;

	frnn_shard_run(&t->gradient, t->train, t->training, t->params, t->place.update, t->work.sample, t->work.head->batch, s,
				   t->hooks, &t->work.task[s], t->work.grads + t->network->parameters * (size_t) s);
}

static void
run_team(Trainer *t, const int64_t *sample, int n)
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

/*
 * Computes loss and gradient of a mini-batch, shard by shard.  Those of a shard are
 * means by its own weights; those of the batch are the means of the shards' by
 * their sums of weights.  The terms are added in the order of the shards, no matter
 * which process computed them.
 */
static double
batch_gradient(Trainer *t, const int64_t *sample, int n, double *weight)
{
	size_t		P = t->network->parameters;
	double		loss = 0;

	if (t->team)
		run_team(t, sample, n);
	*weight = 0;
	for (int s = 0; s < t->shards; s++)
	{
		FrnnTask	task;
		float	   *grads = *weight > 0 ? t->part : t->grads;
		double		share;

		if (t->team)
		{
			task = t->work.task[s];
			grads = t->work.grads + P * (size_t) s;
		}
		else
			frnn_shard_run(&t->gradient, t->train, t->training, t->params, t->place.update, sample, n, s, t->hooks,
						   &task, grads);
		if (!(task.weight > 0))
			continue;
		if (*weight == 0)
			t->grads = grads;
		*weight += task.weight;
		share = task.weight / *weight;
		loss += share * (task.loss - loss);
		if (grads != t->grads)
			move_mean(P, (float) share, grads, t->grads);
	}
	return loss;
}

static void
update_params(Trainer *t, int epoch)
{
	const FrnnOptimizer *o = &t->training->optimizer;
	size_t		P = t->network->parameters;
	size_t		own = t->network->highway ? t->network->highway_offset : P;
	double		rate = frnn_schedule_rate(&t->training->schedule, o->learning_rate, t->place.update, t->updates,
										  epoch - 1, t->place.plateau_cuts);
	int64_t		step = t->place.update + 1;

	frnn_optimizer_step(o, t->params, t->grads, t->state, P, own, rate, step);
	if (own < P)
		frnn_optimizer_step(o, t->params + own, t->grads + own, t->state + own, P, P - own,
							rate * t->training->highway_rate, step);
	t->rate = rate;
}

static bool
out_of_time(const Trainer *t)
{
	return t->training->time_limit > 0 && t->hooks && t->hooks->clock &&
		t->hooks->clock(t->hooks->arg) - t->started >= t->training->time_limit;
}

/*
 * Runs the updates of one epoch.  *mean_loss is NaN if no target had weight.
 * Returns false if the loss or the gradient is not finite.
 */
static bool
run_epoch(Trainer *t, int epoch, int64_t steps, double *mean_loss, bool *late)
{
	double		sum = 0,
				weight = 0;

	for (int64_t i = 0; i < steps && !*late; i++)
	{
		int			n;
		const int64_t *sample = next_samples(t, &n);
		double		batch_weight;
		double		loss = batch_gradient(t, sample, n, &batch_weight);

		/* without a known target there is no gradient, and momentum alone must not change the weights */
		if (batch_weight > 0)
		{
			double		norm = frnn_clip_norm(t->grads, t->network->parameters, t->training->clip_norm);

			if (!isfinite(loss) || !isfinite(norm))
				return false;
			update_params(t, epoch);
			sum += loss * batch_weight;
			weight += batch_weight;
		}
		t->place.update++;
		*late = out_of_time(t);
	}
	*mean_loss = weight > 0 ? sum / weight : NAN;
	return true;
}

/* Returns true if the epoch is the best so far. */
static bool
watch_loss(double loss, Trainer *t)
{
	FrnnPlace  *watch = &t->place;
	bool		best = loss < watch->best;

	if (best)
		watch->best = loss;
	watch->waited++;
	watch->plateau++;
	if (loss < watch->reference - t->training->min_delta)
	{
		watch->reference = loss;
		watch->waited = watch->plateau = 0;
	}
	else if (t->training->schedule.kind == FRNN_PLATEAU && watch->plateau >= t->training->schedule.plateau_patience)
	{
		watch->plateau_cuts++;
		watch->plateau = 0;
	}
	return best;
}

/* Runs all epochs from the parameters in t->params. */
static FrnnStatus
run_epochs(Trainer *t, int64_t steps, FrnnEpoch *history, FrnnTrained *result, FrnnError *error)
{
	const FrnnTraining *training = t->training;
	const FrnnHooks *hooks = t->hooks;
	size_t		P = t->network->parameters;
	int			from = t->place.epoch;
	bool		validated = t->valid && frnn_source_has_weight(&t->gradient, t->valid, t->largest, t->range, hooks);
	bool		learned = false;

	for (int epoch = from + 1; epoch <= training->epochs && !result->out_of_time; epoch++)
	{
		FrnnEpoch	here;
		FrnnEpoch  *entry = history ? &history[epoch - 1] : &here;

		if (training->stop_after > 0 && epoch - from > training->stop_after)
			break;

		entry->epoch = epoch;
		if (!run_epoch(t, epoch, steps, &entry->loss, &result->out_of_time))
			return frnn_fail(error, FRNN_DIVERGED, -1, epoch, 0);
		learned |= !isnan(entry->loss);
		entry->val_loss = validated
			? frnn_source_loss(&t->gradient, t->valid, t->largest, t->range, t->params, hooks) : NAN;
		/* no training loss covers the last update: check the weights */
		if ((validated && !isfinite(entry->val_loss)) || !isfinite(frnn_norm(t->params, P)))
			return frnn_fail(error, FRNN_DIVERGED, -1, epoch, 0);
		entry->learning_rate = t->rate;
		entry->is_best = watch_loss(validated ? entry->val_loss : entry->loss, t);
		result->epochs = t->place.epoch = epoch;
		if (entry->is_best)
		{
			result->best_epoch = epoch;
			result->best_loss = t->place.best;
			if (t->best)
				memcpy(t->best, t->params, P * sizeof(float));
		}
		if (hooks && hooks->epoch)
			hooks->epoch(hooks->arg, entry);
		if (training->patience > 0 && t->place.waited >= training->patience)
			break;
	}
	return learned ? FRNN_OK : frnn_fail(error, FRNN_NO_SAMPLES, -1, 0, 0);
}

/* Sets the place at which the training starts: the beginning, or where an earlier call stopped. */
static void
start_at(Trainer *t, const float *state, const FrnnPlace *place)
{
	size_t		floats = t->network->parameters * (size_t) frnn_optimizer_state(&t->training->optimizer);

	t->place = (FrnnPlace) {.samples = t->train->samples, .best = INFINITY, .reference = INFINITY};
	if (!place || place->update < 1)
	{
		memset(t->state, 0, floats * sizeof(float));
		return;
	}
	memcpy(t->state, state, floats * sizeof(float));
	t->place = *place;
	t->place.samples = t->train->samples;
	/* other samples start a permutation of their own */
	if (place->samples == t->train->samples && place->pass > 0)
	{
		t->place.pass--;
		next_permutation(t);
		t->place.position = place->position;
	}
	else
		t->place.position = t->train->samples;
}

FrnnStatus
frnn_train_resume(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *train,
				  const FrnnSource *valid, float *params, float *state, FrnnPlace *place, void *block,
				  const FrnnHooks *hooks, FrnnEpoch *history, FrnnTrained *result, FrnnError *error)
{
	Trainer		t = {.network = network,.training = training,.train = train,.valid = valid,.hooks = hooks};
	FrnnArena	arena = frnn_arena(block);
	size_t		P = network->parameters;
	FrnnStatus	status = trainer_layout(&t, &arena, error);
	int64_t		steps;

	if (status != FRNN_OK)
		return status;
	memset(result, 0, sizeof(*result));
	memcpy(t.params, params, P * sizeof(float));
	start_at(&t, state, place);
	steps = training->steps_per_epoch > 0 ? training->steps_per_epoch : (train->samples - 1) / t.batch_size + 1;
	t.updates = steps * training->epochs;
	t.started = hooks && hooks->clock ? hooks->clock(hooks->arg) : 0;
	join_team(&t);
	status = run_epochs(&t, steps, history, result, error);
	if (status == FRNN_OK)
		memcpy(params, t.best && result->best_epoch > 0 ? t.best : t.params, P * sizeof(float));
	if (status == FRNN_OK && place)
	{
		memcpy(state, t.state, P * (size_t) frnn_optimizer_state(&training->optimizer) * sizeof(float));
		*place = t.place;
	}
	leave_team(&t);
	return status;
}

FrnnStatus
frnn_train(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *train,
		   const FrnnSource *valid, float *params, void *block, const FrnnHooks *hooks,
		   FrnnEpoch *history, FrnnTrained *result, FrnnError *error)
{
	return frnn_train_resume(network, training, train, valid, params, NULL, NULL, block, hooks, history, result, error);
}
