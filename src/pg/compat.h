/*
 * compat.h
 *	  The only place that looks at PG_VERSION_NUM: what differs between
 *	  PostgreSQL 13 and 18, each with its reason.
 */
#ifndef FRNN_PG_COMPAT_H
#define FRNN_PG_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

/* 16 moved the detoasting and varlena macros out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#endif
