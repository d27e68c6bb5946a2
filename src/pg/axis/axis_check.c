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

/* Issues a NOTICE if an integer axis holds seconds, milliseconds or microseconds since 1970. */
static void
notice_epoch(const PanelView *panel)
{
	static const char *const units[] = {"seconds", "milliseconds", "microseconds"};
	static const char *const divisors[] = {"", " / 1e3", " / 1e6"};
	int64		from = EPOCH_FROM,
				to = EPOCH_TO;

	for (int unit = 0; unit < 3; unit++, from *= 1000, to *= 1000)
	{
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

/* Returns whether a number is a date written as 20240131, or a month as 202401. */
static bool
written_date(int64 number, bool month_only)
{
	int64		day = month_only ? 1 : number % 100;
	int64		months = month_only ? number : number / 100;

	return months >= 190001 && months <= 209912 && months % 100 >= 1 && months % 100 <= 12 &&
		day >= 1 && day <= axis_month_days((int) (months / 100), (int) (months % 100));
}

/* Issues a NOTICE if an integer axis holds dates or months written as numbers: 31 January is not followed by 32 January. */
static void
notice_written_dates(const PanelView *panel)
{
	for (int month_only = 0; month_only < 2; month_only++)
	{
		int64		rows = 0;
		bool		all = true;

		for (int64 s = 0; s < panel->n_series && all; s++)
			for (int64 i = 0; i < panel->series[s].n && all; i++)
			{
				if (i % 1024 == 0)
					CHECK_FOR_INTERRUPTS();
				all = written_date(panel->series[s].ts[i], month_only);
				rows++;
			}
		if (all && rows >= LEAST_DATES)
			ereport(NOTICE,
					(errmsg("the integer time axis looks like %s written as numbers, which are not evenly apart", month_only ? "months" : "dates"),
					 month_only ? errhint("Use dates: to_date(column::text, 'YYYYMM').") :
					 errhint("Use dates: to_date(column::text, 'YYYYMMDD').")));
	}
}

void
axis_notice_moved(const Axis *axis, const PanelView *panel, const FrnnOptions *options, int64 snapped)
{
	AxisFit		fit;

	if (axis->time == PANEL_INTEGER)
	{
		notice_epoch(panel);
		notice_written_dates(panel);
	}
	/* rows that are merged, such as hours to days, are moved on purpose */
	if (snapped <= Max(panel->rows / 20, 1) || (options->on_duplicate != DUPLICATE_ERROR && snapped * 2 > panel->rows))
		return;
	axis_fit(axis, panel, &fit);
	if (axis->unit == AXIS_MICROSECOND || axis->unit == AXIS_INDEX ? fit.shifted * 2 <= fit.rows : fit.shifted * 20 <= fit.rows)
		return;
	if (axis->time == PANEL_TIMESTAMPTZ && axis->unit != AXIS_MICROSECOND)
		ereport(NOTICE,
				(errmsg("%lld of %lld rows are not at a step of %s in the time zone %s and were moved to one",
						(long long) snapped, (long long) panel->rows, axis_frequency_text(axis), axis->time_zone),
				 errhint("If the rows follow the clock of another zone, give the option time_zone, for example {\"time_zone\": \"Europe/Berlin\"}.")));
	else
		ereport(NOTICE,
				(errmsg("%lld of %lld rows are not at a step of %s and were moved to one",
						(long long) snapped, (long long) panel->rows, axis_frequency_text(axis)),
				 errhint("Check the times of the rows, or give the option frequency.")));
}
