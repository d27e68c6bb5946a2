/*
 * recipe.h
 *	  From options to the core's recipe, and the recipe as the model stores it.
 */
#ifndef FRNN_PG_RECIPE_H
#define FRNN_PG_RECIPE_H

#include "pg/server/compat.h"
#include "core/forecast/forecaster.h"
#include "pg/options/options.h"

/*
 * Put the options that were given into the recipe.  Fields whose option was
 * not given keep what they hold: the core's AUTO, or, in a warm start, what
 * the model holds.
 */
extern void recipe_from_options(const FrnnOptions *options, FrnnRecipe *recipe);

/* a chosen recipe as JSON text, every number exact; and back: malformed text is an error of the model's bytes */
extern char *recipe_to_text(const FrnnRecipe *recipe);
extern void recipe_from_text(const char *text, FrnnRecipe *recipe);

#endif
