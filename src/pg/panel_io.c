/*
 * panel_io.c
 *	  Binary and text input and output of rnn_panel.
 *
 * Both inputs take rows and series in any order and give the canonical panel;
 * both check every number, time and count before anything is kept.
 *
 * Binary (network byte order):
 *	  int8 version, int8 time, int8 has_id, int4 covariates, text zone,
 *	  int4 series, then for each: text id, int8 rows, rows x (int8 time,
 *	  float8 value, float8[covariates]); NaN is missing; text is int4 length
 *	  and bytes in the client's encoding.
 *
 * Text is JSON, the same whatever DateStyle, TimeZone and extra_float_digits:
 *	  {"time":"date","covariates":1,"series":[{"id":"a","rows":[["2020-01-01",1.5,[0]], ...]}, ...]}
 * with "time_zone" for timestamptz, "id":null for a single unnamed series and
 * null for what is missing.
 */
#include "pg/panel_state.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/panel_json.h"
#include "pgtime.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_panel_in);
PG_FUNCTION_INFO_V1(rnn_panel_out);
PG_FUNCTION_INFO_V1(rnn_panel_recv);
PG_FUNCTION_INFO_V1(rnn_panel_send);

static const char *const time_names[] = {"timestamptz", "timestamp", "date", "bigint"};

/* ---- what both inputs check ---- */

/* the canonical name of a zone, an error if it is unknown */
static const char *
checked_zone(const char *name)
{
	pg_tz	   *zone = strlen(name) <= PANEL_MAX_ZONE ? pg_tzset(name) : NULL;

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%.64s\" of a panel is not known", name)));
	return pg_get_timezone_name(zone);
}

static void
check_width(int64 covariates)
{
	if (covariates < 0 || covariates > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates of a panel must number between 0 and %d, not " INT64_FORMAT,
						PANEL_MAX_COVARIATES, covariates)));
}

/* a series that was not there yet */
static uint32
new_series(Panel *panel, const char *id)
{
	uint32		before = panel->n_series;
	uint32		series = panel_series(panel, id, strlen(id));

	if (series != before)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("series \"%s\" must occur only once in a panel", id)));
	if (!panel->has_id && series > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a panel of an unnamed series must have no other")));
	return series;
}

static void
check_not_empty(const Panel *panel, uint32 series)
{
	if (panel->series[series].n > 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 panel->has_id ? errmsg("series \"%s\" must have at least one row", panel->series[series].id) :
			 errmsg("a panel must have at least one row")));
}

/* NaN stands for missing; anything else must be finite */
static double
checked_number(const Panel *panel, uint32 series, int64 ts, double number, const char *what)
{
	if (isnan(number))
		return get_float8_nan();
	if (unlikely(isinf(number)))
		panel_check_number(number, what, panel_row_name(panel->has_id, panel->series[series].id,
														 panel_time_text(panel->time, ts)));
	return number + 0.0;
}

static Datum
finish(Panel *panel)
{
	if (panel->n_series == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a panel must have at least one series")));
	return EOHPGetRWDatum(&panel->hdr);
}

/* ---- binary ---- */

static void pg_attribute_noreturn()
bad_binary(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("binary panel is not valid: %s", detail)));
}

/* text with its length; bytes left are checked by the message reader */
static char *
receive_text(StringInfo in, int limit)
{
	int			len = pq_getmsgint(in, 4);
	int			bytes;

	if (len < 0 || len > limit || len > in->len - in->cursor)
		bad_binary("a name is too long");
	if (memchr(in->data + in->cursor, '\0', len) != NULL)
		bad_binary("a name has a zero byte");
	return pq_getmsgtext(in, len, &bytes);
}

static void
receive_series(StringInfo in, Panel *panel, double *covariate)
{
	uint32		series = new_series(panel, receive_text(in, PANEL_MAX_ID * 4));
	uint64		n = (uint64) pq_getmsgint64(in);
	Size		width = (2 + panel->covariates) * sizeof(double);
	uint64		i;
	int			k;

	if (n < 1 || n > (uint64) (in->len - in->cursor) / width)
		bad_binary("a count of rows exceeds the bytes left");
	for (i = 0; i < n; i++)
	{
		int64		ts = pq_getmsgint64(in);
		double		value;

		panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
		value = checked_number(panel, series, ts, pq_getmsgfloat8(in), "value");
		for (k = 0; k < panel->covariates; k++)
			covariate[k] = checked_number(panel, series, ts, pq_getmsgfloat8(in), "covariate");
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		panel_append(panel, series, ts, value, covariate);
	}
}

Datum
rnn_panel_recv(PG_FUNCTION_ARGS)
{
	StringInfo	in = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(in);
	int			time = pq_getmsgbyte(in);
	int			has_id = pq_getmsgbyte(in);
	int32		covariates;
	const char *zone;
	uint32		n,
				s;
	Panel	   *panel;
	double	   *covariate;

	if (version != PANEL_FLAT_VERSION)
		bad_binary("unknown format version");
	if (time > PANEL_INTEGER || has_id > 1)
		bad_binary("bad header");
	covariates = (int32) pq_getmsgint(in, 4);
	check_width(covariates);
	zone = receive_text(in, PANEL_MAX_ZONE);
	if ((time == PANEL_TIMESTAMPTZ) != (*zone != '\0'))
		bad_binary("a time zone belongs to timestamptz, and only there");
	n = pq_getmsgint(in, 4);
	if (n < 1 || n > (uint32) (in->len - in->cursor) / (4 + 8 + 16))
		bad_binary("the count of series exceeds the bytes left");

	panel = panel_new(CurrentMemoryContext, time, has_id != 0, *zone ? checked_zone(zone) : NULL, covariates);
	covariate = palloc(Max(covariates, 1) * sizeof(double));
	for (s = 0; s < n; s++)
		receive_series(in, panel, covariate);
	pq_getmsgend(in);
	PG_RETURN_DATUM(finish(panel));
}

