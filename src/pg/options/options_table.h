/*
 * options_table.h
 *	  The table of options: name, range, default, scope and meaning of each.
 *	  Parsing, error messages, rnn_options() and the manual use it.
 */
#ifndef FRNN_PG_OPTIONS_TABLE_H
#define FRNN_PG_OPTIONS_TABLE_H

#include "pg/server/compat.h"
#include "pg/server/field.h"
#include "pg/options/options.h"

/* place of a member, for tables of fields */
#define OPTION_AT(member) offsetof(FrnnOptions, member)

/* a parser for values of more than one form; what: 'option "loss"' */
typedef void (*OptionParser) (FrnnOptions *options, const JsonbValue *value, const char *what);

typedef struct OptionDef
{
	Field		field;			/* offset in FrnnOptions */
	bool		tensor;			/* has a meaning for tensor functions too */
	double		tensor_default; /* FRNN_AUTO = found from the data */
	double		panel_default;
	OptionParser parse;			/* FIELD_OTHER */
	const char *type;			/* FIELD_OTHER: shown type */
	const char *shown;			/* FIELD_OTHER and FIELD_TEXT: shown default */
	const char *description;	/* with the reason for the default */
} OptionDef;

extern const OptionDef frnn_option[OPT_COUNT];

static inline void
frnn_option_set_given(FrnnOptions *options, FrnnOption option)
{
	options->given |= UINT64CONST(1) << option;
}

/* options_spec.c: values that are a name or an object, a word or a list */
extern void frnn_parse_loss(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_quantiles(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_optimizer(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_schedule(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_seasonality(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_holidays(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_covariates(FrnnOptions *options, const JsonbValue *value, const char *what);
extern void frnn_parse_validation(FrnnOptions *options, const JsonbValue *value, const char *what);

#endif
