-- Managed models by name in every function that takes a model.

CREATE FUNCTION rnn_model(name text, version integer DEFAULT NULL) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_managed_bytes(name, version) $$;
COMMENT ON FUNCTION rnn_model(text, integer) IS
'the bytes of a managed model, of the active version unless one is named, for every function that takes a model';

CREATE FUNCTION rnn_model_info(name text) RETURNS jsonb
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_model_info(@extschema@.rnn_managed_bytes(name, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_model_info(text) IS 'rnn_model_info of a managed model';

CREATE FUNCTION rnn_model_card(name text) RETURNS TABLE(topic text, item text, value text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 ROWS 30 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_model_card(@extschema@.rnn_managed_bytes($1, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_model_card(text) IS 'rnn_model_card of a managed model';

CREATE FUNCTION rnn_weights(model text) RETURNS TABLE(name text, shape int[], "values" float8[])
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 ROWS 10 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_weights(@extschema@.rnn_managed_bytes($1, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_weights(text) IS 'rnn_weights of a managed model';

CREATE FUNCTION rnn_history(name text)
	RETURNS TABLE(epoch int, loss float8, val_loss float8, learning_rate float8, is_best boolean)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 ROWS 20 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_history(@extschema@.rnn_managed_bytes($1, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_history(text) IS 'rnn_history of a managed model';

CREATE FUNCTION rnn_summary(name text) RETURNS TABLE(layer text, output_shape text, parameters bigint)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 ROWS 10 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_summary(@extschema@.rnn_managed_bytes($1, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_summary(text) IS 'rnn_summary of a managed model';

CREATE FUNCTION rnn_evaluate(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	hold_out integer DEFAULT NULL,
	stride integer DEFAULT NULL, confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, n bigint, mean_absolute_error float8, root_mean_squared_error float8,
	mean_absolute_percentage_error float8, symmetric_mean_absolute_percentage_error float8,
	mean_absolute_scaled_error float8, mean_weighted_quantile_loss float8, coverage float8,
	naive_mean_absolute_error float8, skill_score float8, naive_method text, in_sample boolean)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 100 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_evaluate(@extschema@.rnn_managed_bytes($1, $8),
		@extschema@.rnn_managed_history($1, $2, $2 IS NULL), $3, $4, $5, $6, $7) $$;
COMMENT ON FUNCTION rnn_evaluate(text, rnn_panel, integer, integer, integer, float8, jsonb, integer) IS
'rnn_evaluate of a managed model over rolling origins of a panel, by default of what its query returns now';

CREATE FUNCTION rnn_fitted(name text, panel rnn_panel DEFAULT NULL, options jsonb DEFAULT NULL,
	version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	fitted_value float8, residual float8)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 10000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_fitted(@extschema@.rnn_managed_bytes($1, $4),
		@extschema@.rnn_managed_history($1, $2, $2 IS NULL), $3) $$;
COMMENT ON FUNCTION rnn_fitted(text, rnn_panel, jsonb, integer) IS
'rnn_fitted of a managed model for the rows of a panel, by default of what its query returns now';

CREATE FUNCTION rnn_importance(name text, panel rnn_panel DEFAULT NULL, hold_out integer DEFAULT NULL,
	seed bigint DEFAULT 0,
	options jsonb DEFAULT NULL, version integer DEFAULT NULL)
	RETURNS TABLE(covariate integer, mean_absolute_error float8, permuted_mean_absolute_error float8, importance float8,
	name text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 10 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_importance(@extschema@.rnn_managed_bytes($1, $6),
		@extschema@.rnn_managed_history($1, $2, $2 IS NULL), $3, $4, $5) $$;
COMMENT ON FUNCTION rnn_importance(text, rnn_panel, integer, bigint, jsonb, integer) IS
'rnn_importance of a managed model for the rows of a panel, by default of what its query returns now';

CREATE FUNCTION rnn_forecast(name text, steps integer)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
		standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast($1, NULL::@extschema@.rnn_panel, $2, NULL::float8, NULL::jsonb,
		NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast(text, integer) IS 'forecasts of that many steps by a managed model';

CREATE FUNCTION rnn_forecast(name text, steps text)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
		standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2), NULL::float8,
		NULL::jsonb, NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast(text, text) IS
'forecasts by a managed model with the horizon as an untyped literal or parameter';

CREATE FUNCTION rnn_forecast_local(name text, steps integer)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
		standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast_local($1, NULL::@extschema@.rnn_panel, $2, NULL::float8, NULL::jsonb,
		NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast_local(text, integer) IS
'forecasts of that many steps by a managed model, with wall-clock timestamps';

CREATE FUNCTION rnn_forecast_local(name text, steps text)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
		standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast_local($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2), NULL::float8,
		NULL::jsonb, NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast_local(text, text) IS
'rnn_forecast_local by a managed model with the horizon as an untyped literal or parameter';

CREATE FUNCTION rnn_forecast_index(name text, steps integer)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast_index($1, NULL::@extschema@.rnn_panel, $2, NULL::float8, NULL::jsonb,
		NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast_index(text, integer) IS
'forecasts of that many steps by a managed model of an integer time axis';

CREATE FUNCTION rnn_forecast_index(name text, steps text)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8,
		forecast_status text)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_forecast_index($1, NULL::@extschema@.rnn_panel, @extschema@.rnn_steps($2), NULL::float8,
		NULL::jsonb, NULL::float8[], NULL::boolean, NULL::integer) $$;
COMMENT ON FUNCTION rnn_forecast_index(text, text) IS
'rnn_forecast_index by a managed model with the horizon as an untyped literal or parameter';

CREATE FUNCTION rnn_sample(name text, panel rnn_panel DEFAULT NULL, n integer DEFAULT 100,
	horizon integer DEFAULT NULL, seed bigint DEFAULT 0, options jsonb DEFAULT NULL, fresh boolean DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, sample integer, forecast_timestamp timestamptz, step integer, value float8,
	forecast_index bigint)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 10000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_sample(@extschema@.rnn_managed_bytes($1, $8),
		@extschema@.rnn_managed_history($1, $2, $7), $3, $4, $5, $6) $$;
COMMENT ON FUNCTION rnn_sample(text, rnn_panel, integer, integer, bigint, jsonb, boolean, integer) IS
'rnn_sample of a managed model: from a panel, from what its query returns now (fresh, the owner''s default), or from the history in the model';

CREATE FUNCTION rnn_explain(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	options jsonb DEFAULT NULL, fresh boolean DEFAULT NULL, version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, part text, part_name text, value float8,
	forecast_value float8, forecast_status text, forecast_index bigint)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_explain(@extschema@.rnn_managed_bytes($1, $6),
		@extschema@.rnn_managed_history($1, $2, $5), $3, $4) $$;
COMMENT ON FUNCTION rnn_explain(text, rnn_panel, integer, jsonb, boolean, integer) IS
'rnn_explain of a managed model: from a panel, from what its query returns now (fresh, the owner''s default), or from the history in the model';

CREATE FUNCTION rnn_state(name text, panel rnn_panel DEFAULT NULL, confidence_level float8 DEFAULT NULL,
	options jsonb DEFAULT NULL, fresh boolean DEFAULT NULL, version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, state bytea)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 100 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_state(@extschema@.rnn_managed_bytes($1, $6),
		@extschema@.rnn_managed_history($1, $2, $5), $3, $4) $$;
COMMENT ON FUNCTION rnn_state(text, rnn_panel, float8, jsonb, boolean, integer) IS
'rnn_state of a managed model: after the rows of a panel, after what its query returns now (fresh, the owner''s default), or after the history in the model';

CREATE FUNCTION rnn_plot(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL, fresh boolean DEFAULT NULL,
		version integer DEFAULT NULL) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_plot(@extschema@.rnn_managed_bytes($1, $7),
		@extschema@.rnn_managed_history($1, $2, $6), $3, $4, $5) $$;
COMMENT ON FUNCTION rnn_plot(text, rnn_panel, integer, float8, jsonb, boolean, integer) IS
'a picture (SVG) of the forecasts of a managed model, after a panel, what its query returns now (fresh, the owner''s default), or the history in the model';

CREATE FUNCTION rnn_plot_history(name text, options jsonb DEFAULT NULL) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_plot_history(@extschema@.rnn_managed_bytes($1, NULL::integer), $2) $$;
COMMENT ON FUNCTION rnn_plot_history(text, jsonb) IS 'rnn_plot_history of a managed model';

CREATE FUNCTION rnn_weights(model text, format text) RETURNS TABLE(name text, shape int[], "values" float8[])
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 ROWS 10 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT * FROM @extschema@.rnn_weights(@extschema@.rnn_managed_bytes($1, NULL::integer), $2) $$;
COMMENT ON FUNCTION rnn_weights(text, text) IS 'rnn_weights of a managed model, in a format';

CREATE FUNCTION rnn_to_keras(name text) RETURNS jsonb
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_to_keras(@extschema@.rnn_managed_bytes(name, NULL::integer)) $$;
COMMENT ON FUNCTION rnn_to_keras(text) IS 'rnn_to_keras of a managed model';

CREATE FUNCTION rnn_to_onnx(name text, member integer DEFAULT 1) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000 SET search_path = pg_catalog, pg_temp
	AS $$ SELECT @extschema@.rnn_to_onnx(@extschema@.rnn_managed_bytes(name, NULL::integer), member) $$;
COMMENT ON FUNCTION rnn_to_onnx(text, integer) IS 'rnn_to_onnx of a managed model';
