/*
 * progress.c
 *	  Progress of trainings: notices to the client, rows of rnn_progress.
 *
 * The figures are stored in the progress parameters of the backend's own status
 * entry, which the server keeps in shared memory for VACUUM and the like.  So
 * other sessions see them whether or not the library was loaded when the
 * server started, and a killed process leaves nothing.  The entry names no
 * command, since those that exist belong to pg_stat_progress_* views; the first
 * parameter is a mark instead.  If a command that reports its own progress is
 * running (COPY (SELECT rnn_train(...)) TO ...), its entry is left alone.
 *
 * The entry is cleared by a callback of the training's memory context, which
 * an error or a cancel deletes.
 */
#include "pg/job/progress.h"

#include <math.h>

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "pg/server/rows.h"
#include "pgstat.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(rnn_running);

int			progress_interval = 5;
char	   *progress_model_name = NULL;

#define TICKS_PER_LOOK	16		/* at the clock: a network of many small steps ticks often */
#define MARK	INT64CONST(0x66726e6e70726f67)	/* "frnnprog" */

enum
{
	P_MARK, P_PHASE, P_EPOCH, P_EPOCHS, P_LOSS, P_VAL_LOSS, P_BEST, P_STARTED, P_ETA, P_WORKERS, P_NAME,
	P_COUNT = P_NAME + NAMEDATALEN / 8
};

StaticAssertDecl(P_COUNT <= PGSTAT_NUM_PROGRESS_PARAM, "progress does not fit the backend's status entry");

struct Progress
{
	MemoryContextCallback callback;
	bool		ended;
	bool		visible;		/* the backend's entry shows this training */
	ProgressPhase phase;
	int			done;
	int			epochs;			/* 0: unknown */
	int			workers;
	double		loss;
	double		val_loss;
	double		best;
	uint32		ticks;
	double		started_clock;	/* seconds of frnn_pg_clock */
	double		next_notice;
	TimestampTz started;
	TimestampTz eta;			/* 0: unknown */
	char		name[NAMEDATALEN];
};

static Progress *current = NULL;

static int64
double_to_bits(double value)
{
	int64		result;

	memcpy(&result, &value, sizeof(result));
	return result;
}

static double
double_from_bits(int64 value)
{
	double		result;

	memcpy(&result, &value, sizeof(result));
	return result;
}

static void
progress_publish(const Progress *progress)
{
	int			index[P_COUNT];
	int64		value[P_COUNT];
	int			i;

	if (!progress->visible)
		return;
	value[P_MARK] = MARK;
	value[P_PHASE] = progress->phase;
	value[P_EPOCH] = progress->done;
	value[P_EPOCHS] = progress->epochs;
	value[P_LOSS] = double_to_bits(progress->loss);
	value[P_VAL_LOSS] = double_to_bits(progress->val_loss);
	value[P_BEST] = double_to_bits(progress->best);
	value[P_STARTED] = progress->started;
	value[P_ETA] = progress->eta;
	value[P_WORKERS] = progress->workers;
	memcpy(value + P_NAME, progress->name, NAMEDATALEN);
	for (i = 0; i < P_COUNT; i++)
		index[i] = i;
	pgstat_progress_update_multi_param(P_COUNT, index, value);
}

void
progress_end(Progress *progress)
{
	if (progress->ended)
		return;
	progress->ended = true;
	if (progress->visible)
		pgstat_progress_update_param(P_MARK, 0);
	if (current == progress)
		current = NULL;
}

static void
progress_forget(void *arg)
{
	progress_end(arg);
}

Progress   *
progress_start(ProgressPhase phase, int epochs)
{
	Progress   *progress = palloc0(sizeof(Progress));

	progress->phase = phase;
	progress->epochs = epochs;
	progress->loss = progress->val_loss = progress->best = NAN;
	progress->started_clock = frnn_pg_clock(NULL);
	progress->next_notice = progress->started_clock + progress_interval;
	progress->started = GetCurrentTimestamp();
	if (progress_model_name)
		strlcpy(progress->name, progress_model_name, NAMEDATALEN);
	progress->callback.func = progress_forget;
	progress->callback.arg = progress;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &progress->callback);
	progress->visible = current == NULL && pgstat_track_activities && frnn_progress_free();
	if (current == NULL)
		current = progress;
	progress_publish(progress);
	return progress;
}

void
progress_phase(Progress *progress, ProgressPhase phase, int epochs)
{
	progress->phase = phase;
	progress->epochs = progress->done + epochs;
	progress->best = NAN;
	progress_publish(progress);
}

/* workers: processes that share the work besides this one */
static void
progress_workers(Progress *progress, int workers)
{
	if (progress->workers == workers)
		return;
	progress->workers = workers;
	progress_publish(progress);
}

