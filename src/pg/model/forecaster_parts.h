/*
 * forecaster_parts.h
 *	  Parts of a forecaster's file that its writer and its reader share.
 *
 * Readers raise an error about the model's bytes for what is absent or out of
 * range.
 */
#ifndef FRNN_PG_FORECASTER_PARTS_H
#define FRNN_PG_FORECASTER_PARTS_H

#include "pg/model/forecaster.h"

/*
 * The scalars of the fitted state, as metadata "forecaster": added to a file, read
 * from it into a struct that need not be laid out, and copied into one that is.
 */
extern void fitted_scalars_add(StFile *file, const FrnnForecaster *core);
extern void fitted_scalars_read(const StFile *file, FrnnForecaster *stored);
extern void fitted_scalars_copy(const FrnnForecaster *stored, FrnnForecaster *core);

/* The state of the optimizer (optimizer.place, optimizer.state) and the velocity of the outer step, if there are any. */
extern void training_add(StFile *file, const ForecastModel *model);
extern void training_read(const StFile *file, ForecastModel *model);

/*
 * Returns true if the file has the optimizer's state.  Its tensors must have the
 * sizes expected, so that memory may be allocated for them.
 */
extern bool training_is_kept(const StFile *file, const FrnnOptimizer *optimizer, int members, size_t parameters);

/*
 * What a model without series of its own was trained on, as metadata "panel".  The
 * numbers are only shown, so they need to be possible, not more.
 */
extern void model_panel_add(StFile *file, const ModelPanel *panel);
extern void model_panel_read(const StFile *file, ModelPanel *panel);

#endif
