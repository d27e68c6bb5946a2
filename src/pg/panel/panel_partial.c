/*
 * panel_partial.c
 *	  Partial states of parallel plans: how they leave a process, and how the
 *	  leader puts them together.
 *
 * A worker's state is flattened, sent and freed.  The leader keeps what arrives
 * as parts, in flat form, until rows are needed.  By then the buffers it came
 * through are gone, and each part is freed once its rows are appended.  So the
 * peak is little above the panel itself.
 *
 * The leader's own state is not flattened: a ticket goes through the plan in
 * its place.  Both rely on a state that is read exactly once.
 */
#include "pg/panel/panel_state.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "catalog/pg_aggregate.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* ---- below a Gather ---- */

static bool
plan_is_parallel_aware(PlanState *state, void *context)
{
	if (state->plan->parallel_aware)
		return true;
	/* what is below another Gather, as of an init plan, is no part of this plan */
	if (IsA(state, GatherState) || IsA(state, GatherMergeState))
		return false;
	return planstate_tree_walker(state, plan_is_parallel_aware, context);
}

/* Returns true if partial states of the aggregate that calls are combined by that function and no other. */
static bool
aggregate_combines_with(FunctionCallInfo fcinfo, PGFunction combine)
{
	Aggref	   *aggregate = AggGetAggref(fcinfo);
	HeapTuple	tuple;
	Oid			combinefn = InvalidOid;
	FmgrInfo	function;

	if (aggregate == NULL)
		return false;
	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate->aggfnoid));
	if (HeapTupleIsValid(tuple))
	{
		combinefn = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggcombinefn;
		ReleaseSysCache(tuple);
	}
	if (!OidIsValid(combinefn))
		return false;
	fmgr_info(combinefn, &function);
	return function.fn_addr == combine;
}

/*
 * A partial state below a Gather is read once, as a tuple: another scan of the
 * Gather makes it again.  That does not hold if two aggregates share the state,
 * and a user's own combine function may keep what it is given.
 */
MemoryContext
panel_read_once_in(FunctionCallInfo fcinfo, PGFunction combine)
{
	AggState   *aggregate;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, AggState))
		return NULL;
	aggregate = (AggState *) fcinfo->context;
	if (!DO_AGGSPLIT_SKIPFINAL(aggregate->aggsplit) || AggStateIsShared(fcinfo) ||
		!plan_is_parallel_aware(&aggregate->ss.ps, NULL) || !aggregate_combines_with(fcinfo, combine))
		return NULL;
	return aggregate->ss.ps.state->es_query_cxt;
}

/* Returns true if the call combines the partial states of a plan. */
bool
panel_combines_partial(FunctionCallInfo fcinfo)
{
	return fcinfo->context != NULL && IsA(fcinfo->context, AggState) &&
		DO_AGGSPLIT_COMBINE(((AggState *) fcinfo->context)->aggsplit);
}

/* ---- tickets ---- */

/*
 * The server flattens partial states even where they are combined in the same
 * process.  There a ticket is enough: the object moves to the query's context
 * until panel_redeem.
 */
typedef struct Ticket
{
	int64		number;			/* key */
	Panel	   *panel;
} Ticket;

static HTAB *tickets = NULL;
static int64 last_ticket = 0;

bool
panel_stays_here(const Panel *panel)
{
	return panel->query != NULL && !IsParallelWorker();
}

bool
panel_leaves_here(const Panel *panel)
{
	return panel->query != NULL && IsParallelWorker();
}

/* A reset callback too: the object's context goes, whether the ticket was redeemed or not. */
static void
ticket_forget(void *arg)
{
	(void) hash_search(tickets, &((Panel *) arg)->ticket, HASH_REMOVE, NULL);
}

