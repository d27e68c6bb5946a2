/*
 * panel_combine.c
 *	  Panels added to panels: the combine function of rnn_panel, whose argument
 *	  may be a partial state of a parallel plan, and the aggregate over panels.
 */
#include "pg/panel/panel_state.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(rnn_panel_join);
PG_FUNCTION_INFO_V1(rnn_panel_combine);

static void
kind_check_names(Panel *panel, const PanelKind *kind)
{
	if (panel->names == NULL && kind->names == NULL)
		return;
	if (panel->names == NULL && panel->n_series == 0 && panel->parts == NIL)
		panel->names = panel_names_copy(panel->hdr.eoh_context, kind->names);
	else if (panel->names == NULL || kind->names == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have either all or no names of covariates")));
	else
		panel_names_merge(panel->names, kind->names,
						  panel_row_name(kind->has_id, kind->first_id, panel_time_text(kind->time, kind->first_ts)));
}

/* Raises an error unless a panel can be combined with the one so far, which receives its names of covariates. */
static void
kind_check(Panel *panel, const PanelKind *kind)
{
	if (kind->time != panel->time)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have the same type of time, not %s and %s",
						panel_time_type_name(panel->time), panel_time_type_name(kind->time))));
	if (kind->has_id != panel->has_id)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("panels to be combined must have either all or none named series"),
				 errhint("Give each panel a series argument, as in rnn_panel(series, time, value).")));
	kind_check_names(panel, kind);
	if (kind->covariates != panel->covariates)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must have %d elements as in other rows, not %d",
						panel_row_name(kind->has_id, kind->first_id, panel_time_text(kind->time, kind->first_ts)),
						panel->covariates, kind->covariates)));
	if (panel->time_zone != NULL && strcmp(panel->time_zone, kind->zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("panels to be combined must have one time zone, not \"%s\" and \"%s\"",
						panel->time_zone, kind->zone),
				 errhint("Set the same TimeZone in all sessions that make the panels. Sessions of postgres_fdw have GMT, unless a function that makes the panel has its own SET TimeZone.")));
}

/* Returns the state with the rows of an object, which is the state itself if it may be taken over. */
static Panel *
object_combine(MemoryContext context, Panel *panel, Panel *object, bool read_once)
{
	PanelKind	kind;

	if (read_once && panel == NULL)
	{
		panel_adopt(object, context);
		return object;
	}
	panel_object_kind(object, &kind);
	if (panel == NULL)
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
	kind_check(panel, &kind);
	panel_append_object(panel, object);
	if (read_once)
		panel_drain(object);
	return panel;
}

/* Returns the state with the rows of flat bytes, which it keeps as a part. */
static Panel *
flat_combine(MemoryContext context, Panel *panel, const PanelFlat *flat)
{
	PanelKind	kind;

	panel_flat_kind(flat, &kind);
	if (panel == NULL)
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
	kind_check(panel, &kind);
	panel_add_part(panel, flat);
	return panel;
}

/*
 * Users may make this function the transition function of an aggregate of
 * their own.  Only where the plan combines partial states is the argument such
 * a state, which may be taken over or emptied.
 */
Datum
rnn_panel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = panel_aggregate_context(fcinfo, "rnn_panel_combine");
	bool		partial = panel_combines_partial(fcinfo);
	Panel	   *panel = NULL;
	Panel	   *object;
	PanelFlat  *flat = NULL;

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
		if (partial)
			object = panel_redeem(flat);
	}
	if (object != NULL)
		panel = object_combine(context, panel, object, partial && object->query != NULL);
	else
		panel = flat_combine(context, panel, flat);
	return EOHPGetRWDatum(&panel->hdr);
}

/*
 * Transition function of the aggregate over panels: the rows of all.  NULLs,
 * as of shards without rows, are ignored.
 */
Datum
rnn_panel_join(PG_FUNCTION_ARGS)
{
	MemoryContext context = panel_aggregate_context(fcinfo, "rnn_panel_join");
	Panel	   *panel = PG_ARGISNULL(0) ? NULL : panel_writable(PG_GETARG_DATUM(0), context);
	Panel	   *object;
	PanelFlat  *flat = NULL;
	PanelKind	kind;

	if (PG_ARGISNULL(1) && panel == NULL)
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		return EOHPGetRWDatum(&panel->hdr);
	object = panel_expanded(PG_GETARG_DATUM(1));
	if (object != NULL)
		panel_object_kind(object, &kind);
	else
	{
		flat = (PanelFlat *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1));
		panel_flat_kind(flat, &kind);
	}
	if (panel == NULL)
	{
		panel = panel_new(context, kind.time, kind.has_id, kind.zone, kind.covariates);
		panel->query = panel_read_once_in(fcinfo, rnn_panel_combine);
	}
	kind_check(panel, &kind);
	if (object != NULL)
		panel_append_object(panel, object);
	else
	{
		panel_append_flat(panel, flat, 0);
		PG_FREE_IF_COPY(flat, 1);
	}
	return EOHPGetRWDatum(&panel->hdr);
}
