/*
 * model_text.h
 *	  What a model is and how good it was, in words for people: one line for the
 *	  NOTICE of a training, and the pieces that rnn_model_card shows.
 */
#ifndef FRNN_PG_MODEL_TEXT_H
#define FRNN_PG_MODEL_TEXT_H

#include "pg/server/compat.h"
#include "pg/model/forecaster.h"

/* the naive forecast that did better on the validation rows, and the model beside it */
typedef struct ModelValidation
{
	int64		origins;		/* forecasts behind the errors; 0: not validated, the rest is not set */
	double		error;			/* scaled mean absolute error of the model */
	double		naive;			/* of the better naive forecast */
	const char *naive_name;		/* "naive" or "seasonal naive" */
} ModelValidation;

extern ModelValidation model_validation(const FrnnForecaster *core);

/* "LSTM(20)-LSTM(20)": the layers that compute, without the dense layer at the end */
extern char *model_network_text(const FrnnNetwork *network);

/* "LSTM(20), 5 networks mixed with ridge regression" */
extern char *model_method_text(const FrnnForecaster *core);

/* "144 monthly rows", "20 series of 84 to 120 monthly rows" */
extern char *model_rows_text(const ForecastModel *model);

/* "12", "24 and 168", "none" */
extern char *model_seasons_text(const FrnnRecipe *recipe);

/* "none", "log", "log1p", "asinh" */
extern const char *model_transform_text(const FrnnRecipe *recipe);

/* an error with two digits after the point where that says enough */
extern char *model_error_text(double error);

/* "validation error 0.70, seasonal naive 1.31 (47 % better)"; NULL if not validated */
extern char *model_validation_text(const FrnnForecaster *core);

/* why there is no validation: "too few rows" */
extern const char *model_no_validation(const FrnnForecaster *core);

/* all of it in one line */
extern char *forecast_model_line(const ForecastModel *model);

#endif
