-- Managed models: made, trained again, promoted, rolled back, dropped.
-- Everything is one transaction: what is killed half-way leaves nothing behind.

-- ---- one at a time ----

CREATE FUNCTION rnn_managed_lock(name text) RETURNS boolean
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_try_advisory_xact_lock(hashtext('forecast_rnn model'), hashtext(name)) $$;
COMMENT ON FUNCTION rnn_managed_lock(text) IS 'takes a managed model for this transaction; false while another one has it';

CREATE FUNCTION rnn_managed_holder(name text) RETURNS integer
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pid FROM pg_locks
	WHERE locktype = 'advisory' AND granted AND objsubid = 2
	  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	  AND classid::bigint = hashtext('forecast_rnn model')::bigint & 4294967295 AND objid::bigint = hashtext(name)::bigint & 4294967295
	LIMIT 1
$$;
COMMENT ON FUNCTION rnn_managed_holder(text) IS 'the process that trains or changes a managed model now, or NULL';

-- the model, which the caller must own; nobody else may be at it
CREATE FUNCTION rnn_managed_take(name text) RETURNS rnn_models
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models := rnn_managed_find(name, true);
BEGIN
	IF NOT rnn_managed_lock(name) THEN
		RAISE EXCEPTION 'model "%" is being trained or changed by process %', name, rnn_managed_holder(name)
			USING ERRCODE = 'object_in_use', HINT = 'Wait for it, or stop it with rnn_cancel.';
	END IF;
	RETURN rnn_managed_find(name, true);
END $$;

CREATE FUNCTION rnn_managed_find(name text, owned boolean) RETURNS rnn_models
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models;
BEGIN
	SELECT m.* INTO model FROM rnn_models m WHERE m.name = rnn_managed_find.name;
	IF model.name IS NULL THEN
		RAISE EXCEPTION 'there is no model "%"', name USING ERRCODE = 'undefined_object',
			HINT = 'SELECT name FROM rnn_models lists the models that you may see.';
	END IF;
	IF owned AND NOT rnn_has_role(model.owner) THEN
		RAISE EXCEPTION 'permission denied: only the owner of model "%" may do this', name USING ERRCODE = 'insufficient_privilege',
			DETAIL = format('It belongs to %I.', model.owner);
	END IF;
	RETURN model;
END $$;
COMMENT ON FUNCTION rnn_managed_find(text, boolean) IS 'a managed model by name; an error when there is none, or when the caller must own it and does not';
COMMENT ON FUNCTION rnn_managed_take(text) IS 'a managed model that the caller owns, taken for this transaction';

