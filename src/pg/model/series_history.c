/*
 * series_history.c
 *	  The last rows of a model's series, written and read.  The tensors are
 *	  described in series_store.h.
 *
 * Values are stored without loss.  Most columns of databases hold decimals of a
 * few digits, which are shorter as integers: v is k / 10^d, to the last bit,
 * for one d of all values and integers k (Afroozeh, Kuffo, Boncz: ALP, 2023,
 * encode doubles so).
 */
#include "pg/model/series_store.h"

#include <math.h>

#include "core/forecast/compact.h"
#include "miscadmin.h"
#include "pg/server/bridge.h"
#include "utils/memutils.h"

#define MOST_DIGITS		6		/* after the point */
#define INTERRUPT_EVERY	65536	/* values between two checks for interrupts */

static const double power_of_ten[MOST_DIGITS + 1] = {1, 10, 100, 1000, 10000, 100000, 1000000};

typedef struct History
{
	const PanelData *panel;
	int			width;			/* covariates */
	int64	   *rows;			/* (S) */
	int64	   *future;			/* (S) */
	int64		total;			/* rows of all series */
	int64		ahead;
	StType		type;			/* of the values */
	int			digits;			/* after the point, if type is an integer */
} History;

/* ---- how values are stored ---- */

static bool
same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof(double)) == 0;
}

/* what the values seen so far allow */
typedef struct ValueTypes
{
	int			digits;			/* of decimals; above MOST_DIGITS: some value is none */
	double		largest;		/* absolute value */
	bool		floats;			/* each is a float */
} ValueTypes;

static void
types_see(ValueTypes *types, double value)
{
	if (isnan(value))
		return;
	types->largest = fmax(types->largest, fabs(value));
	types->floats = types->floats && same_bits((double) (float) value, value);
	while (types->digits <= MOST_DIGITS &&
		   !(fabs(value) * power_of_ten[types->digits] < PG_INT32_MAX &&
			 same_bits((int32) rint(value * power_of_ten[types->digits]) / power_of_ten[types->digits], value)))
		types->digits++;
}

static StType
types_choose(const ValueTypes *types)
{
	double		largest = types->digits <= MOST_DIGITS ? rint(types->largest * power_of_ten[types->digits]) : INFINITY;

	if (largest <= PG_INT16_MAX)
		return ST_I16;
	if (largest <= PG_INT32_MAX)
		return ST_I32;
	return types->floats ? ST_F32 : ST_F64;
}

/*
 * Rows of a series that a forecast needs.  Of a compact model a series without
 * gaps in its window keeps no rows to fill them from.
 */
static int64
rows_kept(const FrnnForecaster *core, const FrnnSeriesData *data, bool compact)
{
	int64		rows = Min(frnn_forecaster_history(core), data->n);
	int64		window = Min(frnn_forecaster_window(core), rows);
	int64		i;

	for (i = data->n - window; compact && i < data->n; i++)
		if (isnan(data->value[i]))
			return rows;
	return compact ? window : rows;
}

/* Counts the rows of all series and chooses the type of the values; in the current context. */
static History *
history_measure(const FrnnForecaster *core, const PanelData *panel)
{
	History    *history = palloc0(sizeof(History));
	int64		series = panel->panel.series;
	bool		compact = frnn_is_compact(series);
	ValueTypes	types = {.floats = true};
	int64		s,
				i;

	history->panel = panel;
	history->width = core->recipe.covariates;
	history->rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * series);
	history->future = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * series);
	for (s = 0; s < series; s++)
	{
		const FrnnSeriesData *data = &panel->data[s];

		CHECK_FOR_INTERRUPTS();
		history->rows[s] = rows_kept(core, data, compact);
		history->future[s] = history->width > 0 ? data->future : 0;
		history->total += history->rows[s];
		history->ahead += history->future[s];
		for (i = data->n - history->rows[s]; i < data->n; i++)
			types_see(&types, data->value[i]);
	}
	history->type = types_choose(&types);
	history->digits = types.digits;
	return history;
}

/* ---- writing ---- */

