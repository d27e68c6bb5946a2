/*
 * optimizer.c
 *	  torch.optim's update rules as single loops over flat arrays; schedules.
 *
 * Constants of an update are computed once, in double, and used in float.
 */
#include "core/train/optimizer.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/base/simd.h"

FrnnOptimizer
frnn_optimizer_default(FrnnOptimizerKind kind)
{
	FrnnOptimizer o = {0};

	o.kind = kind;
	o.learning_rate = kind == FRNN_SGD ? 0.01f : 0.001f;
	o.rho = 0.9f;
	o.beta1 = 0.9f;
	o.beta2 = 0.999f;
	o.epsilon = 1e-7f;
	o.weight_decay = kind == FRNN_ADAMW ? 0.004f : 0.0f;
	return o;
}

int
frnn_optimizer_state(const FrnnOptimizer *optimizer)
{
	int			velocity = optimizer->momentum != 0;

	switch (optimizer->kind)
	{
		case FRNN_SGD:
			return velocity;
		case FRNN_RMSPROP:
			return 1 + velocity;
		default:
			return 2;
	}
}

/* b = momentum b + g; w -= rate b, or nesterov: rate (g + momentum b) */
FRNN_CLONES static void
sgd(const FrnnOptimizer *o, float *restrict w, const float *restrict g, float *restrict b, size_t n, float rate)
{
	float		momentum = o->momentum;
	float		decay = o->weight_decay;
	float		own = o->nesterov ? 1.0f : 0.0f;
	float		past = o->nesterov ? momentum : 1.0f;

	if (b == NULL)
	{
#pragma omp simd
		for (size_t i = 0; i < n; i++)
			w[i] -= rate * (g[i] + decay * w[i]);
		return;
	}
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		float		d = g[i] + decay * w[i];

		b[i] = momentum * b[i] + d;
		w[i] -= rate * (own * d + past * b[i]);
	}
}

/* v = rho v + (1 - rho) g^2; d = g/(sqrt(v) + eps); with momentum b = momentum b + d; w -= rate b */
FRNN_CLONES static void
rmsprop(const FrnnOptimizer *o, float *restrict w, const float *restrict g, float *restrict v, float *restrict b,
		size_t n, float rate)
{
	float		rho = o->rho;
	float		rest = (float) (1.0 - (double) rho);
	float		momentum = o->momentum;
	float		decay = o->weight_decay;
	float		epsilon = o->epsilon;

	if (momentum == 0)
	{
#pragma omp simd
		for (size_t i = 0; i < n; i++)
		{
			float		d = g[i] + decay * w[i];

			v[i] = rho * v[i] + rest * d * d;
			w[i] -= rate * d / (sqrtf(v[i]) + epsilon);
		}
		return;
	}
#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		float		d = g[i] + decay * w[i];

		v[i] = rho * v[i] + rest * d * d;
		b[i] = momentum * b[i] + d / (sqrtf(v[i]) + epsilon);
		w[i] -= rate * b[i];
	}
}

/*
 * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2;
 * w -= rate/(1 - b1^k) m / (sqrt(v/(1 - b2^k)) + eps)
 */
FRNN_CLONES static void
adam(const FrnnOptimizer *o, float *restrict w, const float *restrict g, float *restrict m, float *restrict v,
	 size_t n, double rate, int64_t step)
{
	float		beta1 = o->beta1;
	float		beta2 = o->beta2;
	float		rest1 = (float) (1.0 - (double) beta1);
	float		rest2 = (float) (1.0 - (double) beta2);
	float		rise = (float) (rate / (1.0 - frnn_power(o->beta1, step)));
	float		root = (float) (1.0 / sqrt(1.0 - frnn_power(o->beta2, step)));
	float		epsilon = o->epsilon;
	float		coupled = o->kind == FRNN_ADAM ? o->weight_decay : 0.0f;
	float		keep = o->kind == FRNN_ADAMW ? (float) (1.0 - rate * o->weight_decay) : 1.0f;

#pragma omp simd
	for (size_t i = 0; i < n; i++)
	{
		float		d = g[i] + coupled * w[i];

		m[i] = beta1 * m[i] + rest1 * d;
		v[i] = beta2 * v[i] + rest2 * d * d;
		w[i] = keep * w[i] - rise * m[i] / (root * sqrtf(v[i]) + epsilon);
	}
}

