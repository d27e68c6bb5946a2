\echo
\echo 'PJM East: 145 366 hourly loads, some hours twice, some absent, rows in disorder.  Trained on five years up to July 2017;'
\echo 'then 24 hours forecast from each midnight of a year.  Three summer days, every fourth hour:'
\echo

SELECT clock_timestamp() AS started \gset
CREATE TABLE pjm_model AS
SELECT rnn_train(rnn_panel(ts, mw),
                 options => '{"horizon": 24, "on_duplicate": "mean", "ensemble": 1, "epochs": 20, "steps_per_epoch": 25}') AS model
FROM pjm WHERE ts >= '2012-08-01' AND ts < '2017-08-01';

-- a forecast from each midnight of the following year, each from the rows before it; naive is the value one day ago
CREATE TABLE pjm_forecast AS
SELECT forecast_timestamp::timestamp AS ts, actual_value AS actual, forecast_value AS forecast, naive_value AS naive
FROM pjm_model, rnn_backtest(model, (SELECT rnn_panel(ts, mw) FROM pjm WHERE ts < '2018-08-01'), horizon => 24, stride => 24);

INSERT INTO result
SELECT 3, 'PJM East', '365 days, 24 hours ahead', 'MAPE %', rnn_mape(actual, naive), rnn_mape(actual, forecast),
       extract(epoch FROM clock_timestamp() - :'started') FROM pjm_forecast;

SELECT to_char(ts, 'YYYY-MM-DD HH24:MI') AS hour, round(actual::numeric) AS "actual MW",
       round(forecast::numeric) AS forecast, round(naive::numeric) AS naive,
       round((100 * abs(forecast - actual) / actual)::numeric, 1) AS "error %",
       round((100 * abs(naive - actual) / actual)::numeric, 1) AS "naive error %"
FROM pjm_forecast
WHERE ts >= '2018-07-01' AND ts < '2018-07-04' AND extract(hour FROM ts)::int % 4 = 0 ORDER BY ts;
