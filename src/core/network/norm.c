/*
 * norm.c
 *	  Layer normalization over the features of a row:
 *	  y = (x - mean) / sqrt(variance + epsilon) weight + bias.
 *
 * Mean and variance are summed in double, because rows may be long and features
 * far from zero cancel.
 */
#include <math.h>

#include "core/network/layer.h"

#define ROWS_PER_TICK 64

void
frnn_norm_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	size_t		rows = frnn_mul(pass->B, pass->T);

	(void) work;
	buffers->out = FRNN_TAKE(keep, float, frnn_mul(rows, pass->F));
	if (!pass->keep)
		return;
	buffers->mean = FRNN_TAKE(keep, float, rows);
	buffers->scale = FRNN_TAKE(keep, float, rows);
}

static void
row_moments(const float *x, size_t F, float epsilon, float *mean, float *scale)
{
	double		sum = 0;
	double		squares = 0;

	for (size_t k = 0; k < F; k++)
		sum += x[k];
	sum /= (double) F;
	for (size_t k = 0; k < F; k++)
		squares += (x[k] - sum) * (x[k] - sum);
	*mean = (float) sum;
	*scale = (float) (1.0 / sqrt(squares / (double) F + epsilon));
}

void
frnn_norm_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		F = pass->F;
	size_t		rows = pass->B * pass->T;
	const float *weight = pass->params;
	const float *bias = pass->layer->use_bias ? weight + F : NULL;

	for (size_t r = 0; r < rows; r++)
	{
		const float *x = pass->x + r * F;
		float	   *y = buffers->out + r * F;
		float		mean;
		float		scale;

		row_moments(x, F, pass->layer->epsilon, &mean, &scale);
		for (size_t k = 0; k < F; k++)
			y[k] = (x[k] - mean) * scale * weight[k] + (bias ? bias[k] : 0.0f);
		if (pass->keep)
		{
			buffers->mean[r] = mean;
			buffers->scale[r] = scale;
		}
		if (r % ROWS_PER_TICK == 0)
			frnn_tick(pass->run);
	}
	buffers->y = buffers->out;
}

/*
 * With n = (x - mean) scale and g = dy weight:
 * dx = scale (g - mean(g) - n mean(g n))
 */
static void
row_backward(const FrnnPass *pass, const float *x, const float *dy, float mean, float scale, float *dx)
{
	size_t		F = pass->F;
	float	   *d_weight = pass->grads;
	float	   *d_bias = pass->layer->use_bias ? d_weight + F : NULL;
	double		sum = 0;
	double		product = 0;

	for (size_t k = 0; k < F; k++)
	{
		float		n = (x[k] - mean) * scale;
		float		g = dy[k] * pass->params[k];

		d_weight[k] += dy[k] * n;
		if (d_bias)
			d_bias[k] += dy[k];
		sum += g;
		product += (double) g * n;
	}
	if (dx == NULL)
		return;
	sum /= (double) F;
	product /= (double) F;
	for (size_t k = 0; k < F; k++)
		dx[k] = scale * (dy[k] * pass->params[k] - (float) sum - (x[k] - mean) * scale * (float) product);
}

void
frnn_norm_backward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	size_t		F = pass->F;
	size_t		rows = pass->B * pass->T;

	for (size_t r = 0; r < rows; r++)
	{
		row_backward(pass, pass->x + r * F, pass->dy + r * F, buffers->mean[r], buffers->scale[r],
					 pass->dx ? pass->dx + r * F : NULL);
		if (r % ROWS_PER_TICK == 0)
			frnn_tick(pass->run);
	}
}
