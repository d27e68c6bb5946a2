-- panels: many time series as one value
CREATE TYPE rnn_panel;

CREATE FUNCTION rnn_panel_in(cstring) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_in(cstring) IS 'input of type rnn_panel';
CREATE FUNCTION rnn_panel_out(rnn_panel) RETURNS cstring
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_out(rnn_panel) IS 'output of type rnn_panel';
CREATE FUNCTION rnn_panel_recv(internal) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_recv(internal) IS 'binary input of type rnn_panel';
CREATE FUNCTION rnn_panel_send(rnn_panel) RETURNS bytea
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_send(rnn_panel) IS 'binary output of type rnn_panel';

CREATE TYPE rnn_panel (
    INPUT = rnn_panel_in, OUTPUT = rnn_panel_out, RECEIVE = rnn_panel_recv, SEND = rnn_panel_send,
    INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
COMMENT ON TYPE rnn_panel IS 'many time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_eq(rnn_panel, rnn_panel) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_eq(rnn_panel, rnn_panel) IS 'implementation of = operator';
CREATE FUNCTION rnn_panel_ne(rnn_panel, rnn_panel) RETURNS boolean
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_ne(rnn_panel, rnn_panel) IS 'implementation of <> operator';
CREATE OPERATOR = (LEFTARG = rnn_panel, RIGHTARG = rnn_panel, FUNCTION = rnn_panel_eq,
    COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel);
COMMENT ON OPERATOR = (rnn_panel, rnn_panel) IS 'the same series with the same rows';
CREATE OPERATOR <> (LEFTARG = rnn_panel, RIGHTARG = rnn_panel, FUNCTION = rnn_panel_ne,
    COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel);
COMMENT ON OPERATOR <> (rnn_panel, rnn_panel) IS 'not the same series with the same rows';

CREATE FUNCTION rnn_panel_combine(rnn_panel, rnn_panel) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_combine(rnn_panel, rnn_panel) IS 'combine function of the aggregates rnn_panel';
CREATE FUNCTION rnn_panel_final(rnn_panel) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_final(rnn_panel) IS 'final function of the aggregates rnn_panel';

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8) IS 'transition function of aggregate rnn_panel(timestamptz, float8)';
CREATE AGGREGATE rnn_panel(timestamptz, float8) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamptz, float8) IS 'one time series as one value: time, value';

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel(timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel(timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamptz, float8, float8[]) IS 'one time series as one value: time, value, covariates';

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamp, float8) IS 'transition function of aggregate rnn_panel(timestamp, float8)';
CREATE AGGREGATE rnn_panel(timestamp, float8) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamp, float8) IS 'one time series as one value: time, value';

CREATE FUNCTION rnn_panel_add(rnn_panel, timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel(timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel(timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(timestamp, float8, float8[]) IS 'one time series as one value: time, value, covariates';

CREATE FUNCTION rnn_panel_add(rnn_panel, date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, date, float8) IS 'transition function of aggregate rnn_panel(date, float8)';
CREATE AGGREGATE rnn_panel(date, float8) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(date, float8) IS 'one time series as one value: time, value';

CREATE FUNCTION rnn_panel_add(rnn_panel, date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, date, float8, float8[]) IS 'transition function of aggregate rnn_panel(date, float8, float8[])';
CREATE AGGREGATE rnn_panel(date, float8, float8[]) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(date, float8, float8[]) IS 'one time series as one value: time, value, covariates';

CREATE FUNCTION rnn_panel_add(rnn_panel, bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, bigint, float8) IS 'transition function of aggregate rnn_panel(bigint, float8)';
CREATE AGGREGATE rnn_panel(bigint, float8) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, float8) IS 'one time series as one value: time, value';

CREATE FUNCTION rnn_panel_add(rnn_panel, bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add(rnn_panel, bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel(bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel(bigint, float8, float8[]) (
    SFUNC = rnn_panel_add, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(bigint, float8, float8[]) IS 'one time series as one value: time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8) IS 'transition function of aggregate rnn_panel("any", timestamptz, float8)';
CREATE AGGREGATE rnn_panel("any", timestamptz, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamptz, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamptz, float8, float8[]) IS 'transition function of aggregate rnn_panel("any", timestamptz, float8, float8[])';
CREATE AGGREGATE rnn_panel("any", timestamptz, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamptz, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8) IS 'transition function of aggregate rnn_panel("any", timestamp, float8)';
CREATE AGGREGATE rnn_panel("any", timestamp, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamp, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", timestamp, float8, float8[]) IS 'transition function of aggregate rnn_panel("any", timestamp, float8, float8[])';
CREATE AGGREGATE rnn_panel("any", timestamp, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", timestamp, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8) IS 'transition function of aggregate rnn_panel("any", date, float8)';
CREATE AGGREGATE rnn_panel("any", date, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", date, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", date, float8, float8[]) IS 'transition function of aggregate rnn_panel("any", date, float8, float8[])';
CREATE AGGREGATE rnn_panel("any", date, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", date, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8) IS 'transition function of aggregate rnn_panel("any", bigint, float8)';
CREATE AGGREGATE rnn_panel("any", bigint, float8) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", bigint, float8) IS 'several time series as one value: series, time, value';

CREATE FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8, float8[]) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_series(rnn_panel, "any", bigint, float8, float8[]) IS 'transition function of aggregate rnn_panel("any", bigint, float8, float8[])';
CREATE AGGREGATE rnn_panel("any", bigint, float8, float8[]) (
    SFUNC = rnn_panel_add_series, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", bigint, float8, float8[]) IS 'several time series as one value: series, time, value, covariates';

CREATE FUNCTION rnn_panel_join(rnn_panel, rnn_panel) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_join(rnn_panel, rnn_panel) IS 'transition function of aggregate rnn_panel(rnn_panel)';
CREATE AGGREGATE rnn_panel(panel rnn_panel) (
    SFUNC = rnn_panel_join, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(rnn_panel) IS 'the rows of all panels as one panel, as of shards or servers; nulls are ignored';
