-- Managed models: evaluated, trained and stored.
-- A training is one transaction: if it is killed, nothing of it remains.

-- ---- evaluation ----

-- Mean absolute error on the rows after the cutoff, divided by the naive forecast's, with equal weight per series.
-- Only origins whose first step is after the cutoff count: a model trained on the rows up to it has seen none of them.
CREATE FUNCTION rnn_managed_score(model bytea, panel rnn_panel, cutoff text, columns jsonb, hold_out integer,
	OUT loss float8, OUT naive_loss float8, OUT judged bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	steps integer := least((@extschema@.rnn_model_info(model)->'recipe'->>'horizon')::integer, hold_out);
	type text := @extschema@.rnn_managed_time_type(columns);
BEGIN
	EXECUTE format(
		'WITH fold AS (SELECT b.*, min(%1$s) OVER (PARTITION BY series_id, fold_id) > %2$L::%3$s AS unseen
		               FROM @extschema@.rnn_backtest($1, $2, $3, $4, NULL::integer, NULL::float8, NULL::jsonb) b),
		 one AS (SELECT avg(abs(actual_value - forecast_value)) AS e, avg(abs(actual_value - naive_value)) AS n, count(*) AS c
		         FROM fold WHERE unseen AND actual_value IS NOT NULL AND forecast_value IS NOT NULL GROUP BY series_id)
		 SELECT avg(e / CASE WHEN n > 0 THEN n ELSE 1 END), avg(CASE WHEN n > 0 THEN 1 ELSE 0 END), coalesce(sum(c), 0)::bigint FROM one',
		CASE type WHEN 'bigint' THEN 'forecast_index' ELSE 'forecast_timestamp' END, cutoff,
		CASE type WHEN 'bigint' THEN type ELSE type || '::timestamptz' END)
	INTO loss, naive_loss, judged USING model, panel, steps, hold_out;
END $$;
COMMENT ON FUNCTION rnn_managed_score(bytea, rnn_panel, text, jsonb, integer) IS
'error of a model on the rows of a panel after a cutoff, divided by the naive forecast''s error';

-- quiet: without the notices of rnn_train, for trial models, which are evaluated here
CREATE FUNCTION rnn_managed_fit(panel rnn_panel, network jsonb, options jsonb, warm bytea, name text, quiet boolean)
	RETURNS bytea
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	level text := current_setting('client_min_messages');
	shown text := coalesce(current_setting('forecast_rnn.model_name', true), '');
	model bytea;
BEGIN
	PERFORM set_config('forecast_rnn.model_name', name, true);
	IF quiet AND level IN ('notice', 'log') THEN
		PERFORM set_config('client_min_messages', 'warning', true);
	END IF;
	IF warm IS NULL THEN
		model := @extschema@.rnn_train(panel, network, options);
	ELSE
		model := @extschema@.rnn_train(panel, warm, options);
	END IF;
	PERFORM set_config('client_min_messages', level, true), set_config('forecast_rnn.model_name', shown, true);
	RETURN model;
END $$;
COMMENT ON FUNCTION rnn_managed_fit(rnn_panel, jsonb, jsonb, bytea, text, boolean) IS
'trains for a managed model, whose name rnn_progress shows';

-- ---- training ----

