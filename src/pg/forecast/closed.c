/*
 * closed.c
 *	  Hours and days at which a series never has a row.
 *
 * A phase of a season is closed if it came round twice or more and never had a
 * known row, while the phases that had one have one mostly, and if there are more
 * such phases than rows missing by chance would leave.
 */
#include "pg/forecast/closed.h"

#include <math.h>

#include "miscadmin.h"

#define CLOSED_CYCLES	2		/* least, of a season */
#define BY_CHANCE		4.0		/* closed phases that chance leaves, at most so many times what is expected */

/* Marks the closed phases of one period; false if there are none. */
static bool
find_phases(const FrnnSeriesData *data, int period, bool *closed)
{
	int32	   *known = palloc0(sizeof(int32) * period);
	double		open_rows = 0,
				open_known = 0;
	double		count = 0;
	double		missing;

	for (int64 i = 0; i < data->n; i++)
	{
		known[i % period] += !isnan(data->value[i]);
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	for (int p = 0; p < period; p++)
	{
		closed[p] = known[p] == 0;
		count += closed[p];
		if (closed[p])
			continue;
		open_rows += (double) ((data->n - 1 - p) / period + 1);
		open_known += known[p];
	}
	pfree(known);
	if (count == 0 || open_known * 2 < open_rows)
		return false;
	missing = 1 - open_known / open_rows;
	return count / period > BY_CHANCE * pow(missing, (double) (data->n / period));
}

void
closed_find(const FrnnRecipe *recipe, const FrnnSeriesData *data, ClosedRows *out)
{
	int64		missing = 0;

	out->periods = 0;
	for (int64 i = 0; i < data->n && missing == 0; i++)
		missing += isnan(data->value[i]);
	for (int p = 0; p < recipe->periods && missing > 0; p++)
	{
		bool	   *closed;

		if (data->n < CLOSED_CYCLES * (int64) recipe->period[p])
			continue;
		closed = palloc(sizeof(bool) * recipe->period[p]);
		if (!find_phases(data, recipe->period[p], closed))
		{
			pfree(closed);
			continue;
		}
		out->period[out->periods] = recipe->period[p];
		out->closed[out->periods++] = closed;
	}
}

int
closed_period(const ClosedRows *rows, int64 row)
{
	for (int p = 0; p < rows->periods; p++)
		if (rows->closed[p][row % rows->period[p]])
			return rows->period[p];
	return 0;
}

void
closed_free(ClosedRows *rows)
{
	for (int p = 0; p < rows->periods; p++)
		pfree(rows->closed[p]);
	rows->periods = 0;
}
