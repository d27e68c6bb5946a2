/*
 * panel_io.c
 *	  Binary input and output of rnn_panel, and the checks that binary and
 *	  text input share.
 *
 * Both inputs take rows and series in any order and give the canonical panel;
 * both check every number, time and count before anything is kept.
 *
 * Binary (network byte order):
 *	  byte version, byte time, byte has_id, int4 covariates, text zone,
 *	  int4 series, then for each: text id, int8 rows, rows x (int8 time,
 *	  float8 value, float8[covariates]); NaN is missing; text is int4 length
 *	  and bytes in the client's encoding.
 */
#include "pg/panel/panel_state.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/float.h"

#define BINARY_VERSION 1

PG_FUNCTION_INFO_V1(rnn_panel_recv);
PG_FUNCTION_INFO_V1(rnn_panel_send);

/* ---- checks that both inputs share ---- */

/* Returns the canonical name of a zone; an unknown zone is an error. */
const char *
panel_checked_zone(const char *name)
{
	pg_tz	   *zone = strlen(name) <= PANEL_MAX_ZONE ? pg_tzset(name) : NULL;

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" of a panel is not known",
						pnstrdup(name, pg_mbcliplen(name, strlen(name), 64)))));
	return pg_get_timezone_name(zone);
}

void
panel_check_width(int64 covariates)
{
	if (covariates < 0 || covariates > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("covariates of a panel must number between 0 and %d, not " INT64_FORMAT,
						PANEL_MAX_COVARIATES, covariates)));
}

/* Returns a new series; one that exists already is an error. */
uint32
panel_new_series(Panel *panel, const char *id)
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

/* Returns the number; NaN means missing, any other number must be finite. */
static double
number_checked(const Panel *panel, uint32 series, int64 ts, double number, const char *what)
{
	if (isnan(number))
		return get_float8_nan();
	if (unlikely(isinf(number)))
		panel_check_number(number, what, panel_row_name(panel->has_id, panel->series[series].id,
														panel_time_text(panel->time, ts)));
	return number + 0.0;
}

Datum
panel_finish(Panel *panel)
{
	if (panel->n_series == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("a panel must have at least one series")));
	return EOHPGetRWDatum(&panel->hdr);
}

/* ---- binary ---- */

static void pg_attribute_noreturn()
binary_error(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("binary panel is not valid: %s", detail)));
}

/* Reads a length and that many bytes of text. */
static char *
text_receive(StringInfo in, int limit)
{
	int			len = pq_getmsgint(in, 4);
	int			bytes;

	if (len < 0 || len > limit || len > in->len - in->cursor)
		binary_error("a name is too long");
	if (memchr(in->data + in->cursor, '\0', len) != NULL)
		binary_error("a name has a zero byte");
	return pq_getmsgtext(in, len, &bytes);
}

static void
series_receive(StringInfo in, Panel *panel, double *covariate)
{
	uint32		series = panel_new_series(panel, text_receive(in, PANEL_MAX_ID * 4));
	uint64		n = (uint64) pq_getmsgint64(in);
	Size		width = (2 + panel->covariates) * sizeof(double);
	uint64		i;
	int			k;

	if (n < 1 || n > (uint64) (in->len - in->cursor) / width)
		binary_error("a count of rows exceeds the bytes left");
	for (i = 0; i < n; i++)
	{
		int64		ts = pq_getmsgint64(in);
		double		value;

		panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
		value = number_checked(panel, series, ts, pq_getmsgfloat8(in), "value");
		for (k = 0; k < panel->covariates; k++)
			covariate[k] = number_checked(panel, series, ts, pq_getmsgfloat8(in), "covariate");
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

	if (version != BINARY_VERSION)
		binary_error("unknown format version");
	if (time > PANEL_INTEGER || has_id > 1)
		binary_error("bad header");
	covariates = (int32) pq_getmsgint(in, 4);
	panel_check_width(covariates);
	zone = text_receive(in, PANEL_MAX_ZONE);
	if ((time == PANEL_TIMESTAMPTZ) != (*zone != '\0'))
		binary_error("a time zone is required for timestamptz and for no other type of time");
	n = pq_getmsgint(in, 4);
	if (n < 1 || n > (uint32) (in->len - in->cursor) / (4 + 8 + 16))
		binary_error("the count of series exceeds the bytes left");

	panel = panel_new(CurrentMemoryContext, time, has_id != 0, *zone ? panel_checked_zone(zone) : NULL, covariates);
	covariate = palloc(Max(covariates, 1) * sizeof(double));
	for (s = 0; s < n; s++)
		series_receive(in, panel, covariate);
	pq_getmsgend(in);
	PG_RETURN_DATUM(panel_finish(panel));
}

/* Writes a length and text, in the client's encoding. */
static void
text_send(StringInfo out, const char *text)
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
	pq_sendbyte(&out, BINARY_VERSION);
	pq_sendbyte(&out, view->time);
	pq_sendbyte(&out, view->series[0].has_id);
	pq_sendint32(&out, view->covariates);
	text_send(&out, view->time_zone ? view->time_zone : "");
	pq_sendint32(&out, (uint32) view->n_series);
	for (s = 0; s < view->n_series; s++)
	{
		const PanelSeries *series = &view->series[s];
		const double *covariate = series->covariate;

		CHECK_FOR_INTERRUPTS();
		text_send(&out, series->id);
		pq_sendint64(&out, series->n);
		for (i = 0; i < series->n; i++)
		{
			if (i % PANEL_INTERRUPT_EVERY == 0)
				CHECK_FOR_INTERRUPTS();
			pq_sendint64(&out, series->ts[i]);
			pq_sendfloat8(&out, series->value[i]);
			for (k = 0; k < view->covariates; k++)
				pq_sendfloat8(&out, *covariate++);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}
