/*
 * panel_object.c
 *	  The expanded object of type rnn_panel: making it, reading it in whatever
 *	  state it is, flattening it.
 *
 * An object has up to three kinds of unfinished work: parts that are not
 * appended yet, pages that an error left half moved, rows that are not sorted.
 * panel_settle does all of it; every function here that reads rows calls it or
 * panel_absorb first.  Both may be ended by an error and called again.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static Size object_flat_size(ExpandedObjectHeader *eohptr);
static void object_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size);

static const ExpandedObjectMethods panel_methods = {
	object_flat_size,
	object_flatten_into
};

Panel	   *
panel_new(MemoryContext parent, PanelTime time, bool has_id, const char *zone, int covariates)
{
	return panel_create(parent, &panel_methods, time, has_id, zone, covariates);
}

Panel	   *
panel_expanded(Datum datum)
{
	struct varlena *pointer = (struct varlena *) DatumGetPointer(datum);
	ExpandedObjectHeader *object;

	if (!VARATT_IS_EXTERNAL_EXPANDED(pointer))
		return NULL;
	object = DatumGetEOHP(datum);
	return object->eoh_methods == &panel_methods ? (Panel *) object : NULL;
}

void
panel_settle(Panel *panel)
{
	if (panel->settled)
		return;
	if (panel->drained)
		elog(ERROR, "rows of the panel were sent to another process");
	/* pages first: rows must not be appended to pages that are half moved */
	if (panel->move != NULL)
		panel_sort(panel);
	panel_absorb(panel);
	panel_sort(panel);
}

PanelView  *
panel_object_view(Panel *panel)
{
	PanelView  *view;
	uint32		s;

	panel_settle(panel);
	view = panel_new_view(panel->time, panel->time_zone, panel->covariates, panel->rows, panel->n_series);
	view->names = panel->names;
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[panel->order[s]];
		Size		row = (Size) track->first * PANEL_PAGE;

		view->series[s].id = track->id;
		view->series[s].has_id = panel->has_id;
		view->series[s].n = track->n;
		view->series[s].ts = panel->ts + row;
		view->series[s].value = panel->value + row;
		view->series[s].covariate = panel->covariates > 0 ? panel->covariate + row * panel->covariates : NULL;
	}
	return view;
}

PanelView  *
panel_view(Datum datum)
{
	Panel	   *panel = panel_expanded(datum);

	if (panel != NULL)
		return panel_object_view(panel);
	return panel_flat_view((PanelFlat *) PG_DETOAST_DATUM(datum));
}

void
panel_size(Datum datum, int64 *series, int64 *rows)
{
	Panel	   *panel = panel_expanded(datum);

	if (panel != NULL)
	{
		/* appends the parts that a parallel plan left */
		panel_settle(panel);
		*series = panel->n_series;
		*rows = panel->rows;
	}
	else
	{
		struct varlena *head = PG_DETOAST_DATUM_SLICE(datum, 0, sizeof(PanelFlat) - VARHDRSZ);
		PanelFlat	flat = {0};

		memcpy(&flat.version, VARDATA_ANY(head), Min(VARSIZE_ANY_EXHDR(head), sizeof(PanelFlat) - VARHDRSZ));
		*series = flat.n_series;
		*rows = flat.rows;
	}
}

/* ---- flattening ---- */

static Size
object_flat_size(ExpandedObjectHeader *eohptr)
{
	Panel	   *panel = (Panel *) eohptr;

	if (panel_stays_here(panel))
		return sizeof(PanelFlat);
	panel_settle(panel);
	return panel_flat_size(panel);
}

static void
object_flatten_into(ExpandedObjectHeader *eohptr, void *result, Size allocated_size)
{
	Panel	   *panel = (Panel *) eohptr;

	if (panel_stays_here(panel))
	{
		panel_give_ticket(panel, result);
		return;
	}
	panel_settle(panel);
	Assert(allocated_size == panel->flat_size);
	panel_flat_write(panel, result);
	/* nobody reads a worker's partial state again once its bytes exist */
	if (panel_leaves_here(panel))
		panel_drain(panel);
}

/* ---- objects that rows are added to ---- */

Panel	   *
panel_writable(Datum datum, MemoryContext parent)
{
	Panel	   *panel = panel_expanded(datum);
	PanelView  *view;

	if (panel != NULL && VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)) &&
		MemoryContextGetParent(panel->hdr.eoh_context) == parent)
	{
		/* rows cannot be appended to pages that are half moved */
		if (panel->move != NULL)
			panel_sort(panel);
		return panel;
	}
	view = panel_view(datum);
	panel = panel_new(parent, view->time, view->n_series > 0 && view->series[0].has_id,
					  view->time_zone, view->covariates);
	panel->names = panel_names_copy(panel->hdr.eoh_context, view->names);
	panel_append_view(panel, view);
	return panel;
}

void
panel_object_kind(Panel *panel, PanelKind *kind)
{
	const PanelTrack *track;

	if (panel->n_series == 0 && panel->parts != NIL)
	{
		panel_flat_kind(linitial(panel->parts), kind);
		kind->names = panel->names;
		return;
	}
	if (panel->drained || panel->n_series == 0)
		elog(ERROR, "panel has no rows");
	if (panel->move != NULL)
		panel_sort(panel);
	track = &panel->series[0];
	*kind = (PanelKind) {panel->time, panel->has_id, panel->covariates, panel->names, panel->time_zone, track->id,
		panel->ts[(Size) track->first * PANEL_PAGE]};
}

/* Appends in the order of pages, which needs no sorting of `from`. */
void
panel_append_object(Panel *panel, Panel *from)
{
	uint32		s;

	if (from->drained || from == panel)
		elog(ERROR, "rows of a panel cannot be appended to it");
	if (from->move != NULL)
		panel_sort(from);
	panel_absorb(from);
	panel_reserve(panel, from->rows, from->n_series);
	for (s = 0; s < from->n_series; s++)
	{
		const PanelTrack *track = &from->series[s];
		uint32		to = panel_series(panel, track->id, track->id_len);
		uint32		page = track->first;
		int64		i;

		for (i = 0; i < track->n; i++)
		{
			Size		row;

			if (i % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			if (i > 0 && i % PANEL_PAGE == 0)
				page = from->next[page];
			row = (Size) page * PANEL_PAGE + i % PANEL_PAGE;
			panel_append(panel, to, from->ts[row], from->value[row],
						 from->covariates > 0 ? from->covariate + row * from->covariates : NULL);
		}
	}
}
