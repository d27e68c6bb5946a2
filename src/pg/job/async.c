/*
 * async.c
 *	  Training in the background: a dynamic background worker whose session
 *	  role is the role of the job, from its first moment to its last.
 *
 * There is no change of role anywhere: deferred triggers, cursors and settings
 * of the job run with the rights of the job's role, since the process has no
 * other rights.  A caller who has taken on a role by SET ROLE gets a worker of
 * that role, which cannot go back to the caller's session role.  Where the
 * server has changed the role for the time of a function or an operation
 * (SECURITY DEFINER, ANALYZE, REFRESH MATERIALIZED VIEW, a model's query), the
 * launch is refused: the code that runs there was chosen by somebody else.
 *
 * A launch is remembered until the transaction has committed and then asks the
 * postmaster for a process.  So a worker never waits for the caller, and a
 * transaction that stays open holds no worker slot.
 *
 * Whether a job is alive is read from the server's own list of processes, see
 * rnn_job_pid: no lock tells it that somebody else could take.
 */
#include "pg/server/compat.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pg/job/async.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

#define WORKER_TYPE "forecast_rnn training" /* backend_type in pg_stat_activity; rnn_job_pid reads it */

PG_FUNCTION_INFO_V1(rnn_async_launch);
extern PGDLLEXPORT void rnn_async_main(Datum arg);

int			max_background_jobs = 2;

/* arguments of a worker, in bgw_extra */
typedef struct Launch
{
	Oid			database;
	Oid			role;
	Oid			schema;			/* of the extension */
	int			limit;			/* max_background_jobs of the caller */
	pg_uuid_t	job;
} Launch;

StaticAssertDecl(sizeof(Launch) <= BGW_EXTRALEN, "a launch does not fit a worker's extra data");

/* launches of the current transaction, in TopTransactionContext */
typedef struct PendingLaunch
{
	struct PendingLaunch *next;
	SubTransactionId subtransaction;
	Launch		launch;
} PendingLaunch;

static PendingLaunch *pending = NULL;

/* ---------------------------------------------------------------- caller */

/* Refuses roles that the server has taken on for the time of a function or an operation. */
static void
launch_check_context(void)
{
	if (InSecurityRestrictedOperation() || InLocalUserIdChange())
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("background training cannot be started here"),
						errdetail("The current role is taken on by a SECURITY DEFINER function or a security-restricted operation."),
						errhint("Call rnn_train_async in a session of the role that is to train.")));
}

/* Refuses roles that could not connect to this database by themselves. */
static void
launch_check_login(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		login;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "role %u does not exist", role);
	login = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	ReleaseSysCache(tuple);
	if (!login && FRNN_WORKER_NEEDS_LOGIN)
		ereport(ERROR, (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
						errmsg("role \"%s\" is not permitted to log in, so nothing can run in the background for it",
							   GetUserNameFromId(role, false)),
						errhint("Call it as a role that may log in.")));
	if (!DatumGetBool(DirectFunctionCall3(has_database_privilege_id_id, ObjectIdGetDatum(role), ObjectIdGetDatum(MyDatabaseId),
										  CStringGetTextDatum("CONNECT"))))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("role \"%s\" is not permitted to connect to this database, so nothing can run in the background for it",
							   GetUserNameFromId(role, false))));
}

/* Refuses jobs that are not queued by the current role itself. */
static void
launch_check_job(const Launch *launch)
{
	Oid			types[2] = {UUIDOID, OIDOID};
	Datum		values[2] = {UUIDPGetDatum(&launch->job), ObjectIdGetDatum(launch->role)};
	char	   *schema = get_namespace_name(launch->schema);

	SPI_connect();
	if (SPI_execute_with_args(psprintf("SELECT FROM %s.rnn_job_log AS l WHERE l.job OPERATOR(pg_catalog.=) $1 "
									   "AND l.role OPERATOR(pg_catalog.=) pg_catalog.pg_get_userbyid($2) AND l.started_at IS NULL",
									   quote_identifier(schema)),
							  2, types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for the job");
	if (SPI_processed != 1)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no queued job %s of role \"%s\"",
							   DatumGetCString(DirectFunctionCall1(uuid_out, values[0])), GetUserNameFromId(launch->role, false)),
						errhint("rnn_train_async queues a job and starts it.")));
	SPI_finish();
}

/* Returns how many workers of a role are up, besides this process; older: only those that started before it. */
static int
jobs_count_running(Oid role, bool older)
{
	int			count = 0;
	int			i;

	pgstat_clear_snapshot();
	for (i = 1; i <= pgstat_fetch_stat_numbackends(); i++)
	{
		PgBackendStatus *entry = frnn_backend_status(i);
		const char *type;

		if (entry->st_backendType != B_BG_WORKER || entry->st_userid != role || entry->st_procpid == MyProcPid)
			continue;
		if (older && (entry->st_proc_start_timestamp > MyStartTimestamp ||
					  (entry->st_proc_start_timestamp == MyStartTimestamp && entry->st_procpid > MyProcPid)))
			continue;
		type = GetBackgroundWorkerTypeByPid(entry->st_procpid);
		if (type && strcmp(type, WORKER_TYPE) == 0)
			count++;
	}
	return count;
}

