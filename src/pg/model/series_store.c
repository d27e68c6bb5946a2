/*
 * series_store.c
 *	  Names, anchors, numbers, profiles and error scales of a model's series,
 *	  written and read.  The tensors are described in series_store.h.
 *
 * Reading: the contents are untrusted.  A series takes at least a byte of
 * series.id, so the number of series is bounded by the file, and what is
 * allocated for them is compared with maintenance_work_mem.
 */
#include "pg/model/series_store.h"

#include "core/forecast/compact.h"
#include "core/forecast/error_scale.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

#define INTERRUPT_EVERY	65536	/* numbers between two checks for interrupts */

static const char *const number_name[FRNN_SERIES_NUMBERS] = {
	[FRNN_N_SIGMA] = "series.sigma",
	[FRNN_N_CENTER] = "series.center",
	[FRNN_N_UNIT] = "series.unit",
	[FRNN_N_LOWEST] = "series.lowest",
	[FRNN_N_HIGHEST] = "series.highest",
	[FRNN_N_ROWS] = "series.rows",
	[FRNN_N_KNOWN] = "series.known",
	[FRNN_N_STATUS] = "series.status",
	[FRNN_N_SPREAD] = "series.spread",
};

/* ---- columns ---- */

int64
column_length(const int64 *number, int64 series)
{
	int64		s;

	for (s = 1; s < series; s++)
		if (number[s] != number[0])
			return series;
	return Min(series, 1);
}

/* Returns the number of elements of a column in the file, 1 or one per series. */
static int64
column_count(const StFile *file, const char *name, int64 series)
{
	const StTensor *tensor = st_find(file, name);

	return tensor && tensor->count == 1 ? 1 : series;
}

/* Fills a column that has one element; raises an error if one of several elements is as good. */
static void
column_fill(const char *name, int64 *number, int64 count, int64 series)
{
	int64		s;

	if (count > 1 && column_length(number, count) == 1)
		st_corrupt("tensor \"%s\" repeats one number", name);
	for (s = count; s < series; s++)
		number[s] = number[0];
}

int64	   *
column_read(const StFile *file, const char *name, int64 series, int64 least, int64 most)
{
	int64		count = column_count(file, name, series);
	int64	   *number = st_need_i64(file, name, count, least, most);

	if (count < series)
		number = repalloc_huge(number, frnn_mul(series, sizeof(int64)));
	column_fill(name, number, count, series);
	return number;
}

/* ---- writing ---- */

/* Column i of series.number, its doubles as the bits that they are. */
static void
number_add(StFile *file, const FrnnForecaster *core, int i)
{
	int64	   *bits = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(core->series, sizeof(int64)));
	int64		count;
	int64		s;

	StaticAssertStmt(sizeof(int64) == sizeof(double), "doubles are compared as integers");
	for (s = 0; s < core->series; s++)
		memcpy(&bits[s], &core->series_number[s * FRNN_SERIES_NUMBERS + i], sizeof(double));
	count = column_length(bits, core->series);
	st_add(file, number_name[i], ST_F64, 1, &count, bits);
}

static void
names_add(StFile *file, const ForecastModel *model)
{
	StringInfoData ids;
	int64		bytes;
	int64		s;

	initStringInfo(&ids);
	for (s = 0; s < model->series; s++)
	{
		char	   *utf8 = pg_server_to_any(model->id[s], strlen(model->id[s]), PG_UTF8);

		appendBinaryStringInfo(&ids, utf8, strlen(utf8) + 1);
		if (utf8 != model->id[s])
			pfree(utf8);
	}
	bytes = ids.len;
	st_add(file, "series.id", ST_U8, 1, &bytes, ids.data);
}

