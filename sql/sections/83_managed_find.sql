-- Managed models: found by name, and taken by one process at a time.

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
