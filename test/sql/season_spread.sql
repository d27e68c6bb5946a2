-- intervals are wider at hours that were wild in the last days: bad input, the formula, how often they hold
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.normal(series bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT sqrt(-2 * ln(((hashint8extended(series * 1000003 + k, 1) & 4503599627370495) + 0.5) / 4503599627370496.0::float8)) *
	cos(2 * pi() * ((hashint8extended(series * 1000003 + k, 2) & 4503599627370495) / 4503599627370496.0::float8)) $$;
-- hourly noise of standard deviation 4 in one half of the day and 1 in the other; the halves change every two weeks
CREATE TABLE ss_t AS SELECT s, k, timestamptz '2024-01-01 00:00+00' + k * interval '1 hour' AS ts, (k % 24 < 12) = (k / 336 % 2 = 0) AS wild, 20 + 5 * sin(2 * pi() * k / 24) +
	pg_temp.normal(s, k) * CASE WHEN (k % 24 < 12) = (k / 336 % 2 = 0) THEN 4 ELSE 1 END AS v
FROM generate_series(1, 6) s, generate_series(0, 100 * 24 - 1) k;
\set fresh '(SELECT rnn_panel(s, ts, v)'
CREATE TABLE ss_m AS SELECT rnn_train((SELECT rnn_panel(s, ts, v) FROM ss_t WHERE k < 70 * 24), 'ridge', '{"horizon": 24, "seasonality": 24, "time_steps": 168, "validation": 240, "transform": "none"}') AS m;
CREATE FUNCTION pg_temp.width(rows rnn_panel) RETURNS TABLE(series text, step int, width float8) LANGUAGE sql AS
$$ SELECT series_id, step, prediction_interval_upper_bound - prediction_interval_lower_bound FROM ss_m, rnn_forecast(m, rows, 24, 0.8, '{"recalibrate": false}') $$;
-- ---- bad input: days without a change, gaps, a value whose square is large, a series that was not trained on ----
CREATE TABLE ss_bad AS SELECT what, CASE what WHEN 'new' THEN 7 ELSE 1 END AS s, k, ts, CASE WHEN what = 'flat' AND k >= 60 * 24 THEN 20 WHEN what = 'large' AND k = 1600 THEN 1e37 ELSE v END AS v
FROM ss_t, (VALUES ('flat'), ('gaps'), ('large'), ('new'), ('as it is')) w(what) WHERE s = 1 AND k < 70 * 24 AND (what <> 'gaps' OR k < 68 * 24 OR k % 3 = 0);
SELECT what, count(*) AS steps, min(width) > 0 AS positive, max(width) < 1e38 AS finite, max(width) / min(width) > 1.5 AS by_hour FROM (SELECT what, rnn_panel(s, ts, v) AS p FROM ss_bad GROUP BY 1) p, pg_temp.width(p) GROUP BY 1 ORDER BY 1;
-- ---- the formula: widths of two origins at the same hour are as the power of the spreads ----
CREATE VIEW ss_spread AS WITH c AS (SELECT o, s, h, c, w.v, 0.75 ^ c AS weight FROM (VALUES (62), (66), (74)) d(o), generate_series(0, 23) h, generate_series(1, 7) c JOIN LATERAL (SELECT s, v FROM ss_t WHERE k = o * 24 - 24 * c + h) w ON true),
	m AS (SELECT o, s, h, sum(weight * v) / sum(weight) AS mean FROM c GROUP BY 1, 2, 3),
	v AS (SELECT o, s, h, sum(weight * (v - mean) ^ 2) / (sum(weight) - sum(weight ^ 2) / sum(weight)) AS v FROM c JOIN m USING (o, s, h) GROUP BY 1, 2, 3)
SELECT o, s, a.h + 1 AS step, sqrt((2 * a.v + b.v + c.v) / 4 + 0.05 * avg(a.v) OVER (PARTITION BY o, s)) AS spread FROM v a JOIN v b USING (o, s) JOIN v c USING (o, s) WHERE b.h = (a.h + 1) % 24 AND c.h = (a.h + 23) % 24;
CREATE TABLE ss_w AS SELECT p.o, series::int AS s, step, width, spread FROM (SELECT o, rnn_panel(s, ts, v) AS p FROM ss_t, (VALUES (62), (66), (74)) d(o) WHERE k < o * 24 GROUP BY 1) p, pg_temp.width(p) JOIN ss_spread USING (step) WHERE s = series::int AND ss_spread.o = p.o;
SELECT count(*) AS series, round(min(slope)::numeric, 3) AS least, round(max(slope)::numeric, 3) AS most, min(r2) > 0.9999 AS exact FROM
	(SELECT regr_slope(ln(a.width / b.width), ln(a.spread / b.spread)) AS slope, regr_r2(ln(a.width / b.width), ln(a.spread / b.spread)) AS r2 FROM ss_w a JOIN ss_w b USING (s, step) WHERE a.o = 62 AND b.o = 66 GROUP BY s) p;
SELECT item, value FROM ss_m, rnn_model_card(m) WHERE topic = 'intervals';
-- ---- one rule: a stream and a back-test ----
SELECT count(*) AS steps, max(abs(b.prediction_interval_upper_bound - b.prediction_interval_lower_bound - w.width)) < 1e-6 * max(w.width) AS backtest FROM ss_m,
	rnn_backtest(m, :fresh FROM ss_t WHERE k < 75 * 24), 24, stride => 24, confidence_level => 0.8, options => '{"recalibrate": false}') b, ss_w w
