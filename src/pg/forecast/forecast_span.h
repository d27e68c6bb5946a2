/*
 * forecast_span.h
 *	  How many steps of each series a call forecasts, and what became of each step.
 */
#ifndef FRNN_PG_FORECAST_SPAN_H
#define FRNN_PG_FORECAST_SPAN_H

#include "pg/server/compat.h"
#include "pg/forecast/forecast_input.h"

typedef struct ForecastSpan
{
	int			most;			/* steps of a series */
	int			horizon;		/* steps of a series that has no rows to forecast; 0: all have `most` */
} ForecastSpan;

/*
 * Returns the number of steps: the one given, else each series' rows to
 * forecast, else the model's horizon.  Raises an error if it is out of range.
 */
extern ForecastSpan forecast_span_read(const ForecastInput *input, bool given, int32 steps);

/* Returns the number of steps of a series. */
extern int	forecast_span_steps(const ForecastSpan *span, const ForecastInput *input, int64 series);

/* Returns how many series are forecast together: fewer if the horizon is long. */
extern int	forecast_span_series(const ForecastSpan *span, int levels);

/* Returns the forecast_status of step k of a series that could be forecast; NULL: without remark. */
extern const char *forecast_step_status(const ForecastInput *input, int64 series, const FrnnForecast *forecast, int k);

#endif
