/*
 * panel.h
 *	  A panel: many time series as one value, type rnn_panel.
 *
 * In memory it is an expanded object that aggregates append to; on disk a
 * validated flat form.  This header is what every reader of panels uses.
 */
#ifndef FRNN_PG_PANEL_H
#define FRNN_PG_PANEL_H

#include "pg/server/compat.h"

typedef enum PanelTime
{
	PANEL_TIMESTAMPTZ,			/* int64 microseconds, UTC */
	PANEL_TIMESTAMP,			/* int64 microseconds, wall clock */
	PANEL_DATE,					/* days, PostgreSQL's DateADT */
	PANEL_INTEGER
} PanelTime;

/* what the values of a named covariate are */
typedef enum PanelColumnKind
{
	PANEL_COLUMN_UNKNOWN,		/* all missing */
	PANEL_COLUMN_NUMBER,
	PANEL_COLUMN_CATEGORY		/* texts: rows have their codes */
} PanelColumnKind;

/* names of covariates, and the texts of categories */
typedef struct PanelNames
{
	MemoryContext context;
	int			n;				/* covariates */
	char	  **name;			/* (n) in the order of the keys of jsonb */
	PanelColumnKind *kind;		/* (n) */
	int			words;
	int			max_words;
	char	  **word;			/* (words) */
	double	   *code;			/* (words) */
	int			last_word;
} PanelNames;

/* Returns the code of a category's text in the rows; and the text of a code, or NULL. */
extern double panel_word_code(const char *word);
extern const char *panel_word(const PanelNames *names, double code);

typedef struct PanelSeries
{
	const char *id;				/* text of the series argument; "" for a single series without one */
	bool		has_id;			/* false: rnn_panel(ts, value) */
	int64		n;				/* rows, sorted by time (ties in value order, NaN last) */
	const int64 *ts;			/* (n) */
	const double *value;		/* (n), NaN = NULL */
	const double *covariate;	/* (n, covariates), NaN = NULL; NULL if there are none */
} PanelSeries;

typedef struct PanelView
{
	PanelTime	time;
	const char *time_zone;		/* timestamptz: zone of the session that made it; else NULL */
	int			covariates;		/* numbers per row */
	const PanelNames *names;	/* of the covariates, or NULL */
	int64		rows;
	int64		n_series;
	PanelSeries *series;		/* sorted by id (C collation) */
} PanelView;

/* forecast_rnn.max_panel_memory: kilobytes that the rows of one panel may take; 0: no limit */
extern int	panel_max_memory;

/*
 * A sorted view of a panel datum; arrays live in the panel or the current
 * context.  Works on expanded and flat datums without flattening.
 */
extern PanelView *panel_view(Datum panel);

/* Returns the numbers of series and rows of a panel without reading its rows. */
extern void panel_size(Datum panel, int64 *series, int64 *rows);

/* Returns the palloc'd text of a time, for messages and output: "2020-01-01 00:00:00+00". */
extern char *panel_time_text(PanelTime time, int64 ts);

/* Returns the time that a text stands for, as the type's input function reads it; it may be infinite. */
extern int64 panel_time_read(PanelTime time, char *text);

/* Raises an error if the time is infinite or out of range; id: of the series, if it has one. */
extern void panel_check_time(PanelTime time, int64 ts, bool has_id, const char *id);

#endif
