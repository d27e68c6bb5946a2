\echo
\echo 'CIF 2016: 72 monthly series, two global models: one for the 57 series with 12 months to forecast,'
\echo 'one for the 15 with 6.  Five series of each:'
\echo

SELECT clock_timestamp() AS started \gset
CREATE TABLE cif_model AS
SELECT s.horizon, rnn_train(rnn_panel(c.series_id, c.month, c.value),
                            options => jsonb_build_object('horizon', s.horizon)) AS model
FROM cif c JOIN cif_series s USING (series_id) WHERE c.split = 'train' GROUP BY s.horizon;

CREATE TABLE cif_forecast AS
SELECT m.horizon, f.series_id, f.step, f.forecast_value AS forecast, c.value AS actual,
       last.value AS last_value, season.value AS year_ago
FROM cif_model m, rnn_forecast(m.model, horizon => m.horizon) f
JOIN cif_series s USING (series_id)
JOIN cif c ON c.series_id = f.series_id AND c.month = f.forecast_timestamp::date
JOIN cif last ON last.series_id = f.series_id AND last.month = date '2000-01-01' + (s.n_train - 1) * interval '1 month'
JOIN cif season ON season.series_id = f.series_id AND season.month = c.month - interval '1 year';

CREATE TABLE cif_error AS
SELECT horizon, series_id, rnn_smape(actual, forecast) AS ours,
       rnn_smape(actual, last_value) AS last_value, rnn_smape(actual, year_ago) AS year_ago
FROM cif_forecast GROUP BY horizon, series_id;

INSERT INTO result
SELECT 2, 'CIF 2016', '72 series, 12 or 6 months', 'sMAPE %',
       least(avg(last_value), avg(year_ago)), avg(ours),
       extract(epoch FROM clock_timestamp() - :'started') FROM cif_error;

SELECT e.horizon, e.series_id AS series, round(f.actual::numeric, 1) AS "last actual",
       round(f.forecast::numeric, 1) AS "its forecast", round(e.ours::numeric, 1) AS "sMAPE %",
       round(e.last_value::numeric, 1) AS "naive sMAPE %"
FROM (SELECT *, row_number() OVER (PARTITION BY horizon ORDER BY series_id COLLATE "C") AS place FROM cif_error) e
JOIN cif_forecast f ON f.series_id = e.series_id AND f.step = e.horizon
WHERE place <= 5 ORDER BY e.horizon DESC, place;