static void
ticket_make(Panel *panel)
{
	MemoryContextCallback *callback = MemoryContextAlloc(panel->hdr.eoh_context, sizeof(MemoryContextCallback));
	HASHCTL		control = {.keysize = sizeof(int64), .entrysize = sizeof(Ticket)};
	Ticket	   *ticket;

	if (tickets == NULL)
		tickets = hash_create("forecast_rnn partial panels", 64, &control, HASH_ELEM | HASH_BLOBS);
	panel->ticket = ++last_ticket;
	ticket = hash_search(tickets, &panel->ticket, HASH_ENTER, NULL);
	ticket->panel = panel;
	callback->func = ticket_forget;
	callback->arg = panel;
	MemoryContextRegisterResetCallback(panel->hdr.eoh_context, callback);
	MemoryContextSetParent(panel->hdr.eoh_context, panel->query);
}

void
panel_give_ticket(Panel *panel, PanelFlat *flat)
{
	if (panel->ticket == 0)
		ticket_make(panel);
	memset(flat, 0, sizeof(PanelFlat));
	SET_VARSIZE(flat, sizeof(PanelFlat));
	flat->version = PANEL_TICKET_VERSION;
	flat->rows = panel->ticket;
}

Panel	   *
panel_redeem(const PanelFlat *flat)
{
	Ticket	   *ticket = NULL;
	Panel	   *panel;

	if (VARSIZE(flat) != sizeof(PanelFlat) || flat->version != PANEL_TICKET_VERSION)
		return NULL;
	if (tickets != NULL)
		ticket = hash_search(tickets, &flat->rows, HASH_FIND, NULL);
	if (ticket == NULL)
		elog(ERROR, "partial state of a panel is gone");
	panel = ticket->panel;
	ticket_forget(panel);
	return panel;
}

void
panel_adopt(Panel *panel, MemoryContext parent)
{
	MemoryContextSetParent(panel->hdr.eoh_context, parent);
	panel->query = NULL;
}

/* ---- parts ---- */

void
panel_add_part(Panel *panel, const PanelFlat *flat)
{
	MemoryContext old = MemoryContextSwitchTo(panel->hdr.eoh_context);
	PanelFlat  *part;

	panel_check_memory(panel, panel->part_bytes + VARSIZE(flat));
	part = palloc(VARSIZE(flat));
	panel->part_bytes += VARSIZE(flat);
	memcpy(part, flat, VARSIZE(flat));
	panel->parts = lappend(panel->parts, part);
	panel->settled = false;
	MemoryContextSwitchTo(old);
}

void
panel_absorb(Panel *panel)
{
	int64		rows = 0;
	uint32		series = 0;
	int			i;

	if (panel->parts == NIL)
		return;
	for (i = panel->absorbed; i < list_length(panel->parts); i++)
	{
		const PanelFlat *part = list_nth(panel->parts, i);

		rows += part->rows;
		series = Max(series, part->n_series);
	}
	panel_reserve(panel, rows, series);
	while (panel->absorbed < list_length(panel->parts))
	{
		PanelFlat  *part = list_nth(panel->parts, panel->absorbed);

		if (!panel->absorbing)
			panel->rows_before = panel->rows;
		/* after an error in mid-part, the next call skips the rows that are there */
		panel->absorbing = true;
		panel_append_flat(panel, part, panel->rows - panel->rows_before);
		panel->absorbing = false;
		panel->absorbed++;
		panel->part_bytes -= VARSIZE(part);
		pfree(part);
	}
	list_free(panel->parts);
	panel->parts = NIL;
	panel->absorbed = 0;
}

/* ---- draining ---- */

void
panel_drain(Panel *panel)
{
	void	   *array[] = {panel->next, panel->ts, panel->value, panel->covariate};
	int			i;

	panel->drained = true;
	panel->settled = false;
	panel->flat_size = 0;
	for (i = 0; i < (int) lengthof(array); i++)
		if (array[i] != NULL)
			pfree(array[i]);
	panel->next = NULL;
	panel->ts = NULL;
	panel->value = panel->covariate = NULL;
	panel->n_pages = panel->max_pages = 0;
}
