/*
 * axis_find.c
 *	  The step of a panel's time axis: the option frequency, or the most
 *	  frequent calendar step.
 *
 * Every pair of consecutive distinct timestamps of a series votes for one step:
 *
 *	  months        if time of day and day of the month agree on the wall clock
 *	                (two last days of a month agree too),
 *	  days          else, if the time of day agrees (so a day is a day also when
 *	                a clock change makes it 23 or 25 hours long),
 *	  microseconds  else, and always for pairs less than 22 hours apart.
 *
 * The step with the most votes is chosen if no other has as many and
 *	  - it has at least half of all votes, or
 *	  - at least a quarter, and at least nine tenths of all votes are for whole
 *	    multiples of it (a regular series with many absent rows).
 * Otherwise the step must be given.  Votes are counted for at most
 * FIND_MAX_STEPS different steps; a step first seen after that many others is
 * not the most frequent one, and only adds to the total.
 *
 * The panel sorts its rows, so one pass is enough.  The counting table is freed
 * at the end.
 */
#include "pg/axis/axis.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define FIND_MAX_STEPS	65536
#define FIND_TOP		3
#define CALENDAR_FROM	(22 * USECS_PER_HOUR)	/* shorter than any day with a clock change */

typedef struct StepKey			/* no padding: hashed as bytes */
{
	int64		unit;
	int64		step;
} StepKey;

typedef struct StepVotes
{
	StepKey		key;
	int64		votes;
} StepVotes;

typedef struct Vote
{
	HTAB	   *table;
	int64		total;
	StepVotes  *last;			/* of the pair before, which most pairs agree with */
} Vote;

static void
vote_for(Vote *vote, AxisUnit unit, int64 step)
{
	StepKey		key = {unit, step};
	bool		found;

	vote->total++;
	if (vote->last != NULL && vote->last->key.unit == key.unit && vote->last->key.step == key.step)
	{
		vote->last->votes++;
		return;
	}
	if (hash_get_num_entries(vote->table) < FIND_MAX_STEPS)
	{
		StepVotes  *entry = hash_search(vote->table, &key, HASH_ENTER, &found);

		if (!found)
			entry->votes = 0;
		vote->last = entry;
	}
	else
		vote->last = hash_search(vote->table, &key, HASH_FIND, NULL);
	if (vote->last != NULL)
		vote->last->votes++;
}

static bool
wall_month_end(const AxisWall *wall)
{
	return wall->day == axis_month_days(wall->year, wall->month);
}

/* Counts the vote of two timestamps that are about a day or more apart. */
static void
vote_calendar(Vote *vote, const Axis *axis, int64 before, int64 after, int64 difference)
{
	AxisWall	a,
				b;

	axis_wall(axis, before, &a);
	axis_wall(axis, after, &b);
	if (a.time != b.time || a.date == b.date)
		vote_for(vote, AXIS_MICROSECOND, difference);
	else if (a.day == b.day || (wall_month_end(&a) && wall_month_end(&b)))
		vote_for(vote, AXIS_MONTH, (b.year - (int64) a.year) * 12 + b.month - a.month);
	else
		vote_for(vote, AXIS_DAY, b.date - a.date);
}

static void
vote_series(Vote *vote, const Axis *axis, const PanelSeries *series)
{
	for (int64 i = 1; i < series->n; i++)
	{
		int64		before = series->ts[i - 1];
		int64		after = series->ts[i];
		int64		difference;

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (before >= after)
			continue;
		if (pg_sub_s64_overflow(after, before, &difference))
			difference = PG_INT64_MAX;
		if (axis->time == PANEL_INTEGER)
			vote_for(vote, AXIS_INDEX, difference);
		else if (axis->time == PANEL_DATE && difference < 28)	/* no month is shorter */
			vote_for(vote, AXIS_DAY, difference);
		else if (axis->time != PANEL_DATE && difference < CALENDAR_FROM)
			vote_for(vote, AXIS_MICROSECOND, difference);
		else
			vote_calendar(vote, axis, before, after, difference);
	}
}

/* Orders by votes; steps with equal votes by length, so that the order is the same in every run. */
static bool
votes_before(const StepVotes *a, const StepVotes *b)
{
	if (a->votes != b->votes)
		return a->votes > b->votes;
	if (a->key.unit != b->key.unit)
		return a->key.unit < b->key.unit;
	return a->key.step < b->key.step;
}

/* Writes the FIND_TOP most frequent steps in order; returns their number. */
static int
vote_top(const Vote *vote, StepVotes *top)
{
	HASH_SEQ_STATUS scan;
	StepVotes  *entry;
	int			count = 0;

	hash_seq_init(&scan, vote->table);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		int			at = count;

		while (at > 0 && votes_before(entry, &top[at - 1]))
			at--;
		if (at == FIND_TOP)
			continue;
		if (count < FIND_TOP)
			count++;
		for (int i = count - 1; i > at; i--)
			top[i] = top[i - 1];
		top[at] = *entry;
	}
	return count;
}

static bool
step_is_multiple(const StepKey *key, const StepKey *of)
{
	if (key->unit == of->unit)
		return key->step % of->step == 0;
	if (of->unit == AXIS_MICROSECOND)
		return USECS_PER_DAY % of->step == 0;
	return key->unit == AXIS_MONTH && of->unit == AXIS_DAY && of->step == 1;
}

static int64
vote_count_multiples(const Vote *vote, const StepKey *of)
{
	HASH_SEQ_STATUS scan;
	StepVotes  *entry;
	int64		votes = 0;

	hash_seq_init(&scan, vote->table);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (step_is_multiple(&entry->key, of))
			votes += entry->votes;
	return votes;
}

