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
#include "miscadmin.h"
#include "lib/stringinfo.h"
#include "pg/forecast/forecast_limits.h"
#include "pg/forecast/closed.h"
#include "pg/model/model_text.h"
#include "pg/options/options_table.h"
#include "storage/ipc.h"

#define CLOSED_SERIES	100		/* that are looked at */
#define CLOSED_DAYS	30			/* of a year that make a NOTICE */
#define MODELS_TOLD 3			/* one by one */
#define FAR				10.0	/* times the range of all other values that one lies from them */
#define FAR_ROWS		10		/* known rows of its series at least */

typedef struct NoticeCount
{
	MemoryContextCallback at_end;
	int64		models;
	bool		limits;			/* a NOTICE of limits was issued */
	bool		closed;			/* one of closed seasons was */
	bool		far;			/* one of values far from all others was */
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

/* the least value of a series times a sign, and the values beside it */
typedef struct Extreme
{
	double		value;
	int64		rows;			/* that have it */
	double		next;			/* the least of the others ... */
	double		last;			/* ... and the largest */
} Extreme;

static bool
is_far(const FrnnSeriesData *data, double sign, Extreme *out)
{
	int64		known = 0;

	*out = (Extreme) {INFINITY, 0, INFINITY, -INFINITY};
	for (int64 i = 0; i < data->n; i++)
	{
		double		v = sign * data->value[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (isnan(v))
			continue;
		known++;
		out->last = Max(out->last, v);
		if (v < out->value)
		{
			out->next = out->value;
			out->value = v;
			out->rows = 1;
		}
		else if (v == out->value)
			out->rows++;
		else
			out->next = Min(out->next, v);
	}
	return known >= FAR_ROWS && out->rows < known / 2 && out->last > out->next && out->next - out->value > FAR * (out->last - out->next);
}

/* Issues a NOTICE if one value of a series is far from all others, as -9999 for a missing value is.  Returns whether. */
static bool
notice_far(const PanelData *data)
{
	Extreme		first = {0};
	double		sign = 0;
	int64		series = 0;
	int64		named = 0;

	for (int64 s = 0; s < data->panel.series; s++)
		for (int side = 0; side < 2; side++)
		{
			Extreme		extreme;

			if (!is_far(&data->data[s], side == 0 ? 1 : -1, &extreme))
				continue;
			if (series++ == 0)
			{
				first = extreme;
				sign = side == 0 ? 1 : -1;
				named = s;
			}
			break;
		}
	if (series == 0)
		return false;
	ereport(NOTICE,
			(errmsg("the value %g, in " INT64_FORMAT " %s of %s, is far from all others, which are between %g and %g", sign * first.value,
					first.rows, first.rows == 1 ? "row" : "rows", axis_series_name(&data->view->series[named]),
					Min(sign * first.next, sign * first.last), Max(sign * first.next, sign * first.last)),
			 series > 1 ? errdetail("So is a value of " INT64_FORMAT " further series.", series - 1) : 0,
			 errhint("If it stands for a value that is missing, make it null: it moves forecasts and widens intervals.")));
	return true;
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
	count->far = count->far || (!request->old && notice_far(request->data));
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
