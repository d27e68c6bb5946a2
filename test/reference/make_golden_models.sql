-- Models of each kind as the present version writes them, with what they compute: `make golden-models` keeps the rows as
-- test/data/golden_models_VERSION.tsv, and test/t/golden.t reads the files of all versions with the present one.
-- A line: name, what computes the numbers, bytes (hexadecimal, or the text of a panel), numbers.
SET client_min_messages = error;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS forecast_rnn;
CREATE TEMP TABLE rows AS
SELECT 's' || s AS id, i, date '2024-01-01' + i AS d, timestamp '2024-01-01' + i * interval '1 hour' AS h,
	timestamptz '2024-03-25' + i * interval '1 hour' AS z, 10 * s + 12 * abs(i % 7 / 7.0::float8 - 0.5) + i * 31 % 17 / 17.0::float8 AS v, (i % 7 = 0)::int AS c,
	-- a rhythm of each series
	20 * abs(i % (9 + 2 * s) / (9.0 + 2 * s)::float8 - 0.5) * abs(i % 5 / 5.0::float8 - 0.5) AS r
FROM generate_series(1, 2) s, generate_series(0, 69) i;
CREATE TEMP TABLE golden (n serial, name text, kind text, bytes text, numbers float8[]);

CREATE TEMP TABLE made AS
SELECT 'default options' AS name, rnn_train(rnn_panel(id, d, v), options => '{"horizon": 5, "ensemble": 2, "epochs": 2, "mix": 0.5}') AS m FROM rows UNION ALL
SELECT 'ridge, integer axis', rnn_train(rnn_panel(id, i::bigint, v), 'ridge', '{"horizon": 5}') FROM rows UNION ALL
SELECT 'ridge, hours with a time zone', rnn_train(rnn_panel(id, z, v), 'ridge', '{"horizon": 5, "time_zone": "Europe/Berlin"}') FROM rows UNION ALL
SELECT 'GRU in sequence mode', rnn_train(rnn_panel(id, h, v), rnn_sequential(rnn_gru(3, true), rnn_dense(5)), '{"horizon": 5, "epochs": 2, "mode": "sequence"}') FROM rows UNION ALL
SELECT 'LSTM with quantiles', rnn_train(rnn_panel(id, d, v), rnn_sequential(rnn_lstm(3), rnn_dense(15)), '{"horizon": 5, "epochs": 2, "time_steps": 14, "quantiles": [0.1, 0.5, 0.9]}') FROM rows UNION ALL
SELECT 'negative binomial', rnn_train(rnn_panel(id, d, round(v)), rnn_sequential(rnn_lstm(3), rnn_dense(10)), '{"horizon": 5, "epochs": 2, "loss": "negative_binomial"}') FROM rows UNION ALL
SELECT 'limits, recursive', rnn_train(rnn_panel(id, d, v), rnn_sequential(rnn_simple(4), rnn_dense(1)), '{"horizon": 5, "epochs": 2, "lower_limit": 5, "upper_limit": 40}') FROM rows UNION ALL
-- by network, ridge regression, autoregressions and smoothed level: test/reference/check_onnx.py computes its forecasts, too
SELECT 'autoregression of each series', rnn_train(rnn_panel(id, d, v + r), options => '{"horizon": 5, "ensemble": 1, "epochs": 20, "autoregression": 14}') FROM rows;
INSERT INTO golden(name, kind, bytes, numbers)
SELECT name, 'forecast', m::text, (SELECT array_agg(x ORDER BY series_id, step, k) FROM rnn_forecast(m) f,
	unnest(ARRAY[forecast_value, prediction_interval_lower_bound, prediction_interval_upper_bound]) WITH ORDINALITY u(x, k))
FROM made WHERE name !~ 'integer';
INSERT INTO golden(name, kind, bytes, numbers)
SELECT name, 'forecast_index', m::text, (SELECT array_agg(forecast_value ORDER BY series_id, step) FROM rnn_forecast_index(m)) FROM made WHERE name ~ 'integer';
INSERT INTO golden(name, kind, bytes, numbers)
SELECT 'fit', 'predict', m::text, (SELECT array_agg(u) FROM unnest(rnn_predict(m, '{{{1},{2},{3}},{{4},{5},{6}}}')) u)
FROM (SELECT rnn_fit(rnn_sequential(rnn_bidirectional(rnn_lstm(3)), rnn_layer_norm(), rnn_dense(2)), '{{{1},{2},{3}},{{2},{3},{4}}}', '{{4,5},{5,6}}', '{"epochs": 2}') AS m) f;
-- a state belongs to a model: its line holds both
INSERT INTO golden(name, kind, bytes, numbers)
SELECT 'state: ' || name, 'step', m::text || ' ' || state::text, (rnn_step(m, state, date '2024-03-11', 15)).forecast_values
FROM made, rnn_state(m) WHERE name ~ 'default|LSTM' AND series_id = 's1';
INSERT INTO golden(name, kind, bytes, numbers)
SELECT 'panel', 'panel', rnn_panel(id, d, v, ARRAY[c]::float8[])::text, (SELECT array_agg(v ORDER BY id, d) FROM rows) FROM rows;
INSERT INTO golden(name, kind, bytes, numbers)
SELECT 'binary panel', 'panel_recv', rnn_panel_send(rnn_panel(id, d, v, ARRAY[c]::float8[]))::text, (SELECT array_agg(v ORDER BY id, d) FROM rows) FROM rows;
COPY (SELECT name, kind, bytes, numbers FROM golden ORDER BY n) TO STDOUT;
