/*
 * train_rows.h
 *	  Whether the rows of a panel can be trained on.
 */
#ifndef FRNN_PG_TRAIN_ROWS_H
#define FRNN_PG_TRAIN_ROWS_H

#include "pg/server/compat.h"
#include "pg/axis/panel_data.h"
#include "pg/options/options.h"

/*
 * Raises an error for a series without a known value, and for a value or
 * covariate too large to train on.  With the option on_error = "skip" such a
 * series is left out instead, with a NOTICE; its forecasts have a status.
 */
extern void train_check_series(PanelData *data, const FrnnOptions *options);

/*
 * Returns true, with a NOTICE, if no series has enough rows to train on and the
 * option on_error is "skip".  An aggregate does not see the values that its
 * group is formed by, so the NOTICE names the first series and its times.
 */
extern bool train_is_skipped(const PanelData *data, const FrnnOptions *options);

#endif
