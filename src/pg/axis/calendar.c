/*
 * calendar.c
 *	  Calendar features: sine and cosine of the time of day, of the weekday and
 *	  of the day of the year, computed on the wall clock of the axis.
 */
#include "pg/axis/calendar.h"

#include <math.h>

#include "core/base/elementary.h"

#define SECONDS_OF_DAY	86400.0
#define DAYS_OF_YEAR	365.2425

/* does the axis's step resolve a cycle of that many seconds? */
static bool
axis_resolves(const Axis *axis, double seconds)
{
	double		step = axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_WALL ? axis->step / 1e6 :
	axis->unit == AXIS_DAY ? axis->step * SECONDS_OF_DAY :
	axis->step * DAYS_OF_YEAR / 12 * SECONDS_OF_DAY;

	return axis->unit != AXIS_INDEX && step * 2 < seconds;
}

int
calendar_width(const Axis *axis)
{
	return 2 * (axis_resolves(axis, SECONDS_OF_DAY) +
				axis_resolves(axis, 7 * SECONDS_OF_DAY) +
				axis_resolves(axis, DAYS_OF_YEAR * SECONDS_OF_DAY));
}

static double *
calendar_phase(double *out, double share)
{
	frnn_sin_cos_turns(share, &out[0], &out[1]);
	return out + 2;
}

void
calendar_fill(const Axis *axis, int64 stamp, double *out)
{
	AxisWall	wall;
	double		day;

	if (axis->unit == AXIS_INDEX)
		return;
	axis_wall(axis, stamp, &wall);
	day = wall.time / (SECONDS_OF_DAY * 1e6);
	if (axis_resolves(axis, SECONDS_OF_DAY))
		out = calendar_phase(out, day);
	if (axis_resolves(axis, 7 * SECONDS_OF_DAY))
		out = calendar_phase(out, (wall.date % 7 + day) / 7);
	if (axis_resolves(axis, DAYS_OF_YEAR * SECONDS_OF_DAY))
		(void) calendar_phase(out, fmod(wall.date + day, DAYS_OF_YEAR) / DAYS_OF_YEAR);
}
