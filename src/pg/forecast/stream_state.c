/*
 * stream_state.c
 *	  The bytes of a state.  A state is a safetensors file, as models are, and
 *	  is read by the same validating reader:
 *
 *	metadata	"kind", "model" (its checksum), "named", "series"
 *	tensors		place I64 and number F64 (below), profile F64 (absent if it is
 *				the model's), value F64 (the last rows), filled U8 (1: a row without a known
 *				value; absent without), covariate F64, network
 *				(members, S) F32
 *
 * Numbers are binary, not text: writing and reading the state is a large part
 * of the cost of a step.
 */
#include "pg/forecast/stream_state.h"

#include <math.h>

#include "core/network/step.h"
#include "pg/server/bridge.h"

/* tensor "place" */
enum
{
	PLACE_INDEX,
	PLACE_ANCHOR,
	PLACE_ROWS,
	PLACE_FIRST,
	PLACE_KEPT,
	PLACE_STEPS,
	PLACES
};

/* tensor "number", after the parameters of the series */
enum
{
	NUMBER_LOWEST = FRNN_SERIES_NUMBERS,
	NUMBER_HIGHEST,
	NUMBER_EXPECTED,
	NUMBER_LOWER,
	NUMBER_UPPER,
	NUMBER_CONFIDENCE,
	NUMBER_LEVEL_LOWER,
	NUMBER_LEVEL_UPPER = NUMBER_LEVEL_LOWER + STREAM_LEVELS,
	NUMBERS = NUMBER_LEVEL_UPPER + STREAM_LEVELS
};

const double stream_level[STREAM_LEVELS] = {0.5, 0.8, 0.9, 0.95, 0.99, 0.999};

size_t
stream_network_floats(const FrnnForecaster *core)
{
	if (core->recipe.mode == FRNN_MODE_WINDOW || core->members == 0)
		return 0;
	return frnn_step_state(&core->network);
}

static void
state_add(StFile *file, const char *name, StType type, int64 count, const void *data)
{
	if (count > 0)
		st_add(file, name, type, 1, &count, data);
}

/* Returns the model's seasonal profile of the series, NULL if it was not trained on. */
static const double *
state_model_profile(const Stream *stream)
{
	const FrnnForecaster *core = stream_core(stream);

	return stream->index >= 0 && core->profile_rows > 0 ? core->profile + stream->index * core->profile_rows : NULL;
}

static bool
state_has_model_profile(const Stream *stream)
{
	const double *profile = state_model_profile(stream);

	return profile && memcmp(profile, stream->profile, sizeof(double) * stream_core(stream)->profile_rows) == 0;
}

static bool
state_has_filled(const Stream *stream)
{
	int64		i;

	for (i = 0; i < stream->kept; i++)
		if (stream->filled[i])
			return true;
	return false;
}

bytea	   *
stream_write(const Stream *stream)
{
	const FrnnForecaster *core = stream_core(stream);
	StFile	   *file = st_new();
	int64		place[PLACES];
	double		number[NUMBERS];

	place[PLACE_INDEX] = stream->index;
	place[PLACE_ANCHOR] = stream->anchor;
	place[PLACE_ROWS] = stream->rows;
	place[PLACE_FIRST] = stream->first;
	place[PLACE_KEPT] = stream->kept;
	place[PLACE_STEPS] = stream->carry.steps;
	memcpy(number, stream->carry.number, sizeof(stream->carry.number));
	number[NUMBER_LOWEST] = stream->carry.lowest;
	number[NUMBER_HIGHEST] = stream->carry.highest;
	number[NUMBER_EXPECTED] = stream->expected;
	number[NUMBER_LOWER] = stream->lower;
	number[NUMBER_UPPER] = stream->upper;
	number[NUMBER_CONFIDENCE] = stream->confidence;
	memcpy(number + NUMBER_LEVEL_LOWER, stream->level_lower, sizeof(stream->level_lower));
	memcpy(number + NUMBER_LEVEL_UPPER, stream->level_upper, sizeof(stream->level_upper));
	st_meta(file, "kind", "state");
	st_meta(file, "model", stream->cached->checksum);
	st_meta(file, "named", stream->series ? "1" : "0");
	st_meta(file, "series", stream->series ? stream->series : "");
	state_add(file, "place", ST_I64, PLACES, place);
	state_add(file, "number", ST_F64, NUMBERS, number);
	if (!state_has_model_profile(stream))
		state_add(file, "profile", ST_F64, core->profile_rows, stream->profile);
	state_add(file, "value", ST_F64, stream->kept, stream->value);
	if (state_has_filled(stream))
		state_add(file, "filled", ST_U8, stream->kept, stream->filled);
	state_add(file, "covariate", ST_F64, stream->kept * core->recipe.covariates, stream->covariate);
	state_add(file, "static", ST_F64, core->recipe.statics, stream->statics);
	state_add(file, "network", ST_F32, stream_network_floats(core) * core->members, stream->state);
	return st_write(file, CurrentMemoryContext);
}

static double *
state_read_doubles(const StFile *file, const char *name, int64 count, int64 room)
{
	double	   *out = frnn_allocate(frnn_mul(sizeof(double), Max(room, 1)), "the state");

	st_need_f64(file, name, count, out);
	return out;
}

/* Returns true for a row that no timestamp has.  Rows count from the model's anchor, and a fresh panel may end before it. */
static bool
state_out_of_range(int64 row)
{
	return row < -(INT64CONST(1) << 50) || row > INT64CONST(1) << 50;
}

