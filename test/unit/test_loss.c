/*
 * test_loss.c
 *	  Losses and gradients against torch's (test/reference/loss_golden.txt),
 *	  gradients against central differences, masks, extreme outputs, quantiles.
 */
#include <stdlib.h>
#include <string.h>

#include "core/train/likelihood.h"
#include "core/train/loss.h"
#include "core/base/random.h"
#include "core/base/special.h"
#include "check.h"

#ifndef GOLDEN
#define GOLDEN "test/reference/loss_golden.txt"
#endif

#define ROWS 5
#define TARGETS 3
#define CELLS (ROWS * TARGETS)
#define MAX_WIDTH 8

static const char *const kinds[] = {"mse", "mae", "huber", "quantile", "gaussian", "student_t", "negative_binomial"};

static int
kind_of(const char *name)
{
	for (int i = 0; i < 7; i++)
		if (strcmp(name, kinds[i]) == 0)
			return i;
	return -1;
}

static int
read_floats(FILE *file, float *out, int n)
{
	double		v;

	for (int i = 0; i < n; i++)
	{
		if (fscanf(file, "%lf", &v) != 1)
			return 0;
		out[i] = (float) v;
	}
	return 1;
}

static double
relative(double got, double want)
{
	return fabs(got - want) / (1 + fabs(want));
}

static void
golden_loss(FILE *file, const FrnnLoss *loss)
{
	int			width = frnn_loss_width(loss);
	float		output[CELLS * MAX_WIDTH],
				target[CELLS],
				weight[CELLS],
				want[CELLS * MAX_WIDTH],
				got[CELLS * MAX_WIDTH];
	double		value,
				mean,
				worst = 0;

	CHECK(read_floats(file, output, CELLS * width) && read_floats(file, target, CELLS) &&
		  read_floats(file, weight, CELLS) && fscanf(file, "%lf", &value) == 1 &&
		  read_floats(file, want, CELLS * width));
	mean = frnn_loss(loss, output, target, weight, ROWS, TARGETS, got, NULL);
	CHECK_NEAR(relative(mean, value), 0, 1e-6);
	for (int i = 0; i < CELLS * width; i++)
		worst = fmax(worst, relative(got[i], want[i]));
	CHECK_NEAR(worst, 0, 1e-6);
}

static void
golden(void)
{
	FILE	   *file = fopen(GOLDEN, "r");
	char		word[64];
	int			losses = 0,
				quantiles = 0;

	CHECK(file != NULL);
	if (!file)
		return;
	CHECK(fscanf(file, "# torch %63s", word) == 1);
	while (fscanf(file, "%63s", word) == 1 && strcmp(word, "end") != 0)
	{
		if (strcmp(word, "loss") == 0)
		{
			FrnnLoss	loss = {0};
			double		delta;

			CHECK(fscanf(file, "%63s %lf %d", word, &delta, &loss.quantiles) == 3);
			loss.kind = (FrnnLossKind) kind_of(word);
			loss.delta = (float) delta;
			CHECK(read_floats(file, loss.quantile, loss.quantiles));
			golden_loss(file, &loss);
			losses++;
		}
		else
		{
			double		a,
						b,
						p,
						want,
						got;

			CHECK(fscanf(file, "%lf %lf %lf %lf", &a, &b, &p, &want) == 4);
			if (strcmp(word, "normal") == 0)
				got = frnn_normal_quantile(p);
			else if (strcmp(word, "student_t") == 0)
				got = frnn_student_t_quantile(p, a);
			else
				got = frnn_negative_binomial_quantile(p, a, b);
			CHECK_NEAR(relative(got, want), 0, 1e-9);
			quantiles++;
		}
	}
	CHECK(losses == 36 && quantiles == 78);
	fclose(file);
}

static FrnnLoss
make_loss(FrnnLossKind kind)
{
	FrnnLoss	loss = {0};

	loss.kind = kind;
	loss.delta = 0.7f;
	if (kind == FRNN_QUANTILE)
	{
		loss.quantiles = 4;
		loss.quantile[0] = 0.1f;
		loss.quantile[1] = 0.4f;
		loss.quantile[2] = 0.5f;
		loss.quantile[3] = 0.95f;
	}
	return loss;
}

static void
draw(FrnnLossKind kind, float *output, int n, float *target, float *weight)
{
	double		v[CELLS * MAX_WIDTH];

	frnn_random_normal(3, FRNN_USE_SAMPLE, kind, 0, v, (size_t) n);
	for (int i = 0; i < n; i++)
		output[i] = (float) (1.5 * v[i]);
	frnn_random_normal(4, FRNN_USE_SAMPLE, kind, 0, v, CELLS);
	for (int i = 0; i < CELLS; i++)
		target[i] = kind == FRNN_NEGATIVE_BINOMIAL ? floorf((float) (5 * fabs(v[i]))) : (float) (2 * v[i]);
	frnn_random_uniform(5, FRNN_USE_SAMPLE, kind, 0, weight, CELLS);
	weight[3] = weight[8] = 0;
	target[3] = target[8] = NAN;
}

