/*
 * forecast_span.c
 *	  How many steps of each series a call forecasts, and what became of each step.
 */
#include "pg/forecast/forecast_span.h"

#include <math.h>

#define SPAN_CHUNK		256		/* series forecast together */
#define SPAN_CELLS		1000000 /* forecast numbers held at once */
#define SPAN_STEPS		(FRNN_MAX_STEPS / 2)	/* most steps of a forecast: the core's */

ForecastSpan
forecast_span_read(const ForecastInput *input, bool given, int32 steps)
{
	ForecastSpan span = {0, 0};
	int64		most = steps;

	if (!given)
	{
		span.horizon = input->model->core.recipe.horizon;
		most = Max(span.horizon, input->future);
	}
	if (most < 1 || most > SPAN_STEPS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the horizon must be between 1 and %d, not " INT64_FORMAT, SPAN_STEPS, most)));
	span.most = (int) most;
	return span;
}

int
forecast_span_steps(const ForecastSpan *span, const ForecastInput *input, int64 series)
{
	int64		future = input->ahead[series];

	return span->horizon == 0 ? span->most : future > 0 ? (int) future : span->horizon;
}

int
forecast_span_series(const ForecastSpan *span, int levels)
{
	return Max(1, Min(SPAN_CHUNK, SPAN_CELLS / ((int64) span->most * 2 * (levels + 1))));
}

/* Returns true if step k lacks one of the panel's covariates. */
static bool
step_lacks_covariates(const ForecastInput *input, int64 s, int k)
{
	const FrnnSeriesData *data = &input->data[s];
	int			c;

	if (k >= data->future || data->covariate == NULL)
		return true;
	for (c = input->model->core.recipe.past_only; c < input->model->own_covariates; c++)
		if (isnan(data->covariate[(data->n + k) * input->model->core.recipe.covariates + c]))
			return true;
	return false;
}

/* Returns the status of a step that lacks a named covariate. */
static const char *
step_missing_text(const ForecastInput *input, int64 s, int k)
{
	const FrnnSeriesData *data = &input->data[s];
	const char *name = NULL;
	int			c;

	if (k < data->future && data->covariate)
		name = covariate_plan_missing(input->model->plan, data->covariate + (data->n + k) * input->model->core.recipe.covariates);
	for (c = 0; c < input->model->plan->n && name == NULL; c++)
		if (input->model->plan->column[c].role != ROLE_STATIC && input->model->plan->column[c].role != ROLE_PAST)
			name = input->model->plan->column[c].name;
	return psprintf("covariate \"%s\" of the step to forecast is missing, its mean was used", name ? name : "");
}

const char *
forecast_step_status(const ForecastInput *input, int64 series, const FrnnForecast *forecast, int k)
{
	const char *status = forecast_input_status(input, series, forecast->status);

	if (forecast->status == FRNN_SERIES_NO_COVARIATES && !step_lacks_covariates(input, series, k))
		status = NULL;
	else if (forecast->status == FRNN_SERIES_NO_COVARIATES && input->model->plan)
		status = step_missing_text(input, series, k);
	if ((status == NULL || forecast->status == FRNN_SERIES_SHOCK || forecast->status == FRNN_SERIES_UNLIKE ||
		 forecast->status == FRNN_SERIES_FAR) &&
		forecast->limited && forecast->limited[k])
		status = "limited: the forecast grew beyond what the rows support";
	return status;
}
