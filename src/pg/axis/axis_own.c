/*
 * axis_own.c
 *	  Series whose own step is not the panel's: monthly sums beside daily ones.
 *
 * A panel has one step.  A series at a longer one is mostly gaps on its grid,
 * and its values are taken for those of single steps.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"

#define LEAST_ROWS	5			/* that show a step of their own */
#define MOST_SERIES 1000		/* that are looked at */
#define FIRST_PAIRS	8			/* of a series: one step apart in nearly every series */

/* Sets the step that nearly all rows of one series are apart; false if there is none. */
static bool
own_step(const PanelView *panel, int64 s, const Axis *axis, Axis *own)
{
	PanelView	one = *panel;
	char	   *seen;
	bool		steady = false;

	one.series = &panel->series[s];
	one.n_series = 1;
	one.rows = panel->series[s].n;
	memset(own, 0, sizeof(*own));
	own->time = axis->time;
	strlcpy(own->time_zone, axis->time_zone, sizeof(own->time_zone));
	return one.rows >= LEAST_ROWS && axis_vote(&one, own, &seen, &steady) && steady;
}

char	   *
axis_own_steps(const PanelView *panel, const Axis *axis)
{
	Axis		first,
				other;
	int64		s = 0;
	int64		most = Min(panel->n_series, MOST_SERIES);

	while (s < most && !own_step(panel, s, axis, &first))
		s++;
	for (int64 t = s + 1; t < most; t++)
		if (own_step(panel, t, axis, &other) && (other.unit != first.unit || other.step != first.step))
			return psprintf("The series have steps of their own: that of %s is %s, that of %s is %s.",
							axis_series_name(&panel->series[s]), axis_frequency_text(&first),
							axis_series_name(&panel->series[t]), axis_frequency_text(&other));
	return NULL;
}

/* Returns whether none of the first rows of a series is one step after the row before. */
static bool
is_sparse(const Axis *axis, const PanelSeries *series)
{
	bool		exact;

	for (int64 i = 1; i < Min(series->n, FIRST_PAIRS + 1); i++)
		if (axis_index(axis, series->ts[i - 1], series->ts[i], &exact) <= 1)
			return false;
	return series->n >= LEAST_ROWS;
}

void
axis_notice_own(const Axis *axis, const PanelView *panel)
{
	int64		count = 0;
	int64		first = 0;
	int64		looked = 0;
	Axis		own,
				of_first = *axis;

	if (!axis->inferred || panel->n_series < 2)
		return;
	for (int64 s = 0; s < panel->n_series && looked < MOST_SERIES; s++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_sparse(axis, &panel->series[s]))
			continue;
		looked++;
		if (!own_step(panel, s, axis, &own))
			continue;
		if (count++ == 0)
		{
			first = s;
			of_first = own;
		}
	}
	if (count > 0)
		ereport(NOTICE,
				(errmsg("%s has a step of %s, but is forecast at the panel's step of %s%s",
						axis_series_name(&panel->series[first]), axis_frequency_text(&of_first), axis_frequency_text(axis),
						count == 1 ? "" : psprintf(", and %lld more series likewise", (long long) count - 1)),
				 errhint("Train a model for each step: the rows between are gaps, and a value is taken for that of one step.")));
}
