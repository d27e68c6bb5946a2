/*
 * async.c
 *	  Training in the background: a dynamic background worker that logs in as
 *	  the caller's session role, takes on the caller's current role for good
 *	  (SET ROLE is refused while it does), and calls rnn_async_begin and
 *	  rnn_async_run.
 *
 * The job's row is written by the caller, so the worker waits until that
 * transaction has ended, and finds no row if it was rolled back.  From its
 * first moment to its last the worker holds an advisory lock that tells others
 * that the job is alive; the server drops it with the process, however that
 * ends.
 */
#include "pg/server/compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "catalog/pg_authid.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/lmgr.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(rnn_async_launch);
extern PGDLLEXPORT void rnn_async_main(Datum arg);

/* what a worker is told, in bgw_extra */
typedef struct Launch
{
	Oid			database;
	Oid			session_role;
	Oid			role;
	Oid			schema;			/* of the extension */
	TransactionId xid;			/* of the caller */
	pg_uuid_t	job;
} Launch;

StaticAssertDecl(sizeof(Launch) <= BGW_EXTRALEN, "a launch does not fit a worker's extra data");

static void
check_login(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		login;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "role %u does not exist", role);
	login = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
	ReleaseSysCache(tuple);
	if (!login)
		ereport(ERROR, (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
						errmsg("role \"%s\" is not permitted to log in, so nothing can run in the background for it",
							   GetUserNameFromId(role, false)),
						errhint("Call it in a session of a role that may log in.")));
}

/* rnn_async_launch(job) */
Datum
rnn_async_launch(PG_FUNCTION_ARGS)
{
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	Launch		launch = {0};
	pid_t		pid;

	memset(&worker, 0, sizeof(worker));
	launch.database = MyDatabaseId;
	launch.session_role = GetSessionUserId();
	launch.role = GetUserId();
	launch.schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	launch.xid = GetTopTransactionIdIfAny();
	launch.job = *PG_GETARG_UUID_P(0);
	check_login(launch.session_role);

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "forecast_rnn", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "rnn_async_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "forecast_rnn training", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "forecast_rnn training", BGW_MAXLEN);
	memcpy(worker.bgw_extra, &launch, sizeof(launch));
	worker.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						errmsg("no background worker is free"),
						errhint("Try again later, or raise max_worker_processes.")));
	if (WaitForBackgroundWorkerStartup(handle, &pid) == BGWH_POSTMASTER_DIED)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_RESOURCES),
						errmsg("the background worker could not be started")));
	PG_RETURN_VOID();
}

/* a transaction of the worker, as the caller's role */
static void
begin_as(const Launch *launch)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	SetUserIdAndSecContext(launch->role, SECURITY_LOCAL_USERID_CHANGE);
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
}

static void
commit_as(const Launch *launch)
{
	SPI_finish();
	PopActiveSnapshot();
	SetUserIdAndSecContext(launch->session_role, 0);
	CommitTransactionCommand();
}

/* SELECT schema.function(job) */
static Datum
call(const Launch *launch, const char *function, bool *null)
{
	Oid			type = UUIDOID;
	Datum		job = UUIDPGetDatum(&launch->job);
	char	   *schema = get_namespace_name(launch->schema);

	if (schema == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA),
						errmsg("the extension is gone")));
	if (SPI_execute_with_args(psprintf("SELECT %s.%s($1)", quote_identifier(schema), function),
							  1, &type, &job, NULL, false, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not call %s", function);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, null);
}

/* held until the process ends */
static void
lock_job(const Launch *launch)
{
	Oid			type = UUIDOID;
	Datum		job = UUIDPGetDatum(&launch->job);

	if (SPI_execute_with_args("SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtext('forecast_rnn job'), pg_catalog.hashtext($1::pg_catalog.text))",
							  1, &type, &job, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not lock the job");
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
	BackgroundWorkerInitializeConnectionByOid(launch.database, launch.session_role, 0);
	pgstat_report_activity(STATE_RUNNING, "rnn_train_async");

	begin_as(&launch);
	lock_job(&launch);
	commit_as(&launch);

	StartTransactionCommand();
	if (TransactionIdIsValid(launch.xid))
		XactLockTableWait(launch.xid, NULL, NULL, XLTW_None);
	CommitTransactionCommand();

	begin_as(&launch);
	found = DatumGetBool(call(&launch, "rnn_async_begin", &null));
	commit_as(&launch);
	if (!found)
		return;

	begin_as(&launch);
	(void) call(&launch, "rnn_async_run", &null);
	commit_as(&launch);
}
