-- judging: rolling origins with and without refit, errors, fitted values, anomalies, importance
SET client_min_messages = warning;
CREATE TABLE backtest_t(id text, ts date, v float8, c float8);
INSERT INTO backtest_t
SELECT 's' || s, date '2020-01-01' + i, 10 * s + 2 * sin(2 * pi() * i / 7) + 3 * (hashint4(i) % 5 = 0)::int + (hashint4(s * 1000 + i) % 1000) / 1000.0,
       (hashint4(i) % 5 = 0)::int
FROM generate_series(1, 2) s, generate_series(0, 139) i;
CREATE TABLE backtest_m AS
SELECT rnn_train(rnn_panel(id, ts, v), 'ridge', '{"horizon":7}') AS m FROM backtest_t WHERE ts < '2020-04-15';
CREATE VIEW backtest_p AS SELECT rnn_panel(id, ts, v) AS p FROM backtest_t;

SELECT * FROM rnn_backtest((SELECT m FROM backtest_m), (SELECT p FROM backtest_p), horizon => 0);
SELECT * FROM rnn_backtest((SELECT m FROM backtest_m), (SELECT p FROM backtest_p), stride => -1);
SELECT * FROM rnn_backtest((SELECT p FROM backtest_p), folds => 0);
SELECT * FROM rnn_backtest((SELECT p FROM backtest_p), folds => 40);
SELECT * FROM rnn_evaluate((SELECT m FROM backtest_m), (SELECT p FROM backtest_p), confidence_level => 2);
SELECT * FROM rnn_detect_anomalies((SELECT m FROM backtest_m), (SELECT p FROM backtest_p), 0);
SELECT * FROM rnn_importance((SELECT m FROM backtest_m), (SELECT p FROM backtest_p));

-- without refit: origins start after the training rows, a horizon apart; the actual values are the table's
CREATE TABLE backtest_r AS SELECT * FROM rnn_backtest((SELECT m FROM backtest_m), (SELECT p FROM backtest_p));
SELECT series_id, count(*) AS rows, max(fold_id) AS folds, min(cutoff) AS first_cutoff, max(forecast_timestamp) AS last,
       bool_and(forecast_timestamp = cutoff + step * interval '1 day') AS stamps
FROM backtest_r GROUP BY 1 ORDER BY 1;
SELECT bool_and(r.actual_value = t.v) AS actual, bool_and(r.naive_value = n.v) AS seasonal_naive
FROM backtest_r r JOIN backtest_t t ON t.id = r.series_id AND t.ts = r.forecast_timestamp
JOIN backtest_t n ON n.id = r.series_id AND n.ts = r.forecast_timestamp - interval '7 days';
-- rnn_evaluate sums up the same rows
SELECT e.series_id, e.n = r.n AS n, abs(mean_absolute_error - r.mae) < 1e-9 AS mae, abs(root_mean_squared_error - r.rmse) < 1e-9 AS rmse,
       abs(symmetric_mean_absolute_percentage_error - r.smape) < 1e-9 AS smape, abs(mean_absolute_percentage_error - r.mape) < 1e-9 AS mape,
       abs(e.coverage - r.coverage) < 1e-9 AS coverage, abs(naive_mean_absolute_error - r.naive) < 1e-9 AS naive,
       abs(skill_score - (1 - r.mae / r.naive)) < 1e-9 AS skill, abs(mean_absolute_scaled_error - r.mae / s.scale) < 1e-9 AS mase,
       mean_weighted_quantile_loss BETWEEN 0.001 AND 1 AS wql
FROM rnn_evaluate((SELECT m FROM backtest_m), (SELECT p FROM backtest_p)) e
JOIN (SELECT series_id, count(*) n, rnn_mae(actual_value, forecast_value) mae, rnn_rmse(actual_value, forecast_value) rmse,
	rnn_smape(actual_value, forecast_value) smape, rnn_mape(actual_value, forecast_value) mape, rnn_mae(actual_value, naive_value) naive,
	rnn_coverage(actual_value, prediction_interval_lower_bound, prediction_interval_upper_bound) coverage
	FROM backtest_r GROUP BY 1) r USING (series_id)
JOIN (SELECT id, avg(abs(v - lag)) AS scale FROM (SELECT id, ts, v, lag(v, 7) OVER (PARTITION BY id ORDER BY ts) FROM backtest_t WHERE ts < '2020-04-15') l GROUP BY 1) s ON s.id = e.series_id
ORDER BY 1;