/* Writes one value at `out` and returns the place after it. */
static char *
value_put(const History *history, double value, char *out)
{
	double		code = history->digits <= MOST_DIGITS ? rint(value * power_of_ten[history->digits]) : 0;
	float		single = (float) value;
	int32		wide = isnan(value) ? PG_INT32_MIN : history->type == ST_I32 ? (int32) code : 0;
	int16		narrow = isnan(value) ? PG_INT16_MIN : history->type == ST_I16 ? (int16) code : 0;

	switch (history->type)
	{
		case ST_I16:
			memcpy(out, &narrow, sizeof(narrow));
			return out + sizeof(narrow);
		case ST_I32:
			memcpy(out, &wide, sizeof(wide));
			return out + sizeof(wide);
		case ST_F32:
			memcpy(out, &single, sizeof(single));
			return out + sizeof(single);
		default:
			memcpy(out, &value, sizeof(value));
			return out + sizeof(value);
	}
}

static void
fill_values(const void *arg, char *out)
{
	const History *history = arg;
	int64		s,
				i;

	for (s = 0; s < history->panel->panel.series; s++)
	{
		const FrnnSeriesData *data = &history->panel->data[s];

		CHECK_FOR_INTERRUPTS();
		for (i = data->n - history->rows[s]; i < data->n; i++)
			out = value_put(history, data->value[i], out);
	}
}

static void
fill_covariates(const void *arg, char *out)
{
	const History *history = arg;
	int64		s;

	for (s = 0; s < history->panel->panel.series; s++)
	{
		const FrnnSeriesData *data = &history->panel->data[s];
		size_t		bytes = sizeof(double) * history->width * (history->rows[s] + history->future[s]);

		if (bytes > 0)
			memcpy(out, data->covariate + (data->n - history->rows[s]) * history->width, bytes);
		out += bytes;
	}
}

void
history_add(StFile *file, const ForecastModel *model, const PanelData *panel)
{
	History    *history = history_measure(&model->core, panel);
	int64		dim[2] = {history->total + history->ahead, history->width};
	int64		length;

	length = column_length(history->rows, model->series);
	st_add(file, "history.rows", ST_I64, 1, &length, history->rows);
	length = column_length(history->future, model->series);
	st_add(file, "history.future", ST_I64, 1, &length, history->future);
	if (history->type == ST_I16 || history->type == ST_I32)
		st_meta(file, "history_digits", psprintf("%d", history->digits));
	if (history->total > 0)
		st_add_filled(file, "history.value", history->type, 1, &history->total, fill_values, history);
	if (dim[0] > 0 && dim[1] > 0)
		st_add_filled(file, "history.covariate", ST_F64, 2, dim, fill_covariates, history);
}

size_t
history_bytes(const FrnnRecipe *recipe, const PanelData *panel)
{
	FrnnForecaster *core = palloc0(sizeof(FrnnForecaster));
	History    *history;
	size_t		bytes;

	/* which seasonal naive forecast has a share is not known yet: the longest takes most rows */
	core->recipe = *recipe;
	core->naive_season = recipe->periods > 0;
	core->naive_period = recipe->periods > 0 ? recipe->period[recipe->periods - 1] : 0;
	history = history_measure(core, panel);
	bytes = frnn_mul(history->total, st_type_size(history->type));
	bytes = frnn_add(bytes, frnn_mul(frnn_mul(history->total + history->ahead, history->width), sizeof(double)));
	bytes = frnn_add(bytes, frnn_mul(panel->panel.series, 2 * sizeof(int64)));
	pfree(history->rows);
	pfree(history->future);
	pfree(history);
	pfree(core);
	return bytes;
}

/* ---- reading ---- */

