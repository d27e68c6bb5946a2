/*
 * model_panel.c
 *	  The rows that a model was trained on, all series together: computed from
 *	  the series that it keeps, or stored if it keeps none.
 */
#include "pg/model/forecaster_parts.h"

#include "pg/bytes/json_numbers.h"

#define OF_PANEL(name, type) {#name, type, offsetof(ModelPanel, name)}

static const JsonNumber panel_numbers[] = {
	OF_PANEL(series, NUMBER_INT64),
	OF_PANEL(rows, NUMBER_DOUBLE),
	OF_PANEL(known, NUMBER_DOUBLE),
	OF_PANEL(shortest, NUMBER_INT64),
	OF_PANEL(longest, NUMBER_INT64),
	OF_PANEL(dated, NUMBER_INT),
	OF_PANEL(first, NUMBER_INT64),
	OF_PANEL(last, NUMBER_INT64),
};

ModelPanel
forecast_model_panel(const ForecastModel *model)
{
	ModelPanel	panel = {.series = model->series, .shortest = PG_INT64_MAX};
	int64		s;

	/* its own series are not kept */
	if (model->series == 0)
		return model->panel;
	for (s = 0; s < model->series; s++)
	{
		const double *number = model->core.series_number + s * FRNN_SERIES_NUMBERS;
		int64		rows = (int64) number[FRNN_N_ROWS];
		int64		end;

		panel.rows += number[FRNN_N_ROWS];
		panel.known += number[FRNN_N_KNOWN];
		panel.shortest = Min(panel.shortest, rows);
		panel.longest = Max(panel.longest, rows);
		if (rows < 1 || !axis_stamp_try(&model->axis, model->anchor[s], rows - 1, &end))
			continue;
		panel.first = panel.dated ? Min(panel.first, model->anchor[s]) : model->anchor[s];
		panel.last = panel.dated ? Max(panel.last, end) : end;
		panel.dated = 1;
	}
	return panel;
}

void
model_panel_add(StFile *file, const ModelPanel *panel)
{
	st_meta(file, "panel", json_numbers_write(panel_numbers, lengthof(panel_numbers), panel));
}

void
model_panel_read(const StFile *file, ModelPanel *panel)
{
	json_numbers_read(st_need_meta(file, "panel"), "metadata \"panel\"", panel_numbers, lengthof(panel_numbers), panel);
	if (panel->series < 1 || panel->series > PG_INT32_MAX || !(panel->known >= 0 && panel->known <= panel->rows && panel->rows <= 1e18) ||
		panel->shortest < 0 || panel->shortest > panel->longest || panel->longest > panel->rows ||
		(panel->dated != 0 && panel->dated != 1) || panel->first > panel->last)
		st_corrupt("metadata \"panel\" is out of range");
}

void
forecast_model_check_step(const ForecastModel *model, const PanelView *panel, const FrnnOptions *options)
{
	ModelPanel	trained = forecast_model_panel(model);

	axis_check_step(&model->axis, panel, options, trained.known * 2 >= trained.rows);
}
