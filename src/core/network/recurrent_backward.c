/*
 * recurrent_backward.c
 *	  Backward pass of recurrent layers: gradients of gates and states step by
 *	  step, those of weights and input in runs of steps whose gates are still
 *	  in the cache.
 */
#include <string.h>

#include "core/kernel/gates.h"
#include "core/network/recurrent.h"

static size_t
chunk_steps(size_t B)
{
	return B < FRNN_BLOCK_ROWS ? FRNN_BLOCK_ROWS / B : 1;
}

/* Computes dh of one direction from dy; other: the other direction's h. */
static void
merge_backward(FrnnMerge merge, size_t rows, size_t H, int direction, const float *dy, const float *other, float *dh)
{
	if (merge == FRNN_CONCAT)
	{
		for (size_t r = 0; r < rows; r++)
			memcpy(dh + r * H, dy + (2 * r + direction) * H, H * sizeof(float));
		return;
	}
	for (size_t k = 0; k < rows * H; k++)
	{
		if (merge == FRNN_MULTIPLY)
			dh[k] = dy[k] * other[k];
		else
			dh[k] = merge == FRNN_SUM ? dy[k] : 0.5f * dy[k];
	}
}

static void
pack_backward(const FrnnWalk *w)
{
	const float *w_ih = w->pass->params + w->weights;
	const float *w_hh = w_ih + w->cell->gates * w->H * w->F;
	size_t		K = (size_t) w->cell->gates * w->H;

	frnn_pack_bias(w->dir->packed_h, w->H, K, NULL, NULL);
	frnn_pack_weight(w->dir->packed_h, w->H, K, 0, K, w_hh, 1, w->H);
	if (w->pass->dx == NULL)
		return;
	frnn_pack_bias(w->dir->packed_x, w->F, K, NULL, NULL);
	frnn_pack_weight(w->dir->packed_x, w->F, K, 0, K, w_ih, 1, w->F);
}

/* Finds the gradients of the gates from time t on that weight_ih or weight_hh multiplies. */
static void
gate_rows(const FrnnWalk *w, size_t t, bool recurrent, const float *rows[FRNN_MAX_BLOCKS])
{
	for (int i = 0; i < w->cell->gates; i++)
	{
		int			block = recurrent && is_split(w->cell) && i == w->cell->gates - 1 ? i + 1 : i;

		rows[i] = w->dir->gates + block * w->stride + t * w->BH;
	}
}

/* out (rows, N) = or += the sum over gates of dgate W */
static void
product_backward(const FrnnWalk *w, size_t t, size_t rows, bool recurrent, size_t N, const float *packed,
				 bool accumulate, float *out)
{
	const float *a[FRNN_MAX_BLOCKS];
	FrnnOperand operand[FRNN_MAX_BLOCKS];

	gate_rows(w, t, recurrent, a);
	for (int i = 0; i < w->cell->gates; i++)
		operand[i] = (FrnnOperand){a[i], w->H, w->H};
	frnn_gemm_packed(w->pass->run, rows, N, (size_t) w->cell->gates * w->H, operand, w->cell->gates,
					 packed, accumulate, out, N);
}

/* Computes dx of times t .. t+steps-1.  The second direction adds to the first. */
static void
input_backward(const FrnnWalk *w, size_t t, size_t steps)
{
	const FrnnPass *pass = w->pass;
	size_t		BF = w->B * w->F;
	float	   *dx = pass->dx + t * BF;

	if (!frnn_dropping(pass, pass->layer->dropout))
	{
		product_backward(w, t, steps * w->B, false, w->F, w->dir->packed_x, w->reverse, dx);
		return;
	}
	product_backward(w, t, steps * w->B, false, w->F, w->dir->packed_x, false, w->buffers->step);
	for (size_t i = 0; i < steps; i++)
		(w->reverse ? frnn_multiply_add : frnn_multiply) (BF, w->buffers->step + i * BF, w->dir->x_mask, dx + i * BF);
}

/*
 * Adds the weight and bias gradients of steps s0 .. s1-1, whose gates are still in
 * the cache, and computes their dx.
 */
static void
weights_backward(const FrnnWalk *w, size_t s0, size_t s1)
{
	const FrnnPass *pass = w->pass;
	int			gates = w->cell->gates;
	bool		bias = pass->layer->use_bias;
	float	   *w_ih = pass->grads + w->weights;
	float	   *w_hh = w_ih + gates * w->H * w->F;
	float	   *b_ih = w_hh + gates * w->H * w->H;
	float	   *b_hh = b_ih + gates * w->H;
	const float *a[FRNN_MAX_BLOCKS];
	size_t		rows = (s1 - s0) * w->B;
	size_t		t = time_of(w, w->reverse ? s1 - 1 : s0);
	size_t		p0 = s0 > w->d ? s0 : w->d;

	gate_rows(w, t, false, a);
	frnn_gemm_tn(pass->run, w->H, w->F, rows, a, gates, w->H, input_of(w) + t * w->B * w->F, w->F, w_ih, w->F,
				 bias ? b_ih : NULL, w->buffers->tn);
	if (bias && is_split(w->cell))
	{
		gate_rows(w, t, true, a);
		frnn_column_sums(pass->run, w->H, rows, a[gates - 1], w->H, b_hh + (gates - 1) * w->H);
	}
	if (pass->dx)
		input_backward(w, t, s1 - s0);
	if (p0 < s1)
	{
		size_t		now = time_of(w, w->reverse ? s1 - 1 : p0);
		size_t		before = w->reverse ? now + w->d : now - w->d;

		gate_rows(w, now, true, a);
		frnn_gemm_tn(pass->run, w->H, w->H, (s1 - p0) * w->B, a, gates, w->H, state_of(w) + before * w->BH, w->H,
					 w_hh, w->H, NULL, w->buffers->tn);
	}
}

