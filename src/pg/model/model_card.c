/*
 * model_card.c
 *	  rnn_model_card: a model for people, as rows of topic, item and value.
 *
 * What rnn_model_info gives to programs stands here in words: which data, what
 * was chosen and why, the errors beside the naive forecast's, and what the
 * prediction intervals rest on.
 */
#include "core/forecast/recent_error.h"
#include "pg/model/model_text.h"

#include <math.h>

#include "pg/server/rows.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_model_card);

typedef struct Card
{
	RowWriter	rows;
	Jsonb	   *options;		/* as given to the training */
	const char *topic;			/* of the rows that follow */
} Card;

/* add a row; a value of NULL adds none */
static void
card_add(Card *card, const char *item, const char *value)
{
	if (value == NULL)
		return;
	rows_text(&card->rows, card->topic);
	rows_text(&card->rows, item);
	rows_text(&card->rows, value);
	rows_put(&card->rows);
}

/* the value, and whether the option was given or chosen */
static void
card_choice(Card *card, const char *item, const char *option, const char *value, const char *reason)
{
	JsonbValue	given;

	if (getKeyJsonValueFromContainer(&card->options->root, option, strlen(option), &given))
		reason = "given";
	card_add(card, item, reason ? psprintf("%s (%s)", value, reason) : value);
}

/* a bound of forecasts and intervals, if one was given */
static void
card_limit(Card *card, const char *item, const char *option)
{
	JsonbValue	given;

	if (getKeyJsonValueFromContainer(&card->options->root, option, strlen(option), &given) && given.type == jbvNumeric)
		card_add(card, item, DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(given.val.numeric))));
}

/* a timestamp of the axis as text */
static char *
axis_text(const Axis *axis, int64 stamp)
{
	if (axis->unit == AXIS_INDEX)
		return psprintf(INT64_FORMAT, DatumGetInt64(axis_as_bigint(axis, stamp)));
	if (axis->time == PANEL_DATE)
		return DatumGetCString(DirectFunctionCall1(date_out, DirectFunctionCall1(timestamp_date, axis_as_timestamp(axis, stamp))));
	return DatumGetCString(DirectFunctionCall1(timestamp_out, axis_as_timestamp(axis, stamp)));
}

/* first and last timestamp of all series */
static char *
card_span(const ForecastModel *model)
{
	ModelPanel	panel = forecast_model_panel(model);

	return panel.dated ? psprintf("%s to %s", axis_text(&model->axis, panel.first), axis_text(&model->axis, panel.last)) : NULL;
}

/* share of rows whose value was missing */
static char *
card_missing(const ForecastModel *model)
{
	ModelPanel	panel = forecast_model_panel(model);
	double		missing = panel.rows - panel.known;

	if (missing <= 0)
		return NULL;
	return psprintf("%.0f of %.0f rows (%.2g %%), filled by the rule on_gap", missing, panel.rows, 100 * missing / panel.rows);
}

static void
card_model(Card *card, const FrnnModel *model, size_t bytes)
{
	const char *version = st_get_meta(model->file, "forecast_rnn.version");

	card->topic = "model";
	card_add(card, "kind", model->forecaster ? "forecaster, trained by rnn_train" :
			 model->targets > 0 ? "network, trained by rnn_fit" : "network, not trained yet");
	card_add(card, "version", version);
	card_add(card, "size", psprintf("%zu bytes", bytes));
	if (model->members > 0)
		card_add(card, "weights", psprintf("%zu", model->members * model->network.parameters));
}

