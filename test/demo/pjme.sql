\echo
\echo 'PJM East: 145 366 hourly loads, some hours twice, some absent, rows in disorder.  Trained on five years up to July 2017;'
\echo 'then 24 hours forecast from each midnight of a year.  Three summer days, every fourth hour:'
\echo

SELECT clock_timestamp() AS started \gset
CREATE TABLE pjm_model AS
SELECT rnn_train(rnn_panel(ts, mw),
                 options => '{"horizon": 24, "on_duplicate": "mean", "ensemble": 1}') AS model
FROM pjm WHERE ts >= '2012-08-01' AND ts < '2017-08-01';

-- one forecast a day, each from the five weeks before it
CREATE TABLE pjm_forecast AS
SELECT f.forecast_timestamp::timestamp AS ts, f.forecast_value AS forecast
FROM pjm_model m,
     (SELECT d.day, rnn_panel(p.ts, p.mw) AS history
      FROM generate_series(timestamp '2017-08-01', '2018-07-31', '1 day') AS d(day)
      JOIN pjm p ON p.ts < d.day AND p.ts >= d.day - interval '35 days' GROUP BY d.day) h,
     rnn_forecast(m.model, h.history, horizon => 24) f;

CREATE TABLE pjm_error AS
SELECT f.ts, a.mw AS actual, f.forecast, day_ago.mw AS day_ago, week_ago.mw AS week_ago
FROM pjm_forecast f
JOIN (SELECT ts, avg(mw) AS mw FROM pjm GROUP BY ts) a USING (ts)
JOIN (SELECT ts, avg(mw) AS mw FROM pjm GROUP BY ts) day_ago ON day_ago.ts = f.ts - interval '1 day'
JOIN (SELECT ts, avg(mw) AS mw FROM pjm GROUP BY ts) week_ago ON week_ago.ts = f.ts - interval '7 days';

INSERT INTO result
SELECT 3, 'PJM East', '365 days, 24 hours ahead', 'MAPE %',
       least(rnn_mape(actual, day_ago), rnn_mape(actual, week_ago)), rnn_mape(actual, forecast),
       extract(epoch FROM clock_timestamp() - :'started') FROM pjm_error;

SELECT to_char(ts, 'YYYY-MM-DD HH24:MI') AS hour, round(actual::numeric) AS "actual MW",
       round(forecast::numeric) AS forecast, round(day_ago::numeric) AS naive,
       round((100 * abs(forecast - actual) / actual)::numeric, 1) AS "error %",
       round((100 * abs(day_ago - actual) / actual)::numeric, 1) AS "naive error %"
FROM pjm_error
WHERE ts >= '2018-07-01' AND ts < '2018-07-04' AND extract(hour FROM ts)::int % 4 = 0 ORDER BY ts;