-- no fold sees the future: poisoned rows after each cutoff change no forecast
SELECT count(*) AS rows, bool_and(f.forecast_value = r.forecast_value) AS unchanged
FROM (SELECT DISTINCT cutoff FROM backtest_r) c,
	LATERAL (SELECT rnn_panel(id, ts, CASE WHEN ts <= c.cutoff THEN v ELSE 1e6 * random() END) p FROM backtest_t) x,
	LATERAL rnn_backtest((SELECT m FROM backtest_m), x.p) f
JOIN backtest_r r USING (series_id, step, cutoff) WHERE f.cutoff = c.cutoff;
-- with refit, likewise
CREATE TABLE backtest_f AS SELECT * FROM rnn_backtest((SELECT p FROM backtest_p), 'ridge', '{"horizon":7}', folds => 2, stride => 5);
SELECT fold_id, min(cutoff) AS cutoff, count(*) AS rows, bool_and(forecast_timestamp = cutoff + step * interval '1 day') AS stamps FROM backtest_f GROUP BY 1 ORDER BY 1;
SELECT count(*) AS rows, bool_and(f.forecast_value = r.forecast_value) AS unchanged
FROM (SELECT DISTINCT cutoff FROM backtest_f) c,
	LATERAL (SELECT rnn_panel(id, ts, CASE WHEN ts <= c.cutoff THEN v ELSE 1e6 * random() END) p FROM backtest_t) x,
	LATERAL rnn_backtest(x.p, 'ridge', '{"horizon":7}', folds => 2, stride => 5) f
JOIN backtest_f r USING (series_id, step, cutoff) WHERE f.cutoff = c.cutoff;
-- a fold is what a model trained on the rows before it says
SELECT count(*) AS rows, bool_and(abs(f.forecast_value - r.forecast_value) < 1e-9) AS same
FROM rnn_forecast((SELECT rnn_train(rnn_panel(id, ts, v), 'ridge', '{"horizon":7}') FROM backtest_t WHERE ts <= (SELECT max(cutoff) FROM backtest_f))) f
JOIN backtest_f r USING (series_id, step, forecast_timestamp) WHERE r.fold_id = 2;

-- fitted values are one-step forecasts of every row but the first
SELECT series_id, count(*) AS rows, bool_and(abs(residual - (time_series_data - fitted_value)) < 1e-9) AS residuals
FROM rnn_fitted((SELECT m FROM backtest_m), (SELECT p FROM backtest_p)) GROUP BY 1 ORDER BY 1;
-- a value far off is found, with nearly full probability; a missing one has no verdict
SELECT series_id, time_series_timestamp, is_anomaly, anomaly_probability >= 0.95 AS sure
FROM rnn_detect_anomalies((SELECT m FROM backtest_m),
	(SELECT rnn_panel(id, ts, CASE WHEN id = 's1' AND ts = '2020-05-03' THEN 60 WHEN id = 's2' AND ts = '2020-05-03' THEN NULL ELSE v END) FROM backtest_t))
WHERE time_series_timestamp = '2020-05-03' ORDER BY 1;
SELECT count(*) FILTER (WHERE is_anomaly)::float8 / count(*) < 0.2 AS few
FROM rnn_detect_anomalies((SELECT m FROM backtest_m), (SELECT p FROM backtest_p));

-- a series never seen: its scale is known once a few of its rows are, so they have intervals and verdicts
SELECT count(*) AS rows, count(lower_bound) > 100 AS bounds, bool_or(is_anomaly) FILTER (WHERE time_series_timestamp = '2020-05-03') AS found
FROM rnn_detect_anomalies((SELECT m FROM backtest_m),
	(SELECT rnn_panel('new'::text, ts, CASE WHEN ts = '2020-05-03' THEN 60 ELSE v END) FROM backtest_t WHERE id = 's1'));

-- the covariate that drives the series is worth much, noise is not
SELECT covariate, importance > 0.3 AS worth
FROM rnn_importance((SELECT rnn_train(rnn_panel(id, ts, v, ARRAY[c, hashint4(c::int + ts::date - '2020-01-01') % 10]), 'ridge', '{"horizon":7,"level":"none","scaler":"standard"}') FROM backtest_t),
	(SELECT rnn_panel(id, ts, v, ARRAY[c, hashint4(c::int + ts::date - '2020-01-01') % 10]) FROM backtest_t), hold_out => 70) ORDER BY 1;
