/*
 * recurrent.c
 *	  The time loop that simple, LSTM and GRU layers share: both directions,
 *	  dilation, dropout masks, merging, and all matrix products.  The cells
 *	  (simple.c, lstm.c, gru.c) bring the element-wise half of a step.
 *
 * Gates are stored a gate at a time, (blocks, T, B, H), so the cells see flat
 * runs and a range of steps is one contiguous matrix for the weight gradients.
 * Step s of a direction reads time t = s, or T-1-s in reverse.  Where a
 * result of earlier steps is not needed later (inference, vector gradients), a ring
 * of `dilation` slots serves: the state of s-d lies in the slot of s.
 */
#include <string.h>

#include "gates.h"
#include "layer.h"

/* one direction of one pass, with its sizes at hand */
typedef struct Walk
{
	const FrnnPass *pass;
	const FrnnCell *cell;
	FrnnDirection *dir;
	FrnnBuffers *buffers;
	bool		reverse;
	bool		full;			/* h holds all steps, not a ring */
	size_t		B;
	size_t		T;
	size_t		F;
	size_t		H;
	size_t		BH;
	size_t		d;				/* dilation */
	size_t		stride;			/* between gate blocks */
	size_t		weights;		/* offset of this direction's parameters */
} Walk;

static const FrnnCell *
cell_of(const FrnnLayer *layer)
{
	switch (layer->kind)
	{
		case FRNN_LSTM:
			return &frnn_lstm_cell;
		case FRNN_GRU:
			return &frnn_gru_cell;
		default:
			return &frnn_simple_cell;
	}
}

/* the last gate's recurrent part is kept apart (GRU) */
static bool
is_split(const FrnnCell *cell)
{
	return cell->blocks > cell->gates;
}

static size_t
chunk_steps(size_t B)
{
	return B < FRNN_BLOCK_ROWS ? FRNN_BLOCK_ROWS / B : 1;
}

void
frnn_recurrent_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	const FrnnLayer *layer = pass->layer;
	const FrnnCell *cell = cell_of(layer);
	FrnnArena  *state = pass->keep ? keep : work;
	bool		sequence = layer->output_sequence;
	size_t		H = (size_t) layer->units;
	size_t		F = pass->F;
	size_t		BF = frnn_mul(pass->B, F);
	size_t		BH = frnn_mul(pass->B, H);
	size_t		ring = frnn_mul((size_t) layer->dilation < pass->T ? (size_t) layer->dilation : pass->T, BH);
	size_t		all = frnn_mul(pass->T, BH);
	size_t		rows = (size_t) cell->gates * H;
	size_t		forward = frnn_mul(frnn_packed_size(H, F + H), (size_t) cell->blocks);
	size_t		backward = frnn_packed_size(H, rows);
	size_t		chunk = pass->B > FRNN_BLOCK_ROWS ? pass->B : FRNN_BLOCK_ROWS;

	for (int i = 0; i <= (int) layer->bidirectional; i++)
	{
		FrnnDirection *dir = &buffers->direction[i];

		dir->h = FRNN_TAKE(sequence && !layer->bidirectional ? keep : state, float, pass->keep || sequence ? all : ring);
		dir->gates = FRNN_TAKE(state, float, frnn_mul((size_t) cell->blocks, pass->keep ? all : BH));
		if (cell->has_c)
			dir->c = FRNN_TAKE(state, float, pass->keep ? all : ring);
		if (pass->keep && layer->dropout > 0.0f)
		{
			dir->x_mask = FRNN_TAKE(keep, float, BF);
			dir->x = FRNN_TAKE(keep, float, frnn_mul(pass->T, BF));
		}
		if (pass->keep && layer->recurrent_dropout > 0.0f)
		{
			dir->h_mask = FRNN_TAKE(keep, float, BH);
			dir->h_masked = FRNN_TAKE(keep, float, all);
		}
	}
	if (layer->bidirectional || (!pass->keep && !sequence))
		buffers->out = FRNN_TAKE(keep, float, frnn_mul(frnn_mul(pass->B, sequence ? pass->T : 1), (size_t) layer->output_size));

	buffers->packed = FRNN_TAKE(work, float, forward > backward ? forward : backward);
	if (!pass->keep)
		return;
	buffers->packed_x = FRNN_TAKE(work, float, frnn_packed_size(F, rows));
	buffers->tn = FRNN_TAKE(work, float, FRNN_TN_SCRATCH);
	buffers->dh = FRNN_TAKE(work, float, ring);
	buffers->dc = FRNN_TAKE(work, float, cell->has_c ? ring : 0);
	buffers->dh_sequence = FRNN_TAKE(work, float, layer->bidirectional && sequence ? all : 0);
	buffers->step = FRNN_TAKE(work, float, frnn_mul(chunk, F > H ? F : H));
}

