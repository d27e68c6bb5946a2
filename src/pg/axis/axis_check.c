/*
 * axis_check.c
 *	  Checks of a panel against an axis: rows at another step than a model's,
 *	  rows that the grid had to move, and clocks on an integer axis.
 */
#include "pg/axis/axis.h"

#include "miscadmin.h"

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

/* seconds of the years 1990 to 2059: numbers in this range are likely to be clocks */
#define EPOCH_FROM	INT64CONST(631152000)
#define EPOCH_TO	INT64CONST(2840140800)
#define LEAST_DATES	4			/* fewer numbers may be dates by chance */

/* Issues a NOTICE if an integer axis holds seconds, or thousandths of seconds and so on, since 1970. */
static void
notice_epoch(const PanelView *panel)
{
	static const char *const units[] = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
	static const char *const divisors[] = {"", " / 1e3", " / 1e6", " / 1e9"};
	int64		factor = 1;

	for (int unit = 0; unit < (int) lengthof(units); unit++, factor *= 1000)
	{
		int64		from = EPOCH_FROM * factor,
					to = EPOCH_TO * factor;
		bool		all = true;

		for (int64 s = 0; s < panel->n_series && all; s++)
			all = panel->series[s].n == 0 ||
				(panel->series[s].ts[0] >= from && panel->series[s].ts[panel->series[s].n - 1] <= to);
		if (all)
			ereport(NOTICE,
					(errmsg("the integer time axis looks like %s since 1970, which have no days, weeks or zone here", units[unit]),
					 errhint("Use timestamps: to_timestamp(column%s).", divisors[unit])));
	}
}

/* how people write times as numbers: digits after the year, and the largest of each part */
typedef struct WrittenForm
{
	const char *name;
	const char *hint;
	int64		year;			/* of the digits after the year */
	int64		part[5];		/* of each part but the last: 100 before two digits */
	int			most[5];		/* of each part, from the left; the day of a month is checked by its month */
	bool		weak;			/* plain numbers may look so, too: it must go over the end of a year */
} WrittenForm;

static const WrittenForm written_forms[] = {
	{"dates", "Use dates: to_date(column::text, 'YYYYMMDD').", 10000, {100}, {12, 31}, false},
	{"months", "Use dates: to_date(column::text, 'YYYYMM').", 100, {0}, {12}, false},
	{"hours", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24').", 1000000, {10000, 100}, {12, 31, 23}, false},
	{"minutes", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24MI').", 100000000, {1000000, 10000, 100}, {12, 31, 23, 59}, false},
	{"seconds", "Use timestamps: to_timestamp(column::text, 'YYYYMMDDHH24MISS').", INT64CONST(10000000000),
	{100000000, 1000000, 10000, 100}, {12, 31, 23, 59, 59}, false},
	{"weeks", "Use dates: to_date(column::text, 'IYYYIW').", 100, {0}, {53}, true},
	{"days of years", "Use dates: to_date(column::text, 'YYYYDDD').", 1000, {0}, {366}, true},
	{"quarters", "Use dates: make_date(column / 10, 3 * (column % 10) - 2, 1).", 10, {0}, {4}, true}
};

/* Returns whether a number is written in a form, such as 20240131 for a date. */
static bool
written_as(const WrittenForm *form, int64 number)
{
	int64		year = number / form->year;
	int64		rest = number % form->year;
	int			month = 0;

	if (year < 1900 || year > 2099)
		return false;
	for (int i = 0; i < (int) lengthof(form->most) && form->most[i] > 0; i++)
	{
		int64		unit = i < (int) lengthof(form->part) && form->part[i] > 0 ? form->part[i] : 1;
		int64		value = rest / unit;

		if (value > form->most[i] || value < (i < 2 ? 1 : 0) || (i == 1 && value > axis_month_days((int) year, month)))
			return false;
		month = i == 0 ? (int) value : month;
		rest %= unit;
	}
	return true;
}

/*
 * Returns whether an integer axis holds times written as numbers, and issues a
 * NOTICE: 31 January is not followed by 32 January.
 */
static bool
notice_written_dates(const PanelView *panel)
{
	for (int f = 0; f < (int) lengthof(written_forms); f++)
	{
		const WrittenForm *form = &written_forms[f];
		int64		rows = 0;
		int64		years = 0;
		bool		all = true;

		for (int64 s = 0; s < panel->n_series && all; s++)
			for (int64 i = 0; i < panel->series[s].n && all; i++)
			{
				const int64 *ts = panel->series[s].ts + i;

				if (i % 1024 == 0)
					CHECK_FOR_INTERRUPTS();
				all = written_as(form, ts[0]);
				years += i > 0 && ts[0] / form->year != ts[-1] / form->year;
				rows++;
			}
		if (!all || rows < (form->weak ? 2 * LEAST_DATES : LEAST_DATES) || (form->weak && years == 0))
			continue;
		ereport(NOTICE,
				(errmsg("the integer time axis looks like %s written as numbers, which are not evenly apart", form->name),
				 errhint("%s", form->hint)));
		return true;
	}
	return false;
}

void
axis_notice_moved(const Axis *axis, const PanelView *panel, const FrnnOptions *options, int64 snapped)
{
	AxisFit		fit;
	Axis		wall = *axis;
	bool		may_be_wall;

	if (axis->time == PANEL_INTEGER)
	{
		if (!notice_written_dates(panel))
			notice_epoch(panel);
	}
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
