/*
 * recipe_explain.c
 *	  One line that says what was chosen and why.
 */
#include <stdarg.h>
#include <stdio.h>

#include "core/forecast/recipe.h"

static const char *
transform_text(const FrnnRecipe *recipe)
{
	switch (recipe->transform)
	{
		case FRNN_TRANSFORM_LOG:
			return "log";
		case FRNN_TRANSFORM_LOG1P:
			return "log1p";
		case FRNN_TRANSFORM_ASINH:
			return "asinh";
		default:
			return "no transform";
	}
}

/* append like snprintf, never past the end; the length wanted so far goes on counting */
static void
__attribute__((format(printf, 4, 5)))
append(char *out, size_t size, int *length, const char *format,...)
{
	size_t		used = (size_t) *length < size ? (size_t) *length : size;
	va_list		args;

	va_start(args, format);
	*length += vsnprintf(out + used, size - used, format, args);
	va_end(args);
}

int
frnn_recipe_explain(const FrnnRecipe *recipe, const FrnnNetwork *network, char *out, size_t size)
{
	int			length = 0;

	append(out, size, &length, "%s mode (median %.0f rows a series), window of %d rows", recipe->mode == FRNN_MODE_SEQUENCE ?
		   "sequence" : "window", recipe->median_rows, recipe->time_steps);
	if (recipe->mode == FRNN_MODE_WINDOW && recipe->segment > 1)
		append(out, size, &length, " in steps of %d", recipe->segment);
	append(out, size, &length, ", %s (spread grows with level to the power %.2f)", transform_text(recipe), recipe->spread_slope);
	if (recipe->intermittent)
		append(out, size, &length, ", intermittent (%.0f %% zeros): mean demand", 100 * recipe->zero_share);
	append(out, size, &length, recipe->periods ? ", seasons" : ", no season");
	for (int p = 0; p < recipe->periods; p++)
		append(out, size, &length, " %d", recipe->period[p]);
	if (recipe->known_covariates || recipe->past_covariates)
		append(out, size, &length, ", %d covariates", recipe->covariates);
	if (network->layers == 0)
		append(out, size, &length, ", ridge regression alone");
	else
		append(out, size, &length, ", %s%s%s, %d x %d updates of %d %s, rate %.4g",
			   recipe->network == FRNN_NETWORK_GIVEN ? "network as given" : "LSTM",
			   network->highway ? " beside a linear map from ridge" : "",
			   recipe->mix < 0 ? ", mixed with ridge by held-back rows" : "",
			   recipe->ensemble, recipe->updates, recipe->batch,
			   recipe->mode == FRNN_MODE_SEQUENCE ? "series" : "windows",
			   (double) recipe->optimizer.learning_rate);
	if (recipe->block != recipe->horizon)
		append(out, size, &length, ", %d steps at once, fed back", recipe->block);
	return length;
}