static void
integers_read(const StFile *file, StType type, int64 count, double *value)
{
	double		power = power_of_ten[st_need_integer(file, "history_digits", 0, MOST_DIGITS)];
	bool		narrow = type == ST_I16;
	void	   *codes = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(count + 1, narrow ? sizeof(int16) : sizeof(int32)));
	int64		i;

	if (narrow)
		st_copy_i16(st_find(file, "history.value"), codes);
	else
		st_copy_i32(st_find(file, "history.value"), codes);
	for (i = 0; i < count; i++)
	{
		int32		code = narrow ? ((int16 *) codes)[i] : ((int32 *) codes)[i];

		if (i % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		value[i] = code == (narrow ? PG_INT16_MIN : PG_INT32_MIN) ? NAN : code / power;
	}
	pfree(codes);
}

/* Reads `count` values, in the current context. */
static double *
values_read(const StFile *file, int64 count)
{
	const StTensor *tensor = st_find(file, "history.value");
	StType		type = tensor ? tensor->type : ST_F64;
	double	   *value;
	float	   *single;
	int64		i;

	if (type == ST_I64 || type == ST_U8 || type == ST_F16)
		st_corrupt("tensor \"history.value\" must not be %s", st_type_name(type));
	(void) st_need_tensor(file, "history.value", type, count);
	value = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(count + 1, sizeof(double)));
	if (tensor && (type == ST_I16 || type == ST_I32))
		integers_read(file, type, count, value);
	else if (tensor && type == ST_F32)
	{
		single = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(count + 1, sizeof(float)));
		st_copy_f32(tensor, single);
		for (i = 0; i < count; i++)
			value[i] = single[i];
		pfree(single);
	}
	else
		st_need_f64(file, "history.value", count, value);
	for (i = 0; i < count; i++)
		if (isinf(value[i]))
			st_corrupt("tensor \"history.value\" holds an infinite number");
	return value;
}

/* Points each series of the model to its rows. */
static void
history_share(ForecastModel *model, const int64 *rows, const int64 *future, double *value, double *covariate)
{
	int			width = model->core.recipe.covariates;
	AxisClocks	clocks = {0};
	int64		s;

	model->data = MemoryContextAllocExtended(CurrentMemoryContext, frnn_mul(sizeof(FrnnSeriesData), model->series),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (s = 0; s < model->series; s++)
	{
		FrnnSeriesData *data = &model->data[s];
		double		trained = model->core.series_number[s * FRNN_SERIES_NUMBERS + FRNN_N_ROWS];

		if (trained < rows[s])
			st_corrupt("series " INT64_FORMAT " keeps more rows than it was trained on", s + 1);
		data->n = rows[s];
		data->future = future[s];
		data->value = value;
		data->covariate = width > 0 ? covariate : NULL;
		data->statics = model->statics ? model->statics + s * model->core.recipe.statics : NULL;
		data->offset = (int64) trained - rows[s];
		data->clock = axis_clock(&clocks, &model->axis, model->anchor[s]);
		value += rows[s];
		covariate += (rows[s] + future[s]) * width;
	}
}

void
history_read(const StFile *file, ForecastModel *model)
{
	int64		series = model->series;
	int			width = model->core.recipe.covariates;
	int64	   *rows,
			   *future;
	int64		total = 0,
				ahead = 0;
	double	   *value,
			   *covariate;
	int64		s;

	model->history = st_find(file, "history.rows") != NULL;
	if (!model->history)
		return;
	/* S is at most 2^31 and a count at most 2^30, so the sums stay in range; products of them might not */
	rows = column_read(file, "history.rows", series, 0, MaxAllocSize);
	future = column_read(file, "history.future", series, 0, MaxAllocSize);
	for (s = 0; s < series; s++)
	{
		total += rows[s];
		ahead += future[s];
	}
	if (ahead > MaxAllocSize)
		st_corrupt("tensor \"history.future\" holds a number out of range");
	value = values_read(file, total);
	st_need_tensor(file, "history.covariate", ST_F64, width > 0 ? (total + ahead) * width : 0);
	covariate = MemoryContextAllocHuge(CurrentMemoryContext, frnn_mul(frnn_mul(total + ahead, width) + 1, sizeof(double)));
	st_need_f64(file, "history.covariate", width > 0 ? (total + ahead) * width : 0, covariate);
	history_share(model, rows, future, value, covariate);
}
