/*
 * plot_lines.c
 *	  Lines and interval bands of one chart as SVG paths.
 *
 * Of the rows that share two pixels of the time axis at most the first, the
 * last, the lowest and the highest are drawn, so that a path is bounded by the
 * width of its chart.
 */
#include "pg/forecast/plot_chart.h"

#include <math.h>

#include "miscadmin.h"

#define BUCKET			2.0		/* pixels of the time axis */

static double
chart_x(const PlotChart *chart, int64 time)
{
	double		range = chart->time.high;

	return range > 0 ? chart->left + ((double) time - (double) chart->start) / range * chart->width :
		chart->left + chart->width / 2;
}

double
plot_chart_y(const PlotChart *chart, double value)
{
	double		y = chart->top + chart->height * (chart->value.high - value) / (chart->value.high - chart->value.low);

	/* values beyond the axis are clipped; the number stays short */
	return Min(Max(y, chart->top - 10000), chart->top + chart->height + 10000);
}

/* Returns true if row i starts a new part of a line: it is in another fold than row i - 1. */
static bool
chart_breaks(const PlotChart *chart, int64 i)
{
	return i > 0 && chart->state->folds && chart->row[i].fold != chart->row[i - 1].fold;
}

/* a path being written: the rows that share a bucket of pixels are reduced to four points */
typedef struct Path
{
	StringInfo	out;
	const char *class;
	bool		open;			/* an element has been started */
	bool		drawing;		/* within a part */
	int			points;			/* of the part */
	double		part_x;			/* first point of the part */
	double		part_y;
	double		bucket;			/* x of the bucket's first point */
	int			held;
	double		first_y;
	double		low_x;
	double		low_y;
	double		high_x;
	double		high_y;
	double		last_x;
	double		last_y;
} Path;

static void
path_point(Path *path, double x, double y)
{
	if (!path->open)
		appendStringInfo(path->out, "<path class=\"%s\" d=\"", path->class);
	path->open = true;
	appendStringInfo(path->out, "%s%.1f,%.1f", path->drawing ? "L" : "M", x, y);
	if (!path->drawing)
	{
		path->part_x = x;
		path->part_y = y;
		path->points = 0;
	}
	path->drawing = true;
	path->points++;
}

static void
path_flush(Path *path)
{
	if (path->held == 0)
		return;
	path_point(path, path->bucket, path->first_y);
	if (path->held > 1)
	{
		bool		low_first = path->low_x <= path->high_x;

		if (path->held > 3)
		{
			path_point(path, low_first ? path->low_x : path->high_x, low_first ? path->low_y : path->high_y);
			path_point(path, low_first ? path->high_x : path->low_x, low_first ? path->high_y : path->low_y);
		}
		else if (path->held == 3)
		{
			/* the middle point is the one that is neither the first nor the last */
			if (path->low_y < Min(path->first_y, path->last_y))
				path_point(path, path->low_x, path->low_y);
			else if (path->high_y > Max(path->first_y, path->last_y))
				path_point(path, path->high_x, path->high_y);
		}
		path_point(path, path->last_x, path->last_y);
	}
	path->held = 0;
}

static void
path_add(Path *path, double x, double y)
{
	if (path->held > 0 && x - path->bucket >= BUCKET)
		path_flush(path);
	if (path->held == 0)
	{
		path->bucket = path->low_x = path->high_x = x;
		path->first_y = path->low_y = path->high_y = y;
	}
	if (y < path->low_y)
	{
		path->low_x = x;
		path->low_y = y;
	}
	if (y > path->high_y)
	{
		path->high_x = x;
		path->high_y = y;
	}
	path->last_x = x;
	path->last_y = y;
	path->held++;
}

/* Ends a part; a part of one point becomes a short stroke, which round caps make visible. */
static void
path_end_part(Path *path)
{
	path_flush(path);
	if (path->drawing && path->points == 1)
		appendStringInfo(path->out, "m-1,0h2");
	path->drawing = false;
}

static void
path_end(Path *path)
{
	path_end_part(path);
	if (path->open)
		appendStringInfoString(path->out, "\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>");
}

