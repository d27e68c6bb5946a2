/*
 * waves.h
 *	  Two sines and noise: the synthetic task of Geron, "Hands-on Machine
 *	  Learning", chapter 15, by its formula, as a source of mini-batches.
 *
 *	  x(u) = 0.5 sin((u - o1)(10 f1 + 10)) + 0.2 sin((u - o2)(20 f2 + 20)) + 0.1 (e - 0.5)
 */
#ifndef FRNN_WAVES_H
#define FRNN_WAVES_H

#include <math.h>
#include <stdlib.h>

#include "core/base/random.h"
#include "core/train/gradient.h"
#include "core/train/train.h"

typedef struct Waves
{
	float	   *value;			/* (samples, T + horizon) */
	int			T;
	int			horizon;
	float	   *weight;			/* (samples) NULL: all one; a target of weight 0 is NaN */
	int		   *seen;			/* (samples) NULL, or counts how often each was gathered */
	bool		sequence;		/* targets at every step: the next `horizon` values */
} Waves;

static inline void
waves_gather(const void *context, const int64_t *sample, FrnnBatch *batch)
{
	const Waves *w = context;
	int			B = batch->B;
	int			rows = w->sequence ? batch->T : 1;

	for (int b = 0; b < B; b++)
	{
		const float *row = w->value + sample[b] * (w->T + w->horizon);
		float		weight = w->weight ? w->weight[sample[b]] : 1.0f;

		for (int t = 0; t < batch->T; t++)
			batch->x[t * B + b] = row[t];
		for (int r = 0; r < rows; r++)
		{
			int			last = w->sequence ? r : batch->T - 1;

			for (int h = 0; h < w->horizon; h++)
			{
				batch->y[(r * B + b) * w->horizon + h] = weight > 0 ? row[last + 1 + h] : NAN;
				batch->weight[(r * B + b) * w->horizon + h] = weight;
			}
		}
		if (w->seen)
			w->seen[sample[b]]++;
	}
}

/* mse, adam, constant rate, batches of 32, one epoch, shuffled, best weights kept */
static inline FrnnTraining
waves_training(void)
{
	FrnnTraining t = {0};

	t.loss.kind = FRNN_MSE;
	t.loss.delta = 1;
	t.optimizer = frnn_optimizer_default(FRNN_ADAM);
	t.schedule = frnn_schedule_default(FRNN_CONSTANT);
	t.targets = 1;
	t.batch_size = 32;
	t.epochs = 1;
	t.shuffle = true;
	t.restore_best = true;
	t.highway_rate = 1;
	return t;
}

/* series first .. first + samples - 1 of the draw */
static inline FrnnSource
waves_source(Waves *w, uint64_t seed, int first, int samples, int T, int horizon)
{
	FrnnSource	source = {w, samples, T, NULL, waves_gather, NULL};
	int			length = T + horizon;
	float	   *noise = malloc((size_t) length * sizeof(float));

	*w = (Waves) {malloc((size_t) samples * (size_t) length * sizeof(float)), T, horizon, NULL, NULL, false};
	for (int i = 0; i < samples; i++)
	{
		float		p[4];

		frnn_random_uniform(seed, FRNN_USE_SAMPLE, 1, (uint64_t) (first + i) * 4, p, 4);
		frnn_random_uniform(seed, FRNN_USE_SAMPLE, 2, (uint64_t) (first + i) * (uint64_t) length, noise, (size_t) length);
		for (int t = 0; t < length; t++)
		{
			double		u = (double) t / (length - 1);

			w->value[i * length + t] = (float) (0.5 * sin((u - p[2]) * (10 * p[0] + 10)) +
												0.2 * sin((u - p[3]) * (20 * p[1] + 20)) + 0.1 * (noise[t] - 0.5));
		}
	}
	free(noise);
	return source;
}

/* mean squared error of repeating the last value */
static inline double
waves_naive(const Waves *w, int samples)
{
	double		sum = 0;

	for (int i = 0; i < samples; i++)
		for (int h = 0; h < w->horizon; h++)
		{
			const float *row = w->value + i * (w->T + w->horizon);
			double		e = (double) row[w->T + h] - row[w->T - 1];

			sum += e * e;
		}
	return sum / samples / w->horizon;
}

/* simple_rnn(units) .. -> dense(outputs) */
static inline FrnnNetwork
waves_network(int layers, int units, int outputs, FrnnError *error)
{
	FrnnNetwork network = {0};

	network.layers = layers + 1;
	network.input_size = 1;
	for (int i = 0; i < layers; i++)
	{
		network.layer[i] = frnn_layer_default(FRNN_SIMPLE);
		network.layer[i].units = units;
		network.layer[i].return_sequences = i + 1 < layers;
	}
	network.layer[layers] = frnn_layer_default(FRNN_DENSE);
	network.layer[layers].units = outputs;
	frnn_network_resolve(&network, error);
	return network;
}

static inline void *
waves_block(size_t bytes)
{
	return aligned_alloc(FRNN_ALIGN, (bytes + FRNN_ALIGN - 1) / FRNN_ALIGN * FRNN_ALIGN);
}

static inline float *
waves_params(const FrnnNetwork *network, uint64_t seed)
{
	float	   *params = malloc(network->parameters * sizeof(float));
	void	   *scratch = waves_block(frnn_init_scratch(network));

	frnn_network_init(network, seed, params, scratch, NULL);
	free(scratch);
	return params;
}

#endif
