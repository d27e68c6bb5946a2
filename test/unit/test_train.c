/*
 * test_train.c
 *	  The training loop: it learns, repeats itself, keeps the best weights,
 *	  stops where it should, and leaves weights alone when it fails.
 */
#include <setjmp.h>
#include <string.h>

#include "check.h"
#include "waves.h"

#define EPOCHS 64

typedef struct Outcome
{
	FrnnStatus	status;
	FrnnError	error;
	FrnnTrained result;
	FrnnEpoch	history[EPOCHS];
	float	   *params;			/* as they are after training */
	float	   *start;			/* as they were before */
} Outcome;

static Outcome out;

static void
clear(void)
{
	free(out.params);
	free(out.start);
	memset(&out, 0, sizeof(out));
}

static void
run(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *train, const FrnnSource *valid,
	const FrnnHooks *hooks)
{
	size_t		bytes = 0;
	void	   *block;

	clear();
	out.params = waves_params(network, training->seed);
	out.start = waves_params(network, training->seed);
	out.status = frnn_train_size(network, training, train, valid, &bytes, &out.error);
	if (out.status != FRNN_OK)
		return;
	block = waves_block(bytes);
	out.status = frnn_train(network, training, train, valid, out.params, block, hooks, out.history,
							&out.result, &out.error);
	free(block);
}

static double
evaluate(const FrnnNetwork *network, const FrnnTraining *training, const FrnnSource *source, const float *params)
{
	FrnnGradient gradient = {0};
	FrnnArena	arena = frnn_arena(NULL);
	FrnnError	error;
	int64_t		range[7];
	void	   *block;
	double		loss;

	CHECK(frnn_gradient_layout(&gradient, &arena, network, &training->loss, training->targets, 7, source->max_steps,
							   false, &error) == FRNN_OK);
	block = waves_block(arena.used);
	arena = frnn_arena(block);
	CHECK(frnn_gradient_layout(&gradient, &arena, network, &training->loss, training->targets, 7, source->max_steps,
							   false, &error) == FRNN_OK);
	loss = frnn_source_loss(&gradient, source, 7, range, params, NULL);
	free(block);
	return loss;
}

static int
unchanged(const FrnnNetwork *network)
{
	return memcmp(out.params, out.start, network->parameters * sizeof(float)) == 0;
}

static FrnnTraining
training_of(int epochs)
{
	FrnnTraining training = waves_training();

	training.epochs = epochs;
	training.seed = 42;
	return training;
}

