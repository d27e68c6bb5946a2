-- Windows over rows: write the order in the call, rnn_windows(value, 30 ORDER BY t).

CREATE TYPE rnn_samples AS (x float8[], y float8[]);
COMMENT ON TYPE rnn_samples IS
	'windows x (batch, time, feature) and their targets y, made by rnn_dataset';

CREATE FUNCTION rnn_windows_final(internal) RETURNS float8[]
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_windows_final(internal) IS 'final function of rnn_windows';
CREATE FUNCTION rnn_dataset_final(internal) RETURNS rnn_samples
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rnn_dataset_final(internal) IS 'final function of rnn_dataset';

CREATE FUNCTION rnn_windows_accum(internal, float8, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_scalar';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8, int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8, time_steps int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8, int) IS
	'windows of so many consecutive rows, one starting at each row: (batch, time, feature)';

CREATE FUNCTION rnn_windows_accum(internal, float8, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_scalar';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8, int, int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8, time_steps int, stride int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8, int, int) IS
	'windows of consecutive rows, their starts stride rows apart: (batch, time, feature)';

CREATE FUNCTION rnn_windows_accum(internal, float8, int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_scalar';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8, int, int, int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8, time_steps int, stride int, sampling_rate int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8, int, int, int) IS
	'windows of rows sampling_rate apart, their starts stride rows apart: (batch, time, feature)';

CREATE FUNCTION rnn_windows_accum(internal, float8[], int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_array';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8[], int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8[], time_steps int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8[], int) IS
	'windows of so many consecutive rows, one starting at each row: (batch, time, feature)';

CREATE FUNCTION rnn_windows_accum(internal, float8[], int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_array';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8[], int, int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8[], time_steps int, stride int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8[], int, int) IS
	'windows of consecutive rows, their starts stride rows apart: (batch, time, feature)';

CREATE FUNCTION rnn_windows_accum(internal, float8[], int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_windows_array';
COMMENT ON FUNCTION rnn_windows_accum(internal, float8[], int, int, int) IS 'transition function of rnn_windows';
CREATE AGGREGATE rnn_windows(value float8[], time_steps int, stride int, sampling_rate int) (
	SFUNC = rnn_windows_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_windows_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_windows(float8[], int, int, int) IS
	'windows of rows sampling_rate apart, their starts stride rows apart: (batch, time, feature)';

CREATE FUNCTION rnn_dataset_accum(internal, float8, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_scalar';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8, int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8, time_steps int, horizon int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8, int, int) IS
	'windows x and the next horizon values of the first feature, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8, int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_scalar';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8, int, int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8, time_steps int, horizon int, stride int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8, int, int, int) IS
	'windows x, stride rows apart, and the next horizon values of the first feature, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8, int, int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_scalar';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8, int, int, int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8, time_steps int, horizon int, stride int, sampling_rate int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8, int, int, int, int) IS
	'windows x of rows sampling_rate apart and the next horizon values at that distance, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8, int, int, int, int, bool) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_scalar';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8, int, int, int, int, bool) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8, time_steps int, horizon int, stride int, sampling_rate int, return_sequences bool) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8, int, int, int, int, bool) IS
	'windows x and, with return_sequences, the next horizon values at each step, y (batch, time, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8[], int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_array';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8[], int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8[], time_steps int, horizon int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8[], int, int) IS
	'windows x and the next horizon values of the first feature, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8[], int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_array';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8[], int, int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8[], time_steps int, horizon int, stride int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8[], int, int, int) IS
	'windows x, stride rows apart, and the next horizon values of the first feature, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8[], int, int, int, int) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_array';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8[], int, int, int, int) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8[], time_steps int, horizon int, stride int, sampling_rate int) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8[], int, int, int, int) IS
	'windows x of rows sampling_rate apart and the next horizon values at that distance, y (batch, horizon)';

CREATE FUNCTION rnn_dataset_accum(internal, float8[], int, int, int, int, bool) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rnn_dataset_array';
COMMENT ON FUNCTION rnn_dataset_accum(internal, float8[], int, int, int, int, bool) IS 'transition function of rnn_dataset';
CREATE AGGREGATE rnn_dataset(value float8[], time_steps int, horizon int, stride int, sampling_rate int, return_sequences bool) (
	SFUNC = rnn_dataset_accum, STYPE = internal, SSPACE = 4096, FINALFUNC = rnn_dataset_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_dataset(float8[], int, int, int, int, bool) IS
	'windows x and, with return_sequences, the next horizon values at each step, y (batch, time, horizon)';