DROP VIEW backtest_p;
DROP TABLE backtest_t, backtest_m, backtest_r, backtest_f;

-- the naive forecast is the better of last value and season ago on the rows before the evaluated ones:
-- of a random walk with an hourly axis the last value, of a pure season the value a season ago
CREATE TABLE backtest_walk AS
SELECT k, timestamp '2024-01-01' + k * interval '1 hour' AS ts, 100 + sum((hashint4(k) % 1000) / 1000.0) OVER (ORDER BY k) AS v FROM generate_series(0, 2999) k;
CREATE TABLE backtest_wm AS SELECT rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 1, "seasonality": [24]}') AS m FROM backtest_walk WHERE k < 2500;
SELECT e.naive_method, e.in_sample, abs(e.skill_score) < 0.1 AS no_skill,
       round(e.naive_mean_absolute_error::numeric, 6) = (SELECT round(avg(abs(v - l))::numeric, 6) FROM (SELECT k, v, lag(v) OVER (ORDER BY k) AS l FROM backtest_walk) q WHERE k >= 2500) AS last_value
FROM rnn_evaluate((SELECT m FROM backtest_wm), (SELECT rnn_panel(ts, v) FROM backtest_walk), 1) e;
SELECT naive_method, count(*), round(max(abs(b.naive_value - w.v))::numeric, 9) AS off FROM rnn_backtest((SELECT m FROM backtest_wm), (SELECT rnn_panel(ts, v) FROM backtest_walk), 1) b
JOIN backtest_walk w ON w.ts = b.cutoff::timestamp GROUP BY 1;
CREATE TABLE backtest_season AS
SELECT k, timestamp '2024-01-01' + k * interval '1 hour' AS ts, 100 + 50 * sin(k / 24.0 * 2 * pi()) + (hashint4(k) % 1000) / 1000.0 AS v FROM generate_series(0, 999) k;
CREATE TABLE backtest_sm AS SELECT rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 12, "seasonality": [24]}') AS m FROM backtest_season WHERE k < 900;
SELECT naive_method, in_sample, skill_score > 0 AS skill FROM rnn_evaluate((SELECT m FROM backtest_sm), (SELECT rnn_panel(ts, v) FROM backtest_season));
-- rows that the model was trained on: said, and no skill
SELECT naive_method, in_sample, skill_score, mean_absolute_error > 0 AS error FROM rnn_evaluate((SELECT m FROM backtest_sm), (SELECT rnn_panel(ts, v) FROM backtest_season WHERE k < 900));
SELECT in_sample, skill_score FROM rnn_evaluate((SELECT m FROM backtest_sm), (SELECT rnn_panel(ts, v) FROM backtest_season), hold_out => 112);
SELECT in_sample FROM rnn_evaluate((SELECT m FROM backtest_sm), (SELECT rnn_panel('other', ts, v) FROM backtest_season WHERE k < 900));
-- outliers and new levels: the intervals of each origin are those of rnn_forecast there
CREATE TABLE backtest_jump AS SELECT s, k, 50 + 5 * sin(k * 0.9) + (hashint4(k * 10 + s) & 1023) / 1023.0 + CASE WHEN k % 37 = s OR k > 230 + s * 7 THEN 60 ELSE 0 END AS v FROM generate_series(0, 300) k, generate_series(1, 4) s;
CREATE TABLE backtest_jm AS SELECT rnn_train((SELECT rnn_panel(s, k, v) FROM backtest_jump WHERE k < 200), rnn_lstm(8), '{"horizon": 4, "epochs": 2, "verbose": false}') AS m;
SELECT count(*), count(*) FILTER (WHERE forecast_status LIKE 'one of the last%') > 0 AS shocks, max(abs(f.prediction_interval_lower_bound - b.prediction_interval_lower_bound)) < 1e-6 AS lower,
	max(abs(f.prediction_interval_upper_bound - b.prediction_interval_upper_bound)) < 1e-6 AS upper
FROM backtest_jm, generate_series(203, 296, 3) o, rnn_forecast_index(m, (SELECT rnn_panel(s, k, v) FROM backtest_jump WHERE k <= o), 4) f
	JOIN (SELECT b.* FROM backtest_jm, rnn_backtest(m, (SELECT rnn_panel(s, k, v) FROM backtest_jump), 4, 100, 1) b) b USING (series_id, forecast_index, step);
DROP TABLE backtest_jump, backtest_jm;
