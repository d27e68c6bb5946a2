-- Managed models by name: forecasts, back-tests, anomalies, monitoring.

-- fresh: the query's rows as they are now are the history; else the history in the model.  NULL: fresh rows if no panel
-- is given and the caller is the owner; nobody runs another role's query without asking for it.
CREATE FUNCTION rnn_managed_history(name text, panel rnn_panel, fresh boolean) RETURNS rnn_panel
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- as the functions of models return no rows for a NULL model
	IF name IS NULL THEN
		RETURN NULL;
	END IF;
	fresh := coalesce(fresh, panel IS NULL AND (@extschema@.rnn_managed_find(name, false)).owner = current_user);
	IF fresh AND panel IS NOT NULL THEN
		RAISE EXCEPTION 'a panel and fresh rows cannot both be the history' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN CASE WHEN fresh THEN @extschema@.rnn_managed_panel(@extschema@.rnn_managed_find(name, true)) ELSE panel END;
END $$;
COMMENT ON FUNCTION rnn_managed_history(text, rnn_panel, boolean) IS
'the history that a call by name forecasts from; NULL: what the model remembers';

-- Three functions that differ in the time column alone, as those of models do.

CREATE FUNCTION rnn_forecast(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL,
	options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL, fresh boolean DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamptz, step integer, forecast_value float8,
		standard_error float8, confidence_level float8,
	prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM @extschema@.rnn_forecast(@extschema@.rnn_managed_bytes($1, $8), @extschema@.rnn_managed_history($1,
	$2, $7), $3, $4, $5, $6) $$;
COMMENT ON FUNCTION rnn_forecast(text, rnn_panel, integer, float8, jsonb, float8[], boolean, integer) IS
'forecasts by a managed model: from a panel, from what its query returns now (fresh, the owner''s default), or from the history in the model';

CREATE FUNCTION rnn_forecast_local(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL,
	options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL, fresh boolean DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_timestamp timestamp, step integer, forecast_value float8,
		standard_error float8, confidence_level float8,
	prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM @extschema@.rnn_forecast_local(@extschema@.rnn_managed_bytes($1, $8),
	@extschema@.rnn_managed_history($1, $2, $7), $3, $4, $5, $6) $$;
COMMENT ON FUNCTION rnn_forecast_local(text, rnn_panel, integer, float8, jsonb, float8[], boolean, integer) IS
'forecasts with wall-clock times by a managed model: from a panel, from what its query returns now (fresh, the owner''s default), or from the history in the model';

CREATE FUNCTION rnn_forecast_index(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	confidence_level float8 DEFAULT NULL,
	options jsonb DEFAULT NULL, confidence_levels float8[] DEFAULT NULL, fresh boolean DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, forecast_index bigint, step integer, forecast_value float8, standard_error float8,
		confidence_level float8,
	prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM @extschema@.rnn_forecast_index(@extschema@.rnn_managed_bytes($1, $8),
	@extschema@.rnn_managed_history($1, $2, $7), $3, $4, $5, $6) $$;
COMMENT ON FUNCTION rnn_forecast_index(text, rnn_panel, integer, float8, jsonb, float8[], boolean, integer) IS
'forecasts of an integer axis by a managed model: from a panel, from what its query returns now (fresh, the owner''s default), or from the history in the model';

CREATE FUNCTION rnn_backtest(name text, panel rnn_panel DEFAULT NULL, horizon integer DEFAULT NULL,
	hold_out integer DEFAULT NULL,
	stride integer DEFAULT NULL, confidence_level float8 DEFAULT NULL, options jsonb DEFAULT NULL,
		version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, fold_id integer, cutoff timestamptz, forecast_timestamp timestamptz, step integer,
	actual_value float8, forecast_value float8, naive_value float8, prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8, forecast_index bigint, naive_method text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000000 ROWS 10000 SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM @extschema@.rnn_backtest(@extschema@.rnn_managed_bytes($1, $8), @extschema@.rnn_managed_history($1,
	$2, $2 IS NULL), $3, $4, $5, $6, $7) $$;
COMMENT ON FUNCTION rnn_backtest(text, rnn_panel, integer, integer, integer, float8, jsonb, integer) IS
'forecasts of a managed model from rolling origins of a panel, by default of what its query returns now: by default over the rows after those it was trained on';

CREATE FUNCTION rnn_detect_anomalies(name text, panel rnn_panel DEFAULT NULL,
	anomaly_probability_threshold float8 DEFAULT NULL,
	options jsonb DEFAULT NULL, version integer DEFAULT NULL)
	RETURNS TABLE(series_id text, time_series_timestamp timestamptz, time_series_index bigint, time_series_data float8,
	forecast_value float8, lower_bound float8, upper_bound float8, is_anomaly boolean, anomaly_probability float8)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED COST 1000000 ROWS 10000 SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM @extschema@.rnn_detect_anomalies(@extschema@.rnn_managed_bytes($1, $5),
	@extschema@.rnn_managed_history($1, $2, $2 IS NULL), $3, $4) $$;
COMMENT ON FUNCTION rnn_detect_anomalies(text, rnn_panel, float8, jsonb, integer) IS
'rows of a panel, by default of what the query of a managed model returns now, outside the interval forecast from the rows before them';

CREATE PROCEDURE rnn_store_forecast(name text, horizon integer DEFAULT NULL, confidence_level float8 DEFAULT 0.9,
	fresh boolean DEFAULT true)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	model @extschema@.rnn_models := @extschema@.rnn_managed_find(name, true);
	type text := @extschema@.rnn_managed_time_type(model.columns);
	variant text := CASE type WHEN 'timestamptz' THEN 'rnn_forecast' WHEN 'bigint' THEN 'rnn_forecast_index'
		ELSE 'rnn_forecast_local' END;
BEGIN
	EXECUTE format('INSERT INTO @extschema@.rnn_forecasts (name, version, made_at, series_id, forecast_timestamp, forecast_time, step,
			forecast_value, confidence_level, prediction_interval_lower_bound, prediction_interval_upper_bound)
		SELECT $1, $2, now(), series_id, %s, (%I::%s)::text, step, forecast_value, confidence_level,
			prediction_interval_lower_bound, prediction_interval_upper_bound
		FROM @extschema@.%s($1, NULL::@extschema@.rnn_panel, $3, $4, NULL::jsonb, NULL::float8[], $5, NULL::integer) f WHERE forecast_value IS NOT NULL',
		CASE variant WHEN 'rnn_forecast_index' THEN 'NULL' ELSE 'forecast_timestamp::timestamptz' END,
		CASE variant WHEN 'rnn_forecast_index' THEN 'forecast_index' ELSE 'forecast_timestamp' END, type, variant)
	USING model.name, model.active_version, horizon, confidence_level, fresh;
END $$;
COMMENT ON PROCEDURE rnn_store_forecast(text, integer, float8, boolean) IS
'stores forecasts of a managed model in rnn_forecasts, by default from what its query returns now; rnn_monitor compares them with the actual values';

CREATE FUNCTION rnn_monitor(name text)
	RETURNS TABLE(active_version integer, trained_at timestamptz, age interval, new_rows bigint,
	skill_when_trained float8, skill_on_new_rows float8,
	stored_forecasts bigint, mean_absolute_error float8, coverage float8,
	outside_range float8, drift float8, retrain_due boolean, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED ROWS 1 COST 1000000 SET search_path = pg_catalog,
	pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	model @extschema@.rnn_models := @extschema@.rnn_managed_find(name, true);
	version @extschema@.rnn_model_versions;
	bytes bytea := @extschema@.rnn_managed_bytes(name, NULL::integer);
	panel @extschema@.rnn_panel := @extschema@.rnn_managed_panel(model);
	horizon integer := (@extschema@.rnn_model_info(bytes)->'recipe'->>'horizon')::integer;
	source text := @extschema@.rnn_managed_source(model.query, model.columns);
	type text := @extschema@.rnn_managed_time_type(model.columns);
	score record;
BEGIN
	SELECT v.* INTO version FROM @extschema@.rnn_model_versions v WHERE v.name = model.name
		AND v.version = model.active_version;
	active_version := version.version;
	trained_at := version.created_at;
	age := clock_timestamp() - version.created_at;
	skill_when_trained := version.skill;

	-- rows since the training: their number, the share outside the range of training, the distance of the means in standard deviations
	SELECT t.n, t.outside, abs(t.mean - version.value_mean) / nullif(version.value_sd, 0) INTO new_rows, outside_range,
		drift
	FROM @extschema@.rnn_query_as(model.owner, model.search_path, format(
		'SELECT pg_catalog.count(value), pg_catalog.avg(CASE WHEN value BETWEEN %L AND %L THEN 0 ELSE 1 END)::pg_catalog.float8, pg_catalog.avg(value)
		 FROM %s AS q WHERE value IS NOT NULL AND ts > %L', version.value_min, version.value_max, source, version.last_time))
		AS t(n bigint, outside float8, mean float8);
	IF new_rows > 0 THEN
		score := @extschema@.rnn_managed_score(bytes, panel, version.last_time, model.columns, least(new_rows,
			1000 + horizon)::integer);
		skill_on_new_rows := 1 - score.loss / nullif(score.naive_loss, 0);
	END IF;

	-- stored forecasts and their actual values
	SELECT count(*), avg(abs(f.forecast_value - a.value)), avg((a.value BETWEEN f.prediction_interval_lower_bound
		AND f.prediction_interval_upper_bound)::integer)
	INTO stored_forecasts, mean_absolute_error, coverage
	FROM @extschema@.rnn_forecasts f JOIN @extschema@.rnn_query_as(model.owner, model.search_path,
		format('SELECT series::pg_catalog.text, ts::pg_catalog.text, value FROM %s AS q WHERE value IS NOT NULL AND ts >= %L', source,
			(SELECT CASE type WHEN 'bigint' THEN min(o.forecast_time::bigint)::text
				WHEN 'timestamptz' THEN min(o.forecast_time::timestamptz)::text
				ELSE min(o.forecast_time::timestamp)::text END FROM @extschema@.rnn_forecasts o
					WHERE o.name = model.name)))
		AS a(series text, at text, value float8)
		ON f.series_id IS NOT DISTINCT FROM a.series
		AND CASE WHEN type = 'timestamptz' THEN f.forecast_time::timestamptz = a.at::timestamptz
			ELSE f.forecast_time = a.at END
	WHERE f.name = model.name;

	reason := @extschema@.rnn_managed_due(model, model.min_new_rows, model.max_age);
	retrain_due := reason IS NOT NULL;
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION rnn_monitor(text) IS
'quality of a managed model: its skill against the naive forecast on rows since its training, errors of stored forecasts, drift of the values, and whether a retrain is due';
