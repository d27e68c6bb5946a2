/*
 * panel_sort.c
 *	  Sorts a panel in place: pages of a series next to each other, the rows of
 *	  each series (panel_sort_rows.c), series by id.
 *
 * An error, as of a canceled query, loses nothing: the state of moving pages is
 * kept in the panel, and the next call resumes there.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

/* ---- pages ---- */

#define PAGE_ARRAYS	3			/* ts, value, covariate */

/* Pages that are being moved, array after array: page k gets what page source[k] had. */
typedef struct PanelMove
{
	uint32	   *source;			/* (n) */
	bool	   *done;			/* (n): pages of this array that are in place */
	char	   *spare;			/* one page */
	uint32		n;
	int			array;			/* under way */
	uint32		start;			/* first page of the cycle under way, or of the next one */
	uint32		hole;			/* page to be filled next, if a cycle is open */
	bool		open;
} PanelMove;

/* Moves the pages of one array.  Follows the cycles of the permutation; each page is copied once. */
static void
pages_permute(PanelMove *move, char *array, Size width)
{
	const uint32 *source = move->source;
	uint32		moved = 0;

	for (; move->start < move->n; move->start++)
	{
		if (move->start % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (!move->open && (move->done[move->start] || source[move->start] == move->start))
			continue;
		if (!move->open)
		{
			memcpy(move->spare, array + move->start * width, width);
			move->hole = move->start;
			move->open = true;
		}
		while (source[move->hole] != move->start)
		{
			uint32		from = source[move->hole];

			memcpy(array + move->hole * width, array + from * width, width);
			move->done[move->hole] = true;
			move->hole = from;
			if (++moved % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
		}
		memcpy(array + move->hole * width, move->spare, width);
		move->done[move->hole] = true;
		move->open = false;
	}
}

/* Fills source with the pages of each series next to each other, series in order of appearance; false: all in place. */
static bool
pages_plan(const Panel *panel, uint32 *source)
{
	uint32		k = 0,
				s;
	bool		moves = false;

	for (s = 0; s < panel->n_series; s++)
	{
		const PanelTrack *track = &panel->series[s];
		uint32		page = track->first;
		int64		left;

		for (left = track->n; left > 0; left -= PANEL_PAGE)
		{
			if (k % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			moves |= (page != k);
			source[k++] = page;
			if (left > PANEL_PAGE)
				page = panel->next[page];
		}
	}
	Assert(k == panel->n_pages);
	return moves;
}

/* Sets panel->move and the series' pages as they are after it; NULL if no page has to move. */
static void
pages_begin(Panel *panel)
{
	uint32		n = panel->n_pages;
	Size		page = PANEL_PAGE * sizeof(double) * Max(panel->covariates, 1);
	PanelMove  *move = palloc0(sizeof(PanelMove));
	uint32		k = 0,
				s;

	move->n = n;
	move->source = palloc_extended(mul_size(Max(n, 1), sizeof(uint32)), MCXT_ALLOC_HUGE);
	if (!pages_plan(panel, move->source))
	{
		pfree(move->source);
		pfree(move);
		return;
	}
	move->done = palloc_extended(n, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	move->spare = palloc(page);
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[s];

		track->first = k;
		k += (uint32) ((track->n + PANEL_PAGE - 1) / PANEL_PAGE);
		track->last = track->n > 0 ? k - 1 : track->first;
	}
	panel->move = move;
}

static void
pages_finish(Panel *panel)
{
	PanelMove  *move = panel->move;
	char	   *array[PAGE_ARRAYS] = {(char *) panel->ts, (char *) panel->value, (char *) panel->covariate};
	Size		page = PANEL_PAGE * sizeof(double);
	uint32		k;

	for (; move->array < PAGE_ARRAYS; move->array++)
	{
		if (array[move->array] != NULL)
			pages_permute(move, array[move->array], move->array == 2 ? page * panel->covariates : page);
		memset(move->done, 0, move->n);
		move->start = 0;
	}
	for (k = 0; k < move->n; k++)
		panel->next[k] = k + 1;
	panel->move = NULL;
	pfree(move->source);
	pfree(move->done);
	pfree(move->spare);
	pfree(move);
}

/* ---- series ---- */

/* Compares two series by id.  A cancel may end it: an order that is half sorted is made again. */
static int
series_compare(const void *a, const void *b, void *arg)
{
	const PanelTrack *series = arg;

	CHECK_FOR_INTERRUPTS();
	return strcmp(series[*(const uint32 *) a].id, series[*(const uint32 *) b].id);
}

static void
series_order(Panel *panel)
{
	uint32		s;

	if (panel->order != NULL && panel->n_order == panel->n_series)
		return;
	if (panel->order != NULL)
		pfree(panel->order);
	panel->order = NULL;
	panel->order = palloc_extended(mul_size(Max(panel->n_series, 1), sizeof(uint32)), MCXT_ALLOC_HUGE);
	panel->n_order = 0;
	for (s = 0; s < panel->n_series; s++)
		panel->order[s] = s;
	qsort_arg(panel->order, panel->n_series, sizeof(uint32), series_compare, panel->series);
	panel->n_order = panel->n_series;
}

void
panel_sort(Panel *panel)
{
	/* a sort of whole rows, from 17 on, asks for the flat size in a context that cannot free a chunk */
	MemoryContext old = MemoryContextSwitchTo(panel->hdr.eoh_context);
	uint32		s;

	panel->settled = false;
	panel->flat_size = 0;
	if (panel->move == NULL)
		pages_begin(panel);
	if (panel->move != NULL)
		pages_finish(panel);
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[s];
		Size		row = (Size) track->first * PANEL_PAGE;

		if (s % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (track->sorted)
			continue;
		panel_sort_rows(panel->ts + row, panel->value + row,
						panel->covariates > 0 ? panel->covariate + row * panel->covariates : NULL,
						panel->covariates, track->n);
		track->last_ts = panel->ts[row + track->n - 1];
		track->sorted = true;
	}
	series_order(panel);
	MemoryContextSwitchTo(old);
	panel->settled = true;
}
