-- Managed models: found by name, and locked by one process at a time.

CREATE FUNCTION rnn_managed_find(name text, owned boolean) RETURNS rnn_models
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models;
BEGIN
	SELECT m.* INTO model FROM @extschema@.rnn_models m WHERE m.name = rnn_managed_find.name;
	IF model.name IS NULL THEN
		RAISE EXCEPTION 'there is no model "%"', name USING ERRCODE = 'undefined_object',
			HINT = coalesce((SELECT format('Perhaps you meant "%s".', m.name) FROM @extschema@.rnn_models m
					WHERE lower(m.name) = lower(rnn_managed_find.name) LIMIT 1),
				'SELECT name FROM rnn_models lists the models that you may see.'
				|| CASE WHEN EXISTS (SELECT FROM pg_class c WHERE c.relname = rnn_managed_find.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
				THEN format(' There is a table of that name: CALL rnn_create_model(%1$L, ''SELECT ... AS ts, ... AS value FROM %2$s'') trains a model on its rows.',
					rnn_managed_find.name, quote_ident(rnn_managed_find.name)) ELSE '' END);
	END IF;
	-- a superuser has every role, also one that was dropped and left its models
	IF owned AND NOT @extschema@.rnn_has_role(model.owner)
		AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = current_user AND r.rolsuper) THEN
		RAISE EXCEPTION 'permission denied: only the owner of model "%" may do this', name
			USING ERRCODE = 'insufficient_privilege',
			DETAIL = format('It belongs to %I.', model.owner);
	END IF;
	RETURN model;
END $$;
COMMENT ON FUNCTION rnn_managed_find(text, boolean) IS
'a managed model by name; an error if it does not exist, or if the caller must own it and does not';

-- The one lock of managed models.  Row security of rnn_model_locks lets owners take it only.
CREATE FUNCTION rnn_managed_lock(name text) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- a subscriber of logical replication gets models without their triggers
	INSERT INTO @extschema@.rnn_model_locks (name)
	SELECT m.name FROM @extschema@.rnn_models m
	WHERE m.name = rnn_managed_lock.name AND NOT EXISTS (SELECT FROM @extschema@.rnn_model_locks l
		WHERE l.name = m.name)
	ON CONFLICT DO NOTHING;
	PERFORM FROM @extschema@.rnn_model_locks l WHERE l.name = rnn_managed_lock.name FOR UPDATE SKIP LOCKED;
	RETURN FOUND;
END $$;
COMMENT ON FUNCTION rnn_managed_lock(text) IS
'locks a managed model of the caller for this transaction; false while another process holds it';

-- A locked row carries the transaction that locked it, and pg_locks has the process of each transaction.
CREATE FUNCTION rnn_managed_holder(name text) RETURNS integer
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
	SELECT k.pid FROM @extschema@.rnn_model_locks l JOIN pg_locks k ON k.transactionid = l.xmax
	WHERE l.name = $1 AND k.locktype = 'transactionid' AND k.mode = 'ExclusiveLock' AND k.granted
	LIMIT 1
$$;
COMMENT ON FUNCTION rnn_managed_holder(text) IS 'the process that trains or changes a managed model now, or NULL';

CREATE FUNCTION rnn_managed_take(name text) RETURNS rnn_models
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.rnn_managed_find(name, true);
	IF NOT @extschema@.rnn_managed_lock(name) THEN
		RAISE EXCEPTION 'model "%" is being trained or changed by process %', name, @extschema@.rnn_managed_holder(name)
			USING ERRCODE = 'object_in_use', HINT = 'Wait for it, or stop it with rnn_cancel.';
	END IF;
	RETURN @extschema@.rnn_managed_find(name, true);
END $$;
COMMENT ON FUNCTION rnn_managed_take(text) IS 'a managed model that the caller owns, locked for this transaction';

CREATE FUNCTION rnn_managed_bytes(name text, version integer DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	model @extschema@.rnn_models;
	wanted integer;
	bytes bytea;
BEGIN
	IF name IS NULL THEN
		RETURN NULL;
	END IF;
	model := @extschema@.rnn_managed_find(name, false);
	wanted := coalesce(version, model.active_version);
	IF wanted IS NULL THEN
		RAISE EXCEPTION 'model "%" has not been trained yet', name USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'CALL rnn_retrain to train it.';
	END IF;
	SELECT b.model INTO bytes FROM @extschema@.rnn_model_bytes b WHERE b.name = rnn_managed_bytes.name
		AND b.version = wanted;
	IF bytes IS NULL THEN
		IF EXISTS (SELECT FROM @extschema@.rnn_model_versions v WHERE v.name = rnn_managed_bytes.name
			AND v.version = wanted) THEN
			RAISE EXCEPTION 'permission denied to run model "%"', name USING ERRCODE = 'insufficient_privilege',
				HINT = 'Its owner may allow it: CALL rnn_grant(model, role, ''run'').';
		END IF;
		RAISE EXCEPTION 'model "%" has no version %', name, wanted USING ERRCODE = 'undefined_object',
			HINT = format('SELECT version FROM @extschema@.rnn_model_versions WHERE name = %L lists them.', name);
	END IF;
	RETURN bytes;
END $$;
COMMENT ON FUNCTION rnn_managed_bytes(text, integer) IS
'the model of a version of a managed model, by default of the active one, as rnn_train made it';
