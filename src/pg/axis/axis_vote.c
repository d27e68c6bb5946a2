/*
 * axis_vote.c
 *	  The most frequent step of a panel's rows.
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
 * Votes are counted for at most FIND_MAX_STEPS different steps; a step first
 * seen after that many others is not the most frequent one, and only adds to the
 * total.
 *
 * The panel sorts its rows, so one pass is enough.  The counting table is freed
 * at the end.
 */
#include "pg/axis/axis.h"

#include "common/int.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
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
	else if (a.day == b.day || (axis_wall_month_end(&a) && axis_wall_month_end(&b)))
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

/* Sets *steady if nearly all votes are for the step. */
static bool
vote_choose(const Vote *vote, Axis *axis, char **seen, bool *steady)
{
	StepVotes	top[FIND_TOP];
	int			count = vote_top(vote, top);
	bool		clear;

	if (count == 0)
	{
		*seen = pstrdup("No series has two different timestamps. " FRNN_PANEL_ARGUMENTS);
		return false;
	}
	*steady = top[0].votes >= vote->total - vote->total / 10;
	clear = (count == 1 || top[0].votes > top[1].votes) &&
		(top[0].votes >= (vote->total + 1) / 2 ||
		 (top[0].votes >= (vote->total + 3) / 4 &&
		  vote_count_multiples(vote, &top[0].key) >= vote->total - vote->total / 10));
	*seen = vote_describe(axis, top, count, vote->total);
	if (!clear)
		return false;
	axis->unit = (AxisUnit) top[0].key.unit;
	axis->step = top[0].key.step;
	axis->inferred = true;
	return true;
}

bool
axis_vote(const PanelView *panel, Axis *axis, char **seen, bool *steady)
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
	clear = vote_choose(&vote, axis, seen, steady);
	hash_destroy(vote.table);
	return clear;
}
