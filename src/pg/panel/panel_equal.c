/*
 * panel_equal.c
 *	  Equality of panels: the canonical forms are the same bytes.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"

PG_FUNCTION_INFO_V1(rnn_panel_eq);
PG_FUNCTION_INFO_V1(rnn_panel_ne);

/* Compares arrays of eight-byte numbers, with checks for interrupts. */
static bool
numbers_equal(const void *a, const void *b, Size count)
{
	Size		done,
				part;

	for (done = 0; done < count; done += part)
	{
		CHECK_FOR_INTERRUPTS();
		part = Min(count - done, PANEL_COPY_AT_ONCE);
		if (memcmp((const int64 *) a + done, (const int64 *) b + done, part * sizeof(int64)) != 0)
			return false;
	}
	return true;
}

static bool
series_equal(const PanelSeries *a, const PanelSeries *b, int covariates)
{
	return a->n == b->n && a->has_id == b->has_id && strcmp(a->id, b->id) == 0 &&
		numbers_equal(a->ts, b->ts, a->n) &&
		numbers_equal(a->value, b->value, a->n) &&
		(covariates == 0 || numbers_equal(a->covariate, b->covariate, (Size) a->n * covariates));
}

static bool
panels_equal(Datum datum_a, Datum datum_b)
{
	PanelView  *a = panel_view(datum_a);
	PanelView  *b = panel_view(datum_b);
	int64		s;

	if (a->time != b->time || a->covariates != b->covariates ||
		!panel_names_equal(a->names, b->names) || a->rows != b->rows || a->n_series != b->n_series ||
		strcmp(a->time_zone ? a->time_zone : "", b->time_zone ? b->time_zone : "") != 0)
		return false;
	for (s = 0; s < a->n_series; s++)
		if (!series_equal(&a->series[s], &b->series[s], a->covariates))
			return false;
	return true;
}

Datum
rnn_panel_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(panels_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
rnn_panel_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!panels_equal(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}
