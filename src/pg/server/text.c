/*
 * text.c
 *	  Helpers for messages and JSON that several topics use.
 */
#include "pg/server/text.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/numeric.h"
#include "utils/varlena.h"

/* longer words are no typing errors, and the distance function refuses them */
#define LONGEST_WORD	60
#define LONGEST_SHOWN	60

/*
 * Words of other forecasting programs (Nixtla, Darts, BigQuery, pandas, Keras,
 * Prophet) with ours.  A word may stand twice, for two lists of known words.
 */
static const char *const aliases[][2] = {
	{"h", "horizon"}, {"fcst_horizon", "horizon"}, {"forecast_horizon", "horizon"}, {"output_chunk_length", "horizon"},
	{"prediction_length", "horizon"}, {"n_steps", "horizon"}, {"periods", "horizon"},
	{"input_size", "time_steps"}, {"input_chunk_length", "time_steps"}, {"lookback", "time_steps"}, {"context_length", "time_steps"},
	{"window", "time_steps"}, {"lags", "time_steps"},
	{"max_steps", "steps_per_epoch"}, {"n_epochs", "epochs"}, {"max_epochs", "epochs"}, {"max_iterations", "epochs"},
	{"lr", "learning_rate"}, {"learn_rate", "learning_rate"}, {"early_stop_patience_steps", "patience"}, {"val_size", "validation"},
	{"validation_split", "validation"}, {"random_seed", "seed"}, {"random_state", "seed"}, {"freq", "frequency"},
	{"data_frequency", "frequency"}, {"season_length", "seasonality"}, {"seasonal_periods", "seasonality"}, {"country_holidays", "holidays"},
	{"floor", "lower_limit"}, {"cap", "upper_limit"}, {"batch", "batch_size"}, {"lower_bound", "lower_limit"}, {"upper_bound", "upper_limit"},
	{"avg", "mean"}, {"average", "mean"}, {"mean_absolute_error", "mae"}, {"mean_squared_error", "mse"},
	{"ffill", "locf"}, {"forward_fill", "locf"}, {"pad", "locf"}, {"interpolate", "linear"}, {"boxcox", "log"},
	{"box_cox", "log"}, {"multiplicative", "log"}, {"seasonalities", "seasonality"}, {"num_samples", "ensemble"},
	{"gradient_clip_val", "clip_norm"}, {"clipnorm", "clip_norm"}, {"scaler_type", "scaler"}, {"local_scaler_type", "scaler"},
	{"futr_exog_list", "covariates"}, {"hist_exog_list", "covariates"}, {"exog", "covariates"}, {"time_budget", "time_limit"},
	{"tz", "time_zone"}, {"n_jobs", "workers"},
	{"pinball", "quantile"}, {"mqloss", "quantile"}, {"quantile_loss", "quantile"}, {"rmse", "mse"}, {"l2", "mse"}, {"l1", "mae"},
	{"normal", "gaussian"}, {"studentt", "student_t"}, {"poisson", "negative_binomial"}, {"negbin", "negative_binomial"},
	{"rnn", "simple"}, {"simplernn", "simple"}, {"simple_rnn", "simple"}, {"linear", "dense"}, {"layernorm", "layer_norm"},
	{"layer_normalization", "layer_norm"}, {"batch_normalization", "layer_norm"},
	{"h", "hour"}, {"hourly", "hour"}, {"d", "day"}, {"daily", "day"}, {"b", "business_day"}, {"c", "business_day"}, {"w", "week"},
	{"weekly", "week"}, {"m", "month"}, {"ms", "month"}, {"me", "month"}, {"monthly", "month"}, {"q", "quarter"}, {"qs", "quarter"},
	{"qe", "quarter"}, {"quarterly", "quarter"}, {"y", "year"}, {"a", "year"}, {"ys", "year"}, {"ye", "year"}, {"as", "year"},
	{"yearly", "year"}
};

/* Returns the known word that a word of another program stands for, NULL if there is none. */
static const char *
alias_find(const char *word, const char *const *known, int count)
{
	for (int a = 0; a < (int) lengthof(aliases); a++)
		for (int i = 0; pg_strcasecmp(word, aliases[a][0]) == 0 && i < count; i++)
			if (strcmp(known[i], aliases[a][1]) == 0)
				return known[i];
	return NULL;
}

const char *
frnn_closest(const char *word, const char *const *known, int count)
{
	int			length = strlen(word);
	int			best = Max(2, length / 3);
	const char *closest = NULL;
	char	   *lower;

	if (length == 0 || length > LONGEST_WORD)
		return NULL;
	closest = alias_find(word, known, count);
	if (closest)
		return closest;
	lower = asc_tolower(word, length);
	for (int i = 0; i < count; i++)
	{
		char	   *other = asc_tolower(known[i], strlen(known[i]));
		int			distance = varstr_levenshtein_less_equal(lower, length, other, strlen(other),
															 1, 1, 1, best, true);

		/* at a distance of the whole word nothing is in common */
		if (distance < length && distance < best + (closest == NULL))
		{
			best = distance;
			closest = known[i];
		}
	}
	return closest;
}

char	   *
frnn_join(const char *const *words, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "", words[i]);
	return text.data;
}

/* Returns at most LONGEST_SHOWN bytes of a text, cut between characters. */
static char *
shorten(const char *text)
{
	int			length = strlen(text);

	if (length <= LONGEST_SHOWN)
		return pstrdup(text);
	return psprintf("%.*s...", pg_mbcliplen(text, length, LONGEST_SHOWN), text);
}

void
frnn_unknown(const char *what, const char *word, const char *where, const char *const *known, int count)
{
	const char *closest = frnn_closest(word, known, count);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"%s%s", what, shorten(word), where ? " in " : "", where ? where : ""),
			 errdetail("Known are %s.", frnn_join(known, count)),
			 closest ? errhint("Perhaps you meant \"%s\".", closest) : 0));
	pg_unreachable();
}

JsonbContainer *
frnn_json_container(const JsonbValue *value)
{
	return value->type == jbvBinary ? value->val.binary.data : NULL;
}

bool
frnn_json_member(JsonbIterator **it, JsonbValue *key, JsonbValue *value)
{
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(it, key, true)) != WJB_DONE)
		if (token == WJB_KEY)
		{
			(void) JsonbIteratorNext(it, value, true);
			return true;
		}
	return false;
}

char	   *
frnn_json_string(const JsonbValue *value)
{
	Assert(value->type == jbvString);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

double
frnn_json_number(const JsonbValue *value)
{
	Assert(value->type == jbvNumeric);
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
}

char	   *
frnn_json_show(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return psprintf("\"%s\"", shorten(frnn_json_string(value)));
		case jbvNumeric:
			return shorten(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric))));
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		case jbvBinary:
			return shorten(JsonbToCString(NULL, value->val.binary.data, value->val.binary.len));
		default:
			return pstrdup("null");
	}
}
