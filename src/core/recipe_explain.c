/*
 * recipe_explain.c
 *	  One line that says what was chosen and why.
 */
#include <stdio.h>

#include "core/pipeline.h"

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

/* append like snprintf, never past the end; returns the length wanted so far */
#define APPEND(...) \
	(length += snprintf(out ? out + ((size_t) length < size ? (size_t) length : size) : NULL, \
						(size_t) length < size ? size - (size_t) length : 0, __VA_ARGS__))

int
frnn_recipe_explain(const FrnnRecipe *recipe, const FrnnNetwork *network, char *out, size_t size)
{
	int			length = 0;

	APPEND("%s mode (median %.0f rows a series), window of %d rows", recipe->mode == FRNN_MODE_SEQUENCE ?
		   "sequence" : "window", recipe->median_rows, recipe->time_steps);
	if (recipe->mode == FRNN_MODE_WINDOW && recipe->segment > 1)
		APPEND(" in steps of %d", recipe->segment);
	APPEND(", %s (spread grows with level to the power %.2f)", transform_text(recipe), recipe->spread_slope);
	APPEND(recipe->periods ? ", seasons" : ", no season");
	for (int p = 0; p < recipe->periods; p++)
		APPEND(" %d", recipe->period[p]);
	if (recipe->known_covariates || recipe->past_covariates)
		APPEND(", %d covariates", recipe->covariates);
	if (network->layers == 0)
		APPEND(", ridge regression alone");
	else
		APPEND(", %s%s%s, %d x %d updates of %d %s, rate %.4g",
			   recipe->network == FRNN_NETWORK_GIVEN ? "network as given" : "LSTM",
			   network->highway ? " beside a linear map from ridge" : "",
			   recipe->mix < 0 ? ", mixed with ridge by held-back rows" : "",
			   recipe->ensemble, recipe->updates, recipe->batch,
			   recipe->mode == FRNN_MODE_SEQUENCE ? "series" : "windows",
			   (double) recipe->optimizer.learning_rate);
	if (recipe->block != recipe->horizon)
		APPEND(", %d steps at once, fed back", recipe->block);
	return length;
}
