-- Measures time and memory of rnn_panel beside array_agg(value) on the same rows:
-- 10 million rows of 1000 series in random order; psql -v rows=... sets another number.
-- The query compares the panel with itself, so that there is one transition and
-- a reader of every row.  Memory is the peak resident size of the backend above
-- that after a plain scan, in bytes per row.
\set QUIET on
\set ON_ERROR_STOP on
\pset footer off
\if :{?rows}
\else
\set rows 10000000
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE panel_bench AS
SELECT i::bigint AS place, (i % 1000)::int AS series, 'series ' || i % 1000 AS name,
       timestamptz '2020-01-01 00:00+00' + (i / 1000) * interval '1 hour' AS ts, random() AS value
FROM generate_series(1, :rows) i ORDER BY random();
VACUUM (ANALYZE) panel_bench;

CREATE FUNCTION panel_bench_status(field text) RETURNS bigint LANGUAGE sql
RETURN substring(pg_read_file('/proc/self/status') FROM field || ':\s*(\d+) kB')::bigint * 1024;

CREATE TABLE panel_bench_query (what text, query text, workers int);
INSERT INTO panel_bench_query VALUES
  ('array_agg(value)', 'SELECT cardinality(array_agg(value)) FROM panel_bench', 0),
  ('rnn_panel(integer, ts, value)', 'SELECT rnn_panel(series, ts, value) = rnn_panel(series, ts, value) AS ok FROM panel_bench', 0),
  ('rnn_panel(integer, ts, value)', 'SELECT rnn_panel(series, ts, value) = rnn_panel(series, ts, value) AS ok FROM panel_bench', 2),
  ('rnn_panel(text, ts, value)', 'SELECT rnn_panel(name, ts, value) = rnn_panel(name, ts, value) AS ok FROM panel_bench', 0),
  ('rnn_panel(bigint, value)', 'SELECT rnn_panel(place, value) = rnn_panel(place, value) AS ok FROM panel_bench', 0);
CREATE TABLE panel_bench_result (what text, workers int, ms float8, bytes_a_row float8);

-- one run of the query that stands at that place
CREATE PROCEDURE panel_bench_run(place int) LANGUAGE plpgsql AS $$
DECLARE
	q panel_bench_query;
	base bigint;
	peak bigint;
	begun timestamptz;
	took float8;
	n bigint;
BEGIN
	SELECT * INTO q FROM panel_bench_query OFFSET place - 1 LIMIT 1;
	PERFORM set_config('max_parallel_workers_per_gather', q.workers::text, false);
	PERFORM set_config('parallel_setup_cost', '0', false);
	PERFORM set_config('parallel_tuple_cost', '0', false);
	SELECT count(value) INTO n FROM panel_bench;
	base := panel_bench_status('VmRSS');
	COPY (SELECT 5) TO '/proc/self/clear_refs';		-- start the peak anew
	begun := clock_timestamp();
	EXECUTE 'CREATE TEMP TABLE panel_bench_out AS ' || q.query;	-- unlike INTO, may run in parallel
	took := extract(epoch FROM clock_timestamp() - begun) * 1000;
	peak := panel_bench_status('VmHWM');
	DROP TABLE panel_bench_out;
	INSERT INTO panel_bench_result VALUES (q.what, q.workers, took, (peak - base)::float8 / n);
END $$;

-- first each in a fresh backend, for the memory; then in turn, so that what else the machine does hits all alike
\c
CALL panel_bench_run(1);
\c
CALL panel_bench_run(2);
\c
CALL panel_bench_run(3);
\c
CALL panel_bench_run(4);
\c
CALL panel_bench_run(5);
SELECT format('CALL panel_bench_run(%s)', place) FROM generate_series(1, 3) round, generate_series(1, 5) place ORDER BY round, place \gexec
SELECT what, workers, round(min(ms)) AS ms,
       round((min(ms) / min(min(ms)) FILTER (WHERE what = 'array_agg(value)') OVER ())::numeric, 2) AS ratio,
       round((array_agg(bytes_a_row))[1]::numeric, 1) AS bytes_a_row
FROM panel_bench_result GROUP BY what, workers ORDER BY what, workers;
DROP PROCEDURE panel_bench_run(int);
DROP FUNCTION panel_bench_status(text);
DROP TABLE panel_bench, panel_bench_query, panel_bench_result;
