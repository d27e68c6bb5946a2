/*
 * covariate_plan.c
 *	  Named covariates as the columns of the core; see covariate_plan.h.
 */
#include "pg/axis/covariate_plan.h"

#include <math.h>

#include "core/base/limits.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pg/panel/panel_json.h"
#include "utils/float.h"
#include "utils/json.h"

#define PLAN_WORDS		250		/* texts of one category */
#define PLAN_INTERRUPT	4096	/* rows between two checks for interrupts */

static const char *const role_words[] = {"auto", "known", "past", "both", "static"};

const char *
covariate_role_word(CovariateRole role)
{
	return role_words[role];
}

/* ---- the training panel ---- */

/* what the rows of a covariate are like */
typedef struct ColumnFacts
{
	bool		constant;		/* in each series */
	bool		differs;		/* from series to series */
	int			words;
	double		code[PLAN_WORDS];
} ColumnFacts;

static void
facts_add_word(ColumnFacts *facts, double code, const char *name)
{
	int			i;

	for (i = 0; i < facts->words; i++)
		if (facts->code[i] == code)
			return;
	if (facts->words == PLAN_WORDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariate \"%s\" must have at most %d different texts", name, PLAN_WORDS),
				 errhint("Join rare ones into one text, or leave the covariate out.")));
	facts->code[facts->words++] = code;
}

/* Reads one covariate over all rows. */
static void
column_facts(const PanelView *view, int c, ColumnFacts *facts)
{
	bool		category = view->names->kind[c] == PANEL_COLUMN_CATEGORY;
	double		before = NAN;
	int64		s,
				i;

	facts->constant = true;
	facts->differs = false;
	facts->words = 0;
	for (s = 0; s < view->n_series; s++)
	{
		const PanelSeries *series = &view->series[s];
		double		value = NAN;

		for (i = 0; i < series->n; i++)
		{
			double		v = series->covariate[i * view->covariates + c];

			if (i % PLAN_INTERRUPT == 0)
				CHECK_FOR_INTERRUPTS();
			if (isnan(v) || v == value)
				continue;
			if (category)
				facts_add_word(facts, v, view->names->name[c]);
			if (!isnan(value))
				facts->constant = false;
			value = v;
		}
		if (!isnan(before) && !isnan(value) && value != before)
			facts->differs = true;
		if (!isnan(value))
			before = value;
	}
}

static int
word_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static void
column_set_words(PlanColumn *column, const PanelNames *names, const ColumnFacts *facts)
{
	int			i;

	column->words = facts->words;
	column->word = palloc(sizeof(char *) * Max(facts->words, 1));
	column->code = palloc(sizeof(double) * Max(facts->words, 1));
	for (i = 0; i < facts->words; i++)
	{
		const char *word = panel_word(names, facts->code[i]);

		column->word[i] = pstrdup(word ? word : "");
	}
	qsort(column->word, column->words, sizeof(char *), word_compare);
	for (i = 0; i < column->words; i++)
		column->code[i] = panel_word_code(column->word[i]);
}

/*
 * Gives the columns their places: those of the window alone first, those of the
 * target steps alone last.
 */
static void
plan_place(CovariatePlan *plan)
{
	static const CovariateRole order[] = {ROLE_PAST, ROLE_AUTO, ROLE_BOTH, ROLE_KNOWN};
	int			o,
				c;

	plan->width = plan->statics = plan->past_only = plan->known_only = 0;
	plan->given = plan->known = plan->past = false;
	for (c = 0; c < plan->n; c++)
	{
		PlanColumn *column = &plan->column[c];

		column->width = column->category ? column->words : 1;
		if (column->role != ROLE_STATIC)
			continue;
		column->first = plan->statics;
		plan->statics += column->width;
	}
	for (o = 0; o < lengthof(order); o++)
		for (c = 0; c < plan->n; c++)
		{
			PlanColumn *column = &plan->column[c];

			if (column->role != order[o])
				continue;
			column->first = plan->width;
			plan->width += column->width;
			plan->past_only += column->role == ROLE_PAST ? column->width : 0;
			plan->known_only += column->role == ROLE_KNOWN ? column->width : 0;
			plan->given |= column->role != ROLE_AUTO;
			plan->known |= column->role == ROLE_KNOWN || column->role == ROLE_BOTH;
			plan->past |= column->role == ROLE_PAST || column->role == ROLE_BOTH;
		}
}

static void
plan_check_limits(const CovariatePlan *plan)
{
	if (plan->width > FRNN_MAX_COVARIATES || plan->statics > FRNN_MAX_STATICS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("covariates must have at most %d numbers per row and %d per series, not %d and %d",
						FRNN_MAX_COVARIATES, FRNN_MAX_STATICS, plan->width, plan->statics),
				 errdetail("A category has one for each of its texts.")));
}

