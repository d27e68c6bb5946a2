-- rnn_panel(rnn_panel): panels of shards and servers as one; states as text; the limit of memory
CREATE TABLE shard AS SELECT s, date '2024-01-01' + k AS d, timestamp '2024-01-01' + k * interval '90 minutes' AS t,
	10 + s + (k * 7919 % 101) / 7.0 AS v, ARRAY[k % 3, NULL]::float8[] AS c, s % 4 AS node
  FROM generate_series(1, 12) s, generate_series(0, 29 + s % 2) k;
-- an empty input, nulls as of shards without rows, one panel
SELECT rnn_panel(p) IS NULL AS empty FROM (SELECT rnn_panel(s, d, v) AS p FROM shard WHERE false) x WHERE p IS NOT NULL;
SELECT rnn_panel(p) IS NULL AS empty FROM (SELECT rnn_panel(s, d, v) AS p FROM shard WHERE false) x;
SELECT rnn_panel(p) = (SELECT rnn_panel(s, d, v) FROM shard WHERE node = 1) AS same
  FROM (SELECT n, (SELECT rnn_panel(s, d, v) FROM shard WHERE node = n AND n = 1) AS p FROM generate_series(0, 3) n) x;
-- any cut gives the panel of all rows: by series, by time, by both, a row each
SELECT cut, rnn_panel(p ORDER BY p::text) = (SELECT rnn_panel(s, d, v, c) FROM shard) AS same FROM (
	SELECT 'series' AS cut, rnn_panel(s, d, v, c) AS p FROM shard GROUP BY s UNION ALL
	SELECT 'time', rnn_panel(s, d, v, c) FROM shard GROUP BY d UNION ALL
	SELECT 'both', rnn_panel(s, d, v, c) FROM shard GROUP BY node, d > '2024-01-12' UNION ALL
	SELECT 'row', rnn_panel(s, d, v, c) FROM shard GROUP BY s, d) x GROUP BY cut ORDER BY cut;
-- panels that do not fit together
SELECT rnn_panel(p) FROM (SELECT rnn_panel(s, d, v) AS p FROM shard UNION ALL SELECT rnn_panel(s, t, v) FROM shard) x;
SELECT rnn_panel(p) FROM (SELECT rnn_panel(s, d, v) AS p FROM shard UNION ALL SELECT rnn_panel(d, v) FROM shard WHERE s = 1) x;
SELECT rnn_panel(p) FROM (SELECT rnn_panel(s, d, v) AS p FROM shard UNION ALL SELECT rnn_panel(s, d, v, c) FROM shard) x;
CREATE FUNCTION panel_in(zone text) RETURNS rnn_panel LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('TimeZone', zone, true);
	RETURN (SELECT rnn_panel(s, t::timestamptz, v) FROM shard);
END $$;
SELECT rnn_panel(p) IS NULL FROM (SELECT panel_in('GMT') AS p UNION ALL SELECT panel_in('Europe/Berlin')) x;
SELECT rnn_panel(p) = panel_in('Europe/Berlin') AS same_zone FROM (SELECT panel_in('Europe/Berlin') AS p) x;

