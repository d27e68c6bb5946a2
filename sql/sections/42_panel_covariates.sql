-- Covariates of any number type as the array that rnn_panel takes, names of series as values, and times as text, which are refused.

CREATE FUNCTION rnn_covariates(VARIADIC "any") RETURNS float8[]
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_covariates("any") IS
    'numbers, booleans and arrays of them as the covariates of a row of rnn_panel; true is 1, NULL is a missing covariate';

CREATE FUNCTION rnn_panel_add_text(rnn_panel, text, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_text(rnn_panel, text, float8) IS 'refuses a time of type text';
CREATE AGGREGATE rnn_panel(text, float8) (
    SFUNC = rnn_panel_add_text, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(text, float8) IS 'an error that tells to cast the time: a panel needs timestamptz, timestamp, date or bigint';

CREATE FUNCTION rnn_panel_add_text(rnn_panel, "any", text, float8) RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_add_text(rnn_panel, "any", text, float8) IS 'refuses a time of type text';
CREATE AGGREGATE rnn_panel("any", text, float8) (
    SFUNC = rnn_panel_add_text, STYPE = rnn_panel, SSPACE = 4096, FINALFUNC = rnn_panel_final, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel("any", text, float8) IS 'an error that tells to cast the time: a panel needs timestamptz, timestamp, date or bigint';

CREATE FUNCTION rnn_series_key(series_id text) RETURNS jsonb
    AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_series_key(text) IS
    'the name of a series as the value it was made from: a number, a text, or an array for ROW(a, b)';