WHERE w.o = 74 AND w.s = b.series_id::int AND w.step = b.step AND b.cutoff = timestamptz '2024-01-01 00:00+00' + interval '1775 hours';
CREATE FUNCTION pg_temp.stream(series text, rows int, gap int) RETURNS TABLE(ts timestamptz, below float8) LANGUAGE plpgsql AS $$
DECLARE r record; x record; model bytea; current bytea;
BEGIN
	SELECT m, state INTO model, current FROM ss_m, rnn_state(m) WHERE series_id = series;
	FOR r IN SELECT t.ts, CASE WHEN t.k % gap <> 0 THEN t.v END AS v FROM ss_t t WHERE t.s = series::int AND t.k >= 70 * 24 ORDER BY t.ts LIMIT rows LOOP
		x := rnn_step(model, current, r.ts, r.v);
		current := x.new_state;
		ts := r.ts; below := x.forecast_values[1] - x.prediction_interval_lower_bound;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT gap, count(*) AS rows, max(abs(r.below - b.forecast_value + b.prediction_interval_lower_bound)) < 1e-6 AS stream FROM (SELECT gap, rnn_panel(s, ts, CASE WHEN k < 70 * 24 OR k % gap <> 0 THEN v END) AS p
	FROM ss_t, (VALUES (7), (100000)) g(gap) WHERE s = 3 AND k < 80 * 24 GROUP BY 1) p, ss_m, rnn_backtest(m, p, stride => 1, options => '{"recalibrate": false}') b, pg_temp.stream('3', 215, gap) r WHERE r.ts = b.cutoff AND b.step = 1 GROUP BY 1 ORDER BY 1;
-- ---- how often they hold: hours that are wild now, and calm ones, from four days after a change on ----
SELECT t.wild, avg((actual_value BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) BETWEEN CASE WHEN t.wild THEN 0.65 ELSE 0.8 END AND CASE WHEN t.wild THEN 0.85 ELSE 0.95 END AS holds_80
FROM ss_m, rnn_backtest(m, :fresh FROM ss_t), 24, stride => 24, confidence_level => 0.8) b JOIN ss_t t ON t.s = b.series_id::int AND t.ts = b.forecast_timestamp WHERE t.k / 24 % 14 >= 4 AND t.k >= 70 * 24 GROUP BY 1 ORDER BY 1;
-- ---- nothing of it for even noise: the same shape over the steps for all series ----
CREATE TABLE ss_even AS SELECT series_id, step, prediction_interval_upper_bound - prediction_interval_lower_bound AS width FROM
	(SELECT rnn_train(rnn_panel(s, ts, 20 + pg_temp.normal(s, k)), 'ridge', '{"horizon": 24, "seasonality": 24, "time_steps": 168}') AS m FROM ss_t WHERE k < 1440) t, rnn_forecast(m) f;
SELECT max(a.width / b.width) / min(a.width / b.width) < 1.0001 AS even FROM ss_even a JOIN ss_even b USING (step) WHERE a.series_id = '1' AND b.series_id = '2';
DROP VIEW ss_spread;
DROP TABLE ss_t, ss_m, ss_w, ss_bad, ss_even;
