/*
 * panel_data.c
 *	  A panel prepared for the core: one time axis, every series on its grid.
 *
 * Everything is allocated in the current context, which is the call's own.
 * Grids point into the panel's view or are allocated beside it; the panel is
 * never flattened.
 */
#include "pg/axis/panel_data.h"

#include <math.h>

#include "access/detoast.h"
#include "common/int.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

/* Returns the columns of each row of the grid: the panel's own covariates, then the calendar features. */
static double *
columns_make(const PanelData *data, const Grid *grid)
{
	const Axis *axis = &data->axis;
	int			own = data->own_covariates;
	int			given = data->view->covariates;
	int			width = own + (data->calendar ? calendar_width(axis) : 0);
	int64		rows = grid->n + grid->future;
	size_t		bytes = frnn_mul(frnn_mul(rows, width), sizeof(double));
	double	   *out;

	frnn_check_growth(CurrentMemoryContext, bytes, "the covariates");
	out = MemoryContextAllocHuge(CurrentMemoryContext, bytes > 0 ? bytes : 1);
	for (int64 i = 0; i < rows; i++)
	{
		double	   *row = out + i * width;

		if (data->plan)
			covariate_plan_row(data->plan, grid->covariate ? grid->covariate + i * given : NULL, row);
		for (int c = 0; c < own && !data->plan; c++)
			row[c] = grid->covariate ? grid->covariate[i * own + c] : NAN;
		if (data->calendar)
			calendar_fill(axis, axis_stamp(axis, grid->anchor, i), row + own);
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return out;
}

/* Checks the size of a panel that is read from a table, which is unpacked first; an aggregate's is read in place. */
static void
check_stored(Datum panel)
{
	struct varlena *pointer = (struct varlena *) DatumGetPointer(panel);

	if (VARATT_IS_EXTENDED(pointer) && !VARATT_IS_EXTERNAL_EXPANDED(pointer))
		frnn_check_growth(CurrentMemoryContext, toast_raw_datum_size(panel), "the panel");
}

static void *
series_array(int64 series, size_t size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, frnn_mul(series, size), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static PanelData *
panel_data_create(PanelView *view)
{
	PanelData  *data = palloc0(sizeof(PanelData));

	frnn_check_growth(CurrentMemoryContext, frnn_mul(view->n_series, sizeof(Grid) + sizeof(FrnnSeriesData) + sizeof(char *)),
					  "the panel");
	data->view = view;
	data->grid = series_array(view->n_series, sizeof(Grid));
	data->data = series_array(view->n_series, sizeof(FrnnSeriesData));
	data->problem = series_array(view->n_series, sizeof(char *));
	return data;
}

/* Reads the static covariates of a series; returns false, with a problem, if they are not constant and skip is true. */
static bool
place_statics(PanelData *data, int64 s, bool skip)
{
	char	   *problem;

	if (data->plan->statics == 0)
		return true;
	data->data[s].statics = covariate_plan_statics(data->plan, data->view, &data->view->series[s], &problem);
	if (problem == NULL)
		return true;
	if (!skip)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s: %s", axis_series_name(&data->view->series[s]), problem),
						errhint("Give it another role by the option covariates, for example {\"name\": \"known\"}.")));
	data->problem[s] = problem;
	return false;
}

/* Puts one series on its grid; see panel_data_load for skip. */
static void
panel_data_place(PanelData *data, int64 s, const FrnnOptions *options, bool skip, AxisClocks *clocks)
{
	const PanelSeries *from = &data->view->series[s];
	Grid	   *grid = &data->grid[s];
	FrnnSeriesData *series = &data->data[s];

	if (!skip)
		axis_grid(&data->axis, data->view, from, options, grid);
	else if (!axis_grid_try(&data->axis, data->view, from, options, grid, &data->problem[s]))
	{
		memset(grid, 0, sizeof(*grid));
		return;
	}
	if (data->plan && !place_statics(data, s, skip))
	{
		memset(grid, 0, sizeof(*grid));
		return;
	}
	if (data->calendar || data->plan)
	{
		const double *own = grid->covariate;

		grid->covariate = data->panel.covariates > 0 ? columns_make(data, grid) : NULL;
		if (own && own != from->covariate)
			pfree(unconstify(double *, own));
	}
	series->n = grid->n;
	series->future = grid->future;
	series->value = grid->value;
	series->covariate = grid->covariate;
	series->clock = axis_clock(clocks, &data->axis, grid->anchor);
}

PanelView  *
panel_data_view(Datum panel)
{
	PanelView  *view;

	check_stored(panel);
	view = panel_view(panel);
	if (view->n_series < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the panel has no rows")));
	return view;
}

PanelData  *
panel_data_load(Datum panel, const FrnnOptions *options, const Axis *axis, const CovariatePlan *plan, bool calendar, bool skip)
{
	return panel_data_load_view(panel_data_view(panel), options, axis, plan, calendar, skip);
}

PanelData  *
panel_data_load_view(PanelView *view, const FrnnOptions *options, const Axis *axis, const CovariatePlan *plan, bool calendar, bool skip)
{
	PanelData  *data;
	int64		snapped = 0;
	AxisClocks	clocks = {0};
	char	   *seen = "";

	if (axis)
		axis_check_time(axis, view->time);
	data = panel_data_create(view);
	data->panel.series = view->n_series;
	if (axis)
		data->axis = *axis;
	else if (!skip)
		axis_find(view, options, &data->axis);
	else if (!axis_find_try(view, options, &data->axis, &seen))
	{
		data->no_axis = seen;
		return data;
	}

	if (axis)
		axis_check_options(axis, options);

	if (axis)
		covariate_plan_check(plan, view);
	data->plan = axis ? plan : covariate_plan_create(view, options);
	data->own_covariates = data->plan ? data->plan->width : view->covariates;
	data->calendar = calendar && calendar_width(&data->axis) > 0;
	data->panel.covariates = data->own_covariates + (data->calendar ? calendar_width(&data->axis) : 0);
	if (data->plan)
	{
		data->panel.statics = data->plan->statics;
		data->panel.past_only = data->plan->past_only;
		/* where roles are given, the calendar is known */
		data->panel.known_only = data->plan->known_only + (data->plan->given ? data->panel.covariates - data->own_covariates : 0);
	}
	for (int64 s = 0; s < view->n_series; s++)
	{
		CHECK_FOR_INTERRUPTS();
		panel_data_place(data, s, options, skip, &clocks);
		snapped += data->grid[s].snapped;
	}
	axis_notice_moved(&data->axis, view, options, snapped);

	data->panel.data = data->data;
	data->panel.periods = axis_periods(&data->axis, data->panel.period);
	return data;
}

int64
panel_data_future(const PanelData *data)
{
	int64		longest = 0;

	for (int64 s = 0; s < data->panel.series; s++)
		longest = Max(longest, data->data[s].future);
	return longest;
}
