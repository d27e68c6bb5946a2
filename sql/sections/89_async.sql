-- Training in the background, by a worker process whose session role is the caller's role.

-- What has happened.  What is going on is read from the server's list of processes (rnn_job_pid), so a killed worker
-- leaves no row to repair.
CREATE TABLE rnn_job_log (
	job uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL,
	role name NOT NULL DEFAULT current_user,
	arguments jsonb NOT NULL,
	settings jsonb NOT NULL,
	queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	pid integer,
	started_at timestamptz,
	finished_at timestamptz,
	result text,
	sqlstate text,
	error text
);
COMMENT ON TABLE rnn_job_log IS
'trainings in the background: arguments, start and end, result or error; rnn_jobs adds the state';
GRANT SELECT, INSERT, UPDATE, DELETE ON rnn_job_log TO PUBLIC;
ALTER TABLE rnn_job_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON rnn_job_log USING (rnn_has_role(role) AND role <> 'public');
-- nobody queues a job for another role, not even for one that the caller is a member of
CREATE POLICY caller ON rnn_job_log AS RESTRICTIVE FOR INSERT WITH CHECK (role = current_user);

-- The backend type is set by the server when it starts the worker; the worker has started before the job.
CREATE FUNCTION rnn_job_pid(job uuid) RETURNS integer
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
	SELECT a.pid FROM @extschema@.rnn_job_log l JOIN pg_stat_activity a ON a.pid = l.pid AND a.usename = l.role
	WHERE l.job = $1 AND l.finished_at IS NULL AND a.datname = current_database()
	  AND a.backend_type = 'forecast_rnn training' AND a.backend_start <= l.started_at
$$;
COMMENT ON FUNCTION rnn_job_pid(uuid) IS 'the process that works on a job now, or NULL';

