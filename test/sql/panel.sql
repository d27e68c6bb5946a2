-- Panels: bad input first, then what every signature gives, then that neither
-- the order of rows nor the plan matters, then bytes and text as input.
\set VERBOSITY terse
SET datestyle = 'ISO, YMD';

-- ---- bad rows: the message names series and time ----
SELECT rnn_panel(d, v) FROM (VALUES (date '2020-01-01', 1.0), (NULL, 2.0)) r(d, v);
SELECT rnn_panel(s, d, v) FROM (VALUES ('a', date '2020-01-01', 1.0), ('b', NULL, 2.0)) r(s, d, v);
SELECT rnn_panel(s, d, v) FROM (VALUES ('a', date '2020-01-01', 1.0), (NULL, '2020-01-02', 2.0)) r(s, d, v);
SELECT rnn_panel(NULL::text, NULL::date, 1);
SELECT rnn_panel(d, v) FROM (VALUES (date '2020-01-01', 1.0), ('2020-01-02', 'NaN')) r(d, v);
SELECT rnn_panel(s, d, v) FROM (VALUES (1, date '2020-01-01', float8 '1'), (2, '2020-01-02', 'Infinity')) r(s, d, v);
SELECT rnn_panel('x', timestamptz '2020-01-02 03:04:05.6+00', float8 '-Infinity');
SELECT rnn_panel('x', 7, float8 'NaN');
SELECT rnn_panel('x', 7, 'NaN');
SELECT rnn_panel(date 'infinity', 1);
SELECT rnn_panel('x', timestamp '-infinity', 1);
SELECT rnn_panel(timestamptz 'infinity', 1, '{1}'::float8[]);
SELECT rnn_panel('x', date '2020-01-01', 1, NULL::float8[]);
SELECT rnn_panel('x', date '2020-01-01', 1, '{{1,2},{3,4}}'::float8[]);
SELECT rnn_panel('x', date '2020-01-01', 1, '{1,NaN}'::float8[]);
SELECT rnn_panel('x', date '2020-01-01', 1, '{Infinity,NULL}'::float8[]);
SELECT rnn_panel(s, d, 1, c) FROM (VALUES ('a', date '2020-01-01', '{1,2}'::float8[]), ('b', '2020-01-02', '{1}')) r(s, d, c);
SELECT rnn_panel(d, 1, c) FROM (VALUES (date '2020-01-01', '{}'::float8[]), ('2020-01-02', '{1,2,3}')) r(d, c);
SELECT rnn_panel(date '2020-01-01', 1, array_fill(0::float8, ARRAY[1025]));
SELECT rnn_panel(repeat('x', 8192), date '2020-01-01', 1);
SELECT rnn_panel('12:00'::time, 1);
-- not aggregates
SELECT rnn_panel_add(NULL, date '2020-01-01', 1);
SELECT rnn_panel_combine(NULL, NULL);
-- no rows
SELECT rnn_panel(d, 1) IS NULL AS none FROM (VALUES (date '2020-01-01')) r(d) WHERE false;
SELECT rnn_panel(d, 1) FILTER (WHERE d > '2021-01-01') IS NULL AS none FROM (VALUES (date '2020-01-01')) r(d);

