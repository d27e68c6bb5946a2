-- Training in rounds on four shards of M4 hourly: MASE of the 48 test hours, LSTM(32) and 10 rounds of 60 updates (of hopper: 4 visits in each), by
-- rnn_train_distributed.  Shards are cut by the hash of the series' names or by their numbers, which follow the kinds of series.  The start comes from every
-- eighth series, and with ONLY=first from the series of the first shard.  SEEDS=3: seeds 0, 1 and 2.
-- ONLY=before: the last 48 training hours in the place of the test hours, for choices that must not see them.
SELECT :'only' = 'before' AS before, :'only' = 'first' AS of_first \gset
CREATE TABLE m4(series_id text, ts timestamp, value float8, split text);
\copy m4 FROM PROGRAM 'gzip -dc m4_hourly.csv.gz' CSV HEADER
\if :before
DELETE FROM m4 WHERE split = 'test';
UPDATE m4 SET split = 'test' FROM (SELECT series_id, max(ts) AS last FROM m4 GROUP BY 1) e WHERE e.series_id = m4.series_id AND m4.ts > e.last - interval '48 hours';
\endif
CREATE TABLE cut_series AS SELECT series_id, n, abs(hashtext(series_id)) % 4 AS hash, n * 4 / 414 AS number
FROM (SELECT series_id, row_number() OVER (ORDER BY length(series_id), series_id) - 1 AS n FROM (SELECT DISTINCT series_id FROM m4) x) y;
CREATE TABLE shard AS
SELECT 'hash' AS cut, hash AS node, rnn_panel(series_id, ts, value) AS rows FROM m4 JOIN cut_series USING (series_id) WHERE split = 'train' GROUP BY 2
UNION ALL SELECT 'number', number, rnn_panel(series_id, ts, value) FROM m4 JOIN cut_series USING (series_id) WHERE split = 'train' GROUP BY 2
UNION ALL SELECT 'all', 0, rnn_panel(series_id, ts, value) FROM m4 WHERE split = 'train'
UNION ALL SELECT 'sample', 0, rnn_panel(series_id, ts, value) FROM m4 JOIN cut_series USING (series_id) WHERE split = 'train' AND n % 8 = 0;
CREATE TABLE distributed_actual AS
SELECT series_id, step, value, scale FROM (SELECT series_id, row_number() OVER (PARTITION BY series_id ORDER BY ts) AS step, value FROM m4 WHERE split = 'test') a
JOIN (SELECT series_id, avg(abs(value - before)) AS scale FROM (SELECT series_id, value, lag(value, 24) OVER (PARTITION BY series_id ORDER BY ts) AS before FROM m4 WHERE split = 'train') d GROUP BY 1) s USING (series_id);
CREATE FUNCTION distributed_start(cut text, node int, seed int, epochs int, more jsonb) RETURNS bytea LANGUAGE sql AS $$
SELECT rnn_train(s.rows, rnn_sequential(rnn_lstm(32), rnn_dense(48)), jsonb_build_object('horizon', 48, 'epochs', epochs, 'steps_per_epoch', 60, 'validation', 0,
	'segment', 24, 'learning_rate', 0.002, 'seed', seed) || more) FROM shard s WHERE s.cut = distributed_start.cut AND s.node = distributed_start.node $$;
CREATE TABLE distributed_result(training text, shards text, seed int, mase float8, inside_90 float8);
CREATE FUNCTION distributed_measure(training text, shards text, seed int, model bytea) RETURNS void LANGUAGE sql AS $$
INSERT INTO distributed_result SELECT training, shards, seed, avg(e), avg(inside) FROM (
	SELECT avg(abs(a.value - f.forecast_value)) / min(a.scale) AS e, avg((a.value BETWEEN f.prediction_interval_lower_bound AND f.prediction_interval_upper_bound)::int) AS inside
	FROM rnn_forecast_local(model, horizon => 48, confidence_level => 0.9) f JOIN distributed_actual a USING (series_id, step) GROUP BY series_id) x $$;
CREATE PROCEDURE distributed(training text, method text, momentum float8, shards text, seed int, start_cut text) LANGUAGE plpgsql AS $$
DECLARE
	run_name text := format('%s %s %s', training, shards, seed);
	start bytea := distributed_start(start_cut, 0, seed, CASE method WHEN 'hopper' THEN 40 ELSE 10 END, '{"keep_optimizer": true, "stop_after": 0}');
	nodes jsonb := (SELECT jsonb_object_agg(k, format('SELECT rnn_train(s.rows, $1, $2) FROM shard s WHERE s.cut = %L AND s.node = %s', shards, k)) FROM generate_series(0, 3) k);
	sums jsonb := (SELECT jsonb_object_agg(k, format('SELECT rnn_ridge_sums(s.rows, $1) FROM shard s WHERE s.cut = %L AND s.node = %s', shards, k)) FROM generate_series(0, 3) k);
BEGIN
	CALL rnn_train_distributed(run_name, start, nodes, 10, method, sums => sums, momentum => momentum);
	PERFORM distributed_measure(training, shards, seed, (SELECT d.model FROM rnn_distributed d WHERE d.name = run_name));
	DELETE FROM rnn_distributed d WHERE d.name = run_name;
	COMMIT;
END $$;
CREATE PROCEDURE distributed_all(seeds int, start_cut text) LANGUAGE plpgsql AS $$
DECLARE
	seed int;
	t record;
BEGIN
	FOR seed IN 0 .. seeds - 1 LOOP
		PERFORM distributed_measure('one node, all rows', 'none', seed, distributed_start('all', 0, seed, 10, '{}'));
		COMMIT;
		FOR t IN VALUES ('diloco, momentum 0.9', 'diloco', 0.9, 'hash'), ('diloco, momentum 0.9', 'diloco', 0.9, 'number'), ('diloco, momentum 0.7', 'diloco', 0.7, 'hash'),
			('diloco, momentum 0.7', 'diloco', 0.7, 'number'), ('average', 'average', 0, 'hash'), ('average', 'average', 0, 'number'),
			('hopper', 'hopper', 0, 'hash'), ('hopper', 'hopper', 0, 'number') LOOP
			CALL distributed(t.column1, t.column2, t.column3, t.column4, seed, start_cut);
		END LOOP;
	END LOOP;
END $$;
CALL distributed_all(:seeds, CASE WHEN :'of_first' = 't' THEN 'number' ELSE 'sample' END);
SELECT training, shards, string_agg(round(mase::numeric, 3)::text, ', ' ORDER BY seed) AS "MASE by seed", round(avg(mase)::numeric, 3) AS mean, round(avg(inside_90)::numeric, 3) AS "in 90 %"
FROM distributed_result GROUP BY 1, 2 ORDER BY 1, 2;
DROP PROCEDURE distributed_all, distributed;
DROP FUNCTION distributed_measure, distributed_start;
DROP TABLE m4, cut_series, shard, distributed_actual, distributed_result;
