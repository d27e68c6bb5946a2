-- Forecasts of more series than one panel should hold: one model of a sample, the series in chunks.

CREATE TABLE rnn_chunk_runs (
	owner name NOT NULL DEFAULT current_user,
	run text NOT NULL CHECK (run <> ''),
	query text NOT NULL,
	search_path text NOT NULL,
	target text NOT NULL,
	horizon integer,
	confidence_level float8,
	options jsonb NOT NULL DEFAULT '{}',
	model bytea,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (owner, run)
);
ALTER TABLE rnn_chunk_runs ALTER model SET STORAGE EXTERNAL;
COMMENT ON TABLE rnn_chunk_runs IS
'runs of rnn_forecast_chunks: the query that brings the rows, the table that takes the forecasts, the model';

CREATE TABLE rnn_chunks (
	owner name NOT NULL DEFAULT current_user,
	run text NOT NULL,
	chunk integer NOT NULL CHECK (chunk > 0),
	first_series text NOT NULL,
	series bigint NOT NULL,
	rows bigint,
	series_with_status bigint,
	seconds float8,
	pid integer,
	finished_at timestamptz,
	PRIMARY KEY (owner, run, chunk),
	FOREIGN KEY (owner, run) REFERENCES rnn_chunk_runs ON DELETE CASCADE
);
COMMENT ON TABLE rnn_chunks IS
'progress of rnn_forecast_chunks: one row per chunk of series; finished_at is null until its forecasts are stored';

GRANT SELECT, INSERT, UPDATE, DELETE ON rnn_chunk_runs, rnn_chunks TO PUBLIC;
ALTER TABLE rnn_chunk_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE rnn_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner ON rnn_chunk_runs USING (rnn_has_role(owner) AND owner <> 'public');
CREATE POLICY owner ON rnn_chunks USING (rnn_has_role(owner) AND owner <> 'public');
-- a run is continued by its owner; nobody makes one for another role
CREATE POLICY caller ON rnn_chunk_runs AS RESTRICTIVE FOR INSERT WITH CHECK (owner = current_user);
CREATE POLICY caller ON rnn_chunks AS RESTRICTIVE FOR INSERT WITH CHECK (owner = current_user);
CREATE POLICY keep ON rnn_chunk_runs AS RESTRICTIVE FOR UPDATE USING (true) WITH CHECK (owner = current_user);
CREATE POLICY keep ON rnn_chunks AS RESTRICTIVE FOR UPDATE USING (true) WITH CHECK (owner = current_user);

SELECT pg_catalog.pg_extension_config_dump('rnn_chunk_runs', '');
SELECT pg_catalog.pg_extension_config_dump('rnn_chunks', '');

