/*
 * options_spec.c
 *	  Option values that are a name, or an object with a name and settings: loss,
 *	  optimizer, schedule.
 */
#include "pg/options/options_table.h"

#include <math.h>

#include "core/forecast/recipe.h"
#include "pg/server/text.h"

#define MAX_SPEC_KEYS 12

static const FieldWord loss_words[] = {
	{"mse", FRNN_MSE}, {"mae", FRNN_MAE}, {"huber", FRNN_HUBER}, {"quantile", FRNN_QUANTILE},
	{"gaussian", FRNN_GAUSSIAN}, {"student_t", FRNN_STUDENT_T}, {"negative_binomial", FRNN_NEGATIVE_BINOMIAL}, {NULL, 0}
};
static const FieldWord optimizer_words[] = {
	{"adam", FRNN_ADAM}, {"adamw", FRNN_ADAMW}, {"rmsprop", FRNN_RMSPROP}, {"sgd", FRNN_SGD}, {NULL, 0}
};
static const FieldWord schedule_words[] = {
	{"constant", FRNN_CONSTANT}, {"step", FRNN_STEP_DECAY}, {"cosine", FRNN_COSINE},
	{"one_cycle", FRNN_ONE_CYCLE}, {"plateau", FRNN_PLATEAU}, {NULL, 0}
};

/* a setting inside the object, and the kinds (1 << kind) that have it */
typedef struct SpecField
{
	Field		field;
	int			kinds;
	int			option;			/* the top-level option that means the same, -1 */
} SpecField;

#define EVERY_KIND (~0)
#define SPEC_KIND(kind) (1 << (kind))

/* settings that are options too have their ranges in the table of options */
#define SAME(option, kinds) {{NULL, FIELD_OTHER, 0, 0, 0, 0, NULL}, (kinds), (option)}

static const SpecField loss_fields[] = {
	SAME(OPT_DELTA, SPEC_KIND(FRNN_HUBER)),
	SAME(OPT_QUANTILES, SPEC_KIND(FRNN_QUANTILE))
};
static const SpecField optimizer_fields[] = {
	SAME(OPT_LEARNING_RATE, EVERY_KIND),
	SAME(OPT_WEIGHT_DECAY, EVERY_KIND),
	SAME(OPT_MOMENTUM, SPEC_KIND(FRNN_SGD) | SPEC_KIND(FRNN_RMSPROP)),
	SAME(OPT_NESTEROV, SPEC_KIND(FRNN_SGD)),
	{{"rho", FIELD_FLOAT, OPTION_AT(optimizer.rho), 0, 1, FIELD_BELOW, NULL}, SPEC_KIND(FRNN_RMSPROP), -1},
	{{"beta1", FIELD_FLOAT, OPTION_AT(optimizer.beta1), 0, 1, FIELD_BELOW, NULL}, SPEC_KIND(FRNN_ADAM) | SPEC_KIND(FRNN_ADAMW), -1},
	{{"beta2", FIELD_FLOAT, OPTION_AT(optimizer.beta2), 0, 1, FIELD_BELOW, NULL}, SPEC_KIND(FRNN_ADAM) | SPEC_KIND(FRNN_ADAMW), -1},
	{{"epsilon", FIELD_FLOAT, OPTION_AT(optimizer.epsilon), 0, 1, FIELD_ABOVE, NULL},
	SPEC_KIND(FRNN_ADAM) | SPEC_KIND(FRNN_ADAMW) | SPEC_KIND(FRNN_RMSPROP), -1}
};
static const SpecField schedule_fields[] = {
	{{"gamma", FIELD_DOUBLE, OPTION_AT(schedule.gamma), 0, 1, FIELD_ABOVE, NULL}, SPEC_KIND(FRNN_STEP_DECAY) | SPEC_KIND(FRNN_PLATEAU), -1},
	{{"step_size", FIELD_INT, OPTION_AT(schedule.step_size), 1, 1000000, 0, NULL}, SPEC_KIND(FRNN_STEP_DECAY), -1},
	{{"final", FIELD_DOUBLE, OPTION_AT(schedule.final_fraction), 0, 1, 0, NULL}, SPEC_KIND(FRNN_COSINE) | SPEC_KIND(FRNN_ONE_CYCLE), -1},
	{{"warmup", FIELD_DOUBLE, OPTION_AT(schedule.warmup), 0, 1, FIELD_BELOW, NULL}, SPEC_KIND(FRNN_ONE_CYCLE), -1},
	{{"warmup_steps", FIELD_INT, OPTION_AT(schedule.warmup_steps), 0, 1000000000, 0, NULL}, EVERY_KIND, -1},
	{{"patience", FIELD_INT, OPTION_AT(schedule.plateau_patience), 1, 1000000, 0, NULL}, SPEC_KIND(FRNN_PLATEAU), -1},
	{{"min_rate", FIELD_DOUBLE, OPTION_AT(schedule.min_rate), 0, 100, 0, NULL}, EVERY_KIND, -1}
};

