-- Many small models: plans that train whole groups in workers.  (Workers of one training: test/t/parallel.t.)
SET client_min_messages = warning;
CREATE TABLE small (series int, ts date, value float8);
INSERT INTO small SELECT s, date '2024-01-01' + t, 50 + s + 10 * sin(t / 7.0 * 2 * pi()) + (t * 7919 % 101) / 20.0
  FROM generate_series(1, 40) s, generate_series(0, 49) t;
CREATE TABLE parted (LIKE small) PARTITION BY HASH (series);
SELECT format('CREATE TABLE parted_%s PARTITION OF parted FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i) FROM generate_series(0, 3) i \gexec
INSERT INTO parted SELECT * FROM small;
ANALYZE small;
ANALYZE parted;
SET enable_partitionwise_aggregate = on;
SET parallel_setup_cost = 0;
SET max_parallel_workers_per_gather = 2;
SET forecast_rnn.workers = 0;

-- the nodes from the top down to where the models are trained
CREATE FUNCTION nodes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF, VERBOSE) ' || query LOOP
		EXIT WHEN line LIKE '%Aggregate%';
		CONTINUE WHEN line !~ '(Gather|Append)$';
		RETURN NEXT substring(line from '[A-Z][A-Za-z ]+$');
	END LOOP;
END $$;
SELECT nodes($$SELECT series, rnn_train(rnn_panel(ts, value), '"ridge"', '{"horizon": 7}') FROM parted GROUP BY series$$);
SELECT nodes($$SELECT series, rnn_train(rnn_panel(ts, value), '"ridge"', '{"horizon": 7}') FROM small WHERE series % 2 = 0 GROUP BY series
	UNION ALL SELECT series, rnn_train(rnn_panel(ts, value), '"ridge"', '{"horizon": 7}') FROM small WHERE series % 2 = 1 GROUP BY series$$);

CREATE TABLE apart AS SELECT series, rnn_train(rnn_panel(ts, value), rnn_sequential(rnn_gru(4), rnn_dense(7)),
	'{"horizon": 7, "time_steps": 14, "epochs": 1, "ensemble": 1}') AS model FROM parted GROUP BY series;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE alone AS SELECT series, rnn_train(rnn_panel(ts, value), rnn_sequential(rnn_gru(4), rnn_dense(7)),
	'{"horizon": 7, "time_steps": 14, "epochs": 1, "ensemble": 1}') AS model FROM small GROUP BY series;
SELECT count(*), bool_and(apart.model = alone.model) AS same_bytes FROM apart JOIN alone USING (series);

-- the setting
SHOW forecast_rnn.workers;
RESET forecast_rnn.workers;
SHOW forecast_rnn.workers;
SET forecast_rnn.workers = 1025;
SELECT rnn_fit(rnn_sequential(rnn_dense(1)), '{{{1}}}', '{{1}}', '{"workers": -1}');
