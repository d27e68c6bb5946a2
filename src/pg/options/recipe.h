/*
 * recipe.h
 *	  From options to the core's recipe, and the recipe as the model stores it.
 */
#ifndef FRNN_PG_RECIPE_H
#define FRNN_PG_RECIPE_H

#include "pg/server/compat.h"
#include "core/forecast/recipe.h"
#include "pg/options/options.h"

/*
 * Copies the options that were given into the recipe.  Other fields keep their
 * value: the core's AUTO or, in a warm start, the model's.
 */
extern void recipe_from_options(const FrnnOptions *options, FrnnRecipe *recipe);

/* A chosen recipe as JSON text with exact numbers, and back.  Malformed text is an error about the model's bytes. */
extern char *recipe_to_text(const FrnnRecipe *recipe);
extern void recipe_from_text(const char *text, FrnnRecipe *recipe);

#endif
