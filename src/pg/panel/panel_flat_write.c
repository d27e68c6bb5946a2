/*
 * panel_flat_write.c
 *	  A panel in flat form: the bytes in a table, and what a parallel worker sends
 *	  to the leader.
 *
 * Writing measures first, so that the bytes are made in one place of exactly
 * their size.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* ---- times to codes ---- */

/* Sets *count to d / unit; returns true if unit divides d.  A product with the inverse is checked first, which is faster. */
static inline bool
unit_divides(uint64 d, uint64 unit, double inverse, uint64 *count)
{
	*count = d < (UINT64CONST(1) << 52) ? (uint64) ((double) d * inverse + 0.5) : d / unit;
	if (*count * unit == d)
		return true;
	*count = d / unit;
	return *count * unit == d;
}

/* Returns the greatest common divisor of two numbers, 1 if both are 0. */
static uint64
common_divisor(uint64 a, uint64 b)
{
	while (b != 0)
	{
		uint64		rest = a % b;

		a = b;
		b = rest;
	}
	return Max(a, 1);
}

static inline int
code_length(uint64 count)
{
	int			bytes = 1;

	for (; count >= 0x80; count >>= 7)
		bytes++;
	return bytes;
}

Size
panel_measure_times(const int64 *ts, int64 n, PanelSteps *steps)
{
	uint64		unit = n > 1 ? (uint64) ts[1] - (uint64) ts[0] : 0;
	double		inverse = 1.0 / (double) Max(unit, 1);
	Size		bytes = 0;
	uint64		count;
	int64		i;

	steps->even = true;
	for (i = 2; i < n; i++)
	{
		uint64		d = (uint64) ts[i] - (uint64) ts[i - 1];

		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (d == unit)
			continue;
		steps->even = false;
		if (unit > 0 && unit_divides(d, unit, inverse, &count))
			continue;
		unit = common_divisor(unit, d);
		inverse = 1.0 / (double) Max(unit, 1);
	}
	steps->unit = unit;
	for (i = 1; i < n && !steps->even; i++)
	{
		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		(void) unit_divides((uint64) ts[i] - (uint64) ts[i - 1], unit, inverse, &count);
		bytes += code_length(count);
	}
	return bytes;
}

static uint8 *
times_write(const int64 *ts, int64 n, const PanelSteps *steps, uint8 *out)
{
	double		inverse = 1.0 / (double) Max(steps->unit, 1);
	int64		i;

	for (i = 1; i < n && !steps->even; i++)
	{
		uint64		count;

		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		(void) unit_divides((uint64) ts[i] - (uint64) ts[i - 1], steps->unit, inverse, &count);
		for (; count >= 0x80; count >>= 7)
			*out++ = (uint8) (count | 0x80);
		*out++ = (uint8) count;
	}
	return out;
}

/* ---- writing ---- */

static const int64 *
series_times(const Panel *panel, const PanelTrack *track)
{
	return panel->ts + (Size) track->first * PANEL_PAGE;
}

static void
flat_check_size(const Panel *panel, double bytes)
{
	if (bytes > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a panel of %.0f rows takes %.0f MB, more than the %d MB that can be stored or passed on as one value",
						(double) panel->rows, bytes / 1048576.0, (int) (MaxAllocSize / 1048576)),
				 errhint("Give the panel directly to the function that reads it, as in rnn_train(rnn_panel(...)), and set max_parallel_workers_per_gather to 0.")));
}

Size
panel_flat_size(Panel *panel)
{
	double		bytes = sizeof(PanelFlat);
	uint32		s;

	Assert(panel->settled);
	if (panel->flat_size != 0)
		return panel->flat_size;
	bytes += (double) panel->n_series * sizeof(PanelFlatSeries);
	bytes += (double) panel->rows * (1 + panel->covariates) * sizeof(double);
	bytes += panel->time_zone ? strlen(panel->time_zone) + 1 : 0;
	bytes += panel_names_flat_size(panel->names);
	flat_check_size(panel, bytes);
	panel->code_bytes = 0;
	if (panel->steps != NULL)
		pfree(panel->steps);
	panel->steps = NULL;
	panel->steps = MemoryContextAllocHuge(panel->hdr.eoh_context, Max(panel->n_series, 1) * sizeof(PanelSteps));
	for (s = 0; s < panel->n_series; s++)
	{
		const PanelTrack *track = &panel->series[panel->order[s]];

		panel->code_bytes += panel_measure_times(series_times(panel, track), track->n, &panel->steps[s]);
		bytes += track->id_len + 1;
	}
	bytes += (double) panel->code_bytes;
	flat_check_size(panel, bytes);
	panel->flat_size = (Size) bytes;
	return panel->flat_size;
}

/* Copies numbers, with checks for interrupts. */
static double *
numbers_copy(double *to, const double *from, Size count)
{
	Size		done,
				part;

	for (done = 0; done < count; done += part)
	{
		CHECK_FOR_INTERRUPTS();
		part = Min(count - done, PANEL_COPY_AT_ONCE);
		memcpy(to + done, from + done, part * sizeof(double));
	}
	return to + count;
}

void
panel_flat_write(const Panel *panel, PanelFlat *flat)
{
	PanelFlatSeries *entry = (PanelFlatSeries *) (flat + 1);
	double	   *value = (double *) (entry + panel->n_series);
	double	   *covariate = value + panel->rows;
	uint8	   *code = (uint8 *) (covariate + panel->rows * panel->covariates);
	char	   *text = (char *) code + panel->code_bytes;
	uint32		s;

	SET_VARSIZE(flat, panel->flat_size);
	flat->version = PANEL_FLAT_VERSION;
	flat->time = panel->time;
	flat->has_id = panel->has_id;
	flat->zone_len = panel->time_zone ? strlen(panel->time_zone) : 0;
	flat->covariates = panel->covariates;
	flat->n_series = panel->n_series;
	flat->rows = panel->rows;
	flat->code_bytes = panel->code_bytes;
	flat->names = panel->names ? panel->names->n : 0;
	flat->words = panel->names ? panel->names->words : 0;
	if (panel->time_zone)
	{
		memcpy(text, panel->time_zone, flat->zone_len + 1);
		text	  +=flat->zone_len + 1;
	}
	text = panel_names_flat_write(panel->names, text);

	for (s = 0; s < panel->n_series; s++)
	{
		const PanelTrack *track = &panel->series[panel->order[s]];
		const PanelSteps *steps = &panel->steps[s];
		Size		row = (Size) track->first * PANEL_PAGE;

		entry[s] = (PanelFlatSeries) {panel->ts[row], steps->unit, (uint32) track->n, (uint16) track->id_len, steps->even};
		value = numbers_copy(value, panel->value + row, track->n);
		if (panel->covariates > 0)
			covariate = numbers_copy(covariate, panel->covariate + row * panel->covariates, (Size) track->n * panel->covariates);
		code = times_write(series_times(panel, track), track->n, steps, code);
		memcpy(text, track->id, track->id_len + 1);
		text	  +=track->id_len + 1;
	}
}