void
frnn_optimizer_step(const FrnnOptimizer *optimizer, float *params, const float *grads,
					float *state, size_t stride, size_t n, double rate, int64_t step)
{
	switch (optimizer->kind)
	{
		case FRNN_SGD:
			sgd(optimizer, params, grads, optimizer->momentum != 0 ? state : NULL, n, (float) rate);
			break;
		case FRNN_RMSPROP:
			rmsprop(optimizer, params, grads, state, state + stride, n, (float) rate);
			break;
		default:
			adam(optimizer, params, grads, state, state + stride, n, rate, step);
			break;
	}
}

FRNN_CLONES double
frnn_norm(const float *v, size_t n)
{
	double		lane[FRNN_LANES] = {0};
	size_t		i = 0;

	for (; i + FRNN_LANES <= n; i += FRNN_LANES)
#pragma omp simd
		for (int j = 0; j < FRNN_LANES; j++)
			lane[j] += (double) v[i + j] * v[i + j];
	for (int j = 0; i < n; i++, j++)
		lane[j] += (double) v[i] * v[i];
	return sqrt(frnn_sum_lanes(lane));
}

double
frnn_clip_norm(float *grads, size_t n, double limit)
{
	double		norm = frnn_norm(grads, n);

	if (limit > 0 && norm > limit && isfinite(norm))
	{
		float		share = (float) (limit / norm);

		for (size_t i = 0; i < n; i++)
			grads[i] *= share;
	}
	return norm;
}

FrnnSchedule
frnn_schedule_default(FrnnScheduleKind kind)
{
	FrnnSchedule s = {0};

	s.kind = kind;
	s.gamma = 0.1;
	s.step_size = 10;
	s.final_fraction = kind == FRNN_COSINE ? 0.01 : 0;
	s.warmup = 0.3;
	s.plateau_patience = 10;
	return s;
}

/* from 1 down to `final` while share goes from 0 to 1 */
static double
half_cosine(double share, double final)
{
	double		sine,
				cosine;

	frnn_sin_cos_turns(0.5 * fmin(fmax(share, 0), 1), &sine, &cosine);
	return final + (1 - final) * 0.5 * (1 + cosine);
}

double
frnn_schedule_rate(const FrnnSchedule *schedule, double base, int64_t k, int64_t K, int64_t e, int plateau_cuts)
{
	double		total = K > 0 ? (double) K : 1;
	double		factor = 1;
	double		rise;
	double		rate;

	switch (schedule->kind)
	{
		case FRNN_STEP_DECAY:
			factor = frnn_power(schedule->gamma, schedule->step_size > 0 ? e / schedule->step_size : 0);
			break;
		case FRNN_COSINE:
			factor = half_cosine((double) k / total, schedule->final_fraction);
			break;
		case FRNN_ONE_CYCLE:
			rise = schedule->warmup * total;
			if ((double) k + 1 < rise)
				factor = ((double) k + 1) / rise;
			else
				factor = half_cosine(((double) k + 1 - rise) / fmax(total - rise, 1), schedule->final_fraction);
			break;
		case FRNN_PLATEAU:
			factor = frnn_power(schedule->gamma, plateau_cuts);
			break;
		default:
			break;
	}
	/* min_rate bounds the schedule, not the warm-up */
	rate = fmax(base * factor, fmin(base, schedule->min_rate));
	if (schedule->warmup_steps > 0 && k + 1 < schedule->warmup_steps)
		rate *= (double) (k + 1) / schedule->warmup_steps;
	return rate;
}
