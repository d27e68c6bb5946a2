-- Rolling-origin evaluation: forecasts beside the actual values.

CREATE FUNCTION rnn_backtest(model bytea, panel rnn_panel, horizon integer DEFAULT NULL, hold_out integer DEFAULT NULL,
	stride integer DEFAULT NULL, confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, fold_id integer, cutoff timestamptz, forecast_timestamp timestamptz, step integer,
	actual_value float8, forecast_value float8, naive_value float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_index bigint, naive_method text)
	AS 'MODULE_PATHNAME', 'rnn_backtest' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 1000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_backtest(bytea, rnn_panel, integer, integer, integer, float8, jsonb) IS
'forecasts from rolling origins with a model as it is: by default over the rows after those it was trained on, '
'else the last hold_out rows, origins a horizon apart';

CREATE FUNCTION rnn_backtest(panel rnn_panel, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL,
	folds integer DEFAULT NULL, horizon integer DEFAULT NULL, stride integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL)
	RETURNS TABLE(series_id text, fold_id integer, cutoff timestamptz, forecast_timestamp timestamptz, step integer,
	actual_value float8, forecast_value float8, naive_value float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_index bigint, naive_method text)
	AS 'MODULE_PATHNAME', 'rnn_backtest_refit' LANGUAGE C VOLATILE PARALLEL SAFE COST 1000 ROWS 1000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_backtest(rnn_panel, jsonb, jsonb, integer, integer, integer, float8) IS
'forecasts from rolling origins, training again at each cutoff (3 folds by default); cutoffs count from the end of '
'each series, and no fold uses values of a series after its cutoff';

CREATE FUNCTION rnn_evaluate(model bytea, panel rnn_panel, horizon integer DEFAULT NULL, hold_out integer DEFAULT NULL,
	stride integer DEFAULT NULL, confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, n bigint, mean_absolute_error float8, root_mean_squared_error float8,
	mean_absolute_percentage_error float8, symmetric_mean_absolute_percentage_error float8,
	mean_absolute_scaled_error float8, mean_weighted_quantile_loss float8, coverage float8,
	naive_mean_absolute_error float8, skill_score float8, naive_method text, in_sample boolean)
	AS 'MODULE_PATHNAME', 'rnn_evaluate_panel' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_evaluate(bytea, rnn_panel, integer, integer, integer, float8, jsonb) IS
'errors of a forecaster over rolling origins of a panel, one row per series, beside the naive forecast''s';

CREATE FUNCTION rnn_fitted(model bytea, panel rnn_panel, options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	fitted_value float8, residual float8)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 1000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_fitted(bytea, rnn_panel, jsonb) IS
'one-step forecasts of all rows, each from the rows before it';

CREATE FUNCTION rnn_detect_anomalies(model bytea, panel rnn_panel, anomaly_probability_threshold float8 DEFAULT NULL,
	options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	forecast_value float8, lower_bound float8, upper_bound float8, is_anomaly boolean, anomaly_probability float8)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 1000 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_detect_anomalies(bytea, rnn_panel, float8, jsonb) IS
'rows outside the prediction interval computed from the rows before them; anomaly_probability: the confidence '
'level of the widest interval that does not contain the value';

CREATE FUNCTION rnn_importance(model bytea, panel rnn_panel, hold_out integer DEFAULT NULL, seed bigint DEFAULT 0,
	options jsonb DEFAULT NULL)
	RETURNS TABLE(covariate integer, mean_absolute_error float8, permuted_mean_absolute_error float8, importance float8,
	name text)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION rnn_importance(bytea, rnn_panel, integer, bigint, jsonb) IS
'permutation importance of covariates: the relative growth of the error when one of them is shuffled over the rows';

CREATE FUNCTION rnn_backtest(panel rnn_panel, network text, options jsonb DEFAULT NULL,
	folds integer DEFAULT NULL, horizon integer DEFAULT NULL, stride integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL)
	RETURNS TABLE(series_id text, fold_id integer, cutoff timestamptz, forecast_timestamp timestamptz, step integer,
	actual_value float8, forecast_value float8, naive_value float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_index bigint, naive_method text)
	LANGUAGE sql VOLATILE PARALLEL SAFE COST 1000 ROWS 1000 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_backtest(panel, CASE WHEN network OPERATOR(pg_catalog.~) '^[[:alpha:]_]+$' AND network OPERATOR(pg_catalog.<>) 'null'
		THEN ('"' OPERATOR(pg_catalog.||) network OPERATOR(pg_catalog.||) '"')::pg_catalog.jsonb ELSE network::pg_catalog.jsonb END, options, folds, horizon, stride, confidence_level) $$;
COMMENT ON FUNCTION rnn_backtest(rnn_panel, text, jsonb, integer, integer, integer, float8) IS
'rnn_backtest with refit, the network as a literal: JSON text, or the name ridge';

