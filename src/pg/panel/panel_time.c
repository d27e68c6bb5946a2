/*
 * panel_view.c
 *	  How readers see a panel: sorted arrays a series, without flattening an
 *	  object; text of its times; equality.
 */
#include "pg/panel/panel_state.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_panel_eq);
PG_FUNCTION_INFO_V1(rnn_panel_ne);

PanelView *
panel_new_view(PanelTime time, const char *zone, int covariates, int64 rows, int64 n_series)
{
	PanelView  *view = palloc(sizeof(PanelView));

	view->time = time;
	view->time_zone = zone;
	view->covariates = covariates;
	view->rows = rows;
	view->n_series = n_series;
	view->series = MemoryContextAllocHuge(CurrentMemoryContext,
										  mul_size(Max(n_series, 1), sizeof(PanelSeries)));
	return view;
}

PanelView *
panel_object_view(Panel *panel)
{
	PanelView  *view;
	uint32		s;

	panel_settle(panel);
	view = panel_new_view(panel->time, panel->time_zone, panel->covariates, panel->rows, panel->n_series);
	for (s = 0; s < panel->n_series; s++)
	{
		PanelTrack *track = &panel->series[panel->order[s]];
		Size		row = (Size) track->first * PANEL_PAGE;

		view->series[s].id = track->id;
		view->series[s].has_id = panel->has_id;
		view->series[s].n = track->n;
		view->series[s].ts = panel->ts + row;
		view->series[s].value = panel->value + row;
		view->series[s].covariate = panel->covariates > 0 ? panel->covariate + row * panel->covariates : NULL;
	}
	return view;
}

PanelView *
panel_view(Datum datum)
{
	Panel	   *panel = panel_expanded(datum);

	if (panel != NULL)
		return panel_object_view(panel);
	return panel_flat_view((PanelFlat *) PG_DETOAST_DATUM(datum));
}

/* ---- times ---- */

static char *
time_text(PanelTime time, int64 ts, bool utc)
{
	char	   *text = palloc0(MAXDATELEN + 1);
	struct pg_tm tm;
	fsec_t		fsec = 0;
	int			tz = 0;
	const char *tzn = NULL;
	bool		ok = true;

	memset(&tm, 0, sizeof(tm));
	switch (time)
	{
		case PANEL_TIMESTAMPTZ:
			ok = timestamp2tm(ts, utc ? NULL : &tz, &tm, &fsec, utc ? NULL : &tzn, NULL) == 0;
			if (utc)
				tm.tm_isdst = 0;
			if (ok)
				EncodeDateTime(&tm, fsec, true, tz, tzn, USE_ISO_DATES, text);
			break;
		case PANEL_TIMESTAMP:
			ok = timestamp2tm(ts, NULL, &tm, &fsec, NULL, NULL) == 0;
			if (ok)
				EncodeDateTime(&tm, fsec, false, 0, NULL, USE_ISO_DATES, text);
			break;
		case PANEL_DATE:
			ok = ts >= -POSTGRES_EPOCH_JDATE && ts < DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
			if (ok)
			{
				j2date((int) ts + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
				EncodeDateOnly(&tm, USE_ISO_DATES, text);
			}
			break;
		case PANEL_INTEGER:
			snprintf(text, MAXDATELEN, INT64_FORMAT, ts);
			break;
	}
	if (!ok)
		snprintf(text, MAXDATELEN, "time " INT64_FORMAT, ts);
	return text;
}

char *
panel_time_text(PanelTime time, int64 ts)
{
	return time_text(time, ts, false);
}

char *
panel_time_text_utc(PanelTime time, int64 ts)
{
	return time_text(time, ts, true);
}

/* ---- checks ---- */

bool
panel_time_is_finite(PanelTime time, int64 ts)
{
	switch (time)
	{
		case PANEL_TIMESTAMPTZ:
		case PANEL_TIMESTAMP:
			return IS_VALID_TIMESTAMP(ts);
		case PANEL_DATE:
			return ts >= -POSTGRES_EPOCH_JDATE && ts < DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
		case PANEL_INTEGER:
			break;
	}
	return true;
}

/* how messages call a row: series "a" at 2020-01-01, or the row at 2020-01-01 */
char *
panel_row_name(bool has_id, const char *id, const char *when)
{
	return has_id ? psprintf("series \"%s\" at %s", id, when) : psprintf("the row at %s", when);
}

void
panel_check_number(double number, const char *what, const char *where)
{
	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s of %s must be a finite number, not %s", what, where,
						isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity"),
				 errhint("Use NULL for what is missing.")));
}

void
panel_check_time(PanelTime time, int64 ts, bool has_id, const char *id)
{
	bool		low = ts < 0;

	if (panel_time_is_finite(time, ts))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 has_id ? errmsg("time of series \"%s\" must be finite, not %s", id, low ? "-infinity" : "infinity") :
			 errmsg("time must be finite, not %s", low ? "-infinity" : "infinity")));
}

/* ---- equality: the canonical forms are the same bytes ---- */

static bool
same_series(const PanelSeries *a, const PanelSeries *b, int covariates)
{
	return a->n == b->n && a->has_id == b->has_id && strcmp(a->id, b->id) == 0 &&
		memcmp(a->ts, b->ts, a->n * sizeof(int64)) == 0 &&
		memcmp(a->value, b->value, a->n * sizeof(double)) == 0 &&
		(covariates == 0 || memcmp(a->covariate, b->covariate, a->n * covariates * sizeof(double)) == 0);
}

static bool
same_panels(Datum datum_a, Datum datum_b)
{
	PanelView  *a = panel_view(datum_a);
	PanelView  *b = panel_view(datum_b);
	int64		s;

	if (a->time != b->time || a->covariates != b->covariates ||
		a->rows != b->rows || a->n_series != b->n_series ||
		strcmp(a->time_zone ? a->time_zone : "", b->time_zone ? b->time_zone : "") != 0)
		return false;
	for (s = 0; s < a->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!same_series(&a->series[s], &b->series[s], a->covariates))
			return false;
	}
	return true;
}

Datum
rnn_panel_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_panels(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
rnn_panel_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_panels(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}
