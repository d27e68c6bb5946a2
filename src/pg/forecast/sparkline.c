/*
 * sparkline.c
 *	  rnn_sparkline: an aggregate that draws values as one line of characters.
 */
#include "pg/server/compat.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(rnn_sparkline_add);
PG_FUNCTION_INFO_V1(rnn_sparkline_final);

typedef struct Sparkline
{
	double	   *value;
	int64		count;
	int64		room;
} Sparkline;

/* transition function of rnn_sparkline(value); NULL leaves a blank */
Datum
rnn_sparkline_add(PG_FUNCTION_ARGS)
{
	MemoryContext aggregate;
	Sparkline  *line;

	if (!AggCheckCallContext(fcinfo, &aggregate))
		elog(ERROR, "rnn_sparkline_add called outside of an aggregate");
	line = PG_ARGISNULL(0) ? MemoryContextAllocZero(aggregate, sizeof(Sparkline)) : (Sparkline *) PG_GETARG_POINTER(0);
	if (line->count == line->room)
	{
		line->room = Max(64, line->room * 2);
		frnn_check_size(sizeof(double) * line->room, "the sparkline");
		line->value = line->value ? repalloc_huge(line->value, sizeof(double) * line->room) :
			MemoryContextAlloc(aggregate, sizeof(double) * line->room);
	}
	line->value[line->count++] = PG_ARGISNULL(1) ? NAN : PG_GETARG_FLOAT8(1);
	PG_RETURN_POINTER(line);
}

#define SPARKLINE_LEVELS	8
#define SPARKLINE_WIDTH		60	/* longer series are averaged over equal parts */

/* Returns the mean of the values in part i of `parts`, NAN if there are none. */
static double
sparkline_mean(const Sparkline *line, int64 i, int64 parts)
{
	int64		from = line->count * i / parts;
	int64		to = line->count * (i + 1) / parts;
	double		sum = 0;
	int64		n = 0;
	int64		k;

	for (k = from; k < to; k++)
		if (isfinite(line->value[k]))
		{
			n++;
			sum += (line->value[k] - sum) / n;
		}
	return n > 0 ? sum : NAN;
}

/* final function: eight heights of block characters; ASCII if the server's encoding has none */
Datum
rnn_sparkline_final(PG_FUNCTION_ARGS)
{
	static const char *const block[] = {
		"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
		"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"
	};
	static const char *const ascii[] = {"_", ".", ",", "-", "~", "+", "*", "#"};
	const char *const *character = GetDatabaseEncoding() == PG_UTF8 ? block : ascii;
	double		mean[SPARKLINE_WIDTH];
	double		low = INFINITY;
	double		high = -INFINITY;
	const Sparkline *line;
	StringInfoData out;
	int			parts;
	int			i;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "rnn_sparkline_final called outside of an aggregate");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	line = (const Sparkline *) PG_GETARG_POINTER(0);
	parts = (int) Min(line->count, SPARKLINE_WIDTH);
	for (i = 0; i < parts; i++)
	{
		CHECK_FOR_INTERRUPTS();
		mean[i] = sparkline_mean(line, i, parts);
		if (!isnan(mean[i]))
		{
			low = Min(low, mean[i]);
			high = Max(high, mean[i]);
		}
	}
	initStringInfo(&out);
	for (i = 0; i < parts; i++)
	{
		if (isnan(mean[i]))
			appendStringInfoChar(&out, ' ');
		else if (!(high > low))
			appendStringInfoString(&out, character[SPARKLINE_LEVELS / 2 - 1]);
		else
			/* halves first: the range of two finite numbers may not be finite */
			appendStringInfoString(&out, character[Min(SPARKLINE_LEVELS - 1,
													   (int) ((mean[i] / 2 - low / 2) / (high / 2 - low / 2) * SPARKLINE_LEVELS))]);
	}
	PG_RETURN_TEXT_P(cstring_to_text(out.data));
}