void
progress_epoch(Progress *progress, const FrnnEpoch *epoch)
{
	double		watched = isnan(epoch->val_loss) ? epoch->loss : epoch->val_loss;
	double		elapsed = frnn_pg_clock(NULL) - progress->started_clock;

	progress->done++;
	if (progress->epochs > 0 && progress->epochs < progress->done)
		progress->epochs = progress->done;
	progress->loss = epoch->loss;
	progress->val_loss = epoch->val_loss;
	if (isnan(progress->best) || watched < progress->best)
		progress->best = watched;
	if (progress->epochs > 0)
		progress->eta = progress->started +
			(TimestampTz) (elapsed / progress->done * progress->epochs * USECS_PER_SEC);
	progress_publish(progress);
}

/* "12 s", "3 min 05 s" */
static char *
duration_text(double seconds)
{
	int			s = (int) Max(0, Min(seconds + 0.5, 1e9));

	return s < 60 ? psprintf("%d s", s) : psprintf("%d min %02d s", s / 60, s % 60);
}

/* Issues a notice if one is due.  A background worker has no client that could receive it. */
static void
progress_tick(Progress *progress)
{
	double		now;
	double		elapsed;
	StringInfoData text;

	if (progress_interval <= 0 || MyBackendType == B_BG_WORKER || ++progress->ticks % TICKS_PER_LOOK != 0 ||
		(now = frnn_pg_clock(NULL)) < progress->next_notice)
		return;
	progress->next_notice = now + progress_interval;
	elapsed = now - progress->started_clock;
	initStringInfo(&text);
	if (progress->name[0])
		appendStringInfo(&text, "model \"%s\": ", progress->name);
	appendStringInfo(&text, "epoch %d", progress->done);
	if (progress->epochs > 0)
		appendStringInfo(&text, " of %d", progress->epochs);
	if (!isnan(progress->loss))
		appendStringInfo(&text, ", loss %.6g", progress->loss);
	if (!isnan(progress->val_loss))
		appendStringInfo(&text, ", val_loss %.6g", progress->val_loss);
	if (!isnan(progress->best))
		appendStringInfo(&text, ", best %.6g", progress->best);
	appendStringInfo(&text, ", %s elapsed", duration_text(elapsed));
	if (progress->epochs > 0 && progress->done > 0)
		appendStringInfo(&text, ", about %s left",
						 duration_text((progress->started + elapsed * USECS_PER_SEC > progress->eta) ? 0 :
									   (progress->eta - progress->started) / (double) USECS_PER_SEC - elapsed));
	ereport(NOTICE, (errmsg_internal("%s", text.data)));
	pfree(text.data);
}

void
progress_team_tick(Progress *progress, const ParallelTeam *team)
{
	frnn_pg_tick(NULL);
	progress_workers(progress, team->context ? team->context->nworkers_launched : 0);
	progress_tick(progress);
}

static const char *
phase_name(int64 phase)
{
	switch (phase)
	{
		case PROGRESS_PREPARE:
			return "linear model";
		case PROGRESS_VALIDATION:
			return "without held-back rows";
		case PROGRESS_REFIT:
			return "on all rows";
		case PROGRESS_FIT:
			return "fit";
	}
	return NULL;
}

/* rnn_running(): one row per training that the caller may see by pg_stat_activity's rule */
Datum
rnn_running(PG_FUNCTION_ARGS)
{
	RowWriter	rows;
	int			i;

	rows_start(&rows, fcinfo);
	for (i = 1; i <= pgstat_fetch_stat_numbackends(); i++)
	{
		PgBackendStatus *entry = frnn_backend_status(i);
		const int64 *p = entry->st_progress_param;
		char		name[NAMEDATALEN];

		if (entry->st_progress_command != PROGRESS_COMMAND_INVALID || p[P_MARK] != MARK ||
			!(has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) || has_privs_of_role(GetUserId(), entry->st_userid)))
			continue;
		memcpy(name, p + P_NAME, NAMEDATALEN);
		name[NAMEDATALEN - 1] = '\0';
		rows_int(&rows, entry->st_procpid);
		rows_datum(&rows, ObjectIdGetDatum(entry->st_userid));
		rows_text(&rows, name[0] ? name : NULL);
		rows_text(&rows, phase_name(p[P_PHASE]));
		rows_int(&rows, (int32) p[P_EPOCH]);
		if (p[P_EPOCHS] == 0)
			rows_null(&rows);
		else
			rows_int(&rows, (int32) p[P_EPOCHS]);
		rows_number(&rows, double_from_bits(p[P_LOSS]));
		rows_number(&rows, double_from_bits(p[P_VAL_LOSS]));
		rows_number(&rows, double_from_bits(p[P_BEST]));
		rows_datum(&rows, TimestampTzGetDatum(p[P_STARTED]));
		if (p[P_ETA] == 0)
			rows_null(&rows);
		else
			rows_datum(&rows, TimestampTzGetDatum(p[P_ETA]));
		rows_int(&rows, (int32) p[P_WORKERS]);
		rows_put(&rows);
	}
	return (Datum) 0;
}
