/*
 * panel_flat.c
 *	  The flat form of a panel: the bytes in a table, and what a parallel worker
 *	  sends to the leader.
 *
 * Writing measures first, so that the bytes are made in one place of exactly
 * their size.  Reading trusts none of the counts, although only our own
 * functions write the bytes: sizes are checked against the length before any
 * array is used, and every code against the bytes left.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* ---- times to codes ---- */

/* Sets *count to d / unit; returns whether unit divides d.  A product with the inverse is checked first, which is faster. */
static inline bool
unit_divides(uint64 d, uint64 unit, double inverse, uint64 *count)
{
	*count = d < (UINT64CONST(1) << 52) ? (uint64) ((double) d * inverse + 0.5) : d / unit;
	if (*count * unit == d)
		return true;
	*count = d / unit;
	return *count * unit == d;
}

/* of two numbers that are not both 0 */
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

/* ---- reading ---- */

static void pg_attribute_noreturn()
flat_corrupt(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("panel bytes are not valid: %s", detail)));
}

/* position in flat bytes, which are read series by series */
typedef struct FlatReader
{
	const PanelFlat *flat;
	const PanelFlatSeries *entry;	/* of the next series */
	int64		row;			/* its first */
	const double *value;		/* its first row's */
	const double *covariate;
	const uint8 *code,
			   *code_end;
	const char *zone;
	PanelNames *names;
	const char *text,
			   *end;
} FlatReader;

/* Returns the zero-terminated string of `len` bytes at *text, and moves *text behind it. */
static const char *
flat_take_string(const char **text, const char *end, uint32 len)
{
	const char *start = *text;

	if ((Size) (end - start) <= len || start[len] != '\0' || strnlen(start, len) != len)
		flat_corrupt("a name is cut off");
	*text = start + len + 1;
	return start;
}

static void
flat_open(const PanelFlat *flat, FlatReader *reader)
{
	Size		size = VARSIZE(flat);

	if (size < sizeof(PanelFlat))
		flat_corrupt("too short");
	if (flat->version != PANEL_FLAT_VERSION)
		flat_corrupt("unknown format version");
	if (flat->time > PANEL_INTEGER || flat->has_id > 1 ||
		(flat->zone_len > 0) != (flat->time == PANEL_TIMESTAMPTZ) ||
		flat->covariates < 0 || flat->covariates > PANEL_MAX_COVARIATES ||
		(flat->names != 0 && flat->names != flat->covariates) || flat->words < 0 || flat->words > PANEL_MAX_WORDS ||
		(flat->names == 0 && flat->words > 0))
		flat_corrupt("bad header");
	if (flat->rows < 1 || (uint64) flat->rows > size || flat->n_series < 1 || flat->n_series > flat->rows ||
		flat->code_bytes < 0 || (uint64) flat->code_bytes > size)
		flat_corrupt("bad counts");
	/* no overflow: rows, series and codes are below 1 GB, covariates below 1025 */
	if (sizeof(PanelFlat) + (uint64) flat->n_series * sizeof(PanelFlatSeries) +
		(uint64) flat->rows * (1 + flat->covariates) * sizeof(double) + flat->code_bytes > size)
		flat_corrupt("counts exceed the length");

	reader->flat = flat;
	reader->entry = (const PanelFlatSeries *) (flat + 1);
	reader->row = 0;
	reader->value = (const double *) (reader->entry + flat->n_series);
	reader->covariate = reader->value + flat->rows;
	reader->code = (const uint8 *) (reader->covariate + flat->rows * flat->covariates);
	reader->code_end = reader->code + flat->code_bytes;
	reader->text = (const char *) reader->code_end;
	reader->end = (const char *) flat + size;
	reader->zone = flat->zone_len > 0 ? flat_take_string(&reader->text, reader->end, flat->zone_len) : NULL;
	reader->names = NULL;
	if (flat->names > 0)
	{
		reader->names = panel_names_flat_read(flat->names, flat->words, &reader->text, reader->end);
		if (reader->names == NULL)
			flat_corrupt("bad names of covariates");
	}
	if (flat->covariates == 0)
		reader->covariate = NULL;
}

