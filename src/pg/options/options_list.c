/*
 * options_list.c
 *	  Option values that may be a list: a word or a list (seasonality, quantiles,
 *	  holidays), a word or an object of names (covariates), a share or a count
 *	  (validation).
 */
#include "pg/options/options_table.h"

#include <math.h>

#include "core/forecast/recipe.h"
#include "pg/server/text.h"
#include "utils/datetime.h"

/* Returns the elements of an array, which must be 1 to limit. */
static int
array_elements(const JsonbValue *value, const char *what, const char *expected, int limit, JsonbValue **element)
{
	JsonbContainer *array = frnn_json_container(value);
	int			n;

	if (array == NULL || !JsonContainerIsArray(array))
		frnn_field_mismatch(what, expected, value);
	n = JsonContainerSize(array);
	if (n < 1 || n > limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have between 1 and %d elements, not %d", what, limit, n)));
	*element = palloc(n * sizeof(JsonbValue));
	for (int i = 0; i < n; i++)
		(*element)[i] = *getIthJsonbValueFromContainer(array, i);
	return n;
}

void
frnn_parse_quantiles(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	static const Field level = {NULL, FIELD_DOUBLE, 0, 0, 1, FIELD_ABOVE | FIELD_BELOW, NULL};
	FrnnLoss   *loss = &options->loss;
	JsonbValue *element;

	/* without the option loss they choose the loss quantile */
	if (!frnn_option_given(options, OPT_LOSS) && loss->kind != FRNN_QUANTILE)
	{
		loss->kind = FRNN_QUANTILE;
		frnn_option_set_given(options, OPT_LOSS);
	}
	if (loss->kind != FRNN_QUANTILE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s belongs to loss quantile, not to the loss chosen", what)));
	loss->quantiles = array_elements(value, what, "an array of numbers", FRNN_MAX_QUANTILES, &element);
	for (int i = 0; i < loss->quantiles; i++)
	{
		loss->quantile[i] = (float) frnn_field_number(&level, psprintf("element %d of %s", i + 1, what), &element[i]);
		if (loss->quantile[i] <= 0 || loss->quantile[i] >= 1)	/* after rounding to float */
			frnn_field_mismatch(psprintf("element %d of %s", i + 1, what), "farther from 0 and 1", &element[i]);
		if (i > 0 && loss->quantile[i] <= loss->quantile[i - 1])
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be ascending, but element %d is not above element %d", what, i + 1, i)));
	}
}

void
frnn_parse_seasonality(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	static const Field period = {NULL, FIELD_INT, 0, 2, FRNN_MAX_PERIOD, 0, NULL};
	const char *expected = "auto, none, a period or an array of periods";
	JsonbValue *element;

	if (value->type == jbvString)
	{
		if (strcmp(frnn_json_string(value), "none") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must be %s, not %s", what, expected, frnn_json_show(value)),
					 errhint("A period is a number of rows: 7 for the week of daily rows, 24 and 168 for day and week of hourly rows.")));
		options->n_periods = 0;
		return;
	}
	if (value->type == jbvNumeric)
	{
		options->period[0] = (int) frnn_field_integer(&period, what, value);
		options->n_periods = 1;
		return;
	}
	options->n_periods = array_elements(value, what, expected, FRNN_MAX_PERIODS, &element);
	for (int i = 0; i < options->n_periods; i++)
	{
		int			length = (int) frnn_field_integer(&period, psprintf("element %d of %s", i + 1, what), &element[i]);
		int			k = i;

		/* ascending: the profile of the shortest period is subtracted first */
		for (; k > 0 && options->period[k - 1] >= length; k--)
		{
			if (options->period[k - 1] == length)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("%s names the period %d twice", what, length)));
			options->period[k] = options->period[k - 1];
		}
		options->period[k] = length;
	}
}

/* Returns the Julian day of a date written as 2024-12-25; any other value is an error. */
static int32
holiday_date(const JsonbValue *value, const char *what)
{
	const char *expected = "a date such as \"2024-12-25\"";
	const char *text;
	int			year,
				month,
				day,
				used = 0;

	if (value->type != jbvString)
		frnn_field_mismatch(what, expected, value);
	text = frnn_json_string(value);

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 ||
		used != 10 || year < 1 || month < 1 || month > 12 || day < 1 || day > day_tab[isleap(year)][month - 1])
		frnn_field_mismatch(what, expected, value);
	return date2j(year, month, day);
}

static int
compare_holidays(const void *a, const void *b)
{
	int32		x = *(const int32 *) a,
				y = *(const int32 *) b;

	return (x > y) - (x < y);
}

void
frnn_parse_holidays(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	JsonbValue *element;
	JsonbContainer *array = frnn_json_container(value);
	int32	   *holiday;
	int			n;

	/* no holidays, as a query on an empty table may give */
	if (array && JsonContainerIsArray(array) && JsonContainerSize(array) == 0)
		return;
	n = array_elements(value, what, "an array of dates", OPTIONS_MAX_HOLIDAYS, &element);
	holiday = palloc(sizeof(int32) * n);

	for (int i = 0; i < n; i++)
		holiday[i] = holiday_date(&element[i], psprintf("element %d of %s", i + 1, what));
	qsort(holiday, n, sizeof(int32), compare_holidays);
	options->holiday = holiday;
	options->holidays = 0;
	for (int i = 0; i < n; i++)
		if (i == 0 || holiday[i] != holiday[i - 1])
			holiday[options->holidays++] = holiday[i];
}

void
frnn_parse_validation(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	options->validation = frnn_field_number(&frnn_option[OPT_VALIDATION].field, what, value);
	if (options->validation >= 1 && options->validation != rint(options->validation))
		frnn_field_mismatch(what, "a share below 1 or a whole number of rows", value);
}

/* a word for all covariates, or an object of words by name */
void
frnn_parse_covariates(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	static const FieldWord words[] = {
		{"auto", ROLE_AUTO}, {"known", ROLE_KNOWN}, {"past", ROLE_PAST}, {"both", ROLE_BOTH}, {"static", ROLE_STATIC}, {NULL, 0}
	};
	JsonbContainer *object = frnn_json_container(value);
	JsonbIterator *it;
	JsonbValue	v;
	int			n;

	if (object == NULL)
	{
		frnn_field_set(&frnn_option[OPT_COVARIATES].field, what, value, options);
		return;
	}
	if (!JsonContainerIsObject(object))
		frnn_field_mismatch(what, "a word or an object of names and words", value);
	n = JsonContainerSize(object);
	if (n > FRNN_MAX_COVARIATES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must have at most %d names, not %d", what, FRNN_MAX_COVARIATES, n)));
	options->role_name = palloc(sizeof(char *) * Max(n, 1));
	options->role = palloc(sizeof(CovariateRole) * Max(n, 1));
	it = JsonbIteratorInit(object);
	for (JsonbIteratorToken token; (token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE;)
	{
		if (token != WJB_KEY)
			continue;
		options->role_name[options->n_roles] = pnstrdup(v.val.string.val, v.val.string.len);
		(void) JsonbIteratorNext(&it, &v, true);
		options->role[options->n_roles] = (CovariateRole)
			frnn_field_choice(words, psprintf("\"%s\" of %s", options->role_name[options->n_roles], what), &v);
		options->n_roles++;
	}
}
