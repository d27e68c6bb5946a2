-- rnn_train: bad input first, then what a model says of itself, determinism, warm start
SET client_min_messages = warning;
CREATE TABLE train_t(id text, ts date, v float8, c float8);
INSERT INTO train_t
SELECT 's' || s, date '2020-01-01' + i, 10 * s + 2 * sin(2 * pi() * i / 7) + 0.01 * i + (hashint4(s * 1000 + i) % 1000) / 1000.0 + (hashint4(s * 1000 + i - 1) % 1000) / 1500.0, (i % 7 = 0)::int
FROM generate_series(1, 3) s, generate_series(0, 139) i;

SELECT rnn_train(rnn_panel(ts, v)) FROM train_t WHERE false;
SELECT rnn_train(rnn_panel(ts, v)) FROM train_t WHERE id = 's1' AND ts = '2020-01-01';
SELECT rnn_train(rnn_panel(ts, v)) FROM train_t;
SELECT rnn_train(rnn_panel(ts, NULL::float8)) FROM train_t WHERE id = 's1';
SELECT rnn_train(rnn_panel(id, ts, CASE WHEN id = 's2' THEN NULL ELSE v END)) FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizen":7}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizon":0}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizon":100000}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizon":7,"time_steps":-1}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"scaler":"minimax"}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), 'rigde') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), '5'::jsonb) FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(8), rnn_dropout(0.1), rnn_gru(8))) FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(8), rnn_lstm(8), rnn_dense(7))) FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(8), rnn_dense(5)), '{"horizon":7}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(8), rnn_dense(7)), '{"loss":"quantile","quantiles":[0.1,0.9],"horizon":7}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"time_zone":"Mars/Olympus"}') FROM train_t;
SELECT rnn_train(rnn_panel(id, ts, v), options => '{"frequency":"fortnight"}') FROM train_t;
SET maintenance_work_mem = '1MB';
SELECT rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(512), rnn_dense(7)), '{"horizon":7}') FROM train_t;
RESET maintenance_work_mem;
SELECT length(rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_simple(8, 'relu'), rnn_dense(7)),
	'{"horizon":7,"optimizer":"sgd","learning_rate":100,"clip_norm":0,"epochs":30,"loss":"mse"}')) FROM train_t;

-- a small model; the same seed gives the same bytes, whatever the order of the rows; another seed others
CREATE TABLE train_m AS
SELECT n, rnn_train(rnn_panel(id, ts, v ORDER BY CASE WHEN n = 2 THEN -extract(day FROM ts) ELSE 1 END),
	options => format('{"horizon":7,"ensemble":2,"seed":%s,"epochs":40,"mix":1}', CASE n WHEN 3 THEN 2 ELSE 1 END)::jsonb) AS m
FROM train_t, generate_series(1, 3) n GROUP BY n;
SELECT a.m = b.m AS same_seed, a.m = c.m AS other_seed
FROM train_m a, train_m b, train_m c WHERE a.n = 1 AND b.n = 2 AND c.n = 3;
SELECT i->'kind' AS kind, i->'members' AS members, i->'series' AS series, i->'options' AS options, i->'frequency' AS frequency
FROM (SELECT rnn_model_info(m) i FROM train_m WHERE n = 1) s;
SELECT count(*) > 0 AS has_history, bool_and(loss > 0) AS positive FROM train_m, rnn_history(m) WHERE n = 1;
SELECT layer, output_shape FROM train_m, rnn_summary(m) WHERE n = 1;
-- a forecaster is no plain network
SELECT rnn_predict(m, '{{{1}}}') FROM train_m WHERE n = 1;