/* the loss is computed in double from float outputs: h is a power of two, so that output +- h is exact enough */
static void
central_differences(FrnnLossKind kind)
{
	FrnnLoss	loss = make_loss(kind);
	int			n = CELLS * frnn_loss_width(&loss);
	float		output[CELLS * MAX_WIDTH],
				target[CELLS],
				weight[CELLS],
				gradient[CELLS * MAX_WIDTH];
	const float h = 0x1p-9f;
	double		worst = 0,
				sum = 0,
				want = 0;

	draw(kind, output, n, target, weight);
	frnn_loss(&loss, output, target, weight, ROWS, TARGETS, gradient, &sum);
	for (int i = 0; i < CELLS; i++)
		want += weight[i];
	CHECK_NEAR(sum, want, 1e-6);
	for (int i = 0; i < n; i++)
	{
		float		keep = output[i];
		double		up,
					down,
					width;

		output[i] = keep + h;
		width = output[i];
		up = frnn_loss(&loss, output, target, weight, ROWS, TARGETS, NULL, NULL);
		output[i] = keep - h;
		width -= output[i];
		down = frnn_loss(&loss, output, target, weight, ROWS, TARGETS, NULL, NULL);
		output[i] = keep;
		worst = fmax(worst, relative(gradient[i], (up - down) / width));
	}
	CHECK_NEAR(worst, 0, 2e-5);
	for (int k = 0; k < frnn_loss_width(&loss); k++)
		CHECK(gradient[3 * frnn_loss_width(&loss) + k] == 0);
}

/* weights scale out, NULL is all ones, nothing seen is 0 */
static void
masks(FrnnLossKind kind)
{
	FrnnLoss	loss = make_loss(kind);
	int			n = CELLS * frnn_loss_width(&loss);
	float		output[CELLS * MAX_WIDTH],
				target[CELLS],
				weight[CELLS],
				a[CELLS * MAX_WIDTH],
				b[CELLS * MAX_WIDTH];
	double		one,
				two;

	draw(kind, output, n, target, weight);
	target[3] = target[8] = 1;
	for (int i = 0; i < CELLS; i++)
		weight[i] = 4;
	one = frnn_loss(&loss, output, target, NULL, ROWS, TARGETS, a, NULL);
	two = frnn_loss(&loss, output, target, weight, ROWS, TARGETS, b, NULL);
	CHECK_NEAR(one, two, 1e-6 * (1 + fabs(one)));
	for (int i = 0; i < n; i++)
		CHECK_NEAR(a[i], b[i], 1e-6 * (1 + fabs(a[i])));

	memset(weight, 0, sizeof(weight));
	for (int i = 0; i < CELLS; i++)
		target[i] = NAN;
	CHECK(frnn_loss(&loss, output, target, weight, ROWS, TARGETS, b, &two) == 0);
	CHECK(two == 0);
	for (int i = 0; i < n; i++)
		CHECK(b[i] == 0);

	/* one weight left: the mean is that element's loss */
	target[7] = 2;
	weight[7] = 0.25f;
	one = frnn_loss(&loss, output, target, weight, ROWS, TARGETS, b, &two);
	CHECK(two == 0.25);
	two = frnn_loss(&loss, output + 7 * frnn_loss_width(&loss), target + 7, NULL, 1, 1, NULL, NULL);
	CHECK_NEAR(one, two, 1e-9 * (1 + fabs(one)));

	/* a NaN that counts is not hidden */
	output[7 * frnn_loss_width(&loss)] = NAN;
	one = frnn_loss(&loss, output, target, weight, ROWS, TARGETS, b, NULL);
	CHECK(isnan(one));
	CHECK(isnan(b[7 * frnn_loss_width(&loss)]));
}

static void
extremes(void)
{
	static const float raw[] = {-1e30f, -1e4f, -100, -20, 0, 20, 100, 1e4f, 1e30f};
	static const float seen[] = {0, 1, 3, 1000, 1e6f};

	for (int kind = FRNN_GAUSSIAN; kind <= FRNN_NEGATIVE_BINOMIAL; kind++)
		for (int i = 0; i < 9; i++)
			for (int j = 0; j < 9; j++)
				for (int k = 0; k < 5; k++)
				{
					float		output[3] = {kind == FRNN_NEGATIVE_BINOMIAL ? raw[j] : 0.5f, raw[i], raw[j]};
					double		y = seen[k];
					double		nll[FRNN_NLL_BLOCK];
					double		d[3][FRNN_NLL_BLOCK] = {{0}};

					frnn_nll((FrnnLossKind) kind, 1, output, &y, nll, d);
					CHECK(isfinite(nll[0]));
					CHECK(isfinite(d[0][0]) && isfinite(d[1][0]) && isfinite(d[2][0]));
				}
}

