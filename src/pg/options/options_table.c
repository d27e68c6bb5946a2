/*
 * options_table.c
 *	  The table of options: see options_table.h.
 */
#include "pg/options/options_table.h"

#include <math.h>

#include "core/forecast/recipe.h"

static const FieldWord covariates_words[] = {
	{"auto", COVARIATES_AUTO}, {"known", COVARIATES_KNOWN}, {"past", COVARIATES_PAST}, {"both", COVARIATES_BOTH}, {NULL, 0}
};

static const FieldWord mode_words[] = {
	{"auto", FRNN_MODE_AUTO}, {"sequence", FRNN_MODE_SEQUENCE}, {"window", FRNN_MODE_WINDOW}, {NULL, 0}
};
static const FieldWord scaler_words[] = {
	{"auto", FRNN_SCALING_AUTO}, {"none", FRNN_SCALING_NONE}, {"standard", FRNN_SCALING_STANDARD}, {"robust", FRNN_SCALING_ROBUST},
	{"minmax", FRNN_SCALING_MINMAX}, {"mean", FRNN_SCALING_MEAN}, {"step", FRNN_SCALING_STEP}, {NULL, 0}
};
static const FieldWord transform_words[] = {
	{"auto", FRNN_TRANSFORM_AUTO}, {"none", FRNN_TRANSFORM_NONE}, {"log", FRNN_TRANSFORM_LOG}, {"asinh", FRNN_TRANSFORM_ASINH}, {NULL, 0}
};
static const FieldWord level_words[] = {
	{"auto", FRNN_LEVEL_AUTO}, {"none", FRNN_LEVEL_NONE}, {"last", FRNN_LEVEL_LAST}, {"mean", FRNN_LEVEL_MEAN}, {NULL, 0}
};
static const FieldWord on_gap_words[] = {
	{"season", FRNN_GAP_SEASON}, {"linear", FRNN_GAP_LINEAR}, {"locf", FRNN_GAP_LOCF}, {"zero", FRNN_GAP_ZERO}, {"error", FRNN_GAP_ERROR}, {NULL, 0}
};
static const FieldWord on_duplicate_words[] = {
	{"error", DUPLICATE_ERROR}, {"mean", DUPLICATE_MEAN}, {"last", DUPLICATE_LAST}, {"sum", DUPLICATE_SUM}, {NULL, 0}
};
static const FieldWord on_error_words[] = {
	{"abort", ERROR_ABORT}, {"skip", ERROR_SKIP}, {NULL, 0}
};
static const FieldWord intervals_words[] = {
	{"conformal", FRNN_INTERVAL_CONFORMAL}, {"loss", FRNN_INTERVAL_LOSS}, {"none", FRNN_INTERVAL_NONE}, {NULL, 0}
};

#define A	FIELD_AUTO
#define BOTH true				/* tensor and panel functions */
#define PANEL false