-- ---- four types of time, four signatures ----
SET timezone = 'Europe/Berlin';
SELECT rnn_panel(timestamptz '2020-01-01 00:00+00' + i * interval '1 hour', i) FROM generate_series(1, 2) i;
SELECT rnn_panel(timestamp '2020-01-01 00:00' + i * interval '0.5 seconds', i) FROM generate_series(1, 2) i;
SELECT rnn_panel(date '0044-03-15 BC' + i, i) FROM generate_series(1, 2) i;
SELECT rnn_panel(i::bigint, i / 3.0) FROM generate_series(1, 2) i;
SELECT rnn_panel(i, i::real) FROM generate_series(1, 2) i;
SELECT rnn_panel(timestamptz '2020-07-01 00:00+00' + i * interval '1 hour', i, ARRAY[i, NULL]) FROM generate_series(1, 2) i;
SELECT rnn_panel(timestamp '2020-01-01 00:00' + i * interval '1 day', i, ARRAY[i, i * i]) FROM generate_series(1, 2) i;
SELECT rnn_panel(date '2020-01-01' + i, NULL, ARRAY[i]::float8[]) FROM generate_series(1, 2) i;
SELECT rnn_panel(i, i, '{}'::float8[]) FROM generate_series(1, 2) i;
SELECT rnn_panel(i % 2, timestamptz '2020-01-01 00:00+00' + i * interval '1 hour', i) FROM generate_series(1, 3) i;
SELECT rnn_panel('s' || i % 2, timestamp '2020-01-01 00:00' + i * interval '1 hour', i) FROM generate_series(1, 3) i;
SELECT rnn_panel(ROW(i % 2, 'b "c"'), date '2020-01-01' + i, i) FROM generate_series(1, 3) i;
SELECT rnn_panel(('00000000-0000-0000-0000-00000000000' || i % 2)::uuid, i, i) FROM generate_series(1, 3) i;
SELECT rnn_panel(i % 2 = 0, timestamptz '2020-01-01 00:00+00' + i * interval '1 hour', i, '{0}'::float8[]) FROM generate_series(1, 3) i;
SELECT rnn_panel((i % 2)::numeric, timestamp '2020-01-01 00:00' + i * interval '1 hour', i, '{0}'::float8[]) FROM generate_series(1, 3) i;
SELECT rnn_panel(ARRAY[i % 2, 7], date '2020-01-01' + i, i, '{0}'::float8[]) FROM generate_series(1, 3) i;
SELECT rnn_panel(('n' || i % 2)::name, i, i, '{0}'::float8[]) FROM generate_series(1, 3) i;
RESET timezone;
-- different datums with one text are one series; the text of a series may be empty
SELECT rnn_panel(CASE WHEN t % 2 = 0 THEN ROW(1, 'x'::text) ELSE ROW(1::bigint, 'x'::text) END, t, t) FROM generate_series(1, 3) t;
SELECT rnn_panel(s::jsonb, t, 0) FROM (VALUES ('{"a":1, "b":2}', 1), ('{"b":2,"a":1}', 2)) r(s, t);
SELECT rnn_panel('', 1, 1) = rnn_panel(1, 1) AS unnamed_is_empty_name;
-- ties: by value, missing last, then covariates; -0 is 0
SELECT rnn_panel(1, v) FROM (VALUES (2.0), (NULL), (1.0), (NULL), (float8 '-0')) r(v);
SELECT rnn_panel(1, v, c) FROM (VALUES (1, '{NULL,1}'::float8[]), (1, '{2,NULL}'), (1, '{2,-1}'), (NULL, '{0,0}'), (1, '{-0,5}')) r(v, c);

-- ---- where aggregates can stand ----
CREATE TABLE panel_rows AS
SELECT s, 's' || s AS name, i AS t, date '2020-01-01' + i AS d,
       CASE WHEN i % 17 = 5 THEN NULL ELSE sin(i * (s + 1)) END AS v, ARRAY[i * s, NULL, cos(i)] AS c
FROM generate_series(0, 12) s, generate_series(1, 400) i WHERE i > s * 7;
SELECT s, rnn_panel(t, v) FROM panel_rows WHERE t < 84 AND s > 9 GROUP BY s HAVING count(*) < 8 ORDER BY s;
WITH p AS MATERIALIZED (SELECT s % 2 AS odd, rnn_panel(name, d, v, c) AS panel FROM panel_rows GROUP BY 1)
SELECT odd, panel = (SELECT rnn_panel(name, d, v, c) FROM panel_rows WHERE s % 2 = odd) AS same,
       panel <> (SELECT rnn_panel(name, d, v, c) FROM panel_rows WHERE s % 2 <> odd) AS other
FROM p ORDER BY odd;
SELECT rnn_panel(t, v) FILTER (WHERE t <= 2) FROM panel_rows WHERE s = 0;
SELECT rnn_panel(t, v) = rnn_panel(DISTINCT t, v) AS one, rnn_panel(t, v) = rnn_panel(t, v ORDER BY v) AS two
FROM panel_rows WHERE s = 0;
SELECT s, count(*), bool_and(p = q) FROM
  (SELECT s, name, rnn_panel(t, v) p FROM panel_rows GROUP BY GROUPING SETS ((s), (name), ())) x
  JOIN (SELECT s, rnn_panel(t, v) q FROM panel_rows GROUP BY s) y USING (s) GROUP BY s HAVING s < 2 ORDER BY s;
