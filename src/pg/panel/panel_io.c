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
 *	  and bytes in the client's encoding.  Version 2 has names: after the zone
 *	  for each covariate byte kind and text name, then int4 count and the texts of
 *	  categories; a category in a row is the number of its text, from 0.
 */
#include "pg/panel/panel_state.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/float.h"

#define BINARY_VERSION 1
#define BINARY_NAMED 2

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
names_receive(StringInfo in, Panel *panel)
{
	PanelNames *names = panel_names_create(panel->hdr.eoh_context, panel->covariates);
	int			words;
	int			i;

	if (panel->covariates < 1)
		binary_error("names are of a panel with covariates");
	for (i = 0; i < panel->covariates; i++)
	{
		int			kind = pq_getmsgbyte(in);
		char	   *name = text_receive(in, PANEL_MAX_NAME * 4);

		if (kind > PANEL_COLUMN_CATEGORY)
			binary_error("a kind of covariate is unknown");
		panel_names_set(names, i, name, strlen(name));
		names->kind[i] = (PanelColumnKind) kind;
	}
	words = (int) pq_getmsgint(in, 4);
	if (words < 0 || words > PANEL_MAX_WORDS)
		binary_error("too many texts of categories");
	for (i = 0; i < words; i++)
	{
		char	   *word = text_receive(in, PANEL_MAX_WORD * 4);

		panel_names_add_word(names, word, strlen(word));
		if (names->words != i + 1)
			binary_error("a text of a category occurs twice");
	}
	panel->names = names;
}

/* which covariates have a value, and which texts are in a row */
typedef struct NamesSeen
{
	bool		column[PANEL_MAX_COVARIATES];
	bool		word[PANEL_MAX_WORDS];
} NamesSeen;

/* A kind follows from the values, and a text is there because a row has it. */
static void
names_check_seen(Panel *panel, const NamesSeen *seen)
{
	int			i;

	for (i = 0; i < panel->covariates; i++)
		if (!seen->column[i])
			panel->names->kind[i] = PANEL_COLUMN_UNKNOWN;
	for (i = 0; i < panel->names->words; i++)
		if (!seen->word[i])
			binary_error("a text of a category is in no row");
}

/* Returns the number of a category in a row as its code. */
static double
category_checked(const Panel *panel, double number, NamesSeen *seen)
{
	if (isnan(number))
		return get_float8_nan();
	if (!(number >= 0 && number < panel->names->words) || number != floor(number))
		binary_error("a category has no text");
	seen->word[(int) number] = true;
	return panel->names->code[(int) number];
}

static void
series_receive(StringInfo in, Panel *panel, double *covariate, NamesSeen *seen)
{
	char	   *id = text_receive(in, PANEL_MAX_ID * 4);
	uint32		series = panel_new_series(panel, id);
	uint64		n = (uint64) pq_getmsgint64(in);
	Size		width = (2 + panel->covariates) * sizeof(double);
	uint64		i;
	int			k;

	if (!panel->has_id && *id != '\0')
		binary_error("an unnamed series has a name");
	if (n < 1 || n > (uint64) (in->len - in->cursor) / width)
		binary_error("a count of rows exceeds the bytes left");
	for (i = 0; i < n; i++)
	{
		int64		ts = pq_getmsgint64(in);
		double		value;

		panel_check_time(panel->time, ts, panel->has_id, panel->series[series].id);
		value = number_checked(panel, series, ts, pq_getmsgfloat8(in), "value");
		for (k = 0; k < panel->covariates; k++)
		{
			covariate[k] = number_checked(panel, series, ts, pq_getmsgfloat8(in), "covariate");
			if (panel->names == NULL || isnan(covariate[k]))
				continue;
			seen->column[k] = true;
			if (panel->names->kind[k] == PANEL_COLUMN_UNKNOWN)
				binary_error("a covariate of unknown kind has a value");
			if (panel->names->kind[k] == PANEL_COLUMN_CATEGORY)
				covariate[k] = category_checked(panel, covariate[k], seen);
		}
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
	NamesSeen  *seen = palloc0(sizeof(NamesSeen));

	if (version != BINARY_VERSION && version != BINARY_NAMED)
		binary_error("unknown format version");
	if (time > PANEL_INTEGER || has_id > 1)
		binary_error("bad header");
	covariates = (int32) pq_getmsgint(in, 4);
	panel_check_width(covariates);
	zone = text_receive(in, PANEL_MAX_ZONE);
	if ((time == PANEL_TIMESTAMPTZ) != (*zone != '\0'))
		binary_error("a time zone is required for timestamptz and for no other type of time");
	panel = panel_new(CurrentMemoryContext, time, has_id != 0, *zone ? panel_checked_zone(zone) : NULL, covariates);
	if (version == BINARY_NAMED)
		names_receive(in, panel);
	n = pq_getmsgint(in, 4);
	if (n < 1 || n > (uint32) (in->len - in->cursor) / (4 + 8 + 16))
		binary_error("the count of series exceeds the bytes left");

	covariate = palloc(Max(covariates, 1) * sizeof(double));
	for (s = 0; s < n; s++)
		series_receive(in, panel, covariate, seen);
	if (panel->names)
		names_check_seen(panel, seen);
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

static void
names_send(StringInfo out, const PanelNames *names)
{
	int			i;

	for (i = 0; i < names->n; i++)
	{
		pq_sendbyte(out, names->kind[i]);
		text_send(out, names->name[i]);
	}
	pq_sendint32(out, names->words);
	for (i = 0; i < names->words; i++)
		text_send(out, names->word[i]);
}

/* Writes a covariate: a category as the number of its text. */
static void
covariate_send(StringInfo out, const PanelNames *names, int k, double number)
{
	int			i = 0;

	if (names && names->kind[k] == PANEL_COLUMN_CATEGORY && !isnan(number))
	{
		while (i < names->words && names->code[i] != number)
			i++;
		number = i < names->words ? i : get_float8_nan();
	}
	pq_sendfloat8(out, number);
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
	pq_sendbyte(&out, view->names ? BINARY_NAMED : BINARY_VERSION);
	pq_sendbyte(&out, view->time);
	pq_sendbyte(&out, view->series[0].has_id);
	pq_sendint32(&out, view->covariates);
	text_send(&out, view->time_zone ? view->time_zone : "");
	if (view->names)
		names_send(&out, view->names);
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
				covariate_send(&out, view->names, k, *covariate++);
		}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}
