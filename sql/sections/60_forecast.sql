-- Forecast rows of a model.

CREATE FUNCTION rnn_forecast(model bytea, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_forecast(bytea, rnn_panel, integer, float8, jsonb, float8[]) IS
'forecasts every series of a model from its own history, or of a fresh panel; the horizon may be any number of steps';

CREATE FUNCTION rnn_forecast_local(model bytea, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_forecast_local(bytea, rnn_panel, integer, float8, jsonb, float8[]) IS
'rnn_forecast with wall-clock timestamps in the axis''s time zone; the horizon may be any number of steps';

CREATE FUNCTION rnn_forecast_index(model bytea, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_forecast_index(bytea, rnn_panel, integer, float8, jsonb, float8[]) IS
'rnn_forecast of integer time axes; the horizon may be any number of steps';

