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

#include "core/train/trainer.h"

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
trainer_layout(FrnnTrainer *t, FrnnArena *arena, FrnnError *error)
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
	FrnnTrainer t = {.network = network,.training = training,.train = train,.valid = valid};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnStatus	status = trainer_layout(&t, &arena, error);

	*bytes = arena.used;
	return status;
}

static void
update_params(FrnnTrainer *t, int epoch)
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
out_of_time(const FrnnTrainer *t)
{
	return t->training->time_limit > 0 && t->hooks && t->hooks->clock &&
		t->hooks->clock(t->hooks->arg) - t->started >= t->training->time_limit;
}

/*
 * Runs the updates of one epoch.  *mean_loss is NaN if no target had weight.
 * Returns false if the loss or the gradient is not finite.
 */
static bool
run_epoch(FrnnTrainer *t, int epoch, int64_t steps, double *mean_loss, bool *late)
{
	double		sum = 0,
				weight = 0;

	for (int64_t i = 0; i < steps && !*late; i++)
	{
		int			n;
		const int64_t *sample = frnn_trainer_samples(t, &n);
		double		batch_weight;
		double		loss = frnn_trainer_gradient(t, sample, n, &batch_weight);

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
watch_loss(double loss, FrnnTrainer *t)
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
run_epochs(FrnnTrainer *t, int64_t steps, FrnnEpoch *history, FrnnTrained *result, FrnnError *error)
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
start_at(FrnnTrainer *t, const float *state, const FrnnPlace *place)
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
		frnn_trainer_permute(t);
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
	FrnnTrainer t = {.network = network,.training = training,.train = train,.valid = valid,.hooks = hooks};
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
	frnn_trainer_join(&t);
	status = run_epochs(&t, steps, history, result, error);
	if (status == FRNN_OK)
		memcpy(params, t.best && result->best_epoch > 0 ? t.best : t.params, P * sizeof(float));
	if (status == FRNN_OK && place)
	{
		memcpy(state, t.state, P * (size_t) frnn_optimizer_state(&training->optimizer) * sizeof(float));
		*place = t.place;
	}
	frnn_trainer_leave(&t);
	return status;
}

FrnnStatus
frnn_train(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *train,
		   const FrnnSource *valid, float *params, void *block, const FrnnHooks *hooks,
		   FrnnEpoch *history, FrnnTrained *result, FrnnError *error)
{
	return frnn_train_resume(network, training, train, valid, params, NULL, NULL, block, hooks, history, result, error);
}