static void
learns(void)
{
	Waves		a,
				b;
	FrnnSource	train = waves_source(&a, 1, 0, 500, 20, 1);
	FrnnSource	valid = waves_source(&b, 1, 500, 100, 20, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(2, 8, 1, &error);
	FrnnTraining training = training_of(12);
	double		naive = waves_naive(&b, 100);
	float	   *kept;
	size_t		size = network.parameters * sizeof(float);

	training.optimizer.learning_rate = 0.01f;
	run(&network, &training, &train, &valid, NULL);
	CHECK(out.status == FRNN_OK);
	CHECK(out.result.epochs == 12);
	CHECK(out.result.best_loss < 0.25 * naive);
	CHECK(out.history[11].loss < 0.25 * out.history[0].loss);
	CHECK_NEAR(evaluate(&network, &training, &valid, out.params), out.result.best_loss, 1e-7);
	kept = malloc(size);
	memcpy(kept, out.params, size);

	run(&network, &training, &train, &valid, NULL);
	CHECK(memcmp(kept, out.params, size) == 0);
	/* four shards: the same gradient but for rounding; and again the same bytes */
	training.shards = 4;
	training.epochs = 1;
	run(&network, &training, &train, &valid, NULL);
	memcpy(kept, out.params, size);
	run(&network, &training, &train, &valid, NULL);
	CHECK(memcmp(kept, out.params, size) == 0);
	training.shards = 0;
	run(&network, &training, &train, &valid, NULL);
	for (size_t i = 0; i < network.parameters; i++)
		CHECK_NEAR(out.params[i], kept[i], 2e-4);
	/* more shards than samples in a batch leaves some empty */
	training.shards = 50;
	run(&network, &training, &train, NULL, NULL);
	for (size_t i = 0; i < network.parameters; i++)
		CHECK_NEAR(out.params[i], kept[i], 2e-4);

	training.shards = 0;
	training.seed = 43;
	run(&network, &training, &train, &valid, NULL);
	CHECK(memcmp(kept, out.params, size) != 0);
	free(kept);
	free(a.value);
	free(b.value);
}

/* few samples and many weights overfit: the validation loss turns */
static void
keeps_the_best(void)
{
	Waves		a,
				b;
	FrnnSource	train = waves_source(&a, 2, 0, 12, 10, 1);
	FrnnSource	valid = waves_source(&b, 2, 12, 40, 10, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(1, 16, 1, &error);
	FrnnTraining training = training_of(EPOCHS);
	int			best = 0;
	double		last;

	training.optimizer.learning_rate = 0.03f;
	training.patience = 5;
	run(&network, &training, &train, &valid, NULL);
	CHECK(out.status == FRNN_OK);
	CHECK(out.result.epochs < EPOCHS);
	for (int i = 1; i < out.result.epochs; i++)
		if (out.history[i].val_loss < out.history[best].val_loss)
			best = i;
	CHECK(out.result.best_epoch == best + 1);
	CHECK(out.result.epochs == best + 1 + 5);
	CHECK(out.history[best].is_best && !out.history[out.result.epochs - 1].is_best);
	CHECK(out.result.best_loss == out.history[best].val_loss);
	CHECK_NEAR(evaluate(&network, &training, &valid, out.params), out.result.best_loss, 1e-7);

	training.restore_best = false;
	run(&network, &training, &train, &valid, NULL);
	last = evaluate(&network, &training, &valid, out.params);
	CHECK_NEAR(last, out.history[out.result.epochs - 1].val_loss, 1e-7);
	CHECK(last > out.result.best_loss);

	/* progress smaller than min_delta does not count, but the best weights are still the best */
	training.restore_best = true;
	training.min_delta = 1000;
	run(&network, &training, &train, &valid, NULL);
	CHECK(out.result.epochs == 6);
	CHECK(out.result.best_epoch > 1);

	free(a.value);
	free(b.value);
}

static void
diverges(void)
{
	Waves		a;
	FrnnSource	train = waves_source(&a, 3, 0, 64, 10, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(1, 4, 1, &error);
	FrnnTraining training = training_of(30);

	network.layer[0].activation = FRNN_LINEAR;
	training.optimizer = frnn_optimizer_default(FRNN_SGD);
	training.optimizer.learning_rate = 100;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_DIVERGED);
	CHECK(out.error.status == FRNN_DIVERGED);
	CHECK(out.error.value >= 1 && out.error.value <= 30);
	CHECK(unchanged(&network));
	/* infinite at the very last update */
	training.epochs = 1;
	training.batch_size = 64;
	training.optimizer.learning_rate = 3e38f;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_DIVERGED && out.error.value == 1);
	CHECK(unchanged(&network));
	free(a.value);
}

typedef struct Watcher
{
	double		now;
	int			ticks;
	int			epochs;
	int			leave_at;
	jmp_buf		out;
} Watcher;

static void
count_tick(void *arg)
{
	Watcher    *w = arg;

	if (++w->ticks == w->leave_at)
		longjmp(w->out, 1);
}

static void
count_epoch(void *arg, const FrnnEpoch *epoch)
{
	Watcher    *w = arg;

	CHECK(epoch->epoch == ++w->epochs);
}

static double
fake_clock(void *arg)
{
	return ((Watcher *) arg)->now += 1;
}

static void
hooks(void)
{
	Waves		a;
	static Watcher w;
	FrnnHooks	all = {count_tick, count_epoch, fake_clock, &w, NULL};
	FrnnSource	train = waves_source(&a, 4, 0, 100, 10, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(1, 4, 1, &error);
	FrnnTraining training = training_of(9);

	training.batch_size = 10;
	run(&network, &training, &train, NULL, &all);
	CHECK(w.epochs == 9);
	CHECK(w.ticks >= 90);

	/* a second a look, ten looks an epoch: over in the third epoch */
	memset(&w, 0, sizeof(w));
	training.time_limit = 25;
	run(&network, &training, &train, NULL, &all);
	CHECK(out.status == FRNN_OK && out.result.out_of_time);
	CHECK(out.result.epochs == 3 && w.epochs == 3);
	CHECK(!unchanged(&network));
	training.time_limit = 0.001;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_OK && !out.result.out_of_time);

	/* a tick that does not return */
	training.time_limit = 0;
	memset(&w, 0, sizeof(w));
	w.leave_at = 50;
	clear();
	out.params = waves_params(&network, 1);
	out.start = waves_params(&network, 1);
	if (setjmp(w.out) == 0)
	{
		static char block[1 << 20] __attribute__((aligned(FRNN_ALIGN)));
		size_t		bytes;

		CHECK(frnn_train_size(&network, &training, &train, NULL, &bytes, &error) == FRNN_OK && bytes <= sizeof(block));
		frnn_train(&network, &training, &train, NULL, out.params, block, &all, out.history, &out.result, &error);
		CHECK(!"the tick should have left");
	}
	CHECK(w.ticks == 50);
	CHECK(unchanged(&network));
	free(a.value);
}

#define KEPT (4 + 16 + 4 + 4 + 4 + 1)	/* parameters of simple_rnn(4), dense(1) */

static void
weights_and_samples(void)
{
	Waves		a,
				b;
	FrnnSource	train = waves_source(&a, 5, 0, 10, 10, 1);
	FrnnSource	valid = waves_source(&b, 5, 10, 10, 10, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(1, 4, 1, &error);
	FrnnTraining training = training_of(5);
	float		weight[10],
				none[10] = {0};
	float		kept[KEPT];
	int			seen[10] = {0};
	double		half;

	/* five times three batches of 4, 4, 2: each sample five times */
	a.seen = seen;
	training.batch_size = 4;
	training.steps_per_epoch = 3;
	run(&network, &training, &train, NULL, NULL);
	for (int i = 0; i < 10; i++)
		CHECK(seen[i] == 5);
	a.seen = NULL;

	/* weights are relative, missing targets (NaN) go nowhere */
	for (int i = 0; i < 10; i++)
		weight[i] = i % 2 ? 0.5f : 0;
	a.weight = weight;
	training.shards = 3;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_OK && isfinite(out.result.best_loss));
	half = out.result.best_loss;
	for (int i = 0; i < 10; i++)
		weight[i] *= 2;
	run(&network, &training, &train, NULL, NULL);
	CHECK_NEAR(out.result.best_loss, half, 1e-6);
	CHECK(isfinite(evaluate(&network, &training, &train, out.params)));

	/* shards of unequal weight, one of them without any, make the gradient of the whole */
	for (int i = 0; i < 10; i++)
		weight[i] = i < 7 ? (float) (i % 3) : 0;
	training.shards = 5;
	training.batch_size = 10;
	training.shuffle = false;
	training.optimizer = frnn_optimizer_default(FRNN_SGD);
	run(&network, &training, &train, NULL, NULL);
	memcpy(kept, out.params, sizeof(kept));
	training.shards = 1;
	run(&network, &training, &train, NULL, NULL);
	CHECK(network.parameters == KEPT);
	for (int i = 0; i < KEPT; i++)
		CHECK_NEAR(out.params[i], kept[i], 1e-6);
	training.batch_size = 4;
	training.shuffle = true;

	a.weight = none;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_NO_SAMPLES && unchanged(&network));
	CHECK(isnan(evaluate(&network, &training, &train, out.params)));
	a.weight = NULL;
	b.weight = none;
	run(&network, &training, &train, &valid, NULL);
	CHECK(out.status == FRNN_OK && isnan(out.history[0].val_loss));
	CHECK(out.result.best_loss == out.history[out.result.best_epoch - 1].loss);

	train.samples = 0;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_NO_SAMPLES);
	train.samples = 10;
	training.batch_size = 0;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_BAD_BATCH);
	training.batch_size = 4;
	training.loss.kind = FRNN_GAUSSIAN;
	run(&network, &training, &train, NULL, NULL);
	CHECK(out.status == FRNN_BAD_LOSS_WIDTH && out.error.value == 1 && out.error.limit == 2);
	free(a.value);
	free(b.value);
}