static Walk
walk_of(const FrnnPass *pass, FrnnBuffers *buffers, int direction)
{
	const FrnnLayer *layer = pass->layer;
	Walk		w = {0};

	w.pass = pass;
	w.cell = cell_of(layer);
	w.dir = &buffers->direction[direction];
	w.buffers = buffers;
	w.reverse = direction == 1;
	w.full = pass->keep || layer->output_sequence;
	w.B = pass->B;
	w.T = pass->T;
	w.F = pass->F;
	w.H = (size_t) layer->units;
	w.BH = w.B * w.H;
	w.d = (size_t) layer->dilation;
	w.stride = pass->keep ? w.T * w.BH : w.BH;
	w.weights = direction * (layer->count / (layer->bidirectional ? 2 : 1));
	return w;
}

static size_t
time_of(const Walk *w, size_t s)
{
	return w->reverse ? w->T - 1 - s : s;
}

/* offset of step s in an array of all steps or of the ring */
static size_t
slot(const Walk *w, bool full, size_t s)
{
	return (full ? time_of(w, s) : s % w->d) * w->BH;
}

static const float *
input_of(const Walk *w)
{
	return frnn_dropping(w->pass, w->pass->layer->dropout) ? w->dir->x : w->pass->x;
}

/* what the recurrent weights see of the states */
static const float *
state_of(const Walk *w)
{
	return frnn_dropping(w->pass, w->pass->layer->recurrent_dropout) ? w->dir->h_masked : w->dir->h;
}

/* masks are fixed over time, one a sample (Keras) */
static void
draw_masks(const Walk *w)
{
	const FrnnPass *pass = w->pass;
	size_t		BF = w->B * w->F;
	int			use = w->reverse ? 2 : 0;

	if (frnn_dropping(pass, pass->layer->dropout))
	{
		frnn_dropout_mask(pass->run, pass->index, use, pass->layer->dropout, 0, BF, w->dir->x_mask);
		for (size_t t = 0; t < w->T; t++)
		{
			frnn_multiply(BF, pass->x + t * BF, w->dir->x_mask, w->dir->x + t * BF);
			frnn_tick(pass->run);
		}
	}
	if (frnn_dropping(pass, pass->layer->recurrent_dropout))
		frnn_dropout_mask(pass->run, pass->index, use + 1, pass->layer->recurrent_dropout, 0, w->BH, w->dir->h_mask);
}

/*
 * A block's packed weights have the input's rows first, then the state's.  In
 * the split block the input part stands alone, its recurrent part in one more block.
 */
static void
pack_forward(const Walk *w)
{
	const float *w_ih = w->pass->params + w->weights;
	const float *w_hh = w_ih + w->cell->gates * w->H * w->F;
	const float *b_ih = w_hh + w->cell->gates * w->H * w->H;
	const float *b_hh = b_ih + w->cell->gates * w->H;
	bool		bias = w->pass->layer->use_bias;
	size_t		K = w->F + w->H;
	size_t		size = frnn_packed_size(w->H, K);

	for (int i = 0; i < w->cell->gates; i++)
	{
		float	   *packed = w->buffers->packed + i * size;
		bool		split = is_split(w->cell) && i == w->cell->gates - 1;
		float	   *recurrent = split ? packed + size : packed;

		frnn_pack_bias(packed, w->H, K, bias ? b_ih + i * w->H : NULL, bias && !split ? b_hh + i * w->H : NULL);
		frnn_pack_weight(packed, w->H, K, 0, w->F, w_ih + i * w->H * w->F, w->F, 1);
		if (split)
			frnn_pack_bias(recurrent, w->H, w->H, bias ? b_hh + i * w->H : NULL, NULL);
		frnn_pack_weight(recurrent, w->H, split ? w->H : K, split ? 0 : w->F, w->H, w_hh + i * w->H * w->H, w->H, 1);
		frnn_tick(w->pass->run);
	}
}

