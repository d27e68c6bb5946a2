/*
 * test_optimizer.c
 *	  Ten updates of each rule against torch.optim
 *	  (test/reference/optimizer_golden.txt), clipping, shapes of schedules.
 */
#include <string.h>

#include "core/train/optimizer.h"
#include "check.h"

#ifndef GOLDEN
#define GOLDEN "test/reference/optimizer_golden.txt"
#endif

#define N 7
#define STEPS 10
#define STRIDE 16

static int
read_floats(FILE *file, float *out)
{
	for (int i = 0; i < N; i++)
		if (fscanf(file, "%f", &out[i]) != 1)
			return 0;
	return 1;
}

static FrnnOptimizerKind
kind_of(const char *name)
{
	if (strcmp(name, "sgd") == 0)
		return FRNN_SGD;
	if (strcmp(name, "rmsprop") == 0)
		return FRNN_RMSPROP;
	return strcmp(name, "adam") == 0 ? FRNN_ADAM : FRNN_ADAMW;
}

/* also in two ranges, as the highway has a rate of its own */
static void
golden_rule(FILE *file, const FrnnOptimizer *o)
{
	float		w[N],
				split[N],
				g[N],
				want[N],
				state[2 * STRIDE] = {0},
				state2[2 * STRIDE] = {0};
	double		worst = 0;

	CHECK(read_floats(file, w));
	memcpy(split, w, sizeof(w));
	for (int step = 1; step <= STEPS; step++)
	{
		CHECK(read_floats(file, g) && read_floats(file, want));
		frnn_optimizer_step(o, w, g, state, STRIDE, N, o->learning_rate, step);
		frnn_optimizer_step(o, split, g, state2, STRIDE, 3, o->learning_rate, step);
		frnn_optimizer_step(o, split + 3, g + 3, state2 + 3, STRIDE, N - 3, o->learning_rate, step);
		for (int i = 0; i < N; i++)
			worst = fmax(worst, fmax(fabs(w[i] - want[i]), fabs(split[i] - want[i])));
	}
	CHECK_NEAR(worst, 0, 2e-6);
}

static void
golden(void)
{
	FILE	   *file = fopen(GOLDEN, "r");
	char		word[64];
	int			rules = 0;

	CHECK(file != NULL);
	if (!file)
		return;
	CHECK(fscanf(file, "# torch %63s", word) == 1);
	while (fscanf(file, "%63s", word) == 1 && strcmp(word, "end") != 0)
	{
		FrnnOptimizer o = frnn_optimizer_default(kind_of(word));
		int			nesterov;

		CHECK(fscanf(file, "%f %f %d %f %f %f %f %f", &o.learning_rate, &o.momentum, &nesterov,
					 &o.rho, &o.beta1, &o.beta2, &o.epsilon, &o.weight_decay) == 8);
		o.nesterov = nesterov != 0;
		golden_rule(file, &o);
		rules++;
	}
	CHECK(rules == 11);
	fclose(file);
}

static void
norms(void)
{
	float		g[1001];
	float		huge[2] = {3e38f, 3e38f};
	float		bad[2] = {1, NAN};

	for (int i = 0; i < 1001; i++)
		g[i] = 1;
	CHECK_NEAR(frnn_norm(g, 1001), sqrt(1001), 1e-12);
	CHECK_NEAR(frnn_clip_norm(g, 1001, 0), sqrt(1001), 1e-12);
	CHECK(g[0] == 1);
	CHECK_NEAR(frnn_clip_norm(g, 1001, 40), sqrt(1001), 1e-12);
	CHECK(g[1000] == 1);
	CHECK_NEAR(frnn_clip_norm(g, 1001, 2), sqrt(1001), 1e-12);
	CHECK_NEAR(frnn_norm(g, 1001), 2, 1e-6);
	CHECK(isfinite(frnn_norm(huge, 2)));
	CHECK_NEAR(frnn_clip_norm(huge, 2, 1) / 1e38, sqrt(18), 1e-5);
	CHECK_NEAR(frnn_norm(huge, 2), 1, 1e-6);
	CHECK(isnan(frnn_clip_norm(bad, 2, 1)));
	CHECK(bad[0] == 1);
	CHECK(frnn_norm(g, 0) == 0);
}

