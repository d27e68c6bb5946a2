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

-- forms with a model alone, where a panel is missing, and a panel in place of arrays; more arguments would make calls
-- with literals ambiguous
CREATE FUNCTION rnn_fit(panel rnn_panel) RETURNS bytea
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_fit(rnn_panel) IS 'an error that leads to rnn_train';

CREATE FUNCTION rnn_predict(forecaster bytea) RETURNS float8[]
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_predict(bytea) IS 'an error that leads to rnn_forecast';

CREATE FUNCTION rnn_evaluate(model bytea)
	RETURNS TABLE(series_id text, n bigint, mean_absolute_error float8, root_mean_squared_error float8,
	mean_absolute_percentage_error float8, symmetric_mean_absolute_percentage_error float8,
	mean_absolute_scaled_error float8, mean_weighted_quantile_loss float8, coverage float8,
	naive_mean_absolute_error float8, skill_score float8, naive_method text, in_sample boolean)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_evaluate(bytea) IS 'an error that leads to the forms of rnn_evaluate with rows';

CREATE FUNCTION rnn_backtest(model bytea)
	RETURNS TABLE(series_id text, fold_id integer, cutoff timestamptz, forecast_timestamp timestamptz, step integer,
	actual_value float8, forecast_value float8, naive_value float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_index bigint, naive_method text)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_backtest(bytea) IS 'an error that leads to the forms of rnn_backtest with rows';

CREATE FUNCTION rnn_fitted(model bytea)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	fitted_value float8, residual float8)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_fitted(bytea) IS 'an error that leads to the forms of rnn_fitted with rows';

CREATE FUNCTION rnn_detect_anomalies(model bytea)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	forecast_value float8, lower_bound float8, upper_bound float8, is_anomaly boolean, anomaly_probability float8)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_detect_anomalies(bytea) IS 'an error that leads to the forms of rnn_detect_anomalies with rows';

CREATE FUNCTION rnn_importance(model bytea)
	RETURNS TABLE(covariate integer, mean_absolute_error float8, permuted_mean_absolute_error float8, importance float8,
	name text)
    AS 'MODULE_PATHNAME', 'rnn_refuse' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION rnn_importance(bytea) IS 'an error that leads to the forms of rnn_importance with rows';
