/*
 * panel_text.c
 *	  Text input and output of rnn_panel.
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
 * place of numbers for categories.  Numbers are the shortest that read back as themselves.  Input takes both
 * forms, and members, series and rows in any order.
 */
#include "pg/panel/panel_state.h"

#include "common/int.h"
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

#define TEXT_ROWS	16

/* ---- text out ---- */

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
covariates_parse(JsonCursor *in, Panel *panel, double *covariate)
{
	int			k;

	json_cursor_expect(in, '[', "an array of covariates");
	for (k = 0; k < panel->covariates; k++)
	{
		bool text;

		if (k > 0)
			json_cursor_expect(in, ',', "as many covariates as the panel has");
		text = panel->names && json_cursor_at(in, '"');

		if (text)
		{
			char	   *word = json_cursor_string(in, "covariate");

			covariate[k] = panel_names_add_word(panel->names, word, strlen(word));
			pfree(word);
		}
		else
			covariate[k] = number_parse(in, "covariate");
		if (panel->names)
			panel_names_set_kind(panel->names, k, text ? PANEL_COLUMN_CATEGORY : isnan(covariate[k]) ? PANEL_COLUMN_UNKNOWN :
								 PANEL_COLUMN_NUMBER, "a row");
	}
	json_cursor_expect(in, ']', "the end of the covariates");
}

static void
row_parse(JsonCursor *in, Panel *panel, uint32 series, double *covariate)
{
	int64		ts;
	double		value;

	json_cursor_expect(in, '[', "a row");
	ts = time_parse(in, panel->time);
	panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
	json_cursor_expect(in, ',', "a value after the time of a row");
	value = number_parse(in, "value");
	if (panel->covariates > 0)
	{
		json_cursor_expect(in, ',', "as many covariates as the panel has");
		covariates_parse(in, panel, covariate);
	}
	json_cursor_expect(in, ']', "the end of a row");
	panel_append(panel, series, ts, value, covariate);
}