-- what an engine that runs aggregates on its shards does: states made apart, sent as text, combined in any order
CREATE FUNCTION combine_text(rnn_panel, text) RETURNS rnn_panel LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT rnn_panel(p) FROM (VALUES ($1), ($2::rnn_panel)) x(p));
END $$;
CREATE AGGREGATE through_text(text) (sfunc = combine_text, stype = rnn_panel);
CREATE FUNCTION tree(panels text[], seed int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	cut int;
BEGIN
	IF cardinality(panels) = 1 THEN
		RETURN panels[1];
	END IF;
	cut := 1 + abs(hashint4(seed)) % (cardinality(panels) - 1);
	RETURN (SELECT through_text(x)::text FROM unnest(ARRAY[tree(panels[:cut], seed * 2 + 1), tree(panels[cut + 1:], seed * 2 + 2)]) x);
END $$;
CREATE FUNCTION trees(query text) RETURNS TABLE (trees bigint, md5s bigint, as_alone boolean) LANGUAGE plpgsql AS $$
DECLARE
	states text[];
	alone text;
BEGIN
	EXECUTE format('SELECT array_agg(p::text ORDER BY cut) FROM (SELECT s * 31 %% 7 AS cut, %s AS p FROM shard GROUP BY 1) x', query) INTO states;
	EXECUTE format('SELECT (%s)::text FROM shard', query) INTO alone;
	RETURN QUERY SELECT count(*), count(DISTINCT md5(t)), bool_and(t = alone) FROM (SELECT tree(states, seed) AS t FROM generate_series(1, 10) seed) x;
END $$;
SELECT call, (trees(call)).* FROM unnest(ARRAY['rnn_panel(s, d, v)', 'rnn_panel(s::smallint, d, v)', 'rnn_panel(s::bigint, d, v, c)', 'rnn_panel(s::text, t, v)',
	'rnn_panel(ROW(s, node), t, v)', 'rnn_panel(s, t::timestamptz, v, c)', 'rnn_panel(s::numeric, (d - date ''2024-01-01'')::bigint, v)',
	'rnn_panel(d, v)', 'rnn_panel((d - date ''2024-01-01'')::bigint, v, c)']) call;

-- text by columns: even and uneven steps, duplicates, nulls, covariates; both forms are read
SELECT s, length(p::text) < 16 * 40 AS compact, p::text::rnn_panel = p AS same FROM (SELECT s, rnn_panel(s, t, round(v::numeric)::float8) AS p FROM shard WHERE s < 4 GROUP BY s) x ORDER BY s;
SELECT rnn_panel(k::bigint * 5, k % 3) FROM generate_series(1, 17) k;
SELECT rnn_panel('x', date '2024-01-01' + k * k, nullif(k % 4, 2), ARRAY[k % 2]) AS p FROM generate_series(0, 17) k \gset
SELECT :'p';
SELECT :'p'::rnn_panel::text = :'p' AS same;
SELECT (rnn_panel(date '2024-01-01' + k / 9, k))::text::rnn_panel = rnn_panel(date '2024-01-01' + k / 9, k) AS duplicates FROM generate_series(0, 17) k;
SELECT p::text::rnn_panel = p AS wide FROM (SELECT rnn_panel(CASE WHEN k = 0 THEN -9223372036854775808 WHEN k = 20 THEN 9223372036854775807 ELSE k END, k) AS p FROM generate_series(0, 20) k) x;
SELECT '{"time":"date","series":[{"id":null,"first":"2024-01-01","unit":7,"values":[1,null,3]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":1,"series":[{"covariates":[[1],[2]],"values":[5,6],"steps":[3],"unit":1,"first":"2024-01-01","id":"a"}]}'::rnn_panel;
-- and checked
CREATE FUNCTION panel_says(members text, covariates int DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN format('{"time":"date","covariates":%s,"series":[{"id":"a",%s}]}', covariates, members)::rnn_panel::text;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT panel_says(m) FROM unnest(ARRAY['"values":[1]', '"first":"2024-01-01"', '"first":"2024-01-01","values":[]', '"first":"2024-01-01","values":[1],"rows":[]',
	'"first":"2024-01-01","values":[1,2],"unit":-1', '"first":"2024-01-01","values":[1,2],"unit":1,"steps":[]', '"first":"2024-01-01","values":[1,2],"unit":1,"steps":[1,1]',
	'"first":"2024-01-01","values":[1,2],"unit":1,"steps":[-1]', '"first":"2024-01-01","values":[1,2],"unit":9223372036854775807,"steps":[2]',
	'"first":"2024-01-01","values":[1,2],"unit":2147483648', '"first":"infinity","values":[1]', '"first":"2024-01-01","values":[1e999]', '"first":"2024-01-01","values":[1,2]',
	'"first":"2024-01-01","values":[1,2],"unit":1.5', '"first":"2024-01-01","values":[1,2']) m;
SELECT panel_says(m, 2) FROM unnest(ARRAY['"first":"2024-01-01","values":[1]', '"first":"2024-01-01","values":[1],"covariates":[]', '"first":"2024-01-01","values":[1],"covariates":[[1]]',
	'"first":"2024-01-01","values":[1],"covariates":[[1,2,3]]', '"first":"2024-01-01","values":[1],"covariates":[[1,2],[3,4]]', '"first":"2024-01-01","values":[1,2],"unit":1,"covariates":[[1,2]]']) m;

-- a series argument of each type is found without a cast
SELECT rnn_panel(s::smallint, d, v) = rnn_panel(s, d, v) AND rnn_panel(s::bigint, d, v) = rnn_panel(s, d, v) AND rnn_panel(s::text, d, v) = rnn_panel(s, d, v)
	AND rnn_panel(s::varchar(9), d, v) = rnn_panel(s, d, v) AND rnn_panel(s::numeric, d, v) = rnn_panel(s, d, v) AND rnn_panel(s::oid, d, v) = rnn_panel(s, d, v) AS same FROM shard;
SELECT rnn_panel('a', date '2024-01-01', 1), rnn_panel(ROW(1, 'a'), date '2024-01-01', 1, '{2}'::float8[]), rnn_panel('pg_class'::regclass, date '2024-01-01', 1);

-- the limit of memory: while rows are added, appended as parts, joined or read
SET forecast_rnn.max_panel_memory = '100kB';
SELECT length(rnn_panel(k::bigint, k)::text) > 0 AS fits FROM generate_series(1, 5000) k;
SELECT rnn_panel(k::bigint, k) FROM generate_series(1, 100000) k;
SELECT rnn_panel(k::bigint, k, array_fill(0::float8, ARRAY[100])) FROM generate_series(1, 5000) k;
SELECT rnn_panel(p) FROM (SELECT rnn_panel(n, k::bigint, k) AS p FROM generate_series(1, 1000) k, generate_series(1, 10) n GROUP BY n) x;
\set VERBOSITY sqlstate
SET forecast_rnn.max_panel_memory = -1;
\set VERBOSITY default
RESET forecast_rnn.max_panel_memory;
