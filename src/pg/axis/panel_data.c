/*
 * panel_data.c
 *	  A panel made ready for the core.
 *
 * Everything is allocated in the current context, which is the call's own;
 * grids point into the view or stand beside it, nothing is flattened.
 */
#include "pg/axis/panel_data.h"

#include <math.h>

#include "access/detoast.h"
#include "common/int.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

#define SECONDS_OF_DAY	86400.0
#define DAYS_OF_YEAR	365.2425

/* does the axis's step resolve a cycle of that many seconds? */
static bool
axis_resolves(const Axis *axis, double seconds)
{
	double		step = axis->unit == AXIS_MICROSECOND ? axis->step / 1e6 :
		axis->unit == AXIS_DAY ? axis->step * SECONDS_OF_DAY :
		axis->step * DAYS_OF_YEAR / 12 * SECONDS_OF_DAY;

	return axis->unit != AXIS_INDEX && step * 2 < seconds;
}

int
calendar_width(const Axis *axis)
{
	return 2 * (axis_resolves(axis, SECONDS_OF_DAY) +
				axis_resolves(axis, 7 * SECONDS_OF_DAY) +
				axis_resolves(axis, DAYS_OF_YEAR * SECONDS_OF_DAY));
}

static double *
calendar_phase(double *out, double share)
{
	*out++ = sin(2 * M_PI * share);
	*out++ = cos(2 * M_PI * share);
	return out;
}

void
calendar_fill(const Axis *axis, int64 stamp, double *out)
{
	AxisWall	wall;
	double		day;

	if (axis->unit == AXIS_INDEX)
		return;
	axis_wall(axis, stamp, &wall);
	day = wall.time / (SECONDS_OF_DAY * 1e6);
	if (axis_resolves(axis, SECONDS_OF_DAY))
		out = calendar_phase(out, day);
	if (axis_resolves(axis, 7 * SECONDS_OF_DAY))
		out = calendar_phase(out, (wall.date % 7 + day) / 7);
	if (axis_resolves(axis, DAYS_OF_YEAR * SECONDS_OF_DAY))
		out = calendar_phase(out, fmod(wall.date + day, DAYS_OF_YEAR) / DAYS_OF_YEAR);
}

double *
calendar_join(const Axis *axis, int64 anchor, int64 first, const double *own, int own_width, int64 rows, int64 ahead)
{
	int			width = own_width + calendar_width(axis);
	size_t		bytes = frnn_mul(frnn_mul(rows + ahead, width), sizeof(double));
	double	   *out;
	int64		i;
	int			c;

	frnn_check_growth(CurrentMemoryContext, bytes, "the calendar");
	out = MemoryContextAllocHuge(CurrentMemoryContext, bytes > 0 ? bytes : 1);
	for (i = 0; i < rows + ahead; i++)
	{
		double	   *row = out + i * width;

		for (c = 0; c < own_width; c++)
			row[c] = i < rows && own ? own[i * own_width + c] : NAN;
		if (width > own_width)
			calendar_fill(axis, axis_stamp(axis, anchor, first + i), row + own_width);
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return out;
}

/* a panel from a table is unpacked first; one that an aggregate made is read where it stands */
static void
check_stored(Datum panel)
{
	struct varlena *pointer = (struct varlena *) DatumGetPointer(panel);

	if (VARATT_IS_EXTENDED(pointer) && !VARATT_IS_EXTERNAL_EXPANDED(pointer))
		frnn_check_growth(CurrentMemoryContext, toast_raw_datum_size(panel), "the panel");
}

PanelData *
panel_data_load(Datum panel, const FrnnOptions *options, const Axis *axis, bool calendar, bool skip)
{
	PanelData  *data = palloc0(sizeof(PanelData));
	PanelView  *view;
	int64		s;

	check_stored(panel);
	data->view = view = panel_view(panel);
	if (view->n_series < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the panel has no rows")));
	if (axis)
	{
		if (axis->time != view->time)
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("the panel's time is of type %s, but the model's is of type %s",
								   axis_time_name(view->time), axis_time_name(axis->time))));
		data->axis = *axis;
	}
	else
		axis_find(view, options, &data->axis);

	data->own_covariates = view->covariates;
	data->calendar = calendar && calendar_width(&data->axis) > 0;
	frnn_check_growth(CurrentMemoryContext, frnn_mul(view->n_series, sizeof(Grid) + sizeof(FrnnSeriesData) + sizeof(char *)),
					  "the panel");
	data->grid = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(Grid) * view->n_series,
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	data->data = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(FrnnSeriesData) * view->n_series,
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	data->problem = MemoryContextAllocExtended(CurrentMemoryContext, sizeof(char *) * view->n_series,
											   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (s = 0; s < view->n_series; s++)
	{
		Grid	   *grid = &data->grid[s];
		FrnnSeriesData *series = &data->data[s];

		CHECK_FOR_INTERRUPTS();
		if (!skip)
			axis_grid(&data->axis, view, &view->series[s], options, grid);
		else if (!axis_grid_try(&data->axis, view, &view->series[s], options, grid, &data->problem[s]))
		{
			memset(grid, 0, sizeof(*grid));
			continue;
		}
		if (data->calendar)
		{
			const double *own = grid->covariate;

			grid->covariate = calendar_join(&data->axis, grid->anchor, 0, own, view->covariates, grid->n + grid->future, 0);
			if (own && own != view->series[s].covariate)
				pfree(unconstify(double *, own));
		}
		series->n = grid->n;
		series->future = grid->future;
		series->value = grid->value;
		series->covariate = grid->covariate;
	}

	data->panel.series = view->n_series;
	data->panel.data = data->data;
	data->panel.covariates = view->covariates + (data->calendar ? calendar_width(&data->axis) : 0);
	data->panel.periods = axis_periods(&data->axis, data->panel.period);
	return data;
}

int64
panel_data_future(const PanelData *data)
{
	int64		longest = 0;
	int64		s;

	for (s = 0; s < data->panel.series; s++)
		longest = Max(longest, data->data[s].future);
	return longest;
}