static void
card_data(Card *card, const ForecastModel *model)
{
	const Axis *axis = &model->axis;

	card->topic = "data";
	card_add(card, "rows", model_rows_text(model));
	card_add(card, "time span", card_span(model));
	card_choice(card, "frequency", "frequency",
				axis->unit == AXIS_INDEX ? psprintf("steps of %s", axis_frequency_text(axis)) : axis_frequency_text(axis),
				axis->inferred ? "found in the rows" : NULL);
	card_add(card, "time column", axis_time_name(axis->time));
	if (axis->time == PANEL_TIMESTAMPTZ)
		card_choice(card, "time zone", "time_zone", axis->time_zone, "of the session that made the panel");
	card_add(card, "missing values", card_missing(model));
	card_add(card, "covariates", model->plan ? covariate_plan_describe(model->plan) : model->own_covariates == 0 ? "none" : psprintf("%d", model->own_covariates));
	if (model->calendar)
		card_add(card, "calendar", "hour, weekday and month are inputs");
	if (model->core.recipe.pooled)
		card_add(card, "series", "not kept, each is forecast from its recent rows");
	card_add(card, "history", model->history ? "the last rows of each series are kept, so the model can forecast alone" :
			 "not kept, a forecast needs a panel of recent rows");
}

/* layers, weights of the mix and members */
static void
card_method(Card *card, const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	const FrnnRecipe *recipe = &core->recipe;

	card_add(card, "method", model_method_text(core));
	if (core->members > 0)
	{
		card_add(card, "layers", psprintf("%s (%s)", model_network_text(&core->network),
										  recipe->network == FRNN_NETWORK_GIVEN ? "given, or those of a model that was trained further" : "chosen"));
		if (core->members > 1)
			card_choice(card, "networks", "ensemble", psprintf("%d, of different seeds; the forecast is their median", core->members), NULL);
		card_choice(card, "weight of the network", "mix", psprintf("%.2g", core->mix),
					recipe->network == FRNN_NETWORK_GIVEN && core->mix == 1 ? "a network that was given or trained further forecasts alone" :
					core->validation_origins < FRNN_FEW_ORIGINS ? "by default, for want of validation rows" : "by the errors on the validation rows");
		card_choice(card, "mode", "mode", recipe->mode == FRNN_MODE_SEQUENCE ? "sequence: the network reads whole series" :
					psprintf("window: the network reads %d steps of %d rows", recipe->time_steps / recipe->segment, recipe->segment),
					psprintf("series have %.0f rows in the median", recipe->median_rows));
	}
	card_choice(card, "window", "time_steps", psprintf("%d rows", recipe->time_steps), "from season, horizon and length of the series");
	card_choice(card, "horizon", "horizon", psprintf("%d step%s", recipe->horizon, recipe->horizon > 1 ? "s" : ""), NULL);
	if (recipe->block < recipe->horizon)
		card_add(card, "steps at once", psprintf("%d, longer forecasts continue from their own values", recipe->block));
}

static void
card_chosen(Card *card, const ForecastModel *model)
{
	const FrnnRecipe *recipe = &model->core.recipe;

	card->topic = "choice";
	card_method(card, model);
	card_choice(card, "transform", "transform", model_transform_text(recipe),
				psprintf("the spread grows with the level to the power %.2f", recipe->spread_slope));
	card_choice(card, "seasons", "seasonality", recipe->periods > 0 ? psprintf("%s rows", model_seasons_text(recipe)) : "none",
				"from the frequency, if the rows hold two of them");
	card_choice(card, "level", "level", recipe->level == FRNN_LEVEL_NONE ? "not subtracted" :
				recipe->level == FRNN_LEVEL_LAST ? "the last value, subtracted and added back" :
				psprintf("the mean of the last %d values, subtracted and added back", recipe->level_rows), NULL);
	card_choice(card, "scaler", "scaler", frnn_option_word(OPT_SCALER, recipe->scaling), NULL);
	if (model->core.members == 0)
		return;
	card_choice(card, "loss", "loss", frnn_loss_word(recipe->loss.kind), NULL);
	card_choice(card, "training", "epochs", psprintf("%d updates of %d %s per network", model->core.updates, recipe->batch,
													 recipe->mode == FRNN_MODE_SEQUENCE ? "series" : "windows"), NULL);
}

static void
card_error(Card *card, const char *item, double error)
{
	if (isfinite(error))
		card_add(card, item, model_error_text(error));
}

