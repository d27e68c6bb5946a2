/*
 * panel_state.h
 *	  Inside a panel: the expanded object that the aggregates append to, and
 *	  the flat form.  Only the panel_*.c files include this.
 *
 * Rows live in pages of PANEL_PAGE rows; page k is the k-th slice of each of
 * the arrays ts, value and covariate, which all series share.  A series is a
 * chain of pages.  So appending to any of thousands of series in any order
 * costs no allocation of its own, at most one page per series is partly empty,
 * and the arrays grow by realloc, which moves large blocks by remapping them
 * rather than by copying.  "Settling" a panel permutes its pages in place
 * until each series is contiguous and sorts the rows of each: a reader then
 * sees plain arrays, and no row was held twice.
 *
 * Rows from other processes arrive in flat form and are kept so, as parts,
 * until rows are needed.  That is half the size, and by then the buffers they
 * came through are gone.  The leader's own partial state is not flattened:
 * a ticket goes through the plan in its place.
 *
 * Everything is allocated in the object's own context, a child of the
 * aggregate's.
 *
 * Files, lowest first: panel (rows), panel_sort_rows, panel_sort,
 * panel_flat_write, panel_flat_read, panel_partial (parts, tickets, draining),
 * panel_object (the object in any state), then panel_time, panel_row, panel_agg
 * and panel_combine, panel_io, panel_text_out, panel_text_in, panel_equal.
 */
#ifndef FRNN_PG_PANEL_STATE_H
#define FRNN_PG_PANEL_STATE_H

#include <limits.h>
#include <math.h>

#include "pg/panel/panel.h"
#include "nodes/pg_list.h"
#include "utils/expandeddatum.h"

#define PANEL_PAGE				16
#define PANEL_MAX_COVARIATES	1024
#define PANEL_MAX_ID			8191	/* bytes of a series' id */
#define PANEL_MAX_SERIES		INT_MAX
#define PANEL_MAX_ZONE			255 /* TZ_STRLEN_MAX; its length is one byte */
#define PANEL_INTERRUPT_EVERY	4096	/* rows, pages or series between two checks for interrupts */
#define PANEL_COPY_AT_ONCE		1048576 /* numbers copied or compared between two */
#define PANEL_NO_KEY			PG_UINT16_MAX	/* so long a key, too, is not kept beside its series */
#define PANEL_MAX_NAME			255 /* bytes of a covariate's name */
#define PANEL_MAX_WORD			255 /* bytes of a category's text */
#define PANEL_MAX_WORDS			1000	/* texts of a panel */
#define PANEL_FLAT_VERSION		3
#define PANEL_TICKET_VERSION	255 /* in the header's place: rows is the ticket */

typedef struct PanelTrack		/* one series; 48 bytes, as each row needs it */
{
	int64		n;
	int64		last_ts;
	const char *id;
	union						/* key of the first argument that stood for it */
	{
		uint64		head;		/* up to 8 bytes */
		const char *bytes;		/* longer ones */
	}			key;
	uint32		first,			/* pages */
				last;
	uint32		follower;		/* series of the row that last came after one of this series; at first, this series */
	uint16		key_len;		/* PANEL_NO_KEY: there is none */
	uint16		id_len:15,
				sorted:1;		/* rows are in order as they stand */
} PanelTrack;

struct panel_ids_hash;

typedef struct PanelKey			/* bytes of a series argument, or of its text */
{
	const char *bytes;
	uint64		head;			/* the first eight, zeros after the last */
	uint32		len;
	uint32		hash;
} PanelKey;

typedef struct Panel
{
	ExpandedObjectHeader hdr;

	PanelTime	time;
	bool		has_id;
	char	   *time_zone;		/* NULL unless timestamptz */
	int			covariates;
	PanelNames *names;			/* of the covariates, or NULL */
	int64		rows;

	uint32		n_pages,
				max_pages;
	uint32	   *next;			/* (max_pages): the page after */
	int64	   *ts;				/* (max_pages, PANEL_PAGE) */
	double	   *value;			/* (max_pages, PANEL_PAGE) */
	double	   *covariate;		/* (max_pages, PANEL_PAGE, covariates) or NULL */

	uint32		n_series,
				max_series;
	PanelTrack *series;			/* in order of appearance */
	struct panel_ids_hash *by_id;	/* text to series */

	/* series arguments that the transition function was called with */
	Oid			raw_type;
	struct panel_ids_hash *by_raw;	/* bytes of the datum to series */
	uint32		raw_series;		/* series of the last one */
	uint32		wrong;			/* guesses in a row of the series that follows */

	bool		settled;		/* all rows in pages, pages and rows in order; order[] valid */
	bool		drained;		/* a partial state whose rows are elsewhere now; it is not read again */
	struct PanelMove *move;		/* pages that an error left half moved, or NULL */

	List	   *parts;			/* of PanelFlat: rows to be appended */
	Size		part_bytes;		/* of those that are not freed */
	Size		name_bytes;		/* of the series, their names included */
	int			absorbed;		/* parts that are appended and freed */
	bool		absorbing;		/* an error ended the appending of a part */
	int64		rows_before;	/* rows without that part */

	/* a partial state below a Gather, which is read once; NULL: it is none */
	MemoryContext query;		/* of the whole query */
	int64		ticket;			/* 0: none given */
	uint32	   *order;			/* (n_series) by id */
	uint32		n_order;
	Size		flat_size;		/* 0: not known */
	Size		code_bytes;		/* part of it */
	struct PanelSteps *steps;	/* (n_series) while it is known */
} Panel;

