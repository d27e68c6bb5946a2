/*
 * train_request.c
 *	  The arguments of a training: network, options and panel, read and
 *	  checked; the horizon, and the layer that a given network lacks.
 */
#include "pg/forecast/train_request.h"

#include "pg/forecast/forecast_limits.h"
#include "pg/forecast/train_rows.h"
#include "pg/model/layer_json.h"
#include "pg/model/network_json.h"
#include "pg/options/options_table.h"
#include "pg/options/recipe.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

/* Reads the network argument: "ridge" as a JSON string, layers, or NULL to have one chosen. */
static FrnnNetworkChoice
train_read_network(Jsonb *json, FrnnNetwork *network)
{
	memset(network, 0, sizeof(*network));
	if (json == NULL)
		return FRNN_NETWORK_AUTO;
	if (JB_ROOT_IS_SCALAR(json))
	{
		JsonbValue	value;

		if (JsonbExtractScalar(&json->root, &value) && value.type == jbvNull)
			return FRNN_NETWORK_AUTO;
		if (value.type == jbvString && value.val.string.len == 5 && memcmp(value.val.string.val, "ridge", 5) == 0)
			return FRNN_NETWORK_RIDGE;
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a network must be a list of layers, \"ridge\" or null"),
						errhint("Write for example rnn_lstm(32), or leave the network out to have one chosen.")));
	}
	frnn_network_from_jsonb(json, network);
	return FRNN_NETWORK_GIVEN;
}

/* Returns true if the given layers end in the dense layer whose outputs are the forecast. */
static bool
network_has_head(const FrnnNetwork *network)
{
	return network->layers > 0 && network->layer[network->layers - 1].kind == FRNN_DENSE;
}

/* Appends the dense layer that a network of recurrent layers lacks: one output per step and output of the loss. */
static void
network_add_head(FrnnNetwork *network, int horizon, const FrnnLoss *loss)
{
	FrnnLayer	head = frnn_layer_default(FRNN_DENSE);

	frnn_layer_count(network->layers + 1);
	head.units = horizon * frnn_loss_width(loss);
	network->layer[network->layers++] = head;
}

/*
 * Returns the steps to forecast: the option; else the units of the given network's last
 * layer; else the panel's rows to forecast; else one shortest season; else 10.
 */
static int
train_choose_horizon(const FrnnOptions *options, const PanelData *data, const FrnnNetwork *network, const FrnnLoss *loss)
{
	int			width = frnn_loss_width(loss);
	int64		future = panel_data_future(data);

	if (options->horizon != FRNN_AUTO)
		return options->horizon;
	if (network_has_head(network))
	{
		int			units = network->layer[network->layers - 1].units;

		if (units > width && units % width == 0)
			return Min(units / width, FRNN_MAX_HORIZON);
	}
	if (future > 0)
		return (int) Min(future, FRNN_MAX_HORIZON);
	return data->panel.periods > 0 ? axis_season_rows(&data->axis, data->panel.period[0]) : 10;
}

/* Sets the limits that all values keep to, unless one is given or the training starts from a model. */
static void
train_set_limits(TrainRequest *request)
{
	double		limit;
	Datum		limits;

	if (request->old || request->start || frnn_option_given(request->options, OPT_LOWER_LIMIT) ||
		frnn_option_given(request->options, OPT_UPPER_LIMIT) || (limit = forecast_limits_find(&request->data->panel)) == 0)
		return;
	request->bounded = true;
	request->options->lower_limit = 0;
	request->options->upper_limit = limit;
	limits = DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("{\"lower_limit\": 0, \"upper_limit\": %g}", limit)));
	request->given = request->given == NULL ? DatumGetJsonbP(limits) :
		DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(request->given), limits));
}

/* Reads what all kinds of request share: options, the panel, the horizon. */
static void
train_complete_request(TrainRequest *request, Datum panel)
{
	const ForecastModel *old = request->old;

	if (request->options->keep_ridge && !old)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"keep_ridge\" needs a forecaster to start from")));
	recipe_from_options(request->options, &request->recipe);
	request->data = panel_data_load(panel, request->options, old ? &old->axis : NULL, old ? old->plan : NULL,
									old ? old->calendar : request->options->calendar == 1,
									request->options->on_error == ERROR_SKIP);
	if (request->data->no_axis)
		return;
	if (old)
		forecast_model_check_step(old, request->data->view, request->options);
	if (request->data->plan && request->data->plan->given)
	{
		request->recipe.known_covariates = request->data->plan->known;
		request->recipe.past_covariates = request->data->plan->past;
	}
	train_check_series(request->data, request->options);
	train_set_limits(request);
	request->horizon = old && request->options->horizon == FRNN_AUTO ? old->core.recipe.horizon :
		train_choose_horizon(request->options, request->data, &request->network, &request->recipe.loss);
	if (request->network.layers > 0 && !network_has_head(&request->network))
		network_add_head(&request->network, request->horizon, &request->recipe.loss);
}

TrainRequest *
train_request(Datum panel, Jsonb *network, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));

	/* options may stand in the place of the network */
	if (network && frnn_network_is_options(network))
	{
		if (options)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("options stand in the place of the network and in their own"),
							errhint("Leave the network null, or pass layers, for example rnn_lstm(32).")));
		options = network;
		network = NULL;
	}
	request->context = CurrentMemoryContext;
	request->given = options;
	request->options = frnn_options_parse(options, SCOPE_PANEL);
	request->recipe = frnn_recipe_default();
	request->recipe.network = train_read_network(network, &request->network);
	train_complete_request(request, panel);
	return request;
}

TrainRequest *
train_request_warm(Datum panel, ForecastModel *old, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));

	request->context = CurrentMemoryContext;
	if (options)
	{
		const FrnnOptions *call = frnn_options_parse(options, SCOPE_PANEL);

		request->call_plan = frnn_option_given(call, OPT_EPOCHS) || frnn_option_given(call, OPT_STEPS_PER_EPOCH);
	}
	request->given = model_options(old->model, options);
	request->options = frnn_options_parse(request->given, SCOPE_PANEL);
	request->old = old;
	request->recipe = old->core.recipe;
	request->network = old->core.network;
	request->recipe.network = request->network.layers > 0 ? FRNN_NETWORK_GIVEN : FRNN_NETWORK_RIDGE;
	train_complete_request(request, panel);
	check_covariate_count("the panel", request->data->own_covariates, old->own_covariates);
	return request;
}

TrainRequest *
train_request_network(Datum panel, const FrnnModel *start, Jsonb *options)
{
	TrainRequest *request = palloc0(sizeof(TrainRequest));
	const FrnnNetwork *network = &start->network;

	request->context = CurrentMemoryContext;
	request->given = options;
	request->options = frnn_options_parse(options, SCOPE_PANEL);
	request->start = start;
	request->network = *network;
	request->recipe = frnn_recipe_default();
	request->recipe.network = FRNN_NETWORK_GIVEN;
	request->recipe.highway = 0;
	request->recipe.periods = 0;
	if (!network->output_sequence)
	{
		request->recipe.segment = network->input_size;
		if (network->time_steps > 0)
			request->recipe.time_steps = network->time_steps * network->input_size;
	}
	train_complete_request(request, panel);
	return request;
}