-- many groups that do not fit into work_mem
SET work_mem = '64kB';
SELECT count(*), bool_and(p = q) FROM
  (SELECT t, rnn_panel(s, t, v) p FROM panel_rows GROUP BY t) x JOIN
  (SELECT t, rnn_panel(s, t, v ORDER BY s DESC) q FROM panel_rows GROUP BY t) y USING (t);
RESET work_mem;
-- as a window function: a panel handed out stays what it was
CREATE TEMP TABLE panel_window AS
SELECT t, rnn_panel(t, v) OVER (ORDER BY t) AS upto, rnn_panel(t, v) OVER (ORDER BY t ROWS 3 PRECEDING) AS moving,
       rnn_panel(t, v) OVER (ORDER BY t DESC) AS downto, rnn_panel(t, v) OVER () AS whole
FROM panel_rows WHERE s = 1;
SELECT bool_and(upto = (SELECT rnn_panel(t, v) FROM panel_rows r WHERE s = 1 AND r.t <= w.t)) AS upto,
       bool_and(moving = (SELECT rnn_panel(t, v) FROM panel_rows r WHERE s = 1 AND r.t BETWEEN w.t - 3 AND w.t)) AS moving,
       bool_and(downto = (SELECT rnn_panel(t, v) FROM panel_rows r WHERE s = 1 AND r.t >= w.t)) AS downto,
       bool_and(whole = (SELECT rnn_panel(t, v) FROM panel_rows r WHERE s = 1)) AS whole
FROM panel_window w;
-- two states of one row, and a reader within the row
SELECT bool_and(a) AS earlier_differs FROM
  (SELECT rnn_panel(t, v) OVER (ORDER BY t) <> lag(p) OVER (ORDER BY t) AS a
   FROM (SELECT t, v, rnn_panel(t, v) OVER (ORDER BY t) p FROM panel_rows WHERE s = 1) x) y;
-- panels put together by an aggregate of one's own
CREATE AGGREGATE panel_concat(rnn_panel) (SFUNC = rnn_panel_combine, STYPE = rnn_panel);
SELECT panel_concat(p) = (SELECT rnn_panel(s, t, v) FROM panel_rows) AS concat
FROM (SELECT rnn_panel(s, t, v) p FROM panel_rows GROUP BY t % 5) x;
SELECT panel_concat(p) OVER (ORDER BY i) FROM
  (SELECT i, rnn_panel(i, i) p FROM generate_series(1, 3) i GROUP BY i) x;
SELECT panel_concat(p) FROM (SELECT rnn_panel(1, 1) UNION ALL SELECT rnn_panel(date '2020-01-01', 1)) x(p);
SELECT panel_concat(p) FROM (SELECT rnn_panel(1, 1) UNION ALL SELECT rnn_panel('a', 1, 1)) x(p);
SELECT panel_concat(p) FROM (SELECT rnn_panel(1, 1) UNION ALL SELECT rnn_panel(1, 1, '{1}'::float8[])) x(p);
SELECT panel_concat(p) FROM (VALUES ('{"time":"timestamptz","time_zone":"UTC","series":[{"id":null,"rows":[["2020-01-01",1]]}]}'::rnn_panel),
  ('{"time":"timestamptz","time_zone":"Asia/Kathmandu","series":[{"id":null,"rows":[["2020-01-01",1]]}]}')) x(p);
DROP AGGREGATE panel_concat(rnn_panel);
-- in PL/pgSQL
DO $$
DECLARE
	p rnn_panel;
	q rnn_panel;
BEGIN
	SELECT rnn_panel(s, t, v) INTO p FROM panel_rows;
	q := p;
	FOR i IN 1..3 LOOP
		SELECT rnn_panel(s, t, v ORDER BY v) INTO p FROM panel_rows;
		ASSERT p = q, 'panels differ';
	END LOOP;
END $$;

