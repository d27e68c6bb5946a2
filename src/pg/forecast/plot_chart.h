/*
 * plot_chart.h
 *	  One chart of a picture, and what draws its text, lines and bands.
 */
#ifndef FRNN_PG_PLOT_CHART_H
#define FRNN_PG_PLOT_CHART_H

#include "pg/forecast/plot.h"

#define PLOT_CHARACTER	6.4		/* mean width of a character of 11 pixels */

/* one chart */
typedef struct PlotChart
{
	const PlotState *state;
	StringInfo	out;
	const PlotRow *row;
	int64		rows;
	PlotAxis	time;
	PlotAxis	value;
	int64		start;			/* first time */
	double		left;			/* of the plotting area, in the picture */
	double		top;
	double		width;
	double		height;
} PlotChart;

/* Returns the width of a text in characters of mean width. */
extern double plot_text_width(const char *text);

/* Appends a text element; a text that is cut to the width ends in an ellipsis and shows whole as a tooltip. */
extern void plot_text(StringInfo out, double x, double y, const char *attributes, const char *text, double width, double character);

/* Returns the y of a value; values far beyond the axis stay within 10000 pixels of it. */
extern double plot_chart_y(const PlotChart *chart, double value);

/* Draws one line of the chart; rows without any value break it. */
extern void plot_chart_line(const PlotChart *chart, PlotLine line, const char *class);

/* Draws the interval band of the rows that have both bounds. */
extern void plot_chart_band(const PlotChart *chart);

#endif
