/*
 * plot_svg.c
 *	  Drawing of charts as SVG text: one chart per series, in a grid.
 *
 * The size of the result is bounded by the size of the picture: at most
 * max_series charts, and of the rows that share two pixels of the time axis at
 * most the first, the last, the lowest and the highest are drawn.  Own text is
 * ASCII, so that the result is valid in each server encoding.
 */
#include "pg/forecast/plot_chart.h"

#include <math.h>

#include "miscadmin.h"

#define TITLE_HEIGHT	30
#define LEGEND_HEIGHT	24
#define LEGEND_ROW		16
#define DIGIT			7.0		/* width of a digit of 11 pixels */
#define LABEL_HEIGHT	13.0
#define MARGIN			10

/* the whole picture */
typedef struct Picture
{
	int			charts;
	int			columns;
	double		width;
	double		chart_width;
	double		chart_height;
	double		top;			/* of the first chart */
	int			id;				/* of clip paths */
} Picture;

static const char style[] =
"<style>"
".frnn{font:11px sans-serif;fill:#57606a}"
".frnn .bg{fill:#fff}.frnn .t{font-weight:600;fill:#1f2328}.frnn .h{font-size:15px}"
".frnn .g{stroke:#d8dee4;fill:none}.frnn .n{stroke:#8c959f;stroke-dasharray:4 3;fill:none}"
".frnn .a{stroke:#424a53;fill:none;stroke-width:1.4}.frnn .f{stroke:#0969da;fill:none;stroke-width:1.8}"
".frnn .b{fill:#54aeff;fill-opacity:.3}.frnn .ad{fill:#424a53}.frnn .fd{fill:#0969da}.frnn .v{stroke:#bf8700;stroke-width:1.2;fill:none}"
"@media(prefers-color-scheme:dark){.frnn{fill:#9198a1}"
".frnn .bg{fill:#0d1117}.frnn .t{fill:#f0f6fc}.frnn .g{stroke:#2a313c}.frnn .n{stroke:#656c76}"
".frnn .a{stroke:#c9d1d9}.frnn .f{stroke:#58a6ff}.frnn .b{fill:#1f6feb;fill-opacity:.4}"
".frnn .ad{fill:#c9d1d9}.frnn .fd{fill:#58a6ff}.frnn .v{stroke:#d29922}}"
"</style>";

/* ---- axes ---- */

/* Widens low .. high to the finite values of the rows; bounds of intervals count up to three times that range. */
static void
rows_range(const PlotRow *row, int64 rows, double *low, double *high)
{
	double		bottom = INFINITY;
	double		top = -INFINITY;
	double		range;
	int64		i;
	int			line;

	for (line = 0; line < PLOT_LINES; line++)
	{
		if (line == PLOT_LOWER)
		{
			if (bottom > top)
				continue;
			*low = Min(*low, bottom);
			*high = Max(*high, top);
			range = Max(top - bottom, Max(fabs(top), fabs(bottom)) * 0.1);
			bottom -= 1.5 * range;
			top += 1.5 * range;
		}
		for (i = 0; i < rows; i++)
		{
			double		value = row[i].value[line];

			if (i % 4096 == 0)
				CHECK_FOR_INTERRUPTS();
			if (!isfinite(value))
				continue;
			if (line >= PLOT_LOWER)
			{
				value = Min(Max(value, bottom), top);
				*low = Min(*low, value);
				*high = Max(*high, value);
			}
			else
			{
				bottom = Min(bottom, value);
				top = Max(top, value);
			}
		}
	}
}

/*
 * Writes one of the two lines below the time axis at x, moved into the room
 * from .. to.  Returns false if it would touch the text before it, which ends at
 * *free.
 */
