-- Managed models: the stored query, checked, described and run.

CREATE FUNCTION rnn_query_check(query text) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION rnn_query_check(text) IS 'the one SELECT in a query text; anything else is an error';

CREATE FUNCTION rnn_query_columns(owner name, search_path text, query text) RETURNS TABLE(name text, type text)
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 5;
COMMENT ON FUNCTION rnn_query_columns(name, text, text) IS
'the columns that a query would return to a role whose privileges the caller has; the query is not run';

CREATE FUNCTION rnn_query_as(owner name, search_path text, statement text) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED ROWS 1 COST 100000;
COMMENT ON FUNCTION rnn_query_as(name, text, text) IS
'the rows of a SELECT run read-only as a role whose privileges the caller has: how queries of managed models are run';

-- {"series": type or null, "ts": type, "value": type, "covariates": [{"name", "type"}]}
CREATE FUNCTION rnn_managed_columns(name text, owner name, path text, query text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_columns jsonb;
	returned text;
	shape jsonb;
	wrong record;
BEGIN
	SELECT jsonb_object_agg(c.name, c.type), jsonb_build_object(
		'series', min(c.type) FILTER (WHERE c.name = 'series'),
		'ts', min(c.type) FILTER (WHERE c.name = 'ts'),
		'value', min(c.type) FILTER (WHERE c.name = 'value'),
		'covariates', coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'type', c.type) ORDER BY c.ordinality)
			FILTER (WHERE c.name NOT IN ('series', 'ts', 'value')), '[]'))
	INTO found_columns, shape FROM @extschema@.rnn_query_columns(owner, path, query) WITH ORDINALITY c;
	returned := format('It returns: %s.', (SELECT string_agg(k, ', ') FROM jsonb_object_keys(found_columns) k));
	IF shape->>'ts' IS NULL OR shape->>'value' IS NULL THEN
		RAISE EXCEPTION 'the query of model "%" must return columns named ts and value', name
			USING ERRCODE = 'undefined_column',
			DETAIL = returned,
			HINT = 'Name them in the select list: SELECT store AS series, day AS ts, units AS value FROM ...';
	END IF;
	IF shape->>'series' IS NULL AND found_columns ?| '{series_id,unique_id,item_id}' THEN
		RAISE EXCEPTION 'the query of model "%" has no column named series', name
			USING ERRCODE = 'undefined_column',
			DETAIL = returned,
			HINT = 'Columns other than series, ts and value are covariates. Name the one that identifies the series: SELECT store AS series, ...';
	END IF;
	IF shape->>'ts' NOT IN ('timestamp with time zone', 'timestamp without time zone', 'date', 'bigint', 'integer',
		'smallint') THEN
		RAISE EXCEPTION 'column ts of the query of model "%" must be a timestamp, a date or an integer, not %', name,
			shape->>'ts'
			USING ERRCODE = 'datatype_mismatch', HINT = 'Cast it in the query, for example day::date AS ts or to_timestamp(seconds) AS ts.';
	END IF;
	FOR wrong IN SELECT c->>'name' AS name, c->>'type' AS type FROM jsonb_array_elements(shape->'covariates') c
		UNION ALL SELECT 'value', shape->>'value'
	LOOP
		IF NOT wrong.type ~ '^(smallint|integer|bigint|real|double precision|numeric|boolean)(\[\])?$'
			AND (wrong.name = 'value' OR wrong.type !~ '^(text|character)'
				OR jsonb_path_exists(shape, '$.covariates[*].type ? (@ like_regex "\\[\\]$")'))
			OR wrong.name = 'value' AND wrong.type ~ '\[|boolean' THEN
			RAISE EXCEPTION 'column % of the query of model "%" must be a number%, not %', quote_ident(wrong.name), name,
				CASE WHEN wrong.name = 'value' THEN '' ELSE ', a boolean or a text' END, wrong.type
				USING ERRCODE = 'datatype_mismatch',
				HINT = 'Columns other than series, ts and value are covariates, numbers or texts: leave it out, or cast it.';
		END IF;
	END LOOP;
	RETURN shape;
END $$;
COMMENT ON FUNCTION rnn_managed_columns(text, name, text, text) IS
'the columns of the query of a managed model, checked to be those of a panel';

