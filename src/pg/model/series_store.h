/*
 * series_store.h
 *	  What a model keeps of each series, as tensors of its file: names, anchors,
 *	  numbers, profiles, error scales, and the last rows.
 *
 *	series.id U8, each name followed by a zero byte		series.anchor (S) I64
 *	series.sigma, .center, .unit, .lowest, .highest, .rows, .known, .status, .spread (S) F64
 *	series.profile (S, rows) F64		series.error_scale (S, columns) F64
 *	series.ar_weight (S, columns) F32, if each series has an autoregression
 *	history.rows (S) I64				history.future (S) I64
 *	history.value F64					history.covariate (rows, covariates) F64
 *
 * A column of which all numbers are equal has one element.  With more than
 * FRNN_COMPACT_SERIES series (core/forecast/compact.h) series.profile is I16,
 * multiples of two to the power of series.profile_exponent (S, periods) I16,
 * and series.error_scale is F16.  history.value has the shortest type that
 * holds every bit: I16 or I32, values times ten to the power of the metadata
 * "history_digits" with the least number for a missing value; F32; or F64.
 */
#ifndef FRNN_PG_SERIES_STORE_H
#define FRNN_PG_SERIES_STORE_H

#include "pg/model/forecaster.h"

/* Adds the tensors of all series; what they point to must live until st_write. */
extern void series_add(StFile *file, const ForecastModel *model);

/* Returns an upper bound of the bytes of one series without its name. */
extern size_t series_bytes(const FrnnRecipe *recipe, int64 series);

/* Reads names and anchors.  Allocates no more than a small multiple of the file. */
extern void series_read_names(const StFile *file, ForecastModel *model);

/* Reads the numbers into model->core, which is laid out. */
extern void series_read_numbers(const StFile *file, ForecastModel *model);

/* Adds the last rows of each series, up to what a forecast needs, straight from the panel. */
extern void history_add(StFile *file, const ForecastModel *model, const PanelData *panel);

/* Returns an upper bound of the bytes that history_add adds. */
extern size_t history_bytes(const FrnnRecipe *recipe, const PanelData *panel);

/* Reads the last rows, if the file has any. */
extern void history_read(const StFile *file, ForecastModel *model);

/*
 * A column of one number per series, reduced to one element if all are equal.
 * Returns the number of elements.
 */
extern int64 column_length(const int64 *number, int64 series);

/* Reads a column of I64 of either length; each number must be within the limits.  In the current context. */
extern int64 *column_read(const StFile *file, const char *name, int64 series, int64 least, int64 most);

#endif