-- warm start: the network stays, training goes on
SELECT (rnn_model_info(w)->>'parameters') = (rnn_model_info(m)->>'parameters') AS same_network, w <> m AS trained
FROM (SELECT m, rnn_train((SELECT rnn_panel(id, ts, v) FROM train_t), m, '{"epochs":2}') w FROM train_m WHERE n = 1) s;
SELECT rnn_train((SELECT rnn_panel(id, ts::timestamp, v) FROM train_t), m) FROM train_m WHERE n = 1;
SELECT rnn_train((SELECT rnn_panel(id, ts, v, ARRAY[c]) FROM train_t), m) FROM train_m WHERE n = 1;
-- a chosen network that gives less than the horizon at once goes on too; a longer horizon is taken, a shorter one is not ignored
CREATE TABLE train_w AS SELECT i::bigint AS t, 10 + sin(i) AS v FROM generate_series(0, 24) i;
CREATE TABLE train_s AS SELECT rnn_train(rnn_panel(t, v), options => '{"horizon":12,"epochs":2,"ensemble":1,"mix":0.5}') m FROM train_w;
SELECT o, (SELECT max(step) FROM rnn_forecast_index(w)) AS steps
FROM (SELECT o, rnn_train((SELECT rnn_panel(t, v) FROM train_w), m, o::jsonb) w FROM train_s, unnest(ARRAY['{"epochs":1}', '{"epochs":1,"horizon":14}']) o) s;
SELECT rnn_train((SELECT rnn_panel(t, v) FROM train_w), m, '{"horizon":5}') FROM train_s;
DROP TABLE train_w, train_s;

-- each part of the pipeline can be chosen
SELECT o, length(rnn_train(rnn_panel(id, ts, v), options => ('{"horizon":7,"ensemble":1,"epochs":2}'::jsonb || o))) > 1000 AS ok
FROM train_t, unnest(ARRAY['{"transform":"log"}', '{"transform":"asinh"}', '{"seasonality":"none"}', '{"seasonality":[7]}',
	'{"scaler":"standard"}', '{"scaler":"robust"}', '{"scaler":"minmax"}', '{"scaler":"mean"}', '{"scaler":"none"}', '{"scaler":"step"}',
	'{"level":"none"}', '{"level":"mean"}', '{"mode":"window"}', '{"mode":"sequence"}', '{"mode":"window","highway":false}', '{"mode":"window","highway":true}',
	'{"mix":0.5}', '{"loss":"mse"}', '{"loss":"huber"}', '{"loss":"gaussian"}', '{"loss":"student_t"}', '{"quantiles":[0.1,0.5,0.9],"loss":"quantile"}',
	'{"optimizer":"rmsprop"}', '{"schedule":"constant"}', '{"calendar":true}', '{"validation":14}', '{"validation":0}', '{"stride":2}',
	'{"time_steps":14,"segment":7,"mode":"window"}', '{"keep_history":false}', '{"intervals":"none"}']::jsonb[]) o
GROUP BY o ORDER BY o::text COLLATE "C";

-- a model a group, the linear model by name, networks of the user's
SELECT id, rnn_model_info(rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon":7}'))->'members' AS members
FROM train_t GROUP BY id ORDER BY id;
SELECT rnn_model_info(rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_gru(6, return_sequences => true), rnn_gru(6), rnn_dense(7)),
	'{"time_steps":28,"horizon":7,"epochs":2,"ensemble":1}'))->'layers' AS direct FROM train_t;
SELECT rnn_model_info(rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_simple(6), rnn_dense(1)),
	'{"time_steps":28,"horizon":7,"epochs":2,"ensemble":1}'))->'layers' AS recursive FROM train_t;
SELECT rnn_model_info(rnn_train(rnn_panel(id, ts, v), rnn_sequential(rnn_lstm(6, return_sequences => true), rnn_dense(7)),
	'{"time_steps":28,"horizon":7,"epochs":2,"ensemble":1}'))->'layers' AS sequences FROM train_t;
DROP TABLE train_t, train_m;

