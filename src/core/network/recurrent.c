/*
 * recurrent.c
 *	  Layout and forward pass of simple, LSTM and GRU layers: both directions,
 *	  dilation, dropout masks, merging, and all matrix products.
 *
 * The cells (simple.c, lstm.c, gru.c) compute the element-wise part of a step.
 * recurrent_backward.c has the backward pass, recurrent.h the arrays.
 */
#include <string.h>

#include "core/kernel/gates.h"
#include "core/network/recurrent.h"

const FrnnCell *
frnn_cell_of(FrnnLayerKind kind)
{
	switch (kind)
	{
		case FRNN_LSTM:
			return &frnn_lstm_cell;
		case FRNN_GRU:
			return &frnn_gru_cell;
		default:
			return &frnn_simple_cell;
	}
}

void
frnn_recurrent_layout(const FrnnPass *pass, FrnnArena *keep, FrnnArena *work, FrnnBuffers *buffers)
{
	const FrnnLayer *layer = pass->layer;
	const FrnnCell *cell = frnn_cell_of(layer->kind);
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
	size_t		chunk = pass->B > FRNN_BLOCK_ROWS ? pass->B : FRNN_BLOCK_ROWS;

	for (int i = 0; i <= (int) layer->bidirectional; i++)
	{
		FrnnDirection *dir = &buffers->direction[i];

		dir->h = FRNN_TAKE(sequence && !layer->bidirectional ? keep : state, float, pass->keep || sequence ? all : ring);
		dir->gates = FRNN_TAKE(state, float, frnn_mul((size_t) cell->blocks, pass->keep ? all : BH));
		if (cell->has_c)
			dir->c = FRNN_TAKE(state, float, pass->keep ? all : ring);
		dir->packed = FRNN_TAKE(state, float, forward);
		if (pass->keep)
		{
			dir->packed_h = FRNN_TAKE(keep, float, frnn_packed_size(H, rows));
			dir->packed_x = FRNN_TAKE(keep, float, pass->index > 0 ? frnn_packed_size(F, rows) : 0);
		}
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

	if (!pass->keep)
		return;
	buffers->tn = FRNN_TAKE(work, float, FRNN_TN_SCRATCH);
	buffers->dh = FRNN_TAKE(work, float, ring);
	buffers->dc = FRNN_TAKE(work, float, cell->has_c ? ring : 0);
	buffers->dh_sequence = FRNN_TAKE(work, float, layer->bidirectional && sequence ? all : 0);
	buffers->step = FRNN_TAKE(work, float, frnn_mul(chunk, F > H ? F : H));
}

FrnnWalk
frnn_walk_of(const FrnnPass *pass, FrnnBuffers *buffers, int direction)
{
	const FrnnLayer *layer = pass->layer;
	FrnnWalk	w = {0};

	w.pass = pass;
	w.cell = frnn_cell_of(layer->kind);
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

/* Draws one mask per sample, the same at all time steps (Keras). */
static void
draw_masks(const FrnnWalk *w)
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
 * Packs the weights.  Each block has the input's rows first, then the state's.
 * The recurrent part of a split gate is a block of its own.
 */
static void
pack_forward(const FrnnWalk *w)
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
		float	   *packed = w->dir->packed + i * size;
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

/* Computes the pre-activations of step s that are read: x W_ih + h_prev W_hh + b. */
static void
project_step(const FrnnWalk *w, size_t s, float *gates, const float *h_prev)
{
	const FrnnRun *run = w->pass->run;
	FrnnOperand operand[2] = {{input_of(w) + time_of(w, s) * w->B * w->F, w->F, w->F}, {h_prev, w->H, w->H}};
	int			seen = h_prev ? 2 : 1;
	size_t		K = w->F + w->H;
	size_t		size = frnn_packed_size(w->H, K);
	int			joint = is_split(w->cell) ? w->cell->gates - 1 : w->cell->gates;
	const float *packed = w->dir->packed;

	for (int i = 0; i < joint; i++)
		if (h_prev || i != w->cell->idle)
			frnn_gemm_packed(run, w->B, w->H, K, operand, seen, packed + i * size, false, gates + i * w->stride, w->H);
	if (is_split(w->cell))
	{
		frnn_gemm_packed(run, w->B, w->H, K, operand, 1, packed + joint * size, false,
						 gates + joint * w->stride, w->H);
		frnn_gemm_packed(run, w->B, w->H, w->H, operand + 1, seen - 1, packed + (joint + 1) * size, false,
						 gates + (joint + 1) * w->stride, w->H);
	}
}

static void
cell_forward(const FrnnWalk *w, const FrnnStep *step)
{
	for (size_t k = 0; k < w->BH; k += FRNN_GATE_RUN)
	{
		size_t		n = w->BH - k < FRNN_GATE_RUN ? w->BH - k : FRNN_GATE_RUN;

		w->cell->forward(w->pass->layer, n, step->gates + k, w->stride, FRNN_AT(step->h_prev, k), FRNN_AT(step->c_prev, k),
						 step->h + k, FRNN_AT(step->c, k));
		frnn_tick(w->pass->run);
	}
}

static void
walk_forward(const FrnnWalk *w)
{
	bool		masked = frnn_dropping(w->pass, w->pass->layer->recurrent_dropout);

	draw_masks(w);
	if (!w->pass->packed)
		pack_forward(w);
	for (size_t s = 0; s < w->T; s++)
	{
		FrnnStep	step = step_at(w, s);
		const float *seen = step.h_prev;

		if (seen && masked)
			seen = w->dir->h_masked + slot(w, true, s - w->d);
		project_step(w, s, step.gates, seen);
		cell_forward(w, &step);
		if (masked)
			frnn_multiply(w->BH, step.h, w->dir->h_mask, w->dir->h_masked + slot(w, true, s));
	}
}

/* Merges (rows, H) of both directions into (rows, O). */
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

void
frnn_recurrent_forward(const FrnnPass *pass, FrnnBuffers *buffers)
{
	const FrnnLayer *layer = pass->layer;
	FrnnWalk	ahead = frnn_walk_of(pass, buffers, 0);
	size_t		rows = pass->B * (layer->output_sequence ? pass->T : 1);

	walk_forward(&ahead);
	buffers->y = buffers->out ? buffers->out : direction_output(&ahead);
	if (layer->bidirectional)
	{
		FrnnWalk	back = frnn_walk_of(pass, buffers, 1);

		walk_forward(&back);
		for (size_t r = 0; r < rows; r += pass->B)
		{
			merge_forward(layer->merge, pass->B, ahead.H, direction_output(&ahead) + r * ahead.H,
						  direction_output(&back) + r * ahead.H, buffers->out + r * (size_t) layer->output_size);
			frnn_tick(pass->run);
		}
	}
	else if (buffers->out)
		memcpy(buffers->out, direction_output(&ahead), ahead.BH * sizeof(float));
}