const char *
frnn_loss_word(FrnnLossKind kind)
{
	return frnn_field_word(loss_words, kind);
}

const char *
frnn_optimizer_word(FrnnOptimizerKind kind)
{
	return frnn_field_word(optimizer_words, kind);
}

const char *
frnn_schedule_word(FrnnScheduleKind kind)
{
	return frnn_field_word(schedule_words, kind);
}

/* Returns the kind of a name, or of the "name" of an object. */
static int
spec_kind(const JsonbValue *value, const FieldWord *words, const char *what)
{
	JsonbContainer *object = frnn_json_container(value);
	JsonbValue	name;

	if (object == NULL)
		return frnn_field_choice(words, what, value);
	if (!JsonContainerIsObject(object))
		frnn_field_mismatch(what, "a name or an object", value);
	if (!getKeyJsonValueFromContainer(object, "name", 4, &name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s needs a \"name\"", what)));
	return frnn_field_choice(words, psprintf("\"name\" of %s", what), &name);
}

static const char *
spec_name(const SpecField *field)
{
	return field->option >= 0 ? frnn_option[field->option].field.name : field->field.name;
}

static void
spec_set(FrnnOptions *options, const SpecField *field, const JsonbValue *value, const char *what)
{
	const OptionDef *def = field->option >= 0 ? &frnn_option[field->option] : NULL;

	if (def && def->parse)
		def->parse(options, value, what);
	else
		frnn_field_set(def ? &def->field : &field->field, what, value, options);
	if (def)
		frnn_option_set_given(options, field->option);
}

/* Reads the settings of an object; a setting that its kind does not have is an error. */
static void
spec_settings(FrnnOptions *options, const JsonbValue *value, int kind, const FieldWord *words,
			  const SpecField *fields, int count, const char *what)
{
	JsonbContainer *object = frnn_json_container(value);
	const char *known[MAX_SPEC_KEYS];
	int			n_known = 0;
	JsonbIterator *it;
	JsonbValue	key,
				setting;

	if (object == NULL)
		return;
	known[n_known++] = "name";
	for (int i = 0; i < count; i++)
		if (fields[i].kinds & SPEC_KIND(kind))
			known[n_known++] = spec_name(&fields[i]);

	it = JsonbIteratorInit(object);
	while (frnn_json_member(&it, &key, &setting))
	{
		char	   *name = frnn_json_string(&key);
		int			i = 0;

		if (strcmp(name, "name") == 0)
			continue;
		while (i < count && !((fields[i].kinds & SPEC_KIND(kind)) && strcmp(name, spec_name(&fields[i])) == 0))
			i++;
		if (i == count)
			frnn_unknown("key", name, psprintf("%s (%s)", what, frnn_field_word(words, kind)), known, n_known);
		if (setting.type != jbvNull)
			spec_set(options, &fields[i], &setting, psprintf("\"%s\" of %s", name, what));
	}
}

void
frnn_parse_loss(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	int			kind = spec_kind(value, loss_words, what);

	options->loss.kind = kind;
	if (kind == FRNN_QUANTILE)
	{
		options->loss.quantiles = 3;
		options->loss.quantile[0] = 0.1f;
		options->loss.quantile[1] = 0.5f;
		options->loss.quantile[2] = 0.9f;
	}
	spec_settings(options, value, kind, loss_words, loss_fields, lengthof(loss_fields), what);
}

void
frnn_parse_optimizer(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	int			kind = spec_kind(value, optimizer_words, what);

	options->optimizer = frnn_optimizer_default(kind);
	spec_settings(options, value, kind, optimizer_words, optimizer_fields, lengthof(optimizer_fields), what);
}

void
frnn_parse_schedule(FrnnOptions *options, const JsonbValue *value, const char *what)
{
	int			kind = spec_kind(value, schedule_words, what);

	options->schedule = frnn_schedule_default(kind);
	spec_settings(options, value, kind, schedule_words, schedule_fields, lengthof(schedule_fields), what);
}
