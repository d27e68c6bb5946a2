/*
 * train_notice.c
 *	  NOTICEs about finished trainings: one by one for the first few models of a
 *	  query, then a summary.
 *
 * The counts live in fn_extra, in the memory context of the call's expression,
 * which is the query's.  A callback on that context's deletion issues the
 * summary.  After an error the context is deleted too, outside of a valid
 * transaction state, and the callback does nothing.
 */
#include "pg/forecast/train_notice.h"

#include <math.h>

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/forecast/closed.h"
#include "pg/model/model_text.h"
#include "pg/options/options_table.h"
#include "storage/ipc.h"

#define CLOSED_SERIES	100		/* that are looked at */
#define CLOSED_DAYS	30			/* of a year that make a NOTICE */
#define MODELS_TOLD 3			/* one by one */

typedef struct NoticeCount
{
	MemoryContextCallback at_end;
	int64		models;
	bool		limits;			/* a NOTICE of limits was issued */
	bool		closed;			/* one of closed seasons was */
	int64		told;			/* NOTICEs withheld or not, that were due */
	int64		compared;		/* models with an error and a naive forecast's error */
	int64		behind;			/* of them not better than the naive forecast */
	double		log_ratio;		/* sum of log(error / naive error) */
} NoticeCount;

static void
notice_summary(void *arg)
{
	const NoticeCount *count = arg;

	if (count->told <= MODELS_TOLD || proc_exit_inprogress || !IsTransactionState())
		return;
	if (count->compared == 0)
		ereport(NOTICE, (errmsg(INT64_FORMAT " models were trained", count->models)));
	else
		ereport(NOTICE, (errmsg(INT64_FORMAT " models were trained", count->models),
						 errdetail("On the validation rows " INT64_FORMAT " of " INT64_FORMAT " beat the better naive forecast; "
								   "the errors are %.2f times the naive forecast's in the geometric mean.",
								   count->compared - count->behind, count->compared,
								   exp(count->log_ratio / count->compared))));
}

static NoticeCount *
notice_count(FunctionCallInfo fcinfo)
{
	NoticeCount *count = fcinfo->flinfo->fn_extra;

	if (count == NULL)
	{
		count = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(NoticeCount));
		count->at_end.func = notice_summary;
		count->at_end.arg = count;
		MemoryContextRegisterResetCallback(fcinfo->flinfo->fn_mcxt, &count->at_end);
		fcinfo->flinfo->fn_extra = count;
	}
	return count;
}

/* Issues NOTICEs that name the options given which the model does not use. */
static void
notice_unused(const TrainRequest *request)
{
	static const FrnnOption of_networks[] = {
		OPT_LOSS, OPT_DELTA, OPT_QUANTILES, OPT_OPTIMIZER, OPT_LEARNING_RATE, OPT_MOMENTUM, OPT_NESTEROV, OPT_SCHEDULE, OPT_WEIGHT_DECAY,
		OPT_CLIP_NORM, OPT_EPOCHS, OPT_STEPS_PER_EPOCH, OPT_BATCH_SIZE, OPT_SHUFFLE, OPT_PATIENCE, OPT_MIN_DELTA, OPT_RESTORE_BEST,
		OPT_HIGHWAY, OPT_ENSEMBLE, OPT_SEGMENT
	};
	StringInfoData names;

	if (request->options->autoregression > 0 && !request->old &&
		(request->recipe.network != FRNN_NETWORK_AUTO || frnn_option_given(request->options, OPT_MIX) ||
		 request->recipe.pooled || request->recipe.validation == 0))
		ereport(NOTICE, (errmsg("the option \"autoregression\" is not used: only the default forecast has one, chosen by its validation rows and kept with its series")));
	if (request->recipe.network != FRNN_NETWORK_RIDGE || request->old)
		return;
	initStringInfo(&names);
	for (int i = 0; i < (int) lengthof(of_networks); i++)
		if (frnn_option_given(request->options, of_networks[i]))
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", frnn_option[of_networks[i]].field.name);
	if (names.len > 0)
		ereport(NOTICE, (errmsg("ridge regression alone does not use the options of networks: %s", names.data)));
}

