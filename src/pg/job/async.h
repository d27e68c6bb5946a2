/*
 * async.h
 *	  Training in the background: see async.c.
 */
#ifndef FRNN_PG_ASYNC_H
#define FRNN_PG_ASYNC_H

/* the setting forecast_rnn.max_background_jobs */
extern int	max_background_jobs;

/* sets up the callbacks at the end of transactions; once per process */
extern void async_init(void);

#endif