/* pre-activations of step s: x W_ih + h_prev W_hh + b */
static void
project_step(const Walk *w, size_t s, float *gates, const float *h_prev)
{
	const FrnnRun *run = w->pass->run;
	FrnnOperand operand[2] = {{input_of(w) + time_of(w, s) * w->B * w->F, w->F, w->F}, {h_prev, w->H, w->H}};
	int			seen = h_prev ? 2 : 1;
	size_t		K = w->F + w->H;
	size_t		size = frnn_packed_size(w->H, K);
	int			joint = is_split(w->cell) ? w->cell->gates - 1 : w->cell->gates;
	const float *packed = w->buffers->packed;

	for (int i = 0; i < joint; i++)
		frnn_gemm_packed(run, w->B, w->H, K, operand, seen, packed + i * size, false, gates + i * w->stride, w->H);
	if (is_split(w->cell))
	{
		frnn_gemm_packed(run, w->B, w->H, K, operand, 1, packed + joint * size, false,
						 gates + joint * w->stride, w->H);
		frnn_gemm_packed(run, w->B, w->H, w->H, operand + 1, seen - 1, packed + (joint + 1) * size, false,
						 gates + (joint + 1) * w->stride, w->H);
	}
}

/* where the arrays of one step lie; *_prev is NULL while there is no state yet */
typedef struct Step
{
	float	   *gates;
	float	   *h;
	float	   *c;
	const float *h_prev;
	const float *c_prev;
} Step;

static Step
step_at(const Walk *w, size_t s)
{
	Step		step;
	bool		keep = w->pass->keep;
	bool		begun = s >= w->d;

	step.gates = w->dir->gates + (keep ? time_of(w, s) * w->BH : 0);
	step.h = w->dir->h + slot(w, w->full, s);
	step.c = w->cell->has_c ? w->dir->c + slot(w, keep, s) : NULL;
	step.h_prev = begun ? w->dir->h + slot(w, w->full, s - w->d) : NULL;
	step.c_prev = begun && w->cell->has_c ? w->dir->c + slot(w, keep, s - w->d) : NULL;
	return step;
}

#define AT(pointer, k) ((pointer) ? (pointer) + (k) : NULL)

static void
cell_forward(const Walk *w, const Step *step)
{
	for (size_t k = 0; k < w->BH; k += FRNN_GATE_RUN)
	{
		size_t		n = w->BH - k < FRNN_GATE_RUN ? w->BH - k : FRNN_GATE_RUN;

		w->cell->forward(w->pass->layer, n, step->gates + k, w->stride, AT(step->h_prev, k), AT(step->c_prev, k),
						 step->h + k, AT(step->c, k));
		frnn_tick(w->pass->run);
	}
}

static void
walk_forward(const Walk *w)
{
	bool		masked = frnn_dropping(w->pass, w->pass->layer->recurrent_dropout);

	draw_masks(w);
	pack_forward(w);
	for (size_t s = 0; s < w->T; s++)
	{
		Step		step = step_at(w, s);
		const float *seen = step.h_prev;

		if (seen && masked)
			seen = w->dir->h_masked + slot(w, true, s - w->d);
		project_step(w, s, step.gates, seen);
		cell_forward(w, &step);
		if (masked)
			frnn_multiply(w->BH, step.h, w->dir->h_mask, w->dir->h_masked + slot(w, true, s));
	}
}

