\echo
\echo 'AirPassengers: one series of 144 months.  Trained up to January 1959; 23 months forecast at once.'
\echo

SELECT clock_timestamp() AS started \gset
CREATE TABLE air_model AS
SELECT rnn_train(rnn_panel(month, passengers), options => '{"horizon": 23}') AS model
FROM air_passengers WHERE month <= '1959-01-01';

CREATE TABLE air_forecast AS
SELECT a.month, a.passengers AS actual, f.forecast_value AS forecast,
       f.prediction_interval_lower_bound AS lower, f.prediction_interval_upper_bound AS upper,
       last.passengers AS last_value, season.passengers AS year_ago
FROM air_model m, rnn_forecast(m.model, horizon => 23, confidence_level => 0.9) f
JOIN air_passengers a ON a.month = f.forecast_timestamp::date
JOIN air_passengers last ON last.month = '1959-01-01'
JOIN air_passengers season ON season.month =
     CASE WHEN a.month < '1960-02-01' THEN a.month - interval '1 year' ELSE a.month - interval '2 years' END;

INSERT INTO result
SELECT 1, 'AirPassengers', '23 months at once', 'MAPE %',
       least(rnn_mape(actual, last_value), rnn_mape(actual, year_ago)), rnn_mape(actual, forecast),
       extract(epoch FROM clock_timestamp() - :'started') FROM air_forecast;

SELECT to_char(month, 'YYYY-MM') AS month, actual, round(forecast::numeric, 1) AS forecast,
       round(lower::numeric, 1) AS "lower 90%", round(upper::numeric, 1) AS "upper 90%", year_ago AS naive,
       round((100 * abs(forecast - actual) / actual)::numeric, 1) AS "error %",
       round((100 * abs(year_ago - actual) / actual)::numeric, 1) AS "naive error %"
FROM air_forecast ORDER BY month;

-- a picture: history, forecast and interval
\pset format unaligned
\pset tuples_only on
\o build/air_passengers.svg
SELECT rnn_plot(a.month::timestamptz, a.passengers, f.forecast, f.lower, f.upper,
                '{"title": "Air passengers, in thousands: 23 months forecast in January 1959, 90 % interval"}')
FROM air_passengers a LEFT JOIN air_forecast f ON f.month = a.month WHERE a.month >= '1954-01-01';
\o
\pset tuples_only off
\pset format aligned
\echo 'A picture of it: build/air_passengers.svg'
