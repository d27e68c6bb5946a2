/*
 * panel_row.c
 *	  The numbers of a row on its way into an aggregate's panel.
 *
 * Errors name the series and the time of the row.
 */
#include "pg/panel/panel_row.h"

#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"

char	   *
panel_row_series(const PanelRow *row)
{
	return row->has_id ? OutputFunctionCall(&row->call->series_out, row->series) : "";
}

char	   *
panel_row_text(const PanelRow *row)
{
	return panel_row_name(row->has_id, panel_row_series(row), panel_time_text(row->call->time, row->ts));
}

double	   *
panel_row_array(Datum datum, const PanelRow *row, int *count)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	double	   *given = (double *) ARR_DATA_PTR(array);
	bits8	   *known = ARR_NULLBITMAP(array);
	double	   *numbers;
	int			i;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("covariates of %s must be a one-dimensional array, not one of %d dimensions",
						panel_row_text(row), ARR_NDIM(array))));
	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (*count > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates of %s must have at most %d elements, not %d",
						panel_row_text(row), PANEL_MAX_COVARIATES, *count)));
	numbers = palloc(Max(*count, 1) * sizeof(double));
	for (i = 0; i < *count; i++)
	{
		if (known != NULL && (known[i / 8] & (1 << (i % 8))) == 0)
			numbers[i] = get_float8_nan();
		else
			numbers[i] = panel_row_number(*given++, "covariate", row);
	}
	return numbers;
}

/* ---- covariates by name ---- */

int
panel_row_object_count(Jsonb *object, const PanelRow *row)
{
	int			count;

	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("covariates of %s must be a JSON object of names and values", panel_row_text(row)),
				 errhint("Make it by jsonb_build_object('promo', promo, 'price', price), or from the row by to_jsonb(t) - 'value'.")));
	count = JB_ROOT_COUNT(object);
	if (count > PANEL_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates of %s must have at most %d elements, not %d",
						panel_row_text(row), PANEL_MAX_COVARIATES, count)));
	return count;
}

void
panel_row_object_names(Panel *panel, Jsonb *object)
{
	PanelNames *names = panel_names_create(panel->hdr.eoh_context, panel->covariates);
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			i = 0;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		if (token == WJB_KEY)
			panel_names_set(names, i++, v.val.string.val, v.val.string.len);
	panel->names = names;
}

/* Returns the number that to_jsonb() writes as that text, because JSON has none; 0: it is a text. */
static double
not_finite(const char *text, int len)
{
	return len == 3 && memcmp(text, "NaN", 3) == 0 ? get_float8_nan() :
		len == 8 && memcmp(text, "Infinity", 8) == 0 ? get_float8_infinity() :
		len == 9 && memcmp(text, "-Infinity", 9) == 0 ? -get_float8_infinity() : 0;
}

/* Returns a number of jsonb, which has up to 131072 digits and no limit that a float8 has. */
static double
object_number(const char *name, Numeric numeric, const PanelRow *row)
{
	double		number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(numeric)));

	if (!isfinite(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("covariate \"%s\" of %s is out of range for type double precision", name, panel_row_text(row))));
	return number;
}

/* Returns the number that stands for a value in the rows. */
static double
object_value(PanelNames *names, int i, const JsonbValue *v, const PanelRow *row)
{
	PanelColumnKind kind = v->type == jbvNull ? PANEL_COLUMN_UNKNOWN : v->type == jbvString ? PANEL_COLUMN_CATEGORY : PANEL_COLUMN_NUMBER;

	if (v->type == jbvString)
	{
		double		number = not_finite(v->val.string.val, v->val.string.len);

		if (number != 0)
			panel_check_number(number, psprintf("covariate \"%s\"", names->name[i]), panel_row_text(row));
	}
	if (v->type == jbvBinary)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("covariate \"%s\" of %s must be a number, a boolean or a text", names->name[i], panel_row_text(row))));
	if (kind != names->kind[i])
		panel_names_set_kind(names, i, kind, kind == PANEL_COLUMN_UNKNOWN || names->kind[i] == PANEL_COLUMN_UNKNOWN ? "" : panel_row_text(row));
	switch (v->type)
	{
		case jbvNumeric:
			return object_number(names->name[i], v->val.numeric, row);
		case jbvBool:
			return v->val.boolean ? 1 : 0;
		case jbvString:
			return panel_names_add_word(names, v->val.string.val, v->val.string.len);
		default:
			return get_float8_nan();
	}
}

double	   *
panel_row_object(Panel *panel, Jsonb *object, const PanelRow *row)
{
	PanelNames *names = panel->names;
	double	   *numbers = palloc(Max(names->n, 1) * sizeof(double));
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			i = 0;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		if (i >= names->n || strlen(names->name[i]) != v.val.string.len ||
			memcmp(names->name[i], v.val.string.val, v.val.string.len) != 0)
			panel_names_check(names, i, v.val.string.val, v.val.string.len, panel_row_text(row));
		(void) JsonbIteratorNext(&it, &v, true);
		numbers[i] = object_value(names, i, &v, row);
		i++;
	}
	if (i < names->n)
		panel_names_check(names, i, NULL, 0, panel_row_text(row));
	return numbers;
}
