-- Forecasting row by row: the state of a series is a value.

CREATE FUNCTION rnn_state(model bytea, panel rnn_panel DEFAULT NULL, confidence_level float8 DEFAULT NULL,
	options jsonb DEFAULT NULL)
	RETURNS TABLE(series_id text, state bytea)
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 1000 ROWS 10 SUPPORT rnn_planner_support;
COMMENT ON FUNCTION rnn_state(bytea, rnn_panel, float8, jsonb) IS
'the state of every series after its last row (the model''s own history, or a fresh panel), from which rnn_step '
'continues';

CREATE FUNCTION rnn_step(model bytea, state bytea, ts timestamptz, value float8, covariates float8[] DEFAULT NULL,
	future_covariates float8[] DEFAULT NULL, on_late text DEFAULT 'error', OUT new_state bytea,
	OUT expected_value float8, OUT is_anomaly boolean,
	OUT forecast_timestamp timestamptz, OUT forecast_index bigint, OUT forecast_value float8, OUT standard_error float8,
	OUT prediction_interval_lower_bound float8, OUT prediction_interval_upper_bound float8,
	OUT forecast_values float8[],
	OUT expected_lower_bound float8, OUT expected_upper_bound float8, OUT step_status text,
	OUT anomaly_probability float8)
	AS 'MODULE_PATHNAME', 'rnn_step_timestamptz' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_step(bytea, bytea, timestamptz, float8, float8[], float8[], text) IS
'appends one row: returns the new state, the expected value, whether the value is an anomaly, and the forecast of '
'the next rows';

CREATE FUNCTION rnn_step(model bytea, state bytea, ts timestamp, value float8, covariates float8[] DEFAULT NULL,
	future_covariates float8[] DEFAULT NULL, on_late text DEFAULT 'error', OUT new_state bytea,
	OUT expected_value float8, OUT is_anomaly boolean,
	OUT forecast_timestamp timestamptz, OUT forecast_index bigint, OUT forecast_value float8, OUT standard_error float8,
	OUT prediction_interval_lower_bound float8, OUT prediction_interval_upper_bound float8,
	OUT forecast_values float8[],
	OUT expected_lower_bound float8, OUT expected_upper_bound float8, OUT step_status text,
	OUT anomaly_probability float8)
	AS 'MODULE_PATHNAME', 'rnn_step_timestamp' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_step(bytea, bytea, timestamp, float8, float8[], float8[], text) IS
'appends one row: returns the new state, the expected value, whether the value is an anomaly, and the forecast of '
'the next rows';

CREATE FUNCTION rnn_step(model bytea, state bytea, ts date, value float8, covariates float8[] DEFAULT NULL,
	future_covariates float8[] DEFAULT NULL, on_late text DEFAULT 'error', OUT new_state bytea,
	OUT expected_value float8, OUT is_anomaly boolean,
	OUT forecast_timestamp timestamptz, OUT forecast_index bigint, OUT forecast_value float8, OUT standard_error float8,
	OUT prediction_interval_lower_bound float8, OUT prediction_interval_upper_bound float8,
	OUT forecast_values float8[],
	OUT expected_lower_bound float8, OUT expected_upper_bound float8, OUT step_status text,
	OUT anomaly_probability float8)
	AS 'MODULE_PATHNAME', 'rnn_step_date' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_step(bytea, bytea, date, float8, float8[], float8[], text) IS
'appends one row: returns the new state, the expected value, whether the value is an anomaly, and the forecast of '
'the next rows';

CREATE FUNCTION rnn_step(model bytea, state bytea, ts bigint, value float8, covariates float8[] DEFAULT NULL,
	future_covariates float8[] DEFAULT NULL, on_late text DEFAULT 'error', OUT new_state bytea,
	OUT expected_value float8, OUT is_anomaly boolean,
	OUT forecast_timestamp timestamptz, OUT forecast_index bigint, OUT forecast_value float8, OUT standard_error float8,
	OUT prediction_interval_lower_bound float8, OUT prediction_interval_upper_bound float8,
	OUT forecast_values float8[],
	OUT expected_lower_bound float8, OUT expected_upper_bound float8, OUT step_status text,
	OUT anomaly_probability float8)
	AS 'MODULE_PATHNAME', 'rnn_step_bigint' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_step(bytea, bytea, bigint, float8, float8[], float8[], text) IS
'appends one row: returns the new state, the expected value, whether the value is an anomaly, and the forecast of '
'the next rows';

CREATE FUNCTION rnn_step(model bytea, state bytea, ts text, value float8, covariates float8[] DEFAULT NULL,
	future_covariates float8[] DEFAULT NULL, on_late text DEFAULT 'error', OUT new_state bytea,
	OUT expected_value float8, OUT is_anomaly boolean,
	OUT forecast_timestamp timestamptz, OUT forecast_index bigint, OUT forecast_value float8, OUT standard_error float8,
	OUT prediction_interval_lower_bound float8, OUT prediction_interval_upper_bound float8,
	OUT forecast_values float8[],
	OUT expected_lower_bound float8, OUT expected_upper_bound float8, OUT step_status text,
	OUT anomaly_probability float8)
	AS 'MODULE_PATHNAME', 'rnn_step_text' LANGUAGE C STABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION rnn_step(bytea, bytea, text, float8, float8[], float8[], text) IS
'rnn_step with the time as an untyped literal, read as the model''s type of time: returns the new state, the '
'expected value, whether the value is an anomaly, and the forecast of the next rows';

