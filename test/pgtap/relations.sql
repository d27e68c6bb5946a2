-- Relations between functions that hold for any numbers.
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE wave AS
SELECT t, timestamp '2021-01-01' + t * interval '1 hour' AS ts, 50 + 10 * sin(t / 24.0 * 2 * pi()) + (t * t % 17) / 5.0 AS v FROM generate_series(1, 400) t;
CREATE TEMP TABLE net AS SELECT rnn_sequential(rnn_gru(4, return_sequences => true), rnn_dropout(0.2), rnn_lstm(3), rnn_dense(2)) AS n;
CREATE TEMP TABLE sample AS SELECT (d).x, (d).y FROM (SELECT rnn_dataset(v, 12, 2 ORDER BY t) AS d FROM wave) s;
CREATE TEMP TABLE fitted AS SELECT rnn_fit(n, x, y, '{"epochs": 3, "seed": 4, "learning_rate": 0.01}') AS m FROM net, sample;
CREATE TEMP TABLE forecaster AS SELECT rnn_train(rnn_panel(ts, v), n, '{"horizon": 2, "time_steps": 24, "epochs": 2}') AS m FROM wave, net GROUP BY n;

-- windows and data sets
SELECT is((SELECT rnn_windows(v, 12 ORDER BY t) FROM wave WHERE t <= 398), (SELECT x FROM sample), 'rnn_dataset has the windows of rnn_windows over the rows that have a future');
SELECT is((SELECT rnn_shape(x) FROM sample), ARRAY[387, 12, 1], 'rnn_shape: batch, time, feature');
SELECT is((SELECT count(*) FROM sample, rnn_unstack(x)), 12::bigint, 'rnn_unstack gives a slice for each time step');

-- models and the functions that describe them
SELECT is((SELECT rnn_shape(rnn_predict(m, x)) FROM fitted, sample), (SELECT rnn_shape(y) FROM sample), 'predictions have the shape of the targets');
SELECT is((SELECT sum(parameters) FROM fitted, rnn_summary(m)), (SELECT sum((SELECT count(*) FROM unnest("values"))) FROM fitted, rnn_weights(m)),
          'rnn_summary counts the weights that rnn_weights lists');
SELECT is((SELECT sum(parameters) FROM net, rnn_summary(n, '{12,1}')), (SELECT sum(parameters) FROM fitted, rnn_summary(m)), 'rnn_summary of a network and of its model agree');
SELECT is((SELECT count(*) FROM fitted, rnn_history(m)), 3::bigint, 'rnn_history has a row an epoch');
SELECT is((SELECT rnn_predict(m, x) FROM fitted, sample), (SELECT rnn_predict(m::text::bytea, x) FROM fitted, sample), 'a model is its bytes');
SELECT ok((SELECT abs(e.mean_squared_error - s.mse) < 1e-5 * s.mse FROM fitted, sample, rnn_evaluate(m, x, y) e,
           LATERAL (SELECT avg((a - b) ^ 2) AS mse FROM unnest(rnn_predict(m, x), y) AS u(a, b)) s), 'rnn_evaluate is the error of rnn_predict');
SELECT is((SELECT rnn_network(n) FROM net), (SELECT n FROM net), 'rnn_network leaves the canonical form alone');

-- forecasts
SELECT is((SELECT array_agg(forecast_value ORDER BY step) FROM forecaster, rnn_forecast(m, horizon => 5)),
          (SELECT array_agg(forecast_value ORDER BY step) FROM forecaster, rnn_forecast(m, (SELECT rnn_panel(ts, v) FROM wave), 5)),
          'the remembered history and the same rows given anew forecast the same');
SELECT is((SELECT array_agg(forecast_timestamp ORDER BY step) FROM forecaster, rnn_forecast_local(m, horizon => 3)),
          (SELECT array_agg(local_timestamp ORDER BY step) FROM rnn_stamps((SELECT rnn_panel(ts, v) FROM wave), 3)), 'rnn_stamps are the stamps of the forecast');
SELECT ok((SELECT bool_and(prediction_interval_lower_bound <= forecast_value AND forecast_value <= prediction_interval_upper_bound)
           FROM forecaster, rnn_forecast(m, horizon => 4, confidence_level => 0.8)), 'forecasts are inside their intervals');
SELECT ok((SELECT bool_and(w.prediction_interval_upper_bound >= n.prediction_interval_upper_bound AND w.prediction_interval_lower_bound <= n.prediction_interval_lower_bound)
           FROM forecaster, rnn_forecast(m, horizon => 4, confidence_level => 0.95) w JOIN rnn_forecast((SELECT m FROM forecaster), horizon => 4, confidence_level => 0.5) n USING (step)),
          'wider confidence, wider interval');
SELECT is((SELECT rnn_panel(ts, v ORDER BY t) FROM wave), (SELECT rnn_panel(ts, v ORDER BY t DESC) FROM wave), 'the order of the rows does not matter to a panel');
SELECT is((SELECT rnn_panel(ts, v)::text::rnn_panel FROM wave), (SELECT rnn_panel(ts, v) FROM wave), 'a panel is its text');
SELECT is((SELECT count(*) FROM rnn_rows((SELECT rnn_panel(ts, v) FROM wave))), 400::bigint, 'rnn_rows gives the rows back');
SELECT is((SELECT count(*) FROM rnn_options() WHERE NOT rnn_check_options('{}') ? name), 0::bigint, 'rnn_check_options knows every option');

SELECT * FROM finish();
ROLLBACK;
