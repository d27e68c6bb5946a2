-- Forms of any arguments, which are chosen if no other form fits: errors that show the forms that there are.

CREATE FUNCTION rnn_panel_refuse(rnn_panel, VARIADIC "any") RETURNS rnn_panel
    AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_panel_refuse(rnn_panel, "any") IS 'refuses rows that are no rows of a panel';
CREATE AGGREGATE rnn_panel(VARIADIC "any") (
    SFUNC = rnn_panel_refuse, STYPE = rnn_panel, FINALFUNC = rnn_panel_refuse, FINALFUNC_EXTRA, COMBINEFUNC = rnn_panel_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE rnn_panel(VARIADIC "any") IS 'an error that shows the forms of rnn_panel, for arguments that fit none of them';

-- two arguments at least: of one literal, the panel's form would be in doubt
CREATE FUNCTION rnn_train("any", VARIADIC "any") RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_train("any", "any") IS 'an error that shows the forms of rnn_train, for arguments that fit none of them';

CREATE FUNCTION rnn_forecast(VARIADIC arguments "any")
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_forecast("any") IS 'an error that shows the forms of rnn_forecast, for arguments that fit none of them';

CREATE FUNCTION rnn_explain(VARIADIC arguments "any")
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, part text, part_name text, value float8,
	forecast_value float8, forecast_status text, forecast_index bigint)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_explain("any") IS 'an error that shows the forms of rnn_explain, for arguments that fit none of them';

CREATE FUNCTION rnn_sample(VARIADIC arguments "any")
	RETURNS TABLE(series_id text, sample integer, forecast_timestamp timestamptz, step integer, value float8,
	forecast_index bigint)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_sample("any") IS 'an error that shows the forms of rnn_sample, for arguments that fit none of them';

CREATE FUNCTION rnn_plot(VARIADIC "any") RETURNS text
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_plot("any") IS 'an error that shows the forms of rnn_plot, for arguments that fit none of them';
