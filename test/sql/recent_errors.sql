-- intervals become wider or narrower by the errors since the training: bad input, when they must not, by how much
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.normal(series bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT sqrt(-2 * ln(((hashint8extended(series * 1000003 + k, 1) & 4503599627370495) + 0.5) / 4503599627370496.0::float8)) *
	cos(2 * pi() * ((hashint8extended(series * 1000003 + k, 2) & 4503599627370495) / 4503599627370496.0::float8)) $$;
-- noise around 100; after day 400 the series 1 to 40 are twice as wild, 41 to 80 half as wild, 81 to 120 as before
CREATE TABLE re_t AS SELECT s, k, date '2022-01-01' + k AS ts, 100 + pg_temp.normal(s, k) *
	CASE WHEN k < 400 THEN 1 WHEN s <= 40 THEN 2 WHEN s <= 80 THEN 0.5 ELSE 1 END AS v
FROM generate_series(1, 120) s, generate_series(0, 739) k;
CREATE TABLE re_m AS SELECT network, rnn_train((SELECT rnn_panel(s, ts, v) FROM re_t WHERE k < 400), layers, '{"horizon": 7, "ensemble": 1, "epochs": 1, "seasonality": "none"}') AS m FROM (VALUES ('ridge', '"ridge"'::jsonb), ('auto', NULL)) n(network, layers);
CREATE FUNCTION pg_temp.width(model bytea, rows rnn_panel, level float8 DEFAULT 0.8) RETURNS TABLE(series int, step int, width float8) LANGUAGE sql AS
$$ SELECT series_id::int, step, prediction_interval_upper_bound - prediction_interval_lower_bound FROM rnn_forecast(model, rows, 7, level) $$;
\set fresh '(SELECT rnn_panel(s, ts, v)'
-- ---- bad input: no row known since the training, some rows, one enormous value, no training rows in the panel ----
SELECT count(*), count(*) FILTER (WHERE a.width = b.width) AS equal, count(*) FILTER (WHERE a.width > 0) AS known FROM re_m,
	pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) a JOIN LATERAL pg_temp.width(m, (SELECT rnn_panel(s, ts, CASE WHEN k < 400 THEN v END) FROM re_t WHERE k < 440)) b USING (series, step)
WHERE network = 'ridge' AND step = 1;
SELECT s AS series, round((w.width / o.width)::numeric, 1) AS by_training FROM re_m, pg_temp.width(m, :fresh FROM re_t WHERE k < 680 AND (k < 400 OR s > 2 OR k % 7 = 2 - s % 2))) w
	JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) o USING (series, step), LATERAL (SELECT w.series) q(s) WHERE network = 'ridge' AND s <= 2 AND step = 7;
-- of a value of 10^6, each horizon that it is in or before counts as three times the usual error at most
SELECT series, w.width / o.width BETWEEN 1.05 AND 2 AS wider FROM re_m, pg_temp.width(m, (SELECT rnn_panel(s, ts, CASE WHEN k = 500 THEN 1e6 ELSE v END) FROM re_t WHERE s = 81 AND k < 680)) w
	JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE s = 81 AND k < 680)) o USING (series, step) WHERE network = 'ridge' AND step = 7;
-- enough rows for forty horizons
SELECT count(*) FILTER (WHERE w.width = o.width) AS equal FROM re_m, pg_temp.width(m, :fresh FROM re_t WHERE k BETWEEN 300 AND 679)) w
	JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 680)) o USING (series, step) WHERE network = 'ridge' AND step = 1;
-- ---- nothing changes without a whole horizon of rows and in the model's own forecasts ----
SELECT network, count(*) FILTER (WHERE abs(a.width - b.width) < 1e-9) AS equal, count(*) FILTER (WHERE abs(a.width - c.width) < 1e-9) AS six_rows, count(*) FILTER (WHERE abs(a.width - d.width) < 1e-9) AS seven_rows FROM re_m,
	pg_temp.width(m, NULL) a JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) b USING (series, step)
	JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 406)) c USING (series, step)
	JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 407)) d USING (series, step)
WHERE network = 'ridge' AND step = 1 GROUP BY network;
-- ---- by how much: forty horizons of twice, half, the same errors ----
SELECT network, CASE WHEN series <= 40 THEN 'twice' WHEN series <= 80 THEN 'half' ELSE 'the same' END AS errors, round(avg(w.width / o.width)::numeric, 1) AS by_training,
	min(w.width / o.width) > CASE WHEN series <= 40 THEN 1.5 WHEN series <= 80 THEN 0.45 ELSE 0.8 END AND max(w.width / o.width) < CASE WHEN series <= 40 THEN 2.2 WHEN series <= 80 THEN 0.7 ELSE 1.25 END AS near
