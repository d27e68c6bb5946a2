/*
 * error_scale_work.h
 *	  Inside of frnn_error_scale_fit: factors of phases and series, and the bins of a season.
 */
#ifndef FRNN_ERROR_SCALE_WORK_H
#define FRNN_ERROR_SCALE_WORK_H

#include "core/forecast/error_scale.h"

#define FRNN_LEAST_FACTOR	0.02	/* of a phase or a series */

/* phases that share a factor */
static inline int
frnn_phase_bin_width(int period)
{
	return (period + FRNN_PHASE_BINS - 1) / FRNN_PHASE_BINS;
}

static inline int
frnn_phase_bins(int period)
{
	return (period + frnn_phase_bin_width(period) - 1) / frnn_phase_bin_width(period);
}

/* how much the means of the phases of a season differ over the series of a panel, and how much of it sampling explains */
typedef struct FrnnPhaseSpread
{
	double		between;
	double		noise;
	double		phases;			/* means that were compared */
} FrnnPhaseSpread;

/* Returns the share of a spread that sampling is not likely to explain. */
extern double frnn_phase_share(const FrnnPhaseSpread *spread);

/*
 * Fills the factors of all phases of a series from work->sum and count of its
 * rows; mean: of its standardized residuals, 0 if there are none; alone: it is the
 * only series.  least: of each period, the least share of the spread that is no
 * noise, as the panel tells it; the spread of each is added to sum.
 */
extern void frnn_phase_factors(FrnnErrorScale *work, const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows,
							   bool alone, double mean, const double *least, FrnnPhaseSpread *sum, double *factor);

/* Fills the series' own factors (column 0) from work->raw, shrunk to the panel's. */
extern void frnn_series_factors(FrnnErrorScale *work, FrnnForecaster *out, int64_t series, const int64_t *rows);

#endif