/* the next series without its times, which take_times then reads */
static void
flat_take_series(FlatReader *reader, PanelSeries *series)
{
	const PanelFlatSeries *entry = reader->entry++;

	if (entry->n < 1 || entry->n > reader->flat->rows - reader->row || entry->even > 1)
		flat_corrupt("bad count of rows");
	series->id = flat_take_string(&reader->text, reader->end, entry->id_len);
	series->has_id = reader->flat->has_id;
	series->n = entry->n;
	series->ts = NULL;
	series->value = reader->value;
	series->covariate = reader->covariate;
	reader->row += entry->n;
	reader->value += entry->n;
	if (reader->covariate)
		reader->covariate += (Size) entry->n * reader->flat->covariates;
}

static uint64
flat_take_code(FlatReader *reader)
{
	uint64		count = 0;
	int			shift;

	for (shift = 0; shift < 64 && reader->code < reader->code_end; shift += 7)
	{
		uint8		byte = *reader->code++;

		count |= (uint64) (byte & 0x7f) << shift;
		if (byte < 0x80)
			return count;
	}
	flat_corrupt("a time is cut off");
}

/* Reads the times of the next `count` rows of the series; *ts is the time of the row before them, then of the last. */
static void
flat_take_times(FlatReader *reader, int64 *ts, int64 count, int64 *out)
{
	const PanelFlatSeries *entry = reader->entry - 1;
	int64		i;

	for (i = 0; i < count; i++)
	{
		uint64		steps;
		uint64		difference;

		if (i % PANEL_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		steps = entry->even ? 1 : flat_take_code(reader);
		if (__builtin_mul_overflow(steps, entry->unit, &difference) ||
			difference > (uint64) PG_INT64_MAX - (uint64) *ts)
			flat_corrupt("a time is out of range");
		*ts = (int64) ((uint64) *ts + difference);
		out[i] = *ts;
	}
}

static void
flat_close(const FlatReader *reader)
{
	if (reader->row != reader->flat->rows || reader->text !=reader->end || reader->code != reader->code_end)
		flat_corrupt("counts do not add up");
}

PanelView  *
panel_flat_view(const PanelFlat *flat)
{
	FlatReader	reader;
	PanelView  *view;
	int64	   *ts;
	uint32		s;

	flat_open(flat, &reader);
	view = panel_new_view(flat->time, reader.zone, flat->covariates, flat->rows, flat->n_series);
	view->names = reader.names;
	ts = MemoryContextAllocHuge(CurrentMemoryContext, flat->rows * sizeof(int64));
	for (s = 0; s < flat->n_series; s++)
	{
		int64		last = reader.entry->first;

		CHECK_FOR_INTERRUPTS();
		flat_take_series(&reader, &view->series[s]);
		ts[0] = last;
		flat_take_times(&reader, &last, view->series[s].n - 1, ts + 1);
		view->series[s].ts = ts;
		ts += view->series[s].n;
	}
	flat_close(&reader);
	return view;
}

void
panel_flat_kind(const PanelFlat *flat, PanelKind *kind)
{
	FlatReader	reader;
	PanelSeries first;

	flat_open(flat, &reader);
	*kind = (PanelKind) {flat->time, flat->has_id, flat->covariates, reader.names, reader.zone, NULL, reader.entry->first};
	flat_take_series(&reader, &first);
	kind->first_id = first.id;
}

#define APPEND_ROWS 256			/* times decoded at once */

void
panel_append_flat(Panel *panel, const PanelFlat *flat, int64 skip)
{
	FlatReader	reader;
	int64		ts[APPEND_ROWS];
	uint32		s;

	flat_open(flat, &reader);
	panel_reserve(panel, flat->rows - skip, flat->n_series);
	for (s = 0; s < flat->n_series; s++)
	{
		int64		last = reader.entry->first;
		PanelSeries series;
		uint32		to;
		int64		done,
					count,
					i;

		flat_take_series(&reader, &series);
		to = panel_series(panel, series.id, strlen(series.id));
		for (done = 0; done < series.n; done += count)
		{
			CHECK_FOR_INTERRUPTS();
			count = Min(series.n - done, APPEND_ROWS);
			/* the first row's time is not coded */
			ts[0] = last;
			flat_take_times(&reader, &last, done == 0 ? count - 1 : count, done == 0 ? ts + 1 : ts);
			for (i = 0; i < count; i++)
			{
				if (skip > 0)
					skip--;
				else
					panel_append(panel, to, ts[i], series.value[done + i],
								 series.covariate ? series.covariate + (done + i) * flat->covariates : NULL);
			}
		}
	}
	flat_close(&reader);
}