-- With the reader's rights to rnn_job_log, not the view's owner's: a function does that on every server version.
CREATE FUNCTION rnn_job_list()
	RETURNS TABLE(job uuid, name text, role name, state text, pid integer, queued_at timestamptz,
		started_at timestamptz,
	finished_at timestamptz, result text, sqlstate text, error text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
	SELECT j.job, j.name, j.role,
		CASE WHEN j.finished_at IS NOT NULL THEN CASE WHEN j.error IS NULL THEN 'succeeded' WHEN j.sqlstate = '57014'
			THEN 'cancelled' ELSE 'failed' END
			WHEN j.worker IS NOT NULL THEN 'running'
			-- a worker starts its job within moments of the commit
			WHEN j.started_at IS NULL AND j.queued_at > clock_timestamp() - interval '5 s' THEN 'queued'
			ELSE 'interrupted' END,
		j.pid, j.queued_at, j.started_at, j.finished_at, j.result, j.sqlstate, j.error
	FROM (SELECT l.*, @extschema@.rnn_job_pid(l.job) AS worker FROM @extschema@.rnn_job_log l) j
$$;
COMMENT ON FUNCTION rnn_job_list() IS
'trainings in the background of roles whose privileges the caller has: see rnn_jobs';

CREATE VIEW rnn_jobs AS SELECT * FROM rnn_job_list();
COMMENT ON VIEW rnn_jobs IS
'trainings in the background: queued, running, succeeded, failed, cancelled or interrupted (not started, or its process is gone)';
GRANT SELECT ON rnn_jobs TO PUBLIC;

CREATE FUNCTION rnn_async_launch(job uuid) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION rnn_async_launch(uuid) IS
'starts a worker for a queued job of the current role, once the transaction has committed';

-- The settings that a job takes along.  search_path is none of them: the query of a model has its own.
CREATE FUNCTION rnn_job_settings() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT ARRAY['row_security', 'TimeZone', 'DateStyle', 'maintenance_work_mem', 'work_mem', 'lock_timeout'] $$;
COMMENT ON FUNCTION rnn_job_settings() IS
'names of the settings that a training in the background takes along from its caller';

-- Each value is set with the rights of the current role, so the server checks it as in a session.
CREATE FUNCTION rnn_job_apply(settings jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	setting record;
BEGIN
	FOR setting IN SELECT s.key, s.value FROM jsonb_each_text(settings) s LOOP
		IF NOT setting.key = ANY (@extschema@.rnn_job_settings()) THEN
			RAISE EXCEPTION 'setting % cannot be given to a training in the background', quote_ident(setting.key)
				USING ERRCODE = 'invalid_parameter_value',
				HINT = format('These can: %s.', array_to_string(@extschema@.rnn_job_settings(), ', '));
		END IF;
		PERFORM set_config(setting.key, setting.value, true);
	END LOOP;
END $$;
COMMENT ON FUNCTION rnn_job_apply(jsonb) IS
'sets the settings of a job for this transaction; an error for names that are not in rnn_job_settings()';

CREATE FUNCTION rnn_train_async(name text, warm_start boolean DEFAULT false, promote text DEFAULT 'if_better',
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, options jsonb DEFAULT NULL,
		network jsonb DEFAULT NULL,
	settings jsonb DEFAULT '{}')
	RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	id uuid;
	known jsonb;
BEGIN
	PERFORM @extschema@.rnn_managed_find(name, true);
	SELECT jsonb_object_agg(s, current_setting(s)) INTO known FROM unnest(@extschema@.rnn_job_settings()) s;
	known := known || coalesce(rnn_train_async.settings, '{}');
	BEGIN
		PERFORM @extschema@.rnn_job_apply(known);
		-- checked: the end of the block restores them
		RAISE EXCEPTION USING ERRCODE = 'FR001', MESSAGE = 'the settings are valid';
	EXCEPTION WHEN SQLSTATE 'FR001' THEN
		NULL;
	END;
	INSERT INTO @extschema@.rnn_job_log (name, arguments, settings)
	VALUES (rnn_train_async.name, jsonb_build_object('warm_start', warm_start, 'promote', promote, 'min_new_rows',
		min_new_rows,
		'max_age', max_age, 'options', options, 'network', network), known)
	RETURNING rnn_job_log.job INTO id;
	PERFORM @extschema@.rnn_async_launch(id);
	RETURN id;
END $$;
COMMENT ON FUNCTION rnn_train_async(text, boolean, text, bigint, interval, jsonb, jsonb, jsonb) IS
'rnn_retrain in the background, as the current role and with its time zone and memory settings, once the calling transaction has committed; returns the job, whose state and result are in rnn_jobs';

-- Called by the worker, each in a transaction of its own.  A job that somebody holds is not waited for.
CREATE FUNCTION rnn_async_begin(job uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM FROM @extschema@.rnn_job_log l
	WHERE l.job = rnn_async_begin.job AND l.started_at IS NULL AND l.role = current_user FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	UPDATE @extschema@.rnn_job_log l SET started_at = clock_timestamp(), pid = pg_backend_pid()
		WHERE l.job = rnn_async_begin.job;
	RETURN FOUND;
END $$;
COMMENT ON FUNCTION rnn_async_begin(uuid) IS
'for the worker: starts a job; false if it does not exist, is held by another process or was started before';

CREATE FUNCTION rnn_async_run(job uuid) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	task @extschema@.rnn_job_log;
	before integer;
	message text;
	state text;
	outcome text;
BEGIN
	SELECT l.* INTO task FROM @extschema@.rnn_job_log l WHERE l.job = rnn_async_run.job AND l.role = current_user;
	IF task.job IS NULL THEN
		RETURN;
	END IF;
	BEGIN
		PERFORM @extschema@.rnn_job_apply(task.settings);
		SELECT max(v.version) INTO before FROM @extschema@.rnn_model_versions v WHERE v.name = task.name;
		CALL @extschema@.rnn_retrain(task.name, (task.arguments->>'warm_start')::boolean, task.arguments->>'promote',
			(task.arguments->>'min_new_rows')::bigint, (task.arguments->>'max_age')::interval,
			nullif(task.arguments->'options', 'null'), nullif(task.arguments->'network', 'null'));
		SELECT CASE WHEN v.version > coalesce(before, 0) THEN format('version %s, %s', v.version,
			CASE v.version WHEN m.active_version THEN 'active' ELSE 'not promoted' END) END
		INTO outcome FROM @extschema@.rnn_models m JOIN @extschema@.rnn_model_versions v USING (name)
		WHERE m.name = task.name ORDER BY v.version DESC LIMIT 1;
	EXCEPTION WHEN query_canceled OR OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
	END;
	UPDATE @extschema@.rnn_job_log l SET finished_at = clock_timestamp(), error = message, sqlstate = state,
		result = CASE WHEN message IS NULL THEN coalesce(outcome, 'nothing to do') END
	WHERE l.job = task.job;
END $$;
COMMENT ON FUNCTION rnn_async_run(uuid) IS 'for the worker: does a job and records its result or error';

CREATE FUNCTION rnn_cancel(name text) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM @extschema@.rnn_managed_find(name, true);
	RETURN (SELECT count(*) FILTER (WHERE pg_cancel_backend(p.pid)) FROM (
		SELECT @extschema@.rnn_managed_holder(name) AS pid
		UNION SELECT @extschema@.rnn_job_pid(l.job) FROM @extschema@.rnn_job_log l WHERE l.name = rnn_cancel.name
			AND l.finished_at IS NULL) p
		WHERE p.pid <> pg_backend_pid());
END $$;
COMMENT ON FUNCTION rnn_cancel(text) IS
'cancels the training of a managed model, in the background or in another session; returns the number of processes that were signalled';
