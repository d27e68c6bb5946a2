/*
 * panel_flat_read.c
 *	  The flat form of a panel, read.
 *
 * None of the counts is trusted, although only our own functions write the bytes:
 * sizes are checked against the length before any array is used, and every code
 * against the bytes left.
 */
#include "pg/panel/panel_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static void pg_attribute_noreturn()
flat_corrupt(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("panel bytes are not valid: %s", detail)));
}

/* A position in flat bytes, which are read series by series. */
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

/* Reads the next series without its times, which flat_take_times then reads. */
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
