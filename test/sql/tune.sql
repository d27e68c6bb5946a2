-- rnn_tune: bad input, combinations, errors that agree with rnn_backtest, the known best, time limit
SET client_min_messages = warning;
SELECT rnn_tune_grid('3');
SELECT rnn_tune_grid('[1]');
SELECT rnn_tune_grid(NULL);
SELECT count(*) FROM rnn_tune_grid((SELECT jsonb_object_agg('o' || i, '[1,2,3,4,5,6,7,8,9,10]'::jsonb) FROM generate_series(1, 5) i));
SELECT * FROM rnn_tune_grid('{"time_steps": [7, 14], "mix": 0, "seasonality": [[7], "none"]}');
SELECT * FROM rnn_tune_grid('[{"mix": 0}, {"mix": 1, "epochs": 3}]');
SELECT count(*) AS empty_list FROM rnn_tune_grid('{"mix": []}');
SELECT * FROM rnn_tune_grid('{}');

CREATE TABLE tune_t AS SELECT date '2024-01-01' + k AS d, 50 + 20 * sin(k * 2 * pi() / 7) + (hashint4(k) % 1000) / 1000.0 AS v FROM generate_series(0, 199) k;
CREATE TABLE tune_r AS SELECT r.* FROM (SELECT rnn_panel(d, v) AS p FROM tune_t) t,
  rnn_tune(t.p, '{"network": "ridge", "horizon": 7, "time_steps": [7, 28], "seasonality": [[7], "none"], "transform": ["none", "nonsense"]}', folds => 4) r;
SELECT count(*) AS rows, count(*) FILTER (WHERE status IS NULL) AS tried, min(status) AS problem, bool_and(seconds > 0) AS seconds FROM tune_r;
-- the same as rnn_backtest of those options
SELECT bool_and(abs(r.mean_absolute_error - b.mae) < 1e-12 AND abs(r.naive_mean_absolute_error - b.naive) < 1e-12 AND r.n = b.n) AS equal
FROM tune_r r, LATERAL (SELECT rnn_mae(b.actual_value, b.forecast_value) AS mae, rnn_mae(b.actual_value, b.naive_value) AS naive, count(*) AS n
  FROM rnn_backtest((SELECT rnn_panel(d, v) FROM tune_t), 'ridge', r.options - 'network', folds => 4) b) b WHERE status IS NULL;
-- a pattern of 20 rows without a profile of it: a window of 20 rows knows it, one of 5 rows does not
SELECT options -> 'time_steps' AS best, skill_score > 0.2 AS skill
FROM rnn_tune((SELECT rnn_panel(k, hashint4((k % 20)::int) % 1000 / 10.0 + hashint4(k::int) % 100 / 10.0) FROM generate_series(0, 399::bigint) k),
              '{"network": "ridge", "horizon": 5, "time_steps": [5, 20], "seasonality": "none", "level": "none"}') ORDER BY mean_absolute_error;
-- a time limit: later combinations are named
SELECT options, status FROM rnn_tune((SELECT rnn_panel(d, v) FROM tune_t), '{"network": "ridge", "horizon": [3, 4]}', time_limit => 1e-9);
SELECT * FROM rnn_tune((SELECT rnn_panel(d, v) FROM tune_t), '{"horizon": 3}', time_limit => 0);
SET statement_timeout = '200ms';
SELECT count(*) FROM rnn_tune((SELECT rnn_panel(d, v) FROM tune_t), '{"horizon": 7, "epochs": 100000, "seed": [1, 2, 3]}');
RESET statement_timeout;
DROP TABLE tune_t, tune_r;
SELECT options, status FROM rnn_tune((SELECT rnn_panel(k, k % 7) FROM generate_series(1, 60::bigint) k), '{"network": "ridge", "h": [7]}');