static void
schedules(void)
{
	FrnnSchedule s = frnn_schedule_default(FRNN_CONSTANT);

	CHECK(frnn_schedule_rate(&s, 0.1, 0, 100, 0, 0) == 0.1);
	CHECK(frnn_schedule_rate(&s, 0.1, 99, 100, 9, 5) == 0.1);
	s.warmup_steps = 4;
	CHECK_NEAR(frnn_schedule_rate(&s, 0.1, 0, 100, 0, 0), 0.025, 1e-15);
	CHECK_NEAR(frnn_schedule_rate(&s, 0.1, 2, 100, 0, 0), 0.075, 1e-15);
	CHECK(frnn_schedule_rate(&s, 0.1, 3, 100, 0, 0) == 0.1);

	s = frnn_schedule_default(FRNN_STEP_DECAY);
	s.gamma = 0.5;
	s.step_size = 3;
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 20, 100, 2, 0), 1, 0);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 30, 100, 3, 0), 0.5, 1e-15);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 90, 100, 9, 0), 0.125, 1e-15);
	s.min_rate = 0.2;
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 90, 100, 9, 0), 0.2, 1e-15);

	s = frnn_schedule_default(FRNN_COSINE);
	s.final_fraction = 0.2;
	CHECK_NEAR(frnn_schedule_rate(&s, 2, 0, 100, 0, 0), 2, 1e-15);
	CHECK_NEAR(frnn_schedule_rate(&s, 2, 50, 100, 0, 0), 1.2, 1e-12);
	CHECK_NEAR(frnn_schedule_rate(&s, 2, 100, 100, 0, 0), 0.4, 1e-12);

	s = frnn_schedule_default(FRNN_ONE_CYCLE);
	s.warmup = 0.3;
	s.final_fraction = 0.1;
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 0, 100, 0, 0), 1.0 / 30, 1e-12);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 14, 100, 0, 0), 0.5, 1e-12);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 29, 100, 0, 0), 1, 1e-12);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 64, 100, 0, 0), 0.55, 1e-12);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 99, 100, 0, 0), 0.1, 1e-12);
	for (int k = 1; k < 100; k++)
	{
		double		before = frnn_schedule_rate(&s, 1, k - 1, 100, 0, 0);
		double		now = frnn_schedule_rate(&s, 1, k, 100, 0, 0);

		CHECK(k <= 29 ? now > before : now < before);
	}

	s = frnn_schedule_default(FRNN_PLATEAU);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 5, 100, 3, 0), 1, 0);
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 5, 100, 3, 2), 0.01, 1e-15);
	s.min_rate = 0.05;
	CHECK_NEAR(frnn_schedule_rate(&s, 1, 5, 100, 3, 2), 0.05, 1e-15);
}

static void
defaults(void)
{
	FrnnOptimizer o = frnn_optimizer_default(FRNN_ADAM);

	CHECK(o.learning_rate == 0.001f && o.epsilon == 1e-7f && o.weight_decay == 0);
	CHECK(frnn_optimizer_state(&o) == 2);
	o = frnn_optimizer_default(FRNN_SGD);
	CHECK(o.learning_rate == 0.01f && o.momentum == 0);
	CHECK(frnn_optimizer_state(&o) == 0);
	o.momentum = 0.9f;
	CHECK(frnn_optimizer_state(&o) == 1);
	o = frnn_optimizer_default(FRNN_RMSPROP);
	CHECK(frnn_optimizer_state(&o) == 1);
	o.momentum = 0.9f;
	CHECK(frnn_optimizer_state(&o) == 2);
}

int
main(void)
{
	golden();
	norms();
	schedules();
	defaults();
	return check_done();
}