static bool
time_text(StringInfo out, const char *text, double x, double y, double from, double to, double *free)
{
	double		half = strlen(text) * DIGIT / 2;
	double		center = Min(x, to - half);

	/* at the left edge there is nothing before it */
	if (*free <= from)
		center = Max(center, from + half);
	if (center - half < *free)
		return false;
	*free = center + half + PLOT_CHARACTER;
	appendStringInfo(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", center, y, text);
	return true;
}

/* Draws ticks and labels.  from .. to: the room of labels of the time axis, which may be wider than the axis. */
static void
chart_axes(PlotChart *chart, double from, double to)
{
	StringInfo	out = chart->out;
	double		bottom = chart->top + chart->height;
	double		free = from;	/* end of the last label, and of the last text below labels */
	double		free_below = from;
	double		last_y = INFINITY;
	int			i;

	for (i = 0; i < chart->value.ticks; i++)
	{
		double		y = plot_chart_y(chart, chart->value.tick[i]);

		if (y > last_y - LABEL_HEIGHT)
			continue;
		last_y = y;
		appendStringInfo(out, "<path class=\"g\" d=\"M%.1f,%.1fh%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
						 chart->left, y, chart->width, chart->left - 5, y + 4, chart->value.label[i]);
	}
	for (i = 0; i < chart->time.ticks; i++)
	{
		double		x = chart->time.high > 0 ? chart->left + chart->time.tick[i] / chart->time.high * chart->width :
		chart->left + chart->width / 2;

		if (!time_text(out, chart->time.label[i], x, bottom + 15, from, to, &free))
			continue;
		appendStringInfo(out, "<path class=\"g\" d=\"M%.1f,%.1fv4\"/>", x, bottom);
		if (chart->time.context[i][0])
			(void) time_text(out, chart->time.context[i], x, bottom + 28, from, to, &free_below);
	}
}

/* ---- the picture ---- */

/* Returns the width of the longest label of an axis. */
static double
axis_label_width(const PlotAxis *axis)
{
	size_t		longest = 0;
	int			i;

	for (i = 0; i < axis->ticks; i++)
		longest = Max(longest, strlen(axis->label[i]));
	return longest * DIGIT;
}

/* Returns how many ticks a value axis of so many pixels has room for. */
static int
value_ticks(double height)
{
	return (int) Max(1, Min(5, height / 32));
}

static Picture
picture_layout(const PlotState *state, int charts)
{
	const PlotOptions *options = &state->options;
	Picture		picture = {0};

	picture.charts = charts;
	picture.columns = options->columns > 0 ? options->columns : charts <= 1 ? 1 : charts <= 4 ? 2 : charts <= 12 ? 3 :
		charts <= 40 ? 4 : 6;
	picture.columns = Max(1, Min(picture.columns, charts));
	picture.width = options->width > 0 ? options->width : picture.columns == 1 ? 760 : picture.columns <= 3 ? 980 : 1200;
	picture.chart_width = (picture.width - MARGIN) / picture.columns;
	picture.chart_height = options->height > 0 ? options->height : picture.columns == 1 ? 320 : picture.columns <= 3 ? 220 : 160;
	picture.top = MARGIN + (options->title ? TITLE_HEIGHT : 0);
	return picture;
}

/* Chooses the time axis; rows of folds may overlap. */
static void
chart_times(PlotChart *chart)
{
	int64		last = chart->row[0].time;
	int64		i;

	chart->start = last;
	for (i = 1; i < chart->rows; i++)
	{
		chart->start = Min(chart->start, chart->row[i].time);
		last = Max(last, chart->row[i].time);
	}
	plot_time_axis(&chart->time, chart->start, last, chart->state->integer, (int) (chart->width / 60));
}

/* Draws chart number `at` of the picture: the rows of one series. */
static void
picture_chart(Picture *picture, PlotChart *chart, int at, const char *name, const PlotAxis *shared)
{
	double		left = MARGIN + (at % picture->columns) * picture->chart_width;
	double		top = picture->top + (at / picture->columns) * picture->chart_height;
	double		title = name ? 20 : 6;
	double		low = INFINITY;
	double		high = -INFINITY;
	double		labels;
	StringInfo	out = chart->out;

	rows_range(chart->row, chart->rows, &low, &high);
	if (shared)
		chart->value = *shared;
	else
		plot_value_axis(&chart->value, low > high ? 0 : low, low > high ? 1 : high, value_ticks(picture->chart_height - title - 42));
	labels = axis_label_width(&chart->value) + 8;
	chart->left = left + labels;
	chart->top = top + title;
	chart->width = Max(20, picture->chart_width - labels - 24);
	chart->height = Max(20, picture->chart_height - title - 42);
	chart_times(chart);

	if (name)
		plot_text(out, chart->left, top + 13, " class=\"t\"", name, chart->width, 7.2);
	chart_axes(chart, left - MARGIN + 2, left + picture->chart_width - MARGIN);
	appendStringInfo(out, "<clipPath id=\"frnn%d-%d\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/></clipPath>"
					 "<g clip-path=\"url(#frnn%d-%d)\">", picture->id, at, chart->left - 3, chart->top - 3, chart->width + 6,
					 chart->height + 6, picture->id, at);
	plot_chart_band(chart);
	plot_chart_line(chart, PLOT_NAIVE, "n");
	plot_chart_line(chart, PLOT_ACTUAL, "a");
	plot_chart_line(chart, PLOT_FORECAST, "f");
	appendStringInfoString(out, "</g>");
}

/* Draws the legend of the lines that have values, in as many rows as it takes; returns its height. */
static double
picture_legend(const Picture *picture, const PlotState *state, const bool *has, StringInfo out)
{
	static const PlotLine line[] = {PLOT_ACTUAL, PLOT_FORECAST, PLOT_LOWER, PLOT_NAIVE};
	static const char *const class[] = {"a", "f", "b", "n"};
	static const char *const label[] = {"actual", "forecast", "interval", "naive forecast"};
	double		start = MARGIN + 8;
	double		x = start;
	double		y = picture->top + 8;
	int			i;

	for (i = 0; i < lengthof(line); i++)
	{
		const char *text = state->options.label[line[i]] ? state->options.label[line[i]] : label[i];
		double		width = Min(Max(plot_text_width(text), 3) * PLOT_CHARACTER, picture->width - start - 25 - MARGIN);

		if (!has[line[i]])
			continue;
		if (x > start && x + 25 + width > picture->width - MARGIN)
		{
			x = start;
			y += LEGEND_ROW;
		}
		if (line[i] == PLOT_LOWER)
			appendStringInfo(out, "<rect class=\"b\" x=\"%.1f\" y=\"%.1f\" width=\"20\" height=\"10\"/>", x, y - 5);
		else
			appendStringInfo(out, "<path class=\"%s\" d=\"M%.1f,%.1fh20\"/>", class[i], x, y);
		plot_text(out, x + 25, y + 4, "", text, width + 1, PLOT_CHARACTER);
		x += 25 + width + 18;
	}
	return y + LEGEND_HEIGHT - 8 - picture->top;
}

char	   *
plot_draw(const PlotState *state, const int *order, const int *place)
{
	int			charts = Min(state->names, state->options.max_series);
	int			hidden = state->names - charts + state->hidden;
	Picture		picture = picture_layout(state, charts);
	double		height;
	int64	   *first = palloc0(sizeof(int64) * (state->names + 1));
	bool		has[PLOT_LINES] = {false};
	PlotAxis	shared;
	StringInfoData out;
	StringInfoData legend;
	PlotChart	chart = {state, &out};
	double		low = INFINITY;
	double		high = -INFINITY;
	int64		i;
	int			k;

	for (i = 0; i < state->rows; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		first[place[state->row[i].series] + 1] = i + 1;
		for (k = 0; k < PLOT_LINES; k++)
			has[k] = has[k] || isfinite(state->row[i].value[k]);
		picture.id = (int) ((picture.id * 31 + state->row[i].time % 9973 + i) & 0xffffff);
	}
	if (state->options.shared_scale)
	{
		rows_range(state->row, first[charts], &low, &high);
		plot_value_axis(&shared, low > high ? 0 : low, low > high ? 1 : high, value_ticks(picture.chart_height - 62));
	}
	initStringInfo(&legend);
	picture.top += picture_legend(&picture, state, has, &legend);
	height = picture.top + ((charts + picture.columns - 1) / picture.columns) * picture.chart_height + (hidden > 0 ? 24 : MARGIN);
	initStringInfo(&out);
	appendStringInfo(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"frnn\" role=\"img\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">",
					 picture.width, height, picture.width, height);
	if (state->options.title)
	{
		appendStringInfoString(&out, "<title>");
		plot_escape(&out, state->options.title);
		appendStringInfoString(&out, "</title>");
	}
	appendStringInfoString(&out, style);
	appendStringInfoString(&out, "<rect class=\"bg\" width=\"100%\" height=\"100%\"/>");
	if (state->options.title)
		plot_text(&out, MARGIN + 8, MARGIN + 18, " class=\"t h\"", state->options.title, picture.width - 4 * MARGIN, 10);
	appendBinaryStringInfo(&out, legend.data, legend.len);
	for (k = 0; k < charts; k++)
	{
		chart.row = state->row + first[k];
		chart.rows = first[k + 1] - first[k];
		picture_chart(&picture, &chart, k, state->name[order[k]], state->options.shared_scale ? &shared : NULL);
	}
	if (hidden > 0)
		appendStringInfo(&out, "<text x=\"%d\" y=\"%.1f\">%d further series are not drawn</text>",
						 MARGIN + 8, height - 8, hidden);
	appendStringInfoString(&out, "</svg>");
	return out.data;
}
