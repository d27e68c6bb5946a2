/*
 * axis_find.c
 *	  The frequency of a panel: the option, or the modal calendar step.
 *
 * Every pair of consecutive distinct stamps of a series votes for one step:
 *
 *	  months        if time of day and day of the month agree on the wall clock
 *	                (two last days of a month agree, too),
 *	  days          else, if the time of day agrees (so a day is a day also when
 *	                a clock change makes it 23 or 25 hours long),
 *	  microseconds  else, and always for pairs less than 22 hours apart.
 *
 * The step seen most often is the frequency when it is the only one seen so
 * often and
 *	  - it makes up at least half of all votes, or
 *	  - at least a quarter, and at least nine tenths of all are whole multiples
 *	    of it (a regular series with many absent rows).
 * Otherwise there is no clear frequency and it must be given.  Of at most
 * FIND_MAX_STEPS different steps votes are counted by step, those beyond only
 * in all: with so many, a step not met before is not the modal one.
 *
 * Rows are sorted by the panel, so one pass does; the counting table is freed
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
#define CALENDAR_FROM	(22 * USECS_PER_HOUR)	/* the shortest day of a clock change, and some room */

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
	StepVotes  *last;			/* most neighbours vote like the pair before */
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
at_month_end(const AxisWall *wall)
{
	return wall->day == axis_month_days(wall->year, wall->month);
}

/* the vote of two stamps at least about a day apart */
static void
vote_calendar(Vote *vote, const Axis *axis, int64 before, int64 after, int64 difference)
{
	AxisWall	a,
				b;

	axis_wall(axis, before, &a);
	axis_wall(axis, after, &b);
	if (a.time != b.time || a.date == b.date)
		vote_for(vote, AXIS_MICROSECOND, difference);
	else if (a.day == b.day || (at_month_end(&a) && at_month_end(&b)))
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

/* more votes first; of equally many the shorter step, so that the order is the same on every run */
static bool
comes_before(const StepVotes *a, const StepVotes *b)
{
	if (a->votes != b->votes)
		return a->votes > b->votes;
	if (a->key.unit != b->key.unit)
		return a->key.unit < b->key.unit;
	return a->key.step < b->key.step;
}

/* the FIND_TOP most frequent steps in order; returns their number */
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

		while (at > 0 && comes_before(entry, &top[at - 1]))
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
is_multiple(const StepKey *key, const StepKey *of)
{
	if (key->unit == of->unit)
		return key->step % of->step == 0;
	if (of->unit == AXIS_MICROSECOND)
		return USECS_PER_DAY % of->step == 0;
	return key->unit == AXIS_MONTH && of->unit == AXIS_DAY && of->step == 1;
}

static int64
votes_for_multiples(const Vote *vote, const StepKey *of)
{
	HASH_SEQ_STATUS scan;
	StepVotes  *entry;
	int64		votes = 0;

	hash_seq_init(&scan, vote->table);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (is_multiple(&entry->key, of))
			votes += entry->votes;
	return votes;
}

static char *
describe_steps(const Axis *axis, const StepVotes *top, int count, int64 total)
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
choose_step(const Vote *vote, Axis *axis, char **seen)
{
	StepVotes	top[FIND_TOP];
	int			count = vote_top(vote, top);
	bool		clear;

	if (count == 0)
	{
		*seen = pstrdup("No series has two different time stamps.");
		return false;
	}
	clear = (count == 1 || top[0].votes > top[1].votes) &&
		(top[0].votes >= (vote->total + 1) / 2 ||
		 (top[0].votes >= (vote->total + 3) / 4 &&
		  votes_for_multiples(vote, &top[0].key) >= vote->total - vote->total / 10));
	if (!clear)
	{
		*seen = describe_steps(axis, top, count, vote->total);
		return false;
	}
	axis->unit = (AxisUnit) top[0].key.unit;
	axis->step = top[0].key.step;
	axis->inferred = true;
	return true;
}

static bool
infer_step(const PanelView *panel, Axis *axis, char **seen)
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
	clear = choose_step(&vote, axis, seen);
	hash_destroy(vote.table);
	return clear;
}

/* +1: all rows on last days of a month, on different days; -1: begins on one but leaves it; 0: neither */
static int
month_end_series(const Axis *axis, const PanelSeries *series)
{
	AxisWall	first,
				wall;
	bool		differs = false;

	if (series->n == 0)
		return 0;
	axis_wall(axis, series->ts[0], &first);
	if (!at_month_end(&first))
		return 0;
	for (int64 i = 1; i < series->n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		axis_wall(axis, series->ts[i], &wall);
		if (!at_month_end(&wall))
			return -1;
		differs |= wall.day != first.day;
	}
	return differs ? 1 : 0;
}

/*
 * Month ends: 28 February + 1 month is 31 March when the panel shows that its
 * stamps mean last days, 28 March otherwise.
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
		if (panel->time == PANEL_DATE)	/* sorted: infinity can only stand at an end */
			infinite = !IS_VALID_DATE(series->ts[0]) || !IS_VALID_DATE(series->ts[series->n - 1]);
		else
			infinite = !IS_VALID_TIMESTAMP(series->ts[0]) || !IS_VALID_TIMESTAMP(series->ts[series->n - 1]);
		if (infinite)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("%s has an infinite time stamp", axis_series_name(series))));
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
	else if (!infer_step(panel, axis, seen))
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
