/*
 * compat.h
 *	  Differences between PostgreSQL 13 and 18, each with its reason.  No other
 *	  file tests PG_VERSION_NUM.
 */
#ifndef FRNN_PG_COMPAT_H
#define FRNN_PG_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

/* 16 moved the detoasting and varlena macros out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 replaced pg_attribute_noreturn(), which stands at the name, by pg_noreturn before the declaration */
#if PG_VERSION_NUM >= 180000 && !defined(pg_attribute_noreturn)
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* 15 added the set-up of a function that returns all its rows at once */
#if PG_VERSION_NUM < 150000
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

static inline void
InitMaterializedSRF(FunctionCallInfo fcinfo, bits32 flags)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;
	TupleDesc	tupdesc;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) || !(rsinfo->allowedModes & SFRM_Materialize))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0, false, work_mem);
	rsinfo->setDesc = tupdesc;
	MemoryContextSwitchTo(old);
}
#endif

/* 16 renamed the function that reads another backend's status entry */
#if PG_VERSION_NUM >= 160000
#define frnn_backend_status(i) (&pgstat_get_local_beentry_by_index(i)->backendStatus)
#else
#define frnn_backend_status(i) (&pgstat_fetch_stat_local_beentry(i)->backendStatus)
#endif

/*
 * 14 gave backends access to their own status entry and made COPY report
 * progress, the one such command that a training can be part of.  It also
 * renamed roles.
 */
#if PG_VERSION_NUM >= 140000
#define frnn_progress_free() (MyBEEntry && MyBEEntry->st_progress_command == PROGRESS_COMMAND_INVALID)
#else
#define frnn_progress_free() true
#define ROLE_PG_READ_ALL_STATS DEFAULT_ROLE_READ_ALL_STATS
#endif

/* 15 turned the check of misspelled settings into a reservation of the prefix */
#if PG_VERSION_NUM >= 150000
#define frnn_reserve_settings(prefix) MarkGUCPrefixReserved(prefix)
#else
#define frnn_reserve_settings(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 17 moved the backend's local transaction number into a struct; needs storage/proc.h */
#if PG_VERSION_NUM >= 170000
#define frnn_transaction() (MyProc->vxid.lxid)
#else
#define frnn_transaction() (MyProc->lxid)
#endif

/* 16 let the callbacks of the JSON parser return a status */
#if PG_VERSION_NUM >= 160000
#define frnn_json_result JsonParseErrorType
#define frnn_json_success() return JSON_SUCCESS
#else
#define frnn_json_result void
#define frnn_json_success() return
#endif

/* 17 lets a background worker act for a role that may not log in */
#if PG_VERSION_NUM >= 170000
#define FRNN_WORKER_CONNECTION BGWORKER_BYPASS_ROLELOGINCHECK
#define FRNN_WORKER_NEEDS_LOGIN false
#else
#define FRNN_WORKER_CONNECTION 0
#define FRNN_WORKER_NEEDS_LOGIN true
#endif

/* 17 added the memory of the lexer as the first argument */
#if PG_VERSION_NUM >= 170000
#define frnn_json_lexer(text, length, encoding) makeJsonLexContextCstringLen(NULL, text, length, encoding, true)
#else
#define frnn_json_lexer(text, length, encoding) makeJsonLexContextCstringLen((char *) (text), length, encoding, true)
#endif

#endif
