/*
 * backtest.h
 *	  Arguments that rnn_backtest and rnn_evaluate share.
 */
#ifndef FRNN_PG_BACKTEST_H
#define FRNN_PG_BACKTEST_H

#include "pg/forecast/rolling.h"

#define BACKTEST_MAX_HORIZON	100000

typedef struct BacktestArguments
{
	int			horizon;		/* 0: the model's */
	int64		hold_out;		/* rows at the end of each series; 0: the rows after training */
	int64		stride;			/* 0: the horizon */
	double		confidence;
} BacktestArguments;

/* Reads the arguments (horizon, hold_out, stride, confidence_level) from number `argument` on. */
extern BacktestArguments backtest_arguments(FunctionCallInfo fcinfo, int argument);

#endif
