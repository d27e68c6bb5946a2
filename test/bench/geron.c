/*
 * geron.c
 *	  Measures the synthetic task of Geron, "Hands-on Machine Learning", chapter
 *	  15, at its full size: 7000 series of 50 steps, SimpleRNN(20) -> SimpleRNN(20) ->
 *	  Dense, Adam 0.001, 20 epochs of batches of 32.  Prints the validation
 *	  error (2000 series) beside the naive forecast's, and seconds; fails when
 *	  one step is worse than 0.0035 or ten steps at once worse than 0.012.
 */
#include <stdio.h>
#include <time.h>

#include "../unit/waves.h"

#define TRAIN 7000
#define VALID 2000
#define STEPS 50
#define EPOCHS 20

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static int
task(int horizon, uint64_t seed, double limit)
{
	Waves		a,
				b;
	FrnnSource	train = waves_source(&a, seed, 0, TRAIN, STEPS, horizon);
	FrnnSource	valid = waves_source(&b, seed, TRAIN, VALID, STEPS, horizon);
	FrnnError	error;
	FrnnNetwork network = waves_network(2, 20, horizon, &error);
	FrnnTraining training = waves_training();
	FrnnEpoch	history[EPOCHS];
	FrnnTrained result;
	float	   *params = waves_params(&network, seed);
	void	   *block;
	size_t		bytes;
	double		start = seconds(),
				took;
	int			bad;

	training.epochs = EPOCHS;
	training.targets = horizon;
	training.seed = seed;
	if (frnn_train_size(&network, &training, &train, &valid, &bytes, &error) != FRNN_OK)
		return 1;
	block = waves_block(bytes);
	if (frnn_train(&network, &training, &train, &valid, params, block, NULL, history, &result, &error) != FRNN_OK)
		return 1;
	took = seconds() - start;
	bad = !(result.best_loss <= limit);
	printf("geron %2d step%s seed %d: validation MSE %.5f (last epoch %.5f, naive %.4f, limit %.4f) %.1f s, %.3f ms a step%s\n",
		   horizon, horizon > 1 ? "s," : ", ", (int) seed, result.best_loss, history[EPOCHS - 1].val_loss,
		   waves_naive(&b, VALID), limit, took, 1000 * took / (EPOCHS * ((TRAIN + 31) / 32)), bad ? "  MISSED" : "");
	free(params);
	free(block);
	free(a.value);
	free(b.value);
	return bad;
}

int
main(void)
{
	int			missed = 0;

	for (uint64_t seed = 1; seed <= 3; seed++)
	{
		missed += task(1, seed, 0.0035);
		missed += task(10, seed, 0.012);
	}
	return missed != 0;
}
