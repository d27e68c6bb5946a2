-- The job in one statement.
INSERT INTO job_forecast
SELECT 'ours', forecast_timestamp::timestamp, forecast_value
FROM rnn_backtest((SELECT rnn_train(rnn_panel(ts, mw), rnn_sequential(rnn_lstm(64), rnn_dense(24)), :'options') FROM pjm WHERE ts < '2017-08-01'),
                  (SELECT rnn_panel(ts, mw) FROM pjm WHERE ts < '2018-08-01'), horizon => 24, stride => 24);
