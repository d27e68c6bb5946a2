/*
 * error_scale_phase.c
 *	  Relative size of errors at the phases of seasons and of the series of a panel, from residuals.
 *
 * Each factor is shrunk to 1 by the share of its variance that sampling
 * explains (James and Stein), so that a panel of even noise keeps factors of 1.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/error_scale_work.h"
#include "core/forecast/season.h"

#define LARGEST			30.0	/* residuals are cut at this multiple of their mean */
#define SMOOTHED		12		/* bins of a season whose neighbors are alike */
#define FEW_CYCLES		20		/* with fewer cycles they are averaged */
#define VARIANCE		0.8		/* of |error| / mean |error|: 0.57 of a normal, 1 of a Laplace distribution */

double
frnn_phase_share(const FrnnPhaseSpread *spread)
{
	double		noise = spread->phases > 0 ? spread->noise * (1 + 2 * sqrt(2.0 / spread->phases)) : 0;

	return spread->between > noise ? 1 - noise / spread->between : 0;
}

/*
 * Makes factors of `bins` means, shrunk to 1; weight: independent values behind each, 0: none.  least: the least share
 * of their spread that is no noise, as the panel tells it; the spread is added to *sum.
 */
static void
shrink(double *mean, const double *weight, int bins, double least, FrnnPhaseSpread *sum)
{
	FrnnPhaseSpread spread = {0, 0, bins};
	double		total = 0;
	double		centre = 0;
	double		share;

	for (int b = 0; b < bins; b++)
	{
		total += weight[b];
		centre += weight[b] * mean[b];
	}
	if (!(total > 0) || !(centre > 0))
	{
		for (int b = 0; b < bins; b++)
			mean[b] = 1;
		return;
	}
	centre /= total;
	for (int b = 0; b < bins; b++)
		if (weight[b] > 0)
		{
			spread.between += weight[b] * (mean[b] / centre - 1) * (mean[b] / centre - 1);
			spread.noise += VARIANCE;
		}
	sum->between += spread.between;
	sum->noise += spread.noise;
	sum->phases += spread.phases;
	share = frnn_phase_share(&spread);
	for (int b = 0; b < bins; b++)
	{
		/* what one series tells of its own share is uncertain, too */
		double		own = weight[b] > 0 ? fmax(share * weight[b] / (weight[b] + 2), least) : 0;

		mean[b] = fmax(1 + own * (mean[b] / centre - 1), FRNN_LEAST_FACTOR);
	}
}

/* means over neighboring phases, by 1 : 2 : 1 */
static void
smooth(double *mean, const double *weight, int bins)
{
	double		first = mean[0];
	double		before = mean[bins - 1];

	for (int b = 0; b < bins; b++)
	{
		double		own = mean[b];
		double		after = b + 1 < bins ? mean[b + 1] : first;
		double		left = weight[(b + bins - 1) % bins] > 0 ? 1 : 0;
		double		right = weight[(b + 1) % bins] > 0 ? 1 : 0;

		if (weight[b] > 0)
			mean[b] = (left * before + 2 * own + right * after) / (2 + left + right);
		before = own;
	}
}

/* factors of the phases of one period; the rows' means are divided by them */
static void
period_factors(FrnnErrorScale *work, const FrnnReady *ready, int64_t rows, int period, int block, bool alone,
			   double mean, double least, FrnnPhaseSpread *sum, double *factor)
{
	double		weight[FRNN_PHASE_BINS] = {0};
	int			width = frnn_phase_bin_width(period);
	int			bins = frnn_phase_bins(period);
	double		together = (width < block ? width : block) / 2.0;

	memset(factor, 0, sizeof(double) * (size_t) bins);
	for (int64_t i = 0; i < rows; i++)
		if (work->count[i] > 0)
		{
			int			b = frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), period) / width;

			factor[b] += fmin(work->sum[i] / work->count[i], LARGEST * mean);
			weight[b]++;
		}
	for (int b = 0; b < bins; b++)
	{
		factor[b] = weight[b] > 0 ? factor[b] / weight[b] : 0;
		/* errors of one block go together: those of one cycle in one bin count as two at least */
		weight[b] /= together > 1 ? together : 1;
		if (weight[b] < 2)
			weight[b] = 0;
	}
	if (alone && bins >= SMOOTHED && rows < FEW_CYCLES * period)
		smooth(factor, weight, bins);
	shrink(factor, weight, bins, least, sum);
	for (int64_t i = 0; i < rows; i++)
		work->sum[i] /= factor[frnn_phase(frnn_season_row(&ready->clock, ready->offset + i), period) / width];
}

void
frnn_phase_factors(FrnnErrorScale *work, const FrnnRecipe *recipe, const FrnnReady *ready, int64_t rows, bool alone,
				   double mean, const double *least, FrnnPhaseSpread *sum, double *factor)
{
	for (int p = 0; mean > 0 && p < recipe->periods; p++)
	{
		/* a phase seen once has no residual: its profile is its value */
		if (rows >= 2 * recipe->period[p])
			period_factors(work, ready, rows, recipe->period[p], recipe->block, alone, mean, least[p], &sum[p], factor);
		factor += frnn_phase_bins(recipe->period[p]);
	}
}

void
frnn_series_factors(FrnnErrorScale *work, FrnnForecaster *out, int64_t series, const int64_t *rows)
{
	int			columns = frnn_error_scale_columns(&out->recipe);
	double		total = 0;
	double		centre = 0;
	double		between = 0;
	double		noise = 0;
	double		share;

	for (int64_t s = 0; s < series; s++)
	{
		double		weight = work->raw[s] > 0 ? fmax(2.0 * (double) rows[s] / out->recipe.block, 1) : 0;

		total += weight;
		centre += weight * work->raw[s];
	}
	centre = total > 0 ? centre / total : 1;
	for (int64_t s = 0; s < series; s++)
		if (work->raw[s] > 0)
		{
			double		weight = fmax(2.0 * (double) rows[s] / out->recipe.block, 1);

			between += weight * (work->raw[s] / centre - 1) * (work->raw[s] / centre - 1);
			noise += VARIANCE;
		}
	share = between > noise ? 1 - noise / between : 0;
	for (int64_t s = 0; s < series; s++)
	{
		double		weight = fmax(2.0 * (double) rows[s] / out->recipe.block, 1);
		double		own = work->raw[s] > 0 ? share * weight / (weight + 2) : 0;

		out->error_scale[s * columns] = fmax(1 + own * (work->raw[s] / centre - 1), FRNN_LEAST_FACTOR);
	}
}
