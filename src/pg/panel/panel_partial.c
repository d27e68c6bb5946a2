/*
 * panel_partial.c
 *	  Partial states of parallel plans: how they leave a process, and how the
 *	  leader puts them together.
 *
 * A worker's state is flattened, sent and freed.  The leader keeps what comes
 * as parts, in flat form, until rows are wanted: then the buffers it came
 * through are gone, and each part is freed once its rows are there again.  So
 * the peak is little above the panel itself.
 */
#include "pg/panel/panel_state.h"

#include "access/parallel.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_panel_combine);

/* ---- below a Gather ---- */

static bool
is_parallel_aware(PlanState *state, void *context)
{
	if (state->plan->parallel_aware)
		return true;
	/* what is below another Gather, as of an init plan, says nothing about this one */
	if (IsA(state, GatherState) || IsA(state, GatherMergeState))
		return false;
	return planstate_tree_walker(state, is_parallel_aware, context);
}

/*
 * Is this the partial state of a parallel plan?  Whoever gets it reads it once,
 * as a tuple: another scan of the Gather makes it anew.
 */
MemoryContext
panel_read_once_in(FunctionCallInfo fcinfo)
{
	AggState   *aggregate;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, AggState))
		return NULL;
	aggregate = (AggState *) fcinfo->context;
	if (!DO_AGGSPLIT_SKIPFINAL(aggregate->aggsplit) || !is_parallel_aware(&aggregate->ss.ps, NULL))
		return NULL;
	return aggregate->ss.ps.state->es_query_cxt;
}

/* ---- tickets ---- */

/*
 * The server flattens partial states even where combining happens in the same
 * process.  There a ticket is enough: the object moves to the query's context
 * and waits to be redeemed.
 */
typedef struct Ticket
{
	int64		number;			/* key */
	Panel	   *panel;
} Ticket;

static HTAB *waiting = NULL;
static int64 last_ticket = 0;

bool
panel_stays_here(const Panel *panel)
{
	return panel->query != NULL && !IsParallelWorker();
}

/* the object's context goes, redeemed or not */
static void
forget_ticket(void *arg)
{
	(void) hash_search(waiting, &((Panel *) arg)->ticket, HASH_REMOVE, NULL);
}

static void
make_ticket(Panel *panel)
{
	MemoryContextCallback *callback = MemoryContextAlloc(panel->hdr.eoh_context, sizeof(MemoryContextCallback));
	HASHCTL		control = {.keysize = sizeof(int64), .entrysize = sizeof(Ticket)};
	Ticket	   *ticket;

	if (waiting == NULL)
		waiting = hash_create("forecast_rnn partial panels", 64, &control, HASH_ELEM | HASH_BLOBS);
	panel->ticket = ++last_ticket;
	ticket = hash_search(waiting, &panel->ticket, HASH_ENTER, NULL);
	ticket->panel = panel;
	callback->func = forget_ticket;
	callback->arg = panel;
	MemoryContextRegisterResetCallback(panel->hdr.eoh_context, callback);
	MemoryContextSetParent(panel->hdr.eoh_context, panel->query);
}

void
panel_give_ticket(Panel *panel, PanelFlat *flat)
{
	if (panel->ticket == 0)
		make_ticket(panel);
	memset(flat, 0, sizeof(PanelFlat));
	SET_VARSIZE(flat, sizeof(PanelFlat));
	flat->version = PANEL_TICKET_VERSION;
	flat->rows = panel->ticket;
}

/* the object that a ticket stands for, once; NULL: the bytes are no ticket */
static Panel *
redeem(const PanelFlat *flat)
{
	Ticket	   *ticket = NULL;
	Panel	   *panel;

	if (VARSIZE(flat) != sizeof(PanelFlat) || flat->version != PANEL_TICKET_VERSION)
		return NULL;
	if (waiting != NULL)
		ticket = hash_search(waiting, &flat->rows, HASH_FIND, NULL);
	if (ticket == NULL)
		elog(ERROR, "partial state of a panel is gone");
	panel = ticket->panel;
	forget_ticket(panel);
	return panel;
}

/* ---- rows of another ---- */