static void
cell_backward(const FrnnWalk *w, const FrnnStep *step, const float *dh, float *dc, float *dh_prev, bool accumulate)
{
	for (size_t k = 0; k < w->BH; k += FRNN_GATE_RUN)
	{
		size_t		n = w->BH - k < FRNN_GATE_RUN ? w->BH - k : FRNN_GATE_RUN;

		w->cell->backward(w->pass->layer, n, step->gates + k, w->stride, FRNN_AT(step->h_prev, k), FRNN_AT(step->c_prev, k),
						  step->h + k, FRNN_AT(step->c, k), dh + k, FRNN_AT(dc, k), FRNN_AT(dh_prev, k), accumulate);
		frnn_tick(w->pass->run);
	}
}

/*
 * Runs one step.  dh: the gradients of all states (T, B, H), to which the recurrent
 * gradients are added, or, for a vector output, the ring.
 */
static void
step_backward(const FrnnWalk *w, size_t s, float *dh, bool sequence)
{
	const FrnnPass *pass = w->pass;
	FrnnStep	step = step_at(w, s);
	float	   *dh_prev = step.h_prev ? dh + slot(w, sequence, s - w->d) : NULL;
	float	   *dc = w->cell->has_c ? w->buffers->dc + slot(w, false, s) : NULL;
	bool		add = sequence || w->cell->writes_dh_prev;

	cell_backward(w, &step, dh + slot(w, sequence, s), dc, dh_prev, sequence);
	if (dh_prev == NULL)
		return;
	if (!frnn_dropping(pass, pass->layer->recurrent_dropout))
	{
		product_backward(w, time_of(w, s), w->B, true, w->H, w->dir->packed_h, add, dh_prev);
		return;
	}
	product_backward(w, time_of(w, s), w->B, true, w->H, w->dir->packed_h, false, w->buffers->step);
	(add ? frnn_multiply_add : frnn_multiply) (w->BH, w->buffers->step, w->dir->h_mask, dh_prev);
}

static void
walk_backward(const FrnnWalk *w, float *dh, bool sequence)
{
	size_t		chunk = chunk_steps(w->B);
	size_t		ring = (w->d < w->T ? w->d : w->T) * w->BH;
	size_t		s1 = w->T;
	int			gates = w->cell->gates;

	if (w->cell->has_c)
		memset(w->buffers->dc, 0, ring * sizeof(float));
	if (!w->pass->packed)
		pack_backward(w);
	while (s1 > 0)
	{
		size_t		s0 = s1 > chunk ? s1 - chunk : 0;

		for (size_t s = s1; s-- > s0;)
			step_backward(w, s, dh, sequence);
		weights_backward(w, s0, s1);
		s1 = s0;
	}
	if (w->pass->layer->use_bias)
	{
		float	   *b_ih = w->pass->grads + w->weights + gates * w->H * (w->F + w->H);
		int			same = is_split(w->cell) ? gates - 1 : gates;

		memcpy(b_ih + gates * w->H, b_ih, same * w->H * sizeof(float));
	}
}

void
frnn_recurrent_backward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	const FrnnLayer *layer = pass->layer;
	bool		sequence = layer->output_sequence;
	size_t		rows = pass->B * (sequence ? pass->T : 1);

	for (int i = 0; i <= (int) layer->bidirectional; i++)
	{
		FrnnWalk	w = frnn_walk_of(pass, buffers, i);
		FrnnWalk	other = frnn_walk_of(pass, buffers, layer->bidirectional ? 1 - i : i);
		float	   *dh = sequence ? buffers->dh_sequence : buffers->dh;
		float	   *last = sequence ? dh : dh + slot(&w, false, w.T - 1);

		if (!sequence)
			memset(dh, 0, (w.d < w.T ? w.d : w.T) * w.BH * sizeof(float));
		if (layer->bidirectional)
			for (size_t r = 0; r < rows; r += pass->B)
			{
				merge_backward(layer->merge, pass->B, w.H, i, pass->dy + r * (size_t) layer->output_size,
							   direction_output(&other) + r * w.H, last + r * w.H);
				frnn_tick(pass->run);
			}
		else if (sequence)
			dh = pass->dy;
		else
			memcpy(last, pass->dy, w.BH * sizeof(float));
		walk_backward(&w, dh, sequence);
	}
}
