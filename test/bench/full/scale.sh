#!/bin/bash
# test/bench/full/scale.sh: memory, processor time and size of models of many series: a sample and chunks, one model
# of all series, one that keeps none.  SERIES (10000) times ROWS (1000); JOBS (chunks global pooled; also panel and bare)
# chooses; STORED=1 reads an unlogged table of 44 bytes per row, and rows are otherwise made as they are read.  Memory is
# the rise of the backend's resident memory from before the statement (Linux); with it come processor and wall seconds,
# and the load.
set -eu
series=${SERIES:-10000} rows=${ROWS:-1000} jobs=${JOBS:-chunks global pooled}
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
sql <<SQL
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
-- rows that are made as they are read: nothing but the panels takes memory or space
CREATE OR REPLACE VIEW made AS SELECT s, timestamptz '2024-01-01 00:00+00' + t * interval '1 hour' AS t,
	round(100 * (100 + s % 50 + 20 * sin(t / 24.0::float8 * 2 * pi() + s) + 5 * sin(t / 168.0::float8 * 2 * pi()) + hashint8(s * 4099::bigint + t) % 1000 / 250.0::float8))::int AS v
FROM generate_series(1, $series) s CROSS JOIN LATERAL generate_series(1, $rows + 0 * s) t;	-- series after series
DROP TABLE IF EXISTS target;
DELETE FROM rnn_chunk_runs WHERE run = 'run';
CREATE TABLE target (series_id text, forecast_timestamp timestamptz, step int, forecast_value float8, standard_error float8,
	confidence_level float8, prediction_interval_lower_bound float8, prediction_interval_upper_bound float8, forecast_status text);
SQL
from=made
if [ "${STORED:-}" ]; then
    from=stored_${series}_$rows
    sql <<SQL
SET client_min_messages = warning;
SELECT to_regclass('$from') IS NULL AS missing \gset
\if :missing
BEGIN;
CREATE UNLOGGED TABLE $from (t timestamptz, s int, v int) WITH (autovacuum_enabled = off);
INSERT INTO $from SELECT t, s, v FROM made;
CREATE INDEX ON $from USING brin (s) WITH (pages_per_range = 32);
COMMIT;
VACUUM (ANALYZE, FREEZE) $from;
\endif
SQL
fi
sql -c "CREATE OR REPLACE VIEW big AS SELECT s, t, v / 100::float8 AS v FROM $from"
echo "$series series of $rows rows, $from: $(sql -c "SELECT pg_size_pretty(pg_table_size('$from'))")"

status="SELECT substring(pg_read_file('/proc/self/status', 0, 4000) FROM '%s:\s*(\d+) kB')::float8 / 1024"
cpu="SELECT ((string_to_array(pg_read_file('/proc/self/stat', 0, 1000), ' '))[14]::float8 + (string_to_array(pg_read_file('/proc/self/stat', 0, 1000), ' '))[15]::float8) / 100"
# measure NAME STATEMENT RESULT: a session of its own
measure() {
    sql 2>&1 <<SQL | grep -vE 'LOCATION|CONTEXT|^INFO|NOTICE|DETAIL|HINT' | sed "s/^/$1: /"
SET maintenance_work_mem = '${LIMIT:-20GB}';
SET forecast_rnn.workers = 0; SET jit = off;
SET max_parallel_workers_per_gather = 0;
SELECT length(rnn_train(rnn_panel(v::bigint, v::float8), '"ridge"', '{"horizon":2}')) > 0 AS warm FROM generate_series(1, 50) v \gset ignore_
SELECT m AS base FROM ($(printf "$status" VmRSS)) x(m) \gset
SELECT c AS cpu FROM ($cpu) x(c) \gset
SELECT extract(epoch FROM clock_timestamp()) AS start \gset
COPY (SELECT 5) TO '/proc/self/clear_refs';
SET client_min_messages = debug1;
$2
RESET client_min_messages;
SELECT format('%s MB more at the peak, %s s of processor time, %s s, load %s', round(m - :base), round((c - :cpu)::numeric, 1), round(extract(epoch FROM clock_timestamp()) - :start, 1), split_part(pg_read_file('/proc/loadavg', 0, 100), ' ', 1))
FROM ($(printf "$status" VmHWM)) x(m), ($cpu) y(c);
SQL
}
for job in $jobs; do
    case $job in
        panel) measure panel "SELECT rnn_panel(s, t, v) IS NULL FROM big;" ;;
        chunks)
            measure chunks "CALL rnn_forecast_chunks('run', 'SELECT s AS series, t AS ts, v AS value FROM big', 'target', 24);"
            sql -c "SELECT format('chunks: %s chunks, %s rows, model of %s bytes', count(*), sum(rows), min(length(model))) FROM rnn_chunks NATURAL JOIN rnn_chunk_runs"
            ;;
        global) measure global "SELECT format('%s bytes', length(rnn_train(rnn_panel(s, t, v), options => '{\"horizon\": 24}'))) FROM big;" ;;
        bare) measure bare "SELECT format('%s bytes', length(rnn_train(rnn_panel(s, t, v), options => '{\"horizon\": 24, \"keep_history\": false}'))) FROM big;" ;;
        pooled) measure pooled "SELECT format('%s bytes', length(rnn_train(rnn_panel(s, t, v), options => '{\"horizon\": 24, \"keep_series\": false}'))) FROM big;" ;;
    esac
done