/* Returns true if no line has a value in the row, or, in a back-test, the actual values have none. */
static bool
chart_is_gap(const PlotChart *chart, const PlotRow *row, PlotLine line)
{
	if (line == PLOT_ACTUAL && chart->state->folds)
		return !isfinite(row->value[PLOT_ACTUAL]);
	return !isfinite(row->value[PLOT_ACTUAL]) && !isfinite(row->value[PLOT_FORECAST]) && !isfinite(row->value[PLOT_NAIVE]);
}

void
plot_chart_line(const PlotChart *chart, PlotLine line, const char *class)
{
	Path		path = {chart->out, class};
	const PlotRow *last_actual = NULL;
	int64		latest = 0;
	int64		i;

	for (i = 0; i < chart->rows; i++)
	{
		const PlotRow *row = &chart->row[i];
		double		value = row->value[line];

		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (line == PLOT_FORECAST && !chart->state->folds)
		{
			/* the forecast starts at the last actual value */
			if (isfinite(row->value[PLOT_ACTUAL]))
				last_actual = row;
			else if (isfinite(value) && last_actual && !path.drawing && path.held == 0)
				path_add(&path, chart_x(chart, last_actual->time), plot_chart_y(chart, last_actual->value[PLOT_ACTUAL]));
		}
		/* actual values that folds share are drawn once */
		if (line == PLOT_ACTUAL && i > 0 && row->time <= latest)
			continue;
		latest = i > 0 ? Max(latest, row->time) : row->time;
		if (line != PLOT_ACTUAL && chart_breaks(chart, i))
			path_end_part(&path);
		if (isfinite(value))
			path_add(&path, chart_x(chart, row->time), plot_chart_y(chart, value));
		else if (chart_is_gap(chart, row, line))
			path_end_part(&path);
	}
	path_end(&path);
}

/* Draws one part of the interval band, rows from .. to, both with bounds. */
static void
chart_band_part(const PlotChart *chart, int64 from, int64 to)
{
	double		last = -INFINITY;
	int64		i;

	if (from == to)
	{
		double		x = chart_x(chart, chart->row[from].time);
		double		y = plot_chart_y(chart, chart->row[from].value[PLOT_UPPER]);

		appendStringInfo(chart->out, "M%.1f,%.1fh4V%.1fh-4Z", x - 2, y, plot_chart_y(chart, chart->row[from].value[PLOT_LOWER]));
		return;
	}
	for (i = from; i <= to; i++)
	{
		double		x = chart_x(chart, chart->row[i].time);

		if (i > from && i < to && x - last < BUCKET / 2)
			continue;
		appendStringInfo(chart->out, "%s%.1f,%.1f", i == from ? "M" : "L", x, plot_chart_y(chart, chart->row[i].value[PLOT_UPPER]));
		last = x;
	}
	last = INFINITY;
	for (i = to; i >= from; i--)
	{
		double		x = chart_x(chart, chart->row[i].time);

		if (i > from && i < to && last - x < BUCKET / 2)
			continue;
		appendStringInfo(chart->out, "L%.1f,%.1f", x, plot_chart_y(chart, chart->row[i].value[PLOT_LOWER]));
		last = x;
	}
	appendStringInfoChar(chart->out, 'Z');
}

static bool
row_has_band(const PlotRow *row)
{
	return isfinite(row->value[PLOT_LOWER]) && isfinite(row->value[PLOT_UPPER]);
}

void
plot_chart_band(const PlotChart *chart)
{
	bool		open = false;
	int64		i = 0;

	while (i < chart->rows)
	{
		int64		to;

		CHECK_FOR_INTERRUPTS();
		if (!row_has_band(&chart->row[i]))
		{
			i++;
			continue;
		}
		for (to = i; to + 1 < chart->rows && row_has_band(&chart->row[to + 1]) && !chart_breaks(chart, to + 1); to++)
			;
		if (!open)
			appendStringInfoString(chart->out, "<path class=\"b\" d=\"");
		open = true;
		chart_band_part(chart, i, to);
		i = to + 1;
	}
	if (open)
		appendStringInfoString(chart->out, "\"/>");
}
