-- Measures training with one parallel worker and without: seconds (the least of several runs in turn)
-- and their ratio.  Two processes need two free cores; on a busy machine the ratio is lower.
-- psql -v repeats=N sets the number of runs (3).
\set QUIET on
\set ON_ERROR_STOP on
\pset footer off
\if :{?repeats}
\else
\set repeats 3
\endif
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
SET maintenance_work_mem = '1GB';
SET bench.repeats = :'repeats';
CREATE TEMP TABLE job (place serial, name text, query text, alone float8, shared float8, md5 text[] DEFAULT '{}');

-- 512 windows of 168 steps and 8 features: long enough that the reader and the start of a worker take a negligible share
CREATE TABLE bench_tensor AS
SELECT rnn_windows(ARRAY[sin(t / 24.0), cos(t / 24.0), sin(t / 7.0), cos(t / 7.0), sin(t / 3.0), cos(t / 3.0), t % 7 / 7.0, t % 24 / 24.0], 168 ORDER BY t) AS x
  FROM generate_series(1, 679) t;
ALTER TABLE bench_tensor ADD y float8[];
UPDATE bench_tensor SET y = (SELECT array_agg(ARRAY[sin(i / 24.0)] ORDER BY i) FROM generate_series(1, (rnn_shape(x))[1]) i);
INSERT INTO job (name, query)
SELECT 'rnn_fit, LSTM 2 x 64, 168 steps, batch ' || batch, format($$SELECT md5(rnn_fit(rnn_sequential(rnn_lstm(64, return_sequences => true), rnn_lstm(64), rnn_dense(1)),
	x, y, '{"batch_size": %s, "epochs": %s}')) FROM bench_tensor$$, batch, epochs)
  FROM (VALUES (64, 40), (256, 20)) b(batch, epochs);

-- the default, on the 57 series of the CIF 2016 competition with a horizon of twelve months
CREATE TABLE bench_cif (series_id text, month date, value float8, split text);
\copy bench_cif FROM 'test/data/cif2016.csv' CSV HEADER
CREATE TABLE bench_cif_series (series_id text PRIMARY KEY, horizon int, n_train int);
\copy bench_cif_series FROM 'test/data/cif2016_series.csv' CSV HEADER
INSERT INTO job (name, query) VALUES
	('rnn_train, default, 57 monthly series', $$SELECT md5(rnn_train(rnn_panel(series_id, month, value), options => '{"horizon": 12}'))
	FROM bench_cif JOIN bench_cif_series USING (series_id) WHERE split = 'train' AND horizon = 12$$);

DO $$
DECLARE
	j record;
	began timestamptz;
	took float8;
	digest text;
BEGIN
	FOR time IN 1 .. current_setting('bench.repeats')::int LOOP
		FOR j IN SELECT * FROM job ORDER BY place LOOP
			FOR workers IN 0 .. 1 LOOP
				-- the long one fewer times
				CONTINUE WHEN time > 2 AND coalesce(j.alone, 0) > 10;
				PERFORM set_config('forecast_rnn.workers', workers::text, false);
				began := clock_timestamp();
				EXECUTE j.query INTO digest;
				took := extract(epoch FROM clock_timestamp() - began);
				UPDATE job SET md5 = md5 || digest,
					alone = CASE workers WHEN 0 THEN least(alone, took) ELSE alone END,
					shared = CASE workers WHEN 1 THEN least(shared, took) ELSE shared END
				 WHERE place = j.place;
			END LOOP;
		END LOOP;
	END LOOP;
END $$;
SELECT name AS "job", round(alone::numeric, 2) AS "alone", round(shared::numeric, 2) AS "with a worker", round((alone / shared)::numeric, 2) AS "ratio",
	(SELECT count(DISTINCT m) = 1 FROM unnest(md5) m) AS "same bytes"
  FROM job ORDER BY place;

-- 1000 models, one a series: PostgreSQL's own plan shares them out where the table is partitioned by the series
-- (two workers and the leader: with one, the planner counts on nothing but the worker)
CREATE TABLE bench_small (series int, ts date, value float8) PARTITION BY HASH (series);
SELECT format('CREATE TABLE bench_small_%s PARTITION OF bench_small FOR VALUES WITH (MODULUS 16, REMAINDER %s)', i, i) FROM generate_series(0, 15) i \gexec
INSERT INTO bench_small SELECT s, date '2024-01-01' + t, 100 + s % 17 + 10 * sin(t / 7.0 * 2 * pi()) + (t * 7919 % 101 + s * 31 % 77) / 20.0
  FROM generate_series(1, 1000) s, generate_series(1, 100) t;
ANALYZE bench_small;
SET enable_partitionwise_aggregate = on;
SET parallel_setup_cost = 0;
SET forecast_rnn.workers = 0;
TRUNCATE job;
ALTER TABLE job ALTER md5 TYPE text;
INSERT INTO job (name, query) VALUES
	('1000 models, ridge', $$SELECT md5(string_agg(md5(m), '' ORDER BY series)) FROM (SELECT series, rnn_train(rnn_panel(ts, value), '"ridge"', '{"horizon": 7}') AS m
	FROM bench_small GROUP BY series) t$$),
	('1000 models, GRU 8', $$SELECT md5(string_agg(md5(m), '' ORDER BY series)) FROM (SELECT series, rnn_train(rnn_panel(ts, value),
	rnn_sequential(rnn_gru(8), rnn_dense(7)), '{"horizon": 7, "time_steps": 14, "epochs": 4, "ensemble": 1}') AS m FROM bench_small GROUP BY series) t$$);
UPDATE job SET md5 = '';
DO $$
DECLARE
	j record;
	began timestamptz;
	took float8;
	digest text;
	workers int;
BEGIN
	FOR time IN 1 .. least(current_setting('bench.repeats')::int, 3) LOOP
		FOR j IN SELECT * FROM job ORDER BY place LOOP
			FOREACH workers IN ARRAY '{0,2}'::int[] LOOP
				PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
				began := clock_timestamp();
				EXECUTE j.query INTO digest;
				took := extract(epoch FROM clock_timestamp() - began);
				UPDATE job SET md5 = CASE WHEN md5 IN ('', digest) THEN digest ELSE 'differs' END,
					alone = CASE workers WHEN 0 THEN least(alone, took) ELSE alone END,
					shared = CASE workers WHEN 2 THEN least(shared, took) ELSE shared END
				 WHERE place = j.place;
			END LOOP;
		END LOOP;
	END LOOP;
END $$;
SELECT name AS "job", round(alone::numeric, 2) AS "alone", round(shared::numeric, 2) AS "with two workers", round((alone / shared)::numeric, 2) AS "ratio",
	md5 <> 'differs' AS "same bytes"
  FROM job ORDER BY place;
