-- Forecasts whose choices and intervals can be trusted: short histories, gaps, young series, naive forecasts.
SET client_min_messages = warning;
CREATE TABLE trust_noise AS SELECT s, k, sqrt(-2 * ln(((hashint8extended(k, s) & 1048575) + 1) / 1048577.0)) * cos(2 * pi() * (hashint8extended(s, k + 7) & 1048575) / 1048576.0) AS e
FROM generate_series(1, 60) s, generate_series(0, 220) k;

-- ---- history of 2.0 to 2.6 seasons: the trial keeps the season, so intervals hold what they say ------------------
CREATE FUNCTION trust_coverage(step interval, season int, rows int, horizon int, OUT coverage float8, OUT width float8) LANGUAGE sql AS $$
	WITH d AS MATERIALIZED (SELECT s, k, timestamp '2018-01-01' + k * step AS ts, 100 + 20 * sin(2 * pi() * k / season) + 5 * e AS v FROM trust_noise WHERE k < rows + horizon)
	SELECT avg((d.v BETWEEN f.prediction_interval_lower_bound AND f.prediction_interval_upper_bound)::int),
		   avg(f.prediction_interval_upper_bound - f.prediction_interval_lower_bound)
	  FROM rnn_forecast((SELECT rnn_train(rnn_panel(s, ts, v), options => jsonb_build_object('horizon', horizon, 'seasonality', ARRAY[season])) FROM d WHERE k < rows),
						confidence_level => 0.9) f JOIN d ON d.s::text = f.series_id AND d.ts = f.forecast_timestamp::timestamp
$$;
SELECT name, coverage > 0.84 AS covers, width < 80 AS narrow FROM (VALUES ('months', interval '1 month', 12, 26, 6), ('quarters', '3 months', 4, 9, 2),
	('quarters, two years', '3 months', 4, 8, 2), ('weeks', '7 days', 52, 110, 8), ('hours', '1 hour', 24, 60, 24)) v(name, step, season, rows, horizon), trust_coverage(step, season, rows, horizon);

-- ---- validation origins only where a forecast can start ---------------------------------------------------------
-- business hours, and half-hours of the mornings: days repeat exactly
CREATE FUNCTION trust_hours(step interval, first int, last int, horizon int) RETURNS TABLE(better boolean, coverage numeric, width numeric) LANGUAGE sql AS $$
	WITH h AS MATERIALIZED (SELECT t, 100 + 5 * extract(hour FROM t)::float8 + (extract(epoch FROM t)::bigint % 7919 % 100) / 100.0 AS v
		FROM generate_series(timestamp '2023-01-02', '2023-04-30', step) t WHERE extract(isodow FROM t) < 6 AND extract(hour FROM t) BETWEEN first AND last)
	SELECT rnn_mae(actual_value, forecast_value) < rnn_mae(actual_value, naive_value),
		   round(rnn_coverage(actual_value, prediction_interval_lower_bound, prediction_interval_upper_bound)::numeric, 1),
		   round(avg(prediction_interval_upper_bound - prediction_interval_lower_bound)::numeric)
	  FROM rnn_backtest((SELECT rnn_train(rnn_panel(t, v), 'ridge', jsonb_build_object('horizon', horizon)) FROM h WHERE t < '2023-04-20'), (SELECT rnn_panel(t, v) FROM h), horizon, confidence_level => 0.9)
$$;
SET client_min_messages = notice;
SELECT * FROM trust_hours('1 hour', 9, 16, 24);
SELECT * FROM trust_hours('30 minutes', 6, 11, 48);
SET client_min_messages = warning;

-- ---- one young or degenerate series does not choose for the others ----------------------------------------------
CREATE TABLE trust_months AS SELECT s, k, (date '2010-01-01' + make_interval(months => k))::date AS ts, (100 + s * 10 + k * 0.5 + 20 * sin(2 * pi() * (k + s) / 12) + 2 * e) AS v
FROM trust_noise WHERE s <= 4 AND k < 132;
CREATE FUNCTION trust_error(other text) RETURNS float8 LANGUAGE sql AS $$
	SELECT rnn_mae(m.v, f.forecast_value) FROM rnn_forecast((SELECT rnn_train(rnn_panel(id, ts, v), options => '{"horizon": 12, "epochs": 2, "ensemble": 1}')
		FROM (SELECT s::text AS id, ts, v FROM trust_months WHERE k < 120
			  UNION ALL SELECT 'other', ts, CASE other WHEN 'spike' THEN 10 + 1e6 * (k = 115)::int ELSE 10 + k % 3 END FROM trust_months
			  WHERE s = 1 AND k < 120 AND k >= CASE other WHEN 'three rows' THEN 117 WHEN 'fourteen rows' THEN 106 WHEN 'spike' THEN 0 ELSE 120 END) t)) f
	JOIN trust_months m ON m.s::text = f.series_id AND m.ts = f.forecast_timestamp::date
$$;
SELECT other, abs(trust_error(other) / trust_error('none') - 1) < 0.1 AS hardly_moves FROM unnest('{three rows, fourteen rows, spike}'::text[]) other;