/* text with its length, both in the client's encoding */
static void
send_text(StringInfo out, const char *text)
{
	int			len = strlen(text);
	char	   *converted = pg_server_to_client(text, len);

	if (converted != text)
		len = strlen(converted);
	pq_sendint32(out, len);
	pq_sendbytes(out, converted, len);
}

Datum
rnn_panel_send(PG_FUNCTION_ARGS)
{
	PanelView  *view = panel_view(PG_GETARG_DATUM(0));
	StringInfoData out;
	int64		s,
				i;
	int			k;

	pq_begintypsend(&out);
	pq_sendbyte(&out, PANEL_FLAT_VERSION);
	pq_sendbyte(&out, view->time);
	pq_sendbyte(&out, view->series[0].has_id);
	pq_sendint32(&out, view->covariates);
	send_text(&out, view->time_zone ? view->time_zone : "");
	pq_sendint32(&out, (uint32) view->n_series);
	for (s = 0; s < view->n_series; s++)
	{
		const PanelSeries *series = &view->series[s];
		const double *covariate = series->covariate;

		CHECK_FOR_INTERRUPTS();
		send_text(&out, series->id);
		pq_sendint64(&out, series->n);
		for (i = 0; i < series->n; i++)
		{
			pq_sendint64(&out, series->ts[i]);
			pq_sendfloat8(&out, series->value[i]);
			for (k = 0; k < view->covariates; k++)
				pq_sendfloat8(&out, *covariate++);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* ---- text out ---- */

static void
append_number(StringInfo out, double number)
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
append_row(StringInfo out, const PanelView *view, const PanelSeries *series, int64 i)
{
	char	   *time = panel_time_text_utc(view->time, series->ts[i]);
	int			k;

	appendStringInfo(out, view->time == PANEL_INTEGER ? "[%s," : "[\"%s\",", time);
	pfree(time);
	append_number(out, series->value[i]);
	for (k = 0; k < view->covariates; k++)
	{
		appendStringInfoString(out, k == 0 ? ",[" : ",");
		append_number(out, series->covariate[i * view->covariates + k]);
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
			append_row(&out, view, series, i);
			if (i % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		}
		appendStringInfoString(&out, "]}");
	}
	appendStringInfoString(&out, "]}");
	PG_RETURN_CSTRING(out.data);
}

/* ---- text in ---- */

static int64
parse_time(JsonCursor *in, PanelTime time)
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
parse_number(JsonCursor *in, const char *what)
{
	return json_cursor_null(in) ? get_float8_nan() : json_cursor_number(in, what) + 0.0;
}

static void
parse_row(JsonCursor *in, Panel *panel, uint32 series, double *covariate)
{
	int64		ts;
	double		value;
	int			k;

	json_cursor_expect(in, '[', "a row");
	ts = parse_time(in, panel->time);
	panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
	json_cursor_expect(in, ',', "a value after the time of a row");
	value = parse_number(in, "value");
	for (k = 0; k < panel->covariates; k++)
	{
		json_cursor_expect(in, ',', "as many covariates as the panel has");
		if (k == 0)
			json_cursor_expect(in, '[', "an array of covariates");
		covariate[k] = parse_number(in, "covariate");
	}
	if (panel->covariates > 0)
		json_cursor_expect(in, ']', "the end of the covariates");
	json_cursor_expect(in, ']', "the end of a row");
	panel_append(panel, series, ts, value, covariate);
}

/* the cursor stands at a series' object */
static void
parse_series(JsonCursor *in, Panel *panel, double *covariate)
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
	series = new_series(panel, panel->has_id ? json_cursor_string(&member[0], "id") : "");
	json_cursor_expect(&member[1], '[', "an array of rows");
	if (!json_cursor_accept(&member[1], ']'))
	{
		do
		{
			parse_row(&member[1], panel, series, covariate);
			if (i++ % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		} while (json_cursor_accept(&member[1], ','));
		json_cursor_expect(&member[1], ']', "the end of the rows");
	}
	check_not_empty(panel, series);
}

/* is the first series named?  The cursor is a copy. */
static bool
first_has_id(JsonCursor in)
{
	static const char *const names[] = {"id", "rows"};
	JsonCursor	member[2];

	json_cursor_object(&in, "a series", names, 2, member);
	json_cursor_require(&member[0], &in, "id");
	return !json_cursor_null(&member[0]);
}

static PanelTime
parse_time_type(JsonCursor *in)
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
	time = parse_time_type(&member[0]);
	if ((time == PANEL_TIMESTAMPTZ) != (member[1].at != NULL))
		json_cursor_error(&in, "time_zone belongs to timestamptz, and only there");
	if (member[1].at != NULL)
		zone = checked_zone(json_cursor_string(&member[1], "time_zone"));
	if (member[2].at != NULL)
		covariates = json_cursor_integer(&member[2], "covariates");
	check_width(covariates);

	json_cursor_expect(&member[3], '[', "an array of series");
	panel = panel_new(CurrentMemoryContext, time,
					  !json_cursor_at(&member[3], '{') || first_has_id(member[3]), zone, (int) covariates);
	covariate = palloc(Max(covariates, 1) * sizeof(double));
	if (!json_cursor_accept(&member[3], ']'))
	{
		do
			parse_series(&member[3], panel, covariate);
		while (json_cursor_accept(&member[3], ','));
		json_cursor_expect(&member[3], ']', "the end of the series");
	}
	PG_RETURN_DATUM(finish(panel));
}