-- ---- order and plan do not matter ----
CREATE TABLE panel_parts (LIKE panel_rows) PARTITION BY HASH (s);
CREATE TABLE panel_parts_0 PARTITION OF panel_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE panel_parts_1 PARTITION OF panel_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO panel_parts SELECT * FROM panel_rows ORDER BY md5(s || ' ' || t);
ANALYZE panel_rows, panel_parts;
-- (three queries: rows, partitions, and a sub-select that flattens; \gset lets them run in parallel)
\set panel 'rnn_panel(ROW(s, name), d, v, c)'
\set see 'SELECT md5(rnn_panel_send((SELECT ' :panel ' FROM panel_parts))) || md5(rnn_panel_send(' :panel ')) || (SELECT md5(rnn_panel_send(' :panel ')) FROM panel_parts)'
SET max_parallel_workers_per_gather = 0;
:see AS serial FROM panel_rows \gset
SELECT md5(rnn_panel_send(rnn_panel(ROW(s, name), d, v, c ORDER BY t, s))) AS sorted,
       md5(rnn_panel_send(rnn_panel(ROW(s, name), d, v, c ORDER BY t DESC, s DESC))) AS reversed FROM panel_rows \gset
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 1;
:see AS one_worker FROM panel_rows \gset
SET max_parallel_workers_per_gather = 2;
:see AS two_workers FROM panel_rows \gset
EXPLAIN (COSTS OFF) SELECT :panel FROM panel_rows;
SET parallel_leader_participation = on;
:see AS leader FROM panel_rows \gset
SET enable_partitionwise_aggregate = on;
:see AS partitions FROM panel_rows \gset
EXPLAIN (COSTS OFF) SELECT :panel FROM panel_parts;
SET max_parallel_workers_per_gather = 0;
:see AS partitions_serial FROM panel_rows \gset
EXPLAIN (COSTS OFF) SELECT :panel FROM panel_parts;
SELECT :'serial' = repeat(:'sorted', 3) AS sorted, :'serial' = repeat(:'reversed', 3) AS reversed,
       :'serial' = :'one_worker' AS one_worker, :'serial' = :'two_workers' AS two_workers, :'serial' = :'leader' AS leader,
       :'serial' = :'partitions' AS partitions, :'serial' = :'partitions_serial' AS partitions_serial;
-- groups, a plan that is scanned again, workers that do not come: the leader's own rows are counted once
-- (min and max, as since 16 a plan that counts distinct values sorts them)
\set groups 'SELECT md5(string_agg(md5(rnn_panel_send(p)), \'\' ORDER BY g)) AS groups FROM (SELECT s % 3 AS g, ' :panel ' AS p FROM panel_rows GROUP BY 1) x'
\set again 'SELECT count(*), max(m) = min(m) AS one, min(m) = left(:''serial'', 32) AS same FROM generate_series(1, 4) i LEFT JOIN (SELECT md5(rnn_panel_send(' :panel ')) m FROM panel_rows) x ON true'
SET max_parallel_workers_per_gather = 0;
:groups \gset serial_
SET enable_partitionwise_aggregate = off;
SET max_parallel_workers_per_gather = 2;
SET enable_material = off;
EXPLAIN (COSTS OFF) :again;
:again;
:groups \gset hashed_
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT s % 3 AS g, :panel AS p FROM panel_rows GROUP BY 1;
:groups \gset sorted_
SET max_parallel_workers = 0;
:groups \gset alone_
:again;
SELECT :'serial_groups' = :'hashed_groups' AS hashed, :'serial_groups' = :'sorted_groups' AS sorted, :'serial_groups' = :'alone_groups' AS alone;
RESET ALL;
SET datestyle = 'ISO, YMD';
-- one long series: sorted, reversed, shuffled, saw-toothed, with many ties
SELECT n, count(DISTINCT md5(rnn_panel_send(p))) AS different FROM (
  SELECT n, rnn_panel(i, i % 7) p FROM generate_series(1, 3000) i, (VALUES (0), (21), (2000)) x(n) WHERE i > n GROUP BY n
  UNION ALL SELECT n, rnn_panel(i, i % 7 ORDER BY i DESC) FROM generate_series(1, 3000) i, (VALUES (0), (21), (2000)) x(n) WHERE i > n GROUP BY n
  UNION ALL SELECT n, rnn_panel(i, i % 7 ORDER BY md5(i::text)) FROM generate_series(1, 3000) i, (VALUES (0), (21), (2000)) x(n) WHERE i > n GROUP BY n
  UNION ALL SELECT n, rnn_panel(i, i % 7 ORDER BY i % 50) FROM generate_series(1, 3000) i, (VALUES (0), (21), (2000)) x(n) WHERE i > n GROUP BY n) x