static void
special(void)
{
	for (double x = 1e-3; x < 1e6; x *= 1.7)
	{
		CHECK_NEAR(relative(frnn_lgamma(x), lgamma(x)), 0, 3e-14);
		CHECK_NEAR(relative(frnn_digamma(x + 1) - 1 / x, frnn_digamma(x)), 0, 1e-14);
		CHECK_NEAR(relative(frnn_digamma(x), (lgamma(x * 1.0001) - lgamma(x * 0.9999)) / (x * 0.0002)), 0, 1e-6);
	}
	CHECK_NEAR(frnn_digamma(1), -0.57721566490153286061, 1e-14);

	/* two degrees of freedom have a closed form; so has I_x(a, 1) = x^a */
	for (double p = 1e-12; p < 1; p = p < 0.01 ? p * 10 : p + 0.0417)
		CHECK_NEAR(frnn_student_t_quantile(p, 2) / ((2 * p - 1) / sqrt(2 * p * (1 - p))), 1, 1e-9);
	for (double x = 0.01; x < 1; x += 0.07)
	{
		CHECK_NEAR(frnn_beta_inc(3.5, 1, x), pow(x, 3.5), 1e-13);
		CHECK_NEAR(frnn_beta_inc(40, 0.7, x) + frnn_beta_inc(0.7, 40, 1 - x), 1, 1e-12);
	}
	CHECK_NEAR(frnn_student_t_quantile(0.9, 999.999), frnn_student_t_quantile(0.9, 1000.001), 1e-8);
	for (double p = 0.001; p < 1; p += 0.013)
	{
		CHECK_NEAR(0.5 * erfc(-frnn_normal_quantile(p) * M_SQRT1_2), p, 1e-14);
		CHECK_NEAR(frnn_normal_quantile(p), -frnn_normal_quantile(1 - p), 1e-12);
	}
	CHECK(frnn_normal_quantile(0) == -INFINITY && frnn_normal_quantile(1) == INFINITY);
	CHECK(isfinite(frnn_normal_quantile(1e-300)));
	/* the scaled-down large counts join on */
	CHECK_NEAR(frnn_negative_binomial_quantile(0.9, 1.001e6, 0.01) / frnn_negative_binomial_quantile(0.9, 1e6, 0.01), 1.001, 1e-5);
	CHECK_NEAR(frnn_negative_binomial_quantile(0.9, 1e12, 0.01) / frnn_negative_binomial_quantile(0.9, 1e6, 0.01), 1e6, 100);
	CHECK(frnn_negative_binomial_quantile(0.5, 1e-6, 1e30) == 0);
	CHECK(isfinite(frnn_negative_binomial_quantile(0.999, 1e6, 1e-6)));
	/* model bytes may ask for any dispersion: every search ends, though neighboring counts may not be told apart */
	for (double mean = 1e-30; mean < 4e38; mean *= 1e4)
		for (double dispersion = 1e-30; dispersion < 4e38; dispersion *= 1e4)
			CHECK(frnn_negative_binomial_quantile(0.95, mean, dispersion) >= 0);
	CHECK(isfinite(frnn_negative_binomial_quantile(1 - 1e-15, 1e6, 1e34)));
}

static void
points_and_quantiles(void)
{
	FrnnLoss	loss = make_loss(FRNN_QUANTILE);
	float		crossing[4] = {3, 1, 2, 8};
	float		three[3] = {1, 0, 0};

	CHECK_NEAR(frnn_loss_point(&loss, crossing), 3, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, crossing, 0.1), 1, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, crossing, 0.01), 1, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, crossing, 0.25), 1.5, 1e-6);
	CHECK_NEAR(frnn_loss_quantile(&loss, crossing, 0.95), 8, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, crossing, 0.99), 8, 0);
	loss = make_loss(FRNN_GAUSSIAN);
	CHECK_NEAR(frnn_loss_point(&loss, three), 1, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, three, 0.975), 1 + (log(2) + FRNN_SCALE_FLOOR) * 1.959963984540054, 1e-12);
	loss = make_loss(FRNN_STUDENT_T);
	CHECK_NEAR(frnn_loss_quantile(&loss, three, 0.5), 1, 0);
	CHECK_NEAR(frnn_loss_quantile(&loss, three, 0.9) - 1,
			   (log(2) + FRNN_SCALE_FLOOR) * frnn_student_t_quantile(0.9, 2 + log(2)), 1e-12);
	loss = make_loss(FRNN_NEGATIVE_BINOMIAL);
	CHECK_NEAR(frnn_loss_point(&loss, three), log1p(exp(1)) + FRNN_SCALE_FLOOR, 1e-12);
	CHECK(frnn_loss_quantile(&loss, three, 0.01) == 0);
	for (int kind = FRNN_MSE; kind <= FRNN_HUBER; kind++)
	{
		loss = make_loss((FrnnLossKind) kind);
		CHECK(frnn_loss_width(&loss) == 1);
		CHECK(frnn_loss_point(&loss, three) == 1);
		CHECK(isnan(frnn_loss_quantile(&loss, three, 0.5)));
	}
}

int
main(void)
{
	golden();
	for (int kind = FRNN_MSE; kind <= FRNN_NEGATIVE_BINOMIAL; kind++)
	{
		central_differences((FrnnLossKind) kind);
		masks((FrnnLossKind) kind);
	}
	extremes();
	special();
	points_and_quantiles();
	return check_done();
}