-- Adds a version.  Champion (the active version) and challenger are evaluated on the same validation rows, which
-- neither was trained on:
--  . At least one horizon of new rows exists: the last half of them, one or two whole horizons, are the validation
--    rows.  The champion has never seen them; a trial trained on the rows before them stands for the challenger.
--  . Fewer are new: the champion has seen all possible validation rows, so a trial of its recipe, trained on the rows
--    before them, stands for it.  If the recipes are equal there is nothing to compare.
-- A tie between equal recipes goes to the challenger: it has seen more rows.
-- The version that is stored is trained on all rows.
CREATE FUNCTION rnn_managed_train(model rnn_models, warm_start boolean, promote text, new_network jsonb,
	new_options jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	began timestamptz := clock_timestamp();
	champion @extschema@.rnn_model_versions;
	champion_bytes bytea;
	next_network jsonb := coalesce(new_network, model.network);
	next_options jsonb := model.options || coalesce(new_options, '{}');
	horizon integer;
	read record;
	judged_by text := 'itself';
	trial bytea;
	rival bytea;
	score record;
	rival_loss float8;
	rival_judged bigint;
	bytes bytea;
	info jsonb;
	train_seconds float8;
	better boolean := true;
	same boolean;
	next_version integer;
BEGIN
	SELECT v.* INTO champion FROM @extschema@.rnn_model_versions v WHERE v.name = model.name
		AND v.version = model.active_version;
	IF champion.version IS NOT NULL THEN
		champion_bytes := @extschema@.rnn_managed_bytes(model.name, champion.version);
		horizon := (@extschema@.rnn_model_info(champion_bytes)->'recipe'->>'horizon')::integer;
	ELSIF warm_start THEN
		RAISE EXCEPTION 'model "%" has no version to start from', model.name
			USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Train it without warm_start first.';
	END IF;
	read := @extschema@.rnn_managed_read(model, champion.last_time, horizon);

	same := NOT warm_start AND champion.network IS NOT DISTINCT FROM next_network
		AND champion.options IS NOT DISTINCT FROM next_options;
	IF champion.version IS NOT NULL THEN
		IF read.new_stamps >= horizon AND read.before IS NOT NULL THEN
			judged_by := 'new rows';
			rival := champion_bytes;
		ELSIF NOT same THEN
			judged_by := 'trials';
		ELSIF read.new_rows = 0 AND promote = 'if_better' AND read.rows = champion.rows THEN
			RAISE NOTICE 'model "%": no row is new since version %, nothing to train', model.name, champion.version;
			RETURN NULL;
		ELSE
			judged_by := 'rows seen';
		END IF;
	END IF;
	IF judged_by IN ('new rows', 'trials') AND promote <> 'always' THEN
		IF rival IS NULL THEN
			rival := @extschema@.rnn_managed_fit(read.before, champion.network, champion.options, NULL::bytea,
				model.name, true);
		END IF;
		trial := @extschema@.rnn_managed_fit(read.before, next_network, CASE WHEN warm_start THEN new_options
			ELSE next_options END,
			CASE WHEN warm_start THEN rival END, model.name, true);
		score := @extschema@.rnn_managed_score(trial, read.panel, read.cutoff, model.columns, read.held_stamps);
		SELECT r.loss, r.judged INTO rival_loss, rival_judged FROM @extschema@.rnn_managed_score(rival, read.panel,
			read.cutoff, model.columns, read.held_stamps) r;
		better := rival_loss IS NULL OR coalesce((score.loss < rival_loss OR same AND score.loss = rival_loss)
			AND score.judged >= rival_judged, false);
	END IF;

	train_seconds := extract(epoch FROM clock_timestamp());
	bytes := @extschema@.rnn_managed_fit(read.panel, next_network, CASE WHEN warm_start THEN new_options
		ELSE next_options END,
		CASE WHEN warm_start THEN champion_bytes END, model.name, false);
	train_seconds := extract(epoch FROM clock_timestamp()) - train_seconds;
	info := @extschema@.rnn_model_info(bytes);
	IF trial IS NULL THEN
		-- the validation split of rnn_train: scaled errors of the network it chose, and of the better naive forecast
		SELECT (info->'validation'->>'model')::float8 AS loss,
			least((info->'validation'->>'naive')::float8,
				(info->'validation'->>'seasonal_naive')::float8) AS naive_loss,
			(info->'validation'->>'origins')::bigint AS judged INTO score;
	END IF;

	SELECT coalesce(max(v.version), 0) + 1 INTO next_version FROM @extschema@.rnn_model_versions v
		WHERE v.name = model.name;
	INSERT INTO @extschema@.rnn_model_versions (name, version, network, options, warm_start, choice, sha256, trained_by,
		snapshot,
		rows, series, first_time, last_time, value_min, value_max, value_mean, value_sd, judged_by, judged_rows, loss,
			naive_loss, skill,
		champion, champion_loss, history, train_seconds, total_seconds, created_at)
	VALUES (model.name, next_version, next_network, next_options, warm_start, info->>'choice',
		encode(sha256(bytes), 'hex'), current_user, pg_current_snapshot()::text, read.rows, read.series,
			read.first_time, read.new_last_time,
		read.value_min, read.value_max, read.value_mean, read.value_sd, judged_by, score.judged, score.loss,
			score.naive_loss,
		1 - score.loss / nullif(score.naive_loss, 0), champion.version, rival_loss,
		(SELECT jsonb_agg(to_jsonb(h) ORDER BY h.epoch) FROM @extschema@.rnn_history(bytes) h),
		train_seconds, extract(epoch FROM clock_timestamp() - began), clock_timestamp());
	INSERT INTO @extschema@.rnn_model_bytes (name, version, model) VALUES (model.name, next_version, bytes);

	IF promote = 'always' OR promote = 'if_better' AND better OR champion.version IS NULL AND promote <> 'never' THEN
		PERFORM @extschema@.rnn_managed_activate(model.name, next_version);
	ELSIF promote = 'if_better' THEN
		RAISE NOTICE 'model "%": version % is no better than version %, which stays active', model.name, next_version,
			champion.version
			USING DETAIL = format('Errors on %s held-back values, in units of the naive forecast''s: %s against %s.',
				score.judged,
				round(score.loss::numeric, 4), round(rival_loss::numeric, 4));
	END IF;
	-- keep the newest versions, the active one and the one before it
	DELETE FROM @extschema@.rnn_model_versions v WHERE v.name = model.name
		AND v.version <= next_version - model.keep_versions
		AND v.version NOT IN (SELECT w.version FROM @extschema@.rnn_model_versions w WHERE w.name = model.name
			AND w.activated_at IS NOT NULL
			ORDER BY w.activated_at DESC LIMIT 2);
	RETURN next_version;
END $$;
COMMENT ON FUNCTION rnn_managed_train(rnn_models, boolean, text, jsonb, jsonb) IS
'trains, evaluates and stores a version of a managed model; NULL if there was nothing to do';

CREATE FUNCTION rnn_managed_activate(name text, version integer) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
	UPDATE @extschema@.rnn_model_versions v SET activated_at = clock_timestamp()
	WHERE v.name = rnn_managed_activate.name AND v.version = rnn_managed_activate.version;
	UPDATE @extschema@.rnn_models m SET active_version = rnn_managed_activate.version
		WHERE m.name = rnn_managed_activate.name;
$$;
COMMENT ON FUNCTION rnn_managed_activate(text, integer) IS 'makes a version of a managed model the active one';

CREATE FUNCTION rnn_managed_rows(model rnn_models, last_time text) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
	SELECT t.n FROM @extschema@.rnn_query_as(model.owner, model.search_path,
		format('SELECT pg_catalog.count(value) FROM %s AS q WHERE ts > %L',
		@extschema@.rnn_managed_source(model.query, model.columns), last_time)) AS t(n bigint)
$$;
COMMENT ON FUNCTION rnn_managed_rows(rnn_models, text) IS
'number of values that the query of a managed model returns after a time stamp';

-- The reason why a retrain is due, or NULL.
CREATE FUNCTION rnn_managed_due(model rnn_models, least_rows bigint, most_age interval) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	last record;
	new_rows bigint;
BEGIN
	-- the newest version counts even if it was not promoted: the same rows need no second training
	SELECT v.last_time, v.created_at INTO last FROM @extschema@.rnn_model_versions v WHERE v.name = model.name
		ORDER BY v.version DESC LIMIT 1;
	IF last.last_time IS NULL THEN
		RETURN 'never trained';
	ELSIF clock_timestamp() - last.created_at >= most_age THEN
		RETURN format('the newest version is older than %s', most_age);
	ELSIF least_rows IS NOT NULL THEN
		PERFORM @extschema@.rnn_managed_check(model);
		new_rows := @extschema@.rnn_managed_rows(model, last.last_time);
		IF new_rows >= least_rows THEN
			RETURN format('%s new rows', new_rows);
		END IF;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION rnn_managed_due(rnn_models, bigint, interval) IS
'why a managed model should be trained again, or NULL';