GROUP BY n ORDER BY n;
WITH p AS (SELECT rnn_panel(i / 1000, i % 100, CASE WHEN i % 5 > 0 THEN i % 3 END, ARRAY[i % 2, NULL] ORDER BY md5(i::text)) a,
                  rnn_panel(i / 1000, i % 100, CASE WHEN i % 5 > 0 THEN i % 3 END, ARRAY[i % 2, NULL]) b FROM generate_series(0, 2999) i)
SELECT a = b AS same FROM p;
-- rows come out as SQL sorts them
WITH p AS (SELECT rnn_panel(s, t, v ORDER BY md5(s || 'x' || t))::text::jsonb j FROM panel_rows)
SELECT (SELECT jsonb_agg(jsonb_build_array(id, v) ORDER BY id COLLATE "C", t) FROM (SELECT s::text id, t, v FROM panel_rows) r) =
       (SELECT jsonb_agg(jsonb_build_array(x -> 'id', y) ORDER BY i, k)
        FROM jsonb_array_elements(j -> 'series') WITH ORDINALITY a(x, i), jsonb_array_elements(x -> 'values') WITH ORDINALITY b(y, k)) AS as_sorted
FROM p;

-- ---- stored: toasted, text and binary copies ----
CREATE TABLE panel_store (k int PRIMARY KEY, p rnn_panel);
INSERT INTO panel_store SELECT s, rnn_panel(name, d, v, c) FROM panel_rows GROUP BY s;
INSERT INTO panel_store SELECT 100, rnn_panel(name, timestamptz '2020-01-01 00:00+00' + t * interval '0.001 s', v * 1e300) FROM panel_rows;
INSERT INTO panel_store SELECT 101, rnn_panel(timestamp '2020-01-01' + t * interval '1 month', exp(-t)) FROM panel_rows WHERE s = 0;
INSERT INTO panel_store SELECT 102, rnn_panel(E'tab\t "quoted" \\ \u00e9\u4e2d\x01', (1::bigint << (t % 63)) - 1, v / 3, '{}'::float8[]) FROM panel_rows WHERE s = 0;
INSERT INTO panel_store VALUES (103, '{"time":"bigint","series":[{"id":"extremes","rows":[[-9223372036854775808,1.7976931348623157e308],[9223372036854775807,5e-324],[0,-2.2250738585072014e-308]]}]}');
INSERT INTO panel_store VALUES (104, NULL);
SELECT k, pg_column_size(p) > 2000 AS toasted, p = p AS itself FROM panel_store WHERE k >= 100 ORDER BY k;
SELECT p FROM panel_store WHERE k = 103;
SET datestyle = 'German, DMY';
SET timezone = 'America/New_York';
SET extra_float_digits = -15;
SELECT bool_and(p = p::text::rnn_panel) AS text, bool_and(p::text = p::text::rnn_panel::text) AS same_text,
       bool_and(p = p::text::jsonb::text::rnn_panel) AS jsonb FROM panel_store;
RESET ALL;
SET datestyle = 'ISO, YMD';
SELECT current_setting('data_directory') || '/panel.copy' AS copy \gset
COPY panel_store TO :'copy' (FORMAT binary);
CREATE TABLE panel_copy (LIKE panel_store);
COPY panel_copy FROM :'copy' (FORMAT binary);
COPY panel_store TO :'copy';
COPY panel_copy FROM :'copy';
SELECT count(*), count(c.p), bool_and(s.p = c.p), bool_and(rnn_panel_send(s.p) = rnn_panel_send(c.p))
FROM panel_store s JOIN panel_copy c USING (k);

