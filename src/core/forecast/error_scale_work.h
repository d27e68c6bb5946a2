/*
 * error_scale_work.h
 *	  Inside of frnn_error_scale_fit: residuals, factors of phases and series, the power of the recent spread, and the
 *	  bins of a season.
 */
#ifndef FRNN_ERROR_SCALE_WORK_H
#define FRNN_ERROR_SCALE_WORK_H

#include "core/forecast/error_scale.h"

#define FRNN_LEAST_FACTOR	0.02	/* of a phase or a series */
#define FRNN_PANEL_SERIES	50	/* series that tell together how much phases differ, and the power of the spread */
#define FRNN_TICK_ORIGINS	1024	/* origins between two ticks */

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

/*
 * Fills work->predicted with residuals of the block from origin o, NaN where the target is missing.  In series of which
 * most rows are missing, origins after a missing row have none: it was filled from the rows that are to be forecast.
 */
extern void frnn_residuals_at(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready, int64_t o);

/*
 * Fills work->sum and count with the standardized residuals of each row of one series, from origins `stride` rows apart;
 * scale: its columns.  Returns their mean, 0 if there are none.
 */
extern double frnn_series_residuals(FrnnErrorScale *work, const FrnnForecaster *f, const FrnnReady *ready,
									const double *scale, int64_t rows, int64_t stride, const FrnnRun *run);

/* Fills the usual spread (column 2) of one series in `every`, 0 for the others; every: 0 for none. */
extern void frnn_usual_spreads(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series,
							   const int64_t *rows, int64_t every, const FrnnRun *run);

/*
 * Chooses out->spread_power by what the phases of seasons leave of the residuals of up to FRNN_PANEL_SERIES series: 0
 * where rows are too few to tell the phases of each season.  least: see frnn_phase_factors.
 */
extern void frnn_choose_spread(FrnnErrorScale *work, FrnnForecaster *out, const FrnnReady *ready, int64_t series,
							   const int64_t *rows, int64_t stride, const double *least, const FrnnRun *run);

/* Fills the series' own factors (column 0) from work->raw, shrunk to the panel's. */
extern void frnn_series_factors(FrnnErrorScale *work, FrnnForecaster *out, int64_t series, const int64_t *rows);

#endif
