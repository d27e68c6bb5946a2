/*
 * panel_text.c
 *	  Text input and output of rnn_panel.
 *
 * Text is JSON, the same whatever DateStyle, TimeZone and extra_float_digits:
 *	  {"time":"date","covariates":1,"series":[{"id":"a","rows":[["2020-01-01",1.5,[0]], ...]}, ...]}
 * with "time_zone" for timestamptz (whose times are written in UTC), "id":null
 * for a single unnamed series and null for a missing number.  Numbers are the
 * shortest that read back as themselves.  Input takes members, series and
 * rows in any order.
 */
#include "pg/panel/panel_state.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pg/panel/panel_json.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_panel_in);
PG_FUNCTION_INFO_V1(rnn_panel_out);

static const char *const time_names[] = {"timestamptz", "timestamp", "date", "bigint"};

/* ---- text out ---- */

static void
number_append(StringInfo out, double number)
{
	char		text[DOUBLE_SHORTEST_DECIMAL_LEN];

	if (isnan(number))
	{
		appendStringInfoString(out, "null");
		return;
	}
	double_to_shortest_decimal_buf(number, text);
	appendStringInfoString(out, text);
}

static void
row_append(StringInfo out, const PanelView *view, const PanelSeries *series, int64 i)
{
	char	   *time = panel_time_text_utc(view->time, series->ts[i]);
	int			k;

	appendStringInfo(out, view->time == PANEL_INTEGER ? "[%s," : "[\"%s\",", time);
	pfree(time);
	number_append(out, series->value[i]);
	for (k = 0; k < view->covariates; k++)
	{
		appendStringInfoString(out, k == 0 ? ",[" : ",");
		number_append(out, series->covariate[i * view->covariates + k]);
	}
	appendStringInfoString(out, view->covariates > 0 ? "]]" : "]");
}

Datum
rnn_panel_out(PG_FUNCTION_ARGS)
{
	PanelView  *view = panel_view(PG_GETARG_DATUM(0));
	StringInfoData out;
	int64		s,
				i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"time\":\"%s\",", time_names[view->time]);
	if (view->time_zone != NULL)
	{
		appendStringInfoString(&out, "\"time_zone\":");
		escape_json(&out, view->time_zone);
		appendStringInfoChar(&out, ',');
	}
	appendStringInfo(&out, "\"covariates\":%d,\"series\":[", view->covariates);
	for (s = 0; s < view->n_series; s++)
	{
		const PanelSeries *series = &view->series[s];

		appendStringInfoString(&out, s > 0 ? ",{\"id\":" : "{\"id\":");
		if (series->has_id)
			escape_json(&out, series->id);
		else
			appendStringInfoString(&out, "null");
		appendStringInfoString(&out, ",\"rows\":[");
		for (i = 0; i < series->n; i++)
		{
			if (i > 0)
				appendStringInfoChar(&out, ',');
			row_append(&out, view, series, i);
			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		}
		appendStringInfoString(&out, "]}");
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

/* ---- text in ---- */

static void
series_check_rows(const Panel *panel, uint32 series)
{
	if (panel->series[series].n > 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 panel->has_id ? errmsg("series \"%s\" must have at least one row", panel->series[series].id) :
			 errmsg("a panel must have at least one row")));
}

