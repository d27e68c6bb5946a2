/*
 * axis_wall_find.c
 *	  Whether rows of hours follow the wall clock of a zone: shifts at 6, 14 and 22
 *	  o'clock, or full hours in a zone that moves its clock by half an hour.
 *
 * A step is on the wall clock if fewer rows are moved there than on absolute
 * steps.  Rows before the first clock change are on both, and are taken to be
 * absolute until fresh rows after a change tell more.
 *
 * A wall clock repeats an hour when it is set back by an hour.  So steps up to an
 * hour are on it only where all later changes are shorter than the step.
 */
#include "pg/axis/axis.h"

#include "utils/timestamp.h"

bool
axis_wall_has_step(const Axis *axis, int64 from)
{
	int64		change;

	if (!axis_may_be_wall(axis))
		return false;
	change = axis_wall_change(axis, from, PG_INT64_MAX);
	return change > 0 && (axis->step > USECS_PER_HOUR || change < axis->step);
}

/* Writes the first and last timestamps of a panel; false if it has no rows. */
static bool
wall_range(const PanelView *panel, int64 *first, int64 *last)
{
	*first = PG_INT64_MAX;
	*last = PG_INT64_MIN;
	for (int64 s = 0; s < panel->n_series; s++)
		if (panel->series[s].n > 0)
		{
			*first = Min(*first, panel->series[s].ts[0]);
			*last = Max(*last, panel->series[s].ts[panel->series[s].n - 1]);
		}
	return *first <= *last;
}

/* Returns whether each series starts at a multiple of the step after midnight in UTC, and none in the zone. */
static bool
at_hours_of_utc(const PanelView *panel, const Axis *axis)
{
	for (int64 s = 0; s < panel->n_series; s++)
	{
		AxisWall	wall;

		if (panel->series[s].n == 0)
			continue;
		axis_wall(axis, panel->series[s].ts[0], &wall);
		if (wall.time % axis->step == 0 || panel->series[s].ts[0] % axis->step != 0)
			return false;
	}
	return true;
}

/* Raises an error if a given step is on a wall clock that repeats whole steps. */
static void
check_given(const Axis *axis, int64 from)
{
	if (axis->step > USECS_PER_HOUR || axis_wall_change(axis, from, PG_INT64_MAX) < axis->step)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("frequency \"%s\" needs a time zone whose clock changes are shorter than the step, not %s",
					axis_frequency_text(axis), axis->time_zone),
			 errhint("Leave the words out: seasons of steps up to an hour follow the wall clock.")));
}

void
axis_wall_find(const PanelView *panel, Axis *axis)
{
	Axis		wall = *axis;
	AxisFit		even,
				fit;
	int64		first,
				last;

	if (!axis_may_be_wall(axis) || !wall_range(panel, &first, &last))
		return;
	if (axis->unit == AXIS_WALL)
		check_given(axis, first);
	if (axis->unit != AXIS_MICROSECOND)
		return;
	wall.unit = AXIS_WALL;
	axis_fit(axis, panel, &even);
	if (even.moved == 0 || !axis_wall_has_step(axis, first))
		return;
	axis_fit(&wall, panel, &fit);
	if (fit.moved < even.moved)
		*axis = wall;
}

bool
axis_wall_fresh(const Axis *axis, const PanelView *panel, int64 first, int64 last, Axis *wall)
{
	AxisFit		even,
				fit;

	*wall = *axis;
	wall->unit = AXIS_WALL;
	if (axis->unit != AXIS_MICROSECOND || !axis->inferred || !axis_may_be_wall(axis) || panel->time != axis->time)
		return false;
	axis_fit(axis, panel, &even);
	if (even.moved <= even.rows / 20 || axis_wall_change(axis, first, last) > 0 || !axis_wall_has_step(axis, first))
		return false;
	axis_fit(wall, panel, &fit);
	return fit.moved < even.moved / 4;
}

void
axis_notice_wall(const Axis *axis, const PanelView *panel, int64 horizon)
{
	Axis		wall = *axis;
	AxisFit		fit;
	int64		first,
				last,
				end;

	if (axis->unit != AXIS_MICROSECOND || !axis->inferred || !axis_may_be_wall(axis) || !wall_range(panel, &first, &last) ||
		!axis_stamp_try(axis, last, horizon, &end) || axis_wall_change(axis, last, end) == 0 ||
		axis_wall_change(axis, first, last) > 0 || !axis_wall_has_step(axis, first) || at_hours_of_utc(panel, axis))
		return;
	wall.unit = AXIS_WALL;
	axis_fit(&wall, panel, &fit);
	if (fit.moved > 0)
		return;
	ereport(NOTICE,
			(errmsg("the clock of %s changes within the horizon, and the rows do not tell whether they follow it: steps of %s are taken to be absolute",
					axis->time_zone, axis_frequency_text(axis)),
			 errhint("If the rows follow the wall clock, give the option frequency \"%s\".", axis_frequency_text(&wall))));
}
