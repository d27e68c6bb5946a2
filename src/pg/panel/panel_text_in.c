/*
 * panel_text_in.c
 *	  Text input of rnn_panel, of the form that panel_text_out.c describes.
 *
 * The text is untrusted.  It is read without a tree, by cursors that stand at the
 * members of an object.
 */
#include "pg/panel/panel_state.h"

#include "common/int.h"
#include "miscadmin.h"
#include "pg/panel/panel_json.h"
#include "utils/float.h"

PG_FUNCTION_INFO_V1(rnn_panel_in);

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

/* Returns the time at the cursor: a number on an axis of numbers, else a text. */
static int64
time_parse(JsonCursor *in, PanelTime time)
{
	if (time == PANEL_INTEGER)
		return json_cursor_integer(in, "time");
	return panel_time_read(time, json_cursor_string(in, "time"));
}

/* Returns the number at the cursor; null is NaN, and -0 is 0. */
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

/* Members of a series, which has either rows, or first and values. */
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

/* Returns true if the series at the cursor has an id.  The cursor is a copy. */
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