static void
card_validation(Card *card, const FrnnForecaster *core)
{
	ModelValidation validation = model_validation(core);

	card->topic = "validation";
	if (validation.origins == 0)
	{
		card_add(card, "forecasts", psprintf("none, %s", model_no_validation(core)));
		return;
	}
	card_add(card, "forecasts", psprintf(INT64_FORMAT " by a trial that was trained without the rows it forecasts", validation.origins));
	card_add(card, "measure", core->recipe.intermittent ? "root mean squared error, in units of each series' scale" :
			 "mean absolute error, in units of each series' scale");
	card_error(card, "model", core->validation_error[FRNN_VALIDATION_MIX]);
	card_error(card, "naive forecast", core->validation_error[FRNN_VALIDATION_NAIVE]);
	card_error(card, "seasonal naive forecast", core->validation_error[FRNN_VALIDATION_SEASONAL]);
	card_error(card, "ridge regression alone", core->validation_error[FRNN_VALIDATION_RIDGE]);
	card_error(card, "network alone", core->validation_error[FRNN_VALIDATION_NETWORK]);
	card_add(card, "result", model_validation_text(core));
}

static void
card_intervals(Card *card, const FrnnForecaster *core)
{
	card->topic = "intervals";
	if (core->recipe.intervals == FRNN_INTERVAL_LOSS)
		card_choice(card, "basis", "intervals", psprintf("the loss %s", frnn_loss_word(core->recipe.loss.kind)), NULL);
	else if (core->recipe.intervals == FRNN_INTERVAL_NONE || core->conformal_levels == 0)
		card_choice(card, "basis", "intervals", "none", core->recipe.intervals == FRNN_INTERVAL_NONE ? NULL : "there are no validation errors");
	else if (core->conformal_count == 0)
		card_choice(card, "basis", "intervals", "residuals on the training rows", "there are no validation errors");
	else
		card_choice(card, "basis", "intervals", psprintf("conformal: " INT64_FORMAT " validation errors, %.0f independent per step",
														 core->conformal_count, core->conformal_independent), NULL);
	if (core->recipe.intervals == FRNN_INTERVAL_CONFORMAL && core->conformal_levels > 0 && core->spread_power > 0)
		card_add(card, "recent spread", psprintf("wider at phases that varied more than usual in the last cycles of %d rows (power %g of that)",
												 core->recipe.period[0], core->spread_power));
	if (frnn_recent_known(core) && frnn_options_parse(card->options, SCOPE_PANEL)->recalibrate)
		card_add(card, "fresh rows", psprintf("wider or narrower by the errors since the training, of up to %d horizons", FRNN_RECENT_ORIGINS));
}

static void
card_network(Card *card, const FrnnModel *model)
{
	const FrnnNetwork *network = &model->network;

	card->topic = "network";
	card_add(card, "layers", model_network_text(network));
	card_add(card, "input", network->time_steps > 0 ? psprintf("%d time steps of %d features", network->time_steps, network->input_size) :
			 psprintf("any number of time steps of %d features", network->input_size));
	card_add(card, "output", psprintf("%d numbers %s", network->output_size, network->output_sequence ? "per time step" : "per sample"));
	if (model->targets == 0)
		return;
	card->topic = "training";
	card_add(card, "loss", frnn_loss_word(model->loss.kind));
	if (model->n_history > 0)
		card_add(card, "epochs", psprintf("%d, the best was %d", model->n_history, model->best_epoch));
}

Datum
rnn_model_card(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	FrnnModel  *model = frnn_model_read(bytes);
	Card		card;

	rows_start(&card.rows, fcinfo);
	card.options = model_options(model, NULL);
	card_model(&card, model, VARSIZE_ANY_EXHDR(bytes));
	if (model->forecaster)
	{
		ForecastModel *forecaster = forecast_model_read(bytes);

		card_data(&card, forecaster);
		card_chosen(&card, forecaster);
		card_validation(&card, &forecaster->core);
		card_intervals(&card, &forecaster->core);
		card_limit(&card, "least value", "lower_limit");
		card_limit(&card, "largest value", "upper_limit");
	}
	else
		card_network(&card, model);
	return (Datum) 0;
}