/* Sets the roles that the option covariates gives by name. */
static void
plan_read_roles(CovariatePlan *plan, const FrnnOptions *options)
{
	int			i,
				c;

	for (i = 0; i < options->n_roles; i++)
	{
		for (c = 0; c < plan->n && strcmp(plan->column[c].name, options->role_name[i]) != 0; c++)
			;
		if (c == plan->n)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"covariates\" names \"%s\", which is no covariate of the panel", options->role_name[i]),
					 errdetail("The panel has %s.", covariate_plan_describe(plan))));
		plan->column[c].role = options->role[i];
	}
}

CovariatePlan *
covariate_plan_create(const PanelView *view, const FrnnOptions *options)
{
	CovariatePlan *plan;
	ColumnFacts *facts = palloc(sizeof(ColumnFacts));
	bool		given = false;
	int			c;

	if (view->names == NULL)
	{
		if (options->n_roles > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"covariates\" names covariates, but those of the panel have no names"),
					 errhint("Give them as an object: rnn_panel(ts, value, jsonb_build_object('price', price)).")));
		return NULL;
	}
	plan = palloc0(sizeof(CovariatePlan));
	plan->n = view->covariates;
	plan->column = palloc0(sizeof(PlanColumn) * plan->n);
	for (c = 0; c < plan->n; c++)
		plan->column[c].name = pstrdup(view->names->name[c]);
	plan_read_roles(plan, options);
	for (c = 0; c < plan->n; c++)
	{
		PlanColumn *column = &plan->column[c];

		column_facts(view, c, facts);
		column->category = view->names->kind[c] == PANEL_COLUMN_CATEGORY;
		if (column->category)
			column_set_words(column, view->names, facts);
		if (column->role == ROLE_AUTO && facts->constant && facts->differs)
			column->role = ROLE_STATIC;
		given |= column->role != ROLE_AUTO && column->role != ROLE_STATIC;
	}
	/* beside given roles the others have the default's */
	for (c = 0; c < plan->n && given; c++)
		if (plan->column[c].role == ROLE_AUTO)
			plan->column[c].role = ROLE_KNOWN;
	pfree(facts);
	plan_place(plan);
	plan_check_limits(plan);
	return plan;
}

/* ---- other panels ---- */

static int
plan_name_compare(const char *a, const char *b)
{
	size_t		a_len = strlen(a);
	size_t		b_len = strlen(b);

	return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

void
covariate_plan_check(const CovariatePlan *plan, const PanelView *view)
{
	const PanelNames *names = view->names;
	int			c;

	if (plan == NULL && names == NULL)
		return;
	if (plan == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the panel's covariates have names, but the model was trained without"),
				 errhint("Give them as an array in the order of the training: rnn_panel(ts, value, rnn_covariates(a, b)).")));
	if (names == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the panel has no covariates with names, but the model was trained with %s", covariate_plan_describe(plan)),
				 errhint("Give them as an object: rnn_panel(ts, value, jsonb_build_object('%s', ...)).", plan->column[0].name)));
	for (c = 0; c < Max(plan->n, names->n); c++)
	{
		int			order = c >= plan->n ? 1 : c >= names->n ? -1 : plan_name_compare(plan->column[c].name, names->name[c]);

		if (order < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate \"%s\" is missing from the panel, but the model was trained with it", plan->column[c].name)));
		if (order > 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("covariate \"%s\" of the panel is none that the model was trained with", names->name[c]),
					 errdetail("It was trained with %s.", covariate_plan_describe(plan))));
		if (names->kind[c] != PANEL_COLUMN_UNKNOWN && (names->kind[c] == PANEL_COLUMN_CATEGORY) != plan->column[c].category)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("covariate \"%s\" of the panel is a %s, but the model was trained with %s", names->name[c],
							plan->column[c].category ? "number" : "text", plan->column[c].category ? "texts" : "numbers")));
	}
}

/* Writes the columns of one covariate. */
static void
column_encode(const PlanColumn *column, double v, double *out)
{
	bool		known = false;
	int			i;

	if (!column->category)
	{
		out[0] = v;
		return;
	}
	for (i = 0; i < column->words; i++)
		known |= column->code[i] == v;
	for (i = 0; i < column->words; i++)
		out[i] = known ? column->code[i] == v : NAN;
}

void
covariate_plan_row(const CovariatePlan *plan, const double *covariate, double *out)
{
	int			c;

	for (c = 0; c < plan->n; c++)
		if (plan->column[c].role != ROLE_STATIC)
			column_encode(&plan->column[c], covariate ? covariate[c] : NAN, out + plan->column[c].first);
}

double	   *
covariate_plan_statics(const CovariatePlan *plan, const PanelView *view, const PanelSeries *series, char **problem)
{
	double	   *out = palloc(sizeof(double) * Max(plan->statics, 1));
	int64		i;
	int			c;

	*problem = NULL;
	for (c = 0; c < plan->n; c++)
	{
		double		value = NAN;

		if (plan->column[c].role != ROLE_STATIC)
			continue;
		for (i = 0; i < series->n; i++)
		{
			double		v = series->covariate[i * plan->n + c];

			if (i % PLAN_INTERRUPT == 0)
				CHECK_FOR_INTERRUPTS();
			if (isnan(v) || v == value)
				continue;
			if (!isnan(value) && *problem == NULL)
				*problem = psprintf("static covariate \"%s\" is not the same in all rows", plan->column[c].name);
			value = v;
		}
		column_encode(&plan->column[c], value, out + plan->column[c].first);
	}
	return out;
}

