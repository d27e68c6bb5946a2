/*
 * predict.c
 *	  rnn_predict and rnn_evaluate: a model's raw outputs for x, and their
 *	  error against y.
 *
 * Samples run through the network in batches, so that memory other than the
 * result does not grow with their number.
 */
#include "pg/model/model.h"

#include <float.h>
#include <math.h>

#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "pg/tensor/samples.h"
#include "pg/tensor/tensor.h"
#include "utils/array.h"

#define BATCH		256			/* samples at once, unless they are so long that ... */
#define BATCH_BYTES (16 * 1024 * 1024)	/* ... the buffers would be larger than this */

PG_FUNCTION_INFO_V1(rnn_predict);
PG_FUNCTION_INFO_V1(rnn_evaluate);

typedef struct Runner
{
	FrnnPlan   *plan;
	FrnnBatch	batch;			/* B and T: what was planned */
	FrnnRun		run;
} Runner;

/* Plans the largest batch whose buffers stay small; one sample may take up to the memory limit. */
static void
runner_prepare(const FrnnNetwork *network, int64 n, int T, Runner *runner)
{
	int			B = (int) Min(n, BATCH);
	FrnnError	error;
	size_t		bytes;

	for (;;)
	{
		frnn_check(frnn_plan_size(network, B, T, false, &bytes, &error), &error);
		if (bytes <= BATCH_BYTES || B == 1)
			break;
		B = (B + 1) / 2;
	}
	memset(runner, 0, sizeof(*runner));
	runner->plan = frnn_plan_create(network, B, T, false, frnn_allocate(bytes, "prediction"));
	runner->batch.B = B;
	runner->batch.T = T;
	runner->batch.x = frnn_allocate(frnn_mul((size_t) B * T, network->input_size * sizeof(float)), "prediction");
	runner->run.tick = frnn_pg_tick;
}

/* samples first .. first + B of a float8[] without NULLs, time-major */
static void
batch_load(ArrayType *x, int64 first, int F, FrnnBatch *batch)
{
	const double *from = FRNN_TENSOR_DATA(x) + first * batch->T * F;
	int			b,
				t,
				f;

	for (b = 0; b < batch->B; b++)
		for (t = 0; t < batch->T; t++)
		{
			float	   *to = batch->x + ((size_t) t * batch->B + b) * F;

			for (f = 0; f < F; f++, from++)
			{
				if (fabs(*from) > FLT_MAX)
					frnn_tensor_beyond_range(x, "x", from - FRNN_TENSOR_DATA(x), *from);
				to[f] = (float) *from;
			}
		}
}

/* (T, B, O) to (B, T, O), as double */
static void
batch_store(const float *output, int B, int rows, int O, double *out)
{
	int			b,
				r,
				o;

	for (b = 0; b < B; b++)
		for (r = 0; r < rows; r++)
			for (o = 0; o < O; o++)
				*out++ = output[((size_t) r * B + b) * O + o];
}

/* (n, O) or (n, T, O), not filled */
static ArrayType *
prediction_alloc(const FrnnNetwork *network, int64 n, int64 T)
{
	int64		vector[2] = {n, network->output_size};
	int64		sequence[3] = {n, T, network->output_size};

	return network->output_sequence ? frnn_tensor_alloc(3, sequence, "the prediction")
		: frnn_tensor_alloc(2, vector, "the prediction");
}

Datum
rnn_predict(PG_FUNCTION_ARGS)
{
	FrnnModel  *model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	ArrayType  *x = PG_GETARG_ARRAYTYPE_P(1);
	const FrnnNetwork *network = &model->network;
	ArrayType  *result;
	double	   *out;
	Runner		runner;
	int			dim[3];
	int			rows;
	int64		first;

	frnn_model_need_network(model, "rnn_forecast");
	samples_check_x(network, x, "x", dim);
	runner_prepare(network, dim[0], dim[1], &runner);
	result = prediction_alloc(network, dim[0], dim[1]);
	out = FRNN_TENSOR_DATA(result);
	rows = network->output_sequence ? dim[1] : 1;
	for (first = 0; first < dim[0]; first += runner.batch.B)
	{
		FrnnBatch	batch = runner.batch;

		CHECK_FOR_INTERRUPTS();
		batch.B = (int) Min(dim[0] - first, runner.batch.B);
		batch_load(x, first, dim[2], &batch);
		batch_store(frnn_forward(runner.plan, model->params, &batch, &runner.run), batch.B, rows,
					network->output_size, out + first * rows * network->output_size);
	}
	PG_RETURN_ARRAYTYPE_P(result);
}

typedef struct Score
{
	double		loss,
				square,
				absolute,
				weight;
} Score;

/* sums over the known targets of one batch */
static void
score_add(const FrnnLoss *loss, const float *output, const FrnnBatch *batch, size_t rows, int targets, Score *score)
{
	int			width = frnn_loss_width(loss);
	double		weight;
	double		mean = frnn_loss(loss, output, batch->y, batch->weight, rows, targets, NULL, &weight);
	size_t		i;

	score->loss += mean * weight;
	score->weight += weight;
	for (i = 0; i < rows * targets; i++)
		if (batch->weight[i] > 0)
		{
			double		miss = frnn_loss_point(loss, output + i * width) - batch->y[i];

			score->square += miss * miss;
			score->absolute += fabs(miss);
		}
}

static Score
score_samples(const FrnnModel *model, const Samples *samples)
{
	FrnnSource	source = samples_source(samples);
	Score		score = {0, 0, 0, 0};
	Runner		runner;
	int64	   *index;
	int64		first;
	size_t		most;

	runner_prepare(&model->network, samples->n, samples->T, &runner);
	most = (size_t) runner.batch.B * samples->rows * samples->targets * sizeof(float);
	runner.batch.y = frnn_allocate(most, "evaluation");
	runner.batch.weight = frnn_allocate(most, "evaluation");
	index = palloc(runner.batch.B * sizeof(int64));
	for (first = 0; first < samples->n; first += runner.batch.B)
	{
		FrnnBatch	batch = runner.batch;
		const float *output;
		int			b;

		CHECK_FOR_INTERRUPTS();
		batch.B = (int) Min(samples->n - first, runner.batch.B);
		for (b = 0; b < batch.B; b++)
			index[b] = first + b;
		source.gather(source.context, index, &batch);
		output = frnn_forward(runner.plan, model->params, &batch, &runner.run);
		score_add(&model->loss, output, &batch, (size_t) batch.B * samples->rows, samples->targets, &score);
	}
	return score;
}

Datum
rnn_evaluate(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	FrnnModel  *model;
	Samples		samples;
	Score		score;

	rows_start(&rows, fcinfo);
	model = frnn_model_read(PG_GETARG_BYTEA_PP(0));
	frnn_model_need_network(model, "rnn_backtest");
	samples_read(&model->network, &model->loss, PG_GETARG_ARRAYTYPE_P(1), "x", PG_GETARG_ARRAYTYPE_P(2), "y", &samples);
	samples_check_known(&samples, "y");
	score = score_samples(model, &samples);
	rows_number(&rows, score.loss / score.weight);
	rows_number(&rows, score.square / score.weight);
	rows_number(&rows, score.absolute / score.weight);
	rows_put(&rows);
	return (Datum) 0;
}
