-- Managed models: made, trained again, promoted, rolled back, dropped, granted.

CREATE PROCEDURE rnn_create_model(name text, query text, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL,
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, keep_versions integer DEFAULT 5,
		train boolean DEFAULT true,
	query_search_path text DEFAULT pg_catalog.current_setting('search_path'))
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models;
BEGIN
	IF name IS NULL OR name = '' OR query IS NULL THEN
		RAISE EXCEPTION 'a model needs a name and a query' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	-- an object of options in the network's place
	IF jsonb_typeof(network) = 'object' AND NOT network ?| ARRAY['layer', 'class_name'] THEN
		IF options IS NOT NULL THEN
			RAISE EXCEPTION 'options stand in the place of the network and in their own'
				USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Leave the network null, or pass layers, for example rnn_lstm(32).';
		END IF;
		options := network;
		network := NULL;
	END IF;
	IF keep_versions NOT BETWEEN 2 AND 10000 OR min_new_rows < 1 OR max_age <= interval '0' THEN
		RAISE EXCEPTION '%', CASE WHEN keep_versions NOT BETWEEN 2 AND 10000
			THEN format('keep_versions must be between 2 and 10000, not %s', keep_versions)
			WHEN min_new_rows < 1 THEN format('min_new_rows must be at least 1, not %s', min_new_rows)
			ELSE format('max_age must be positive, not %s', max_age) END USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- in a block of its own, since columns and parameters have the same names
	<<put>>
	DECLARE
		statement text := @extschema@.rnn_query_check(query);
		shape jsonb := @extschema@.rnn_managed_columns(name, current_user, query_search_path, statement);
	BEGIN
		INSERT INTO @extschema@.rnn_models (name, query, search_path, columns, network, options, min_new_rows, max_age,
			keep_versions)
		VALUES (rnn_create_model.name, statement, query_search_path, shape, rnn_create_model.network,
			coalesce(rnn_create_model.options, '{}'),
			rnn_create_model.min_new_rows, rnn_create_model.max_age, coalesce(rnn_create_model.keep_versions, 5))
		RETURNING * INTO model;
	EXCEPTION WHEN unique_violation THEN
		RAISE EXCEPTION 'there is a model "%" already', name USING ERRCODE = 'duplicate_object',
			HINT = 'Choose another name. Models of other roles may be hidden from you.';
	END;
	PERFORM @extschema@.rnn_managed_lock(name);
	IF train THEN
		PERFORM @extschema@.rnn_managed_train(model, false, 'always'::text, NULL::jsonb, NULL::jsonb);
	END IF;
END $$;
COMMENT ON PROCEDURE rnn_create_model(text, text, jsonb, jsonb, bigint, interval, integer, boolean, text) IS
'makes a managed model from a query that returns ts, value and, where there are several, series; all its other columns are covariates';

CREATE PROCEDURE rnn_create_model(name text, query text, network text, options jsonb DEFAULT NULL,
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, keep_versions integer DEFAULT 5,
		train boolean DEFAULT true,
	query_search_path text DEFAULT pg_catalog.current_setting('search_path'))
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CALL @extschema@.rnn_create_model(name, query, CASE WHEN network ~ '^[[:alpha:]_]+$' AND network <> 'null'
		THEN to_jsonb(network) ELSE network::jsonb END, options, min_new_rows, max_age, keep_versions, train,
		query_search_path);
END $$;
COMMENT ON PROCEDURE rnn_create_model(text, text, text, jsonb, bigint, interval, integer, boolean, text) IS
'rnn_create_model with the network as a literal: JSON text, or the name ridge';

CREATE PROCEDURE rnn_retrain(name text, warm_start boolean DEFAULT false, promote text DEFAULT 'if_better',
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, options jsonb DEFAULT NULL,
		network jsonb DEFAULT NULL)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models;
BEGIN
	IF promote IS NULL OR promote NOT IN ('if_better', 'always', 'never') THEN
		RAISE EXCEPTION 'promote must be if_better, always or never, not %', coalesce(promote, 'null')
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF min_new_rows < 1 OR max_age <= interval '0' THEN
		RAISE EXCEPTION '%', CASE WHEN min_new_rows < 1 THEN format('min_new_rows must be at least 1, not %s',
			min_new_rows)
			ELSE format('max_age must be positive, not %s', max_age) END USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- on a standby the server refuses this now, not after the training
	DELETE FROM @extschema@.rnn_models WHERE false;
	model := @extschema@.rnn_managed_find(name, true);
	IF NOT @extschema@.rnn_managed_lock(name) THEN
		RAISE NOTICE 'model "%" is being trained or changed by process %: nothing done', name,
			@extschema@.rnn_managed_holder(name);
		RETURN;
	END IF;
	model := @extschema@.rnn_managed_find(name, true);
	IF (min_new_rows IS NOT NULL OR max_age IS NOT NULL) AND @extschema@.rnn_managed_due(model, min_new_rows,
		max_age) IS NULL THEN
		RAISE NOTICE 'model "%" needs no retrain yet', name;
		RETURN;
	END IF;
	PERFORM @extschema@.rnn_managed_train(model, coalesce(warm_start, false), promote, network, options);
