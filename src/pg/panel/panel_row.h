/*
 * panel_row.h
 *	  A row on its way into an aggregate's panel: its name in messages, its
 *	  numbers checked, its covariates from an array or an object.
 */
#ifndef FRNN_PG_PANEL_ROW_H
#define FRNN_PG_PANEL_ROW_H

#include "pg/panel/panel_state.h"

#include "utils/jsonb.h"

/* The types of a call's arguments, and where its state belongs; kept in fn_extra. */
typedef struct PanelCall
{
	PanelTime	time;
	bool		named;			/* covariates are an object */
	Oid			series_type;
	int16		series_len;
	bool		series_byval;
	FmgrInfo	series_out;
	MemoryContext query;		/* see panel_read_once_in */
} PanelCall;

/* What names a row in messages; text is made for errors only. */
typedef struct PanelRow
{
	PanelCall  *call;
	bool		has_id;
	Datum		series;
	int64		ts;
} PanelRow;

/* Returns the palloc'd text of the row's series, empty without one; and of series and time. */
extern char *panel_row_series(const PanelRow *row);
extern char *panel_row_text(const PanelRow *row);

/* Returns the number, with 0 for -0; an infinite one or NaN is an error.  what: its name in the message. */
static inline double
panel_row_number(double number, const char *what, const PanelRow *row)
{
	if (unlikely(!isfinite(number)))
		panel_check_number(number, what, panel_row_text(row));
	return number + 0.0;		/* -0 becomes 0 */
}

/* Returns the palloc'd numbers of an array of covariates, NULLs as NaN. */
extern double *panel_row_array(Datum datum, const PanelRow *row, int *count);

/*
 * Covariates by name: their number in an object; the names of the first row's
 * object, which become the panel's; and the palloc'd numbers of an object in the
 * order of the panel's names.  Other names, and values that are no number,
 * boolean, text or null, are an error.
 */
extern int	panel_row_object_count(Jsonb *object, const PanelRow *row);
extern void panel_row_object_names(Panel *panel, Jsonb *object);
extern double *panel_row_object(Panel *panel, Jsonb *object, const PanelRow *row);

#endif
