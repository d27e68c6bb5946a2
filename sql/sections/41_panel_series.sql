-- Panels of smallint, integer, bigint and text series.  "any" takes every type, but engines that run an aggregate on
-- their shards know only the declared types.  smallint is here because it would fit integer and bigint alike.

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8) IS 'transition function of aggregate rnn_panel(smallint, timestamptz, float8)';
CREATE AGGREGATE rnn_panel(smallint, timestamptz, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamptz, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel(smallint, timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel(smallint, timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamptz, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8) IS 'transition function of aggregate rnn_panel(smallint, timestamp, float8)';
CREATE AGGREGATE rnn_panel(smallint, timestamp, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamp, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel(smallint, timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel(smallint, timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, timestamp, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8) IS 'transition function of aggregate rnn_panel(smallint, date, float8)';
CREATE AGGREGATE rnn_panel(smallint, date, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, date, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, date, float8, float8[]) IS 'transition function of aggregate rnn_panel(smallint, date, float8, float8[])';
CREATE AGGREGATE rnn_panel(smallint, date, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, date, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8) IS 'transition function of aggregate rnn_panel(smallint, bigint, float8)';
CREATE AGGREGATE rnn_panel(smallint, bigint, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, bigint, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, smallint, bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel(smallint, bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel(smallint, bigint, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(smallint, bigint, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8) IS 'transition function of aggregate rnn_panel(integer, timestamptz, float8)';
CREATE AGGREGATE rnn_panel(integer, timestamptz, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamptz, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel(integer, timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel(integer, timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamptz, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8) IS 'transition function of aggregate rnn_panel(integer, timestamp, float8)';
CREATE AGGREGATE rnn_panel(integer, timestamp, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamp, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel(integer, timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel(integer, timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, timestamp, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8) IS 'transition function of aggregate rnn_panel(integer, date, float8)';
CREATE AGGREGATE rnn_panel(integer, date, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, date, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, date, float8, float8[]) IS 'transition function of aggregate rnn_panel(integer, date, float8, float8[])';
CREATE AGGREGATE rnn_panel(integer, date, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, date, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8) IS 'transition function of aggregate rnn_panel(integer, bigint, float8)';
CREATE AGGREGATE rnn_panel(integer, bigint, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, bigint, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, integer, bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel(integer, bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel(integer, bigint, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(integer, bigint, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8) IS 'transition function of aggregate rnn_panel(bigint, timestamptz, float8)';
CREATE AGGREGATE rnn_panel(bigint, timestamptz, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamptz, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel(bigint, timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel(bigint, timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamptz, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8) IS 'transition function of aggregate rnn_panel(bigint, timestamp, float8)';
CREATE AGGREGATE rnn_panel(bigint, timestamp, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamp, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel(bigint, timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel(bigint, timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, timestamp, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8) IS 'transition function of aggregate rnn_panel(bigint, date, float8)';
CREATE AGGREGATE rnn_panel(bigint, date, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, date, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, date, float8, float8[]) IS 'transition function of aggregate rnn_panel(bigint, date, float8, float8[])';
CREATE AGGREGATE rnn_panel(bigint, date, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, date, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8) IS 'transition function of aggregate rnn_panel(bigint, bigint, float8)';
CREATE AGGREGATE rnn_panel(bigint, bigint, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, bigint, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, bigint, bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel(bigint, bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel(bigint, bigint, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, bigint, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8) IS 'transition function of aggregate rnn_panel(text, timestamptz, float8)';
CREATE AGGREGATE rnn_panel(text, timestamptz, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamptz, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel(text, timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel(text, timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamptz, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8) IS 'transition function of aggregate rnn_panel(text, timestamp, float8)';
CREATE AGGREGATE rnn_panel(text, timestamp, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamp, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel(text, timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel(text, timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, timestamp, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8) IS 'transition function of aggregate rnn_panel(text, date, float8)';
CREATE AGGREGATE rnn_panel(text, date, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, date, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, date, float8, float8[]) IS 'transition function of aggregate rnn_panel(text, date, float8, float8[])';
CREATE AGGREGATE rnn_panel(text, date, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, date, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8) IS 'transition function of aggregate rnn_panel(text, bigint, float8)';
CREATE AGGREGATE rnn_panel(text, bigint, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, bigint, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, text, bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel(text, bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel(text, bigint, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, bigint, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';
