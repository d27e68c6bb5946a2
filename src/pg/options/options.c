/*
 * options.c
 *	  Parsing of the trailing `options jsonb` by the table in options_table.c.
 *
 * Relies on the table's order: loss, optimizer and schedule stand before the
 * keys that refine them.
 */
#include "pg/options/options.h"

#include "pg/options/options_table.h"
#include "pg/server/text.h"

/* words that are no options, and where they belong */
static const char *const elsewhere[][2] = {
	{"confidence_level", "It is an argument of rnn_forecast: rnn_forecast(model, horizon => 7, confidence_level => 0.9)."},
	{"confidence_levels", "It is an argument of rnn_forecast: rnn_forecast(model, horizon => 7, confidence_levels => '{0.8,0.9}')."},
	{"interval_width", "It is confidence_level here, an argument of rnn_forecast: rnn_forecast(model, horizon => 7, confidence_level => 0.9)."},
	{"prediction_interval", "It is confidence_level here, an argument of rnn_forecast: rnn_forecast(model, horizon => 7, confidence_level => 0.9)."},
	{"model_type", "The network is an argument of its own: rnn_train(panel, rnn_lstm(32), options), \"ridge\", or null to have one chosen."},
	{"model", "The network is an argument of its own: rnn_train(panel, rnn_lstm(32), options), \"ridge\", or null to have one chosen."},
	{"network", "The network is an argument of its own: rnn_train(panel, rnn_lstm(32), options), \"ridge\", or null to have one chosen."}
};

static void
check_elsewhere(const char *name)
{
	for (int i = 0; i < (int) lengthof(elsewhere); i++)
		if (strcmp(name, elsewhere[i][0]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not an option", name),
					 errhint("%s", elsewhere[i][1])));
}

/* Raise an error unless the options are an object whose keys are all known. */
static void
options_check_keys(Jsonb *json)
{
	const char *known[OPT_COUNT];
	JsonbIterator *it;
	JsonbValue	key,
				value;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object, not %s",
						JB_ROOT_IS_SCALAR(json) ? "a single value" : "an array"),
				 errhint("Write for example '{\"epochs\": 20, \"seed\": 7}'.")));
	for (int i = 0; i < OPT_COUNT; i++)
		known[i] = frnn_option[i].field.name;

	it = JsonbIteratorInit(&json->root);
	while (frnn_json_member(&it, &key, &value))
	{
		char	   *name = frnn_json_string(&key);
		int			i = 0;

		while (i < OPT_COUNT && strcmp(name, known[i]) != 0)
			i++;
		if (i == OPT_COUNT)
		{
			check_elsewhere(name);
			frnn_unknown("option", name, NULL, known, OPT_COUNT);
		}
	}
}

static void
options_set_defaults(FrnnOptions *options, FrnnOptionScope scope)
{
	options->loss.kind = scope == SCOPE_TENSOR ? FRNN_MSE : FRNN_MAE;
	options->optimizer = frnn_optimizer_default(FRNN_ADAM);
	options->schedule = frnn_schedule_default(FRNN_CONSTANT);
	options->n_periods = FRNN_AUTO;
	options->validation = scope == SCOPE_TENSOR ? 0 : FRNN_AUTO;
	for (int i = 0; i < OPT_COUNT; i++)
	{
		/* members of the optimizer have the optimizer's defaults */
		if (i != OPT_LEARNING_RATE && i != OPT_MOMENTUM && i != OPT_NESTEROV && i != OPT_WEIGHT_DECAY)
			frnn_field_store(&frnn_option[i].field,
							 scope == SCOPE_TENSOR ? frnn_option[i].tensor_default : frnn_option[i].panel_default,
							 options);
	}
}

static void
option_misplaced(FrnnOption option, const char *owner, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" belongs to %s, not to %s", frnn_option[option].field.name, owner, name)));
}

