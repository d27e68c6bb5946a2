/*
 * panel_time.c
 *	  Times of a panel as text, and checks whose messages name series and time.
 */
#include "pg/panel/panel_state.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

/* ---- text ---- */

const char *
panel_time_type_name(PanelTime time)
{
	static const char *const names[] = {"timestamptz", "timestamp", "date", "bigint"};

	return names[time];
}

/* Times in the session's zone, or in UTC. */
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

char	   *
panel_time_text(PanelTime time, int64 ts)
{
	return time_text(time, ts, false);
}

char	   *
panel_time_text_utc(PanelTime time, int64 ts)
{
	return time_text(time, ts, true);
}

int64
panel_time_read(PanelTime time, char *text)
{
	Datum		literal = CStringGetDatum(text);

	switch (time)
	{
		case PANEL_TIMESTAMPTZ:
			return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, literal, ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		case PANEL_TIMESTAMP:
			return DatumGetTimestamp(DirectFunctionCall3(timestamp_in, literal, ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		case PANEL_DATE:
			return DatumGetDateADT(DirectFunctionCall1(date_in, literal));
		case PANEL_INTEGER:
			break;
	}
	return DatumGetInt64(DirectFunctionCall1(int8in, literal));
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

/* Returns a row's name for messages: series "a" at 2020-01-01, or the row at 2020-01-01. */
char	   *
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
				 errhint("Use NULL for a missing number.")));
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
