/*
 * plot.h
 *	  Charts of series as SVG text: the rows that rnn_plot and rnn_plot_backtest
 *	  collect, their axes, and the drawing.
 */
#ifndef FRNN_PG_PLOT_H
#define FRNN_PG_PLOT_H

#include "pg/server/compat.h"
#include "lib/stringinfo.h"

#define PLOT_MAX_SERIES		200
#define PLOT_MAX_TICKS		64

/* the lines of a chart */
typedef enum PlotLine
{
	PLOT_ACTUAL,
	PLOT_FORECAST,
	PLOT_NAIVE,
	PLOT_LOWER,
	PLOT_UPPER,
	PLOT_LINES
} PlotLine;

typedef struct PlotRow
{
	int			series;			/* index in PlotState.name */
	int			fold;			/* forecasts of different folds are not joined */
	int64		time;			/* timestamptz, or the index of an integer axis */
	double		value[PLOT_LINES];	/* NAN if absent */
} PlotRow;

typedef struct PlotOptions
{
	char	   *title;
	int			width;			/* pixels; 0: by the number of series */
	int			height;			/* pixels of one chart; 0: by the number of series */
	int			columns;		/* charts beside each other; 0: by the number of series */
	int			max_series;
	bool		shared_scale;	/* one value axis for all series */
	char	   *label[PLOT_LINES];	/* legend; LOWER: the interval */
} PlotOptions;

typedef struct PlotState
{
	MemoryContext context;
	PlotRow    *row;			/* in order of series, fold and time when drawn */
	int64		rows;
	int64		room;
	char	  **name;			/* (series) NULL for a series without a name */
	int			names;
	int			hidden;			/* further series that have no rows here */
	int			name_room;
	struct HTAB *index;			/* of names */
	int			unnamed;		/* one more than the number of the series without a name, 0 if there is none */
	bool		integer;		/* axis of integers */
	bool		folds;			/* rows are of a back-test */
	bool		has_options;
	PlotOptions options;
} PlotState;

/* a value axis or a time axis: limits and labelled ticks */
typedef struct PlotAxis
{
	double		low;
	double		high;
	int			ticks;
	double		tick[PLOT_MAX_TICKS];
	char		label[PLOT_MAX_TICKS][32];
	char		context[PLOT_MAX_TICKS][32];	/* a second line: the day or year, where it changes */
} PlotAxis;

/* Returns an empty picture in a memory context of its own below parent. */
extern PlotState *plot_create(MemoryContext parent);

/* Returns the index of a series; NULL names the series without a name, which is not that of the empty name. */
extern int	plot_series(PlotState *state, const char *name);

/* Adds a row without values. */
extern PlotRow *plot_add_row(PlotState *state, int series, int fold, int64 time);

/* Returns the indexes of names in the order in which people sort them. */
extern int *plot_names_order(char **name, int names);

/* Sorts the rows in place, which an aggregate may continue to fill, and draws them. */
extern char *plot_finish(const PlotState *state);

/* Chooses about `wanted` ticks at round numbers and widens the limits to the outer ticks. */
extern void plot_value_axis(PlotAxis *axis, double low, double high, int wanted);

/* Chooses up to `most` ticks between two times, at round times of the session's time zone or round integers. */
extern void plot_time_axis(PlotAxis *axis, int64 low, int64 high, bool integer, int most);

/* The same for times alone, whose limits plot_time_axis has set. */
extern void plot_calendar_axis(PlotAxis *axis, int64 low, int64 high, int most);

/* Appends text with the characters escaped that are special in XML; those that XML excludes become U+FFFD. */
extern void plot_escape(StringInfo out, const char *text);

/* Returns the text, cut to the width with an ellipsis at its end if it is too long; not escaped. */
extern char *plot_cut(const char *text, double width, double character, bool *cut);

/*
 * Returns the SVG of the rows in the current memory context.  Rows are in order
 * of series, fold and time.  order: the series in their order; place: its inverse.
 */
extern char *plot_draw(const PlotState *state, const int *order, const int *place);

#endif