-- one bad group costs only itself: without skip an error whose hint works, with skip NULL and a notice
CREATE TABLE train_g AS SELECT g, date '2024-01-01' + k AS d, CASE WHEN g <> 2 THEN g + sin(k)::float8 END AS v FROM generate_series(1, 3) g, generate_series(0, 59) k;
SELECT g, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7}') IS NOT NULL AS trained FROM train_g GROUP BY g ORDER BY g;
-- one known value in the fourth row is no model either
SELECT rnn_train(rnn_panel(date '2024-01-01' + k, CASE WHEN k = 3 THEN 1 END), 'ridge', '{"horizon": 7}') FROM generate_series(0, 59) k;
SELECT g, rnn_train(rnn_panel(date '2024-01-01' + k, CASE WHEN k = 3 OR g < 3 THEN sin(k) END), 'ridge', '{"horizon": 7, "on_error": "skip"}') IS NOT NULL AS trained FROM generate_series(1, 3) g, generate_series(0, 59) k GROUP BY g ORDER BY g;
SELECT g, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7}') IS NOT NULL AS trained FROM train_g GROUP BY g HAVING count(v) >= 3 ORDER BY g;
SET client_min_messages = notice;
-- values that cannot be squared: an error with the row, or one series less
SELECT rnn_train(rnn_panel(s, date '2024-01-01' + k, CASE WHEN s = 2 AND k = 20 THEN -1e200 ELSE s + k % 7 END), 'ridge', '{"horizon": 2}') FROM generate_series(1, 2) s, generate_series(0, 59) k;
SELECT rnn_train(rnn_panel(timestamptz '2024-01-01' + k * interval '1 hour', 1e300 * (2 + k % 3)), 'ridge', '{"horizon": 2}') FROM generate_series(0, 59) k;
SELECT series_id, step, round(forecast_value::numeric, 1) AS forecast, forecast_status
FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, date '2024-01-01' + k, CASE WHEN s = 2 AND k = 20 THEN -1e200 ELSE s + k % 7 END), 'ridge', '{"horizon": 2, "on_error": "skip"}')
	FROM generate_series(1, 2) s, generate_series(0, 59) k));
SELECT rnn_train(rnn_panel(k, 2e150), 'ridge', '{"horizon": 2, "on_error": "skip"}') IS NULL AS skipped FROM generate_series(1, 20) k;
SELECT max(forecast_value) BETWEEN 3.8e100 AND 4.1e100 AS large FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2024-01-01' + k, 1e100 * (3 + sin(k * 2 * pi() / 7))) FROM generate_series(0, 99) k), 'ridge', '{"horizon": 7}'));
SELECT g, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 7, "on_error": "skip"}') IS NOT NULL AS trained FROM train_g WHERE g < 3 GROUP BY g ORDER BY g DESC;
SELECT rnn_train(rnn_panel(d, v), 'ridge', '{"on_error": "skip"}') IS NULL AS skipped FROM train_g WHERE g = 1 AND d < '2024-01-03';
SET client_min_messages = warning;
-- a model to start from must be there
SELECT rnn_train(rnn_panel(d, v), NULL::bytea) FROM train_g WHERE g = 1;

-- ---- one series with few windows: a small network that stops early, unless numbers are given ----
CREATE TABLE few AS SELECT timestamp '2024-01-01' + t * interval '1 hour' AS ts, 10 + sin(t * pi() / 12) * 3 + sin(t * t * 0.37) AS v, ARRAY[(t % 2)::float8] AS c
	FROM generate_series(0, 399) t;
SELECT given, i #>> '{recipe,patience}' AS patience, i #>> '{recipe,ensemble}' AS ensemble, i #>> '{layers,0,units}' AS units
FROM (VALUES (1, '{}'), (2, '{"patience": 0}'), (3, '{"patience": 2}'), (4, '{"epochs": 2}'), (5, '{"ensemble": 2}')) t(n, given),
	LATERAL (SELECT rnn_model_info(rnn_train(rnn_panel(ts, v), options => '{"horizon": 6, "mix": 1}'::jsonb || given::jsonb)) i FROM few) m ORDER BY n;
SELECT i #>> '{layers,0,units}' AS units_with_covariates FROM (SELECT rnn_model_info(rnn_train(rnn_panel(ts, v, c), options => '{"horizon": 6, "epochs": 1, "mix": 1}')) i FROM few) m;
SELECT i #>> '{layers,0,units}' AS units_of_two_series FROM (SELECT rnn_model_info(rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 6, "epochs": 1, "mix": 1}')) i FROM few, generate_series(1, 2) s) m;
DROP TABLE few;
