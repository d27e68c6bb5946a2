/*
 * options_show.c
 *	  The options as SQL shows them: rnn_options() lists the table,
 *	  rnn_check_options() returns a set of options with defaults filled in.
 */
#include "pg/options/options_table.h"

#include "lib/stringinfo.h"
#include "pg/server/rows.h"
#include "pg/server/text.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"

static char *
option_default_text(const OptionDef *def, double value)
{
	if (def->field.type == FIELD_CHOICE)
		return pstrdup(frnn_field_word(def->field.words, (int) value));
	if (value == FRNN_AUTO)
		return pstrdup("auto");
	if (def->field.type == FIELD_BOOL)
		return pstrdup(value != 0 ? "true" : "false");
	return psprintf("%.16g", value);
}

static char *
option_shown_default(const OptionDef *def)
{
	char	   *panel = option_default_text(def, def->panel_default);
	char	   *tensor = option_default_text(def, def->tensor_default);

	if (def->shown)
		return pstrdup(def->shown);
	if (!def->tensor || strcmp(panel, tensor) == 0)
		return panel;
	return psprintf("%s (panel functions: %s)", tensor, panel);
}

PG_FUNCTION_INFO_V1(rnn_options);
Datum
rnn_options(PG_FUNCTION_ARGS)
{
	RowWriter	rows;

	rows_start(&rows, fcinfo);
	for (int i = 0; i < OPT_COUNT; i++)
	{
		const OptionDef *def = &frnn_option[i];

		rows_text(&rows, def->field.name);
		rows_text(&rows, def->type ? def->type : frnn_field_type(&def->field));
		rows_text(&rows, option_shown_default(def));
		rows_text(&rows, def->tensor ? "tensor functions, panel functions" : "panel functions");
		rows_text(&rows, def->description);
		rows_put(&rows);
	}
	return (Datum) 0;
}

/* ---- rnn_check_options ---- */

/* a number as JSON; the shortest text, so that 0.1f is 0.1 */
static char *
field_number_text(const Field *field, const void *base)
{
	const char *place = (const char *) base + field->offset;

	switch (field->type)
	{
		case FIELD_INT:
			return psprintf("%d", *(const int *) place);
		case FIELD_INT64:
			return psprintf("%lld", (long long) *(const int64 *) place);
		case FIELD_FLOAT:
			return psprintf("%.7g", *(const float *) place);
		default:
			return psprintf("%.15g", *(const double *) place);
	}
}

static char *
json_quote(const char *word)
{
	StringInfoData text;

	initStringInfo(&text);
	escape_json(&text, word);
	return text.data;
}

static char *
field_json(const Field *field, const FrnnOptions *options)
{
	const char *place = (const char *) options + field->offset;
	char	   *number;

	switch (field->type)
	{
		case FIELD_CHOICE:
			return json_quote(frnn_field_word(field->words, *(const int *) place));
		case FIELD_TEXT:
			return json_quote(*(char *const *) place ? *(char *const *) place : "auto");
		case FIELD_BOOL:
			return pstrdup(*(const bool *) place ? "true" : "false");
		case FIELD_FLAG:
			if (*(const int *) place != FRNN_AUTO)
				return pstrdup(*(const int *) place ? "true" : "false");
			return json_quote("auto");
		default:
			number = field_number_text(field, options);
			if (strstr(number, "Infinity"))
				return pstrdup("null");
			return (field->flags & FIELD_AUTO) && strcmp(number, "-1") == 0 ? json_quote("auto") : number;
	}
}

static char *
quantiles_json(const FrnnLoss *loss)
{
	StringInfoData text;

	if (loss->kind != FRNN_QUANTILE)
		return pstrdup("null");
	initStringInfo(&text);
	for (int i = 0; i < loss->quantiles; i++)
		appendStringInfo(&text, "%s%.7g", i ? ", " : "[", loss->quantile[i]);
	appendStringInfoChar(&text, ']');
	return text.data;
}

static char *
seasonality_json(const FrnnOptions *options)
{
	StringInfoData text;

	if (options->n_periods <= 0)
		return json_quote(options->n_periods == 0 ? "none" : "auto");
	initStringInfo(&text);
	for (int i = 0; i < options->n_periods; i++)
		appendStringInfo(&text, "%s%d", i ? ", " : "[", options->period[i]);
	appendStringInfoChar(&text, ']');
	return text.data;
}

static char *
holidays_json(const FrnnOptions *options)
{
	StringInfoData text;

	if (options->holidays == 0)
		return pstrdup("null");
	initStringInfo(&text);
	for (int i = 0; i < options->holidays; i++)
	{
		int			year,
					month,
					day;

		j2date(options->holiday[i], &year, &month, &day);
		appendStringInfo(&text, "%s\"%04d-%02d-%02d\"", i ? ", " : "[", year, month, day);
	}
	appendStringInfoChar(&text, ']');
	return text.data;
}

char	   *
frnn_option_json(FrnnOption option, const FrnnOptions *options)
{
	const OptionDef *def = &frnn_option[option];

	switch (option)
	{
		case OPT_LOSS:
			return json_quote(frnn_loss_word(options->loss.kind));
		case OPT_QUANTILES:
			return quantiles_json(&options->loss);
		case OPT_OPTIMIZER:
			return json_quote(frnn_optimizer_word(options->optimizer.kind));
		case OPT_SCHEDULE:
			return json_quote(frnn_schedule_word(options->schedule.kind));
		case OPT_SEASONALITY:
			return seasonality_json(options);
		case OPT_HOLIDAYS:
			return holidays_json(options);
		default:
			return field_json(&def->field, options);
	}
}

PG_FUNCTION_INFO_V1(rnn_check_options);
Datum
rnn_check_options(PG_FUNCTION_ARGS)
{
	static const FieldWord levels[] = {{"row", SCOPE_PANEL}, {"tensor", SCOPE_TENSOR}, {NULL, 0}};
	char	   *level = text_to_cstring(PG_GETARG_TEXT_PP(1));
	JsonbValue	word;
	FrnnOptionScope scope;
	FrnnOptions *options;
	StringInfoData text;

	word.type = jbvString;
	word.val.string.val = level;
	word.val.string.len = strlen(level);
	scope = frnn_field_choice(levels, "level", &word);
	options = frnn_options_parse(PG_GETARG_JSONB_P(0), scope);

	initStringInfo(&text);
	for (int i = 0; i < OPT_COUNT; i++)
		if (scope == SCOPE_PANEL || frnn_option[i].tensor)
			appendStringInfo(&text, "%s\"%s\": %s", text.len ? ", " : "{", frnn_option[i].field.name, frnn_option_json(i, options));
	appendStringInfoChar(&text, '}');
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data)));
}