-- ---- bad text ----
SELECT ''::rnn_panel;
SELECT '[]'::rnn_panel;
SELECT '{}'::rnn_panel;
SELECT '{"time":"date"}'::rnn_panel;
SELECT '{"time":"interval","series":[]}'::rnn_panel;
SELECT '{"time":"date","series":[]}'::rnn_panel;
SELECT '{"time":"date","serie":[]}'::rnn_panel;
SELECT '{"time":"date","time":"date","series":[]}'::rnn_panel;
SELECT '{"time":"date","time_zone":"UTC","series":[]}'::rnn_panel;
SELECT '{"time":"timestamptz","series":[]}'::rnn_panel;
SELECT '{"time":"timestamptz","time_zone":"Mars/Olympus","series":[]}'::rnn_panel;
SELECT '{"time":"date","covariates":-1,"series":[]}'::rnn_panel;
SELECT '{"time":"date","covariates":1025,"series":[]}'::rnn_panel;
SELECT '{"time":"date","covariates":1.5,"series":[]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a"}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,1]]},{"id":"a","rows":[[1,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,1]]},{"id":null,"rows":[[1,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":null,"rows":[[1,1]]},{"id":null,"rows":[[1,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,1,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,NaN]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,1e999]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[9223372036854775808,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a","rows":[[1,1]]}]} x'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a\u00e9","rows":[[1,1]]}]}'::rnn_panel;
SELECT '{"time":"bigint","series":[{"id":"a\u0000","rows":[[1,1]]}]}'::rnn_panel;
SELECT '{"time":"date","series":[{"id":"a","rows":[["2020-02-30",1]]}]}'::rnn_panel;
SELECT '{"time":"date","series":[{"id":"a","rows":[["infinity",1]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":2,"series":[{"id":"a","rows":[["2020-01-01",1,[1]]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":1,"series":[{"id":"a","rows":[["2020-01-01",1,[1,2]]]}]}'::rnn_panel;
SELECT '{"time":"date","covariates":1,"series":[{"id":"a","rows":[["2020-01-01",1]]}]}'::rnn_panel;

