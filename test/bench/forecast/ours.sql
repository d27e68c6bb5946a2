SET max_parallel_workers_per_gather = :workers;
TRUNCATE forecast_bench_ours;
SELECT clock_timestamp() AS begun \gset
INSERT INTO forecast_bench_ours
SELECT series_id::int, forecast_timestamp, step, forecast_value
FROM (SELECT rnn_panel(id, ts, value) AS panel FROM forecast_bench) h, forecast_bench_model m, rnn_forecast(m.model, h.panel)
WHERE segment = :segment;
INSERT INTO forecast_bench_time VALUES (:segment, :'way', extract(epoch FROM clock_timestamp() - :'begun'));