static char *
vote_describe(const Axis *axis, const StepVotes *top, int count, int64 total)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, count == 1 ? "The only step is " : "The most frequent steps are ");
	for (int i = 0; i < count; i++)
	{
		Axis		step = *axis;

		step.unit = (AxisUnit) top[i].key.unit;
		step.step = top[i].key.step;
		appendStringInfo(&text, "%s%s (%lld of %lld)", i == 0 ? "" : i == count - 1 ? " and " : ", ",
						 axis_frequency_text(&step), (long long) top[i].votes, (long long) total);
	}
	appendStringInfoChar(&text, '.');
	return text.data;
}

static bool
vote_choose(const Vote *vote, Axis *axis, char **seen)
{
	StepVotes	top[FIND_TOP];
	int			count = vote_top(vote, top);
	bool		clear;

	if (count == 0)
	{
		*seen = pstrdup("No series has two different timestamps.");
		return false;
	}
	clear = (count == 1 || top[0].votes > top[1].votes) &&
		(top[0].votes >= (vote->total + 1) / 2 ||
		 (top[0].votes >= (vote->total + 3) / 4 &&
		  vote_count_multiples(vote, &top[0].key) >= vote->total - vote->total / 10));
	if (!clear)
	{
		*seen = vote_describe(axis, top, count, vote->total);
		return false;
	}
	axis->unit = (AxisUnit) top[0].key.unit;
	axis->step = top[0].key.step;
	axis->inferred = true;
	return true;
}

static bool
vote_panel(const PanelView *panel, Axis *axis, char **seen)
{
	Vote		vote = {0};
	HASHCTL		control = {0};
	bool		clear;

	control.keysize = sizeof(StepKey);
	control.entrysize = sizeof(StepVotes);
	control.hcxt = CurrentMemoryContext;
	vote.table = hash_create("forecast_rnn steps", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int64 s = 0; s < panel->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		vote_series(&vote, axis, &panel->series[s]);
	}
	clear = vote_choose(&vote, axis, seen);
	hash_destroy(vote.table);
	return clear;
}

/* Returns 1 if all rows are on last days of months and the days differ, -1 if only the first row is, else 0. */
static int
month_end_series(const Axis *axis, const PanelSeries *series)
{
	AxisWall	first,
				wall;
	bool		differs = false;

	if (series->n == 0)
		return 0;
	axis_wall(axis, series->ts[0], &first);
	if (!wall_month_end(&first))
		return 0;
	for (int64 i = 1; i < series->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		axis_wall(axis, series->ts[i], &wall);
		if (!wall_month_end(&wall))
			return -1;
		differs |= wall.day != first.day;
	}
	return differs ? 1 : 0;
}

/*
 * Returns whether the panel's timestamps mean last days of months: 28 February
 * + 1 month is 31 March then, and 28 March otherwise.
 */
static bool
month_end_panel(const Axis *axis, const PanelView *panel)
{
	int64		with = 0,
				against = 0;

	for (int64 s = 0; s < panel->n_series; s++)
	{
		int			vote = month_end_series(axis, &panel->series[s]);

		with += vote > 0;
		against += vote < 0;
	}
	return with > against;
}

static void
check_finite(const PanelView *panel)
{
	for (int64 s = 0; s < panel->n_series; s++)
	{
		const PanelSeries *series = &panel->series[s];
		bool		infinite = false;

		if (series->n == 0 || panel->time == PANEL_INTEGER)
			continue;
		if (panel->time == PANEL_DATE)	/* rows are sorted, so only the first and last can be infinite */
			infinite = !IS_VALID_DATE(series->ts[0]) || !IS_VALID_DATE(series->ts[series->n - 1]);
		else
			infinite = !IS_VALID_TIMESTAMP(series->ts[0]) || !IS_VALID_TIMESTAMP(series->ts[series->n - 1]);
		if (infinite)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("%s has an infinite timestamp", axis_series_name(series))));
	}
}

bool
axis_find_try(const PanelView *panel, const FrnnOptions *options, Axis *axis, char **seen)
{
	memset(axis, 0, sizeof(*axis));
	axis->time = panel->time;
	check_finite(panel);
	if (panel->time == PANEL_TIMESTAMPTZ)
	{
		const char *name = options->time_zone ? options->time_zone : panel->time_zone;

		(void) axis_zone(name); /* known, and short enough */
		strlcpy(axis->time_zone, name, sizeof(axis->time_zone));
	}
	else if (options->time_zone != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_zone applies to timestamptz values only, not to a %s time axis", axis_time_name(panel->time)),
				 errhint("Convert the values with AT TIME ZONE, or leave the option out.")));

	if (options->frequency != NULL)
		axis_frequency_parse(options->frequency, axis);
	else if (!vote_panel(panel, axis, seen))
		return false;
	if (axis->unit == AXIS_MONTH)
		axis->month_end = month_end_panel(axis, panel);
	return true;
}

void
axis_find(const PanelView *panel, const FrnnOptions *options, Axis *axis)
{
	char	   *seen = NULL;

	if (panel->rows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the panel has no rows")));
	if (!axis_find_try(panel, options, axis, &seen))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the frequency of the time axis cannot be inferred"),
				 errdetail("%s", seen),
				 errhint("Give the option frequency, for example {\"frequency\": \"%s\"}.",
						 panel->time == PANEL_INTEGER ? "1" : "1 day")));
}
