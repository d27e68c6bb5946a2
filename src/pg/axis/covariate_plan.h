/*
 * covariate_plan.h
 *	  Named covariates of a panel as the columns of the core.
 *
 * A number is one column, a category one per text of the training, which are 1
 * where the row has that text.  A covariate that is constant in each series is
 * static: its numbers are of the series.
 */
#ifndef FRNN_PG_COVARIATE_PLAN_H
#define FRNN_PG_COVARIATE_PLAN_H

#include "pg/server/compat.h"
#include "pg/options/options.h"
#include "pg/panel/panel.h"

typedef struct PlanColumn
{
	char	   *name;
	bool		category;
	CovariateRole role;			/* given, or found: static; auto: as the option covariates tells for all */
	int			words;			/* of a category */
	char	  **word;			/* (words) ascending by bytes */
	double	   *code;			/* (words) */
	int			first;			/* column of the core, or static number */
	int			width;
} PlanColumn;

typedef struct CovariatePlan
{
	int			n;				/* covariates of the panel */
	PlanColumn *column;			/* (n) in the panel's order */
	int			width;			/* columns of a row */
	int			statics;		/* numbers of a series */
	int			past_only;		/* columns; see FrnnPanelData */
	int			known_only;
	bool		given;			/* roles were given: past_only and known_only tell which are inputs */
	bool		known;			/* of given roles */
	bool		past;
} CovariatePlan;

/* Returns the plan for a panel that is trained on; NULL if its covariates have no names. */
extern CovariatePlan *covariate_plan_create(const PanelView *view, const FrnnOptions *options);

/* Raises an error unless the panel has the covariates of the plan; NULL: of a model whose covariates have no names. */
extern void covariate_plan_check(const CovariatePlan *plan, const PanelView *view);

/* Writes the columns of a row, NaN where a number or text is missing or a text is unknown. */
extern void covariate_plan_row(const CovariatePlan *plan, const double *covariate, double *out);

/* Returns the static numbers of a series; *problem receives why if one of them is not constant. */
extern double *covariate_plan_statics(const CovariatePlan *plan, const PanelView *view, const PanelSeries *series, char **problem);

/* the plan as metadata of a model, and back; widths and places are set anew */
extern char *covariate_plan_to_text(const CovariatePlan *plan);
extern CovariatePlan *covariate_plan_from_text(const char *text);

/* Returns one line about a column: price (known), city (static, 3 categories). */
extern char *covariate_plan_describe(const CovariatePlan *plan);
extern const char *covariate_role_word(CovariateRole role);

/* Returns the name of the first covariate of which the row, as columns of the core, lacks a known column; NULL: none. */
extern const char *covariate_plan_missing(const CovariatePlan *plan, const double *row);

#endif