FROM re_m, pg_temp.width(m, :fresh FROM re_t WHERE k < 680)) w JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) o USING (series, step) WHERE step = 7 GROUP BY 1, 2, series <= 40, series <= 80 ORDER BY 1, 2;
-- the formula, from the forecasts of ridge regression alone: factors of two series differ as their mean errors do
WITH e AS (SELECT series_id::int AS series, fold_id, avg(abs(actual_value - forecast_value)) AS error FROM re_m, rnn_backtest(m, :fresh FROM re_t WHERE k < 680 AND s IN (1, 100)), 7, stride => 7) WHERE network = 'ridge' GROUP BY 1, 2),
	f AS (SELECT series, count(*) AS horizons, sum(error) AS error FROM e GROUP BY 1),
	w AS (SELECT series, w.width / o.width AS factor FROM re_m, pg_temp.width(m, :fresh FROM re_t WHERE k < 680)) w JOIN LATERAL pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) o USING (series, step) WHERE network = 'ridge' AND step = 7)
SELECT min(horizons) AS horizons, bool_and((50 * factor - 10) / error BETWEEN 0.8 * u AND 1.25 * u) AS by_formula, min(u) > 0 AS positive
FROM f JOIN w USING (series), (SELECT avg((50 * factor - 10) / error) AS u FROM f JOIN w USING (series)) q;
-- ---- intervals hold again ----
SELECT CASE WHEN series_id::int <= 40 THEN 'twice' WHEN series_id::int <= 80 THEN 'half' ELSE 'the same' END AS errors,
	avg((actual_value BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) BETWEEN 0.72 AND 0.9 AS holds_80
FROM re_m, rnn_backtest(m, :fresh FROM re_t), 7, stride => 7, confidence_level => 0.8) b WHERE network = 'auto' AND forecast_timestamp >= date '2022-01-01' + 680 GROUP BY 1 ORDER BY 1;
-- ---- one rule: the same forecast whatever is forecast with it, by each function ----
SELECT network, count(*) AS rows, max(abs(f.prediction_interval_upper_bound - b.prediction_interval_upper_bound)) < 1e-4 AS backtest, max(abs(f.prediction_interval_lower_bound - l.prediction_interval_lower_bound)) < 1e-4 AS alone
FROM re_m, rnn_forecast(m, :fresh FROM re_t WHERE k < 726 AND s < 6), 7) f
	JOIN LATERAL rnn_backtest(m, :fresh FROM re_t WHERE s < 6), 7, stride => 2) b USING (series_id, forecast_timestamp)
	JOIN LATERAL rnn_forecast(m, :fresh FROM re_t WHERE k < 726 AND s = 3), 7) l USING (series_id, forecast_timestamp)
WHERE b.forecast_timestamp - f.step * interval '1 day' = date '2022-01-01' + 725 AND b.step = f.step GROUP BY 1 ORDER BY 1;
SELECT bool_and(abs(a.width - (b.prediction_interval_upper_bound - b.prediction_interval_lower_bound)) < 1e-9) AS without FROM re_m, pg_temp.width(m, :fresh FROM re_t WHERE k < 400)) a
	JOIN LATERAL rnn_forecast(m, :fresh FROM re_t WHERE k < 680), 7, 0.8, '{"recalibrate": false}') b ON b.series_id::int = a.series AND b.step = a.step WHERE network = 'ridge';
SELECT * FROM rnn_forecast((SELECT m FROM re_m WHERE network = 'ridge'), options => '{"recalibrate": 2}');
-- ---- an option that a call cannot honor is an error ----
SELECT rnn_train(:fresh FROM re_t WHERE k < 400), 'ridge', '{"horizon": 7, "intervals": "none", "recalibrate": true}');
SELECT rnn_train(:fresh FROM re_t WHERE k < 400), '{"horizon": 7, "intervals": "loss", "loss": "gaussian", "recalibrate": true}');
SELECT count(*) FROM re_m, rnn_state(m, options => '{"recalibrate": true}') WHERE network = 'ridge';
SELECT count(*) FROM re_m, rnn_detect_anomalies(m, :fresh FROM re_t), options => '{"recalibrate": true}') WHERE network = 'ridge';
SELECT rnn_train(:fresh FROM re_t WHERE k < 400), 'ridge', '{"horizon": 7, "intervals": "none", "recalibrate": false}') IS NOT NULL AS trained;
SELECT value FROM re_m, rnn_model_card(m) WHERE item = 'fresh rows' AND network = 'ridge';
DROP TABLE re_t, re_m;
