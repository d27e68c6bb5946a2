-- rnn_forecast(model, 12): the horizon as the second argument.  The text forms let an untyped null or parameter in that
-- place resolve, which integer and rnn_panel alone would leave ambiguous.

CREATE FUNCTION rnn_steps(horizon text) RETURNS integer
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_steps(text) IS 'a horizon as text; an error that tells what a step is for "7 days"';

CREATE FUNCTION rnn_forecast(model bytea, steps integer)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast($1, NULL::@extschema@.rnn_panel, $2,
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast(bytea, integer) IS
'forecasts of that many steps for every series of a model from its own history';

CREATE FUNCTION rnn_forecast(model bytea, steps text)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2),
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast(bytea, text) IS
'rnn_forecast with the horizon as an untyped literal or parameter';

CREATE FUNCTION rnn_forecast_local(model bytea, steps integer)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast_local($1, NULL::@extschema@.rnn_panel, $2,
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast_local(bytea, integer) IS
'forecasts of that many steps with wall-clock timestamps';

CREATE FUNCTION rnn_forecast_local(model bytea, steps text)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
	standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast_local($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2),
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast_local(bytea, text) IS
'rnn_forecast_local with the horizon as an untyped literal or parameter';

CREATE FUNCTION rnn_forecast_index(model bytea, steps integer)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast_index($1, NULL::@extschema@.rnn_panel, $2,
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast_index(bytea, integer) IS
'forecasts of that many steps on an integer time axis';

CREATE FUNCTION rnn_forecast_index(model bytea, steps text)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
	forecast_status text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 24 SUPPORT rnn_planner_support
	AS $$ SELECT * FROM @extschema@.rnn_forecast_index($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2),
		NULL::pg_catalog.float8, NULL::pg_catalog.jsonb, NULL::pg_catalog.float8[]) $$;
COMMENT ON FUNCTION rnn_forecast_index(bytea, text) IS
'rnn_forecast_index with the horizon as an untyped literal or parameter';
