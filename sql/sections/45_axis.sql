-- The time axis: what a panel holds, its regular rows, the stamps that follow.
-- STABLE, not IMMUTABLE: dates and wall-clock times become timestamptz in the session's zone.

CREATE FUNCTION rnn_describe(panel rnn_panel, options jsonb DEFAULT '{}')
RETURNS TABLE(series_id text, observations bigint,
              first_timestamp timestamptz, last_timestamp timestamptz, first_index bigint, last_index bigint,
              frequency text, frequency_inferred boolean,
              missing bigint, gaps bigint, duplicates bigint, snapped bigint, future_rows bigint,
              min float8, max float8, mean float8, seasonality integer[])
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION rnn_describe(rnn_panel, jsonb) IS
'one row per series: known values and their range, the frequency of the time axis, and what a regular grid makes of the rows (missing values, absent rows, rows beyond the first on a timestamp, rows moved to the grid, rows after the last known value)';

CREATE FUNCTION rnn_rows(panel rnn_panel, options jsonb DEFAULT '{}')
RETURNS TABLE(series_id text, "timestamp" timestamptz, index bigint, value float8, covariates float8[], is_missing boolean)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION rnn_rows(rnn_panel, jsonb) IS
'the rows of a panel on its regular grid, gaps as NULL values (they are filled only when a network reads them), rows to forecast included; index counts from 0, or is the time itself on integer axes';

CREATE FUNCTION rnn_stamps(panel rnn_panel, count integer, options jsonb DEFAULT '{}')
RETURNS TABLE(series_id text, step integer, forecast_timestamp timestamptz, local_timestamp timestamp, index bigint)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION rnn_stamps(rnn_panel, integer, jsonb) IS
'the next timestamps after the last known value of each series: the keys that covariates of the future must have';