CREATE FUNCTION rnn_managed_bytes(name text, version integer DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models;
	wanted integer;
	bytes bytea;
BEGIN
	IF name IS NULL THEN
		RETURN NULL;
	END IF;
	model := rnn_managed_find(name, false);
	wanted := coalesce(version, model.active_version);
	IF wanted IS NULL THEN
		RAISE EXCEPTION 'model "%" has not been trained yet', name USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'CALL rnn_retrain to train it.';
	END IF;
	SELECT b.model INTO bytes FROM rnn_model_bytes b WHERE b.name = rnn_managed_bytes.name AND b.version = wanted;
	IF bytes IS NULL THEN
		IF EXISTS (SELECT FROM rnn_model_versions v WHERE v.name = rnn_managed_bytes.name AND v.version = wanted) THEN
			RAISE EXCEPTION 'permission denied to run model "%"', name USING ERRCODE = 'insufficient_privilege',
				HINT = 'Its owner may allow it: CALL rnn_grant(model, role, ''run'').';
		END IF;
		RAISE EXCEPTION 'model "%" has no version %', name, wanted USING ERRCODE = 'undefined_object',
			HINT = 'SELECT version FROM rnn_model_versions lists them.';
	END IF;
	RETURN bytes;
END $$;
COMMENT ON FUNCTION rnn_managed_bytes(text, integer) IS 'the model of a version of a managed model, by default of the active one, as rnn_train made it';

-- ---- judging ----

-- Mean absolute error on rows after the cutoff in units of the naive forecast's, each series counting alike.  Only origins
-- whose first step is after the cutoff count, so a model trained on the rows up to it has seen none of them.
CREATE FUNCTION rnn_managed_score(model bytea, panel rnn_panel, cutoff text, columns jsonb, hold_out integer,
	OUT loss float8, OUT naive_loss float8, OUT judged bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	steps integer := least((rnn_model_info(model)->'recipe'->>'horizon')::integer, hold_out);
	type text := rnn_managed_time_type(columns);
BEGIN
	EXECUTE format(
		'WITH fold AS (SELECT b.*, min(%1$s) OVER (PARTITION BY series_id, fold_id) > %2$L::%3$s AS unseen
		               FROM rnn_backtest($1, $2, horizon => $3, hold_out => $4) b),
		 one AS (SELECT avg(abs(actual_value - forecast_value)) AS e, avg(abs(actual_value - naive_value)) AS n, count(*) AS c
		         FROM fold WHERE unseen AND actual_value IS NOT NULL AND forecast_value IS NOT NULL GROUP BY series_id)
		 SELECT avg(e / CASE WHEN n > 0 THEN n ELSE 1 END), avg(CASE WHEN n > 0 THEN 1 ELSE 0 END), coalesce(sum(c), 0)::bigint FROM one',
		CASE type WHEN 'bigint' THEN 'forecast_index' ELSE 'forecast_timestamp' END, cutoff,
		CASE type WHEN 'bigint' THEN type ELSE type || '::timestamptz' END)
	INTO loss, naive_loss, judged USING model, panel, steps, hold_out;
END $$;
COMMENT ON FUNCTION rnn_managed_score(bytea, rnn_panel, text, jsonb, integer) IS
'error of a model on the rows of a panel after a cutoff, in units of the naive forecast''s: one is as bad as naive';

-- quiet: trial models are judged here, not by what rnn_train says about them
CREATE FUNCTION rnn_managed_fit(panel rnn_panel, network jsonb, options jsonb, warm bytea, name text, quiet boolean) RETURNS bytea
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp
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
		model := rnn_train(panel, network, options);
	ELSE
		model := rnn_train(panel, warm, options);
	END IF;
	PERFORM set_config('client_min_messages', level, true), set_config('forecast_rnn.model_name', shown, true);
	RETURN model;
END $$;
COMMENT ON FUNCTION rnn_managed_fit(rnn_panel, jsonb, jsonb, bytea, text, boolean) IS 'trains for a managed model: progress carries its name';

-- ---- training ----

-- One version more.  Champion and challenger are judged on the same held-back rows, which neither was trained on:
--  . a whole horizon of new rows is there: the last half of them is held back, in whole horizons, one or two.  The champion has
--    never seen them; the challenger is judged by a trial trained on the rows before.
--  . fewer: the champion has seen what could be held back, so its recipe is trained again on the rows before, and stands in for it.
--    Where the recipes are equal there is nothing to compare.
-- A tie between equal recipes goes to the challenger: it has seen more rows.
-- What is stored is trained on all rows.
CREATE FUNCTION rnn_managed_train(model rnn_models, warm_start boolean, promote text, new_network jsonb, new_options jsonb) RETURNS integer
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	began timestamptz := clock_timestamp();
	champion rnn_model_versions;
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
	SELECT v.* INTO champion FROM rnn_model_versions v WHERE v.name = model.name AND v.version = model.active_version;
	IF champion.version IS NOT NULL THEN
		champion_bytes := rnn_managed_bytes(model.name, champion.version);
		horizon := (rnn_model_info(champion_bytes)->'recipe'->>'horizon')::integer;
	ELSIF warm_start THEN
		RAISE EXCEPTION 'model "%" has no version to start from', model.name USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'Train it without warm_start first.';
	END IF;
	read := rnn_managed_read(model, champion.last_time, horizon);

	same := NOT warm_start AND champion.network IS NOT DISTINCT FROM next_network AND champion.options IS NOT DISTINCT FROM next_options;
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
			rival := rnn_managed_fit(read.before, champion.network, champion.options, NULL, model.name, true);
		END IF;
		trial := rnn_managed_fit(read.before, next_network, CASE WHEN warm_start THEN new_options ELSE next_options END,
			CASE WHEN warm_start THEN rival END, model.name, true);
		score := rnn_managed_score(trial, read.panel, read.cutoff, model.columns, read.held_stamps);
		SELECT r.loss, r.judged INTO rival_loss, rival_judged FROM rnn_managed_score(rival, read.panel, read.cutoff, model.columns, read.held_stamps) r;
		better := rival_loss IS NULL OR coalesce((score.loss < rival_loss OR same AND score.loss = rival_loss) AND score.judged >= rival_judged, false);
	END IF;

	train_seconds := extract(epoch FROM clock_timestamp());
	bytes := rnn_managed_fit(read.panel, next_network, CASE WHEN warm_start THEN new_options ELSE next_options END,
		CASE WHEN warm_start THEN champion_bytes END, model.name, false);
	train_seconds := extract(epoch FROM clock_timestamp()) - train_seconds;
	info := rnn_model_info(bytes);
	IF trial IS NULL THEN
		-- rnn_train's own held-back rows: scaled errors of what it chose, and of the better naive forecast
		SELECT (info->'forecaster'->>'mixed')::float8 AS loss,
			least((info->'forecaster'->>'naive')::float8, (info->'forecaster'->>'seasonal_naive')::float8) AS naive_loss,
			(info->'forecaster'->>'hold_out_origins')::bigint AS judged INTO score;
	END IF;

	SELECT coalesce(max(v.version), 0) + 1 INTO next_version FROM rnn_model_versions v WHERE v.name = model.name;
	INSERT INTO rnn_model_versions VALUES (model.name, next_version, next_network, next_options, warm_start, info->>'choice',
		encode(sha256(bytes), 'hex'), current_user, pg_current_snapshot()::text, read.rows, read.series, read.first_time, read.new_last_time,
		read.value_min, read.value_max, read.value_mean, read.value_sd, judged_by, score.judged, score.loss, score.naive_loss,
		1 - score.loss / nullif(score.naive_loss, 0), champion.version, rival_loss,
		(SELECT jsonb_agg(to_jsonb(h) ORDER BY h.epoch) FROM rnn_history(bytes) h),
		train_seconds, extract(epoch FROM clock_timestamp() - began), clock_timestamp(), NULL);
	INSERT INTO rnn_model_bytes VALUES (model.name, next_version, bytes);

	IF promote = 'always' OR promote = 'if_better' AND better OR champion.version IS NULL AND promote <> 'never' THEN
		PERFORM rnn_managed_activate(model.name, next_version);
	ELSIF promote = 'if_better' THEN
		RAISE NOTICE 'model "%": version % is no better than version %, which stays active', model.name, next_version, champion.version
			USING DETAIL = format('Errors on %s held-back values, in units of the naive forecast''s: %s against %s.', score.judged,
				round(score.loss::numeric, 4), round(rival_loss::numeric, 4));
	END IF;
	-- the newest versions are kept, the active one and the one to roll back to
	DELETE FROM rnn_model_versions v WHERE v.name = model.name AND v.version <= next_version - model.keep_versions
		AND v.version NOT IN (SELECT w.version FROM rnn_model_versions w WHERE w.name = model.name AND w.activated_at IS NOT NULL
			ORDER BY w.activated_at DESC LIMIT 2);
	RETURN next_version;
END $$;
COMMENT ON FUNCTION rnn_managed_train(rnn_models, boolean, text, jsonb, jsonb) IS 'trains, judges and stores a version of a managed model; NULL when nothing was to be done';

CREATE FUNCTION rnn_managed_activate(name text, version integer) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
	UPDATE rnn_model_versions v SET activated_at = clock_timestamp()
	WHERE v.name = rnn_managed_activate.name AND v.version = rnn_managed_activate.version;
	UPDATE rnn_models m SET active_version = rnn_managed_activate.version WHERE m.name = rnn_managed_activate.name;
$$;
COMMENT ON FUNCTION rnn_managed_activate(text, integer) IS 'makes a version of a managed model the active one';

CREATE FUNCTION rnn_managed_rows(model rnn_models, last_time text) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp SET datestyle = 'ISO'
AS $$
	SELECT t.n FROM rnn_query_as(model.owner, model.search_path, format('SELECT pg_catalog.count(value) FROM %s AS q WHERE ts > %L',
		rnn_managed_source(model.query, model.columns), last_time)) AS t(n bigint)
$$;
COMMENT ON FUNCTION rnn_managed_rows(rnn_models, text) IS 'how many values the query of a managed model returns after a time';

-- why a retrain is due, NULL when it is not
CREATE FUNCTION rnn_managed_due(model rnn_models, least_rows bigint, most_age interval) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	last record;
	new_rows bigint;
BEGIN
	-- the newest version counts even where it was not promoted: the same rows need no second judgement
	SELECT v.last_time, v.created_at INTO last FROM rnn_model_versions v WHERE v.name = model.name ORDER BY v.version DESC LIMIT 1;
	IF last.last_time IS NULL THEN
		RETURN 'never trained';
	ELSIF clock_timestamp() - last.created_at >= most_age THEN
		RETURN format('the newest version is older than %s', most_age);
	ELSIF least_rows IS NOT NULL THEN
		PERFORM rnn_managed_check(model);
		new_rows := rnn_managed_rows(model, last.last_time);
		IF new_rows >= least_rows THEN
			RETURN format('%s new rows', new_rows);
		END IF;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION rnn_managed_due(rnn_models, bigint, interval) IS 'why a managed model should be trained again, or NULL';

-- ---- what people call ----

CREATE PROCEDURE rnn_create_model(name text, query text, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL,
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, keep_versions integer DEFAULT 5, train boolean DEFAULT true,
	query_search_path text DEFAULT pg_catalog.current_setting('search_path'))
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models;
BEGIN
	IF name IS NULL OR name = '' OR query IS NULL THEN
		RAISE EXCEPTION 'a model needs a name and a query' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF keep_versions NOT BETWEEN 2 AND 10000 OR min_new_rows < 1 OR max_age <= interval '0' THEN
		RAISE EXCEPTION '%', CASE WHEN keep_versions NOT BETWEEN 2 AND 10000 THEN format('keep_versions must be between 2 and 10000, not %s', keep_versions)
			WHEN min_new_rows < 1 THEN format('min_new_rows must be at least 1, not %s', min_new_rows)
			ELSE format('max_age must be positive, not %s', max_age) END USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF NOT rnn_managed_lock(name) THEN
		RAISE EXCEPTION 'model "%" is being made or trained by process %', name, rnn_managed_holder(name) USING ERRCODE = 'object_in_use';
	END IF;
	-- in a block of its own: columns and parameters have the same names
	<<put>>
	DECLARE
		statement text := rnn_query_check(query);
		shape jsonb := rnn_managed_columns(name, current_user, query_search_path, statement);
	BEGIN
		INSERT INTO rnn_models (name, query, search_path, columns, network, options, min_new_rows, max_age, keep_versions)
		VALUES (rnn_create_model.name, statement, query_search_path, shape, rnn_create_model.network, coalesce(rnn_create_model.options, '{}'),
			rnn_create_model.min_new_rows, rnn_create_model.max_age, coalesce(rnn_create_model.keep_versions, 5))
		RETURNING * INTO model;
	EXCEPTION WHEN unique_violation THEN
		RAISE EXCEPTION 'there is a model "%" already', name USING ERRCODE = 'duplicate_object',
			HINT = 'Choose another name. Models of other roles may be hidden from you.';
	END;
	IF train THEN
		PERFORM rnn_managed_train(model, false, 'always', NULL, NULL);
	END IF;
END $$;
COMMENT ON PROCEDURE rnn_create_model(text, text, jsonb, jsonb, bigint, interval, integer, boolean, text) IS
'makes a managed model from a query that returns ts, value and, where there are several, series; all its other columns are covariates';

CREATE PROCEDURE rnn_retrain(name text, warm_start boolean DEFAULT false, promote text DEFAULT 'if_better',
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, options jsonb DEFAULT NULL, network jsonb DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models;
BEGIN
	IF promote IS NULL OR promote NOT IN ('if_better', 'always', 'never') THEN
		RAISE EXCEPTION 'promote must be if_better, always or never, not %', coalesce(promote, 'null') USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF min_new_rows < 1 OR max_age <= interval '0' THEN
		RAISE EXCEPTION '%', CASE WHEN min_new_rows < 1 THEN format('min_new_rows must be at least 1, not %s', min_new_rows)
			ELSE format('max_age must be positive, not %s', max_age) END USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- on a standby: refused by the server now, not after the training
	DELETE FROM rnn_models WHERE false;
	model := rnn_managed_find(name, true);
	IF NOT rnn_managed_lock(name) THEN
		RAISE NOTICE 'model "%" is being trained or changed by process %: nothing done', name, rnn_managed_holder(name);
		RETURN;
	END IF;
	model := rnn_managed_find(name, true);
	IF (min_new_rows IS NOT NULL OR max_age IS NOT NULL) AND rnn_managed_due(model, min_new_rows, max_age) IS NULL THEN
		RAISE NOTICE 'model "%" needs no retrain yet', name;
		RETURN;
	END IF;
	PERFORM rnn_managed_train(model, coalesce(warm_start, false), promote, network, options);
END $$;
COMMENT ON PROCEDURE rnn_retrain(text, boolean, text, bigint, interval, jsonb, jsonb) IS
'trains a managed model again on what its query returns now; promoted if it beats the active version on held-back rows, always, or never; with min_new_rows or max_age only when one of them is reached';

CREATE PROCEDURE rnn_promote(name text, version integer)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	PERFORM rnn_managed_take(name);
	IF version IS NULL THEN
		RAISE EXCEPTION 'a version must be given' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	PERFORM rnn_managed_bytes(name, version);
	PERFORM rnn_managed_activate(name, version);
END $$;
COMMENT ON PROCEDURE rnn_promote(text, integer) IS 'makes a version of a managed model the active one';

CREATE PROCEDURE rnn_rollback(name text)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models := rnn_managed_take(name);
	before integer;
BEGIN
	SELECT v.version INTO before FROM rnn_model_versions v
	WHERE v.name = model.name AND v.activated_at IS NOT NULL AND v.version <> model.active_version ORDER BY v.activated_at DESC LIMIT 1;
	IF before IS NULL THEN
		RAISE EXCEPTION 'model "%" has no earlier active version', name USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'rnn_promote makes any version the active one.';
	END IF;
	UPDATE rnn_model_versions v SET activated_at = NULL WHERE v.name = model.name AND v.version = model.active_version;
	UPDATE rnn_models m SET active_version = before WHERE m.name = model.name;
END $$;
COMMENT ON PROCEDURE rnn_rollback(text) IS 'makes the version of a managed model active that was so before; again: the one before that';

CREATE PROCEDURE rnn_drop_model(name text)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	PERFORM rnn_managed_take(name);
	DELETE FROM rnn_models m WHERE m.name = rnn_drop_model.name;
END $$;
COMMENT ON PROCEDURE rnn_drop_model(text) IS 'removes a managed model with all its versions and stored forecasts';

CREATE PROCEDURE rnn_grant(name text, role name, privilege text)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	IF privilege IS NULL OR privilege NOT IN ('read', 'run') THEN
		RAISE EXCEPTION 'the privilege must be read or run, not %', coalesce(privilege, 'null') USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF role <> 'public' THEN
		PERFORM quote_ident(role)::regrole;
	END IF;
	PERFORM rnn_managed_find(name, true);
	UPDATE rnn_models m SET
		readers = CASE WHEN privilege = 'read' THEN array_append(array_remove(m.readers, role), role) ELSE m.readers END,
		runners = CASE WHEN privilege = 'run' THEN array_append(array_remove(m.runners, role), role) ELSE m.runners END
	WHERE m.name = rnn_grant.name;
END $$;
COMMENT ON PROCEDURE rnn_grant(text, name, text) IS
'lets a role (or public) read about a managed model, or also run it: forecast, back-test and look for anomalies with its versions';

CREATE PROCEDURE rnn_revoke(name text, role name)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	PERFORM rnn_managed_find(name, true);
	UPDATE rnn_models m SET readers = array_remove(m.readers, role), runners = array_remove(m.runners, role) WHERE m.name = rnn_revoke.name;
END $$;
COMMENT ON PROCEDURE rnn_revoke(text, name) IS 'takes away what rnn_grant gave a role';

CREATE PROCEDURE rnn_managed_retrain_due(name text, warm_start boolean, promote text)
LANGUAGE plpgsql SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	model rnn_models := rnn_managed_find(name, true);
BEGIN
	IF model.min_new_rows IS NULL AND model.max_age IS NULL THEN
		CALL rnn_retrain(name, warm_start, promote);
	ELSE
		CALL rnn_retrain(name, warm_start, promote, model.min_new_rows, model.max_age);
	END IF;
END $$;
COMMENT ON PROCEDURE rnn_managed_retrain_due(text, boolean, text) IS 'retrains one managed model if it is due by its own rules';

-- Commits after each model, so it cannot run inside a transaction block; therefore no SET clause, and every name in full.
CREATE PROCEDURE rnn_retrain_due(warm_start boolean DEFAULT false, promote text DEFAULT 'if_better')
LANGUAGE plpgsql
AS $$
DECLARE
	names text[];
	one text;
BEGIN
	SELECT pg_catalog.array_agg(m.name ORDER BY m.name) INTO names FROM @extschema@.rnn_models m
	WHERE @extschema@.rnn_has_role(m.owner) AND (m.min_new_rows IS NOT NULL OR m.max_age IS NOT NULL OR m.active_version IS NULL);
	FOREACH one IN ARRAY COALESCE(names, '{}') LOOP
		BEGIN
			CALL @extschema@.rnn_managed_retrain_due(one, warm_start, promote);
		EXCEPTION WHEN OTHERS THEN
			-- one that fails does not keep the others waiting
			RAISE WARNING 'model "%" was not retrained: %', one, SQLERRM;
		END;
		COMMIT;
	END LOOP;
END $$;
COMMENT ON PROCEDURE rnn_retrain_due(boolean, text) IS
'retrains every managed model of the caller that is due by its min_new_rows or max_age, each in a transaction of its own; what fails becomes a warning';