static void
fill_profile(const void *arg, char *out)
{
	const FrnnForecaster *core = arg;
	const double *profile = core->profile;
	int64		s;
	int			p,
				i;

	for (s = 0; s < core->series; s++)
		for (p = 0; p < core->recipe.periods; p++)
		{
			int			exponent = frnn_profile_exponent(profile, core->recipe.period[p]);

			CHECK_FOR_INTERRUPTS();
			for (i = 0; i < core->recipe.period[p]; i++)
			{
				int16		code = frnn_profile_encode(*profile++, exponent);

				memcpy(out, &code, sizeof(code));
				out += sizeof(code);
			}
		}
}

static void
fill_exponent(const void *arg, char *out)
{
	const FrnnForecaster *core = arg;
	const double *profile = core->profile;
	int64		s;
	int			p;

	for (s = 0; s < core->series; s++)
		for (p = 0; p < core->recipe.periods; p++)
		{
			int16		exponent = (int16) frnn_profile_exponent(profile, core->recipe.period[p]);

			CHECK_FOR_INTERRUPTS();
			memcpy(out, &exponent, sizeof(exponent));
			out += sizeof(exponent);
			profile += core->recipe.period[p];
		}
}

static void
fill_error_scale(const void *arg, char *out)
{
	const FrnnForecaster *core = arg;
	int64		count = core->series * frnn_error_scale_columns(&core->recipe);
	int64		i;

	for (i = 0; i < count; i++)
	{
		uint16		code = frnn_half_encode(core->error_scale[i]);

		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		memcpy(out, &code, sizeof(code));
		out += sizeof(code);
	}
}

void
series_add(StFile *file, const ForecastModel *model)
{
	const FrnnForecaster *core = &model->core;
	bool		compact = frnn_is_compact(core->series);
	int64		length = column_length(model->anchor, core->series);
	int64		profile[2] = {core->series, core->profile_rows};
	int64		exponent[2] = {core->series, core->recipe.periods};
	int64		lags[2] = {core->series, frnn_ar_columns(&core->recipe)};
	int64		scale[2] = {core->series, frnn_error_scale_columns(&core->recipe)};
	int			i;

	for (i = 0; i < FRNN_SERIES_NUMBERS; i++)
		number_add(file, core, i);
	st_add(file, "series.anchor", ST_I64, 1, &length, model->anchor);
	if (core->profile_rows > 0 && compact)
	{
		st_add_filled(file, "series.profile", ST_I16, 2, profile, fill_profile, core);
		st_add_filled(file, "series.profile_exponent", ST_I16, 2, exponent, fill_exponent, core);
	}
	else if (core->profile_rows > 0)
		st_add(file, "series.profile", ST_F64, 2, profile, core->profile);
	if (lags[1] > 0)
		st_add(file, "series.ar_weight", ST_F32, 2, lags, core->ar_weight);
	if (compact)
		st_add_filled(file, "series.error_scale", ST_F16, 2, scale, fill_error_scale, core);
	else
		st_add(file, "series.error_scale", ST_F64, 2, scale, core->error_scale);
	names_add(file, model);
}

size_t
series_bytes(const FrnnRecipe *recipe, int64 series)
{
	size_t		width = frnn_is_compact(series) ? sizeof(int16) : sizeof(double);
	size_t		numbers = frnn_error_scale_columns(recipe);
	int			p;

	for (p = 0; p < recipe->periods; p++)
		numbers += recipe->period[p];
	return width * numbers + sizeof(float) * frnn_ar_columns(recipe) +
		sizeof(int16) * recipe->periods + sizeof(double) * (FRNN_SERIES_NUMBERS + 1 + frnn_static_inputs(recipe));
}

/* ---- reading ---- */