-- The columns of the query as rnn_managed_columns gives them; the type of series must have an order and an exact text.
CREATE FUNCTION rnn_managed_chunk_columns(run text, path text, query text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	shape jsonb := @extschema@.rnn_managed_columns(run, current_user, path, query);
BEGIN
	IF shape->>'series' IS NULL THEN
		RAISE EXCEPTION 'the query of run "%" must return a column named series', run
			USING ERRCODE = 'undefined_column', HINT = 'Chunks are cut by it: SELECT store AS series, day AS ts, units AS value FROM ...';
	END IF;
	IF NOT shape->>'series' ~ '^(smallint|integer|bigint|numeric|text|character varying|uuid|date)$' THEN
		RAISE EXCEPTION 'column series of the query of run "%" cannot be of type %', run, shape->>'series'
			USING ERRCODE = 'datatype_mismatch',
			HINT = 'Chunks need integer, bigint, smallint, numeric, text, varchar, uuid or date: cast the column, for example to text.';
	END IF;
	RETURN shape;
END $$;
COMMENT ON FUNCTION rnn_managed_chunk_columns(text, text, text) IS
'the columns of the query of a run, checked';

-- The server's own name of the type of series: it becomes part of statements.
CREATE FUNCTION rnn_managed_chunk_type(columns jsonb) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('pg_catalog.%I', t.typname) FROM pg_type t
	WHERE t.oid = (columns->>'series')::regtype AND t.typnamespace = 'pg_catalog'::regnamespace
$$;
COMMENT ON FUNCTION rnn_managed_chunk_type(jsonb) IS 'the type of the series of a run, with its schema';

-- The statement that stores forecasts, $1 to $5 being model, panel, horizon, confidence level and options; it returns
-- the number of rows and of series with a status.  It also checks the table: a null model has no rows.
CREATE FUNCTION rnn_managed_chunk_insert(target text, columns jsonb) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('WITH f AS MATERIALIZED (SELECT * FROM @extschema@.%1$s($1, $2, $3, $4, $5, NULL::pg_catalog.float8[])),
		put AS (INSERT INTO %3$s (series_id, %2$s, step, forecast_value, standard_error, confidence_level,
			prediction_interval_lower_bound, prediction_interval_upper_bound, forecast_status) SELECT * FROM f)
		SELECT count(*), count(DISTINCT series_id) FILTER (WHERE forecast_status IS NOT NULL) FROM f',
		CASE t.kind WHEN 'timestamptz' THEN 'rnn_forecast' WHEN 'bigint' THEN 'rnn_forecast_index' ELSE 'rnn_forecast_local' END,
		CASE t.kind WHEN 'bigint' THEN 'forecast_index' ELSE 'forecast_timestamp' END, $1::regclass)
	FROM @extschema@.rnn_managed_time_type($2) AS t(kind)
$$;
COMMENT ON FUNCTION rnn_managed_chunk_insert(text, jsonb) IS
'the statement that stores the forecasts of a chunk';

-- Cuts the series into chunks, and returns the names of the sample: those with the least md5.
CREATE FUNCTION rnn_managed_chunk_cut(run text, path text, query text, columns jsonb, sample_series integer,
	chunk_series integer) RETURNS text[]
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	firsts text[];
	sizes bigint[];
	sample text[];
	nameless boolean;
BEGIN
	SELECT t.firsts, t.sizes, t.sample, t.nameless INTO firsts, sizes, sample, nameless
	FROM @extschema@.rnn_query_as(current_user, path, format(
		'SELECT pg_catalog.array_agg(series::pg_catalog.text ORDER BY n) FILTER (WHERE n OPERATOR(pg_catalog.%%) %2$s OPERATOR(pg_catalog.=) 0),
		   pg_catalog.array_agg(LEAST(%2$s, every OPERATOR(pg_catalog.-) n) ORDER BY n)
			FILTER (WHERE n OPERATOR(pg_catalog.%%) %2$s OPERATOR(pg_catalog.=) 0),
		   pg_catalog.array_agg(series::pg_catalog.text ORDER BY n) FILTER (WHERE place OPERATOR(pg_catalog.<=) %3$s),
		   pg_catalog.bool_or(series IS NULL)
		 FROM (SELECT series, pg_catalog.row_number() OVER (ORDER BY series) OPERATOR(pg_catalog.-) 1 AS n,
				pg_catalog.count(*) OVER () AS every,
				pg_catalog.row_number() OVER (ORDER BY pg_catalog.md5(series::pg_catalog.text), series) AS place
			FROM (SELECT DISTINCT series FROM %1$s AS source) AS one) AS numbered',
		@extschema@.rnn_managed_source(query, columns), chunk_series, coalesce(sample_series, 0)))
		AS t(firsts text[], sizes bigint[], sample text[], nameless boolean);
	IF firsts IS NULL OR nameless THEN
		RAISE EXCEPTION '%', CASE WHEN nameless THEN format('a series of the query of run "%s" is null', run)
			ELSE format('the query of run "%s" returns no rows', run) END
			USING ERRCODE = CASE WHEN nameless THEN 'null_value_not_allowed' ELSE 'no_data_found' END;
	END IF;
	INSERT INTO @extschema@.rnn_chunks (run, chunk, first_series, series)
	SELECT rnn_managed_chunk_cut.run, u.n, u.first, u.size FROM unnest(firsts, sizes) WITH ORDINALITY u(first, size, n);
	RETURN sample;
END $$;
COMMENT ON FUNCTION rnn_managed_chunk_cut(text, text, text, jsonb, integer, integer) IS
'writes the chunks of a run and returns the series of its sample';

-- The panel of the rows that a condition on series leaves; NULL if there are none.
CREATE FUNCTION rnn_managed_chunk_panel(path text, query text, columns jsonb, condition text) RETURNS rnn_panel
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	panel @extschema@.rnn_panel;
BEGIN
	SELECT t.panel INTO panel FROM @extschema@.rnn_query_as(current_user, path,
		format('SELECT %s FROM %s AS q WHERE %s', @extschema@.rnn_managed_aggregate(columns),
			@extschema@.rnn_managed_source(query, columns), condition)) AS t(panel @extschema@.rnn_panel);
	RETURN panel;
END $$;
COMMENT ON FUNCTION rnn_managed_chunk_panel(text, text, jsonb, text) IS
'the rows of some series of the query of a run, as a panel';

-- Makes the run, unless there is one: cuts the chunks and trains the model.  Names of series are kept as text, so
-- sessions of another DateStyle that resume it must write and read dates alike.
CREATE FUNCTION rnn_managed_chunk_start(run text, query text, target regclass, horizon integer, sample_series integer,
	chunk_series integer, network jsonb, options jsonb, model bytea, confidence_level float8, path text) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	statement text := @extschema@.rnn_query_check(query);
	old @extschema@.rnn_chunk_runs;
	shape jsonb;
	sample text[];
	trained bytea := model;
	panel @extschema@.rnn_panel;
BEGIN
	IF run IS NULL OR run = '' OR query IS NULL OR target IS NULL THEN
		RAISE EXCEPTION 'a run needs a name, a query and a table for its forecasts' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF sample_series < 1 OR chunk_series IS NULL OR chunk_series < 1 THEN
		RAISE EXCEPTION '% must be at least 1, not %', CASE WHEN sample_series < 1 THEN 'sample_series' ELSE 'chunk_series' END,
			CASE WHEN sample_series < 1 THEN sample_series::text ELSE coalesce(chunk_series::text, 'null') END
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF model IS NOT NULL AND network IS NOT NULL THEN
		RAISE EXCEPTION 'a model and a network cannot both be given' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	-- a session that makes the same run is waited for
	INSERT INTO @extschema@.rnn_chunk_runs (run, query, search_path, target, horizon, confidence_level, options)
	VALUES (rnn_managed_chunk_start.run, statement, path, rnn_managed_chunk_start.target::text, rnn_managed_chunk_start.horizon,
		rnn_managed_chunk_start.confidence_level, coalesce(rnn_managed_chunk_start.options, '{}')) ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		SELECT * INTO old FROM @extschema@.rnn_chunk_runs r WHERE r.owner = current_user AND r.run = rnn_managed_chunk_start.run;
		IF (old.query, old.search_path, old.target, old.options) IS DISTINCT FROM (statement, path, target::text, coalesce(options, '{}'))
			OR old.horizon IS DISTINCT FROM horizon OR old.confidence_level IS DISTINCT FROM confidence_level
			OR old.model IS DISTINCT FROM coalesce(trained, old.model) THEN
			RAISE EXCEPTION 'there is a run "%" of another query, table, horizon, confidence level, options or model', run
				USING ERRCODE = 'duplicate_object',
				HINT = 'Call it as it was started to finish it, choose another name, or delete it from rnn_chunk_runs.';
		END IF;
		RETURN;
	END IF;
	shape := @extschema@.rnn_managed_chunk_columns(run, path, statement);
	EXECUTE @extschema@.rnn_managed_chunk_insert(target::text, shape)
		USING NULL::bytea, NULL::@extschema@.rnn_panel, horizon, confidence_level, NULL::jsonb;
	sample := @extschema@.rnn_managed_chunk_cut(run, path, statement, shape, sample_series, chunk_series);
	IF trained IS NULL THEN
		panel := @extschema@.rnn_managed_chunk_panel(path, statement, shape, CASE WHEN sample_series IS NULL THEN 'true'
			ELSE format('series OPERATOR(pg_catalog.=) ANY (%L::%s[])', sample, @extschema@.rnn_managed_chunk_type(shape)) END);
		trained := @extschema@.rnn_train(panel, network,
			CASE WHEN horizon IS NULL THEN '{}' ELSE jsonb_build_object('horizon', horizon) END
			|| '{"keep_series": false}' || coalesce(options, '{}'));
		IF trained IS NULL THEN
			RAISE EXCEPTION 'no series of the sample of run "%" can be trained on', run USING ERRCODE = 'no_data_found',
				HINT = 'Take a larger sample_series.';
		END IF;
	END IF;
	UPDATE @extschema@.rnn_chunk_runs r SET model = trained WHERE r.owner = current_user AND r.run = rnn_managed_chunk_start.run;
END $$;
COMMENT ON FUNCTION rnn_managed_chunk_start(text, text, regclass, integer, integer, integer, jsonb, jsonb, bytea, float8, text) IS
'makes a run of rnn_forecast_chunks, unless there is one of the same arguments';

-- Forecasts the first chunk that nobody works on; false if there is none.
CREATE FUNCTION rnn_managed_chunk_next(run text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	this @extschema@.rnn_chunk_runs;
	part @extschema@.rnn_chunks;
	shape jsonb;
	after text;
	panel @extschema@.rnn_panel;
	written bigint;
	remarks bigint;
	start timestamptz := clock_timestamp();
BEGIN
	-- another role's triggers may be on the table of its run
	SELECT * INTO STRICT this FROM @extschema@.rnn_chunk_runs r WHERE r.owner = current_user AND r.run = rnn_managed_chunk_next.run;
	SELECT * INTO part FROM @extschema@.rnn_chunks c WHERE c.owner = current_user AND c.run = rnn_managed_chunk_next.run
		AND c.finished_at IS NULL ORDER BY c.chunk LIMIT 1 FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	shape := @extschema@.rnn_managed_chunk_columns(run, this.search_path, this.query);
	SELECT c.first_series INTO after FROM @extschema@.rnn_chunks c WHERE c.owner = current_user
		AND c.run = rnn_managed_chunk_next.run AND c.chunk = part.chunk + 1;
	panel := @extschema@.rnn_managed_chunk_panel(this.search_path, this.query, shape,
		format('series OPERATOR(pg_catalog.>=) %L::%s', part.first_series, @extschema@.rnn_managed_chunk_type(shape))
		|| CASE WHEN after IS NULL THEN '' ELSE format(' AND series OPERATOR(pg_catalog.<) %L::%s', after,
			@extschema@.rnn_managed_chunk_type(shape)) END);
	IF panel IS NOT NULL THEN
		EXECUTE @extschema@.rnn_managed_chunk_insert(this.target, shape) INTO written, remarks
			USING this.model, panel, this.horizon, this.confidence_level, NULL::jsonb;
	END IF;
	UPDATE @extschema@.rnn_chunks c SET rows = coalesce(written, 0), series_with_status = coalesce(remarks, 0),
		seconds = extract(epoch FROM clock_timestamp() - start), pid = pg_backend_pid(), finished_at = clock_timestamp()
	WHERE c.owner = current_user AND c.run = rnn_managed_chunk_next.run AND c.chunk = part.chunk;
	RETURN true;
END $$;
COMMENT ON FUNCTION rnn_managed_chunk_next(text) IS
'forecasts the next chunk of a run; false if there is none that is not finished or being worked on';

-- Commits after each chunk, which a procedure with a SET clause cannot do.  Therefore every name is written in full.
CREATE PROCEDURE rnn_forecast_chunks(run text, query text, target regclass, horizon integer DEFAULT NULL,
	sample_series integer DEFAULT 1000, chunk_series integer DEFAULT 1000, network jsonb DEFAULT NULL, options jsonb DEFAULT NULL,
	model bytea DEFAULT NULL, confidence_level float8 DEFAULT NULL,
	query_search_path text DEFAULT pg_catalog.current_setting('search_path'))
LANGUAGE plpgsql
AS $$
BEGIN
	-- an error now if the caller is inside a transaction, not after the training
	COMMIT;
	PERFORM @extschema@.rnn_managed_chunk_start(run, query, target, horizon, sample_series, chunk_series, network, options,
		model, confidence_level, query_search_path);
	COMMIT;
	WHILE @extschema@.rnn_managed_chunk_next(run) LOOP
		COMMIT;
	END LOOP;
END $$;
COMMENT ON PROCEDURE rnn_forecast_chunks(text, text, regclass, integer, integer, integer, jsonb, jsonb, bytea, float8, text) IS
'forecasts all series of a query into a table: trains a model on a sample of the series unless one is given, forecasts chunks of series, commits each; called again it resumes, and several sessions may call it at once; progress is in rnn_chunks';