static void
append_panel(Panel *panel, Panel *from)
{
	uint32		s;

	if (from->moving)
		elog(ERROR, "panel is of no use any more");
	panel_absorb(from);
	panel_reserve(panel, from->rows, from->n_series);
	for (s = 0; s < from->n_series; s++)
	{
		const PanelTrack *track = &from->series[s];
		uint32		to = panel_series(panel, track->id, track->id_len);
		uint32		page = track->first;
		int64		i;

		CHECK_FOR_INTERRUPTS();
		for (i = 0; i < track->n; i++)
		{
			Size		row;

			if (i > 0 && i % PANEL_PAGE == 0)
				page = from->next[page];
			row = (Size) page * PANEL_PAGE + i % PANEL_PAGE;
			panel_append(panel, to, from->ts[row], from->value[row],
						 from->covariates > 0 ? from->covariate + row * from->covariates : NULL);
		}
	}
}

static Panel *
adopt(Panel *panel, MemoryContext parent)
{
	if (panel->moving)
		elog(ERROR, "panel is of no use any more");
	MemoryContextSetParent(panel->hdr.eoh_context, parent);
	panel->query = NULL;
	return panel;
}

void
panel_drain(Panel *panel)
{
	void	   *array[] = {panel->next, panel->ts, panel->value, panel->covariate};
	int			i;

	panel->moving = true;
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

/* ---- parts ---- */

static void
add_part(Panel *panel, const PanelFlat *flat)
{
	MemoryContext old = MemoryContextSwitchTo(panel->hdr.eoh_context);
	PanelFlat  *part = palloc(VARSIZE(flat));

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
	ListCell   *cell;

	if (panel->parts == NIL)
		return;
	foreach(cell, panel->parts)
	{
		const PanelFlat *part = lfirst(cell);

		rows += part->rows;
		series = Max(series, part->n_series);
	}
	panel_reserve(panel, rows, series);
	/* each is freed as soon as it is there again */
	while (panel->parts != NIL)
	{
		PanelFlat  *part = linitial(panel->parts);

		panel_append_flat(panel, part);
		panel->parts = list_delete_first(panel->parts);
		pfree(part);
	}
}

/* ---- combining ---- */

static void
check_same_kind(const Panel *panel, const PanelKind *kind)
{
	if (kind->covariates != panel->covariates)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must have %d elements as in other rows, not %d",
						panel_row_name(kind->has_id, kind->first_id, panel_time_text(kind->time, kind->first_ts)),
						panel->covariates, kind->covariates)));
	if (kind->time != panel->time || kind->has_id != panel->has_id)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have the same type of time and either all or none named series")));
	if (panel->time_zone != NULL && strcmp(panel->time_zone, kind->zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("panels to be combined must have one time zone, not \"%s\" and \"%s\"",
						panel->time_zone, kind->zone)));
}

static void
object_kind(const Panel *panel, PanelKind *kind)
{
	const PanelTrack *track = &panel->series[0];

	*kind = (PanelKind) {panel->time, panel->has_id, panel->covariates, panel->time_zone, track->id,
		panel->ts[(Size) track->first * PANEL_PAGE]};
}

Datum
rnn_panel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = panel_aggregate_context(fcinfo, "rnn_panel_combine");
	Panel	   *panel = NULL;
	Panel	   *object;
	PanelFlat  *flat = NULL;
	PanelKind	kind;

	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(0))
		panel = panel_writable(PG_GETARG_DATUM(0), context);
	if (PG_ARGISNULL(1))
		return EOHPGetRWDatum(&panel->hdr);
	object = panel_expanded(PG_GETARG_DATUM(1));
	if (object == NULL)
	{
		flat = (PanelFlat *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
		object = redeem(flat);
	}
	if (object != NULL && object->query != NULL && panel == NULL)
		return EOHPGetRWDatum(&adopt(object, context)->hdr);
	if (object != NULL)
		object_kind(object, &kind);
	else
		panel_flat_kind(flat, &kind);
	if (panel == NULL)
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
	check_same_kind(panel, &kind);
	if (object == NULL)
		add_part(panel, flat);
	else
	{
		append_panel(panel, object);
		if (object->query != NULL)
			panel_drain(object);
	}
	return EOHPGetRWDatum(&panel->hdr);
}
