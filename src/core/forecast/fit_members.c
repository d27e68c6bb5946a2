/*
 * fit_members.c
 *	  Training of the members of an ensemble, in this process or by a team.
 */
#include <string.h>

#include "core/forecast/average.h"
#include "core/forecast/fit_work.h"

/* the weights that the training of a member starts from */
void
frnn_fit_start_weights(FrnnFit *fit, const FrnnForecaster *out, uint64_t seed, int member, float *params)
{
	const FrnnStart *start = fit->start;
	const FrnnLayer *last = &fit->network->layer[fit->network->layers - 1];
	FrnnHooks	hooks = frnn_fit_hooks(fit);
	FrnnRun		run = {hooks.tick, hooks.arg, false, 0, 0};

	if (start)
	{
		size_t		P = fit->network->parameters;

		memcpy(params, start->params + (size_t) (member % start->members) * P, sizeof(float) * P);
		return;
	}
	frnn_network_init(fit->network, seed, params, fit->init, &run);
	/* the recurrent part begins at nothing: at the line, or at the level */
	if (fit->network->highway || fit->recipe->network == FRNN_NETWORK_AUTO)
		memset(params + last->offset, 0, sizeof(float) * last->count);
	if (fit->network->highway)
		frnn_start_at_ridge(out, params);
}

/* Trains the weights of member k. */
static FrnnStatus
train(FrnnFit *fit, int k, FrnnTask *task)
{
	FrnnSource	source = frnn_samples_source(&fit->samples);
	FrnnHooks	hooks = frnn_fit_hooks(fit);
	size_t		P = fit->network->parameters;
	size_t		arrays = (size_t) frnn_optimizer_state(&fit->training.optimizer);
	bool		keep = fit->training.keep;

	return frnn_train_resume(fit->network, &fit->training, &source, NULL, fit->weights + (size_t) k * P,
							 keep ? fit->state + (size_t) k * arrays * P : NULL, keep ? &task->place : NULL,
							 fit->train_block, &hooks, NULL, &task->trained, &task->error);
}

/* train member k in this process */
static void
train_member(void *self, int k)
{
	FrnnFit    *fit = self;
	FrnnTask   *task = &fit->task[k];
	FrnnHooks	hooks = frnn_fit_hooks(fit);

	task->skipped = !frnn_member_time(fit->deadline, fit->recipe->ensemble, k, fit->processes, &hooks,
									  &fit->training.time_limit) && k > 0;
	if (task->skipped)
		return;
	fit->member = k;
	fit->training.seed = task->seed;
	if (fit->recipe->stop_after == 0 || (fit->training.keep && task->place.epoch >= fit->training.epochs))
		return;
	task->status = train(fit, k, task);
}

/* Sets the weights, and where the training resumes the optimizer's state and the place, that each member starts from. */
static void
start_members(FrnnFit *fit, FrnnForecaster *out)
{
	const FrnnForecaster *resume = fit->start ? fit->start->resume : NULL;
	size_t		P = fit->network->parameters;
	size_t		floats = P * (size_t) frnn_optimizer_state(&fit->recipe->optimizer);

	for (int k = 0; k < fit->recipe->ensemble; k++)
	{
		fit->task[k].seed = (fit->recipe->seed << 8) + 1 + (uint64_t) k;
		frnn_fit_start_weights(fit, out, fit->task[k].seed, k, fit->weights + (size_t) k * P);
		if (!fit->training.keep)
			continue;
		if (resume)
		{
			memcpy(fit->state + (size_t) k * floats, resume->optimizer_state + (size_t) (k % resume->members) * floats,
				   sizeof(float) * floats);
			fit->task[k].place = resume->place[k % resume->members];
		}
		else
			memset(fit->state + (size_t) k * floats, 0, sizeof(float) * floats);
	}
	out->base = fit->start && fit->start->base ? fit->start->base :
		frnn_weights_checksum(fit->weights, (size_t) fit->recipe->ensemble * P);
}

/* Collects the members that were trained.  A given network that diverged is an error. */
static FrnnStatus
collect_members(const FrnnFit *fit, FrnnForecaster *out, FrnnError *error)
{
	size_t		P = fit->network->parameters;
	size_t		floats = P * (size_t) frnn_optimizer_state(&fit->recipe->optimizer);

	for (int k = 0; k < fit->recipe->ensemble; k++)
	{
		const FrnnTask *done = &fit->task[k];

		if (done->skipped)
			continue;
		if (done->status == FRNN_OK)
		{
			int			m = out->members++;

			memmove(out->params + (size_t) m * P, fit->weights + (size_t) k * P, sizeof(float) * P);
			if (fit->training.keep)
			{
				memmove(out->optimizer_state + (size_t) m * floats, fit->state + (size_t) k * floats, sizeof(float) * floats);
				out->place[m] = done->place;
			}
		}
		else if (done->status == FRNN_DIVERGED && fit->recipe->network == FRNN_NETWORK_GIVEN)
		{
			*error = done->error;
			return done->status;
		}
	}
	return FRNN_OK;
}

/* all members, side by side where the caller's team takes the job */
FrnnStatus
frnn_fit_members(FrnnFit *fit, FrnnForecaster *out, FrnnError *error)
{
	const FrnnRecipe *recipe = fit->recipe;
	const FrnnTeam *team = fit->hooks ? fit->hooks->team : NULL;
	FrnnSource	source = frnn_samples_source(&fit->samples);
	FrnnJob		job = {FRNN_JOB_MEMBERS, recipe->ensemble, fit->network, &fit->training, &source, fit->deadline, 1, 0, fit->shards};
	FrnnTask	task[FRNN_MAX_ENSEMBLE];
	FrnnStatus	status;
	FrnnWork	work;
	bool		shared;

	job.flops = frnn_update_flops(fit->network, fit->training.batch_size, source.max_steps) *
		fit->training.epochs * fit->training.steps_per_epoch;
	memset(task, 0, sizeof(task));
	shared = team && job.tasks > 1 && recipe->stop_after != 0 && team->begin(team->arg, &job, &work);
	fit->task = shared ? work.task : task;
	fit->weights = shared ? work.params : out->params;
	fit->state = shared ? work.state : out->optimizer_state;
	fit->processes = shared ? work.head->processes : 1;
	start_members(fit, out);
	if (shared)
		team->run(team->arg, train_member, fit);
	else
		for (int k = 0; k < job.tasks; k++)
			train_member(fit, k);
	status = collect_members(fit, out, error);
	fit->task = NULL;			/* on this stack, or in the block that ends here */
	if (shared)
		team->end(team->arg);
	return status;
}
