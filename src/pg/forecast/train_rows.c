/*
 * train_rows.c
 *	  Whether the rows of a panel can be trained on: an error or a NOTICE that
 *	  names the series, the covariate and the time.
 */
#include "pg/forecast/train_rows.h"

#include <math.h>

#include "miscadmin.h"

#define TRAIN_ROWS 3			/* that training needs of one series, see frnn_recipe_choose */
#define TRAIN_KNOWN 2			/* of them are known */
#define LARGEST_VALUE 1e150		/* the sum of squares of larger values may not be finite */
#define LEFT_OUT_TOLD 3			/* series left out that are named */

/*
 * Raises an error that names the first row of a series whose value is too large
 * to train on; skip: leaves the series out instead, with a NOTICE.
 */
static void
train_check_values(PanelData *data, int64 s, bool skip)
{
	FrnnSeriesData *series = &data->data[s];
	int64		i;

	for (i = 0; i < series->n; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		/* a missing value compares as false */
		if (!(fabs(series->value[i]) > LARGEST_VALUE))
			continue;
		ereport(skip ? NOTICE : ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s cannot be trained on: its value at %s is too large",
						axis_series_name(&data->view->series[s]),
						panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[s].anchor, i))),
				 errdetail("The value is %g, and training takes values up to %g.", series->value[i], LARGEST_VALUE),
				 skip ? errhint("The series is left out; divide its values by a constant to include it.") :
				 errhint("Divide the values by a constant, leave the series out, or set the option on_error to \"skip\".")));
		series->n = 0;
		return;
	}
}

/* Returns the name of a column of the panel's own covariates. */
static char *
train_covariate_name(const PanelData *data, int column)
{
	int			c;

	for (c = 0; data->plan && c < data->plan->n; c++)
		if (data->plan->column[c].role != ROLE_STATIC && column < data->plan->column[c].first + data->plan->column[c].width)
			return psprintf("covariate \"%s\"", data->plan->column[c].name);
	return psprintf("covariate %d", column + 1);
}

/*
 * Checks the covariates of a series, as train_check_values its values; known: by column, whether a training row has a
 * value.
 */
static void
train_check_row_covariates(PanelData *data, int64 s, bool skip, bool *known)
{
	FrnnSeriesData *series = &data->data[s];
	int			width = data->panel.covariates;
	int64		i;
	int			c;

	for (i = 0; series->covariate && i < series->n + series->future; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		for (c = 0; c < data->own_covariates; c++)
		{
			double		v = series->covariate[i * width + c];

			known[c] |= i < series->n && !isnan(v);
			if (!(fabs(v) > LARGEST_VALUE))
				continue;
			ereport(skip ? NOTICE : ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s cannot be trained on: %s at %s is too large", axis_series_name(&data->view->series[s]),
							train_covariate_name(data, c),
							panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[s].anchor, i))),
					 errdetail("The value is %g, and training takes values up to %g.", v, LARGEST_VALUE),
					 errhint("Divide the covariate by a constant, or leave it out.")));
			series->n = 0;
			return;
		}
	}
}

/* Checks covariates; a NOTICE tells of one that no training row has a value of, and which changes no forecast. */
static void
train_check_covariates(PanelData *data, bool skip)
{
	bool	   *known = palloc0(Max(data->own_covariates, 1));
	int64		s;
	int			c;

	for (s = 0; s < data->panel.series; s++)
		train_check_row_covariates(data, s, skip, known);
	for (c = 0; c < data->own_covariates; c++)
		if (!known[c])
			ereport(NOTICE, (errmsg("%s has no value in the training rows, so it changes no forecast", train_covariate_name(data, c))));
	pfree(known);
}

/* Issues a NOTICE for the first series that could not be put on the grid, and one for the others together. */
static void
train_notice_left_out(const PanelData *data)
{
	int64		left_out = 0;
	int64		s;

	for (s = 0; s < data->panel.series; s++)
	{
		if (data->problem[s] == NULL)
			continue;
		if (left_out++ < LEFT_OUT_TOLD)
			ereport(NOTICE, (errmsg("%s is left out of the training", axis_series_name(&data->view->series[s])),
							 errdetail("The reason is: %s.", data->problem[s])));
	}
	if (left_out > LEFT_OUT_TOLD)
		ereport(NOTICE, (errmsg(INT64_FORMAT " series are left out of the training", left_out),
						 errhint("rnn_describe(panel, '{\"on_error\": \"skip\"}') tells of each.")));
}

/* Returns the most rows of a series up to its last known value, or -1 if there are enough, but of no series are two values known. */
static int64
longest_known(const PanelData *data)
{
	int64		longest = 0;
	bool		known = false;

	for (int64 s = 0; s < data->panel.series; s++)
	{
		longest = Max(longest, data->data[s].n);
		known = known || (data->data[s].n >= TRAIN_ROWS && data->grid[s].n - data->grid[s].missing >= TRAIN_KNOWN);
	}
	return longest >= TRAIN_ROWS && !known ? -1 : longest;
}

void
train_check_series(PanelData *data, const FrnnOptions *options)
{
	int64		s;

	for (s = 0; s < data->panel.series; s++)
		train_check_values(data, s, options->on_error == ERROR_SKIP);
	train_notice_left_out(data);
	train_check_covariates(data, options->on_error == ERROR_SKIP);
	for (s = 0; s < data->panel.series && options->on_error != ERROR_SKIP; s++)
		if (data->data[s].n == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("%s has no known value", axis_series_name(&data->view->series[s])),
							errhint("Leave the series out, for example by HAVING count(value) >= %d, or set the option on_error to \"skip\".",
									TRAIN_ROWS)));
	if (options->on_error != ERROR_SKIP && longest_known(data) < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("too few known values: %d of a series are needed, there is one", TRAIN_KNOWN),
						errhint("Leave such panels out, for example by HAVING count(value) >= %d, or set the option on_error to \"skip\".",
								TRAIN_ROWS)));
}

bool
train_is_skipped(const PanelData *data, const FrnnOptions *options)
{
	int64		longest;
	char	   *times = "";

	if (options->on_error != ERROR_SKIP)
		return false;
	if (data->no_axis)
	{
		ereport(NOTICE, (errmsg("a model was not trained: the frequency of the time axis cannot be inferred"),
						 data->view->series[0].has_id ? errdetail("The panel starts with %s. %s", axis_series_name(&data->view->series[0]), data->no_axis) :
						 errdetail("%s", data->no_axis)));
		return true;
	}
	longest = longest_known(data);
	if (longest >= TRAIN_ROWS)
		return false;
	if (data->panel.series > 0 && data->grid[0].n + data->grid[0].future > 0)
	{
		int64		rows = data->grid[0].n + data->grid[0].future;

		times = psprintf(", from %s to %s", panel_time_text(data->axis.time, data->grid[0].anchor),
						 panel_time_text(data->axis.time, axis_stamp(&data->axis, data->grid[0].anchor, rows - 1)));
	}
	ereport(NOTICE, (longest < 0 ? errmsg("a model was not trained: no series of the panel has %d known values", TRAIN_KNOWN) :
					 errmsg("a model was not trained: no series of the panel has %d rows up to its last known value", TRAIN_ROWS),
					 data->view->series[0].has_id ?
					 errdetail("The panel has " INT64_FORMAT " series, the first of them is %s%s.", data->panel.series,
							   axis_series_name(&data->view->series[0]), times) :
					 errdetail("The panel has one series%s.", times)));
	return true;
}