-- ---- the naive forecasts are members of the default mixture ------------------------------------------------------
-- random walks: nothing beats the last value, and the default comes close to it
CREATE TABLE trust_walk AS SELECT s, k, timestamp '2024-01-01' + k * interval '1 day' AS ts, 1000 + sum(e) OVER (PARTITION BY s ORDER BY k) AS v FROM trust_noise WHERE s <= 8;
CREATE TABLE trust_model AS SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 7, "epochs": 2, "ensemble": 1}') AS m FROM trust_walk WHERE k < 180;
SELECT (i #>> '{weights,last_value}')::float8 > 0.2 AS last_value, abs((SELECT sum(w.value::float8) FROM jsonb_each_text(i -> 'weights') w) - 1) < 1e-9 AS sum, i ->> 'choice' LIKE '%% of the last value%' AS said
  FROM trust_model, rnn_model_info(m) i;
SELECT sum(b.error) < 1.06 * sum(b.naive) AS near_naive FROM (SELECT abs(actual_value - forecast_value) AS error, abs(actual_value - v) AS naive
	FROM trust_model, rnn_backtest(m, (SELECT rnn_panel(s, ts, v) FROM trust_walk), 7) b JOIN trust_walk w ON w.s::text = b.series_id AND w.ts = b.cutoff::timestamp) b;
-- a network or ridge that is asked for forecasts alone
SELECT i #>> '{weights,ridge}' AS ridge FROM rnn_model_info((SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 7}') FROM trust_walk WHERE k < 180)) i;
-- row by row the same forecast as from all rows
SELECT abs(a.forecast_value - b.forecast_value) < 1e-6 AS same FROM trust_model, rnn_forecast(m, (SELECT rnn_panel(s, ts, v) FROM trust_walk WHERE k < 200)) a
	JOIN rnn_forecast(m, (SELECT rnn_panel(s, ts, v) FROM trust_walk WHERE k BETWEEN 20 AND 199)) b USING (series_id, step) WHERE series_id = '3' ORDER BY step;

-- ---- the smoothed level is a member, too --------------------------------------------------------------------------
-- a level that drifts under noise: the smoothed level forecasts beside the models, row by row as from all rows, and from a model that keeps few rows
CREATE TABLE trust_level AS SELECT a.s, a.k, date '2023-01-02' + 7 * a.k AS ts, 100 + sum(0.7 * a.e) OVER (PARTITION BY a.s ORDER BY a.k) + 3 * b.e AS v
FROM trust_noise a JOIN trust_noise b ON b.s = a.s + 30 AND b.k = a.k WHERE a.s <= 8 AND a.k < 80;
CREATE TABLE trust_level_model AS SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 4, "epochs": 2, "ensemble": 1, "seasonality": "none"}') AS m FROM trust_level WHERE k < 60;
SELECT (i #>> '{weights,smoothed_level}')::float8 > 0.2 AS smoothed, i ->> 'choice' LIKE '%% of the smoothed level%' AS said, abs((SELECT sum(w.value::float8) FROM jsonb_each_text(i -> 'weights') w) - 1) < 1e-9 AS sum
  FROM trust_level_model, rnn_model_info(m) i;
SELECT sum(abs(b.actual_value - b.forecast_value)) < 0.95 * sum(abs(b.actual_value - b.naive_value)) AS better FROM trust_level_model, rnn_backtest(m, (SELECT rnn_panel(s, ts, v) FROM trust_level), 4) b;
SELECT max(abs((x).forecast_value - f.forecast_value)) < 1e-4 AS same
  FROM (SELECT st.series_id, rnn_step(m, st.state, (SELECT ts FROM trust_level WHERE k = 60 AND s = 1), (SELECT v FROM trust_level w WHERE w.k = 60 AND w.s::text = st.series_id)) AS x FROM trust_level_model, rnn_state(m) st) s
  JOIN LATERAL (SELECT f.* FROM trust_level_model, rnn_forecast(m, (SELECT rnn_panel(s, ts, v) FROM trust_level WHERE k <= 60)) f) f ON f.series_id = s.series_id AND f.step = 1;
DROP TABLE trust_level, trust_level_model;

-- ---- growth goes on; what is limited says so ----------------------------------------------------------------------
-- doubling every three days and every ten hours; 1, 2, ... thirty steps ahead, and a line from 1000 on
SELECT step, round((forecast_value / (10 * pow(2::float8, (59 + step) / 3.0)))::numeric, 3) AS by_truth, forecast_status
  FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2020-03-01' + k, 10 * pow(2::float8, k / 3.0)) FROM generate_series(0, 59) k), 'ridge', '{"horizon": 7}')) WHERE step IN (1, 4, 7);
SELECT step, abs(forecast_value / pow(2::float8, (99 + step) / 10.0) - 1) < 0.01 AS true, forecast_status
  FROM rnn_forecast(rnn_train((SELECT rnn_panel(timestamp '2020-03-01' + k * interval '1 hour', pow(2::float8, k / 10.0)) FROM generate_series(0, 99) k), 'ridge', '{"horizon": 24, "seasonality": "none"}')) WHERE step IN (1, 24);
SELECT step, round(forecast_value::numeric, 2) AS forecast, forecast_status
  FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2024-01-01' + k, 1.0 + k) FROM generate_series(0, 9) k), 'ridge', '{"horizon": 30}')) WHERE step IN (1, 18, 30);
SELECT step, round(forecast_value::numeric) AS forecast, forecast_status
  FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2024-01-01' + k, 1000.0 + 5 * k) FROM generate_series(0, 39) k), 'ridge', '{"horizon": 60}')) WHERE step IN (1, 60);
-- a line that a spike has bent: far ahead the forecast is limited, row by row
SELECT bool_or(forecast_status LIKE 'limited%') AS told, bool_and(forecast_value <= 1e9) AS bounded, count(*) FILTER (WHERE forecast_status IS NULL) > 0 AS others_clean
  FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2020-01-01' + k, CASE WHEN k < 90 THEN 100 + sin(k) ELSE 100 * 1.5 ^ (k - 89) END) FROM generate_series(0, 99) k), 'ridge', '{"horizon": 20, "transform": "none"}'));

-- ---- intermittent demand: the mean, not 0 --------------------------------------------------------------------------
CREATE TABLE trust_demand AS SELECT s, k, date '2023-01-01' + k AS ts, CASE WHEN (hashint8extended(k * 100 + s, 5) & 1023) < 154 THEN 1.0 + (hashint8extended(k, s) & 7) ELSE 0 END AS v
FROM generate_series(1, 30) s, generate_series(0, 220) k;
SELECT zeros, span, abs(mean / actual - 1) < 0.2 AS near_mean, choice ~ 'mean demand \([0-9]+ % of the values are 0\)' AS said
  FROM (VALUES (0.85, 200), (0.85, 60)) v(zeros, span),
	   LATERAL (SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 7}') AS m, avg(v) AS actual FROM trust_demand WHERE k < span) t,
	   LATERAL (SELECT avg(forecast_value) AS mean FROM rnn_forecast(t.m)) f, LATERAL (SELECT rnn_model_info(t.m) ->> 'choice' AS choice) i;
-- weekly rows, one series
SELECT abs(avg(forecast_value) / 0.75 - 1) < 0.4 AS near_mean
  FROM rnn_forecast((SELECT rnn_train(rnn_panel(date '2020-01-06' + 7 * k, CASE WHEN k % 4 = 1 THEN 3.0 ELSE 0 END), options => '{"horizon": 8, "seasonality": "none"}') FROM generate_series(0, 99) k));
-- a loss that is asked for stays, and half zeros are not most
SELECT rnn_model_info((SELECT rnn_train(rnn_panel(s, ts, v), options => '{"horizon": 7, "loss": "mae", "epochs": 1, "ensemble": 1}') FROM trust_demand WHERE k < 60)) ->> 'choice' LIKE '%mean demand%' AS mean_demand;
SELECT rnn_model_info((SELECT rnn_train(rnn_panel(s, ts, v + (k % 5 > 1)::int), options => '{"horizon": 7, "epochs": 1, "ensemble": 1}') FROM trust_demand WHERE k < 60)) ->> 'choice' LIKE '%mean demand%' AS mean_demand;
-- single series of the same kind, for which 0.45 is right: far from it in the root mean square before the level of many rows (0.28)
CREATE FUNCTION uniform(a int, b int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT (hashint8(a * 7919::bigint + b * 104729::bigint) & 1048575) / 1048576.0';
SELECT rows, sqrt(avg((mean - 0.45) ^ 2)) < CASE rows WHEN 120 THEN 0.25 ELSE 0.2 END AS near
FROM unnest('{120,400}'::int[]) rows, generate_series(1, 15) s,
	LATERAL (SELECT rnn_train((SELECT rnn_panel(date '2020-01-01' + h, CASE WHEN uniform(s, h) < 0.85 THEN 0 ELSE ceil(5 * uniform(s, h + 100000)) END) FROM generate_series(1, rows) h), options => '{"ensemble":1}') AS m) m,
	LATERAL (SELECT avg(forecast_value) AS mean FROM rnn_forecast(m, 14)) f GROUP BY rows ORDER BY rows;

-- nights of solar power are zeros by the clock, not now and then
SELECT rnn_model_info(m) ->> 'choice' LIKE '%mean demand%' AS mean_demand, min(forecast_value) FILTER (WHERE extract(hour FROM forecast_timestamp) BETWEEN 8 AND 16) > 10 AS day,
	max(forecast_value) FILTER (WHERE extract(hour FROM forecast_timestamp) NOT BETWEEN 7 AND 17) < 1 AS night
FROM rnn_train((SELECT rnn_panel(ts, greatest(0, 100 * sin(2 * pi() * (extract(hour FROM ts) - 6) / 24)) * (0.6 + 0.4 * uniform(2, extract(doy FROM ts)::int)))
	FROM generate_series(timestamp '2024-03-01', timestamp '2024-05-30 23:00', '1 hour') ts), options => '{"ensemble":1}') m, rnn_forecast_local(m, NULL::rnn_panel, 24) GROUP BY m;

-- ---- of two seasons the naive forecast is the better one's, in an evaluation and in training -------------------------
CREATE VIEW two_seasons AS SELECT h, timestamp '2024-01-01' + h * interval '1 hour' AS ts, 20 * extract(isodow FROM timestamp '2024-01-01' + h * interval '1 hour') + uniform(h, 3) AS weekly,
	8 * sin(2 * pi() * h / 24) + sum(CASE WHEN h % 24 = 0 THEN 17 * (uniform(h, 4) - 0.5) ELSE 0 END) OVER (ORDER BY h) + uniform(h, 5) AS daily FROM generate_series(0, 1343) h;
SELECT naive_method FROM rnn_train((SELECT rnn_panel(ts, weekly) FROM two_seasons WHERE h < 1008), 'ridge', '{"horizon":24}') m, rnn_evaluate(m, (SELECT rnn_panel(ts, weekly) FROM two_seasons));
SELECT i #> '{validation,seasonal_naive}' < i #> '{validation,naive}' AS day_ago_is_better, i #> '{recipe,seasonality}' AS seasons
FROM rnn_model_info(rnn_train((SELECT rnn_panel(ts, daily) FROM two_seasons), 'ridge', '{"horizon":24}')) i;

-- ---- small changes at a high level: no status while double holds them, and one that says so beyond -------------------------------
SELECT e, forecast_status, forecast_value - 10::float8 ^ e BETWEEN -40 AND 40 AS near, prediction_interval_upper_bound - prediction_interval_lower_bound BETWEEN 60 AND 160 AS as_wide
FROM unnest('{2,12,14,15,16}'::int[]) e, LATERAL (SELECT rnn_train(rnn_panel(date '2024-01-01' + k, 10::float8 ^ e + 30 * sin(k * k)), 'ridge', '{"horizon": 1}') AS m FROM generate_series(0, 200) k) q, rnn_forecast(m) f;

-- ---- rows that repeat exactly: a status, not an interval that claims certainty ---------------------------------------
SELECT series_id, count(*) AS steps, count(DISTINCT forecast_value) AS forecasts, min(forecast_status) AS status
FROM rnn_forecast(rnn_train((SELECT rnn_panel(s, date '2024-01-01' + d, CASE s WHEN 'constant' THEN 5 WHEN 'zero' THEN 0 WHEN 'week' THEN d % 7 ELSE uniform(d, 1) END)
	FROM generate_series(0, 120) d, unnest('{constant,noise,week,zero}'::text[]) s), 'ridge'), 7) GROUP BY series_id ORDER BY series_id;
SELECT value FROM rnn_model_card(rnn_train((SELECT rnn_panel(date '2024-01-01' + d, d % 7) FROM generate_series(0, 120) d), 'ridge')) WHERE topic = 'validation';

-- ---- a naive forecast that is exact on the validation rows has all: the demand ended 50 rows ago ---------------------------
SELECT bool_and(forecast_value = 0) AS zero FROM rnn_forecast(rnn_train((SELECT rnn_panel(date '2024-01-01' + k, CASE WHEN k < 250 THEN 100 + 10 * sin(k * 2 * pi() / 7) + (k * 7919 % 100) / 50.0 ELSE 0 END) FROM generate_series(0, 299) k), options => '{"horizon": 3}'));
SET client_min_messages = notice;
SELECT rnn_train((SELECT rnn_panel(date '2024-01-01' + k, CASE WHEN k < 250 THEN 100 + 10 * sin(k * 2 * pi() / 7) ELSE 5 + (k % 7 = 0)::int END) FROM generate_series(0, 299) k), 'ridge', '{"horizon": 3}') IS NULL AS missing;
SET client_min_messages = warning;

-- ---- the mean of series of mostly zeros, whatever the sign: returns of goods --------------------------------------------------
SELECT abs(avg(forecast_value) / avg(actual) - 1) < 0.3 AS near_mean FROM (SELECT rnn_train(rnn_panel(s, ts, -v), options => '{"horizon": 7}') AS m, avg(-v) AS actual FROM trust_demand) t, rnn_forecast(m);

-- ---- a series of three rows in training that has 300 now is forecast as one that was not there ------------------------------
CREATE TABLE trust_young AS SELECT s, date '2024-01-01' + k AS ts, k, 50 + 10 * s + 10 * sin(k * 2 * pi() / 7) + uniform(k, s) AS v FROM generate_series(1, 5) s, generate_series(0, 499) k WHERE s < 4 OR k > 196;
WITH m AS (SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 7}') AS m FROM trust_young WHERE k < 200 AND s < 5),
f AS (SELECT f.* FROM m, rnn_forecast(m.m, (SELECT rnn_panel(s, ts, v) FROM trust_young WHERE k < 493)) f)
SELECT max(abs(f.forecast_value - y.v)) < 3 AS near, max(prediction_interval_upper_bound - prediction_interval_lower_bound) < 4 AS narrow,
	(SELECT max(b.coverage) > 0.8 AND min(b.skill_score) > 0 FROM m, rnn_evaluate(m.m, (SELECT rnn_panel(s, ts, v) FROM trust_young)) b WHERE b.series_id = '4') AS evaluated
FROM f JOIN trust_young y ON y.s::text = f.series_id AND y.ts = f.forecast_timestamp::date WHERE f.series_id = '4';
DROP TABLE trust_young;

-- ---- options that a call or a method does not follow, limits within the data -----------------------------------------------------
CREATE TABLE trust_option AS SELECT rnn_train(rnn_panel(date '2024-01-01' + k, k % 7 + uniform(k, 9)), 'ridge', '{"horizon": 7}') AS m FROM generate_series(0, 99) k;
SELECT count(*) FROM trust_option, rnn_forecast(m, options => '{"time_steps": 5}');
SELECT count(*) FROM trust_option, rnn_forecast(m, options => '{"horizon": 5}');
SELECT count(*) FROM trust_option, rnn_detect_anomalies(m, (SELECT rnn_panel(date '2024-01-01' + k, k % 7) FROM generate_series(0, 99) k), options => '{"on_gap": "zero"}');
SELECT count(*) FROM trust_option, rnn_forecast(m, options => '{"horizon": 7, "verbose": true, "lower_limit": 0, "on_duplicate": "last", "seed": null}');
SET client_min_messages = notice;
SELECT rnn_train(rnn_panel(date '2024-01-01' + k, k % 7 + uniform(k, 9)), 'ridge', '{"horizon": 7, "epochs": 5, "ensemble": 3, "upper_limit": 4}') IS NULL AS missing FROM generate_series(0, 99) k;

-- ---- covariates without a value, or beyond what numbers hold ---------------------------------------------------------------------
SELECT rnn_train(rnn_panel(date '2024-01-01' + k, k % 7 + uniform(k, 9), jsonb_build_object('price', 1e300 * k)), 'ridge', '{"horizon": 7}') IS NULL AS missing FROM generate_series(0, 99) k;
SELECT rnn_train(rnn_panel(date '2024-01-01' + k, k % 7 + uniform(k, 9), ARRAY[1e300 * k]), 'ridge', '{"horizon": 7, "on_error": "skip"}') IS NULL AS missing FROM generate_series(0, 99) k;
SELECT rnn_train(rnn_panel(date '2024-01-01' + k, k % 7 + uniform(k, 9), jsonb_build_object('price', NULL, 'promo', k % 2)), 'ridge', '{"horizon": 7}') IS NULL AS missing FROM generate_series(0, 99) k;

-- ---- one bad group in each way: NULL and the reason, and the other groups have their models -------------------------------------
CREATE TABLE trust_group AS SELECT g, date '2024-01-01' + CASE g WHEN 'two on a day' THEN greatest(k, 1) WHEN 'no step' THEN k * k * k WHEN 'far away' THEN CASE k WHEN 59 THEN 99999 ELSE k END ELSE k END AS d,
	CASE WHEN g = 'no value' THEN NULL WHEN g = 'too large' AND k = 5 THEN 1e200 ELSE k % 7 + uniform(k, 9) END AS v
FROM unnest('{good,"one row","two rows","no value","too large","two on a day","no step","far away",good2}'::text[]) g, generate_series(0, 59) k WHERE NOT (g = 'one row' AND k > 0) AND NOT (g = 'two rows' AND k > 1);
\set VERBOSITY default
SELECT g, rnn_train(rnn_panel(d, v), 'ridge', '{"horizon": 3, "on_error": "skip"}') IS NOT NULL AS trained FROM trust_group GROUP BY g ORDER BY g;
SELECT g, rnn_train(rnn_panel(g, d, v), 'ridge', '{"horizon": 3, "on_error": "skip", "frequency": "last friday of month"}') IS NOT NULL AS trained FROM trust_group WHERE g IN ('good', 'one row') GROUP BY g ORDER BY g;
-- in one panel the bad series are left out, with their reasons
SELECT count(DISTINCT series_id) FILTER (WHERE forecast_value IS NOT NULL) FROM rnn_forecast(rnn_train((SELECT rnn_panel(g, d, v) FROM trust_group WHERE g <> 'no step'), 'ridge', '{"horizon": 3, "on_error": "skip"}'));
DROP TABLE trust_group, trust_option;
-- ---- fresh rows in other units, or of another sign, than those of the training; a new series has its own scale ---------------
SET client_min_messages = warning;
WITH m AS (SELECT rnn_train(rnn_panel(s, date '2024-01-01' + k, 60 + 10 * sin(k * 2 * pi() / 7) + uniform(k, 9)), 'ridge', '{"horizon": 7}') AS m FROM generate_series(0, 199) k, unnest('{a,b}'::text[]) s)
SELECT scale, series, f.forecast_status, avg(prediction_interval_upper_bound - prediction_interval_lower_bound) > abs(scale) AS wide
FROM m, (VALUES (1, 'a'), (2, 'a'), (1000, 'a'), (0.001, 'a'), (-1, 'a'), (1000, 'new')) v(scale, series),
	LATERAL rnn_forecast(m.m, (SELECT rnn_panel(series, date '2024-01-01' + k, scale * (60 + 10 * sin(k * 2 * pi() / 7) + uniform(k, 9))) FROM generate_series(0, 299) k)) f GROUP BY 1, 2, 3 ORDER BY 2, 1;

-- ---- an outlier does not make anomalies of the rows after it; a new level is one where forecasts do not follow it -------------
CREATE TABLE trust_outlier AS SELECT s, k, date '2020-01-01' + k AS ts, 50 + sum(uniform(k, s) - 0.5) OVER (PARTITION BY s ORDER BY k) AS walk, 50 + 10 * sin(k * 2 * pi() / 7) + uniform(k, s) AS week
FROM generate_series(1, 10) s, generate_series(0, 599) k;
CREATE FUNCTION flagged(walks bool, outlier float8, rows int, OUT at_it numeric, OUT next3 numeric, OUT next10 numeric, OUT elsewhere numeric) LANGUAGE sql AS $$
	SELECT avg(a::int) FILTER (WHERE k = 500), avg(a::int) FILTER (WHERE k BETWEEN 500 + rows AND 502 + rows), avg(a::int) FILTER (WHERE k BETWEEN 500 + rows AND 509 + rows),
		avg(a::int) FILTER (WHERE k NOT BETWEEN 500 AND 580)
	FROM (SELECT time_series_timestamp::date - date '2020-01-01' AS k, is_anomaly AS a
		FROM rnn_train((SELECT rnn_panel(s, ts, CASE WHEN walks THEN t.walk ELSE week END) FROM trust_outlier t WHERE k < 450), 'ridge', '{"horizon": 7}') m,
			rnn_detect_anomalies(m, (SELECT rnn_panel(s, ts, CASE WHEN walks THEN t.walk ELSE week END + CASE WHEN k BETWEEN 500 AND 499 + rows THEN outlier ELSE 0 END) FROM trust_outlier t), 0.99)) r $$;
SELECT walks, outlier, rows, at_it = 1 AS found, CASE WHEN rows < 50 THEN next3 <= CASE WHEN walks AND rows > 1 THEN 0.34 ELSE 0.05 END AND next10 < 0.12 END AS clean_after, elsewhere < 0.02 AS clean_elsewhere
FROM (VALUES (true, 20, 1), (true, -20, 1), (true, 20, 3), (false, 40, 1), (false, -40, 2), (true, 20, 99)) v(walks, outlier, rows), flagged(walks, outlier, rows);
-- the way back from three rows is another jump of a walk
-- a walk that stays at a new level is an anomaly once; forecasts of a week with little noise keep to the old level for a while
SELECT count(*) AS anomalies FROM rnn_train((SELECT rnn_panel(ts, walk) FROM trust_outlier WHERE s = 1 AND k < 450), 'ridge', '{"horizon": 7}') m, rnn_detect_anomalies(m, (SELECT rnn_panel(ts, walk + CASE WHEN k < 500 THEN 0 ELSE 20 END) FROM trust_outlier WHERE s = 1), 0.999)
	WHERE is_anomaly AND time_series_timestamp >= '2021-05-15';
DROP TABLE trust_outlier;

-- ---- shops that sell on Saturdays: most errors are none, which does not hide that the last value is a bad forecast ---------
CREATE TABLE trust_saturday AS SELECT s, k, date '2024-01-01' + k AS ts, CASE WHEN k % 7 = 5 THEN 6 + 8 * uniform(k, s) ELSE 0 END AS v FROM generate_series(1, 40) s, generate_series(0, 206) k;
SELECT min(forecast_value) > 6.5 AS sold, avg((v BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) > 0.6 AS held
FROM rnn_forecast(rnn_train((SELECT rnn_panel(s, ts, v) FROM trust_saturday WHERE k < 200), options => '{"horizon": 7, "ensemble": 1}'), confidence_level => 0.9) f JOIN trust_saturday t ON t.s::text = f.series_id AND t.ts = f.forecast_timestamp::date WHERE k = 201;
-- one shop at a time, where the value a week ago forecasts the days without sales exactly
SELECT avg((v BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) > 0.6 AS held
FROM (SELECT s, rnn_train(rnn_panel(ts, v), options => '{"horizon": 7, "ensemble": 1}') AS m FROM trust_saturday WHERE k < 200 AND s <= 20 GROUP BY s) o, rnn_forecast(m, confidence_level => 0.9) f, trust_saturday t WHERE t.s = o.s AND t.ts = f.forecast_timestamp::date AND k = 201;
DROP TABLE trust_saturday;

-- ---- rows beyond float32 after the training: no forecast is made of them, and the status says why -------------------------------
SET client_min_messages = warning;
CREATE TABLE trust_week AS SELECT k, date '2024-01-01' + k AS ts, 60 + 10 * sin(k * 2 * pi() / 7) + hashint4(k) % 100 / 100.0 AS v FROM generate_series(0, 214) k;
CREATE TABLE trust_week_m AS SELECT rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 2}') AS m FROM trust_week WHERE k < 200;
SELECT forecast_value, prediction_interval_upper_bound AS upper, forecast_status FROM trust_week_m, rnn_forecast(m, (SELECT rnn_panel(ts, CASE k WHEN 210 THEN 1e300 ELSE v END) FROM trust_week WHERE k <= 210));
SELECT forecast_value, forecast_values, is_anomaly, step_status FROM trust_week_m, rnn_state(m) s, rnn_step(m, s.state, '2024-07-19', 1e300);
SELECT step_status FROM (SELECT rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 2, "time_steps": 30}') AS m FROM trust_week WHERE k < 200) q, rnn_state(m) s, rnn_step(m, s.state, '2024-07-19', 200);
SELECT count(*) FILTER (WHERE is_anomaly) AS anomalies, count(*) FILTER (WHERE forecast_value IS NULL) AS unknown FROM trust_week_m,
	rnn_detect_anomalies(m, (SELECT rnn_panel(ts, CASE k WHEN 210 THEN 1e300 ELSE v END) FROM trust_week), 0.999) WHERE time_series_timestamp >= '2024-07-27';
DROP TABLE trust_week, trust_week_m;

-- ---- one known row in eight: a row of the season before that was filled from the target forecasts nothing; few errors count as few ----
SELECT count(*), min((rnn_model_info(m) #>> '{validation,seasonal_naive}')::float8) > 0.2 AS no_leak,
	bool_and((rnn_model_info(m) #>> '{debug,forecaster,conformal_independent}')::float8 <= (rnn_model_info(m) #>> '{debug,forecaster,conformal_count}')::float8) AS counted
FROM (SELECT rnn_train(rnn_panel(date '2023-01-01' + k, 50 + e), 'ridge', '{"horizon": 7, "frequency": "day"}') AS m
	FROM trust_noise WHERE s <= 30 AND (k = 220 OR hashint8extended(k, s + 100) & 7 = 0) GROUP BY s) q WHERE (rnn_model_info(m) #>> '{debug,forecaster,conformal_count}')::float8 > 0;
-- one known row in 8 or 33, at random or every so often: filled rows tell the row that they were filled from, and no interval rests on them
SELECT every, at_random, avg((t.e BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) BETWEEN 0.62 AND 0.95 AS holds_80
FROM unnest('{8,33}'::int[]) every, unnest('{true,false}'::bool[]) at_random, generate_series(1, 30) i, LATERAL (SELECT rnn_train(rnn_panel(k, CASE WHEN k = 0 OR CASE WHEN at_random THEN abs(hashint8extended(k, i)) % every ELSE k % every END = 0 THEN e END), 'ridge', '{"horizon": 7, "frequency": "1"}') AS m
	FROM trust_noise WHERE s = i AND k < 212) q, rnn_forecast_index(m, confidence_level => 0.8) f JOIN trust_noise t ON t.k = f.forecast_index WHERE t.s = i GROUP BY 1, 2 ORDER BY 1, 2;
-- networks that met no known target are no error
SELECT count(*), count(loss) AS losses FROM rnn_history((SELECT rnn_train(rnn_panel(date '2023-01-01' + k, e), '{"horizon": 7, "frequency": "day"}') FROM trust_noise WHERE s = 17 AND k IN (84, 87, 218, 220)));

-- ---- fewer new rows than the horizon: nothing is evaluated, and a NOTICE says which horizon can be -------------------------------
SET client_min_messages = notice;
CREATE TABLE trust_few AS SELECT rnn_train(rnn_panel(date '2024-01-01' + k, 50 + e), 'ridge', '{"horizon": 7}') AS m FROM trust_noise WHERE s = 2 AND k < 100;
SELECT n, skill_score FROM trust_few, rnn_evaluate(m, (SELECT rnn_panel(date '2024-01-01' + k, 50 + e) FROM trust_noise WHERE s = 2 AND k < 103));
SELECT count(*) FROM trust_few, rnn_backtest(m, (SELECT rnn_panel(date '2024-01-01' + k, 50 + e) FROM trust_noise WHERE s = 2 AND k < 103));
SELECT count(*) FROM trust_few, rnn_backtest(m, (SELECT rnn_panel(date '2024-01-01' + k, 50 + e) FROM trust_noise WHERE s = 2 AND k < 103), horizon => 3);
SET client_min_messages = warning;
DROP TABLE trust_few;

-- ---- ridge regression of a few rows of noise: no wild weights, intervals that hold -----------------------------------------------
SELECT n, sum(abs(f.forecast_value - t.e)) < sum(abs(l.e - t.e)) AS beats_last_value, avg((t.e BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) BETWEEN 0.74 AND 0.95 AS holds_80
FROM unnest('{20,25,30}'::int[]) n, generate_series(1, 30) i, LATERAL (SELECT rnn_train(rnn_panel(k, e), 'ridge', '{"horizon": 7}') AS m FROM trust_noise WHERE s = i AND k < n) q,
	rnn_forecast_index(m, confidence_level => 0.8) f JOIN trust_noise t ON t.k = f.forecast_index JOIN trust_noise l ON true WHERE t.s = i AND l.s = i AND l.k = n - 1 GROUP BY n ORDER BY n;

-- walks of two horizons: few rows support the widths by few degrees of freedom
SELECT avg((t.e BETWEEN prediction_interval_lower_bound AND prediction_interval_upper_bound)::int) BETWEEN 0.76 AND 0.86 AS holds_80
FROM generate_series(1, 60) i, LATERAL (SELECT rnn_train(rnn_panel(k, e), 'ridge', '{"horizon": 7}') AS m FROM (SELECT k, sum(e) OVER (ORDER BY k) AS e FROM trust_noise WHERE s = i AND k < 15) w) q,
	rnn_forecast_index(m, confidence_level => 0.8) f, LATERAL (SELECT sum(e) AS e FROM trust_noise WHERE s = i AND k <= f.forecast_index) t;

-- ---- an outlier or a new level in the last rows: the interval holds both levels if the forecast is between them ----------
CREATE TABLE trust_jump AS SELECT kind, k, date '2024-01-01' + k AS ts, 100 + e + CASE WHEN k > CASE kind WHEN 'outlier' THEN 158 ELSE 156 END THEN CASE kind WHEN 'down' THEN -60 ELSE 400 END ELSE 0 END AS v
FROM trust_noise, unnest('{up,down,outlier}'::text[]) kind WHERE s = 3 AND k < 160;
SELECT kind, bool_and(forecast_status LIKE '%an outlier or a new level') AS told, bool_and(prediction_interval_lower_bound < CASE kind WHEN 'down' THEN 40 ELSE 102 END
	AND prediction_interval_upper_bound > CASE kind WHEN 'down' THEN 100 ELSE 495 END) AS holds_both, bool_and(coalesce(prediction_interval_upper_bound > before, true)) AS nested
FROM (SELECT kind, f.*, lag(prediction_interval_upper_bound) OVER (PARTITION BY kind, f.step ORDER BY f.confidence_level) AS before
	FROM (SELECT kind, rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 7}') AS m FROM trust_jump GROUP BY kind) q, rnn_forecast(m, confidence_levels => '{0.8,0.9,0.99}') f WHERE f.step <= 4) r GROUP BY kind ORDER BY kind;
-- a walk that jumped is forecast near its last value, as before
SELECT min(prediction_interval_lower_bound) > 110 AS one_level
FROM rnn_forecast((SELECT rnn_train(rnn_panel(ts, v), 'ridge', '{"horizon": 2}') FROM (SELECT date '2024-01-01' + k AS ts, 100 + sum(e + CASE k WHEN 158 THEN 40 ELSE 0 END) OVER (ORDER BY k) AS v FROM trust_noise WHERE s = 3 AND k < 160) t));
DROP TABLE trust_jump, trust_noise;
-- a value far from all others, as a code for a missing one, is told; spikes of constants, outcomes, rare sales and walks are not
CREATE TABLE far_t AS SELECT kind, s, date '2024-01-01' + k AS ts, CASE kind WHEN 'codes' THEN CASE WHEN s < 3 AND k % 20 = 7 THEN -9999 ELSE 20 + e END WHEN 'zero' THEN CASE WHEN k = 30 THEN 0 ELSE 1000 + e END WHEN 'large' THEN CASE WHEN k = 59 THEN 1e30 ELSE e END
		WHEN 'spike' THEN 5 + (k = 30)::int * 100 WHEN 'outcomes' THEN (k % 7 = 0)::int WHEN 'sales' THEN CASE WHEN k % 9 = 0 THEN 40 + e ELSE 0 END ELSE k + e END AS v
FROM (VALUES ('codes'), ('zero'), ('large'), ('spike'), ('outcomes'), ('sales'), ('line')) t(kind), generate_series(1, 4) s, generate_series(0, 59) k, LATERAL (SELECT hashint4(s * 1000 + k) % 1000 / 200.0 AS e) e;
SET client_min_messages = notice;
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS codes FROM far_t WHERE kind = 'codes';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS zero FROM far_t WHERE kind = 'zero';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS large FROM far_t WHERE kind = 'large';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS spike FROM far_t WHERE kind = 'spike';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS outcomes FROM far_t WHERE kind = 'outcomes';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS sales FROM far_t WHERE kind = 'sales';
SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3}') IS NOT NULL AS line FROM far_t WHERE kind = 'line';
RESET client_min_messages;
-- likewise in fresh rows: a forecast from a window with such a value says so, from one without does not
SELECT k, count(*) AS steps, min(forecast_status) AS status FROM (SELECT rnn_train(rnn_panel(s, ts, v), 'ridge', '{"horizon": 3, "time_steps": 12}') AS m FROM far_t WHERE kind = 'line' AND ts < date '2024-02-15') t, (VALUES (30), (50), (55), (58)) b(k),
	LATERAL (SELECT rnn_panel(s, ts, CASE WHEN ts = date '2024-01-01' + k THEN CASE k WHEN 30 THEN 200 ELSE -9999 END ELSE v END) AS p FROM far_t WHERE kind = 'line' AND s = 2) r, rnn_forecast(m, p, 3) GROUP BY k ORDER BY k;
DROP TABLE far_t;