/* Raise an error for options that belong to another loss or optimizer than the chosen one. */
static void
options_check_fit(const FrnnOptions *options)
{
	FrnnOptimizerKind optimizer = options->optimizer.kind;

	if (frnn_option_given(options, OPT_DELTA) && options->loss.kind != FRNN_HUBER)
		option_misplaced(OPT_DELTA, "loss huber", "the loss chosen");
	if (frnn_option_given(options, OPT_MOMENTUM) && optimizer != FRNN_SGD && optimizer != FRNN_RMSPROP)
		option_misplaced(OPT_MOMENTUM, "the optimizers sgd and rmsprop", "the optimizer chosen");
	if (frnn_option_given(options, OPT_NESTEROV) && optimizer != FRNN_SGD)
		option_misplaced(OPT_NESTEROV, "the optimizer sgd", "the optimizer chosen");
	if (options->optimizer.nesterov && options->optimizer.momentum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"nesterov\" needs a momentum above 0")));
	if (frnn_option_given(options, OPT_RECALIBRATE) && options->recalibrate && frnn_option_given(options, OPT_INTERVALS) &&
		options->intervals != FRNN_INTERVAL_CONFORMAL)
		option_misplaced(OPT_RECALIBRATE, "conformal intervals", "the intervals chosen");
	if (!(options->lower_limit < options->upper_limit))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"lower_limit\" must be less than option \"upper_limit\", not %g and %g",
						options->lower_limit, options->upper_limit)));
}

FrnnOptions *
frnn_options_parse(Jsonb *json, FrnnOptionScope scope)
{
	FrnnOptions *options = palloc0(sizeof(FrnnOptions));

	options_set_defaults(options, scope);
	if (json)
		options_check_keys(json);
	for (int i = 0; json && i < OPT_COUNT; i++)
	{
		const OptionDef *def = &frnn_option[i];
		JsonbValue	value;
		char	   *what;

		if (!getKeyJsonValueFromContainer(&json->root, def->field.name, strlen(def->field.name), &value))
			continue;
		if (scope == SCOPE_TENSOR && !def->tensor)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has no meaning for tensors", def->field.name),
					 errdetail("It belongs to rnn_train and the other functions that take a panel.")));
		/* null and "auto" mean the default */
		if (value.type == jbvNull || frnn_field_is_auto(&def->field, &value))
			continue;
		if (frnn_option_given(options, i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" is given twice", def->field.name),
					 errdetail("It stands in the options and inside the object of another option.")));
		what = psprintf("option \"%s\"", def->field.name);
		if (def->parse)
			def->parse(options, &value, what);
		else
			frnn_field_set(&def->field, what, &value, options);
		frnn_option_set_given(options, i);
	}
	options_check_fit(options);

	/* the recipe chooses adam's learning rate; other optimizers keep their own */
	if (scope == SCOPE_PANEL && !frnn_option_given(options, OPT_LEARNING_RATE) &&
		(options->optimizer.kind == FRNN_ADAM || options->optimizer.kind == FRNN_ADAMW))
		options->optimizer.learning_rate = FRNN_AUTO;
	return options;
}

static bool
key_is(const JsonbValue *key, const char *name)
{
	return key->val.string.len == (int) strlen(name) && memcmp(key->val.string.val, name, key->val.string.len) == 0;
}

/* Keys that are null mean the default, the number of workers does not change the model, and two belong to one call. */
char	   *
frnn_options_canonical(Jsonb *json)
{
	JsonbParseState *state = NULL;
	JsonbIterator *it;
	JsonbValue	key,
				value,
			   *object;
	Jsonb	   *canonical;

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return pstrdup("{}");
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	it = JsonbIteratorInit(&json->root);
	while (frnn_json_member(&it, &key, &value))
	{
		if (value.type == jbvNull || key_is(&key, "workers") || key_is(&key, "keep_ridge") || key_is(&key, "stop_after"))
			continue;
		pushJsonbValue(&state, WJB_KEY, &key);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	canonical = JsonbValueToJsonb(object);
	return JsonbToCString(NULL, &canonical->root, VARSIZE(canonical));
}
