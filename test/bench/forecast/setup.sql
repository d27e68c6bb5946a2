-- 10 000 series to forecast; models trained for one short epoch on other series: what is measured is speed
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
SELECT setseed(0.5) \g /dev/null
CREATE UNLOGGED TABLE forecast_bench AS
SELECT s AS id, timestamptz '2024-01-01 00:00+00' + t * interval '1 hour' AS ts, 100 + 20 * sin(2 * pi() * t / 24 + s) + random() * 5 AS value
FROM generate_series(0, 167) t, generate_series(1, :series) s;
CREATE TABLE forecast_bench_train AS
SELECT -s AS id, timestamptz '2023-01-01 00:00+00' + t * interval '1 hour' AS ts, 100 + 20 * sin(2 * pi() * t / 24 + s) + random() * 5 AS value
FROM generate_series(1, 20) s, generate_series(0, 699) t;
VACUUM (ANALYZE) forecast_bench;
CREATE TABLE forecast_bench_model AS
SELECT segment, rnn_train(rnn_panel(id, ts, value), rnn_sequential(rnn_lstm(64), rnn_dense(24)),
	jsonb_build_object('segment', segment) || '{"time_steps":168, "horizon":24, "mode":"window", "highway":false, "ensemble":1, "mix":1,
	"epochs":1, "stride":24, "seasonality":"none", "transform":"none"}') AS model
FROM forecast_bench_train, unnest('{1,24}'::int[]) segment GROUP BY segment;
CREATE UNLOGGED TABLE forecast_bench_ours(id int, ts timestamptz, step int, value float8);
CREATE UNLOGGED TABLE forecast_bench_torch(LIKE forecast_bench_ours);
CREATE TABLE forecast_bench_time(segment int, way text, s float8, reading float8, network float8);
CREATE TABLE forecast_bench_difference(segment int, difference float8, points bigint);