static void
state_read_numbers(const StFile *file, Stream *stream)
{
	int64		place[PLACES];
	double		number[NUMBERS];
	int			i;

	st_copy_i64(st_need_tensor(file, "place", ST_I64, PLACES), place);
	st_need_f64(file, "number", NUMBERS, number);
	stream->index = place[PLACE_INDEX];
	stream->anchor = place[PLACE_ANCHOR];
	stream->rows = place[PLACE_ROWS];
	stream->first = place[PLACE_FIRST];
	stream->kept = place[PLACE_KEPT];
	stream->carry.steps = place[PLACE_STEPS];
	memcpy(stream->carry.number, number, sizeof(stream->carry.number));
	stream->carry.lowest = number[NUMBER_LOWEST];
	stream->carry.highest = number[NUMBER_HIGHEST];
	stream->expected = number[NUMBER_EXPECTED];
	stream->lower = number[NUMBER_LOWER];
	stream->upper = number[NUMBER_UPPER];
	stream->confidence = number[NUMBER_CONFIDENCE];
	memcpy(stream->level_lower, number + NUMBER_LEVEL_LOWER, sizeof(stream->level_lower));
	memcpy(stream->level_upper, number + NUMBER_LEVEL_UPPER, sizeof(stream->level_upper));

	for (i = 0; i < FRNN_SERIES_NUMBERS; i++)
		if (!isfinite(number[i]))
			st_corrupt("a number of the state is not finite");
	/* the forecast of the next row may be missing */
	if (number[FRNN_N_SIGMA] < 0 || number[FRNN_N_UNIT] <= 0 ||
		number[FRNN_N_STATUS] < 0 || number[FRNN_N_STATUS] > FRNN_SERIES_NOT_FINITE ||
		stream->kept < 1 || stream->kept > frnn_stream_rows(stream_core(stream)) ||
		state_out_of_range(stream->rows) || state_out_of_range(stream->first) || stream->carry.steps < 0 || state_out_of_range(stream->carry.steps) ||
		stream->index < -1 || stream->index >= stream->cached->model->series ||
		!isfinite(stream->carry.lowest) || !isfinite(stream->carry.highest) || stream->carry.lowest > stream->carry.highest ||
		!(stream->confidence > 0 && stream->confidence < 1))
		st_corrupt("a number of the state is out of range");
}

/* Reads the arrays, with room for the rows of a gap; there are at most frnn_stream_rows rows. */
static void
state_read_arrays(const StFile *file, Stream *stream)
{
	const FrnnForecaster *core = stream_core(stream);
	int			width = core->recipe.covariates;
	int64		floats = stream_network_floats(core) * core->members;
	int64		room = Min(frnn_stream_rows(core), stream->kept + STREAM_GAP + 1);
	int64		i;

	if (state_model_profile(stream) && st_find(file, "profile") == NULL)
	{
		stream->profile = palloc(sizeof(double) * core->profile_rows);
		memcpy(stream->profile, state_model_profile(stream), sizeof(double) * core->profile_rows);
	}
	else
		stream->profile = state_read_doubles(file, "profile", core->profile_rows, core->profile_rows);
	stream->value = state_read_doubles(file, "value", stream->kept, room);
	for (i = 0; i < stream->kept; i++)
		if (!isfinite(stream->value[i]))
			st_corrupt("a row of the state is not finite");
	stream->filled = palloc0(room);
	if (st_find(file, "filled"))
		memcpy(stream->filled, st_need_tensor(file, "filled", ST_U8, stream->kept)->data, stream->kept);
	for (i = 0; i < stream->kept; i++)
		if (stream->filled[i] > 1)
			st_corrupt("a row of the state is neither known nor filled");
	for (i = 0; i < core->profile_rows; i++)
		if (!isfinite(stream->profile[i]))
			st_corrupt("a season of the state is not finite");
	if (width > 0)
		stream->covariate = state_read_doubles(file, "covariate", stream->kept * width, (room + core->recipe.horizon) * width);
	if (core->recipe.statics > 0)
		stream->statics = state_read_doubles(file, "static", core->recipe.statics, core->recipe.statics);
	stream->state = frnn_allocate(frnn_mul(sizeof(float), Max(floats, 1)), "the state");
	st_need_f32(file, "network", floats, stream->state);
	for (i = 0; i < floats; i++)
		if (!isfinite(stream->state[i]))
			st_corrupt("the network's state is not finite");
	stream->carry.profile = stream->profile;
	stream->carry.filled = stream->filled;
	stream->carry.state = stream->state;
}

Stream	   *
stream_read(bytea *bytes, Datum model)
{
	Stream	   *stream = palloc0(sizeof(Stream));
	StFile	   *file = st_read(bytes);
	const char *kind = st_get_meta(file, "kind");

	if (kind == NULL || strcmp(kind, "state") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the state is not one that rnn_state made")));
	stream->cached = model_cache_get(model);
	if (strcmp(st_need_meta(file, "model"), stream->cached->checksum) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state belongs to another model"),
						errhint("Make a new one with rnn_state after training.")));
	if (st_need_integer(file, "named", 0, 1) == 1)
		stream->series = pstrdup(st_need_meta(file, "series"));
	state_read_numbers(file, stream);
	state_read_arrays(file, stream);
	return stream;
}