void
series_read_names(const StFile *file, ForecastModel *model)
{
	const StTensor *ids = st_find(file, "series.id");
	char	   *names;
	int64		at = 0;
	int64		s;

	if (ids == NULL || ids->type != ST_U8 || ids->count < model->series || ids->data[ids->count - 1] != '\0')
		st_corrupt("tensor \"series.id\" must be U8 with a zero byte after each of " INT64_FORMAT " names", model->series);
	/* with the anchors and what a caller makes of each series */
	frnn_check_size(frnn_add(ids->count, frnn_mul(model->series, sizeof(char *) + sizeof(int64) + sizeof(FrnnSeriesData))),
					"the model");
	names = MemoryContextAllocHuge(CurrentMemoryContext, ids->count);
	memcpy(names, ids->data, ids->count);
	model->id = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(char *) * model->series);
	for (s = 0; s < model->series; s++)
	{
		int			length;

		if (s % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (at >= ids->count)
			st_corrupt("tensor \"series.id\" holds fewer than " INT64_FORMAT " names", model->series);
		length = strlen(names + at);
		if (!pg_verify_mbstr(PG_UTF8, names + at, length, true))
			st_corrupt("the name of series " INT64_FORMAT " is not text", s + 1);
		model->id[s] = pg_any_to_server(names + at, length, PG_UTF8);
		at += length + 1;
	}
	if (at != ids->count)
		st_corrupt("tensor \"series.id\" holds more than " INT64_FORMAT " names", model->series);
	model->anchor = column_read(file, "series.anchor", model->series, PG_INT64_MIN, PG_INT64_MAX);
}

static void
number_read(const StFile *file, FrnnForecaster *core, int i)
{
	int64		count = column_count(file, number_name[i], core->series);
	int64	   *bits = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(core->series, sizeof(int64)));
	int64		s;

	(void) st_need_tensor(file, number_name[i], ST_F64, count);
	st_need_f64(file, number_name[i], count, (double *) bits);
	column_fill(number_name[i], bits, count, core->series);
	for (s = 0; s < core->series; s++)
		memcpy(&core->series_number[s * FRNN_SERIES_NUMBERS + i], &bits[s], sizeof(double));
	pfree(bits);
}

/* 16 bits each of a tensor of that type and number of elements, in the current context */
static int16 *
codes_read(const StFile *file, const char *name, StType type, int64 count)
{
	const StTensor *tensor = st_need_tensor(file, name, type, count);
	int16	   *code = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(count + 1, sizeof(int16)));

	if (tensor)
		st_copy_i16(tensor, code);
	return code;
}

static void
profile_read(const StFile *file, FrnnForecaster *core)
{
	const FrnnRecipe *recipe = &core->recipe;
	int16	   *exponents = codes_read(file, "series.profile_exponent", ST_I16, core->series * recipe->periods);
	int16	   *codes = codes_read(file, "series.profile", ST_I16, core->series * core->profile_rows);
	const int16 *exponent = exponents;
	const int16 *code = codes;
	double	   *profile = core->profile;
	int64		s;
	int			p,
				i;

	for (s = 0; s < core->series; s++)
		for (p = 0; p < recipe->periods; p++, exponent++)
		{
			CHECK_FOR_INTERRUPTS();
			for (i = 0; i < recipe->period[p]; i++)
				*profile++ = frnn_profile_decode(*code++, *exponent);
		}
	pfree(exponents);
	pfree(codes);
}

static void
error_scale_read(const StFile *file, FrnnForecaster *core)
{
	int64		count = core->series * frnn_error_scale_columns(&core->recipe);
	int16	   *codes = codes_read(file, "series.error_scale", ST_F16, count);
	int64		i;

	for (i = 0; i < count; i++)
	{
		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		core->error_scale[i] = frnn_half_decode((uint16) codes[i]);
	}
	pfree(codes);
}

void
series_read_numbers(const StFile *file, ForecastModel *model)
{
	FrnnForecaster *core = &model->core;
	int			i;

	for (i = 0; i < FRNN_SERIES_NUMBERS; i++)
		number_read(file, core, i);
	if (core->recipe.lags > 0)
		st_need_f32(file, "series.ar_weight", core->series * frnn_ar_columns(&core->recipe), core->ar_weight);
	if (frnn_is_compact(core->series))
	{
		profile_read(file, core);
		error_scale_read(file, core);
		return;
	}
	st_need_f64(file, "series.profile", core->series * core->profile_rows, core->profile);
	st_need_f64(file, "series.error_scale", core->series * frnn_error_scale_columns(&core->recipe), core->error_scale);
}
