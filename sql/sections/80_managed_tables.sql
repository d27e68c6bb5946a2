-- Managed models: the registry.  Rows belong to roles.  Roles are kept by name, so that a
-- dump can be restored where they have other numbers, or do not exist yet.
--
-- The schema of the extension may be one where others may create objects.  Therefore functions
-- pin search_path to pg_catalog and pg_temp, name the extension's own objects in full, and call
-- its functions with all arguments in their exact types: an overload in the same schema is never
-- the better match.  Policies and views, which are bound when the extension is created, name
-- functions and operators whose arguments are not exact in full as well.

CREATE FUNCTION rnn_has_role(role name) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT $1 = 'public' OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND pg_has_role(r.oid, 'USAGE')) $$;
COMMENT ON FUNCTION rnn_has_role(name) IS
'whether the current role has the privileges of a role; false if the role does not exist';

CREATE TABLE rnn_models (
	name text PRIMARY KEY CHECK (name <> ''),
	owner name NOT NULL DEFAULT current_user,
	query text NOT NULL,
	search_path text NOT NULL,
	columns jsonb NOT NULL,
	network jsonb,
	options jsonb NOT NULL DEFAULT '{}',
	active_version integer,
	min_new_rows bigint CHECK (min_new_rows > 0),
	max_age interval CHECK (max_age > interval '0'),
	keep_versions integer NOT NULL DEFAULT 5 CHECK (keep_versions BETWEEN 2 AND 10000),
	readers name[] NOT NULL DEFAULT '{}',
	runners name[] NOT NULL DEFAULT '{}',
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE rnn_models IS
'managed models: the query that brings the rows, the network and options, the version in use, who may read and run them';

CREATE TABLE rnn_model_versions (
	name text NOT NULL REFERENCES rnn_models ON DELETE CASCADE,
	version integer NOT NULL CHECK (version > 0),
	network jsonb,
	options jsonb NOT NULL,
	warm_start boolean NOT NULL,
	choice text,
	sha256 text NOT NULL,
	trained_by name NOT NULL,
	snapshot text NOT NULL,
	rows bigint NOT NULL,
	series bigint NOT NULL,
	first_time text NOT NULL,
	last_time text NOT NULL,
	value_min float8, value_max float8, value_mean float8, value_sd float8,
	judged_by text NOT NULL,
	judged_rows bigint,
	loss float8, naive_loss float8, skill float8,
	champion integer, champion_loss float8,
	history jsonb,
	train_seconds float8 NOT NULL, total_seconds float8 NOT NULL,
	created_at timestamptz NOT NULL,
	activated_at timestamptz,
	PRIMARY KEY (name, version)
);
COMMENT ON TABLE rnn_model_versions IS
'lineage of each trained version of a managed model; only activated_at ever changes';

-- The bytes have a table of their own: row security hides whole rows, and a role that may read about a model need not have its bytes.
CREATE TABLE rnn_model_bytes (
	name text NOT NULL,
	version integer NOT NULL,
	model bytea NOT NULL,
	PRIMARY KEY (name, version),
	FOREIGN KEY (name, version) REFERENCES rnn_model_versions ON DELETE CASCADE
);
ALTER TABLE rnn_model_bytes ALTER model SET STORAGE EXTERNAL;
COMMENT ON TABLE rnn_model_bytes IS 'the model of each version of a managed model, as rnn_train made it; never changed';

-- A training holds its model's row here, by FOR UPDATE: the owner's rights are needed for that, and
-- grants and rules in rnn_models can still be changed meanwhile.  Not dumped: the trigger adds the rows.
CREATE TABLE rnn_model_locks (
	name text PRIMARY KEY REFERENCES rnn_models ON DELETE CASCADE ON UPDATE CASCADE
);
COMMENT ON TABLE rnn_model_locks IS
'one row per managed model, which the process that trains or changes the model locks';

CREATE TABLE rnn_forecasts (
	name text NOT NULL,
	version integer NOT NULL,
	made_at timestamptz NOT NULL,
	series_id text,
	forecast_timestamp timestamptz,
	forecast_time text NOT NULL,
	step integer NOT NULL,
	forecast_value float8,
	confidence_level float8,
	prediction_interval_lower_bound float8,
	prediction_interval_upper_bound float8,
	FOREIGN KEY (name) REFERENCES rnn_models ON DELETE CASCADE
);
CREATE INDEX rnn_forecasts_name ON rnn_forecasts (name, made_at);
COMMENT ON TABLE rnn_forecasts IS
'forecasts stored by rnn_store_forecast; forecast_time is the time as text in the type of the axis';

CREATE FUNCTION rnn_add_lock() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO @extschema@.rnn_model_locks (name) VALUES (NEW.name) ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION rnn_add_lock() IS 'trigger: a managed model has a row in rnn_model_locks';

CREATE TRIGGER rnn_add_lock AFTER INSERT ON rnn_models FOR EACH ROW EXECUTE FUNCTION rnn_add_lock();

-- ---- nothing trained is ever changed ----

CREATE FUNCTION rnn_keep_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF to_jsonb(OLD) - 'activated_at' IS DISTINCT FROM to_jsonb(NEW) - 'activated_at' THEN
		RAISE EXCEPTION 'version % of model "%" cannot be changed', OLD.version, OLD.name
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Train another version.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION rnn_keep_version() IS 'trigger: versions of managed models do not change';

CREATE FUNCTION rnn_keep_bytes() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION 'version % of model "%" cannot be changed', OLD.version, OLD.name
		USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Train another version.';
END $$;
COMMENT ON FUNCTION rnn_keep_bytes() IS 'trigger: the bytes of managed models do not change';

CREATE TRIGGER rnn_keep_version BEFORE UPDATE ON rnn_model_versions FOR EACH ROW EXECUTE FUNCTION rnn_keep_version();
CREATE TRIGGER rnn_keep_bytes BEFORE UPDATE ON rnn_model_bytes FOR EACH ROW EXECUTE FUNCTION rnn_keep_bytes();

-- ---- who sees what ----

GRANT SELECT, INSERT, UPDATE, DELETE ON rnn_models, rnn_model_versions, rnn_model_bytes, rnn_model_locks,
	rnn_forecasts TO PUBLIC;
ALTER TABLE rnn_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE rnn_model_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE rnn_model_bytes ENABLE ROW LEVEL SECURITY;
ALTER TABLE rnn_model_locks ENABLE ROW LEVEL SECURITY;
ALTER TABLE rnn_forecasts ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner ON rnn_models USING (rnn_has_role(owner) AND owner <> 'public');
CREATE POLICY granted ON rnn_models FOR SELECT
	USING (EXISTS (SELECT FROM pg_catalog.unnest(readers OPERATOR(pg_catalog.||) runners) r(role)
		WHERE rnn_has_role(r.role)));

CREATE POLICY owner ON rnn_model_versions
	USING (EXISTS (SELECT FROM rnn_models m WHERE m.name = rnn_model_versions.name AND rnn_has_role(m.owner)));
CREATE POLICY granted ON rnn_model_versions FOR SELECT
	USING (EXISTS (SELECT FROM rnn_models m WHERE m.name = rnn_model_versions.name));

CREATE POLICY owner ON rnn_model_bytes
	USING (EXISTS (SELECT FROM rnn_models m WHERE m.name = rnn_model_bytes.name AND rnn_has_role(m.owner)));
CREATE POLICY granted ON rnn_model_bytes FOR SELECT
	USING (EXISTS (SELECT FROM rnn_models m, pg_catalog.unnest(m.runners) r(role)
	               WHERE m.name = rnn_model_bytes.name AND rnn_has_role(r.role)));

CREATE POLICY owner ON rnn_model_locks
	USING (EXISTS (SELECT FROM rnn_models m WHERE m.name = rnn_model_locks.name AND rnn_has_role(m.owner)));

CREATE POLICY owner ON rnn_forecasts
	USING (EXISTS (SELECT FROM rnn_models m WHERE m.name = rnn_forecasts.name AND rnn_has_role(m.owner)));
CREATE POLICY granted ON rnn_forecasts FOR SELECT
	USING (EXISTS (SELECT FROM rnn_models m, pg_catalog.unnest(m.runners) r(role)
	               WHERE m.name = rnn_forecasts.name AND rnn_has_role(r.role)));

-- pg_dump includes the rows.
SELECT pg_catalog.pg_extension_config_dump('rnn_models', '');
SELECT pg_catalog.pg_extension_config_dump('rnn_model_versions', '');
SELECT pg_catalog.pg_extension_config_dump('rnn_model_bytes', '');
SELECT pg_catalog.pg_extension_config_dump('rnn_forecasts', '');
