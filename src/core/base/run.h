/*
 * run.h
 *	  The context of a long computation: a callback to the caller, and the
 *	  keys of its random numbers.
 *
 * tick() is called every few milliseconds of work, between kernels, never
 * inside one.  It may not return (the server raises an error in it), so the
 * core holds nothing that would need releasing.
 */
#ifndef FRNN_RUN_H
#define FRNN_RUN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct FrnnRun
{
	void		(*tick) (void *arg);	/* may be NULL */
	void	   *arg;
	bool		training;		/* dropout on, activations kept for backward */
	uint64_t	seed;			/* key of the random numbers */
	uint64_t	step;			/* number of this update: dropout masks differ by it */
} FrnnRun;

static inline void
frnn_tick(const FrnnRun *run)
{
	if (run && run->tick)
		run->tick(run->arg);
}

#endif
