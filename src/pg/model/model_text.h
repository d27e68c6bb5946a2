/*
 * model_text.h
 *	  What a model is and how good it was, in words for people: one line for the
 *	  NOTICE of a training, and the pieces that rnn_model_card shows.
 */
#ifndef FRNN_PG_MODEL_TEXT_H
#define FRNN_PG_MODEL_TEXT_H

#include "pg/server/compat.h"
#include "pg/model/forecaster.h"

/* The errors on the validation rows of a model and of the naive forecast that did better there. */
typedef struct ModelValidation
{
	int64		origins;		/* forecasts behind the errors; 0: not validated, the rest is not set */
	double		error;			/* scaled mean absolute error of the model */
	double		naive;			/* of the better naive forecast */
	const char *naive_name;		/* "naive" or "seasonal naive" */
} ModelValidation;

/* Returns the errors of a fitted state. */
extern ModelValidation model_validation(const FrnnForecaster *core);

/* The functions below return palloc'd or constant text. */

/* The layers that compute, without the dense layer at the end: "LSTM(20)-LSTM(20)". */
extern char *model_network_text(const FrnnNetwork *network);

/* The method: "LSTM(20), 5 networks mixed with ridge regression". */
extern char *model_method_text(const FrnnForecaster *core);

/* The rows of the training: "144 monthly rows", "20 series of 84 to 120 monthly rows". */
extern char *model_rows_text(const ForecastModel *model);

/* The seasons in rows: "12", "24 and 168", "none". */
extern char *model_seasons_text(const FrnnRecipe *recipe);

/* The transform: "none", "log", "log1p", "asinh". */
extern const char *model_transform_text(const FrnnRecipe *recipe);

/* An error: two digits after the point from 0.1 to 1000, else two significant digits. */
extern char *model_error_text(double error);

/* The errors: "validation error 0.70, seasonal naive 1.31 (47 % better)"; NULL if not validated. */
extern char *model_validation_text(const FrnnForecaster *core);

/* Why there is no validation: "too few rows". */
extern const char *model_no_validation(const FrnnForecaster *core);

/* All of it in one line, as of the NOTICE of a training. */
extern char *forecast_model_line(const ForecastModel *model);

#endif