const char *
covariate_plan_missing(const CovariatePlan *plan, const double *row)
{
	int			c;

	for (c = 0; c < plan->n; c++)
	{
		const PlanColumn *column = &plan->column[c];

		if (column->role != ROLE_STATIC && column->role != ROLE_PAST && column->width > 0 && isnan(row[column->first]))
			return column->name;
	}
	return NULL;
}

char	   *
covariate_plan_describe(const CovariatePlan *plan)
{
	StringInfoData out;
	int			c;

	initStringInfo(&out);
	for (c = 0; c < plan->n; c++)
	{
		const PlanColumn *column = &plan->column[c];

		appendStringInfo(&out, "%s\"%s\"", c == 0 ? "" : c < plan->n - 1 ? ", " : " and ", column->name);
		if (column->role != ROLE_AUTO)
			appendStringInfo(&out, " (%s%s)", covariate_role_word(column->role),
							 column->category ? psprintf(", %d categories", column->words) : "");
		else if (column->category)
			appendStringInfo(&out, " (%d categories)", column->words);
	}
	return out.data;
}

/* ---- as text ---- */

char	   *
covariate_plan_to_text(const CovariatePlan *plan)
{
	StringInfoData out;
	int			c,
				i;

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	for (c = 0; c < plan->n; c++)
	{
		const PlanColumn *column = &plan->column[c];

		appendStringInfoString(&out, c > 0 ? ",{\"name\":" : "{\"name\":");
		escape_json(&out, column->name);
		appendStringInfo(&out, ",\"role\":\"%s\"", covariate_role_word(column->role));
		for (i = 0; i < column->words; i++)
		{
			appendStringInfoString(&out, i == 0 ? ",\"categories\":[" : ",");
			escape_json(&out, column->word[i]);
		}
		if (column->words > 0)
			appendStringInfoChar(&out, ']');
		else if (column->category)
			appendStringInfoString(&out, ",\"categories\":[]");
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoChar(&out, ']');
	return out.data;
}

static void
words_from_text(JsonCursor *in, PlanColumn *column)
{
	column->category = true;
	column->word = palloc(sizeof(char *) * PLAN_WORDS);
	column->code = palloc(sizeof(double) * PLAN_WORDS);
	json_cursor_expect(in, '[', "the categories");
	if (json_cursor_accept(in, ']'))
		return;
	do
	{
		if (column->words == PLAN_WORDS)
			json_cursor_error(in, "too many categories");
		column->word[column->words] = json_cursor_string(in, "a category");
		column->code[column->words] = panel_word_code(column->word[column->words]);
		if (column->words > 0 && strcmp(column->word[column->words - 1], column->word[column->words]) >= 0)
			json_cursor_error(in, "categories must be ascending");
		column->words++;
	} while (json_cursor_accept(in, ','));
	json_cursor_expect(in, ']', "the end of the categories");
}

static void
column_from_text(JsonCursor *in, PlanColumn *column)
{
	static const char *const members[] = {"name", "role", "categories"};
	JsonCursor	member[3];
	char	   *role;
	int			i;

	json_cursor_object(in, "a covariate", members, 3, member);
	json_cursor_require(&member[0], in, "name");
	json_cursor_require(&member[1], in, "role");
	column->name = json_cursor_string(&member[0], "name");
	role = json_cursor_string(&member[1], "role");
	for (i = 0; i < lengthof(role_words) && strcmp(role_words[i], role) != 0; i++)
		;
	if (i == lengthof(role_words))
		json_cursor_error(&member[1], "the role of a covariate is not known");
	column->role = (CovariateRole) i;
	if (member[2].at != NULL)
		words_from_text(&member[2], column);
}

CovariatePlan *
covariate_plan_from_text(const char *text)
{
	CovariatePlan *plan = palloc0(sizeof(CovariatePlan));
	JsonCursor	in = json_cursor_metadata(text, "columns");

	plan->column = palloc0(sizeof(PlanColumn) * FRNN_MAX_COVARIATES);
	json_cursor_expect(&in, '[', "the covariates");
	do
	{
		if (plan->n == FRNN_MAX_COVARIATES)
			json_cursor_error(&in, "too many covariates");
		column_from_text(&in, &plan->column[plan->n]);
		if (plan->n > 0 && plan_name_compare(plan->column[plan->n - 1].name, plan->column[plan->n].name) >= 0)
			json_cursor_error(&in, "names must be in the order of jsonb");
		plan->n++;
	} while (json_cursor_accept(&in, ','));
	json_cursor_expect(&in, ']', "the end of the covariates");
	json_cursor_end(&in);
	plan_place(plan);
	return plan;
}