/*
 * Issues a NOTICE of the limits that the values keep to, or of values of the training rows beyond the limits given;
 * returns whether there is one.
 */
static bool
notice_limits(const TrainRequest *request)
{
	const FrnnOptions *options = request->options;
	int64		beyond;

	if (request->bounded)
	{
		ereport(NOTICE,
				(errmsg("the values of the training rows are between %g and %g and often reach %g: forecasts and intervals are kept between them",
						options->lower_limit, options->upper_limit, options->upper_limit),
				 errhint("If values may lie beyond, give the option lower_limit or upper_limit.")));
		return true;
	}
	beyond = forecast_limits_beyond(options, &request->data->panel);
	if (beyond > 0)
		ereport(NOTICE, (errmsg(INT64_FORMAT " values of the training rows are beyond lower_limit or upper_limit, between which forecasts are kept", beyond)));
	return beyond > 0;
}

/* Issues a NOTICE if a series of daily rows has none in a part of every year: the model forecasts there all the same.  Returns whether. */
static bool
notice_closed(const TrainRequest *request)
{
	const PanelData *data = request->data;

	if (data->axis.unit != AXIS_DAY || data->axis.step != 1)
		return false;
	for (int64 s = 0; s < Min(data->panel.series, CLOSED_SERIES); s++)
	{
		int			days = data->grid[s].gaps < CLOSED_DAYS ? 0 : closed_days(&data->data[s]);

		if (days < CLOSED_DAYS)
			continue;
		ereport(NOTICE,
				(errmsg("%s has no rows on %d days of each year, and is forecast there all the same", axis_series_name(&data->view->series[s]), days),
				 errhint("With a panel of at least two years, forecast_status of rnn_forecast tells these days.")));
		return true;
	}
	return false;
}

/* Issues a NOTICE if no holiday is after the last known row of a calendar of business days. */
static void
notice_holidays(const PanelData *data)
{
	int64		last = PG_INT64_MIN;

	for (int64 s = 0; s < data->panel.series; s++)
		if (data->data[s].n > 0)
			last = Max(last, axis_stamp(&data->axis, data->grid[s].anchor, data->data[s].n - 1));
	if (last > PG_INT64_MIN)
		axis_notice_holidays(&data->axis, last);
}

void
train_notice(FunctionCallInfo fcinfo, const TrainRequest *request, const ForecastModel *model)
{
	NoticeCount *count = notice_count(fcinfo);
	ModelValidation validation = model_validation(&model->core);
	bool		behind = validation.origins > 0 && validation.error > 0 && validation.error >= validation.naive;
	bool		chosen = request->options->verbose || request->recipe.network == FRNN_NETWORK_AUTO;
	bool		tell;

	if (count->models++ == 0)
	{
		notice_unused(request);
		axis_notice_wall(&request->data->axis, request->data->view, request->horizon);
		notice_holidays(request->data);
	}
	/* once per query, of the first group that it concerns */
	count->limits = count->limits || notice_limits(request);
	count->closed = count->closed || notice_closed(request);
	if (validation.origins > 0 && validation.naive > 0 && validation.error > 0)
	{
		count->compared++;
		count->behind += behind;
		count->log_ratio += log(validation.error / validation.naive);
	}
	if (chosen || behind)
		count->told++;
	tell = count->told <= MODELS_TOLD || request->options->verbose;
	ereport(DEBUG1, (errmsg_internal("%s", model->choice)));
	if (chosen && tell)
		ereport(NOTICE, (errmsg_internal("%s", forecast_model_line(model))));
	else if (behind && tell)
		ereport(NOTICE, (errmsg("the model does not beat the %s forecast on the validation rows", validation.naive_name),
						 errdetail("Scaled mean absolute errors: %s against %s.",
								   model_error_text(validation.error), model_error_text(validation.naive))));
}
