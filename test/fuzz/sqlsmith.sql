-- What SQLsmith finds: tables with values of every kind that the extension's functions take, and little else, so that
-- most of its queries call them.
CREATE EXTENSION forecast_rnn;
SET client_min_messages = error;
CREATE ROLE smith LOGIN;
ALTER ROLE smith SET maintenance_work_mem = '64MB';
ALTER ROLE smith SET max_parallel_workers_per_gather = 2;
GRANT CREATE ON SCHEMA public TO smith;
SET ROLE smith;
CREATE TABLE plot AS SELECT s, date '2024-01-01' + k AS d, timestamptz '2024-01-01' + k * interval '1 day' AS ts, 10 + s + sin(k)::float8 AS v, ARRAY[cos(k)]::float8[] AS c, k::bigint AS n
	FROM generate_series(1, 3) s, generate_series(0, 39) k;
CREATE TABLE panel AS SELECT 'one' AS name, rnn_panel(d, v) AS p FROM plot WHERE s = 1 UNION ALL SELECT 'named', rnn_panel(s, d, v) FROM plot
	UNION ALL SELECT 'covariates', rnn_panel(s, ts, v, c) FROM plot UNION ALL SELECT 'counted', rnn_panel(n, v) FROM plot WHERE s = 2;
CREATE TABLE model AS SELECT name, rnn_train(p, '"ridge"', '{"horizon": 3, "time_steps": 6}') AS model FROM panel
	UNION ALL SELECT 'network', rnn_init(rnn_sequential(rnn_gru(2), rnn_dense(1)), '{4,1}')
	UNION ALL SELECT 'fitted', rnn_fit(rnn_sequential(rnn_lstm(2), rnn_dense(1)), '{{{1},{2}},{{2},{3}}}', '{{3},{4}}', '{"epochs": 1}');
CREATE TABLE network AS SELECT rnn_sequential(rnn_gru(2), rnn_dense(3)) AS network, '{"horizon": 2, "epochs": 1}'::jsonb AS options, '{4,1}'::int[] AS shape,
	'{{{1},{2}},{{2},{3}}}'::float8[] AS tensor;
CREATE VIEW forecast AS SELECT m.name, f.* FROM model m, rnn_forecast(m.model) f WHERE m.name NOT IN ('network', 'fitted');