/*
 * The flat form, canonical: series by the bytes of their id, rows by time,
 * then value (NaN last), then covariates; -0 is 0 and there is one NaN.
 *
 *	  PanelFlat
 *	  PanelFlatSeries[n_series]
 *	  double value[rows]; double covariate[rows][covariates]
 *	  codes of the times
 *	  time zone, names of covariates (each after the digit of its kind), texts of
 *	  categories, then the ids, each followed by a zero byte
 *
 * Times are counted in the largest unit that divides all differences between
 * neighbors of the series.  A code is such a count, the lowest seven bits
 * first, each byte but the last with the eighth bit set; so most take a byte.
 * A series whose differences are all the same has none.
 */
typedef struct PanelFlatSeries
{
	int64		first;			/* time of the first row */
	uint64		unit;
	uint32		n;				/* rows, at least 1 */
	uint16		id_len;			/* without the zero byte */
	uint16		even;			/* 1: rows are one unit apart, no codes */
} PanelFlatSeries;

typedef struct PanelFlat
{
	int32		vl_len_;		/* varlena header (do not touch directly!) */
	uint8		version;
	uint8		time;
	uint8		has_id;
	uint8		zone_len;		/* without the zero byte; 0: no zone, no zero byte */
	int32		covariates;
	uint32		n_series;
	int64		rows;
	int64		code_bytes;
	int32		names;			/* of covariates: all or none */
	int32		words;			/* texts of categories */
} PanelFlat;

/* What panels to be combined must share, and a row to name in messages. */
typedef struct PanelKind
{
	PanelTime	time;
	bool		has_id;
	int			covariates;
	const PanelNames *names;
	const char *zone;
	const char *first_id;
	int64		first_ts;
} PanelKind;

/* ---- panel_names.c ---- */

/* Returns names for n covariates in that context, to be set in order. */
extern PanelNames *panel_names_create(MemoryContext context, int n);
extern void panel_names_set(PanelNames *names, int i, const char *name, int len);
extern PanelNames *panel_names_copy(MemoryContext context, const PanelNames *from);

/* Sets the kind of column i; an error, which names the row, if it has had values of another kind. */
extern void panel_names_set_kind(PanelNames *names, int i, PanelColumnKind kind, const char *where);

/* Returns the code of a text, which is kept if it is new. */
extern double panel_names_add_word(PanelNames *names, const char *word, int len);

/* Raises an error unless name i is that one; NULL: there is no further name. */
extern void panel_names_check(const PanelNames *names, int i, const char *name, int len, const char *where);

/* Adds kinds and texts; other names are an error. */
extern void panel_names_merge(PanelNames *names, const PanelNames *from, const char *where);
extern bool panel_names_equal(const PanelNames *a, const PanelNames *b);

/*
 * The flat form: its bytes, after the texts are sorted; writes it and returns the
 * end; reads it and moves *text behind it, or returns NULL if it is not valid.
 */
extern Size panel_names_flat_size(PanelNames *names);
extern char *panel_names_flat_write(const PanelNames *names, char *text);
extern PanelNames *panel_names_flat_read(int n, int words, const char **text, const char *end);

/* ---- panel.c ---- */

/* Returns an empty panel whose context is a child of `parent`; zone is copied (NULL: none). */
extern Panel *panel_create(MemoryContext parent, const ExpandedObjectMethods *methods,
						   PanelTime time, bool has_id, const char *zone, int covariates);

/* Returns the key of bytes, which it points to. */
extern PanelKey panel_key(const char *bytes, Size len);

/* Returns the series of that id, which is made if it is new. */
extern uint32 panel_series(Panel *panel, const char *id, uint32 id_len);

/* Returns the series of that raw key, or -1; and records that it is `series`. */
extern int64 panel_find_raw(Panel *panel, const PanelKey *key);
extern void panel_note_raw(Panel *panel, const PanelKey *key, uint32 series);

/* Raises an error if `bytes` more than the panel's pages exceed panel_max_memory. */
extern void panel_check_memory(const Panel *panel, Size bytes);

/* Makes room for `rows` more rows of `series` series. */
extern void panel_reserve(Panel *panel, int64 rows, uint32 series);
extern void panel_add_page(Panel *panel, PanelTrack *series);

/* Returns a view whose series are not set yet; and appends all rows of a view. */
extern PanelView *panel_new_view(PanelTime time, const char *zone, int covariates, int64 rows, int64 n_series);
extern void panel_append_view(Panel *panel, const PanelView *view);

/* ---- panel_sort_rows.c: the n rows of one series in order; covariate: (n, width), NULL if width is 0 ---- */
extern void panel_sort_rows(int64 *ts, double *value, double *covariate, int width, int64 n);