-- every truncation and many changed characters of a text: refused in class 22, or a panel that comes back
CREATE FUNCTION panel_try_text(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	p rnn_panel;
BEGIN
	p := input::rnn_panel;
	RETURN CASE WHEN p = p::text::rnn_panel THEN 'accepted' ELSE 'changed' END;
EXCEPTION WHEN OTHERS THEN
	RETURN 'class ' || left(SQLSTATE, 2);
END $$;
CREATE TEMP TABLE panel_sample AS SELECT p::text AS input, rnn_panel_send(p) AS bytes FROM (VALUES
  ('{"time":"timestamptz","time_zone":"Europe/Berlin","covariates":2,"series":[{"id":"a\n","rows":[["2020-01-01 00:00:00+00",-1.5e10,[1,null]],["2020-01-02 00:00:00+00",null,[0,2]]]},{"id":"b","rows":[["2020-01-01 00:00:00+00",1,[1,1]]]}]}'::rnn_panel),
  ('{"time":"bigint","series":[{"id":null,"rows":[[-1,2.5],[2,3]]}]}'),
  ('{"time":"bigint","covariates":2,"names":["n","kind"],"series":[{"id":"a","rows":[[1,2,[1,"x"]],[2,3,[null,null]]]}]}')) x(p);
SELECT panel_try_text(left(input, n)) AS outcome, count(*) > 0 AS seen
FROM panel_sample, generate_series(0, length(input) - 1) n GROUP BY outcome ORDER BY outcome;
SELECT panel_try_text(overlay(input PLACING c FROM n FOR 1)) AS outcome, count(*) > 0 AS seen
FROM panel_sample, generate_series(1, length(input)) n, unnest('{"\"",",","[","]","{","}",":","\\","0","n","e","-"," "}'::text[]) c
GROUP BY outcome ORDER BY outcome;

-- the same for binary input, through COPY
CREATE FUNCTION panel_try_bytes(input bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('data_directory') || '/panel.copy';
	object oid := lo_from_bytea(0, '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea ||	'\x0001'::bytea ||
								   int4send(length(input)) || input || '\xffff'::bytea);
	ok boolean;
BEGIN
	PERFORM lo_export(object, path);
	PERFORM lo_unlink(object);
	EXECUTE format('COPY panel_try FROM %L (FORMAT binary)', path);
	DELETE FROM panel_try RETURNING p = p::text::rnn_panel INTO ok;
	RETURN CASE WHEN ok THEN 'accepted' ELSE 'changed' END;
EXCEPTION WHEN OTHERS THEN
	PERFORM lo_unlink(object) FROM pg_largeobject_metadata WHERE pg_largeobject_metadata.oid = object;
	RETURN 'class ' || left(SQLSTATE, 2) || CASE WHEN SQLSTATE LIKE 'XX%' THEN ' ' || SQLERRM ELSE '' END;
END $$;
CREATE TABLE panel_try (p rnn_panel);
SELECT panel_try_bytes(bytes) FROM panel_sample;
SELECT panel_try_bytes(bytes || '\x00') FROM panel_sample;
SELECT panel_try_bytes(substr(bytes, 1, n)) AS outcome, count(*) > 0 AS seen
FROM panel_sample, generate_series(0, length(bytes) - 1) n GROUP BY outcome ORDER BY outcome;
SELECT panel_try_bytes(set_byte(bytes, n, get_byte(bytes, n) # mask)) AS outcome, count(*) > 0 AS seen
FROM panel_sample, generate_series(0, length(bytes) - 1) n, unnest('{1,16,127,128,255}'::int[]) mask GROUP BY outcome ORDER BY outcome;

-- stored bytes that are not what they were: refused, or readable without harm
-- 18 adds a place to the notices
SET client_min_messages = warning;
CREATE TYPE panel_raw;
CREATE FUNCTION panel_raw_in(cstring) RETURNS panel_raw AS 'byteain' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION panel_raw_out(panel_raw) RETURNS cstring AS 'byteaout' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE panel_raw (INPUT = panel_raw_in, OUTPUT = panel_raw_out, ALIGNMENT = double, INTERNALLENGTH = VARIABLE);
RESET client_min_messages;
CREATE CAST (rnn_panel AS panel_raw) WITHOUT FUNCTION;
CREATE CAST (panel_raw AS rnn_panel) WITHOUT FUNCTION;
CREATE FUNCTION panel_try_flat(input bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	p rnn_panel := input::text::panel_raw::rnn_panel;
BEGIN
	PERFORM length(p::text), length(rnn_panel_send(p)), p = p;
	RETURN 'read';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
CREATE TEMP TABLE panel_flat AS SELECT input::rnn_panel::panel_raw::text::bytea AS flat FROM panel_sample;
SELECT panel_try_flat(flat) FROM panel_flat;
SELECT panel_try_flat(substr(flat, 1, n)) AS outcome, count(*) > 0 AS seen
FROM panel_flat, generate_series(0, length(flat) - 1) n GROUP BY outcome ORDER BY outcome;
SELECT panel_try_flat(flat || '\x0000000000000000'::bytea) FROM panel_flat;
SELECT panel_try_flat(set_byte(flat, n, get_byte(flat, n) # mask)) AS outcome, count(*) > 0 AS seen
FROM panel_flat, generate_series(0, length(flat) - 1) n, unnest('{1,2,16,127,128,255}'::int[]) mask GROUP BY outcome ORDER BY outcome;
DROP FUNCTION panel_try_flat(bytea);
SET client_min_messages = warning;
DROP TYPE panel_raw CASCADE;
RESET client_min_messages;

DROP FUNCTION panel_try_text(text);
DROP FUNCTION panel_try_bytes(bytea);
DROP TABLE panel_rows, panel_parts, panel_store, panel_copy, panel_try;

-- users' own aggregates of these functions, over panels and rows of a parallel plan
CREATE TABLE spread AS SELECT s AS series, date '2026-01-01' + k AS ts, (s + k)::float8 AS v
  FROM generate_series(0, 299) k, generate_series(1, 200) s;
ANALYZE spread;
CREATE AGGREGATE own_join(rnn_panel) (sfunc = rnn_panel_combine, stype = rnn_panel, parallel = safe);
CREATE AGGREGATE own_rows(date, float8) (sfunc = rnn_panel_add, stype = rnn_panel, combinefunc = rnn_panel_combine, parallel = safe);
CREATE FUNCTION keep_last(rnn_panel, rnn_panel) RETURNS rnn_panel LANGUAGE sql PARALLEL SAFE AS 'SELECT coalesce($2, $1)';
CREATE AGGREGATE own_last(date, float8) (sfunc = rnn_panel_add, stype = rnn_panel, combinefunc = keep_last, parallel = safe);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT own_join(p) = (SELECT rnn_panel(series, ts, v) FROM spread) AS same FROM (SELECT series, rnn_panel(series, ts, v) AS p FROM spread GROUP BY series) x;
-- two aggregates that share their partial state
SELECT rnn_panel(ts, v) = own_rows(ts, v) AS same FROM spread;
-- a combine function that keeps a partial state: rows, not a reference to them
SELECT length(own_last(ts, v)::text) > 100 AS rows FROM spread;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
-- states of other aggregates and calls outside aggregates
CREATE AGGREGATE forged(float8, int) (sfunc = rnn_windows_accum, stype = internal, finalfunc = rnn_dataset_final);
SELECT forged(i, 2) FROM generate_series(1, 5) i;
SELECT rnn_panel_combine(NULL, '{"time":"date","series":[{"id":null,"rows":[["2024-01-01",1]]}]}');

-- rows in any order of series, whose followers are guessed: no row is lost, doubled or another series'
CREATE TABLE shuffled AS
SELECT s AS series, date '2026-01-01' + k AS ts, s * 1000 + k AS v, k
  FROM generate_series(0, 49) k, generate_series(1, 70) s WHERE k >= s % 3 AND k <> s % 11;
CREATE FUNCTION shuffled_rows_kept(key text, arranged text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE kept boolean;
BEGIN
	EXECUTE format($query$
		SELECT (SELECT rnn_panel(%1$s, ts, v) FROM (SELECT * FROM shuffled ORDER BY %2$s OFFSET 0) x) =
			(SELECT jsonb_build_object('time', 'date', 'covariates', 0, 'series', jsonb_agg(jsonb_build_object('id', id, 'rows', rows)))::text::rnn_panel
				FROM (SELECT format('%%s', %1$s) AS id, jsonb_agg(jsonb_build_array(ts, v)) AS rows FROM shuffled GROUP BY 1) y)$query$, key, arranged) INTO kept;
	RETURN kept;
END $$;
SET extra_float_digits = -10;	-- several arguments with one text
SELECT key, count(*) AS orders, bool_and(shuffled_rows_kept(key, arranged)) AS kept
FROM unnest(ARRAY['series', 'series::bigint', 'series::text', 'lpad(series::text, 8, ''0'')', 'lpad(series::text, 9, ''0'')',
		'lpad(series::text, 4000, ''x'')', 'series::numeric', 'series + k % 3 * 1e-13', 'series::varchar(9)', 'md5(series::text)::uuid',
		'ARRAY[series]', '(''n'' || series)::name', 'series % 2 = 0', 'CASE WHEN series > 1 THEN series::text ELSE '''' END']) WITH ORDINALITY k(key, n),
	unnest(ARRAY['ts, series', 'series, ts', 'ts DESC, series DESC', 'md5(series::text || k)', 'k % 2, ts, series', 'ts, series # 1',
		'ts, abs(series % (k + 2)), series', 'k / 10, series, ts', 'k < 25, CASE WHEN k < 25 THEN md5(series::text || k) END, ts, series']) arranged
GROUP BY n, key ORDER BY n;
RESET extra_float_digits;
-- a panel that is read after every row
SELECT bool_and(p::text::jsonb @> jsonb_build_object('series', jsonb_build_array(jsonb_build_object('id', series::text, 'rows', jsonb_build_array(jsonb_build_array(ts, v))))))
	AND max(length(p::text)) > 5000 AS kept
FROM (SELECT series, ts, v, rnn_panel(series, ts, v) OVER (ORDER BY ts, series ROWS UNBOUNDED PRECEDING) AS p FROM shuffled WHERE k < 4) x;
-- arguments of about 2^16 bytes with short texts: the length of one of them is the mark of a series without an argument
CREATE TYPE panel_long AS (names name[], t text);
SELECT count(*) AS rows, count(DISTINCT series_id) AS series, bool_and(length(series_id) = 2006 + value) AS kept
FROM rnn_rows((SELECT rnn_panel((array_fill('a'::name, ARRAY[1000]), repeat('x', n))::panel_long, date '2026-01-01' + k, n)
	FROM (SELECT n, k FROM generate_series(1450, 1530) n, generate_series(1, 2) k ORDER BY n, k) x));
DROP TYPE panel_long;
DROP FUNCTION shuffled_rows_kept(text, text);
DROP TABLE shuffled;
