-- Panels whose covariates are an object of names and values: numbers, booleans, and texts as categories.
-- The series types are those of 41_panel_series.sql.

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel(timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel(timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamptz, float8, jsonb) IS
'one time series as one value: time, value, covariates by name';

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel(timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel(timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamp, float8, jsonb) IS
'one time series as one value: time, value, covariates by name';

CREATE FUNCTION rnn_panel_add(rnn_panel, date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, date, float8, jsonb) IS
'transition function of aggregate rnn_panel(date, float8, jsonb)';
CREATE AGGREGATE rnn_panel(date, float8, jsonb) (
	SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(date, float8, jsonb) IS
'one time series as one value: time, value, covariates by name';

CREATE FUNCTION rnn_panel_add(rnn_panel, bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel(bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel(bigint, float8, jsonb) (
	SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, float8, jsonb) IS
'one time series as one value: time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel("any", timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel("any", timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamptz, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel("any", timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel("any", timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamp, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8, jsonb) IS
'transition function of aggregate rnn_panel("any", date, float8, jsonb)';
CREATE AGGREGATE rnn_panel("any", date, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", date, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel("any", bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel("any", bigint, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", bigint, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel(smallint, timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel(smallint, timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamptz, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel(smallint, timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel(smallint, timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamp, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8, jsonb) IS
'transition function of aggregate rnn_panel(smallint, date, float8, jsonb)';
CREATE AGGREGATE rnn_panel(smallint, date, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, date, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel(smallint, bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel(smallint, bigint, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, bigint, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel(integer, timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel(integer, timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamptz, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel(integer, timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel(integer, timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamp, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8, jsonb) IS
'transition function of aggregate rnn_panel(integer, date, float8, jsonb)';
CREATE AGGREGATE rnn_panel(integer, date, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, date, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel(integer, bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel(integer, bigint, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, bigint, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel(bigint, timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel(bigint, timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamptz, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel(bigint, timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel(bigint, timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamp, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8, jsonb) IS
'transition function of aggregate rnn_panel(bigint, date, float8, jsonb)';
CREATE AGGREGATE rnn_panel(bigint, date, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, date, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel(bigint, bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel(bigint, bigint, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, bigint, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8, jsonb) IS
'transition function of aggregate rnn_panel(text, timestamptz, float8, jsonb)';
CREATE AGGREGATE rnn_panel(text, timestamptz, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamptz, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8, jsonb) IS
'transition function of aggregate rnn_panel(text, timestamp, float8, jsonb)';
CREATE AGGREGATE rnn_panel(text, timestamp, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamp, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8, jsonb) IS
'transition function of aggregate rnn_panel(text, date, float8, jsonb)';
CREATE AGGREGATE rnn_panel(text, date, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, date, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8, jsonb) RETURNS rnn_panel
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8, jsonb) IS
'transition function of aggregate rnn_panel(text, bigint, float8, jsonb)';
CREATE AGGREGATE rnn_panel(text, bigint, float8, jsonb) (
	SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final,
	COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, bigint, float8, jsonb) IS
'several time series as one value: series, time, value, covariates by name';