static int
five_steps(const void *context, const int64_t *sample, int B)
{
	(void) context;
	return B > 0 && sample[0] % 2 ? 5 : 10;
}

static void
schedules_and_shapes(void)
{
	Waves		a;
	FrnnSource	train = waves_source(&a, 6, 0, 40, 10, 1);
	FrnnError	error;
	FrnnNetwork network = waves_network(1, 4, 1, &error);
	FrnnTraining training = training_of(12);
	const FrnnLossKind wide[] = {FRNN_QUANTILE, FRNN_GAUSSIAN, FRNN_STUDENT_T};

	/* no progress is ever large enough: a cut every two epochs after the first */
	training.schedule = frnn_schedule_default(FRNN_PLATEAU);
	training.schedule.plateau_patience = 2;
	training.schedule.gamma = 0.5;
	training.min_delta = 1000;
	run(&network, &training, &train, NULL, NULL);
	CHECK_NEAR(out.history[2].learning_rate / 0.001, 1, 1e-6);
	CHECK_NEAR(out.history[3].learning_rate / 0.001, 0.5, 1e-6);
	CHECK_NEAR(out.history[5].learning_rate / 0.001, 0.25, 1e-6);
	CHECK_NEAR(out.history[11].learning_rate / 0.001, 0.03125, 1e-6);

	/* batches of different lengths */
	training = training_of(3);
	train.steps = five_steps;
	run(&network, &training, &train, &train, NULL);
	CHECK(out.status == FRNN_OK && out.history[2].val_loss < out.history[0].val_loss);
	train.steps = NULL;

	/* a linear map beside the network, frozen or learning */
	network.highway = true;
	network.time_steps = 10;
	CHECK(frnn_network_resolve(&network, &error) == FRNN_OK);
	for (int i = 0; i < 2; i++)
	{
		size_t		own = network.highway_offset;

		training.highway_rate = i;
		run(&network, &training, &train, NULL, NULL);
		CHECK(out.status == FRNN_OK);
		CHECK(memcmp(out.params, out.start, own * sizeof(float)) != 0);
		CHECK((memcmp(out.params + own, out.start + own, (network.parameters - own) * sizeof(float)) != 0) == i);
	}

	/* heads with several outputs a target, at each of the steps */
	for (int i = 0; i < 3; i++)
	{
		training = training_of(10);
		training.optimizer.learning_rate = 0.02f;
		training.loss.kind = wide[i];
		training.loss.quantiles = 3;
		training.loss.quantile[0] = 0.1f;
		training.loss.quantile[1] = 0.5f;
		training.loss.quantile[2] = 0.9f;
		network = waves_network(1, 6, frnn_loss_width(&training.loss), &error);
		network.layer[0].return_sequences = true;
		CHECK(frnn_network_resolve(&network, &error) == FRNN_OK);
		a.sequence = true;
		run(&network, &training, &train, NULL, NULL);
		CHECK(out.status == FRNN_OK);
		CHECK(out.history[9].loss < out.history[0].loss);
	}
	free(a.value);
}

int
main(void)
{
	learns();
	keeps_the_best();
	diverges();
	hooks();
	weights_and_samples();
	schedules_and_shapes();
	clear();
	return check_done();
}
