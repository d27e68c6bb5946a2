-- rnn_panel beside array_agg(value) on the same rows: time and memory.
-- 10 million rows, 1000 series, in random order; psql -v rows=... for another number.
-- The query compares the panel with itself: one transition for both, and a
-- reader that touches every row.  Memory is the backend's peak resident size
-- above what a plain scan left, in bytes a row.
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
SELECT (i % 1000)::int AS series, 'series ' || i % 1000 AS name,
       timestamptz '2020-01-01 00:00+00' + (i / 1000) * interval '1 hour' AS ts, random() AS value
FROM generate_series(1, :rows) i ORDER BY random();
VACUUM (ANALYZE) panel_bench;

CREATE FUNCTION panel_bench_status(field text) RETURNS bigint LANGUAGE sql
RETURN substring(pg_read_file('/proc/self/status') FROM field || ':\s*(\d+) kB')::bigint * 1024;

-- the fastest of several runs, and the peak of the first, which runs in a fresh backend
CREATE TABLE panel_bench_result (what text, workers int, ms float8, bytes_a_row float8);
CREATE PROCEDURE panel_bench_run(what text, query text, workers int, runs int) LANGUAGE plpgsql AS $$
DECLARE
	base bigint;
	peak bigint;
	begun timestamptz;
	took float8;
	best float8 := 'Infinity';
	n bigint;
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
	PERFORM set_config('parallel_setup_cost', '0', false);
	PERFORM set_config('parallel_tuple_cost', '0', false);
	SELECT count(value) INTO n FROM panel_bench;
	base := panel_bench_status('VmRSS');
	COPY (SELECT 5) TO '/proc/self/clear_refs';		-- start the peak anew
	FOR i IN 1..runs LOOP
		begun := clock_timestamp();
		EXECUTE 'CREATE TEMP TABLE panel_bench_out AS ' || query;	-- unlike INTO, may run in parallel
		took := extract(epoch FROM clock_timestamp() - begun) * 1000;
		best := least(best, took);
		IF i = 1 THEN
			peak := panel_bench_status('VmHWM');
		END IF;
		DROP TABLE panel_bench_out;
	END LOOP;
	INSERT INTO panel_bench_result VALUES (what, workers, best, (peak - base)::float8 / n);
END $$;

\set array '''SELECT cardinality(array_agg(value)) FROM panel_bench'''
\set by_int '''SELECT rnn_panel(series, ts, value) = rnn_panel(series, ts, value) AS ok FROM panel_bench'''
\set by_text '''SELECT rnn_panel(name, ts, value) = rnn_panel(name, ts, value) AS ok FROM panel_bench'''
\set one '''SELECT rnn_panel(ts, value) = rnn_panel(ts, value) AS ok FROM panel_bench'''
\c
CALL panel_bench_run('array_agg(value)', :array, 0, 3);
\c
CALL panel_bench_run('rnn_panel(integer, ts, value)', :by_int, 0, 3);
\c
CALL panel_bench_run('rnn_panel(integer, ts, value)', :by_int, 2, 3);
\c
CALL panel_bench_run('rnn_panel(text, ts, value)', :by_text, 0, 2);
\c
CALL panel_bench_run('rnn_panel(ts, value)', :one, 0, 2);
SELECT what, workers, round(ms) AS ms, round((ms / min(ms) FILTER (WHERE what = 'array_agg(value)') OVER ())::numeric, 2) AS ratio,
       round(bytes_a_row::numeric, 1) AS bytes_a_row
FROM panel_bench_result;
DROP PROCEDURE panel_bench_run(text, text, int, int);
DROP FUNCTION panel_bench_status(text);
DROP TABLE panel_bench, panel_bench_result;