/* Returns how many launches of a role wait for this transaction's commit, without those of the same job. */
static int
jobs_count_pending(const Launch *launch, bool *known)
{
	const PendingLaunch *one;
	int			count = 0;

	*known = false;
	for (one = pending; one; one = one->next)
	{
		*known |= memcmp(&one->launch.job, &launch->job, sizeof(pg_uuid_t)) == 0;
		count += one->launch.role == launch->role;
	}
	return count;
}

/* rnn_async_launch(job): starts a worker for a queued job of the current role, once the transaction has committed */
Datum
rnn_async_launch(PG_FUNCTION_ARGS)
{
	Launch		launch = {0};
	PendingLaunch *entry;
	bool		known;
	int			jobs;

	launch.database = MyDatabaseId;
	launch.role = GetUserId();
	launch.schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	launch.limit = max_background_jobs;
	launch.job = *PG_GETARG_UUID_P(0);
	launch_check_context();
	launch_check_login(launch.role);
	launch_check_job(&launch);
	jobs = jobs_count_pending(&launch, &known);
	if (known)
		PG_RETURN_VOID();
	jobs += jobs_count_running(launch.role, false);
	if (jobs >= launch.limit)
		ereport(ERROR, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						errmsg("role \"%s\" has %d trainings in the background, and %d is the limit",
							   GetUserNameFromId(launch.role, false), jobs, launch.limit),
						errhint("Wait for one of rnn_jobs to end, or let a superuser raise forecast_rnn.max_background_jobs.")));
	entry = MemoryContextAlloc(TopTransactionContext, sizeof(PendingLaunch));
	entry->next = pending;
	entry->subtransaction = GetCurrentSubTransactionId();
	entry->launch = launch;
	pending = entry;
	PG_RETURN_VOID();
}

/* ---------------------------------------------------------------- end of the transaction */

/* Asks the postmaster for a worker.  Runs after the commit, where no error may be raised. */
static void
launch_start(const Launch *launch)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "forecast_rnn", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "rnn_async_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, WORKER_TYPE, BGW_MAXLEN);
	strlcpy(worker.bgw_type, WORKER_TYPE, BGW_MAXLEN);
	memcpy(worker.bgw_extra, launch, sizeof(*launch));
	if (!RegisterDynamicBackgroundWorker(&worker, NULL))
		ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						  errmsg("the job was not started: no background worker is free"),
						  errhint("Try again later, or raise max_worker_processes.")));
}

static void
launch_at_transaction_end(XactEvent event, void *arg)
{
	PendingLaunch *entry = pending;

	switch (event)
	{
		case XACT_EVENT_PRE_PREPARE:
			if (pending)
				ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
								errmsg("a transaction that starts background training cannot be prepared")));
			break;
		case XACT_EVENT_COMMIT:
			pending = NULL;
			for (; entry; entry = entry->next)
				launch_start(&entry->launch);
			break;
		case XACT_EVENT_ABORT:
			pending = NULL;
			break;
		default:
			break;
	}
}

/* Forgets the launches of a subtransaction that is rolled back, and hands those of one that ends to its parent. */
static void
launch_at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	PendingLaunch **link = &pending;

	if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB)
		return;
	while (*link)
	{
		if ((*link)->subtransaction != mine)
			link = &(*link)->next;
		else if (event == SUBXACT_EVENT_ABORT_SUB)
			*link = (*link)->next;
		else
		{
			(*link)->subtransaction = parent;
			link = &(*link)->next;
		}
	}
}

void
async_init(void)
{
	RegisterXactCallback(launch_at_transaction_end, NULL);
	RegisterSubXactCallback(launch_at_subtransaction_end, NULL);
}

/* ---------------------------------------------------------------- worker */

static void
worker_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
}

static void
worker_commit(void)
{
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/* Calls schema.function(job), whose arguments are exact: no search_path decides which function that is. */
static Datum
worker_call(const Launch *launch, const char *function, bool *null)
{
	Oid			type = UUIDOID;
	Datum		job = UUIDPGetDatum(&launch->job);
	char	   *schema = get_namespace_name(launch->schema);

	if (schema == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("extension \"forecast_rnn\" was dropped before its job started")));
	if (SPI_execute_with_args(psprintf("SELECT %s.%s($1)", quote_identifier(schema), function),
							  1, &type, &job, NULL, false, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not call %s", function);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, null);
}

void
rnn_async_main(Datum arg)
{
	Launch		launch;
	bool		null;
	bool		found;

	memcpy(&launch, MyBgworkerEntry->bgw_extra, sizeof(launch));
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(launch.database, launch.role, FRNN_WORKER_CONNECTION);
	pgstat_report_activity(STATE_RUNNING, "rnn_train_async");

	worker_begin();
	/* sessions that launch at the same moment do not see each other's */
	if (jobs_count_running(launch.role, true) >= launch.limit)
		ereport(FATAL, (errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						errmsg("the job was not started: its role has %d trainings in the background already", launch.limit)));
	found = DatumGetBool(worker_call(&launch, "rnn_async_begin", &null));
	worker_commit();
	if (!found)
		return;

	worker_begin();
	(void) worker_call(&launch, "rnn_async_run", &null);
	worker_commit();
}
