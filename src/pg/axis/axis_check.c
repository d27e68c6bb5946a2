/*
 * axis_check.c
 *	  Checks of a panel against an axis: rows at another step than a model's, and
 *	  rows that the grid had to move.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"
#include "utils/datetime.h"

void
axis_check_step(const Axis *axis, const PanelView *panel, const FrnnOptions *options, bool dense)
{
	int64		pairs = 0,
				next = 0,
				shorter = 0;
	Axis		found = {.time = axis->time};
	char	   *seen;
	bool		steady;

	for (int64 s = 0; dense && s < panel->n_series; s++)
		for (int64 i = 1; i < panel->series[s].n; i++)
		{
			const int64 *ts = panel->series[s].ts + i;
			bool		exact;
			int64		k;

			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
			if (ts[0] == ts[-1])
				continue;
			k = axis_index(axis, ts[-1], ts[0], &exact);
			pairs++;
			next += k == 1;
			shorter += k <= 0;
		}
	/* rows that are to be merged may be closer than the step */
	if (options->on_duplicate != DUPLICATE_ERROR && shorter * 2 > pairs)
		return;
	if (pairs < 2 || next * 10 >= pairs)
		return;
	strlcpy(found.time_zone, axis->time_zone, sizeof(found.time_zone));
	if (!axis_vote(panel, &found, &seen, &steady))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the panel's step is %s, but the model's is %s", axis_frequency_text(&found), axis_frequency_text(axis)),
			 errdetail("%lld of %lld pairs of neighboring rows are one step of the model apart.", (long long) next, (long long) pairs),
			 errhint("Pass rows at the model's step, or train a model on rows at this step.")));
}

void
axis_notice_holidays(const Axis *axis, int64 last)
{
	const AxisCalendar *calendar = &axis->calendar;
	AxisWall	wall;
	int			year,
				month,
				day;

	if (axis->unit != AXIS_CALENDAR || calendar->holidays == 0)
		return;
	axis_wall(axis, last, &wall);
	if (calendar->holiday[calendar->holidays - 1] > wall.date)
		return;
	j2date(calendar->holiday[calendar->holidays - 1], &year, &month, &day);
	ereport(NOTICE,
			(errmsg("the last of the holidays is %04d-%02d-%02d, before the rows to forecast, of which none is taken for a holiday", year, month, day),
			 errhint("Train with a list that has the holidays to come, too.")));
}

void
axis_notice_moved(const Axis *axis, const PanelView *panel, const FrnnOptions *options, int64 snapped)
{
	AxisFit		fit;
	Axis		wall = *axis;
	bool		may_be_wall;

	axis_notice_numbers(panel);
	axis_notice_own(axis, panel);
	if (axis->also != NULL)
		ereport(NOTICE,
				(errmsg("the rows fit several calendars: \"%s\" was taken, \"%s\" fits as well and goes on with other dates",
						axis_frequency_text(axis), axis->also),
				 errhint("Name the calendar in the option frequency.")));
	/* rows that are merged, such as hours to days, are moved on purpose */
	if (snapped <= Max(panel->rows / 20, 1) || (options->on_duplicate != DUPLICATE_ERROR && snapped * 2 > panel->rows))
		return;
	axis_fit(axis, panel, &fit);
	wall.unit = AXIS_WALL;
	may_be_wall = axis->unit == AXIS_MICROSECOND && panel->series[0].n > 0 && axis_wall_has_step(axis, panel->series[0].ts[0]);
	if (!may_be_wall && (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_INDEX) ? fit.shifted * 2 <= fit.rows : fit.shifted * 20 <= fit.rows)
		return;
	if (axis->time == PANEL_TIMESTAMPTZ && axis->unit != AXIS_MICROSECOND && axis->unit != AXIS_WALL)
		ereport(NOTICE,
				(errmsg("%lld of %lld rows are not at a step of %s in the time zone %s and were moved to one",
						(long long) snapped, (long long) panel->rows, axis_frequency_text(axis), axis->time_zone),
				 errhint("If the rows follow the clock of another zone, give the option time_zone, for example {\"time_zone\": \"Europe/Berlin\"}.")));
	else
		ereport(NOTICE,
				(errmsg("%lld of %lld rows are not at a step of %s and were moved to one",
						(long long) snapped, (long long) panel->rows, axis_frequency_text(axis)),
				 may_be_wall ? errhint("If the rows follow the wall clock of %s, train with the frequency \"%s\".", axis->time_zone, axis_frequency_text(&wall)) :
				 errhint("Check the times of the rows, or give the option frequency.")));
}
