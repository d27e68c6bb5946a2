/*
 * panel_text_out.c
 *	  Text output of rnn_panel, and the form of the text.
 *
 * Text is JSON, the same whatever DateStyle, TimeZone and extra_float_digits:
 *	  {"time":"date","covariates":1,"series":[{"id":"a","rows":[["2020-01-01",1.5,[0]], ...]}, ...]}
 * with "time_zone" for timestamptz (whose times are written in UTC), "id":null
 * for a single unnamed series and null for a missing number.  A series of more
 * than TEXT_ROWS rows is written by columns, a fifth of the bytes:
 *	  {"id":"a","first":"2020-01-01","unit":1,"steps":[1,1,3],"values":[1.5,2,null,3],"covariates":[[0],[0],[1],[0]]}
 * where a step is the time since the row before in units (days of a date,
 * microseconds of a timestamp), and steps that are all 1 are left out.
 * A panel whose covariates have names has them as "names":["price","city"], and texts in the
 * place of numbers for categories.  Numbers are the shortest that read back as themselves.  Input
 * (panel_text_in.c) takes both forms, and members, series and rows in any order.
 */
#include "pg/panel/panel_state.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/json.h"

PG_FUNCTION_INFO_V1(rnn_panel_out);

#define TEXT_ROWS	16			/* of a series written row by row */

static void
number_append(StringInfo out, double number)
{
	char text[	DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(number))
	{
		appendStringInfoString(out, "null");
		return;
	}
	double_to_shortest_decimal_buf(number, text);
	appendStringInfoString(out, text);
}

static void
time_append(StringInfo out, PanelTime time, int64 ts)
{
	char	   *text = panel_time_text_utc(time, ts);

	appendStringInfo(out, time == PANEL_INTEGER ? "%s" : "\"%s\"", text);
	pfree(text);
}

static void
covariates_append(StringInfo out, const PanelSeries *series, int64 i, const PanelView *view)
{
	int			covariates = view->covariates;
	int			k;

	for (k = 0; k < covariates; k++)
	{
		double		number = series->covariate[i * covariates + k];
		const char *word = view->names && view->names->kind[k] == PANEL_COLUMN_CATEGORY ? panel_word(view->names, number) : NULL;

		appendStringInfoChar(out, k == 0 ? '[' : ',');
		if (word)
			escape_json(out, word);
		else
			number_append(out, number);
	}
	appendStringInfoChar(out, ']');
}

static void
row_append(StringInfo out, const PanelView *view, const PanelSeries *series, int64 i)
{
	appendStringInfoChar(out, '[');
	time_append(out, view->time, series->ts[i]);
	appendStringInfoChar(out, ',');
	number_append(out, series->value[i]);
	if (view->covariates > 0)
	{
		appendStringInfoChar(out, ',');
		covariates_append(out, series, i, view);
	}
	appendStringInfoChar(out, ']');
}

static void
rows_append(StringInfo out, const PanelView *view, const PanelSeries *series)
{
	int64		i;

	appendStringInfoString(out, "\"rows\":[");
	for (i = 0; i < series->n; i++)
	{
		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoChar(out, ',');
		row_append(out, view, series, i);
	}
	appendStringInfoChar(out, ']');
}

static void
steps_append(StringInfo out, const PanelSeries *series, uint64 unit)
{
	int64		i;

	appendStringInfoString(out, ",\"steps\":[");
	for (i = 1; i < series->n; i++)
	{
		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		appendStringInfo(out, i == 1 ? UINT64_FORMAT : "," UINT64_FORMAT,
						 ((uint64) series->ts[i] - (uint64) series->ts[i - 1]) / unit);
	}
	appendStringInfoChar(out, ']');
}

static void
columns_append(StringInfo out, const PanelView *view, const PanelSeries *series, const PanelSteps *steps)
{
	int64		i;

	appendStringInfoString(out, "\"first\":");
	time_append(out, view->time, series->ts[0]);
	appendStringInfo(out, ",\"unit\":" UINT64_FORMAT, steps->unit);
	if (!steps->even)
		steps_append(out, series, steps->unit);
	appendStringInfoString(out, ",\"values\":[");
	for (i = 0; i < series->n; i++)
	{
		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoChar(out, ',');
		number_append(out, series->value[i]);
	}
	appendStringInfoChar(out, ']');
	if (view->covariates == 0)
		return;
	appendStringInfoString(out, ",\"covariates\":[");
	for (i = 0; i < series->n; i++)
	{
		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoChar(out, ',');
		covariates_append(out, series, i, view);
	}
	appendStringInfoChar(out, ']');
}

static void
series_append(StringInfo out, const PanelView *view, const PanelSeries *series)
{
	PanelSteps	steps;

	appendStringInfoString(out, "{\"id\":");
	if (series->has_id)
		escape_json(out, series->id);
	else
		appendStringInfoString(out, "null");
	appendStringInfoChar(out, ',');
	/* input reads steps as bigint: a range beyond it is written by rows */
	if (series->n > TEXT_ROWS &&
		(uint64) series->ts[series->n - 1] - (uint64) series->ts[0] <= (uint64) PG_INT64_MAX)
	{
		(void) panel_measure_times(series->ts, series->n, &steps);
		columns_append(out, view, series, &steps);
	}
	else
		rows_append(out, view, series);
	appendStringInfoChar(out, '}');
}

static void
names_append(StringInfo out, const PanelNames *names)
{
	int			k;

	for (k = 0; names && k < names->n; k++)
	{
		appendStringInfoString(out, k == 0 ? "\"names\":[" : ",");
		escape_json(out, names->name[k]);
	}
	if (names)
		appendStringInfoString(out, "],");
}

Datum
rnn_panel_out(PG_FUNCTION_ARGS)
{
	PanelView  *view = panel_view(PG_GETARG_DATUM(0));
	StringInfoData out;
	int64		s;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"time\":\"%s\",", panel_time_type_name(view->time));
	if (view->time_zone != NULL)
	{
		appendStringInfoString(&out, "\"time_zone\":");
		escape_json(&out, view->time_zone);
		appendStringInfoChar(&out, ',');
	}
	appendStringInfo(&out, "\"covariates\":%d,", view->covariates);
	names_append(&out, view->names);
	appendStringInfoString(&out, "\"series\":[");
	for (s = 0; s < view->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		if (s > 0)
			appendStringInfoChar(&out, ',');
		series_append(&out, view, &view->series[s]);
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}