END $$;
COMMENT ON PROCEDURE rnn_retrain(text, boolean, text, bigint, interval, jsonb, jsonb) IS
'trains a managed model again on what its query returns now; promoted if it beats the active version on held-back rows, always, or never; with min_new_rows or max_age only when one of them is reached';

CREATE PROCEDURE rnn_promote(name text, version integer)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.rnn_managed_take(name);
	IF version IS NULL THEN
		RAISE EXCEPTION 'a version must be given' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	PERFORM @extschema@.rnn_managed_bytes(name, version);
	PERFORM @extschema@.rnn_managed_activate(name, version);
END $$;
COMMENT ON PROCEDURE rnn_promote(text, integer) IS 'makes a version of a managed model the active one';

CREATE PROCEDURE rnn_rollback(name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models := @extschema@.rnn_managed_take(name);
	before integer;
BEGIN
	SELECT v.version INTO before FROM @extschema@.rnn_model_versions v
	WHERE v.name = model.name AND v.activated_at IS NOT NULL AND v.version <> model.active_version
		ORDER BY v.activated_at DESC LIMIT 1;
	IF before IS NULL THEN
		RAISE EXCEPTION 'model "%" has no earlier active version', name
			USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'rnn_promote makes any version the active one.';
	END IF;
	UPDATE @extschema@.rnn_model_versions v SET activated_at = NULL WHERE v.name = model.name
		AND v.version = model.active_version;
	UPDATE @extschema@.rnn_models m SET active_version = before WHERE m.name = model.name;
END $$;
COMMENT ON PROCEDURE rnn_rollback(text) IS
'makes the version of a managed model active that was so before; again: the one before that';

CREATE PROCEDURE rnn_drop_model(name text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.rnn_managed_take(name);
	DELETE FROM @extschema@.rnn_models m WHERE m.name = rnn_drop_model.name;
END $$;
COMMENT ON PROCEDURE rnn_drop_model(text) IS 'removes a managed model with all its versions and stored forecasts';

CREATE PROCEDURE rnn_grant(name text, role name, privilege text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF privilege IS NULL OR privilege NOT IN ('read', 'run') THEN
		RAISE EXCEPTION 'the privilege must be read or run, not %', coalesce(privilege, 'null')
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF role <> 'public' THEN
		PERFORM quote_ident(role)::regrole;
	END IF;
	PERFORM @extschema@.rnn_managed_find(name, true);
	UPDATE @extschema@.rnn_models m SET
		readers = CASE WHEN privilege = 'read' THEN array_append(array_remove(m.readers, role), role) ELSE m.readers
			END,
		runners = CASE WHEN privilege = 'run' THEN array_append(array_remove(m.runners, role), role) ELSE m.runners END
	WHERE m.name = rnn_grant.name;
END $$;
COMMENT ON PROCEDURE rnn_grant(text, name, text) IS
'lets a role (or public) read about a managed model, or also run it: forecast, back-test and look for anomalies with its versions';

CREATE PROCEDURE rnn_revoke(name text, role name)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.rnn_managed_find(name, true);
	UPDATE @extschema@.rnn_models m SET readers = array_remove(m.readers, role), runners = array_remove(m.runners, role)
		WHERE m.name = rnn_revoke.name;
END $$;
COMMENT ON PROCEDURE rnn_revoke(text, name) IS 'takes away what rnn_grant gave a role';

CREATE PROCEDURE rnn_managed_retrain_due(name text, warm_start boolean, promote text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models := @extschema@.rnn_managed_find(name, true);
BEGIN
	IF model.min_new_rows IS NULL AND model.max_age IS NULL THEN
		CALL @extschema@.rnn_retrain(name, warm_start, promote, NULL::bigint, NULL::interval, NULL::jsonb, NULL::jsonb);
	ELSE
		CALL @extschema@.rnn_retrain(name, warm_start, promote, model.min_new_rows, model.max_age, NULL::jsonb,
			NULL::jsonb);
	END IF;
END $$;
COMMENT ON PROCEDURE rnn_managed_retrain_due(text, boolean, text) IS
'retrains one managed model if it is due by its own rules';

-- Commits after each model, which a procedure with a SET clause cannot do.  Therefore every name is written in full.
CREATE PROCEDURE rnn_retrain_due(warm_start boolean DEFAULT false, promote text DEFAULT 'if_better')
LANGUAGE plpgsql
AS $$
DECLARE
	names pg_catalog.text[];
	one pg_catalog.text;
BEGIN
	SELECT pg_catalog.array_agg(m.name ORDER BY m.name) INTO names FROM @extschema@.rnn_models m
	WHERE @extschema@.rnn_has_role(m.owner) AND (m.min_new_rows IS NOT NULL OR m.max_age IS NOT NULL
		OR m.active_version IS NULL);
	FOREACH one IN ARRAY COALESCE(names, '{}') LOOP
		BEGIN
			CALL @extschema@.rnn_managed_retrain_due(one, warm_start, promote);
		EXCEPTION WHEN OTHERS THEN
			-- the others are trained even if one fails
			RAISE WARNING 'model "%" was not retrained: %', one, SQLERRM;
		END;
		COMMIT;
	END LOOP;
END $$;
COMMENT ON PROCEDURE rnn_retrain_due(boolean, text) IS
'retrains every managed model of the caller that is due by its min_new_rows or max_age, each in a transaction of its own; what fails becomes a warning';