/* name, type, place, least, most, flags, words | scope, tensor default, panel default | parser, type, default | meaning */
const OptionDef frnn_option[OPT_COUNT] = {
	[OPT_TIME_STEPS] = {{"time_steps", FIELD_INT, OPTION_AT(time_steps), 1, FRNN_MAX_STEPS, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Rows of history that a forecast uses. Auto: from season, horizon and length of the series, as measured best."},
	[OPT_HORIZON] = {{"horizon", FIELD_INT, OPTION_AT(horizon), 1, FRNN_MAX_HORIZON, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Steps ahead that the network is trained for. Auto: by the outputs of a given network, else the rows to forecast in the panel, "
	"else one season. A forecast may have any other horizon."},
	[OPT_STRIDE] = {{"stride", FIELD_INT, OPTION_AT(stride), 1, 1000000, 0, NULL},
	PANEL, 1, 1, NULL, NULL, NULL,
	"Rows between the starts of training windows. 1 uses every window."},
	[OPT_LOSS] = {{"loss", FIELD_OTHER, 0, 0, 0, 0, NULL},
	BOTH, FRNN_MSE, FRNN_MAE, frnn_parse_loss,
	"mse, mae, huber, quantile, gaussian, student_t, negative_binomial, or {\"name\":\"huber\",\"delta\":1}", "mse (panel functions: mae)",
	"Loss that training minimizes. mse is common for tensors; mae measured best for forecasts of scaled series. Series of mostly zeros "
	"get mse, because their median is 0, but the mean demand is asked for."},
	[OPT_DELTA] = {{"delta", FIELD_FLOAT, OPTION_AT(loss.delta), 0, 1e9, FIELD_ABOVE, NULL},
	BOTH, 1, 1, NULL, NULL, NULL,
	"Loss huber: errors above this value count linearly. Keras's default."},
	[OPT_QUANTILES] = {{"quantiles", FIELD_OTHER, 0, 0, 0, 0, NULL},
	BOTH, 0, 0, frnn_parse_quantiles, "array of ascending numbers above 0 and below 1", "[0.1, 0.5, 0.9]",
	"Loss quantile, which this option implies: one output per quantile. The default gives a median and an 80 % interval."},
	[OPT_OPTIMIZER] = {{"optimizer", FIELD_OTHER, 0, 0, 0, 0, NULL},
	BOTH, FRNN_ADAM, FRNN_ADAM, frnn_parse_optimizer,
	"adam, adamw, rmsprop, sgd, or {\"name\":\"sgd\",\"momentum\":0.9,\"nesterov\":true}", "adam",
	"Update rule. adam needs the least care with the learning rate."},
	[OPT_LEARNING_RATE] = {{"learning_rate", FIELD_FLOAT, OPTION_AT(optimizer.learning_rate), 0, 100, FIELD_ABOVE | A, NULL},
	BOTH, FRNN_AUTO, FRNN_AUTO, NULL, NULL, "0.001 (sgd: 0.01; panel functions: auto)",
	"Learning rate of the optimizer. Keras's defaults; panel functions choose adam's rate by the amount of data."},
	[OPT_MOMENTUM] = {{"momentum", FIELD_FLOAT, OPTION_AT(optimizer.momentum), 0, 1, FIELD_BELOW, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Optimizer sgd or rmsprop: share of the last step kept. Keras's default."},
	[OPT_NESTEROV] = {{"nesterov", FIELD_BOOL, OPTION_AT(optimizer.nesterov), 0, 1, 0, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Optimizer sgd with momentum: Nesterov's variant. Keras's default."},
	[OPT_SCHEDULE] = {{"schedule", FIELD_OTHER, 0, 0, 0, A, NULL},
	BOTH, FRNN_CONSTANT, FRNN_CONSTANT, frnn_parse_schedule,
	"constant, step, cosine, one_cycle, plateau, or {\"name\":\"cosine\",\"final\":0.01,\"warmup_steps\":20}", "constant (panel functions: auto)",
	"How the learning rate changes during training. A chosen network uses cosine, which measured best."},
	[OPT_WEIGHT_DECAY] = {{"weight_decay", FIELD_FLOAT, OPTION_AT(optimizer.weight_decay), 0, 100, 0, NULL},
	BOTH, FRNN_AUTO, FRNN_AUTO, NULL, NULL, "0 (adamw: 0.004)",
	"Decay of the weights towards zero. No gain was measured; adamw has Keras's default."},
	[OPT_CLIP_NORM] = {{"clip_norm", FIELD_DOUBLE, OPTION_AT(clip_norm), 0, 1e9, A, NULL},
	BOTH, 0, FRNN_AUTO, NULL, NULL, NULL,
	"Largest norm of the whole gradient, 0 for no limit. Off as in Keras; panel functions use 1, which stabilizes recurrent layers."},
	[OPT_EPOCHS] = {{"epochs", FIELD_INT, OPTION_AT(epochs), 1, 1000000, A, NULL},
	BOTH, 20, FRNN_AUTO, NULL, NULL, NULL,
	"Passes over the samples. Panel functions choose by the amount of data."},
	[OPT_STEPS_PER_EPOCH] = {{"steps_per_epoch", FIELD_INT, OPTION_AT(steps_per_epoch), 0, 1000000000, A, NULL},
	BOTH, 0, FRNN_AUTO, NULL, NULL, NULL,
	"Updates per epoch, 0 for one pass over the samples. Auto: long panels are sampled, so that training time does not grow with them."},
	[OPT_BATCH_SIZE] = {{"batch_size", FIELD_INT, OPTION_AT(batch_size), 1, FRNN_MAX_BATCH, A, NULL},
	BOTH, 32, FRNN_AUTO, NULL, NULL, NULL,
	"Samples per update. 32 as in Keras; panel functions choose by the number of samples."},
	[OPT_SHUFFLE] = {{"shuffle", FIELD_BOOL, OPTION_AT(shuffle), 0, 1, 0, NULL},
	BOTH, 1, 1, NULL, NULL, NULL,
	"Draw the samples of an epoch in random order. On, because gradients of neighboring windows are alike."},
	[OPT_SEED] = {{"seed", FIELD_INT64, OPTION_AT(seed), 0, 9007199254740991.0, 0, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Seed of all random numbers. Fixed, so that the same rows give the same model."},
	[OPT_VALIDATION] = {{"validation", FIELD_OTHER, OPTION_AT(validation), 0, 1e9, A, NULL},
	BOTH, 0, FRNN_AUTO, frnn_parse_validation, "number: share below 1, or whole number of rows; or auto", "0 (panel functions: auto)",
	"Validation split: rows at the end of the time axis that training does not see. Panel functions use at least one horizon."},
	[OPT_PATIENCE] = {{"patience", FIELD_INT, OPTION_AT(patience), 0, 1000000, A, NULL},
	BOTH, 0, FRNN_AUTO, NULL, NULL, NULL,
	"Epochs without a better loss before training stops, 0 for never. Off as in Keras; a chosen network with few windows keeps the best of 20 validation checks, and stops after 5 without a better one."},
	[OPT_MIN_DELTA] = {{"min_delta", FIELD_DOUBLE, OPTION_AT(min_delta), 0, 1e9, 0, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Decrease of the loss that counts as better. Keras's default."},
	[OPT_RESTORE_BEST] = {{"restore_best", FIELD_BOOL, OPTION_AT(restore_best), 0, 1, 0, NULL},
	BOTH, 1, 1, NULL, NULL, NULL,
	"Keep the weights of the best epoch, not the last. On, because the last epoch is rarely the best."},
	[OPT_SCALER] = {{"scaler", FIELD_CHOICE, OPTION_AT(scaler), 0, 0, A, scaler_words},
	PANEL, FRNN_SCALING_AUTO, FRNN_SCALING_AUTO, NULL, NULL, NULL,
	"Scale of each series. Auto: step, the mean change over half a horizon, which brings the loss close to MASE; mean for negative_binomial."},
	[OPT_TRANSFORM] = {{"transform", FIELD_CHOICE, OPTION_AT(transform), 0, 0, A, transform_words},
	PANEL, FRNN_TRANSFORM_AUTO, FRNN_TRANSFORM_AUTO, NULL, NULL, NULL,
	"Function applied to the values first. Auto: the logarithm if no value is negative and the spread grows with the level."},
	[OPT_SEASONALITY] = {{"seasonality", FIELD_OTHER, 0, 0, 0, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, frnn_parse_seasonality, "auto, none, a period, or an array of periods", "auto",
	"Periods in rows whose profile is subtracted and added back. Auto: by the frequency, if the rows hold two whole periods."},
	[OPT_LEVEL] = {{"level", FIELD_CHOICE, OPTION_AT(level), 0, 0, A, level_words},
	PANEL, FRNN_LEVEL_AUTO, FRNN_LEVEL_AUTO, NULL, NULL, NULL,
	"Level subtracted from each window and added back. Auto: last, because series that drift need it; the mean for series of mostly zeros, none for negative_binomial."},
	[OPT_MODE] = {{"mode", FIELD_CHOICE, OPTION_AT(mode), 0, 0, A, mode_words},
	PANEL, FRNN_MODE_AUTO, FRNN_MODE_AUTO, NULL, NULL, NULL,
	"Samples of the training: whole series, or windows. Auto: sequence for series below 300 rows, window above, or by the layers of a given network."},
	[OPT_HIGHWAY] = {{"highway", FIELD_FLAG, OPTION_AT(highway), 0, 1, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Add a linear map of the window to the network's output. Auto: on in window mode, where it starts at the ridge solution."},
	[OPT_MIX] = {{"mix", FIELD_DOUBLE, OPTION_AT(mix), 0, 1, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Weight of the network against ridge regression in the forecast. Auto: by the errors of both on the validation rows; a network that is given or trained further forecasts alone."},
	[OPT_CALENDAR] = {{"calendar", FIELD_FLAG, OPTION_AT(calendar), 0, 1, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Hour, weekday and month as inputs. Auto: off, because seasonal profiles cover most of it."},
	[OPT_COVARIATES] = {{"covariates", FIELD_CHOICE, OPTION_AT(covariates), 0, 0, A, covariates_words},
	PANEL, COVARIATES_AUTO, COVARIATES_AUTO, frnn_parse_covariates, NULL, NULL,
	"Covariates that are inputs: known (of the steps to forecast, and of the rows whose level is subtracted), past (of the "
	"window's rows), or both. An object gives each its own: {\"price\": \"past\", \"city\": \"static\"}; the others are known. "
	"Auto: known, and both for a given network and for covariates that come and go from row to row; named covariates that are "
	"constant in each series are static."},
	[OPT_ENSEMBLE] = {{"ensemble", FIELD_INT, OPTION_AT(ensemble), 1, FRNN_MAX_ENSEMBLE, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Networks trained with different seeds; the forecast is their median. Auto: 1 for a given network; for a chosen one 3, and 5 on series below 300 rows."},
	[OPT_FREQUENCY] = {{"frequency", FIELD_TEXT, OPTION_AT(frequency), 0, 0, A, NULL},
	PANEL, 0, 0, NULL, "interval, hour, day, week, month, quarter, year, or a calendar such as business_day", "auto",
	"Step of the time axis. Auto: the most frequent step of the panel, if it moves few rows, or the calendar that its rows follow."},
	[OPT_TIME_ZONE] = {{"time_zone", FIELD_TEXT, OPTION_AT(time_zone), 0, 0, A, NULL},
	PANEL, 0, 0, NULL, "time zone name", "auto",
	"Time zone of days, weeks and months. Auto: the zone of the session that made the panel."},
	[OPT_ON_GAP] = {{"on_gap", FIELD_CHOICE, OPTION_AT(on_gap), 0, 0, 0, on_gap_words},
	PANEL, FRNN_GAP_SEASON, FRNN_GAP_SEASON, NULL, NULL, NULL,
	"How missing values are filled. season: the shape of the neighboring seasons, at the level of the neighboring rows. Filled values are no targets of networks, nor of errors that intervals are made of; ridge regression is fitted to them, too."},
	[OPT_ON_DUPLICATE] = {{"on_duplicate", FIELD_CHOICE, OPTION_AT(on_duplicate), 0, 0, 0, on_duplicate_words},
	PANEL, DUPLICATE_ERROR, DUPLICATE_ERROR, NULL, NULL, NULL,
	"How two rows of one series at one time are handled. error, because the usual cause is a wrong join."},
	[OPT_ON_ERROR] = {{"on_error", FIELD_CHOICE, OPTION_AT(on_error), 0, 0, 0, on_error_words},
	PANEL, ERROR_ABORT, ERROR_ABORT, NULL, NULL, NULL,
	"How a series that cannot be used is handled. abort, so that nothing is left out silently."},
	[OPT_INTERVALS] = {{"intervals", FIELD_CHOICE, OPTION_AT(intervals), 0, 0, 0, intervals_words},
	PANEL, FRNN_INTERVAL_CONFORMAL, FRNN_INTERVAL_CONFORMAL, NULL, NULL, NULL,
	"Basis of prediction intervals. conformal: errors on the validation rows, for any loss."},
	[OPT_KEEP_HISTORY] = {{"keep_history", FIELD_BOOL, OPTION_AT(keep_history), 0, 1, 0, NULL},
	PANEL, 1, 1, NULL, NULL, NULL,
	"Keep the last rows of each series in the model, so that it can forecast alone."},
	[OPT_WORKERS] = {{"workers", FIELD_INT, OPTION_AT(workers), 0, 1024, A, NULL},
	BOTH, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Parallel workers. Auto: by the server's settings and the amount of work. The model does not depend on it."},
	[OPT_TIME_LIMIT] = {{"time_limit", FIELD_DOUBLE, OPTION_AT(time_limit), 0, 1e9, 0, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Seconds after which training stops with the best weights so far, 0 for no limit. Off, because models then depend on the clock."},
	[OPT_SEGMENT] = {{"segment", FIELD_INT, OPTION_AT(segment), 1, FRNN_MAX_FEATURES, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Window mode: rows per time step of the network. Auto: the shortest season, so that long windows stay fast."},
	[OPT_VERBOSE] = {{"verbose", FIELD_BOOL, OPTION_AT(verbose), 0, 1, 0, NULL},
	BOTH, 0, 0, NULL, NULL, NULL,
	"Issue NOTICEs about the progress of training. rnn_history shows the same afterwards."},
	[OPT_HOLIDAYS] = {{"holidays", FIELD_OTHER, 0, 0, 0, 0, NULL},
	PANEL, 0, 0, frnn_parse_holidays, "array of dates", "none",
	"Workdays without rows, as \"2024-12-25\". They imply the frequency business_day; days on weekends are ignored."},
	[OPT_LOWER_LIMIT] = {{"lower_limit", FIELD_DOUBLE, OPTION_AT(lower_limit), -1e300, 1e300, 0, NULL},
	PANEL, -INFINITY, -INFINITY, NULL, "number", "none",
	"Least value of forecasts and intervals, such as 0 for a demand. At training or at forecasting. 0 if upper_limit is found from the rows."},
	[OPT_UPPER_LIMIT] = {{"upper_limit", FIELD_DOUBLE, OPTION_AT(upper_limit), -1e300, 1e300, 0, NULL},
	PANEL, INFINITY, INFINITY, NULL, "number", "none",
	"Largest value of forecasts and intervals, such as a capacity. At training or at forecasting. If neither limit is given: 1 or 100 where no value "
	"is below 0 or above it, and one in 20 is equal to it, as of 0 and 1 alone."},
	[OPT_KEEP_OPTIMIZER] = {{"keep_optimizer", FIELD_BOOL, OPTION_AT(keep_optimizer), 0, 1, 0, NULL},
	PANEL, 0, 0, NULL, NULL, NULL,
	"Keep the optimizer's state and the place in the schedule in the model. A warm start then goes on with the training as if it had not stopped, without its validation split. "
	"Off, because Adam's state is twice the size of the weights."},
	[OPT_KEEP_RIDGE] = {{"keep_ridge", FIELD_BOOL, OPTION_AT(keep_ridge), 0, 1, 0, NULL},
	PANEL, 0, 0, NULL, NULL, NULL,
	"Warm start: keep the ridge regression, the scale of the covariates and the regression on static ones of the model. Off, so that they follow the panel."},
	[OPT_STOP_AFTER] = {{"stop_after", FIELD_INT, OPTION_AT(stop_after), 0, 1000000, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Epochs of this call, of the epochs planned; with keep_optimizer, the next warm start does the next. 0 leaves the weights at their start. Auto: all that are left."},
	[OPT_KEEP_SERIES] = {{"keep_series", FIELD_BOOL, OPTION_AT(keep_series), 0, 1, 0, NULL},
	PANEL, 1, 1, NULL, NULL, NULL,
	"Keep scale, seasons and error size of each series in the model, and its last rows by keep_history. "
	"Without, the size of a model does not depend on the number of series, and each forecast needs a panel of recent rows."},
	[OPT_AUTOREGRESSION] = {{"autoregression", FIELD_INT, OPTION_AT(autoregression), 0, FRNN_AR_MOST_LAGS, A, NULL},
	PANEL, FRNN_AUTO, FRNN_AUTO, NULL, NULL, NULL,
	"Rows that the regression of each series on its own last rows looks back, 0 for none. It takes part in the default forecast "
	"if it lowers the error on the validation rows by 1 %. Auto: the longest season, at least four of the shortest, at most "
	"a quarter of the typical series; none if a season is longer than 336 rows; the model keeps its weights, 4 bytes per row and series."},
	[OPT_RECALIBRATE] = {{"recalibrate", FIELD_BOOL, OPTION_AT(recalibrate), 0, 1, 0, NULL},
	PANEL, 1, 1, NULL, NULL, NULL,
	"Let conformal intervals become wider or narrower by the errors on fresh rows since the training. At training or at forecasting. rnn_step and anomalies never do, so that an incident does not hide the next one."}
};

const char *
frnn_option_word(FrnnOption option, int value)
{
	return frnn_field_word(frnn_option[option].field.words, value);
}
