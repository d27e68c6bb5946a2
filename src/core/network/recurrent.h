/*
 * recurrent.h
 *	  Where the arrays of one direction of a recurrent layer lie.
 *
 * Gates are stored one gate after the other, (blocks, T, B, H).  So the cells
 * see flat runs, and a range of steps is one contiguous matrix for the weight
 * gradients.  Step s of a direction reads time t = s, or T-1-s in reverse.  If
 * the states of all steps are not needed later (inference, gradients of a vector
 * output), they lie in a ring of `dilation` slots: step s replaces s - dilation.
 */
#ifndef FRNN_RECURRENT_H
#define FRNN_RECURRENT_H

#include "core/network/layer.h"

/* one direction of one pass, and its sizes */
typedef struct FrnnWalk
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
} FrnnWalk;

/* Returns true if the recurrent part of the last gate is a block of its own (GRU). */
static inline bool
is_split(const FrnnCell *cell)
{
	return cell->blocks > cell->gates;
}

static inline size_t
time_of(const FrnnWalk *w, size_t s)
{
	return w->reverse ? w->T - 1 - s : s;
}

/* Returns the offset of step s in an array of all steps (full) or in the ring. */
static inline size_t
slot(const FrnnWalk *w, bool full, size_t s)
{
	return (full ? time_of(w, s) : s % w->d) * w->BH;
}

static inline const float *
input_of(const FrnnWalk *w)
{
	return frnn_dropping(w->pass, w->pass->layer->dropout) ? w->dir->x : w->pass->x;
}

/* Returns the states that the recurrent weights multiply. */
static inline const float *
state_of(const FrnnWalk *w)
{
	return frnn_dropping(w->pass, w->pass->layer->recurrent_dropout) ? w->dir->h_masked : w->dir->h;
}

/* the arrays of one step; h_prev and c_prev are NULL in the first `dilation` steps */
typedef struct FrnnStep
{
	float	   *gates;
	float	   *h;
	float	   *c;
	const float *h_prev;
	const float *c_prev;
} FrnnStep;

static inline FrnnStep
step_at(const FrnnWalk *w, size_t s)
{
	FrnnStep	step;
	bool		keep = w->pass->keep;
	bool		begun = s >= w->d;

	step.gates = w->dir->gates + (keep ? time_of(w, s) * w->BH : 0);
	step.h = w->dir->h + slot(w, w->full, s);
	step.c = w->cell->has_c ? w->dir->c + slot(w, keep, s) : NULL;
	step.h_prev = begun ? w->dir->h + slot(w, w->full, s - w->d) : NULL;
	step.c_prev = begun && w->cell->has_c ? w->dir->c + slot(w, keep, s - w->d) : NULL;
	return step;
}

#define FRNN_AT(pointer, k) ((pointer) ? (pointer) + (k) : NULL)

/* Returns the output of a direction: all states, or that of the last step. */
static inline float *
direction_output(const FrnnWalk *w)
{
	return w->dir->h + (w->pass->layer->output_sequence ? 0 : slot(w, w->full, w->T - 1));
}

extern FrnnWalk frnn_walk_of(const FrnnPass *pass, FrnnBuffers *buffers, int direction);

#endif
