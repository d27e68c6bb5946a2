/*
 * module.c
 *	  The module's magic block.
 */
#include "compat.h"

PG_MODULE_MAGIC;
