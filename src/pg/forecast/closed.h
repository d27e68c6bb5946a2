/*
 * closed.h
 *	  Hours and days at which a series never has a row: nights of a market,
 *	  weekends of an office.
 */
#ifndef FRNN_PG_CLOSED_H
#define FRNN_PG_CLOSED_H

#include "pg/server/compat.h"
#include "core/forecast/recipe.h"
#include "pg/axis/axis.h"

typedef struct ClosedRows
{
	int			periods;		/* of which some phases have no row */
	int			period[FRNN_MAX_PERIODS + 1];
	bool	   *closed[FRNN_MAX_PERIODS + 1];	/* (period) by row number modulo the period */
} ClosedRows;

/*
 * Finds the phases of the model's periods, and of a year of days, at which no row
 * of a history is known, though most rows of the others are; allocates in the
 * current context.
 */
extern void closed_find(const FrnnRecipe *recipe, const FrnnSeriesData *data, const Axis *axis, ClosedRows *out);

/* Returns the days of a year at which no row of daily rows is known, likewise. */
extern int	closed_days(const FrnnSeriesData *data);

/* Returns the period at whose phase row number `row` of the history has never been known; 0 if none. */
extern int	closed_period(const ClosedRows *rows, int64 row);

extern void closed_free(ClosedRows *rows);

#endif