/* (rows, H) of both directions into (rows, O) */
static void
merge_forward(FrnnMerge merge, size_t rows, size_t H, const float *a, const float *b, float *out)
{
	if (merge == FRNN_CONCAT)
	{
		for (size_t r = 0; r < rows; r++)
		{
			memcpy(out + 2 * r * H, a + r * H, H * sizeof(float));
			memcpy(out + (2 * r + 1) * H, b + r * H, H * sizeof(float));
		}
		return;
	}
	for (size_t k = 0; k < rows * H; k++)
	{
		if (merge == FRNN_MULTIPLY)
			out[k] = a[k] * b[k];
		else
			out[k] = merge == FRNN_SUM ? a[k] + b[k] : 0.5f * (a[k] + b[k]);
	}
}

/* one direction's share of dy; other: the other direction's h */
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

/* what a direction hands on: all states, or the one after its last step */
static float *
handed_on(const Walk *w)
{
	return w->dir->h + (w->pass->layer->output_sequence ? 0 : slot(w, w->full, w->T - 1));
}

void
frnn_recurrent_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	const FrnnLayer *layer = pass->layer;
	Walk		ahead = walk_of(pass, buffers, 0);
	size_t		rows = pass->B * (layer->output_sequence ? pass->T : 1);

	walk_forward(&ahead);
	buffers->y = buffers->out ? buffers->out : handed_on(&ahead);
	if (layer->bidirectional)
	{
		Walk		back = walk_of(pass, buffers, 1);

		walk_forward(&back);
		merge_forward(layer->merge, rows, ahead.H, handed_on(&ahead), handed_on(&back), buffers->out);
	}
	else if (buffers->out)
		memcpy(buffers->out, handed_on(&ahead), ahead.BH * sizeof(float));
}

static void
pack_backward(const Walk *w)
{
	const float *w_ih = w->pass->params + w->weights;
	const float *w_hh = w_ih + w->cell->gates * w->H * w->F;
	size_t		K = (size_t) w->cell->gates * w->H;

	frnn_pack_bias(w->buffers->packed, w->H, K, NULL, NULL);
	frnn_pack_weight(w->buffers->packed, w->H, K, 0, K, w_hh, 1, w->H);
	if (w->pass->dx == NULL)
		return;
	frnn_pack_bias(w->buffers->packed_x, w->F, K, NULL, NULL);
	frnn_pack_weight(w->buffers->packed_x, w->F, K, 0, K, w_ih, 1, w->F);
}

/* the gates' gradients from time t on, as seen by weight_ih or weight_hh */
static void
gate_rows(const Walk *w, size_t t, bool recurrent, const float *rows[FRNN_MAX_BLOCKS])
{
	for (int i = 0; i < w->cell->gates; i++)
	{
		int			block = recurrent && is_split(w->cell) && i == w->cell->gates - 1 ? i + 1 : i;

		rows[i] = w->dir->gates + block * w->stride + t * w->BH;
	}
}

/* out (rows, N) = or += sum over gates of dgate W */
static void
product_backward(const Walk *w, size_t t, size_t rows, bool recurrent, size_t N, const float *packed,
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

/* dx of times t .. t+steps-1; the second direction adds to the first's */
static void
input_backward(const Walk *w, size_t t, size_t steps)
{
	const FrnnPass *pass = w->pass;
	size_t		BF = w->B * w->F;
	float	   *dx = pass->dx + t * BF;

	if (!frnn_dropping(pass, pass->layer->dropout))
	{
		product_backward(w, t, steps * w->B, false, w->F, w->buffers->packed_x, w->reverse, dx);
		return;
	}
	product_backward(w, t, steps * w->B, false, w->F, w->buffers->packed_x, false, w->buffers->step);
	for (size_t i = 0; i < steps; i++)
		(w->reverse ? frnn_multiply_add : frnn_multiply) (BF, w->buffers->step + i * BF, w->dir->x_mask, dx + i * BF);
}

/*
 * Weight and bias gradients of steps s0 .. s1-1, while their gates are still in
 * the cache, and dx.
 */
static void
weights_backward(const Walk *w, size_t s0, size_t s1)
{
	const FrnnPass *pass = w->pass;
	int			gates = w->cell->gates;
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
				 w->buffers->tn);
	if (pass->layer->use_bias)
	{
		for (int i = 0; i < gates; i++)
			frnn_column_sums(w->H, rows, a[i], w->H, b_ih + i * w->H);
		gate_rows(w, t, true, a);
		if (is_split(w->cell))
			frnn_column_sums(w->H, rows, a[gates - 1], w->H, b_hh + (gates - 1) * w->H);
	}
	if (pass->dx)
		input_backward(w, t, s1 - s0);
	if (p0 < s1)
	{
		size_t		now = time_of(w, w->reverse ? s1 - 1 : p0);
		size_t		before = w->reverse ? now + w->d : now - w->d;

		gate_rows(w, now, true, a);
		frnn_gemm_tn(pass->run, w->H, w->H, (s1 - p0) * w->B, a, gates, w->H, state_of(w) + before * w->BH, w->H,
					 w_hh, w->H, w->buffers->tn);
	}
}

