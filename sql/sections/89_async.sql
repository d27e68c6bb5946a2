-- Training in the background, by a worker process that acts as the caller.

-- What has happened; what is going on is told by locks (rnn_jobs), so a killed worker leaves no row to repair.
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
COMMENT ON TABLE rnn_job_log IS 'trainings in the background: what was asked for, when it began and ended, its result or error; rnn_jobs adds the state';
GRANT SELECT, INSERT, UPDATE, DELETE ON rnn_job_log TO PUBLIC;
ALTER TABLE rnn_job_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON rnn_job_log USING (rnn_has_role(role)) WITH CHECK (rnn_has_role(role));

CREATE FUNCTION rnn_job_pid(job uuid) RETURNS integer
LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pid FROM pg_locks
	WHERE locktype = 'advisory' AND granted AND objsubid = 2
	  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	  AND classid::bigint = hashtext('forecast_rnn job')::bigint & 4294967295
	  AND objid::bigint = hashtext(job::text)::bigint & 4294967295
	LIMIT 1
$$;
COMMENT ON FUNCTION rnn_job_pid(uuid) IS 'the process that works on a job now, or NULL';

-- With the reader's rights to rnn_job_log, not the view's owner's: a function does that on every server version.
CREATE FUNCTION rnn_job_list()
	RETURNS TABLE(job uuid, name text, role name, state text, pid integer, queued_at timestamptz, started_at timestamptz,
	finished_at timestamptz, result text, sqlstate text, error text)
LANGUAGE sql VOLATILE PARALLEL RESTRICTED SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
	SELECT j.job, j.name, j.role,
		CASE WHEN j.finished_at IS NOT NULL THEN CASE WHEN j.error IS NULL THEN 'succeeded' WHEN j.sqlstate = '57014' THEN 'cancelled' ELSE 'failed' END
			WHEN j.at_work IS NOT NULL AND j.started_at IS NOT NULL THEN 'running'
			-- a worker takes its lock as soon as it is born
			WHEN j.at_work IS NOT NULL OR j.started_at IS NULL AND j.queued_at > clock_timestamp() - interval '5 s' THEN 'queued'
			ELSE 'interrupted' END,
		j.pid, j.queued_at, j.started_at, j.finished_at, j.result, j.sqlstate, j.error
	FROM (SELECT l.*, CASE WHEN l.finished_at IS NULL THEN rnn_job_pid(l.job) END AS at_work FROM rnn_job_log l) j
$$;
COMMENT ON FUNCTION rnn_job_list() IS 'trainings in the background of roles whose privileges the caller has: see rnn_jobs';

CREATE VIEW rnn_jobs AS SELECT * FROM rnn_job_list();
COMMENT ON VIEW rnn_jobs IS 'trainings in the background: queued, running, succeeded, failed, cancelled or interrupted (its process is gone)';
GRANT SELECT ON rnn_jobs TO PUBLIC;

CREATE FUNCTION rnn_async_launch(job uuid) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION rnn_async_launch(uuid) IS 'starts a worker for a job of rnn_job_log; it waits for the caller''s transaction to commit';

CREATE FUNCTION rnn_train_async(name text, warm_start boolean DEFAULT false, promote text DEFAULT 'if_better',
	min_new_rows bigint DEFAULT NULL, max_age interval DEFAULT NULL, options jsonb DEFAULT NULL, network jsonb DEFAULT NULL,
	settings jsonb DEFAULT pg_catalog.jsonb_build_object('search_path', pg_catalog.current_setting('search_path')))
	RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
DECLARE
	id uuid;
	known jsonb;
BEGIN
	PERFORM rnn_managed_find(name, true);
	SELECT jsonb_object_agg(s, current_setting(s)) INTO known
	FROM unnest(ARRAY['row_security', 'TimeZone', 'DateStyle', 'maintenance_work_mem', 'work_mem', 'lock_timeout']) s;
	INSERT INTO rnn_job_log (name, arguments, settings) VALUES (rnn_train_async.name, jsonb_build_object('warm_start', warm_start, 'promote', promote,
		'min_new_rows', min_new_rows, 'max_age', max_age, 'options', options, 'network', network), known || rnn_train_async.settings)
	RETURNING rnn_job_log.job INTO id;
	PERFORM rnn_async_launch(id);
	RETURN id;
END $$;
COMMENT ON FUNCTION rnn_train_async(text, boolean, text, bigint, interval, jsonb, jsonb, jsonb) IS
'rnn_retrain in the background, as the caller and with the caller''s settings, once the calling transaction has committed; returns the job, whose state and result are in rnn_jobs';

-- Called by the worker, each in a transaction of its own.
CREATE FUNCTION rnn_async_begin(job uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	UPDATE rnn_job_log l SET started_at = clock_timestamp(), pid = pg_backend_pid()
	WHERE l.job = rnn_async_begin.job AND l.started_at IS NULL AND l.role = current_user;
	RETURN FOUND;
END $$;
COMMENT ON FUNCTION rnn_async_begin(uuid) IS 'for the worker: begins a job; false when it is not there, or begun already';

CREATE FUNCTION rnn_async_run(job uuid) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
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
		PERFORM pg_catalog.set_config(s.key, s.value, true) FROM pg_catalog.jsonb_each_text(task.settings) s;
		SELECT pg_catalog.max(v.version) INTO before FROM @extschema@.rnn_model_versions v WHERE v.name = task.name;
		CALL @extschema@.rnn_retrain(task.name, (task.arguments->>'warm_start')::pg_catalog.bool, task.arguments->>'promote',
			(task.arguments->>'min_new_rows')::pg_catalog.int8, (task.arguments->>'max_age')::pg_catalog.interval,
			NULLIF(task.arguments->'options', 'null'), NULLIF(task.arguments->'network', 'null'));
		SELECT CASE WHEN v.version > COALESCE(before, 0) THEN pg_catalog.format('version %s, %s', v.version,
			CASE v.version WHEN m.active_version THEN 'active' ELSE 'not promoted' END) END
		INTO outcome FROM @extschema@.rnn_models m JOIN @extschema@.rnn_model_versions v USING (name)
		WHERE m.name = task.name ORDER BY v.version DESC LIMIT 1;
	EXCEPTION WHEN query_canceled OR OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
	END;
	UPDATE @extschema@.rnn_job_log l SET finished_at = pg_catalog.clock_timestamp(), error = message, sqlstate = state,
		result = CASE WHEN message IS NULL THEN COALESCE(outcome, 'nothing to do') END
	WHERE l.job = task.job;
END $$;
COMMENT ON FUNCTION rnn_async_run(uuid) IS 'for the worker: does a job and records its result or error';

CREATE FUNCTION rnn_cancel(name text) RETURNS integer
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, @extschema@, pg_temp
AS $$
BEGIN
	PERFORM rnn_managed_find(name, true);
	RETURN (SELECT count(*) FILTER (WHERE pg_cancel_backend(p.pid)) FROM (
		SELECT rnn_managed_holder(name) AS pid
		UNION SELECT rnn_job_pid(l.job) FROM rnn_job_log l WHERE l.name = rnn_cancel.name AND l.finished_at IS NULL) p
		WHERE p.pid <> pg_backend_pid());
END $$;
COMMENT ON FUNCTION rnn_cancel(text) IS 'cancels the training of a managed model, in the background or in another session; returns how many processes were told';
