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
#define DAYS_OF_YEAR	365		/* leap days move the first and last day of a season by one */
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

/* Adds the closed phases of one period, if the rows go round it twice. */
static void
find_period(const FrnnSeriesData *data, int period, ClosedRows *out)
{
	bool	   *closed;

	if (data->n < CLOSED_CYCLES * (int64) period)
		return;
	closed = palloc(sizeof(bool) * period);
	if (!find_phases(data, period, closed))
	{
		pfree(closed);
		return;
	}
	out->period[out->periods] = period;
	out->closed[out->periods++] = closed;
}

void
closed_find(const FrnnRecipe *recipe, const FrnnSeriesData *data, const Axis *axis, ClosedRows *out)
{
	int64		missing = 0;

	out->periods = 0;
	for (int64 i = 0; i < data->n && missing == 0; i++)
		missing += isnan(data->value[i]);
	if (missing == 0)
		return;
	for (int p = 0; p < recipe->periods; p++)
		find_period(data, recipe->period[p], out);
	if (axis->unit == AXIS_DAY && axis->step == 1)
		find_period(data, DAYS_OF_YEAR, out);
}

int
closed_days(const FrnnSeriesData *data)
{
	ClosedRows	rows = {0};
	int			days = 0;

	find_period(data, DAYS_OF_YEAR, &rows);
	for (int p = 0; p < DAYS_OF_YEAR && rows.periods > 0; p++)
		days += rows.closed[0][p];
	closed_free(&rows);
	return days;
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