static void
rows_parse(JsonCursor *in, Panel *panel, uint32 series, double *covariate)
{
	int64		i = 0;

	json_cursor_expect(in, '[', "an array of rows");
	if (json_cursor_accept(in, ']'))
		return;
	do
	{
		if (i++ % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		row_parse(in, panel, series, covariate);
	} while (json_cursor_accept(in, ','));
	json_cursor_expect(in, ']', "the end of the rows");
}

/* members of a series; a series has either rows, or first and values */
enum
{
	SERIES_ID, SERIES_ROWS, SERIES_FIRST, SERIES_UNIT, SERIES_STEPS, SERIES_VALUES, SERIES_COVARIATES,
	SERIES_MEMBERS
};
static const char *const series_members[SERIES_MEMBERS] = {
	"id", "rows", "first", "unit", "steps", "values", "covariates"
};

/* Returns the time of the next row. */
static int64
step_parse(JsonCursor *steps, int64 ts, int64 unit, bool separated)
{
	int64		step = 1;

	if (steps->at != NULL)
	{
		if (separated)
			json_cursor_expect(steps, ',', "as many steps as values after the first");
		step = json_cursor_integer(steps, "step");
	}
	if (step < 0 || pg_mul_s64_overflow(step, unit, &step) || pg_add_s64_overflow(ts, step, &ts))
		json_cursor_error(steps, "a time is out of range");
	return ts;
}

static void
columns_parse(JsonCursor *member, Panel *panel, uint32 series, double *covariate)
{
	JsonCursor *steps = &member[SERIES_STEPS];
	JsonCursor *values = &member[SERIES_VALUES];
	JsonCursor *covariates = &member[SERIES_COVARIATES];
	int64		unit = member[SERIES_UNIT].at != NULL ? json_cursor_integer(&member[SERIES_UNIT], "unit") : 0;
	int64		ts = time_parse(&member[SERIES_FIRST], panel->time);
	int64		i;

	if (unit < 0)
		json_cursor_error(&member[SERIES_UNIT], "unit must not be negative");
	json_cursor_expect(values, '[', "an array of values");
	if (steps->at != NULL)
		json_cursor_expect(steps, '[', "an array of steps");
	if (panel->covariates > 0)
		json_cursor_expect(covariates, '[', "an array of covariates");
	for (i = 0; i == 0 || json_cursor_accept(values, ','); i++)
	{
		double		value;

		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (i > 0)
			ts = step_parse(steps, ts, unit, i > 1);
		panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
		value = number_parse(values, "value");
		if (panel->covariates > 0)
		{
			if (i > 0)
				json_cursor_expect(covariates, ',', "covariates of each value");
			covariates_parse(covariates, panel, covariate);
		}
		panel_append(panel, series, ts, value, covariate);
	}
	json_cursor_expect(values, ']', "the end of the values");
	if (steps->at != NULL)
		json_cursor_expect(steps, ']', "the end of the steps");
	if (panel->covariates > 0)
		json_cursor_expect(covariates, ']', "the end of the covariates");
}

/* Reads the series at the cursor. */
static void
series_parse(JsonCursor *in, Panel *panel, double *covariate)
{
	JsonCursor	member[SERIES_MEMBERS];
	uint32		series;

	json_cursor_object(in, "a series", series_members, SERIES_MEMBERS, member);
	json_cursor_require(&member[SERIES_ID], in, "id");
	if (member[SERIES_VALUES].at == NULL)
		json_cursor_require(&member[SERIES_ROWS], in, "rows");
	else
		json_cursor_require(&member[SERIES_FIRST], in, "first");
	if ((member[SERIES_ROWS].at != NULL) == (member[SERIES_VALUES].at != NULL))
		json_cursor_error(in, "a series must have either rows or values");
	if (member[SERIES_VALUES].at != NULL && panel->covariates > 0)
		json_cursor_require(&member[SERIES_COVARIATES], in, "covariates");
	if (json_cursor_null(&member[SERIES_ID]) != !panel->has_id)
		json_cursor_error(&member[SERIES_ID], "either all or none of the series must have an id");
	series = panel_new_series(panel, panel->has_id ? json_cursor_string(&member[SERIES_ID], "id") : "");
	if (member[SERIES_ROWS].at != NULL)
		rows_parse(&member[SERIES_ROWS], panel, series, covariate);
	else
		columns_parse(member, panel, series, covariate);
	series_check_rows(panel, series);
}

/* Returns whether the series at the cursor has an id.  The cursor is a copy. */
static bool
series_has_id(JsonCursor in)
{
	JsonCursor	member[SERIES_MEMBERS];

	json_cursor_object(&in, "a series", series_members, SERIES_MEMBERS, member);
	json_cursor_require(&member[SERIES_ID], &in, "id");
	return !json_cursor_null(&member[SERIES_ID]);
}

static PanelTime
time_type_parse(JsonCursor *in)
{
	char	   *name = json_cursor_string(in, "time");
	int			i;

	for (i = 0; i <= PANEL_INTEGER; i++)
		if (strcmp(name, panel_time_type_name((PanelTime) i)) == 0)
			return (PanelTime) i;
	json_cursor_error(in, "time must be timestamptz, timestamp, date or bigint");
}

static PanelNames *
names_parse(JsonCursor *in, Panel *panel)
{
	PanelNames *names = panel_names_create(panel->hdr.eoh_context, panel->covariates);
	int			k;

	json_cursor_expect(in, '[', "an array of names");
	for (k = 0; k < panel->covariates; k++)
	{
		char	   *name;

		if (k > 0)
			json_cursor_expect(in, ',', "as many names as covariates");
		name = json_cursor_string(in, "name of a covariate");
		panel_names_set(names, k, name, strlen(name));
	}
	json_cursor_expect(in, ']', "the end of the names");
	return names;
}

Datum
rnn_panel_in(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"time", "time_zone", "covariates", "series", "names"};
	JsonCursor	in = json_cursor(PG_GETARG_CSTRING(0), "rnn_panel");
	JsonCursor	member[5];
	PanelTime	time;
	int64		covariates = 0;
	const char *zone = NULL;
	double	   *covariate;
	Panel	   *panel;

	json_cursor_object(&in, "a panel", names, 5, member);
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
	if (member[4].at != NULL && covariates > 0)
		panel->names = names_parse(&member[4], panel);
	else if (member[4].at != NULL)
		json_cursor_error(&member[4], "names are of a panel with covariates");
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