static int64
time_parse(JsonCursor *in, PanelTime time)
{
	char	   *text;

	if (time == PANEL_INTEGER)
		return json_cursor_integer(in, "time");
	text = json_cursor_string(in, "time");
	switch (time)
	{
		case PANEL_TIMESTAMPTZ:
			return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
														   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		case PANEL_TIMESTAMP:
			return DatumGetTimestamp(DirectFunctionCall3(timestamp_in, CStringGetDatum(text),
														 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		default:
			return DatumGetDateADT(DirectFunctionCall1(date_in, CStringGetDatum(text)));
	}
}

static double
number_parse(JsonCursor *in, const char *what)
{
	return json_cursor_null(in) ? get_float8_nan() : json_cursor_number(in, what) + 0.0;
}

static void
row_parse(JsonCursor *in, Panel *panel, uint32 series, double *covariate)
{
	int64		ts;
	double		value;
	int			k;

	json_cursor_expect(in, '[', "a row");
	ts = time_parse(in, panel->time);
	panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
	json_cursor_expect(in, ',', "a value after the time of a row");
	value = number_parse(in, "value");
	for (k = 0; k < panel->covariates; k++)
	{
		json_cursor_expect(in, ',', "as many covariates as the panel has");
		if (k == 0)
			json_cursor_expect(in, '[', "an array of covariates");
		covariate[k] = number_parse(in, "covariate");
	}
	if (panel->covariates > 0)
		json_cursor_expect(in, ']', "the end of the covariates");
	json_cursor_expect(in, ']', "the end of a row");
	panel_append(panel, series, ts, value, covariate);
}

/* Reads the series at the cursor. */
static void
series_parse(JsonCursor *in, Panel *panel, double *covariate)
{
	static const char *const names[] = {"id", "rows"};
	JsonCursor	member[2];
	uint32		series;
	int64		i = 0;

	json_cursor_object(in, "a series", names, 2, member);
	json_cursor_require(&member[0], in, "id");
	json_cursor_require(&member[1], in, "rows");
	if (json_cursor_null(&member[0]) != !panel->has_id)
		json_cursor_error(&member[0], "either all or none of the series must have an id");
	series = panel_new_series(panel, panel->has_id ? json_cursor_string(&member[0], "id") : "");
	json_cursor_expect(&member[1], '[', "an array of rows");
	if (!json_cursor_accept(&member[1], ']'))
	{
		do
		{
			row_parse(&member[1], panel, series, covariate);
			if (i++ % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		} while (json_cursor_accept(&member[1], ','));
		json_cursor_expect(&member[1], ']', "the end of the rows");
	}
	series_check_rows(panel, series);
}

/* Returns whether the series at the cursor has an id.  The cursor is a copy. */
static bool
series_has_id(JsonCursor in)
{
	static const char *const names[] = {"id", "rows"};
	JsonCursor	member[2];

	json_cursor_object(&in, "a series", names, 2, member);
	json_cursor_require(&member[0], &in, "id");
	return !json_cursor_null(&member[0]);
}

static PanelTime
time_type_parse(JsonCursor *in)
{
	char	   *name = json_cursor_string(in, "time");
	int			i;

	for (i = 0; i < (int) lengthof(time_names); i++)
		if (strcmp(name, time_names[i]) == 0)
			return (PanelTime) i;
	json_cursor_error(in, "time must be timestamptz, timestamp, date or bigint");
}

Datum
rnn_panel_in(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"time", "time_zone", "covariates", "series"};
	JsonCursor	in = json_cursor(PG_GETARG_CSTRING(0), "rnn_panel");
	JsonCursor	member[4];
	PanelTime	time;
	int64		covariates = 0;
	const char *zone = NULL;
	double	   *covariate;
	Panel	   *panel;

	json_cursor_object(&in, "a panel", names, 4, member);
	json_cursor_end(&in);
	json_cursor_require(&member[0], &in, "time");
	json_cursor_require(&member[3], &in, "series");
	time = time_type_parse(&member[0]);
	if ((time == PANEL_TIMESTAMPTZ) != (member[1].at != NULL))
		json_cursor_error(&in, "time_zone is required for timestamptz and for no other type of time");
	if (member[1].at != NULL)
		zone = panel_checked_zone(json_cursor_string(&member[1], "time_zone"));
	if (member[2].at != NULL)
		covariates = json_cursor_integer(&member[2], "covariates");
	panel_check_width(covariates);

	json_cursor_expect(&member[3], '[', "an array of series");
	panel = panel_new(CurrentMemoryContext, time,
					  !json_cursor_at(&member[3], '{') || series_has_id(member[3]), zone, (int) covariates);
	covariate = palloc(Max(covariates, 1) * sizeof(double));
	if (!json_cursor_accept(&member[3], ']'))
	{
		do
			series_parse(&member[3], panel, covariate);
		while (json_cursor_accept(&member[3], ','));
		json_cursor_expect(&member[3], ']', "the end of the series");
	}
	PG_RETURN_DATUM(panel_finish(panel));
}
