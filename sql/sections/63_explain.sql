-- What forecasts are made of.

CREATE FUNCTION rnn_explain(model bytea, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, part text, part_name text, value float8,
	forecast_value float8, forecast_status text, forecast_index bigint)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 120 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_explain(bytea, rnn_panel, integer, jsonb) IS
'the parts of each point forecast, which add up to it: level, season (part_name: rows of its period), season_ago, '
'ridge (with the autoregression of each series), network, static_covariates, covariate (part_name: its name or number), calendar, limits; arguments as of '
'rnn_forecast';