-- the query with its columns in the types of a panel, as a sub-select
CREATE FUNCTION rnn_managed_source(query text, columns jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format(E'(SELECT %s AS series, %s AS ts, source.value::pg_catalog.float8 AS value, %s AS covariates FROM (\n%s\n) AS source)',
		CASE WHEN columns->>'series' IS NULL THEN 'NULL::pg_catalog.text' ELSE 'source.series' END,
		CASE WHEN columns->>'ts' IN ('integer', 'smallint') THEN 'source.ts::pg_catalog.int8' ELSE 'source.ts' END,
		CASE WHEN columns->'covariates' <> '[]'
			AND NOT jsonb_path_exists(columns, '$.covariates[*].type ? (@ like_regex "\\[\\]$")')
		THEN (SELECT format('pg_catalog.jsonb_build_object(%s)', string_agg(format('%L, source.%I', c->>'name', c->>'name'),
				', ' ORDER BY n)) FROM jsonb_array_elements(columns->'covariates') WITH ORDINALITY e(c, n))
		-- with arrays, the covariates have no names
		ELSE coalesce((SELECT string_agg(CASE
				WHEN c->>'type' ~ '\[\]$' AND c->>'type' !~ '^boolean' THEN format('source.%I::pg_catalog.float8[]',
					c->>'name')
				WHEN c->>'type' = 'boolean' THEN format('ARRAY[source.%I::pg_catalog.int4::pg_catalog.float8]',
					c->>'name')
				ELSE format('ARRAY[source.%I::pg_catalog.float8]', c->>'name') END, ' OPERATOR(pg_catalog.||) '
					ORDER BY n)
			FROM jsonb_array_elements(columns->'covariates') WITH ORDINALITY e(c, n)), 'NULL::pg_catalog.float8[]') END,
		query)
$$;
COMMENT ON FUNCTION rnn_managed_source(text, jsonb) IS
'the query of a managed model as a sub-select (series, ts, value, covariates)';

CREATE FUNCTION rnn_managed_aggregate(columns jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('@extschema@.rnn_panel(%sts, value%s)', CASE WHEN columns->>'series' IS NULL THEN '' ELSE 'series, '
		END,
		CASE WHEN columns->'covariates' = '[]' THEN '' ELSE ', covariates' END)
$$;
COMMENT ON FUNCTION rnn_managed_aggregate(jsonb) IS 'the call of rnn_panel for the columns of a managed model';

-- The type of ts, one of the words below whatever the row says: it becomes part of statements, and owners may write their rows.
CREATE FUNCTION rnn_managed_time_type(columns jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE columns->>'ts' WHEN 'timestamp with time zone' THEN 'timestamptz' WHEN 'timestamp without time zone'
		THEN 'timestamp'
		WHEN 'date' THEN 'date' ELSE 'bigint' END
$$;
COMMENT ON FUNCTION rnn_managed_time_type(jsonb) IS
'the type of the time axis of a managed model: timestamptz, timestamp, date or bigint';

-- The columns are checked again at each run: the tables behind the query may have changed.
CREATE FUNCTION rnn_managed_check(model rnn_models) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	now_columns jsonb := @extschema@.rnn_managed_columns(model.name, model.owner, model.search_path, model.query);
BEGIN
	IF now_columns->'covariates' IS DISTINCT FROM model.columns->'covariates'
		OR now_columns->'ts' IS DISTINCT FROM model.columns->'ts'
		OR (now_columns->>'series' IS NULL) IS DISTINCT FROM (model.columns->>'series' IS NULL) THEN
		RAISE EXCEPTION 'the query of model "%" returns other columns than when the model was made', model.name
			USING ERRCODE = 'object_not_in_prerequisite_state',
			DETAIL = format('Then: %s. Now: %s.', model.columns, now_columns),
			HINT = 'Name the columns in the query instead of using *, or make another model.';
	END IF;
END $$;
COMMENT ON FUNCTION rnn_managed_check(rnn_models) IS
'an error if the query of a managed model returns other columns than when the model was made';

-- All rows that the query returns now.
CREATE FUNCTION rnn_managed_panel(model rnn_models) RETURNS rnn_panel
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	panel @extschema@.rnn_panel;
BEGIN
	PERFORM @extschema@.rnn_managed_check(model);
	SELECT t.panel INTO panel FROM @extschema@.rnn_query_as(model.owner, model.search_path,
		format('SELECT %s FROM %s AS q', @extschema@.rnn_managed_aggregate(model.columns),
			@extschema@.rnn_managed_source(model.query, model.columns))) AS t(panel @extschema@.rnn_panel);
	IF panel IS NULL THEN
		RAISE EXCEPTION 'the query of model "%" returns no rows', model.name USING ERRCODE = 'no_data_found';
	END IF;
	RETURN panel;
END $$;
COMMENT ON FUNCTION rnn_managed_panel(rnn_models) IS 'the rows of the query of a managed model, as a panel';

-- Everything that a training needs, from one run of the query, so that all of it is about the same rows.
-- last_time: last time stamp of the champion's rows, NULL without a champion; horizon: of the champion.
CREATE FUNCTION rnn_managed_read(model rnn_models, last_time text, horizon integer,
	OUT rows bigint, OUT series bigint, OUT first_time text, OUT new_last_time text,
	OUT value_min float8, OUT value_max float8, OUT value_mean float8, OUT value_sd float8,
	OUT new_rows bigint, OUT new_stamps bigint, OUT held_stamps integer, OUT cutoff text, OUT panel rnn_panel,
		OUT before rnn_panel)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO'
AS $$
DECLARE
	since text := CASE WHEN last_time IS NULL THEN 'true' ELSE format('ts > %L', last_time) END;
BEGIN
	PERFORM @extschema@.rnn_managed_check(model);
	SELECT t.* INTO rows, series, first_time, new_last_time, value_min, value_max, value_mean, value_sd,
		new_rows, new_stamps, held_stamps, cutoff, panel, before
	FROM @extschema@.rnn_query_as(model.owner, model.search_path, format(
		'WITH q AS MATERIALIZED (SELECT * FROM %1$s AS source),
		 known AS (SELECT DISTINCT ts FROM q WHERE value IS NOT NULL),
		 stamps AS (SELECT pg_catalog.count(*) AS n, pg_catalog.count(*) FILTER (WHERE %3$s) AS new FROM known),
		 held AS (SELECT CASE WHEN new >= %4$s THEN %4$s * LEAST(GREATEST(new / (2 * %4$s), 1), 2)
			ELSE GREATEST(LEAST(2 * %4$s, n / 4), 1) END::pg_catalog.int4 AS k, new FROM stamps),
		 cut AS (SELECT ts FROM known ORDER BY ts DESC OFFSET (SELECT k FROM held) LIMIT 1)
		 SELECT pg_catalog.count(value), pg_catalog.count(DISTINCT series::pg_catalog.text) FILTER (WHERE value IS NOT NULL),
		   pg_catalog.min(ts) FILTER (WHERE value IS NOT NULL)::pg_catalog.text, pg_catalog.max(ts) FILTER (WHERE value IS NOT NULL)::pg_catalog.text,
		   pg_catalog.min(value), pg_catalog.max(value), pg_catalog.avg(value), pg_catalog.stddev_samp(value),
		   pg_catalog.count(value) FILTER (WHERE %3$s), (SELECT new FROM held), (SELECT k FROM held), (SELECT ts::pg_catalog.text FROM cut),
		   %2$s, %2$s FILTER (WHERE ts <= (SELECT ts FROM cut))
		 FROM q',
		@extschema@.rnn_managed_source(model.query, model.columns), @extschema@.rnn_managed_aggregate(model.columns),
			since, coalesce(horizon, 1)))
		AS t(rows bigint, series bigint, first_time text, last_time text, value_min float8, value_max float8,
			value_mean float8, value_sd float8,
			new_rows bigint, new_stamps bigint, held_stamps integer, cutoff text, panel @extschema@.rnn_panel,
				before @extschema@.rnn_panel);
	series := greatest(series, 1);
	IF rows = 0 THEN
		RAISE EXCEPTION 'the query of model "%" returns no rows with a value', model.name
			USING ERRCODE = 'no_data_found';
	END IF;
END $$;
COMMENT ON FUNCTION rnn_managed_read(rnn_models, text, integer) IS
'what a training of a managed model needs, from one run of its query: figures, all rows, and the rows before those held back to judge by';