static void
cell_backward(const Walk *w, const Step *step, const float *dh, float *dc, float *dh_prev, bool accumulate)
{
	for (size_t k = 0; k < w->BH; k += FRNN_GATE_RUN)
	{
		size_t		n = w->BH - k < FRNN_GATE_RUN ? w->BH - k : FRNN_GATE_RUN;

		w->cell->backward(w->pass->layer, n, step->gates + k, w->stride, AT(step->h_prev, k), AT(step->c_prev, k),
						  step->h + k, AT(step->c, k), dh + k, AT(dc, k), AT(dh_prev, k), accumulate);
		frnn_tick(w->pass->run);
	}
}

/*
 * dh: the gradients of all states (T, B, H), which gather the recurrent ones
 * too; or, for a vector output, the ring.
 */
static void
step_backward(const Walk *w, size_t s, float *dh, bool sequence)
{
	const FrnnPass *pass = w->pass;
	Step		step = step_at(w, s);
	float	   *dh_prev = step.h_prev ? dh + slot(w, sequence, s - w->d) : NULL;
	float	   *dc = w->cell->has_c ? w->buffers->dc + slot(w, false, s) : NULL;
	bool		add = sequence || w->cell->writes_dh_prev;

	cell_backward(w, &step, dh + slot(w, sequence, s), dc, dh_prev, sequence);
	if (dh_prev == NULL)
		return;
	if (!frnn_dropping(pass, pass->layer->recurrent_dropout))
	{
		product_backward(w, time_of(w, s), w->B, true, w->H, w->buffers->packed, add, dh_prev);
		return;
	}
	product_backward(w, time_of(w, s), w->B, true, w->H, w->buffers->packed, false, w->buffers->step);
	(add ? frnn_multiply_add : frnn_multiply) (w->BH, w->buffers->step, w->dir->h_mask, dh_prev);
}

static void
walk_backward(const Walk *w, float *dh, bool sequence)
{
	size_t		chunk = chunk_steps(w->B);
	size_t		ring = (w->d < w->T ? w->d : w->T) * w->BH;
	size_t		s1 = w->T;
	int			gates = w->cell->gates;

	if (w->cell->has_c)
		memset(w->buffers->dc, 0, ring * sizeof(float));
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
		Walk		w = walk_of(pass, buffers, i);
		Walk		other = walk_of(pass, buffers, 1 - i);
		float	   *dh = sequence ? buffers->dh_sequence : buffers->dh;
		float	   *last = sequence ? dh : dh + slot(&w, false, w.T - 1);

		if (!sequence)
			memset(dh, 0, (w.d < w.T ? w.d : w.T) * w.BH * sizeof(float));
		if (layer->bidirectional)
			merge_backward(layer->merge, rows, w.H, i, pass->dy, layer->merge == FRNN_MULTIPLY ? handed_on(&other) : NULL, last);
		else if (sequence)
			dh = pass->dy;
		else
			memcpy(last, pass->dy, w.BH * sizeof(float));
		walk_backward(&w, dh, sequence);
	}
}