/* ---- panel_sort.c: pages, rows and series in order; needs no parts ---- */
extern void panel_sort(Panel *panel);

/* ---- panel_flat_write.c ---- */

/* How the times of a series are counted; see PanelFlatSeries. */
typedef struct PanelSteps
{
	uint64		unit;
	bool		even;
} PanelSteps;

/*
 * Sets the unit of a series' times; returns the bytes of their codes.
 * Differences are unsigned because their range may exceed int64.
 */
extern Size panel_measure_times(const int64 *ts, int64 n, PanelSteps *steps);

/* Returns the bytes of a settled panel, and writes them. */
extern Size panel_flat_size(Panel *panel);
extern void panel_flat_write(const Panel *panel, PanelFlat *flat);

/* ---- panel_flat_read.c: all is validated ---- */

/* Returns the view of the bytes; its arrays are in the bytes or in the current context. */
extern PanelView *panel_flat_view(const PanelFlat *flat);
extern void panel_flat_kind(const PanelFlat *flat, PanelKind *kind);

/* Appends all rows but the first `skip`. */
extern void panel_append_flat(Panel *panel, const PanelFlat *flat, int64 skip);

/* ---- panel_partial.c ---- */

/*
 * The query's context if the call makes a partial state of a parallel plan that
 * is read once, by that combine function; else NULL.
 */
extern MemoryContext panel_read_once_in(FunctionCallInfo fcinfo, PGFunction combine);
extern bool panel_combines_partial(FunctionCallInfo fcinfo);

/* Return true for a partial state that is combined in this process, and for one that is sent to another. */
extern bool panel_stays_here(const Panel *panel);
extern bool panel_leaves_here(const Panel *panel);

/* Writes bytes that stand for the object; returns the object that they stand for, once, or NULL if they are no ticket. */
extern void panel_give_ticket(Panel *panel, PanelFlat *flat);
extern Panel *panel_redeem(const PanelFlat *flat);

/* Moves a partial state to `parent`, as a panel like any other. */
extern void panel_adopt(Panel *panel, MemoryContext parent);

/* Copies bytes to be appended later; appends them all. */
extern void panel_add_part(Panel *panel, const PanelFlat *flat);
extern void panel_absorb(Panel *panel);

/* Frees the rows of a partial state, which are elsewhere now. */
extern void panel_drain(Panel *panel);

/* ---- panel_object.c ---- */
extern Panel *panel_new(MemoryContext parent, PanelTime time, bool has_id, const char *zone, int covariates);

/* Returns the object behind a datum, or NULL if the datum is flat. */
extern Panel *panel_expanded(Datum datum);

/* Returns the panel in `parent` that may be appended to: the datum's own if it lives there, else a copy. */
extern Panel *panel_writable(Datum datum, MemoryContext parent);

/* Appends parts and sorts; and returns the view of the settled object. */
extern void panel_settle(Panel *panel);
extern PanelView *panel_object_view(Panel *panel);

extern void panel_object_kind(Panel *panel, PanelKind *kind);
extern void panel_append_object(Panel *panel, Panel *from);

/* ---- panel_time.c: names of types of time; checks whose messages name series and time ---- */
extern const char *panel_time_type_name(PanelTime time);
extern char *panel_row_name(bool has_id, const char *id, const char *when);
extern void panel_check_number(double number, const char *what, const char *where);
extern bool panel_time_is_finite(PanelTime time, int64 ts);

/* Returns the palloc'd text of a time, timestamptz in UTC whatever the session's zone. */
extern char *panel_time_text_utc(PanelTime time, int64 ts);

/* ---- panel_agg.c: the aggregate's context; an error if no aggregate calls ---- */
extern MemoryContext panel_aggregate_context(FunctionCallInfo fcinfo, const char *function);

/* ---- panel_combine.c: the combine function, which panel_read_once_in asks for ---- */
extern Datum rnn_panel_combine(PG_FUNCTION_ARGS);

/* ---- panel_io.c: checks that both inputs share ---- */
extern const char *panel_checked_zone(const char *name);	/* its canonical name */
extern void panel_check_width(int64 covariates);
extern uint32 panel_new_series(Panel *panel, const char *id);	/* an error if it exists */
extern Datum panel_finish(Panel *panel);

static inline void
panel_append(Panel *panel, uint32 series, int64 ts, double value, const double *covariate)
{
	PanelTrack *track = &panel->series[series];
	uint32		slot = track->n % PANEL_PAGE;
	Size		row;

	if (slot == 0)
		panel_add_page(panel, track);
	row = (Size) track->last * PANEL_PAGE + slot;
	panel->ts[row] = ts;
	panel->value[row] = value;
	if (panel->covariates > 0 && covariate == NULL)
		elog(ERROR, "a row of a panel with covariates has none");
	if (panel->covariates > 0)
		memcpy(panel->covariate + row * panel->covariates, covariate, panel->covariates * sizeof(double));
	if (track->n > 0 && ts <= track->last_ts)
		track->sorted = false;
	track->last_ts = ts;
	track->n++;
	panel->rows++;
	panel->settled = false;
}

#endif
