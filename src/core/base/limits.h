/*
 * limits.h
 *	  The limits of networks, panels and options, each defined once.
 */
#ifndef FRNN_LIMITS_H
#define FRNN_LIMITS_H

/* a number that is to be found from the data */
#define FRNN_AUTO			(-1)

/* networks */
#define FRNN_MAX_LAYERS		64
#define FRNN_MAX_UNITS		8192
#define FRNN_MAX_FEATURES	65536
#define FRNN_MAX_STEPS		1048576
#define FRNN_MAX_DILATION	4096
#define FRNN_MAX_BATCH		1048576
#define FRNN_MAX_QUANTILES	99

/* panels */
#define FRNN_MAX_PERIODS	8	/* seasonal periods of a panel */
#define FRNN_MAX_PERIOD		16384	/* rows of one seasonal period */
#define FRNN_MAX_HORIZON	8192	/* steps that a network gives at once */
#define FRNN_MAX_FORECAST	(FRNN_MAX_STEPS / 2)	/* steps that a forecast may be asked for */
#define FRNN_MAX_ENSEMBLE	64	/* networks of one model */
#define FRNN_MAX_COVARIATES	1024	/* numbers per row */
#define FRNN_COMPACT_SERIES	1000	/* with more, a model keeps 16 bits per number of a profile */
#define FRNN_AR_MOST_LAGS	336 /* rows that an autoregression looks back */
#define FRNN_MAX_STATICS	256 /* numbers per series */

#endif
